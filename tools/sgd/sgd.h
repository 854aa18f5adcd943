/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo sgd: what its files share. */
#ifndef TOOLS_SGD_SGD_H
#define TOOLS_SGD_SGD_H

#include <testudo/convergence.h>
#include <testudo/sgd.h>

#include "common/head.h"
#include "option/option.h"
#include "report/field.h"

enum { SGD_MOST_METHODS = 256 };

typedef enum sgd_choice { CHOOSE_WAIT, CHOOSE_COMPRESSION } sgd_choice; /* as --choose has them */

/* ---- results ---- */

typedef struct sgd_band_result {
  int64_t count;
  const double *mean, *low, *high;
} sgd_band_result;

typedef struct sgd_time_result {
  double predicted, predicted_low, predicted_high, simulated, stderr_simulated, fresh, fresh_low, fresh_high, staleness;
  testudo_waiting_source status;
  const char *method;
} sgd_time_result;

/* What the formulas of coded, compressed gradients say of a method under --bits. */
typedef struct sgd_compression_result {
  double copies, straggle, spread, variance, message_bits, updates, contraction, contraction_typical, bound,
      bound_typical;
} sgd_compression_result;

typedef struct sgd_run_result {
  int64_t seed, updates, lost, count, failed;
  double ended;
  bool stuck;
  const double *curve[TESTUDO_SGD_CURVES];
} sgd_run_result;

typedef struct sgd_method_result {
  const char *text, *kind, *design, *model;
  double step;
  int64_t wait, runs, lost, failed, stuck, count;
  const double *time;
  sgd_time_result update_time;
  sgd_compression_result compression;
  sgd_band_result loss, distance, accuracy, gradient;
  const double *updates, *bits, *waits, *variance, *bound, *gradient_bound;
  const char *bound_source, *gradient_bound_source;
  testudo_assumptions assumed;   /* the constants of the bounds */
  double last_loss, last_low, last_high, last_accuracy, last_updates, last_bits;
  double time_to_target, bits_to_target, bound_to_target, last_bound;
  size_t run_count;
  sgd_run_result *run;
} sgd_method_result;

typedef struct sgd_data_result {
  const char *source, *loss;
  int64_t samples, features, classes, dim;
  double ridge, label_skew, feature_shift, optimum, start_loss, smoothness, convexity, variance;
} sgd_data_result;

typedef struct sgd_result {
  const char *command, *version;
  int64_t seed, workers, blocks, batch;
  double bandwidth, target, bits;
  delay_result delay;
  sgd_data_result data;
  bool interrupted;
  int64_t count;
  const double *time;
  size_t methods;
  sgd_method_result *method;
  size_t best_count;
  const int32_t *best_index;
  int choose;                    /* a sgd_choice; -1: nothing */
  const char *choice, *choice_by_bound, *choice_by_model;
} sgd_result;

extern const field sgd_fields[];
extern const char *const sgd_source_words[]; /* of a testudo_waiting_source */

/* ---- what was asked for ---- */

typedef struct sgd_wanted {
  const char *text;              /* METHOD, as written */
  testudo_sgd_method method;
  testudo_design *design;        /* owned */
  testudo_schedule *schedule;    /* owned */
  const char *file;              /* of the design; NULL: made here */
  bool compressor;               /* given */
  int32_t copies;                /* given with the method; 0: those of --copies */
  bool by_norm;                  /* more of those chunks whose gradients are larger */
} sgd_wanted;

