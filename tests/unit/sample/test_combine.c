/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines of approximate codes: the simulated error against exact means, and real sums against their promise. */
#include "check.h"

#include <testudo/approximate.h>
#include <testudo/sample.h>

static testudo_design *design_over(testudo_assignment *a)
{
  testudo_design *design;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, a, 1, 1, "", &design, NULL));
  testudo_assignment_free(a);
  return design;
}

static testudo_design *expander(void)
{
  testudo_assignment a;
  assert_ok(testudo_assignment_expander(20, 30, 4, 2, 2, NULL, &a, NULL));
  return design_over(&a);
}

static testudo_design *graph(void)
{
  testudo_assignment a;
  assert_ok(testudo_assignment_graph(16, 3, 1, NULL, &a, NULL));
  return design_over(&a);
}

static const double times[] = {3.0, 9.0, 5.0};
enum { TIMES = 3 };

static testudo_simulation *simulate(const testudo_design *design, testudo_decoder decoder, bool combine,
                                    int64_t trials, int32_t threads)
{
  testudo_law *law;
  testudo_simulation *simulation;
  testudo_error error = {""};
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_SCALED};
  testudo_simulation_options options = {.report = TESTUDO_REPORT_WHOLE, .trials = trials, .seed = 11,
                                        .threads = threads, .times = times, .time_count = TIMES,
                                        .decode_trials = combine ? trials : 0, .dim = 24, .decoder = decoder,
                                        .combine = combine};
  if (testudo_simulate(design, &model, &options, &simulation, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  testudo_law_free(law);
  return simulation;
}

/* Workers of 6 chunks finish by t with chance 1 - exp(-t / 6), independently: the exact mean of one-step decoding.
   Within 6 standard errors (2e-9 a number); a rate 3 % off is not. */
static void one_step_has_its_exact_mean(void **state)
{
  (void)state;
  testudo_design *design = expander();
  testudo_simulation *simulation = simulate(design, TESTUDO_DECODER_ONE_STEP, false, 60000, 0);
  for (int k = 0; k < TIMES; k++) {
    double wanted, off, aligned;
    assert_ok(testudo_one_step_error_independent(design, exp(-times[k] / 6.0), &wanted, &aligned, NULL));
    assert_ok(testudo_one_step_error_independent(design, exp(-times[k] * 1.03 / 6.0), &off, &aligned, NULL));
    assert_near(simulation->mse[k], wanted, 6.0 * simulation->mse_stderr[k]);
    assert_true(fabs(simulation->mse[k] - off) > 6.0 * simulation->mse_stderr[k]);
  }
  testudo_simulation_free(simulation);
  testudo_design_free(design);
}

static void optimal_and_component_leave_the_same_and_less(void **state)
{
  (void)state;
  testudo_design *design = graph();
  testudo_simulation *exact = simulate(design, TESTUDO_DECODER_EXACT, false, 3000, 0);
  testudo_simulation *optimal = simulate(design, TESTUDO_DECODER_OPTIMAL, false, 3000, 0);
  testudo_simulation *one_step = simulate(design, TESTUDO_DECODER_ONE_STEP, false, 3000, 0);
  testudo_simulation *component = simulate(design, TESTUDO_DECODER_COMPONENT, false, 3000, 0);
  for (int k = 0; k < TIMES; k++) {
    assert_true(exact->mse[k] == optimal->mse[k]);
    assert_near(optimal->mse[k], component->mse[k], 1e-10);
    assert_true(optimal->mse[k] < one_step->mse[k]);
    assert_true(optimal->error_trials[k] == component->error_trials[k]);
  }
  testudo_simulation_free(exact);
  testudo_simulation_free(optimal);
  testudo_simulation_free(one_step);
  testudo_simulation_free(component);
  testudo_design_free(design);
}

/* Groups that hold the same chunks: optimal is decided by cover, component by nothing else than the same sets. */
static void the_short_way_over_groups_is_right(void **state)
{
  (void)state;
  testudo_assignment a;
  assert_ok(testudo_assignment_frc(12, 8, 3, &a, NULL));
  testudo_design *design = design_over(&a);
  testudo_simulation *cover = simulate(design, TESTUDO_DECODER_OPTIMAL, false, 3000, 0);
  testudo_simulation *component = simulate(design, TESTUDO_DECODER_COMPONENT, false, 3000, 0);
  for (int k = 0; k < TIMES; k++)
    assert_near(cover->mse[k], component->mse[k], 1e-10);
  testudo_simulation_free(cover);
  testudo_simulation_free(component);
  testudo_design_free(design);
}

/* ||estimate - gradient||^2 / dim is sum (c_i - 1)^2 times a chi-square of 24 over 24, of spread sqrt(2 / 24) =
   0.29: over the n trials that have an error 2 / sqrt(n) is seven standard deviations. */
static void real_sums_keep_their_promise(void **state)
{
  (void)state;
  for (int d = TESTUDO_DECODER_EXACT; d <= TESTUDO_DECODER_COMPONENT; d++) {
    testudo_design *design = d == TESTUDO_DECODER_COMPONENT ? graph() : expander();
    testudo_simulation *one = simulate(design, (testudo_decoder)d, true, 4000, 1);
    testudo_simulation *two = simulate(design, (testudo_decoder)d, true, 4000, 3);
    assert_true(one->decode.decodes == 4000 * TIMES && one->decode.failures == 0);
    assert_true(one->decode.max_rel_error < 1e-12 && one->decode.max_amplification > 1.0);
    for (int k = 0; k < TIMES; k++) {
      double allowed = 2.0 / sqrt(fmax(1.0, (double)one->error_trials[k]));
      assert_near(one->combined_mse[k], one->mse[k], allowed * one->mse[k] + 1e-20);
      assert_true(one->combined_mse[k] == two->combined_mse[k] && one->mse[k] == two->mse[k]);
    }
    assert_true(one->decode.max_rel_error == two->decode.max_rel_error);
    testudo_simulation_free(one);
    testudo_simulation_free(two);
    testudo_design_free(design);
  }
}

static void refused(const testudo_design *design, testudo_simulation_options options, const char *word)
{
  testudo_law *law;
  testudo_simulation *simulation;
  testudo_error error = {""};
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_SCALED};
  options.trials = 10;
  options.dim = 4;
  assert_status(testudo_simulate(design, &model, &options, &simulation, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, word));
  assert_null(simulation);
  testudo_law_free(law);
}

static void decoders_are_refused_where_they_do_not_apply(void **state)
{
  (void)state;
  testudo_design *design = expander();
  testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .decoder = TESTUDO_DECODER_ONE_STEP,
                                        .times = times, .time_count = TIMES};
  refused(design, options, "one part and report whole");
  options.report = TESTUDO_REPORT_WHOLE;
  options.decoder = TESTUDO_DECODER_COMPONENT;
  refused(design, options, "at most 2 chunks");
  options.decoder = TESTUDO_DECODER_OPTIMAL;
  options.combine = true;
  refused(design, options, "give times and decode_trials");
  options.decode_trials = 5;
  options.time_count = 0;
  refused(design, options, "give times and decode_trials");
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_step_has_its_exact_mean),
      cmocka_unit_test(optimal_and_component_leave_the_same_and_less),
      cmocka_unit_test(the_short_way_over_groups_is_right),
      cmocka_unit_test(real_sums_keep_their_promise),
      cmocka_unit_test(decoders_are_refused_where_they_do_not_apply),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
