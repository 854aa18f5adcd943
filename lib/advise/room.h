/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the steps of an advice hand on to each other. */
#ifndef TESTUDO_ADVISE_ROOM_H
#define TESTUDO_ADVISE_ROOM_H

#include "advise/candidates.h"
#include "advise/cost.h"
#include "base/error.h"

enum { TESTUDO_I_MOST_REMEDIES = 20 };

/* How far the whole is when there are iterations to measure remedies on, and when all are measured. */
#define TESTUDO_I_GROUND_LAID 0.5
#define TESTUDO_I_REMEDIES_MEASURED 0.9

/* How far the whole is: what a step says of itself lies between two fractions of that. */
typedef struct testudo_i_advice_progress {
  const testudo_monitor *whole;   /* NULL: nobody asks */
  double from, to;
  bool stopped;
} testudo_i_advice_progress;

/* Asks the monitor of a progress, the context; `fraction` of the step, below 0: not known. */
static inline bool testudo_i_advice_goes_on(void *context, double fraction)
{
  testudo_i_advice_progress *progress = context;
  double done = progress->from + (progress->to - progress->from) * fraction;
  bool known = fraction >= 0.0 && fraction <= 1.0;
  progress->stopped = progress->stopped || testudo_i_stopped(progress->whole, known ? done : -1.0);
  return !progress->stopped;
}

typedef struct testudo_advice_room {
  testudo_i_arena arena;
  testudo_advise_request request; /* with its defaults, and a monitor of steps */
  testudo_i_advice_progress progress;
  testudo_monitor steps;
  testudo_fit *fit;
  testudo_law *law, *chunk_law, *startup; /* of the model that fit recommends */
  testudo_delay_model model;      /* that iterations are drawn from */
  bool has_measured, has_drawn;
  testudo_i_ground measured, drawn;
  const double *rates;            /* of each worker, where some differ for good; NULL: none does */
  testudo_i_way way[TESTUDO_I_MOST_REMEDIES]; /* of each remedy; its design is the remedy's */
  testudo_remedy remedy[TESTUDO_I_MOST_REMEDIES];
} testudo_i_advice_room;

/* Those of the trace, where there is one. */
static inline const testudo_i_iterations *testudo_i_own_iterations(const testudo_i_advice_room *room)
{
  return room->has_measured ? &room->measured.iterations : &room->drawn.iterations;
}

/* What a design with `granularity` chunks a share may hold. */
testudo_i_limits testudo_i_limits_of(const testudo_i_advice_room *room, int32_t granularity);

/* Where designs are chosen: on iterations that were drawn; without a model that holds, on the measured ones. */
static inline testudo_i_ground *testudo_i_choosing_ground(testudo_i_advice_room *room)
{
  return room->has_drawn ? &room->drawn : &room->measured;
}

/* Fills the list. */
TESTUDO_CHECKED testudo_status testudo_i_try_remedies(testudo_i_advice_room *room, testudo_advice *advice,
                                                      testudo_error *error);

/* What partial designs of these limits reach at best on a ground; NAN: there are none. */
TESTUDO_CHECKED testudo_status testudo_i_best_partial(testudo_i_ground *ground, const testudo_i_limits *limits,
                                                      double *value, testudo_error *error);

/* Recommended, best code, what more would bring, and the sentences. */
TESTUDO_CHECKED testudo_status testudo_i_decide(testudo_i_advice_room *room, testudo_advice *advice,
                                                testudo_error *error);

#endif
