/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In an orthogonal array of strength two with q symbols every two columns show each of the q^2 pairs of symbols in
   the same number of rows. Rows are workers, columns chunks; a chunk is held where its column shows one of a_k
   chosen symbols, so d_k = a_k m / q and two chunks meet a_k a_k' m / q^2 = d_k d_k' / m times: exactly balanced. */
#include "code/approximate/bibd.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "code/approximate/galois.h"

static uint64_t turn(uint64_t seed, int32_t chunk, int32_t symbols)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ASSIGNMENT, (uint64_t)chunk, UINT64_C(1) << 61);
  return testudo_i_random_below(&random, (uint64_t)symbols);
}

/* ---- linear arrays: rows x of GF(q)^n, columns h, symbols <h, x> (Bose, 1947) ---- */

/* Do q symbols give all the numbers of copies, and how many dimensions do the workers have room for? */
static int32_t linear_dimensions(const testudo_i_incidence *held, const int32_t *copies, int32_t q)
{
  int32_t dimensions = 0, partial = 0;
  for (int32_t rows = held->workers; rows % q == 0; rows /= q)
    dimensions++;
  for (int32_t i = 0; i < held->chunks; i++) {
    if ((int64_t)copies[i] * q % held->workers != 0)
      return 0;
    partial += copies[i] < held->workers;
  }
  int32_t vectors = testudo_i_power_up_to(q, dimensions, held->workers);
  return dimensions >= 1 && partial <= (vectors - 1) / (q - 1) ? dimensions : 0;
}

/* A row is used m / q^n times. */
static testudo_status fill_by_linear(const int32_t *copies, int32_t q, int32_t dimensions, uint64_t seed,
                                     testudo_i_incidence *held, testudo_error *error)
{
  int32_t x[TESTUDO_I_MOST_DIMENSIONS], h[TESTUDO_I_MOST_DIMENSIONS], column = 0;
  testudo_i_space space;
  TESTUDO_I_TRY(testudo_i_space_make(&space, q, dimensions, &held->arena, error));
  for (int32_t i = 0; i < held->chunks; i++) {
    bool everywhere = copies[i] == held->workers;
    int32_t symbols = (int32_t)((int64_t)copies[i] * q / held->workers), by = (int32_t)turn(seed, i, q);
    if (!everywhere)
      testudo_i_space_direction(&space, column++, h);
    for (int32_t j = 0; j < held->workers; j++) {
      testudo_i_space_vector(&space, j % space.vectors, x);
      if (everywhere || (testudo_i_space_product(&space, h, x) + by) % q < symbols)
        testudo_i_incidence_put(held, j);
    }
    testudo_i_incidence_next(held);
  }
  return TESTUDO_OK;
}

/* ---- Hadamard matrices: two symbols, rows and columns of the matrix but for the constant column ---- */

typedef enum hadamard { NONE, ONE, SQUARES, DOUBLE_SQUARES, DOUBLED } hadamard;

/* How a Hadamard matrix of this order is made (Sylvester, 1867; Paley, 1933). */
static hadamard construction(int32_t order)
{
  if (order < 1 || order > TESTUDO_I_LIMIT_HADAMARD_ORDER || (order > 2 && order % 4 != 0))
    return NONE;
  if (order <= 2)
    return order == 1 ? ONE : DOUBLED;
  if (order % 4 == 0 && testudo_i_is_prime_power(order - 1, NULL, NULL) && order - 1 <= TESTUDO_I_LARGEST_FIELD)
    return SQUARES;
  int32_t q = order / 2 - 1;
  if (q % 4 == 1 && q <= TESTUDO_I_LARGEST_FIELD && testudo_i_is_prime_power(q, NULL, NULL))
    return DOUBLE_SQUARES;
  return construction(order / 2) == NONE ? NONE : DOUBLED;
}

/* The quadratic character of row - column as elements 0 .. q - 1, bordered by a row of 1 and a column of `border`;
   0 on the diagonal. */
static int conference(const testudo_i_field *field, int32_t row, int32_t column, int border)
{
  if (row == column)
    return 0;
  if (row == 0)
    return 1;
  if (column == 0)
    return border;
  return testudo_i_field_is_square(field, testudo_i_field_subtract(field, row - 1, column - 1)) ? 1 : -1;
}

