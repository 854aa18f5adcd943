/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches for latency: their options, and a design under the delay law that they name. */
#ifndef TOOLS_OPTIMIZE_LATENCY_H
#define TOOLS_OPTIMIZE_LATENCY_H

#include <testudo/optimize.h>

#include "common/cluster.h"

extern const cli_option latency_search_options[]; /* --reassign, --trials, --max-states */

typedef struct latency_request {
  cli_cluster cluster; /* its design is lent */
  testudo_latency_goal goal;
} latency_request;

/* An objective in seconds, or at a deadline: --delay is needed; of Q_max nothing of this applies. Of a zeroed request;
   close whatever the answer. */
TESTUDO_CHECKED testudo_status latency_take(latency_request *request, testudo_design *design,
                                            const testudo_objective *objective, const cli_arguments *arguments,
                                            testudo_error *error);
/* The same for commands that have the model's options only. */
TESTUDO_CHECKED testudo_status latency_take_model(latency_request *request, testudo_design *design,
                                                  const testudo_objective *objective, const cli_arguments *arguments,
                                                  testudo_error *error);

/* " s", or nothing. */
const char *latency_unit(const testudo_objective *objective);

#endif
