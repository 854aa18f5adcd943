/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search of block sizes from the request to the measured plan. */
#include "optimize/block/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "code/making/making.h"
#include "exact/latency.h"
#include "numeric/integrate.h"
#include "optimize/block/programme.h"
#include "optimize/latency/objective.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

#define DEFAULT_SAMPLES 2000

/* Trials of a value that is simulated are numbered from here: none of them chose the sizes that are measured. */
#define FIRST_ROUNDED INT64_C(0x100000000)
#define FIRST_FINAL INT64_C(0x200000000)

#define STOPPED_TRIALS 200

/* A step of the search that was stopped leaves the best so far. */
static testudo_status unless_stopped(testudo_i_block_search *s, testudo_status status, testudo_error *error)
{
  if (status != TESTUDO_INTERRUPTED)
    return status;
  s->plan->stopped = true;
  if (error != NULL)
    error->text[0] = '\0';
  return TESTUDO_OK;
}

const testudo_monitor *testudo_i_block_watch(testudo_i_block_search *search, double done)
{
  testudo_i_search_watch_start(&search->watch, search->options->monitor, done, done, search->plan->real,
                               search->plan->bound);
  return &search->watch.plain;
}

/* ---- the value of sizes, by the law of the design itself ---- */

/* P(T <= t); workers that are alike have a law. */
static testudo_status measure_deadline(const testudo_i_goal *goal, const testudo_design *design,
                                       testudo_i_measure *found, testudo_error *error)
{
  const testudo_analysis_options options = {.report = goal->report, .max_states = TESTUDO_I_LIMIT_GOAL_STATES,
                                            .rel_error = 1e-9};
  TESTUDO_I_HELD(testudo_i_latency_drop) testudo_latency *latency = NULL;
  testudo_i_probability at;
  TESTUDO_I_TRY(testudo_latency_create(design, goal->model, &options, &latency, error));
  TESTUDO_I_TRY(testudo_i_latency_at(latency, goal->objective.at, TESTUDO_I_WANT_BOTH, &at, error));
  *found = (testudo_i_measure){.value = at.below_lower, .spread = 1e-13, .exact = true, .p_never = NAN};
  snprintf(found->method, sizeof found->method, "%.119s", testudo_latency_method(latency));
  return TESTUDO_OK;
}

