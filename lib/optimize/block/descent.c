/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton steps on the conditions g - z - nu = 0, x z = mu, sum x = 1 (primal-dual; Nocedal and Wright, Numerical
   Optimization, 2006, chapter 19), halved until the barrier function falls. */
#include "optimize/block/descent.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

#define TO_BOUNDARY 0.995
#define CENTRING 0.15

/* What values are known to, relatively. */
#define NOISE 1e-7

typedef struct walk {
  testudo_i_descent *d;
  double *x, *z, *gradient, *curve;
  double *trial, *trial_gradient;
  double *step, *toward, *pull; /* n */
  double *factor;               /* n x n */
  double value, mu;
} walk;

static double inner(const double *a, const double *b, int32_t n)
{
  double sum = 0.0;
  for (int32_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static double gap_of(const walk *w)
{
  double least = HUGE_VAL;
  for (int32_t i = 0; i < w->d->n; i++)
    least = fmin(least, w->gradient[i]);
  return inner(w->x, w->gradient, w->d->n) - least;
}

/* Multipliers to begin with: what the gradient leaves above a price a little below its least. */
static void start_multipliers(walk *w)
{
  int32_t n = w->d->n;
  double mean = inner(w->x, w->gradient, n), gap = gap_of(w), price = mean - gap - 0.1 * gap - 1e-9 * fabs(mean);
  for (int32_t i = 0; i < n; i++)
    w->z[i] = w->gradient[i] - price;
}

/* The Cholesky factor of X H X + (lift + x z) I, in units of x; false where it is not positive. */
static bool factorise(walk *w, double lift)
{
  size_t n = (size_t)w->d->n;
  double *a = w->factor;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      a[i * n + j] = w->x[i] * w->curve[i * n + j] * w->x[j] + (i == j ? w->x[i] * w->z[i] + lift : 0.0);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = a[i * n + j] - inner(a + i * n, a + j * n, (int32_t)j);
      if (i > j)
        a[i * n + j] = sum / a[j * n + j];
      else if (!(sum > 1e-18))
        return false;
      else
        a[i * n + i] = sqrt(sum);
    }
  return true;
}

static void solve_factor(const walk *w, double *b)
{
  size_t n = (size_t)w->d->n;
  for (size_t i = 0; i < n; i++)
    b[i] = (b[i] - inner(w->factor + i * n, b, (int32_t)i)) / w->factor[i * n + i];
  for (size_t i = n; i-- > 0;) {
    for (size_t j = i + 1; j < n; j++)
      b[i] -= w->factor[j * n + i] * b[j];
    b[i] /= w->factor[i * n + i];
  }
}

/* dx = X u with (X H X + x z) u = -(x g - mu) + nu x and sum x u = 0. */
static void find_step(walk *w)
{
  int32_t n = w->d->n;
  double lift = 0.0, scale = 0.0;
  for (int32_t i = 0; i < n; i++)
    scale = fmax(scale, fabs(w->x[i] * w->x[i] * w->curve[(size_t)i * (size_t)n + (size_t)i]));
  for (int k = 0; !factorise(w, lift) && k < 60; k++)
    lift = fmax(1e-10 * (scale + 1e-12), 4.0 * lift);
  for (int32_t i = 0; i < n; i++) {
    w->toward[i] = w->mu - w->x[i] * w->gradient[i];
    w->pull[i] = w->x[i];
  }
  solve_factor(w, w->toward);
  solve_factor(w, w->pull);
  double nu = -inner(w->x, w->toward, n) / inner(w->x, w->pull, n);
  for (int32_t i = 0; i < n; i++)
    w->step[i] = w->x[i] * (w->toward[i] + nu * w->pull[i]);
}

static double barrier(const walk *w, double value, const double *x)
{
  double sum = 0.0;
  for (int32_t i = 0; i < w->d->n; i++)
    sum += log(x[i]);
  return value - w->mu * sum;
}

/* The longest part of a step that leaves `of` positive. */
static double room_for(const double *of, const double *step, int32_t n)
{
  double most = 1.0;
  for (int32_t i = 0; i < n; i++)
    if (step[i] < 0.0)
      most = fmin(most, -TO_BOUNDARY * of[i] / step[i]);
  return most;
}

/* *moved: the barrier function fell, and the walk is there. */
static testudo_status take_step(walk *w, bool *moved, testudo_error *error)
{
  testudo_i_descent *d = w->d;
  int32_t n = d->n;
  double part = room_for(w->x, w->step, n), before = barrier(w, w->value, w->x), value, sum;
  *moved = false;
  for (int halved = 0; halved < 12 && !*moved; halved++, part *= 0.5) {
    sum = 0.0;
    for (int32_t i = 0; i < n; i++)
      sum += w->trial[i] = w->x[i] + part * w->step[i];
    for (int32_t i = 0; i < n; i++)
      w->trial[i] /= sum;
    d->evaluations++;
    TESTUDO_I_TRY(testudo_i_block_objective_at(d->objective, w->trial, &value, w->trial_gradient, NULL, error));
    *moved = value < HUGE_VAL && barrier(w, value, w->trial) < before + NOISE * fabs(w->value);
  }
  if (!*moved)
    return TESTUDO_OK;
  for (int32_t i = 0; i < n; i++) /* dz = (mu - z dx) / x - z, in w->toward */
    w->toward[i] = (w->mu - w->z[i] * w->step[i]) / w->x[i] - w->z[i];
  double of_z = room_for(w->z, w->toward, n);
  for (int32_t i = 0; i < n; i++)
    w->z[i] += of_z * w->toward[i];
  memcpy(w->x, w->trial, (size_t)n * sizeof *w->x);
  return TESTUDO_OK;
}

static testudo_status walk_down(walk *w, double *best, testudo_error *error)
{
  testudo_i_descent *d = w->d;
  int32_t n = d->n;
  size_t bytes = (size_t)n * sizeof *best;
  d->value = d->gap = HUGE_VAL;
  for (d->steps = 0; d->steps <= d->most; d->steps++) {
    bool moved;
    d->evaluations++;
    TESTUDO_I_TRY(testudo_i_block_objective_at(d->objective, w->x, &w->value, w->gradient, w->curve, error));
    if (d->steps == 0)
      start_multipliers(w);
    double gap = gap_of(w);
    if (w->value < d->value || (gap < d->gap && w->value < d->value + d->close * fabs(w->value))) {
      d->value = w->value;
      d->gap = gap;
      memcpy(best, w->x, bytes);
    }
    if (!(w->value < HUGE_VAL) || gap <= d->close * fabs(w->value) || d->steps == d->most)
      break;
    w->mu = CENTRING * inner(w->x, w->z, n) / n;
    find_step(w);
    TESTUDO_I_TRY(take_step(w, &moved, error));
    if (!moved)
      break;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_descend(testudo_i_descent *descent, double *x, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t n = (size_t)descent->n;
  walk w = {.d = descent};
  double *room = testudo_i_arena_calloc(&arena, 8 * n + 2 * n * n, sizeof *room);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  double **const part[] = {&w.x, &w.z, &w.gradient, &w.trial, &w.trial_gradient, &w.step, &w.toward, &w.pull};
  for (size_t k = 0; k < sizeof part / sizeof *part; k++)
    *part[k] = room + k * n;
  w.curve = room + 8 * n;
  w.factor = w.curve + n * n;
  memcpy(w.x, x, n * sizeof *x);
  descent->evaluations = 0;
  return walk_down(&w, x, error);
}
