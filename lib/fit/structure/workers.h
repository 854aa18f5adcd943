/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers that are slower or faster than the others for good (docs/theory/structure.md#persistent-workers). */
#ifndef TESTUDO_FIT_STRUCTURE_WORKERS_H
#define TESTUDO_FIT_STRUCTURE_WORKERS_H

#include "fit/structure/components.h"

/* From so many times the median worker's time on a worker is named. */
#define TESTUDO_I_NAMED_FACTOR 1.2

/* The chance that a test calls out anything of a trace in which there is nothing. */
#define TESTUDO_I_FALSE_ALARM 0.01

typedef struct testudo_i_workers {
  /* Of each worker: its time over that of the median worker, the standard error of its logarithm,
     does it differ from the others at all, and is it named? */
  double *factor, *error;
  bool *differs, *named;
  double *rate;         /* speed over that of the workers which do not differ; 1 for those */
  int32_t differing;
  double memory;        /* correlation of a worker's log times with those of the next iteration; NAN: not known */
  double memory_error;
} testudo_i_workers;

/* By the log times y of all rows and their components. Of three ways to sum a worker up (mean of logs, log of mean
   times, mean root squared) the sharpest over all workers; Student's t of every worker against the median one, at
   TESTUDO_I_FALSE_ALARM for all of them together (Bonferroni); iterations that hang together are counted as fewer.
   Nobody differs in fewer than three iterations. O(rows). */
TESTUDO_CHECKED testudo_status testudo_i_workers_of(const testudo_i_cells *cells, const double *y,
                                                    const testudo_i_components *log, testudo_i_arena *arena,
                                                    testudo_i_workers *found, testudo_error *error);

#endif
