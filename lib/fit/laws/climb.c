/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/climb.h"

#include <float.h>
#include <math.h>

enum { MOST = TESTUDO_I_CLIMB_MOST, MOST_STEPS = 60 };

/* A log-likelihood is known to its rounding: differences of f are taken where it has fallen by about this much. */
#define FALL 2e-3

/* A step that promises less is the last one. */
#define ENOUGH 1e-9

typedef struct hill {
  testudo_i_height f;
  void *context;
  int variables;
  double step[MOST], slope[MOST], curve[MOST][MOST]; /* curve: minus the second derivatives */
} hill;

static double height_beside(const hill *h, const double *x, int i, double a, int k, double b)
{
  double at[MOST];
  for (int v = 0; v < h->variables; v++)
    at[v] = x[v];
  at[i] += a;
  at[k] += b;
  return h->f(at, h->context);
}

/* A step along variable i after which f is lower by about FALL; the derivatives along it. */
static void find_step(hill *h, const double *x, double here, int i)
{
  double up = here, down = here;
  for (int attempt = 0; attempt < 12; attempt++) {
    double step = h->step[i];
    up = height_beside(h, x, i, step, i, 0.0);
    down = height_beside(h, x, i, -step, i, 0.0);
    double fall = here - 0.5 * (up + down);
    bool seen = fall > 0.0 && fall < HUGE_VAL;
    double factor = seen ? sqrt(FALL / fall) : fall < HUGE_VAL ? 4.0 : 0.1;
    if (seen && factor > 0.3 && factor < 3.0)
      break;
    h->step[i] = step * fmin(fmax(factor, 0.01), 100.0);
    if (h->step[i] > 1.0 || h->step[i] < 1e-9) {
      h->step[i] = fmin(fmax(h->step[i], 1e-9), 1.0);
      break;
    }
  }
  double step = h->step[i];
  up = height_beside(h, x, i, step, i, 0.0);
  down = height_beside(h, x, i, -step, i, 0.0);
  h->slope[i] = (up - down) / (2.0 * step);
  h->curve[i][i] = (2.0 * here - up - down) / (step * step);
}

static void differentiate(hill *h, const double *x, double here)
{
  for (int i = 0; i < h->variables; i++)
    find_step(h, x, here, i);
  for (int i = 0; i < h->variables; i++)
    for (int k = 0; k < i; k++) {
      double a = h->step[i], b = h->step[k];
      double mixed = height_beside(h, x, i, a, k, b) - height_beside(h, x, i, a, k, -b) -
                     height_beside(h, x, i, -a, k, b) + height_beside(h, x, i, -a, k, -b);
      h->curve[i][k] = h->curve[k][i] = -mixed / (4.0 * a * b);
    }
}

/* The triangular root of the curvature, its diagonal raised by the share `damping`; false: not positive. */
static bool root_of(const hill *h, double damping, double root[MOST][MOST])
{
  for (int i = 0; i < h->variables; i++)
    for (int k = 0; k <= i; k++) {
      double sum = h->curve[i][k] + (i == k ? damping * fmax(fabs(h->curve[i][i]), DBL_MIN) : 0.0);
      for (int v = 0; v < k; v++)
        sum -= root[i][v] * root[k][v];
      if (i == k && !(sum > 1e-12 * fabs(h->curve[i][i]) && sum < HUGE_VAL))
        return false;
      root[i][k] = i == k ? sqrt(sum) : sum / root[k][k];
    }
  return true;
}

static void solve(const hill *h, const double root[MOST][MOST], const double *right, double *x)
{
  for (int i = 0; i < h->variables; i++) {
    x[i] = right[i];
    for (int v = 0; v < i; v++)
      x[i] -= root[i][v] * x[v];
    x[i] /= root[i][i];
  }
  for (int i = h->variables - 1; i >= 0; i--) {
    for (int v = i + 1; v < h->variables; v++)
      x[i] -= root[v][i] * x[v];
    x[i] /= root[i][i];
  }
}

static hill hill_of(testudo_i_height f, void *context, int variables)
{
  hill h = {.f = f, .context = context, .variables = variables};
  for (int i = 0; i < variables; i++)
    h.step[i] = 1e-3;
  return h;
}

/* One step; how much higher it led, 0: nowhere. */
static double climb_step(hill *h, double *x, double *here, double *damping)
{
  double root[MOST][MOST], step[MOST], next[MOST];
  for (int attempt = 0; attempt < 30; attempt++, *damping = fmax(1e-3, 4.0 * *damping)) {
    if (!root_of(h, *damping, (double(*)[MOST])root))
      continue;
    solve(h, (const double(*)[MOST])root, h->slope, step);
    for (int i = 0; i < h->variables; i++)
      next[i] = x[i] + fmin(fmax(step[i], -2.0), 2.0);
    double there = h->f(next, h->context);
    if (!(there > *here))
      continue;
    for (int i = 0; i < h->variables; i++)
      x[i] = next[i];
    double gain = there - *here;
    *here = there;
    *damping = *damping > 1e-3 ? *damping / 10.0 : 0.0;
    return gain;
  }
  return 0.0;
}

void testudo_i_climb(testudo_i_height f, void *context, int variables, double *x)
{
  hill h = hill_of(f, context, variables);
  double here = f(x, context), damping = 0.0;
  for (int k = 0; k < MOST_STEPS && here > -HUGE_VAL; k++) {
    differentiate(&h, x, here);
    if (climb_step(&h, x, &here, &damping) < ENOUGH)
      break;
  }
}

bool testudo_i_covariances(testudo_i_height f, void *context, int variables, const double *x, double *covariance)
{
  hill h = hill_of(f, context, variables);
  double root[MOST][MOST];
  differentiate(&h, x, f(x, context));
  if (!root_of(&h, 0.0, root))
    return false;
  for (int k = 0; k < variables; k++) {
    double unit[MOST] = {0.0};
    unit[k] = 1.0;
    solve(&h, (const double(*)[MOST])root, unit, covariance + k * variables);
  }
  return true;
}

double testudo_i_maximum(double (*f)(double x, void *context), void *context, double a, double b, double tolerance)
{
  const double golden = 0.38196601125010515;
  double x = a + golden * (b - a), w = x, v = x, fx = f(x, context), fw = fx, fv = fx, last = 0.0, before = 0.0;
  for (int k = 0; k < 200; k++) {
    double middle = 0.5 * (a + b), fine = tolerance + DBL_EPSILON * fabs(x);
    if (fabs(x - middle) <= 2.0 * fine - 0.5 * (b - a))
      break;
    double r = (x - w) * (fx - fv), q = (x - v) * (fx - fw), p = (x - v) * q - (x - w) * r, step;
    q = 2.0 * (q - r);
    p = q > 0.0 ? -p : p;
    q = fabs(q);
    bool parabola = fabs(before) > fine && fabs(p) < fabs(0.5 * q * before) && p > q * (a - x) && p < q * (b - x);
    before = parabola ? last : x < middle ? b - x : a - x;
    step = parabola ? p / q : golden * before;
    last = step;
    double u = x + (fabs(step) >= fine ? step : step > 0.0 ? fine : -fine), fu = f(u, context);
    if (fu >= fx) {
      *(u >= x ? &a : &b) = x;
      v = w, fv = fw, w = x, fw = fx, x = u, fx = fu;
    } else {
      *(u < x ? &a : &b) = u;
      if (fu >= fw || w == x)
        v = w, fv = fw, w = u, fw = fu;
      else if (fu >= fv || v == x || v == w)
        v = u, fv = fu;
    }
  }
  return x;
}
