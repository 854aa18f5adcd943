/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decode vectors by the cyclic structure against a dense least squares of the same rows, and the cache of them. */
#include "check.h"

#include <string.h>

#include "base/random.h"
#include "linalg/solve.h"
#include "runtime/vector/ring.h"
#include "runtime/vector/vector_cache.h"

enum { MOST = 40 };

typedef struct ring_rig {
  int32_t n, s;
  double band[MOST * MOST];
  testudo_i_ring *ring;
  testudo_i_arena arena;
} ring_rig;

/* A random code of this shape: H (s x n) with rows that sum to zero, row i of B in its null space, as in
   docs/theory/gradient-codes.md#construction, but solved here by Gaussian elimination. */
static void solve_small(int32_t s, double *a, double *b)
{
  for (int32_t c = 0; c < s; c++) {
    int32_t best = c;
    for (int32_t r = c + 1; r < s; r++)
      if (fabs(a[r * s + c]) > fabs(a[best * s + c]))
        best = r;
    for (int32_t q = 0; q < s; q++) {
      double t = a[c * s + q];
      a[c * s + q] = a[best * s + q];
      a[best * s + q] = t;
    }
    double t = b[c];
    b[c] = b[best];
    b[best] = t;
    for (int32_t r = 0; r < s; r++) {
      if (r == c)
        continue;
      double factor = a[r * s + c] / a[c * s + c];
      for (int32_t q = c; q < s; q++)
        a[r * s + q] -= factor * a[c * s + q];
      b[r] -= factor * b[c];
    }
  }
  for (int32_t c = 0; c < s; c++)
    b[c] /= a[c * s + c];
}

static void start(ring_rig *rig, int32_t n, int32_t s, uint64_t seed)
{
  double h[MOST][MOST], a[MOST * MOST], b[MOST];
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, (uint64_t)n, (uint64_t)s);
  rig->n = n;
  rig->s = s;
  for (int32_t r = 0; r < s; r++) {
    h[r][n - 1] = 0.0;
    for (int32_t i = 0; i < n - 1; i++)
      h[r][n - 1] -= h[r][i] = testudo_i_random_normal(&random);
  }
  for (int32_t i = 0; i < n; i++) {
    for (int32_t r = 0; r < s; r++) {
      b[r] = -h[r][i];
      for (int32_t k = 0; k < s; k++)
        a[r * s + k] = h[r][(i + k + 1) % n];
    }
    solve_small(s, a, b);
    rig->band[i * (s + 1)] = 1.0;
    memcpy(rig->band + i * (s + 1) + 1, b, sizeof(double) * (size_t)s);
  }
  assert_ok(testudo_i_ring_create(&rig->arena, n, s, rig->band, NULL, &rig->ring, NULL));
  assert_non_null(rig->ring);
  assert_int_equal(testudo_i_ring_spare(rig->ring), s);
}

static void dense(const ring_rig *rig, const bool *straggles, double *vector)
{
  static double a[MOST * MOST], room[MOST * MOST * 4];
  double b[MOST];
  int32_t pivot[MOST], worker[MOST], count = 0;
  memset(a, 0, sizeof a);
  for (int32_t j = 0; j < rig->n; j++) {
    b[j] = 1.0;
    vector[j] = 0.0;
    if (straggles[j])
      continue;
    for (int32_t k = 0; k <= rig->s; k++)
      a[count * rig->n + (j + k) % rig->n] = rig->band[j * (rig->s + 1) + k];
    worker[count++] = j;
  }
  assert_true(testudo_i_least_squares_room(rig->n, count) <= sizeof room / sizeof *room);
  assert_ok(testudo_i_least_squares(rig->n, count, a, b, 1e-13, pivot, room, NULL));
  for (int32_t k = 0; k < count; k++)
    vector[worker[k]] = b[k];
}

/* Answers the distance of the two vectors over their norm. */
static double distance(ring_rig *rig, const bool *straggles)
{
  double found[MOST], expected[MOST], away = 0.0, size = 0.0;
  int32_t straggler[MOST], count = 0;
  for (int32_t j = 0; j < rig->n; j++)
    if (straggles[j])
      straggler[count++] = j;
  assert_ok(testudo_i_ring_solve(rig->ring, straggler, count, found, NULL));
  dense(rig, straggles, expected);
  for (int32_t j = 0; j < rig->n; j++) {
    assert_true(!straggles[j] || found[j] == 0.0);
    away += (found[j] - expected[j]) * (found[j] - expected[j]);
    size += expected[j] * expected[j];
  }
  return sqrt(away / size);
}

/* Both lose digits where the finished rows are badly conditioned: nearly all sets agree to 1e-10, none is further apart
   than half of the digits. */
static void every_set_agrees_with_dense_least_squares_up_to_9_workers(void **state)
{
  (void)state;
  static ring_rig rig;
  long sets = 0, close = 0;
  double worst = 0.0;
  for (int32_t n = 1; n <= 9; n++)
    for (int32_t s = 0; s < n; s++) {
      start(&rig, n, s, 11);
      for (unsigned set = 0; set < 1u << n; set++) {
        bool straggles[MOST];
        for (int32_t j = 0; j < n; j++)
          straggles[j] = set >> j & 1;
        if (__builtin_popcount(set) > s)
          continue;
        double away = distance(&rig, straggles);
        worst = fmax(worst, away);
        close += away <= 1e-10;
        sets++;
      }
      testudo_i_arena_clear(&rig.arena);
    }
  print_message("%ld sets, %ld to 1e-10, worst %.2g\n", sets, close, worst);
  assert_true(sets > 2000);
  assert_true((double)close >= 0.98 * (double)sets);
  assert_true(worst <= 1e-7);
}

