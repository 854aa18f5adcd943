/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphs.h"

#include "runtime/design.h"

static testudo_design *design_of(const testudo_assignment *assignment, int32_t parts)
{
  testudo_design *design = NULL;
  testudo_error error;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, assignment, parts, 1, "", &design, &error));
  return design;
}

/* Every chunk has the places 1..delta, each once. */
static void assert_latin(const testudo_assignment *assignment, int32_t delta)
{
  uint64_t *seen = calloc((size_t)assignment->chunks, sizeof *seen);
  assert_non_null(seen);
  for (int32_t j = 0; j < assignment->workers; j++)
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
      uint64_t place = UINT64_C(1) << (e - assignment->row[j]);
      assert_true((seen[assignment->chunk[e]] & place) == 0);
      seen[assignment->chunk[e]] |= place;
    }
  for (int32_t i = 0; i < assignment->chunks; i++)
    assert_true(seen[i] == UINT64_MAX >> (64 - delta));
  free(seen);
}

static int64_t tail_sum(int32_t delta, int32_t l)
{
  return (int64_t)(delta - l + 1) * (l + delta) / 2;
}

/* Q^(l) for equal loads delta and replications delta is m delta + sum of the largest places - (delta-l+1)(delta+1). */
static void assert_match_values(const testudo_assignment *assignment, int32_t delta)
{
  testudo_design *design = design_of(assignment, 1);
  int64_t q[64], sum;
  assert_ok(testudo_q_max(design, delta, q, NULL));
  for (int32_t l = 1; l <= delta; l++) {
    assert_ok(testudo_row_sum_max(design, l, &sum, NULL));
    assert_int_equal(sum, tail_sum(delta, l));
    assert_int_equal(q[l - 1], (int64_t)assignment->workers * delta + sum - (int64_t)(delta - l + 1) * (delta + 1));
  }
  testudo_design_free(design);
}

static void matching_gives_every_place_once_on_regular_square_graphs(void **state)
{
  (void)state;
  static const int32_t size[] = {1, 2, 3, 5, 8, 13, 34, 64, 100, 257};
  int cases = 0;
  for (size_t s = 0; s < sizeof size / sizeof *size; s++)
    for (int32_t delta = 1; delta <= size[s] && delta <= 24; delta++) {
      testudo_assignment graph;
      testudo_error error;
      assert_ok(testudo_assignment_regular(size[s], size[s], delta, 3, &graph, &error));
      assert_ok(testudo_order_matching(&graph, NULL, &error));
      assert_latin(&graph, delta);
      assert_match_values(&graph, delta);
      testudo_assignment_free(&graph);
      assert_ok(testudo_assignment_cyclic(size[s], delta, &graph, &error));
      assert_ok(testudo_order_matching(&graph, NULL, &error));
      assert_latin(&graph, delta);
      testudo_assignment_free(&graph);
      cases++;
    }
  assert_int_equal(cases, 1 + 2 + 3 + 5 + 8 + 13 + 4 * 24);
}

/* The first numbers of docs/theory/search.md#matching-order-and-bound, delta = 5..8, l = 1..delta; and
   delta(delta+1)/2 at l = 1. */
static void matching_has_the_values_of_the_table(void **state)
{
  (void)state;
  static const int64_t table[][8] = {{15, 14, 12, 9, 5}, {21, 20, 18, 15, 11, 6}, {28, 27, 25, 22, 18, 13, 7},
                                     {36, 35, 33, 30, 26, 21, 15, 8}};
  for (int32_t delta = 2; delta <= 8; delta++) {
    testudo_assignment graph;
    assert_ok(testudo_assignment_regular(200, 200, delta, 8, &graph, NULL));
    assert_ok(testudo_order_matching(&graph, NULL, NULL));
    testudo_design *design = design_of(&graph, 1);
    for (int32_t l = 1; l <= delta; l++) {
      int64_t sum;
      assert_ok(testudo_row_sum_max(design, l, &sum, NULL));
      if (delta >= 5)
        assert_int_equal(sum, table[delta - 5][l - 1]);
      if (l == 1)
        assert_int_equal(sum, delta * (delta + 1) / 2);
    }
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
}

static int compare(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void assert_same_sets(const testudo_assignment *a, const testudo_assignment *b)
{
  for (int32_t j = 0; j < a->workers; j++) {
    size_t load = (size_t)(a->row[j + 1] - a->row[j]);
    qsort(a->chunk + a->row[j], load, sizeof *a->chunk, compare);
    qsort(b->chunk + b->row[j], load, sizeof *b->chunk, compare);
    assert_memory_equal(a->chunk + a->row[j], b->chunk + b->row[j], load * sizeof *a->chunk);
  }
}

static testudo_assignment copy_of(const testudo_assignment *assignment)
{
  testudo_assignment copy = *assignment;
  copy.row = malloc(((size_t)copy.workers + 1) * sizeof *copy.row);
  copy.chunk = malloc((size_t)(entries_of(assignment) + 1) * sizeof *copy.chunk);
  assert_non_null(copy.row);
  assert_non_null(copy.chunk);
  memcpy(copy.row, assignment->row, ((size_t)copy.workers + 1) * sizeof *copy.row);
  memcpy(copy.chunk, assignment->chunk, (size_t)entries_of(assignment) * sizeof *copy.chunk);
  return copy;
}

static void orders_only_permute_rows_and_are_deterministic(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 200; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 25),
                                            1 + (int32_t)testudo_i_random_below(&random, 25), 0.4);
    testudo_assignment once = copy_of(&graph), again = copy_of(&graph);
    if (trial % 2 == 0) {
      assert_ok(testudo_order_matching(&once, NULL, NULL));
      assert_ok(testudo_order_matching(&again, NULL, NULL));
    } else {
      testudo_order_random(&once, 99);
      testudo_order_random(&again, 99);
    }
    assert_memory_equal(once.chunk, again.chunk, (size_t)entries_of(&graph) * sizeof *once.chunk);
    assert_same_sets(&once, &graph);
    testudo_assignment_free(&graph);
    testudo_assignment_free(&once);
    testudo_assignment_free(&again);
  }
}

