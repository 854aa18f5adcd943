/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amplification over sampled progress vectors, and a local search for worse straggler sets. */
#include "assess/trust/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/arena.h"
#include "base/order.h"
#include "base/random.h"
#include "assess/trust/holders.h"
#include "assess/trust/probe.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

enum { SEARCH_PER_SAMPLE = 4 };

typedef struct survey {
  testudo_i_probe probe;
  testudo_trust *trust;
  const testudo_monitor *monitor;
  uint64_t seed;
  double *amplification, *magnification, *condition; /* by sample */
  int64_t conditions; /* by stragglers: samples whose rows' condition is measured */
  int32_t *first; /* by stragglers: the set looked at, where all are */
  int32_t *worst; /* by stragglers: the set of amplification_found, then a permutation of the others */
} survey;

static bool coded(const survey *s)
{
  return s->probe.by_stragglers;
}

/* Answers whether this is the worst so far. */
static bool take_numbers(survey *s, const testudo_i_probe_numbers *numbers)
{
  testudo_trust *trust = s->trust;
  trust->magnification_found = fmax(trust->magnification_found, numbers->magnification);
  trust->condition_found = fmax(trust->condition_found, numbers->condition);
  if (!(numbers->amplification > trust->amplification_found))
    return false;
  trust->amplification_found = numbers->amplification;
  if (coded(s))
    memcpy(s->worst, s->probe.token, (size_t)s->probe.trip.design->workers * sizeof *s->worst);
  return true;
}

static testudo_status decode_sample(survey *s, testudo_error *error)
{
  double in_double, in_float;
  testudo_status status = testudo_i_probe_decode(&s->probe, &in_double, &in_float, error);
  if (status == TESTUDO_UNDECODABLE) {
    s->trust->refused++;
    return TESTUDO_OK;
  }
  s->trust->error_double = fmax(s->trust->error_double, in_double);
  s->trust->error_float = fmax(s->trust->error_float, in_float);
  return status;
}

/* The sets of stragglers in their order; false after the last. token: those first, then all others. */
static bool next_stragglers(survey *s)
{
  int32_t n = s->probe.trip.design->workers, stragglers = s->probe.stragglers, rest = stragglers;
  if (!testudo_i_next_subset(s->first, stragglers, n))
    return false;
  for (int32_t j = 0, taken = 0; j < n; j++)
    if (taken < stragglers && s->first[taken] == j)
      s->probe.token[taken++] = j;
    else
      s->probe.token[rest++] = j;
  return true;
}

/* Sample k: where all sets are looked at, the k-th of them. */
static testudo_status take_sample(survey *s, int64_t k, testudo_error *error)
{
  if (!s->trust->exhaustive)
    return testudo_i_probe_sample(&s->probe, s->seed, k, error);
  int32_t n = s->probe.trip.design->workers;
  for (int32_t j = 0; k == 0 && j < n; j++)
    s->probe.token[j] = s->first[j] = j;
  if (k > 0)
    next_stragglers(s);
  return testudo_i_probe_straggle(&s->probe, error);
}

static testudo_status sample_all(survey *s, testudo_error *error)
{
  int64_t samples = s->trust->samples;
  for (int64_t k = 0; k < samples; k++) {
    testudo_i_probe_numbers numbers;
    if (k % 16 == 0 && testudo_i_stopped(s->monitor, 0.5 * (double)k / (double)samples))
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(take_sample(s, k, error));
    TESTUDO_I_TRY(testudo_i_probe_look(&s->probe, &numbers, error));
    if (s->probe.trip.gradient != NULL)
      TESTUDO_I_TRY(decode_sample(s, error));
    s->amplification[k] = numbers.amplification;
    s->magnification[k] = numbers.magnification;
    if (k < s->conditions)
      TESTUDO_I_TRY(testudo_i_probe_condition(&s->probe, &numbers.condition, error));
    s->condition[k] = numbers.condition;
    take_numbers(s, &numbers);
  }
  return TESTUDO_OK;
}

/* ---- search ---- */

/* Exchanges a straggler with a worker that has finished; half the time with a neighbour of another straggler, because
   stragglers that stand together are the ones a cyclic code likes least. Answers where the two stand in token. */
