/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run of the program shares: signals, the progress bar, messages, and where results go. */
#ifndef TOOLS_COMMON_SESSION_H
#define TOOLS_COMMON_SESSION_H

#include <testudo/status.h>

#include "base/file.h"
#include "option/option.h"

/* Exit code 1: a claim failed. The library has no such answer. */
#define SESSION_CLAIM_FAILED ((testudo_status)1)

/* SIGINT and SIGTERM set a flag that the monitor reads. Where nothing has asked for it within a second, the program
   ends with exit code 130: what asks so seldom has nothing to save; but a file that is being written is completed. One
   that comes more than a second later kills. A closed pipe is seen as a write error. */
void session_catch_signals(void);
bool session_stopped(void);

/* Seconds since session_catch_signals, the first that a program calls; and are they `limit` or more (0: no limit)? So a
   --time-limit holds for the whole run, the reading of its files included. */
double session_seconds(void);
bool session_out_of_time(double limit);

/* The part that is done of work of which `fraction` is, and which that limit may end before. */
double session_part(double limit, double fraction);

/* Ends the program's output: every byte written to stdout must have arrived. A reader that left early (SIGPIPE) is
   an interruption, anything else a system error. */
TESTUDO_CHECKED testudo_status session_close_stdout(testudo_error *error);

/* Ends the program, whose files are complete, as a closed pipe ends others: by SIGPIPE, which shells call 141. */
void session_end_by_pipe(void);

/* The one progress bar, drawn only when standard error is a terminal and --quiet was not given; the label is lent. The
   monitor, for the library, is good for the whole run and says at any time whether to stop. End takes the bar away and
   answers the status of what was watched. */
const testudo_monitor *session_progress_start(const char *label, const cli_arguments *arguments);
TESTUDO_CHECKED testudo_status session_progress_end(testudo_status status);

/* From here on this thread draws no bar: whatever it starts is watched by `monitor`, and session_say is silent. NULL:
   as before. */
void session_watch_thread(const testudo_monitor *monitor);

/* The bar of work that began at `started` (testudo_i_seconds_now) and had other bars in between: time left is reckoned
   from there. */
const testudo_monitor *session_progress_resume(const char *label, const cli_arguments *arguments, double started);

/* How many threads to use: those of --threads, or one a core. Says so, once, where fewer than that can be started. */
int32_t session_threads(const cli_arguments *arguments);

/* A message on standard error, unless --quiet; and a complaint, in any case. Bytes that are not UTF-8 are mended. */
void session_say(const cli_arguments *arguments, const char *format, ...) TESTUDO_PRINTF(2, 3);
void session_complain(const char *format, ...) TESTUDO_PRINTF(1, 2);

/* A file to be written; standard output where the path is "-" or NULL. End takes the answer of the writer: what failed
   leaves no file. */
TESTUDO_CHECKED testudo_status session_output(testudo_i_output *output, const char *path, testudo_error *error);
TESTUDO_CHECKED testudo_status session_output_end(testudo_i_output *output, testudo_status status,
                                                  testudo_error *error);

/* A design, in the same way. */
TESTUDO_CHECKED testudo_status session_put_design(testudo_design *design, const char *path, testudo_error *error);

#endif
