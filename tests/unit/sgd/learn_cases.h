/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small problem on a small cluster, its gradients by plain loops, and the parameters of a run made visible. */
#ifndef TESTUDO_TESTS_SGD_LEARN_CASES_H
#define TESTUDO_TESTS_SGD_LEARN_CASES_H

#include "check.h"

#include <stdbool.h>

#include <testudo/sgd.h>

#include "base/random.h"
#include "sgd/clock/tasks.h"

enum { DIM = 3, MOST_WORKERS = 8, MOST_SAMPLES = 64, MOST_UPDATES = 64 };

static inline testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

/* Least squares on normal features; the shards are of unequal sizes and have optima of their own. */
typedef struct small {
  int32_t workers, samples, first[MOST_WORKERS + 1];
  double x[MOST_SAMPLES][DIM], y[MOST_SAMPLES], mu, w0[DIM];
  testudo_data *data;
  testudo_problem *problem;
  testudo_delay_model model;
  testudo_sgd_setting setting;
} small;

static inline void small_make(small *s, int32_t workers, int32_t samples, const char *law)
{
  testudo_i_random draws;
  memset(s, 0, sizeof *s);
  testudo_i_random_start(&draws, 7, TESTUDO_I_FOR_TEST, 11, 0);
  s->workers = workers;
  s->samples = samples;
  s->mu = 0.1;
  for (int32_t j = 0; j <= workers; j++)
    s->first[j] = j == workers ? samples : j * samples / workers + (j % 2);
  for (int32_t i = 0; i < samples; i++) {
    s->y[i] = testudo_i_random_normal(&draws) + 4.0 * i / samples;
    for (int k = 0; k < DIM; k++)
      s->x[i][k] = testudo_i_random_normal(&draws);
  }
  for (int k = 0; k < DIM; k++)
    s->w0[k] = 1.0 - k;
  assert_ok(testudo_data_create(samples, DIM, &s->x[0][0], s->y, TESTUDO_LABELS_REAL, &s->data, NULL));
  assert_ok(testudo_problem_create(s->data, TESTUDO_LOSS_LEAST_SQUARES, s->mu, &s->problem, NULL));
  s->model.law = law_of(law);
  s->setting = (testudo_sgd_setting){.problem = s->problem, .model = &s->model, .workers = workers, .first = s->first,
                                     .batch = 0, .blocks = 1, .start = s->w0};
}

static inline void small_free(small *s)
{
  testudo_problem_free(s->problem);
  testudo_data_free(s->data);
  testudo_law_free((testudo_law *)s->model.law);
}

/* gradient += factor times the gradient of one sample, the penalty included. */
static inline void small_sample(const small *s, const double *w, int32_t i, double factor, double *gradient)
{
  double error = -s->y[i];
  for (int k = 0; k < DIM; k++)
    error += s->x[i][k] * w[k];
  for (int k = 0; k < DIM; k++)
    gradient[k] += factor * (error * s->x[i][k] + s->mu * w[k]);
}

static inline double small_loss(const small *s, const double *w)
{
  double loss = 0.0;
  for (int32_t i = 0; i < s->samples; i++) {
    double error = -s->y[i];
    for (int k = 0; k < DIM; k++)
      error += s->x[i][k] * w[k];
    loss += error * error / (2.0 * s->samples);
  }
  for (int k = 0; k < DIM; k++)
    loss += s->mu / 2.0 * w[k] * w[k];
  return loss;
}

static inline void small_full(const small *s, const double *w, double *gradient)
{
  memset(gradient, 0, DIM * sizeof *gradient);
  for (int32_t i = 0; i < s->samples; i++)
    small_sample(s, w, i, 1.0 / s->samples, gradient);
}

/* gradient += factor times the mean over the samples from .. to - 1 of what a mini-batch of `batch` samples of begin ..
   end - 1 holds; 0: of all of them. */
static inline void small_batch(const small *s, const double *w, uint64_t seed, uint64_t stream, int64_t index,
                               int32_t begin, int32_t end, int32_t batch, int32_t from, int32_t to, double factor,
                               double *gradient)
{
  testudo_i_random draws;
  testudo_i_random_start(&draws, seed, TESTUDO_I_FOR_BATCH, stream, (uint64_t)index);
  for (int32_t k = 0; k < to; k++) {
    int32_t i = begin + (batch == 0 ? k : (int32_t)testudo_i_random_below(&draws, (uint64_t)(end - begin)));
    if (k >= from)
      small_sample(s, w, i, factor / (to - from), gradient);
  }
}

