/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error that stragglers leave: of all sets, or of samples and searches; and its bound. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/approximate.h>

#include "assess/stragglers/adversary.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "code/approximate/spectrum.h"
#include "runtime/design.h"

/* Sets looked at beyond the samples, per sample. */
enum { SEARCHED = 10 };

/* C(n, k), or `most` + 1 where it is over that. */
static double sets_up_to(int32_t n, int32_t k, double most)
{
  double count = 1.0;
  if (k > n - k)
    k = n - k;
  for (int32_t i = 0; i < k; i++) {
    count = count * (n - i) / (i + 1);
    if (count > most)
      return most + 1.0;
  }
  return rint(count);
}

/* ---- all sets ---- */

static testudo_status look_at_all(testudo_i_adversary *adversary, double sets, const testudo_monitor *monitor,
                                  testudo_straggler_error *found, testudo_error *error)
{
  size_t s = (size_t)adversary->stragglers, n = (size_t)adversary->busy;
  testudo_i_sum sum = {0.0, 0.0};
  int32_t *place = testudo_i_arena_alloc(&adversary->arena, s, sizeof *place);
  int32_t *set = testudo_i_arena_alloc(&adversary->arena, s, sizeof *set);
  int32_t *busy = testudo_i_arena_alloc(&adversary->arena, n, sizeof *busy);
  TESTUDO_I_TRY(testudo_i_arena_check(&adversary->arena, error));
  memcpy(busy, adversary->worker, n * sizeof *busy);
  for (size_t k = 0; k < s; k++)
    place[k] = (int32_t)k;
  do {
    double left;
    for (size_t k = 0; k < s; k++)
      set[k] = busy[place[k]];
    testudo_i_adversary_take(adversary, set);
    TESTUDO_I_TRY(testudo_i_adversary_evaluate(adversary, &left, error));
    testudo_i_sum_add(&sum, left);
    if (adversary->visited % 256 == 0 && testudo_i_stopped(monitor, (double)adversary->visited / sets))
      return TESTUDO_INTERRUPTED;
  } while (testudo_i_next_subset(place, (int32_t)s, (int32_t)n));
  found->mean = testudo_i_sum_value(&sum) / sets;
  found->mean_exact = found->worst_exact = true;
  return TESTUDO_OK;
}

/* ---- some sets ---- */

/* Rounding, not an error that is left. */
#define NO_LOSS 1e-9
#define FALSE_ALARM 1e-6

static testudo_status sample_stragglers(testudo_i_adversary *adversary, int64_t samples,
                                        const testudo_monitor *monitor, testudo_straggler_error *found,
                                        testudo_error *error)
{
  double mean = 0.0, square = 0.0, most = 0.0;
  for (int64_t k = 0; k < samples; k++) {
    double left;
    if (k % 64 == 0 && testudo_i_stopped(monitor, 0.1 * (double)k / (double)samples))
      return TESTUDO_INTERRUPTED;
    testudo_i_adversary_draw(adversary);
    TESTUDO_I_TRY(testudo_i_adversary_evaluate(adversary, &left, error));
    double apart = left - mean;
    most = fmax(most, left);
    mean += apart / (double)(k + 1);
    square += apart * (left - mean);
  }
  found->mean = mean;
  found->mean_stderr = sqrt(square / (double)(samples - 1) / (double)samples);
  /* Clopper and Pearson: (1 - p)^samples = 1e-6; no set leaves more than the N that weights of 0 leave. */
  if (most <= NO_LOSS)
    found->mean_upper = NO_LOSS - adversary->design->chunks * expm1(log(FALSE_ALARM) / (double)samples);
  return TESTUDO_OK;
}

static testudo_status search_stragglers(testudo_i_adversary *adversary, int64_t samples,
                                        const testudo_monitor *monitor, testudo_error *error)
{
  enum { STARTS = 3 };
  int64_t allowance = SEARCHED * samples / STARTS;
  testudo_i_adversary_take(adversary, adversary->worst_set);
  TESTUDO_I_TRY(testudo_i_adversary_climb(adversary, allowance, monitor, error));
  testudo_i_adversary_greedy(adversary);
  TESTUDO_I_TRY(testudo_i_adversary_climb(adversary, allowance, monitor, error));
  testudo_i_adversary_uncover(adversary);
  return testudo_i_adversary_climb(adversary, allowance, monitor, error);
}

/* ---- bounds ---- */

