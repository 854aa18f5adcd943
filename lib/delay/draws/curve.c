/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay/draws/curve.h"

#include <math.h>
#include <stdint.h>

#include "base/clones.h"
#include "delay/draws/exponent.h"
#include "delay/draws/logarithm.h"
#include "delay/draws/normal.h"
#include "numeric/pieces.h"

#define TERMS TESTUDO_I_CURVE_TERMS
#define BLOCK 16

/* A little beyond what draws reach: the scores of 0.075 and 0.925; the roots of 0.075 and of 2^-54. */
#define CENTER_END 1.44
#define TAIL_BEGIN 1.609
#define TAIL_END 6.13

/* ---- making ---- */

typedef struct fitting {
  double (*log_quantile)(const void *context, double p, double q);
  const void *context;
  double tolerance;
} fitting;

static double at_score(double z, void *context)
{
  const fitting *by = context;
  return by->log_quantile(by->context, 0.5 * erfc(-z / sqrt(2.0)), 0.5 * erfc(z / sqrt(2.0)));
}

static double at_lower_root(double root, void *context)
{
  const fitting *by = context;
  return by->log_quantile(by->context, exp(-root * root), -expm1(-root * root));
}

static double at_upper_root(double root, void *context)
{
  const fitting *by = context;
  return by->log_quantile(by->context, -expm1(-root * root), exp(-root * root));
}

static void fit(fitting *by, testudo_i_integrand f, double a, double b, testudo_i_series *s)
{
  double value[TERMS], half = (b - a) / 2.0, left_out = 0.0;
  s->middle = (a + b) / 2.0;
  s->scale = 1.0 / half;
  testudo_i_chebyshev_fit(f, by, s->middle, half, TERMS, value, s->coefficient);
  for (s->terms = TERMS; s->terms > 2; s->terms -= 2) {
    left_out += fabs(s->coefficient[s->terms - 2]) + fabs(s->coefficient[s->terms - 1]);
    if (left_out > by->tolerance)
      break;
  }
}

void testudo_i_curve_make(testudo_i_curve *curve, double (*log_quantile)(const void *context, double p, double q),
                          const void *context, double tolerance)
{
  fitting by = {log_quantile, context, tolerance};
  fit(&by, at_score, -CENTER_END, CENTER_END, &curve->center);
  fit(&by, at_lower_root, TAIL_BEGIN, TAIL_END, &curve->lower);
  fit(&by, at_upper_root, TAIL_BEGIN, TAIL_END, &curve->upper);
}

/* ---- draws ---- */

/* Clenshaw's recurrence, of the even terms and of the odd ones by themselves, so that neither waits for the other: in
   z = 2 y^2 - 1 both have that of the Chebyshev polynomials, T_2j(y) = T_j(z) and T_(2j+1)(y) = y V_j(z), V_0 = 1,
   V_1 = 2 z - 1. */
TESTUDO_I_INLINED void evaluate(const testudo_i_series *s, double *restrict x, int lanes)
{
  double y[BLOCK], z[BLOCK], even[BLOCK] = {0.0}, even_before[BLOCK] = {0.0}, odd[BLOCK] = {0.0},
         odd_before[BLOCK] = {0.0};
  for (int l = 0; l < lanes; l++) {
    y[l] = (x[l] - s->middle) * s->scale;
    z[l] = 2.0 * y[l] * y[l] - 1.0;
  }
  for (int j = s->terms - 2; j > 0; j -= 2) {
    double c = s->coefficient[j], d = s->coefficient[j + 1];
    for (int l = 0; l < lanes; l++) {
      double next = 2.0 * z[l] * even[l] + (c - even_before[l]);
      double next_odd = 2.0 * z[l] * odd[l] + (d - odd_before[l]);
      even_before[l] = even[l];
      odd_before[l] = odd[l];
      even[l] = next;
      odd[l] = next_odd;
    }
  }
  for (int l = 0; l < lanes; l++) {
    double last_odd = 2.0 * z[l] * odd[l] + (s->coefficient[1] - odd_before[l]);
    x[l] = z[l] * even[l] + (s->coefficient[0] - even_before[l]) + y[l] * (last_odd - odd[l]);
  }
}

TESTUDO_I_CLONES
static void evaluate_all(const testudo_i_series *s, double *x, size_t count)
{
  size_t whole = count - count % BLOCK;
  for (size_t k = 0; k < whole; k += BLOCK)
    evaluate(s, x + k, BLOCK);
  for (size_t k = whole; k < count; k++)
    evaluate(s, x + k, 1);
}

TESTUDO_I_CLONES
static void tail_roots(double *x)
{
  for (int l = 0; l < BLOCK; l++)
    x[l] = sqrt(testudo_i_negative_log(x[l]));
}

/* Those at `at`, whose probabilities, or those of their complements, are small. */
static void draw_tail(const testudo_i_series *s, const double *restrict u, double *restrict x, const uint16_t *at,
                      size_t count, int upper)
{
  for (size_t begin = 0; begin < count; begin += BLOCK) {
    size_t lanes = count - begin < BLOCK ? count - begin : BLOCK;
    double chosen[BLOCK];
    for (size_t l = 0; l < lanes; l++)
      chosen[l] = upper ? 1.0 - u[at[begin + l]] : u[at[begin + l]];
    for (size_t l = lanes; l < BLOCK; l++)
      chosen[l] = TESTUDO_I_TAIL;
    tail_roots(chosen);
    evaluate_all(s, chosen, BLOCK);
    for (size_t l = 0; l < lanes; l++)
      x[at[begin + l]] = chosen[l];
  }
}

void testudo_i_curve_draws(const testudo_i_curve *curve, const double *restrict u, double *restrict x, size_t count,
                           double factor)
{
  enum { PART = 1024 };
  for (size_t start = 0; start < count; start += PART) {
    const double *from = u + start;
    double *to = x + start;
    size_t part = count - start < PART ? count - start : PART, below = 0, above = 0;
    uint16_t lower[PART], upper[PART];
    testudo_i_central_scores(from, to, part);
    evaluate_all(&curve->center, to, part);
    for (size_t k = 0; k < part; k++) {
      lower[below] = upper[above] = (uint16_t)k;
      below += from[k] < TESTUDO_I_TAIL;
      above += from[k] > 1.0 - TESTUDO_I_TAIL;
    }
    draw_tail(&curve->lower, from, to, lower, below, 0);
    draw_tail(&curve->upper, from, to, upper, above, 1);
  }
  testudo_i_exponents(x, count, factor);
}