static testudo_status fill_paley(hadamard kind, int32_t order, signed char *h, testudo_i_arena *arena,
                                 testudo_error *error)
{
  testudo_i_field field;
  int32_t half = order / 2;
  TESTUDO_I_TRY(testudo_i_field_make(&field, kind == SQUARES ? order - 1 : half - 1, arena, error));
  for (int32_t row = 0; row < order; row++)
    for (int32_t column = 0; column < order; column++) {
      int sign;
      if (kind == SQUARES)
        sign = conference(&field, row, column, -1) + (row == column);
      else {
        /* C x [1 1; 1 -1] + I x [1 -1; -1 -1] */
        int c = conference(&field, row % half, column % half, 1), low = row / half, right = column / half;
        sign = c != 0 ? (low && right ? -c : c) : (low || right ? -1 : 1);
      }
      h[(size_t)row * (size_t)order + (size_t)column] = (signed char)sign;
    }
  return TESTUDO_OK;
}

/* h has order x order numbers 1 and -1, its rows and its columns orthogonal. */
static testudo_status fill_hadamard(int32_t order, signed char *h, testudo_i_arena *arena, testudo_error *error)
{
  hadamard kind = construction(order);
  h[0] = 1;
  if (kind == SQUARES || kind == DOUBLE_SQUARES)
    return fill_paley(kind, order, h, arena, error);
  if (order == 1)
    return TESTUDO_OK;
  size_t half = (size_t)order / 2, whole = (size_t)order;
  TESTUDO_I_TRY(fill_hadamard(order / 2, h, arena, error));
  /* From the last row on, for the half lies where the whole will. */
  for (size_t row = half; row-- > 0;)
    for (size_t column = half; column-- > 0;) {
      signed char sign = h[row * half + column];
      h[(row + half) * whole + column + half] = (signed char)-sign;
      h[(row + half) * whole + column] = sign;
      h[row * whole + column + half] = sign;
      h[row * whole + column] = sign;
    }
  return TESTUDO_OK;
}

/* The largest order that divides the workers and leaves a column for each chunk; 0: none. */
static int32_t hadamard_order(const testudo_i_incidence *held, const int32_t *copies)
{
  int32_t m = held->workers, partial = 0;
  for (int32_t i = 0; i < held->chunks; i++) {
    if (2 * (int64_t)copies[i] != m && copies[i] != m)
      return 0;
    partial += copies[i] < m;
  }
  for (int32_t order = m; order > partial; order--)
    if (m % order == 0 && construction(order) != NONE)
      return order;
  return 0;
}

static testudo_status fill_by_hadamard(const int32_t *copies, int32_t order, uint64_t seed, testudo_i_incidence *held,
                                       testudo_error *error)
{
  size_t width = (size_t)order;
  signed char *h = testudo_i_arena_alloc(&held->arena, width * width, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&held->arena, error));
  TESTUDO_I_TRY(fill_hadamard(order, h, &held->arena, error));
  size_t column = 1;
  for (int32_t i = 0; i < held->chunks; i++) {
    bool everywhere = copies[i] == held->workers;
    int sign = turn(seed, i, 2) == 0 ? 1 : -1;
    for (int32_t j = 0; j < held->workers; j++) {
      const signed char *row = h + (size_t)(j % order) * width;
      if (everywhere || row[column] * row[0] == sign)
        testudo_i_incidence_put(held, j);
    }
    column += !everywhere;
    testudo_i_incidence_next(held);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_orthogonal_fill(const int32_t *copies, uint64_t seed, testudo_i_incidence *held, bool *built,
                                         testudo_error *error)
{
  *built = true;
  for (int32_t q = 2; q <= held->workers && q <= TESTUDO_I_LARGEST_FIELD; q++)
    if (held->workers % q == 0 && testudo_i_is_prime_power(q, NULL, NULL)) {
      int32_t dimensions = linear_dimensions(held, copies, q);
      if (dimensions > 0)
        return fill_by_linear(copies, q, dimensions, seed, held, error);
    }
  int32_t order = hadamard_order(held, copies);
  if (order > 0)
    return fill_by_hadamard(copies, order, seed, held, error);
  *built = false;
  return TESTUDO_OK;
}
