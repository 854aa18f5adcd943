/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme gradient-code-parts, and its code for the half that makes it. */
#ifndef TESTUDO_RUNTIME_GRADIENT_CODE_PARTS_H
#define TESTUDO_RUNTIME_GRADIENT_CODE_PARTS_H

#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

extern const testudo_i_scheme testudo_i_scheme_gradient_code_parts;

/* Both lists of numbers lie in one piece of the design's arena, the matrix first. */
typedef struct testudo_i_parts_code {
  int32_t stragglers;
  double *matrix;         /* V, (n - s) x n, row after row */
  double *coefficient;    /* (B_i V_j)_p of worker j's k-th chunk i at ((row[j] + k) parts + p) */
} testudo_i_parts_code;

enum { TESTUDO_I_MOST_PARTS_WORKERS = 1000 };

/* A code without numbers yet. TESTUDO_ERROR_INPUT where the sizes do not go together. */
TESTUDO_CHECKED testudo_status testudo_i_parts_code_make(testudo_design *design, int32_t stragglers,
                                                         testudo_error *error);

int32_t testudo_i_parts_stragglers(const testudo_design *design);

/* Its numbers, matrix and coefficients: how many. */
size_t testudo_i_parts_code_numbers(const testudo_design *design);

#endif
