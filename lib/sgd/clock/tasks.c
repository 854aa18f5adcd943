/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every term of a task has a stream of its own, of which a block of four words serves four consecutive tasks. */
#include "sgd/clock/tasks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "delay/model.h"

#define RUN 4 /* draws made together: the words of a block */

/* Part of the names of streams. */
typedef enum task_term {
  TERM_TIME, TERM_STARTUP, TERM_MESSAGE, TERM_STATE, TERM_FAILURE, TERM_DOMAIN, TERM_FAILED_SET
} task_term;

/* Draws RUN * number .. of one term of one worker. */
typedef struct task_run {
  int64_t number;      /* -1: none yet */
  double value[RUN];
} task_run;

typedef struct task_worker {
  const testudo_law *law;
  double rate;
} task_worker;

/* The state of a worker at an index, from which the chain goes on. */
typedef struct task_state {
  int64_t index;       /* -1: none yet */
  bool slow;
} task_state;

struct testudo_i_tasks {
  testudo_i_arena arena;
  const testudo_delay_model *model;
  int32_t workers, blocks;
  double unit, share;
  uint64_t seed;
  bool once;           /* is X drawn once per task? */
  const task_worker *worker;
  task_run *time, *startup, *message, *chance; /* workers each; NULL where the model lacks the term */
  task_state *state;
  bool *failed;        /* of index failed_index, of exactly f */
  int64_t failed_index;
};

/* ---- making ---- */

/* By shares, the measured chunks of an iteration are as many groups as a task has blocks. */
static testudo_status check_groups(const testudo_i_tasks *tasks, testudo_error *error)
{
  const testudo_replay *replay = tasks->model->replay;
  if (replay == NULL || tasks->model->unit != TESTUDO_UNIT_SHARE)
    return TESTUDO_OK;
  for (int64_t i = 0; i < testudo_replay_iterations(replay); i++)
    for (int32_t j = 0, measured; j < tasks->workers; j++) {
      (void)testudo_replay_times(replay, j, i, &measured);
      if (measured % tasks->blocks != 0)
        return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                              "a replay by shares: worker %d has %d measured chunks in iteration %lld, which %d blocks "
                              "do not divide",
                              (int)j, (int)measured, (long long)i, (int)tasks->blocks);
    }
  return TESTUDO_OK;
}

static testudo_status check_tasks(const testudo_i_tasks *tasks, testudo_error *error)
{
  if (tasks->workers < 1 || tasks->workers > 1000000)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers, but 1..1000000 are supported",
                          (int)tasks->workers);
  if (tasks->blocks < 1 || tasks->blocks > 1000000)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d blocks per mini-batch, but 1..1000000 are supported",
                          (int)tasks->blocks);
  if (!(tasks->unit > 0.0 && tasks->unit <= 1e12 && tasks->share >= 0.0 && tasks->share <= 1e12))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a block of %g draws and a message of %g vectors, but the former is above 0, and both are "
                          "at most 1e12",
                          tasks->unit, tasks->share);
  TESTUDO_I_TRY(testudo_delay_check(tasks->model, tasks->workers, error));
  return check_groups(tasks, error);
}

static task_run *make_runs(testudo_i_tasks *tasks, bool wanted)
{
  if (!wanted)
    return NULL;
  task_run *run = testudo_i_arena_alloc(&tasks->arena, (size_t)tasks->workers, sizeof *run);
  for (int32_t j = 0; run != NULL && j < tasks->workers; j++)
    run[j].number = -1;
  return run;
}

static testudo_status make_terms(testudo_i_tasks *tasks, testudo_error *error)
{
  TESTUDO_I_TRY(check_tasks(tasks, error));
  const testudo_delay_model *model = tasks->model;
  size_t workers = (size_t)tasks->workers;
  tasks->once = model->replay == NULL &&
                (model->structure != TESTUDO_STRUCTURE_ADDITIVE || testudo_i_times_are_constant(model));
  tasks->time = make_runs(tasks, tasks->once);
  tasks->startup = make_runs(tasks, model->startup != NULL);
  tasks->message = make_runs(tasks, model->message != NULL);
  tasks->chance = make_runs(tasks, model->slow.factor > 0.0);
  tasks->state = testudo_i_arena_alloc(&tasks->arena, tasks->chance != NULL ? workers : 0, sizeof *tasks->state);
  tasks->failed = testudo_i_arena_alloc(&tasks->arena, model->failures == TESTUDO_FAILURES_EXACTLY ? workers : 0,
                                        sizeof *tasks->failed);
  tasks->failed_index = -1;
  task_worker *worker = testudo_i_arena_alloc(&tasks->arena, workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_arena_check(&tasks->arena, error));
  for (int32_t j = 0, c = 0, first = 0; j < tasks->workers; j++) {
    while (model->classes != NULL && j >= first + model->classes[c].workers)
      first += model->classes[c++].workers;
    worker[j] = (task_worker){testudo_i_class_law(model, c), 1.0};
    if (model->classes != NULL)
      worker[j].rate = model->classes[c].rate;
    else if (model->rates != NULL)
      worker[j].rate = model->rates[j];
    if (tasks->chance != NULL)
      tasks->state[j].index = -1;
  }
  tasks->worker = worker;
  return TESTUDO_OK;
}

