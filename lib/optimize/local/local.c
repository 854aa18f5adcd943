/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts, the two stages of each, and the choice among their ends. */
#include "optimize/local/local.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "optimize/local/walk.h"
#include "parallel/loop.h"
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

typedef struct restart {
  int32_t *chunk;      /* of every slot: where it is now */
  double value;        /* NAN until it has begun */
  int64_t moves;
} restart;

typedef struct local_search {
  testudo_i_arena arena, stage; /* of the search; of the trials of a stage */
  testudo_i_goal goal;
  const testudo_design *design;
  const testudo_i_local_options *options;
  testudo_assignment start[2]; /* as it is, matching */
  testudo_i_times times;
  bool annealing;              /* the first of the two stages */
  testudo_i_window window;
  restart *run;
  int64_t tries;
  atomic_bool stop;
  atomic_llong finished;
  double from, to;             /* the stage's part of the whole */
} local_search;

/* ---- starts ---- */

static testudo_status make_starts(local_search *search, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_design_orders(search->design, &search->start[0], error));
  TESTUDO_I_TRY(testudo_design_orders(search->design, &search->start[1], error));
  TESTUDO_I_TRY(testudo_order_matching(&search->start[1], search->goal.monitor, error));
  size_t slots = (size_t)search->start[0].row[search->start[0].workers];
  search->run = testudo_i_arena_calloc(&search->arena, (size_t)search->tries, sizeof *search->run);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  for (int64_t k = 0; k < search->tries; k++) {
    const testudo_assignment *from = &search->start[k == 1 && !search->options->keep_start];
    search->run[k].value = NAN;
    search->run[k].chunk = testudo_i_arena_alloc(&search->arena, slots, sizeof *search->run[k].chunk);
    TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
    if (slots > 0)
      memcpy(search->run[k].chunk, from->chunk, slots * sizeof *from->chunk);
  }
  return TESTUDO_OK;
}

static void shuffle_rows(const local_search *search, int64_t number, testudo_i_random *random)
{
  const int64_t *row = search->start[0].row;
  if (number < 2 || search->options->keep_start)
    return;
  for (int32_t j = 0; j < search->start[0].workers; j++)
    testudo_i_random_shuffle(random, search->run[number].chunk + row[j], (size_t)(row[j + 1] - row[j]));
}

/* ---- the window ---- */

/* Between the times that the share WINDOW around rank q bounds, of the design as it was given; for the mean everything
   but what is never done. */
static testudo_status find_window(local_search *search, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_holding holding;
  testudo_i_score score;
  int64_t trials = search->times.trials, finite = 0;
  TESTUDO_I_TRY(testudo_i_holding_make(&holding, &arena, &search->start[0], error));
  TESTUDO_I_TRY(testudo_i_score_make(&score, &arena, &search->times, &holding, testudo_design_parts(search->design),
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
  double most = finite > 0 ? sorted[finite - 1] : 1, q = search->goal.objective.at;
  search->window = (testudo_i_window){0, (float)fmin(4 * most, FLT_MAX / 4)};
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_QUANTILE) {
    double wide = WINDOW * fmin(q, 1 - q), last = (double)(trials - 1);
    search->window.low = (float)sorted[(int64_t)(fmax(0, q - wide) * last)];
    search->window.high = (float)fmin(sorted[(int64_t)(fmin(1, q + wide) * last)], search->window.high);
  }
  return TESTUDO_OK;
}

/* ---- one restart ---- */

typedef struct walker {
  local_search *search;
  int32_t thread;
} walker;

static bool ask(void *context)
{
  walker *w = context;
  local_search *search = w->search;
  if (w->thread == 0) {
    double share = (double)atomic_load(&search->finished) / (double)search->tries;
    if (testudo_i_search_stopped(search->options->search->monitor,
                                 search->from + share * (search->to - search->from), NAN, NAN))
      atomic_store(&search->stop, true);
  }
  return atomic_load(&search->stop);
}

static int64_t moves_of(const local_search *search)
{
  int64_t moves = MOVES_A_SLOT * search->start[0].row[search->start[0].workers];
  return moves < LEAST_MOVES ? LEAST_MOVES : moves > TESTUDO_I_LIMIT_LOCAL_MOVES ? TESTUDO_I_LIMIT_LOCAL_MOVES : moves;
}

/* From the restart's slots, wherever they are, with the score or what is missing as the judge. */
static testudo_status walk_from(local_search *search, restart *run, testudo_i_walk *walk)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_holding holding;
  testudo_i_score score;
  testudo_i_missing missing;
  double hot = search->options->keep_start ? WARM : HOT;
  int32_t parts = testudo_design_parts(search->design);
  bool mse = search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE;
  walk->judge = (testudo_i_judge){mse ? NULL : &score, mse ? &missing : NULL, &holding};
  TESTUDO_I_TRY(testudo_i_holding_make(&holding, &arena, &search->start[0], NULL));
  testudo_i_holding_set(&holding, run->chunk);
  if (mse)
    TESTUDO_I_TRY(testudo_i_missing_make(&missing, &arena, &search->goal, &holding, parts, NULL));
  else {
    TESTUDO_I_TRY(testudo_i_score_make(&score, &arena, &search->times, &holding, parts, NULL));
    if (walk->stopped(walk->context))
      return TESTUDO_OK;
    score.window = search->window;
    testudo_i_score_refresh(&score);
  }
  if (search->annealing)
    testudo_i_walk_anneal(walk, moves_of(search), hot, COLD);
  testudo_i_walk_descend(walk, moves_of(search) / 2);
  run->moves += walk->moves;
  run->value = testudo_i_judge_value(&walk->judge);
  memcpy(run->chunk, holding.chunk, (size_t)holding.slots * sizeof *run->chunk);
  return TESTUDO_OK;
}

