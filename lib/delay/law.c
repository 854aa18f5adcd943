/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of X: probabilities, moments, quantiles, draws. */
#include "delay/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/sum.h"
#include "delay/logarithm.h"
#include "numeric/integrate.h"

void testudo_law_free(testudo_law *law)
{
  if (law == NULL)
    return;
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
  return law->kind == TESTUDO_I_LAW_DETERMINISTIC || law->kind == TESTUDO_I_LAW_TRACE;
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

static double samples_beyond(const testudo_law *law, double x)
{
  return (double)(law->samples - testudo_i_samples_done(law, 1.0, 1, x)) / (double)law->samples;
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
  default:
    return samples_beyond(law, x);
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
  return law->kind == TESTUDO_I_LAW_PARETO ? law->b : HUGE_VAL;
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
