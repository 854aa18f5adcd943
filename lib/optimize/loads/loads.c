/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads for workers of different rates (docs/theory/placement.md): minimise max n_j / r_j subject to sum n_j = copies
   and 0 <= n_j <= N. The linear programme is water-filling; the whole numbers are dealt one at a time to the worker who
   would finish first. */
#include <testudo/optimize.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"

/* The fastest k hold all N chunks, the others are level: sum of min(N, M r_j) = copies. `sorted`: descending rates. */
static double water_level(const double *sorted, double *slower, int32_t workers, int32_t chunks, int64_t copies)
{
  for (int32_t j = workers - 1; j >= 0; j--)
    slower[j] = sorted[j] + (j + 1 < workers ? slower[j + 1] : 0.0);
  for (int32_t k = 0; k < workers; k++) {
    double level = (double)(copies - (int64_t)k * chunks) / slower[k];
    if (level * sorted[k] <= chunks)
      return level;
  }
  return chunks / sorted[workers - 1];
}

/* ---- whole numbers ---- */

/* A heap of workers by the time at which one more chunk would be done, the least on top, ties to the lower worker. */
typedef struct next_chunk {
  double when;
  int32_t worker;
} next_chunk;

static bool sooner(next_chunk a, next_chunk b)
{
  return a.when < b.when || (a.when == b.when && a.worker < b.worker);
}

static void sink_down(next_chunk *heap, int32_t count, int32_t k)
{
  next_chunk moved = heap[k];
  for (int32_t child; (child = 2 * k + 1) < count; k = child) {
    if (child + 1 < count && sooner(heap[child + 1], heap[child]))
      child++;
    if (!sooner(heap[child], moved))
      break;
    heap[k] = heap[child];
  }
  heap[k] = moved;
}

static void deal(const double *rates, int32_t workers, int32_t chunks, int64_t left, next_chunk *heap, int32_t *loads)
{
  int32_t count = 0;
  for (int32_t j = 0; j < workers; j++)
    if (loads[j] < chunks)
      heap[count++] = (next_chunk){(loads[j] + 1) / rates[j], j};
  for (int32_t k = count / 2 - 1; k >= 0; k--)
    sink_down(heap, count, k);
  for (; left > 0 && count > 0; left--) {
    int32_t j = heap[0].worker;
    loads[j]++;
    heap[0].when = loads[j] < chunks ? (loads[j] + 1) / rates[j] : HUGE_VAL;
    sink_down(heap, count, 0);
  }
}

static testudo_status check_rates(int32_t workers, int32_t chunks, int32_t replication, const double *rates,
                                  testudo_error *error)
{
  if (workers < 1 || workers > TESTUDO_MAX_WORKERS || chunks < 1 || chunks > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers and %d chunks, but 1..%d and 1..%d are allowed",
                          (int)workers, (int)chunks, TESTUDO_MAX_WORKERS, TESTUDO_MAX_CHUNKS);
  if (replication < 1 || replication > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication: %d, but %d workers allow 1..%d",
                          (int)replication, (int)workers, (int)workers);
  for (int32_t j = 0; j < workers; j++)
    if (!(rates[j] >= 1e-100 && rates[j] <= 1e100))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rate of worker %d: %g, but 1e-100 to 1e100 are allowed",
                            (int)j, rates[j]);
  return TESTUDO_OK;
}

testudo_status testudo_loads_for_rates(int32_t workers, int32_t chunks, int32_t replication, const double *rates,
                                       int32_t *loads, testudo_makespan *makespan, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(check_rates(workers, chunks, replication, rates, error));
  double *sorted = testudo_i_arena_alloc(&arena, (size_t)workers, sizeof *sorted);
  double *slower = testudo_i_arena_alloc(&arena, (size_t)workers, sizeof *slower);
  next_chunk *heap = testudo_i_arena_alloc(&arena, (size_t)workers, sizeof *heap);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  memcpy(sorted, rates, (size_t)workers * sizeof *sorted);
  qsort(sorted, (size_t)workers, sizeof *sorted, testudo_i_descending_reals);
  int64_t copies = (int64_t)chunks * replication, left = copies;
  double level = water_level(sorted, slower, workers, chunks, copies);
  /* Dealing one by one would give these first: each is done by the level. A little less, for the product may round
     up. */
  for (int32_t j = 0; j < workers; j++) {
    double whole = floor(level * rates[j] * (1.0 - 1e-12));
    loads[j] = whole < chunks ? (int32_t)whole : chunks;
    left -= loads[j];
  }
  deal(rates, workers, chunks, left, heap, loads);
  *makespan = (testudo_makespan){.bound = level};
  for (int32_t j = 0; j < workers; j++)
    makespan->value = fmax(makespan->value, loads[j] / rates[j]);
  /* What the workers could hold by any earlier time: too little, which is the proof. */
  for (int32_t j = 0; j < workers; j++) {
    int64_t held = loads[j];
    while (held > 0 && (double)held / rates[j] >= makespan->value)
      held--;
    while (held < chunks && (double)(held + 1) / rates[j] < makespan->value)
      held++;
    makespan->sooner += held;
  }
  return TESTUDO_OK;
}
