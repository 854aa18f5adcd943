/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scans of one group, worker after worker. */
#include "exact/groups/group_scan.h"

#include <string.h>

void testudo_i_pair_multiply(testudo_i_pair left, testudo_i_pair right, int32_t degree, double *room)
{
  double *done = room, *lost = room + degree + 1;
  for (int32_t d = 0; d <= degree; d++) {
    done[d] = lost[d] = 0.0;
    for (int32_t a = 0; a <= d; a++) {
      done[d] += left.done[a] * right.done[d - a];
      lost[d] += left.lost[a] * (right.done[d - a] + right.lost[d - a]) + left.done[a] * right.lost[d - a];
    }
  }
  memcpy(left.done, done, (size_t)(degree + 1) * sizeof *done);
  memcpy(left.lost, lost, (size_t)(degree + 1) * sizeof *lost);
}

int64_t testudo_i_group_states(int32_t load, int32_t parts)
{
  int64_t states = 1;
  for (int32_t b = 0; b < load; b++) {
    if (states > INT64_MAX / (parts + 1))
      return INT64_MAX;
    states *= parts + 1;
  }
  return states;
}

/* One more copy of the chunk whose count is the digit of weight `stride`: counts move up by one, the top one stays. */
static void cover_chunk(double *mass, int64_t states, int64_t stride, int32_t parts)
{
  for (int64_t base = 0; base < states; base += stride * (parts + 1)) {
    double *top = mass + base + stride * parts;
    for (int64_t k = 0; k < stride; k++)
      top[k] += top[k - stride];
    for (int32_t count = parts - 1; count >= 1; count--)
      memcpy(mass + base + stride * count, mass + base + stride * (count - 1), (size_t)stride * sizeof *mass);
    memset(mass + base, 0, (size_t)stride * sizeof *mass);
  }
}

/* to = what becomes of `from` when one worker adds its progress: sum_c q_c S_{o_c} .. S_{o_1} from, by Horner's rule
   (covering different chunks commutes). */
static void add_progress(const double *from, double *to, int64_t states, const int32_t *order, int32_t load,
                       int32_t parts, const double *q, const int64_t *stride)
{
  for (int64_t k = 0; k < states; k++)
    to[k] = q[load] * from[k];
  for (int32_t c = load; c-- > 0;) {
    cover_chunk(to, states, stride[order[c]], parts);
    for (int64_t k = 0; k < states; k++)
      to[k] += q[c] * from[k];
  }
}

/* mass[d] <- (1 - fail) * lived[d] + fail * mass[d-1], highest degree first. */
static void mix_failure(double *mass, const double *lived, int64_t states, double fail, int32_t d)
{
  double *now = mass + (int64_t)d * states;
  const double *fewer = now - states;
  for (int64_t k = 0; k < states; k++)
    now[k] = (1.0 - fail) * lived[k] + (d > 0 ? fail * fewer[k] : 0.0);
}

static void collect_outcomes(const double *mass, int64_t states, int32_t degree, testudo_i_pair result)
{
  for (int32_t d = 0; d <= degree; d++) {
    const double *level = mass + (int64_t)d * states;
    result.lost[d] = 0.0;
    for (int64_t k = 0; k + 1 < states; k++)
      result.lost[d] += level[k];
    result.done[d] = level[states - 1];
  }
}

void testudo_i_group_scan(const testudo_i_group_shape *shape, int32_t parts, const double *const *q, double fail,
                          int32_t degree, testudo_i_pair result, double *room)
{
  int64_t states = testudo_i_group_states(shape->load, parts);
  int64_t stride[64];
  stride[0] = 1;
  for (int32_t b = 1; b < shape->load; b++)
    stride[b] = stride[b - 1] * (parts + 1);
  double *mass = room, *lived = room + (int64_t)(degree + 1) * states;
  memset(mass, 0, (size_t)((degree + 1) * states) * sizeof *mass);
  mass[0] = 1.0;
  for (int32_t a = 0; a < shape->size; a++)
    for (int32_t d = degree; d >= 0; d--) {
      add_progress(mass + (int64_t)d * states, lived, states, shape->order + (int64_t)a * shape->load, shape->load,
                 parts, q[shape->class_[a]], stride);
      mix_failure(mass, lived, states, fail, d);
    }
  collect_outcomes(mass, states, degree, result);
}
