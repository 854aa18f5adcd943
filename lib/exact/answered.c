/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of T where messages of random time follow the progress (partial and nested with report chunk):
     T = T_rule + signal + M,   M = the largest Y / l of those that send,
   of whom there are between `least` and `most`. Who sends is decided by the progress alone, and Y has no part in that:
   given the progress, M is the largest of so many independent Y / l, and T lies between T_rule + signal + the largest
   of `least` and of `most` of them, each independent of T_rule. M and T_rule are both cut at places; rounded down they
   make one side, rounded up the other (docs/theory/model.md#the-whole-iteration). */
#include "exact/answered.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "delay/answer.h"
#include "numeric/integrate.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* Cells of M, each of this probability at most; its values themselves where they are fewer. */
enum { CELLS = 4096 };

/* Places of T_rule: of an exact law, of bounds (which cost more), and how far its law may rise between two. */
enum { PLACES = 8192, PLACES_OF_BOUNDS = 1024, PASSES = 60 };
#define RISE (1.0 / 4096)

/* Beyond the last place and cell hardly anything is left. */
#define LITTLE 1e-12

/* M rounded down, or up: to value[i] with probability mass[i]; ascending. */
typedef struct cells_of_answer {
  double *value, *mass;
  size_t count;
  double beyond;           /* probability of what is larger than the last value, rounded up */
  double mean, square, error; /* E M, E M^2, and what they may be off by, relative; not rounded */
} cells_of_answer;

typedef struct place {
  double t;
  testudo_i_probability at;
  double area_lower, area_upper; /* of P(T_rule > .) from 0 to t */
} place;

struct testudo_i_answered {
  testudo_latency *rule;   /* of T_rule */
  const testudo_law *message;
  double signal;
  int32_t parts, least, most;
  cells_of_answer early, late;  /* of `least` senders, down; of `most`, up */
  place *place;
  size_t places;
  bool stepped;            /* the places are all jumps */
  testudo_i_probability end; /* at infinity */
  testudo_i_arena *arena;  /* the method's */
};

/* ---- who sends ---- */

/* Partial: l copies of every chunk are done by somebody, and who has something sends it. */
static testudo_status count_starters(testudo_i_answered *answered, const testudo_design *design, int32_t alive,
                                     testudo_error *error)
{
  int32_t workers = testudo_design_workers(design), loaded = 0;
  int64_t need = (int64_t)testudo_design_chunks(design) * answered->parts, done = 0;
  int32_t *load = testudo_i_arena_alloc(answered->arena, (size_t)workers, sizeof *load);
  TESTUDO_I_TRY(testudo_i_arena_check(answered->arena, error));
  for (int32_t j = 0; j < workers; j++) {
    load[j] = testudo_design_load(design, j);
    loaded += load[j] > 0;
  }
  qsort(load, (size_t)workers, sizeof *load, testudo_i_descending_int32);
  for (int32_t k = 0; k < workers && done < need; k++) {
    done += load[k];
    answered->least = k + 1;
  }
  answered->most = loaded < alive ? loaded : alive;
  return TESTUDO_OK;
}

/* Nested: those that the announced level needs. */
static void count_named(testudo_i_answered *answered, const testudo_i_rule *rule, int32_t alive)
{
  for (int32_t row = 0; row < rule->rows; row++) {
    int32_t need = testudo_i_rule_need(rule, row);
    if (need > alive)
      continue; /* never announced */
    answered->least = answered->least == 0 || need < answered->least ? need : answered->least;
    answered->most = need > answered->most ? need : answered->most;
  }
}

static testudo_status count_senders(testudo_i_answered *answered, const testudo_design *design,
                                    const testudo_i_cluster *cluster, testudo_error *error)
{
  int32_t alive = testudo_design_workers(design) - testudo_i_cluster_failed(cluster);
  if (testudo_i_rule_is_stepped(&cluster->rule))
    count_named(answered, &cluster->rule, alive);
  else
    TESTUDO_I_TRY(count_starters(answered, design, alive, error));
  answered->least = answered->least > 1 ? answered->least : 1;
  answered->most = answered->most > answered->least ? answered->most : answered->least;
  return TESTUDO_OK;
}

/* ---- M ---- */

typedef struct largest_of {
  const testudo_law *law;
  double parts;
  int32_t count;
} largest_of;

/* P(M > y), or P(M <= y). */
static double largest_side(const largest_of *m, double y, bool above)
{
  double late = testudo_i_law_side(m->law, m->parts * y, true);
  if (late >= 0.5) {
    double below = pow(testudo_i_law_side(m->law, m->parts * y, false), m->count);
    return above ? 1.0 - below : below;
  }
  double logarithm = m->count * log1p(-late);
  return above ? -expm1(logarithm) : exp(logarithm);
}

static testudo_status largest_sides(void *context, double y, testudo_i_sides *at, testudo_error *error)
{
  (void)error;
  *at = (testudo_i_sides){largest_side(context, y, false), largest_side(context, y, true)};
  return TESTUDO_OK;
}

static testudo_status find_moments(const largest_of *m, cells_of_answer *cells, testudo_i_arena *arena,
                                   testudo_error *error)
{
  const testudo_law *law = m->law;
  largest_of own = *m;
  testudo_i_integrals moments;
  if (testudo_i_law_is_discrete(law)) {
    double before = 0.0;
    for (int64_t v = 0; v < law->values; v++) {
      double here = pow(law->cumulated[v], m->count), y = law->value[v] / m->parts;
      cells->mean += (here - before) * y;
      cells->square += (here - before) * y * y;
      before = here;
    }
    cells->error = 1e-13;
    return TESTUDO_OK;
  }
  double *points = testudo_i_arena_alloc(arena, (size_t)law->kinks + 1, sizeof *points);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t k = 0; k < law->kinks; k++)
    points[k] = law->kink[k] / m->parts;
  TESTUDO_I_TRY(testudo_i_tail_moments(largest_sides, &own, points, (size_t)law->kinks, true, 1e-11, &moments, error));
  cells->mean = moments.mean;
  cells->square = moments.mean * moments.mean + moments.stddev * moments.stddev;
  cells->error = 1e-13;
  if (moments.mean < HUGE_VAL)
    cells->error += 2.0 * moments.mean_error / moments.mean;
  if (cells->square < HUGE_VAL)
    cells->error += 2.0 * moments.stddev * moments.stddev_error / cells->square;
  return TESTUDO_OK;
}

