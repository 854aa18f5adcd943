/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What check reports of a code: whether it decodes, and what decoding does to rounding errors. */
#ifndef TOOLS_TRUST_REPORT_H
#define TOOLS_TRUST_REPORT_H

#include <testudo/trust.h>

#include "report/field.h"

/* One tolerance of a nested or block design, or the design. */
typedef struct trust_result {
  testudo_trust trust;
  int32_t tolerance; /* -1: the design */
  bool holders;      /* the sets are of holders of a chunk, not of stragglers */
} trust_result;

extern const field trust_fields[];      /* of a trust_result */
extern const field code_check_fields[]; /* of a testudo_code_check */

#endif
