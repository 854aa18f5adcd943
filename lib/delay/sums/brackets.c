/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lattice for every law and rate of a cluster. */
#include "delay/sums/brackets.h"

#include <math.h>

#include "base/error.h"
#include "base/limits.h"
#include "delay/sums/lattice.h"
#include "delay/laws/table.h"

/* Z of structure mixed, in cells: with probability mass[i] it is between edge[i] and edge[i + 1], or one value: equal.
   */
typedef struct outer_cells {
  double *mass, *down, *up;
  int32_t count;
  double beyond; /* E[(Z - last)+] */
} outer_cells;

typedef struct bracket {
  const testudo_law *law;
  double rate;
  int32_t load;
  double excess, end;
  outer_cells outer;          /* count 0: the lattice has all of the model in it. Otherwise it is of the sums alone, and
                                 overhead, rate and this factor, which may be 1, are outside */
  testudo_i_lattice *lattice;
  double sums_excess;         /* of the sums alone */
} bracket;

struct testudo_i_brackets {
  const testudo_delay_model *model;
  const testudo_monitor *monitor; /* while they are made */
  double unit;
  bracket *of;
  int32_t count;
  bool capped;
  bool whole;    /* a lattice for every load, of its last step alone */
  testudo_i_arena *arena;
};

/* Has X, or E, no sums but bracketed ones? */
static bool lacks_sums(const testudo_law *law)
{
  double start;
  return !testudo_i_law_has_sum(law) && !law->row->constant && !testudo_i_starts_once(law, &start);
}

bool testudo_i_wants_brackets(const testudo_delay_model *model, int32_t terms)
{
  bool wants = false;
  if (model->replay != NULL || model->domain_factor != NULL || terms < 2)
    return false;
  if (model->structure == TESTUDO_STRUCTURE_MIXED)
    return lacks_sums(model->chunk_law);
  for (int32_t c = 0; model->structure == TESTUDO_STRUCTURE_ADDITIVE && (c < model->class_count || c == 0); c++)
    wants = wants || lacks_sums(testudo_i_class_law(model, c));
  return wants;
}

/* Of a worker's k-th step. */
static bracket *bracket_of(const testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t k)
{
  for (int32_t b = 0; b < brackets->count; b++) {
    bracket *of = &brackets->of[b];
    if (of->law == law && of->rate == rate && (!brackets->whole || of->load == k))
      return of;
  }
  return NULL;
}

static void add_bracket(testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t load)
{
  bracket *of = bracket_of(brackets, law, rate, load);
  if (of == NULL) {
    of = &brackets->of[brackets->count++];
    *of = (bracket){.law = law, .rate = rate};
  }
  of->load = load > of->load ? load : of->load;
}

/* ---- structure mixed ---- */

static testudo_status list_values(outer_cells *outer, const testudo_law *law)
{
  for (int64_t v = 0; v < law->values; v++) {
    outer->mass[v] = testudo_i_atom_mass(law, v);
    outer->down[v] = outer->up[v] = law->value[v];
  }
  return TESTUDO_OK;
}

/* Cells of equal ratio between where hardly anything is left; below the first counts as the first, rounded up, and as
   0, rounded down; beyond the last as the last, and what it lacks is kept apart. */
static void list_cells(outer_cells *outer, const testudo_law *law, double first, double ratio)
{
  double edge = first, below = 0.0;
  for (int32_t i = 0; i < outer->count; i++) {
    double next = edge * ratio, done = i + 1 == outer->count ? 1.0 : testudo_law_cdf(law, next);
    outer->down[i] = i == 0 ? 0.5 * first : edge;
    outer->up[i] = next;
    outer->mass[i] = done - below;
    below = done;
    edge = next;
  }
  outer->beyond = testudo_i_mean_beyond(law, edge);
}

static testudo_status make_outer(testudo_i_brackets *brackets, outer_cells *outer, const testudo_law *law, double width,
                                 testudo_error *error)
{
  double first = 0.0, last = 0.0, cells;
  bool discrete = testudo_i_law_is_discrete(law);
  if (!discrete) {
    first = testudo_law_quantile(law, 1e-9);
    last = testudo_law_quantile(law, 1.0 - 1e-12);
  }
  cells = discrete ? (double)law->values : ceil(log(last / first) / (2.0 * width));
  if (!(cells >= 1.0 && cells <= TESTUDO_I_LIMIT_OUTER_CELLS))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the factor %s of structure mixed needs %.1g cells for sums without a smooth law, the limit "
                          "is %d; it can be simulated",
                          testudo_law_text(law), cells, TESTUDO_I_LIMIT_OUTER_CELLS);
  outer->count = (int32_t)cells;
  outer->mass = testudo_i_arena_alloc(brackets->arena, (size_t)outer->count, 3 * sizeof *outer->mass);
  TESTUDO_I_TRY(testudo_i_arena_check(brackets->arena, error));
  outer->down = outer->mass + outer->count;
  outer->up = outer->down + outer->count;
  if (discrete)
    return list_values(outer, law);
  list_cells(outer, law, first, exp(log(last / first) / outer->count));
  return TESTUDO_OK;
}

