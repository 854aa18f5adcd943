/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulation of a cluster: its options, and its result as JSON or text. */
#ifndef TOOLS_COMMON_SIMULATION_H
#define TOOLS_COMMON_SIMULATION_H

#include <stdio.h>

#include <testudo/sample.h>

#include "common/cluster.h"
#include "json/write.h"

extern const cli_option simulation_trial_options[]; /* --trials, --rel-error */

/* Equal bins from the first completion time to the 0.995 quantile of those that ended; `beyond` is the rest. */
typedef struct cli_histogram {
  int32_t bins;
  double *edge;      /* bins + 1 */
  int64_t *count;
  int64_t beyond;
  testudo_i_arena arena; /* of the lists */
} cli_histogram;

/* Of a zeroed histogram. */
TESTUDO_CHECKED testudo_status histogram_make(cli_histogram *histogram, const testudo_simulation *simulation,
                                              testudo_error *error);

typedef struct cli_simulated {
  const cli_cluster *cluster;
  const testudo_simulation *simulation;
  cli_histogram histogram;
  double round_up;
  bool decoded;
  testudo_decoder decoder;          /* at deadlines, of plain sums */
  const testudo_partial_gain *gain; /* of a nested code; else NULL, and no work */
  testudo_work work;
  double *worker_chunks;            /* with gain: one per worker (lent) */
  const char *why;   /* of a law that analyze would give exactly: why it is simulated; else NULL */
} cli_simulated;

testudo_simulation_options simulation_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                              const testudo_monitor *monitor);

/* Members "latency" and "error" of the object that is open; simulated_put_laws: both, and "trials", "never";
   simulated_put adds "histogram". */
void simulated_put_law(testudo_i_json_writer *writer, const cli_simulated *simulated);
void simulated_put_error(testudo_i_json_writer *writer, const cli_simulated *simulated);
void simulated_put_laws(testudo_i_json_writer *writer, const cli_simulated *simulated);
void simulated_put(testudo_i_json_writer *writer, const cli_simulated *simulated);
void simulated_print(FILE *stream, const cli_simulated *simulated);

/* Members "partial_gain" and "work" of a nested code (nothing for others), and their text. */
void nested_put(testudo_i_json_writer *writer, const cli_simulated *simulated);
void nested_print(FILE *stream, const cli_simulated *simulated);

/* Member "combined" (nothing unless plain sums were combined), and its text. */
void combined_put(testudo_i_json_writer *writer, const cli_simulated *simulated);
void combined_print(FILE *stream, const cli_simulated *simulated);

/* Member "decode" (null when nothing was decoded), and its line of text. */
void decode_put(testudo_i_json_writer *writer, const testudo_decode_report *decode, bool decoded);
void decode_print(FILE *stream, const testudo_decode_report *decode);

#endif
