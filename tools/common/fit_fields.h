/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of fit. */
#ifndef TOOLS_COMMON_FIT_FIELDS_H
#define TOOLS_COMMON_FIT_FIELDS_H

#include <testudo/fit.h>

#include "report/field.h"

typedef struct ecdf_result {
  int64_t count;
  double *t, *p;
} ecdf_result;

typedef struct fit_result {
  testudo_fit fit; /* a copy: its lists are lent */
  const char *command, *version, *trace, *best, *best_aic;
  double least, most, largest_over_mean;
  ecdf_result ecdf;
} fit_result;

extern const field fit_fields[];        /* of a fit_result */
extern const field delay_file_fields[]; /* of the file that fit writes */

#endif
