/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to whole sizes: the linear programme, rounding, and steps that the law itself approves of. */
#include <testudo/block_search.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "code/making/making.h"
#include "delay/model.h"
#include "optimize/block/programme.h"
#include "optimize/latency/objective.h"
#include "optimize/search/search.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

#define DEFAULT_SAMPLES 2000

/* To which accuracy the improvement evaluates laws; the final values have the default one. */
#define SEARCH_ERROR 1e-6

/* Trials of a mean that is simulated are numbered from here: none of them chose the sizes that are measured. */
#define FIRST_ROUNDED INT64_C(0x100000000)
#define FIRST_FINAL INT64_C(0x200000000)

#define STOPPED_TRIALS 200

typedef struct search {
  testudo_i_arena arena;
  int32_t workers;
  int64_t dim;
  const testudo_delay_model *model;
  const testudo_search_options *options;
  testudo_block_plan *plan;
  bool *allowed;        /* tolerances whose single code has a finite mean, and always ends */
  int32_t *every;       /* 0 .. workers - 1 */
  int64_t *size;        /* the current sizes, one per tolerance */
  double *share;
} search;

static testudo_i_goal goal_of(const search *s, double rel_error, int64_t first, const testudo_monitor *monitor)
{
  return (testudo_i_goal){.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = s->model,
                          .report = TESTUDO_REPORT_CHUNK, .rel_error = rel_error, .stream = s->options->seed,
                          .first = first, .threads = s->options->threads, .monitor = monitor};
}

/* E[T] of sizes, one per tolerance. Stopped: TESTUDO_INTERRUPTED. */
static testudo_status measure_sizes(const search *s, const int64_t *size, double rel_error, int64_t first,
                                    testudo_i_measure *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  testudo_i_search_watch watch;
  testudo_i_search_watch_start(&watch, s->options->monitor, 0.0, 1.0, s->plan->mean, NAN);
  /* What is stopped still ends with a measured plan, exact where that takes no time. */
  testudo_i_haste haste;
  testudo_i_goal goal =
      goal_of(s, rel_error, first, s->plan->stopped ? testudo_i_haste_begin(&haste) : &watch.plain);
  TESTUDO_I_TRY(testudo_i_block_shape(s->workers, s->every, size, s->workers, &design, error));
  /* A law that is simulated in the end leaves the sentence that says why. */
  testudo_error why = {""};
  testudo_status status = testudo_i_goal_measure(&goal, design, found, &why);
  if (status == TESTUDO_INTERRUPTED && s->plan->stopped) {
    goal.monitor = NULL;
    goal.no_law = true;
    goal.trials = STOPPED_TRIALS;
    status = testudo_i_goal_measure(&goal, design, found, &why);
  }
  if (status != TESTUDO_OK && error != NULL)
    *error = why;
  return status;
}

/* ---- single redundancies ---- */

/* s->allowed holds the tolerances that the caller allows. */
static testudo_status measure_singles(search *s, testudo_error *error)
{
  s->plan->single = -1;
  for (int32_t t = 0; t < s->workers; t++) {
    testudo_i_measure found;
    if (!s->allowed[t])
      continue;
    s->size[t] = s->dim;
    TESTUDO_I_TRY(measure_sizes(s, s->size, 0.0, FIRST_ROUNDED, &found, error));
    s->size[t] = 0;
    /* P(T infinite) is 0 or 1 under exactly f failures, but for rounding. */
    s->allowed[t] = found.p_never < 0.5 && found.value < HUGE_VAL;
    if (s->allowed[t] && (s->plan->single < 0 || found.value < s->plan->single_mean)) {
      s->plan->single = t;
      s->plan->single_mean = found.value;
    }
  }
  if (s->plan->single < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "no single redundancy has a finite mean under this model, so no block code has one");
  return TESTUDO_OK;
}

/* ---- rounding ---- */

