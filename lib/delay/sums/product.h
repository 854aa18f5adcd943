/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of Z E, two independent positive times, at even steps of its logarithm: a sum over nodes of log Z. Where both
   laws are analytic in the logarithm, the trapezoidal rule errs by the exponential of the number of nodes. */
#ifndef TESTUDO_DELAY_PRODUCT_H
#define TESTUDO_DELAY_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct testudo_i_product testudo_i_product;

typedef struct testudo_i_product_request {
  double (*side)(const void *of, double y, bool above); /* P(E > y) or P(E <= y), accurate where small; y > 0 */
  const void *of;
  const double *weight; /* of nodes + 1 values of log Z: first, first + width, .. */
  double first, width;
  int32_t nodes;
  double low, high;     /* log(Z E) is asked for between them, .. */
  double least_done, least_late; /* .. or where P(Z E <= .) and P(Z E > .) are above these, if that is less */
} testudo_i_product_request;

/* O((high - low) / width nodes). */
TESTUDO_CHECKED testudo_status testudo_i_product_make(testudo_i_arena *arena, const testudo_i_product_request *request,
                                                      testudo_i_product **product, testudo_error *error);

/* P(Z E > y) or P(Z E <= y), interpolated. NAN outside. */
double testudo_i_product_side(const testudo_i_product *product, double y, bool above);

#endif
