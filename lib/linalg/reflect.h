/* SPDX-License-Identifier: BSD-3-Clause */
/* Householder reflections, what takes a matrix to them, and the scale that keeps squares from overflowing. */
#ifndef TESTUDO_LINALG_REFLECT_H
#define TESTUDO_LINALG_REFLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Multiplies the matrix by the power of two that brings its largest entry into [1, 2), and gives that power; 1 where
   all entries are 0. false, and nothing is changed, when an entry is not finite. */
bool testudo_i_scale(size_t count, double *a, double *scale);

/* x (n >= 1 numbers) <- (b, v) with H x = (b, 0, .., 0), |b| = ||x|| and H = I - tau (1, v) (1, v)'; gives tau, 0 where
   x[1..] is 0 already. */
double testudo_i_reflect(size_t n, double *x);

/* y <- H y, for the H that reflect left in v; v[0] counts as 1. */
void testudo_i_apply_reflection(size_t n, double tau, const double *v, double *y);

/* a (rows >= columns, column-major, destroyed) = U B V' with orthogonal U and V and an upper bidiagonal B: its diagonal
   (columns numbers) and what is above it (columns - 1). room: rows + columns. Golub and Kahan, SIAM J. Numer. Anal. 2,
   1965. O(rows columns^2). */
void testudo_i_bidiagonal(int32_t rows, int32_t columns, double *a, double *diagonal, double *above, double *room);

/* a (n x n, both triangles, destroyed) = Q T Q' with a tridiagonal T: its diagonal (n) and what is beside it (n - 1).
   room: 2 n. O(n^3). */
void testudo_i_tridiagonal(int32_t n, double *a, double *diagonal, double *beside, double *room);

#endif
