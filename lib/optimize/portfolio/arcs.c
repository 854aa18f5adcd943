/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arcs of unequal loads, in any sequence of the workers. */
#include "base/order.h"
#include "optimize/portfolio/pool.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "code/assignment.h"

testudo_status testudo_i_arcs_assign(int32_t workers, int32_t chunks, const int32_t *loads, const int32_t *around,
                                     testudo_assignment *orders, testudo_error *error)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < workers; j++)
    entries += loads[j];
  TESTUDO_I_TRY(testudo_i_assignment_begin(orders, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(orders, workers, chunks, entries, error));
  for (int32_t j = 0; j < workers; j++)
    orders->row[j + 1] = orders->row[j] + loads[j];
  int64_t at = 0, times = entries / chunks;
  for (int32_t k = 0; k < workers; k++) {
    int32_t j = around[k], load = loads[j];
    int32_t *row = orders->chunk + orders->row[j];
    int64_t begin = at / chunks * load / (times > 0 ? times : 1);
    for (int32_t p = 0; p < load; p++)
      row[p] = (int32_t)((at + (begin + p) % load) % chunks);
    at += load;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_arcs_deal(const double *rates, int32_t workers, int32_t piles, int32_t *around,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) testudo_i_ranked *sorted = testudo_i_alloc((size_t)workers, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    sorted[j] = (testudo_i_ranked){rates[j], j};
  qsort(sorted, (size_t)workers, sizeof *sorted, testudo_i_falling_ranks);
  int32_t placed = 0;
  for (int32_t pile = 0; pile < piles; pile++)
    for (int32_t k = pile; k < workers; k += piles)
      around[placed++] = sorted[k].index;
  return TESTUDO_OK;
}
