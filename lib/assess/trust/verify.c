/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the stored coefficients decode? A proof for all straggler sets would go through all of them; a wrong number leaves
   the rows' common space, so that hardly any set which uses it decodes. Sets whose stragglers are spread evenly are the
   best conditioned ones, where an error of rounding cannot be taken for a wrong number. */
#include <testudo/trust.h>

#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "assess/round_trip.h"
#include "assess/trust/holders.h"
#include "assess/trust/own_code.h"
#include "runtime/completion.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* A right code misses 1 by rounding, some units of eps ||a||. */
#define LEAST_RESIDUAL 1e-7
#define ROUNDINGS 1e3

typedef struct verification {
  const testudo_design *design;
  testudo_i_round_trip trip;
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

/* `done` chunks of everybody else, or all that there are. */
static testudo_status try_set(verification *v, int32_t done, testudo_error *error)
{
  double square, amplification;
  testudo_progress_reset(v->trip.progress);
  for (int32_t j = 0; j < v->design->workers; j++) {
    int32_t steps = testudo_design_steps(v->design, j);
    if (!v->straggles[j])
      TESTUDO_I_TRY(testudo_progress_mark(v->trip.progress, j, done < steps ? done : steps, error));
  }
  testudo_code_check *found = v->found;
  testudo_status status = testudo_decode_error(v->trip.codec, v->trip.progress, &square, error);
  if (status == TESTUDO_OK)
    status = testudo_amplification(v->trip.codec, v->trip.progress, &amplification, NULL, error);
  if (status == TESTUDO_UNDECODABLE) { /* no vector at all: the least squares does not converge */
    found->sets++;
    found->refused++;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(status);
  found->sets++;
  if (!(amplification <= TESTUDO_MAX_AMPLIFICATION))
    found->refused++;
  else {
    found->failed += !(sqrt(square) <= fmax(LEAST_RESIDUAL, ROUNDINGS * DBL_EPSILON * amplification));
    found->residual = fmax(found->residual, sqrt(square));
  }
  return TESTUDO_OK;
}

/* Codes on prefixes of the cyclic order have the cyclic structure at every tolerance. */
static bool structured_family(const testudo_design *design)
{
  int32_t levels;
  return testudo_design_tolerances(design, &levels) != NULL;
}

/* As many sets as let every worker be used twice, if that is not too dear. */
static int64_t sets_of(const testudo_design *design, int32_t stragglers)
{
  double n = design->workers, s = stragglers, cyclic = n * (s + 1) + s * s * s;
  bool structured = structured_family(design) || design->max_load == stragglers + 1;
  double most = TESTUDO_I_LIMIT_TRUST_STEPS / (structured ? cyclic : 10 * n * n * n), wanted = fmax(8, 2 * n / (n - s));
  if (stragglers == 0)
    wanted = 1;
  return (int64_t)fmin(wanted, fmax(most, structured ? 2 : n <= 1000 ? 1 : 0));
}

static testudo_status try_tolerance(verification *v, int32_t stragglers, int32_t done, testudo_error *error)
{
  int64_t sets = sets_of(v->design, stragglers);
  /* One set that fails is enough: a wrong code takes the slow road through a dense least squares. */
  for (int64_t set = 0; set < sets && v->found->failed == 0; set++) {
    if (testudo_i_stopped(v->monitor, (double)set / (double)sets))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the test of the coefficients was interrupted");
    spread(v, stragglers, set, sets);
    TESTUDO_I_TRY(try_set(v, done, error));
  }
  return TESTUDO_OK;
}

/* Every row of the rule: so many workers with so many steps. */
static testudo_status verify_rule(verification *v, const testudo_i_rule *rule, testudo_error *error)
{
  v->straggles = testudo_i_arena_calloc(&v->trip.arena, (size_t)v->design->workers, sizeof *v->straggles);
  TESTUDO_I_TRY(testudo_i_arena_check(&v->trip.arena, error));
  for (int32_t r = 0; r < rule->rows; r++) {
    int32_t done = rule->step_of_row != NULL ? rule->step_of_row[r] : v->design->max_load;
    TESTUDO_I_TRY(try_tolerance(v, rule->workers - testudo_i_rule_need(rule, r), done, error));
  }
  return TESTUDO_OK;
}

static void close_verification(verification *v)
{
  testudo_i_round_trip_close(&v->trip);
}

testudo_status testudo_code_verify(const testudo_design *design, const testudo_monitor *monitor,
                                   testudo_code_check *check, testudo_error *error)
{
  *check = (testudo_code_check){.sets = 0};
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule rule = {0};
  TESTUDO_I_HELD(close_verification) verification v = {.design = design, .monitor = monitor, .found = check};
  if (testudo_i_is_own_code(design))
    return testudo_i_verify_own_code(design, monitor, check, error);
  if (testudo_design_matrix(design) != NULL && design->parts > 1)
    return testudo_i_verify_holders(design, monitor, check, error);
  TESTUDO_I_TRY(testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &rule, error));
  /* Codes that decode from any so many workers. Ones on groups have no other way to be wrong than the reader's. */
  bool any_workers = rule.join == TESTUDO_I_ANY || (rule.rows == 1 && rule.start == NULL && rule.whole);
  if (!any_workers || design->scheme->codec->amplification == NULL)
    return TESTUDO_OK;
  testudo_status status = testudo_i_round_trip_open(&v.trip, design, TESTUDO_DECODER_EXACT, 0, false, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return TESTUDO_OK; /* so large that no decoder is made: nothing can be tested */
  return status == TESTUDO_OK ? verify_rule(&v, &rule, error) : status;
}
