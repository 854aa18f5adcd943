/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors and directions of a space over a finite field, by number. */
#include "code/approximate/geometry.h"

#include "base/error.h"

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