static void propose_exchange(survey *s, testudo_i_random *random, int32_t at[2])
{
  int32_t n = s->probe.trip.design->workers, stragglers = s->probe.stragglers, *token = s->probe.token;
  at[0] = (int32_t)testudo_i_random_below(random, (uint64_t)stragglers);
  at[1] = stragglers + (int32_t)testudo_i_random_below(random, (uint64_t)(n - stragglers));
  if (testudo_i_random_below(random, 2) == 0)
    return;
  int32_t other = token[testudo_i_random_below(random, (uint64_t)stragglers)];
  int32_t wanted = (other + (testudo_i_random_below(random, 2) == 0 ? 1 : n - 1)) % n;
  for (int32_t k = stragglers; k < n; k++)
    if (token[k] == wanted)
      at[1] = k;
}

/* Climbs from the set in token. */
static testudo_status climb_stragglers(survey *s, uint64_t start, int64_t steps, testudo_error *error)
{
  testudo_i_random random;
  testudo_i_random_start(&random, s->seed, TESTUDO_I_FOR_SEARCH, start, 1);
  double current = 0.0;
  for (int64_t step = 0; step < steps; step++) {
    testudo_i_probe_numbers numbers;
    int32_t at[2] = {0, 0};
    if (step % 16 == 0 &&
        testudo_i_stopped(s->monitor, 0.5 + 0.25 * (double)start + 0.25 * (double)step / (double)steps))
      return TESTUDO_INTERRUPTED;
    if (step > 0)
      propose_exchange(s, &random, at);
    testudo_i_swap(&s->probe.token[at[0]], &s->probe.token[at[1]]);
    TESTUDO_I_TRY(testudo_i_probe_straggle(&s->probe, error));
    TESTUDO_I_TRY(testudo_i_probe_look(&s->probe, &numbers, error));
    s->trust->visited++;
    take_numbers(s, &numbers);
    if (numbers.amplification >= current)
      current = numbers.amplification;
    else
      testudo_i_swap(&s->probe.token[at[0]], &s->probe.token[at[1]]);
  }
  return TESTUDO_OK;
}

static void take_holders(void *context, const testudo_i_probe_numbers *numbers)
{
  take_numbers(context, numbers);
}

static bool stopped_holders(void *context, double fraction)
{
  const survey *s = context;
  return testudo_i_stopped(s->monitor, 0.5 + 0.5 * fraction);
}

/* With one part every set of holders has amplification 1. */
static testudo_status search_holders(survey *s, testudo_error *error)
{
  testudo_i_trust_visitor visitor = {take_holders, stopped_holders, s};
  if (s->probe.trip.design->parts == 1)
    return TESTUDO_OK;
  return testudo_i_trust_holders(&s->probe, s->seed, s->trust->samples * SEARCH_PER_SAMPLE, &visitor,
                                 &s->trust->visited, &s->trust->exhaustive, error);
}

static testudo_status search_worst(survey *s, testudo_error *error)
{
  if (!coded(s))
    return search_holders(s, error);
  int32_t n = s->probe.trip.design->workers, stragglers = s->probe.stragglers;
  if (stragglers == 0 || stragglers == n)
    return TESTUDO_OK;
  if (s->trust->exhaustive) {
    s->trust->visited = s->trust->samples;
    return TESTUDO_OK;
  }
  int64_t steps = s->trust->samples * SEARCH_PER_SAMPLE / 2;
  memcpy(s->probe.token, s->worst, (size_t)n * sizeof *s->worst);
  TESTUDO_I_TRY(climb_stragglers(s, 0, steps, error));
  for (int32_t j = 0; j < n; j++)
    s->probe.token[j] = j;
  return climb_stragglers(s, 1, steps, error);
}

/* ---- the whole ---- */

/* The least value that at least the share q of the samples do not exceed. */
static double quantile(const double *sorted, int64_t count, double q)
{
  int64_t rank = (int64_t)ceil(q * (double)count);
  return sorted[rank < 1 ? 0 : rank - 1];
}

static void summarise_survey(survey *s)
{
  testudo_trust *trust = s->trust;
  size_t count = (size_t)trust->samples;
  qsort(s->amplification, count, sizeof *s->amplification, testudo_i_ascending_reals);
  qsort(s->magnification, count, sizeof *s->magnification, testudo_i_ascending_reals);
  trust->amplification_median = quantile(s->amplification, trust->samples, 0.5);
  trust->amplification_p99 = quantile(s->amplification, trust->samples, 0.99);
  trust->amplification_sampled = s->amplification[count - 1];
  trust->magnification_median = quantile(s->magnification, trust->samples, 0.5);
  trust->magnification_sampled = s->magnification[count - 1];
  trust->condition_samples = coded(s) ? s->conditions : trust->samples;
  if (trust->condition_samples == 0) {
    trust->condition_p99 = trust->condition_sampled = trust->condition_found = NAN;
    return;
  }
  qsort(s->condition, (size_t)trust->condition_samples, sizeof *s->condition, testudo_i_ascending_reals);
  trust->condition_p99 = quantile(s->condition, trust->condition_samples, 0.99);
  trust->condition_sampled = s->condition[trust->condition_samples - 1];
}

