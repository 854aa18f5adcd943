/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The latency object: a cluster, its kinks, and one method that answers P(T <= t). */
#ifndef TESTUDO_EXACT_LATENCY_H
#define TESTUDO_EXACT_LATENCY_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/exact.h>

#include "exact/cluster.h"
#include "numeric/integrate.h"

/* below = P(T <= t), above = P(T > t), each between two bounds; equal for an exact law. `above` is a sum of positive
   terms, never 1 - below, wherever it is small. */
typedef struct testudo_i_probability {
  double below_lower, below_upper;
  double above_lower, above_upper;
} testudo_i_probability;

/* Which side of P(T <= t) is asked for: a method may leave the other at its trivial value (0 or 1). */
enum { TESTUDO_I_WANT_LOWER = 1, TESTUDO_I_WANT_UPPER = 2, TESTUDO_I_WANT_BOTH = 3 };

/* Added to the above when P(T > t) will not be read, so that an exact method need not keep its small digits. */
enum { TESTUDO_I_WANT_NO_TAIL = 4 };

typedef struct testudo_i_method {
  bool exact;
  char name[256];
  void *state;
  testudo_status (*evaluate)(void *state, double t, int want, testudo_i_probability *probability,
                             testudo_error *error);
  /* For the expected work, or NULL: P(T > t | worker `worker` lives and has done exactly `step` by t), in rows of a
     rule of levels, in chunks of others; the steps of arithmetic that it takes; and the worker that it is like. */
  double (*marked)(void *state, int32_t worker, int32_t step, double t);
  double (*marked_steps)(const void *state);
  int32_t (*alike)(const void *state, int32_t worker);
  /* A sum S with S(t) - S(infinity) >= P(t < T < infinity), as accurate as its terms; NULL for exact methods. */
  testudo_status (*uncovered)(void *state, double t, double *sum, testudo_error *error);
  testudo_i_arena arena; /* of the state */
} testudo_i_method;

/* The probabilities of an exact method; each may be over 1 by rounding. */
static inline testudo_i_probability testudo_i_exact(double below, double above)
{
  below = fmin(1, below);
  above = fmin(1, above);
  return (testudo_i_probability){below, below, above, above};
}

struct testudo_latency {
  /* Of a law that is only bracketed: those of all times rounded down, and up (bracketed.c); cluster, points and method
     are theirs. */
  testudo_latency *side[2];
  /* Where messages of random time follow the progress: what T_rule and they make together (answered.h). */
  struct testudo_i_answered *answered;
  bool is_side, all_places; /* of a side: are the points all jumps? */
  testudo_i_cluster cluster;
  testudo_analysis_options options;
  testudo_i_method method;
  bool only_exact;      /* no bounds: a law without exact method has none */
  bool discrete;
  bool sample;          /* a discrete law of so many jumps that it is integrated as if it were smooth */
  double shift;         /* seconds that pass after what the method knows: points and times include it */
  double *points;       /* kinks of the law, or all its jumps when it is discrete */
  size_t point_count;
};

/* As testudo_latency_create, with sums that are lent, but *latency = NULL (and TESTUDO_OK) where the law would only be
   bounded. */
TESTUDO_CHECKED testudo_status testudo_i_latency_create_exact(const testudo_design *design,
                                                              const testudo_i_delay *delay,
                                                              const testudo_analysis_options *options,
                                                              testudo_latency **latency, testudo_error *error);

/* What passes between fixing the progress and having the estimate in hand, in schemes whose workers send only then: the
   signal, and a message of constant time; 0 elsewhere. TESTUDO_ERROR_LIMIT where messages take random times. */
TESTUDO_CHECKED testudo_status testudo_i_after_progress(const testudo_design *design, const testudo_delay_model *model,
                                                        bool whole, double *seconds, testudo_error *error);

/* The server fixes what it will decode at a deadline so much earlier. */
TESTUDO_CHECKED testudo_status testudo_i_error_shift(const testudo_design *design, const testudo_delay_model *model,
                                                     bool whole, double *shift, testudo_error *error);

/* As testudo_expected_error, with sums that are lent. */
TESTUDO_CHECKED testudo_status testudo_i_expected_error(const testudo_design *design, const testudo_i_delay *delay,
                                                        testudo_report report, const double *times, int64_t count,
                                                        double *mse, testudo_error *error);

/* As testudo_expected_error of the design, model and report that the latency was made of, with its sums: between
   *lower and *upper, which are equal but where the law is bracketed. */
