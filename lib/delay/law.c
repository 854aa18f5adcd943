/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of X: probabilities, moments, quantiles, draws. */
#include "delay/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/sum.h"
#include "delay/logarithm.h"
#include "delay/mixture.h"
#include "numeric/integrate.h"
#include "numeric/pieces.h"

void testudo_law_free(testudo_law *law)
{
  if (law == NULL)
    return;
  testudo_law_free(law->part[0]);
  testudo_law_free(law->part[1]);
  testudo_i_pieces_free(law->score);
  free(law->kink);
  free(law->beyond);
  free(law->text);
  free(law->named);
  free(law->value);
  free(law->cumulated);
  free(law->sample);
  free(law);
}

const char *testudo_law_text(const testudo_law *law)
{
  return law->text;
}

const char *testudo_law_named(const testudo_law *law)
{
  return law->named == NULL ? law->text : law->named;
}

bool testudo_i_law_is_discrete(const testudo_law *law)
{
  return law->kind == TESTUDO_I_LAW_DETERMINISTIC || law->kind == TESTUDO_I_LAW_TRACE ||
         (law->kind == TESTUDO_I_LAW_MIXTURE && law->values > 0);
}

bool testudo_i_law_is_exponential(const testudo_law *law)
{
  return law->kind == TESTUDO_I_LAW_EXPONENTIAL || law->kind == TESTUDO_I_LAW_SHIFTED;
}

/* The exponential part: X = shift + E / rate. */
static double shift_of(const testudo_law *law)
{
  return law->kind == TESTUDO_I_LAW_SHIFTED ? law->a : 0.0;
}

static double rate_of(const testudo_law *law)
{
  return law->kind == TESTUDO_I_LAW_SHIFTED ? law->b : law->a;
}

int64_t testudo_i_samples_done(const testudo_law *law, double rate, double k, double t)
{
  int64_t low = 0, high = law->samples;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (testudo_i_scaled(k, law->sample[middle], rate) <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* How many values have it. */
static int64_t values_done(const testudo_law *law, double rate, double k, double t)
{
  int64_t low = 0, high = law->values;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (testudo_i_scaled(k, law->value[middle], rate) <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void testudo_i_discrete_sides(const testudo_law *law, double rate, double k, double t, double *below, double *above)
{
  if (law->beyond != NULL) {
    int64_t done = values_done(law, rate, k, t);
    *below = done == 0 ? 0.0 : law->cumulated[done - 1];
    *above = done == 0 ? 1.0 : law->beyond[done - 1];
    return;
  }
  int64_t done = testudo_i_samples_done(law, rate, k, t);
  *below = (double)done / (double)law->samples;
  *above = (double)(law->samples - done) / (double)law->samples;
}

/* (log x - mu) / sigma */
static double standardised(const testudo_law *law, double x)
{
  return (log(x) - law->a) / law->b;
}

static const double sqrt_half = 0.70710678118654752440;

double testudo_law_survival(const testudo_law *law, double x)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    return x <= shift_of(law) ? 1.0 : exp(-rate_of(law) * (x - shift_of(law)));
  case TESTUDO_I_LAW_LOGNORMAL:
    return x <= 0.0 ? 1.0 : 0.5 * erfc(standardised(law, x) * sqrt_half);
  case TESTUDO_I_LAW_PARETO:
    return x <= law->a ? 1.0 : exp(-law->b * log(x / law->a));
  case TESTUDO_I_LAW_GAMMA:
    return testudo_i_gamma_survival(law->a, x / law->b);
  case TESTUDO_I_LAW_WEIBULL:
    return x <= 0.0 ? 1.0 : exp(-pow(x / law->b, law->a));
  case TESTUDO_I_LAW_LOMAX:
    return x <= 0.0 ? 1.0 : exp(-law->a * log1p(x / law->b));
  case TESTUDO_I_LAW_MIXTURE:
    return testudo_i_mixture_survival(law, x);
  default: {
    double below, above;
    testudo_i_discrete_sides(law, 1.0, 1, x, &below, &above);
    return above;
  }
  }
}

double testudo_i_law_cdf(const testudo_law *law, double x)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    return x <= shift_of(law) ? 0.0 : -expm1(-rate_of(law) * (x - shift_of(law)));
  case TESTUDO_I_LAW_LOGNORMAL:
    return x <= 0.0 ? 0.0 : 0.5 * erfc(-standardised(law, x) * sqrt_half);
  case TESTUDO_I_LAW_PARETO:
    return x <= law->a ? 0.0 : -expm1(-law->b * log(x / law->a));
  case TESTUDO_I_LAW_GAMMA:
    return testudo_i_gamma_cdf(law->a, x / law->b);
  case TESTUDO_I_LAW_WEIBULL:
    return x <= 0.0 ? 0.0 : -expm1(-pow(x / law->b, law->a));
  case TESTUDO_I_LAW_LOMAX:
    return x <= 0.0 ? 0.0 : -expm1(-law->a * log1p(x / law->b));
  case TESTUDO_I_LAW_MIXTURE:
    return testudo_i_mixture_cdf(law, x);
  default:
    return (double)testudo_i_samples_done(law, 1.0, 1, x) / (double)law->samples;
  }
}

