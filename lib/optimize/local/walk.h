/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One restart of a local search: a walk from holding to holding. */
#ifndef TESTUDO_OPTIMIZE_LOCAL_WALK_H
#define TESTUDO_OPTIMIZE_LOCAL_WALK_H

#include "optimize/local/missing.h"
#include "optimize/local/times.h"
#include "optimize/search/draws.h"

typedef struct testudo_i_walk {
  testudo_i_score *score;      /* what it is judged by: this or .. */
  testudo_i_missing *missing;  /* .. this; NULL: the other one is set */
  testudo_i_holding *holding;
  bool reassign;
  testudo_i_draws *draws;
  int64_t moves;
  int64_t one, other;  /* the exchange proposed */
  int32_t *best;       /* of annealing: the chunks of all slots at the least value */
  /* Asked every few moves with its context; true ends the walk. */
  bool (*stopped)(void *context);
  void *context;
} testudo_i_walk;

double testudo_i_walk_value(const testudo_i_walk *walk);

/* Annealing by `moves` random exchanges, its heat falling from `hot` to `cold` times the value at its start. The
   holding is left at the last; walk->best are the chunks of the best on the way. */
void testudo_i_walk_anneal(testudo_i_walk *walk, int64_t moves, double hot, double cold);

/* Random exchanges, each taken when it is better by more than one part in a million, until as many as the holding has
   exchanges inside the workers (and as many again between them) were in vain one after another, or `most` were made. */
void testudo_i_walk_descend(testudo_i_walk *walk, int64_t most);

#endif