/* Errors at the worst set. Of partial the worst set of a chunk's holders need not decode the others. */
static testudo_status decode_worst(survey *s, testudo_error *error)
{
  testudo_trust *trust = s->trust;
  trust->error_double_found = trust->error_double;
  trust->error_float_found = trust->error_float;
  if (!coded(s) || s->probe.trip.gradient == NULL)
    return TESTUDO_OK;
  memcpy(s->probe.token, s->worst, (size_t)s->probe.trip.design->workers * sizeof *s->worst);
  TESTUDO_I_TRY(testudo_i_probe_straggle(&s->probe, error));
  if (s->conditions > 0) {
    double condition;
    TESTUDO_I_TRY(testudo_i_probe_condition(&s->probe, &condition, error));
    trust->condition_found = fmax(trust->condition_found, condition);
  }
  testudo_status status =
      testudo_i_probe_decode(&s->probe, &trust->error_double_found, &trust->error_float_found, error);
  if (status == TESTUDO_UNDECODABLE)
    trust->error_double_found = trust->error_float_found = NAN;
  return status == TESTUDO_UNDECODABLE ? TESTUDO_OK : status;
}

static testudo_status check_scheme(const testudo_design *design, testudo_error *error)
{
  const testudo_i_scheme *scheme = design->scheme;
  int32_t levels;
  testudo_design_tolerances(design, &levels);
  if (levels > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s has a code for every tolerance: they are measured one by one", scheme->name);
  if (scheme->codec->amplification == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "amplification is defined only for schemes gradient-code and partial, not for %s",
                          scheme->name);
  return TESTUDO_OK;
}

static void close_survey(survey *s)
{
  testudo_i_probe_close(&s->probe);
}

testudo_status testudo_i_trust_survey(const testudo_design *design, int64_t samples, uint64_t seed, bool decodes,
                                      const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  TESTUDO_I_HELD(close_survey) survey s = {.trust = trust, .monitor = monitor, .seed = seed};
  *trust = (testudo_trust){.samples = samples};
  TESTUDO_I_TRY(check_scheme(design, error));
  if (samples < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "samples: %lld, but at least 1 is needed", (long long)samples);
  TESTUDO_I_TRY(testudo_i_probe_open(&s.probe, design, decodes, seed, error));
  testudo_i_arena *arena = &s.probe.arena;
  double sets = coded(&s) ? testudo_i_subsets(design->workers, s.probe.stragglers) : HUGE_VAL;
  if (sets <= (double)samples) {
    trust->exhaustive = true;
    trust->samples = samples = (int64_t)sets;
  }
  s.amplification = testudo_i_arena_alloc(arena, (size_t)samples, sizeof *s.amplification);
  s.magnification = testudo_i_arena_alloc(arena, (size_t)samples, sizeof *s.magnification);
  s.condition = testudo_i_arena_alloc(arena, (size_t)samples, sizeof *s.condition);
  s.first = testudo_i_arena_alloc(arena, (size_t)design->workers, sizeof *s.first);
  s.worst = testudo_i_arena_alloc(arena, (size_t)design->workers, sizeof *s.worst);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  /* Where no sample loses anything there is no worst one: any will do. */
  for (int32_t j = 0; j < design->workers; j++)
    s.worst[j] = j;
  s.conditions = decodes ? testudo_i_probe_conditions(design, samples) : 0;
  TESTUDO_I_TRY(sample_all(&s, error));
  TESTUDO_I_TRY(search_worst(&s, error));
  TESTUDO_I_TRY(decode_worst(&s, error));
  summarise_survey(&s);
  return TESTUDO_OK;
}

testudo_status testudo_trust_measure(const testudo_design *design, int64_t samples, uint64_t seed,
                                     const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  return testudo_i_trust_survey(design, samples, seed, true, monitor, trust, error);
}
