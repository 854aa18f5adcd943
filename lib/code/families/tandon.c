/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cyclic gradient code of Tandon, Lei, Dimakis and Karampatziakis (Gradient coding, ICML 2017, algorithm 2): H is
   s x n Gaussian with rows that sum to zero; row i of B, supported on chunks i .. i+s, solves H b = 0 with b_i = 1. The
   rows of B then span the n - s dimensional null space of H, which holds the all-ones vector, and almost surely any
   n - s of them do. */
#include "code/tandon.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/random.h"
#include "linalg/solve.h"

/* Under this a draw is thrown away: the row's solution would have lost half of its digits. */
#define LEAST_RECIPROCAL_CONDITION 1e-8
#define DRAWS 20

/* h[i * s + r]: column i of H. The last column makes the rows sum to zero. */
static void draw_columns(double *h, int32_t n, int32_t s, uint64_t seed, uint64_t attempt)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_CODE, attempt, 1);
  for (int32_t r = 0; r < s; r++)
    h[(int64_t)(n - 1) * s + r] = 0.0;
  for (int32_t i = 0; i < n - 1; i++)
    for (int32_t r = 0; r < s; r++) {
      h[(int64_t)i * s + r] = testudo_i_random_normal(&random);
      h[(int64_t)(n - 1) * s + r] -= h[(int64_t)i * s + r];
    }
}

/* row[0 .. s]: the coefficients of chunks i, i+1, .., i+s. *fine is false where the system is badly conditioned. */
static testudo_status solve_row(const double *h, int32_t n, int32_t s, int32_t i, double *row, double *room,
                                int32_t *pivot, bool *fine, testudo_error *error)
{
  double *a = room, *b = a + (size_t)s * (size_t)s, *work = b + s;
  for (int32_t k = 1; k <= s; k++)
    for (int32_t r = 0; r < s; r++)
      a[(int64_t)(k - 1) * s + r] = h[((int64_t)i + k) % n * s + r];
  for (int32_t r = 0; r < s; r++)
    b[r] = -h[(int64_t)i * s + r];
  double reciprocal = 0.0;
  testudo_status status = testudo_i_solve(s, a, b, pivot, &reciprocal, work, error);
  *fine = status == TESTUDO_OK && reciprocal >= LEAST_RECIPROCAL_CONDITION;
  row[0] = 1.0;
  for (int32_t k = 1; k <= s; k++)
    row[k] = b[k - 1];
  return status == TESTUDO_UNDECODABLE ? TESTUDO_OK : status;
}

testudo_status testudo_i_tandon_rows(int32_t n, int32_t s, uint64_t seed, double *coefficient,
                                     const testudo_monitor *monitor, double begin, double end,
                                     testudo_error *error)
{
  size_t size = (size_t)s;
  if (s == 0) {
    for (int32_t i = 0; i < n; i++)
      coefficient[i] = 1.0;
    return TESTUDO_OK;
  }
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  double *h = testudo_i_arena_alloc(&arena, (size_t)n * (size + 1), sizeof *h);
  double *room = testudo_i_arena_alloc(&arena, size * size + 6 * size + 1, sizeof *room);
  int32_t *pivot = testudo_i_arena_alloc(&arena, size + 1, sizeof *pivot);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (uint64_t attempt = 0; attempt < DRAWS; attempt++) {
    bool fine = true;
    draw_columns(h, n, s, seed, attempt);
    for (int32_t i = 0; fine && i < n; i++) {
      if (i % 16 == 0 && testudo_i_stopped(monitor, begin + (end - begin) * i / n))
        return TESTUDO_INTERRUPTED;
      TESTUDO_I_TRY(solve_row(h, n, s, i, coefficient + (int64_t)i * (s + 1), room, pivot, &fine, error));
    }
    if (fine)
      return TESTUDO_OK;
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "cyclic gradient code: no well-conditioned code of %d workers for %d stragglers in %d draws; "
                        "use assignment frc or another seed",
                        (int)n, (int)s, DRAWS);
}
