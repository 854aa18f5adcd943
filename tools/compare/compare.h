/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several designs under one delay model: the rows of the comparison, and what is measured of each. */
#ifndef TOOLS_COMPARE_COMPARE_H
#define TOOLS_COMPARE_COMPARE_H

#include <stdio.h>

#include "common/law.h"
#include "common/session.h"

/* Rows: the designs, and what five references of each could add. */
enum { COMPARE_MOST_DESIGNS = 20, COMPARE_MOST_ROWS = 6 * COMPARE_MOST_DESIGNS, COMPARE_DECODES = 1000 };

/* Means over the least perfectly balanced limit of the designs, which is one for all rows. */
typedef struct over_ideal_result {
  double ideal; /* seconds; NAN where not computed, or where the row is under no such limit */
  double exact, lower, upper, simulated;
} over_ideal_result;

/* Uncoded training under a rule of waiting, and what comes of it. */
typedef struct waiting_result {
  testudo_waiting_rule rule;
  testudo_waiting found;
} waiting_result;

typedef struct cli_row {
  const char *file;          /* without folders, lent; NULL for a reference */
  const char *reference;     /* "uncoded", "ignore-stragglers", "ignore" or "speculate"; NULL for a design of the
                                user's */
  waiting_result *waiting; /* of references that wait by a rule, which are simulated; otherwise NULL */
  char *label;               /* no two rows have the same */
  cli_cluster cluster;
  testudo_latency *latency;  /* NULL: simulated only */
  testudo_simulation *simulation;
  law_result analyze, simulate;
  over_ideal_result over_ideal;
  work_result work;
  double memory;             /* numbers that a worker must keep: those of its chunks' gradients, of --dim each */
  testudo_error why;         /* there is no law: the reason */
  int64_t trials;            /* to run */
  const error_result *error; /* at the deadlines: exact where it is known, otherwise simulated; NULL: no deadlines */
  const testudo_decode_report *decode; /* NULL: nothing was decoded */
} cli_row;

/* A perfectly balanced limit that some of the designs share. */
typedef struct cli_ideal {
  char label[80];
  int32_t workers, chunks, parts, load; /* load: the largest */
  int64_t entries;
  int report;
  double mean;
} cli_ideal;

typedef struct cli_comparison {
  const cli_arguments *arguments;
  const char *command, *version;
  int64_t seed;
  int32_t chunks;            /* of every design; -1: they differ */
  delay_result delay;
  cli_row *row;              /* the user's designs, then the references */
  size_t rows, designs;
  size_t measured;           /* rows that are done: fewer than all after an interrupt */
  cli_ideal *ideal;
  size_t ideals;
  bool unequal;              /* not all designs have as many workers */
  bool interrupted;
  testudo_i_arena arena;     /* of rows, labels and ideals */
} cli_comparison;

/* Of a zeroed comparison: reads the designs and makes the references. Free whatever the answer. */
TESTUDO_CHECKED testudo_status compare_open(cli_comparison *comparison, const cli_arguments *arguments,
                                            testudo_error *error);
void compare_free(void *context);

/* Analyses and simulates every row. TESTUDO_INTERRUPTED leaves `measured` of them. */
TESTUDO_CHECKED testudo_status compare_measure(cli_comparison *comparison, testudo_error *error);

extern const field compare_fields[]; /* of the comparison */
void compare_print(FILE *text, const void *comparison);

#endif
