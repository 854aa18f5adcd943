/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P(X > s + t) against P(X > s) P(X > t), at all pairs of some points. */
#include "sgd/waiting/ageing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"

/* How far logarithms of equal things may differ: survival functions are good to 1e-12 or so. */
#define LAW_PLAY 1e-10
#define LATENCY_PLAY 1e-6

#define LATENCY_POINTS 24       /* quantiles in equal steps, of a law that costs a quadrature each time */
#define TAIL_POINTS 12          /* quantiles 4^-k and 1 - 4^-k beyond those, each */
#define MOST_POINTS (2 * TESTUDO_AGEING_POINTS + 2 * TAIL_POINTS)

/* A law by its two functions. */
typedef struct aged_law {
  const testudo_law *law;       /* or .. */
  testudo_latency *latency;
  int32_t steps;                /* quantiles, and places, in equal steps */
  double play;
} aged_law;

static testudo_status survival_at(const aged_law *aged, double x, double *survival, testudo_error *error)
{
  double upper;
  if (aged->law == NULL)
    return testudo_latency_tail(aged->latency, x, survival, &upper, error);
  *survival = testudo_law_survival(aged->law, x);
  return TESTUDO_OK;
}

static testudo_status quantile_at(const aged_law *aged, double p, double *x, testudo_error *error)
{
  double upper;
  if (aged->law == NULL)
    return testudo_latency_quantile(aged->latency, p, x, &upper, error);
  *x = testudo_law_quantile(aged->law, p);
  return TESTUDO_OK;
}

/* Quantiles in equal steps, those of both tails, and places in equal steps up to the last of the former: quantiles
   alone say little of a law with atoms. */
static testudo_status find_points(const aged_law *aged, double *x, int32_t *count, testudo_error *error)
{
  int32_t n = 0, steps = aged->steps;
  for (int32_t k = 0; k < steps; k++)
    TESTUDO_I_TRY(quantile_at(aged, (k + 0.5) / steps, &x[n++], error));
  double last = x[n - 1];
  for (int32_t k = 0; k < steps; k++)
    x[n++] = last * (k + 1) / steps;
  double p = 0.5 / steps;
  for (int32_t k = 0; k < TAIL_POINTS && aged->law != NULL; k++) {
    p /= 4.0;
    TESTUDO_I_TRY(quantile_at(aged, p, &x[n++], error));
    TESTUDO_I_TRY(quantile_at(aged, 1.0 - p, &x[n++], error));
  }
  qsort(x, (size_t)n, sizeof *x, testudo_i_ascending_reals);
  int32_t kept = 0;
  for (int32_t k = 0; k < n; k++)
    if (x[k] > 0.0 && x[k] < HUGE_VAL && (kept == 0 || x[k] > x[kept - 1]))
      x[kept++] = x[k];
  *count = kept;
  return TESTUDO_OK;
}

/* One pair. Where the product is 0 so is the left side, which is equality. */
static testudo_status compare_pair(const aged_law *aged, double s, double t, double product, testudo_ageing_test *test,
                                   bool *longer, bool *shorter, testudo_error *error)
{
  double both;
  if (!(product > -HUGE_VAL))
    return TESTUDO_OK;
  TESTUDO_I_TRY(survival_at(aged, s + t, &both, error));
  double excess = both > 0.0 ? log(both) - product : -HUGE_VAL;
  double play = aged->play * (1.0 + fabs(product));
  test->above = fmax(test->above, excess);
  test->below = fmin(test->below, excess);
  *longer = *longer && excess <= play;
  *shorter = *shorter && excess >= -play;
  return TESTUDO_OK;
}

static const char *ageing_words(testudo_ageing verdict)
{
  static const char *const words[] = {"neither new-longer- nor new-shorter-than-used", "new-longer-than-used",
                                      "new-shorter-than-used", "both, as exponential laws are", "unknown"};
  return words[verdict];
}

static testudo_status test_law(const aged_law *aged, testudo_ageing_test *test, testudo_error *error)
{
  double x[MOST_POINTS], logarithm[MOST_POINTS];
  int32_t points;
  bool longer = true, shorter = true;
  *test = (testudo_ageing_test){.above = -HUGE_VAL, .below = HUGE_VAL};
  TESTUDO_I_TRY(find_points(aged, x, &points, error));
  for (int32_t k = 0; k < points; k++) {
    double survival;
    TESTUDO_I_TRY(survival_at(aged, x[k], &survival, error));
    logarithm[k] = survival > 0.0 ? log(survival) : -HUGE_VAL;
  }
  for (int32_t i = 0; i < points; i++)
    for (int32_t k = i; k < points; k++)
      TESTUDO_I_TRY(compare_pair(aged, x[i], x[k], logarithm[i] + logarithm[k], test, &longer, &shorter, error));
  test->verdict = longer && shorter ? TESTUDO_AGEING_BOTH
                  : longer          ? TESTUDO_AGEING_NEW_LONGER
                  : shorter         ? TESTUDO_AGEING_NEW_SHORTER
                                    : TESTUDO_AGEING_NEITHER;
  snprintf(test->text, sizeof test->text,
           "P(X > s + t) / P(X > s) P(X > t), logarithm at all pairs of %d points from %.3g to %.3g: from %.3g to "
           "%.3g; %s",
           (int)points, points > 0 ? x[0] : 0.0, points > 0 ? x[points - 1] : 0.0, test->below, test->above,
           ageing_words(test->verdict));
  return TESTUDO_OK;
}

void testudo_law_ageing(const testudo_law *law, testudo_ageing_test *test)
{
  const aged_law aged = {law, NULL, TESTUDO_AGEING_POINTS, LAW_PLAY};
  if (test_law(&aged, test, NULL) != TESTUDO_OK)
    testudo_i_ageing_unknown(test, "the law could not be evaluated");
}

testudo_status testudo_i_ageing_of_latency(testudo_latency *latency, testudo_ageing_test *test, testudo_error *error)
{
  const aged_law aged = {NULL, latency, LATENCY_POINTS, LATENCY_PLAY};
  return test_law(&aged, test, error);
}

void testudo_i_ageing_unknown(testudo_ageing_test *test, const char *why)
{
  *test = (testudo_ageing_test){TESTUDO_AGEING_UNKNOWN, NAN, NAN, ""};
  snprintf(test->text, sizeof test->text, "not tested: %s", why);
}

testudo_ageing testudo_i_ageing_both(testudo_ageing a, testudo_ageing b)
{
  if (a == TESTUDO_AGEING_UNKNOWN || b == TESTUDO_AGEING_UNKNOWN)
    return TESTUDO_AGEING_UNKNOWN;
  if (a == b || b == TESTUDO_AGEING_BOTH)
    return a;
  return a == TESTUDO_AGEING_BOTH ? b : TESTUDO_AGEING_NEITHER;
}
