/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run of the program shares: signals, the progress bar, messages, and where results go. */
#ifndef TOOLS_COMMON_SESSION_H
#define TOOLS_COMMON_SESSION_H

#include <stdio.h>

#include <testudo/status.h>

#include "option/option.h"

/* Exit code 1: a claim failed. The library has no such answer. */
#define SESSION_CLAIM_FAILED ((testudo_status)1)

/* SIGINT and SIGTERM set a flag that the monitor reads; one that comes more than a second later kills. A closed pipe
   is seen as a write error. */
void session_catch_signals(void);
bool session_stopped(void);

/* Ends the program's output: every byte written to stdout must have arrived. A reader that left early (SIGPIPE) is
   an interruption, anything else a system error. */
TESTUDO_CHECKED testudo_status session_close_stdout(testudo_error *error);

/* The bar is drawn only when standard error is a terminal and --quiet was not given. */
typedef struct session_progress {
  testudo_monitor monitor; /* give its address to the library */
  const char *label;
  bool show, drawn;
  double started, shown;   /* seconds */
} session_progress;

void session_progress_start(session_progress *progress, const char *label, const cli_arguments *arguments);
void session_progress_end(session_progress *progress);

/* A message on standard error, unless --quiet. */
void session_say(const cli_arguments *arguments, const char *format, ...) TESTUDO_PRINTF(2, 3);

/* Writes one result: to -o FILE (when given) as JSON, and to stdout as JSON (--json) or as text. */
typedef struct session_result {
  void (*json)(FILE *stream, void *context);
  void (*text)(FILE *stream, void *context);
  void *context;
} session_result;

TESTUDO_CHECKED testudo_status session_write(const cli_arguments *arguments, const session_result *result,
                                             testudo_error *error);

#endif