static void list_atoms(const largest_of *m, cells_of_answer *cells)
{
  double before = 0.0;
  for (int64_t v = 0; v < m->law->values; v++) {
    double here = pow(m->law->cumulated[v], m->count);
    cells->value[cells->count] = m->law->value[v] / m->parts;
    cells->mass[cells->count++] = here - before;
    before = here;
  }
}

/* Between edges that are quantiles of M: evenly in the middle, then by halves to where hardly anything is left. */
static void list_cells(const largest_of *m, cells_of_answer *cells, bool up)
{
  double edge = 0.0, below = 0.0, above = 1.0;
  for (int k = 1; above > LITTLE; k++) {
    double left = k < CELLS ? 1.0 - (double)k / CELLS : ldexp(1.0 / CELLS, CELLS - 1 - k);
    double p = left > 0.5 ? pow(1.0 - left, 1.0 / m->count) : exp(log1p(-left) / m->count);
    double next = p < 1.0 ? testudo_law_quantile(m->law, p) / m->parts : HUGE_VAL;
    if (!(next < HUGE_VAL) || k > CELLS + 50)
      break;
    if (next <= edge && k > 1)
      continue;
    double next_below = largest_side(m, next, false), next_above = largest_side(m, next, true);
    double mass = next_below < 0.5 ? next_below - below : above - next_above;
    cells->value[cells->count] = up ? next : edge;
    cells->mass[cells->count++] = fmax(0.0, mass);
    edge = next;
    below = next_below;
    above = next_above;
  }
  if (up) {
    cells->beyond = above;
  } else {
    cells->value[cells->count] = edge;
    cells->mass[cells->count++] = above;
  }
}

static testudo_status make_cells(testudo_i_answered *answered, int32_t senders, bool up, cells_of_answer *cells,
                                 testudo_error *error)
{
  const largest_of m = {answered->message, answered->parts, senders};
  bool atoms = testudo_i_law_is_discrete(m.law) && m.law->values <= CELLS;
  size_t room = CELLS + 64;
  cells->value = testudo_i_arena_alloc(answered->arena, room, sizeof *cells->value);
  cells->mass = testudo_i_arena_alloc(answered->arena, room, sizeof *cells->mass);
  TESTUDO_I_TRY(testudo_i_arena_check(answered->arena, error));
  TESTUDO_I_TRY(find_moments(&m, cells, answered->arena, error));
  if (atoms)
    list_atoms(&m, cells);
  else
    list_cells(&m, cells, up);
  return TESTUDO_OK;
}

/* ---- T_rule at places ---- */

static testudo_status law_at(testudo_latency *rule, double t, testudo_i_probability *at, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_latency_cdf(rule, t, &at->below_lower, &at->below_upper, error));
  return testudo_latency_tail(rule, t, &at->above_lower, &at->above_upper, error);
}

