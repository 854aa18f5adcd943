/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clenshaw and Curtis' rule, its weights, and the coefficients of a function. */
#include "numeric/moments/chebyshev.h"

#include <math.h>
#include <stddef.h>

enum { FEW = TESTUDO_I_CHEBYSHEV_FEW, MANY = TESTUDO_I_CHEBYSHEV_MANY };

#define PI 3.14159265358979323846

static double cosine_at(const testudo_i_chebyshev *rule, int k, int j, int n)
{
  return rule->cosine[k * j * (MANY / n) % (2 * MANY)];
}

static void fill_weights(const testudo_i_chebyshev *rule, int n, double *weight)
{
  for (int j = 0; j <= n; j++) {
    double sum = 1.0;
    for (int k = 1; k <= n / 2; k++)
      sum -= (2 * k < n ? 2.0 : 1.0) / (4.0 * k * k - 1.0) * cosine_at(rule, 2 * k, j, n);
    weight[j] = (j == 0 || j == n ? 0.5 : 1.0) * sum / n;
  }
}

void testudo_i_chebyshev_init(testudo_i_chebyshev *rule)
{
  for (int k = 0; k < 2 * MANY; k++)
    rule->cosine[k] = cos(PI * k / MANY);
  for (int j = 0; j <= MANY; j++) {
    double half = sin(PI * j / (2 * MANY));
    rule->place[j] = half * half;
  }
  fill_weights(rule, FEW, rule->few);
  fill_weights(rule, MANY, rule->many);
}

/* The largest of the coefficients `last - 2` .. `last`. */
static double largest_coefficient(const testudo_i_chebyshev *rule, const double *value, int n, int last)
{
  double most = 0.0;
  for (int k = last - 2; k <= last; k++) {
    double sum = 0.5 * (value[0] + value[n] * cosine_at(rule, k, n, n));
    for (int j = 1; j < n; j++)
      sum += value[j] * cosine_at(rule, k, j, n);
    most = fmax(most, fabs(sum) * (k == n ? 1.0 : 2.0) / n);
  }
  return most;
}

double testudo_i_chebyshev_integral(const testudo_i_chebyshev *rule, const double *value, int n, double *trail,
                                    double *before)
{
  const double *weight = n == FEW ? rule->few : rule->many;
  double sum = 0.0;
  for (int j = 0; j <= n; j++)
    sum += weight[j] * value[j];
  *trail = largest_coefficient(rule, value, n, n);
  if (before != NULL)
    *before = largest_coefficient(rule, value, n, n / 2 + 1);
  return sum;
}