static double sample_mean(const testudo_law *law)
{
  testudo_i_sum sum = {0.0, 0.0};
  for (int64_t k = 0; k < law->samples; k++)
    testudo_i_sum_add(&sum, law->sample[k]);
  return testudo_i_sum_value(&sum) / (double)law->samples;
}

double testudo_law_mean(const testudo_law *law)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    return shift_of(law) + 1.0 / rate_of(law);
  case TESTUDO_I_LAW_LOGNORMAL:
    return exp(law->a + 0.5 * law->b * law->b);
  case TESTUDO_I_LAW_PARETO:
    return law->b > 1.0 ? law->a * law->b / (law->b - 1.0) : HUGE_VAL;
  case TESTUDO_I_LAW_GAMMA:
    return law->a * law->b;
  case TESTUDO_I_LAW_WEIBULL:
    return law->b * tgamma(1.0 + 1.0 / law->a);
  case TESTUDO_I_LAW_LOMAX:
    return law->a > 1.0 ? law->b / (law->a - 1.0) : HUGE_VAL;
  case TESTUDO_I_LAW_MIXTURE:
    return testudo_i_mixture_mean(law);
  default:
    return sample_mean(law);
  }
}

/* The law is the empirical one itself: divided by the rows, not by one less. */
static double sample_variance(const testudo_law *law)
{
  double mean = sample_mean(law);
  testudo_i_sum sum = {0.0, 0.0};
  for (int64_t k = 0; k < law->samples; k++)
    testudo_i_sum_add(&sum, (law->sample[k] - mean) * (law->sample[k] - mean));
  return testudo_i_sum_value(&sum) / (double)law->samples;
}

/* Gamma(1 + 2h) - Gamma(1 + h)^2. The two are nearly equal for a small h; their logarithms differ by the sum over
   n >= 2 of zeta(n) (-1)^n (2^n - 2) h^n / n (Abramowitz and Stegun, 6.1.33). */
static double weibull_variance(double h)
{
  static const double zeta[] = {1.6449340668482264, 1.2020569031595943, 1.0823232337111382, 1.0369277551433699,
                                1.0173430619844491, 1.0083492773819228, 1.0040773561979443};
  double first = tgamma(1.0 + h), apart = 0.0;
  if (h > 0.01)
    return tgamma(1.0 + 2.0 * h) - first * first;
  for (int n = 8; n >= 2; n--)
    apart += zeta[n - 2] * (n % 2 == 0 ? 1.0 : -1.0) * (pow(2.0, n) - 2.0) * pow(h, n) / n;
  return first * first * expm1(apart);
}

double testudo_law_variance(const testudo_law *law)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    return 1.0 / (rate_of(law) * rate_of(law));
  case TESTUDO_I_LAW_LOGNORMAL:
    return expm1(law->b * law->b) * exp(2.0 * law->a + law->b * law->b);
  case TESTUDO_I_LAW_PARETO:
    return law->b > 2.0 ? law->a / (law->b - 1.0) * law->a / (law->b - 1.0) * law->b / (law->b - 2.0) : HUGE_VAL;
  case TESTUDO_I_LAW_GAMMA:
    return law->a * law->b * law->b;
  case TESTUDO_I_LAW_WEIBULL:
    return law->b * law->b * weibull_variance(1.0 / law->a);
  case TESTUDO_I_LAW_LOMAX:
    return law->a > 2.0 ? law->b / (law->a - 1.0) * law->b / (law->a - 1.0) * law->a / (law->a - 2.0) : HUGE_VAL;
  case TESTUDO_I_LAW_MIXTURE:
    return testudo_i_mixture_variance(law);
  default:
    return sample_variance(law);
  }
}