static testudo_status add_place(testudo_i_answered *answered, double t, testudo_error *error)
{
  place *here = &answered->place[answered->places++];
  here->t = t;
  return law_at(answered->rule, t, &here->at, error);
}

static int ascending_places(const void *a, const void *b)
{
  double x = ((const place *)a)->t, y = ((const place *)b)->t;
  return TESTUDO_I_COMPARE(x, y);
}

/* Doubling, from where T_rule hardly begins to where it hardly goes on. */
static testudo_status span_places(testudo_i_answered *answered, size_t most, testudo_error *error)
{
  const testudo_latency *rule = answered->rule;
  const testudo_i_cluster *cluster = rule->side[0] != NULL ? &rule->side[0]->cluster : &rule->cluster;
  double scale = testudo_i_cluster_scale(cluster, 0.5);
  const place *last = answered->place;
  TESTUDO_I_TRY(add_place(answered, 0.0, error));
  for (double t = scale; t > 0.0 && answered->places < 60; t /= 2.0) {
    TESTUDO_I_TRY(add_place(answered, t, error));
    if (answered->place[answered->places - 1].at.below_upper < LITTLE)
      break;
  }
  for (double t = 2.0 * scale; t < HUGE_VAL && answered->places < most / 2; t *= 2.0) {
    TESTUDO_I_TRY(add_place(answered, t, error));
    last = &answered->place[answered->places - 1];
    if (last->at.above_upper - answered->end.above_upper < LITTLE)
      break;
  }
  return TESTUDO_OK;
}

/* Does so much happen between two places that there should be one more? */
static bool is_wide(const place *a, const place *b, double end_above)
{
  double middle = a->t + (b->t - a->t) / 2.0;
  if (!(middle > a->t * (1.0 + 1e-12) && b->t > middle))
    return false;
  double late = a->at.above_upper - end_above;
  return b->at.below_lower - a->at.below_lower > RISE || b->at.below_upper - a->at.below_upper > RISE ||
         (late > 1e-9 && late > 1.25 * (b->at.above_upper - end_above) && b->t > 1.05 * a->t);
}

static testudo_status refine_places(testudo_i_answered *answered, size_t most, testudo_error *error)
{
  bool more = true;
  for (int pass = 0; more && pass < PASSES; pass++) {
    size_t count = answered->places;
    qsort(answered->place, count, sizeof *answered->place, ascending_places);
    more = false;
    for (size_t k = 0; k + 1 < count && answered->places < most; k++) {
      const place *a = &answered->place[k], *b = a + 1;
      if (!is_wide(a, b, answered->end.above_upper))
        continue;
      TESTUDO_I_TRY(add_place(answered, a->t + (b->t - a->t) / 2.0, error));
      more = true;
    }
  }
  qsort(answered->place, answered->places, sizeof *answered->place, ascending_places);
  return TESTUDO_OK;
}

/* Bounds need not be monotone, though P is. */
static void order_bounds(testudo_i_answered *answered)
{
  place *of = answered->place;
  for (size_t k = 1; k < answered->places; k++) {
    of[k].at.below_lower = fmax(of[k].at.below_lower, of[k - 1].at.below_lower);
    of[k].at.above_upper = fmin(of[k].at.above_upper, of[k - 1].at.above_upper);
  }
  for (size_t k = answered->places - 1; k-- > 0;) {
    of[k].at.below_upper = fmin(of[k].at.below_upper, of[k + 1].at.below_upper);
    of[k].at.above_lower = fmax(of[k].at.above_lower, of[k + 1].at.above_lower);
  }
}

/* From place k to the next, P(T_rule <= .) is at most and P(T_rule > .) is at least what they are here. */
static const testudo_i_probability *until_next(const testudo_i_answered *answered, size_t k)
{
  size_t next = answered->stepped ? k : k + 1;
  return next < answered->places ? &answered->place[next].at : &answered->end;
}

