/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small irregular designs: every inequality by itself is on the right side of the enumerated law, at every jump. */
#include "brute.h"

#include "base/random.h"
#include "exact/bounds/bounds.h"

#define ROUNDING 1e-12
#define CASES 260

static int violations;

static void must_not_exceed(const char *what, double t, double smaller, double larger)
{
  if (smaller <= larger + ROUNDING)
    return;
  print_error("%s at %.17g: %.17g > %.17g\n", what, t, smaller, larger);
  violations++;
}

/* Every chunk on at least `parts` workers, loads between 1 and the number of chunks, orders shuffled. */
static brute_design random_design(testudo_i_random *random)
{
  brute_design design = {0};
  for (bool good = false; !good;) {
    design.workers = 2 + (int)testudo_i_random_below(random, 5);
    design.chunks = 1 + (int)testudo_i_random_below(random, 5);
    design.parts = 1 + (int)testudo_i_random_below(random, 3);
    int holders[BRUTE_CHUNKS] = {0};
    for (int j = 0; j < design.workers; j++) {
      int32_t all[BRUTE_CHUNKS];
      for (int i = 0; i < design.chunks; i++)
        all[i] = i;
      testudo_i_random_shuffle(random, all, (size_t)design.chunks);
      design.load[j] = 1 + (int)testudo_i_random_below(random, (uint64_t)design.chunks);
      for (int k = 0; k < design.load[j]; k++)
        holders[design.order[j][k] = all[k]]++;
    }
    good = true;
    for (int i = 0; i < design.chunks; i++)
      good = good && holders[i] >= design.parts;
  }
  return design;
}

static brute_model random_model(testudo_i_random *random, int workers)
{
  brute_model model = {.atoms = 1 + (int)testudo_i_random_below(random, 3)};
  for (int a = 0; a < model.atoms; a++) {
    model.value[a] = 0.2 + 4 * testudo_i_random_uniform(random);
    model.weight[a] = 1 + (double)testudo_i_random_below(random, 5);
  }
  bool rated = testudo_i_random_below(random, 2) == 1;
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = rated ? 0.5 + 0.5 * (double)testudo_i_random_below(random, 4) : 1;
  model.failures = (testudo_failure_kind)testudo_i_random_below(random, 3);
  if (model.failures == TESTUDO_FAILURES_EXACTLY)
    model.failed = 1 + (int)testudo_i_random_below(random, (uint64_t)(workers > 3 ? 3 : workers));
  if (model.failures == TESTUDO_FAILURES_EACH)
    model.fail_prob = 0.02 + 0.4 * testudo_i_random_uniform(random);
  model.whole = testudo_i_random_below(random, 4) == 0;
  return model;
}

static int averaged; /* times at which that bound was looked at */

static void check_terms(testudo_i_bounds *bounds, const brute_law *law, double t)
{
  testudo_i_bound_terms terms;
  testudo_i_probability best;
  double above = 1 - brute_cdf(law, t);
  testudo_i_bounds_direct(bounds, t, TESTUDO_I_WANT_BOTH, &terms);
  must_not_exceed("union", t, above, terms.union_bound);
  must_not_exceed("association", t, above, terms.association);
  must_not_exceed("product", t, terms.below, 1 - above);
  must_not_exceed("single", t, terms.single, above);
  must_not_exceed("ideal", t, terms.ideal, above);
  must_not_exceed("disjoint", t, terms.disjoint, above);
  must_not_exceed("janson", t, terms.janson, above);
  must_not_exceed("chain", t, terms.chain, above);
  must_not_exceed("second order", t, terms.second_order, above);
  if (bounds->averaged.fits) {
    testudo_i_chunk_types_at(&bounds->types, t, 0);
    must_not_exceed("average over failures", t,
                    testudo_i_averaged_below(&bounds->averaged, &bounds->types, bounds->finite), 1 - above);
    averaged++;
  }
  must_not_exceed("late", t, law->finite - brute_cdf(law, t), testudo_i_bounds_late(bounds, t));
  testudo_i_bounds_best(bounds, t, TESTUDO_I_WANT_BOTH, &best);
  must_not_exceed("best, upper", t, above, best.above_upper);
  must_not_exceed("best, lower", t, best.above_lower, above);
  must_not_exceed("best, below upper", t, 1 - above, best.below_upper);
  must_not_exceed("best, below lower", t, best.below_lower, 1 - above);
}

