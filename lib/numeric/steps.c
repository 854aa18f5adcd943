/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The integral of a non-increasing step function by refinement where the doubt is largest. Between two evaluated
   points i < j the values lie between f_j and f_i, so the segment's integral is known up to half of
   (f_i - f_j) * (weight of its unknown steps): the sum of these halves bounds the error rigorously. */
#include "numeric/integrate.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "numeric/memo.h"

/* Steps first .. last-1, where step 0 is [0, points[0]) and step k is [points[k-1], points[k]). The values on step
   first and on step `last` are known. */
typedef struct segment {
  size_t first, last;
  double left, right; /* the two values */
  double doubt;
} segment;

typedef struct refinement {
  testudo_i_evaluator evaluator;
  const double *points;
  int power;
  segment *heap; /* the largest doubt on top */
  size_t count, room;
  double value, doubt; /* of all segments, kept up to date approximately: what decides when to stop */
} refinement;

static double start_of(const refinement *r, size_t step)
{
  return step == 0 ? 0.0 : r->points[step - 1];
}

/* integral of x^power over [a, b]; the product form has no cancellation. */
static double weight(int power, double a, double b)
{
  return power == 0 ? b - a : (b - a) * (a + (b - a) / 2.0);
}

static double known_part(const refinement *r, const segment *s)
{
  return s->left * weight(r->power, start_of(r, s->first), start_of(r, s->first + 1));
}

static double unknown_weight(const refinement *r, const segment *s)
{
  return weight(r->power, start_of(r, s->first + 1), start_of(r, s->last));
}

static double segment_value(const refinement *r, const segment *s)
{
  return known_part(r, s) + 0.5 * (s->left + s->right) * unknown_weight(r, s);
}

static void sift_up(segment *heap, size_t k)
{
  for (; k > 0 && heap[(k - 1) / 2].doubt < heap[k].doubt; k = (k - 1) / 2) {
    segment kept = heap[k];
    heap[k] = heap[(k - 1) / 2];
    heap[(k - 1) / 2] = kept;
  }
}

static void sift_down(segment *heap, size_t count)
{
  for (size_t k = 0, child; (child = 2 * k + 1) < count; k = child) {
    if (child + 1 < count && heap[child + 1].doubt > heap[child].doubt)
      child++;
    if (heap[k].doubt >= heap[child].doubt)
      return;
    segment kept = heap[k];
    heap[k] = heap[child];
    heap[child] = kept;
  }
}

static void measure_segment(refinement *r, segment *s)
{
  s->doubt = 0.5 * fabs(s->left - s->right) * unknown_weight(r, s);
  r->value += segment_value(r, s);
  r->doubt += s->doubt;
}

/* The unknown step at which half of the unknown weight lies to the left; at least one step on either side. */
static size_t splitting_step(const refinement *r, const segment *s)
{
  double a = start_of(r, s->first + 1), half = unknown_weight(r, s) / 2.0;
  size_t low = s->first + 1, high = s->last - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (weight(r->power, a, start_of(r, middle + 1)) >= half)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static testudo_status split(refinement *r, testudo_error *error)
{
  if (testudo_i_grow((void **)&r->heap, &r->room, r->count + 1, sizeof *r->heap) != 0)
    return testudo_i_fail_memory(error);
  segment old = r->heap[0];
  size_t middle = splitting_step(r, &old);
  double value = testudo_i_evaluate(&r->evaluator, start_of(r, middle));
  r->value -= segment_value(r, &old);
  r->doubt -= old.doubt;
  segment left = {old.first, middle, old.left, value, 0.0};
  segment right = {middle, old.last, value, old.right, 0.0};
  measure_segment(r, &left);
  measure_segment(r, &right);
  r->heap[0] = left;
  sift_down(r->heap, r->count);
  r->heap[r->count++] = right;
  sift_up(r->heap, r->count - 1);
  return r->evaluator.status;
}

static void total_segments(const refinement *r, double *integral, double *abs_error)
{
  testudo_i_sum value = {0.0, 0.0}, doubt = {0.0, 0.0};
  for (size_t k = 0; k < r->count; k++) {
    testudo_i_sum_add(&value, segment_value(r, &r->heap[k]));
    testudo_i_sum_add(&doubt, r->heap[k].doubt);
  }
  *integral = testudo_i_sum_value(&value);
  /* The rounding of each product, beside the doubt. */
  *abs_error = testudo_i_sum_value(&doubt) + 4.0 * 0x1p-53 * *integral;
}

testudo_status testudo_i_integrate_steps(testudo_i_function f, void *context, int power, const double *points,
                                         size_t count, double rel_error, size_t budget, testudo_i_memo *memo,
                                         double *integral, double *abs_error, testudo_error *error)
{
  *integral = *abs_error = 0.0;
  refinement r = {{f, context, memo, error, TESTUDO_OK, 0}, points, power, NULL, 0, 0, 0.0, 0.0};
  double first = testudo_i_evaluate(&r.evaluator, 0.0);
  double last = count == 0 ? first : testudo_i_evaluate(&r.evaluator, points[count - 1]);
  TESTUDO_I_TRY(r.evaluator.status);
  if (last > 1e-12) {
    /* What stays beyond the last jump stays for ever; less is rounding. */
    *integral = HUGE_VAL;
    return TESTUDO_OK;
  }
  if (count == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_memory_check(testudo_i_grow((void **)&r.heap, &r.room, 1, sizeof *r.heap) == 0, error));
  r.heap[0] = (segment){0, count, first, last, 0.0};
  r.count = 1;
  measure_segment(&r, &r.heap[0]);
  testudo_status status = TESTUDO_OK;
  while (status == TESTUDO_OK && r.heap[0].doubt > 0.0 && r.doubt > rel_error * r.value &&
         r.evaluator.evaluations < budget)
    status = split(&r, error);
  if (status == TESTUDO_OK)
    total_segments(&r, integral, abs_error);
  free(r.heap);
  return status;
}
