/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tolerances and block sizes of block gradient codes (docs/theory/block.md#choosing-the-tolerances-and-sizes): a
   descent on the exact law, with a bound below it. */
#ifndef TESTUDO_BLOCK_SEARCH_H
#define TESTUDO_BLOCK_SEARCH_H

#include <testudo/optimize.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_block_plan {
  int32_t blocks;
  int32_t *tolerance;        /* increasing, in 0..workers - 1 */
  int64_t *size;             /* each >= 1, dim in all */
  testudo_objective objective;
  /* E[T] or a quantile of T, seconds, small; or P(T <= t), large. Of the plan, under the model itself: exact where the
     law is, otherwise simulated on trials that chose nothing. The spread is a numerical error, or a standard error. */
  double value, spread;
  bool exact;
  char method[120];          /* what measured it */
  double real;               /* the same of sizes that need not be whole numbers, to some 1e-5; NAN where sampled */
  double bound;              /* no sizes of the tolerances allowed, whole or not, have a better value, under the model
                                itself: of a mean proved up to rounding, of others up to differences for derivatives;
                                NAN where none is known */
  int32_t single;            /* the best single redundancy of the tolerances allowed: that classical code .. */
  double single_value;       /* .. and its value, exact */
  int32_t starts, steps;     /* of the descent: places that it began at, steps of all together */
  int64_t evaluations, moves;/* laws evaluated, whole numbers moved after rounding */
  /* Where workers differ, so that the law is not known as a function of the sizes: a linear programme over `samples` of
     their times (0: there is none), the sample mean at its solution, a bound below which no sizes bring that sample
     mean, its rows and the rounds in which they were added. Both values speak of these samples only, and flatter. */
  int64_t samples;
  double lp_value, lp_bound;
  int64_t rows;
  int32_t rounds;
  bool stopped;              /* by the monitor: the plan is the best so far */
} testudo_block_plan;

#define TESTUDO_BLOCK_WORKERS 500
/* The largest linear programme: samples, and samples x workers. */
#define TESTUDO_BLOCK_SAMPLES 100000
#define TESTUDO_BLOCK_ENTRIES 10000000

/* Sizes for a gradient of dim (1..TESTUDO_MAX_DIM) numbers and `workers` workers under the model, and their tolerances
   - of the `count` in `tolerances`, or with NULL any in 0..workers - 1 - for a small mean or quantile of T, or a large
   P(T <= t) (objectives mean, quantile, deadline).

   Workers that are alike: a descent on the exact law over sizes that need not be whole. The mean is convex in them, so
   that the descent ends at the least, and plan->bound proves how near it is; laws with atoms (traces) are made smooth
   by smaller times, for which the bound holds too. A quantile and P(T <= t) have a bound only where the speed of a
   worker has a hazard rate that increases, which is known of shifted-exp, exp and pareto in part; they are descended
   from several starts (options->tries of them; 0: 4). Then rounding by largest remainders, and single coordinates
   moved while that is better. Some n^4 / 1000 operations: 50 workers take seconds, 300 minutes.

   Workers of different rates: the mean only, by a linear programme over options->tries samples of their times (0:
   2000), rounded; feasible, without a bound. GLPK, which solves it, ends the process where memory runs out.

   Never worse than the best single redundancy of those tolerances where that is certain (exactly, or by three standard
   errors). Structure scaled; start-up times and slow states are supported of workers that are alike; no overhead, no
   messages, no domains, no replay. Failures: exactly f; independent ones of quantile and deadline only.
   TESTUDO_ERROR_ARGUMENT otherwise, and where no tolerance has a finite mean, or reaches the quantile;
   TESTUDO_ERROR_LIMIT beyond the sizes above; TESTUDO_INTERRUPTED when stopped before there was any plan. Free with
   testudo_block_plan_free. The same seed and tries give the same plan, for any number of threads, unless stopped. */
TESTUDO_CHECKED testudo_status testudo_block_search(int32_t workers, int64_t dim, const int32_t *tolerances,
                                                    int32_t count, const testudo_delay_model *model,
                                                    testudo_objective objective, const testudo_search_options *options,
                                                    testudo_block_plan **plan, testudo_error *error);
void testudo_block_plan_free(testudo_block_plan *plan); /* NULL is fine */

/* Puts {"search":{..}} of a plan into the provenance of the design made from it. */
TESTUDO_CHECKED testudo_status testudo_block_plan_record(testudo_design *design, const testudo_block_plan *plan,
                                                         testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
