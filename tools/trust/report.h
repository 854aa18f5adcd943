/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What check --trust tells of a design. */
#ifndef TOOLS_TRUST_REPORT_H
#define TOOLS_TRUST_REPORT_H

#include <stdio.h>

#include <testudo/trust.h>

#include "json/write.h"

/* Member "trust"; of a nested or block design the array "trust_by_tolerance", one object per tolerance. `trust` has an
   element per tolerance, else one. */
void trust_put(testudo_i_json_writer *writer, const testudo_design *design, const testudo_trust *trust);
void trust_print(FILE *stream, const testudo_design *design, const testudo_trust *trust);

/* Member "code_check", and its line of text. */
void code_check_put(testudo_i_json_writer *writer, const testudo_code_check *check);
void code_check_print(FILE *stream, const testudo_code_check *check);

#endif
