/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/colouring/perfect_matching.h"

#include "graphs.h"

static int64_t largest_degree(const testudo_assignment *assignment)
{
  int64_t most = 0;
  for (int32_t j = 0; j < assignment->workers; j++)
    if (assignment->row[j + 1] - assignment->row[j] > most)
      most = assignment->row[j + 1] - assignment->row[j];
  int32_t *degree = chunk_degrees(assignment);
  for (int32_t i = 0; i < assignment->chunks; i++)
    if (degree[i] > most)
      most = degree[i];
  free(degree);
  return most;
}

/* Sorts (vertex, colour) keys and looks for neighbours that agree. */
static int compare(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static bool has_twins(int64_t *key, int64_t count)
{
  qsort(key, (size_t)count, sizeof *key, compare);
  for (int64_t k = 1; k < count; k++)
    if (key[k] == key[k - 1])
      return true;
  return false;
}

static void assert_proper(const testudo_assignment *assignment, const int32_t *colour, int32_t colours)
{
  int64_t entries = entries_of(assignment);
  int64_t *by_worker = malloc((size_t)(entries + 1) * sizeof *by_worker);
  int64_t *by_chunk = malloc((size_t)(entries + 1) * sizeof *by_chunk);
  assert_non_null(by_worker);
  assert_non_null(by_chunk);
  for (int32_t j = 0; j < assignment->workers; j++)
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
      assert_in_range(colour[e], 0, colours - 1);
      by_worker[e] = (int64_t)j * colours + colour[e];
      by_chunk[e] = (int64_t)assignment->chunk[e] * colours + colour[e];
    }
  assert_false(has_twins(by_worker, entries));
  assert_false(has_twins(by_chunk, entries));
  free(by_worker);
  free(by_chunk);
}

static void check_colouring(const testudo_assignment *assignment)
{
  testudo_error error;
  int32_t colours = -1;
  int32_t *colour = malloc((size_t)(entries_of(assignment) + 1) * sizeof *colour);
  assert_non_null(colour);
  assert_ok(testudo_i_edge_colouring(assignment, colour, &colours, NULL, &error));
  assert_int_equal(colours, largest_degree(assignment));
  assert_proper(assignment, colour, colours);
  free(colour);
}

static void is_proper_with_max_degree_colours_on_irregular_graphs(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 1500; trial++) {
    int32_t workers = 1 + (int32_t)testudo_i_random_below(&random, 40);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(&random, 40);
    double density = testudo_i_random_uniform(&random) * testudo_i_random_uniform(&random);
    testudo_assignment graph = random_graph(&random, workers, chunks, density);
    check_colouring(&graph);
    testudo_assignment_free(&graph);
  }
}

static void is_proper_on_regular_graphs_of_every_degree_up_to_33(void **state)
{
  (void)state;
  for (int32_t degree = 1; degree <= 33; degree++) {
    testudo_assignment graph;
    testudo_error error;
    assert_ok(testudo_assignment_regular(61, 61, degree, (uint64_t)degree, &graph, &error));
    check_colouring(&graph);
    testudo_assignment_free(&graph);
    assert_ok(testudo_assignment_cyclic(40, degree, &graph, &error));
    check_colouring(&graph);
    testudo_assignment_free(&graph);
  }
}

static void is_proper_where_chunks_and_workers_differ_in_number(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{3, 3000, 2}, {1000, 7, 500}, {50, 75, 7}, {128, 64, 32}, {9, 10, 9}, {1, 500, 1}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    testudo_assignment graph;
    testudo_error error;
    assert_ok(testudo_assignment_regular(shape[k][0], shape[k][1], shape[k][2], 5, &graph, &error));
    check_colouring(&graph);
    testudo_assignment_free(&graph);
  }
}

/* One worker with everything beside many with one chunk: padding without merging would take 2000^2 edges. */
static void keeps_memory_linear_on_a_star(void **state)
{
  (void)state;
  const int32_t size = 20000;
  testudo_assignment star = {.workers = size, .chunks = size};
  star.row = calloc((size_t)size + 1, sizeof *star.row);
  star.chunk = malloc(2 * (size_t)size * sizeof *star.chunk);
  assert_non_null(star.row);
  assert_non_null(star.chunk);
  int64_t e = 0;
  for (int32_t j = 0; j < size; j++) {
    for (int32_t i = 0; i < (j == 777 ? size : 1); i++)
      star.chunk[e++] = j == 777 ? i : (j * 7 + 1) % size;
    star.row[j + 1] = e;
  }
  testudo_i_padded padded;
  testudo_i_arena arena = {0};
  testudo_error error;
  assert_ok(testudo_i_pad(&star, &arena, &padded, &error));
  assert_true(padded.count <= 3 * e);
  testudo_i_arena_clear(&arena);
  check_colouring(&star);
  testudo_assignment_free(&star);
}

