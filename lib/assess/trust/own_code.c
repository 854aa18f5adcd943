/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sets of stragglers where they are few enough, random ones otherwise, each decoded by the runtime's decoder and
   compared with the sum. */
#include "assess/trust/own_code.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess/round_trip.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "base/random.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* Numbers of a gradient: a sum that happens to be small is then all but excluded. */
enum { LENGTH = 4 };

bool testudo_i_is_own_code(const testudo_design *design)
{
  return testudo_i_construction_of(design) == TESTUDO_I_OWN_CONSTRUCTION;
}

typedef struct own_test {
  const testudo_design *design;
  testudo_i_round_trip trip;
  int32_t *straggler;  /* those of a set, ascending where all are gone through, then, where sampled, the others */
  int32_t stragglers;
  testudo_code_check *found;
} own_test;

/* Numbers of the first set that is no good; the first `stragglers` places. */
static void name_set(own_test *test)
{
  char *text = test->found->first;
  size_t room = sizeof test->found->first, length = 0;
  if (*text != '\0')
    return;
  if (test->stragglers == 0)
    snprintf(text, room, "none");
  for (int32_t k = 0; k < test->stragglers && length + 16 < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s%d", k == 0 ? "" : ", ", (int)test->straggler[k]);
  if (length + 16 >= room)
    snprintf(text + length, room - length, ", ..");
}

static testudo_status mark_set(own_test *test, testudo_error *error)
{
  testudo_progress *progress = test->trip.progress;
  testudo_progress_reset(progress);
  for (int32_t j = 0; j < test->design->workers; j++) {
    int32_t k = 0;
    while (k < test->stragglers && test->straggler[k] != j)
      k++;
    if (k == test->stragglers)
      TESTUDO_I_TRY(testudo_progress_mark(progress, j, testudo_design_load(test->design, j), error));
  }
  return TESTUDO_OK;
}

static testudo_status try_own_set(own_test *test, testudo_error *error)
{
  testudo_code_check *found = test->found;
  double square, amplification, relative = 0.0;
  TESTUDO_I_TRY(mark_set(test, error));
  found->sets++;
  testudo_status status = testudo_i_round_trip_double(&test->trip, &relative, error);
  if (status != TESTUDO_OK && status != TESTUDO_UNDECODABLE)
    return status;
  TESTUDO_I_TRY(testudo_decode_error(test->trip.codec, test->trip.progress, &square, error));
  TESTUDO_I_TRY(testudo_amplification(test->trip.codec, test->trip.progress, &amplification, NULL, error));
  bool refused = status == TESTUDO_UNDECODABLE && !(amplification <= TESTUDO_MAX_AMPLIFICATION);
  double allowed = fmax(1e-9, 100 * DBL_EPSILON * amplification);
  bool failed = !refused && (status == TESTUDO_UNDECODABLE || !(relative <= allowed));
  found->refused += refused;
  found->failed += failed;
  if (!refused)
    found->residual = fmax(found->residual, sqrt(square));
  if (refused || failed)
    name_set(test);
  return TESTUDO_OK;
}

static testudo_status try_sets(own_test *test, int64_t sets, const testudo_monitor *monitor, testudo_error *error)
{
  int32_t n = test->design->workers;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, 0, 4);
  for (int32_t j = 0; j < n; j++)
    test->straggler[j] = j;
  for (int64_t set = 0; set < sets && test->found->failed == 0; set++) {
    if (set % 16 == 0 && testudo_i_stopped(monitor, (double)set / (double)sets))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the test of the coefficients was interrupted");
    if (!test->found->exhaustive)
      testudo_i_random_shuffle(&random, test->straggler, (size_t)n);
    TESTUDO_I_TRY(try_own_set(test, error));
    if (test->found->exhaustive && !testudo_i_next_subset(test->straggler, test->stragglers, n))
      break;
  }
  return TESTUDO_OK;
}

static void close_test(own_test *test)
{
  testudo_i_round_trip_close(&test->trip);
}

testudo_status testudo_i_verify_own_code(const testudo_design *design, const testudo_monitor *monitor,
                                         testudo_code_check *check, testudo_error *error)
{
  TESTUDO_I_HELD(close_test) own_test test = {.design = design, .stragglers = testudo_design_stragglers(design),
                                              .found = check};
  testudo_status status =
      testudo_i_round_trip_open(&test.trip, design, TESTUDO_DECODER_EXACT, LENGTH, false, error);
  if (status != TESTUDO_OK)
    return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : status; /* so large that no decoder is made */
  testudo_i_round_trip_draw(&test.trip, 1, 0);
  double n = design->workers, steps = 10 * design->chunks * n * n;
  double most = fmax(TESTUDO_I_LIMIT_CODE_SETS_LEAST, TESTUDO_I_LIMIT_TRUST_STEPS / steps);
  most = fmin(TESTUDO_I_LIMIT_CODE_SETS, most);
  check->possible = testudo_i_subsets(design->workers, test.stragglers);
  check->exhaustive = check->possible <= most;
  test.straggler = testudo_i_arena_alloc(&test.trip.arena, (size_t)design->workers, sizeof *test.straggler);
  TESTUDO_I_TRY(testudo_i_arena_check(&test.trip.arena, error));
  TESTUDO_I_TRY(try_sets(&test, (int64_t)fmin(most, check->possible), monitor, error));
  check->exhaustive = check->exhaustive && (double)check->sets == check->possible;
  return TESTUDO_OK;
}
