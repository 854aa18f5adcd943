/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the steps of an advice hand on to each other. */
#ifndef TESTUDO_ADVISE_ROOM_H
#define TESTUDO_ADVISE_ROOM_H

#include "advise/candidates.h"
#include "advise/cost.h"

enum { TESTUDO_I_MOST_REMEDIES = 20 };

typedef struct testudo_advice_room {
  testudo_i_arena arena;
  testudo_advise_request request; /* with its defaults */
  testudo_fit *fit;
  testudo_law *law, *chunk_law, *startup; /* of the model that fit recommends */
  testudo_delay_model model;      /* that iterations are drawn from */
  bool has_measured, has_drawn;
  testudo_i_ground measured, drawn;
  double *factor;                 /* of each worker: its mean time over that of all */
  testudo_i_way way[TESTUDO_I_MOST_REMEDIES]; /* of each remedy; its design is the remedy's */
  testudo_remedy remedy[TESTUDO_I_MOST_REMEDIES];
} testudo_i_advice_room;

/* Where designs are chosen: on iterations that were drawn; without a model that holds, on the measured ones. */
static inline testudo_i_ground *testudo_i_choosing_ground(testudo_i_advice_room *room)
{
  return room->has_drawn ? &room->drawn : &room->measured;
}

/* Fills the list. */
TESTUDO_CHECKED testudo_status testudo_i_try_remedies(testudo_i_advice_room *room, testudo_advice *advice,
                                                      testudo_error *error);

/* The best of candidates on a ground, its design handed on (the others are freed); way.kind TESTUDO_REMEDIES: none. */
TESTUDO_CHECKED testudo_status testudo_i_choose_candidate(testudo_i_ground *ground, testudo_i_candidates *from,
                                                          testudo_i_candidate_design *chosen, double *value,
                                                          testudo_error *error);

/* What partial designs of these limits reach at best on a ground; NAN: there are none. */
TESTUDO_CHECKED testudo_status testudo_i_best_partial(testudo_i_ground *ground, const testudo_i_limits *limits,
                                                      double *value, testudo_error *error);

/* Recommended, best code, what more would bring, and the sentences. */
TESTUDO_CHECKED testudo_status testudo_i_decide(testudo_i_advice_room *room, testudo_advice *advice,
                                                testudo_error *error);

#endif
