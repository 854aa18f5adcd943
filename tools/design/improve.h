/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOOLS_DESIGN_IMPROVE_H
#define TOOLS_DESIGN_IMPROVE_H

#include <stdio.h>

#include <testudo/trust.h>

#include "json/write.h"
#include "option/option.h"

/* design --improve-code SECONDS, --improve-tries N: nothing when neither was given. After set_provenance, which it adds
   to: what was tried, and what the figure is. found->tries = 0: nothing was tried. */
TESTUDO_CHECKED testudo_status improve_design(testudo_design *design, const cli_arguments *arguments,
                                              testudo_improvement *found, testudo_error *error);

void improve_put(testudo_i_json_writer *writer, const char *key, const testudo_improvement *found);
void improve_print(FILE *stream, const testudo_improvement *found);

#endif
