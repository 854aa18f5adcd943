/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs that are read, and the sentence that helps where a file of another kind is given. */
#ifndef TOOLS_OPTION_INPUT_H
#define TOOLS_OPTION_INPUT_H

#include <testudo/design.h>

/* Files of ours; a result is what a command writes as JSON. */
typedef enum input_kind { INPUT_UNKNOWN, INPUT_DESIGN, INPUT_DELAY, INPUT_TRACE, INPUT_RESULT } input_kind;

/* testudo_design_read, "-" being standard input. */
TESTUDO_CHECKED testudo_status input_design(const char *path, testudo_design **design, testudo_error *error);

/* The answer of a reader that wanted a file of one kind. Where it refused the content (TESTUDO_ERROR_INPUT) of a file
   that is plainly of another kind, the sentence becomes one that says so. Answers `status`. */
TESTUDO_CHECKED testudo_status input_explain(testudo_status status, const char *path, input_kind wanted,
                                             testudo_error *error);

/* Refuses the text of a law that is the name of a design or of a result. */
TESTUDO_CHECKED testudo_status input_no_law(const char *text, testudo_error *error);

#endif
