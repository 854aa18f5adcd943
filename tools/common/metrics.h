/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a design, measured and told. */
#ifndef TOOLS_COMMON_METRICS_H
#define TOOLS_COMMON_METRICS_H

#include <stdint.h>
#include <stdio.h>

#include <testudo/code.h>

#include "json/write.h"

typedef struct cli_metrics {
  int32_t levels;      /* l = 1 .. largest replication (at least parts) */
  int64_t *q_max;
  int64_t q_bound;     /* no order of the assignment has a smaller q_max[0] */
  int64_t row_sum_max; /* at l = parts */
  int32_t max_overlap;
  int32_t min_load, max_load;
} cli_metrics;

TESTUDO_CHECKED testudo_status metrics_measure(cli_metrics *metrics, const testudo_design *design,
                                               testudo_error *error);
void metrics_free(cli_metrics *metrics);

/* Members "q_max", "q_max_bound", "row_sum_max", "max_overlap". */
void metrics_put(testudo_i_json_writer *writer, const cli_metrics *metrics);
void metrics_print(FILE *stream, const cli_metrics *metrics, const testudo_design *design);

/* Chunks on workers: the sum of all loads. */
int64_t metrics_entries(const testudo_design *design);

/* Is its completion time that of a working model? And the member of a result that says so. */
bool metrics_is_model(const testudo_design *design);
void metrics_put_model(testudo_i_json_writer *writer, const testudo_design *design);

/* What stands behind the name of a nested or block design that does not say it: " (working model)". Else "". */
const char *metrics_model(const testudo_design *design, const char *name);

/* Member "design", and its line of text. */
void metrics_put_design(testudo_i_json_writer *writer, const testudo_design *design);
void metrics_print_design(FILE *stream, const testudo_design *design);

#endif