testudo_status testudo_i_tasks_create(const testudo_delay_model *model, int32_t workers, int32_t blocks, double unit,
                                      double share, uint64_t seed, testudo_i_tasks **tasks, testudo_error *error)
{
  *tasks = NULL;
  testudo_i_tasks *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_i_tasks){.model = model, .workers = workers, .blocks = blocks, .unit = unit, .share = share,
                            .seed = seed};
  TESTUDO_I_HAND_OVER(make_terms(made, error), made, testudo_i_tasks_free, tasks);
}

void testudo_i_tasks_free(testudo_i_tasks *tasks)
{
  if (tasks != NULL)
    testudo_i_arena_clear(&tasks->arena);
  free(tasks);
}

bool testudo_i_tasks_may_fail(const testudo_delay_model *model)
{
  return (model->failures == TESTUDO_FAILURES_EXACTLY && model->failed > 0) ||
         (model->failures == TESTUDO_FAILURES_EACH && model->fail_prob > 0.0);
}

int32_t testudo_i_tasks_workers(const testudo_i_tasks *tasks)
{
  return tasks->workers;
}

int32_t testudo_i_tasks_blocks(const testudo_i_tasks *tasks)
{
  return tasks->blocks;
}

const testudo_delay_model *testudo_i_tasks_model(const testudo_i_tasks *tasks)
{
  return tasks->model;
}

/* ---- the terms of a task ---- */

/* The index-th draw of a term of a worker (law NULL: a uniform). */
static double term_at(const testudo_i_tasks *tasks, task_run *runs, task_term term, const testudo_law *law,
                      int32_t worker, int64_t index)
{
  task_run *run = &runs[worker];
  if (run->number != index / RUN) {
    uint64_t word[RUN];
    double u[RUN];
    run->number = index / RUN;
    testudo_i_random_block(tasks->seed, TESTUDO_I_FOR_TASK, (uint64_t)worker, term, (uint64_t)run->number, word);
    for (int k = 0; k < RUN; k++)
      u[k] = testudo_i_uniform_of(word[k]);
    if (law != NULL)
      testudo_i_law_fill(law, u, run->value, RUN);
    else
      memcpy(run->value, u, sizeof u);
  }
  return run->value[index % RUN];
}

/* One uniform that few ask for. */
static double rare_uniform(const testudo_i_tasks *tasks, task_term term, int32_t of, int64_t index)
{
  uint64_t word[4];
  testudo_i_random_block(tasks->seed, TESTUDO_I_FOR_TASK, (uint64_t)of, term, (uint64_t)index, word);
  return testudo_i_uniform_of(word[0]);
}

static bool task_is_slow(testudo_i_tasks *tasks, int32_t worker, int64_t index)
{
  const testudo_slow_state *slow = &tasks->model->slow;
  task_state *state = &tasks->state[worker];
  if (state->index < 0 || state->index > index) {
    state->index = 0;
    state->slow = term_at(tasks, tasks->chance, TERM_STATE, NULL, worker, 0) < testudo_i_slow_share(tasks->model);
  }
  while (state->index < index) {
    double u = term_at(tasks, tasks->chance, TERM_STATE, NULL, worker, ++state->index);
    state->slow = state->slow ? u >= slow->end : u < slow->begin;
  }
  return state->slow;
}

/* Floyd's sample without replacement. */
static void draw_failed(testudo_i_tasks *tasks, int64_t index)
{
  testudo_i_random random;
  testudo_i_random_start(&random, tasks->seed, TESTUDO_I_FOR_TASK, (uint64_t)index, TERM_FAILED_SET);
  memset(tasks->failed, 0, (size_t)tasks->workers * sizeof *tasks->failed);
  for (int32_t last = tasks->workers - tasks->model->failed; last < tasks->workers; last++) {
    uint64_t chosen = testudo_i_random_below(&random, (uint64_t)last + 1);
    tasks->failed[tasks->failed[chosen] ? (uint64_t)last : chosen] = true;
  }
  tasks->failed_index = index;
}

static bool task_fails(testudo_i_tasks *tasks, int32_t worker, int64_t index)
{
  const testudo_delay_model *model = tasks->model;
  switch (model->failures) {
  case TESTUDO_FAILURES_EXACTLY:
    if (tasks->failed_index != index)
      draw_failed(tasks, index);
    return tasks->failed[worker];
  case TESTUDO_FAILURES_EACH:
    return rare_uniform(tasks, TERM_FAILURE, worker, index) < model->fail_prob;
  default:
    return false;
  }
}