/* ---- runs ---- */

static inline testudo_sgd *simulate(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                    int32_t methods, const testudo_sgd_options *options)
{
  testudo_sgd *sgd = NULL;
  testudo_error error = {""};
  if (testudo_sgd_simulate(setting, method, methods, options, NULL, &sgd, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return sgd;
}

static inline const double *curve_of(const testudo_sgd *sgd, int32_t method, int32_t run, testudo_sgd_quantity what)
{
  return sgd->run[(int64_t)method * sgd->runs + run].curve + (int64_t)what * sgd->time_count;
}

/* w at every recorded time of every run, runs x times x DIM: by its distances from 0 and from the unit vectors. */
static inline double *parameters_of(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                    const testudo_sgd_options *options)
{
  testudo_sgd_setting from = *setting;
  int64_t count = options->runs * options->time_count;
  double *w = calloc((size_t)count * DIM, sizeof *w), *norm = calloc((size_t)count, sizeof *norm);
  assert_true(w != NULL && norm != NULL);
  for (int k = -1; k < DIM; k++) {
    double target[DIM] = {0.0};
    if (k >= 0)
      target[k] = 1.0;
    from.target = target;
    testudo_sgd *sgd = simulate(&from, method, 1, options);
    for (int64_t at = 0; at < count; at++) {
      double distance = curve_of(sgd, 0, (int32_t)(at / options->time_count),
                                 TESTUDO_SGD_DISTANCE)[at % options->time_count];
      if (k < 0)
        norm[at] = distance * distance;
      else
        w[at * DIM + k] = (norm[at] + 1.0 - distance * distance) / 2.0;
    }
    testudo_sgd_free(sgd);
  }
  free(norm);
  return w;
}

/* What a plain simulation expects: update u (1, 2, ..) at time[u], parameters w[u], bits and K since then. */
typedef struct plain_run {
  int32_t updates;
  double time[MOST_UPDATES + 1], w[MOST_UPDATES + 1][DIM], bits[MOST_UPDATES + 1];
  int32_t wait[MOST_UPDATES + 1];
} plain_run;

/* Shortly before and shortly after every update the run is where the plain one is; bits and K too, exactly. */
static inline void assert_same_run(const testudo_sgd_setting *setting, const testudo_sgd_method *method, uint64_t seed,
                                   const plain_run *plain, double tolerance)
{
  double times[2 * MOST_UPDATES];
  for (int32_t u = 1; u <= plain->updates; u++) {
    times[2 * u - 2] = plain->time[u] * (1.0 - 1e-12);
    times[2 * u - 1] = plain->time[u] * (1.0 + 1e-12);
  }
  for (int32_t k = 1; k < 2 * plain->updates; k++) /* updates at equal times */
    times[k] = fmax(times[k], times[k - 1]);
  testudo_sgd_options options = {.times = times, .time_count = 2 * plain->updates, .updates = plain->updates,
                                 .seed = seed, .runs = 1, .threads = 1};
  double *w = parameters_of(setting, method, &options);
  testudo_sgd *sgd = simulate(setting, method, 1, &options);
  const double *updates = curve_of(sgd, 0, 0, TESTUDO_SGD_UPDATES), *bits = curve_of(sgd, 0, 0, TESTUDO_SGD_BITS),
               *wait = curve_of(sgd, 0, 0, TESTUDO_SGD_WAIT);
  for (int32_t k = 0; k < 2 * plain->updates; k++) {
    int32_t u = 0;
    while (u < plain->updates && plain->time[u + 1] <= times[k])
      u++;
    assert_true(updates[k] == u && bits[k] == plain->bits[u]);
    assert_true(u == plain->updates || wait[k] == plain->wait[u]);
    for (int i = 0; i < DIM; i++)
      assert_near(w[k * DIM + i], plain->w[u][i], tolerance * (1.0 + fabs(plain->w[u][i])));
  }
  free(w);
  testudo_sgd_free(sgd);
}

#endif
