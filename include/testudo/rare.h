/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How likely a very late iteration is, however unlikely it is: for designs whose law is only bounded. */
#ifndef TESTUDO_RARE_H
#define TESTUDO_RARE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_rare_options {
  testudo_report report;
  int64_t trials;           /* at each time, >= 100 */
  uint64_t seed;
  int32_t threads;          /* 0: all cores. Never changes a number of the result */
  const testudo_monitor *monitor;
} testudo_rare_options;

typedef struct testudo_rare {
  double t;                 /* seconds */
  double p;                 /* P(T > t), iterations that never end among them: estimated without bias */
  double stderr_p;          /* 0 where there is one row, or as many rows were late in every trial */
  double low, high;         /* between them with confidence 0.95 */
  double union_bound;       /* P(T > t) is at most this, the sum over the rows: exact, and close where p is small */
} testudo_rare;

/* P(T > t) of schemes that wait for all of some rows (all but nested), at `count` times t >= 0. A trial draws one row
   that is late, by its exact probability among them, the progress of all workers given that, and counts how many rows
   are late, M: the sum of the rows' probabilities times the mean of 1 / M (docs/theory/trials.md#rare-tails; R. M. Karp
   and M. Luby, Monte-Carlo algorithms for enumeration and reliability problems, FOCS 1983). 1 / M is at least 1 / rows,
   so that the relative error is no larger for P = 1e-300 than for .1. Every delay model that has a law.
   TESTUDO_ERROR_LIMIT where the scheme waits for any of its rows, or where the model has no law of a worker's progress,
   or a bracketed one. Cost: at each time rows x pairs x need, and, where there are several rows, trials x (entries +
   pairs x need of one row). count = 0 only looks whether it is possible. TESTUDO_INTERRUPTED where the monitor stops
   it. */
TESTUDO_CHECKED testudo_status testudo_rare_tail(const testudo_design *design, const testudo_delay_model *model,
                                                 const testudo_rare_options *options, const double *times,
                                                 size_t count, testudo_rare *found, testudo_error *error);

#ifdef __cplusplus
}
#endif

#endif
