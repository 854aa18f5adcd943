/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/cells.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

/* ---- numbers by rank ---- */

typedef struct ranked {
  int32_t *rank;    /* of each row */
  int32_t *number;  /* the distinct ones, ascending */
  int32_t count;
} ranked;

static int32_t largest_of(const int32_t *number, int64_t rows)
{
  int32_t most = 0;
  for (int64_t r = 0; r < rows; r++)
    most = number[r] > most ? number[r] : most;
  return most;
}

/* By a table of all numbers up to the largest, where that is not much longer than the trace. */
static testudo_status rank_by_table(const int32_t *number, int64_t rows, int32_t most, ranked *to, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *seen = testudo_i_calloc((size_t)most + 1, sizeof *seen);
  TESTUDO_I_TRY(testudo_i_memory_check(seen != NULL, error));
  for (int64_t r = 0; r < rows; r++)
    seen[number[r]] = 1;
  for (int32_t n = 0; n <= most; n++)
    if (seen[n] != 0) {
      to->number[to->count] = n;
      seen[n] = to->count++;
    }
  for (int64_t r = 0; r < rows; r++)
    to->rank[r] = seen[number[r]];
  return TESTUDO_OK;
}

static testudo_status rank_numbers(const int32_t *number, int64_t rows, testudo_i_arena *arena, ranked *to,
                                   testudo_error *error)
{
  *to = (ranked){.rank = testudo_i_arena_alloc(arena, (size_t)rows, sizeof *to->rank),
                 .number = testudo_i_arena_alloc(arena, (size_t)rows, sizeof *to->number)};
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int32_t most = largest_of(number, rows);
  if (most <= 4 * rows)
    return rank_by_table(number, rows, most, to, error);
  to->count = testudo_i_trace_rank(number, rows, to->number, to->rank);
  return TESTUDO_OK;
}

/* ---- rows into cells ---- */

typedef struct placed {
  int32_t chunk;
  int64_t row;
} placed;

static int by_chunk(const void *a, const void *b)
{
  const placed *x = a, *y = b;
  return x->chunk != y->chunk ? TESTUDO_I_COMPARE(x->chunk, y->chunk) : TESTUDO_I_COMPARE(x->row, y->row);
}

/* start[c + 1] counts the rows of cell c, then sums up, and the rows are put where they belong. */
static testudo_status sort_rows(const testudo_i_trace *trace, const int32_t *worker, const int32_t *iteration,
                                int32_t iterations, int64_t cells, int64_t *start, placed *to, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *next = testudo_i_alloc((size_t)cells, sizeof *next);
  TESTUDO_I_TRY(testudo_i_memory_check(next != NULL, error));
  for (int64_t r = 0; r < trace->rows; r++)
    start[(int64_t)worker[r] * iterations + iteration[r] + 1]++;
  for (int64_t c = 0; c < cells; c++) {
    start[c + 1] += start[c];
    next[c] = start[c];
  }
  for (int64_t r = 0; r < trace->rows; r++)
    to[next[(int64_t)worker[r] * iterations + iteration[r]]++] =
        (placed){trace->chunk == NULL ? 0 : trace->chunk[r], r};
  for (int64_t c = 0; trace->chunk != NULL && c < cells; c++)
    qsort(to + start[c], (size_t)(start[c + 1] - start[c]), sizeof *to, by_chunk);
  return TESTUDO_OK;
}

static testudo_status fill_cells(const testudo_i_trace *trace, testudo_i_cells *cells, const placed *at,
                                 testudo_error *error)
{
  size_t rows = (size_t)trace->rows;
  double *seconds = testudo_i_arena_alloc(&cells->arena, rows, sizeof *seconds);
  bool *censored = trace->censored == NULL ? NULL : testudo_i_arena_alloc(&cells->arena, rows, sizeof *censored);
  int32_t *load = trace->chunks == NULL ? NULL : testudo_i_arena_alloc(&cells->arena, rows, sizeof *load);
  TESTUDO_I_TRY(testudo_i_arena_check(&cells->arena, error));
  for (size_t k = 0; k < rows; k++) {
    seconds[k] = trace->seconds[at[k].row];
    if (censored != NULL)
      censored[k] = trace->censored[at[k].row];
    if (load != NULL)
      load[k] = trace->chunks[at[k].row];
  }
  cells->seconds = seconds;
  cells->censored = censored;
  cells->load = load;
  return TESTUDO_OK;
}

