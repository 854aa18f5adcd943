/* SPDX-License-Identifier: GPL-3.0-or-later */
/* p-values that really are upper bounds of the false-alarm probability: exact binomial tails, and inequalities that
   hold for every sample size. No normal approximation: at a level of 1e-7 a z-test on a skewed variable alarms several
   times too often. */
#ifndef TESTUDO_VALIDATE_PVALUE_H
#define TESTUDO_VALIDATE_PVALUE_H

#include <stdint.h>

/* `seen` successes of n where the chance of one lies in [lower, upper]: twice the smaller exact binomial tail. */
double testudo_i_p_binomial(int64_t seen, int64_t n, double lower, double upper);

/* The mean of n iid values x >= 0 of mean `mean` and standard deviation `stddev` was off by `off`; `bound` is a
   level that any of the n exceeds with probability at most `beyond`.
   Bernstein's inequality. Below: mean - x <= mean. Above: values cut at the bound keep their variance or lose some, and
   lose mean, so P(off) <= beyond + the inequality for the cut values. */
double testudo_i_p_mean(double off, int64_t n, double mean, double stddev, double bound, double beyond);

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
