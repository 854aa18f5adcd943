/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../exact/cases.h"

#include <testudo/sample.h>

#include "optimize/latency/objective.h"

/* Trials far from those of testudo_simulate. */
#define AWAY ((int64_t)1 << 40)

static testudo_i_goal goal_of(testudo_objective_kind kind, double at, const testudo_delay_model *model)
{
  return (testudo_i_goal){.objective = {.kind = kind, .at = at}, .model = model, .stream = 11, .first = AWAY};
}

static testudo_design *groups(int32_t workers, int32_t load, int32_t parts, bool xor)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_frc(workers, workers, load, &assignment, NULL));
  assert_ok(xor ? testudo_order_xor(&assignment, NULL) : testudo_order_rotated(&assignment, NULL));
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

static testudo_design *shuffled(int32_t workers, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(workers, load, &assignment, NULL));
  testudo_order_random(&assignment, seed);
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

/* The same with two places of every third worker exchanged. */
static testudo_design *exchanged(int32_t workers, int32_t load, uint64_t seed)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(workers, load, &assignment, NULL));
  testudo_order_random(&assignment, seed);
  for (int32_t j = 0; j < workers; j += 3) {
    int32_t *chunk = assignment.chunk + assignment.row[j], kept = chunk[0];
    chunk[0] = chunk[load - 1];
    chunk[load - 1] = kept;
  }
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, 1);
}

static double measured(const testudo_i_goal *goal, const testudo_design *design, bool exact)
{
  testudo_i_measure measure;
  assert_ok(testudo_i_goal_measure(goal, design, &measure, NULL));
  assert_int_equal(measure.exact, exact);
  assert_true(measure.spread >= 0);
  return measure.value;
}

/* One worker, one chunk: T = X. And the values of docs/theory/latency.md#check-values. */
static void exact_values(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:0.7");
  testudo_delay_model model = {.law = law};
  testudo_design *one = cyclic(1, 1, 1);
  testudo_i_goal mean = goal_of(TESTUDO_OBJECTIVE_MEAN, 0, &model);
  testudo_i_goal quantile = goal_of(TESTUDO_OBJECTIVE_QUANTILE, 0.83, &model);
  testudo_i_goal mse = goal_of(TESTUDO_OBJECTIVE_MSE, 1.7, &model);
  assert_close(measured(&mean, one, true), 1 / 0.7, 1e-9);
  assert_close(measured(&quantile, one, true), -log(0.17) / 0.7, 1e-11);
  assert_close(measured(&mse, one, true), exp(-0.7 * 1.7), 1e-12);
  testudo_i_goal deadline = goal_of(TESTUDO_OBJECTIVE_DEADLINE, 1.7, &model);
  assert_close(measured(&deadline, one, true), exp(-0.7 * 1.7), 1e-12);
  testudo_law_free(law);
  model.law = law = law_of("exp:1");
  testudo_design *xor = groups(24, 4, 1, true), *rotated = groups(24, 4, 1, false);
  assert_near(measured(&mean, xor, true), 1.62668313, 1e-8);
  assert_near(measured(&mean, rotated, true), 1.63502330, 1e-8);
  testudo_i_comparison comparison;
  assert_ok(testudo_i_goal_compare(&mean, rotated, xor, &comparison, NULL));
  assert_near(comparison.difference, 1.62668313 - 1.63502330, 2e-8);
  assert_true(comparison.spread < 1e-8);
  testudo_design_free(one);
  testudo_design_free(xor);
  testudo_design_free(rotated);
  testudo_law_free(law);
}

/* max_states 1 leaves simulation only; within 5 standard errors of the exact law, and not where the rate is 3 % off. */
static void simulated_values_are_of_the_exact_law(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:0.3,1.3"), *off = law_of("shifted-exp:0.3,1.339");
  testudo_design *design = cyclic(11, 3, 2);
  const testudo_objective_kind kinds[] = {TESTUDO_OBJECTIVE_MEAN, TESTUDO_OBJECTIVE_QUANTILE,
                                          TESTUDO_OBJECTIVE_DEADLINE};
  for (int k = 0; k < 3; k++) {
    testudo_delay_model model = {.law = law};
    testudo_i_goal goal = goal_of(kinds[k], k < 2 ? 0.9 : 2.6, &model), few = goal;
    few.max_states = 1;
    few.trials = 200000;
    testudo_i_measure exact, seen;
    assert_ok(testudo_i_goal_measure(&goal, design, &exact, NULL));
    assert_ok(testudo_i_goal_measure(&few, design, &seen, NULL));
    assert_true(exact.exact && !seen.exact);
    assert_string_equal(seen.method, "simulation, 200000 trials");
    assert_near(seen.value, exact.value, 5 * seen.spread);
    assert_true(seen.spread < (k < 2 ? 0.005 : 0.01) * seen.value && seen.spread > 0);
    model.law = off;
    assert_ok(testudo_i_goal_measure(&few, design, &seen, NULL));
    assert_true(fabs(seen.value - exact.value) > 5 * seen.spread);
  }
  testudo_design_free(design);
  testudo_law_free(law);
  testudo_law_free(off);
}