static testudo_status make_places(testudo_i_answered *answered, testudo_error *error)
{
  testudo_latency *rule = answered->rule;
  size_t most = rule->method.exact ? PLACES : PLACES_OF_BOUNDS;
  answered->stepped = rule->discrete && rule->side[0] == NULL && rule->point_count < most;
  answered->place = testudo_i_arena_calloc(answered->arena, most + 2, sizeof *answered->place);
  TESTUDO_I_TRY(testudo_i_arena_check(answered->arena, error));
  TESTUDO_I_TRY(law_at(rule, HUGE_VAL, &answered->end, error));
  if (answered->stepped) {
    TESTUDO_I_TRY(add_place(answered, 0.0, error));
    for (size_t k = 0; k < rule->point_count; k++)
      TESTUDO_I_TRY(add_place(answered, rule->points[k], error));
  } else {
    TESTUDO_I_TRY(span_places(answered, most, error));
    TESTUDO_I_TRY(refine_places(answered, most, error));
  }
  order_bounds(answered);
  place *of = answered->place;
  for (size_t k = 1; k < answered->places; k++) {
    of[k].area_lower = of[k - 1].area_lower + until_next(answered, k - 1)->above_lower * (of[k].t - of[k - 1].t);
    of[k].area_upper = of[k - 1].area_upper + of[k - 1].at.above_upper * (of[k].t - of[k - 1].t);
  }
  return TESTUDO_OK;
}

/* ---- T ---- */

/* The last place that is not after x >= 0, from place k down. */
static size_t place_before(const testudo_i_answered *answered, double x, size_t k)
{
  while (k > 0 && answered->place[k].t > x)
    k--;
  return k;
}

/* P(T <= t) and P(T > t), of the early cells or of the late ones. */
static void sum_cells(const testudo_i_answered *answered, double t, bool late, double *below, double *above)
{
  const cells_of_answer *cells = late ? &answered->late : &answered->early;
  *below = 0.0;
  *above = cells->beyond;
  for (size_t i = 0, k = answered->places - 1; i < cells->count; i++) {
    double x = testudo_i_latest_progress(t, answered->signal + cells->value[i]);
    if (x < 0.0) {
      *above += cells->mass[i];
      continue;
    }
    k = place_before(answered, x, k);
    const testudo_i_probability *at = late ? &answered->place[k].at : until_next(answered, k);
    *below += cells->mass[i] * (late ? at->below_lower : at->below_upper);
    *above += cells->mass[i] * (late ? at->above_upper : at->above_lower);
  }
  *below = fmin(*below, 1.0);
  *above = fmin(*above, 1.0);
}

static testudo_status answered_evaluate(void *state, double t, int want, testudo_i_probability *probability,
                                        testudo_error *error)
{
  const testudo_i_answered *answered = state;
  (void)error;
  if (t == HUGE_VAL) {
    *probability = answered->end;
    return TESTUDO_OK;
  }
  if (want & TESTUDO_I_WANT_LOWER)
    sum_cells(answered, t, true, &probability->below_lower, &probability->above_upper);
  if (want & TESTUDO_I_WANT_UPPER)
    sum_cells(answered, t, false, &probability->below_upper, &probability->above_lower);
  return TESTUDO_OK;
}

/* E[min(signal + M, t)] + the area of P(T_rule > .) that is left behind it, cell by cell. */
static double capped_side(const testudo_i_answered *answered, const cells_of_answer *cells, double t, bool upper)
{
  double sum = upper ? cells->beyond * t : 0.0;
  for (size_t i = 0, k = answered->places - 1; i < cells->count; i++) {
    double after = answered->signal + cells->value[i], x = t - after;
    if (x <= 0.0) {
      sum += cells->mass[i] * t;
      continue;
    }
    k = place_before(answered, x, k);
    const place *at = &answered->place[k];
    double area = upper ? at->area_upper + at->at.above_upper * (x - at->t)
                        : at->area_lower + until_next(answered, k)->above_lower * (x - at->t);
    sum += cells->mass[i] * (after + area);
  }
  return fmin(sum, t);
}

void testudo_i_answered_capped(const testudo_i_answered *answered, double t, double *lower, double *upper)
{
  *lower = capped_side(answered, &answered->early, t, false);
  *upper = capped_side(answered, &answered->late, t, true);
}

