/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Validation as a test: it keeps its false alarm on right designs, and notices means and deviations that are wrong by a
   few standard errors of the trials. Seeds are fixed. TESTUDO_LONG=1 (make check-long) looks at ten times as many. */
#include "unit/sample/designs.h"

#include "validate/outcome.h"
#include "validate/validate.h"

enum { TIMES = 2 };

static int cases(int usual)
{
  return getenv("TESTUDO_LONG") != NULL ? 10 * usual : usual;
}

typedef struct setting {
  char text[160];
  double times[TIMES];
  testudo_law *law;
  testudo_delay_model model;
  testudo_design *design;
  testudo_latency *latency;
  testudo_summary summary;
  testudo_simulation *simulation;
} setting;

static void start(setting *s, testudo_design *design, const testudo_delay_model *model, const char *law, int64_t trials,
                  uint64_t seed)
{
  s->law = law_of(law);
  s->model = *model;
  s->model.law = s->law;
  s->design = design;
  testudo_analysis_options exact = {.max_states = 200000, .rel_error = 1e-9};
  assert_ok(testudo_latency_create(design, &s->model, &exact, &s->latency, NULL));
  assert_ok(testudo_latency_summary(s->latency, &s->summary, NULL));
  double last;
  for (int k = 0; k < TIMES; k++)
    assert_ok(testudo_latency_quantile(s->latency, 0.2 + 0.5 * k, &s->times[k], &last, NULL));
  s->times[TIMES - 1] = fmin(s->times[TIMES - 1], 1e9 * s->times[0]); /* some never end */
  testudo_simulation_options options = {.trials = trials, .seed = seed, .threads = 1, .times = s->times,
                                        .time_count = TIMES, .dim = 1};
  s->simulation = simulate(design, &s->model, &options);
}

static testudo_validation *validated(const setting *s, const testudo_summary *stated, double false_alarm)
{
  testudo_validation *validation = NULL;
  assert_ok(testudo_i_validate_stated(s->latency, stated, s->design, &s->model, s->simulation, s->times, TIMES,
                                      false_alarm, &validation, NULL));
  return validation;
}

static void stop(setting *s)
{
  testudo_simulation_free(s->simulation);
  testudo_latency_free(s->latency);
  testudo_design_free(s->design);
  testudo_law_free(s->law);
}

static const char *const laws[] = {"exp:1", "shifted-exp:0.5,1", "weibull:0.8,2", "weibull:30,1", "gamma:2,1",
                                   "gamma:0.6,1", "lognormal:0,0.5", "lognormal:0,0.05",
                                   "mixture:0.5,exp:1,exp:0.2", "mixture:0.5,deterministic:1,deterministic:2.5",
                                   "lognormal:0,1", "pareto:1,6", "pareto:1,2.5", "lomax:3,1"};
enum { LAWS = sizeof laws / sizeof *laws, LIGHT = LAWS - 4 };

/* Cyclic, uncoded or irregular, with and without failures; of the first `choice` laws. `exact`: no irregular ones. */
static void start_random(setting *s, uint64_t number, int choice, bool exact, int64_t trials)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 2026, TESTUDO_I_FOR_TEST, number, 7);
  int32_t m = 2 + (int32_t)testudo_i_random_below(&random, 9);
  int32_t delta = 1 + (int32_t)testudo_i_random_below(&random, (uint64_t)(m < 5 ? m : 5));
  int32_t parts = 1 + (int32_t)testudo_i_random_below(&random, (uint64_t)(delta < 2 ? delta : 2));
  const char *law = laws[testudo_i_random_below(&random, (uint64_t)choice)];
  testudo_delay_model model = {.failures = (testudo_failure_kind)testudo_i_random_below(&random, 3)};
  model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? delta - parts : 0;
  model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.05 : 0.0;
  uint64_t shape = testudo_i_random_below(&random, exact ? 3 : 4);
  testudo_design *design;
  if (shape == 0)
    design = cyclic_design(TESTUDO_SCHEME_UNCODED, m, 1, 1, 0);
  else if (shape < 3)
    design = cyclic_design(TESTUDO_SCHEME_PARTIAL, m, delta, parts, 0);
  else
    design = irregular_design(&random, TESTUDO_SCHEME_PARTIAL, m, m + 2, delta, parts, 0);
  if (shape == 0)
    model.failed = 0;
  start(s, design, &model, law, trials, number);
  snprintf(s->text, sizeof s->text, "case %d: shape %d, %d workers, %d copies, l = %d, %s, failures %d", (int)number,
           (int)shape, (int)m, (int)delta, (int)parts, law, (int)model.failures);
}

