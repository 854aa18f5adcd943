/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

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

testudo_status testudo_i_search_orders(const testudo_design *design, testudo_assignment *orders, testudo_error *error)
{
  return testudo_design_orders(design, orders, error);
}

testudo_status testudo_i_search_reassign(const testudo_design *design, const testudo_assignment *orders,
                                         testudo_design **made, testudo_error *error)
{
  *made = NULL;
  if (design->scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has its code built on its assignment",
                          testudo_scheme_name(design->scheme));
  int64_t entries = orders->row[orders->workers];
  testudo_design *next =
      testudo_i_design_new(design->scheme, orders->chunks, orders->workers, design->parts, entries);
  if (next == NULL)
    return testudo_i_fail_memory(error);
  size_t cells = (size_t)design->parts * (size_t)design->workers;
  next->name = testudo_i_copy_string(design->name);
  next->matrix = testudo_i_alloc(cells, sizeof *next->matrix);
  testudo_status status = next->name == NULL || next->matrix == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK) {
    memcpy(next->matrix, design->matrix, cells * sizeof *next->matrix);
    memcpy(next->row, orders->row, ((size_t)orders->workers + 1) * sizeof *next->row);
    if (entries > 0)
      memcpy(next->order, orders->chunk, (size_t)entries * sizeof *next->order);
    status = testudo_i_design_finish(next, error);
  }
  if (status != TESTUDO_OK)
    testudo_design_free(next);
  else
    *made = next;
  return status;
}
