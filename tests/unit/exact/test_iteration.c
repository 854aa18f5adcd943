/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole iteration (docs/theory/model.md#the-whole-iteration): laws of T against enumeration of everything that is
   random, against closed forms, and against the check values of the theory. */
#include "cases.h"

#include <math.h>

#include "exact/latency.h"
#include "runtime/completion.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* ---- the second road: every outcome of every worker, T by the words of the definition ---- */

enum { MOST_WORKERS = 4, MOST_STEPS = 8, MOST_OUTCOMES = 4096 };

typedef struct outcome {
  double probability, time[MOST_STEPS + 1]; /* of step k, from 1 */
  double message;                           /* of a vector, where it is sent after the progress is fixed */
} outcome;

typedef struct brute {
  const testudo_design *design;
  const testudo_delay_model *model;
  testudo_i_rule rule;
  bool whole;
  outcome *of[MOST_WORKERS];
  int count[MOST_WORKERS];
} brute;

typedef struct atoms {
  const double *value;
  double mass[8];
  int count;
} atoms;

static const double nothing = 0;

static atoms atoms_of(const testudo_law *law)
{
  atoms found = {&nothing, {1}, 1};
  if (law == NULL)
    return found;
  const double *cumulated;
  int64_t count;
  testudo_law_atoms(law, &found.value, &cumulated, &count);
  assert_in_range(count, 1, 8);
  found.count = (int)count;
  for (int k = 0; k < found.count; k++)
    found.mass[k] = cumulated[k] - (k > 0 ? cumulated[k - 1] : 0);
  return found;
}

/* C_k = S + (starts o + u sum of x) / r, then the message: on the last step, or on a busy link. */
static void add_outcome(brute *b, int32_t worker, double probability, double startup, double message, double rate,
                        const double *x, bool sends)
{
  const testudo_delay_model *model = b->model;
  int32_t steps = testudo_design_steps(b->design, worker);
  double unit = model->unit == TESTUDO_UNIT_SHARE
                    ? (double)b->design->workers / testudo_design_chunks(b->design) : 1, sum = 0, link = 0;
  outcome *o = &b->of[worker][b->count[worker]++];
  assert_in_range(b->count[worker], 1, MOST_OUTCOMES);
  *o = (outcome){.probability = probability, .message = sends ? 0 : message};
  for (int32_t k = 1; k <= steps; k++) {
    sum += x[k - 1];
    double work = b->rule.work != NULL ? b->rule.work[k - 1] * x[0] : sum;
    double starts = b->rule.starts != NULL ? b->rule.starts[k - 1] : k;
    o->time[k] = startup + (starts * model->overhead + unit * work) / rate;
    if (b->rule.sent != NULL && model->message != NULL)
      o->time[k] = link = fmax(o->time[k], link) + message * b->rule.sent[k - 1];
    if (b->whole && k == steps)
      o->time[k] += message / testudo_design_parts(b->design);
  }
}

static void list_outcomes(brute *b, int32_t worker, const testudo_law *law, double rate)
{
  const testudo_delay_model *model = b->model;
  atoms x = atoms_of(law), e = atoms_of(model->chunk_law), s = atoms_of(model->startup), y = atoms_of(model->message);
  int32_t steps = testudo_design_steps(b->design, worker);
  bool independent = model->structure == TESTUDO_STRUCTURE_ADDITIVE;
  bool mixed = model->structure == TESTUDO_STRUCTURE_MIXED;
  const atoms *of = mixed ? &e : &x;
  bool sends = b->whole || b->rule.sent != NULL;
  int draws = 1, outer = mixed ? x.count : 1, messages = y.count, states = model->slow.factor > 0 ? 2 : 1;
  for (int32_t k = 0; k < (independent || mixed ? steps : 1); k++)
    draws *= of->count;
  double slow = model->slow.begin / (model->slow.begin + model->slow.end);
  for (int d = 0; d < draws * outer * s.count * messages * states; d++) {
    int rest = d, state = rest % states, z;
    rest /= states;
    int m = rest % messages;
    rest /= messages;
    int a = rest % s.count;
    rest /= s.count;
    z = rest % outer;
    rest /= outer;
    double probability = s.mass[a] * y.mass[m] * (states == 1 ? 1 : state ? slow : 1 - slow);
    double time[MOST_STEPS], first = 0;
    probability *= mixed ? x.mass[z] : 1;
    for (int32_t k = 0; k < steps; k++) {
      if (k == 0 || independent || mixed) {
        first = of->value[rest % of->count] * (mixed ? x.value[z] : 1);
        probability *= of->mass[rest % of->count];
        rest /= of->count;
      }
      time[k] = first;
    }
    add_outcome(b, worker, probability, s.value[a], y.value[m], state ? rate / model->slow.factor : rate,
                time, sends);
  }
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* When the rule holds, with one outcome of every worker. */
static double rule_time(const brute *b, const outcome *const *at)
{
  const testudo_i_rule *rule = &b->rule;
  double found = rule->join == TESTUDO_I_ALL ? 0 : HUGE_VAL, time[MOST_WORKERS * MOST_STEPS];
  for (int32_t r = 0; r < rule->rows; r++) {
    int64_t pairs = testudo_i_rule_pairs(rule, r);
    for (int64_t p = 0; p < pairs; p++)
      time[p] = at[testudo_i_rule_pair_worker(rule, r, p)]->time[testudo_i_rule_pair_step(rule, r, p)];
    qsort(time, (size_t)pairs, sizeof *time, ascending);
    double here = time[testudo_i_rule_need(rule, r) - 1];
    found = rule->join == TESTUDO_I_ALL ? fmax(found, here) : fmin(found, here);
  }
  return found;
}

/* The slowest message of those that send: all that have something, or of a nested code the first that the announced
   level needs, ties by number. */
static double slowest_message(const brute *b, const outcome *const *at, double t)
{
  const testudo_i_rule *rule = &b->rule;
  double slowest = 0;
  if (!testudo_i_rule_is_stepped(rule)) {
    for (int32_t j = 0; j < b->design->workers; j++)
      if (testudo_design_load(b->design, j) > 0 && at[j]->time[1] <= t)
        slowest = fmax(slowest, at[j]->message);
    return slowest;
  }
  for (int32_t row = 0; row < rule->rows; row++) {
    int32_t step = rule->step_of_row[row], need = testudo_i_rule_need(rule, row), done = 0;
    for (int32_t j = 0; j < b->design->workers; j++)
      done += at[j]->time[step] <= t;
    if (done < need)
      continue;
    bool taken[MOST_WORKERS] = {false};
    for (int32_t k = 0; k < need; k++) {
      int32_t first = -1;
      for (int32_t j = 0; j < b->design->workers; j++)
        if (!taken[j] && (first < 0 || at[j]->time[step] < at[first]->time[step]))
          first = j;
      taken[first] = true;
      slowest = fmax(slowest, at[first]->message);
    }
    break;
  }
  return slowest;
}

/* P(T <= t), E T, its deviation, and E min(T, t). */
static double enumerate(brute *b, double t, double *mean, double *deviation, double *capped)
{
  const outcome *at[MOST_WORKERS];
  int64_t all = 1;
  double below = 0, square = 0;
  bool answers = !b->whole && b->rule.sent == NULL;
  *mean = *capped = 0;
  for (int32_t j = 0; j < b->design->workers; j++)
    all *= b->count[j];
  for (int64_t k = 0; k < all; k++) {
    int64_t rest = k;
    double probability = 1;
    for (int32_t j = 0; j < b->design->workers; j++) {
      at[j] = &b->of[j][rest % b->count[j]];
      rest /= b->count[j];
      probability *= at[j]->probability;
    }
    double time = rule_time(b, at);
    if (answers)
      time += b->model->signal + slowest_message(b, at, time) / testudo_design_parts(b->design);
    *mean += probability * time;
    square += probability * time * time;
    *capped += probability * fmin(time, t);
    below += time <= t ? probability : 0;
  }
  *deviation = sqrt(fmax(0, square - *mean * *mean));
  return below;
}

static void check_design(const char *what, testudo_design *design, const testudo_delay_model *model,
                         testudo_report report, int *cases)
{
  brute b = {.design = design, .model = model};
  testudo_analysis_options options = plain_options;
  testudo_latency *latency;
  testudo_error error = {""};
  testudo_summary summary;
  options.report = report;
  if (testudo_design_max_load(design) < 1)
    return;
  testudo_status status = testudo_latency_create(design, model, &options, &latency, &error);
  if (status != TESTUDO_OK) { /* refused, and says why */
    assert_true(status == TESTUDO_ERROR_LIMIT || status == TESTUDO_ERROR_ARGUMENT);
    assert_true(strlen(error.text) > 40);
    return;
  }
  assert_ok(testudo_i_completion_rule(design, report, &b.rule, NULL));
  b.whole = testudo_design_report_for(design, report) == TESTUDO_REPORT_WHOLE;
  for (int32_t j = 0, first = 0, c = 0; j < design->workers; j++) {
    const testudo_law *law = model->law;
    double rate = model->rates == NULL ? 1 : model->rates[j];
    if (model->classes != NULL) {
      if (j >= first + model->classes[c].workers)
        first += model->classes[c++].workers;
      rate = model->classes[c].rate;
      law = model->classes[c].law == NULL ? law : model->classes[c].law;
    }
    b.of[j] = calloc(MOST_OUTCOMES, sizeof *b.of[j]);
    list_outcomes(&b, j, law, rate);
  }
  assert_ok(testudo_latency_summary(latency, &summary, &error));
  double mean, lower, upper, deviation, capped;
  enumerate(&b, 0, &mean, &deviation, &capped);
  if (summary.status != TESTUDO_MEAN_EXACT) {
    assert_true(summary.lower <= mean * (1 + 1e-9) && summary.upper >= mean * (1 - 1e-9));
  } else if (!(fabs(summary.mean - mean) <= fmax(1e-9 * mean, summary.abs_error * (1 + 1e-6)) &&
               summary.abs_error <= 1e-4 * mean)) {
    print_error("%s, %s: mean %.12g +- %.2g, enumerated %.12g\n", what, testudo_latency_method(latency), summary.mean,
                summary.abs_error, mean);
    fail();
  }
  /* Where a deviation is bounded it lies between. */
  if (!isnan(summary.stddev_lower)) {
    assert_true(summary.stddev_lower <= deviation + 1e-7 * mean && summary.stddev_upper >= deviation - 1e-7 * mean);
    assert_true(isnan(summary.stddev) ||
                (summary.stddev >= summary.stddev_lower && summary.stddev <= summary.stddev_upper));
  }
  for (double t = 0.7 * mean; t < 1.4 * mean; t *= 1.09) {
    double unused, wanted = enumerate(&b, t, &unused, &unused, &capped);
    assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
    assert_true(lower <= wanted + 1e-11 && upper >= wanted - 1e-11);
    assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
    assert_true(lower <= 1 - wanted + 1e-11 && upper >= 1 - wanted - 1e-11);
    assert_ok(testudo_latency_capped(latency, t, &lower, &upper, &unused, NULL));
    assert_true(lower <= capped + unused + 1e-11 * t && upper >= capped - unused - 1e-11 * t);
    /* The quantile of what is surely below and surely not reached. */
    if (wanted > 0.01 && wanted < 0.99) {
      assert_ok(testudo_latency_quantile(latency, wanted * (1 - 1e-9), &lower, &upper, NULL));
      assert_true(lower <= t * (1 + 1e-12));
      assert_ok(testudo_latency_quantile(latency, fmin(0.999, wanted * (1 + 1e-9)), &lower, &upper, NULL));
      assert_true(upper >= t * (1 - 1e-12) || wanted > 1 - 1e-8);
    }
  }
  for (int32_t j = 0; j < design->workers; j++)
    free(b.of[j]);
  testudo_i_rule_clear(&b.rule);
  testudo_latency_free(latency);
  ++*cases;
}

/* ---- designs of every scheme ---- */

static testudo_design *gradient_code(int32_t workers, int32_t stragglers)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_cyclic(workers, stragglers + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, stragglers, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

enum { DESIGNS = 11 };

static testudo_design *design_number(int which)
{
  static const int32_t tolerances[] = {0, 1, 2};
  static const int64_t sizes[] = {30, 10, 20};
  testudo_design *design = NULL;
  testudo_error error = {""};
  switch (which) {
  case 0:
    return uncoded(3, 6);
  case 1:
    return k_of_n(4, 4, 3);
  case 2:
    return cyclic(4, 2, 1);
  case 3:
    return cyclic(3, 3, 2);
  case 4: {
    testudo_assignment assignment;
    assert_ok(testudo_assignment_frc(4, 4, 2, &assignment, NULL));
    return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, 1);
  }
  case 5:
    return gradient_code(4, 2);
  case 6: {
    testudo_assignment assignment;
    assert_ok(testudo_assignment_frc(4, 4, 2, &assignment, NULL));
    assert_ok(testudo_design_create_gradient_code(&assignment, 1, 1, "", &design, &error));
    testudo_assignment_free(&assignment);
    return design;
  }
  case 7:
    assert_ok(testudo_design_create_nested(4, tolerances, 3, 1, "", &design, &error));
    return design;
  case 8:
    assert_ok(testudo_design_create_block(4, tolerances, sizes, 3, 1, "", &design, &error));
    return design;
  case 9: {
    testudo_assignment assignment;
    assert_ok(testudo_assignment_cyclic(4, 3, &assignment, NULL));
    assert_ok(testudo_design_create_gradient_code_parts(&assignment, 1, 2, 1, "", &design, &error));
    testudo_assignment_free(&assignment);
    return design;
  }
  default:
    return cyclic(4, 3, 2);
  }
}

/* ---- models of every term ---- */

typedef struct laws {
  testudo_law *x, *z, *e, *s, *y, *constant, *other;
} laws;

static laws make_laws(void)
{
  return (laws){law_of("mixture:0.3,deterministic:1,deterministic:2.25"),
                law_of("mixture:0.6,deterministic:1,deterministic:1.5"),
                law_of("deterministic:0.75"), law_of("mixture:0.5,deterministic:0.375,deterministic:1"),
                law_of("mixture:0.25,deterministic:0.125,deterministic:2"), law_of("deterministic:0.625"),
                law_of("mixture:0.5,deterministic:0.5,deterministic:3")};
}

static void free_laws(laws *l)
{
  testudo_law *all[] = {l->x, l->z, l->e, l->s, l->y, l->constant, l->other};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    testudo_law_free(all[k]);
}

static void every_term_and_scheme_against_enumeration(void **state)
{
  (void)state;
  laws l = make_laws();
  static const double rates[2][4] = {{1, 2, 1, 0.5}, {1, 2, 1}};
  const testudo_worker_class classes[2][2] = {{{2, 1, NULL}, {2, 2, l.other}}, {{1, 1, NULL}, {2, 2, l.other}}};
  int cases = 0;
  for (int which = 0; which < DESIGNS; which++) {
    testudo_design *design = design_number(which);
    int of = design->workers == 3, n = design->workers;
    const testudo_delay_model models[] = {
        {.law = l.x},
        {.law = l.x, .startup = l.s},
        {.law = l.x, .overhead = 0.3},
        {.law = l.x, .unit = TESTUDO_UNIT_SHARE},
        {.law = l.x, .rates = rates[of], .workers = n, .startup = l.s, .overhead = 0.25},
        {.law = l.x, .classes = classes[of], .class_count = 2},
        {.law = l.x, .message = l.constant, .signal = 0.125},
        {.law = l.x, .message = l.y},
        {.law = l.x, .message = l.y, .signal = 0.25},
        {.law = l.z, .structure = TESTUDO_STRUCTURE_ADDITIVE, .message = l.y},
        {.law = l.x, .message = l.y, .startup = l.s, .overhead = 0.125},
        {.law = l.x, .slow = {0.2, 0.6, 3}},
        {.law = l.z, .structure = TESTUDO_STRUCTURE_MIXED, .chunk_law = l.e},
        {.law = l.constant, .structure = TESTUDO_STRUCTURE_ADDITIVE, .startup = l.s},
        {.law = l.x, .structure = TESTUDO_STRUCTURE_ADDITIVE, .startup = l.s},
        {.law = l.x, .structure = TESTUDO_STRUCTURE_ADDITIVE, .slow = {0.2, 0.6, 3}, .overhead = 0.125},
        {.law = l.z, .structure = TESTUDO_STRUCTURE_MIXED, .chunk_law = l.x, .overhead = 0.25},
        {.law = l.x, .classes = classes[of], .class_count = 2, .unit = TESTUDO_UNIT_SHARE, .startup = l.s,
         .overhead = 0.25, .slow = {0.5, 0.5, 2}, .message = l.constant, .signal = 1},
    };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
      char what[80];
      snprintf(what, sizeof what, "design %d, model %zu", which, m);
      check_design(what, design, &models[m], TESTUDO_REPORT_CHUNK, &cases);
      check_design(what, design, &models[m], TESTUDO_REPORT_WHOLE, &cases);
    }
    testudo_design_free(design);
  }
  print_message("%d cases\n", cases);
  assert_true(cases > 120);
  free_laws(&l);
}

/* ---- closed forms ---- */

/* Workers send when they have finished. */
static const testudo_analysis_options whole_options = {TESTUDO_REPORT_WHOLE, 200000, 1e-9, NULL};

static double survival_of(const testudo_delay_model *model, int32_t chunks, double t)
{
  testudo_design *design = uncoded(1, chunks);
  testudo_latency *latency = latency_with(design, model, &whole_options);
  double lower, upper;
  assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
  assert_true(lower == upper);
  testudo_latency_free(latency);
  testudo_design_free(design);
  return lower;
}

static void start_up_and_messages_of_exponentials_are_hypoexponential(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1"), *s = law_of("exp:3"), *y = law_of("exp:0.4");
  const testudo_delay_model started = {.law = x, .startup = s};
  const testudo_delay_model sent = {.law = x, .startup = s, .message = y};
  const testudo_delay_model added = {.law = x, .startup = x, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  for (double t = 1e-6; t < 60; t *= 2.1) {
    double a = 0.5, b = 3, c = 0.4; /* two chunks of one exponential: rate 1/2 */
    assert_close(survival_of(&started, 2, t), (b * exp(-a * t) - a * exp(-b * t)) / (b - a), 1e-9);
    double wanted = b * c / (b - a) / (c - a) * exp(-a * t) + a * c / (a - b) / (c - b) * exp(-b * t) +
                    a * b / (a - c) / (b - c) * exp(-c * t);
    assert_close(survival_of(&sent, 2, t), wanted, 1e-8);
    assert_close(survival_of(&added, 3, t), exp(-t) * (1 + t + t * t / 2 + t * t * t / 6), 1e-9);
  }
  testudo_law_free(x);
  testudo_law_free(s);
  testudo_law_free(y);
}

/* ---- the theory's check values ---- */

static double mean_of(testudo_design *design, const testudo_delay_model *model)
{
  testudo_summary summary = summary_with(design, model, &plain_options);
  testudo_design_free(design);
  assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
  assert_true(summary.abs_error < 1e-6 * summary.mean);
  return summary.mean;
}

static void the_check_values_of_the_theory(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1"), *s = law_of("shifted-exp:0.5,2"), *y = law_of("shifted-exp:0.2,5");
  testudo_law *z = law_of("lognormal:0,0.3"), *e = law_of("gamma:4,0.25");
  const testudo_delay_model sent = {.law = x, .startup = s, .message = y};
  static const int32_t wait[] = {10, 9, 7, 5};
  static const double wanted[] = {10.240773825, 7.240400116, 4.736565657, 3.370479006};
  for (int k = 0; k < 4; k++)
    assert_near(mean_of(k_of_n(10, 30, wait[k]), &sent), wanted[k], 1e-9);
  const testudo_delay_model mixed = {.law = z, .structure = TESTUDO_STRUCTURE_MIXED, .chunk_law = e};
  assert_near(mean_of(uncoded(8, 32), &mixed), 6.929622027, 5e-9);
  assert_near(mean_of(uncoded(8, 8), &mixed), 2.101655652, 1e-9);
  assert_near(mean_of(cyclic(6, 2, 1), &mixed), 1.620180354, 1e-9);
  testudo_law *share = law_of("deterministic:0.0045"), *launch = law_of("shifted-exp:0.6,8");
  const testudo_delay_model serverless = {.law = share, .startup = launch};
  assert_near(mean_of(uncoded(64, 64), &serverless), 1.19749, 5e-6);
  assert_near(mean_of(gradient_code(64, 15), &serverless), 0.85021, 5e-6);
  /* negative controls: start-up 3 % off, the structure another one, the message left out */
  testudo_law *off = law_of("shifted-exp:0.515,1.9417475728155340");
  const testudo_delay_model longer = {.law = x, .startup = off, .message = y}, unsent = {.law = x, .startup = s};
  const testudo_delay_model scaled = {.law = z};
  assert_true(fabs(mean_of(k_of_n(10, 30, 7), &longer) - wanted[2]) > 1e-2);
  assert_true(fabs(mean_of(k_of_n(10, 30, 7), &unsent) - wanted[2]) > 1e-1);
  assert_true(fabs(mean_of(uncoded(8, 32), &scaled) - 6.929622027) > 1e-1);
  testudo_law *all[] = {x, s, y, z, e, share, launch, off};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    testudo_law_free(all[k]);
}

/* ---- mixed structure against its two ends, and a second quadrature ---- */

static void mixed_is_scaled_and_additive_at_its_ends(void **state)
{
  (void)state;
  testudo_law *one = law_of("deterministic:1"), *x = law_of("lognormal:0.1,0.7"), *g = law_of("gamma:2.5,0.3");
  const testudo_delay_model scaled = {.law = x}, as_scaled = {.law = x, .structure = TESTUDO_STRUCTURE_MIXED,
                                                              .chunk_law = one};
  const testudo_delay_model added = {.law = g, .structure = TESTUDO_STRUCTURE_ADDITIVE},
                            as_added = {.law = one, .structure = TESTUDO_STRUCTURE_MIXED, .chunk_law = g};
  for (double t = 0.05; t < 80; t *= 1.7) {
    assert_close(survival_of(&as_scaled, 3, t), survival_of(&scaled, 3, t), 1e-12);
    assert_close(survival_of(&as_added, 3, t), survival_of(&added, 3, t), 1e-12);
  }
  testudo_law_free(one);
  testudo_law_free(x);
  testudo_law_free(g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_term_and_scheme_against_enumeration),
      cmocka_unit_test(start_up_and_messages_of_exponentials_are_hypoexponential),
      cmocka_unit_test(the_check_values_of_the_theory),
      cmocka_unit_test(mixed_is_scaled_and_additive_at_its_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
