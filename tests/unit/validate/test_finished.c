/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Validation of schemes in which only finished workers count: what is compared, and what is rejected. */
#include "unit/sample/designs.h"

#include <testudo/code.h>
#include <testudo/validate.h>

enum { TIMES = 3 };

static const double deadline[TIMES] = {0.7, 2.1, 4.4};

typedef enum kind { REPETITION, CYCLIC, WAITING, UNCODED, PARTIAL, KINDS } kind;

static testudo_design *design_of(kind k)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  if (k == REPETITION)
    assert_ok(testudo_assignment_frc(12, 12, 3, &assignment, NULL));
  else if (k == CYCLIC || k == PARTIAL)
    assert_ok(testudo_assignment_cyclic(12, 3, &assignment, NULL));
  else
    assert_ok(testudo_assignment_uncoded(12, 18, &assignment, NULL));
  if (k == REPETITION || k == CYCLIC)
    assert_ok(testudo_design_create_gradient_code(&assignment, 2, 5, "", &design, NULL));
  else if (k == WAITING)
    assert_ok(testudo_design_create_waiting(&assignment, 9, "", &design, NULL));
  else
    assert_ok(testudo_design_create(k == PARTIAL ? TESTUDO_SCHEME_PARTIAL : TESTUDO_SCHEME_UNCODED, &assignment, 1, 1,
                                    "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_delay_model failing(const testudo_law *law, int failures)
{
  return (testudo_delay_model){.law = law, .failures = (testudo_failure_kind)failures,
                               .failed = failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0,
                               .fail_prob = failures == TESTUDO_FAILURES_EACH ? 0.04 : 0.0};
}

/* Simulates `drawn` at exp:rate, and validates it against the analysis of `analyzed` at exp:1. */
static testudo_validation *validated(kind analyzed, kind drawn, const char *rate, int failures, int64_t trials)
{
  testudo_design *left = design_of(analyzed), *right = design_of(drawn);
  testudo_law *one = law_of("exp:1"), *other = law_of(rate);
  testudo_delay_model model = failing(one, failures), moved = failing(other, failures);
  testudo_analysis_options exact = {TESTUDO_REPORT_WHOLE, 200000, 1e-9, NULL};
  testudo_simulation_options options = {.report = TESTUDO_REPORT_WHOLE, .trials = trials, .seed = 9, .threads = 1,
                                        .times = deadline, .time_count = TIMES, .dim = 3};
  options.decode_trials = drawn == WAITING ? 0 : 20;
  testudo_latency *latency;
  testudo_validation *validation;
  assert_ok(testudo_latency_create(left, &model, &exact, &latency, NULL));
  testudo_simulation *simulation = simulate(right, &moved, &options);
  assert_ok(testudo_validate(latency, left, &model, simulation, deadline, TIMES, 1e-6, &validation, NULL));
  testudo_simulation_free(simulation);
  testudo_latency_free(latency);
  testudo_design_free(left);
  testudo_design_free(right);
  testudo_law_free(one);
  testudo_law_free(other);
  return validation;
}

static int errors_compared(const testudo_validation *validation, const char *prefix)
{
  int count = 0;
  for (size_t k = 0; k < validation->checks; k++)
    count += strncmp(validation->check[k].quantity, prefix, strlen(prefix)) == 0;
  return count;
}

/* The error of a least squares has no expectation to be compared with; an error of K of n says nothing of T. */
static void agrees_on_what_can_be_compared(void **state)
{
  (void)state;
  for (int k = 0; k < KINDS; k++)
    for (int failures = 0; failures < 3; failures++) {
      bool solved = k == CYCLIC || k == PARTIAL;
      testudo_validation *v = validated((kind)k, (kind)k, "exp:1", failures, solved ? 2000 : 20000);
      assert_int_equal(v->agrees, 1);
      assert_int_equal(errors_compared(v, "mse("), solved ? 0 : TIMES);
      assert_int_equal(errors_compared(v, "P(error("), solved || k == WAITING ? 0 : TIMES);
      testudo_validation_free(v);
    }
}

static bool one_is_rejected(const testudo_validation *validation, const char *prefix)
{
  bool rejected = false;
  for (size_t k = 0; k < validation->checks; k++)
    rejected = rejected || (!validation->check[k].holds &&
                            strncmp(validation->check[k].quantity, prefix, strlen(prefix)) == 0);
  return rejected;
}

/* Negative controls, through the completion time and through the error alone. */
static void rejects_a_rate_3_percent_off_and_another_scheme(void **state)
{
  (void)state;
  static const kind counted[] = {REPETITION, WAITING, UNCODED};
  for (int k = 0; k < 3; k++) {
    testudo_validation *v = validated(counted[k], counted[k], "exp:1.03", TESTUDO_FAILURES_NONE, 100000);
    assert_int_equal(v->agrees, 0);
    assert_true(one_is_rejected(v, "P(T<="));
    assert_true(one_is_rejected(v, "mse("));
    testudo_validation_free(v);
  }
  testudo_validation *v = validated(WAITING, UNCODED, "exp:1", TESTUDO_FAILURES_NONE, 20000);
  assert_int_equal(v->agrees, 0);
  assert_false(one_is_rejected(v, "mse("));
  testudo_validation_free(v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_on_what_can_be_compared),
      cmocka_unit_test(rejects_a_rate_3_percent_off_and_another_scheme),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