testudo_status testudo_i_cells_make(const testudo_i_trace *trace, testudo_i_cells *cells, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  ranked worker, iteration;
  *cells = (testudo_i_cells){.rows = trace->rows};
  TESTUDO_I_TRY(rank_numbers(trace->worker, trace->rows, &scratch, &worker, error));
  TESTUDO_I_TRY(rank_numbers(trace->iteration, trace->rows, &scratch, &iteration, error));
  int64_t count = (int64_t)worker.count * iteration.count;
  if (count / TESTUDO_I_CELLS_PER_ROW > trace->rows)
    return TESTUDO_OK;
  cells->workers = worker.count;
  cells->iterations = iteration.count;
  int32_t *number = testudo_i_arena_alloc(&cells->arena, (size_t)worker.count, sizeof *number);
  int64_t *start = testudo_i_arena_calloc(&cells->arena, (size_t)count + 1, sizeof *start);
  placed *at = testudo_i_arena_alloc(&scratch, (size_t)trace->rows, sizeof *at);
  TESTUDO_I_TRY(testudo_i_arena_check(&cells->arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  for (int32_t w = 0; w < worker.count; w++)
    number[w] = worker.number[w];
  TESTUDO_I_TRY(sort_rows(trace, worker.rank, iteration.rank, iteration.count, count, start, at, error));
  cells->worker = number;
  cells->start = start;
  return fill_cells(trace, cells, at, error);
}

void testudo_i_cells_clear(testudo_i_cells *cells)
{
  testudo_i_arena_clear(&cells->arena);
  *cells = (testudo_i_cells){.rows = 0};
}

/* ---- logarithms ---- */

/* E[Z | Z > z] of a standard normal Z, and E[Z^2 | Z > z] = 1 + z times that. */
static double normal_beyond(double z)
{
  if (z > 30.0)
    return z + 1.0 / z;
  return exp(-0.5 * z * z) * 0.79788456080286535588 / erfc(z * 0.70710678118654752440);
}

typedef struct tobit {
  const testudo_i_cells *cells;
  const double *bound;  /* log seconds of every row */
  double *value;
  double deviation, squares;
} tobit;

/* One round of EM for the rows of a worker. */
static void tobit_worker(tobit *t, int64_t from, int64_t to)
{
  double mean = 0.0;
  int64_t seen = 0;
  for (int64_t r = from; r < to; r++) {
    mean += t->value[r];
    seen += testudo_i_cells_saw(t->cells, r);
  }
  mean /= (double)(to - from);
  for (int64_t r = from; r < to; r++) {
    double away = t->value[r] - mean;
    if (testudo_i_cells_saw(t->cells, r) || seen == 0 || !(t->deviation > 0.0)) {
      t->squares += seen == 0 ? 0.0 : away * away;
      continue;
    }
    double z = (t->bound[r] - mean) / t->deviation, beyond = normal_beyond(z);
    t->value[r] = mean + t->deviation * beyond;
    t->squares += t->deviation * t->deviation * (1.0 + z * beyond);
  }
}

static void tobit_round(tobit *t)
{
  const testudo_i_cells *cells = t->cells;
  t->squares = 0.0;
  for (int32_t w = 0; w < cells->workers; w++) {
    const int64_t *start = cells->start + (int64_t)w * cells->iterations;
    int64_t from = start[0], to = start[cells->iterations];
    if (to > from)
      tobit_worker(t, from, to);
  }
  t->deviation = sqrt(t->squares / (double)cells->rows);
}

/* Rounds of EM: more change nothing that the structure hangs on. */
#define TOBIT_ROUNDS 60

testudo_status testudo_i_cells_log(const testudo_i_cells *cells, double *log_seconds, testudo_error *error)
{
  for (int64_t r = 0; r < cells->rows; r++)
    log_seconds[r] = log(cells->seconds[r]);
  if (cells->censored == NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) double *bound = testudo_i_alloc((size_t)cells->rows, sizeof *bound);
  TESTUDO_I_TRY(testudo_i_memory_check(bound != NULL, error));
  for (int64_t r = 0; r < cells->rows; r++)
    bound[r] = log_seconds[r];
  tobit t = {.cells = cells, .bound = bound, .value = log_seconds};
  for (int k = 0; k < TOBIT_ROUNDS; k++)
    tobit_round(&t);
  return TESTUDO_OK;
}