TESTUDO_CHECKED testudo_status testudo_i_latency_errors(const testudo_latency *latency, const testudo_design *design,
                                                        const testudo_delay_model *model, const double *times,
                                                        int64_t count, double *lower, double *upper,
                                                        testudo_error *error);

/* The mean of an exact law given T finite, alone: HUGE_VAL where infinite or T is never finite. */
TESTUDO_CHECKED testudo_status testudo_i_latency_mean(testudo_latency *latency, double *mean, double *abs_error,
                                                      double *p_never, testudo_error *error);

/* Moments of a law at points of the latency's kind: all its jumps where that is discrete, otherwise kinks. */
TESTUDO_CHECKED testudo_status testudo_i_latency_moments(const testudo_latency *latency, testudo_i_law_function law,
                                                         void *context, const double *points, size_t count,
                                                         bool want_stddev, testudo_i_integrals *moments,
                                                         testudo_error *error);

/* Evaluates at t >= 0 or HUGE_VAL, after asking the monitor. */
TESTUDO_CHECKED testudo_status testudo_i_latency_at(testudo_latency *latency, double t, int want,
                                                    testudo_i_probability *probability, testudo_error *error);

/* ---- bracketed.c: the times of workers between two laws, and so T, which increases with each of them ---- */

TESTUDO_CHECKED testudo_status testudo_i_bracketed_fill(testudo_latency *latency, const testudo_design *design,
                                                        const testudo_delay_model *model, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_bracketed_summary(testudo_latency *latency, testudo_summary *summary,
                                                           testudo_error *error);

/* Makes the lattices of a cluster whose delay is bracketed. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_bracket(testudo_i_cluster *cluster, const testudo_monitor *monitor,
                                                         testudo_error *error);

/* For bracketed.c: the method by the shape of the rule, and what comes after it. */
TESTUDO_CHECKED testudo_status testudo_i_latency_choose(testudo_latency *latency, testudo_error *error);

/* ---- methods: each fills *method, its state in the arena there; the cluster must outlive it ---- */

/* Every worker that holds something must finish. */
TESTUDO_CHECKED testudo_status testudo_i_all_finish(const testudo_i_cluster *cluster, testudo_i_method *method,
                                                    testudo_error *error);

/* A rule of one row: so many of all workers must finish. */
TESTUDO_CHECKED testudo_status testudo_i_order_statistic(const testudo_i_cluster *cluster, testudo_i_method *method,
                                                         testudo_error *error);

/* Rows of chunks, in one order that all workers share. *fits = false where the design is another or the states exceed
 * max_states. */
TESTUDO_CHECKED testudo_status testudo_i_cyclic(const testudo_i_cluster *cluster, int64_t max_states, bool *fits,
                                                testudo_i_method *method, testudo_error *error);

/* Rows of any workers, by elimination: components (groups, rings side by side, ..) are a product. only_failures: a
   worker that lives has done everything, at whatever time. *fits = false where the states of all kinds of components
   are more than max_states; rows that share no worker always fit. */
TESTUDO_CHECKED testudo_status testudo_i_eliminated(const testudo_i_cluster *cluster, bool only_failures,
                                                    int64_t max_states, const testudo_monitor *monitor, bool *fits,
                                                    testudo_i_method *method, testudo_error *error);

/* Rows that are steps of all workers, and workers that are all alike: a chain over the rows, from the last step down.
   O(n^2 rows) per time. */
TESTUDO_CHECKED testudo_status testudo_i_stepped_chain(const testudo_i_cluster *cluster, testudo_i_method *method,
                                                      testudo_error *error);

/* The same of any workers: dynamic programming over them, the state being how many have reached each row, prod need
   states times failures; of an ALL rule how many have not, prod (n - need + 1). TESTUDO_ERROR_LIMIT where that is more
   than max_states. */
TESTUDO_CHECKED testudo_status testudo_i_stepped_counts(const testudo_i_cluster *cluster, int64_t max_states,
                                                       testudo_i_method *method, testudo_error *error);

/* Of any rule of chunks. max_states bounds those of P(never), which is exact where it can be counted. */
TESTUDO_CHECKED testudo_status testudo_i_bounded(const testudo_i_cluster *cluster, int64_t max_states,
                                                 const testudo_monitor *monitor, const double *points, size_t count,
                                                 testudo_i_method *method, testudo_error *error);

#endif