/* Over 300 streams the differences spread as they say: the mean of z^2 within 5 standard deviations of 1, which a
   spread of unpaired values is not. */
static void differences_spread_as_they_say(void **state)
{
  (void)state;
  enum { STREAMS = 300 };
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *a = shuffled(9, 3, 1, 5), *b = exchanged(9, 3, 5);
  const testudo_objective_kind kinds[] = {TESTUDO_OBJECTIVE_MEAN, TESTUDO_OBJECTIVE_QUANTILE,
                                          TESTUDO_OBJECTIVE_DEADLINE};
  for (int k = 0; k < 3; k++) {
    testudo_i_goal goal = goal_of(kinds[k], k < 2 ? 0.8 : 2, &model);
    testudo_i_comparison comparison;
    goal.max_states = 1; /* simulated */
    goal.trials = 400000;
    assert_ok(testudo_i_goal_compare(&goal, a, b, &comparison, NULL));
    double truth = comparison.difference, squares = 0, unpaired = 0;
    goal.trials = 3000;
    for (int r = 0; r < STREAMS; r++) {
      goal.stream = 100 + (uint64_t)r;
      assert_ok(testudo_i_goal_compare(&goal, a, b, &comparison, NULL));
      double apart = comparison.difference - truth;
      squares += apart * apart / (comparison.spread * comparison.spread) / STREAMS;
      double both = hypot(comparison.before.spread, comparison.after.spread);
      unpaired += apart * apart / (both * both) / STREAMS;
    }
    double allowed = 5 * sqrt(2.0 / STREAMS) + (k == 1 ? 0.15 : 0);
    assert_near(squares, 1, allowed);
    assert_true(unpaired < 1 - allowed);
  }
  testudo_design_free(a);
  testudo_design_free(b);
  testudo_law_free(law);
}

/* No trial is late: that is not known without error, and a design that ends by then always is not clearly worse. */
static void what_was_never_seen_is_not_certain(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *a = shuffled(9, 3, 1, 5), *b = exchanged(9, 3, 5);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_DEADLINE, 60, &model);
  testudo_i_comparison comparison;
  goal.max_states = 1; /* simulated */
  goal.trials = 1000;
  assert_ok(testudo_i_goal_compare(&goal, a, b, &comparison, NULL));
  assert_true(comparison.before.value == 0 && comparison.after.value == 0 && comparison.difference == 0);
  assert_near(comparison.before.spread, 1e-3, 1e-5);
  assert_near(comparison.spread, sqrt(2.0) * 1e-3, 1e-5);
  testudo_design_free(a);
  testudo_design_free(b);
  testudo_law_free(law);
}

static void equal_designs_do_not_differ(void **state)
{
  (void)state;
  testudo_law *law = law_of("pareto:1,1.5");
  testudo_delay_model model = {.law = law};
  testudo_design *a = shuffled(7, 3, 1, 5), *b = shuffled(7, 3, 1, 5);
  for (int k = 0; k < 2; k++) {
    testudo_i_goal goal = goal_of(k == 0 ? TESTUDO_OBJECTIVE_MEAN : TESTUDO_OBJECTIVE_QUANTILE, 0.8, &model);
    goal.max_states = 1; /* simulated */
    goal.trials = 5000;
    testudo_i_comparison comparison;
    assert_ok(testudo_i_goal_compare(&goal, a, b, &comparison, NULL));
    assert_true(comparison.difference == 0 && comparison.spread == 0);
  }
  testudo_design_free(a);
  testudo_design_free(b);
  testudo_law_free(law);
}

static void threads_change_nothing(void **state)
{
  (void)state;
  testudo_law *law = law_of("lognormal:0,0.8");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  testudo_design *design = shuffled(13, 4, 2, 2);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_MEAN, 0, &model);
  goal.max_states = 1; /* simulated */
  goal.trials = 10007;
  goal.threads = 1;
  double alone = measured(&goal, design, false);
  goal.threads = 5;
  assert_true(measured(&goal, design, false) == alone);
  goal.first = 0;
  assert_true(measured(&goal, design, false) != alone);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* 2 of 2 copies fail in 1 of 3 choices of 2 among 3 workers that hold pairs. */
