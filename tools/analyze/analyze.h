/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What analyze reports beside a cluster's law: one that is simulated because the exact one costs too much, and the work
   and errors of nested codes. */
#ifndef TOOLS_ANALYZE_ANALYZE_H
#define TOOLS_ANALYZE_ANALYZE_H

#include "common/law.h"
#include "common/session.h"

enum { ANALYZE_TRIALS = 100000, ANALYZE_DEADLINE_TRIALS = 1000 };

typedef struct cli_analyzed {
  law_result law;
  cli_cluster cluster;
  testudo_latency *latency;       /* NULL: simulated */
  testudo_error why;              /* of the law that is simulated: why it is not exact */
  testudo_simulation *simulation; /* the simulated law, or NULL */
  testudo_simulation *deadlines;  /* nested: its error at the times of --at, or NULL */
} cli_analyzed;

void analyzed_free(void *context);

/* How many trials are affordable: `most`, fewer where trials times workers times load would be over 1e9, but 1000. */
int64_t analyzed_trials(const cli_cluster *cluster, int64_t most);

/* Of a cluster that is there: exact, between bounds, or simulated where the exact law is beyond the limits. Without
   curves: numbers alone, and the error at the deadlines. */
TESTUDO_CHECKED testudo_status analyzed_law(cli_analyzed *analyzed, const cli_arguments *arguments, bool curves,
                                            const testudo_monitor *monitor, testudo_error *error);

/* Work and errors of nested codes; of others the work, where it is asked for. */
TESTUDO_CHECKED testudo_status analyzed_nested(cli_analyzed *analyzed, const cli_arguments *arguments,
                                               const testudo_monitor *monitor, testudo_error *error);

#endif