typedef struct cli_sgd {
  sgd_result result;             /* first: text lines ask for the rest */
  cli_arguments spec;            /* the options with those of SPEC.json among them */
  const cli_arguments *arguments;
  cli_cluster cluster;
  testudo_law *bandwidth;        /* as a law of messages */
  testudo_data *data;
  testudo_problem *problem;
  int32_t *first;
  double *optimum;
  testudo_problem_constants constants;
  double *gram[2];               /* of the workers' parts of the gradient, at the start and the optimum (or NULL), once
                                    --choose compression or copies by-norm have asked for them */
  double between;                /* mean squared distance of the workers' mean gradients from that of all samples */
  sgd_wanted wanted[SGD_MOST_METHODS];
  testudo_sgd_method method[SGD_MOST_METHODS];
  int32_t methods;
  testudo_sgd *sgd;
  double *times;
  int64_t time_count;
  testudo_sgd_run *known;
  testudo_i_json_document *earlier;
  testudo_i_arena arena;
  bool runtime;                  /* times alone: no data */
} cli_sgd;

/* sgd->gram, of P chunks. */
TESTUDO_CHECKED testudo_status sgd_take_gram(cli_sgd *sgd, testudo_error *error);

/* data.c: the numbers of a gradient; with --runtime those of --dim, or 10. */
size_t sgd_dim(const cli_sgd *sgd);

/* methods.c: METHOD.. with what they run; `sgd_add_method` one of them. */
extern const cli_option sgd_method_options[];
TESTUDO_CHECKED testudo_status sgd_take_methods(cli_sgd *sgd, testudo_error *error);
TESTUDO_CHECKED testudo_status sgd_add_method(cli_sgd *sgd, const char *text, testudo_error *error);

/* A design for what the method has not named; owned by the caller. */
TESTUDO_CHECKED testudo_status sgd_make_design(cli_sgd *sgd, const sgd_wanted *wanted, testudo_design **design,
                                               testudo_error *error);

/* choose.c: --choose: the methods to run beside those that were asked for; and which are best, once they have run. */
TESTUDO_CHECKED testudo_status sgd_spread_choices(cli_sgd *sgd, testudo_error *error);
TESTUDO_CHECKED testudo_status sgd_make_choice(cli_sgd *sgd, testudo_error *error);

/* What a message of the method has. */
TESTUDO_CHECKED testudo_status sgd_message_bits(const cli_sgd *sgd, const testudo_sgd_method *method, double *bits,
                                                testudo_error *error);

/* Seconds until all methods will have spent --bits, by a simulation of their times. */
TESTUDO_CHECKED testudo_status sgd_time_of_bits(cli_sgd *sgd, double *seconds, testudo_error *error);

/* data.c */
extern const cli_option sgd_data_options[];
TESTUDO_CHECKED testudo_status sgd_take_data(cli_sgd *sgd, testudo_error *error);

/* times.c: time per update by law, or where it is not known, with `simulate`, by events. */
TESTUDO_CHECKED testudo_status sgd_find_times(cli_sgd *sgd, bool simulate, testudo_error *error);

/* How the time per update of a rule is looked for; without a simulation until `updates` is set. */
testudo_waiting_options sgd_waiting_options(const cli_sgd *sgd, testudo_update_rule rule, int32_t wait);

/* bound.c: what the bounds assume of a method that waits for so many, p0 being at least `fresh`: the one home of it. */
testudo_assumptions sgd_assumptions(const cli_sgd *sgd, const testudo_sgd_method *method, int32_t wait, double fresh);

/* Why workers are not alike, which the bounds of methods that wait for some assume; NULL: they are. */
const char *sgd_unlike_reason(const cli_sgd *sgd);

/* The error bounds there are, and why there is none. */
TESTUDO_CHECKED testudo_status sgd_find_bounds(cli_sgd *sgd, testudo_error *error);

/* What the runs need for the bounds that follow them; once the times by law are known. */
TESTUDO_CHECKED testudo_status sgd_assume(cli_sgd *sgd, testudo_error *error);

/* schedule.c: --schedule-output, once times and steps are known. */
TESTUDO_CHECKED testudo_status sgd_write_schedule(cli_sgd *sgd, testudo_error *error);

/* resume.c: runs of an earlier result of the same command. */
TESTUDO_CHECKED testudo_status sgd_take_earlier(cli_sgd *sgd, const char *path, testudo_error *error);

#endif
