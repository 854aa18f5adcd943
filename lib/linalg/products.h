/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of tall matrices that lie row after row, as samples do, unlike the matrices of dense.h. */
#ifndef TESTUDO_LINALG_PRODUCTS_H
#define TESTUDO_LINALG_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

/* z (rows x columns) = x (rows x inner) w (inner x columns), all row after row. */
void testudo_i_rows_times(int32_t rows, int32_t inner, int32_t columns, const double *x, const double *w, double *z);

/* g (inner x columns) += by * x' r, for x (rows x inner) and r (rows x columns), all row after row. */
void testudo_i_rows_gather(int32_t rows, int32_t inner, int32_t columns, double by, const double *x, const double *r,
                           double *g);

/* h (inner x inner, both triangles) += by * x' x for x (rows x inner). */
void testudo_i_rows_gram(int32_t rows, int32_t inner, double by, const double *x, double *h);

/* The inner product, and y += by * x. */
double testudo_i_dot(size_t n, const double *x, const double *y);
void testudo_i_add_times(size_t n, double by, const double *x, double *y);

#endif
