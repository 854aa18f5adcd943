/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a measured trace says of a cluster: its structure, its persistent workers, delay laws, and the delay model to go
   on with (docs/theory/fitting.md). All times are seconds. */
#ifndef TESTUDO_FIT_H
#define TESTUDO_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/status.h>
#include <testudo/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- laws ---- */

#define TESTUDO_FIT_NUMBERS 8

typedef struct testudo_fit_model {
  char law[256];            /* a LAW of testudo/delay.h: maximum-likelihood parameters with 17 significant digits */
  int32_t parameters;
  double number[TESTUDO_FIT_NUMBERS], standard_error[TESTUDO_FIT_NUMBERS]; /* in the order of the law's text; NAN: none,
                               and of a shift or a minimum, which have a law of their own */
  double log_likelihood;    /* natural logarithm; HUGE_VAL for a density concentrated on equal samples */
  double aic, bic;          /* 2 k - 2 log L; k ln n - 2 log L */
  double ks, ks_p;          /* Kolmogorov-Smirnov distance to the samples, in 0..1, and its p-value, which knows that
                               the parameters were fitted (parametric bootstrap) */
  double ad, ad_p;          /* the same of Anderson and Darling */
  double tail_index;        /* c of P(X > x) ~ x^-c; HUGE_VAL for lighter tails */
  bool refuted;             /* ks_p < .01 and ks > .03 */
} testudo_fit_model;

/* Structure mixed, X = Z E: law of Z (lognormal), and of E, whose mean is 1. */
typedef struct testudo_fit_mixed {
  char law[96], chunk_law[96];
  int32_t parameters;
  double number[3], standard_error[3]; /* mu and sigma of Z, then E's shape, or sigma if it is lognormal; NAN: none */
  double log_likelihood, aic, bic;
} testudo_fit_mixed;

/* ---- structure ---- */

/* Components of variance, y = mean + worker + iteration + worker x iteration + residual, and the p-values of F tests
   that they are 0; NAN where the trace cannot tell. */
typedef struct testudo_fit_variance {
  double worker, iteration, worker_iteration, residual;
  double worker_p, iteration_p, worker_iteration_p;
} testudo_fit_variance;

typedef struct testudo_fit_worker {
  const char *name;         /* its text in the trace */
  double factor, low, high; /* its time over that of the median worker, and an interval of 95 % */
  double rate;              /* speed over that of the workers which do not differ; 1 for those */
  bool differs;             /* from the median worker at all: a t test, false alarm .01 for all workers together */
  bool persistent;          /* differs, and takes at least 1.2 times as long */
} testudo_fit_worker;

/* Mean time of an iteration that waits for all workers, and for all but one; HUGE_VAL where a predicted one does not
   exist. */
typedef struct testudo_fit_times {
  double iterations;        /* measured, or simulated */
  double slowest, slowest_error, slowest_low, slowest_high; /* standard error, interval of 95 % */
  double but_one, but_one_error, but_one_low, but_one_high; /* NAN of a single worker */
  double waiting, waiting_error; /* the slowest less the mean of all workers in the iteration: what waiting costs */
} testudo_fit_times;

typedef struct testudo_fit_prediction {
  const char *model;        /* "scaled", "additive", "mixed", "mixed, in two steps", "mixed, times of chunks",
                               "recommended" */
  testudo_fit_times times;
  bool holds;               /* the slowest, all but one, and the waiting within 3 standard errors of those measured, or
                               within 2 % */
} testudo_fit_prediction;

/* ---- the recommended model ---- */

typedef enum testudo_fit_kind {
  TESTUDO_FIT_NOTHING,      /* the trace was taken after a collective: it says nothing about workers */
  TESTUDO_FIT_LAW,          /* a law that holds */
  TESTUDO_FIT_TRACE,        /* no law does: the times themselves, divided by rates, all as likely */
  TESTUDO_FIT_REPLAY        /* nor do these: the measured iterations as they were */
} testudo_fit_kind;

typedef struct testudo_fit_delay {
  testudo_fit_kind kind;
  char law[256];            /* "" of a replay, and of a trace but for structure mixed */
  char chunk_law[256];      /* of structure mixed; otherwise "" */
  const char *structure;    /* "scaled", "additive", "mixed"; NULL: the trace cannot tell, or a replay */
  char startup[256];        /* LAW; "" none */
  const double *rates;      /* of each worker; NULL: all 1 */
  int32_t workers;
  testudo_slow_state slow;
  const double *sample;     /* of TESTUDO_FIT_TRACE: the times at rate 1, ascending; of TESTUDO_FIT_REPLAY: of iteration
                               after iteration, worker after worker, chunk after chunk (lent) */
  int64_t samples;
  const double *chunk_sample; /* of TESTUDO_FIT_TRACE and structure mixed: E as times of mean 1, ascending (lent), Z
                               being `law`; otherwise NULL */
  int64_t chunk_samples;
  const int32_t *chunks;    /* of TESTUDO_FIT_REPLAY: how many chunks a worker has in an iteration, in that order */
  int64_t cells;
} testudo_fit_delay;

