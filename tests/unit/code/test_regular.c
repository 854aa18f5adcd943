/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/families/regular.h"

#include "graphs.h"

static int cases;

static void assert_degrees(const testudo_assignment *graph, int32_t replication)
{
  int64_t entries = entries_of(graph);
  assert_int_equal(entries, (int64_t)graph->chunks * replication);
  for (int32_t j = 0; j < graph->workers; j++) {
    int64_t load = graph->row[j + 1] - graph->row[j];
    assert_in_range(load, entries / graph->workers, (entries + graph->workers - 1) / graph->workers);
    for (int64_t e = graph->row[j] + 1; e < graph->row[j + 1]; e++)
      assert_true(graph->chunk[e - 1] < graph->chunk[e]);
  }
  int32_t *degree = chunk_degrees(graph);
  for (int32_t i = 0; i < graph->chunks; i++)
    assert_int_equal(degree[i], replication);
  free(degree);
  assert_true(is_simple(graph));
  cases++;
}

static void check_shape(int32_t workers, int32_t chunks, int32_t replication, uint64_t seed)
{
  testudo_assignment graph;
  testudo_error error;
  assert_ok(testudo_assignment_regular(workers, chunks, replication, seed, &graph, &error));
  assert_degrees(&graph, replication);
  testudo_assignment_free(&graph);
}

static void has_exact_degrees_for_every_small_shape(void **state)
{
  (void)state;
  for (int32_t workers = 1; workers <= 9; workers++)
    for (int32_t chunks = 1; chunks <= 11; chunks++)
      for (int32_t replication = 1; replication <= workers; replication++)
        for (uint64_t seed = 0; seed < 3; seed++)
          check_shape(workers, chunks, replication, seed);
}

static void has_exact_degrees_when_sparse_dense_or_lopsided(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {
      {200, 200, 8},   {300, 300, 299}, {300, 300, 300},  {300, 300, 150}, {301, 300, 151}, {1, 5000, 1},
      {5000, 1, 17},   {5000, 2, 4999}, {5000, 3, 2500},  {7, 4000, 6},    {64, 4000, 1},   {1000, 1000, 1},
      {2000, 1000, 2}, {999, 1000, 31}, {97, 101, 48},    {2000, 2000, 62},
  };
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++)
    check_shape(shape[k][0], shape[k][1], shape[k][2], 20 + k);
}

static void is_the_same_for_the_same_seed_only(void **state)
{
  (void)state;
  testudo_assignment a, b, c;
  assert_ok(testudo_assignment_regular(150, 120, 10, 4, &a, NULL));
  assert_ok(testudo_assignment_regular(150, 120, 10, 4, &b, NULL));
  assert_ok(testudo_assignment_regular(150, 120, 10, 5, &c, NULL));
  assert_memory_equal(a.row, b.row, 151 * sizeof *a.row);
  assert_memory_equal(a.chunk, b.chunk, 1200 * sizeof *a.chunk);
  assert_int_not_equal(memcmp(a.chunk, c.chunk, 1200 * sizeof *a.chunk), 0);
  testudo_assignment_free(&a);
  testudo_assignment_free(&b);
  testudo_assignment_free(&c);
}

/* Every pair is an edge with probability replication / workers, by symmetry under relabelling workers: counts over
   seeds within 6 standard deviations. */
static void every_pair_is_equally_likely(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{6, 6, 2}, {7, 5, 3}, {5, 8, 4}, {40, 12, 1}, {4, 4, 2}, {9, 4, 2}, {70, 10, 2}};
  const int seeds = 4000;
  for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
    int32_t workers = shape[s][0], chunks = shape[s][1], replication = shape[s][2];
    int *count = calloc((size_t)workers * (size_t)chunks, sizeof *count);
    assert_non_null(count);
    for (int seed = 0; seed < seeds; seed++) {
      testudo_assignment graph;
      assert_ok(testudo_assignment_regular(workers, chunks, replication, (uint64_t)seed, &graph, NULL));
      for (int32_t j = 0; j < workers; j++)
        for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++)
          count[j * chunks + graph.chunk[e]]++;
      testudo_assignment_free(&graph);
    }
    double p = (double)replication / workers;
    for (int32_t pair = 0; pair < workers * chunks; pair++)
      assert_near(count[pair], seeds * p, 6.0 * sqrt(seeds * p * (1.0 - p)));
    free(count);
  }
}

/* 4 chunks on 2 of 4 workers each, all degrees 2: 90 labelled graphs. Switches keep the pairing model's law only
   approximately; a graph five times likelier than another would show. */
