/* SPDX-License-Identifier: BSD-3-Clause */
/* Inner products and products of matrices: the only home of vector instructions. Every sum is taken in an order that
   follows from the sizes alone, without fused steps, so the same numbers come out of every processor. */
#ifndef TESTUDO_LINALG_PRODUCTS_H
#define TESTUDO_LINALG_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

/* The inner product, and y += by * x. */
double testudo_i_dot(size_t n, const double *x, const double *y);
void testudo_i_add_times(size_t n, double by, const double *x, double *y);

/* A matrix whose entry (i, j) is at[i * row + j * column]. */
typedef struct testudo_i_strided {
  const double *at;
  size_t row, column;
} testudo_i_strided;

/* c (rows x columns; entry (i, j) at c[i * apart + j]) += by * a b, for a (rows x inner) and b (inner x columns, with
   b.column = 1). c does not overlap a and b. */
void testudo_i_add_product(int32_t rows, int32_t inner, int32_t columns, double by, testudo_i_strided a,
                           testudo_i_strided b, double *c, size_t apart);

/* c = a b for square column-major matrices. */
void testudo_i_multiply(int32_t n, const double *a, const double *b, double *c);

/* The rest is on tall matrices that lie row after row, as samples do.
   z (rows x columns) = x (rows x inner) w (inner x columns). */
void testudo_i_rows_times(int32_t rows, int32_t inner, int32_t columns, const double *x, const double *w, double *z);

/* g (inner x columns) += by * x' r, for x (rows x inner) and r (rows x columns). */
void testudo_i_rows_gather(int32_t rows, int32_t inner, int32_t columns, double by, const double *x, const double *r,
                           double *g);

/* h (inner x inner, both triangles) += by * x' x for x (rows x inner). */
void testudo_i_rows_gram(int32_t rows, int32_t inner, double by, const double *x, double *h);

#endif
