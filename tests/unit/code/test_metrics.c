/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphs.h"

#include "runtime/design.h"

static testudo_design *design_of(const testudo_assignment *assignment)
{
  testudo_design *design = NULL;
  testudo_error error;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, assignment, 1, 1, "", &design, &error));
  return design;
}

/* By definition: over all progress vectors, the largest total progress at which some chunk is done at most l-1 times,
   for every l at once. */
static void enumerate(const testudo_assignment *graph, int32_t levels, int64_t *q)
{
  int32_t done[16] = {0}, progress[16] = {0};
  int64_t total = 0;
  for (int32_t l = 0; l < levels; l++)
    q[l] = -1;
  for (;;) {
    for (int32_t i = 0; i < graph->chunks; i++)
      for (int32_t l = done[i] + 1; l <= levels; l++)
        if (total > q[l - 1])
          q[l - 1] = total;
    int32_t j = 0;
    while (j < graph->workers && progress[j] == graph->row[j + 1] - graph->row[j]) {
      for (int64_t e = graph->row[j]; e < graph->row[j + 1]; e++)
        done[graph->chunk[e]]--;
      total -= progress[j];
      progress[j++] = 0;
    }
    if (j == graph->workers)
      return;
    done[graph->chunk[graph->row[j] + progress[j]]]++;
    progress[j]++;
    total++;
  }
}

static int64_t progress_vectors(const testudo_assignment *graph)
{
  int64_t count = 1;
  for (int32_t j = 0; j < graph->workers; j++)
    count *= graph->row[j + 1] - graph->row[j] + 1;
  return count;
}

static void q_max_equals_brute_force_on_400_irregular_assignments(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 41, TESTUDO_I_FOR_TEST, 0, 0);
  int cases = 0, unequal = 0;
  while (cases < 400) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 6),
                                            1 + (int32_t)testudo_i_random_below(&random, 7),
                                            testudo_i_random_uniform(&random));
    if (progress_vectors(&graph) <= 40000) {
      const int32_t levels = 8;
      int64_t wanted[8], found[8];
      testudo_design *design = design_of(&graph);
      enumerate(&graph, levels, wanted);
      assert_ok(testudo_q_max(design, levels, found, NULL));
      for (int32_t l = 0; l < levels; l++)
        assert_int_equal(found[l], wanted[l]);
      testudo_design_free(design);
      cases++;
      unequal += graph.workers > 1 && graph.row[1] * graph.workers != entries_of(&graph);
    }
    testudo_assignment_free(&graph);
  }
  assert_true(unequal > 200);
}

/* Fewer levels asked for than a chunk's replication: the same numbers, and nothing written beyond. */
static void q_max_of_few_levels_is_a_prefix(void **state)
{
  (void)state;
  testudo_assignment graph;
  assert_ok(testudo_assignment_regular(30, 40, 9, 2, &graph, NULL));
  testudo_design *design = design_of(&graph);
  int64_t all[12], some[5];
  assert_ok(testudo_q_max(design, 12, all, NULL));
  for (int32_t levels = 1; levels <= 4; levels++) {
    some[levels] = -77;
    assert_ok(testudo_q_max(design, levels, some, NULL));
    assert_memory_equal(all, some, (size_t)levels * sizeof *all);
    assert_int_equal(some[levels], -77);
  }
  for (int32_t l = 10; l <= 12; l++)
    assert_int_equal(all[l - 1], 360);
  testudo_design_free(design);
  testudo_assignment_free(&graph);
}

static void no_order_is_below_the_bound_and_square_matching_orders_meet_it(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 44, TESTUDO_I_FOR_TEST, 0, 0);
  int met = 0;
  for (int trial = 0; trial < 400; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 4),
                                            1 + (int32_t)testudo_i_random_below(&random, 4),
                                            testudo_i_random_uniform(&random));
    int64_t bound = 0, least = INT64_MAX;
    for (uint64_t seed = 0; seed < 60; seed++) {
      testudo_order_random(&graph, seed);
      testudo_design *design = design_of(&graph);
      int64_t q;
      assert_ok(testudo_q_max(design, 1, &q, NULL));
      least = q < least ? q : least;
      assert_true(seed == 0 || testudo_q_max_bound(design) == bound);
      bound = testudo_q_max_bound(design);
      testudo_design_free(design);
    }
    assert_true(least >= bound);
    met += least == bound;
    testudo_assignment_free(&graph);
  }
  assert_true(met > 100);
  for (int32_t delta = 1; delta <= 9; delta++) {
    testudo_assignment graph;
    int64_t q;
    assert_ok(testudo_assignment_regular(23, 23, delta, 5, &graph, NULL));
    assert_ok(testudo_order_matching(&graph, NULL, NULL));
    testudo_design *design = design_of(&graph);
    assert_ok(testudo_q_max(design, 1, &q, NULL));
    assert_int_equal(q, testudo_q_max_bound(design));
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
}