static double sample_quantile(const testudo_law *law, double p)
{
  int64_t low = 0, high = law->values - 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (law->cumulated[middle] >= p)
      high = middle;
    else
      low = middle + 1;
  }
  return law->value[low];
}

double testudo_law_quantile(const testudo_law *law, double p)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    return shift_of(law) - log1p(-p) / rate_of(law);
  case TESTUDO_I_LAW_LOGNORMAL:
    return exp(law->a + law->b * testudo_i_normal_quantile(p));
  case TESTUDO_I_LAW_PARETO:
    return law->a * exp(-log1p(-p) / law->b);
  case TESTUDO_I_LAW_GAMMA:
    return law->b * testudo_i_gamma_quantile(law->a, p, 1.0 - p);
  case TESTUDO_I_LAW_WEIBULL:
    return law->b * pow(-log1p(-p), 1.0 / law->a);
  case TESTUDO_I_LAW_LOMAX:
    return law->b * expm1(-log1p(-p) / law->a);
  case TESTUDO_I_LAW_MIXTURE:
    return law->values > 0 ? sample_quantile(law, p) : testudo_i_mixture_quantile(law, p);
  default:
    return sample_quantile(law, p);
  }
}

void testudo_law_atoms(const testudo_law *law, const double **values, const double **cumulated, int64_t *count)
{
  *values = law->value;
  *cumulated = law->cumulated;
  *count = law->values;
}

double testudo_i_law_tail_index(const testudo_law *law)
{
  if (law->kind == TESTUDO_I_LAW_MIXTURE)
    return fmin(testudo_i_law_tail_index(law->part[0]), testudo_i_law_tail_index(law->part[1]));
  return law->kind == TESTUDO_I_LAW_PARETO ? law->b : law->kind == TESTUDO_I_LAW_LOMAX ? law->a : HUGE_VAL;
}

/* Every law by inversion: one uniform a draw, and a larger uniform never gives a larger exponential (u stands for the
   survival) but a larger lognormal; only the law of the draws is promised. */
double testudo_i_law_draw(const testudo_law *law, double u)
{
  double x;
  testudo_i_law_fill(law, &u, &x, 1);
  return x;
}

void testudo_i_law_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  double a = law->a, b = law->b;
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
  case TESTUDO_I_LAW_SHIFTED:
    /* 0 + y is y: the exponential needs no loop of its own. */
    testudo_i_exponentials(u, x, count, shift_of(law), rate_of(law));
    return;
  case TESTUDO_I_LAW_LOGNORMAL:
    for (size_t k = 0; k < count; k++)
      x[k] = exp(a + b * testudo_i_normal_quantile(u[k]));
    return;
  case TESTUDO_I_LAW_PARETO:
    testudo_i_exponentials(u, x, count, 0.0, b);
    for (size_t k = 0; k < count; k++)
      x[k] = a * exp(x[k]);
    return;
  case TESTUDO_I_LAW_GAMMA:
    for (size_t k = 0; k < count; k++)
      x[k] = b * exp(testudo_i_pieces_at(law->score, testudo_i_normal_quantile(u[k])));
    return;
  case TESTUDO_I_LAW_WEIBULL:
    testudo_i_exponentials(u, x, count, 0.0, 1.0);
    for (size_t k = 0; k < count; k++)
      x[k] = b * pow(x[k], 1.0 / a);
    return;
  case TESTUDO_I_LAW_LOMAX:
    testudo_i_exponentials(u, x, count, 0.0, a);
    for (size_t k = 0; k < count; k++)
      x[k] = b * expm1(x[k]);
    return;
  case TESTUDO_I_LAW_MIXTURE:
    testudo_i_mixture_fill(law, u, x, count);
    return;
  case TESTUDO_I_LAW_DETERMINISTIC:
    for (size_t k = 0; k < count; k++)
      x[k] = a;
    return;
  case TESTUDO_I_LAW_TRACE:
    break;
  }
  for (size_t k = 0; k < count; k++) {
    int64_t row = (int64_t)(u[k] * (double)law->samples);
    x[k] = law->sample[row < law->samples ? row : law->samples - 1];
  }
}
