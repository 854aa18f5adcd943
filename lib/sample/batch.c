/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches of trials: drawn eight side by side, and tallied. */
#include "sample/batch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "runtime/design.h"
#include "sample/cost/cost.h"
#include "sample/kernels/answer.h"

#define LANES TESTUDO_I_LANES

/* Room for eight doubles per slot that begins with a line of the caches: eight of them are loaded at once, and would
   otherwise lie in two lines. NULL: see the arena. */
static double *aligned_lanes(testudo_i_arena *arena, size_t slots)
{
  const size_t line = LANES * sizeof(double);
  char *room = testudo_i_arena_alloc(arena, slots + 1, line);
  return room == NULL ? NULL : (void *)(room + (line - (uintptr_t)room % line) % line);
}

testudo_status testudo_i_workspace_make(testudo_i_workspace *workspace, const testudo_i_plan *plan,
                                        testudo_error *error)
{
  *workspace = (testudo_i_workspace){0};
  testudo_i_arena *arena = &workspace->arena;
  size_t deadlines = (size_t)plan->time_count;
  workspace->done = testudo_i_arena_alloc(arena, (size_t)plan->design->workers, LANES * sizeof *workspace->done);
  workspace->time = aligned_lanes(arena, (size_t)plan->slots);
  workspace->error = testudo_i_arena_alloc(arena, deadlines, LANES * sizeof(double));
  workspace->room = testudo_i_arena_alloc(arena, testudo_i_kernel_room(plan), sizeof(double));
  workspace->shifted = testudo_i_arena_alloc(arena, deadlines, 2 * sizeof *workspace->shifted);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_failures_make(&workspace->failures, plan->design->workers, error));
  return testudo_i_solver_make(&workspace->solver, plan, error);
}

void testudo_i_workspace_clear(testudo_i_workspace *workspace)
{
  testudo_i_failures_clear(&workspace->failures);
  testudo_i_solver_clear(&workspace->solver);
  testudo_i_arena_clear(&workspace->arena);
  *workspace = (testudo_i_workspace){0};
}

