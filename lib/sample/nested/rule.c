/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/nested/rule.h"

#include <math.h>

#include "runtime/design.h"
#include "sample/kernel.h"

double testudo_i_nested_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double *room)
{
  const testudo_i_family *family = &plan->design->family;
  int32_t workers = plan->design->workers;
  double least = HUGE_VAL;
  for (int32_t level = 0; level < family->levels; level++) {
    int32_t s = family->tolerance[level];
    for (int32_t j = 0; j < workers; j++)
      room[j] = testudo_i_time_of(plan, time, stride, lane, j, s + 1);
    least = fmin(least, testudo_i_select_smallest(room, workers, workers - s - 1));
  }
  return least;
}

int32_t testudo_i_nested_messages(const testudo_i_plan *plan, const double *time, int stride, int lane, double t)
{
  const testudo_i_family *family = &plan->design->family;
  int32_t workers = plan->design->workers;
  for (int32_t level = 0; level < family->levels; level++) {
    int32_t s = family->tolerance[level], reached = 0;
    for (int32_t j = 0; j < workers; j++)
      reached += testudo_i_time_of(plan, time, stride, lane, j, s + 1) <= t;
    if (reached >= workers - s)
      return reached;
  }
  return 0;
}
