/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tolerances and sizes of a block code that are chosen for a delay model, in place of --sizes. */
#ifndef TOOLS_DESIGN_PLAN_H
#define TOOLS_DESIGN_PLAN_H

#include <testudo/block_search.h>

#include "common/cluster.h"
#include "design/request.h"
#include "json/write.h"

extern const cli_option plan_options[]; /* --delay, --rates, .. */

typedef struct cli_plan {
  cli_cluster cluster;       /* the model that it is for */
  testudo_block_plan *found; /* NULL: nothing was asked for. The request lends its lists */
  double seconds;
  bool interrupted;          /* by the user: the plan is the best so far */
} cli_plan;

/* Is a plan asked for? */
bool plan_wanted(const cli_request *request, const cli_arguments *arguments);

/* Of a zeroed plan: searches, where one is asked for, and completes the request by it. Free whatever the answer. */
TESTUDO_CHECKED testudo_status plan_take(cli_plan *plan, cli_request *request, const cli_arguments *arguments,
                                         testudo_error *error);
void plan_free(cli_plan *plan);

/* Of a design made from the plan; nothing where there is none. */
TESTUDO_CHECKED testudo_status plan_record(const cli_plan *plan, testudo_design *design, testudo_error *error);
void plan_put(testudo_i_json_writer *writer, const cli_plan *plan);
void plan_print(FILE *stream, const cli_plan *plan);

#endif