static void no_small_graph_is_missing_or_far_too_likely(void **state)
{
  (void)state;
  static int seen[65536];
  const int seeds = 18000;
  for (int seed = 0; seed < seeds; seed++) {
    testudo_assignment graph;
    assert_ok(testudo_assignment_regular(4, 4, 2, (uint64_t)seed + 100000, &graph, NULL));
    unsigned mask = 0;
    for (int32_t j = 0; j < 4; j++)
      for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++)
        mask |= 1u << (4 * j + graph.chunk[e]);
    seen[mask]++;
    testudo_assignment_free(&graph);
  }
  int graphs = 0;
  for (int mask = 0; mask < 65536; mask++)
    if (seen[mask] > 0) {
      graphs++;
      assert_in_range(seen[mask], seeds / 90 / 2, seeds / 90 * 2);
    }
  assert_int_equal(graphs, 90);
}

static void assert_simple_pairing(const testudo_i_pairing *pairing)
{
  for (int32_t i = 0; i < pairing->chunks; i++)
    for (int32_t a = 0; a < pairing->replication; a++)
      for (int32_t b = 0; b < a; b++)
        assert_int_not_equal(pairing->stub[(int64_t)i * pairing->replication + a],
                             pairing->stub[(int64_t)i * pairing->replication + b]);
}

/* The way out when repairing gets stuck, which a real draw may never need. */
static void scrambling_keeps_the_graph_simple_and_moves_it(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{5, 4, 2}, {120, 30, 3}, {8, 9, 4}, {3, 3, 1}};
  for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
    testudo_i_pairing pairing;
    assert_ok(testudo_i_pairing_start(&pairing, shape[s][0], shape[s][1], shape[s][2], 31, NULL));
    assert_simple_pairing(&pairing);
    size_t bytes = (size_t)pairing.entries * sizeof *pairing.stub;
    int32_t *before = malloc(bytes);
    assert_non_null(before);
    memcpy(before, pairing.stub, bytes);
    testudo_i_pairing_scramble(&pairing, 500);
    assert_simple_pairing(&pairing);
    assert_int_not_equal(memcmp(before, pairing.stub, bytes), 0);
    int *load = calloc((size_t)shape[s][0], sizeof *load);
    assert_non_null(load);
    for (int64_t k = 0; k < pairing.entries; k++)
      load[pairing.stub[k]]++;
    for (int32_t j = 0; j < shape[s][0]; j++)
      assert_in_range(load[j], pairing.entries / shape[s][0], pairing.entries / shape[s][0] + 1);
    testudo_i_pairing_deal(&pairing);
    assert_memory_equal(before, pairing.stub, bytes);
    free(load);
    free(before);
    testudo_i_pairing_free(&pairing);
  }
}

static void a_draw_without_tries_tells_that_it_is_not_simple(void **state)
{
  (void)state;
  testudo_i_pairing pairing;
  bool simple = true;
  assert_ok(testudo_i_pairing_start(&pairing, 40, 40, 20, 1, NULL));
  assert_ok(testudo_i_pairing_draw(&pairing, 0, &simple, NULL));
  assert_false(simple);
  testudo_i_pairing_deal(&pairing);
  assert_ok(testudo_i_pairing_draw(&pairing, 1000, &simple, NULL));
  assert_true(simple);
  assert_simple_pairing(&pairing);
  testudo_i_pairing_free(&pairing);
}

static void refuses_what_no_simple_graph_has(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_error error;
  assert_status(testudo_assignment_regular(5, 9, 6, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "replication: 6, but a chunk can lie on 1..5 different workers");
  assert_null(graph.row);
  assert_status(testudo_assignment_regular(5, 9, 0, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_regular(0, 9, 1, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_regular(3, 0, 1, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_regular(TESTUDO_MAX_WORKERS + 1, 9, 1, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_regular(3, TESTUDO_MAX_CHUNKS + 1, 1, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_assignment_free(&graph);
}

static void counts_its_cases(void **state)
{
  (void)state;
  assert_int_equal(cases, 45 * 11 * 3 + 16);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_exact_degrees_for_every_small_shape),
      cmocka_unit_test(has_exact_degrees_when_sparse_dense_or_lopsided),
      cmocka_unit_test(is_the_same_for_the_same_seed_only),
      cmocka_unit_test(every_pair_is_equally_likely),
      cmocka_unit_test(no_small_graph_is_missing_or_far_too_likely),
      cmocka_unit_test(scrambling_keeps_the_graph_simple_and_moves_it),
      cmocka_unit_test(a_draw_without_tries_tells_that_it_is_not_simple),
      cmocka_unit_test(refuses_what_no_simple_graph_has),
      cmocka_unit_test(counts_its_cases),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
