/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worst-case counts of an order: Ramamoorthy, Meng and Girimaji, Leveraging partial stragglers within gradient coding,
   2024; the form for unequal loads and replications is in docs/theory/orders.md#q_max. */
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "runtime/design.h"

/* pos(i,j) - delta_j - 1 over the holders of a chunk, largest first: minus what worker j leaves undone when it stops
   just before the chunk. */
static int32_t collect_leftovers(const testudo_design *design, int32_t chunk, int32_t *value)
{
  int32_t replication = testudo_design_replication(design, chunk);
  const int32_t *holder = testudo_design_holders(design, chunk), *place = testudo_design_places(design, chunk);
  for (int32_t k = 0; k < replication; k++)
    value[k] = place[k] - testudo_design_load(design, holder[k]) - 1;
  qsort(value, (size_t)replication, sizeof *value, testudo_i_descending_int32);
  return replication;
}

testudo_status testudo_q_max(const testudo_design *design, int32_t levels, int64_t *q_max, testudo_error *error)
{
  if (levels < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "levels: %d, but at least 1 is needed", (int)levels);
  TESTUDO_I_HELD(testudo_i_free_held)
  int32_t *value = testudo_i_alloc((size_t)testudo_design_max_replication(design), sizeof *value);
  TESTUDO_I_TRY(testudo_i_memory_check(value != NULL, error));
  int64_t everything = design->row[design->workers];
  /* A chunk on fewer than l workers lets the adversary have everything. */
  for (int32_t l = 1; l <= levels; l++)
    q_max[l - 1] = l > testudo_design_min_replication(design) ? everything : INT64_MIN;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t replication = collect_leftovers(design, i, value);
    int64_t q = everything;
    /* From l = replication + 1, where nothing is taken away, down: each level takes one more of the largest. */
    for (int32_t l = replication; l >= 1; l--) {
      q += value[replication - l];
      if (l <= levels && q > q_max[l - 1])
        q_max[l - 1] = q;
    }
  }
  return TESTUDO_OK;
}

int64_t testudo_q_max_bound(const testudo_design *design)
{
  /* Summed over the chunks, what is left undone is delta (delta + 1) / 2 a worker. */
  int64_t left = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int64_t load = testudo_design_load(design, j);
    left += load * (load + 1) / 2;
  }
  return design->row[design->workers] - left / testudo_design_chunks(design);
}

testudo_status testudo_row_sum_max(const testudo_design *design, int32_t l, int64_t *row_sum_max, testudo_error *error)
{
  if (l < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "l: %d, but at least 1 is needed", (int)l);
  TESTUDO_I_HELD(testudo_i_free_held)
  int32_t *place = testudo_i_alloc((size_t)testudo_design_max_replication(design), sizeof *place);
  TESTUDO_I_TRY(testudo_i_memory_check(place != NULL, error));
  *row_sum_max = 0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t replication = testudo_design_replication(design, i);
    memcpy(place, testudo_design_places(design, i), (size_t)replication * sizeof *place);
    qsort(place, (size_t)replication, sizeof *place, testudo_i_descending_int32);
    int64_t sum = 0;
    for (int32_t k = 0; k < replication - l + 1; k++)
      sum += place[k];
    if (sum > *row_sum_max)
      *row_sum_max = sum;
  }
  return TESTUDO_OK;
}
