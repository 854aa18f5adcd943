/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks finer than workers, where no exact law is small enough: docs/theory/orders.md#which-order-when by Monte Carlo,
   within four of its standard errors. */
#include "check.h"

#include <testudo/code.h>
#include <testudo/optimize.h>
#include <testudo/sample.h>

static testudo_design *design_by(int32_t size, int32_t c, int32_t parts, const testudo_slot_order *order)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_by_slots(24, 24 * c, size, size, order, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static void simulate(const testudo_design *design, const testudo_delay_model *model, double *mean, double *stderr_mean)
{
  const testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = 20000, .seed = 3, .dim = 1};
  testudo_simulation *simulation;
  assert_ok(testudo_simulate(design, model, &options, &simulation, NULL));
  *mean = simulation->mean;
  *stderr_mean = simulation->stderr_mean;
  testudo_simulation_free(simulation);
}

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static void check_case(int32_t size, int32_t c, int32_t parts, testudo_slot_order order, const char *text, double t,
                       double wanted)
{
  testudo_law *law = law_of(text);
  testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  testudo_draft_law *late = NULL;
  double mean, stderr_mean;
  testudo_design *design = design_by(size, c, parts, &order);
  if (t >= 0) {
    testudo_assignment plain;
    assert_ok(testudo_design_orders(design, &plain, NULL));
    assert_ok(testudo_draft_law_create(&plain, parts, &model, t, NULL, &late, NULL));
    testudo_assignment_free(&plain);
    testudo_design_free(design);
    order.undone = testudo_draft_law_undone;
    order.context = late;
    design = design_by(size, c, parts, &order);
  }
  simulate(design, &model, &mean, &stderr_mean);
  testudo_draft_law_free(late);
  /* The values of the theory have an error of their own, .0005. */
  assert_near(mean, wanted, 4 * sqrt(stderr_mean * stderr_mean + 2.5e-7));
  testudo_design_free(design);
  testudo_law_free(law);
}

static void equals_the_check_values(void **state)
{
  (void)state;
  const testudo_slot_order draft = {.rule = TESTUDO_SLOTS_DRAFT}, pairs = {.rule = TESTUDO_SLOTS_MIRROR, .twins = 2};
  const testudo_slot_order back_xor = {.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_XOR};
  const testudo_slot_order sixes = {.rule = TESTUDO_SLOTS_DRAFT, .twins = 2, .shortened = true, .foreign = 8};
  check_case(2, 16, 1, (testudo_slot_order){.rule = TESTUDO_SLOTS_MIRROR}, "exp:1", -1, 1.92630182);
  check_case(4, 8, 1, (testudo_slot_order){.rule = TESTUDO_SLOTS_STEAL}, "exp:1", -1, 1.3517);
  check_case(4, 8, 1, draft, "exp:1", -1, 1.3089);
  check_case(6, 8, 1, (testudo_slot_order){.rule = TESTUDO_SLOTS_UNEVEN}, "exp:1", -1, 1.2552);
  check_case(4, 8, 2, pairs, "exp:1", -1, 2.9961);
  check_case(4, 8, 2, pairs, "shifted-exp:1,1", -1, 5.279);
  check_case(4, 8, 2, back_xor, "exp:1", -1, 3.331);
  check_case(6, 8, 2, sixes, "shifted-exp:1,1", 8, 5.1357);
  check_case(4, 8, 1, back_xor, "pareto:1,1.5", -1, 3.4385);
  check_case(4, 8, 2, pairs, "pareto:1,1.5", -1, 6.2540);
  check_case(4, 8, 1, draft, "shifted-exp:1,1", 4.5, 2.8173);
  check_case(4, 8, 1, draft, "shifted-exp:1,1", 0, 2.8173);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_check_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