/* Chunks of low degree get early and late places alike: with 2 chunks to a worker the sums of places stay within 2 of
   the mean, where a colouring that ignores this would reach 1+2+3+4 against 5+6+7+8. */
static void matching_balances_chunks_that_lack_colours(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 10; seed++) {
    testudo_assignment graph;
    assert_ok(testudo_assignment_regular(100, 200, 4, seed, &graph, NULL));
    assert_ok(testudo_order_matching(&graph, NULL, NULL));
    testudo_design *design = design_of(&graph, 1);
    int64_t sum;
    assert_ok(testudo_row_sum_max(design, 1, &sum, NULL));
    /* The mean over chunks is 4 (8 + 1) / 2 = 18. */
    assert_in_range(sum, 18, 20);
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
}

/* Each of the 24 sequences of a row of 4 over 24,000 workers: within 6 standard deviations. */
static void random_order_shuffles_uniformly_by_worker(void **state)
{
  (void)state;
  const int32_t workers = 24000;
  testudo_assignment graph;
  assert_ok(testudo_assignment_cyclic(workers, 4, &graph, NULL));
  testudo_order_random(&graph, 5);
  int count[256] = {0};
  for (int32_t j = 0; j < workers; j++) {
    int code = 0;
    for (int k = 0; k < 4; k++)
      code = 4 * code + (graph.chunk[4 * j + k] - j + workers) % workers;
    count[code]++;
  }
  int kinds = 0;
  for (int code = 0; code < 256; code++)
    if (count[code] > 0) {
      kinds++;
      assert_near(count[code], 1000.0, 6.0 * sqrt(1000.0 * 23.0 / 24.0));
    }
  assert_int_equal(kinds, 24);
  testudo_assignment_free(&graph);
}

/* A worker's shuffle depends on (seed, worker) only, not on the other rows. */
static void random_order_of_a_worker_ignores_the_others(void **state)
{
  (void)state;
  testudo_assignment small, large;
  assert_ok(testudo_assignment_cyclic(10, 6, &small, NULL));
  assert_ok(testudo_assignment_cyclic(50, 6, &large, NULL));
  testudo_order_random(&small, 123);
  testudo_order_random(&large, 123);
  for (int32_t j = 0; j < 5; j++)
    assert_memory_equal(small.chunk + 6 * j, large.chunk + 6 * j, 6 * sizeof(int32_t));
  testudo_assignment_free(&small);
  testudo_assignment_free(&large);
}

static bool never(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

static void an_interrupted_matching_leaves_the_order_alone(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_monitor monitor = {never, NULL};
  testudo_error error;
  int32_t before[27];
  assert_ok(testudo_assignment_regular(9, 9, 3, 5, &graph, NULL));
  memcpy(before, graph.chunk, sizeof before);
  assert_status(testudo_order_matching(&graph, &monitor, &error), TESTUDO_INTERRUPTED);
  assert_memory_equal(graph.chunk, before, sizeof before);
  testudo_assignment_free(&graph);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matching_gives_every_place_once_on_regular_square_graphs),
      cmocka_unit_test(matching_has_the_values_of_the_table),
      cmocka_unit_test(orders_only_permute_rows_and_are_deterministic),
      cmocka_unit_test(matching_balances_chunks_that_lack_colours),
      cmocka_unit_test(random_order_shuffles_uniformly_by_worker),
      cmocka_unit_test(random_order_of_a_worker_ignores_the_others),
      cmocka_unit_test(an_interrupted_matching_leaves_the_order_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
