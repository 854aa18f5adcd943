/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The design that a command line of `testudo design` makes, with its provenance and its claims: for that command, and
   for tables of designs, which keep the line instead of the design. */
#ifndef TOOLS_DESIGN_MADE_H
#define TOOLS_DESIGN_MADE_H

#include <testudo/trust.h>

#include "design/request.h"
#include "report/field.h"

extern const cli_option design_scheme_options[];    /* --scheme */
extern const cli_option design_by_scheme_options[]; /* --stragglers, --tolerances, .. */

typedef struct cli_made {
  cli_request request;
  testudo_design *design;
  testudo_improvement improvement; /* tries 0: nothing was tried */
} cli_made;

/* Of a zeroed one. Clear whatever the answer. */
TESTUDO_CHECKED testudo_status made_by_arguments(cli_made *made, const cli_arguments *arguments,
                                                 testudo_error *error);
void made_clear(cli_made *made);

/* Its request alone: what is asked for, and whether that can be asked. */
TESTUDO_CHECKED testudo_status made_take(cli_made *made, const cli_arguments *arguments, testudo_error *error);

/* Gives a design the checksum that its file has. */
TESTUDO_CHECKED testudo_status made_seal(testudo_design *design, testudo_error *error);

extern const field improve_fields[]; /* of a testudo_improvement */

#endif
