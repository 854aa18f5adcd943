/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least Q_max: answers against all orders, the values of docs/theory/search.md, and how a search ends. */
#include "orders.h"

#include "tests/unit/code/graphs.h"

static testudo_search_result run(const testudo_design *design, int32_t level, testudo_search_method method,
                                 testudo_search_options options)
{
  testudo_design *better;
  testudo_search_result result;
  if (options.seed == 0)
    options.seed = 1;
  assert_ok(testudo_optimize_q_max(design, level, method, &options, &better, &result, NULL));
  assert_true(result.after == (double)brute_q_max_of(better, level));
  assert_true(result.before == (double)brute_q_max_of(design, level));
  assert_true(result.after <= result.before);
  assert_true(result.bound <= result.after);
  assert_true((result.answer == TESTUDO_OPTIMAL) == (result.bound == result.after));
  testudo_design_free(better);
  return result;
}

/* Loads 0..3 on at most 4 workers, any replications. */
static testudo_assignment tiny_graph(testudo_i_random *random)
{
  for (;;) {
    int32_t workers = 1 + (int32_t)testudo_i_random_below(random, 4);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(random, 4);
    testudo_assignment made = random_graph(random, workers, chunks, 0.6);
    bool small = true;
    for (int32_t j = 0; j < workers; j++)
      small = small && made.row[j + 1] - made.row[j] <= 3;
    if (small)
      return made;
    testudo_assignment_free(&made);
  }
}

static void all_orders_of_tiny_assignments_have_no_less(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, 0, 0);
  int optimal = 0, improved = 0, cases = 0;
  for (int trial = 0; trial < 250; trial++) {
    testudo_assignment orders = tiny_graph(&random);
    testudo_design *design = design_of(&orders);
    for (int level = 1; level <= 4; level++) {
      double least = (double)brute_least(&orders, level);
      testudo_search_options quick = {.seed = 5, .threads = 1, .tries = 1};
      testudo_search_result best = run(design, level, TESTUDO_METHOD_BEST, quick);
      testudo_search_result milp = run(design, level, TESTUDO_METHOD_MILP, quick);
      assert_true(best.after == least);
      assert_true(milp.after == least);
      assert_int_equal(milp.answer, TESTUDO_OPTIMAL);
      optimal += best.answer == TESTUDO_OPTIMAL;
      improved += best.after < best.before;
      cases++;
    }
    testudo_design_free(design);
    testudo_assignment_free(&orders);
  }
  assert_int_equal(cases, 1000);
  assert_true(improved > 100);
  assert_int_equal(optimal, cases); /* the programme proves what the bound does not */
}

static void bounds_are_below_all_orders(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 22, TESTUDO_I_FOR_TEST, 0, 0);
  int tight = 0;
  for (int trial = 0; trial < 300; trial++) {
    testudo_assignment orders = tiny_graph(&random);
    testudo_design *design = design_of(&orders);
    int level = 1 + trial % 3;
    testudo_search_result result = run(design, level, TESTUDO_METHOD_MATCHING, (testudo_search_options){.seed = 1});
    int64_t least = brute_least(&orders, level);
    assert_true(result.bound <= (double)least);
    tight += result.bound == (double)least;
    testudo_design_free(design);
    testudo_assignment_free(&orders);
  }
  assert_true(tight > 200);
}

/* Of an order whose largest counted sum of places is `top`, on a delta-regular square assignment. */
static double value_of(int workers, int delta, int level, int top)
{
  return workers * delta - (delta - level + 1) * (delta + 1) + top;
}

/* docs/theory/search.md: largest counted sums of the matching order, and their bounds, for level 1.. */
static void matchings_and_bounds_are_those_of_the_table(void **state)
{
  (void)state;
  static const struct { int delta, match[7], bound[7]; } rows[] = {
      {2, {3, 2}, {3, 2}},
      {3, {6, 5, 3}, {6, 5, 3}},
      {4, {10, 9, 7, 4}, {10, 9, 7, 4}},
      {5, {15, 14, 12, 9, 5}, {15, 14, 11, 9, 5}},
      {6, {21, 20, 18, 15, 11, 6}, {21, 19, 17, 14, 11, 6}},
      {7, {28, 27, 25, 22, 18, 13, 7}, {28, 26, 23, 20, 17, 13, 7}},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    int delta = rows[k].delta;
    testudo_assignment orders;
    assert_ok(testudo_assignment_regular(840, 840, delta, 6, &orders, NULL));
    testudo_design *design = design_of(&orders);
    for (int level = 1; level <= delta; level++) {
      testudo_search_result found =
          run(design, level, TESTUDO_METHOD_MATCHING, (testudo_search_options){.seed = 1});
      assert_true(found.after == value_of(840, delta, level, rows[k].match[level - 1]));
      assert_true(found.bound == value_of(840, delta, level, rows[k].bound[level - 1]));
    }
    testudo_design_free(design);
    testudo_assignment_free(&orders);
  }
}

