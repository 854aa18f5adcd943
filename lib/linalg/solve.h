/* SPDX-License-Identifier: BSD-3-Clause */
/* Dense systems and dense least squares. Matrices are column-major. */
#ifndef TESTUDO_LINALG_SOLVE_H
#define TESTUDO_LINALG_SOLVE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

/* Solves a x = b (n x n; a is destroyed, b becomes x) by elimination with row exchanges; pivot has room for n.
   *reciprocal_condition (may be NULL) estimates 1 / cond(a) in the 1-norm (Higham, ACM TOMS 14, 1988): it is never
   under the true one by more than rounding. TESTUDO_UNDECODABLE when a is singular, TESTUDO_ERROR_SYSTEM when an entry
   is not finite. room: 4 n numbers. O(n^3). */
TESTUDO_CHECKED testudo_status testudo_i_solve(int32_t n, double *a, double *b, int32_t *pivot,
                                               double *reciprocal_condition, double *room, testudo_error *error);

/* Doubles of workspace for least_squares up to rows x columns. */
size_t testudo_i_least_squares_room(int32_t rows, int32_t columns);

/* x of least norm that minimises ||a x - b|| (a rows x columns, destroyed; b has max(rows, columns) numbers and becomes
   x), by a complete orthogonal factorisation: QR with column exchanges (Businger and Golub, Numer. Math. 7, 1965), and
   reflections from the right where columns are dependent, which are those whose part outside the ones before is no
   longer than `tolerance` times the longest column. pivot has room for `columns`. TESTUDO_ERROR_SYSTEM when an entry of
   a is not finite. O(rows columns min(rows, columns)). */
TESTUDO_CHECKED testudo_status testudo_i_least_squares(int32_t rows, int32_t columns, double *a, double *b,
                                                       double tolerance, int32_t *pivot, double *room,
                                                       testudo_error *error);

#endif
