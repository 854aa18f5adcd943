/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The iterations of a design: who has done what when the server stops waiting, and when that is. No gradients. */
#ifndef TESTUDO_SGD_LEARN_ITERATION_H
#define TESTUDO_SGD_LEARN_ITERATION_H

#include <testudo/runtime.h>
#include <testudo/sgd.h>

#include "base/arena.h"
#include "sgd/clock/tasks.h"

/* A worker has finished its first `done` steps. */
typedef struct testudo_i_step {
  double time;
  int32_t worker, done;
} testudo_i_step;

typedef struct testudo_i_iteration {
  const testudo_sgd_method *method;
  const testudo_delay_model *model;
  testudo_i_tasks *tasks;
  testudo_progress *progress; /* of this iteration */
  testudo_codec *codec;
  int32_t workers, chunks;
  bool announced;           /* who sends is said once the progress is fixed */
  int64_t number;           /* from 0; -1: none yet */
  int64_t events;           /* steps that are ever done */
  bool enough;              /* by the method's rule */
  double ready;             /* seconds from the beginning until the server stops waiting; 0 where all workers fail */
  int32_t senders;          /* of those that have been asked: how many have something to send, and .. */
  double last;              /* .. the longest of their messages, where they are announced */
  int empty;                /* iterations in a row in which all workers fail */
  double *finished, *message;
  testudo_i_step *event;
} testudo_i_iteration;

/* Of a method and a model that were checked; a message is `share` of a full vector. End whatever this answers. */
TESTUDO_CHECKED testudo_status testudo_i_iteration_begin(testudo_i_iteration *iteration, testudo_i_arena *arena,
                                                         const testudo_sgd_method *method,
                                                         const testudo_delay_model *model, int32_t workers,
                                                         double share, uint64_t seed, testudo_error *error);
void testudo_i_iteration_end(testudo_i_iteration *iteration);

/* The next iteration; TESTUDO_UNDECODABLE where all workers have failed in 10,000 of them in a row. */
TESTUDO_CHECKED testudo_status testudo_i_iteration_next(testudo_i_iteration *iteration, testudo_error *error);

/* What worker j is asked for; lent until the next call. Every worker is asked once. */
TESTUDO_CHECKED testudo_status testudo_i_iteration_ask(testudo_i_iteration *iteration, int32_t j,
                                                       testudo_request *request, testudo_error *error);

/* How likely a worker straggles, as the weights of sums want to know it. */
double testudo_i_sgd_straggle(const testudo_sgd_method *method, const testudo_delay_model *model, int32_t workers);

/* Seconds until all is in that was asked for. */
double testudo_i_iteration_time(const testudo_i_iteration *iteration);

typedef struct testudo_i_timing_options {
  double share;             /* as above */
  int64_t updates;          /* rounded up to a multiple of 256: 16 chains of 16 batches */
  uint64_t seed;
  int32_t threads;          /* 0: all cores. Never changes a number */
  const testudo_monitor *monitor;
} testudo_i_timing_options;

typedef struct testudo_i_timing {
  double mean, stderr_mean; /* seconds per iteration; the error by the means of the batches */
  int64_t updates, lost;    /* lost: nothing could be decoded, or all workers failed */
} testudo_i_timing;

/* The time of an iteration in the long run, by events. */
TESTUDO_CHECKED testudo_status testudo_i_iteration_measure(const testudo_sgd_method *method,
                                                           const testudo_delay_model *model, int32_t workers,
                                                           const testudo_i_timing_options *options,
                                                           testudo_i_timing *found, testudo_error *error);

/* Of times alone: what check of a method there is without data. */
TESTUDO_CHECKED testudo_status testudo_i_timing_check(const testudo_sgd_method *method,
                                                      const testudo_delay_model *model, int32_t workers,
                                                      testudo_error *error);

#endif
