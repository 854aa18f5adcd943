/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOOLS_DESIGN_IMPROVE_H
#define TOOLS_DESIGN_IMPROVE_H

#include <testudo/design.h>

#include "option/option.h"

/* design --improve-code SECONDS, --improve-tries N: nothing when neither was given. After set_provenance, which it adds
   to: what was tried, and what the figure is. */
TESTUDO_CHECKED testudo_status improve_design(testudo_design *design, const cli_arguments *arguments,
                                              testudo_error *error);

#endif
