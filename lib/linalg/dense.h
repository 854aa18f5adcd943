/* SPDX-License-Identifier: BSD-3-Clause */
/* Pseudo-inverses and condition numbers. Matrices are column-major. */
#ifndef TESTUDO_LINALG_DENSE_H
#define TESTUDO_LINALG_DENSE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

/* Doubles of workspace that pseudo_inverse needs for matrices up to rows x columns. */
size_t testudo_i_pseudo_inverse_room(int32_t rows, int32_t columns);

/* inverse (columns x rows) = the Moore-Penrose inverse of a (rows x columns, destroyed), by the singular value
   decomposition; singular values under 1e-13 of the largest count as zero. *condition (may be NULL) = largest over
   smallest singular value (HUGE_VAL when that is 0). work has the room above. TESTUDO_ERROR_SYSTEM when an entry is not
   finite, or the decomposition does not converge. One-sided Jacobi rotations (Hestenes, 1958): about 10 rows columns
   min(rows, columns) multiplications a sweep, some 6 to 10 sweeps; meant for up to some hundred rows or columns. */
TESTUDO_CHECKED testudo_status testudo_i_pseudo_inverse(int32_t rows, int32_t columns, double *a, double *inverse,
                                                        double *condition, double *work, testudo_error *error);

/* Doubles of workspace that condition needs. */
size_t testudo_i_condition_room(int32_t rows, int32_t columns);

/* *condition = largest over smallest of the min(rows, columns) singular values of a (destroyed), HUGE_VAL when the
   smallest is 0; the smallest is right to some 1e-15 of the largest. TESTUDO_ERROR_SYSTEM when an entry is not finite.
   O(rows columns min(rows, columns)). */
TESTUDO_CHECKED testudo_status testudo_i_condition(int32_t rows, int32_t columns, double *a, double *condition,
                                                   double *work, testudo_error *error);

#endif