static testudo_status make_no_factor(testudo_i_brackets *brackets, outer_cells *outer, testudo_error *error)
{
  outer->count = 1;
  outer->mass = outer->down = outer->up = testudo_i_arena_alloc(brackets->arena, 1, sizeof *outer->mass);
  TESTUDO_I_TRY(testudo_i_arena_check(brackets->arena, error));
  outer->mass[0] = 1.0;
  return TESTUDO_OK;
}

/* The law whose sums a bracket has. */
static const testudo_law *law_of_sums(const testudo_i_brackets *brackets, const bracket *of)
{
  return brackets->model->structure == TESTUDO_STRUCTURE_MIXED ? brackets->model->chunk_law : of->law;
}

/* At rate 1, for all brackets of the same sums: fine enough for the slowest of them, and with steps enough. */
static testudo_status make_sums(testudo_i_brackets *brackets, bracket *of, int32_t workers, double width, double scale,
                                testudo_error *error)
{
  const testudo_law *law = law_of_sums(brackets, of);
  testudo_i_lattice_request request = {.law = law, .unit = 1.0, .rate = 1.0, .only_last = brackets->whole,
                                       .monitor = brackets->monitor};
  double speed = HUGE_VAL;
  for (int32_t b = 0; b < brackets->count; b++) {
    const bracket *other = &brackets->of[b];
    bool same = law_of_sums(brackets, other) == law && (!brackets->whole || other->load == of->load);
    if (same && other->lattice != NULL) {
      of->lattice = other->lattice;
      of->sums_excess = other->sums_excess;
      return TESTUDO_OK;
    }
    if (!same)
      continue;
    speed = fmin(speed, other->rate / (law == other->law ? 1.0 : testudo_law_mean(other->law)));
    request.steps = other->load > request.steps ? other->load : request.steps;
  }
  TESTUDO_I_TRY(testudo_i_lattice_propose(&request, width, scale * speed / brackets->unit, workers, error));
  of->sums_excess = request.excess;
  return testudo_i_lattice_make(brackets->arena, &request, &of->lattice, error);
}

/* The sums alone: everything else is outside of them. */
static testudo_status make_alone(testudo_i_brackets *brackets, bracket *of, int32_t workers, double width, double scale,
                                 testudo_error *error)
{
  bool mixed = brackets->model->structure == TESTUDO_STRUCTURE_MIXED;
  TESTUDO_I_TRY(mixed ? make_outer(brackets, &of->outer, of->law, width, error)
                      : make_no_factor(brackets, &of->outer, error));
  TESTUDO_I_TRY(make_sums(brackets, of, workers, width, scale, error));
  double largest = of->outer.up[of->outer.count - 1];
  double sum = of->load * testudo_law_mean(law_of_sums(brackets, of));
  of->excess = brackets->unit / of->rate * (of->sums_excess * largest + of->outer.beyond * sum);
  return TESTUDO_OK;
}

/* Nothing jumps later. */
static double end_of(const testudo_i_brackets *brackets, const bracket *of)
{
  double cells = (double)testudo_i_lattice_cells(of->lattice) + of->load + 2.0;
  double end = testudo_i_lattice_begin(of->lattice, of->load, true) + cells * testudo_i_lattice_step(of->lattice);
  if (of->outer.count == 0)
    return end;
  return (of->load * brackets->model->overhead + brackets->unit * end * of->outer.up[of->outer.count - 1]) / of->rate;
}

static testudo_status make_lattice(const testudo_i_brackets *brackets, bracket *of, const testudo_i_delay *delay,
                                   int32_t workers, double width, double scale, testudo_error *error)
{
  const testudo_delay_model *model = delay->model;
  testudo_i_lattice_request request = {.law = of->law, .startup = model->startup, .overhead = model->overhead,
                                       .unit = testudo_i_delay_unit(delay), .rate = of->rate,
                                       .steps = of->load, .only_last = brackets->whole,
                                       .monitor = brackets->monitor};
  if (delay->share > 0.0) {
    request.message = model->message;
    request.message_share = delay->share;
  }
  TESTUDO_I_TRY(testudo_i_lattice_propose(&request, width, scale, workers, error));
  of->excess = request.excess;
  return testudo_i_lattice_make(brackets->arena, &request, &of->lattice, error);
}