static void random_sets_agree_with_dense_least_squares_at_40_workers(void **state)
{
  (void)state;
  static ring_rig rig;
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  long close = 0;
  start(&rig, MOST, 3, 2);
  for (int draw = 0; draw < 1000; draw++) {
    bool straggles[MOST] = {false};
    for (int k = draw % 4; k > 0; k--)
      straggles[testudo_i_random_below(&random, MOST)] = true;
    close += distance(&rig, straggles) <= 1e-9;
  }
  assert_true(close >= 950);
  /* Control: a vector for other stragglers is not the one. */
  bool wrong[MOST] = {[4] = true, [17] = true};
  double found[MOST], expected[MOST], away = 0.0;
  assert_ok(testudo_i_ring_solve(rig.ring, (const int32_t[]){4, 18}, 2, found, NULL));
  dense(&rig, wrong, expected);
  for (int j = 0; j < MOST; j++)
    away = fmax(away, fabs(found[j] - expected[j]));
  assert_true(away > 1e-3);
  testudo_i_arena_clear(&rig.arena);
}

/* Rows (2, 5, 2): roots of 2 + 5 x + 2 x^2 are -1/2 and -2, no roots of unity, so only the full set decodes by
   structure; rows (1, 1, 1) with 3 | n are no code for two stragglers, but some sets decode. */
static void circulants_agree_with_dense_least_squares_where_they_decode(void **state)
{
  (void)state;
  static ring_rig rig;
  const double row[3][3] = {{2, 5, 2}, {1, 1, 1}, {0.6, 1.0, 0.6}};
  int close[3] = {0};
  for (int c = 0; c < 3; c++) {
    rig.n = 9;
    rig.s = 2;
    for (int32_t j = 0; j < rig.n; j++)
      memcpy(rig.band + 3 * j, row[c], sizeof row[c]);
    assert_ok(testudo_i_ring_create(&rig.arena, rig.n, rig.s, rig.band, NULL, &rig.ring, NULL));
    for (unsigned set = 0; set < 1u << rig.n; set++) {
      bool straggles[MOST];
      for (int32_t j = 0; j < rig.n; j++)
        straggles[j] = set >> j & 1;
      if (__builtin_popcount(set) <= rig.s)
        close[c] += distance(&rig, straggles) <= 1e-10;
    }
    testudo_i_arena_clear(&rig.arena);
  }
  assert_int_equal(close[0], 1);
  /* (1,1,1): stragglers 3 k apart leave the other two cosets whole: 9 alone and 9 pairs within a coset; also none. */
  assert_true(close[1] >= 19);
  assert_int_equal(close[2], 1);
}

static void columns_of_zeros_have_no_ring(void **state)
{
  (void)state;
  double band[12] = {1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 7};
  testudo_i_arena arena = {0};
  testudo_i_ring *ring;
  band[2 * 2] = band[1 * 2 + 1] = 0.0; /* column 2 */
  assert_ok(testudo_i_ring_create(&arena, 6, 1, band, NULL, &ring, NULL));
  assert_null(ring);
  testudo_i_arena_clear(&arena);
}

/* ---- the cache ---- */

static bool find(testudo_i_vector_cache *cache, int32_t first, double *vector, testudo_i_vector_quality *quality)
{
  int32_t finished[3] = {first, first + 1, 5999};
  return testudo_i_vector_cache_find(cache, finished, 3, vector, quality);
}

static void the_cache_keeps_the_sets_used_last_and_gives_back_what_was_kept(void **state)
{
  (void)state;
  enum { WORKERS = 6000 };
  testudo_i_arena arena = {0};
  testudo_i_vector_cache *cache;
  assert_ok(testudo_i_vector_cache_create(&arena, WORKERS, &cache, NULL));
  int32_t room = testudo_i_vector_cache_room(cache);
  assert_true(room >= 8 && room < 100);
  double *vector = calloc(WORKERS, sizeof *vector);
  testudo_i_vector_quality quality = {0};
  for (int32_t k = 0; k < room; k++) {
    assert_false(find(cache, 7 * k, vector, &quality));
    vector[0] = 0.5 + k;
    vector[WORKERS - 1] = -3.25 * k;
    testudo_i_vector_cache_keep(cache, vector, &(testudo_i_vector_quality){k, 2.0 * k, 3.0 * k});
  }
  assert_true(find(cache, 0, vector, &quality)); /* now set 1 is the one used longest ago */
  assert_true(vector[0] == 0.5 && quality.norm == 0.0);
  assert_false(find(cache, 7 * room, vector, &quality));
  testudo_i_vector_cache_keep(cache, vector, &quality);
  assert_false(find(cache, 7, vector, &quality));
  for (int32_t k = 0; k < room; k++) {
    if (k == 1)
      continue;
    assert_true(find(cache, 7 * k, vector, &quality));
    assert_true(vector[0] == 0.5 + k && vector[WORKERS - 1] == -3.25 * k);
    assert_true(quality.norm == k && quality.residual_square == 2.0 * k && quality.residual_largest == 3.0 * k);
  }
  free(vector);
  testudo_i_arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_set_agrees_with_dense_least_squares_up_to_9_workers),
      cmocka_unit_test(random_sets_agree_with_dense_least_squares_at_40_workers),
      cmocka_unit_test(circulants_agree_with_dense_least_squares_where_they_decode),
      cmocka_unit_test(columns_of_zeros_have_no_ring),
      cmocka_unit_test(the_cache_keeps_the_sets_used_last_and_gives_back_what_was_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
