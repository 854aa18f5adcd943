/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/sample/designs.h"

#include "validate/validate.h"

static const double deadline[2] = {0.8, 2.5};

typedef struct setting {
  testudo_law *law;
  testudo_delay_model model;
  testudo_design *design;
  testudo_latency *latency;
  testudo_simulation *simulation;
} setting;

static void start_with(setting *s, testudo_design *design, const testudo_delay_model *model, const char *law,
                       int64_t trials, int64_t max_states)
{
  s->law = law_of(law);
  s->model = *model;
  s->model.law = s->law;
  s->design = design;
  testudo_analysis_options exact = {.max_states = max_states, .rel_error = 1e-9};
  assert_ok(testudo_latency_create(design, &s->model, &exact, &s->latency, NULL));
  testudo_simulation_options options = {.trials = trials, .seed = 40, .threads = 1, .times = deadline,
                                        .time_count = 2, .dim = 3};
  options.decode_trials = testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS ? 0 : 10;
  s->simulation = simulate(design, &s->model, &options);
}

static void start(setting *s, testudo_design *design, const testudo_delay_model *model, const char *law, int64_t trials)
{
  start_with(s, design, model, law, trials, 200000);
}

static testudo_validation *validated(setting *s, double false_alarm)
{
  testudo_validation *validation = NULL;
  assert_ok(testudo_validate(s->latency, s->design, &s->model, s->simulation, deadline, 2, false_alarm, &validation,
                             NULL));
  return validation;
}

static void stop(setting *s)
{
  testudo_simulation_free(s->simulation);
  testudo_latency_free(s->latency);
  testudo_design_free(s->design);
  testudo_law_free(s->law);
}

static const testudo_check *find(const testudo_validation *validation, const char *quantity)
{
  for (size_t k = 0; k < validation->checks; k++)
    if (strcmp(validation->check[k].quantity, quantity) == 0)
      return &validation->check[k];
  print_error("no check of %s\n", quantity);
  fail();
  return NULL;
}

static void an_exact_law_gets_every_check(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_PARTIAL, 10, 3, 1, 0), &(testudo_delay_model){0}, "exp:1", 20000);
  testudo_validation *v = validated(&s, 1e-6);
  assert_true(v->agrees == 1 && v->false_alarm == 1e-6);
  assert_int_equal(v->checks, 1 + 9 + 2 + 2 * 2);
  for (size_t k = 0; k < v->checks; k++)
    assert_true(v->check[k].holds == 1 && v->check[k].p > 1e-6 && v->check[k].p <= 1.0);
  const testudo_check *mean = find(v, "mean");
  assert_close(mean->analyzed_lower, 1.48198247, 1e-8);
  assert_true(mean->analyzed_upper == mean->analyzed_lower && mean->simulated == s.simulation->mean);
  assert_close(mean->z, (mean->simulated - mean->analyzed_lower) / s.simulation->stderr_mean, 0.05);
  assert_true(find(v, "deviation")->simulated == s.simulation->stddev && isnan(find(v, "P(never)")->z));
  assert_true(v->mean_untested == NULL && v->deviation_untested == NULL);
  /* (5.6 + 1.6) standard errors of the mean, and of a share of one half. */
  assert_close(v->detects_mean, 7.2 * s.simulation->stderr_mean / 1.48198247, 0.03);
  assert_close(v->detects_probability, 7.2 * 0.5 / sqrt(20000.0), 0.03);
  /* docs/theory/latency.md#expected-error: 10 chunks, places 1, 2, 3. */
  double missed = 10.0 * exp(-0.8) * exp(-0.4) * exp(-0.8 / 3.0);
  assert_close(find(v, "mse(0.8)")->analyzed_lower, missed, 1e-12);
  assert_true(find(v, "mse(2.5)")->simulated == s.simulation->mse[1]);
  assert_true(find(v, "P(error(0.8)>0)")->simulated == (double)s.simulation->error_trials[0] / 20000.0);
  assert_true(find(v, "P(never)")->simulated == 0.0);
  for (int k = 0; k < 9; k++)
    assert_close(v->check[1 + k].analyzed_lower, 0.1 * (k + 1), 1e-9);
  testudo_validation_free(v);
  stop(&s);
}

static void failures_leave_quantiles_of_the_finite_part(void **state)
{
  (void)state;
  setting s;
  testudo_delay_model failing = {.failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  start(&s, cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0), &failing, "shifted-exp:0.2,1.5", 30000);
  testudo_validation *v = validated(&s, 1e-6);
  assert_true(v->agrees == 1);
  const testudo_check *never = find(v, "P(never)");
  assert_true(never->analyzed_lower > 0.1 && never->analyzed_lower < 0.9);
  assert_close(v->check[1].analyzed_lower, 0.1 * (1.0 - never->analyzed_lower), 1e-9);
  testudo_validation_free(v);
  stop(&s);
  testudo_delay_model all = {.failures = TESTUDO_FAILURES_EXACTLY, .failed = 6};
  start(&s, cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0), &all, "exp:1", 500);
  v = validated(&s, 1e-6);
  /* Nothing is ever finished: no quantile and no mean to compare, everything else certain. */
  assert_true(v->agrees == 1);
  assert_int_equal(v->checks, 1 + 2 * 2);
  assert_string_equal(v->mean_untested, "no trial ends");
  assert_true(find(v, "mse(2.5)")->simulated == 12.0);
  testudo_validation_free(v);
  stop(&s);
}

