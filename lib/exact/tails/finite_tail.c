/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finite tails: two anchors, and the polynomial beyond them. */
#include "exact/tails/finite_tail.h"

#include <math.h>

#include "base/error.h"
#include "delay/model.h"

/* Where the two anchors are, as shares of the grain: where the polynomial is exact, its cubic term and the rounding
   of the difference are both small in the middle; elsewhere as late as the difference means anything. */
static const double exact_target = 1e-5, other_target = 1e-11;

/* The sum over the workers of P(not done with everything by t), failures left out. */
static double shape_at(const testudo_i_finite_tail *tail, double t)
{
  const testudo_i_cluster *cluster = tail->cluster;
  double sum = 0;
  t = fmax(0, t - tail->shift);
  for (int32_t k = 0; k < cluster->classes; k++)
    if (cluster->class_load[k] > 0)
      sum += cluster->class_size[k] * testudo_i_cluster_late(cluster, k, t);
  return sum;
}

/* The first time, nearly, at which the shape is below a value. */
static double time_of(const testudo_i_finite_tail *tail, double value)
{
  double low = -690, high = 690;
  for (int k = 0; k < 50; k++) {
    double middle = (low + high) / 2;
    if (shape_at(tail, exp(middle) + tail->shift) > value)
      low = middle;
    else
      high = middle;
  }
  return exp(high) + tail->shift;
}

typedef struct anchor {
  double time, shape, ratio; /* P(t < T < infinity) = ratio * shape */
  bool found;
} anchor;

/* A time at which P(t < T < infinity) is about `target` of the grain. */
static testudo_status drop_anchor(testudo_i_finite_tail *tail, double target, anchor *found, testudo_error *error)
{
  double wanted = target * tail->grain, shape = fmin(0.1, wanted);
  *found = (anchor){0};
  for (int k = 0; k < 30; k++) {
    anchor at = {.time = time_of(tail, shape)};
    at.shape = shape_at(tail, at.time);
    double left;
    TESTUDO_I_TRY(tail->late(tail->context, at.time, &left, error));
    if (at.shape <= 0)
      return TESTUDO_OK;
    if (left > wanted / 3 && left < wanted * 3) {
      *found = at;
      found->ratio = left / at.shape;
      found->found = true;
      return TESTUDO_OK;
    }
    shape = at.shape * fmin(1e3, fmax(1e-3, wanted / fmax(left, 1e-3 * wanted)));
    if (!(shape < tail->cluster->workers))
      shape = (at.shape + tail->cluster->workers) / 2;
  }
  return TESTUDO_OK;
}

/* Is the tail a polynomial in the shape alone? */
static bool has_one_variable(const testudo_i_cluster *cluster)
{
  const testudo_delay_model *model = cluster->model;
  if (testudo_i_law_is_power(model->law) && model->structure == TESTUDO_STRUCTURE_SCALED &&
      testudo_i_delay_is_plain(model))
    return true;
  return cluster->classes == 1 && (cluster->whole || cluster->max_load == 1);
}

testudo_status testudo_i_finite_tail_start(testudo_i_finite_tail *tail, testudo_error *error)
{
  tail->start = HUGE_VAL;
  tail->shape = tail->ratio = tail->slope = tail->doubt = 0;
  if (tail->grain <= 0 || tail->finite <= 0 || tail->discrete)
    return TESTUDO_OK;
  bool exact = has_one_variable(tail->cluster);
  double target = exact ? exact_target : other_target;
  anchor early, late;
  TESTUDO_I_TRY(drop_anchor(tail, 10 * target, &early, error));
  TESTUDO_I_TRY(drop_anchor(tail, target, &late, error));
  if (!early.found || !late.found || !(early.shape > late.shape))
    return TESTUDO_OK;
  double drift = (early.ratio - late.ratio) / late.ratio;
  tail->start = late.time;
  tail->shape = late.shape;
  tail->ratio = late.ratio;
  tail->slope = (early.ratio - late.ratio) / (early.shape - late.shape);
  tail->doubt = exact ? drift * drift + 1e-15 * (tail->cluster->workers + 16) / target : 1;
  return TESTUDO_OK;
}

testudo_status testudo_i_finite_tail_at(void *context, double t, double *value, testudo_error *error)
{
  const testudo_i_finite_tail *tail = context;
  if (t >= tail->start) {
    double shape = shape_at(tail, t);
    *value = fmin(1, shape * (tail->ratio + tail->slope * (shape - tail->shape)) / tail->finite);
    return TESTUDO_OK;
  }
  double left;
  TESTUDO_I_TRY(tail->late(tail->context, t, &left, error));
  /* Where nothing is extrapolated, a difference below the rounding of its terms is zero: the tail must end. */
  double noise = 1e-15 * (tail->cluster->workers + 16) * tail->grain;
  *value = left > noise ? fmin(1, left / tail->finite) : 0;
  return TESTUDO_OK;
}

testudo_status testudo_i_finite_tail_sides(void *context, double t, testudo_i_sides *at, testudo_error *error)
{
  const testudo_i_finite_tail *tail = context;
  TESTUDO_I_TRY(testudo_i_finite_tail_at(context, t, &at->above, error));
  at->below = t < tail->start ? fmin(1, *tail->below / tail->finite) : 1 - at->above;
  return TESTUDO_OK;
}

static testudo_status after_start(void *context, double t, double *value, testudo_error *error)
{
  const testudo_i_finite_tail *tail = context;
  return testudo_i_finite_tail_at(context, tail->start + t, value, error);
}

testudo_status testudo_i_finite_tail_doubt(testudo_i_finite_tail *tail, double *doubt, testudo_error *error)
{
  *doubt = 0;
  if (!(tail->start < HUGE_VAL))
    return TESTUDO_OK;
  double first, integral, abs_error;
  TESTUDO_I_TRY(testudo_i_finite_tail_at(tail, tail->start, &first, error));
  if (!(first > 0))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_integrate_tail(after_start, tail, NULL, 0, 1e-3, 0, &integral, &abs_error, error));
  *doubt = tail->doubt * (integral + abs_error);
  return TESTUDO_OK;
}