/* Largest remainders: every size is its share rounded down, and one more for those cut most. */
static testudo_status round_shares(search *s, testudo_error *error)
{
  testudo_i_ranked *list = testudo_i_arena_alloc(&s->arena, (size_t)s->workers, sizeof *list);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  int64_t left = s->dim;
  for (int32_t t = 0; t < s->workers; t++) {
    double exact = s->share[t] * (double)s->dim;
    s->size[t] = (int64_t)floor(exact);
    list[t] = (testudo_i_ranked){s->allowed[t] ? exact - floor(exact) : -1.0, t};
    left -= s->size[t];
  }
  qsort(list, (size_t)s->workers, sizeof *list, testudo_i_falling_ranks);
  /* Rounding of the shares may leave a number or two more, or too few. */
  for (int32_t k = 0; left > 0; k = (k + 1) % s->workers)
    if (list[k].value >= 0.0) {
      s->size[list[k].index]++;
      left--;
    }
  for (int32_t t = 0; left < 0; t = (t + 1) % s->workers)
    if (s->size[t] > 0) {
      s->size[t]--;
      left++;
    }
  return TESTUDO_OK;
}

/* ---- improvement by the exact law ---- */

/* The tolerances in use and their neighbours, of those that are allowed. */
static int32_t list_candidates(const search *s, int32_t *candidate)
{
  int32_t all = 0, count = 0;
  for (int32_t t = 0; t < s->workers; t++)
    if (s->allowed[t])
      candidate[all++] = t;
  int64_t before = 0; /* of the neighbour below, whose place in the list may be taken already */
  for (int32_t k = 0; k < all; k++) {
    int64_t here = s->size[candidate[k]];
    if (before > 0 || here > 0 || (k + 1 < all && s->size[candidate[k + 1]] > 0))
      candidate[count++] = candidate[k];
    before = here;
  }
  return count;
}

static testudo_status try_move(search *s, int32_t from, int32_t to, int64_t step, double *best, bool *moved,
                               testudo_error *error)
{
  testudo_i_measure found;
  int64_t size = s->size[from] < step ? s->size[from] : step;
  if (size == 0 || s->plan->evaluations >= TESTUDO_I_LIMIT_BLOCK_EVALUATIONS)
    return TESTUDO_OK;
  s->size[from] -= size;
  s->size[to] += size;
  s->plan->evaluations++;
  testudo_status status = measure_sizes(s, s->size, SEARCH_ERROR, FIRST_ROUNDED, &found, error);
  if (status == TESTUDO_OK && found.value < *best * (1.0 - SEARCH_ERROR)) {
    *best = found.value;
    s->plan->moves++;
    *moved = true;
    return TESTUDO_OK;
  }
  s->size[from] += size;
  s->size[to] -= size;
  return status;
}

/* Steps between neighbouring blocks, from a quarter of the mean size down to one number: E[T] is convex in the shares
   (the mean of a maximum of linear functions), so that ever smaller steps are worth their while. */
static testudo_status improve_sizes(search *s, int32_t *candidate, double *best, testudo_error *error)
{
  int32_t count = list_candidates(s, candidate);
  int64_t first = s->dim / (4 * (int64_t)count);
  for (int64_t step = first > 0 ? first : 1; step > 0; step /= 2)
    for (bool moved = true; moved;) {
      moved = false;
      for (int32_t k = 1; k < count; k++) {
        TESTUDO_I_TRY(try_move(s, candidate[k], candidate[k - 1], step, best, &moved, error));
        TESTUDO_I_TRY(try_move(s, candidate[k - 1], candidate[k], step, best, &moved, error));
      }
    }
  return TESTUDO_OK;
}

/* ---- all together ---- */

