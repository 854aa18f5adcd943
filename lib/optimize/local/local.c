/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts, the stages of each, and the choice among their ends. */
#include "optimize/local/local.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "optimize/local/walk.h"
#include "optimize/search/restart.h"
#include "sample/sort.h"

#define TRIES 6
#define ANNEAL_TRIALS 4096
#define DESCEND_TRIALS 16384

/* Heat as a share of the value; one exchange changes a mean by a thousandth or so. A restart that only varies the
   design begins colder. */
#define HOT 1e-3
#define WARM 1e-4
#define COLD 1e-6

/* Moves of one restart: so many for every slot, within bounds. */
#define MOVES_A_SLOT 150
#define LEAST_MOVES 5000
/* The window of a quantile q holds the trials whose rank is within this share of what is above q. */
#define WINDOW 0.5
/* Trials beyond a deadline that lead a search to which none, or all, are late. */
#define FEW_LATE 40

/* Ends that look best, between which fresh trials choose. */
#define FINALISTS 3

/* Trials that are held for walks, and what of their times counts. */
typedef struct sample {
  testudo_i_times times;
  testudo_i_window window;
} sample;

typedef struct local_search {
  testudo_i_arena arena;
  testudo_i_goal goal;
  const testudo_design *design;
  const testudo_i_local_options *options;
  testudo_assignment start[2]; /* as it is, matching */
  sample few, many;            /* to anneal and descend on; to descend on again. None for the error, which is exact */
} local_search;

/* ---- starts ---- */

static size_t slots_of(const local_search *search)
{
  return (size_t)search->start[0].row[search->start[0].workers];
}

/* The order as it is, the matching order, or one at random. */
static void start_chunks(const local_search *search, testudo_i_try *one)
{
  bool vary = !search->options->keep_start;
  const testudo_assignment *from = &search->start[one->number == 1 && vary];
  int32_t *chunk = one->found;
  if (slots_of(search) > 0)
    memcpy(chunk, from->chunk, slots_of(search) * sizeof *chunk);
  for (int32_t j = 0; vary && one->number > 1 && j < from->workers; j++)
    testudo_i_random_shuffle(&one->random, chunk + from->row[j], (size_t)(from->row[j + 1] - from->row[j]));
}

/* ---- the window ---- */

/* Between the quantiles about q. */
static void narrow_window(testudo_i_window *window, const double *sorted, int64_t trials, double q)
{
  double wide = WINDOW * fmin(q, 1 - q), last = (double)(trials - 1);
  window->low = (float)sorted[(int64_t)(fmax(0, q - wide) * last)];
  window->high = (float)fmin(sorted[(int64_t)(fmin(1, q + wide) * last)], window->high);
}

/* About the fraction that is done at t, t itself within. Where no trial or every one is late, the nearest few lead. */
static void narrow_to_deadline(testudo_i_window *window, const double *sorted, int64_t trials, double t)
{
  int64_t done = 0;
  while (done < trials && sorted[done] <= t)
    done++;
  double few = FEW_LATE / (double)trials, q = fmin(fmax((double)done / (double)trials, few), 1 - few);
  narrow_window(window, sorted, trials, q);
  window->low = fminf(window->low, (float)t);
  window->high = fmaxf(window->high, (float)t);
}

/* Between the times that the share WINDOW around rank q bounds, of the design as it was given; for the mean everything
   but what is never done. */
static testudo_status find_window(const local_search *search, sample *of, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_holding holding;
  testudo_i_score score;
  int64_t trials = of->times.trials, finite = 0;
  TESTUDO_I_TRY(testudo_i_holding_make(&holding, &arena, &search->start[0], error));
  TESTUDO_I_TRY(testudo_i_score_make(&score, &arena, &of->times, &holding, testudo_design_parts(search->design),
                                     error));
  float *time = testudo_i_arena_alloc(&arena, (size_t)trials, sizeof *time);
  double *sorted = testudo_i_arena_alloc(&arena, (size_t)trials, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  testudo_i_score_times(&score, time);
  for (int64_t r = 0; r < trials; r++)
    sorted[r] = (double)time[r];
  testudo_i_sort_times(sorted, (size_t)trials);
  while (finite < trials && sorted[finite] <= FLT_MAX)
    finite++;
  double most = finite > 0 ? sorted[finite - 1] : 1;
  of->window = (testudo_i_window){0, (float)fmin(4 * most, FLT_MAX / 4)};
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    narrow_window(&of->window, sorted, trials, search->goal.objective.at);
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_DEADLINE)
    narrow_to_deadline(&of->window, sorted, trials,
                       testudo_i_progress_deadline(&search->goal, testudo_design_parts(search->design)));
  return TESTUDO_OK;
}

static testudo_status make_sample(const local_search *search, int64_t first, int64_t trials, testudo_i_arena *arena,
                                  sample *made, testudo_error *error)
{
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_times_make(&made->times, arena, &search->goal, search->design, first, trials, error));
  return find_window(search, made, error);
}

/* ---- one restart ---- */

static int64_t moves_of(const local_search *search)
{
  int64_t moves = MOVES_A_SLOT * (int64_t)slots_of(search);
  return moves < LEAST_MOVES ? LEAST_MOVES : moves > TESTUDO_I_LIMIT_LOCAL_MOVES ? TESTUDO_I_LIMIT_LOCAL_MOVES : moves;
}

