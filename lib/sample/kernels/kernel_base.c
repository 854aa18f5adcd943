/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain road of the kernels, one trial at a time, and the choice between the two. */
#include "sample/kernels/kernel.h"

#include <math.h>
#include <string.h>

#include "runtime/design.h"
#include "sample/kernels/even.h"
#include "sample/kernels/stepped.h"

/* Hoare's quickselect: the k-th smallest (from 0) of value[0..count-1], which it reorders. */
double testudo_i_select_smallest(double *value, int64_t count, int64_t k)
{
  int64_t low = 0, high = count - 1;
  while (low < high) {
    double pivot = value[low + (high - low) / 2];
    int64_t i = low, j = high;
    while (i <= j) {
      while (value[i] < pivot)
        i++;
      while (value[j] > pivot)
        j--;
      if (i <= j) {
        double kept = value[i];
        value[i++] = value[j];
        value[j--] = kept;
      }
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return value[k];
}

/* `time` has `stride` trials side by side, of which this is `lane`. */
static void run_rows(const testudo_i_rows *rows, const testudo_i_plan *plan, const double *time, int stride, int lane,
                     double *completion, double *error, double *room)
{
  double most = 0.0;
  for (int64_t i = 0; i < rows->count; i++) {
    int64_t entries = rows->row[i + 1] - rows->row[i];
    for (int64_t e = 0; e < entries; e++) {
      int64_t at = rows->row[i] + e;
      double t = rows->place[at] * time[(int64_t)rows->slot[at] * stride + lane];
      room[e] = rows->rate == NULL ? t : t / rows->rate[rows->slot[at]];
    }
    for (int64_t k = 0; error != NULL && k < plan->time_count; k++) {
      int64_t done = 0;
      for (int64_t e = 0; e < entries; e++)
        done += room[e] <= plan->times[k];
      if (done < rows->level)
        error[k * stride + lane] += (double)(rows->level - done);
    }
    if (completion != NULL) {
      double row_time = testudo_i_select_smallest(room, entries, rows->level - 1);
      most = row_time > most ? row_time : most;
    }
  }
  if (completion != NULL)
    completion[lane] = most;
}

static bool is_stepped(const testudo_i_plan *plan)
{
  return testudo_i_rule_is_stepped(&plan->rule);
}

static void run_both(const testudo_i_plan *plan, const double *time, int stride, int lane, double *completion,
                     double *error, double *room)
{
  if (is_stepped(plan))
    completion[lane] = testudo_i_stepped_time(plan, time, stride, lane, room);
  else
    run_rows(&plan->completion, plan, time, stride, lane, completion, plan->cover_is_completion ? error : NULL, room);
  if (plan->cover.count > 0)
    run_rows(&plan->cover, plan, time, stride, lane, NULL, error, room);
}

static int64_t longest_row(const testudo_i_rows *rows)
{
  int64_t longest = 0;
  for (int64_t i = 0; i < rows->count; i++)
    if (rows->row[i + 1] - rows->row[i] > longest)
      longest = rows->row[i + 1] - rows->row[i];
  return longest;
}

size_t testudo_i_kernel_room(const testudo_i_plan *plan)
{
  int64_t completion = longest_row(&plan->completion), cover = longest_row(&plan->cover);
  int64_t longest = completion > cover ? completion : cover;
  if (is_stepped(plan) && plan->design->workers > longest)
    longest = plan->design->workers;
  return (size_t)longest * TESTUDO_I_LANES;
}

void testudo_i_kernel_base(const testudo_i_plan *plan, const double *time, double *completion, double *error,
                           double *room)
{
  for (int64_t k = 0; k < plan->time_count; k++)
    error[k] = 0.0;
  run_both(plan, time, 1, 0, completion, error, room);
}

static bool fits_lanes(const testudo_i_rows *rows)
{
  return rows->level <= TESTUDO_I_LANE_LEVELS;
}

/* As when nearly all workers must finish. */
static bool fits_from_above(const testudo_i_plan *plan)
{
  const testudo_i_rows *rows = &plan->completion;
  return rows->count == 1 && rows->row[1] - rows->level < TESTUDO_I_LANE_LEVELS && plan->time_count == 0;
}

void testudo_i_kernel_lanes(const testudo_i_plan *plan, const double *time, double *completion, double *error,
                            double *room)
{
  if (plan->time_count > 0)
    memset(error, 0, (size_t)plan->time_count * TESTUDO_I_LANES * sizeof *error);
  if (!is_stepped(plan) && !fits_lanes(&plan->completion) && fits_from_above(plan)) {
    testudo_i_kernel_row_from_above(&plan->completion, time, completion, room);
    return;
  }
  if (is_stepped(plan) || !fits_lanes(&plan->completion) || !fits_lanes(&plan->cover)) {
    for (int lane = 0; lane < TESTUDO_I_LANES; lane++)
      run_both(plan, time, TESTUDO_I_LANES, lane, completion, error, room);
    return;
  }
  int64_t deadlines = plan->cover_is_completion ? plan->time_count : 0;
  if (deadlines > 0 || !testudo_i_kernel_even(&plan->completion, time, completion))
    testudo_i_kernel_rows(&plan->completion, time, plan->times, deadlines, completion, error, room);
  if (plan->cover.count > 0) {
    double unused[TESTUDO_I_LANES];
    testudo_i_kernel_rows(&plan->cover, time, plan->times, plan->time_count, unused, error, room);
  }
}
