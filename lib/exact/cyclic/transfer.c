/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product of the steps round the ring, and its traces. */
#include "exact/cyclic/transfer.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/error.h"
#include "exact/cluster.h"

/* Where the tail is at least this for each worker (whose roundings add up), and 1e-4, 1 minus the trace is as good as
   the corner block and costs a third. */
#define SMALL_TAIL 1e-6

/* Rings of so many loads are long enough for all but the leading eigenvalue to die out. */
#define LONG_RING 5

/* ---- the choice of a road ---- */

static int32_t find_period(const int32_t *class_at, int32_t workers)
{
  for (int32_t period = 1; period < workers; period++) {
    if (workers % period != 0)
      continue;
    int32_t j = period;
    while (j < workers && class_at[j] == class_at[j - period])
      j++;
    if (j == workers)
      return period;
  }
  return workers;
}

/* Multiply-adds of both roads; a dense product runs several times faster an entry than a walk. */
static bool power_is_cheaper(const testudo_i_transfer *transfer)
{
  double block = (double)testudo_i_transfer_block(transfer), z = transfer->failed + 1.0, states = transfer->states;
  double step = 2 * block / states * transfer->row[transfer->states];
  double product = 3 * z * (z + 1) / 2 * states * states * states / (states > 48 ? 4 : 1);
  double squaring = testudo_i_power_steps(transfer->workers / transfer->period) * product;
  return transfer->period * step + squaring < transfer->workers * step;
}

testudo_status testudo_i_transfer_edges(testudo_i_transfer *transfer, testudo_i_arena *arena, testudo_error *error)
{
  size_t states = (size_t)transfer->states;
  transfer->row = testudo_i_arena_alloc(arena, states + 1, sizeof *transfer->row);
  transfer->edge = testudo_i_arena_alloc(arena, states * ((size_t)transfer->load + 1), sizeof *transfer->edge);
  return testudo_i_arena_check(arena, error);
}

testudo_status testudo_i_transfer_init(testudo_i_transfer *transfer, testudo_i_arena *arena, int32_t workers,
                                       int32_t load, int32_t parts, const int32_t *offset, int32_t failed,
                                       int32_t classes, const int32_t *class_at, testudo_error *error)
{
  *transfer = (testudo_i_transfer){.workers = workers, .load = load, .parts = parts, .failed = failed,
                                   .classes = classes, .class_at = class_at, .weights = 2 * (load + 1)};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  TESTUDO_I_TRY(offset == NULL ? testudo_i_transfer_reaches(transfer, arena, &scratch, error)
                               : testudo_i_transfer_counts(transfer, offset, arena, &scratch, error));
  transfer->period = find_period(class_at, workers);
  transfer->by_power = power_is_cheaper(transfer);
  transfer->leading = transfer->period == 1 && workers >= LONG_RING * load && failed < TESTUDO_I_LEADING_POWERS;
  transfer->weight_of = testudo_i_arena_alloc(arena, (size_t)classes, (size_t)transfer->weights * sizeof(double));
  if (transfer->leading)
    transfer->vector =
        testudo_i_arena_alloc(arena, 3 * (size_t)transfer->states * ((size_t)failed + 1), sizeof(double));
  for (size_t k = 0; k < (transfer->by_power ? 8 : 4); k++)
    transfer->work[k] = testudo_i_arena_alloc(arena, testudo_i_transfer_block(transfer), sizeof(double));
  return testudo_i_arena_check(arena, error);
}

size_t testudo_i_transfer_block(const testudo_i_transfer *transfer)
{
  return ((size_t)transfer->failed + 1) * (size_t)transfer->states * (size_t)transfer->states;
}

/* ---- walking round the ring ---- */

TESTUDO_I_CLONES static void add_scaled(double *restrict to, const double *restrict from, double factor, size_t count)
{
  for (size_t k = 0; k < count; k++)
    to[k] += factor * from[k];
}

/* One edge: a living worker keeps the power of z, a failed one (on the edge of least progress only) raises it. */
static void follow(double *to, const double *from, double lives, double fails, size_t states, size_t powers)
{
  if (lives > 0)
    add_scaled(to, from, lives, powers * states);
  if (fails > 0)
    add_scaled(to + states, from, fails, (powers - 1) * states);
}

void testudo_i_transfer_step(const testudo_i_transfer *transfer, const double *weight, double fail,
                             const double *covered, const double *lost, double *next_covered, double *next_lost)
{
  size_t states = (size_t)transfer->states, powers = (size_t)transfer->failed + 1, width = states * powers;
  memset(next_covered, 0, states * width * sizeof(double));
  if (lost != NULL)
    memset(next_lost, 0, states * width * sizeof(double));
  for (size_t s = 0; s < states; s++) {
    for (int32_t e = transfer->row[s]; e < transfer->row[s + 1]; e++) {
      const struct testudo_i_transfer_edge *edge = &transfer->edge[e];
      size_t to = (size_t)edge->to * width;
      double lives = (1 - fail) * weight[edge->weight], fails = e == transfer->row[s] ? fail : 0;
      if (edge->missing == 0)
        follow(next_covered + to, covered + s * width, lives, fails, states, powers);
      if (lost == NULL)
        continue;
      if (edge->missing > 0)
        follow(next_lost + to, covered + s * width, lives, fails, states, powers);
      follow(next_lost + to, lost + s * width, lives, fails, states, powers);
    }
  }
}

