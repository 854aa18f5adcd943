/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every search of the program has: a time limit, a bar with the best so far and the bound, Ctrl-C, and a result
   that is written whatever ended the search. */
#ifndef TOOLS_OPTIMIZE_FRAME_H
#define TOOLS_OPTIMIZE_FRAME_H

#include <testudo/optimize.h>

#include "common/session.h"
#include "report/field.h"

extern const cli_option search_options[]; /* --time-limit, --tries */

typedef struct search_frame {
  const testudo_monitor *progress;
  testudo_search_monitor monitor;
  testudo_search_options options;  /* give its address to the search */
  char label[120];
  double limit, began;             /* seconds; limit 0: none */
  bool out_of_time, interrupted;
} search_frame;

/* Of a zeroed frame: --time-limit, --tries, --seed, --threads. Then the start, of the progress bar too: end that with
   session_progress_end. */
void search_take(search_frame *frame, const cli_arguments *arguments);
void search_start(search_frame *frame, const char *label, const cli_arguments *arguments);
double search_seconds(const search_frame *frame);

/* Of a testudo_search_result, and its text. */
extern const field search_fields[];
extern const char *const search_answer_words[];
void search_print(FILE *stream, const testudo_search_result *result, const char *unit);

/* The answer as an exit: optimal and feasible are done, undecided is TESTUDO_ERROR_LIMIT, Ctrl-C TESTUDO_INTERRUPTED
   (both after the best so far was written). */
TESTUDO_CHECKED testudo_status search_exit(const search_frame *frame, const testudo_search_result *result,
                                           testudo_error *error);

#endif
