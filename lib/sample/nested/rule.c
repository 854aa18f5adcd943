/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/nested/rule.h"

#include <math.h>

#include "runtime/design.h"
#include "sample/kernel.h"

double testudo_i_nested_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double *room)
{
  const testudo_i_family *family = &plan->design->family;
  bool every = plan->work != NULL;
  int32_t workers = plan->design->workers;
  double found = every ? 0.0 : HUGE_VAL;
  for (int32_t level = 0; level < family->levels; level++) {
    int32_t s = family->tolerance[level];
    for (int32_t j = 0; j < workers; j++)
      room[j] = testudo_i_time_of(plan, time, stride, lane, j, every ? level + 1 : s + 1);
    double reached = testudo_i_select_smallest(room, workers, workers - s - 1);
    found = every ? fmax(found, reached) : fmin(found, reached);
  }
  return found;
}

/* The coordinates of the blocks finished, over all workers, in gradients. */
static double block_messages(const testudo_i_plan *plan, const double *time, int stride, int lane, double t)
{
  const testudo_i_layout *layout = &plan->design->layout;
  int64_t sent = 0;
  for (int32_t j = 0; j < plan->design->workers; j++)
    for (int32_t b = 1; b <= layout->blocks && testudo_i_time_of(plan, time, stride, lane, j, b) <= t; b++)
      sent += layout->size[b - 1];
  return (double)sent / (double)layout->dim;
}

double testudo_i_nested_messages(const testudo_i_plan *plan, const double *time, int stride, int lane, double t)
{
  const testudo_i_family *family = &plan->design->family;
  int32_t workers = plan->design->workers;
  if (plan->work != NULL)
    return block_messages(plan, time, stride, lane, t);
  for (int32_t level = 0; level < family->levels; level++) {
    int32_t s = family->tolerance[level], reached = 0;
    for (int32_t j = 0; j < workers; j++)
      reached += testudo_i_time_of(plan, time, stride, lane, j, s + 1) <= t;
    if (reached >= workers - s)
      return reached;
  }
  return 0;
}