static void tells_how_often_it_never_ends(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
  testudo_design *design = cyclic(6, 2, 1);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_MEAN, 0, &model);
  testudo_i_measure measure;
  assert_ok(testudo_i_goal_measure(&goal, design, &measure, NULL));
  assert_close(measure.p_never, 6.0 / 15, 1e-9);
  goal.max_states = 1;
  assert_ok(testudo_i_goal_measure(&goal, design, &measure, NULL));
  assert_near(measure.p_never, 6.0 / 15, 5 * sqrt(0.24 / 100000));
  goal.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9};
  assert_true(measured(&goal, design, false) == HUGE_VAL);
  /* By a deadline, what never ends is late. */
  goal.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 60};
  assert_near(measured(&goal, design, false), 6.0 / 15, 5 * sqrt(0.24 / 100000));
  goal.max_states = 0;
  assert_close(measured(&goal, design, true), 6.0 / 15, 1e-9);
  goal.max_states = 1;
  model.failed = 6;
  goal.objective.kind = TESTUDO_OBJECTIVE_MEAN;
  assert_true(measured(&goal, design, false) == HUGE_VAL);
  goal.max_states = 0;
  assert_true(measured(&goal, design, true) == HUGE_VAL);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- bounds ---- */

static void bounds_are_below(const testudo_delay_model *model)
{
  int32_t workers = model->rates == NULL ? 9 : 6;
  for (uint64_t seed = 0; seed < 6; seed++)
    for (int32_t parts = 1; parts <= 3; parts++) {
      testudo_design *design = shuffled(workers, 4, parts, seed);
      const testudo_objective objectives[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                              {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.5},
                                              {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.97},
                                              {.kind = TESTUDO_OBJECTIVE_MSE, .at = 0.4},
                                              {.kind = TESTUDO_OBJECTIVE_MSE, .at = 2.5},
                                              {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 0.4},
                                              {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 2.5}};
      for (size_t k = 0; k < sizeof objectives / sizeof *objectives; k++) {
        testudo_i_goal goal = goal_of(objectives[k].kind, objectives[k].at, model);
        goal.trials = 3000;
        testudo_i_measure measure;
        double bound;
        char proof[96];
        assert_ok(testudo_i_goal_measure(&goal, design, &measure, NULL));
        assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
        assert_true(bound >= 0 && proof[0] != '\0');
        assert_true(bound <= measure.value + 5 * measure.spread);
      }
      testudo_design_free(design);
    }
}

static void bounds_hold(void **state)
{
  (void)state;
  static const double rates[] = {1, 2.5, 0.7, 4, 1, 1.9};
  const char *const texts[] = {"exp:1.1", "shifted-exp:0.2,2", "pareto:0.4,2.2", "trace:rows.csv"};
  FILE *rows = fopen("rows.csv", "w");
  assert_non_null(rows);
  fputs("seconds\n0.31\n0.47\n0.52\n0.9\n1.7\n0.33\n", rows);
  assert_int_equal(fclose(rows), 0);
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_law *law = law_of(texts[k]);
    testudo_delay_model model = {.law = law};
    bounds_are_below(&model);
    model.signal = 0.21;
    bounds_are_below(&model);
    model.signal = 0;
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.07;
    bounds_are_below(&model);
    model = (testudo_delay_model){.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
    bounds_are_below(&model);
    model.rates = rates;
    model.workers = 6;
    bounds_are_below(&model);
    testudo_law_free(law);
  }
  remove("rows.csv");
}

