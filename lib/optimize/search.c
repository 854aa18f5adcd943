/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/search.h"

#include <math.h>

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
