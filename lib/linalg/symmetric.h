/* SPDX-License-Identifier: BSD-3-Clause */
/* Eigenvalues of symmetric matrices: all of a dense one, the largest of one that is only known by its products. */
#ifndef TESTUDO_LINALG_SYMMETRIC_H
#define TESTUDO_LINALG_SYMMETRIC_H

#include <stdint.h>

#include <testudo/status.h>

/* value[0..n-1] ascending = the eigenvalues of a (n x n, both triangles, destroyed), each to some 1e-15 of the
   largest. room: 3 n numbers. TESTUDO_ERROR_SYSTEM when an entry is not finite. O(n^3). */
TESTUDO_CHECKED testudo_status testudo_i_eigenvalues(int32_t n, double *a, double *value, double *room,
                                                     testudo_error *error);

/* y = A x for a symmetric positive semidefinite A of n rows. */
typedef void (*testudo_i_product)(void *context, const double *x, double *y);

/* What Lanczos found: the largest eigenvalue lies in [value, upper], the upper end with probability 1 - fails over a
   starting direction that is uniform on the sphere. */
typedef struct testudo_i_largest {
  double value, upper, fails;
  int32_t steps;
} testudo_i_largest;

/* The largest eigenvalue by Lanczos with full reorthogonalisation, at most `limit` >= 2 steps, fewer where it has
   converged to 1e-10. start (n numbers, destroyed) is normal, or the projection of such onto a subspace that A
   maps to itself and to which it is then restricted. The upper end: after k products the found value is below
   (1 - e) times the largest with probability at most 1.648 sqrt(n) exp(-(2k - 1) sqrt(e)) (Kuczynski and Wozniakowski,
   SIAM J. Matrix Anal. Appl. 13, 1992, theorem 4.2), set to 1e-6 here. The monitor (may be NULL) is asked at every
   step: TESTUDO_INTERRUPTED. Memory: limit n numbers. O(steps^2 n) and a product a step. */
TESTUDO_CHECKED testudo_status testudo_i_lanczos(int32_t n, testudo_i_product product, void *context, int32_t limit,
                                                 double *start, const testudo_monitor *monitor,
                                                 testudo_i_largest *largest, testudo_error *error);

#endif