/* ---- the times of a task ---- */

/* What all blocks of a task share. */
typedef struct task_terms {
  double startup, rate, own; /* own: the factor of every draw */
} task_terms;

static void draw_replayed(const testudo_i_tasks *tasks, const task_terms *terms, int32_t worker, int64_t index,
                          int32_t blocks, double *finished)
{
  const testudo_replay *replay = tasks->model->replay;
  int64_t iterations = testudo_replay_iterations(replay), iteration = index % iterations;
  int32_t count, at = 0;
  const double *seconds = testudo_replay_times(replay, worker, iteration, &count);
  int32_t group = tasks->model->unit == TESTUDO_UNIT_SHARE ? count / tasks->blocks : 1;
  double sum = 0.0;
  for (int32_t k = 0; k < blocks; k++) {
    for (int32_t g = 0; g < group; g++) {
      if (at == count) {
        iteration = (iteration + 1) % iterations;
        seconds = testudo_replay_times(replay, worker, iteration, &count);
        at = 0;
      }
      sum += seconds[at++];
    }
    finished[k] = testudo_i_step_time(terms->startup, 0.0, k + 1, 1.0, sum, terms->rate);
  }
}

/* Blocks that differ: a sum of draws. */
static void draw_summed(const testudo_i_tasks *tasks, const task_terms *terms, const testudo_law *law, int32_t worker,
                        int64_t index, int32_t blocks, double *finished)
{
  double sum = 0.0, overhead = tasks->model->overhead;
  for (int32_t first = 0; first < blocks; first += RUN) {
    uint64_t word[RUN];
    double u[RUN], x[RUN];
    testudo_i_random_block(tasks->seed, TESTUDO_I_FOR_TASK_BLOCK, (uint64_t)worker, (uint64_t)index,
                           (uint64_t)(first / RUN), word);
    for (int k = 0; k < RUN; k++)
      u[k] = testudo_i_uniform_of(word[k]);
    testudo_i_law_fill(law, u, x, RUN);
    for (int32_t k = first; k < blocks && k < first + RUN; k++) {
      sum += terms->own * x[k - first];
      finished[k] = testudo_i_step_time(terms->startup, overhead, k + 1, tasks->unit, sum, terms->rate);
    }
  }
}

static void draw_scaled(const testudo_i_tasks *tasks, const task_terms *terms, int32_t blocks, double *finished)
{
  for (int32_t k = 0; k < blocks; k++)
    finished[k] = testudo_i_step_time(terms->startup, tasks->model->overhead, k + 1, (k + 1) * tasks->unit,
                                      terms->own, terms->rate);
}

static task_terms draw_terms(testudo_i_tasks *tasks, int32_t worker, int64_t index)
{
  const testudo_delay_model *model = tasks->model;
  const task_worker *w = &tasks->worker[worker];
  task_terms terms = {0.0, w->rate, 1.0};
  if (tasks->startup != NULL)
    terms.startup = term_at(tasks, tasks->startup, TERM_STARTUP, model->startup, worker, index);
  if (tasks->chance != NULL && task_is_slow(tasks, worker, index))
    terms.rate /= model->slow.factor;
  if (tasks->time != NULL)
    terms.own = term_at(tasks, tasks->time, TERM_TIME, w->law, worker, index);
  if (model->domain_factor != NULL)
    terms.own *= testudo_i_law_draw(model->domain_factor,
                                    rare_uniform(tasks, TERM_DOMAIN, model->domain[worker], index));
  return terms;
}

void testudo_i_tasks_draw(testudo_i_tasks *tasks, int32_t worker, int64_t index, int32_t blocks, double *finished,
                          double *message)
{
  const testudo_delay_model *model = tasks->model;
  if (task_fails(tasks, worker, index)) {
    for (int32_t k = 0; k < blocks; k++)
      finished[k] = HUGE_VAL;
    *message = HUGE_VAL;
    return;
  }
  task_terms terms = draw_terms(tasks, worker, index);
  *message = 0.0;
  if (tasks->message != NULL)
    *message = tasks->share * term_at(tasks, tasks->message, TERM_MESSAGE, model->message, worker, index);
  if (model->replay != NULL)
    draw_replayed(tasks, &terms, worker, index, blocks, finished);
  else if (model->structure == TESTUDO_STRUCTURE_MIXED)
    draw_summed(tasks, &terms, model->chunk_law, worker, index, blocks, finished);
  else if (!tasks->once)
    draw_summed(tasks, &terms, tasks->worker[worker].law, worker, index, blocks, finished);
  else
    draw_scaled(tasks, &terms, blocks, finished);
}
