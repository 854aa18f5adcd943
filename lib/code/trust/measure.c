/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amplification over sampled progress vectors, and a local search for worse straggler sets. */
#include "code/trust/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "code/trust/condition.h"
#include "code/trust/holders.h"
#include "code/trust/rig.h"
#include "runtime/design.h"

enum { SEARCH_PER_SAMPLE = 4 };

typedef struct survey {
  testudo_i_trust_rig rig;
  testudo_trust *trust;
  const testudo_monitor *monitor;
  uint64_t seed;
  double *amplification, *magnification, *condition; /* by sample */
  int64_t conditions; /* gradient-code: samples whose rows' condition is measured */
  int32_t *worst; /* gradient-code: the set of amplification_found, then a permutation of the others */
} survey;

static bool stopped(const survey *s, double fraction)
{
  return s->monitor != NULL && !s->monitor->step(s->monitor->context, fraction);
}

static bool coded(const survey *s)
{
  return s->rig.design->scheme == TESTUDO_SCHEME_GRADIENT_CODE;
}

/* Answers whether this is the worst so far. */
static bool take(survey *s, const testudo_i_trust_numbers *numbers)
{
  testudo_trust *trust = s->trust;
  trust->magnification_found = fmax(trust->magnification_found, numbers->magnification);
  trust->condition_found = fmax(trust->condition_found, numbers->condition);
  if (!(numbers->amplification > trust->amplification_found))
    return false;
  trust->amplification_found = numbers->amplification;
  if (coded(s))
    memcpy(s->worst, s->rig.token, (size_t)s->rig.design->workers * sizeof *s->worst);
  return true;
}

static testudo_status decode_sample(survey *s, testudo_error *error)
{
  double in_double, in_float;
  testudo_status status = testudo_i_trust_decode(&s->rig, &in_double, &in_float, error);
  if (status == TESTUDO_UNDECODABLE) {
    s->trust->refused++;
    return TESTUDO_OK;
  }
  s->trust->error_double = fmax(s->trust->error_double, in_double);
  s->trust->error_float = fmax(s->trust->error_float, in_float);
  return status;
}

static testudo_status sample_all(survey *s, testudo_error *error)
{
  int64_t samples = s->trust->samples;
  for (int64_t k = 0; k < samples; k++) {
    testudo_i_trust_numbers numbers;
    if (k % 16 == 0 && stopped(s, 0.5 * (double)k / (double)samples))
      return TESTUDO_INTERRUPTED;
    testudo_status status = testudo_i_trust_sample(&s->rig, s->seed, k, error);
    if (status == TESTUDO_OK)
      status = testudo_i_trust_look(&s->rig, &numbers, error);
    if (status == TESTUDO_OK && s->rig.gradient != NULL)
      status = decode_sample(s, error);
    if (status != TESTUDO_OK)
      return status;
    s->amplification[k] = numbers.amplification;
    s->magnification[k] = numbers.magnification;
    if (k < s->conditions)
      status = testudo_i_trust_condition(&s->rig, &numbers.condition, error);
    if (status != TESTUDO_OK)
      return status;
    s->condition[k] = numbers.condition;
    take(s, &numbers);
  }
  return TESTUDO_OK;
}

/* ---- search ---- */

/* Exchanges a straggler with a worker that has finished; half the time with a neighbour of another straggler, because
   stragglers that stand together are the ones a cyclic code likes least. Answers where the two stand in token. */
