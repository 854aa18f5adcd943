/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods whose updates come from the clock: the sync and async rules, AdaSync, the step against staleness, live
   gradient compensation. */
#include <math.h>
#include <string.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "linalg/products.h"
#include "sgd/clock/events.h"
#include "sgd/learn/learn.h"

/* Parameters that a task under way has read, and the two newest, which the next update may use whatever the rule. */
typedef struct past_versions {
  int32_t slots, free_from;
  int64_t *version;
  int32_t *readers;
  double *w;                /* slots x dim */
  int32_t *slot;            /* of each worker, what it has read */
  int32_t newest, before;   /* slots */
} past_versions;

typedef struct by_events {
  testudo_i_tasks *tasks;
  testudo_i_events *events;
  past_versions past;
  double gap, next_choice;  /* AdaSync: F(w_0) - optimum, and when K is chosen again */
} by_events;

/* ---- past parameters ---- */

static double *past_slot(const testudo_i_learner *learner, const past_versions *past, int32_t slot)
{
  return past->w + (size_t)slot * learner->dim;
}

static testudo_status past_make(testudo_i_learner *learner, past_versions *past, testudo_error *error)
{
  int32_t workers = learner->setting->workers;
  past->slots = workers + 3;
  past->version = testudo_i_arena_calloc(&learner->arena, (size_t)past->slots, sizeof *past->version);
  past->readers = testudo_i_arena_calloc(&learner->arena, (size_t)past->slots, sizeof *past->readers);
  past->slot = testudo_i_arena_calloc(&learner->arena, (size_t)workers, sizeof *past->slot);
  past->w = testudo_i_arena_alloc(&learner->arena, (size_t)past->slots * learner->dim, sizeof *past->w);
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  past->readers[0] = workers;
  memcpy(past->w, learner->w, learner->dim * sizeof *past->w);
  return TESTUDO_OK;
}

/* What a part was computed at. */
static const double *past_of(const testudo_i_learner *learner, const past_versions *past, const testudo_i_part *part)
{
  int32_t slot = part->version == past->version[past->newest]   ? past->newest
                 : part->version == past->version[past->before] ? past->before
                                                                : past->slot[part->worker];
  return past_slot(learner, past, slot);
}

/* The parameters of a new version; who has a part in its update reads it, or the one before. */
static void past_add(testudo_i_learner *learner, past_versions *past, const by_events *own,
                     const testudo_i_update *update)
{
  int32_t slot = past->free_from;
  while (past->readers[slot] > 0 || slot == past->newest || slot == past->before)
    slot = (slot + 1) % past->slots;
  past->free_from = (slot + 1) % past->slots;
  past->version[slot] = update->version;
  memcpy(past_slot(learner, past, slot), learner->next, learner->dim * sizeof *past->w);
  past->before = past->newest;
  past->newest = slot;
  if (!testudo_i_rule_is_async(testudo_i_sgd_rule(learner->method)))
    return;
  for (int32_t k = 0; k < update->parts; k++) {
    int32_t worker = update->part[k].worker;
    past->readers[past->slot[worker]]--;
    past->slot[worker] = testudo_i_events_reads(own->events, worker) == update->version ? past->newest : past->before;
    past->readers[past->slot[worker]]++;
  }
}

/* ---- AdaSync ---- */

/* K for the loss, or the time, of now. */
static testudo_status choose_wait(testudo_i_learner *learner, by_events *own, testudo_error *error)
{
  const testudo_sgd_method *method = learner->method;
  const testudo_schedule *schedule = method->schedule;
  int32_t workers = learner->setting->workers, wait;
  if (learner->last.time < own->next_choice)
    return TESTUDO_OK;
  own->next_choice = learner->last.time + method->interval;
  bool by_time = schedule != NULL && testudo_schedule_looks_up(schedule) == TESTUDO_SCHEDULE_BY_TIME;
  double loss = by_time ? NAN : testudo_problem_loss(learner->setting->problem, learner->work, learner->w);
  if (schedule != NULL) {
    wait = testudo_schedule_wait(schedule, by_time ? learner->last.time : loss);
  } else {
    double ratio = (loss - method->optimum) / own->gap, real = workers;
    testudo_adasync_rule rule =
        method->rule == TESTUDO_WAITING_K_SYNC ? TESTUDO_ADASYNC_EXPONENTIAL : TESTUDO_ADASYNC_PROPORTIONAL;
    if (!isfinite(loss))
      real = 1.0;
    else if (ratio > 0.0)
      TESTUDO_I_TRY(testudo_adasync_real(rule, workers, method->wait, ratio, &real, error));
    wait = (int32_t)(real * (1.0 + 1e-12)); /* the K that it began with, whatever rounding says */
  }
  learner->wait = testudo_i_events_wait(own->events, wait);
  return TESTUDO_OK;
}

