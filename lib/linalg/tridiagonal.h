/* SPDX-License-Identifier: BSD-3-Clause */
/* Eigenvalues of symmetric tridiagonal matrices: single ones by bisection on the number of negative pivots, to the last
   digits and in a number of steps that is bounded for any input; all of them by QL. */
#ifndef TESTUDO_LINALG_TRIDIAGONAL_H
#define TESTUDO_LINALG_TRIDIAGONAL_H

#include <stdbool.h>
#include <stdint.h>

/* A symmetric tridiagonal matrix of n rows: its diagonal (n numbers; NULL: zeros) and what is beside it (n - 1).
   Entries are finite, and their squares do not overflow. */
typedef struct testudo_i_tridiagonal_matrix {
  int32_t n;
  const double *diagonal, *beside;
} testudo_i_tridiagonal_matrix;

/* The largest eigenvalue, to 4 units in the last place of it or 1e-16 of the largest in size, whichever is more. Barth,
   Martin and Wilkinson, Numer. Math. 9, 1967. O(n) a step, about 55 steps. */
double testudo_i_largest_eigenvalue(testudo_i_tridiagonal_matrix matrix);

/* All eigenvalues, ascending, in place of the diagonal, each to some 1e-15 of the largest in size; `beside` (n - 1) is
   destroyed. By QL with implicit shifts (Martin and Wilkinson, Numer. Math. 12, 1968). false where it does not
   converge, which needs entries that are not finite or overflow. O(n^2). */
bool testudo_i_all_eigenvalues(int32_t n, double *diagonal, double *beside);

/* The smallest and largest singular values of an upper bidiagonal matrix of n rows, both relatively exact; 0 where the
   smallest is under 1e-280. As the eigenvalues of [0 B; B' 0], permuted to a tridiagonal matrix without diagonal (Golub
   and Kahan, 1965). room: 2 n. */
void testudo_i_extreme_singular_values(int32_t n, const double *diagonal, const double *above, double *least,
                                       double *most, double *room);

/* |s[n - 1]| / ||s|| for the eigenvector s to the largest eigenvalue, `value`. room: 2 n. O(n). */
double testudo_i_last_entry(testudo_i_tridiagonal_matrix matrix, double value, double *room);

#endif
