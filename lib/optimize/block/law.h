/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a block code as a function of its sizes, over workers that are alike (docs/theory/block.md#the-law): a
   worker has finished block k by t with probability F_k(t), which depends on W_k alone, the work until then in chunk
   times; and T <= t when alive - (s_k - failed) workers have, for every k. With its derivatives by W. */
#ifndef TESTUDO_OPTIMIZE_BLOCK_LAW_H
#define TESTUDO_OPTIMIZE_BLOCK_LAW_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/delay.h>

#include "base/arena.h"
#include "delay/model.h"
#include "exact/stepped/crossing.h"

/* Not changed while threads use it. */
typedef struct testudo_i_block_law {
  testudo_delay_model model;    /* without start-up */
  testudo_i_delay delay;        /* of it */
  double rate;                  /* of every worker */
  double lives;                 /* the chance that a worker does not fail by itself */
  double start;                 /* constant start-up: T - start is proportional to the sizes .. */
  bool proportional;            /* .. and convex in them; false: start-up is random, for which stand .. */
  double *wait;                 /* .. so many of its quantiles, equally likely: a law near by, good for a search */
  int32_t waits;
  bool plain;                   /* F_k(t) is `lives` times P(X <= (t - start) rate / W_k) */
  /* Values of positive probability, none where it is not plain: their logarithms, and sums over those before of their
     probabilities, and of these times the logarithms. */
  double *atom, *mass, *moment;
  int64_t atoms;
  double spread;                /* 0: the law itself. Otherwise atoms, and they alone, are multiplied by exp(-V), V
                                   uniform in [0, spread]: a law of smaller times, without atoms */
  int32_t alive;                /* workers that do not fail for certain */
  testudo_i_arena arena;        /* of atoms and waits */
} testudo_i_block_law;

/* Are the workers of a model alike, and F_k a function of W_k? What sampling is for otherwise. */
bool testudo_i_block_law_known(const testudo_delay_model *model, int32_t workers);

/* *law stays where it is until testudo_i_block_law_clear. */
TESTUDO_CHECKED testudo_status testudo_i_block_law_make(testudo_i_block_law *law, const testudo_delay_model *model,
                                                        int32_t workers, testudo_error *error);
void testudo_i_block_law_clear(testudo_i_block_law *law);

/* F_k(t) and 1 - F_k(t) at W_k = work > 0, each accurate where small. */
void testudo_i_block_law_sides(const testudo_i_block_law *law, double work, double t, double *reached, double *missed);

/* The times less the start-up at which F_k has a kink or jumps, at W_k = work: *count of them, at most
   TESTUDO_I_BLOCK_KINKS, in no order; 0 where they are more or not known. */
enum { TESTUDO_I_BLOCK_KINKS = 16 };
void testudo_i_block_law_kinks(const testudo_i_block_law *law, double work, double *time, int32_t *count);

/* A time by which a worker has done the work `work` with probability p in (0, 1), about. */
double testudo_i_block_law_scale(const testudo_i_block_law *law, double work, double p);

/* ---- levels: the blocks that hold something, in a workspace of one thread ---- */

typedef struct testudo_i_block_levels {
  const testudo_i_block_law *law;
  testudo_i_crossing crossing;
  double *reached, *missed;  /* levels, at the time last evaluated */
} testudo_i_block_levels;

/* need: `levels` numbers (lent). */
TESTUDO_CHECKED testudo_status testudo_i_block_levels_make(testudo_i_block_levels *levels,
                                                           const testudo_i_block_law *law, int32_t count,
                                                           const int32_t *need, testudo_i_arena *arena,
                                                           testudo_error *error);

/* P(T <= t) at works W (positive, not decreasing), and what the crossing then holds; or P alone, for half. */
double testudo_i_block_levels_at(testudo_i_block_levels *levels, const double *work, double t);
double testudo_i_block_levels_below(testudo_i_block_levels *levels, const double *work, double t);

#endif