static void check_public(const testudo_design *design, const testudo_delay_model *model, bool whole,
                         const brute_law *law, int *bounded)
{
  testudo_analysis_options options = plain_options;
  options.report = whole ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
  options.max_states = 1;
  testudo_latency *latency = latency_with(design, model, &options);
  testudo_summary summary;
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  must_not_exceed("never, lower", 0, summary.p_never_lower, 1 - law->finite);
  must_not_exceed("never, upper", 0, 1 - law->finite, summary.p_never_upper);
  if (law->finite > 1e-9) {
    must_not_exceed("mean, lower", 0, summary.lower, law->mean * (1 + 1e-9));
    must_not_exceed("mean, upper", 0, law->mean * (1 - 1e-9), summary.upper);
    if (!isnan(summary.ideal) && law->finite > 1 - 1e-9)
      must_not_exceed("ideal", 0, summary.ideal, law->mean * (1 + 1e-9));
  }
  for (double q = 0.0173; q < 1; q += 0.0977) {
    double lower, upper, wanted = brute_quantile(law, q);
    assert_ok(testudo_latency_quantile(latency, q, &lower, &upper, NULL));
    must_not_exceed("quantile, lower", q, lower, wanted);
    must_not_exceed("quantile, upper", q, wanted, upper);
  }
  *bounded += !testudo_latency_is_exact(latency);
  testudo_latency_free(latency);
}

static void check_case(const brute_design *design, const brute_model *model, int *jumps, int *bounded)
{
  brute_case made = brute_case_start(design, design, model);
  testudo_i_cluster cluster;
  testudo_i_bounds bounds;
  assert_ok(testudo_i_cluster_init(&cluster, made.design, TESTUDO_I_ALONE(&made.delay), model->whole, NULL));
  assert_ok(testudo_i_bounds_init(&bounds, &cluster.arena, &cluster, 200000, NULL, NULL));
  assert_true(bounds.paired && bounds.balanced);
  double before = -1;
  for (size_t k = 0; k < made.wanted.outcomes && !isinf(made.wanted.outcome[k].time); k++)
    if (made.wanted.outcome[k].time != before) {
      before = made.wanted.outcome[k].time;
      check_terms(&bounds, &made.wanted, before);
      check_terms(&bounds, &made.wanted, nextafter(before, 0));
      ++*jumps;
    }
  check_terms(&bounds, &made.wanted, HUGE_VAL);
  check_public(made.design, &made.delay, model->whole, &made.wanted, bounded);
  testudo_i_cluster_free(&cluster);
  brute_case_clear(&made);
}

static void every_inequality_holds_at_every_jump(void **state)
{
  (void)state;
  int jumps = 0, bounded = 0;
  violations = 0;
  for (uint64_t trial = 0; trial < CASES; trial++) {
    testudo_i_random random;
    testudo_i_random_start(&random, 20261, TESTUDO_I_FOR_TEST, trial, 0);
    brute_design design = random_design(&random);
    brute_model model = random_model(&random, design.workers);
    int before = violations;
    check_case(&design, &model, &jumps, &bounded);
    if (violations > before)
      print_error("trial %d: m %d N %d l %d failures %d (%d, %g) whole %d\n", (int)trial, design.workers,
                  design.chunks, design.parts, (int)model.failures, model.failed, model.fail_prob, model.whole);
  }
  assert_int_equal(violations, 0);
  assert_true(jumps > 2 * CASES && bounded > CASES / 2 && averaged > CASES);
}

/* Each inequality must be able to fail: against the law of one part more or less it does. */
static void the_same_checks_catch_a_wrong_l(void **state)
{
  (void)state;
  brute_design design = {.workers = 4, .chunks = 4, .parts = 1, .load = {3, 3, 3, 3},
                         .order = {{0, 1, 2}, {1, 3, 0}, {2, 0, 3}, {3, 2, 1}}};
  brute_model model = {.atoms = 2, .value = {1, 2.5}, .weight = {1, 1}, .rate = {1, 1, 1, 1, 1, 1}};
  testudo_law *law = brute_trace(&model);
  for (int wrong = 1; wrong <= 2; wrong++) {
    brute_design other = design;
    design.parts = 3 - wrong;
    other.parts = wrong;
    brute_law wanted = brute_enumerate(&other, &model);
    testudo_design *found = brute_library_design(&design);
    testudo_delay_model delay = brute_library_model(&model, law, 4);
    testudo_i_cluster cluster;
    testudo_i_bounds bounds;
    assert_ok(testudo_i_cluster_init(&cluster, found, TESTUDO_I_ALONE(&delay), false, NULL));
    assert_ok(testudo_i_bounds_init(&bounds, &cluster.arena, &cluster, 200000, NULL, NULL));
    bool upper_fails = false, lower_fails = false;
    for (size_t k = 0; k < wanted.outcomes; k++) {
      testudo_i_bound_terms terms;
      double t = wanted.outcome[k].time, above = 1 - brute_cdf(&wanted, t);
      testudo_i_bounds_direct(&bounds, t, TESTUDO_I_WANT_BOTH, &terms);
      upper_fails = upper_fails || (terms.association < above - ROUNDING && terms.union_bound < above - ROUNDING);
      lower_fails = lower_fails || (terms.single > above + ROUNDING && terms.chain > above + ROUNDING &&
                                    terms.janson > above + ROUNDING && terms.second_order > above + ROUNDING);
    }
    assert_true(wrong == 2 ? upper_fails : lower_fails);
    testudo_i_cluster_free(&cluster);
    testudo_design_free(found);
    free(wanted.outcome);
  }
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_inequality_holds_at_every_jump),
      cmocka_unit_test(the_same_checks_catch_a_wrong_l),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