static testudo_status run_restart(void *context, int32_t thread, int64_t number)
{
  local_search *search = context;
  testudo_i_random random;
  walker w = {search, thread};
  testudo_i_walk walk = {.reassign = search->options->reassign, .random = &random, .stopped = ask, .context = &w};
  if (ask(&w))
    return TESTUDO_OK;
  testudo_i_random_start(&random, search->options->search->seed, TESTUDO_I_FOR_SEARCH,
                         search->annealing ? 1000 : 1001, (uint64_t)number);
  if (search->annealing)
    shuffle_rows(search, number, &random);
  testudo_status status = walk_from(search, &search->run[number], &walk);
  atomic_fetch_add(&search->finished, 1);
  return status;
}

/* ---- stages ---- */

static testudo_status run_stage(local_search *search, bool annealing, testudo_error *error)
{
  double whole = search->options->to - search->options->from, middle = search->options->from + 0.6 * whole;
  search->annealing = annealing;
  search->from = annealing ? search->options->from : middle;
  search->to = annealing ? middle : search->options->to;
  atomic_store(&search->finished, 0);
  if (search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE) {
    testudo_i_arena_clear(&search->stage);
    TESTUDO_I_TRY(testudo_i_times_make(&search->times, &search->stage, &search->goal, search->design,
                                       annealing ? TESTUDO_I_TRIALS_ANNEAL : TESTUDO_I_TRIALS_DESCEND,
                                       annealing ? ANNEAL_TRIALS : DESCEND_TRIALS, error));
    TESTUDO_I_TRY(find_window(search, error));
  }
  if (testudo_i_parallel_for(search->tries, search->goal.threads, run_restart, search, NULL) != TESTUDO_OK)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}

static testudo_status measure_restart(const local_search *search, const restart *run, testudo_i_found *made,
                              testudo_error *error)
{
  testudo_i_goal goal = search->goal;
  testudo_assignment orders = search->start[0];
  goal.first = TESTUDO_I_TRIALS_CHOOSE;
  goal.monitor = NULL;
  if (atomic_load(&search->stop))
    goal.trials = search->options->few_trials;
  orders.chunk = run->chunk;
  testudo_status status = search->options->reassign
                              ? testudo_i_search_reassign(search->design, &orders, &made->design, error)
                              : testudo_design_reorder(search->design, &orders, &made->design, error);
  return status == TESTUDO_OK ? testudo_i_goal_measure(&goal, made->design, &made->measure, error) : status;
}

/* The restarts' ends that look best, measured on trials that chose none of them. */
static testudo_status choose_end(local_search *search, testudo_i_found *found, testudo_error *error)
{
  enum { FINALISTS = 3 };
  for (int round = 0; round < (atomic_load(&search->stop) ? 1 : FINALISTS); round++) {
    int64_t best = -1;
    for (int64_t k = 0; k < search->tries; k++)
      if (!isnan(search->run[k].value) && (best < 0 || search->run[k].value < search->run[best].value))
        best = k;
    if (best < 0)
      break;
    TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found next = {.design = NULL};
    TESTUDO_I_TRY(measure_restart(search, &search->run[best], &next, error));
    search->run[best].value = NAN;
    testudo_i_found_keep(found, &next, found->design == NULL || next.measure.value < found->measure.value);
  }
  return TESTUDO_OK;
}

static void clear_local(local_search *search)
{
  testudo_i_arena_clear(&search->arena);
  testudo_assignment_free(&search->start[0]);
  testudo_assignment_free(&search->start[1]);
  testudo_i_arena_clear(&search->stage);
}

static testudo_status search_from_starts(local_search *search, testudo_i_found *found, int64_t *moves,
                                         testudo_error *error)
{
  TESTUDO_I_TRY(make_starts(search, error));
  TESTUDO_I_TRY(run_stage(search, true, error));
  if (search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE && !atomic_load(&search->stop)) {
    testudo_status status = run_stage(search, false, error);
    if (status != TESTUDO_INTERRUPTED)
      TESTUDO_I_TRY(status);
    else /* before it began: the ends of the first stage are there */
      atomic_store(&search->stop, true);
  }
  for (int64_t k = 0; k < search->tries; k++) {
    found->tries += !isnan(search->run[k].value);
    *moves += search->run[k].moves;
  }
  return choose_end(search, found, error);
}

testudo_status testudo_i_local_search(const testudo_i_goal *goal, const testudo_design *design,
                                      const testudo_i_local_options *options, testudo_i_found *found, int64_t *moves,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(clear_local) local_search search = {.goal = *goal, .design = design, .options = options};
  *found = (testudo_i_found){.design = NULL};
  search.tries = options->search->tries > 0 ? options->search->tries : TRIES;
  TESTUDO_I_TRY(search_from_starts(&search, found, moves, error));
  snprintf(found->range, sizeof found->range, "exchanges from %lld starts", (long long)found->tries);
  return TESTUDO_OK;
}