/* Equal loads delta and replication gamma: Q = m delta - (gamma-l+1)(delta+1) + row_sum. */
static void q_max_and_row_sum_differ_by_a_constant_for_equal_loads(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 40; seed++) {
    testudo_assignment graph;
    assert_ok(testudo_assignment_regular(24, 36, 4, seed, &graph, NULL));
    if (seed % 2 == 0)
      testudo_order_random(&graph, seed);
    testudo_design *design = design_of(&graph);
    int64_t q[4], sum;
    assert_ok(testudo_q_max(design, 4, q, NULL));
    for (int32_t l = 1; l <= 4; l++) {
      assert_ok(testudo_row_sum_max(design, l, &sum, NULL));
      assert_int_equal(q[l - 1], 24 * 6 - (4 - l + 1) * 7 + sum);
    }
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
}

static void row_sum_equals_a_sum_over_subsets(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 42, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 300; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 7),
                                            1 + (int32_t)testudo_i_random_below(&random, 9),
                                            testudo_i_random_uniform(&random));
    testudo_design *design = design_of(&graph);
    for (int32_t l = 1; l <= 8; l++) {
      int64_t wanted = 0, found = -1;
      for (int32_t i = 0; i < graph.chunks; i++)
        for (unsigned left_out = 0; left_out < 1u << graph.workers; left_out++) {
          int64_t sum = 0;
          int32_t out = 0;
          for (int32_t j = 0; j < graph.workers; j++)
            for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++)
              if (graph.chunk[e] == i && (left_out >> j & 1) == 0)
                sum += e - graph.row[j] + 1;
              else if (graph.chunk[e] == i)
                out++;
          if (out >= l - 1 && sum > wanted)
            wanted = sum;
        }
      assert_ok(testudo_row_sum_max(design, l, &found, NULL));
      assert_int_equal(found, wanted);
    }
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
}

/* docs/theory/orders.md#q_max on the cyclic assignment in natural order: every chunk has the places 1..delta, so 18 at
   (12,6), l=3. */
static void natural_cyclic_order_has_row_sum_18_at_12_6_3(void **state)
{
  (void)state;
  testudo_assignment graph;
  int64_t sum;
  assert_ok(testudo_assignment_cyclic(12, 6, &graph, NULL));
  testudo_design *design = design_of(&graph);
  assert_ok(testudo_row_sum_max(design, 3, &sum, NULL));
  assert_int_equal(sum, 18);
  testudo_design_free(design);
  testudo_assignment_free(&graph);
}

static void max_overlap_equals_counting_all_pairs(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 43, TESTUDO_I_FOR_TEST, 0, 0);
  int32_t largest = 0;
  for (int trial = 0; trial < 300; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 12),
                                            1 + (int32_t)testudo_i_random_below(&random, 20),
                                            testudo_i_random_uniform(&random));
    int32_t wanted = 0, found = -1;
    for (int32_t j = 0; j < graph.workers; j++)
      for (int32_t k = 0; k < j; k++) {
        int32_t shared = 0;
        for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++)
          for (int64_t f = graph.row[k]; f < graph.row[k + 1]; f++)
            shared += graph.chunk[e] == graph.chunk[f];
        wanted = shared > wanted ? shared : wanted;
      }
    testudo_design *design = design_of(&graph);
    assert_ok(testudo_max_overlap(design, &found, NULL));
    assert_int_equal(found, wanted);
    largest = found > largest ? found : largest;
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
  assert_true(largest > 10);
}

/* Chunks 0..heavy-1 on most workers, the others on a few each, so that all kinds of pairs decide in turn: the same
   heavy chunks and no others, different heavy ones, light ones with and without. Pairs are counted on bit masks. */