/* ---- all of it ---- */

typedef struct testudo_fit {
  int64_t samples;          /* rows of the trace, censored ones too */
  int64_t censored;
  double *sorted;           /* the times of rows whose end was seen, ascending */
  int64_t seen;
  double mean, stddev;      /* of these; stddev with divisor n */
  int64_t workers, iterations; /* distinct ones in the trace; 0 without such a column */
  int64_t phases;           /* rows added to others of the same worker, iteration and chunk */
  int64_t incomplete;       /* chunks of which fewer rows were added up than of others */
  char columns[256];        /* what of the file was taken for what, in words; empty: times without names */

  testudo_fit_model *model; /* ranked, the best first (docs/theory/fitting.md#which-law-is-best) */
  size_t models;
  const char *fitted_to;    /* what was one sample: "rows", "means of worker and iteration", "times per chunk", .. */
  int64_t fitted;           /* how many, censored ones too */
  const double *sample;     /* those whose end was seen, ascending (lent) */
  int64_t sampled;

  /* Shares of the variance explained by who and when: sum of squares between the means of the workers (iterations)
     over the total, and (groups - 1) / (samples - 1), what the share is on average when who (when) does not matter.
     NAN where the trace has no such column or no variance. */
  double worker_variance_share, iteration_variance_share;
  double worker_share_expected, iteration_share_expected;
  double largest_mean;      /* mean over the iterations of the largest time in it; NAN without iterations */

  testudo_fit_variance variance, log_variance; /* of seconds, s^2; of their natural logarithms */
  const char *structure;    /* "scaled", "additive", "mixed"; NULL where nothing is known */
  char structure_why[240];
  double icc, icc_low, icc_high; /* intraclass correlation of the chunks of a worker in an iteration, 95 % interval */
  bool collective;          /* taken after a collective: all workers (nearly) equal within an iteration */

  testudo_fit_worker *worker; /* all, in the order of the trace's numbers; NULL without cells */
  int32_t listed;
  testudo_fit_worker *persistent; /* those that are named */
  int32_t named;
  double memory, memory_error; /* correlation of a worker's log times with those of its next iteration */
  bool slow_found;
  testudo_slow_state slow;
  double slow_begin_error, slow_end_error, slow_factor_error; /* standard errors; of the factor that of its logarithm */
  /* Of traces with several loads (column chunks): seconds before the first chunk and per chunk; NAN otherwise. */
  double startup, startup_error, per_chunk, per_chunk_error;
  /* Where the start-up varies: standard deviations of it and of a chunk, s, 0 where chunks do not; otherwise NAN. The
     laws are of start-ups then. */
  double startup_deviation, chunk_deviation;

  testudo_fit_mixed *mixed; /* ranked by BIC; none but of structure mixed */
  size_t mixeds;
  testudo_fit_times measured;
  double *slowest;          /* seconds of the slowest worker, of each iteration in which all were seen to end */
  int64_t slowests;
  testudo_fit_prediction *prediction;
  size_t predictions;
  testudo_fit_delay recommended;
  char why[400];            /* why it is recommended, one sentence */
  char unknown[400];        /* what the trace cannot know */
  struct testudo_i_fit_room *room; /* of the lists above */
} testudo_fit;

typedef struct testudo_fit_options {
  const testudo_trace_options *reading; /* how the file is read; NULL: all by the file itself */
  int32_t resamples;        /* of the bootstrap; 0: enough for p-values of .01 */
  uint64_t seed;
  int32_t threads;          /* 0: all cores; changes no number */
  const testudo_monitor *monitor;
} testudo_fit_options;

/* Reads a trace and fits all of it. `options` may be NULL. A trace of equal times fits no continuous law: only
   deterministic is then listed. A trace taken after a collective is no error: recommended.kind says so.
   O(rows log rows) and the bootstrap. */
TESTUDO_CHECKED testudo_status testudo_fit_trace(const char *path, const testudo_fit_options *options,
                                                 testudo_fit **fit, testudo_error *error);
void testudo_fit_free(testudo_fit *fit);

#ifdef __cplusplus
}
#endif
#endif
