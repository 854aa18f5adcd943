/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How traces are read, from the command line. */
#ifndef TOOLS_OPTION_READING_H
#define TOOLS_OPTION_READING_H

#include <testudo/trace.h>

#include "option/option.h"

/* --time-unit, --separator, .. of commands with --delay; a command of traces without it takes CLI_READING_OWN instead,
   beside --unit. One whose operand is a trace says that it `reads_traces`. */
extern const cli_option cli_reading_options[], cli_reading_unit_options[];
#define CLI_READING_OWN (cli_reading_options + 1)

/* What of them was given; NULL: nothing. */
const char *cli_reading_given(const cli_arguments *arguments);

/* What they say; its texts are the arguments'. */
TESTUDO_CHECKED testudo_status cli_reading(const cli_arguments *arguments, testudo_trace_options *reading,
                                           testudo_error *error);

#endif
