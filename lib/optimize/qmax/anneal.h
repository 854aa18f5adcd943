/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated annealing of an order towards a need (places.h): a move swaps two places of one worker. */
#ifndef TESTUDO_OPTIMIZE_QMAX_ANNEAL_H
#define TESTUDO_OPTIMIZE_QMAX_ANNEAL_H

#include "base/arena.h"
#include "optimize/qmax/places.h"
#include "optimize/search/anneal.h"

typedef struct testudo_i_qmax_anneal testudo_i_qmax_anneal;

/* Are all sums of worths below 2^30, as the annealer wants them? */
bool testudo_i_qmax_anneal_fits(const testudo_i_places *places);

/* One annealer a thread, made in the arena; `places` is lent. TESTUDO_ERROR_LIMIT where they do not fit. Room: 5 words
   an entry. */
TESTUDO_CHECKED testudo_status testudo_i_qmax_anneal_create(const testudo_i_places *places, testudo_i_arena *arena,
                                                            testudo_i_qmax_anneal **anneal, testudo_error *error);

/* From orders shuffled by the stream, or with `warm` from those of places, towards `need`. Of `cooling` the heats (in
   units of one worth), moves, stopped and context are taken. Answers what is missing at the end: the sum over the
   chunks of need - (sum of the counted smallest worths), where positive; 0: attained. The run ends there at once. The
   same arguments give the same orders. *moves grows by those made. */
int64_t testudo_i_qmax_anneal_run(testudo_i_qmax_anneal *anneal, int64_t need, testudo_i_random *random, bool warm,
                                  const testudo_i_annealing *cooling, int64_t *moves);

/* The orders it stands at, as places->orders.chunk (lent). */
const int32_t *testudo_i_qmax_anneal_order(const testudo_i_qmax_anneal *anneal);

#endif
