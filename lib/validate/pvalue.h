/* SPDX-License-Identifier: GPL-3.0-or-later */
/* p-values of counts and errors: exact binomial tails, inequalities that hold for every sample size, and the normal law
   where the sample is large enough for it. */
#ifndef TESTUDO_VALIDATE_PVALUE_H
#define TESTUDO_VALIDATE_PVALUE_H

#include <stdint.h>

/* `seen` successes of n where the chance of one lies in [lower, upper]: twice the smaller exact binomial tail. */
double testudo_i_p_binomial(int64_t seen, int64_t n, double lower, double upper);

/* A mean of n values was z of their own standard errors from what it should be; skewness and kurtosis are theirs. By
   the normal law, with the term of the skewness in the tail of Student's statistic (Hall, The bootstrap and Edgeworth
   expansion, 1992, section 2.6), where that law may be used for p-values about `p`: with c its quantile for p,
   |skewness| c^3 / (3 sqrt n) <= 1 and kurtosis c^4 / (12 n) <= 1, so that what is left out changes a p-value by a
   factor of about e at most. Otherwise NAN. */
double testudo_i_p_sample_mean(double z, int64_t n, double skewness, double kurtosis, double p);

/* The mean of n trials of error(t) = sum over `chunks` chunks of Y_i in [0, parts] was `seen`, its expectation is
   `expected`; each independent delay enters at most `reads` of the Y_i (reads = chunks where the workers are not
   independent: then only the trials are). Twice the smaller of two bounds, so that the pair is valid:
   - Chernoff's with Finner's inequality (Ann. Probab. 20, 1992; read-k families: Gavinsky, Lovett, Saks and
     Srinivasan, Random Structures Algorithms 47, 2015): with p = expected / (chunks parts) and q from `seen`,
     P <= exp(-n chunks / reads * D(q || p)). Good for rare errors.
   - Maurer and Pontil's empirical Bernstein bound (COLT 2009), from the standard error seen. Good for common ones. */
double testudo_i_p_error(double seen, double stderr_seen, double expected, int64_t n, double chunks, double parts,
                         double reads);

#endif