/* Of sizes, one per tolerance. Stopped: TESTUDO_INTERRUPTED. */
static testudo_status measure_sizes(testudo_i_block_search *s, const int64_t *size, int64_t first,
                                    testudo_i_measure *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  /* What is stopped still ends with a measured plan, exact where that takes no time. */
  testudo_i_haste haste;
  testudo_i_goal goal = {.objective = s->plan->objective, .model = s->model, .report = TESTUDO_REPORT_CHUNK,
                         .stream = s->options->seed, .first = first, .threads = s->options->threads,
                         .monitor = s->plan->stopped ? testudo_i_haste_begin(&haste) : testudo_i_block_watch(s, 1.0)};
  TESTUDO_I_TRY(testudo_i_block_shape(s->workers, s->every, size, s->workers, &design, error));
  /* A law that is simulated in the end leaves the sentence that says why. */
  testudo_error why = {""};
  bool deadline = goal.objective.kind == TESTUDO_OBJECTIVE_DEADLINE;
  testudo_status status = (deadline ? measure_deadline : testudo_i_goal_measure)(&goal, design, found, &why);
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

/* ---- what is allowed ---- */

/* Does the single code of a tolerance have a finite mean, or reach the quantile? For workers that are alike, by the
   tail: P(X > t) = t^-a makes the s-th largest t^-(a (s + 1)). */
static bool serves(const testudo_i_block_search *s, int32_t tolerance)
{
  const testudo_i_block_law *law = &s->law;
  int32_t failed = s->workers - law->alive, need = s->workers - tolerance;
  if (tolerance < failed)
    return false;
  if (s->plan->objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    return law->lives >= 1.0 ||
           testudo_i_binomial_above(need, law->alive, law->lives) > s->plan->objective.at * (1.0 + 1e-12);
  double index = testudo_i_law_tail_index(law->delay.law);
  if (s->model->startup != NULL)
    index = fmin(index, testudo_i_law_tail_index(s->model->startup));
  return s->plan->objective.kind != TESTUDO_OBJECTIVE_MEAN || index * (tolerance - failed + 1.0) > 1.0;
}

/* Of workers that differ: the exact mean of each. */
static testudo_status measure_singles(testudo_i_block_search *s, testudo_error *error)
{
  s->plan->single = -1;
  for (int32_t t = 0; t < s->workers; t++) {
    testudo_i_measure found;
    if (!s->allowed[t])
      continue;
    s->size[t] = s->dim;
    TESTUDO_I_TRY(measure_sizes(s, s->size, FIRST_ROUNDED, &found, error));
    s->size[t] = 0;
    /* P(T infinite) is 0 or 1 under exactly f failures, but for rounding. */
    s->allowed[t] = found.p_never < 0.5 && found.value < HUGE_VAL;
    if (s->allowed[t] && (s->plan->single < 0 || found.value < s->plan->single_value)) {
      s->plan->single = t;
      s->plan->single_value = found.value;
    }
  }
  return TESTUDO_OK;
}

static testudo_status list_allowed(testudo_i_block_search *s, testudo_error *error)
{
  s->count = 0;
  for (int32_t t = 0; t < s->workers; t++) {
    s->allowed[t] = s->allowed[t] && (!s->alike || serves(s, t));
    if (s->allowed[t])
      s->among[s->count++] = t;
  }
  if (s->count == 0 && s->plan->objective.kind == TESTUDO_OBJECTIVE_MEAN)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "no single redundancy has a finite mean under this model, so no block code has one");
  if (s->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "too many workers fail under this model: no tolerance that is allowed reaches the objective");
  return TESTUDO_OK;
}

/* ---- workers that differ: a programme over samples ---- */

static testudo_status solve_unlike(testudo_i_block_search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  testudo_i_programme_answer answer;
  TESTUDO_I_TRY(measure_singles(s, error));
  TESTUDO_I_TRY(list_allowed(s, error));
  plan->samples = s->options->tries == 0 ? DEFAULT_SAMPLES : s->options->tries;
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

/* ---- from shares to the plan ---- */

static void take_measure(testudo_block_plan *plan, const testudo_i_measure *found)
{
  plan->value = found->value;
  plan->spread = found->spread;
  plan->exact = found->exact;
  memcpy(plan->method, found->method, sizeof plan->method);
}

/* The classical code of the best single redundancy, where the plan is worse for certain. */
static testudo_status fall_back(testudo_i_block_search *s, testudo_error *error)
{
  testudo_block_plan *plan = s->plan;
  testudo_i_measure found;
  double doubt = plan->exact ? 0.0 : 3.0 * plan->spread;
  double surely = plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ? plan->value + doubt : plan->value - doubt;
  if (!testudo_i_block_is_better(s, plan->single_value, surely))
    return TESTUDO_OK;
  memset(s->size, 0, (size_t)s->workers * sizeof *s->size);
  s->size[plan->single] = s->dim;
  TESTUDO_I_TRY(measure_sizes(s, s->size, FIRST_FINAL, &found, error));
  take_measure(plan, &found);
  return TESTUDO_OK;
}

/* The single redundancy was found to the accuracy of a search. */
static testudo_status measure_best_single(testudo_i_block_search *s, testudo_error *error)
{
  testudo_i_measure found;
  int64_t *size = testudo_i_arena_calloc(&s->arena, (size_t)s->workers, sizeof *size);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  size[s->plan->single] = s->dim;
  TESTUDO_I_TRY(measure_sizes(s, size, FIRST_FINAL, &found, error));
  if (found.exact)
    s->plan->single_value = found.value;
  return TESTUDO_OK;
}

static testudo_status settle_sizes(testudo_i_block_search *s, testudo_error *error)
{
  testudo_i_measure found;
  TESTUDO_I_TRY(testudo_i_block_round(s, error));
  if (s->alike && s->law.proportional && !s->plan->stopped)
    TESTUDO_I_TRY(unless_stopped(s, testudo_i_block_exchange(s, error), error));
  testudo_status status = measure_sizes(s, s->size, FIRST_ROUNDED, &found, error);
  if (status == TESTUDO_INTERRUPTED) {
    TESTUDO_I_TRY(unless_stopped(s, status, error));
    status = measure_sizes(s, s->size, FIRST_ROUNDED, &found, error);
  }
  TESTUDO_I_TRY(status);
  take_measure(s->plan, &found);
  if (s->alike)
    TESTUDO_I_TRY(unless_stopped(s, measure_best_single(s, error), error));
  return unless_stopped(s, fall_back(s, error), error);
}

static testudo_status hand_over(testudo_i_block_search *s, testudo_error *error)
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

/* ---- all together ---- */

static testudo_status check_objective(const testudo_delay_model *model, testudo_objective objective,
                                      testudo_error *error)
{
  if (objective.kind != TESTUDO_OBJECTIVE_MEAN && objective.kind != TESTUDO_OBJECTIVE_QUANTILE &&
      objective.kind != TESTUDO_OBJECTIVE_DEADLINE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "block sizes are chosen for objectives mean, quantile and deadline");
  TESTUDO_I_TRY(testudo_i_objective_check(&objective, error));
  if (objective.kind == TESTUDO_OBJECTIVE_MEAN && model->failures == TESTUDO_FAILURES_EACH && model->fail_prob > 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "with independent failures any block code may never end, so its mean is infinite; exactly f "
                          "failures are supported, or the objectives quantile and deadline");
  return TESTUDO_OK;
}

static testudo_status check_model(int32_t workers, const testudo_delay_model *model, testudo_objective objective,
                                  testudo_error *error)
{
  if (model->structure != TESTUDO_STRUCTURE_SCALED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, TESTUDO_I_STEPS_SCALED, testudo_i_scheme_block.name,
                          testudo_i_scheme_block.step);
  if (model->replay != NULL || model->overhead != 0.0 || model->message != NULL || model->domain_factor != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "block sizes are chosen by chunk times, rates, start-up, slow states and failures; leave out "
                          "overhead, messages, domains and replays");
  TESTUDO_I_TRY(testudo_delay_check(model, workers, error));
  TESTUDO_I_TRY(check_objective(model, objective, error));
  if (!testudo_i_block_law_known(model, workers) &&
      (objective.kind != TESTUDO_OBJECTIVE_MEAN || !testudo_i_delay_is_plain(model)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "block sizes for workers that differ are chosen from samples, for the mean, by --rates, the "
                          "law of a chunk and exactly f failures alone");
  return TESTUDO_OK;
}

static testudo_status check_request(int32_t workers, int64_t dim, const testudo_delay_model *model,
                                    testudo_objective objective, int64_t tries, testudo_error *error)
{
  int64_t samples = tries == 0 ? DEFAULT_SAMPLES : tries;
  if (workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but at least 1 is needed", (int)workers);
  if (dim < 1 || dim > TESTUDO_MAX_DIM)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: %lld, but it must be in 1..%lld", (long long)dim,
                          (long long)TESTUDO_MAX_DIM);
  if (tries < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "tries: %lld, but it is 0 (the default) or positive",
                          (long long)tries);
  if (workers > TESTUDO_BLOCK_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%d workers, but block sizes are chosen for at most %d", (int)workers,
                          TESTUDO_BLOCK_WORKERS);
  TESTUDO_I_TRY(check_model(workers, model, objective, error));
  if (!testudo_i_block_law_known(model, workers) &&
      (samples > TESTUDO_BLOCK_SAMPLES || (double)samples * workers > TESTUDO_BLOCK_ENTRIES))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%d workers and %lld samples, but the linear programme supports at most %d samples, and %d "
                          "samples times workers",
                          (int)workers, (long long)samples, TESTUDO_BLOCK_SAMPLES, TESTUDO_BLOCK_ENTRIES);
  return TESTUDO_OK;
}

static testudo_status reserve(testudo_i_block_search *s, const int32_t *tolerances, int32_t count,
                              testudo_error *error)
{
  size_t workers = (size_t)s->workers;
  s->allowed = testudo_i_arena_calloc(&s->arena, workers, sizeof *s->allowed);
  s->every = testudo_i_arena_alloc(&s->arena, workers, sizeof *s->every);
  s->among = testudo_i_arena_alloc(&s->arena, workers, sizeof *s->among);
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

/* Shares of workers that are alike. Stopped before anything was evaluated, there is nothing to keep. */
static testudo_status descend_alike(testudo_i_block_search *s, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_block_law_make(&s->law, s->model, s->workers, error));
  TESTUDO_I_TRY(list_allowed(s, error));
  testudo_status status = testudo_i_block_singles(s, error);
  if (status == TESTUDO_INTERRUPTED && s->plan->single < 0)
    return status;
  if (status == TESTUDO_OK)
    status = testudo_i_block_descend(s, error);
  s->law.spread = 0.0;
  if (status == TESTUDO_INTERRUPTED && isnan(s->plan->real)) {
    s->share[s->plan->single] = 1.0;
    s->plan->real = s->plan->single_value;
  }
  return unless_stopped(s, status, error);
}

static void clear_search(testudo_i_block_search *s)
{
  testudo_block_plan_free(s->plan);
  testudo_i_block_law_clear(&s->law);
  testudo_i_arena_clear(&s->arena);
}

testudo_status testudo_block_search(int32_t workers, int64_t dim, const int32_t *tolerances, int32_t count,
                                    const testudo_delay_model *model, testudo_objective objective,
                                    const testudo_search_options *options, testudo_block_plan **plan,
                                    testudo_error *error)
{
  *plan = NULL;
  TESTUDO_I_TRY(check_request(workers, dim, model, objective, options->tries, error));
  TESTUDO_I_HELD(clear_search) testudo_i_block_search s = {.workers = workers, .dim = dim, .model = model,
                                                           .options = options};
  s.plan = testudo_i_calloc(1, sizeof *s.plan);
  TESTUDO_I_TRY(testudo_i_memory_check(s.plan != NULL, error));
  s.plan->objective = objective;
  s.plan->value = s.plan->real = s.plan->bound = s.plan->lp_value = s.plan->lp_bound = NAN;
  s.alike = testudo_i_block_law_known(model, workers);
  TESTUDO_I_TRY(reserve(&s, tolerances, count, error));
  TESTUDO_I_TRY(s.alike ? descend_alike(&s, error) : solve_unlike(&s, error));
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
