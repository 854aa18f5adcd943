/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of options, a JSON object whose members are the options of a command without dashes: true and false of flags,
   numbers, texts and arrays of such. */
#ifndef TOOLS_OPTION_SPEC_H
#define TOOLS_OPTION_SPEC_H

#include "option/option.h"

/* The options of the file and, above them, those that were given on the command line, as arguments of the same command
   without operands. alias: the option that "methods" stands for, NULL: there is none. Words lie in the arena. Free *all
   whatever the answer. */
TESTUDO_CHECKED testudo_status cli_read_spec(const cli_arguments *given, const char *file, const char *alias,
                                             testudo_i_arena *arena, cli_arguments *all, testudo_error *error);

#endif
