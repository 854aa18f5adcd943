/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and deviation of a step law as in tail.c, about the jump at which it passes its half, by refinement where the
   doubt is largest. Between two evaluated points i < j the values lie between those of i and j, so a segment's integral
   is known up to half of their difference times the weight of its unknown steps: the sum of these halves bounds the
   error rigorously. */
#include "numeric/integrate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "numeric/moments/spread.h"

/* Steps first .. last-1, where step 0 is [0, points[0]) and step k is [points[k-1], points[k]), all before the middle
   or all behind it. The values of their side on step first and on step `last` are known. */
typedef struct segment {
  size_t first, last;
  double left, right; /* the two values */
  double doubt[2];    /* of D and of E (tail.c) */
} segment;

typedef struct refinement {
  testudo_i_asker asker;
  double middle;
  size_t half;         /* the step that begins at the middle */
  int key;             /* the doubt by which the heap is ordered */
  segment *heap;       /* the largest on top */
  size_t count, room;
  testudo_i_sum square, doubt; /* E and the doubt of all segments, kept up to date: what decides when to stop */
  testudo_i_sum drift;         /* D+ - D-, likewise */
} refinement;

static double start_of(const refinement *r, size_t step)
{
  return step == 0 ? 0.0 : r->asker.points[step - 1];
}

/* integral of 1, or of twice the distance from the middle, over [a, b]. */
static double weight(const refinement *r, int moment, double a, double b)
{
  return moment == 0 ? b - a : (b - a) * (fabs(a - r->middle) + fabs(b - r->middle));
}

static double known_part(const refinement *r, int moment, const segment *s)
{
  return s->left * weight(r, moment, start_of(r, s->first), start_of(r, s->first + 1));
}

static double unknown_weight(const refinement *r, int moment, const segment *s)
{
  return s->last > s->first + 1 ? weight(r, moment, start_of(r, s->first + 1), start_of(r, s->last)) : 0.0;
}

static double segment_value(const refinement *r, int moment, const segment *s)
{
  return known_part(r, moment, s) + 0.5 * (s->left + s->right) * unknown_weight(r, moment, s);
}

static bool is_before(const refinement *r, const segment *s)
{
  return s->first < r->half;
}

static double ask_step(refinement *r, bool before, size_t step)
{
  testudo_i_sides at = testudo_i_ask(&r->asker, start_of(r, step));
  return before ? at.below : at.above;
}

static void sift_up(const refinement *r, size_t k)
{
  segment *heap = r->heap;
  for (; k > 0 && heap[(k - 1) / 2].doubt[r->key] < heap[k].doubt[r->key]; k = (k - 1) / 2) {
    segment kept = heap[k];
    heap[k] = heap[(k - 1) / 2];
    heap[(k - 1) / 2] = kept;
  }
}

static void sift_down(const refinement *r, size_t k)
{
  segment *heap = r->heap;
  for (size_t child; (child = 2 * k + 1) < r->count; k = child) {
    if (child + 1 < r->count && heap[child + 1].doubt[r->key] > heap[child].doubt[r->key])
      child++;
    if (heap[k].doubt[r->key] >= heap[child].doubt[r->key])
      return;
    segment kept = heap[k];
    heap[k] = heap[child];
    heap[child] = kept;
  }
}

static void count_segment(refinement *r, const segment *s, double sign)
{
  double value = segment_value(r, 0, s);
  testudo_i_sum_add(&r->square, sign * segment_value(r, 1, s));
  testudo_i_sum_add(&r->drift, is_before(r, s) ? -sign * value : sign * value);
  testudo_i_sum_add(&r->doubt, sign * s->doubt[r->key]);
}

static void measure_segment(refinement *r, segment *s)
{
  for (int m = 0; m < 2; m++)
    s->doubt[m] = 0.5 * fabs(s->left - s->right) * unknown_weight(r, m, s);
  count_segment(r, s, 1.0);
}

static void push_segment(refinement *r, size_t first, size_t last, double left, double right)
{
  if (TESTUDO_I_GROW(r->heap, r->room, r->count + 1, r->asker.error) != TESTUDO_OK) {
    r->asker.status = TESTUDO_ERROR_SYSTEM;
    return;
  }
  r->heap[r->count] = (segment){first, last, left, right, {0.0, 0.0}};
  measure_segment(r, &r->heap[r->count]);
  sift_up(r, r->count++);
}

