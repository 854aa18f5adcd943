/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every search shares: the monitor, names of answers, a design over another assignment. */
#include "optimize/search/search.h"


#include "base/error.h"
#include "code/assignment.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

const char *testudo_answer_name(testudo_answer answer)
{
  switch (answer) {
  case TESTUDO_OPTIMAL:
    return "optimal";
  case TESTUDO_FEASIBLE:
    return "feasible";
  default:
    return "undecided";
  }
}

bool testudo_i_search_stopped(const testudo_search_monitor *monitor, double fraction, double best, double bound)
{
  return monitor != NULL && monitor->step != NULL && !monitor->step(monitor->context, fraction, best, bound);
}

static bool watch_step(void *context, double fraction)
{
  testudo_i_search_watch *watch = context;
  double whole = fraction < 0.0 ? fraction : watch->from + fraction * (watch->to - watch->from);
  if (testudo_i_search_stopped(watch->monitor, whole, watch->best, watch->bound))
    watch->stopped = true;
  return !watch->stopped;
}

void testudo_i_search_watch_start(testudo_i_search_watch *watch, const testudo_search_monitor *monitor, double from,
                                  double to, double best, double bound)
{
  *watch = (testudo_i_search_watch){.plain = {watch_step, watch}, .monitor = monitor, .from = from, .to = to,
                                    .best = best, .bound = bound};
}

testudo_status testudo_i_search_reassign(const testudo_design *design, const testudo_assignment *orders,
                                         testudo_design **made, testudo_error *error)
{
  *made = NULL;
  if (!design->scheme->order_matters)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s: its code is bound to its assignment",
                          design->scheme->name);
  return testudo_i_carry_design(design, orders, NULL, made, error);
}

testudo_status testudo_i_search_design(const testudo_assignment *orders, int32_t parts, uint64_t seed, const char *name,
                                       testudo_design **design, testudo_error *error)
{
  return testudo_design_create(TESTUDO_SCHEME_PARTIAL, orders, parts, seed, name, design, error);
}

testudo_status testudo_i_search_hold(int32_t workers, int32_t chunks, int32_t places, testudo_design **design,
                                     testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment any = {0};
  int32_t all = workers * chunks;
  TESTUDO_I_TRY(testudo_i_assignment_begin(&any, workers, all, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(&any, workers, all, (int64_t)workers * places, error));
  for (int32_t j = 0; j < workers; j++) {
    any.row[j + 1] = any.row[j] + places;
    for (int32_t k = 0; k < places; k++)
      any.chunk[any.row[j] + k] = (int32_t)(((int64_t)j * chunks + k) % all);
  }
  return testudo_i_search_design(&any, 1, 1, "", design, error);
}

static bool is_within(void *until, double fraction)
{
  (void)fraction;
  return testudo_i_seconds_now() < *(double *)until;
}

const testudo_monitor *testudo_i_haste_begin(testudo_i_haste *haste)
{
  haste->until = testudo_i_seconds_now() + 0.3;
  haste->monitor = (testudo_monitor){is_within, &haste->until};
  return &haste->monitor;
}