static double mean_bound(setting *s, bool upper)
{
  testudo_summary summary;
  assert_ok(testudo_latency_summary(s->latency, &summary, NULL));
  return upper ? summary.upper : summary.lower;
}

static void bounds_are_tested_one_sided(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 0, 0);
  setting s;
  start_with(&s, irregular_design(&random, TESTUDO_SCHEME_PARTIAL, 9, 11, 3, 1, 0), &(testudo_delay_model){0}, "exp:1",
             20000, 1);
  assert_false(testudo_latency_is_exact(s.latency));
  testudo_validation *v = validated(&s, 1e-6);
  assert_true(v->agrees == 1);
  assert_int_equal(v->checks, 1 + 9 + 1 + 2 * 2);
  const testudo_check *mean = find(v, "mean");
  assert_true(mean->analyzed_lower < mean->simulated && mean->simulated < mean->analyzed_upper && mean->p == 1.0);
  assert_string_equal(v->deviation_untested, "it is not known");
  assert_true(v->check[5].analyzed_lower < v->check[5].analyzed_upper);
  testudo_validation_free(v);
  /* Outside of the bounds by a little, on either side. */
  double seen = s.simulation->mean;
  for (int k = 0; k < 2; k++) {
    s.simulation->mean = k == 0 ? mean_bound(&s, false) * 0.94 : mean_bound(&s, true) * 1.06;
    v = validated(&s, 1e-6);
    assert_true(v->agrees == 0 && find(v, "mean")->holds == 0 && (find(v, "mean")->z > 0.0) == (k == 1));
    testudo_validation_free(v);
  }
  s.simulation->mean = seen;
  stop(&s);
}

static void a_wrong_number_is_found(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_PARTIAL, 10, 3, 1, 0), &(testudo_delay_model){0}, "exp:1", 20000);
  s.simulation->mean *= 1.05;
  testudo_validation *v = validated(&s, 1e-6);
  assert_false(v->agrees != 0 || find(v, "mean")->holds);
  assert_true(find(v, "P(never)")->holds);
  testudo_validation_free(v);
  s.simulation->mean /= 1.05;
  s.simulation->mse[0] *= 1.2;
  v = validated(&s, 1e-6);
  assert_false(v->agrees != 0 || find(v, "mse(0.8)")->holds);
  testudo_validation_free(v);
  s.simulation->mse[0] /= 1.2;
  s.simulation->error_trials[1] += 1500;
  v = validated(&s, 1e-6);
  assert_false(v->agrees != 0 || find(v, "P(error(2.5)>0)")->holds);
  testudo_validation_free(v);
  s.simulation->error_trials[1] -= 1500;
  s.simulation->never = 1;
  v = validated(&s, 1e-6);
  assert_false(v->agrees != 0 || find(v, "P(never)")->holds);
  testudo_validation_free(v);
  s.simulation->never = 0;
  s.simulation->decode.failures = 1;
  v = validated(&s, 1e-6);
  assert_true(v->agrees == 0);
  for (size_t k = 0; k < v->checks; k++)
    assert_true(v->check[k].holds);
  testudo_validation_free(v);
  stop(&s);
}

/* One trial rejects only what cannot be. */
static void one_trial_decides_nothing(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 0), &(testudo_delay_model){0}, "exp:1", 1);
  testudo_validation *v = validated(&s, 1e-6);
  assert_int_equal(v->agrees, -1);
  testudo_validation_free(v);
  s.simulation->never = 1;
  v = validated(&s, 1e-6);
  assert_int_equal(v->agrees, 0);
  testudo_validation_free(v);
  s.simulation->never = 0;
  stop(&s);
  /* Times that are all alike need no more. */
  start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 3, 1, 1, 0), &(testudo_delay_model){0}, "deterministic:2", 1);
  v = validated(&s, 1e-6);
  assert_true(v->agrees == 1 && v->detects_mean == 0.0 && v->detects_probability == 0.0);
  assert_string_equal(v->deviation_untested, "all times are alike");
  testudo_validation_free(v);
  s.simulation->mean *= 1.0 + 1e-9;
  v = validated(&s, 1e-6);
  assert_true(v->agrees == 0 && find(v, "mean")->p == 0.0);
  testudo_validation_free(v);
  stop(&s);
}

typedef struct wrong_number {
  int32_t workers, wait;
  const char *law, *quantity;
  double stated, right;
  int64_t trials;
} wrong_number;