/* The unknown step at which half of the unknown weight lies to the left; at least one step on either side. */
static size_t splitting_step(const refinement *r, const segment *s)
{
  double a = start_of(r, s->first + 1), half = unknown_weight(r, r->key, s) / 2.0;
  size_t low = s->first + 1, high = s->last - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (weight(r, r->key, a, start_of(r, middle + 1)) >= half)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static void split(refinement *r)
{
  segment old = r->heap[0];
  size_t middle = splitting_step(r, &old);
  double value = ask_step(r, is_before(r, &old), middle);
  count_segment(r, &old, -1.0);
  segment left = {old.first, middle, old.left, value, {0.0, 0.0}};
  measure_segment(r, &left);
  r->heap[0] = left;
  sift_down(r, 0);
  push_segment(r, middle, old.last, value, old.right);
}

/* Until all doubts of this moment together are at most rel_error of the mean, or of the variance. */
static void refine_moment(refinement *r, int moment, double rel_error, size_t budget)
{
  r->key = moment;
  r->doubt = (testudo_i_sum){0.0, 0.0};
  for (size_t k = r->count; k-- > 0;) {
    testudo_i_sum_add(&r->doubt, r->heap[k].doubt[moment]);
    sift_down(r, k);
  }
  while (r->asker.status == TESTUDO_OK && r->heap[0].doubt[moment] > 0.0 && r->asker.evaluations < budget) {
    double drift = testudo_i_sum_value(&r->drift), square = testudo_i_sum_value(&r->square);
    double size = moment == 0 ? r->middle + drift : fmax(square - drift * drift, 0.1 * square);
    if (testudo_i_sum_value(&r->doubt) <= rel_error * size)
      return;
    split(r);
  }
}

/* The first jump at which at most half of the mass is left, and the steps before and behind it. */
static void lay_out_steps(refinement *r, testudo_i_sides first, testudo_i_sides last)
{
  size_t low = testudo_i_point_leaving(&r->asker, 0.5 * (first.below + first.above), r->asker.count - 1);
  r->half = low + 1;
  r->middle = r->asker.points[low];
  double before = low == 0 ? first.below : ask_step(r, true, low);
  double behind = r->half == r->asker.count ? last.above : ask_step(r, false, r->half);
  if (low > 0)
    push_segment(r, 0, low, first.below, before);
  push_segment(r, low, low + 1, before, before);
  if (r->half < r->asker.count)
    push_segment(r, r->half, r->asker.count, behind, last.above);
}

static void fill_steps(const refinement *r, double mass, bool want_stddev, testudo_i_integrals *moments)
{
  testudo_i_sum value[2] = {{0.0, 0.0}, {0.0, 0.0}}, doubt[2] = {{0.0, 0.0}, {0.0, 0.0}}, size = {0.0, 0.0};
  for (size_t k = 0; k < r->count; k++) {
    double sign = is_before(r, &r->heap[k]) ? -1.0 : 1.0, part = segment_value(r, 0, &r->heap[k]);
    testudo_i_sum_add(&value[0], sign * part);
    testudo_i_sum_add(&value[1], segment_value(r, 1, &r->heap[k]));
    testudo_i_sum_add(&size, part);
    for (int m = 0; m < 2; m++)
      testudo_i_sum_add(&doubt[m], r->heap[k].doubt[m]);
  }
  /* The rounding of each product, beside the doubt. */
  double drift = testudo_i_sum_value(&value[0]), square = testudo_i_sum_value(&value[1]);
  moments->mean = mass * r->middle + drift;
  moments->mean_error = moments->mean_bound = testudo_i_sum_value(&doubt[0]) +
                                              4.0 * DBL_EPSILON * testudo_i_sum_value(&size) +
                                              DBL_EPSILON * moments->mean;
  if (want_stddev)
    testudo_i_deviation(square, testudo_i_sum_value(&doubt[1]) + 8.0 * DBL_EPSILON * square, drift,
                        testudo_i_sum_value(&doubt[0]) + 4.0 * DBL_EPSILON * testudo_i_sum_value(&size), moments);
}

testudo_status testudo_i_step_moments(testudo_i_law_function law, void *context, const double *points, size_t count,
                                      bool want_stddev, double rel_error, size_t budget, testudo_i_integrals *moments,
                                      testudo_error *error)
{
  refinement r = {.asker = {law, context, error, TESTUDO_OK, 0, points, count}};
  *moments = (testudo_i_integrals){0};
  testudo_i_sides first = testudo_i_ask(&r.asker, 0.0), last = first;
  if (count > 0)
    last = testudo_i_ask(&r.asker, points[count - 1]);
  TESTUDO_I_TRY(r.asker.status);
  if (last.above > 1e-12) {
    /* What stays beyond the last jump stays for ever; less is rounding. */
    moments->mean = HUGE_VAL;
    return TESTUDO_OK;
  }
  if (count == 0)
    return TESTUDO_OK;
  lay_out_steps(&r, first, last);
  if (r.asker.status == TESTUDO_OK)
    refine_moment(&r, 0, rel_error, budget);
  if (want_stddev && r.asker.status == TESTUDO_OK)
    refine_moment(&r, 1, rel_error, budget);
  if (r.asker.status == TESTUDO_OK)
    fill_steps(&r, first.below + first.above, want_stddev, moments);
  free(r.heap);
  return r.asker.status;
}
