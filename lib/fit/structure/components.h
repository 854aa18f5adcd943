/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the variance of a trace lies (docs/theory/structure.md#components). */
#ifndef TESTUDO_FIT_STRUCTURE_COMPONENTS_H
#define TESTUDO_FIT_STRUCTURE_COMPONENTS_H

#include "fit/structure/cells.h"

/* y = mean + worker + iteration + worker x iteration + residual. */
typedef struct testudo_i_components {
  /* Estimates of variance, at least 0; NAN where the trace cannot tell. Of one row per worker and iteration
     worker_iteration is NAN and the residual holds both. */
  double worker, iteration, worker_iteration, residual;
  /* P of a ratio of mean squares as large as that where the component is 0, by the F law: exact for normal y and full
     tables; NAN where there is no test. */
  double worker_p, iteration_p, worker_iteration_p;
  double noise;             /* mean square of the cells' means about worker + iteration, per row; NAN: none */
  double noise_freedom;
  double *worker_effect, *iteration_effect;  /* centred; of workers and iterations (arena) */
  double *cell;             /* mean of each cell, NAN where it is empty (arena) */
} testudo_i_components;

/* Analysis of variance of y, a value per row of the cells; unweighted means of cells, least squares where some are
   empty. O(rows + rounds * cells). */
TESTUDO_CHECKED testudo_status testudo_i_components_of(const testudo_i_cells *cells, const double *y,
                                                       testudo_i_arena *arena, testudo_i_components *found,
                                                       testudo_error *error);

#endif
