/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sweep and explore share of their output. */
#ifndef TOOLS_EXPLORE_SWEEP_H
#define TOOLS_EXPLORE_SWEEP_H

#include "explore/explore.h"

extern const field explore_count_fields[]; /* of a run */

/* A line of what became of the points, and one per reason to skip some. */
void explore_print_counts(FILE *text, const explore_run *run);

/* The best row of every point of a store, with the same columns. */
TESTUDO_CHECKED testudo_status explore_read_store(testudo_i_store *store, explore_rows *rows, testudo_error *error);

/* The end of a run as an exit: interrupted, out of time, or without any point. */
TESTUDO_CHECKED testudo_status explore_exit(const explore_run *run, testudo_error *error);

#endif
