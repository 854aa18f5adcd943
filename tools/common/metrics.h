/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a design, measured, and their fields. */
#ifndef TOOLS_COMMON_METRICS_H
#define TOOLS_COMMON_METRICS_H

#include <testudo/code.h>

#include "report/field.h"

typedef struct cli_metrics {
  int32_t levels;      /* l = 1 .. largest replication (at least parts) */
  int32_t parts;
  int64_t *q_max;
  int64_t q_bound;     /* no order of the assignment has a smaller q_max[0] */
  int64_t row_sum_max; /* at l = parts */
  int32_t max_overlap;
  int32_t min_load, max_load, min_replication, max_replication;
  int32_t workers, idle_workers; /* those that hold nothing */
  int32_t sums;        /* that a worker keeps until the request; 0: the gradients of its chunks .. */
  int32_t prefix_sums; /* .. or so many sums where prefixes are asked for; 0: that does not decode */
} cli_metrics;

extern const field metrics_fields[];

TESTUDO_CHECKED testudo_status metrics_measure(cli_metrics *metrics, const testudo_design *design,
                                               testudo_error *error);
void metrics_free(cli_metrics *metrics);

/* Chunks on workers: the sum of all loads. */
int64_t metrics_entries(const testudo_design *design);

/* Vectors of the gradient's length: what a worker keeps until it is asked (testudo/stream.h; of the worker with most),
   and how many are sent to decode, the most that any mixture of even and uneven workers makes. NAN: not known. */
double metrics_memory(const testudo_design *design);
double metrics_floats(const testudo_design *design);

#endif
