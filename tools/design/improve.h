/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOOLS_DESIGN_IMPROVE_H
#define TOOLS_DESIGN_IMPROVE_H

#include <testudo/trust.h>

#include "option/option.h"
#include "report/field.h"

/* design --improve-code SECONDS, --improve-tries N: nothing when neither was given. After set_provenance, which it adds
   to: what was tried, and what the figure is. found->tries = 0: nothing was tried. */
TESTUDO_CHECKED testudo_status improve_design(testudo_design *design, const cli_arguments *arguments,
                                              testudo_improvement *found, testudo_error *error);

extern const field improve_fields[]; /* of a testudo_improvement */

#endif
