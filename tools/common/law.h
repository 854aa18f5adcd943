/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a cluster's completion time, and the error at deadlines, however they were found: by analysis or by
   simulation. One result of both, so that what reads one reads the other. */
#ifndef TOOLS_COMMON_LAW_H
#define TOOLS_COMMON_LAW_H

#include <testudo/sample.h>

#include "common/head.h"

typedef enum law_status { LAW_EXACT, LAW_BOUNDED, LAW_SIMULATED, LAW_INFINITE, LAW_UNKNOWN } law_status;
extern const char *const law_words[];

/* As far as survival is listed: where a law's tail is beyond, nobody waits. */
#define TAIL_LEAST 1e-12

typedef struct cdf_result {
  int64_t count;
  double *t, *p, *p_lower, *p_upper;
} cdf_result;

typedef struct latency_result {
  int mean_status, stddev_status; /* law_status */
  double mean, stderr_mean, sample_mean, stddev, stddev_lower, stddev_upper, stddev_error;
  double lower, upper, abs_error, abs_bound;
  double p_never, p_never_lower, p_never_upper, ideal, over_ideal;
  double mean_low, mean_high;     /* of a replay, whose iterations are no independent trials */
  double p_never_upper95;         /* no trial was seen that never ends, but some may */
  int stderr_reliable;            /* of trials; -1: of no trials, or no standard error */
  const char *stderr_doubt;       /* why not */
  double sketch_error;            /* of so many trials that their times are not kept */
  int64_t iterations, block;      /* of a replay, and of the blocks of its bootstrap; -1: none */
  const char *method, *model, *why_not_exact, *why_unknown;
  field_map quantiles, quantiles_lower, quantiles_upper, quantiles_low, quantiles_high;
  cdf_result cdf;
  cdf_result tail;                /* p: P(T > t), as far as TAIL_LEAST */
} latency_result;

/* P(error = missing) at a deadline. */
typedef struct error_chance {
  double t;
  int64_t missing;
  double p;
} error_chance;

typedef struct error_result {
  int64_t count, known, partial; /* times; 0 where the lists are not known */
  int64_t spread, chances;       /* times whose distribution is known, and its lines */
  double *no_error;
  error_chance *chance;
  double *t, *mse, *stderr_mse, *nmse, *mean_norm, *mean_norm_stderr, *error_max;
  double *upper95;               /* where no trial had an error; NULL: nowhere */
  int64_t *error_trials;
  int64_t trials;
  const char *method, *partial_method;
  double *partial_mse, *partial_nmse;
} error_result;

/* P(T <= t), P(T > t) and E[min(T, t)] at the times of --by; lists that are not known are NULL. */
typedef struct by_result {
  int64_t count;
  const double *t;
  double *p, *survival, *capped; /* exact or simulated */
  double *p_lower, *p_upper, *survival_lower, *survival_upper, *capped_lower, *capped_upper;
  double *p_stderr, *capped_stderr;
  double *p_upper95, *survival_upper95; /* of what no trial did; NULL: there is no such time */
} by_result;

typedef struct work_result {
  double chunks, chunks_stderr, abs_error, messages, messages_stderr;
  bool signals;             /* one per chunk; not where only whole workers count, which say nothing before they end */
  int32_t workers, parts;
  double *of_worker;
  const char *method;
} work_result;

typedef struct histogram_result {
  int64_t edges, bins;
  double *edge, *probability; /* exact, of each bin; NULL: not known */
  int64_t *count;
  int64_t beyond;
} histogram_result;

typedef struct law_result {
  head_result head;
  latency_result latency;
  const by_result *by;       /* NULL: no --by */
  const error_result *error; /* NULL: not defined for this report */
  int64_t trials, never;     /* -1: not simulated */
  const work_result *work;
  const histogram_result *histogram;
  testudo_i_arena arena;     /* of the lists: to be cleared */
} law_result;

extern const field latency_value_fields[]; /* of a latency_result, without its curve */
extern const field latency_fields[], by_fields[], error_fields[], work_fields[];
extern const field law_fields[];       /* of a law_result, without its head */
extern const field law_whole_fields[]; /* with it */

/* of_worker: chunks computed by each worker (lent), or NULL. */
work_result work_of(const testudo_work *work, const cli_cluster *cluster, double *of_worker);

/* One of which nothing is known. */
latency_result latency_unknown(void);

/* Is it what a replay gives? */
bool latency_is_replayed(const latency_result *latency);

/* May the iteration never end? */
bool latency_may_never_end(const latency_result *latency);

/* Of a zeroed result: by a law of the library .. */
TESTUDO_CHECKED testudo_status law_fill_analysis(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                                                 testudo_error *error);
/* The same without curves: the error at the deadlines alone. */
TESTUDO_CHECKED testudo_status law_fill_values(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                                               testudo_error *error);
/* .. or by nothing: there is no law. */
void law_fill_unknown(law_result *law, const cli_cluster *cluster);
/* Its mean, deviation and P(never) alone. */
TESTUDO_CHECKED testudo_status law_fill_summary(latency_result *result, const cli_cluster *cluster,
                                                testudo_latency *latency, testudo_error *error);
/* .. or of trials; `why` is said of a law that could have been exact, else NULL. */
TESTUDO_CHECKED testudo_status law_fill_simulation(law_result *law, const cli_cluster *cluster,
                                                   const testudo_simulation *simulation, const char *why,
                                                   testudo_error *error);
/* Of an exact law `lower` itself, or where it is bracketed what lies in the middle; NULL where it is only bounded. */
double *law_fill_middle(law_result *law, const testudo_latency *latency, double *lower, double *upper, size_t count);
/* What --by asks for: of a law, or of trials. */
TESTUDO_CHECKED testudo_status by_fill_analysis(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                                                testudo_error *error);
TESTUDO_CHECKED testudo_status by_fill_simulation(law_result *law, const cli_cluster *cluster,
                                                  const testudo_simulation *simulation, testudo_error *error);
/* Its histogram: equal bins from the first completion time to the 0.995 quantile of those that ended. */
TESTUDO_CHECKED testudo_status law_fill_histogram(law_result *law, const testudo_simulation *simulation,
                                                  testudo_error *error);

/* Adds the distribution of the error at the deadlines where it is known. */
TESTUDO_CHECKED testudo_status law_fill_chances(law_result *law, const cli_cluster *cluster,
                                                const testudo_analysis_options *options, testudo_error *error);

/* The expected time by both roads, in a line without an end: "bounds [a, b], simulated x +- its standard error". */
void law_print_mean(FILE *text, const latency_result *analyzed, const latency_result *simulated);

extern const cli_option analysis_own_options[];     /* --max-states */
extern const cli_option simulation_trial_options[]; /* --trials, --rel-error */
testudo_analysis_options analysis_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                          const testudo_monitor *monitor);
/* --trials, or their default: of a replay its iterations, each once. More of them are refused where nothing is drawn,
   and so is what takes them for independent. */
TESTUDO_CHECKED testudo_status simulation_take_trials(const cli_cluster *cluster, const cli_arguments *arguments,
                                                      int64_t *trials, testudo_error *error);
testudo_simulation_options simulation_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                              int64_t trials, const testudo_monitor *monitor);

/* "decode": what the real encoder and decoder did. */
extern const field decode_fields[];
void decode_print(FILE *text, const testudo_decode_report *decode);

#endif
