/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finite fields GF(q), q = p^e a prime power: elements are 0 .. q - 1, read as polynomials over GF(p) by their
   digits in base p, so that 0 and 1 are what they seem. */
#ifndef TESTUDO_CODE_GALOIS_H
#define TESTUDO_CODE_GALOIS_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

enum { TESTUDO_I_LARGEST_FIELD = 4096 };

typedef struct testudo_i_field {
  int32_t order, prime, exponent;
  int32_t *power;     /* power[k] = g^k of a primitive element g, k = 0 .. 2 (q - 2) */
  int32_t *logarithm; /* of 1 .. q - 1 */
} testudo_i_field;

/* q = p^e? Sets either where not NULL. O(sqrt q). */
bool testudo_i_is_prime_power(int32_t q, int32_t *prime, int32_t *exponent);
bool testudo_i_is_prime(int32_t q);

/* q is a prime power of at most TESTUDO_I_LARGEST_FIELD. The tables live in the arena. O(q) but for a search of at
   most q polynomials. */
TESTUDO_CHECKED testudo_status testudo_i_field_make(testudo_i_field *field, int32_t q, testudo_i_arena *arena,
                                                    testudo_error *error);

int32_t testudo_i_field_add(const testudo_i_field *field, int32_t a, int32_t b);
int32_t testudo_i_field_subtract(const testudo_i_field *field, int32_t a, int32_t b);

static inline int32_t testudo_i_field_multiply(const testudo_i_field *field, int32_t a, int32_t b)
{
  return a == 0 || b == 0 ? 0 : field->power[field->logarithm[a] + field->logarithm[b]];
}

/* Is a a square other than 0? q odd. */
static inline bool testudo_i_field_is_square(const testudo_i_field *field, int32_t a)
{
  return a != 0 && field->logarithm[a] % 2 == 0;
}

/* ---- spaces: linear functionals, what projective and affine geometries and linear orthogonal arrays share ---- */

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
