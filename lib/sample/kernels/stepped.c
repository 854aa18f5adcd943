/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion times of rules whose rows are levels or blocks. */
#include "sample/kernels/stepped.h"

#include <math.h>

#include "sample/kernels/kernel.h"

double testudo_i_stepped_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double *room)
{
  const testudo_i_rule *rule = &plan->rule;
  bool every = rule->join == TESTUDO_I_ALL;
  double found = every ? 0.0 : HUGE_VAL;
  for (int32_t row = 0; row < rule->rows; row++) {
    for (int32_t j = 0; j < rule->workers; j++)
      room[j] = testudo_i_time_of(plan, time, stride, lane, j, rule->step_of_row[row]);
    double reached = testudo_i_select_smallest(room, rule->workers, testudo_i_rule_need(rule, row) - 1);
    found = every ? fmax(found, reached) : fmin(found, reached);
  }
  return found;
}
