/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of X: probabilities, moments, quantiles, draws. */
#include "delay/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/sum.h"
#include "delay/logarithm.h"

void testudo_law_free(testudo_law *law)
{
  if (law == NULL)
    return;
  free(law->text);
  free(law->value);
  free(law->cumulated);
  free(law->sample);
  free(law);
}

const char *testudo_law_text(const testudo_law *law)
{
  return law->text;
}

bool testudo_i_law_is_discrete(const testudo_law *law)
{
  return law->kind == TESTUDO_I_LAW_DETERMINISTIC || law->kind == TESTUDO_I_LAW_TRACE;
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

int64_t testudo_i_samples_done(const testudo_law *law, double rate, int32_t k, double t)
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

double testudo_law_survival(const testudo_law *law, double x)
{
  if (testudo_i_law_is_discrete(law))
    return (double)(law->samples - testudo_i_samples_done(law, 1.0, 1, x)) / (double)law->samples;
  double beyond = x - shift_of(law);
  return beyond <= 0.0 ? 1.0 : exp(-rate_of(law) * beyond);
}

double testudo_i_law_cdf(const testudo_law *law, double x)
{
  if (testudo_i_law_is_discrete(law))
    return (double)testudo_i_samples_done(law, 1.0, 1, x) / (double)law->samples;
  double beyond = x - shift_of(law);
  return beyond <= 0.0 ? 0.0 : -expm1(-rate_of(law) * beyond);
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
  return testudo_i_law_is_discrete(law) ? sample_mean(law) : shift_of(law) + 1.0 / rate_of(law);
}

double testudo_law_variance(const testudo_law *law)
{
  if (!testudo_i_law_is_discrete(law))
    return 1.0 / (rate_of(law) * rate_of(law));
  /* The law is the empirical one itself: divided by the rows, not by one less. */
  double mean = sample_mean(law);
  testudo_i_sum sum = {0.0, 0.0};
  for (int64_t k = 0; k < law->samples; k++)
    testudo_i_sum_add(&sum, (law->sample[k] - mean) * (law->sample[k] - mean));
  return testudo_i_sum_value(&sum) / (double)law->samples;
}

double testudo_law_quantile(const testudo_law *law, double p)
{
  if (!testudo_i_law_is_discrete(law))
    return shift_of(law) - log1p(-p) / rate_of(law);
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

void testudo_law_atoms(const testudo_law *law, const double **values, const double **cumulated, int64_t *count)
{
  *values = law->value;
  *cumulated = law->cumulated;
  *count = law->values;
}

double testudo_i_law_draw(const testudo_law *law, double u)
{
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
    return testudo_i_negative_log(u) / law->a;
  case TESTUDO_I_LAW_SHIFTED:
    return law->a + testudo_i_negative_log(u) / law->b;
  case TESTUDO_I_LAW_DETERMINISTIC:
    return law->a;
  case TESTUDO_I_LAW_TRACE:
    break;
  }
  int64_t row = (int64_t)(u * (double)law->samples);
  return law->sample[row < law->samples ? row : law->samples - 1];
}

void testudo_i_law_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  if (testudo_i_law_is_discrete(law)) {
    for (size_t k = 0; k < count; k++)
      x[k] = testudo_i_law_draw(law, u[k]);
    return;
  }
  /* 0 + y is y: the exponential needs no loop of its own. */
  testudo_i_exponentials(u, x, count, shift_of(law), rate_of(law));
}
