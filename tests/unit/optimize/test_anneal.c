/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The annealer's bookkeeping against a count from scratch, and orders that repeat. */
#include "orders.h"

#include "optimize/qmax/anneal.h"
#include "tests/unit/code/graphs.h"

/* A run from the stream of this name. */
static int64_t run_from(testudo_i_qmax_anneal *anneal, int64_t need, uint64_t name, bool warm,
                        const testudo_i_annealing *cooling, int64_t *moves)
{
  testudo_i_random stream;
  testudo_i_random_start(&stream, 7, TESTUDO_I_FOR_TEST, 1, name);
  *moves = 0;
  return testudo_i_qmax_anneal_run(anneal, need, &stream, warm, cooling, moves);
}

/* What the chunks lack, from the orders alone. */
static int64_t lacking(const testudo_assignment *orders, const int32_t *chunk, int level, int64_t need)
{
  int64_t all = 0;
  for (int32_t i = 0; i < orders->chunks; i++) {
    int undone[256], holders = 0;
    for (int32_t j = 0; j < orders->workers; j++)
      for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++)
        if (chunk[e] == i)
          undone[holders++] = (int)(orders->row[j + 1] - e);
    qsort(undone, (size_t)holders, sizeof *undone, brute_rising);
    int64_t sum = 0;
    for (int k = 0; k < holders - level + 1; k++)
      sum += undone[k];
    all += sum < need ? need - sum : 0;
  }
  return all;
}

static void assert_permutes(const testudo_assignment *orders, const int32_t *chunk)
{
  for (int32_t j = 0; j < orders->workers; j++) {
    int64_t load = orders->row[j + 1] - orders->row[j];
    int32_t was[64], is[64];
    memcpy(was, orders->chunk + orders->row[j], (size_t)load * sizeof *was);
    memcpy(is, chunk + orders->row[j], (size_t)load * sizeof *is);
    brute_sort(was, load);
    brute_sort(is, load);
    assert_memory_equal(was, is, (size_t)load * sizeof *was);
  }
}

static void what_is_missing_is_what_the_orders_lack(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 41, TESTUDO_I_FOR_TEST, 0, 0);
  int attained = 0, cases = 0;
  for (int trial = 0; trial < 120; trial++) {
    int32_t workers = 2 + (int32_t)testudo_i_random_below(&random, 12);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(&random, 12);
    testudo_assignment orders = random_graph(&random, workers, chunks, 0.5);
    testudo_design *design = design_of(&orders);
    for (int level = 1; level <= testudo_design_min_replication(design); level++, cases++) {
      testudo_i_places places;
      testudo_i_qmax_anneal *anneal;
      testudo_i_arena arena = {0};
      int64_t moves, need = 1 + (int64_t)testudo_i_random_below(&random, 12);
      testudo_i_annealing cooling = {.hot = 0.8, .cold = 0.1, .moves = 20000};
      assert_ok(testudo_i_places_make(design, level, &places, NULL));
      assert_ok(testudo_i_qmax_anneal_create(&places, &arena, &anneal, NULL));
      int64_t missing = run_from(anneal, need, (uint64_t)trial, trial % 2 == 0, &cooling, &moves);
      assert_int_equal(missing, lacking(&orders, testudo_i_qmax_anneal_order(anneal), level, need));
      assert_permutes(&orders, testudo_i_qmax_anneal_order(anneal));
      assert_true(missing == 0 ? moves <= 20000 : moves == 20000);
      attained += missing == 0;
      testudo_i_arena_clear(&arena);
      testudo_i_places_free(&places);
    }
    testudo_design_free(design);
    testudo_assignment_free(&orders);
  }
  assert_true(attained > 20);
  assert_true(attained < cases - 20);
}

static void the_same_start_gives_the_same_orders(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(24, 8);
  testudo_i_places places;
  testudo_i_qmax_anneal *one, *two;
  testudo_i_arena arena = {0};
  int64_t moves[2];
  testudo_i_annealing cooling = {.hot = 0.3, .cold = 0.1, .moves = 5000};
  assert_ok(testudo_i_places_make(design, 3, &places, NULL));
  assert_ok(testudo_i_qmax_anneal_create(&places, &arena, &one, NULL));
  assert_ok(testudo_i_qmax_anneal_create(&places, &arena, &two, NULL));
  /* The second annealer has run before: nothing of that may stay. */
  run_from(two, 20, 8, false, &cooling, &moves[0]);
  run_from(one, 23, 6, false, &cooling, &moves[0]);
  run_from(two, 23, 6, false, &cooling, &moves[1]);
  assert_int_equal(moves[0], moves[1]);
  assert_memory_equal(testudo_i_qmax_anneal_order(one), testudo_i_qmax_anneal_order(two), 192 * sizeof(int32_t));
  run_from(two, 23, 7, false, &cooling, &moves[1]);
  assert_memory_not_equal(testudo_i_qmax_anneal_order(one), testudo_i_qmax_anneal_order(two), 192 * sizeof(int32_t));
  testudo_i_arena_clear(&arena);
  testudo_i_places_free(&places);
  testudo_design_free(design);
}

