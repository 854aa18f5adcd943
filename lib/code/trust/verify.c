/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the stored coefficients decode? A proof for all straggler sets would go through all of them; a wrong number leaves
   the rows' common space, so that hardly any set which uses it decodes. Sets whose stragglers are spread evenly are the
   best conditioned ones, where an error of rounding cannot be taken for a wrong number. */
#include <testudo/trust.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "code/trust/rig.h"
#include "runtime/design.h"

/* Arithmetic that the tests of one level may take: about a second. */
#define MOST_STEPS 4e9

/* A right code misses 1 by rounding, some units of eps ||a||. */
#define LEAST_RESIDUAL 1e-7
#define ROUNDINGS 1e3

typedef struct verification {
  const testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  bool *straggles;
  const testudo_monitor *monitor;
  testudo_code_check *found;
} verification;

/* Stragglers about n / s apart, from a worker of the set's own; every second set moves some of them by one. */
static void spread(verification *v, int32_t stragglers, int64_t set, int64_t sets)
{
  int32_t n = v->design->workers;
  int64_t start = set * n / sets;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, (uint64_t)set, 3);
  for (int32_t j = 0; j < n; j++)
    v->straggles[j] = false;
  for (int32_t k = 0; k < stragglers; k++) {
    bool moves = set % 2 == 1 && 3 * (int64_t)stragglers <= n && testudo_i_random_below(&random, 2) == 1;
    v->straggles[(start + (int64_t)k * n / stragglers + moves) % n] = true;
  }
}

/* `done` chunks of everybody else. */
static testudo_status try_set(verification *v, int32_t done, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  double square, amplification;
  testudo_progress_reset(v->progress);
  for (int32_t j = 0; j < v->design->workers && status == TESTUDO_OK; j++)
    if (!v->straggles[j])
      status = testudo_progress_mark(v->progress, j, done, error);
  if (status == TESTUDO_OK)
    status = testudo_decode_error(v->codec, v->progress, &square, error);
  if (status == TESTUDO_OK)
    status = testudo_amplification(v->codec, v->progress, &amplification, NULL, error);
  testudo_code_check *found = v->found;
  if (status == TESTUDO_UNDECODABLE) { /* no vector at all: the least squares does not converge */
    found->sets++;
    found->refused++;
    return TESTUDO_OK;
  }
  if (status != TESTUDO_OK)
    return status;
  found->sets++;
  if (!(amplification <= TESTUDO_MAX_AMPLIFICATION))
    found->refused++;
  else {
    found->failed += !(sqrt(square) <= fmax(LEAST_RESIDUAL, ROUNDINGS * DBL_EPSILON * amplification));
    found->residual = fmax(found->residual, sqrt(square));
  }
  return TESTUDO_OK;
}

/* As many sets as let every worker be used twice, if that is not too dear. */
static int64_t sets_of(const testudo_design *design, int32_t stragglers)
{
  double n = design->workers, s = stragglers, cyclic = n * (s + 1) + s * s * s;
  bool structured = design->scheme == TESTUDO_SCHEME_NESTED || design->max_load == stragglers + 1;
  double most = MOST_STEPS / (structured ? cyclic : 10 * n * n * n), wanted = fmax(8, 2 * n / (n - s));
  if (stragglers == 0)
    wanted = 1;
  return (int64_t)fmin(wanted, fmax(most, structured ? 2 : 0));
}

static testudo_status try_tolerance(verification *v, int32_t stragglers, int32_t done, testudo_error *error)
{
  int64_t sets = sets_of(v->design, stragglers);
  testudo_status status = TESTUDO_OK;
  /* One set that fails is enough: a wrong code takes the slow road through a dense least squares. */
  for (int64_t set = 0; set < sets && status == TESTUDO_OK && v->found->failed == 0; set++) {
    if (testudo_i_stopped(v->monitor, (double)set / (double)sets))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the test of the coefficients was interrupted");
    spread(v, stragglers, set, sets);
    status = try_set(v, done, error);
  }
  return status;
}

static testudo_status try_all(verification *v, testudo_error *error)
{
  const testudo_design *design = v->design;
  if (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    return try_tolerance(v, design->stragglers, design->max_load, error);
  testudo_status status = TESTUDO_OK;
  for (int32_t level = 0; level < design->family.levels && status == TESTUDO_OK; level++)
    status = try_tolerance(v, design->family.tolerance[level], design->family.tolerance[level] + 1, error);
  return status;
}

testudo_status testudo_code_verify(const testudo_design *design, const testudo_monitor *monitor,
                                   testudo_code_check *check, testudo_error *error)
{
  *check = (testudo_code_check){.sets = 0};
  /* Ones on groups have no other way to be wrong than the reader's. */
  bool coded = (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE && design->groups.groups == 0) ||
               design->scheme == TESTUDO_SCHEME_NESTED;
  if (!coded)
    return TESTUDO_OK;
  verification v = {.design = design, .monitor = monitor, .found = check};
  v.straggles = testudo_i_calloc((size_t)design->workers, sizeof *v.straggles);
  testudo_status status = v.straggles == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = testudo_progress_create(design, &v.progress, error);
  if (status == TESTUDO_OK)
    status = testudo_codec_create(design, &v.codec, error);
  if (status == TESTUDO_OK)
    status = try_all(&v, error);
  else if (status == TESTUDO_ERROR_ARGUMENT)
    status = TESTUDO_OK; /* so large that no decoder is built: nothing can be tested */
  testudo_codec_free(v.codec);
  testudo_progress_free(v.progress);
  free(v.straggles);
  return status;
}
