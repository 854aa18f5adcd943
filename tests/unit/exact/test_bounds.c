/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "exact/bounds/bounds.h"

/* docs/theory/bounds.md#how-tight: 2.163 above, Janson alone 1.716 below, where simulation has 2.140. */
static void encloses_the_simulated_mean_of_a_random_regular_design(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = regular_matching(200, 8, 1, 5);
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  assert_false(testudo_latency_is_exact(latency));
  assert_non_null(strstr(testudo_latency_method(latency), "association above"));
  assert_non_null(strstr(testudo_latency_method(latency), "Janson"));
  testudo_summary summary;
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_int_equal(summary.status, TESTUDO_MEAN_BOUNDED);
  assert_near(summary.upper, 2.163, 6e-4);
  assert_true(summary.lower > 2.08 && summary.lower < 2.140);
  assert_true(summary.abs_error < 2e-3 && isnan(summary.mean) && isnan(summary.stddev));
  assert_true(summary.p_never == 0);
  double lower, upper;
  assert_ok(testudo_latency_quantile(latency, 0.99, &lower, &upper, NULL));
  assert_true(lower < upper && upper < 1.01 * lower);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Janson alone, by the trapezoidal rule in the test. */
static void janson_alone_gives_the_published_value(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = regular_matching(200, 8, 1, 5);
  testudo_i_cluster cluster;
  testudo_i_bounds bounds;
  assert_ok(testudo_i_cluster_init(&cluster, design, TESTUDO_I_ALONE(&model), false, NULL));
  assert_ok(testudo_i_bounds_init(&bounds, &cluster.arena, &cluster, 200000, NULL, NULL));
  double plain = 0, best = 0;
  for (int k = 0; k < 800; k++) {
    testudo_i_bound_terms terms;
    testudo_i_bounds_direct(&bounds, 0.01 * (k + 0.5), TESTUDO_I_WANT_BOTH, &terms);
    plain += 0.01 * terms.janson;
    best += 0.01 * terms.chain;
    assert_true(terms.chain >= terms.disjoint - 1e-12 || terms.janson >= terms.disjoint);
  }
  assert_true(plain > 1.70 && plain < best && best < 2.140);
  testudo_i_cluster_free(&cluster);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* A cyclic design has an exact law to stand between its bounds, with every kind of failure. */
static void bounds_of_a_cyclic_design_enclose_its_exact_law(void **state)
{
  (void)state;
  double rates[30];
  for (int j = 0; j < 30; j++)
    rates[j] = 1 + 0.5 * (j % 2);
  const char *laws[] = {"exp:1", "shifted-exp:0.4,1.5"};
  int cases = 0;
  for (int kind = 0; kind < 24; kind++) {
    testudo_law *law = law_of(laws[kind % 2]);
    testudo_design *design = cyclic(30, 5, 1 + kind / 2 % 2);
    testudo_delay_model model = {.law = law, .rates = kind / 4 % 2 ? rates : NULL, .workers = 30,
                                 .failures = (testudo_failure_kind)(kind / 8), .failed = 3, .fail_prob = 0.06};
    testudo_analysis_options options = plain_options;
    testudo_latency *exact = latency_with(design, &model, &options);
    options.max_states = 1;
    testudo_latency *bounded = latency_with(design, &model, &options);
    testudo_summary wanted, found;
    assert_ok(testudo_latency_summary(exact, &wanted, NULL));
    assert_ok(testudo_latency_summary(bounded, &found, NULL));
    assert_true(found.lower < wanted.mean && wanted.mean < found.upper);
    assert_true(found.lower > 0.5 * wanted.mean && found.upper < 1.6 * wanted.mean);
    assert_true(found.p_never_lower <= wanted.p_never + 1e-15 && wanted.p_never <= found.p_never_upper + 1e-15);
    assert_close(found.ideal, wanted.ideal, 1e-9);
    for (double t = 0.2; t < 30; t *= 1.4, cases++) {
      double lower, upper, below, unused;
      assert_ok(testudo_latency_cdf(exact, t, &below, &unused, NULL));
      assert_ok(testudo_latency_cdf(bounded, t, &lower, &upper, NULL));
      assert_true(lower <= below + 1e-13 && below <= upper + 1e-13);
    }
    testudo_latency_free(exact);
    testudo_latency_free(bounded);
    testudo_design_free(design);
    testudo_law_free(law);
  }
  assert_true(cases > 300);
}

/* When every chunk needs all its holders, every worker must finish: exact whatever the order. */
static void as_many_parts_as_copies_is_the_last_of_all(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = regular_matching(10, 3, 3, 2);
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  testudo_summary summary;
  assert_true(testudo_latency_is_exact(latency));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_near(summary.mean, 8.78690476, 0.51e-8);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void nothing_follows_where_success_cannot_be_shown(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = regular_matching(200, 8, 2, 4);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 150};
  testudo_summary summary = summary_with(design, &model, &plain_options);
  assert_true(summary.p_never_upper == 1);
  assert_true(isnan(summary.mean) && summary.upper == HUGE_VAL);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* More pairs than are kept: the method says how many chunks are left, and the bounds still enclose what is simulated:
   the mean of 10^5 trials of this design is 41.233 with standard error 0.021. */
static void many_pairs_are_left_out_and_the_method_says_so(void **state)
{
  (void)state;
  const int32_t workers = 60, load = 40;
  testudo_assignment assignment;
  assert_ok(testudo_assignment_regular(workers, workers, load, 8, &assignment, NULL));
  testudo_order_random(&assignment, 8);
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &assignment, 30);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  assert_non_null(strstr(testudo_latency_method(latency), "(pairs of the "));
  testudo_summary summary;
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  print_message("%.9g <= 41.233 <= %.9g\n", summary.lower, summary.upper);
  assert_true(summary.lower > 35 && summary.lower < 41.2 && summary.upper > 41.3 && summary.upper < 46);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encloses_the_simulated_mean_of_a_random_regular_design),
      cmocka_unit_test(janson_alone_gives_the_published_value),
      cmocka_unit_test(bounds_of_a_cyclic_design_enclose_its_exact_law),
      cmocka_unit_test(as_many_parts_as_copies_is_the_last_of_all),
      cmocka_unit_test(nothing_follows_where_success_cannot_be_shown),
      cmocka_unit_test(many_pairs_are_left_out_and_the_method_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