/* Numbers that an analysis once stated as exact, against trials of the same law; the right ones pass. */
static void numbers_that_were_stated_wrongly_are_rejected(void **state)
{
  (void)state;
  static const wrong_number wrong[] = {
      {100, 100, "weibull:300,1", "deviation", 0.00723, 0.00078192, 20000},
      {10, 10, "shifted-exp:1e6,1e6", "deviation", 0.0, 1.2449e-6, 20000},
      {100, 90, "lognormal:0,0.003", "mean", 11.0413753 / 11.0, 11.0413124 / 11.0, 400000},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    setting s;
    const wrong_number *w = &wrong[k];
    testudo_summary summary = {.status = TESTUDO_MEAN_EXACT};
    bool mean = strcmp(w->quantity, "mean") == 0;
    start(&s, cyclic_design(w->wait < w->workers ? TESTUDO_SCHEME_IGNORE_STRAGGLERS : TESTUDO_SCHEME_UNCODED,
                            w->workers, 1, 1, w->wait),
          &(testudo_delay_model){0}, w->law, w->trials);
    for (int right = 0; right < 2; right++) {
      double value = right ? w->right : w->stated;
      testudo_validation *v;
      summary.mean = summary.lower = summary.upper = mean ? value : s.simulation->mean;
      summary.stddev = summary.stddev_lower = summary.stddev_upper = mean ? s.simulation->stddev : value;
      assert_ok(testudo_i_validate_stated(s.latency, &summary, s.design, &s.model, s.simulation, deadline, 2, 1e-6, &v,
                                          NULL));
      assert_int_equal(find(v, w->quantity)->holds, right);
      testudo_validation_free(v);
    }
    stop(&s);
  }
}

static void tails_too_heavy_for_the_trials_are_said(void **state)
{
  (void)state;
  static const struct {
    const char *law, *mean, *deviation;
  } heavy[] = {{"pareto:1,0.9", "it is infinite", "it is infinite"},
               {"pareto:1,1.5", "the deviation is infinite", "it is infinite"},
               {"pareto:1,2.5", "the tail is too heavy for so few trials", "the fourth moment is infinite"},
               {"lognormal:0,3", "the tail is too heavy for so few trials",
                "the tail is too heavy for so few trials"}};
  for (int k = 0; k < 4; k++) {
    setting s;
    start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 0), &(testudo_delay_model){0}, heavy[k].law, 20000);
    testudo_validation *v = validated(&s, 1e-6);
    assert_string_equal(v->mean_untested, heavy[k].mean);
    assert_string_equal(v->deviation_untested, heavy[k].deviation);
    assert_true(isnan(v->detects_mean) && v->agrees == 1);
    testudo_validation_free(v);
    stop(&s);
  }
}

/* All tests hold, but the decoder refused what the rule calls decodable. */
static void a_decoder_that_refuses_is_a_disagreement(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_PARTIAL, 10, 3, 1, 0), &(testudo_delay_model){0}, "exp:1", 20000);
  for (int refused = 0; refused < 2; refused++) {
    s.simulation->decode.refused = refused;
    testudo_validation *v = validated(&s, 1e-6);
    assert_int_equal(v->agrees, !refused);
    assert_int_equal(v->check[0].holds, 1);
    testudo_validation_free(v);
  }
  stop(&s);
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  setting s;
  start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 4, 1, 1, 0), &(testudo_delay_model){0}, "exp:1", 100);
  testudo_validation *v = (testudo_validation *)1;
  static const double alarm[4] = {0.0, 1.0, -1.0, NAN};
  testudo_error error;
  for (int k = 0; k < 4; k++) {
    assert_status(testudo_validate(s.latency, s.design, &s.model, s.simulation, deadline, 2, alarm[k], &v, &error),
                  TESTUDO_ERROR_ARGUMENT);
    assert_null(v);
    assert_non_null(strstr(error.text, "false_alarm"));
  }
  assert_status(testudo_validate(s.latency, s.design, &s.model, s.simulation, deadline, 1, 1e-6, &v, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "1 deadlines"));
  /* A hundred trials reject nothing, and would not. */
  v = validated(&s, 1e-6);
  assert_true(v->agrees == -1 && v->detects_probability > TESTUDO_VALIDATE_DETECTS);
  for (size_t k = 0; k < v->checks; k++)
    assert_int_equal(v->check[k].holds, -1);
  testudo_validation_free(v);
  testudo_validation_free(NULL);
  stop(&s);
  /* Of a narrow law they would show a wrong mean, and yet no wrong probability. */
  start(&s, cyclic_design(TESTUDO_SCHEME_UNCODED, 4, 1, 1, 0), &(testudo_delay_model){0}, "shifted-exp:100,1", 100);
  v = validated(&s, 1e-6);
  assert_true(v->detects_mean <= TESTUDO_VALIDATE_DETECTS && v->detects_probability > TESTUDO_VALIDATE_DETECTS);
  assert_int_equal(v->agrees, -1);
  testudo_validation_free(v);
  stop(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_exact_law_gets_every_check),
      cmocka_unit_test(failures_leave_quantiles_of_the_finite_part),
      cmocka_unit_test(bounds_are_tested_one_sided),
      cmocka_unit_test(a_wrong_number_is_found),
      cmocka_unit_test(one_trial_decides_nothing),
      cmocka_unit_test(numbers_that_were_stated_wrongly_are_rejected),
      cmocka_unit_test(tails_too_heavy_for_the_trials_are_said),
      cmocka_unit_test(a_decoder_that_refuses_is_a_disagreement),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