void testudo_i_transfer_identity(const testudo_i_transfer *transfer, double *covered)
{
  size_t states = (size_t)transfer->states, width = states * ((size_t)transfer->failed + 1);
  memset(covered, 0, states * width * sizeof *covered);
  for (size_t s = 0; s < states; s++)
    covered[s * width + s] = 1;
}

/* covered (and, unless NULL, lost): the product over ring positions 0..steps-1, entry (from, z, to) at
   (to * (failed+1) + z) * states + from. spare_covered, spare_lost are scratch; the results end in the first two. */
static void walk_ring(const testudo_i_transfer *transfer, int32_t steps, double *covered, double *lost,
                      double *spare_covered, double *spare_lost)
{
  size_t states = (size_t)transfer->states, width = states * ((size_t)transfer->failed + 1);
  size_t bytes = states * width * sizeof(double);
  double *from[2] = {covered, lost}, *to[2] = {spare_covered, spare_lost};
  testudo_i_transfer_identity(transfer, covered);
  if (lost != NULL)
    memset(lost, 0, bytes);
  for (int32_t j = 0; j < steps; j++) {
    const double *weight = transfer->weight_of + (size_t)transfer->class_at[j] * (size_t)transfer->weights;
    double fail = j + 1 == transfer->spared ? 0 : (double)transfer->failed / transfer->workers;
    testudo_i_transfer_step(transfer, weight, fail, from[0], from[1], to[0], to[1]);
    for (int k = 0; k < (lost == NULL ? 1 : 2); k++) {
      double *other = from[k];
      from[k] = to[k];
      to[k] = other;
    }
  }
  if (from[0] != covered) {
    memcpy(covered, from[0], bytes);
    if (lost != NULL)
      memcpy(lost, from[1], bytes);
  }
}

/* ---- evaluation ---- */

void testudo_i_transfer_set_weights(testudo_i_transfer *transfer, const double *q)
{
  int32_t count = transfer->load + 1;
  for (int32_t k = 0; k < transfer->classes; k++) {
    double *weight = transfer->weight_of + (size_t)k * (size_t)transfer->weights, sum = 0;
    for (int32_t c = 0; c < count; c++, q++) {
      sum += *q;
      weight[c] = sum;
      weight[count + c] = *q;
    }
  }
}

/* (to, z, from) to (z, to, from). */
static void by_powers(const testudo_i_transfer *transfer, const double *walked, double *block)
{
  size_t states = (size_t)transfer->states, powers = (size_t)transfer->failed + 1;
  for (size_t z = 0; z < powers; z++)
    for (size_t to = 0; to < states; to++)
      memcpy(block + (z * states + to) * states, walked + (to * powers + z) * states, states * sizeof(double));
}

static void traces(const testudo_i_transfer *transfer, double *covered_trace, double *lost_trace)
{
  double *const *work = transfer->work;
  bool corner = lost_trace != NULL;
  if (transfer->by_power) {
    walk_ring(transfer, transfer->period, work[2], corner ? work[3] : NULL, work[4], work[5]);
    by_powers(transfer, work[2], work[0]);
    if (corner)
      by_powers(transfer, work[3], work[1]);
    testudo_i_power_traces(transfer, transfer->workers / transfer->period, covered_trace, lost_trace);
    return;
  }
  walk_ring(transfer, transfer->workers, work[0], corner ? work[1] : NULL, work[2], work[3]);
  size_t states = (size_t)transfer->states, powers = (size_t)transfer->failed + 1;
  *covered_trace = 0;
  if (corner)
    *lost_trace = 0;
  for (size_t s = 0; s < states; s++) {
    size_t at = (s * powers + powers - 1) * states + s;
    *covered_trace += work[0][at];
    if (corner)
      *lost_trace += work[1][at];
  }
}

/* lost may be NULL. Where the leading eigenvalue gave no answer P(covered) is next to nothing as a rule, and the corner
   is not asked for before that is known. */
static void plain_traces(const testudo_i_transfer *transfer, double mass, double *covered, double *lost)
{
  bool corner = lost != NULL && transfer->states <= 48 && !transfer->leading;
  traces(transfer, covered, corner ? lost : NULL);
  if (lost == NULL || corner)
    return;
  *lost = mass - *covered;
  if (*lost < mass * fmin(1e-2, fmax(1e-4, SMALL_TAIL * transfer->workers)))
    traces(transfer, covered, lost);
}

testudo_status testudo_i_transfer_evaluate(testudo_i_transfer *transfer, const double *q, double *below,
                                           double *above, testudo_error *error)
{
  (void)error;
  double fail = (double)transfer->failed / transfer->workers, covered, lost = 0;
  double mass = exp(testudo_i_log_binomial(transfer->workers - (transfer->spared > 0), transfer->failed, fail));
  testudo_i_transfer_set_weights(transfer, q);
  if (!transfer->leading || transfer->spared > 0 || !testudo_i_leading_traces(transfer, &covered, &lost))
    plain_traces(transfer, mass, &covered, above != NULL ? &lost : NULL);
  *below = fmin(1, covered / mass);
  if (above != NULL)
    *above = fmax(0, fmin(1, lost / mass));
  return TESTUDO_OK;
}
