/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that run the real encoder and decoder. */
#include "designs.h"

#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"

static testudo_simulation_options decoding(int64_t trials, int64_t decode_trials, int64_t dim)
{
  return (testudo_simulation_options){.trials = trials, .seed = 77, .threads = 1, .decode_trials = decode_trials,
                                      .dim = dim};
}

static void every_scheme_model_and_report_decodes_at_T(void **state)
{
  (void)state;
  static const char *const text[3] = {"exp:1", "shifted-exp:0.5,2", "deterministic:0.1"};
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 0, 0);
  int64_t decodes = 0;
  for (int k = 0; k < 48; k++) {
    int32_t l = 1 + k % 4, m = l + 3 + k % 5, n = 1 + k % 9;
    bool uncoded = k % 8 == 0;
    testudo_design *design = irregular_design(&random, uncoded ? TESTUDO_SCHEME_UNCODED : TESTUDO_SCHEME_PARTIAL, m, n,
                                              uncoded ? 1 : l + k % 3, uncoded ? 1 : l, 0);
    testudo_law *law = law_of(text[k % 3]);
    double rates[16];
    for (int j = 0; j < 16; j++)
      rates[j] = 0.5 + testudo_i_random_uniform(&random);
    testudo_delay_model model = {.law = law, .rates = k / 6 % 2 ? rates : NULL, .workers = m,
                                 .failures = (testudo_failure_kind)(k % 3)};
    model.structure = k / 3 % 2 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
    model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0;
    model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.1 : 0.0;
    testudo_simulation_options options = decoding(60, 50, 1 + 5 * (k % 7));
    options.report = k / 12 % 2 ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
    options.round_up = k % 5 == 0 ? 0.25 : 0.0;
    testudo_simulation *found = simulate(design, &model, &options);
    if (found->decode.failures != 0)
      print_error("case %d: %d of %d decodes failed, largest error %g\n", k, (int)found->decode.failures,
                  (int)found->decode.decodes, found->decode.max_rel_error);
    assert_int_equal(found->decode.failures, 0);
    assert_int_equal(found->decode.decodes + found->decode.undecodable, 50);
    assert_true(found->decode.max_rel_error <= fmax(1e-9, 3e-14 * found->decode.max_amplification));
    assert_true(found->decode.decodes == 0 || found->decode.max_amplification >= 1.0);
    decodes += found->decode.decodes;
    testudo_simulation_free(found);
    testudo_law_free(law);
    testudo_design_free(design);
  }
  assert_true(decodes > 1500);
}