static testudo_status check_request(int32_t workers, int64_t dim, const testudo_delay_model *model, int64_t samples,
                                    testudo_error *error)
{
  if (workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but at least 1 is needed", (int)workers);
  if (dim < 1 || dim > TESTUDO_MAX_DIM)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: %lld, but it must be in 1..%lld", (long long)dim,
                          (long long)TESTUDO_MAX_DIM);
  if (samples < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "tries: %lld samples, but it is 0 (%d) or positive",
                          (long long)samples, DEFAULT_SAMPLES);
  if (workers > TESTUDO_BLOCK_WORKERS || samples > TESTUDO_BLOCK_SAMPLES ||
      (double)samples * workers > TESTUDO_BLOCK_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%d workers and %lld samples, but the linear programme supports at most %d and %d, and %d "
                          "in product",
                          (int)workers, (long long)samples, TESTUDO_BLOCK_WORKERS, TESTUDO_BLOCK_SAMPLES,
                          TESTUDO_BLOCK_ENTRIES);
  if (model->structure != TESTUDO_STRUCTURE_SCALED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, TESTUDO_I_STEPS_SCALED, testudo_i_scheme_block.name,
                          testudo_i_scheme_block.step);
  if (!testudo_i_delay_is_plain(model))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "block sizes are chosen by the law of a chunk, rates and failures alone; leave out start-up, "
                          "overhead, unit, classes, messages, slow states and domains");
  if (model->failures == TESTUDO_FAILURES_EACH && model->fail_prob > 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "with independent failures any block code may never end, so its mean is infinite; exactly f "
                          "failures are supported");
  return testudo_delay_check(model, workers, error);
}

static testudo_status reserve(search *s, const int32_t *tolerances, int32_t count, testudo_error *error)
{
  size_t workers = (size_t)s->workers;
  s->allowed = testudo_i_arena_calloc(&s->arena, workers, sizeof *s->allowed);
  s->every = testudo_i_arena_alloc(&s->arena, workers, sizeof *s->every);
  s->size = testudo_i_arena_calloc(&s->arena, workers, sizeof *s->size);
  s->share = testudo_i_arena_calloc(&s->arena, workers, sizeof *s->share);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  for (int32_t t = 0; t < s->workers; t++) {
    s->every[t] = t;
    s->allowed[t] = tolerances == NULL;
  }
  for (int32_t k = 0; tolerances != NULL && k < count; k++) {
    if (tolerances[k] < 0 || tolerances[k] >= s->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "tolerances[%d]: %d, but it must be in 0..%d (workers - 1)", (int)k, (int)tolerances[k],
                            (int)s->workers - 1);
    s->allowed[tolerances[k]] = true;
  }
  return TESTUDO_OK;
}

static testudo_status solve_shares(search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  testudo_i_programme_answer answer;
  double *time = testudo_i_arena_alloc(&s->arena, (size_t)plan->samples * (size_t)s->workers, sizeof *time);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  testudo_i_programme programme = {.workers = s->workers, .samples = plan->samples, .time = time,
                                   .allowed = s->allowed, .monitor = s->options->monitor};
  TESTUDO_I_TRY(testudo_i_block_samples(s->workers, s->model, s->options->seed, plan->samples, time, error));
  TESTUDO_I_TRY(testudo_i_programme_solve(&programme, s->share, &answer, error));
  plan->lp_value = answer.value;
  plan->lp_bound = answer.bound;
  plan->rows = answer.rows;
  plan->rounds = answer.rounds;
  plan->stopped = answer.stopped;
  return TESTUDO_OK;
}

/* A step of the search that was stopped leaves the best so far. */
static testudo_status unless_stopped(search *s, testudo_status status, testudo_error *error)
{
  if (status != TESTUDO_INTERRUPTED)
    return status;
  s->plan->stopped = true;
  if (error != NULL)
    error->text[0] = '\0';
  return TESTUDO_OK;
}

static void take_measure(testudo_block_plan *plan, const testudo_i_measure *found)
{
  plan->mean = found->value;
  plan->spread = found->spread;
  plan->exact = found->exact;
  memcpy(plan->method, found->method, sizeof plan->method);
}