testudo_status testudo_i_tally_make(testudo_i_tally *tally, int64_t time_count, testudo_error *error)
{
  *tally = (testudo_i_tally){.at = testudo_i_calloc((size_t)time_count, sizeof *tally->at)};
  return tally->at == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

void testudo_i_tally_clear(testudo_i_tally *tally)
{
  free(tally->at);
  *tally = (testudo_i_tally){0};
}

void testudo_i_tally_reset(testudo_i_tally *tally, int64_t time_count)
{
  tally->trials = 0;
  tally->completion = tally->chunks = tally->messages = (testudo_i_moments){0};
  for (int64_t k = 0; k < time_count; k++)
    tally->at[k] = (testudo_i_deadline_tally){0};
}

void testudo_i_tally_merge(testudo_i_tally *into, const testudo_i_tally *from, int64_t time_count)
{
  into->trials += from->trials;
  testudo_i_moments_merge(&into->completion, &from->completion);
  testudo_i_moments_merge(&into->chunks, &from->chunks);
  testudo_i_moments_merge(&into->messages, &from->messages);
  for (int64_t k = 0; k < time_count; k++) {
    testudo_i_moments_merge(&into->at[k].error, &from->at[k].error);
    testudo_i_moments_merge(&into->at[k].norm, &from->at[k].norm);
    into->at[k].error_max = fmax(into->at[k].error_max, from->at[k].error_max);
    into->at[k].error_trials += from->at[k].error_trials;
  }
}

/* Whole groups of lanes, and a power of two, so that parts of a simulation begin with a batch whatever the design
   (kept/draws.h). A least squares costs hundreds of passes over the entries. */
int64_t testudo_i_batch_trials(const testudo_i_plan *plan, int64_t entries)
{
  if (plan->least_squares)
    return LANES;
  int64_t own = plan->design->row[plan->design->workers], trials = LANES;
  while (trials < TESTUDO_I_BATCH_MOST && 2 * trials <= entries / (own > 0 ? own : 1))
    trials *= 2;
  return trials;
}

static void add_errors(const testudo_i_plan *plan, const testudo_i_workspace *workspace, int64_t lanes,
                       testudo_i_tally *tally)
{
  for (int64_t d = 0; d < plan->time_count; d++)
    for (int64_t lane = 0; lane < lanes; lane++) {
      double seen = workspace->error[d * LANES + lane];
      testudo_i_shifted_add(&workspace->shifted[2 * d], seen);
      testudo_i_shifted_add(&workspace->shifted[2 * d + 1], sqrt(seen));
      tally->at[d].error_trials += seen > 0.0;
      if (seen > tally->at[d].error_max)
        tally->at[d].error_max = seen;
    }
}

/* ---- moments ---- */

typedef struct lane_sums {
  double total[LANES], lost[LANES];
} lane_sums;

/* Sums of the finite ones among whole groups of lanes, compensated (base/sum.h) without its branch. */
TESTUDO_I_CLONES static void sum_lanes(const double *restrict t, int64_t count, lane_sums *restrict sums)
{
  lane_sums sum = *sums;
  for (int64_t k = 0; k < count; k += LANES)
    for (int lane = 0; lane < LANES; lane++) {
      double term = t[k + lane] <= DBL_MAX ? t[k + lane] : 0.0, next = sum.total[lane] + term;
      double added = next - sum.total[lane];
      sum.lost[lane] += (sum.total[lane] - (next - added)) + (term - added);
      sum.total[lane] = next;
    }
  *sums = sum;
}

typedef struct lane_powers {
  double apart[LANES], squares[LANES], cubes[LANES], fourths[LANES];
} lane_powers;

/* Sums of powers of what the finite ones are beyond the mean. Lanes of a batch have so few that they need no
   compensation. */
TESTUDO_I_CLONES static void sum_powers(const double *restrict t, int64_t count, double mean,
                                        lane_powers *restrict powers)
{
  lane_powers sum = *powers;
  for (int64_t k = 0; k < count; k += LANES)
    for (int lane = 0; lane < LANES; lane++) {
      double apart = t[k + lane] <= DBL_MAX ? t[k + lane] - mean : 0.0, square = apart * apart;
      sum.apart[lane] += apart;
      sum.squares[lane] += square;
      sum.cubes[lane] += square * apart;
      sum.fourths[lane] += square * square;
    }
  *powers = sum;
}

/* From `whole` on, with what is infinite behind them. */
static void fill_rest(const double *t, int64_t whole, int64_t count, double *rest)
{
  for (int lane = 0; lane < LANES; lane++)
    rest[lane] = whole + lane < count ? t[whole + lane] : HUGE_VAL;
}

static void add_all(testudo_i_sum *sum, const double *lane)
{
  for (int k = 0; k < LANES; k++)
    testudo_i_sum_add(sum, lane[k]);
}

static double sum_of(const double *t, int64_t whole, const double *rest)
{
  lane_sums sums = {{0.0}, {0.0}};
  testudo_i_sum sum = {0.0, 0.0};
  sum_lanes(t, whole, &sums);
  sum_lanes(rest, LANES, &sums);
  add_all(&sum, sums.total);
  add_all(&sum, sums.lost);
  return testudo_i_sum_value(&sum);
}

/* A quotient of a rounded sum is not quite the mean, not even of times that are all alike: what they are beyond it on
   average is taken off it, and off the powers. */
static void correct_mean(testudo_i_moments *moments, double beyond)
{
  double n = (double)moments->count, off = beyond / n, square = off * off;
  double squares = moments->squares, cubes = moments->cubes;
  moments->mean += off;
  moments->squares = fmax(0.0, squares - n * square);
  moments->cubes += off * (2.0 * n * square - 3.0 * squares);
  moments->fourths = fmax(0.0, moments->fourths + off * (off * (6.0 * squares - 3.0 * n * square) - 4.0 * cubes));
}

testudo_i_moments testudo_i_finite_moments(const double *t, int64_t count)
{
  testudo_i_moments moments = {0};
  testudo_i_sum sum[4] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
  int64_t whole = count - count % LANES;
  double rest[LANES];
  for (int64_t k = 0; k < count; k++)
    moments.count += t[k] <= DBL_MAX;
  if (moments.count == 0)
    return moments;
  fill_rest(t, whole, count, rest);
  moments.mean = sum_of(t, whole, rest) / (double)moments.count;
  for (int64_t begin = 0; begin < count; begin += TESTUDO_I_BATCH_MOST) {
    lane_powers powers = {{0.0}, {0.0}, {0.0}, {0.0}};
    if (begin < whole)
      sum_powers(t + begin, whole - begin < TESTUDO_I_BATCH_MOST ? whole - begin : TESTUDO_I_BATCH_MOST,
                 moments.mean, &powers);
    if (count - begin <= TESTUDO_I_BATCH_MOST)
      sum_powers(rest, LANES, moments.mean, &powers);
    add_all(&sum[0], powers.apart);
    add_all(&sum[1], powers.squares);
    add_all(&sum[2], powers.cubes);
    add_all(&sum[3], powers.fourths);
  }
  moments.squares = testudo_i_sum_value(&sum[1]);
  moments.cubes = testudo_i_sum_value(&sum[2]);
  moments.fourths = testudo_i_sum_value(&sum[3]);
  correct_mean(&moments, testudo_i_sum_value(&sum[0]));
  return moments;
}

/* The times of a group from when its rules hold. */
static void take_group(const testudo_i_plan *plan, const double *time, const double *rule, double round_up,
                       int64_t lanes, double *completion)
{
  if (!testudo_i_plan_answers(plan) && round_up <= 0.0) {
    memcpy(completion, rule, (size_t)lanes * sizeof *completion);
    return;
  }
  for (int lane = 0; lane < lanes; lane++) {
    double t = testudo_i_answer_time(plan, time, LANES, lane, rule[lane]);
    completion[lane] = round_up > 0.0 ? testudo_i_round_up(t, round_up) : t;
  }
}

testudo_status testudo_i_batch_run(const testudo_i_plan *plan, uint64_t seed, double round_up, int64_t first,
                                   int64_t trials, testudo_i_workspace *workspace, double *completion,
                                   testudo_i_tally *tally)
{
  testudo_i_cost cost = {{0}, {0}};
  testudo_i_tally_reset(tally, plan->time_count);
  for (int64_t d = 0; d < 2 * plan->time_count; d++)
    workspace->shifted[d] = (testudo_i_shifted){0};
  for (int64_t done = 0; done < trials; done += LANES) {
    /* Trials beyond the last are drawn with the rest of their group and dropped. */
    int64_t lanes = trials - done < LANES ? trials - done : LANES;
    double group[LANES];
    testudo_i_draw_lanes(plan, seed, first + done, &workspace->failures, workspace->time);
    testudo_i_kernel_lanes(plan, workspace->time, group, workspace->error, workspace->room);
    for (int lane = 0; plan->least_squares && lane < lanes; lane++)
      TESTUDO_I_TRY(testudo_i_deadline_errors(plan, workspace->time, lane, &workspace->solver, workspace->error,
                                              &workspace->failure));
    if (plan->count_work)
      testudo_i_cost_add(plan, workspace->time, group, lanes, workspace->done, &cost, NULL);
    take_group(plan, workspace->time, group, round_up, lanes, completion + done);
    add_errors(plan, workspace, lanes, tally);
  }
  tally->completion = testudo_i_finite_moments(completion, trials);
  tally->chunks = testudo_i_shifted_moments(&cost.chunks);
  tally->messages = testudo_i_shifted_moments(&cost.messages);
  for (int64_t d = 0; d < plan->time_count; d++) {
    tally->at[d].error = testudo_i_shifted_moments(&workspace->shifted[2 * d]);
    tally->at[d].norm = testudo_i_shifted_moments(&workspace->shifted[2 * d + 1]);
  }
  tally->trials = trials;
  return TESTUDO_OK;
}