/* ---- updates ---- */

/* What the gradient of a part is multiplied with. */
static double weight_of(const testudo_i_learner *learner, const testudo_i_update *update, const testudo_i_part *part,
                        const testudo_i_batch *batch, const double *read)
{
  const testudo_sgd_method *method = learner->method;
  if (method->kind == TESTUDO_SGD_LGC) {
    double share = (double)testudo_i_batch_samples(batch, part->first, part->blocks) /
                   testudo_i_batch_samples(batch, 0, batch->blocks);
    return method->step / learner->setting->workers * share;
  }
  if (method->kind != TESTUDO_SGD_STALENESS_STEP)
    return method->step / update->parts;
  double distance = 0.0;
  for (size_t i = 0; i < learner->dim; i++)
    distance += (learner->w[i] - read[i]) * (learner->w[i] - read[i]);
  return distance > 0.0 ? fmin(method->spread / distance, method->step) : method->step;
}

/* The recursion of Theorem 4, one step; NAN where the step is over its limit. */
static void follow_bound(testudo_i_learner *learner, double step)
{
  if (isnan(learner->coming.bound))
    return;
  testudo_assumptions assumed = *learner->method->assumed;
  double value[2];
  assumed.gap = learner->coming.bound;
  testudo_status status = testudo_staleness_curve(&assumed, learner->method->spread, &step, 1, value, NULL);
  learner->coming.bound = status == TESTUDO_OK ? value[1] : NAN;
}

static testudo_status update_by_events(testudo_i_learner *learner, testudo_error *error)
{
  by_events *own = learner->own;
  testudo_i_update update;
  if (learner->method->kind == TESTUDO_SGD_ADASYNC)
    TESTUDO_I_TRY(choose_wait(learner, own, error));
  TESTUDO_I_TRY(testudo_i_events_next(own->events, &update, error));
  memcpy(learner->next, learner->w, learner->dim * sizeof *learner->next);
  int64_t messages = 0;
  for (int32_t k = 0; k < update.parts; k++) {
    const testudo_i_part *part = &update.part[k];
    testudo_i_batch batch = testudo_i_batch_of_worker(learner, part->worker, part->task);
    const double *read = past_of(learner, &own->past, part);
    testudo_i_batch_gradient(learner, &batch, read, part->first, part->blocks);
    double weight = weight_of(learner, &update, part, &batch, read);
    testudo_i_add_times(learner->dim, -weight, learner->gradient, learner->next);
    follow_bound(learner, weight);
    bool same = learner->method->kind == TESTUDO_SGD_LGC && k > 0 && part->worker == update.part[k - 1].worker;
    messages += !same; /* what is owed and what is new go together */
  }
  past_add(learner, &own->past, own, &update);
  learner->coming.bits += 32.0 * (double)learner->dim * (double)messages;
  learner->coming.time = update.time;
  return TESTUDO_OK;
}

static testudo_status begin_by_events(testudo_i_learner *learner, testudo_error *error)
{
  const testudo_sgd_setting *setting = learner->setting;
  const testudo_sgd_method *method = learner->method;
  by_events *own = testudo_i_arena_calloc(&learner->arena, 1, sizeof *own);
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  learner->own = own;
  bool scheduled = method->kind == TESTUDO_SGD_ADASYNC && method->schedule != NULL;
  learner->wait = scheduled ? 1 : testudo_i_sgd_wait(method, setting->workers);
  double unit = setting->model->unit == TESTUDO_UNIT_SHARE ? 1.0 / setting->blocks : 1.0;
  TESTUDO_I_TRY(testudo_i_tasks_create(setting->model, setting->workers, setting->blocks, unit, 1.0, learner->seed,
                                       &own->tasks, error));
  TESTUDO_I_TRY(testudo_i_events_create(own->tasks, testudo_i_sgd_rule(method), learner->wait, setting->blocks,
                                        &own->events, error));
  if (scheduled) /* which may be made for more workers than there are */
    learner->wait = testudo_i_events_wait(own->events, testudo_schedule_waits(method->schedule)[0]);
  if (method->kind == TESTUDO_SGD_ADASYNC)
    own->gap = testudo_problem_loss(setting->problem, learner->work, learner->w) - method->optimum;
  return past_make(learner, &own->past, error);
}

static void end_by_events(testudo_i_learner *learner)
{
  by_events *own = learner->own;
  if (own == NULL)
    return;
  testudo_i_events_free(own->events);
  testudo_i_tasks_free(own->tasks);
}

const testudo_i_learner_class testudo_i_learn_by_events = {begin_by_events, update_by_events, end_by_events,
                                                             NULL};
