/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tolerances and block sizes of block gradient codes (docs/theory/block.md#choosing-the-tolerances-and-sizes) from a
   linear programme over delay samples. */
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
  int64_t samples;
  /* The linear programme over the samples: the sample mean of T at its solution, in fractions of the gradient, and a
     bound below which no sizes bring that sample mean, by its dual, in this program's own arithmetic (equal to a
     relative 1e-9 unless stopped). Both speak of these samples only, and flatter: the solution fits their accidents. */
  double lp_value, lp_bound;
  int64_t rows;              /* of the programme when it was solved: of samples x workers possible ones */
  int32_t rounds;            /* in which violated rows were added */
  /* E[T] under the model itself, seconds: exact where the law is, otherwise simulated on trials that chose nothing. */
  double rounded, rounded_spread;   /* the solution rounded to whole coordinates */
  double mean, spread;              /* the plan; the spread is a numerical error, or a standard error */
  bool exact;
  char method[120];                 /* what measured it */
  int32_t single;                   /* the best single redundancy of the tolerances allowed: that classical code .. */
  double single_mean;               /* .. and its exact E[T] */
  int64_t evaluations, moves;       /* of the local improvement: laws evaluated, steps taken */
  bool stopped;                     /* by the monitor: the plan is the best so far */
} testudo_block_plan;

/* The largest programme: samples, and samples x workers. */
#define TESTUDO_BLOCK_SAMPLES 100000
#define TESTUDO_BLOCK_ENTRIES 10000000
#define TESTUDO_BLOCK_WORKERS 500

/* Sizes for a gradient of dim (1..TESTUDO_MAX_DIM) numbers and `workers` workers under the model, and their tolerances
   - of the `count` in `tolerances`, or with NULL any in 0..workers - 1 - for a small E[T]: options->tries samples of
   the workers' times (0: 2000), the linear programme, rounding by largest remainders, and where the law is exact steps
   of coordinates from block to block while they make E[T] smaller. Never worse than the best single redundancy of those
   tolerances where that is certain (exactly, or by three standard errors). The plan is feasible, not proved optimal.
   Structure scaled; failures none or exactly f. TESTUDO_ERROR_ARGUMENT otherwise, and where no single redundancy has a
   finite mean; TESTUDO_ERROR_LIMIT beyond the sizes above; TESTUDO_INTERRUPTED when stopped before there was any plan.
   Free with testudo_block_plan_free. The same seed and tries give the same plan, for any number of threads, unless
   stopped. GLPK, which solves the programme, ends the process where memory runs out. */
TESTUDO_CHECKED testudo_status testudo_block_search(int32_t workers, int64_t dim, const int32_t *tolerances,
                                                    int32_t count, const testudo_delay_model *model,
                                                    const testudo_search_options *options, testudo_block_plan **plan,
                                                    testudo_error *error);
void testudo_block_plan_free(testudo_block_plan *plan); /* NULL is fine */

/* Puts {"search":{..}} of a plan into the provenance of the design made from it. */
TESTUDO_CHECKED testudo_status testudo_block_plan_record(testudo_design *design, const testudo_block_plan *plan,
                                                         testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