/* Random orders of a quotient, spread over the whole, are worth there what they are worth in the quotient. */
static void check_quotient(const testudo_assignment *orders, int32_t workers, int32_t chunks, int level)
{
  testudo_design *design = design_of(orders);
  testudo_i_places whole, small;
  int32_t *scratch = malloc((size_t)orders->row[orders->workers] * sizeof *scratch);
  assert_non_null(scratch);
  assert_ok(testudo_i_places_make(design, level, &whole, NULL));
  assert_true(testudo_i_places_repeat(&whole, workers, chunks, scratch));
  assert_ok(testudo_i_places_quotient(&whole, workers, chunks, &small, NULL));
  for (uint64_t seed = 1; seed <= 5; seed++) {
    testudo_order_random(&small.orders, seed);
    assert_ok(testudo_i_places_spread(small.orders.chunk, &small, &whole, NULL));
    assert_permutes(orders, whole.orders.chunk);
    int64_t least = testudo_i_places_least(&small, scratch);
    assert_int_equal(least, testudo_i_places_least(&whole, scratch));
    assert_int_equal(whole.loads - least, brute_q_max(orders->workers, orders->chunks, orders->row,
                                                      whole.orders.chunk, level));
  }
  testudo_i_places_free(&small);
  testudo_i_places_free(&whole);
  free(scratch);
  testudo_design_free(design);
}

static void orders_that_repeat_are_worth_the_same(void **state)
{
  (void)state;
  testudo_assignment orders;
  assert_ok(testudo_assignment_cyclic(12, 7, &orders, NULL));
  for (int32_t period = 1; period <= 12; period++)
    if (12 % period == 0)
      for (int level = 1; level <= 7; level += 2)
        check_quotient(&orders, period, period, level);
  testudo_assignment_free(&orders);
  assert_ok(testudo_assignment_frc(12, 18, 4, &orders, NULL));
  check_quotient(&orders, 4, 6, 2);
  testudo_assignment_free(&orders);
}

static void what_does_not_repeat_is_seen(void **state)
{
  (void)state;
  testudo_assignment orders;
  testudo_i_places whole;
  int32_t held[12];
  assert_ok(testudo_assignment_frc(12, 12, 4, &orders, NULL));
  testudo_design *design = design_of(&orders);
  assert_ok(testudo_i_places_make(design, 1, &whole, NULL));
  assert_true(testudo_i_places_repeat(&whole, 4, 4, held));
  assert_false(testudo_i_places_repeat(&whole, 6, 6, held));
  assert_false(testudo_i_places_repeat(&whole, 3, 3, held));
  testudo_i_places_free(&whole);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

static bool stop_at_once(void *context)
{
  ++*(int *)context;
  return true;
}

static void stops_when_asked(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(22, 5); /* 11 is impossible */
  testudo_i_places places;
  testudo_i_qmax_anneal *anneal;
  testudo_i_arena arena = {0};
  int64_t moves;
  int calls = 0;
  testudo_i_annealing cooling = {.hot = 0.3, .cold = 0.1, .moves = INT64_C(100000000), .stopped = stop_at_once,
                                 .context = &calls};
  assert_ok(testudo_i_places_make(design, 3, &places, NULL));
  assert_ok(testudo_i_qmax_anneal_create(&places, &arena, &anneal, NULL));
  assert_true(run_from(anneal, 7, 1, false, &cooling, &moves) > 0);
  assert_int_equal(calls, 1);
  assert_int_equal(moves, 0);
  testudo_i_arena_clear(&arena);
  testudo_i_places_free(&places);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_missing_is_what_the_orders_lack),
      cmocka_unit_test(the_same_start_gives_the_same_orders),
      cmocka_unit_test(orders_that_repeat_are_worth_the_same),
      cmocka_unit_test(what_does_not_repeat_is_seen),
      cmocka_unit_test(stops_when_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
