/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <testudo/fit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "fit/room.h"

static void clear_room(testudo_i_fit_room *room)
{
  testudo_i_trace_free(&room->trace);
  testudo_i_cells_clear(&room->cells);
  testudo_i_arena_clear(&room->arena);
  free(room);
}

void testudo_fit_free(testudo_fit *fit)
{
  if (fit == NULL)
    return;
  if (fit->room != NULL)
    clear_room(fit->room);
  free(fit->model);
  free(fit);
}

static testudo_status sort_times(testudo_fit *fit, testudo_error *error)
{
  const testudo_i_trace *trace = &fit->room->trace;
  fit->samples = trace->rows;
  fit->phases = trace->phases;
  fit->incomplete = trace->incomplete;
  testudo_i_trace_describe(trace, fit->columns, sizeof fit->columns);
  fit->sorted = testudo_i_arena_alloc(&fit->room->arena, (size_t)trace->rows, sizeof *fit->sorted);
  TESTUDO_I_TRY(testudo_i_arena_check(&fit->room->arena, error));
  for (int64_t r = 0; r < trace->rows; r++)
    if (testudo_i_trace_saw(trace, r))
      fit->sorted[fit->seen++] = trace->seconds[r];
  fit->censored = fit->samples - fit->seen;
  qsort(fit->sorted, (size_t)fit->seen, sizeof *fit->sorted, testudo_i_ascending_reals);
  return fit->seen > 0 ? TESTUDO_OK
                       : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                        "the end of no row was seen: all are censored, so no law can be fitted");
}

static testudo_status fill_correlation(testudo_fit *fit, testudo_error *error)
{
  testudo_i_correlation chunks;
  TESTUDO_I_TRY(testudo_i_trace_correlation(&fit->room->trace, &chunks, error));
  fit->icc = chunks.icc;
  fit->icc_low = chunks.low;
  fit->icc_high = chunks.high;
  return TESTUDO_OK;
}

/* Without a column of chunks nobody has said so. */
static void admit_rows_are_chunks(testudo_fit *fit)
{
  const testudo_i_trace *trace = &fit->room->trace;
  const testudo_i_cells *cells = &fit->room->cells;
  int64_t all = (int64_t)cells->workers * cells->iterations, shared = 0;
  for (int64_t c = 0; c < all; c++)
    shared += testudo_i_cell_size(cells, c) > 1;
  size_t length = strlen(fit->columns);
  if (shared > 0 && trace->chunk == NULL && trace->chunks == NULL && trace->form == TESTUDO_TRACE_TABLE)
    snprintf(fit->columns + length, sizeof fit->columns - length,
             "; rows that share worker and iteration are taken for its chunks");
}

static testudo_status fill_fit(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  static const testudo_fit_variance none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  fit->variance = fit->log_variance = none;
  fit->memory = fit->memory_error = NAN;
  fit->startup = fit->startup_error = fit->per_chunk = fit->per_chunk_error = NAN;
  fit->startup_deviation = fit->chunk_deviation = NAN;
  fit->measured = (testudo_fit_times){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  TESTUDO_I_TRY(sort_times(fit, error));
  TESTUDO_I_TRY(testudo_i_trace_spread(&fit->room->trace, fit, error));
  TESTUDO_I_TRY(fill_correlation(fit, error));
  TESTUDO_I_TRY(testudo_i_fit_structure(fit, error));
  admit_rows_are_chunks(fit);
  TESTUDO_I_TRY(testudo_i_fit_all_laws(fit, options, error));
  return testudo_i_fit_recommend(fit, options, error);
}

static testudo_status read_and_fit(testudo_fit *fit, const char *path, const testudo_fit_options *options,
                                   testudo_error *error)
{
  fit->room = testudo_i_calloc(1, sizeof *fit->room);
  TESTUDO_I_TRY(testudo_i_memory_check(fit->room != NULL, error));
  TESTUDO_I_TRY(testudo_i_trace_read_as(path, options->reading, &fit->room->trace, error));
  return fill_fit(fit, options, error);
}

testudo_status testudo_fit_trace(const char *path, const testudo_fit_options *options, testudo_fit **fit,
                                 testudo_error *error)
{
  static const testudo_fit_options plain = {0};
  *fit = NULL;
  testudo_fit *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(read_and_fit(made, path, options == NULL ? &plain : options, error), made, testudo_fit_free, fit);
}
