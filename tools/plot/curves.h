/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that a JSON result holds. */
#ifndef TOOLS_PLOT_CURVES_H
#define TOOLS_PLOT_CURVES_H

#include <stddef.h>

#include "base/arena.h"
#include "json/read.h"

/* A list of numbers of the result; null stands as NAN. */
typedef struct cli_list {
  double *value;
  size_t count;
} cli_list;

/* What a result holds, wherever it holds it. Empty lists: absent. */
typedef struct cli_curves {
  cli_list time, p, lower, upper;         /* analysed law */
  cli_list sim_time, sim_p;               /* simulated law */
  cli_list edge, count, bin;              /* histogram, and the exact probability of its bins */
  double trials;
  cli_list error_time, mse;               /* analysed error over N l */
  cli_list sim_error_time, sim_mse;
  double mean;
  bool mean_simulated;
  double mean_lower, mean_upper;          /* of an analysed mean that is only bounded */
  testudo_i_arena arena;
} cli_curves;

/* Of a result, whoever wrote it: the member, NULL where there is none or `object` (may be NULL) is no object; its
   number, else NAN; its text, else NULL. */
const testudo_i_json_value *curves_member(const testudo_i_json_value *object, const char *key);
double curves_number(const testudo_i_json_value *object, const char *key);
const char *curves_text(const testudo_i_json_value *object, const char *key);

/* The wanted member `key` of the root, a list of 1 .. most entries. */
TESTUDO_CHECKED testudo_status curves_want_list(const testudo_i_json_document *document, const char *key, size_t most,
                                                const testudo_i_json_value **list, testudo_error *error);

/* From a result of analyze, simulate or validate, or a row of compare; name: of the document. Free whatever the
   answer. */
TESTUDO_CHECKED testudo_status curves_read(cli_curves *curves, const testudo_i_json_value *object, const char *name,
                                           testudo_error *error);
/* The lists t and p of the member `ecdf` of a fit. */
TESTUDO_CHECKED testudo_status curves_read_law(cli_list *time, cli_list *p, const testudo_i_json_value *fit,
                                               testudo_i_arena *arena, testudo_error *error);

void curves_free(cli_curves *curves);

#endif
