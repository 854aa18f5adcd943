/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay laws fitted to a measured trace. */
#ifndef TESTUDO_FIT_H
#define TESTUDO_FIT_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>
#include <testudo/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_fit_model {
  char law[96];             /* a LAW of testudo/delay.h: maximum-likelihood parameters with 17 significant digits */
  int32_t parameters;
  double log_likelihood;    /* natural logarithm; HUGE_VAL for a density concentrated on equal samples */
  double aic, bic;          /* 2 k - 2 log L; k ln n - 2 log L */
  double ks;                /* Kolmogorov-Smirnov distance to the samples, in 0..1 */
  double ks_p;              /* its p-value as if the parameters had been known: too large, since they were fitted */
} testudo_fit_model;

typedef struct testudo_fit {
  int64_t samples;
  double *sorted;           /* the samples (seconds), ascending */
  double mean, stddev;      /* of the samples; stddev with divisor n */
  testudo_fit_model *model; /* ranked: smallest BIC first */
  size_t models;
  /* Shares of the variance explained by who and when: sum of squares between the means of the workers (iterations)
     over the total. Identical independent workers give about (groups - 1) / (samples - 1). NAN where the trace has no
     such column or no variance. */
  double worker_variance_share, iteration_variance_share;
  /* (groups - 1) / (samples - 1), what the share is on average when who (when) does not matter; NAN as above. */
  double worker_share_expected, iteration_share_expected;
  int64_t workers, iterations; /* distinct ones in the trace; 0 without such a column */
  /* How alike the chunks of a worker in an iteration are: intraclass correlation by analysis of variance, and its
     interval of 95 %; NAN without several chunks of one worker in an iteration. The structure of a delay model that
     it speaks for, "additive" below 0.5, otherwise "scaled"; NULL where nothing is known. */
  double icc, icc_low, icc_high;
  const char *structure;
  int64_t phases;           /* rows added to others of the same worker, iteration and chunk */
  char columns[256];        /* what of the file was taken for what, in words; empty: times without names */
  double largest_mean;      /* mean over the iterations of the largest time in it; NAN without iterations */
} testudo_fit;

/* Fits exp, shifted-exp, lognormal and pareto by maximum likelihood to the `seconds` of a trace
   (docs/theory/fitting.md). A trace of equal times fits no continuous law: only deterministic is then listed. A model
   whose parameters leave the range of its law is not listed. `reading` says how the file is read; NULL: all by the file
   itself. O(rows log rows). */
TESTUDO_CHECKED testudo_status testudo_fit_trace(const char *path, const testudo_trace_options *reading,
                                                 testudo_fit **fit, testudo_error *error);
void testudo_fit_free(testudo_fit *fit);

#ifdef __cplusplus
}
#endif
#endif
