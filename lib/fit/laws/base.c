/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas of densities and survival are those of the table of laws; here is only where their likelihoods are
   largest (docs/theory/fitting.md#estimates). */
#include "fit/laws/base.h"

#include <math.h>

#include "fit/laws/climb.h"
#include "numeric/integrate.h"

/* What P(X > x) is at least, so that its logarithm is a number. */
#define LEAST_SURVIVAL 1e-300

testudo_law testudo_i_fit_base_law(const testudo_i_fit_base *base, const double *number)
{
  const testudo_i_law_row *row = testudo_i_law_row_of(base->law);
  double second = base->numbers > 1 ? number[1] : 0.0;
  return row->first == 1 ? (testudo_law){.row = row, .b = number[0]}
                         : (testudo_law){.row = row, .a = number[0], .b = second};
}

bool testudo_i_fit_base_allows(const testudo_i_fit_base *base, const double *number)
{
  const testudo_i_law_row *row = testudo_i_law_row_of(base->law);
  for (int k = 0; k < base->numbers; k++)
    if (!(number[k] >= row->number[k].least && number[k] <= row->number[k].most))
      return false;
  return true;
}

void testudo_i_fit_base_terms(const testudo_i_fit_base *base, const double *number, const testudo_i_fit_points *points,
                              double *term)
{
  const testudo_law law = testudo_i_fit_base_law(base, number);
  if (!testudo_i_fit_base_allows(base, number)) {
    for (int64_t k = 0; k < points->all; k++)
      term[k] = -HUGE_VAL;
    return;
  }
  law.row->log_density(&law, points->time, term, (size_t)points->exact);
  for (int64_t k = points->exact; k < points->all; k++)
    term[k] = law.row->hazard != NULL ? -law.row->hazard(&law, points->time[k])
                                      : log(fmax(law.row->side(&law, points->time[k], true), LEAST_SURVIVAL));
}

double testudo_i_fit_base_likelihood(const testudo_i_fit_base *base, const double *number,
                                     const testudo_i_fit_points *points)
{
  double sum = 0.0;
  testudo_i_fit_base_terms(base, number, points, points->work);
  for (int64_t k = 0; k < points->all; k++)
    sum += points->weight[k] > 0.0 ? points->weight[k] * points->work[k] : 0.0;
  return sum;
}

void testudo_i_fit_base_coordinates(const testudo_i_fit_base *base, const double *number, double *x)
{
  for (int k = 0; k < base->numbers; k++)
    x[k] = base->location[k] ? number[k] : log(number[k]);
}

void testudo_i_fit_base_numbers(const testudo_i_fit_base *base, const double *x, double *number)
{
  for (int k = 0; k < base->numbers; k++)
    number[k] = base->location[k] ? x[k] : exp(x[k]);
}

/* ---- sums ---- */

typedef struct sums {
  double ended, time, log, all_time; /* weights; weighted times and logarithms of the exact; times of all */
} sums;

static sums sums_of(const testudo_i_fit_points *p)
{
  sums s = {0.0, 0.0, 0.0, 0.0};
  for (int64_t k = 0; k < p->exact; k++) {
    s.ended += p->weight[k];
    s.time += p->weight[k] * p->time[k];
    s.log += p->weight[k] * p->log[k];
  }
  s.all_time = s.time;
  for (int64_t k = p->exact; k < p->all; k++)
    s.all_time += p->weight[k] * p->time[k];
  return s;
}

/* sum of weight (log - mean)^2 over the weights, of the exact points; `mean` of the logarithms. */
static double log_variance(const testudo_i_fit_points *p, double ended, double mean)
{
  double squares = 0.0;
  for (int64_t k = 0; k < p->exact; k++)
    squares += p->weight[k] * (p->log[k] - mean) * (p->log[k] - mean);
  return squares / ended;
}

/* ---- what has no closed form: from where the numbers are ---- */

typedef struct climbing {
  const testudo_i_fit_base *base;
  const testudo_i_fit_points *points;
} climbing;

static double height_of(const double *x, void *context)
{
  const climbing *c = context;
  double number[2];
  testudo_i_fit_base_numbers(c->base, x, number);
  return testudo_i_fit_base_likelihood(c->base, number, c->points);
}

static void climb_from(const testudo_i_fit_base *base, const testudo_i_fit_points *points, double number[2])
{
  climbing c = {base, points};
  double x[2];
  testudo_i_fit_base_coordinates(base, number, x);
  testudo_i_climb(height_of, &c, base->numbers, x);
  testudo_i_fit_base_numbers(base, x, number);
}

/* ---- exp ---- */

static bool estimate_exp(const testudo_i_fit_base *base, const testudo_i_fit_points *p, double number[2], bool warm)
{
  sums s = sums_of(p);
  (void)base;
  (void)warm;
  number[0] = s.ended / s.all_time;
  return s.ended > 0.0;
}

const testudo_i_fit_base testudo_i_fit_exp = {"exp:", 1, {false}, estimate_exp};

/* ---- lognormal ---- */

static bool estimate_lognormal(const testudo_i_fit_base *base, const testudo_i_fit_points *p, double number[2],
                               bool warm)
{
  sums s = sums_of(p);
  bool censored = p->all > p->exact;
  if (!warm || !censored) {
    number[0] = p->unit + s.log / s.ended;
    number[1] = sqrt(log_variance(p, s.ended, s.log / s.ended));
    if (!(number[1] > 0.0))
      return false;
  }
  if (censored)
    climb_from(base, p, number);
  return s.ended > 0.0;
}

const testudo_i_fit_base testudo_i_fit_lognormal = {"lognormal:", 2, {true, false}, estimate_lognormal};

/* ---- gamma: log(shape) - psi(shape) = log(mean) - mean of the logarithms ---- */

static double gamma_shape(double apart, double start)
{
  double shape = start;
  if (!(start > 0.0))
    shape = (3.0 - apart + sqrt((apart - 3.0) * (apart - 3.0) + 24.0 * apart)) / (12.0 * apart);
  for (int k = 0; k < 50; k++) { /* T. P. Minka, Estimating a Gamma distribution, 2002 */
    double inverse = 1.0 / shape + (log(shape) - testudo_i_digamma(shape) - apart) /
                                       (shape - shape * shape * testudo_i_trigamma(shape));
    double next = inverse > 0.0 ? 1.0 / inverse : 2.0 * shape;
    bool done = fabs(next - shape) <= 1e-12 * shape;
    shape = fmin(fmax(next, 1e-3), 1e8);
    if (done)
      break;
  }
  return shape;
}

static bool estimate_gamma(const testudo_i_fit_base *base, const testudo_i_fit_points *p, double number[2], bool warm)
{
  sums s = sums_of(p);
  bool censored = p->all > p->exact;
  if (!(s.ended > 0.0))
    return false;
  if (!warm || !censored) {
    double mean = s.time / s.ended, middle = s.log / s.ended, apart = log(mean) - p->unit - middle;
    if (apart < 1e-6) /* cancellation: half the variance of the logarithms, to the same order */
      apart = 0.5 * log_variance(p, s.ended, middle);
    if (!(apart > 0.0))
      return false;
    number[0] = gamma_shape(apart, warm ? number[0] : 0.0);
    number[1] = mean / number[0];
  }
  if (censored)
    climb_from(base, p, number);
  return true;
}

const testudo_i_fit_base testudo_i_fit_gamma = {"gamma:", 2, {false}, estimate_gamma};

/* ---- weibull: sum w t^k log t / sum w t^k - 1/k = mean of the exact logarithms; increasing in k ---- */

/* Points of less weight than `least` are left out: far above the others a power would make too much of them. */
static double weibull_excess(const testudo_i_fit_points *p, double least, double shape, double top, double middle,
                             double *slope, double *power)
{
  double all = 0.0, first = 0.0, second = 0.0;
  for (int64_t k = 0; k < p->all; k++) {
    if (p->weight[k] < least)
      continue;
    double log_time = p->log[k] - top, term = p->weight[k] * exp(shape * log_time);
    all += term;
    first += term * log_time;
    second += term * log_time * log_time;
  }
  double mean = first / all;
  *slope = second / all - mean * mean + 1.0 / (shape * shape);
  *power = all;
  return mean + top - 1.0 / shape - middle;
}

static bool estimate_weibull(const testudo_i_fit_base *base, const testudo_i_fit_points *p, double number[2], bool warm)
{
  sums s = sums_of(p);
  double middle = s.log / s.ended, top = -HUGE_VAL, low = 0.05, high = 2e6, slope, power;
  double least = 1e-13 * s.ended;
  (void)base;
  double spread = s.ended > 0.0 ? sqrt(log_variance(p, s.ended, middle)) : 0.0;
  if (!(spread > 0.0))
    return false;
  for (int64_t k = 0; k < p->all; k++)
    top = p->weight[k] >= least ? fmax(top, p->log[k]) : top;
  double shape = fmin(fmax(warm ? number[0] : 1.2825 / spread, 2.0 * low), 0.5 * high);
  for (int k = 0; k < 100; k++) {
    double excess = weibull_excess(p, least, shape, top, middle, &slope, &power);
    *(excess > 0.0 ? &high : &low) = shape;
    double next = shape - excess / slope;
    if (!(next > low && next < high))
      next = sqrt(low * high);
    bool done = fabs(next - shape) <= 1e-11 * shape;
    shape = next;
    if (done)
      break;
  }
  weibull_excess(p, least, shape, top, middle, &slope, &power);
  number[0] = shape;
  number[1] = exp(p->unit + top + log(power / s.ended) / shape);
  return true;
}

const testudo_i_fit_base testudo_i_fit_weibull = {"weibull:", 2, {false}, estimate_weibull};

/* ---- lomax: of a scale, alpha = exact weight / sum w log(1 + t / scale) ---- */

static double lomax_alpha(const testudo_i_fit_points *p, double scale, double *logs)
{
  double ended = 0.0, all = 0.0, sum = 0.0;
  for (int64_t k = 0; k < p->all; k++) {
    double term = p->weight[k] * log1p(p->time[k] / scale);
    all += term;
    ended += k < p->exact ? p->weight[k] : 0.0;
    sum += k < p->exact ? term : 0.0;
  }
  *logs = sum + ended * log(scale); /* sum of w log(scale + t) */
  return ended / all;
}

static double lomax_height(double log_scale, void *context)
{
  const testudo_i_fit_points *p = context;
  double logs, ended = 0.0, alpha = lomax_alpha(p, exp(log_scale), &logs);
  for (int64_t k = 0; k < p->exact; k++)
    ended += p->weight[k];
  return ended * (log(alpha) - 1.0) - logs;
}

static bool estimate_lomax(const testudo_i_fit_base *base, const testudo_i_fit_points *p, double number[2], bool warm)
{
  sums s = sums_of(p);
  double mean = s.all_time / s.ended, logs, low = log(mean) - 14.0, high = log(mean * TESTUDO_I_FIT_LARGEST_SCALE);
  (void)base;
  if (!(s.ended > 0.0))
    return false;
  if (warm) {
    low = fmax(low, log(number[1]) - 2.0);
    high = fmin(high, log(number[1]) + 3.0);
  }
  number[1] = exp(testudo_i_maximum(lomax_height, (void *)p, low, high, warm ? 1e-5 : 1e-7));
  number[0] = lomax_alpha(p, number[1], &logs);
  return true;
}

const testudo_i_fit_base testudo_i_fit_lomax = {"lomax:", 2, {false}, estimate_lomax};
