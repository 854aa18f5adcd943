/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far pairs of chunks are from meeting as often as chance would have it. */
#include <math.h>
#include <string.h>

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/sum.h"
#include "runtime/design.h"

/* meet[k] = workers that hold both. */
static void count_meetings(const testudo_design *design, int32_t chunk, int32_t *meet)
{
  memset(meet, 0, (size_t)design->chunks * sizeof *meet);
  for (int64_t h = design->chunk_row[chunk]; h < design->chunk_row[chunk + 1]; h++) {
    int32_t worker = design->holder[h];
    for (int64_t e = design->row[worker]; e < design->row[worker + 1]; e++)
      meet[design->order[e]]++;
  }
}

testudo_status testudo_balance_measure(const testudo_design *design, double *largest, double *root_mean_square,
                                       testudo_error *error)
{
  int32_t chunks = design->chunks;
  *largest = *root_mean_square = 0.0;
  if (chunks > TESTUDO_I_LIMIT_IMBALANCE_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "chunks: %d, but the balance is measured for at most %d",
                          (int)chunks, TESTUDO_I_LIMIT_IMBALANCE_CHUNKS);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *meet = testudo_i_alloc((size_t)chunks, sizeof *meet);
  TESTUDO_I_TRY(testudo_i_memory_check(meet != NULL, error));
  testudo_i_sum square = {0.0, 0.0};
  for (int32_t i = 0; i < chunks; i++) {
    count_meetings(design, i, meet);
    double here = (double)testudo_design_replication(design, i) / design->workers;
    for (int32_t k = 0; k < i; k++) {
      double off = meet[k] - here * testudo_design_replication(design, k);
      *largest = fmax(*largest, fabs(off));
      testudo_i_sum_add(&square, off * off);
    }
  }
  if (chunks > 1)
    *root_mean_square = sqrt(2.0 * testudo_i_sum_value(&square) / chunks / (chunks - 1.0));
  return TESTUDO_OK;
}