static void propose(survey *s, testudo_i_random *random, int32_t at[2])
{
  int32_t n = s->rig.design->workers, stragglers = s->rig.design->stragglers, *token = s->rig.token;
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

static void exchange(int32_t *token, const int32_t at[2])
{
  int32_t t = token[at[0]];
  token[at[0]] = token[at[1]];
  token[at[1]] = t;
}

/* Climbs from the set in token. */
static testudo_status climb(survey *s, uint64_t start, int64_t steps, testudo_error *error)
{
  testudo_i_random random;
  testudo_i_random_start(&random, s->seed, TESTUDO_I_FOR_SEARCH, start, 1);
  double current = 0.0;
  for (int64_t step = 0; step < steps; step++) {
    testudo_i_trust_numbers numbers;
    int32_t at[2] = {0, 0};
    if (step % 16 == 0 && stopped(s, 0.5 + 0.25 * (double)start + 0.25 * (double)step / (double)steps))
      return TESTUDO_INTERRUPTED;
    if (step > 0)
      propose(s, &random, at);
    exchange(s->rig.token, at);
    testudo_status status = testudo_i_trust_straggle(&s->rig, error);
    if (status == TESTUDO_OK)
      status = testudo_i_trust_look(&s->rig, &numbers, error);
    if (status != TESTUDO_OK)
      return status;
    s->trust->visited++;
    take(s, &numbers);
    if (numbers.amplification >= current)
      current = numbers.amplification;
    else
      exchange(s->rig.token, at);
  }
  return TESTUDO_OK;
}

static void take_holders(void *context, const testudo_i_trust_numbers *numbers)
{
  take(context, numbers);
}

static bool stopped_holders(void *context, double fraction)
{
  return stopped(context, 0.5 + 0.5 * fraction);
}

/* With one part every set of holders has amplification 1. */
static testudo_status search_holders(survey *s, testudo_error *error)
{
  testudo_i_trust_visitor visitor = {take_holders, stopped_holders, s};
  if (s->rig.design->parts == 1)
    return TESTUDO_OK;
  return testudo_i_trust_holders(&s->rig, s->seed, s->trust->samples * SEARCH_PER_SAMPLE, &visitor, &s->trust->visited,
                                 &s->trust->exhaustive, error);
}

static testudo_status search(survey *s, testudo_error *error)
{
  if (!coded(s))
    return search_holders(s, error);
  int32_t n = s->rig.design->workers, stragglers = s->rig.design->stragglers;
  if (stragglers == 0 || stragglers == n)
    return TESTUDO_OK;
  int64_t steps = s->trust->samples * SEARCH_PER_SAMPLE / 2;
  memcpy(s->rig.token, s->worst, (size_t)n * sizeof *s->worst);
  testudo_status status = climb(s, 0, steps, error);
  if (status != TESTUDO_OK)
    return status;
  for (int32_t j = 0; j < n; j++)
    s->rig.token[j] = j;
  return climb(s, 1, steps, error);
}

/* ---- the whole ---- */

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The least value that at least the share q of the samples do not exceed. */
static double quantile(const double *sorted, int64_t count, double q)
{
  int64_t rank = (int64_t)ceil(q * (double)count);
  return sorted[rank < 1 ? 0 : rank - 1];
}

static void summarise(survey *s)
{
  testudo_trust *trust = s->trust;
  size_t count = (size_t)trust->samples;
  qsort(s->amplification, count, sizeof *s->amplification, by_value);
  qsort(s->magnification, count, sizeof *s->magnification, by_value);
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
  qsort(s->condition, (size_t)trust->condition_samples, sizeof *s->condition, by_value);
  trust->condition_p99 = quantile(s->condition, trust->condition_samples, 0.99);
  trust->condition_sampled = s->condition[trust->condition_samples - 1];
}

/* Errors at the worst set. Of partial the worst set of a chunk's holders need not decode the others. */
static testudo_status decode_worst(survey *s, testudo_error *error)
{
  testudo_trust *trust = s->trust;
  trust->error_double_found = trust->error_double;
  trust->error_float_found = trust->error_float;
  if (!coded(s) || s->rig.gradient == NULL)
    return TESTUDO_OK;
  memcpy(s->rig.token, s->worst, (size_t)s->rig.design->workers * sizeof *s->worst);
  testudo_status status = testudo_i_trust_straggle(&s->rig, error);
  if (status == TESTUDO_OK && s->conditions > 0) {
    double condition;
    status = testudo_i_trust_condition(&s->rig, &condition, error);
    trust->condition_found = status == TESTUDO_OK ? fmax(trust->condition_found, condition) : NAN;
  }
  if (status == TESTUDO_OK)
    status = testudo_i_trust_decode(&s->rig, &trust->error_double_found, &trust->error_float_found, error);
  if (status == TESTUDO_UNDECODABLE)
    trust->error_double_found = trust->error_float_found = NAN;
  return status == TESTUDO_UNDECODABLE ? TESTUDO_OK : status;
}

testudo_status testudo_i_trust_survey(const testudo_design *design, int64_t samples, uint64_t seed, bool decodes,
                                      const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  survey s = {.trust = trust, .monitor = monitor, .seed = seed};
  *trust = (testudo_trust){.samples = samples};
  if (design->family.levels > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s has a code for every tolerance: they are measured one by one",
                          testudo_scheme_name(design->scheme));
  if (design->scheme != TESTUDO_SCHEME_GRADIENT_CODE && design->scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s multiplies by nothing; amplification is measured of gradient-code and partial",
                          testudo_scheme_name(design->scheme));
  if (samples < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "samples: %lld, but at least 1 is needed", (long long)samples);
  testudo_status status = testudo_i_trust_rig_open(&s.rig, design, decodes, seed, error);
  if (status != TESTUDO_OK)
    return status;
  s.amplification = testudo_i_alloc((size_t)samples, sizeof *s.amplification);
  s.magnification = testudo_i_alloc((size_t)samples, sizeof *s.magnification);
  s.condition = testudo_i_alloc((size_t)samples, sizeof *s.condition);
  s.conditions = decodes ? testudo_i_trust_conditions(design, samples) : 0;
  s.worst = testudo_i_alloc((size_t)design->workers, sizeof *s.worst);
  if (s.amplification == NULL || s.magnification == NULL || s.condition == NULL || s.worst == NULL)
    status = testudo_i_fail_memory(error);
  if (status == TESTUDO_OK)
    status = sample_all(&s, error);
  if (status == TESTUDO_OK)
    status = search(&s, error);
  if (status == TESTUDO_OK)
    status = decode_worst(&s, error);
  if (status == TESTUDO_OK)
    summarise(&s);
  free(s.amplification);
  free(s.magnification);
  free(s.condition);
  free(s.worst);
  testudo_i_trust_rig_close(&s.rig);
  return status;
}

testudo_status testudo_trust_measure(const testudo_design *design, int64_t samples, uint64_t seed,
                                     const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  return testudo_i_trust_survey(design, samples, seed, true, monitor, trust, error);
}
