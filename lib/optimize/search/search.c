/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every search shares: the monitor, names of answers, a design over another assignment. */
#include "optimize/search/search.h"

#include <math.h>

#include "base/error.h"
#include "code/assignment.h"
#include "code/making/making.h"
#include "designfile/write.h"
#include "json/write.h"
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

/* ---- the search that made a design, in its provenance ---- */

testudo_status testudo_search_record(testudo_design *design, const char *objective,
                                     const testudo_search_options *options, const testudo_search_result *result,
                                     testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory record = {0};
  testudo_i_json_writer *writer = &record.writer;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&record, error));
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "objective", objective);
  testudo_i_json_put_string(writer, "method", result->method);
  testudo_i_design_put_seed(writer, options->seed);
  testudo_i_json_put_integer(writer, "tries", result->tries);
  testudo_i_json_put_real(writer, "before", result->before);
  testudo_i_json_put_real(writer, "after", result->after);
  if (result->after_stderr > 0.0)
    testudo_i_json_put_real(writer, "after_stderr", result->after_stderr);
  testudo_i_json_put_real(writer, "bound", result->bound);
  if (result->proof[0] != '\0')
    testudo_i_json_put_string(writer, "bound_from", result->proof);
  testudo_i_json_put_real(writer, "gap", result->after - result->bound);
  if (result->range[0] != '\0')
    testudo_i_json_put_string(writer, "best_of_all", result->range);
  testudo_i_json_put_string(writer, "status", testudo_answer_name(result->answer));
  if (result->stopped)
    testudo_i_json_put_boolean(writer, "stopped", true);
  testudo_i_json_close_object(writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&record, error));
  return testudo_i_design_add_provenance(design, "search", record.text, error);
}

void testudo_i_search_mend_bound(testudo_search_result *result)
{
  if (result->after_stderr != 0.0 || !(result->bound > result->after))
    return;
  if (result->bound <= result->after + 1e-7 * fabs(result->after)) {
    result->bound = result->after;
    return;
  }
  snprintf(result->proof, sizeof result->proof, "none: %.9g was found, above the value; please report this fault",
           result->bound);
  result->bound = NAN;
}
