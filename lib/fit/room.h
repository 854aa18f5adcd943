/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rooms of a fit hand on to each other. */
#ifndef TESTUDO_FIT_ROOM_H
#define TESTUDO_FIT_ROOM_H

#include <testudo/fit.h>

#include "fit/structure/mixed.h"
#include "fit/structure/slow.h"

/* A fit on its way. `x` has a time of one chunk per row of the cells, at rate 1: start-up taken off, divided by the
   load, by slow spells, and multiplied by the worker's rate. */
typedef struct testudo_i_fit_room {
  testudo_i_arena arena;        /* of all lists of the fit */
  testudo_i_trace trace;
  testudo_i_cells cells;        /* workers = 0: none */
  testudo_i_components log;     /* of log times of a chunk */
  testudo_i_workers workers;
  testudo_i_slow_states slow;
  double *x;
  double *pool;                 /* x of rows whose end was seen, ascending */
  int64_t pooled;
  double *cell_mean;            /* means of x in cells without censored rows, ascending */
  int64_t cell_means;
  double *chunk_times;          /* of structure mixed: E, one per row, ascending; NULL otherwise */
  char worker_law[96];          /* the law of Z that goes with it .. */
  char chunk_law[256];          /* .. and the law that fits these times best; beside `startup` that of a chunk; ""
                                   none */
  double *startup;              /* start-ups that vary, one per row, ascending; NULL: they do not */
  bool chunks_scaled;           /* with it: do the chunks of a row take the same time? */
  bool chunks_independent;      /* without: of several loads, are the chunks of a row independent? */
} testudo_i_fit_room;

/* Times of one chunk at rate 1, and the room's log, workers, slow; the fit's fields of structure. */
TESTUDO_CHECKED testudo_status testudo_i_fit_structure(testudo_fit *fit, testudo_error *error);

/* The laws, mixed or not, of what the structure makes the samples. */
TESTUDO_CHECKED testudo_status testudo_i_fit_all_laws(testudo_fit *fit, const testudo_fit_options *options,
                                                      testudo_error *error);

bool testudo_i_fit_is(const testudo_fit *fit, testudo_structure structure);

/* Measured and predicted times, and the model to go on with. */
TESTUDO_CHECKED testudo_status testudo_i_fit_recommend(testudo_fit *fit, const testudo_fit_options *options,
                                                       testudo_error *error);

/* Seconds before the first chunk, seconds per chunk, their standard errors, by least squares of equal relative errors
   on traces with several loads; NAN in the fit where there is one load only, or no start-up is seen. */
TESTUDO_CHECKED testudo_status testudo_i_fit_loads(testudo_fit *fit, testudo_error *error);

/* What varies, of one row a worker and iteration, all seen to end. Where the start-up does, these numbers are found
   anew, and the room's `startup`, chunk_law and chunks_scaled, and the fit's deviations; otherwise
   chunks_independent. */
TESTUDO_CHECKED testudo_status testudo_i_fit_growth(testudo_fit *fit, testudo_error *error);

/* Was the end of the row seen? */
static inline bool testudo_i_trace_saw(const testudo_i_trace *trace, int64_t row)
{
  return trace->censored == NULL || !trace->censored[row];
}

/* Of a trace without cells: the row's time of one chunk. */
static inline double testudo_i_trace_chunk_time(const testudo_i_trace *trace, int64_t row)
{
  return trace->seconds[row] / (trace->chunks == NULL ? 1.0 : trace->chunks[row]);
}

/* Fills mean, stddev, the shares of variance and largest_mean of the fit, whose times are sorted already. */
TESTUDO_CHECKED testudo_status testudo_i_trace_spread(const testudo_i_trace *trace, testudo_fit *fit,
                                                      testudo_error *error);

#endif
