/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the code of a scheme is made: the half of a scheme that the runtime library does without, one twin an id
   (runtime/scheme/scheme.h). */
#ifndef TESTUDO_CODE_MAKING_H
#define TESTUDO_CODE_MAKING_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/code.h>

#include "runtime/scheme/scheme.h"

/* What makers take; each looks at its own. */
typedef struct testudo_i_ingredients {
  int32_t parts;
  int32_t stragglers;
  int32_t wait;
  testudo_i_construction construction; /* asked for */
  const double *weight;     /* of a gradient code of the caller's own, one per entry; NULL: it is to be made */
  const int32_t *tolerance;
  int32_t tolerances;
  const int64_t *size;      /* as many as tolerances, 0 or more each; a block of size 0 is left out with its tolerance
                               */
  uint64_t seed;
  const char *name;         /* NULL: none */
  const testudo_monitor *monitor; /* may be NULL */
  bool shape_only;          /* no coefficients are found, they stay 0: enough for laws, but it decodes nothing */
} testudo_i_ingredients;

typedef struct testudo_i_making {
  testudo_scheme id;
  /* Fills design->code; row and order are set, the holders are not derived yet. */
  testudo_status (*make)(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error);
  /* The same code in other orders: entry e of `made`, whose row is set, was entry from[e] of the design. NULL: the
     scheme has one order only. Where orders matter for nothing but time (scheme.h, order_matters), `from` may be NULL
     and the assignment another one. */
  testudo_status (*carry)(const testudo_design *design, testudo_design *made, const int64_t *from,
                          testudo_error *error);
  /* The numbers of the code that are drawn at random, *count of them, and drawing them again: NULL where there are
     none, which `numbers` also answers of a design that has none. */
  double *(*numbers)(testudo_design *design, size_t *count);
  testudo_status (*redraw)(testudo_design *design, uint64_t seed, testudo_error *error);
} testudo_i_making;

/* The maker of a scheme; NULL for a number that is none. */
const testudo_i_making *testudo_i_making_by_id(testudo_scheme id);

/* A design over an assignment (copied), finished. What breaks the rules of a file is TESTUDO_ERROR_ARGUMENT here. */
TESTUDO_CHECKED testudo_status testudo_i_make_design(testudo_scheme scheme, const testudo_assignment *assignment,
                                                     const testudo_i_ingredients *with, testudo_design **design,
                                                     testudo_error *error);

/* The design's code and name over other orders (copied), finished; `from` as in carry. */
TESTUDO_CHECKED testudo_status testudo_i_carry_design(const testudo_design *design, const testudo_assignment *orders,
                                                      const int64_t *from, testudo_design **made,
                                                      testudo_error *error);

/* testudo_design_create_block without the coefficients. */
TESTUDO_CHECKED testudo_status testudo_i_block_shape(int32_t workers, const int32_t *tolerances, const int64_t *sizes,
                                                     int32_t count, testudo_design **design, testudo_error *error);

/* One level of a design's codes as a gradient code on the prefixes of its orders. */
TESTUDO_CHECKED testudo_status testudo_i_make_level(const testudo_design *design, int32_t level, testudo_design **made,
                                                    testudo_error *error);

extern const testudo_i_making testudo_i_making_uncoded, testudo_i_making_ignore_stragglers,
    testudo_i_making_gradient_code, testudo_i_making_nested, testudo_i_making_partial, testudo_i_making_block,
    testudo_i_making_gradient_code_parts;

#endif