static void chunks_on_very_many_workers_count_as_the_others(void **state)
{
  (void)state;
  enum { WORKERS = 1300, CHUNKS = 60 };
  testudo_i_random random;
  testudo_i_random_start(&random, 47, TESTUDO_I_FOR_TEST, 0, 0);
  uint64_t *mask = calloc(WORKERS, sizeof *mask);
  int32_t seen = 0;
  for (int trial = 0; trial < 14; trial++) {
    int heavy = trial % 7;
    double share = trial < 7 ? 0.9 : 0.97;
    int64_t entries = 0;
    for (int32_t j = 0; j < WORKERS; j++) {
      mask[j] = (uint64_t)1 << (heavy + (int)testudo_i_random_below(&random, (uint64_t)(CHUNKS - heavy)));
      for (int i = 0; i < CHUNKS; i++)
        if (testudo_i_random_uniform(&random) < (i < heavy ? share : trial % 3 * 0.01) || j == i)
          mask[j] |= (uint64_t)1 << i;
      entries += __builtin_popcountll(mask[j]);
    }
    testudo_assignment graph = {.workers = WORKERS, .chunks = CHUNKS};
    graph.row = calloc(WORKERS + 1, sizeof *graph.row);
    graph.chunk = malloc((size_t)entries * sizeof *graph.chunk);
    int32_t wanted = 0, found = -1;
    for (int32_t j = 0; j < WORKERS; j++) {
      graph.row[j + 1] = graph.row[j];
      for (int i = 0; i < CHUNKS; i++)
        if (mask[j] >> i & 1)
          graph.chunk[graph.row[j + 1]++] = i;
      for (int32_t k = 0; k < j; k++) {
        int32_t shared = __builtin_popcountll(mask[j] & mask[k]);
        wanted = shared > wanted ? shared : wanted;
      }
    }
    testudo_order_random(&graph, (uint64_t)trial);
    testudo_design *design = design_of(&graph);
    assert_ok(testudo_max_overlap(design, &found, NULL));
    assert_int_equal(found, wanted);
    seen |= 1 << wanted;
    testudo_design_free(design);
    testudo_assignment_free(&graph);
  }
  assert_true(__builtin_popcount((unsigned)seen) >= 6);
  free(mask);
}

static void one_worker_with_one_chunk(void **state)
{
  (void)state;
  testudo_assignment graph;
  assert_ok(testudo_assignment_cyclic(1, 1, &graph, NULL));
  testudo_design *design = design_of(&graph);
  int64_t q[3], sum;
  int32_t overlap;
  assert_ok(testudo_q_max(design, 3, q, NULL));
  assert_int_equal(q[0], 0);
  assert_int_equal(q[1], 1);
  assert_int_equal(q[2], 1);
  assert_ok(testudo_row_sum_max(design, 1, &sum, NULL));
  assert_int_equal(sum, 1);
  assert_ok(testudo_row_sum_max(design, 2, &sum, NULL));
  assert_int_equal(sum, 0);
  assert_ok(testudo_max_overlap(design, &overlap, NULL));
  assert_int_equal(overlap, 0);
  testudo_design_free(design);
  testudo_assignment_free(&graph);
}

static void refuses_level_0(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_error error;
  int64_t q[1];
  assert_ok(testudo_assignment_cyclic(3, 2, &graph, NULL));
  testudo_design *design = design_of(&graph);
  assert_status(testudo_q_max(design, 0, q, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "levels: 0, but at least 1 is needed");
  assert_status(testudo_row_sum_max(design, 0, q, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "l: 0, but at least 1 is needed");
  testudo_design_free(design);
  testudo_assignment_free(&graph);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(q_max_equals_brute_force_on_400_irregular_assignments),
      cmocka_unit_test(q_max_of_few_levels_is_a_prefix),
      cmocka_unit_test(no_order_is_below_the_bound_and_square_matching_orders_meet_it),
      cmocka_unit_test(q_max_and_row_sum_differ_by_a_constant_for_equal_loads),
      cmocka_unit_test(row_sum_equals_a_sum_over_subsets),
      cmocka_unit_test(natural_cyclic_order_has_row_sum_18_at_12_6_3),
      cmocka_unit_test(max_overlap_equals_counting_all_pairs),
      cmocka_unit_test(chunks_on_very_many_workers_count_as_the_others),
      cmocka_unit_test(one_worker_with_one_chunk),
      cmocka_unit_test(refuses_level_0),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