static void padding_makes_every_bin_full(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 300; trial++) {
    testudo_assignment graph = random_graph(&random, 1 + (int32_t)testudo_i_random_below(&random, 30),
                                            1 + (int32_t)testudo_i_random_below(&random, 30),
                                            0.3 * testudo_i_random_uniform(&random));
    testudo_i_padded padded;
    testudo_i_arena arena = {0};
    testudo_error error;
    assert_ok(testudo_i_pad(&graph, &arena, &padded, &error));
    assert_true(padded.count == (int64_t)padded.bins * padded.degree && padded.count <= 3 * entries_of(&graph));
    int32_t *filled = calloc((size_t)padded.bins, sizeof *filled);
    char *seen = calloc((size_t)entries_of(&graph), 1);
    assert_non_null(filled);
    assert_non_null(seen);
    int64_t found = 0;
    for (int64_t e = 0; e < padded.count; e++) {
      testudo_i_edge edge = padded.edge[e];
      filled[padded.bin[edge.right]]++;
      if (edge.id == TESTUDO_I_NONE)
        continue;
      assert_int_equal(graph.chunk[edge.id], edge.right);
      found += !seen[edge.id];
      seen[edge.id] = 1;
    }
    assert_int_equal(found, entries_of(&graph));
    for (int32_t b = 0; b < padded.bins; b++)
      assert_int_equal(filled[b], padded.degree);
    free(filled);
    free(seen);
    testudo_i_arena_clear(&arena);
    testudo_assignment_free(&graph);
  }
}

/* Both halves keep half of every worker, and of every chunk up to one edge. */
static void a_split_halves_every_vertex(void **state)
{
  (void)state;
  for (int32_t degree = 2; degree <= 40; degree += 2) {
    testudo_assignment graph;
    testudo_error error;
    /* 3 chunks to 2 workers: chunks are merged, their degree is two thirds of the bins'. */
    assert_ok(testudo_assignment_regular(64, 96, (degree * 2 + 2) / 3, 9, &graph, &error));
    testudo_i_padded padded;
    testudo_i_arena arena = {0};
    assert_ok(testudo_i_pad(&graph, &arena, &padded, &error));
    if (padded.degree % 2 == 0) {
      testudo_i_splitter *splitter;
      assert_ok(testudo_i_splitter_create(&padded, &splitter, &error));
      testudo_i_edge *half = malloc((size_t)padded.count * sizeof *half);
      int32_t *balance = calloc(padded.rights, sizeof *balance);
      assert_non_null(half);
      assert_non_null(balance);
      assert_ok(testudo_i_split(splitter, padded.edge, padded.count, half, half + padded.count / 2, &error));
      for (int64_t e = 0; e < padded.count; e++)
        balance[half[e].right] += e < padded.count / 2 ? 1 : -1;
      for (uint32_t v = 0; v < padded.rights; v++)
        assert_in_range(balance[v] + 1, 0, 2);
      free(half);
      free(balance);
      testudo_i_splitter_free(splitter);
    }
    testudo_i_arena_clear(&arena);
    testudo_assignment_free(&graph);
  }
}

/* Right vertices of a regular graph, edge by edge; the caller frees it. */
static uint32_t *regular_edges(int32_t size, int32_t degree, uint64_t seed)
{
  testudo_assignment graph;
  testudo_error error;
  assert_ok(testudo_assignment_regular(size, size, degree, seed, &graph, &error));
  uint32_t *to = malloc((size_t)entries_of(&graph) * sizeof *to);
  assert_non_null(to);
  for (int64_t e = 0; e < entries_of(&graph); e++)
    to[e] = (uint32_t)graph.chunk[e];
  testudo_assignment_free(&graph);
  return to;
}

static void assert_perfect(const uint32_t *to, int32_t size, int32_t degree, const uint32_t *matched)
{
  char *met = calloc((size_t)size, 1);
  assert_non_null(met);
  for (int32_t u = 0; u < size; u++) {
    assert_int_equal(matched[u] / (uint32_t)degree, u);
    assert_false(met[to[matched[u]]]);
    met[to[matched[u]]] = 1;
  }
  free(met);
}

static void a_perfect_matching_meets_every_vertex_once(void **state)
{
  (void)state;
  uint32_t matched[83];
  for (int32_t degree = 2; degree <= 21; degree++)
    for (uint64_t seed = 0; seed < 5; seed++) {
      uint32_t *to = regular_edges(83, degree, seed);
      assert_ok(testudo_i_perfect_matching(to, 83, degree, matched, NULL, NULL));
      assert_perfect(to, 83, degree, matched);
      free(to);
    }
}

