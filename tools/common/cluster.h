/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design under a delay model, as analyze, simulate and validate ask for it on the command line. */
#ifndef TOOLS_COMMON_CLUSTER_H
#define TOOLS_COMMON_CLUSTER_H

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/exact.h>

#include "option/option.h"

extern const cli_option cluster_model_options[];  /* --delay, --structure, .. */
extern const cli_option cluster_report_options[]; /* --report, --at, --quantiles */
extern const cli_option cluster_by_options[];     /* --by */

/* How the structure of the model is known. */
typedef enum cluster_structure {
  STRUCTURE_BY_COMMAND, STRUCTURE_BY_FILE, STRUCTURE_BY_TRACE, STRUCTURE_ASSUMED, STRUCTURE_REPLAYED
} cluster_structure;

/* Of the model, as results show it: a class of workers, and slow states. */
typedef struct class_result {
  int32_t workers;
  double rate;
  const char *law;
} class_result;

typedef struct markov_result {
  double p, q, factor;
} markov_result;

typedef struct cli_cluster {
  testudo_design *design;
  int32_t workers;           /* where there is no design */
  testudo_delay_model model; /* lent by the arguments, but for the domains */
  cluster_structure structure_by;
  int32_t *domain;
  class_result *class;       /* in the arena, as many as the model's */
  markov_result markov;
  testudo_i_arena arena;
  testudo_report report;
  const double *times;       /* --at (lent by the arguments) */
  int64_t time_count;
  const double *by;          /* --by, in the same way */
  int64_t by_count;
  const cli_value *quantiles;/* --quantiles, or their default */
  cli_value default_quantiles;
  const char *command;       /* normalised (lent by the arguments) */
  uint64_t seed;
} cli_cluster;

/* Of a zeroed cluster: reads the design (the one operand) and the options; every combination is checked. Close whatever
   the answer. */
TESTUDO_CHECKED testudo_status cluster_open(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error);
/* The same for one of several designs, there already, which is taken over whatever the answer: --report then leaves
   out the schemes to which it does not apply. */
TESTUDO_CHECKED testudo_status cluster_take(cli_cluster *cluster, testudo_design *design,
                                            const cli_arguments *arguments, testudo_error *error);
/* Of a cluster whose design is there, or else its number of workers: the model alone. An option stands above what a
   delay file says of the same term. */
TESTUDO_CHECKED testudo_status cluster_take_model(cli_cluster *cluster, const cli_arguments *arguments,
                                                  testudo_error *error);
void cluster_close(cli_cluster *cluster);

int32_t cluster_workers(const cli_cluster *cluster);

/* Does the server first say who is to send? */
bool cluster_signals(const cli_cluster *cluster);

/* testudo_tail_index; of a replay, which has no law, nothing is claimed. */
double cluster_tail_index(const cli_cluster *cluster);

/* Report whole of more than one part: there is no error of stopping at a deadline. */
bool cluster_error_unbuilt(const cli_cluster *cluster);

/* The error of a cluster that has done nothing: N l. */
double cluster_most_error(const cli_cluster *cluster);

#endif
