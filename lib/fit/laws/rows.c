/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/rows.h"

#include <math.h>

#include "base/error.h"

testudo_status testudo_i_fit_rows_make(testudo_i_fit_rows *rows, int64_t room, testudo_error *error)
{
  *rows = (testudo_i_fit_rows){.room = room};
  double **const all[] = {&rows->time, &rows->log, &rows->weight, &rows->work, &rows->shifted, &rows->shifted_log,
                          &rows->part_weight[0], &rows->part_weight[1], &rows->part_log[0], &rows->part_log[1]};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    *all[k] = testudo_i_arena_alloc(&rows->arena, (size_t)room, sizeof(double));
  return testudo_i_arena_check(&rows->arena, error);
}

void testudo_i_fit_rows_clear(testudo_i_fit_rows *rows)
{
  testudo_i_arena_clear(&rows->arena);
}

/* Are the times from `first` to `next` one group? Those that differ by less than the share `fine` of what lies between
   the least and the first of them: near the least, where laws that start there are steep, groups are narrow. */
static bool belongs(double first, double next, double least, double fine)
{
  return next <= first || next - first <= fine * fabs(first - least);
}

static void add_rows(testudo_i_fit_rows *rows, const double *time, int64_t count, double least, double fine)
{
  for (int64_t start = 0, end; start < count; start = end) {
    double sum = 0.0;
    for (end = start; end < count && belongs(time[start], time[end], least, fine); end++)
      sum += time[end] - time[start];
    double weight = (double)(end - start), at = time[start] + sum / weight;
    rows->time[rows->all] = at;
    rows->weight[rows->all++] = weight;
  }
}

static int64_t count_groups(const double *time, int64_t count, double least, double fine)
{
  int64_t groups = 0;
  for (int64_t start = 0, end; start < count; start = end, groups++)
    for (end = start; end < count && belongs(time[start], time[end], least, fine);)
      end++;
  return groups;
}

/* log(time / least), accurate also where the two nearly agree. */
static double log_ratio(double time, double least)
{
  return time > 0.5 * least ? log1p((time - least) / least) : log(time / least);
}

static void describe(testudo_i_fit_rows *rows)
{
  double sum = 0.0, logs = 0.0, squares = 0.0;
  rows->ended = rows->total = 0.0;
  rows->least = rows->time[0];
  rows->grain = HUGE_VAL;
  for (int64_t k = 0; k < rows->all; k++) {
    rows->log[k] = log_ratio(rows->time[k], rows->least);
    rows->total += rows->weight[k];
  }
  for (int64_t k = 0; k < rows->exact; k++) {
    rows->ended += rows->weight[k];
    sum += rows->weight[k] * (rows->time[k] - rows->least);
    logs += rows->weight[k] * rows->log[k];
    if (k > 0)
      rows->grain = fmin(rows->grain, rows->time[k] - rows->time[k - 1]);
  }
  rows->mean = rows->least + sum / rows->ended;
  logs /= rows->ended;
  for (int64_t k = 0; k < rows->exact; k++)
    squares += rows->weight[k] * (rows->log[k] - logs) * (rows->log[k] - logs);
  rows->log_spread = sqrt(squares / rows->ended);
}

void testudo_i_fit_rows_fill(testudo_i_fit_rows *rows, const testudo_i_fit_samples *samples)
{
  double least = samples->exact[0], fine = 0.0;
  while (count_groups(samples->exact, samples->exacts, least, fine) +
             count_groups(samples->least, samples->censored, least, fine) > rows->room)
    fine = fine > 0.0 ? 2.0 * fine : 1e-4;
  rows->all = 0;
  add_rows(rows, samples->exact, samples->exacts, least, fine);
  rows->exact = rows->all;
  add_rows(rows, samples->least, samples->censored, least, fine);
  describe(rows);
}

testudo_i_fit_points testudo_i_fit_rows_points(const testudo_i_fit_rows *rows)
{
  return (testudo_i_fit_points){rows->exact, rows->all, rows->time, rows->log, rows->weight, log(rows->least),
                                rows->work};
}
