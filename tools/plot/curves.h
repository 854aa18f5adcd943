/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that a law holds, as pictures want them. */
#ifndef TOOLS_PLOT_CURVES_H
#define TOOLS_PLOT_CURVES_H

#include "common/law.h"

typedef struct cli_list {
  const double *value;
  size_t count;
} cli_list;

/* Of numbers that may be NULL, not known: an empty one. */
cli_list curves_list(const double *value, int64_t count);

/* Empty lists: absent. */
typedef struct cli_curves {
  cli_list time, p, lower, upper;         /* analysed law */
  cli_list sim_time, sim_p;               /* simulated law */
  const histogram_result *histogram;      /* NULL: none */
  double trials;
  cli_list error_time, mse;               /* analysed error over N l */
  cli_list sim_error_time, sim_mse;
  double mean;
  bool mean_simulated;
  double mean_lower, mean_upper;          /* of an analysed mean that is only bounded */
} cli_curves;

/* Either may be NULL. Lists are lent. */
void curves_fill(cli_curves *curves, const law_result *analyzed, const law_result *simulated);

/* What the numbers of a list may be; those that are not finite are left out of a picture. */
typedef struct curves_kind {
  double least, most;
  const char *allowed; /* in words */
  bool rising;         /* none is less than the one before */
} curves_kind;
extern const curves_kind curves_times, curves_errors, curves_chances;

/* TESTUDO_ERROR_INPUT, with the place, where a number of a file is not of the kind, or none of the list is finite. */
TESTUDO_CHECKED testudo_status curves_check_list(const char *file, const char *what, cli_list list,
                                                 const curves_kind *kind, testudo_error *error);

/* TESTUDO_ERROR_INPUT where there is no law to draw; name: of the document. */
TESTUDO_CHECKED testudo_status curves_check(const cli_curves *curves, const char *name, testudo_error *error);

#endif