/* The matching order gives every chunk the same places: no order has a smaller error at one part. */
static void matching_attains_the_bound_of_the_error(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model models[] = {{.law = law},
                                        {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1},
                                        {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 12}};
  testudo_design *design = regular_matching(12, 5, 1, 4);
  for (size_t k = 0; k < 3; k++) {
    testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_MSE, 1.3, &models[k]);
    double bound, value = measured(&goal, design, true);
    char proof[96];
    assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
    assert_close(bound, value, 1e-9);
    assert_string_equal(proof, "chunks with places as equal as can be");
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* One worker with all chunks is balanced: T itself. */
static void balancing_is_attained_by_one_worker(void **state)
{
  (void)state;
  testudo_law *law = law_of("pareto:0.5,2.5");
  testudo_delay_model model = {.law = law};
  static const int32_t load[] = {3}, order[] = {2, 0, 1};
  testudo_design *design = partial(1, 3, 1, load, order);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_MEAN, 0, &model);
  double bound;
  char proof[96];
  assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
  assert_close(bound, 3 * 0.5 * 2.5 / 1.5, 1e-8);
  goal = goal_of(TESTUDO_OBJECTIVE_QUANTILE, 0.75, &model);
  assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
  assert_close(bound, 3 * 0.5 * pow(0.25, -1 / 2.5), 1e-10);
  goal = goal_of(TESTUDO_OBJECTIVE_DEADLINE, 4, &model);
  assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
  assert_close(bound, pow(4 / 1.5, -2.5), 1e-10);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- chunks that are late (docs/theory/search-latency.md#chunks-that-are-late) ---- */

enum { FEW = 4, HELD = 2, PIECES = 3 };

/* P(T > t) of four workers that hold two of three chunks each, in `order`, by all that may be done of them; place k is
   done by then with probability 1 - exp(-t / k), unless the worker fails. */
static double late_by_enumeration(const int32_t order[FEW][HELD], int32_t parts, double t, double fail)
{
  double late = 0;
  for (int32_t code = 0; code < 81; code++) {
    const int32_t done[FEW] = {code % 3, code / 3 % 3, code / 9 % 3, code / 27};
    int32_t seen[PIECES] = {0}, missing = 0;
    double chance = 1;
    for (int32_t j = 0; j < FEW; j++) {
      const double reached[] = {1, (1 - fail) * -expm1(-t), (1 - fail) * -expm1(-t / 2), 0};
      chance *= reached[done[j]] - reached[done[j] + 1];
      for (int32_t k = 0; k < done[j]; k++)
        seen[order[j][k]]++;
    }
    for (int32_t i = 0; i < PIECES; i++)
      missing += seen[i] < parts;
    late += missing > 0 ? chance : 0;
  }
  return late;
}

static void bound_is_below(const testudo_i_goal *goal, const testudo_design *design, double most)
{
  double bound;
  char proof[96];
  assert_ok(testudo_i_goal_bound(goal, design, &bound, proof, NULL));
  if (goal->objective.kind != TESTUDO_OBJECTIVE_MSE)
    assert_string_equal(proof, "perfect balancing and Finner's inequality");
  assert_true(bound <= most * (1 + 1e-12));
}

/* Of all 1296 tables in which no chunk has too few holders, and some have more than others, whatever is bounded. */
static void bounds_hold_for_all_small_designs(void **state)
{
  (void)state;
  static const int32_t row[6][HELD] = {{0, 1}, {1, 0}, {0, 2}, {2, 0}, {1, 2}, {2, 1}}, load[FEW] = {2, 2, 2, 2};
  const double times[] = {0.05, 0.3, 1, 2.5, 6, 12};
  testudo_law *law = law_of("exp:1");
  int32_t looked = 0;
  for (int32_t code = 0; code < 1296 * 2 * 2; code++) {
    int32_t order[FEW][HELD], copies[PIECES] = {0}, parts = 1 + code / 1296 % 2;
    double fail = code / 2592 == 0 ? 0 : 0.2;
    const testudo_delay_model model = {.law = law, .fail_prob = fail, .failures = fail > 0 ? TESTUDO_FAILURES_EACH
                                                                                           : TESTUDO_FAILURES_NONE};
    for (int32_t j = 0, rest = code % 1296; j < FEW; j++, rest /= 6)
      for (int32_t k = 0; k < HELD; k++)
        copies[order[j][k] = row[rest % 6][k]]++;
    if (copies[0] < parts || copies[1] < parts || copies[2] < parts)
      continue;
    testudo_design *design = partial(FEW, PIECES, parts, load, order[0]);
    for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
      double late = late_by_enumeration(order, parts, times[k], fail);
      testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_DEADLINE, times[k], &model);
      bound_is_below(&goal, design, late);
      if (late < 1e-6 || late > 1 - 1e-6 || code % 7 > 0)
        continue;
      assert_close(measured(&goal, design, true), late, 1e-9);
      goal = goal_of(TESTUDO_OBJECTIVE_QUANTILE, 1 - late, &model);
      bound_is_below(&goal, design, times[k] * (1 + 1e-9));
      goal = goal_of(TESTUDO_OBJECTIVE_MSE, times[k], &model);
      bound_is_below(&goal, design, measured(&goal, design, true));
    }
    looked++;
    testudo_design_free(design);
  }
  assert_true(looked > 2 * 1296);
  testudo_law_free(law);
}

