/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks finer than workers: the exact values of docs/theory/orders.md#which-order-when, and which order is best. With
   TESTUDO_LONG=1 all of the large ones. */
#include "check.h"

#include "unit/exact/cases.h"

/* `workers` in groups of `size` that have c chunks a share. */
static double mean_of(int32_t workers, int32_t size, int32_t c, int32_t parts, testudo_slot_order order,
                      const char *law_text)
{
  testudo_assignment assignment;
  testudo_latency *latency;
  testudo_summary summary;
  assert_ok(testudo_assignment_frc(workers, c * workers, size, &assignment, NULL));
  assert_ok(testudo_order_by_slots(&assignment, &order, NULL));
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
  testudo_law *law = law_of(law_text);
  testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
  assert_true(testudo_latency_is_exact(latency));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
  return summary.mean;
}

static const testudo_slot_order steal = {.rule = TESTUDO_SLOTS_STEAL, .pairing = TESTUDO_PAIRING_ADDED};
static const testudo_slot_order back = {.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_ADDED};
static const testudo_slot_order steal_xor = {.rule = TESTUDO_SLOTS_STEAL, .pairing = TESTUDO_PAIRING_XOR};
static const testudo_slot_order back_xor = {.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_XOR};
static const testudo_slot_order mirror = {.rule = TESTUDO_SLOTS_MIRROR};
static const testudo_slot_order draft = {.rule = TESTUDO_SLOTS_DRAFT};

static void equals_the_check_values(void **state)
{
  (void)state;
  const struct {
    int32_t workers, size, c, parts;
    const testudo_slot_order *order;
    const char *law;
    double mean;
  } cases[] = {
      {3, 3, 1, 1, &steal, "exp:1", 0.76969697},       {3, 3, 2, 1, &steal, "exp:1", 0.68902872},
      {3, 3, 2, 1, &back, "exp:1", 0.70154786},        {3, 3, 4, 1, &steal, "exp:1", 0.65514542},
      {4, 4, 1, 1, &back_xor, "exp:1", 0.72952381},    {4, 4, 2, 1, &steal, "exp:1", 0.67076004},
      {4, 4, 2, 1, &steal_xor, "exp:1", 0.66942969},   {4, 4, 2, 1, &back, "exp:1", 0.67522640},
      {4, 4, 2, 1, &back_xor, "exp:1", 0.66846602},    {4, 4, 4, 1, &steal, "exp:1", 0.64368447},
      {4, 4, 4, 1, &steal_xor, "exp:1", 0.64349428},   {4, 4, 4, 1, &back_xor, "exp:1", 0.63908406},
      {4, 4, 4, 1, &draft, "exp:1", 0.62793511},
      {24, 2, 1, 1, &mirror, "exp:1", 2.41061061},     {24, 2, 2, 1, &mirror, "exp:1", 2.14110299},
      {24, 2, 4, 1, &mirror, "exp:1", 2.01717860},     {24, 2, 8, 1, &mirror, "exp:1", 1.95634714},
      {24, 4, 2, 1, &steal, "exp:1", 1.43209769},      {24, 4, 4, 1, &steal, "exp:1", 1.37649564},
      {24, 4, 2, 1, &steal_xor, "exp:1", 1.42866510},  {24, 4, 4, 1, &steal_xor, "exp:1", 1.37597155},
      {24, 4, 2, 1, &back_xor, "exp:1", 1.46070378},   {24, 4, 4, 1, &back_xor, "exp:1", 1.39059872},
      {24, 4, 1, 1, &back_xor, "shifted-exp:1,1", 3.63531438},
      {24, 4, 2, 1, &steal, "shifted-exp:1,1", 3.04857363},
      {24, 2, 4, 1, &mirror, "shifted-exp:1,1", 3.18265928},
      {3, 3, 2, 2, &steal, "exp:1", 2.28545886},       {4, 4, 2, 2, &steal, "exp:1", 2.03760380},
      {4, 4, 2, 2, &back_xor, "exp:1", 1.72436707},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    /* 2^16 states, a second each. */
    if (cases[k].size * cases[k].c >= 16 && getenv("TESTUDO_LONG") == NULL && k % 4 != 0)
      continue;
    double mean = mean_of(cases[k].workers, cases[k].size, cases[k].c, cases[k].parts, *cases[k].order, cases[k].law);
    assert_near(mean, cases[k].mean, 5.5e-9);
  }
}

/* A pair is 2/3 + 1/(6 c): it is balanced up to one chunk. */
static void pairs_have_their_formula(void **state)
{
  (void)state;
  for (int32_t c = 1; c <= 6; c++)
    assert_close(mean_of(2, 2, c, 1, mirror, "exp:1"), 2.0 / 3 + 1.0 / (6 * c), 1e-9);
}

/* l = g is the slowest of all workers, g H_g shares, in every order; twins of pairs beat all that is not made for l. */
static void orders_of_two_parts(void **state)
{
  (void)state;
  const testudo_slot_order twins = {.rule = TESTUDO_SLOTS_MIRROR, .twins = 2};
  assert_close(mean_of(3, 3, 2, 3, steal, "exp:1"), 3 * (1 + 1.0 / 2 + 1.0 / 3), 1e-9);
  assert_close(mean_of(3, 3, 2, 3, draft, "exp:1"), 3 * (1 + 1.0 / 2 + 1.0 / 3), 1e-9);
  assert_true(mean_of(24, 4, 2, 2, twins, "exp:1") < mean_of(24, 4, 2, 2, back_xor, "exp:1") - 0.05);
  assert_true(mean_of(4, 4, 2, 2, steal, "exp:1") > mean_of(4, 4, 1, 2, steal, "exp:1") + 0.2);
}

/* Shifts by blocks: never slower than no code, which is what a shift by one chunk is. */
static void block_shifts_help(void **state)
{
  (void)state;
  const testudo_slot_order rotated = {.pairing = TESTUDO_PAIRING_ADDED}, xored = {.pairing = TESTUDO_PAIRING_XOR};
  double uncoded_mean = 1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4;
  assert_true(mean_of(4, 4, 2, 1, rotated, "exp:1") < uncoded_mean / 2);
  assert_true(mean_of(4, 4, 2, 1, xored, "exp:1") < uncoded_mean / 2);
  assert_true(mean_of(4, 4, 2, 1, rotated, "exp:1") > mean_of(4, 4, 2, 1, back, "exp:1"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_check_values),
      cmocka_unit_test(pairs_have_their_formula),
      cmocka_unit_test(orders_of_two_parts),
      cmocka_unit_test(block_shifts_help),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
