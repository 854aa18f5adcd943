/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures: with probability p the first law, otherwise the second. */
#include "delay/mixture.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

double testudo_i_mixture_survival(const testudo_law *law, double x)
{
  return law->a * testudo_law_survival(law->part[0], x) + (1.0 - law->a) * testudo_law_survival(law->part[1], x);
}

double testudo_i_mixture_cdf(const testudo_law *law, double x)
{
  return law->a * testudo_i_law_cdf(law->part[0], x) + (1.0 - law->a) * testudo_i_law_cdf(law->part[1], x);
}

double testudo_i_mixture_mean(const testudo_law *law)
{
  return law->a * testudo_law_mean(law->part[0]) + (1.0 - law->a) * testudo_law_mean(law->part[1]);
}

double testudo_i_mixture_variance(const testudo_law *law)
{
  double mean[2] = {testudo_law_mean(law->part[0]), testudo_law_mean(law->part[1])};
  double within = law->a * testudo_law_variance(law->part[0]) + (1.0 - law->a) * testudo_law_variance(law->part[1]);
  return within < HUGE_VAL ? within + law->a * (1.0 - law->a) * (mean[0] - mean[1]) * (mean[0] - mean[1]) : HUGE_VAL;
}

/* Least x with P(X <= x) >= p lies between the parts' quantiles; bisection to neighbouring doubles. */
double testudo_i_mixture_quantile(const testudo_law *law, double p)
{
  double a = testudo_law_quantile(law->part[0], p), b = testudo_law_quantile(law->part[1], p);
  double low = fmin(a, b), high = fmax(a, b);
  bool left = p < 0.5;
  for (int k = 0; k < 200 && low < high; k++) {
    double middle = low > 0.0 && high > 2.0 * low ? sqrt(low) * sqrt(high) : low + (high - low) / 2.0;
    if (!(middle > low && middle < high))
      break;
    if (left ? testudo_i_mixture_cdf(law, middle) >= p : testudo_i_mixture_survival(law, middle) <= 1.0 - p)
      high = middle;
    else
      low = middle;
  }
  bool there = left ? testudo_i_mixture_cdf(law, low) >= p : testudo_i_mixture_survival(law, low) <= 1.0 - p;
  return there ? low : high;
}

/* The uniform that chose the part, stretched, is uniform again. */
void testudo_i_mixture_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  double p = law->a;
  for (size_t k = 0; k < count; k++) {
    double rest = u[k] < p ? u[k] / p : (u[k] - p) / (1.0 - p);
    rest = fmin(fmax(rest, 0x1p-54), 1.0 - 0x1p-53);
    testudo_i_law_fill(law->part[u[k] < p ? 0 : 1], &rest, &x[k], 1);
  }
}

/* ---- made once ---- */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void merge_kinks(testudo_law *law)
{
  int64_t kept = 0;
  qsort(law->kink, (size_t)law->kinks, sizeof *law->kink, ascending);
  for (int64_t k = 0; k < law->kinks; k++)
    if (kept == 0 || law->kink[k] != law->kink[kept - 1])
      law->kink[kept++] = law->kink[k];
  law->kinks = kept;
}

/* Of atoms only: P(X <= value) and P(X > value) at each, both as sums of the parts'. */
static testudo_status make_discrete(testudo_law *law, testudo_error *error)
{
  size_t count = (size_t)law->kinks;
  law->value = testudo_i_alloc(count, sizeof *law->value);
  law->cumulated = testudo_i_alloc(count, sizeof *law->cumulated);
  law->beyond = testudo_i_alloc(count, sizeof *law->beyond);
  if (law->value == NULL || law->cumulated == NULL || law->beyond == NULL)
    return testudo_i_fail_memory(error);
  law->values = law->kinks;
  for (size_t k = 0; k < count; k++) {
    law->value[k] = law->kink[k];
    law->cumulated[k] = k + 1 == count ? 1.0 : testudo_i_mixture_cdf(law, law->kink[k]);
    law->beyond[k] = k + 1 == count ? 0.0 : testudo_i_mixture_survival(law, law->kink[k]);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_mixture_finish(testudo_law *law, testudo_error *error)
{
  const testudo_law *first = law->part[0], *second = law->part[1];
  law->kink = testudo_i_alloc((size_t)(first->kinks + second->kinks), sizeof *law->kink);
  if (law->kink == NULL)
    return testudo_i_fail_memory(error);
  for (int64_t k = 0; k < first->kinks; k++)
    law->kink[law->kinks++] = first->kink[k];
  for (int64_t k = 0; k < second->kinks; k++)
    law->kink[law->kinks++] = second->kink[k];
  merge_kinks(law);
  bool discrete = testudo_i_law_is_discrete(first) && testudo_i_law_is_discrete(second);
  return discrete ? make_discrete(law, error) : TESTUDO_OK;
}