/* Groups of one chunk that several workers hold at the first place, of which two are needed: the bound is T's law. */
static void groups_of_one_chunk_attain_the_bound(void **state)
{
  (void)state;
  enum { GROUPS = 5, HOLDERS = 3 };
  int32_t load[GROUPS * HOLDERS], order[GROUPS * HOLDERS];
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  for (int32_t j = 0; j < GROUPS * HOLDERS; j++) {
    load[j] = 1;
    order[j] = j / HOLDERS;
  }
  testudo_design *design = partial(GROUPS * HOLDERS, GROUPS, 2, load, order);
  for (double t = 0.5; t < 9; t *= 2) {
    testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_DEADLINE, t, &model);
    double s = exp(-t), done = (1 - s) * (1 - s) * (1 + 2 * s), bound;
    char proof[96];
    assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
    assert_close(bound, 1 - pow(done, GROUPS), 1e-9);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Four workers, four chunks a share, eight held: first places have chunks for themselves, and the others would best be
   alike. Long after the mean balancing says less. */
static void errors_of_first_places_are_their_own(void **state)
{
  (void)state;
  const double t = 3, harmonic = 1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 5.0 + 1 / 6.0 + 1 / 7.0 + 1 / 8.0;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  testudo_assignment orders;
  assert_ok(testudo_assignment_ring(4, 16, 2, &orders, NULL));
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &orders, 1);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_MSE, t, &model);
  goal.unit = 0.25;
  double bound;
  char proof[96];
  assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
  assert_close(bound, 4 * exp(-4 * t) + 12 * exp(-4 * t * (harmonic - 1) / 3), 1e-12);
  assert_true(bound < measured(&goal, design, true));
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Every chunk at one worker: all are needed, and the bound is T's law. */
static void uncoded_designs_attain_the_bound(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic(7, 1, 1);
  for (int32_t kind = 0; kind < 3; kind++) {
    const testudo_objective_kind kinds[] = {TESTUDO_OBJECTIVE_MEAN, TESTUDO_OBJECTIVE_QUANTILE,
                                            TESTUDO_OBJECTIVE_DEADLINE};
    const double at[] = {0, 0.9, 2}, wanted[] = {363.0 / 140, -log1p(-pow(0.9, 1.0 / 7)),
                                                 1 - pow(-expm1(-2), 7)};
    testudo_i_goal goal = goal_of(kinds[kind], at[kind], &model);
    double bound;
    char proof[96];
    assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
    assert_close(bound, wanted[kind], 1e-8);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Shares of several chunks, on 5,000 workers, whose balanced law would take too long: first places have chunks for
   themselves, and how much the others get is found here by bisection. */
static void first_places_have_chunks_for_themselves(void **state)
{
  (void)state;
  enum { WORKERS = 5000, FINER = 4, LOAD = 2 * FINER };
  const double t = 9, m = WORKERS;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  testudo_assignment orders;
  assert_ok(testudo_assignment_ring(WORKERS, WORKERS * FINER, 2, &orders, NULL));
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &orders, 1);
  testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_DEADLINE, t, &model);
  goal.unit = 1.0 / FINER;
  double bound, low = 0, high = FINER * t, sum = 0;
  char proof[96];
  for (int step = 0; step < 200; step++) { /* what exceeds the level is alone; the rest fills its chunks up to it */
    double level = (low + high) / 2, poured = 0, alone = 0;
    for (int32_t k = 1; k <= LOAD; k++) {
      bool own = FINER * t / k > level;
      alone += own;
      poured += own ? 0 : FINER * t / k;
    }
    if (poured > (FINER - alone) * level)
      low = level;
    else
      high = level;
  }
  int32_t alone = 0;
  for (int32_t k = 1; k <= LOAD; k++)
    if (FINER * t / k > high) {
      alone++;
      sum += m * log1p(-exp(-FINER * t / k));
    }
  sum += m * (FINER - alone) * log1p(-exp(-high));
  assert_int_equal(alone, 1);
  assert_ok(testudo_i_goal_bound(&goal, design, &bound, proof, NULL));
  assert_string_equal(proof, "Finner's inequality");
  assert_close(bound, -expm1(sum / LOAD), 1e-9);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- refusals ---- */

static bool stop(void *context, double fraction)
{
  (void)fraction;
  ++*(int *)context;
  return false;
}

/* The mean, and what is computed and sent at its price: the accounting of the simulation, on the same trials. */
static void priced_is_the_mean_and_the_work(void **state)
{
  (void)state;
  testudo_law *law = law_of("lognormal:0,0.7"), *message = law_of("exp:5");
  for (int c = 0; c < 4; c++) {
    const testudo_delay_model model = {.law = law, .message = c >= 2 ? message : NULL,
                                       .failures = c % 2 == 1 ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_NONE,
                                       .fail_prob = c % 2 == 1 ? 0.1 : 0.0};
    testudo_assignment finer; /* two chunks a share */
    assert_ok(testudo_assignment_frc(6, 12, 3, &finer, NULL));
    testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &finer, c == 2 ? 2 : 1);
    testudo_i_goal goal = goal_of(TESTUDO_OBJECTIVE_PRICED, 0, &model);
    goal.objective.chunk_price = 0.25;
    goal.objective.vector_price = 1.5;
    goal.trials = 1003;
    goal.first = 0;
    goal.threads = 1 + c;
    const testudo_simulation_options options = {.trials = goal.trials, .seed = goal.stream, .threads = 1};
    testudo_work work;
    testudo_simulation *simulation;
    assert_ok(testudo_simulate(design, &model, &options, &simulation, NULL));
    assert_ok(testudo_simulate_work(design, &model, &options, &work, NULL));
    double wanted = simulation->mean + 0.25 * work.chunks / 2 + 1.5 * work.messages / testudo_design_parts(design);
    testudo_i_measure measure;
    assert_ok(testudo_i_goal_measure(&goal, design, &measure, NULL));
    assert_true(!measure.exact && measure.spread > 0 && work.chunks > 7 && work.messages > 2);
    assert_close(measure.value, wanted, 1e-12);
    testudo_simulation_free(simulation);
    testudo_design_free(design);
  }
  testudo_law_free(law);
  testudo_law_free(message);
}

