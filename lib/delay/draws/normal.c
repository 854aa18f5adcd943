/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay/draws/normal.h"

#include <math.h>

#include "base/clones.h"

/* Comparisons that might trap are no vector code. Before what is compiled into these loops. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif

#include "delay/draws/exponent.h"
#include "delay/draws/logarithm.h"

/* Blocks of a fixed length need no remainder loop: compilers vectorise them at their ordinary setting. */
#define BLOCK 16

/* The third of AS 241's ranges begins where the tail is below exp(-25): once in 3.6e10 draws. */
#define FAR_TAIL 1.3887943864964021e-11

TESTUDO_I_INLINED double horner(const double *c, double x)
{
  return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0];
}

static const double central_above[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                       1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                       3.3430575583588128105e+4, 2.5090809287301226727e+3};
static const double central_below[] = {1.0,                      4.2313330701600911252e+1, 6.8718700749205790830e+2,
                                       5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
                                       2.8729085735721942674e+4, 5.2264952788528545610e+3};
static const double tail_above[] = {1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,
                                    3.64784832476320460504e0, 1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double tail_below[] = {1.0,                       2.05319162663775882187e0,  1.67638483018380384940e0,
                                    6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
                                    5.47593808499534494600e-4, 1.05075007164441684324e-9};
static const double far_above[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                   2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double far_below[] = {1.0,                       5.99832206555887937690e-1, 1.36929880922735805310e-1,
                                   1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                                   1.42151175831644588870e-7, 2.04426310338993978564e-15};

/* |u - 1/2| <= this is the first range, the second reaches to the far tail. */
#define CENTRAL (0.5 - TESTUDO_I_TAIL)

TESTUDO_I_INLINED double central_score(double u)
{
  double q = u - 0.5, r = 0.180625 - q * q;
  return q * horner(central_above, r) / horner(central_below, r);
}

TESTUDO_I_INLINED double tail_score(double u)
{
  double q = u - 0.5, other = 1.0 - u, root = sqrt(testudo_i_negative_log(u < other ? u : other)) - 1.6;
  return copysign(horner(tail_above, root) / horner(tail_below, root), q);
}

static double far_score(double u)
{
  double q = u - 0.5, other = 1.0 - u, root = sqrt(testudo_i_negative_log(u < other ? u : other)) - 5.0;
  return copysign(horner(far_above, root) / horner(far_below, root), q);
}

/* The first range for all, as if there were no other. */
TESTUDO_I_CLONES
void testudo_i_central_scores(const double *restrict u, double *restrict z, size_t count)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      z[start + k] = central_score(u[start + k]);
  for (size_t k = whole; k < count; k++)
    z[k] = central_score(u[k]);
}

TESTUDO_I_CLONES
static void tail_scores(const double *restrict u, double *restrict z)
{
  for (size_t k = 0; k < BLOCK; k++)
    z[k] = tail_score(u[k]);
}

/* Those outside the first range, three of twenty, side by side: their logarithms and roots cost more than all else. */
static void mend_tails(const double *restrict u, double *restrict z, const uint16_t *at, size_t count)
{
  double chosen[BLOCK] = {0.0}, score[BLOCK];
  for (size_t k = 0; k < count; k++)
    chosen[k] = u[at[k]];
  for (size_t k = count; k < BLOCK; k++)
    chosen[k] = 0.05;
  tail_scores(chosen, score);
  for (size_t k = 0; k < count; k++)
    z[at[k]] = chosen[k] < FAR_TAIL || 1.0 - chosen[k] < FAR_TAIL ? far_score(chosen[k]) : score[k];
}

void testudo_i_normal_scores(const double *restrict u, double *restrict z, size_t count)
{
  enum { PART = 1024 };
  for (size_t start = 0; start < count; start += PART) {
    const double *from = u + start;
    size_t part = count - start < PART ? count - start : PART, tails = 0;
    uint16_t at[PART];
    testudo_i_central_scores(from, z + start, part);
    for (size_t k = 0; k < part; k++) {
      at[tails] = (uint16_t)k;
      tails += !(fabs(from[k] - 0.5) <= CENTRAL);
    }
    for (size_t k = 0; k < tails; k += BLOCK)
      mend_tails(from, z + start, at + k, tails - k < BLOCK ? tails - k : BLOCK);
  }
}

TESTUDO_I_CLONES
static void exponents_of(double *x, size_t count, double shift, double by, double factor)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      x[start + k] = factor * testudo_i_exponent(shift + by * x[start + k]);
  for (size_t k = whole; k < count; k++)
    x[k] = factor * testudo_i_exponent(shift + by * x[k]);
}

TESTUDO_I_CLONES
void testudo_i_exponents_less_1(double *x, size_t count, double factor)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      x[start + k] = factor * testudo_i_exponent_less_1(x[start + k]);
  for (size_t k = whole; k < count; k++)
    x[k] = factor * testudo_i_exponent_less_1(x[k]);
}

void testudo_i_exponents(double *x, size_t count, double factor)
{
  exponents_of(x, count, 0.0, 1.0, factor);
}

void testudo_i_lognormals(const double *restrict u, double *restrict x, size_t count, double mu, double sigma)
{
  testudo_i_normal_scores(u, x, count);
  exponents_of(x, count, mu, sigma, 1.0);
}
