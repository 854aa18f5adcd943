/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clenshaw and Curtis' rule on [0, 1] with 17 or 33 places, those of the first among those of the second, and what
   shows that a function is not the polynomial through its values there: its last coefficients. */
#ifndef TESTUDO_NUMERIC_CHEBYSHEV_H
#define TESTUDO_NUMERIC_CHEBYSHEV_H

enum { TESTUDO_I_CHEBYSHEV_FEW = 16, TESTUDO_I_CHEBYSHEV_MANY = 32 };

typedef struct testudo_i_chebyshev {
  double cosine[2 * TESTUDO_I_CHEBYSHEV_MANY];        /* of pi k / 32 */
  double place[TESTUDO_I_CHEBYSHEV_MANY + 1];         /* ascending, from 0 to 1 */
  double few[TESTUDO_I_CHEBYSHEV_FEW + 1];            /* weights; their places are every other one */
  double many[TESTUDO_I_CHEBYSHEV_MANY + 1];
} testudo_i_chebyshev;

void testudo_i_chebyshev_init(testudo_i_chebyshev *rule);

/* The integral over [0, 1] of what has these n + 1 values at the places, n = 16 or 32. *trail: the largest of the last
   three coefficients; *before (may be NULL): of the three in the middle, from which the trail has fallen. A jump of
   height h between any two neighbouring places, on top of a smooth function, leaves a trail of h / (2 n) at least: the
   last coefficient is the alternating sum of the values, divided by n, and counts every jump by half. */
double testudo_i_chebyshev_integral(const testudo_i_chebyshev *rule, const double *value, int n, double *trail,
                                    double *before);

#endif