static void refuses(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic(3, 2, 1);
  testudo_i_measure measure;
  testudo_error error = {""};
  const struct {
    testudo_objective objective;
    int64_t trials;
    const char *sentence;
  } wrong[] = {
      {{.kind = TESTUDO_OBJECTIVE_Q_MAX, .level = 1}, 0, "neither mean, quantile, mse, deadline nor priced"},
      {{.kind = TESTUDO_OBJECTIVE_DEADLINE}, 0, "deadline 0 is not finite and positive"},
      {{.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 1}, 0, "quantile 1 is not between 0 and 1"},
      {{.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = NAN}, 0, "is not between 0 and 1"},
      {{.kind = TESTUDO_OBJECTIVE_MSE, .at = -1}, 0, "deadline -1 is not finite and not negative"},
      {{.kind = TESTUDO_OBJECTIVE_MSE, .at = HUGE_VAL}, 0, "deadline inf"},
      {{.kind = TESTUDO_OBJECTIVE_MEAN}, -1, "or positive"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_i_goal goal = {.objective = wrong[k].objective, .model = &model, .trials = wrong[k].trials};
    assert_status(testudo_i_goal_measure(&goal, design, &measure, &error), TESTUDO_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, wrong[k].sentence));
  }
  int calls = 0;
  testudo_monitor monitor = {stop, &calls};
  for (int64_t states = 0; states < 2; states++) {
    testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .max_states = states,
                           .trials = 1000000, .monitor = &monitor};
    assert_status(testudo_i_goal_measure(&goal, design, &measure, &error), TESTUDO_INTERRUPTED);
  }
  assert_true(calls >= 2);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_values),
      cmocka_unit_test(simulated_values_are_of_the_exact_law),
      cmocka_unit_test(differences_spread_as_they_say),
      cmocka_unit_test(what_was_never_seen_is_not_certain),
      cmocka_unit_test(equal_designs_do_not_differ),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(tells_how_often_it_never_ends),
      cmocka_unit_test(bounds_hold),
      cmocka_unit_test(matching_attains_the_bound_of_the_error),
      cmocka_unit_test(balancing_is_attained_by_one_worker),
      cmocka_unit_test(bounds_hold_for_all_small_designs),
      cmocka_unit_test(errors_of_first_places_are_their_own),
      cmocka_unit_test(groups_of_one_chunk_attain_the_bound),
      cmocka_unit_test(uncoded_designs_attain_the_bound),
      cmocka_unit_test(first_places_have_chunks_for_themselves),
      cmocka_unit_test(priced_is_the_mean_and_the_work),
      cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
