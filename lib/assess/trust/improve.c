/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of many random codes. */
#include <testudo/trust.h>

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "code/making/making.h"
#include "assess/trust/measure.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

typedef struct improving {
  testudo_design *design;
  uint64_t seed;
  double seconds, began;
  int64_t tries;
  const testudo_monitor *monitor;
  testudo_improvement *found;
  const testudo_i_making *making;
  double *numbers; /* of the design: its coefficients or its R */
  double *best;
  size_t count;
} improving;

static double fraction_of(const improving *h)
{
  double by_tries = h->tries > 0 ? (double)h->found->tries / (double)h->tries : 0.0;
  double by_time = h->seconds > 0.0 ? (testudo_i_seconds_now() - h->began) / h->seconds : 0.0;
  return fmin(fmax(by_tries, by_time), 1.0);
}

/* The survey of one try: it goes on while the time lasts, but the first is finished whatever it takes. */
static bool step_improving(void *context, double fraction)
{
  improving *h = context;
  (void)fraction;
  if (h->monitor != NULL && !h->monitor->step(h->monitor->context, fraction_of(h))) {
    h->found->interrupted = true;
    return false;
  }
  return h->found->tries == 0 || !(h->seconds > 0.0) || testudo_i_seconds_now() - h->began < h->seconds;
}

static testudo_status one_try(improving *h, const testudo_monitor *watch, testudo_error *error)
{
  testudo_trust trust;
  testudo_improvement *found = h->found;
  uint64_t seed = h->seed + (uint64_t)found->tries;
  TESTUDO_I_TRY(h->making->redraw(h->design, seed, error));
  TESTUDO_I_TRY(testudo_i_trust_survey(h->design, found->samples, h->seed, false, watch, &trust, error));
  if (found->tries == 0)
    found->before = trust.amplification_found;
  if (found->tries == 0 || trust.amplification_found < found->after) {
    found->after = trust.amplification_found;
    found->code_seed = seed;
    memcpy(h->best, h->numbers, h->count * sizeof *h->best);
  }
  found->tries++;
  return TESTUDO_OK;
}

static testudo_status check_improving(const testudo_design *design, bool random, double seconds, int64_t tries,
                                      testudo_error *error)
{
  const char *construction = testudo_design_construction(design);
  if (!random)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "only scheme partial and construction cyclic have random coefficients to draw again, not "
                          "scheme %s%s%s",
                          design->scheme->name, construction == NULL ? "" : ", construction ",
                          construction == NULL ? "" : construction);
  if (!(seconds >= 0.0) || tries < 0 || (seconds == 0.0 && tries == 0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "seconds %g and tries %lld: at least one must be positive, none negative", seconds,
                          (long long)tries);
  return TESTUDO_OK;
}

testudo_status testudo_code_improve(testudo_design *design, uint64_t seed, double seconds, int64_t tries,
                                    int64_t samples, const testudo_monitor *monitor, testudo_improvement *improvement,
                                    testudo_error *error)
{
  *improvement = (testudo_improvement){.samples = samples, .code_seed = seed};
  improving h = {.design = design,
                 .seed = seed,
                 .seconds = seconds,
                 .began = testudo_i_seconds_now(),
                 .tries = tries,
                 .monitor = monitor,
                 .found = improvement,
                 .making = testudo_i_making_by_id(testudo_design_scheme(design))};
  if (h.making->numbers != NULL)
    h.numbers = h.making->numbers(design, &h.count);
  TESTUDO_I_TRY(check_improving(design, h.numbers != NULL, seconds, tries, error));
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  h.best = testudo_i_arena_alloc(&arena, h.count, sizeof *h.best);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  const testudo_monitor watch = {step_improving, &h};
  testudo_status status;
  do
    status = one_try(&h, &watch, error);
  while (status == TESTUDO_OK && (tries == 0 || improvement->tries < tries));
  /* Out of time or stopped by the caller: what was found counts. A later draw that fails ends the search as well. */
  if (improvement->tries > 0 && (status == TESTUDO_OK || status == TESTUDO_INTERRUPTED ||
                                 status == TESTUDO_ERROR_ARGUMENT)) {
    status = TESTUDO_OK;
    memcpy(h.numbers, h.best, h.count * sizeof *h.best);
  }
  return status;
}