/* With u = (m / r) 1_S - 1, a weight vector of sum zero and square m s / r, one-step leaves ||B u||^2. */
static testudo_status bound_one_step(testudo_i_adversary *adversary, double size, const testudo_monitor *monitor,
                                     testudo_straggler_error *found, testudo_error *error)
{
  const testudo_design *design = adversary->design;
  double *scale = testudo_i_arena_alloc(&adversary->arena, (size_t)design->chunks, sizeof *scale);
  testudo_i_stretch stretch;
  TESTUDO_I_TRY(testudo_i_arena_check(&adversary->arena, error));
  for (int32_t i = 0; i < design->chunks; i++)
    scale[i] = 1.0 / testudo_design_replication(design, i);
  TESTUDO_I_TRY(testudo_i_stretch_of(design->workers, design->chunks, design->row, design->order, scale, true,
                                     monitor, &stretch, error));
  found->bound = stretch.upper * stretch.upper * size;
  found->bound_fails = stretch.fails;
  return TESTUDO_OK;
}

/* The least error is at most what the weight w m / r for all of S leaves, ||w A 1 - 1 + w A u||^2, and at most N, which
   is what no weight leaves. */
static testudo_status bound_optimal(const testudo_design *design, double size, const testudo_monitor *monitor,
                                    testudo_straggler_error *found, testudo_error *error)
{
  double sum = 0.0, square = 0.0, rest = 0.0;
  for (int32_t i = 0; i < design->chunks; i++) {
    double d = testudo_design_replication(design, i);
    sum += d;
    square += d * d;
  }
  double w = sum / square;
  for (int32_t i = 0; i < design->chunks; i++) {
    double off = w * testudo_design_replication(design, i) - 1.0;
    rest += off * off;
  }
  testudo_i_stretch stretch;
  TESTUDO_I_TRY(testudo_i_stretch_of(design->workers, design->chunks, design->row, design->order, NULL, true, monitor,
                                     &stretch, error));
  double norm = sqrt(rest) + w * stretch.upper * sqrt(size);
  found->bound = fmin(norm * norm, design->chunks);
  found->bound_fails = norm * norm < design->chunks ? stretch.fails : 0.0;
  return TESTUDO_OK;
}

static testudo_status bound_error(testudo_i_adversary *adversary, testudo_decoder decoder,
                                  const testudo_monitor *monitor, testudo_straggler_error *found, testudo_error *error)
{
  const testudo_design *design = adversary->design;
  double m = adversary->busy, s = adversary->stragglers, r = m - s;
  bool one_step = decoder == TESTUDO_DECODER_ONE_STEP;
  found->bound = r == 0.0 ? design->chunks : 0.0;
  if (r == 0.0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(one_step ? bound_one_step(adversary, m * s / r, monitor, found, error)
                         : bound_optimal(design, m * s / r, monitor, found, error));
  found->bound *= 1.0 + 1e-12; /* rounding of the errors that are compared with it */
  if (!one_step)
    found->bound = fmin(found->bound, design->chunks);
  return TESTUDO_OK;
}

/* Hands over a copy of the worst set. */
static testudo_status conclude_error(const testudo_i_adversary *adversary, testudo_straggler_error *found,
                                     testudo_error *error)
{
  size_t stragglers = (size_t)found->stragglers;
  found->worst = adversary->worst;
  found->visited = adversary->visited;
  found->worst_set = testudo_i_alloc(stragglers, sizeof *found->worst_set);
  TESTUDO_I_TRY(testudo_i_memory_check(found->worst_set != NULL, error));
  memcpy(found->worst_set, adversary->worst_set, stragglers * sizeof *found->worst_set);
  qsort(found->worst_set, stragglers, sizeof *found->worst_set, testudo_i_ascending_int32);
  return TESTUDO_OK;
}

testudo_status testudo_straggler_error_measure(const testudo_design *design, testudo_decoder decoder,
                                               int32_t stragglers, int64_t samples, uint64_t seed,
                                               const testudo_monitor *monitor, testudo_straggler_error *found,
                                               testudo_error *error)
{
  *found = (testudo_straggler_error){.stragglers = stragglers, .mean_upper = NAN};
  if (samples < 2)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "samples: %lld, but at least 2 are needed",
                          (long long)samples);
  TESTUDO_I_HELD(testudo_i_adversary_clear) testudo_i_adversary adversary = {0};
  double aligned;
  TESTUDO_I_TRY(testudo_i_adversary_make(&adversary, design, decoder, stragglers, seed, error));
  double sets = sets_up_to(adversary.busy, stragglers, SEARCHED * (double)samples);
  if (sets <= SEARCHED * (double)samples)
    TESTUDO_I_TRY(look_at_all(&adversary, sets, monitor, found, error));
  else {
    TESTUDO_I_TRY(sample_stragglers(&adversary, samples, monitor, found, error));
    TESTUDO_I_TRY(search_stragglers(&adversary, samples, monitor, error));
  }
  TESTUDO_I_TRY(bound_error(&adversary, decoder, monitor, found, error));
  if (decoder == TESTUDO_DECODER_ONE_STEP) {
    TESTUDO_I_TRY(testudo_one_step_error(design, stragglers, &found->mean, &aligned, error));
    found->mean_exact = true;
    found->mean_stderr = 0.0;
    found->mean_upper = NAN;
  }
  return conclude_error(&adversary, found, error);
}