/* Multiple edges, as merging and padding make them: vertex u is joined to u by all edges but one. */
static void a_perfect_matching_copes_with_multiple_edges(void **state)
{
  (void)state;
  uint32_t to[50 * 5], matched[50];
  for (uint32_t u = 0; u < 50; u++)
    for (uint32_t k = 0; k < 5; k++)
      to[5 * u + k] = k == 2 ? u : (u + 7) % 50;
  assert_ok(testudo_i_perfect_matching(to, 50, 5, matched, NULL, NULL));
  assert_perfect(to, 50, 5, matched);
}

/* Each of the three steps alone, from nothing: greedy leaves a maximal matching, phases and walks a perfect one. */
static void every_step_of_the_matching_does_its_part(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 60; seed++) {
    const int32_t size = 200, degree = 3;
    uint32_t *to = regular_edges(size, degree, seed), free_left[200];
    for (int step = 0; step < 3; step++) {
      testudo_i_matcher matcher;
      testudo_i_arena arena = {0};
      assert_ok(testudo_i_matcher_start(&matcher, &arena, to, (uint32_t)size, (uint32_t)degree, free_left, NULL));
      if (step == 0) {
        testudo_i_match_greedily(&matcher);
        assert_in_range(matcher.free_lefts, 1, size / 2);
        for (uint32_t k = 0; k < matcher.free_lefts; k++)
          for (uint32_t e = free_left[k] * 3; e < free_left[k] * 3 + 3; e++)
            assert_true(matcher.by[to[e]] != TESTUDO_I_NONE);
      } else if (step == 1) {
        int phases = 0;
        for (; matcher.free_lefts > 0; phases++)
          testudo_i_match_phase(&matcher);
        /* 2 sqrt(n) + 1 phases always suffice; the first finds a maximal matching. */
        assert_in_range(phases, 2, 29);
      } else
        assert_true(testudo_i_match_by_walks(&matcher, NULL));
      uint32_t matched[200];
      for (uint32_t v = 0; v < matcher.size && step > 0; v++)
        matched[matcher.by[v] / 3] = matcher.by[v];
      if (step > 0)
        assert_perfect(to, size, degree, matched);
      testudo_i_arena_clear(&arena);
    }
    free(to);
  }
}

static void an_empty_graph_has_no_colours(void **state)
{
  (void)state;
  int64_t row[4] = {0};
  int32_t colours = -1, none = 0;
  testudo_assignment graph = {3, 2, row, &none};
  assert_ok(testudo_i_edge_colouring(&graph, &none, &colours, NULL, NULL));
  assert_int_equal(colours, 0);
}

static void refuses_more_entries_than_it_can_number(void **state)
{
  (void)state;
  int64_t row[2] = {0, (INT64_C(1) << 29) + 1};
  int32_t colours, none = 0;
  testudo_error error;
  testudo_assignment graph = {1, 1, row, &none};
  assert_status(testudo_i_edge_colouring(&graph, &none, &colours, NULL, &error), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "536870913 entries"));
}

static bool stop_after(void *context, double fraction)
{
  int *left = context;
  assert_true(fraction <= 1.0);
  return --*left >= 0;
}

static void stops_when_the_monitor_asks(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_error error;
  assert_ok(testudo_assignment_cyclic(30, 7, &graph, &error));
  int32_t colour[210], colours;
  for (int steps = 0; steps < 5; steps++) {
    int left = steps;
    testudo_monitor monitor = {stop_after, &left};
    assert_status(testudo_i_edge_colouring(&graph, colour, &colours, &monitor, &error), TESTUDO_INTERRUPTED);
  }
  testudo_assignment_free(&graph);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_proper_with_max_degree_colours_on_irregular_graphs),
      cmocka_unit_test(is_proper_on_regular_graphs_of_every_degree_up_to_33),
      cmocka_unit_test(is_proper_where_chunks_and_workers_differ_in_number),
      cmocka_unit_test(keeps_memory_linear_on_a_star),
      cmocka_unit_test(padding_makes_every_bin_full),
      cmocka_unit_test(a_split_halves_every_vertex),
      cmocka_unit_test(a_perfect_matching_meets_every_vertex_once),
      cmocka_unit_test(a_perfect_matching_copes_with_multiple_edges),
      cmocka_unit_test(every_step_of_the_matching_does_its_part),
      cmocka_unit_test(an_empty_graph_has_no_colours),
      cmocka_unit_test(refuses_more_entries_than_it_can_number),
      cmocka_unit_test(stops_when_the_monitor_asks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
