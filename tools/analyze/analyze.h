/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What analyze reports beside a cluster's analysis: a law that is simulated because the exact one costs too much, and
   the work and errors of nested codes. */
#ifndef TOOLS_ANALYZE_ANALYZE_H
#define TOOLS_ANALYZE_ANALYZE_H

#include "common/analysis.h"
#include "common/session.h"
#include "common/simulation.h"

enum { ANALYZE_TRIALS = 100000, ANALYZE_DEADLINE_TRIALS = 1000 };

typedef struct cli_analyzed {
  cli_cluster cluster;
  testudo_latency *latency;       /* NULL: simulated */
  cli_analysis analysis;
  testudo_error why;              /* of the law that is simulated: why it is not exact */
  testudo_simulation *law;        /* the simulated law, or NULL */
  /* Scheme nested. */
  double *chunks;                 /* per worker: expected number of chunks computed; NULL: not known exactly */
  double *simulated_chunks;       /* the same by trials; NULL: not needed */
  double chunks_error;            /* of their sum */
  testudo_work work;              /* simulated; trials = 0: not */
  testudo_simulation *deadlines;  /* its error at the times of --at, or NULL */
  double *uncovered;              /* what scheme partial would miss then, exactly */
  testudo_i_arena arena;          /* of the lists */
} cli_analyzed;

void analyzed_free(void *context);

/* How many trials are affordable: `most`, fewer where trials times workers times load would be over 1e9, but 1000. */
int64_t analyzed_trials(const cli_cluster *cluster, int64_t most);

/* Simulates the law that status TESTUDO_ERROR_LIMIT (whose sentence is in `why`) refused. */
TESTUDO_CHECKED testudo_status analyzed_simulate(cli_analyzed *analyzed, const cli_arguments *arguments,
                                                 const testudo_monitor *monitor, testudo_error *error);
void analyzed_put_simulated(testudo_i_json_writer *writer, const cli_analyzed *analyzed);
void analyzed_print_simulated(FILE *stream, const cli_analyzed *analyzed);

bool analyzed_is_nested(const cli_analyzed *analyzed);

/* Nested codes only; nothing for others. */
TESTUDO_CHECKED testudo_status analyzed_nested(cli_analyzed *analyzed, const cli_arguments *arguments,
                                               const testudo_monitor *monitor, testudo_error *error);
/* Members "error" and "work". */
void analyzed_put_nested(testudo_i_json_writer *writer, const cli_analyzed *analyzed);
void analyzed_print_nested(FILE *stream, const cli_analyzed *analyzed);

#endif