static void attains_the_bounds_on_cyclic_assignments(void **state)
{
  (void)state;
  static const int cases[][4] = {{12, 6, 2, 19}, {12, 6, 3, 17}, {12, 6, 4, 14}, {15, 5, 3, 11},
                                 {16, 7, 3, 23}, {21, 5, 3, 11}, {20, 5, 3, 12}, {32, 8, 4, 28}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const int *c = cases[k];
    testudo_design *design = cyclic_design(c[0], c[1]);
    testudo_search_result found = run(design, c[2], TESTUDO_METHOD_BEST, (testudo_search_options){.seed = 1});
    if (found.answer != TESTUDO_OPTIMAL || found.after != value_of(c[0], c[1], c[2], c[3]))
      print_error("(%d,%d,%d): %g, bound %g\n", c[0], c[1], c[2], found.after, found.bound);
    assert_true(found.after == value_of(c[0], c[1], c[2], c[3]));
    assert_int_equal(found.answer, TESTUDO_OPTIMAL);
    testudo_design_free(design);
  }
}

static void threads_do_not_matter(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(21, 5), *made[2];
  testudo_search_result found[2];
  for (int k = 0; k < 2; k++) {
    testudo_search_options options = {.seed = 9, .threads = k == 0 ? 1 : 3};
    assert_ok(testudo_optimize_q_max(design, 3, TESTUDO_METHOD_LOCAL, &options, &made[k], &found[k], NULL));
  }
  assert_true(found[0].tries > 1);
  assert_true(found[0].tries == found[1].tries);
  assert_true(found[0].moves == found[1].moves);
  assert_string_equal(found[0].method, found[1].method);
  for (int32_t j = 0; j < 21; j++)
    assert_memory_equal(testudo_design_order(made[0], j), testudo_design_order(made[1], j), 5 * sizeof(int32_t));
  testudo_design_free(made[0]);
  testudo_design_free(made[1]);
  testudo_design_free(design);
}

typedef struct counter {
  int calls, most;
  double best, bound;
} counter;

static bool count_call(void *context, double fraction, double best, double bound)
{
  counter *c = context;
  assert_true(fraction <= 1.0);
  if (!isnan(best))
    c->best = best;
  if (!isnan(bound))
    c->bound = bound;
  return ++c->calls < c->most;
}

/* (22,5) at l = 3 cannot be better than what is given here, but this order is worse and its limit is known. */
static void stopping_gives_the_best_so_far(void **state)
{
  (void)state;
  testudo_assignment orders;
  assert_ok(testudo_assignment_regular(28, 28, 7, 3, &orders, NULL));
  testudo_order_random(&orders, 4);
  testudo_design *design = design_of(&orders), *better;
  int was_stopped = 0;
  for (int most = 1; most <= 64; most *= 2) {
    counter calls = {.most = most};
    testudo_search_monitor monitor = {count_call, &calls};
    testudo_search_options options = {.seed = 3, .threads = 2, .monitor = &monitor};
    testudo_search_result result;
    assert_ok(testudo_optimize_q_max(design, 4, TESTUDO_METHOD_BEST, &options, &better, &result, NULL));
    assert_true(result.after == (double)brute_q_max_of(better, 4));
    assert_true(result.after <= result.before);
    assert_int_equal(result.answer, TESTUDO_FEASIBLE);
    assert_true(result.bound <= value_of(28, 7, 4, 20));
    assert_true(result.stopped);
    was_stopped += result.stopped;
    testudo_design_free(better);
  }
  assert_int_equal(was_stopped, 7);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

static void levels_beyond_a_replication_leave_nothing_to_choose(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(6, 3);
  testudo_search_result found = run(design, 4, TESTUDO_METHOD_BEST, (testudo_search_options){.seed = 1});
  assert_true(found.after == 18.0);
  assert_int_equal(found.answer, TESTUDO_OPTIMAL);
  assert_string_equal(found.proof, "a chunk has fewer holders than the level");
  testudo_design_free(design);
  design = cyclic_design(1, 1);
  found = run(design, 1, TESTUDO_METHOD_BEST, (testudo_search_options){.seed = 1});
  assert_true(found.after == 0.0);
  assert_int_equal(found.answer, TESTUDO_OPTIMAL);
  testudo_design_free(design);
}

static void refuses_what_it_cannot_do(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(6, 5), *better;
  testudo_search_options options = {.seed = 1, .tries = 1000001};
  testudo_search_result result;
  testudo_error error;
  assert_status(testudo_optimize_q_max(design, 0, TESTUDO_METHOD_BEST, &options, &better, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "level: 0, but 1..1024 are allowed");
  assert_null(better);
  assert_status(testudo_optimize_q_max(design, 1, TESTUDO_METHOD_EXHAUSTIVE, &options, &better, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "method exhaustive does not apply to Q_max; best, matching, milp and local do");
  assert_status(testudo_optimize_q_max(design, 2, TESTUDO_METHOD_LOCAL, &options, &better, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "tries: 1000001, but a search for Q_max makes at most 1000000");
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_orders_of_tiny_assignments_have_no_less),
      cmocka_unit_test(bounds_are_below_all_orders),
      cmocka_unit_test(matchings_and_bounds_are_those_of_the_table),
      cmocka_unit_test(attains_the_bounds_on_cyclic_assignments),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(stopping_gives_the_best_so_far),
      cmocka_unit_test(levels_beyond_a_replication_leave_nothing_to_choose),
      cmocka_unit_test(refuses_what_it_cannot_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
