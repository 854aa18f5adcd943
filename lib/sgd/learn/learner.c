/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run: update after update, recorded at given times. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "sgd/learn/learn.h"

/* Of a mini-batch; where all samples are taken they are not gathered. */
static int32_t most_samples(const testudo_sgd_setting *setting, const testudo_sgd_method *method)
{
  int32_t most = setting->batch;
  if (testudo_sgd_runs_design(method->kind)) /* fewer chunks than workers: the mini-batch of one is the larger */
    most = testudo_i_batch_of_chunk(setting, testudo_design_chunks(method->design));
  return most > 0 ? most : 1;
}

testudo_status testudo_i_learner_begin(testudo_i_learner *learner, const testudo_sgd_setting *setting,
                                       const testudo_sgd_method *method, const testudo_sgd_options *options,
                                       uint64_t seed, testudo_sgd_run *run, testudo_error *error)
{
  *learner = (testudo_i_learner){.setting = setting, .method = method, .options = options, .seed = seed, .run = run};
  learner->class = testudo_sgd_runs_design(method->kind) ? &testudo_i_learn_by_design : &testudo_i_learn_by_events;
  learner->dim = testudo_problem_dim(setting->problem);
  learner->w = testudo_i_arena_calloc(&learner->arena, learner->dim, sizeof *learner->w);
  learner->next = testudo_i_arena_alloc(&learner->arena, learner->dim, sizeof *learner->next);
  learner->gradient = testudo_i_arena_alloc(&learner->arena, learner->dim, sizeof *learner->gradient);
  learner->sample = testudo_i_arena_alloc(&learner->arena, (size_t)most_samples(setting, method),
                                           sizeof *learner->sample);
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  TESTUDO_I_TRY(testudo_problem_work_create(setting->problem, &learner->work, error));
  if (setting->start != NULL)
    memcpy(learner->w, setting->start, learner->dim * sizeof *learner->w);
  *run = (testudo_sgd_run){.curve = run->curve};
  bool bounded = method->kind == TESTUDO_SGD_STALENESS_STEP && method->assumed != NULL;
  learner->last.bound = learner->coming.bound = bounded ? method->assumed->gap : NAN;
  return learner->class->begin(learner, error);
}

void testudo_i_learner_end(testudo_i_learner *learner)
{
  if (learner->class != NULL)
    learner->class->end(learner);
  testudo_problem_work_free(learner->work);
  testudo_i_arena_clear(&learner->arena);
  *learner = (testudo_i_learner){0};
}

/* ---- recording ---- */

static double distance_to(const double *a, const double *b, size_t dim)
{
  double sum = 0.0;
  for (size_t i = 0; i < dim; i++)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

/* The sum over the updates up to this point; between two points by the trapezoidal rule. */
static double mean_square(testudo_i_learner *learner, double before)
{
  testudo_problem_gradient_range(learner->setting->problem, learner->work, learner->w, 0,
                                 testudo_problem_samples(learner->setting->problem), learner->gradient);
  double square = 0.0, updates = (double)learner->updates;
  for (size_t i = 0; i < learner->dim; i++)
    square += learner->gradient[i] * learner->gradient[i];
  learner->squares += learner->point == 0 ? square * (updates + 1.0)
                                          : (learner->square + square) / 2.0 * (updates - before);
  learner->square = square;
  return learner->squares / (updates + 1.0);
}

/* `before`: the updates at the last point, -1 at the first. */
static void record_point(testudo_i_learner *learner, int64_t before)
{
  bool changed = learner->updates != before;
  const testudo_sgd_setting *setting = learner->setting;
  int64_t count = learner->options->time_count, at = learner->point;
  double *curve = learner->run->curve;
  for (int q = 0; q < TESTUDO_SGD_CURVES && !changed; q++)
    curve[q * count + at] = curve[q * count + at - 1];
  if (changed) {
    curve[TESTUDO_SGD_LOSS * count + at] = testudo_problem_loss(setting->problem, learner->work, learner->w);
    curve[TESTUDO_SGD_DISTANCE * count + at] =
        setting->target == NULL ? NAN : distance_to(learner->w, setting->target, learner->dim);
    curve[TESTUDO_SGD_ACCURACY * count + at] =
        testudo_problem_accuracy(setting->problem, learner->work, learner->w);
    curve[TESTUDO_SGD_GRADIENT * count + at] = mean_square(learner, (double)before);
    curve[TESTUDO_SGD_VARIANCE * count + at] =
        learner->class->variance == NULL ? NAN : learner->class->variance(learner);
    curve[TESTUDO_SGD_BOUND * count + at] = learner->last.bound;
  }
  curve[TESTUDO_SGD_UPDATES * count + at] = (double)learner->updates;
  curve[TESTUDO_SGD_BITS * count + at] = learner->last.bits;
  curve[TESTUDO_SGD_WAIT * count + at] = learner->wait;
  learner->point++;
}

/* ---- running ---- */

enum { FIRST_UPDATES = 100000 };
#define MOST_UPDATES 1e15

/* Of a run without a limit of updates: will it ever come to its last time? */
static testudo_status check_pace(const testudo_i_learner *learner, testudo_error *error)
{
  double end = learner->options->times[learner->options->time_count - 1];
  if (learner->options->updates > 0 || learner->updates != FIRST_UPDATES ||
      learner->last.time * (MOST_UPDATES / FIRST_UPDATES) >= end)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d updates have taken %g of %g s, so that the run would never"
                        " end: limit the number of updates", FIRST_UPDATES, learner->last.time, end);
}

static testudo_status find_coming(testudo_i_learner *learner, testudo_error *error)
{
  int64_t most = learner->options->updates;
  if (most > 0 && learner->updates >= most) {
    learner->ended = true;
    return TESTUDO_OK;
  }
  testudo_status status = learner->class->update(learner, error);
  learner->run->stuck = status == TESTUDO_UNDECODABLE;
  bool spent = learner->options->bits > 0.0 && learner->coming.bits > learner->options->bits;
  learner->ended = learner->run->stuck || spent;
  return learner->ended ? TESTUDO_OK : status;
}

static void take_coming(testudo_i_learner *learner)
{
  double *w = learner->w;
  learner->w = learner->next;
  learner->next = w;
  learner->last = learner->coming;
  learner->updates++;
}

testudo_status testudo_i_learner_go_on(testudo_i_learner *learner, double seconds, bool *ended, testudo_error *error)
{
  const testudo_sgd_options *options = learner->options;
  double until = testudo_i_seconds_now() + seconds;
  bool first = !learner->began;
  if (first)
    TESTUDO_I_TRY(find_coming(learner, error));
  learner->began = true;
  int64_t seen = learner->point > 0 ? (int64_t)learner->run->curve[TESTUDO_SGD_UPDATES * options->time_count +
                                                                   learner->point - 1]
                                    : -1;
  *ended = false;
  while (learner->point < options->time_count) {
    if (!learner->ended && learner->coming.time <= options->times[learner->point]) {
      take_coming(learner);
      TESTUDO_I_TRY(check_pace(learner, error));
      TESTUDO_I_TRY(find_coming(learner, error));
    } else {
      record_point(learner, seen);
      seen = learner->updates;
    }
    if (testudo_i_seconds_now() >= until && learner->point < options->time_count)
      return TESTUDO_OK;
  }
  learner->run->updates = learner->updates;
  learner->run->lost = learner->last.lost;
  learner->run->failed = learner->last.failed;
  learner->run->ended = learner->last.time;
  learner->run->done = true;
  *ended = true;
  return TESTUDO_OK;
}
