/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normal scores and lognormal draws, many at once. */
#ifndef TESTUDO_DELAY_NORMAL_H
#define TESTUDO_DELAY_NORMAL_H

#include <stddef.h>

/* z[k] with P(Z <= z[k]) = u[k], 0 < u < 1, Z standard normal: algorithm AS 241 (M. J. Wichura, The percentage points
   of the normal distribution, Applied Statistics 37, 1988), relative error about 1e-15. An entry has the same bits
   wherever it stands. */
void testudo_i_normal_scores(const double *restrict u, double *restrict z, size_t count);

/* The probability below which, and above whose complement, the tails of AS 241 begin. */
#define TESTUDO_I_TAIL 0.075

/* The scores of all u between the tails; anything elsewhere. */
void testudo_i_central_scores(const double *restrict u, double *restrict z, size_t count);

/* x[k] = exp(mu + sigma z[k]). */
void testudo_i_lognormals(const double *restrict u, double *restrict x, size_t count, double mu, double sigma);

#endif
