/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of coded gradients under stragglers, and the copies that make it least
   (docs/theory/convergence.md#variance-of-coded-gradients). */
#include <math.h>
#include <stdlib.h>

#include <testudo/convergence.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/sum.h"

double testudo_coded_variance(double straggle, double spread)
{
  return straggle >= 0.0 && straggle < 1.0 ? straggle / (1.0 - straggle) * spread : NAN;
}

testudo_status testudo_coded_spread(const testudo_design *design, const double *gram, double *spread,
                                    testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(design);
  testudo_i_sum sum = {0.0, 0.0};
  for (size_t k = 0; k < chunks; k++)
    if (!(gram[k * chunks + k] >= 0.0 && isfinite(gram[k * chunks + k])))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "gram: the squared norm of chunk %zu's gradient is %g", k,
                            gram[k * chunks + k]);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    const int32_t *held = testudo_design_order(design, j);
    for (int32_t a = 0; a < testudo_design_load(design, j); a++)
      for (int32_t b = 0; b < testudo_design_load(design, j); b++)
        testudo_i_sum_add(&sum, gram[(size_t)held[a] * chunks + (size_t)held[b]] /
                                    ((double)testudo_design_replication(design, held[a]) *
                                     testudo_design_replication(design, held[b])));
  }
  *spread = testudo_i_sum_value(&sum);
  return TESTUDO_OK;
}

static testudo_status coded_check_squares(int32_t workers, int32_t chunks, const double *squares, testudo_error *error)
{
  if (workers < 1 || chunks < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers and %d chunks: there must be one of each",
                          (int)workers, (int)chunks);
  for (int32_t k = 0; k < chunks; k++)
    if (!(squares[k] >= 0.0 && isfinite(squares[k])))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "squares[%d]: %g, but squared norms are >= 0 and finite",
                            (int)k, squares[k]);
  return TESTUDO_OK;
}

testudo_status testudo_coded_spread_balanced(int32_t workers, int32_t chunks, const int32_t *copies,
                                             const double *squares, double total_square, double *spread,
                                             testudo_error *error)
{
  TESTUDO_I_TRY(coded_check_squares(workers, chunks, squares, error));
  if (!(total_square >= 0.0 && isfinite(total_square)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "total square: %g, but ||grad F||^2 is >= 0 and finite",
                          total_square);
  testudo_i_sum sum = {total_square / workers, 0.0};
  for (int32_t k = 0; k < chunks; k++) {
    if (copies[k] < 1 || copies[k] > workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "copies[%d]: %d, but %d workers allow 1..%d", (int)k,
                            (int)copies[k], (int)workers, (int)workers);
    testudo_i_sum_add(&sum, (1.0 / copies[k] - 1.0 / workers) * squares[k]);
  }
  *spread = testudo_i_sum_value(&sum);
  return TESTUDO_OK;
}

/* ---- copies ---- */

/* A heap of chunks: on top the one whose next copy saves most, the smaller number of equal ones. */
typedef struct copies_heap {
  int32_t count, *item;
  const double *squares;
  int32_t *copies;
} copies_heap;

static bool heap_before(const copies_heap *h, int32_t a, int32_t b)
{
  double saves_a = h->squares[a] / ((double)h->copies[a] * (h->copies[a] + 1.0));
  double saves_b = h->squares[b] / ((double)h->copies[b] * (h->copies[b] + 1.0));
  return saves_a > saves_b || (saves_a == saves_b && a < b);
}

static void heap_sink(copies_heap *h, int32_t at)
{
  for (int64_t child; (child = 2 * (int64_t)at + 1) < h->count; at = (int32_t)child) {
    if (child + 1 < h->count && heap_before(h, h->item[child + 1], h->item[child]))
      child++;
    if (!heap_before(h, h->item[child], h->item[at]))
      return;
    int32_t item = h->item[at];
    h->item[at] = h->item[child];
    h->item[child] = item;
  }
}

testudo_status testudo_coded_copies(int32_t workers, int32_t chunks, const double *squares, int64_t entries,
                                    int32_t *copies, testudo_error *error)
{
  TESTUDO_I_TRY(coded_check_squares(workers, chunks, squares, error));
  if (entries < chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "entries: %lld copies for %d chunks, but each needs one",
                          (long long)entries, (int)chunks);
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {NULL, false};
  copies_heap h = {.count = chunks, .squares = squares, .copies = copies,
                   .item = testudo_i_arena_alloc(&arena, (size_t)chunks, sizeof *h.item)};
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t k = 0; k < chunks; k++) {
    copies[k] = 1;
    h.item[k] = k;
  }
  if (workers == 1)
    return TESTUDO_OK;
  for (int32_t at = chunks / 2; at-- > 0;)
    heap_sink(&h, at);
  for (int64_t left = entries - chunks; left > 0 && h.count > 0; left--) {
    if (++copies[h.item[0]] == workers)
      h.item[0] = h.item[--h.count];
    heap_sink(&h, 0);
  }
  return TESTUDO_OK;
}
