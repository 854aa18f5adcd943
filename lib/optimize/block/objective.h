/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made small - the mean, a quantile, or -log P(T <= t) - as a smooth function of the shares of the blocks, with
   its derivatives, to the accuracy that a search wants; and bounds below it for all shares
   (docs/theory/block.md#the-bound). */
#ifndef TESTUDO_OPTIMIZE_BLOCK_OBJECTIVE_H
#define TESTUDO_OPTIMIZE_BLOCK_OBJECTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/optimize.h>

#include "optimize/block/law.h"

/* The cells of a mean are dealt out in so many parts, whatever the number of threads. */
enum { TESTUDO_I_BLOCK_PARTS = 16 };

typedef struct testudo_i_block_objective {
  testudo_objective_kind kind;  /* mean, quantile, deadline */
  double at;                    /* the quantile, or the deadline */
  const testudo_i_block_law *law;
  int32_t blocks;               /* the tolerances that hold something, increasing */
  const int32_t *tolerance;
  int32_t *need;
  int32_t threads;
  const testudo_monitor *monitor;
  testudo_i_block_levels *levels; /* one per thread */
  double *work, *slope;         /* blocks */
  double *part_slope, *part_curve, *part_late, *part_mass; /* per part */
  /* Of a mean: times less the constant start-up, ascending, and what the cell behind each brings to the mean. Of the
     shares last asked for. */
  double *edge, *weight;
  size_t edges, edge_room, weight_room;
  double mass;                  /* by which P(T <= t) rises over them */
  double unseen;                /* part of it that slopes in the cells may miss */
  int32_t fine;                 /* about so many cells where T mostly is */
  bool curved;                  /* are the second derivatives summed, too? */
  double *piece;                /* of a bound: finer cells in each, and what is kept of levels */
  double guess;                 /* of a quantile: the last one found */
  testudo_i_arena arena;
} testudo_i_block_objective;

/* For shares over the `blocks` tolerances, all positive; everything is lent. Free whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_block_objective_make(testudo_i_block_objective *objective,
                                                              const testudo_i_block_law *law,
                                                              testudo_objective goal, int32_t blocks,
                                                              const int32_t *tolerance, int32_t workers,
                                                              int32_t threads, const testudo_monitor *monitor,
                                                              testudo_error *error);
void testudo_i_block_objective_clear(testudo_i_block_objective *objective);

/* *value (HUGE_VAL where P(T <= t) is 0), its derivatives by the shares (gradient: blocks), and those of them (curve:
   blocks x blocks, may be NULL; of a mean positive semidefinite, as the mean is convex). Stopped: TESTUDO_INTERRUPTED.
   */
TESTUDO_CHECKED testudo_status testudo_i_block_objective_at(testudo_i_block_objective *objective, const double *share,
                                                            double *value, double *gradient, double *curve,
                                                            testudo_error *error);

/* Of a mean whose law is proportional: `bound`, below the expected time of any shares over any of the `count`
   tolerances `allowed` (increasing; those of the objective are among them), by weak duality at these shares: proved up
   to rounding, with about `cells` cells. Aim first. */
TESTUDO_CHECKED testudo_status testudo_i_block_mean_bound(testudo_i_block_objective *objective, const double *share,
                                                          const int32_t *allowed, int32_t count, double *bound,
                                                          testudo_error *error);

/* Quantiles and deadlines have such a bound where the speed 1 / X of a worker has a hazard rate that rises, for then
   P(T <= t) is log-concave in the sizes; only speeds up to n / t matter. False where that is not known. */
bool testudo_i_block_log_concave(const testudo_i_block_law *law, int32_t workers, double t);

#endif
