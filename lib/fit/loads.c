/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up and time per chunk, of traces whose rows are the times of several chunks. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "fit/room.h"
#include "fit/squares.h"

/* seconds = startup + load * per_chunk / rate, with errors that grow as the load: weights 1 / load^2. */
static void add_point(testudo_i_squares *l, double load, double rate, double seconds)
{
  testudo_i_squares_add(l, 1.0 / (load * load), 1.0, load / rate, seconds);
}

static void fit_line(const testudo_i_squares *l, double rows, testudo_fit *fit)
{
  double determinant = testudo_i_squares_determinant(l);
  testudo_i_squares_solve(l, &fit->startup, &fit->per_chunk);
  double left = l->yy - fit->startup * l->ay - fit->per_chunk * l->by, variance = fmax(0.0, left) / (rows - 2.0);
  fit->startup_error = sqrt(variance * l->bb / determinant);
  fit->per_chunk_error = sqrt(variance * l->aa / determinant);
}

/* Means of the workers' times per chunk over the geometric mean of these, and so their rates. Not means of logarithms:
   what is left of a short row without the start-up may be anything. */
static void find_rates(const testudo_i_cells *cells, const testudo_fit *fit, double *rate)
{
  double all = 0.0;
  for (int32_t w = 0; w < cells->workers; w++) {
    const int64_t *start = cells->start + (int64_t)w * cells->iterations;
    int64_t from = start[0], to = start[cells->iterations];
    double sum = 0.0;
    for (int64_t r = from; r < to; r++)
      sum += (cells->seconds[r] - fit->startup) / cells->load[r];
    rate[w] = log(fmax(sum / (double)(to - from), 1e-9 * fabs(fit->per_chunk)));
    all += rate[w] / cells->workers;
  }
  for (int32_t w = 0; w < cells->workers; w++)
    rate[w] = exp(all - rate[w]);
}

#define ROUNDS 8

/* Start-up that is not three standard errors above 0, or not 1 % of the shortest time, is none. */
static bool is_start_up(const testudo_i_cells *cells, const testudo_fit *fit)
{
  double least = HUGE_VAL;
  for (int64_t r = 0; r < cells->rows; r++)
    least = fmin(least, cells->seconds[r]);
  return fit->startup > 3.0 * fit->startup_error && fit->startup > 0.01 * least && fit->per_chunk > 0.0;
}

static bool has_several_loads(const testudo_i_cells *cells)
{
  for (int64_t r = 1; cells->load != NULL && r < cells->rows; r++)
    if (cells->load[r] != cells->load[0])
      return true;
  return false;
}

/* Where nobody has several loads rates and loads are the same thing. */
static bool has_worker_of_several_loads(const testudo_i_cells *cells)
{
  for (int32_t w = 0; w < cells->workers; w++) {
    const int64_t *start = cells->start + (int64_t)w * cells->iterations;
    int64_t from = start[0], to = start[cells->iterations];
    for (int64_t r = from + 1; r < to; r++)
      if (cells->load[r] != cells->load[from])
        return true;
  }
  return false;
}

testudo_status testudo_i_fit_loads(testudo_fit *fit, testudo_error *error)
{
  const testudo_i_cells *cells = &fit->room->cells;
  if (!has_several_loads(cells))
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) double *rate = testudo_i_alloc((size_t)cells->workers, sizeof *rate);
  TESTUDO_I_TRY(testudo_i_memory_check(rate != NULL, error));
  for (int32_t w = 0; w < cells->workers; w++)
    rate[w] = 1.0;
  bool crossed = has_worker_of_several_loads(cells);
  for (int round = 0; round < ROUNDS; round++) {
    testudo_i_squares l = {0};
    double rows = 0.0;
    for (int32_t w = 0; w < cells->workers; w++)
      for (int64_t r = cells->start[(int64_t)w * cells->iterations];
           r < cells->start[(int64_t)(w + 1) * cells->iterations]; r++)
        if (testudo_i_cells_saw(cells, r)) {
          add_point(&l, cells->load[r], rate[w], cells->seconds[r]);
          rows++;
        }
    if (rows < 10.0)
      break;
    fit_line(&l, rows, fit);
    if (crossed)
      find_rates(cells, fit, rate);
  }
  if (!is_start_up(cells, fit))
    fit->startup = fit->startup_error = fit->per_chunk = fit->per_chunk_error = NAN;
  return testudo_i_fit_growth(fit, error);
}
