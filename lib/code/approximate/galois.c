/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finite fields by tables of powers and logarithms of a primitive element, and spaces over them. */
#include "code/approximate/galois.h"

#include "base/error.h"

bool testudo_i_is_prime_power(int32_t q, int32_t *prime, int32_t *exponent)
{
  if (q < 2)
    return false;
  int32_t p = 2;
  while ((int64_t)p * p <= q && q % p != 0)
    p++;
  if (q % p != 0)
    p = q;
  int32_t e = 0;
  for (; q % p == 0; q /= p)
    e++;
  if (prime != NULL)
    *prime = p;
  if (exponent != NULL)
    *exponent = e;
  return q == 1;
}

bool testudo_i_is_prime(int32_t q)
{
  int32_t exponent;
  return testudo_i_is_prime_power(q, NULL, &exponent) && exponent == 1;
}

static int32_t combine(const testudo_i_field *field, int32_t a, int32_t b, int32_t by)
{
  int32_t p = field->prime, sum = 0;
  for (int32_t place = 1; a > 0 || b > 0; place *= p) {
    sum += (a % p + by * (b % p)) % p * place;
    a /= p;
    b /= p;
  }
  return sum;
}

int32_t testudo_i_field_add(const testudo_i_field *field, int32_t a, int32_t b)
{
  return field->prime == 2 ? a ^ b : combine(field, a, b, 1);
}

int32_t testudo_i_field_subtract(const testudo_i_field *field, int32_t a, int32_t b)
{
  return field->prime == 2 ? a ^ b : combine(field, a, b, field->prime - 1);
}

/* a times a candidate for the primitive element: the number `candidate` itself in GF(p), else the polynomial x, reduced
   by x^e = -candidate (its digits the lower coefficients). */
static int32_t times_candidate(const testudo_i_field *field, int32_t a, int32_t candidate)
{
  int32_t p = field->prime;
  if (field->exponent == 1)
    return (int32_t)((int64_t)a * candidate % p);
  int32_t top = a / (field->order / p), rest = a % (field->order / p) * p, multiple = 0, digits = candidate;
  for (int32_t place = 1; digits > 0; place *= p, digits /= p)
    multiple += top * (digits % p) % p * place;
  return testudo_i_field_subtract(field, rest, multiple);
}

/* Does the candidate run through all of 1 .. q - 1? */
static bool try_candidate(testudo_i_field *field, int32_t candidate)
{
  int32_t count = field->order - 1, a = 1;
  for (int32_t k = 0; k < count; k++) {
    if (a == 0 || (k > 0 && a == 1))
      return false;
    field->power[k] = a;
    field->logarithm[a] = k;
    a = times_candidate(field, a, candidate);
  }
  return a == 1;
}

testudo_status testudo_i_field_make(testudo_i_field *field, int32_t q, testudo_i_arena *arena, testudo_error *error)
{
  *field = (testudo_i_field){.order = q};
  if (q > TESTUDO_I_LARGEST_FIELD || !testudo_i_is_prime_power(q, &field->prime, &field->exponent))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "field of %d elements: a prime power up to %d is allowed",
                          (int)q, TESTUDO_I_LARGEST_FIELD);
  field->power = testudo_i_arena_alloc(arena, 2 * (size_t)q, sizeof *field->power);
  field->logarithm = testudo_i_arena_calloc(arena, (size_t)q, sizeof *field->logarithm);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int32_t candidate = 1;
  while (candidate < q && !try_candidate(field, candidate))
    candidate++;
  for (int32_t k = 0; k < q - 1; k++)
    field->power[k + q - 1] = field->power[k];
  return TESTUDO_OK;
}

/* ---- vectors and directions of a space, by number ---- */

int32_t testudo_i_power_up_to(int32_t q, int32_t dimensions, int32_t most)
{
  int64_t power = 1;
  for (int32_t k = 0; k < dimensions; k++) {
    power *= q;
    if (power > most)
      return 0;
  }
  return (int32_t)power;
}

testudo_status testudo_i_space_make(testudo_i_space *space, int32_t q, int32_t dimensions, testudo_i_arena *arena,
                                    testudo_error *error)
{
  *space = (testudo_i_space){.dimensions = dimensions};
  space->vectors = testudo_i_power_up_to(q, dimensions, INT32_MAX);
  if (dimensions < 1 || dimensions > TESTUDO_I_MOST_DIMENSIONS || space->vectors == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dimensions: %d over %d elements, but 1..%d are allowed",
                          (int)dimensions, (int)q, TESTUDO_I_MOST_DIMENSIONS);
  space->directions = (space->vectors - 1) / (q - 1);
  return testudo_i_field_make(&space->field, q, arena, error);
}

void testudo_i_space_vector(const testudo_i_space *space, int32_t number, int32_t *vector)
{
  for (int32_t k = space->dimensions - 1; k >= 0; k--) {
    vector[k] = number % space->field.order;
    number /= space->field.order;
  }
}

/* Those with their 1 in the last place come first, then those with one free place after it, and so on. */
void testudo_i_space_direction(const testudo_i_space *space, int32_t number, int32_t *vector)
{
  int32_t free_vectors = 1;
  while (number >= free_vectors) {
    number -= free_vectors;
    free_vectors *= space->field.order;
  }
  testudo_i_space_vector(space, free_vectors + number, vector);
}

int32_t testudo_i_space_product(const testudo_i_space *space, const int32_t *x, const int32_t *y)
{
  int32_t sum = 0;
  for (int32_t k = 0; k < space->dimensions; k++)
    sum = testudo_i_field_add(&space->field, sum, testudo_i_field_multiply(&space->field, x[k], y[k]));
  return sum;
}