static void undecodable_trials_are_those_that_never_complete(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  testudo_simulation_options options = decoding(500, 500, 4);
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->never > 50 && found->never < 450);
  assert_int_equal(found->decode.undecodable, found->never);
  assert_int_equal(found->decode.decodes, 500 - found->never);
  assert_int_equal(found->decode.failures, 0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void decoding_changes_no_other_number_and_no_thread_changes_decoding(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 9, 4, 3, 0);
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = decoding(3000, 0, 0);
  testudo_simulation *without = simulate(design, &model, &options);
  options.decode_trials = 400;
  options.dim = 10;
  testudo_simulation *with = simulate(design, &model, &options);
  options.threads = 3;
  testudo_simulation *three = simulate(design, &model, &options);
  assert_int_equal(without->decode.decodes, 0);
  assert_memory_equal(&without->mean, &with->mean, sizeof(double));
  assert_memory_equal(&with->decode, &three->decode, sizeof with->decode);
  assert_int_equal(with->decode.decodes, 400);
  assert_true(with->decode.max_rel_error > 0.0 && with->decode.max_rel_error < 1e-9);
  testudo_simulation_free(without);
  testudo_simulation_free(with);
  testudo_simulation_free(three);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* A code that cannot decode although every chunk is covered: both rows of R equal, so no two columns ever span. The
   decoder refuses it, as it promises. */
static void a_code_that_cannot_decode_is_counted_as_refused(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0);
  double *matrix = ((testudo_i_partial_code *)design->code)->matrix;
  for (int32_t j = 0; j < 6; j++)
    matrix[6 + j] = matrix[j];
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = decoding(40, 40, 6);
  testudo_simulation *found = simulate(design, &model, &options);
  assert_int_equal(found->decode.decodes, 40);
  assert_true(found->decode.refused == 40 && found->decode.failures == 0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void estimating_schemes_have_nothing_to_decode(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_IGNORE_STRAGGLERS, 6, 1, 1, 4);
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = decoding(40, 1, 6);
  testudo_simulation *found;
  testudo_error error;
  assert_status(testudo_simulate(design, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "ignore-stragglers"));
  testudo_design_free(design);
  testudo_law_free(law);
}

static int steps_left;

static bool step_down(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return --steps_left > 0;
}

static void an_interrupt_while_decoding_keeps_the_latencies(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0);
  testudo_delay_model model = {.law = law};
  testudo_monitor monitor = {.step = step_down};
  testudo_simulation_options options = decoding(1000, 1000, 6);
  options.monitor = &monitor;
  steps_left = 20;
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->interrupted && found->trials == 1000);
  assert_true(found->decode.decodes > 0 && found->decode.decodes < 1000 && found->decode.failures == 0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Columns 0 and 1 of R parallel to within `apart`: where workers 0 and 1 alone have done chunk 1 the decoder refuses,
   and only there. */
static void nearly_parallel_columns_are_refused_beyond_the_limit(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  for (int beyond = 0; beyond < 2; beyond++) {
    double apart = beyond ? 1e-9 : 1e-7;
    testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0);
    double *matrix = ((testudo_i_partial_code *)design->code)->matrix;
    matrix[0] = 1.0;
    matrix[1] = 2.0;
    matrix[6] = 0.5;
    matrix[7] = 1.0 + apart;
    testudo_delay_model model = {.law = law};
    testudo_simulation_options options = decoding(400, 400, 6);
    testudo_simulation *found = simulate(design, &model, &options);
    assert_int_equal(found->decode.decodes, 400);
    assert_int_equal(found->decode.failures, 0);
    assert_true(beyond ? found->decode.refused > 20 && found->decode.refused < 380 : found->decode.refused == 0);
    assert_true(beyond ? found->decode.max_amplification < 1e8 : found->decode.max_amplification > 1e6);
    testudo_error error = {""};
    assert_status(testudo_i_scheme_of(design)->check(design, &error), beyond ? TESTUDO_ERROR_INPUT : TESTUDO_OK);
    assert_true(!beyond || strstr(error.text, "workers 0 and 1 do not decode chunk 1") != NULL);
    testudo_simulation_free(found);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* No two columns are parallel, but three are dependent. */
static void dependent_columns_are_found_where_the_sets_are_few(void **state)
{
  (void)state;
  testudo_error error = {""};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 7, 4, 3, 0);
  double *matrix = ((testudo_i_partial_code *)design->code)->matrix;
  assert_ok(testudo_i_scheme_of(design)->check(design, &error));
  for (int k = 0; k < 3; k++)
    matrix[7 * k + 4] = matrix[7 * k + 2] - 3.0 * matrix[7 * k + 3];
  assert_status(testudo_i_scheme_of(design)->check(design, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "workers 2, 3, 4 are not independent"));
  assert_non_null(strstr(error.text, "chunk 4"));
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_scheme_model_and_report_decodes_at_T),
      cmocka_unit_test(undecodable_trials_are_those_that_never_complete),
      cmocka_unit_test(decoding_changes_no_other_number_and_no_thread_changes_decoding),
      cmocka_unit_test(a_code_that_cannot_decode_is_counted_as_refused),
      cmocka_unit_test(nearly_parallel_columns_are_refused_beyond_the_limit),
      cmocka_unit_test(dependent_columns_are_found_where_the_sets_are_few),
      cmocka_unit_test(estimating_schemes_have_nothing_to_decode),
      cmocka_unit_test(an_interrupt_while_decoding_keeps_the_latencies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