/* The mean of a sum is that of its parts, whatever is cut. */
testudo_status testudo_i_answered_summary(testudo_i_answered *answered, testudo_summary *summary, testudo_error *error)
{
  testudo_summary rule;
  const cells_of_answer *early = &answered->early, *late = &answered->late;
  TESTUDO_I_TRY(testudo_latency_summary(answered->rule, &rule, error));
  *summary = rule;
  if (rule.status == TESTUDO_MEAN_INFINITE)
    return TESTUDO_OK;
  bool one = answered->least == answered->most && rule.status == TESTUDO_MEAN_EXACT;
  double first = answered->signal + early->mean, last = answered->signal + late->mean;
  summary->stddev = early->square == HUGE_VAL ? HUGE_VAL : NAN;
  summary->stddev_lower = summary->over_ideal = NAN;
  summary->stddev_upper = HUGE_VAL;
  summary->mean = summary->stddev_error = summary->abs_bound = NAN;
  if (late->mean == HUGE_VAL) {
    summary->status = TESTUDO_MEAN_INFINITE;
    summary->lower = summary->upper = HUGE_VAL;
    return TESTUDO_OK;
  }
  summary->status = one ? TESTUDO_MEAN_EXACT : TESTUDO_MEAN_BOUNDED;
  summary->lower = rule.lower + first;
  summary->upper = rule.upper + last;
  summary->ideal = rule.ideal + first;
  bool bracketed = rule.status == TESTUDO_MEAN_EXACT && rule.lower < rule.upper; /* of the rule alone */
  summary->abs_error = (bracketed && !one ? 0.0 : rule.abs_error) + late->error * last;
  /* Given the progress, T is at least and at most these sums, and so is its square. */
  double early_spread = fmax(0.0, early->square - early->mean * early->mean);
  double late_spread = fmax(0.0, late->square - late->mean * late->mean);
  if (one) {
    summary->mean = rule.mean + first;
    summary->abs_bound = testudo_i_law_is_discrete(answered->message) ? rule.abs_bound + late->error * last : HUGE_VAL;
    summary->over_ideal = summary->mean / summary->ideal;
    summary->stddev = sqrt(rule.stddev * rule.stddev + late_spread);
    summary->stddev_error = summary->stddev > 0.0 && summary->stddev < HUGE_VAL
                                ? (rule.stddev * rule.stddev_error + late->error * late->square) / summary->stddev
                                : rule.stddev_error;
    summary->stddev_lower = sqrt(rule.stddev_lower * rule.stddev_lower + late_spread);
    summary->stddev_upper = sqrt(rule.stddev_upper * rule.stddev_upper + late_spread);
  } else if (isfinite(rule.stddev_lower) && isfinite(rule.stddev_upper)) {
    double low = rule.stddev_lower * rule.stddev_lower + early_spread + summary->lower * summary->lower;
    double high = rule.stddev_upper * rule.stddev_upper + late_spread + summary->upper * summary->upper;
    summary->stddev_lower = sqrt(fmax(0.0, low - summary->upper * summary->upper));
    summary->stddev_upper = sqrt(fmax(0.0, high - summary->lower * summary->lower));
  }
  return TESTUDO_OK;
}

/* ---- making ---- */

bool testudo_i_answers_randomly(const testudo_design *design, const testudo_delay_model *model, testudo_report report)
{
  return model->message != NULL && !testudo_i_law_is_constant(model->message) && !testudo_i_has_own_steps(design) &&
         testudo_design_report_for(design, report) != TESTUDO_REPORT_WHOLE;
}

static testudo_status answered_fill(testudo_i_answered *answered, const testudo_design *design,
                                    const testudo_delay_model *model, const testudo_analysis_options *options,
                                    testudo_error *error)
{
  testudo_delay_model silent = *model;
  silent.message = NULL;
  silent.signal = 0.0;
  answered->message = model->message;
  answered->signal = model->signal;
  answered->parts = testudo_design_parts(design);
  TESTUDO_I_TRY(testudo_delay_check(model, testudo_design_workers(design), error));
  TESTUDO_I_TRY(testudo_latency_create(design, &silent, options, &answered->rule, error));
  const testudo_latency *rule = answered->rule;
  TESTUDO_I_TRY(count_senders(answered, design, rule->side[0] != NULL ? &rule->side[0]->cluster : &rule->cluster,
                              error));
  TESTUDO_I_TRY(make_cells(answered, answered->least, false, &answered->early, error));
  TESTUDO_I_TRY(make_cells(answered, answered->most, true, &answered->late, error));
  return make_places(answered, error);
}

testudo_status testudo_i_answered_create(const testudo_design *design, const testudo_delay_model *model,
                                         const testudo_analysis_options *options, testudo_i_answered **answered,
                                         testudo_i_method *method, testudo_error *error)
{
  testudo_i_answered *made = *answered = testudo_i_arena_calloc(&method->arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  made->arena = &method->arena;
  TESTUDO_I_TRY(answered_fill(made, design, model, options, error));
  method->exact = made->least == made->most && made->rule->method.exact;
  method->state = made;
  method->evaluate = answered_evaluate;
  if (made->least == made->most)
    snprintf(method->name, sizeof method->name, "%.150s; the slowest of %ld messages, bracketed",
             made->rule->method.name, (long)made->least);
  else
    snprintf(method->name, sizeof method->name, "%.120s; the slowest of %ld to %ld messages, bracketed",
             made->rule->method.name, (long)made->least, (long)made->most);
  return TESTUDO_OK;
}

testudo_latency *testudo_i_answered_rule(const testudo_i_answered *answered)
{
  return answered->rule;
}