/* Walks from the chunks found to the end of annealing, or of a descent, on a sample. */
static testudo_status walk_on(const local_search *search, const sample *on, bool annealing, testudo_i_try *one,
                              testudo_i_draws *draws)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_holding holding;
  testudo_i_score score;
  testudo_i_missing missing;
  int32_t parts = testudo_design_parts(search->design);
  bool mse = search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE;
  testudo_i_walk walk = {.score = mse ? NULL : &score, .missing = mse ? &missing : NULL, .holding = &holding,
                         .draws = draws, .reassign = search->options->reassign, .best = one->found,
                         .stopped = testudo_i_try_stopped, .context = one};
  TESTUDO_I_TRY(testudo_i_holding_make(&holding, &arena, &search->start[0], one->error));
  testudo_i_holding_set(&holding, one->found);
  if (mse)
    TESTUDO_I_TRY(testudo_i_missing_make(&missing, &arena, &search->goal, &holding, parts, one->error));
  else {
    TESTUDO_I_TRY(testudo_i_score_make(&score, &arena, &on->times, &holding, parts, one->error));
    if (walk.stopped(walk.context))
      return TESTUDO_OK;
    score.window = on->window;
    testudo_i_score_refresh(&score);
  }
  if (annealing)
    testudo_i_walk_anneal(&walk, moves_of(search), search->options->keep_start ? WARM : HOT, COLD);
  else {
    testudo_i_walk_descend(&walk, moves_of(search) / 2);
    one->value = testudo_i_walk_value(&walk);
    memcpy(one->found, holding.chunk, (size_t)holding.slots * sizeof *holding.chunk);
  }
  one->moves += walk.moves;
  return TESTUDO_OK;
}

/* Stopped early, the walks that are left end where they begin: the values stay comparable. */
static testudo_status run_restart(void *context, testudo_i_try *one)
{
  const local_search *search = context;
  start_chunks(search, one);
  testudo_i_draws draws = testudo_i_draws_start(&one->random);
  TESTUDO_I_TRY(walk_on(search, &search->few, true, one, &draws));
  TESTUDO_I_TRY(walk_on(search, &search->few, false, one, &draws));
  return search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE ? TESTUDO_OK
                                                              : walk_on(search, &search->many, false, one, &draws);
}

/* ---- the ends ---- */

static testudo_status measure_end(const local_search *search, const testudo_i_end *end, bool stopped,
                                  testudo_i_found *made, testudo_error *error)
{
  testudo_i_goal goal = search->goal;
  testudo_assignment orders = search->start[0];
  goal.first = TESTUDO_I_TRIALS_CHOOSE;
  goal.monitor = NULL;
  if (stopped)
    goal.trials = search->options->few_trials;
  orders.chunk = end->found;
  testudo_status status = search->options->reassign
                              ? testudo_i_search_reassign(search->design, &orders, &made->design, error)
                              : testudo_design_reorder(search->design, &orders, &made->design, error);
  return status == TESTUDO_OK ? testudo_i_goal_measure(&goal, made->design, &made->measure, error) : status;
}

/* The ends that look best, measured on trials that chose none of them. */
static testudo_status choose_end(const local_search *search, const testudo_i_ends *ends, testudo_i_found *found,
                                 testudo_error *error)
{
  for (int32_t k = 0; k < (ends->stopped && ends->count > 1 ? 1 : ends->count); k++) {
    TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found next = {.design = NULL};
    TESTUDO_I_TRY(measure_end(search, &ends->best[k], ends->stopped, &next, error));
    testudo_i_found_keep(found, &next, found->design == NULL || next.measure.value < found->measure.value);
  }
  return TESTUDO_OK;
}

static void clear_local(local_search *search)
{
  testudo_i_arena_clear(&search->arena);
  testudo_assignment_free(&search->start[0]);
  testudo_assignment_free(&search->start[1]);
}

testudo_status testudo_i_local_search(const testudo_i_goal *goal, const testudo_design *design,
                                      const testudo_i_local_options *options, testudo_i_found *found, int64_t *moves,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(clear_local) local_search search = {.goal = *goal, .design = design, .options = options};
  testudo_i_ends ends;
  *found = (testudo_i_found){.design = NULL};
  TESTUDO_I_TRY(testudo_design_orders(design, &search.start[0], error));
  TESTUDO_I_TRY(testudo_design_orders(design, &search.start[1], error));
  TESTUDO_I_TRY(testudo_order_matching(&search.start[1], goal->monitor, error));
  TESTUDO_I_TRY(make_sample(&search, TESTUDO_I_TRIALS_ANNEAL, ANNEAL_TRIALS, &search.arena, &search.few, error));
  TESTUDO_I_TRY(make_sample(&search, TESTUDO_I_TRIALS_DESCEND, DESCEND_TRIALS, &search.arena, &search.many, error));
  const testudo_i_restarts restarts = {.options = options->search,
                                       .tries = options->search->tries > 0 ? options->search->tries : TRIES,
                                       .stream = TESTUDO_I_STREAM_EXCHANGES, .run = run_restart, .context = &search,
                                       .size = slots_of(&search) * sizeof(int32_t), .keep = FINALISTS,
                                       .target = -HUGE_VAL, .from = options->from, .to = options->to, .best = NAN,
                                       .bound = NAN};
  TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &search.arena, &ends, error));
  found->tries = ends.tries;
  *moves += ends.moves;
  TESTUDO_I_TRY(choose_end(&search, &ends, found, error));
  snprintf(found->range, sizeof found->range, "exchanges from %lld starts", (long long)found->tries);
  return TESTUDO_OK;
}
