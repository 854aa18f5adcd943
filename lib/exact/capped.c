/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E[min(T, t)]: the integral of a tail that ends at t. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/answered.h"
#include "exact/latency.h"

enum { RECTANGLES = 512 };

typedef struct capped {
  testudo_latency *latency;
  double end;
} capped;

/* Of min(T, end). */
static testudo_status capped_sides(void *context, double t, testudo_i_sides *at, testudo_error *error)
{
  const capped *c = context;
  testudo_i_probability probability;
  *at = (testudo_i_sides){1.0, 0.0};
  if (t >= c->end)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_latency_at(c->latency, t, TESTUDO_I_WANT_BOTH, &probability, error));
  *at = (testudo_i_sides){probability.below_lower, probability.above_lower};
  return TESTUDO_OK;
}

/* The end is one more place where the law jumps. */
static testudo_status exact_capped(capped *c, double *integral, double *abs_error, testudo_error *error)
{
  const testudo_latency *latency = c->latency;
  size_t count = 0;
  testudo_i_integrals moments;
  TESTUDO_I_HELD(testudo_i_free_held) double *points = testudo_i_alloc(latency->point_count + 1, sizeof *points);
  TESTUDO_I_TRY(testudo_i_memory_check(points != NULL, error));
  for (size_t k = 0; k < latency->point_count && latency->points[k] < c->end; k++)
    points[count++] = latency->points[k];
  points[count++] = c->end;
  TESTUDO_I_TRY(testudo_i_latency_moments(latency, capped_sides, c, points, count, false, &moments, error));
  *integral = moments.mean;
  *abs_error = moments.mean_error;
  return TESTUDO_OK;
}

/* P(T > .) falls, whether or not its bounds do: on an interval it is at most every upper bound before, and at least
   every lower bound behind. */
static testudo_status bounded_capped(const capped *c, double *lower, double *upper, testudo_error *error)
{
  double below[RECTANGLES + 1], above = 1.0, width = c->end / RECTANGLES;
  *lower = *upper = 0.0;
  for (int k = 0; k <= RECTANGLES; k++) {
    double tail;
    if (k > 0)
      *upper += above * width;
    TESTUDO_I_TRY(testudo_latency_tail(c->latency, width * k, &below[k], &tail, error));
    above = fmin(above, tail);
  }
  for (int k = RECTANGLES; k > 0; k--) {
    *lower += below[k] * width;
    below[k - 1] = fmax(below[k - 1], below[k]);
  }
  return TESTUDO_OK;
}

/* One integral per side, rounded outwards. A side of which not all jumps are known is asked at even places: between two
   of them its tail falls, so that the integral is too large, by one distance at most. */
static testudo_status bracketed_capped(testudo_latency *latency, double t, double *lower, double *upper,
                                       testudo_error *error)
{
  capped down = {latency->side[0], t}, up = {latency->side[1], t};
  double low_error, high_error;
  TESTUDO_I_TRY(exact_capped(&down, lower, &low_error, error));
  TESTUDO_I_TRY(exact_capped(&up, upper, &high_error, error));
  double distance = down.latency->all_places ? 0.0 : down.latency->points[1] - down.latency->points[0];
  *lower = fmax(0.0, *lower - low_error - distance);
  *upper = fmin(t, *upper + high_error);
  return TESTUDO_OK;
}

testudo_status testudo_latency_capped(testudo_latency *latency, double t, double *lower, double *upper,
                                      double *abs_error, testudo_error *error)
{
  capped c = {latency, t};
  *lower = *upper = *abs_error = 0.0;
  if (!(t >= 0.0 && t < HUGE_VAL))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the time is %g, but it must be finite and not negative", t);
  if (t == 0.0)
    return TESTUDO_OK;
  if (latency->answered != NULL) {
    testudo_i_answered_capped(latency->answered, t, lower, upper);
    return TESTUDO_OK;
  }
  if (latency->side[0] != NULL && testudo_latency_is_exact(latency))
    return bracketed_capped(latency, t, lower, upper, error);
  if (!testudo_latency_is_exact(latency))
    return bounded_capped(&c, lower, upper, error);
  TESTUDO_I_TRY(exact_capped(&c, lower, abs_error, error));
  *upper = *lower;
  return TESTUDO_OK;
}