/* The classical code of the best single redundancy, where the plan is worse for certain. */
static testudo_status fall_back(search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  double doubt = plan->exact ? 0.0 : 3.0 * plan->spread;
  if (!(plan->mean - doubt > plan->single_mean))
    return TESTUDO_OK;
  testudo_i_measure found;
  memset(s->size, 0, (size_t)s->workers * sizeof *s->size);
  s->size[plan->single] = s->dim;
  TESTUDO_I_TRY(measure_sizes(s, s->size, 0.0, FIRST_FINAL, &found, error));
  take_measure(plan, &found);
  return TESTUDO_OK;
}

/* Rounds, improves where the law is exact, and measures afresh. */
static testudo_status settle_sizes(search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  testudo_i_measure found;
  TESTUDO_I_TRY(round_shares(s, error));
  TESTUDO_I_TRY(measure_sizes(s, s->size, 0.0, FIRST_ROUNDED, &found, error));
  take_measure(plan, &found);
  plan->rounded = found.value;
  plan->rounded_spread = found.spread;
  if (found.exact && !plan->stopped) {
    int32_t *candidate = testudo_i_arena_alloc(&s->arena, (size_t)s->workers, sizeof *candidate);
    double best = found.value;
    TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
    TESTUDO_I_TRY(unless_stopped(s, improve_sizes(s, candidate, &best, error), error));
    plan->mean = best;
  }
  TESTUDO_I_TRY(unless_stopped(s, fall_back(s, error), error));
  testudo_status status = measure_sizes(s, s->size, 0.0, FIRST_FINAL, &found, error);
  if (status == TESTUDO_OK)
    take_measure(plan, &found);
  return unless_stopped(s, status, error);
}

static testudo_status hand_over(search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  plan->tolerance = testudo_i_alloc((size_t)s->workers, sizeof *plan->tolerance);
  plan->size = testudo_i_alloc((size_t)s->workers, sizeof *plan->size);
  TESTUDO_I_TRY(testudo_i_memory_check(plan->tolerance != NULL && plan->size != NULL, error));
  for (int32_t t = 0; t < s->workers; t++)
    if (s->size[t] > 0) {
      plan->tolerance[plan->blocks] = t;
      plan->size[plan->blocks++] = s->size[t];
    }
  return TESTUDO_OK;
}

static void clear_search(search *s)
{
  testudo_block_plan_free(s->plan);
  testudo_i_arena_clear(&s->arena);
}

testudo_status testudo_block_search(int32_t workers, int64_t dim, const int32_t *tolerances, int32_t count,
                                    const testudo_delay_model *model, const testudo_search_options *options,
                                    testudo_block_plan **plan, testudo_error *error)
{
  *plan = NULL;
  int64_t samples = options->tries == 0 ? DEFAULT_SAMPLES : options->tries;
  TESTUDO_I_TRY(check_request(workers, dim, model, samples, error));
  TESTUDO_I_HELD(clear_search) search s = {.workers = workers, .dim = dim, .model = model, .options = options};
  s.plan = testudo_i_calloc(1, sizeof *s.plan);
  TESTUDO_I_TRY(testudo_i_memory_check(s.plan != NULL, error));
  s.plan->samples = samples;
  s.plan->mean = NAN;
  TESTUDO_I_TRY(reserve(&s, tolerances, count, error));
  TESTUDO_I_TRY(measure_singles(&s, error));
  TESTUDO_I_TRY(solve_shares(&s, error));
  TESTUDO_I_TRY(settle_sizes(&s, error));
  TESTUDO_I_TRY(hand_over(&s, error));
  *plan = s.plan;
  s.plan = NULL;
  return TESTUDO_OK;
}

void testudo_block_plan_free(testudo_block_plan *plan)
{
  if (plan == NULL)
    return;
  free(plan->tolerance);
  free(plan->size);
  free(plan);
}
