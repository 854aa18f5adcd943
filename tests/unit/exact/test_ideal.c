/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "exact/ideal.h"

/* P(sum of progress >= need) with every worker's progress drawn from its own law, by going through all of them. */
static double by_outcomes(const testudo_design *design, const double *rate, double t, int failed, int need)
{
  int workers = testudo_design_workers(design);
  double total = 0, sets = 0;
  for (int dead = 0; dead < 1 << workers; dead++) {
    if (__builtin_popcount((unsigned)dead) != failed)
      continue;
    sets++;
    int progress[8] = {0};
    for (bool more = true; more;) {
      double chance = 1;
      int sum = 0;
      for (int j = 0; j < workers; j++) {
        int load = testudo_design_load(design, j), c = progress[j];
        double reach = c == 0 ? 1 : 1 - exp(-rate[j] * t / c);
        double next = c == load ? 0 : 1 - exp(-rate[j] * t / (c + 1));
        chance *= dead >> j & 1 ? c == 0 : reach - next;
        sum += c;
      }
      total += sum >= need ? chance : 0;
      int j = 0;
      while (j < workers && ++progress[j] > testudo_design_load(design, j))
        progress[j++] = 0;
      more = j < workers;
    }
  }
  return total / sets;
}

static void equals_the_sum_over_all_progress_vectors(void **state)
{
  (void)state;
  const double unequal[5] = {1, 0.6, 2.5, 1, 0.6}, equal[5] = {1, 1, 1, 1, 1};
  testudo_law *law = law_of("exp:1");
  int cases = 0;
  for (int32_t parts = 1; parts <= 3; parts++)
    for (int failed = 0; failed <= 4; failed++)
      for (int rated = 0; rated < 2; rated++) {
        testudo_design *design = cyclic(5, 4, parts);
        testudo_delay_model model = {.law = law, .rates = rated ? unequal : NULL, .workers = 5,
                                     .failures = TESTUDO_FAILURES_EXACTLY, .failed = failed};
        testudo_i_cluster cluster;
        testudo_i_ideal ideal;
        bool fits = false;
        assert_ok(testudo_i_cluster_init(&cluster, design, TESTUDO_I_ALONE(&model), false, NULL));
        assert_ok(testudo_i_ideal_init(&ideal, &cluster.arena, &cluster, &fits, NULL));
        assert_true(fits);
        for (double t = 0.2; t < 20; t *= 3.3, cases++) {
          double below, above, wanted = by_outcomes(design, rated ? unequal : equal, t, failed, 5 * parts);
          testudo_i_ideal_evaluate(&ideal, t, &below, &above);
          assert_near(below, wanted, 1e-13);
          assert_near(above, 1 - wanted, 1e-13);
        }
        testudo_i_cluster_free(&cluster);
        testudo_design_free(design);
      }
  assert_true(cases > 100);
  testudo_law_free(law);
}

/* 48 equal workers go by squaring; when two of them differ by a hair, half go one by one. */
static void powers_and_single_workers_agree(void **state)
{
  (void)state;
  double rates[48];
  testudo_law *law = law_of("shifted-exp:0.2,1");
  for (int j = 0; j < 48; j++)
    rates[j] = j % 3 == 0 ? 1 : 1 + 1e-14 * j;
  testudo_design *design = cyclic(48, 6, 2);
  testudo_delay_model equal = {.law = law}, unequal = {.law = law, .rates = rates, .workers = 48};
  testudo_summary one = summary_with(design, &equal, &plain_options), other;
  other = summary_with(design, &unequal, &plain_options);
  assert_close(one.ideal, other.ideal, 1e-9);
  assert_true(one.ideal > 0 && one.over_ideal > 1);
  assert_close(one.over_ideal, one.mean / one.ideal, 1e-15);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void is_left_out_where_it_would_cost_too_much(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic(20000, 3, 1);
  testudo_delay_model model = {.law = law};
  testudo_summary summary = summary_with(design, &model, &plain_options);
  assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
  assert_true(isnan(summary.ideal) && isnan(summary.over_ideal));
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_sum_over_all_progress_vectors),
      cmocka_unit_test(powers_and_single_workers_agree),
      cmocka_unit_test(is_left_out_where_it_would_cost_too_much),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
