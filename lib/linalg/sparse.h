/* SPDX-License-Identifier: BSD-3-Clause */
/* Sparse least squares. */
#ifndef TESTUDO_LINALG_SPARSE_H
#define TESTUDO_LINALG_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

/* A sparse matrix given by its columns: column c has the entries first[c] .. last[c] - 1 of `index` (its rows) and
   `value` (NULL: all entries are 1). Columns are chosen by `use`: column number k of the problem is column use[k].
   Where all entries are 1 the rows may be given too, row i with the columns column[row[i]] .. column[row[i + 1] - 1]
   of the `all` that there are: products then need no scattered writes, but the vectors go by the numbers of the
   columns, and are 0 for those that are not chosen. */
typedef struct testudo_i_sparse {
  int32_t rows;
  const int64_t *first, *last;
  const int32_t *index;
  const double *value;
  const int32_t *use;
  int32_t columns;
  const int64_t *row;    /* NULL: not given */
  const int32_t *column;
  int32_t all;
} testudo_i_sparse;

/* Doubles of workspace for lsqr; columns: those of the vectors. */
size_t testudo_i_lsqr_room(int32_t rows, int32_t columns);

/* When LSQR stops: at ||A'r|| <= tolerance ||A|| ||r||, at ||r|| <= tolerance ||b||, or, before x is the least, at
   ||r||^2 <= enough, which says that the least is no larger. After `limit` steps it has not converged. */
typedef struct testudo_i_stop {
  double tolerance, enough;
  int32_t limit;
} testudo_i_stop;

/* x (columns, or `all`) minimises ||A x - b||, of least norm, by LSQR (Paige and Saunders, ACM TOMS 8, 1982); *residual
   is the squared norm of b - A x, computed from x. Cost: two products with A a step. */
void testudo_i_lsqr(const testudo_i_sparse *a, const double *b, testudo_i_stop stop, double *x, double *residual,
                    bool *converged, double *room);

#endif
