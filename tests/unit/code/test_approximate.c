/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families for approximate codes, by what defines them and by another theorem: pair counts, spectra, orthogonality. */
#include "graphs.h"

#include <testudo/approximate.h>

#include "code/approximate/bibd.h"
#include "code/approximate/galois.h"

/* held[j * chunks + i]; the caller frees it. */
static char *table_of(const testudo_assignment *a)
{
  char *held = calloc((size_t)a->workers * (size_t)a->chunks, 1);
  assert_non_null(held);
  for (int32_t j = 0; j < a->workers; j++)
    for (int64_t e = a->row[j]; e < a->row[j + 1]; e++)
      held[(size_t)j * (size_t)a->chunks + (size_t)a->chunk[e]] = 1;
  return held;
}

static void assert_rows_ascend(const testudo_assignment *a)
{
  assert_true(is_simple(a));
  for (int32_t j = 0; j < a->workers; j++)
    for (int64_t e = a->row[j] + 1; e < a->row[j + 1]; e++)
      assert_true(a->chunk[e - 1] < a->chunk[e]);
}

static testudo_design *design_over(const testudo_assignment *a)
{
  testudo_design *design;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, a, 1, 1, "", &design, NULL));
  return design;
}

/* ---- fields ---- */

static void fields_have_the_laws_of_fields(void **state)
{
  (void)state;
  static const int32_t order[] = {2, 3, 4, 5, 7, 8, 9, 11, 16, 25, 27, 32};
  testudo_i_arena arena = {NULL, false};
  for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
    int32_t q = order[k];
    testudo_i_field f;
    assert_ok(testudo_i_field_make(&f, q, &arena, NULL));
    for (int32_t a = 0; a < q; a++) {
      int inverses = 0, negatives = 0;
      assert_int_equal(testudo_i_field_multiply(&f, a, 1), a);
      assert_int_equal(testudo_i_field_add(&f, a, 0), a);
      for (int32_t b = 0; b < q; b++) {
        int32_t product = testudo_i_field_multiply(&f, a, b), sum = testudo_i_field_add(&f, a, b);
        inverses += product == 1;
        negatives += sum == 0;
        assert_int_equal(product, testudo_i_field_multiply(&f, b, a));
        assert_int_equal(testudo_i_field_subtract(&f, sum, b), a);
        for (int32_t c = 0; c < q; c++) {
          assert_int_equal(testudo_i_field_multiply(&f, product, c),
                           testudo_i_field_multiply(&f, a, testudo_i_field_multiply(&f, b, c)));
          assert_int_equal(testudo_i_field_multiply(&f, a, testudo_i_field_add(&f, b, c)),
                           testudo_i_field_add(&f, product, testudo_i_field_multiply(&f, a, c)));
        }
      }
      assert_int_equal(inverses, a == 0 ? 0 : 1);
      assert_int_equal(negatives, 1);
    }
    testudo_i_arena_clear(&arena);
  }
  testudo_i_field f;
  assert_status(testudo_i_field_make(&f, 6, &arena, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_i_field_make(&f, 1, &arena, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_i_field_make(&f, 4099, &arena, NULL), TESTUDO_ERROR_ARGUMENT);
}

static void difference_sets_show_every_difference_equally_often(void **state)
{
  (void)state;
  int found = 0;
  for (int32_t v = 2; v < 400; v++)
    for (int kind = 0; kind < 3; kind++) {
      if (!testudo_i_difference_exists((testudo_i_difference)kind, v))
        continue;
      unsigned char in[400];
      int32_t size = 0, count[400] = {0};
      testudo_i_difference_fill((testudo_i_difference)kind, v, in);
      for (int32_t a = 0; a < v; a++) {
        size += in[a];
        for (int32_t b = 0; b < v; b++)
          if (in[a] && in[b])
            count[(a - b + v) % v]++;
      }
      assert_int_equal(size, (v - 1) / (kind == TESTUDO_I_QUARTIC ? 4 : 2));
      for (int32_t d = 1; d < v; d++)
        assert_int_equal(count[d] * (v - 1), size * (size - 1));
      found++;
    }
  /* Squares: 39 primes 4k + 3 from 7 to 400; fourth powers: 37, 101, 197; twins: 15, 35, 143, 323. */
  assert_int_equal(found, 39 + 3 + 4);
}

/* ---- block designs ---- */

static void check_blocks(int32_t workers, int32_t chunks, int32_t replication)
{
  testudo_assignment a;
  testudo_error error = {""};
  if (testudo_assignment_bibd(workers, chunks, replication, &a, &error) != TESTUDO_OK)
    fail_msg("(%d, %d, %d): %s", workers, chunks, replication, error.text);
  assert_int_equal(a.workers, workers);
  assert_int_equal(a.chunks, chunks);
  assert_rows_ascend(&a);
  int32_t load = chunks * replication / workers, lambda = replication * (load - 1) / (chunks - 1);
  for (int32_t j = 0; j < workers; j++)
    assert_int_equal(a.row[j + 1] - a.row[j], load);
  char *held = table_of(&a);
  for (int32_t i = 0; i < chunks; i++)
    for (int32_t k = 0; k <= i; k++) {
      int32_t meet = 0;
      for (int32_t j = 0; j < workers; j++)
        meet += held[(size_t)j * (size_t)chunks + (size_t)i] && held[(size_t)j * (size_t)chunks + (size_t)k];
      assert_int_equal(meet, i == k ? replication : lambda);
    }
  free(held);
  /* B B' = (r - lambda) I + lambda J: the second singular value is sqrt(r - lambda). */
  testudo_design *design = design_over(&a);
  testudo_spectrum spectrum;
  assert_ok(testudo_spectrum_measure(design, &spectrum, NULL));
  assert_true(spectrum.regular);
  assert_close(spectrum.second, sqrt((double)replication - lambda), 1e-9);
  assert_close(spectrum.first, sqrt((double)replication * load), 1e-12);
  assert_true(spectrum.second_upper >= spectrum.second);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

static void every_kind_of_block_design_meets_every_pair_equally_often(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {
      {7, 7, 3},   {13, 13, 4}, {21, 21, 5},  {31, 31, 6},  {57, 57, 8}, {73, 73, 9},  {91, 91, 10}, /* planes */
      {15, 15, 7}, {40, 40, 13}, {85, 85, 21},                                                       /* spaces */
      {6, 4, 3},   {12, 9, 4},  {20, 16, 5},  {30, 25, 6},  {72, 64, 9}, {90, 81, 10},                /* affine */
      {14, 8, 7},  {39, 27, 13},
      {11, 11, 5}, {19, 19, 9}, {23, 23, 11}, {37, 37, 9},  {101, 101, 25}, {35, 35, 17},             /* residues */
      {7, 7, 4},   {13, 13, 9}, {11, 11, 6},  {37, 37, 28}, {12, 9, 8},                               /* complements */
      {10, 5, 4},  {10, 5, 6},  {35, 7, 15},  {5, 5, 4},    {66, 12, 11},                             /* subsets */
      {183, 183, 14},
      {26, 13, 6}, {35, 15, 7}, {57, 19, 9},  {70, 21, 10}, {100, 25, 12}, {155, 31, 15}, {176, 33, 16}, /* triples */
      {10, 6, 5},  {14, 7, 6},  {24, 9, 8},   {30, 10, 9},  {44, 12, 11},  {52, 13, 12},  {70, 15, 14},
      {80, 16, 15}, {102, 18, 17}, {114, 19, 18}, {154, 22, 21}, {184, 24, 23}, {26, 13, 20},
  };
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++)
    check_blocks(shape[k][0], shape[k][1], shape[k][2]);
}

/* PG(2, q): the second singular value is sqrt(q); beyond 600 workers it comes from Lanczos. */
static void planes_have_the_spectrum_of_planes(void **state)
{
  (void)state;
  static const int32_t order[] = {2, 3, 4, 5, 7, 8, 9, 25, 27};
  for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
    int32_t q = order[k], v = q * q + q + 1;
    testudo_assignment a;
    testudo_spectrum spectrum;
    assert_ok(testudo_assignment_bibd(v, v, q + 1, &a, NULL));
    testudo_design *design = design_over(&a);
    assert_ok(testudo_spectrum_measure(design, &spectrum, NULL));
    assert_close(spectrum.second, sqrt(q), 1e-9);
    assert_close(spectrum.gap, q + 1 - sqrt(q), 1e-9);
    assert_close(spectrum.ramanujan, 2.0 * sqrt(q), 1e-12);
    assert_true(spectrum.fails == (v > 600 ? 1e-6 : 0.0));
    testudo_design_free(design);
    testudo_assignment_free(&a);
  }
}

