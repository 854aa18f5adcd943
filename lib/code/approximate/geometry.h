/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear functionals over a finite field: what projective and affine geometries and linear orthogonal arrays share. */
#ifndef TESTUDO_CODE_GEOMETRY_H
#define TESTUDO_CODE_GEOMETRY_H

#include "code/approximate/galois.h"

enum { TESTUDO_I_MOST_DIMENSIONS = 24 };

/* GF(q)^dimensions. Vectors are numbered 0 .. q^dimensions - 1 by their digits in base q; directions are the vectors
   whose first digit other than 0 is 1, numbered 0 .. (q^dimensions - 1) / (q - 1) - 1. */
typedef struct testudo_i_space {
  testudo_i_field field;
  int32_t dimensions, vectors, directions;
} testudo_i_space;

/* q^dimensions, or 0 where it is over `most`. */
int32_t testudo_i_power_up_to(int32_t q, int32_t dimensions, int32_t most);

TESTUDO_CHECKED testudo_status testudo_i_space_make(testudo_i_space *space, int32_t q, int32_t dimensions,
                                                    testudo_i_arena *arena, testudo_error *error);

void testudo_i_space_vector(const testudo_i_space *space, int32_t number, int32_t *vector);
void testudo_i_space_direction(const testudo_i_space *space, int32_t number, int32_t *vector);

/* The inner product. */
int32_t testudo_i_space_product(const testudo_i_space *space, const int32_t *x, const int32_t *y);

#endif
