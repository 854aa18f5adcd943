/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a trace by worker and iteration. */
#ifndef TESTUDO_FIT_STRUCTURE_CELLS_H
#define TESTUDO_FIT_STRUCTURE_CELLS_H

#include "base/arena.h"
#include "delay/model.h"

/* Cell w * iterations + i holds the rows of worker w in iteration i, in the order of their chunks, or of the file where
   it has none. Workers and iterations are numbered in the order of their numbers in the file. */
typedef struct testudo_i_cells {
  testudo_i_arena arena;
  int32_t workers, iterations;
  int64_t rows;
  const int32_t *worker;    /* their number in the file */
  const int64_t *start;     /* of each cell, and the end: workers * iterations + 1 */
  const double *seconds;
  const bool *censored;     /* NULL: none is */
  const int32_t *load;      /* chunks that a row is the time of; NULL: one each */
} testudo_i_cells;

/* Of a trace with the columns worker and iteration. No cells (workers = 0) of one whose workers are in so few
   iterations that the table would be more than TESTUDO_I_CELLS_PER_ROW times as long as the trace. O(rows). */
#define TESTUDO_I_CELLS_PER_ROW 8
TESTUDO_CHECKED testudo_status testudo_i_cells_make(const testudo_i_trace *trace, testudo_i_cells *cells,
                                                    testudo_error *error);
void testudo_i_cells_clear(testudo_i_cells *cells);

/* Was the end of the row seen? */
static inline bool testudo_i_cells_saw(const testudo_i_cells *cells, int64_t row)
{
  return cells->censored == NULL || !cells->censored[row];
}

static inline int64_t testudo_i_cell_size(const testudo_i_cells *cells, int64_t cell)
{
  return cells->start[cell + 1] - cells->start[cell];
}

/* log seconds of every row. Of censored ones what is expected of a normal law of the worker's own mean, and of one
   deviation for all, given that it is longer (a Tobit model by EM); the bound itself of a worker that never ended. */
TESTUDO_CHECKED testudo_status testudo_i_cells_log(const testudo_i_cells *cells, double *log_seconds,
                                                   testudo_error *error);

#endif
