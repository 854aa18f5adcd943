/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monte Carlo: the same quantities as exact.h, by trials. */
#ifndef TESTUDO_SAMPLE_H
#define TESTUDO_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/runtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of more trials only a sketch of their times is kept, so that memory does not grow with them: it counts how many lie
   in each of 2^14 equal parts of [2^e, 2^(e+1)), with the least and the most of these
   (docs/theory/trials.md#more-than-107-trials). */
#define TESTUDO_SKETCHED_BEYOND 10000000
typedef struct testudo_sketch testudo_sketch;

typedef struct testudo_simulation_options {
  testudo_report report;
  int64_t trials;           /* >= 1: how many, or at most how many when rel_error > 0 */
  double rel_error;         /* > 0: stop when standard error / mean <= this (checked after every batch); 0: run all */
  uint64_t seed;
  int32_t threads;          /* 0: all cores. Never changes a number of the result */
  double round_up;          /* > 0: T is rounded up to a multiple; 0: not */
  const double *times;      /* deadlines at which the error is measured: what stopping then leaves
                               (docs/theory/partial.md#error-at-a-deadline), by least squares where only
                               finished workers count and share chunks. Report whole of more than one part:
                               TESTUDO_ERROR_ARGUMENT. Schemes partial with report chunk and nested: what is there in
                               time if the server fixes the progress a signal and a message before; messages of a random
                               time: TESTUDO_ERROR_ARGUMENT */
  int64_t time_count;
  int64_t decode_trials;    /* the first so many trials run the real encoder and decoder; 0: none */
  int64_t dim;              /* length of the chunk gradients drawn for them, >= 1 */
  testudo_decoder decoder;  /* of the error at deadlines of scheme partial of one part with report whole, where exact
                               is optimal; for other designs and reports only exact is allowed */
  bool combine;             /* decode_trials send plain sums and are combined by that decoder at every deadline, instead
                               of being decoded at T; for the same designs, and with deadlines */
  double *worker_chunks;    /* testudo_simulate_work only: room for a number per worker, the chunks (of scheme block:
                               blocks) that it has finished on average, given T finite; NULL: not wanted */
  bool keep_order;          /* fill `ordered` */
  bool keep_times;          /* keep all times, however many: fill `completion`, and no sketch */
  const double *by;         /* times at which testudo_simulation_cdf and testudo_simulation_mean_until know everything,
                               of a sketch too; some nanoseconds per trial and time there */
  int64_t by_count;
  bool count_work;          /* fill `work` */
  const testudo_monitor *monitor;
} testudo_simulation_options;

/* decodable by rule, yet the decoder refused or missed max(1e-9, 100 eps amplification): a failure. Not so where a
   gradient code's finished workers, or those that have done a chunk of scheme partial, are badly conditioned
   (amplification over TESTUDO_MAX_AMPLIFICATION, or a condition number of their rows over 1e9, of their columns over
   1e8) and the decoder refused them for it: the answer that it promises, counted apart; testudo_validate takes it for a
   disagreement all the same, for T is too early there. */
typedef struct testudo_decode_report {
  int64_t decodes;           /* trials decodable by rule; failures and refused are among them */
  int64_t failures, undecodable;
  int64_t refused;
  double max_rel_error;      /* ||ghat - g|| / ||g|| */
  double max_amplification;
} testudo_decode_report;

/* What an iteration costs until T, where every worker stops (schemes partial with report chunk and nested: until the
   server fixes what it will decode); given T finite (NAN when it never is). */
typedef struct testudo_work {
  int64_t trials, never;
  double chunks, chunks_stderr;     /* chunk gradients that all workers together have computed; of scheme
                                       block, in the blocks that they have finished and sent */
  double messages, messages_stderr; /* messages that the decoder reads, each of ceil(dim / parts) numbers */
  bool interrupted;                 /* stopped by the monitor: the numbers cover the trials that ran */
} testudo_work;

typedef struct testudo_simulation {
  int64_t trials;            /* run */
  int64_t never;             /* trials in which T is infinite */
  double mean, stderr_mean, stddev; /* given T finite; NAN when none is (of fewer than two: no spread) */
  double skewness, kurtosis; /* of them: third and fourth moment over the deviation's powers; NAN when all are alike */
  double *completion;        /* trials - never values, ascending; NULL where there is a sketch */
  testudo_sketch *sketch;    /* of more than TESTUDO_SKETCHED_BEYOND trials, without keep_order and keep_times */
  double sketch_error;       /* its relative error, 2^-14; 0: all times are there */
  double *ordered;           /* with keep_order: T of every trial in turn, HUGE_VAL where never; otherwise NULL */
  /* one entry a deadline */
  int64_t time_count;
  double *mse, *mse_stderr, *mean_norm, *mean_norm_stderr;
  double *mse_skewness, *mse_kurtosis; /* of the error of a trial */
  double *error_max;         /* largest error seen */
  int64_t *error_trials;     /* trials with a nonzero error */
  /* With `combine` a decode is one trial at one deadline, a failure one whose estimate is not sum_i c_i g_i to within
     max(1e-9, 100 eps ||weights||), max_rel_error is how far from that, max_amplification the largest ||weights||_2. */
  testudo_decode_report decode;
  testudo_work work;         /* with count_work: testudo_simulate_work's, of the trials that ran */
  double *combined_mse;      /* one per deadline: mean of ||estimate - gradient||^2 / dim over normal gradients, whose
                                mean is mse; NULL without combine */
  bool interrupted;          /* stopped by the monitor: the numbers cover the trials that ran */
} testudo_simulation;

/* Memory: 8 bytes per trial (16 with keep_order), 16 while they are sorted; of a sketch 80 MB, 0.4 MB per factor of two
   between the least and the largest time, and 8 bytes per trial that is decoded. Trial r of a replay is iteration
   r mod iterations (docs/theory/model.md#replay). Interrupted: TESTUDO_OK with interrupted set when at least one
   batch is done. Scheme ignore-stragglers has nothing to decode: decode_trials > 0 is refused. */
TESTUDO_CHECKED testudo_status testudo_simulate(const testudo_design *design, const testudo_delay_model *model,
                                                const testudo_simulation_options *options,
                                                testudo_simulation **simulation, testudo_error *error);
void testudo_simulation_free(testudo_simulation *simulation);

/* Fraction with T <= t. Of a sketch it is exact at the times of options->by and where testudo_simulation_exact_time
   answers t; elsewhere that of a time that is off by the sketch's error. */
double testudo_simulation_cdf(const testudo_simulation *simulation, double t);

/* A time that is off t >= 0 by the sketch's error at most, and at which testudo_simulation_cdf is exact: t itself
   without a sketch. */
double testudo_simulation_exact_time(const testudo_simulation *simulation, double t);

/* Empirical quantile of the unconditional law; HUGE_VAL above 1 - never/trials. Of a sketch it is off by the sketch's
   error times itself at most, and exact where the times of its part are all alike. */
double testudo_simulation_quantile(const testudo_simulation *simulation, double q);

/* E[min(T, t)], t >= 0: the mean over all trials, those that never end included; its standard error too unless NULL. Of
   a sketch, where t is no time of options->by, it is off by the sketch's error times itself at most. */
double testudo_simulation_mean_until(const testudo_simulation *simulation, double t, double *stderr_mean);

/* ---- what independent trials know: not those of a replay ---- */

/* 95 % interval. */
typedef struct testudo_interval {
  double value, low, high;
} testudo_interval;

/* Of the q-quantile, 0 < q < 1, by order statistics: whatever the law, each end is missed with probability 0.025 at
   most (docs/theory/trials.md#intervals-of-quantiles); of a sketch the ends are moved outwards by what it does not
   know. low = 0 or high = HUGE_VAL where no trial is an end. `value` is NAN where fewer than three trials are expected
   on one side of the quantile. */
testudo_interval testudo_simulation_quantile_interval(const testudo_simulation *simulation, double q);

/* What was not seen in so many trials >= 1 has a probability of no more than this, with confidence 0.95:
   1 - 0.05^(1 / trials), about 3 / trials. */
double testudo_unseen_limit(int64_t trials);

/* Why the standard error of the mean, and so its interval, should not be believed, in words; NULL: no doubt
   (docs/theory/trials.md#standard-errors-in-doubt). The law may know more: where its deviation is infinite
   (testudo_tail_index) no sample need show it. */
const char *testudo_simulation_stderr_doubt(const testudo_simulation *simulation);

/* ---- intervals of a replay ---- */

#define TESTUDO_REPLAY_RESAMPLES 2000

/* Of T in the order of the iterations (`ordered` of a simulation; trial r is of iteration r mod `iterations`), the mean
   given T finite and the quantiles, by a moving-block bootstrap: blocks of consecutive iterations of length
   *block = ceil(n^(1/3)), n = min(trials, iterations), as many as make n, TESTUDO_REPLAY_RESAMPLES times; low and high
   are the 2.5 and 97.5 percent points of what they give (Kuensch, The jackknife and the bootstrap for general
   stationary observations, Annals of Statistics 17, 1989). So iterations that follow each other may depend on each
   other. A quantile q with n (1 - q) < 1 or n q < 1 lies beyond what n iterations can know: its value is NAN, and only
   one end of the interval is known, `low` for the former (high = HUGE_VAL), `high` for the latter (low = 0). The mean
   is NAN where T is infinite in every trial; resamples in which it is have no part in the mean's interval. Cost: that
   many times the trials. Of fewer than 5 iterations no interval is known: its ends are NAN (mean), or 0 and HUGE_VAL
   with a value of NAN (quantiles). block may be NULL. */
TESTUDO_CHECKED testudo_status testudo_replay_intervals(const double *ordered, int64_t trials, int64_t iterations,
                                                        uint64_t seed, testudo_interval *mean,
                                                        const double *quantiles, int64_t quantile_count,
                                                        testudo_interval *of_quantile, int64_t *block,
                                                        testudo_error *error);

/* The trials of testudo_simulate with the same report, seed and number of trials; the other options but threads and
   monitor are not looked at. A message is read from every worker that has done something (uncoded, partial), has
   finished (report whole, gradient-code, ignore-stragglers), is the first of its group to have (frc), or has reached
   the announced tolerance (nested, whose signals are as many as the chunks computed), the shares of the gradient in the
   finished blocks (block, where the message of all blocks counts as one). */
TESTUDO_CHECKED testudo_status testudo_simulate_work(const testudo_design *design, const testudo_delay_model *model,
                                                     const testudo_simulation_options *options, testudo_work *work,
                                                     testudo_error *error);

/* One trial of testudo_simulate with the same report and seed, in full, for pictures: done[e] is when entry e of the
   design's rows counts (worker after worker, each in its order), HUGE_VAL where its worker has failed; *completion is
   T. done: as many doubles as there are entries. Scheme block, whose steps are no chunks, and a negative trial are
   TESTUDO_ERROR_ARGUMENT. O(entries). */
TESTUDO_CHECKED testudo_status testudo_simulate_trial(const testudo_design *design, const testudo_delay_model *model,
                                                      const testudo_simulation_options *options, int64_t trial,
                                                      double *done, double *completion, testudo_error *error);

/* What partial(l=1) would gain over a nested code at equal load, path by path: T_nested - T_partial on the same draws
   (docs/theory/nested.md#the-work); >= 0 but where messages take a random time, for which partial has more senders. */
typedef struct testudo_partial_gain {
  int64_t trials;
  int64_t never;             /* trials in which partial does not end either */
  int64_t only_partial;      /* trials in which partial ends and nested does not */
  int64_t count;             /* trials in which both end: what follows is of these */
  double mean, mean_stderr;  /* seconds; NAN when there are none */
  double equal;              /* fraction with the same T */
  double *gain;              /* count values, ascending */
  bool interrupted;          /* stopped by the monitor: the numbers cover the trials that ran */
} testudo_partial_gain;

/* Scheme nested only, otherwise TESTUDO_ERROR_ARGUMENT. The trials of testudo_simulate with the same seed; of the other
   options trials, threads and monitor are looked at. Memory: 8 bytes per trial. */
TESTUDO_CHECKED testudo_status testudo_simulate_partial_gain(const testudo_design *design,
                                                             const testudo_delay_model *model,
                                                             const testudo_simulation_options *options,
                                                             testudo_partial_gain **gain, testudo_error *error);
void testudo_partial_gain_free(testudo_partial_gain *gain);

/* Empirical quantile of the gain, 0 < q < 1; NAN when there are no values. */
double testudo_partial_gain_quantile(const testudo_partial_gain *gain, double q);

/* ---- how uncoded training waits ---- */

/* With A_(1) <= A_(2) <= .. the arrivals of the m workers that have something to do
   (docs/theory/model.md#rules-of-waiting): */
typedef enum testudo_waiting_kind {
  TESTUDO_WAITING_IGNORE, /* stragglers: T = min(A_(m), max((1 + slack) A_(1), A_(least))); what is not there by T is
                             missing. Never where fewer than `least` arrive */
  TESTUDO_WAITING_COPY    /* speculation: with q = ceil(quantile m), at A_(q) those that have finished, first the
                             earliest, each begin a second copy of the work of one that has not, by number, as long as
                             there are both: they go on with as many chunks more, of the same iteration, so that
                             B_j = A_(q) + signal + C_{h,n_h + n_j} - C_{h,n_h} + Y_h for helper h of worker j, and
                             T = max over j of min(A_j, B_j) */
} testudo_waiting_kind;

typedef struct testudo_waiting_rule {
  testudo_waiting_kind kind;
  double slack;           /* ignore: >= 0 */
  int32_t least;          /* ignore: 1 .. workers */
  double quantile;        /* copy: in (0, 1) */
} testudo_waiting_rule;

/* Means over the trials in which T is finite; NAN when none is. */
typedef struct testudo_waiting {
  double missing, missing_stderr; /* chunks that are not there at T: the squared error, as at a deadline */
  int64_t missing_trials;         /* in which some are */
  double copies, copies_stderr;   /* second copies begun */
} testudo_waiting;

/* Scheme uncoded under a rule of waiting: the trials of testudo_simulate with the same seed, to compare with it. Of the
   options trials, seed, threads, keep_order, keep_times, by and monitor are looked at; the simulation has no deadlines
   and nothing decoded. TESTUDO_ERROR_ARGUMENT for other schemes and for numbers out of range. */
TESTUDO_CHECKED testudo_status testudo_simulate_waiting(const testudo_design *design, const testudo_delay_model *model,
                                                        const testudo_waiting_rule *rule,
                                                        const testudo_simulation_options *options,
                                                        testudo_simulation **simulation, testudo_waiting *waiting,
                                                        testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