/* Ten times the trials are no more likely to be rejected: the level is kept at every size. */
static void right_designs_raise_no_alarm(void **state)
{
  (void)state;
  int undecided = 0, alarms = 0, count = cases(30);
  for (int k = 0; k < count; k++) {
    setting s;
    start_random(&s, (uint64_t)k, LAWS, false, k % 5 == 0 ? 500 : k % 5 == 1 ? 40000 : 8000);
    testudo_validation *v = validated(&s, NULL, 1e-6);
    undecided += v->agrees < 0;
    alarms += v->agrees == 0;
    if (v->agrees == 0)
      print_error("%s\n", s.text);
    for (size_t q = 0; q < v->checks && v->agrees == 0; q++)
      print_error("  %s: %g against %g .. %g, p %g\n", v->check[q].quantity, v->check[q].simulated,
                  v->check[q].analyzed_lower, v->check[q].analyzed_upper, v->check[q].p);
    testudo_validation_free(v);
    stop(&s);
  }
  assert_int_equal(alarms, 0);
  assert_true(undecided < count / 4);
}

static const testudo_check *find(const testudo_validation *validation, const char *quantity)
{
  for (size_t k = 0; k < validation->checks; k++)
    if (strcmp(validation->check[k].quantity, quantity) == 0)
      return &validation->check[k];
  return NULL;
}

/* What the law says, wrong by so many standard errors of the trials, mean and deviation in turn: how many of `count`
   are rejected. What the tail is too heavy for is not tested, and not counted. */
static int rejected(int count, double standard_errors, double false_alarm)
{
  int found = 0, untested = 0;
  for (int k = 0, number = 0; k < count; number++) {
    setting s;
    start_random(&s, (uint64_t)number, LIGHT, true, 60000);
    bool mean = k % 2 == 0;
    double n = (double)(s.simulation->trials - s.simulation->never), stddev = s.simulation->stddev;
    double error = standard_errors * stddev / sqrt(n) * (k % 4 < 2 ? 1.0 : -1.0);
    testudo_summary wrong = s.summary;
    if (mean)
      wrong.lower = wrong.upper = wrong.mean += error;
    else
      wrong.stddev_lower = wrong.stddev_upper = wrong.stddev += error * sqrt(s.simulation->kurtosis - 1.0) / 2.0;
    bool usable = s.summary.status == TESTUDO_MEAN_EXACT && s.summary.stddev > 1e-9 * s.summary.mean && n > 10000;
    testudo_validation *v = usable ? validated(&s, &wrong, false_alarm) : NULL;
    const testudo_check *check = usable ? find(v, mean ? "mean" : "deviation") : NULL;
    if (usable && check == NULL)
      untested++;
    if (check != NULL) {
      found += check->holds == 0;
      k++;
    }
    testudo_validation_free(v);
    stop(&s);
  }
  assert_true(untested <= 1 + count / 5);
  return found;
}

static void wrong_means_and_deviations_are_rejected(void **state)
{
  (void)state;
  int count = cases(20) / 2;
  int eight = rejected(count, 8.0, 1e-6), six = rejected(count, 6.0, 0.01);
  print_message("of %d: %d rejected at 8 standard errors and 1e-6, %d at 6 and 0.01\n", count, eight, six);
  assert_true(eight >= 0.95 * count && six >= 0.95 * count);
  /* What is right is not. */
  assert_int_equal(rejected(count, 0.0, 1e-6), 0);
}

/* P(Gamma(n, 1) > x), summed plainly. */
static double gamma_above(int n, double x)
{
  double term = exp(-x), sum = 0.0;
  for (int k = 0; k < n; k++) {
    sum += term;
    term *= x / (k + 1);
  }
  return sum;
}

static void tails_of_means_are_those_of_exponentials(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 0), &(testudo_delay_model){0}, "exp:1", 2, 1);
  for (int n = 4; n <= 400; n *= 10) {
    testudo_i_arena arena = {0};
    testudo_i_outcome outcome;
    bool found;
    assert_ok(testudo_i_outcome_make(s.latency, TESTUDO_I_EARLY, 1.0, 1.0, n, 1e-12, &arena, &outcome, &found, NULL));
    assert_true(found);
    assert_close(outcome.mean, 1.0, 1e-3);
    assert_close(outcome.stddev, 1.0, 1e-3);
    for (double z = 0.5; z < 6.6; z += 0.5) {
      double off = z / sqrt(n), above = testudo_i_outcome_tail(&outcome, n, off);
      double true_above = gamma_above(n, n * (1.0 + off));
      /* Few: a bound, no more. */
      assert_true(above >= 0.98 * true_above && (n < 20 || above <= 1.02 * true_above + 3e-12));
      if (off < 0.9) {
        double below = testudo_i_outcome_tail(&outcome, n, -off), true_below = 1.0 - gamma_above(n, n * (1.0 - off));
        assert_true(below >= 0.98 * true_below - 1e-12 && (n < 20 || below <= 1.02 * true_below + 3e-12));
      }
    }
    double critical = testudo_i_outcome_critical(&outcome, n, 1e-6, 1);
    assert_true(n < 20 || fabs(log(testudo_i_outcome_tail(&outcome, n, critical) / 1e-6)) < 0.05);
    testudo_i_arena_clear(&arena);
  }
  stop(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tails_of_means_are_those_of_exponentials),
      cmocka_unit_test(right_designs_raise_no_alarm),
      cmocka_unit_test(wrong_means_and_deviations_are_rejected),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
