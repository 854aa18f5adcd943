/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function with its earlier values remembered and its first failure kept. */
#ifndef TESTUDO_NUMERIC_MEMO_H
#define TESTUDO_NUMERIC_MEMO_H

#include "numeric/integrate.h"

typedef struct testudo_i_evaluator {
  testudo_i_function f;
  void *context;
  testudo_i_memo *memo;   /* or NULL */
  testudo_error *error;
  testudo_status status;  /* of the first call that failed; nothing is called after it */
  size_t evaluations;     /* calls of f: remembered values are free */
} testudo_i_evaluator;

/* f(x), or 0 once something has failed. */
double testudo_i_evaluate(testudo_i_evaluator *evaluator, double x);

#endif
