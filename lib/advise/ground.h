/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where remedies are tried: iterations, measured or drawn, and what comes of them. */
#ifndef TESTUDO_ADVISE_GROUND_H
#define TESTUDO_ADVISE_GROUND_H

#include "advise/iterations.h"

enum { TESTUDO_I_GRANULARITIES = 8 };

typedef struct testudo_i_ground {
  const testudo_advise_request *request;
  testudo_i_iterations iterations;
  bool drawn;                   /* independent of each other */
  const testudo_delay_model *model; /* that they were drawn from, of one time a share; NULL: not so */
  testudo_replay *replay[TESTUDO_I_GRANULARITIES]; /* made when they are asked for */
  int32_t granularity[TESTUDO_I_GRANULARITIES];
  double *none;                 /* completion of the remedy "none", by iteration; NULL: not known yet */
  double none_extra;            /* and what cost adds to it */
} testudo_i_ground;

void testudo_i_ground_clear(testudo_i_ground *ground);

/* How a remedy works. */
typedef struct testudo_i_way {
  testudo_remedy_kind kind;
  testudo_design *design;       /* of all but queues, k-async and replace */
  double quantile;              /* backup: share of the workers that is waited for before copies begin */
  int32_t wait;                 /* k-async */
  const double *factor;         /* replace: by which each worker becomes faster */
  int32_t granularity;          /* queues */
} testudo_i_way;

/* What it comes to, on average over the iterations that end. */
typedef struct testudo_i_outcome {
  double computed;              /* shares, over the workers; NAN: not known, as all that follows */
  double messages;
  double missing, staleness;
} testudo_i_outcome;

/* When each iteration is done, HUGE_VAL: never; `completion` has room for a number each. `outcome` may be NULL, which
   saves half of the time. */
TESTUDO_CHECKED testudo_status testudo_i_ground_run(testudo_i_ground *ground, const testudo_i_way *way,
                                                    double *completion, testudo_i_outcome *outcome,
                                                    testudo_error *error);

/* The objective of a way; `completion` and `sorted` are room for a number an iteration each. */
TESTUDO_CHECKED testudo_status testudo_i_ground_value(testudo_i_ground *ground, const testudo_i_way *way,
                                                      double *completion, double *sorted, double *value,
                                                      testudo_error *error);

/* Chunks and numbers at their prices; 0 of other objectives. */
double testudo_i_ground_extra(const testudo_i_ground *ground, const testudo_i_outcome *outcome);

/* All that is said of completion times, against the remedy "none", which is measured first. */
TESTUDO_CHECKED testudo_status testudo_i_ground_describe(testudo_i_ground *ground, const double *completion,
                                                         double extra, testudo_remedy_times *times,
                                                         testudo_error *error);

/* ---- without designs (queue.c) ---- */

/* A central queue over all chunks of `granularity` a share, in whatever order: who is free takes the next one. With
   copies, who finds it empty repeats the chunk that has been running longest with the fewest copies. */
void testudo_i_queue_times(const testudo_i_iterations *of, int32_t granularity, double overhead, bool copies,
                           double *completion, double *computed, double *room);
size_t testudo_i_queue_room(const testudo_i_iterations *of, int32_t granularity);

/* Updates by `wait` workers; the others go on, each with one share after another, iteration after iteration. Times from
   one update to the next, a number for each iteration; the mean staleness. */
void testudo_i_async_times(const testudo_i_iterations *of, double overhead, int32_t wait, double *completion,
                           double *staleness, double *room);

#endif