static void refuses_block_designs_that_are_not_built(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_error error;
  assert_status(testudo_assignment_bibd(12, 12, 3, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "(13, 13, 4)"));
  assert_status(testudo_assignment_bibd(43, 43, 7, &a, &error), TESTUDO_ERROR_ARGUMENT); /* no plane of order 6 */
  assert_status(testudo_assignment_bibd(1, 1, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_bibd(7, 7, 8, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_bibd(65537, 7, 3, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(a.row);
}

/* ---- pairwise balanced ---- */

static double imbalance_of(const testudo_assignment *a, const int32_t *copies)
{
  char *held = table_of(a);
  double worst = 0.0;
  for (int32_t i = 0; i < a->chunks; i++)
    for (int32_t k = 0; k <= i; k++) {
      int32_t meet = 0;
      for (int32_t j = 0; j < a->workers; j++)
        meet += held[(size_t)j * (size_t)a->chunks + (size_t)i] && held[(size_t)j * (size_t)a->chunks + (size_t)k];
      if (i == k)
        assert_int_equal(meet, copies[i]);
      else
        worst = fmax(worst, fabs(meet - (double)copies[i] * copies[k] / a->workers));
    }
  free(held);
  return worst;
}

static bool make_pairwise(int32_t workers, int32_t chunks, int32_t each, uint64_t seed, double *imbalance,
                          double *root)
{
  testudo_assignment a;
  bool exact;
  int32_t *copies = malloc((size_t)chunks * sizeof *copies);
  assert_non_null(copies);
  for (int32_t i = 0; i < chunks; i++)
    copies[i] = each;
  assert_ok(testudo_assignment_pairwise(workers, chunks, copies, seed, NULL, &a, &exact, NULL));
  assert_rows_ascend(&a);
  *imbalance = imbalance_of(&a, copies);
  testudo_design *design = design_over(&a);
  double largest;
  assert_ok(testudo_balance_measure(design, &largest, root, NULL));
  assert_near(largest, *imbalance, 1e-12);
  assert_true(*root <= largest + 1e-15);
  if (exact) { /* then the loads vary exactly so: sum_j (load_j - mean)^2 = N d (1 - d / m) */
    double spread = 0.0, mean = (double)chunks * each / workers;
    for (int32_t j = 0; j < workers; j++)
      spread += pow((double)(a.row[j + 1] - a.row[j]) - mean, 2.0);
    assert_near(spread, chunks * each * (1.0 - (double)each / workers), 1e-9 * chunks * each);
  }
  testudo_design_free(design);
  testudo_assignment_free(&a);
  free(copies);
  return exact;
}

static void orthogonal_arrays_balance_exactly(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {
      {4, 3, 2},   {8, 7, 4},    {16, 15, 8},  {9, 4, 3},   {9, 4, 6},   {16, 5, 4},  {16, 5, 12}, {25, 6, 10},
      {27, 13, 9}, {27, 13, 18}, {64, 21, 16}, {64, 9, 8},  {18, 4, 6},  {12, 11, 6}, {20, 19, 10}, {24, 23, 12},
      {28, 27, 14}, {36, 35, 18}, {40, 39, 20}, {48, 47, 24}, {24, 3, 12}, {5, 1, 2},  {6, 4, 6},   {1, 3, 1},
      {52, 51, 26}, {56, 55, 28},
  };
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    double imbalance, root;
    if (!make_pairwise(shape[k][0], shape[k][1], shape[k][2], k, &imbalance, &root))
      fail_msg("(%d, %d, %d) is not exact", shape[k][0], shape[k][1], shape[k][2]);
    assert_near(imbalance, 0.0, 1e-12);
  }
}

/* The most chunks that each has: planes with idle workers; several copies of a design; complements; a design beside
   workers that hold everything. One chunk more is not exact. */
static void padded_block_designs_balance_exactly(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{9, 7, 3}, {9, 7, 6}, {16, 13, 4}, {16, 13, 12}, {25, 21, 5}, {36, 31, 6},
                                     {18, 7, 6}, {64, 57, 8}, {32, 13, 8}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    double imbalance, root;
    if (!make_pairwise(shape[k][0], shape[k][1], shape[k][2], k, &imbalance, &root))
      fail_msg("(%d, %d, %d) is not exact", shape[k][0], shape[k][1], shape[k][2]);
    assert_near(imbalance, 0.0, 1e-12);
    assert_false(make_pairwise(shape[k][0], shape[k][1] + 1, shape[k][2], k, &imbalance, &root));
  }
  static const int32_t copies[] = {4, 12, 16, 4, 4, 12, 4, 4, 4}; /* some by the other workers, one everywhere */
  testudo_assignment a;
  bool exact;
  assert_ok(testudo_assignment_pairwise(16, 9, copies, 3, NULL, &a, &exact, NULL));
  assert_true(exact);
  assert_near(imbalance_of(&a, copies), 0.0, 1e-12);
  testudo_assignment_free(&a);
}

static void copies_may_differ_in_one_array(void **state)
{
  (void)state;
  static const int32_t copies[] = {4, 8, 12, 16, 4, 8};
  testudo_assignment a;
  bool exact;
  assert_ok(testudo_assignment_pairwise(16, 6, copies, 3, NULL, &a, &exact, NULL));
  assert_true(exact);
  assert_near(imbalance_of(&a, copies), 0.0, 1e-12);
  testudo_assignment_free(&a);
}

/* The descent must beat random regular assignments, and can never be exact where the copies forbid it. */
static void near_balance_is_better_than_random(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{20, 20, 4}, {30, 50, 6}, {12, 40, 3}, {50, 50, 10}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    double imbalance, balanced;
    testudo_assignment a;
    assert_false(make_pairwise(shape[k][0], shape[k][1], shape[k][2], k, &imbalance, &balanced));
    assert_ok(testudo_assignment_regular(shape[k][0], shape[k][1], shape[k][2], k, &a, NULL));
    testudo_design *design = design_over(&a);
    double largest, root;
    assert_ok(testudo_balance_measure(design, &largest, &root, NULL));
    assert_true(imbalance > 0.0 && imbalance <= largest && balanced < 0.9 * root);
    testudo_design_free(design);
    testudo_assignment_free(&a);
  }
}

static void pairwise_refuses_impossible_copies(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_error error;
  bool exact;
  static const int32_t none[] = {2, 0}, many[] = {2, 5};
  assert_status(testudo_assignment_pairwise(4, 2, none, 1, NULL, &a, &exact, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "copies[1]: 0"));
  assert_status(testudo_assignment_pairwise(4, 2, many, 1, NULL, &a, &exact, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "1..4"));
}

/* ---- random families ---- */

/* Copies are binomial given at least 1, and chunks independent. 20,000 chunks of mean 3 on 40 workers: chi-square over
   12 classes is below 60 but for one seed in 10^7; a probability 5 % off is rejected. */
static double copies_chi_square(double shown, double wanted, uint64_t seed)
{
  enum { WORKERS = 40, CHUNKS = 20000, CLASSES = 12 };
  testudo_assignment a;
  assert_ok(testudo_assignment_bernoulli(WORKERS, CHUNKS, shown, 1, seed, &a, NULL));
  assert_rows_ascend(&a);
  int32_t *degree = chunk_degrees(&a), seen[CLASSES] = {0};
  for (int32_t i = 0; i < CHUNKS; i++) {
    assert_true(degree[i] >= 1);
    seen[degree[i] < CLASSES ? degree[i] - 1 : CLASSES - 1]++;
  }
  double chance[CLASSES], rest = 1.0, p = wanted / WORKERS, none = pow(1.0 - p, WORKERS), term = none, sum = 0.0;
  for (int c = 1; c < CLASSES; c++) {
    term *= (WORKERS - c + 1.0) / c * p / (1.0 - p);
    chance[c - 1] = term / (1.0 - none);
    rest -= chance[c - 1];
  }
  chance[CLASSES - 1] = rest;
  for (int c = 0; c < CLASSES; c++)
    sum += pow(seen[c] - CHUNKS * chance[c], 2.0) / (CHUNKS * chance[c]);
  free(degree);
  testudo_assignment_free(&a);
  return sum;
}

static void bernoulli_copies_are_binomial_given_that_there_are_any(void **state)
{
  (void)state;
  assert_true(copies_chi_square(3.0, 3.0, 5) < 60.0);
  assert_true(copies_chi_square(3.15, 3.0, 5) > 60.0);
}

static void bernoulli_limits(void **state)
{
  (void)state;
  testudo_assignment a, b;
  testudo_error error;
  assert_ok(testudo_assignment_bernoulli(6, 9, 6.0, 6, 1, &a, NULL));
  assert_int_equal(entries_of(&a), 54);
  testudo_assignment_free(&a);
  assert_ok(testudo_assignment_bernoulli(1, 1, 1.0, 1, 1, &a, NULL));
  assert_int_equal(entries_of(&a), 1);
  testudo_assignment_free(&a);
  assert_ok(testudo_assignment_bernoulli(30, 100, 2.0, 3, 1, &a, NULL)); /* at least 3, though 2 on average */
  int32_t *degree = chunk_degrees(&a);
  for (int32_t i = 0; i < 100; i++)
    assert_true(degree[i] >= 3);
  free(degree);
  assert_ok(testudo_assignment_bernoulli(30, 100, 2.0, 3, 1, &b, NULL));
  assert_int_equal(entries_of(&a), entries_of(&b));
  assert_memory_equal(a.chunk, b.chunk, (size_t)entries_of(&a) * sizeof *a.chunk);
  testudo_assignment_free(&a);
  testudo_assignment_free(&b);
  assert_status(testudo_assignment_bernoulli(30, 100, 2.0, 20, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "fewer than one chunk in 1000"));
  assert_status(testudo_assignment_bernoulli(30, 100, 0.0, 1, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_bernoulli(30, 100, 31.0, 1, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_bernoulli(30, 100, 3.0, 0, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_bernoulli(1000000, 16000000, 1e5, 1, 1, &a, &error), TESTUDO_ERROR_ARGUMENT);
}

static void graphs_are_simple_and_regular(void **state)
{
  (void)state;
  for (int32_t chunks = 2; chunks <= 13; chunks++)
    for (int32_t degree = 1; degree < chunks; degree++) {
      if (chunks * degree % 2 != 0)
        continue;
      testudo_assignment a;
      assert_ok(testudo_assignment_graph(chunks, degree, 4, NULL, &a, NULL));
      assert_int_equal(a.workers, chunks * degree / 2);
      int32_t *found = chunk_degrees(&a);
      for (int32_t i = 0; i < chunks; i++)
        assert_int_equal(found[i], degree);
      for (int32_t j = 0; j < a.workers; j++) {
        assert_int_equal(a.row[j + 1], 2 * (j + 1));
        const int32_t *end = a.chunk + 2 * j;
        assert_true(end[0] < end[1]);
        if (j > 0) /* in order, so that no edge comes twice */
          assert_true(end[-2] < end[0] || (end[-2] == end[0] && end[-1] < end[1]));
      }
      free(found);
      testudo_assignment_free(&a);
    }
  testudo_assignment a;
  testudo_error error;
  assert_status(testudo_assignment_graph(5, 3, 1, NULL, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "whole"));
  assert_status(testudo_assignment_graph(5, 5, 1, NULL, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_graph(1, 1, 1, NULL, &a, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_graph(16000000, 4, 1, NULL, &a, &error), TESTUDO_ERROR_ARGUMENT);
}

/* The 2-regular graphs of 6 vertices are 60 hexagons and 10 pairs of triangles: in a uniform draw 1 in 7 is a pair.
   4200 draws: within 6 standard deviations (2e-9). */
static void small_graphs_are_drawn_evenly(void **state)
{
  (void)state;
  int triangles = 0;
  for (uint64_t seed = 0; seed < 4200; seed++) {
    testudo_assignment a;
    assert_ok(testudo_assignment_graph(6, 2, seed, NULL, &a, NULL));
    int32_t first = a.chunk[1], second = a.chunk[3]; /* the neighbours of vertex 0 */
    for (int32_t j = 2; j < a.workers; j++)
      triangles += a.chunk[2 * j] == first && a.chunk[2 * j + 1] == second;
    testudo_assignment_free(&a);
  }
  assert_near(triangles, 600.0, 6.0 * sqrt(4200.0 * 6.0 / 49.0));
}

/* The chunks of a graph: A A' = d I + adjacency, so sigma^2 - d is the second adjacency eigenvalue, which is near 2
   sqrt(d - 1) for random graphs (Friedman), and never below it by much (Alon and Boppana). */
static void random_graphs_and_expanders_are_near_ramanujan(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_spectrum spectrum;
  assert_ok(testudo_assignment_graph(400, 3, 2, NULL, &a, NULL));
  testudo_design *design = design_over(&a);
  assert_ok(testudo_spectrum_measure(design, &spectrum, NULL));
  assert_near(spectrum.second * spectrum.second - 3.0, 2.0 * sqrt(2.0), 0.12);
  assert_true(spectrum.fails == 0.0);
  testudo_design_free(design);
  testudo_assignment_free(&a);
  double tries[2];
  for (int k = 0; k < 2; k++) {
    assert_ok(testudo_assignment_expander(300, 200, 6, 1, k == 0 ? 1 : 8, NULL, &a, NULL));
    design = design_over(&a);
    assert_ok(testudo_spectrum_measure(design, &spectrum, NULL));
    assert_true(spectrum.regular);
    assert_near(spectrum.ramanujan, sqrt(5.0) + sqrt(3.0), 1e-12);
    assert_near(spectrum.second / spectrum.ramanujan, 1.0, 0.05);
    tries[k] = spectrum.second;
    testudo_design_free(design);
    testudo_assignment_free(&a);
  }
  assert_true(tries[1] < tries[0]);
  assert_status(testudo_assignment_expander(30, 20, 6, 1, 0, NULL, &a, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_expander(30, 20, 31, 1, 2, NULL, &a, NULL), TESTUDO_ERROR_ARGUMENT);
}

/* The same matrix both ways: 601 columns go to Lanczos, of which the last is idle. */
static void lanczos_and_dense_spectra_agree(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_spectrum dense, lanczos;
  assert_ok(testudo_assignment_regular(600, 450, 4, 3, &a, NULL));
  testudo_design *design = design_over(&a);
  assert_ok(testudo_spectrum_measure(design, &dense, NULL));
  testudo_design_free(design);
  int64_t *row = realloc(a.row, 602 * sizeof *row);
  assert_non_null(row);
  row[601] = row[600];
  a.row = row;
  a.workers = 601;
  design = design_over(&a);
  assert_ok(testudo_spectrum_measure(design, &lanczos, NULL));
  assert_false(lanczos.regular);
  assert_true(isnan(lanczos.ramanujan) && lanczos.fails == 1e-6 && dense.fails == 0.0);
  assert_close(lanczos.second, dense.second, 1e-8);
  assert_true(lanczos.second_upper > dense.second && lanczos.second_upper < 1.05 * dense.second);
  assert_close(lanczos.first, dense.first, 1e-8);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

static bool stop_at_once(void *context, double fraction)
{
  (void)fraction;
  ++*(int *)context;
  return false;
}

static void long_constructions_can_be_stopped(void **state)
{
  (void)state;
  int asked = 0;
  testudo_monitor monitor = {stop_at_once, &asked};
  testudo_assignment a;
  bool exact;
  static const int32_t copies[] = {2, 2, 2};
  assert_status(testudo_assignment_graph(50, 4, 1, &monitor, &a, NULL), TESTUDO_INTERRUPTED);
  assert_null(a.row);
  assert_status(testudo_assignment_expander(50, 40, 4, 1, 3, &monitor, &a, NULL), TESTUDO_INTERRUPTED);
  assert_null(a.row);
  assert_status(testudo_assignment_pairwise(5, 3, copies, 1, &monitor, &a, &exact, NULL), TESTUDO_INTERRUPTED);
  assert_null(a.row);
  assert_int_equal(asked, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_have_the_laws_of_fields),
      cmocka_unit_test(difference_sets_show_every_difference_equally_often),
      cmocka_unit_test(every_kind_of_block_design_meets_every_pair_equally_often),
      cmocka_unit_test(planes_have_the_spectrum_of_planes),
      cmocka_unit_test(refuses_block_designs_that_are_not_built),
      cmocka_unit_test(orthogonal_arrays_balance_exactly),
      cmocka_unit_test(padded_block_designs_balance_exactly),
      cmocka_unit_test(copies_may_differ_in_one_array),
      cmocka_unit_test(near_balance_is_better_than_random),
      cmocka_unit_test(pairwise_refuses_impossible_copies),
      cmocka_unit_test(bernoulli_copies_are_binomial_given_that_there_are_any),
      cmocka_unit_test(bernoulli_limits),
      cmocka_unit_test(graphs_are_simple_and_regular),
      cmocka_unit_test(small_graphs_are_drawn_evenly),
      cmocka_unit_test(random_graphs_and_expanders_are_near_ramanujan),
      cmocka_unit_test(lanczos_and_dense_spectra_agree),
      cmocka_unit_test(long_constructions_can_be_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
