/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion and decoding of gradient codes and of K-of-n, in simulation. */
#include "designs.h"

#include <float.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"
#include "sample/draw.h"
#include "sample/kernels/kernel.h"

static testudo_design *code_of(bool cyclic, int32_t n, int32_t chunks, int32_t s, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  if (cyclic)
    assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  else
    assert_ok(testudo_assignment_frc(n, chunks, s + 1, &assignment, NULL));
  testudo_order_random(&assignment, seed);
  assert_ok(testudo_design_create_gradient_code(&assignment, s, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* cyclic: the (n-s)-th smallest whole time; frc: the last chunk to have one finished holder. */
static double defined_completion(const testudo_i_plan *plan, const double *slot, bool cyclic)
{
  const testudo_design *design = plan->design;
  double *whole = malloc((size_t)design->workers * sizeof *whole), last = 0.0;
  for (int32_t j = 0; j < design->workers; j++) {
    double rate = plan->model->rates == NULL ? 1.0 : plan->model->rates[j];
    whole[j] = plan->timed ? slot[design->row[j + 1] - 1] : testudo_design_load(design, j) * slot[j] / rate;
  }
  for (int32_t i = 0; i < design->chunks && !cyclic; i++) {
    double first = HUGE_VAL;
    for (int32_t h = 0; h < testudo_design_replication(design, i); h++)
      first = fmin(first, whole[testudo_design_holders(design, i)[h]]);
    last = fmax(last, first);
  }
  if (cyclic) {
    qsort(whole, (size_t)design->workers, sizeof *whole, by_value);
    last = whole[design->workers - testudo_design_stragglers(design) - 1];
  }
  free(whole);
  return last;
}

static int compare_lanes(const testudo_design *design, const testudo_delay_model *model, testudo_report report,
                         bool cyclic, uint64_t seed)
{
  testudo_simulation_options options = {.report = report, .trials = 1};
  testudo_i_plan plan;
  testudo_i_failures failures;
  assert_ok(testudo_i_plan_make(&plan, design, model, &options, NULL));
  assert_ok(testudo_i_failures_make(&failures, design->workers, NULL));
  double *lanes = malloc((size_t)plan.slots * 8 * sizeof *lanes), *base = malloc((size_t)plan.slots * sizeof *base);
  double *room = malloc(testudo_i_kernel_room(&plan) * sizeof *room), t8[8], t;
  testudo_i_draw_lanes(&plan, seed, 40, &failures, lanes);
  testudo_i_kernel_lanes(&plan, lanes, t8, NULL, room);
  for (int lane = 0; lane < 8; lane++) {
    testudo_i_draw_base(&plan, seed, 40 + lane, &failures, base);
    testudo_i_kernel_base(&plan, base, &t, NULL, room);
    assert_true(t == t8[lane]);
    assert_true(t == defined_completion(&plan, base, cyclic));
  }
  free(lanes);
  free(base);
  free(room);
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  return 8;
}

typedef struct shape {
  bool cyclic;
  int32_t n, chunks, s;
} shape;

static const shape shapes[] = {{true, 7, 7, 2}, {true, 12, 12, 11}, {true, 9, 9, 0},  {true, 30, 30, 4},
                               {false, 6, 6, 1}, {false, 12, 8, 2}, {false, 8, 8, 7}, {false, 5, 10, 0}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static testudo_delay_model model_of(const testudo_law *law, int variant, const double *rates, int32_t workers)
{
  testudo_delay_model model = {.law = law, .rates = variant / 2 % 2 ? rates : NULL, .workers = workers,
                               .failures = (testudo_failure_kind)(variant % 3)};
  model.structure = variant / 6 % 2 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
  model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0;
  model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.1 : 0.0;
  return model;
}

static void every_code_ends_when_its_rule_says(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 50, TESTUDO_I_FOR_TEST, 0, 0);
  double rates[30];
  for (int j = 0; j < 30; j++)
    rates[j] = 0.4 + testudo_i_random_uniform(&random);
  testudo_law *law = law_of("shifted-exp:0.3,1.7");
  int compared = 0;
  for (int k = 0; k < SHAPES; k++) {
    testudo_design *design = code_of(shapes[k].cyclic, shapes[k].n, shapes[k].chunks, shapes[k].s, 3);
    for (int v = 0; v < 24; v++) {
      testudo_delay_model model = model_of(law, v % 12, rates, shapes[k].n);
      compared += compare_lanes(design, &model, v < 12 ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK,
                                shapes[k].cyclic, testudo_i_random_word(&random));
    }
    testudo_design_free(design);
  }
  assert_int_equal(compared, SHAPES * 24 * 8);
  testudo_law_free(law);
}

static void every_code_decodes_at_T_with_its_amplification(void **state)
{
  (void)state;
  double rates[30];
  for (int j = 0; j < 30; j++)
    rates[j] = 0.7 + 0.03 * j;
  testudo_law *law = law_of("exp:1.3");
  int64_t decodes = 0;
  for (int k = 0; k < SHAPES; k++) {
    testudo_design *design = code_of(shapes[k].cyclic, shapes[k].n, shapes[k].chunks, shapes[k].s, 9);
    for (int v = 0; v < 12; v++) {
      testudo_delay_model model = model_of(law, v, rates, shapes[k].n);
      testudo_simulation_options options = {.trials = 60, .seed = 3, .threads = 1, .decode_trials = 60, .dim = 1 + v};
      testudo_simulation *found = simulate(design, &model, &options);
      const testudo_decode_report *decode = &found->decode;
      assert_int_equal(decode->failures, 0);
      assert_int_equal(decode->refused, 0);
      assert_int_equal(decode->decodes + decode->undecodable, 60);
      assert_int_equal(decode->undecodable, found->never);
      assert_true(decode->max_rel_error <= fmax(1e-9, 100 * DBL_EPSILON * decode->max_amplification));
      /* frc takes one worker per group, with weight 1. */
      if (!shapes[k].cyclic && decode->decodes > 0)
        assert_near(decode->max_amplification, sqrt(shapes[k].n / (shapes[k].s + 1.0)), 1e-14);
      decodes += decode->decodes;
      testudo_simulation_free(found);
    }
    testudo_design_free(design);
  }
  assert_true(decodes > 4000);
  testudo_law_free(law);
}

/* ||a||_2 of the one trial, from the decode vector itself. */
static void the_amplification_is_the_norm_of_the_decode_vector(void **state)
{
  (void)state;
  testudo_design *design = code_of(true, 9, 9, 3, 21);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = {.trials = 1, .seed = 12, .threads = 1, .decode_trials = 1, .dim = 3};
  testudo_simulation *found = simulate(design, &model, &options);
  testudo_i_plan plan;
  testudo_i_failures failures;
  testudo_progress *progress;
  testudo_codec *codec;
  double a[9], slot[9], norm = 0.0;
  assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
  assert_ok(testudo_i_failures_make(&failures, 9, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  testudo_i_draw_base(&plan, 12, 0, &failures, slot);
  for (int32_t j = 0; j < 9; j++)
    if (4 * slot[j] <= found->completion[0])
      assert_ok(testudo_progress_mark(progress, j, 4, NULL));
  assert_ok(testudo_decode_weights(codec, progress, 0, a, NULL));
  for (int32_t j = 0; j < 9; j++)
    norm += a[j] * a[j];
  assert_true(norm > 1.0);
  assert_close(found->decode.max_amplification, sqrt(norm), 1e-12);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  testudo_simulation_free(found);
  testudo_law_free(law);
  testudo_design_free(design);
}

static double *coefficients_of(testudo_design *design)
{
  return ((testudo_i_gradient_code *)design->code)->family.coefficient;
}

static testudo_decode_report decode_all(const testudo_design *design)
{
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = {.trials = 40, .seed = 8, .threads = 2, .decode_trials = 40, .dim = 4};
  testudo_simulation *found = simulate(design, &model, &options);
  testudo_decode_report report = found->decode;
  testudo_simulation_free(found);
  testudo_law_free(law);
  return report;
}

/* Negative control: coefficients of no code are refused, and that is a failure. */
static void a_wrong_code_fails_and_is_not_excused(void **state)
{
  (void)state;
  testudo_design *design = code_of(true, 12, 12, 3, 4);
  assert_int_equal(decode_all(design).failures, 0);
  coefficients_of(design)[17] *= 1.03;
  testudo_decode_report report = decode_all(design);
  assert_true(report.failures > 20);
  assert_int_equal(report.refused, 0);
  testudo_design_free(design);
}

/* Worker 1 holds almost what worker 0 holds: decodable by rule, but only with weights of 1e11. */
static void badly_conditioned_sets_are_counted_apart(void **state)
{
  (void)state;
  testudo_design *design = testudo_i_design_new(&testudo_i_scheme_gradient_code, 2, 3, 1, 6);
  assert_non_null(design);
  static const double rows[3][2] = {{1.0, 0.5}, {1.0, 0.5 + 1e-11}, {-1.0, -0.5 + 1e-11}};
  assert_ok(testudo_i_gradient_code_make(design, 1, "by hand", NULL));
  testudo_i_family *family = &((testudo_i_gradient_code *)design->code)->family;
  family->coefficient = testudo_i_arena_alloc(&design->arena, 6, sizeof *family->coefficient);
  assert_ok(testudo_i_arena_check(&design->arena, NULL));
  for (int32_t e = 0; e < 6; e++) {
    design->order[e] = e % 2;
    family->coefficient[e] = rows[e / 2][e % 2];
    design->row[e / 2 + 1] = 2 * (e / 2 + 1);
  }
  assert_ok(testudo_i_design_finish(design, NULL));
  testudo_decode_report report = decode_all(design);
  assert_int_equal(report.decodes, 40);
  assert_int_equal(report.refused, 40);
  assert_int_equal(report.failures, 0);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_ends_when_its_rule_says),
      cmocka_unit_test(every_code_decodes_at_T_with_its_amplification),
      cmocka_unit_test(the_amplification_is_the_norm_of_the_decode_vector),
      cmocka_unit_test(a_wrong_code_fails_and_is_not_excused),
      cmocka_unit_test(badly_conditioned_sets_are_counted_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
