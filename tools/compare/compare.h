/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several designs under one delay model: the rows of the comparison, and what is measured of each. */
#ifndef TOOLS_COMPARE_COMPARE_H
#define TOOLS_COMPARE_COMPARE_H

#include <stdio.h>

#include "common/analysis.h"
#include "common/session.h"
#include "common/simulation.h"

enum { COMPARE_MOST_DESIGNS = 20, COMPARE_DECODES = 1000 };

typedef struct cli_row {
  const char *file;          /* without folders, lent; NULL for a reference */
  const char *reference;     /* "uncoded" or "ignore-stragglers"; NULL for a design of the user's */
  char *label;               /* no two rows have the same */
  cli_cluster cluster;
  testudo_latency *latency;
  cli_analysis analysis;
  testudo_simulation *simulation;
  testudo_work work;
  double ideal;              /* seconds; NAN where not computed */
} cli_row;

/* A perfectly balanced limit that some of the designs share. */
typedef struct cli_ideal {
  char label[80];
  int32_t workers, parts, load; /* load: the largest */
  int64_t entries;
  testudo_report report;
  double mean;
} cli_ideal;

typedef struct cli_comparison {
  const cli_arguments *arguments;
  cli_row *row;              /* the user's designs, then the references */
  size_t rows, designs;
  size_t measured;           /* rows that are done: fewer than all after an interrupt */
  cli_ideal *ideal;
  size_t ideals;
  bool unequal;              /* not all designs have as many workers */
  testudo_i_arena arena;     /* of rows, labels and ideals */
} cli_comparison;

/* Of a zeroed comparison: reads the designs and makes the references. Free whatever the answer. */
TESTUDO_CHECKED testudo_status compare_open(cli_comparison *comparison, const cli_arguments *arguments,
                                            testudo_error *error);
void compare_free(void *context);

/* Analyses and simulates every row. TESTUDO_INTERRUPTED leaves `measured` of them. */
TESTUDO_CHECKED testudo_status compare_measure(cli_comparison *comparison, testudo_error *error);

/* For session_write; context: the comparison. */
void compare_put(testudo_i_json_writer *writer, const void *context);
void compare_print(FILE *stream, const void *context);

/* The errors at the deadlines: exact where they are known (row->analysis.has_error), otherwise simulated. */
const double *row_errors(const cli_row *row);

#endif