static testudo_status brackets_fill(testudo_i_brackets *brackets, const testudo_i_delay *delay,
                                    const testudo_law *const *law, const double *rate, const int32_t *load,
                                    int32_t classes, int32_t workers, double width, double scale,
                                    testudo_error *error)
{
  double slow = delay->model->slow.factor;
  brackets->of = testudo_i_arena_calloc(brackets->arena, 2 * (size_t)classes, sizeof *brackets->of);
  TESTUDO_I_TRY(testudo_i_arena_check(brackets->arena, error));
  for (int32_t c = 0; c < classes; c++) {
    if (load[c] == 0)
      continue;
    add_bracket(brackets, law[c], rate[c], load[c]);
    if (slow > 0.0)
      add_bracket(brackets, law[c], rate[c] / slow, load[c]);
  }
  const testudo_delay_model *model = delay->model;
  bool waits = model->startup != NULL || (delay->share > 0.0 && model->message != NULL);
  bool mixed = model->structure == TESTUDO_STRUCTURE_MIXED, alone = mixed || (!waits && brackets->count > 1);
  if (mixed && waits)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "structure mixed with sums of %s, which have no smooth law, is supported without start-up "
                          "and messages; with them it can be simulated",
                          testudo_law_text(model->chunk_law));
  for (int32_t k = 0; k < brackets->count; k++) {
    bracket *of = &brackets->of[k];
    TESTUDO_I_TRY(alone ? make_alone(brackets, of, workers, width, scale, error)
                        : make_lattice(brackets, of, delay, workers, width, scale, error));
    of->end = end_of(brackets, of);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_brackets_make(testudo_i_arena *arena, const testudo_i_delay *delay,
                                       const testudo_law *const *law, const double *rate, const int32_t *load,
                                       int32_t classes, int32_t workers, bool whole, double width, double scale,
                                       const testudo_monitor *monitor, testudo_i_brackets **brackets,
                                       testudo_error *error)
{
  testudo_i_brackets *made = *brackets = testudo_i_arena_alloc(arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *made = (testudo_i_brackets){.model = delay->model, .monitor = monitor, .unit = testudo_i_delay_unit(delay),
                               .whole = whole, .arena = arena};
  return brackets_fill(made, delay, law, rate, load, classes, workers, width, scale, error);
}

/* Over the cells of the factor. */
static double mixed_side(const testudo_i_brackets *brackets, const bracket *of, int32_t k, double t, bool up,
                         bool above)
{
  double x = (t * of->rate - k * brackets->model->overhead) / brackets->unit, sum = 0.0, below, beyond;
  const double *factor = up ? of->outer.up : of->outer.down;
  if (!(x > 0.0))
    return above ? 1.0 : 0.0;
  for (int32_t i = 0; i < of->outer.count; i++) {
    testudo_i_lattice_sides(of->lattice, k, x / factor[i], up, &below, &beyond);
    sum += of->outer.mass[i] * (above ? beyond : below);
  }
  return fmin(1.0, sum);
}

void testudo_i_brackets_cap(testudo_i_brackets *brackets, bool capped)
{
  brackets->capped = capped;
}

double testudo_i_brackets_excess(const testudo_i_brackets *brackets)
{
  double most = 0.0;
  for (int32_t k = 0; k < brackets->count; k++)
    most = fmax(most, brackets->of[k].excess);
  return most;
}

double testudo_i_brackets_side(const testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t k,
                               double t, bool up, bool above)
{
  double below, beyond;
  const bracket *of = bracket_of(brackets, law, rate, k);
  if (of == NULL || k > of->load)
    return NAN; /* of whole reports only last steps are known */
  if (up && brackets->capped && t >= of->end)
    return above ? 0.0 : 1.0;
  if (of->outer.count > 0)
    return mixed_side(brackets, of, k, t, up, above);
  testudo_i_lattice_sides(of->lattice, k, t, up, &below, &beyond);
  return above ? beyond : below;
}

double testudo_i_brackets_end(const testudo_i_brackets *brackets)
{
  double end = 0.0;
  for (int32_t k = 0; k < brackets->count; k++)
    end = fmax(end, brackets->of[k].end);
  return end;
}

/* Of one lattice: several need not have a step in common. */
double testudo_i_brackets_step(const testudo_i_brackets *brackets)
{
  const bracket *of = &brackets->of[0];
  if (brackets->count != 1 || of->outer.count > 0)
    return 0.0;
  double step = testudo_i_lattice_step(of->lattice);
  for (int32_t k = brackets->whole ? of->load : 1; k <= of->load; k++) {
    double begin = testudo_i_lattice_begin(of->lattice, k, false) / step;
    if (testudo_i_lattice_width(of->lattice, k) > 0.0 || fabs(begin - nearbyint(begin)) > 1e-9 * (1.0 + begin))
      return 0.0;
  }
  return step;
}
