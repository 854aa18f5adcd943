/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers of chunks of each type. Prices at which every content type costs at least nothing and all worths
   together exactly nothing leave in a mix only the types that cost nothing. Of these, whole numbers of each reach
   exactly the lattice that they span as vectors (worths, class). */
#include "base/arena.h"
#include "base/limits.h"
#include "optimize/qmax/types.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { MOST_DENOMINATOR = 20000 };

typedef struct lattice {
  testudo_i_arena *arena;  /* of all but the types */
  const testudo_i_types *types;
  int32_t size;            /* values + classes */
  int32_t *row;            /* the types, as testudo_i_types_list writes them */
  int64_t count;
  int64_t *price;          /* size */
  int64_t *basis;          /* size x size: row k has its first number, a positive one, at k, or is all 0 */
  int64_t *vector;         /* size */
  double *guess;           /* size */
} lattice;

static const int32_t *type_of(const lattice *l, int64_t t)
{
  return l->row + t * (l->types->values + 1);
}

static int64_t target(const lattice *l, int32_t k)
{
  return k < l->types->values ? l->types->available[k] : l->types->class[k - l->types->values].chunks;
}

/* ---- prices ---- */

/* Mixes of any number of copies of the design, as many types in them as possible: maximise the sum of y_t <= 1 where
   y_t + z_t of type t are mixed. The dual prices are 0 for the types that can occur, and at least 1 for the rest. */
static testudo_status guess_prices(lattice *l, bool *guessed, testudo_error *error)
{
  testudo_i_terms terms;
  testudo_i_terms_make(&terms, l->arena, (size_t)l->size);
  TESTUDO_I_TRY(testudo_i_arena_check(l->arena, error));
  TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
  testudo_i_linear_start(&linear, true);
  testudo_i_linear_add_rows(&linear, l->size);
  for (int32_t k = 0; k < l->size; k++) {
    testudo_i_linear_limit_row(&linear, k + 1, 0.0, 0.0);
    testudo_i_terms_add(&terms, k + 1, -(double)target(l, k));
  }
  testudo_i_linear_column(&linear, &terms, HUGE_VAL, 0.0);
  for (int64_t t = 0; t < l->count; t++)
    for (int in_sum = 1; in_sum >= 0; in_sum--) {
      testudo_i_types_terms(l->types, type_of(l, t), type_of(l, t)[l->types->values], &terms);
      testudo_i_linear_column(&linear, &terms, in_sum ? 1.0 : HUGE_VAL, in_sum);
    }
  *guessed = testudo_i_linear_solve(&linear, 200000);
  for (int32_t k = 0; k < l->size; k++)
    l->guess[k] = testudo_i_linear_price(&linear, k + 1);
  return testudo_i_linear_check(&linear, error);
}

static int64_t cost_of(const lattice *l, const int32_t *type)
{
  int64_t cost = l->price[l->types->values + type[l->types->values]];
  for (int32_t v = 0; v < l->types->values; v++)
    cost += type[v] * l->price[v];
  return cost;
}

/* In integers: no type costs less than nothing, and what there is costs nothing. */
static bool prices_hold(const lattice *l)
{
  int64_t all = 0;
  for (int32_t k = 0; k < l->size; k++) {
    int64_t part;
    if (__builtin_mul_overflow(l->price[k], target(l, k), &part) || __builtin_add_overflow(all, part, &all))
      return false;
  }
  for (int64_t t = 0; t < l->count && all == 0; t++)
    if (cost_of(l, type_of(l, t)) < 0)
      return false;
  return all == 0;
}

/* The guess is a vertex, so its prices are fractions; with a common denominator they are integers. Otherwise prices 0,
   which exclude nothing, do. */
static void settle_prices(lattice *l, bool guessed)
{
  for (int denominator = 1; guessed && denominator <= MOST_DENOMINATOR; denominator++) {
    bool whole = true;
    for (int32_t k = 0; k < l->size && whole; k++) {
      double scaled = denominator * l->guess[k];
      whole = fabs(scaled) < 1e9 && fabs(scaled - round(scaled)) < 1e-5;
      l->price[k] = whole ? (int64_t)round(scaled) : 0;
    }
    if (whole && prices_hold(l))
      return;
  }
  memset(l->price, 0, (size_t)l->size * sizeof *l->price);
}

/* ---- the lattice ---- */

/* x -= times y from position `from` on; false where it overflows. */
static bool subtract(int64_t *x, const int64_t *y, int64_t times, int32_t from, int32_t size)
{
  for (int32_t k = from; k < size; k++) {
    int64_t part;
    if (__builtin_mul_overflow(times, y[k], &part) || __builtin_sub_overflow(x[k], part, &x[k]))
      return false;
  }
  return true;
}

/* Keeps the numbers of basis row k small by the rows below. */
static bool shorten(lattice *l, int32_t k)
{
  int64_t *row = l->basis + (int64_t)k * l->size;
  for (int32_t c = k + 1; c < l->size; c++) {
    const int64_t *other = l->basis + (int64_t)c * l->size;
    if (other[c] != 0 && !subtract(row, other, row[c] / other[c], c, l->size))
      return false;
  }
  return true;
}

/* Euclid's algorithm on the first numbers, carried through the rows. */
static bool insert(lattice *l, int64_t *vector)
{
  for (int32_t k = 0; k < l->size; k++) {
    int64_t *row = l->basis + (int64_t)k * l->size;
    bool changed = false;
    while (vector[k] != 0) {
      int64_t times = row[k] / vector[k];
      if (!subtract(row, vector, times, k, l->size))
        return false;
      for (int32_t c = k; c < l->size; c++) {
        int64_t kept = row[c];
        row[c] = vector[c];
        vector[c] = kept;
      }
      changed = true;
    }
    if (changed && !shorten(l, k))
      return false;
  }
  return true;
}

static bool is_outside(const lattice *l, int64_t *vector)
{
  for (int32_t k = 0; k < l->size; k++) {
    const int64_t *row = l->basis + (int64_t)k * l->size;
    if (vector[k] == 0)
      continue;
    if (row[k] == 0 || vector[k] % row[k] != 0)
      return true;
    if (!subtract(vector, row, vector[k] / row[k], k, l->size))
      return false;
  }
  return false;
}

static bool lattice_excludes(lattice *l)
{
  int32_t values = l->types->values;
  for (int64_t t = 0; t < l->count; t++) {
    const int32_t *type = type_of(l, t);
    if (cost_of(l, type) != 0)
      continue;
    memset(l->vector, 0, (size_t)l->size * sizeof *l->vector);
    for (int32_t v = 0; v < values; v++)
      l->vector[v] = type[v];
    l->vector[values + type[values]] = 1;
    if (!insert(l, l->vector))
      return false; /* numbers too large: nothing is proved */
  }
  for (int32_t k = 0; k < l->size; k++)
    l->vector[k] = target(l, k);
  return is_outside(l, l->vector);
}

testudo_status testudo_i_types_lattice(const testudo_i_types *types, int64_t need, bool *impossible,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *row = NULL;
  lattice l = {.arena = &arena, .types = types, .size = types->values + types->classes};
  size_t size = (size_t)l.size;
  bool guessed;
  *impossible = false;
  if (size > 64)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_types_list(types, need, TESTUDO_I_LIMIT_LATTICE_TYPES, &row, &l.count, error));
  if (l.count < 0)
    return TESTUDO_OK;
  l.row = row;
  l.price = testudo_i_arena_alloc(&arena, size, sizeof *l.price);
  l.vector = testudo_i_arena_alloc(&arena, size, sizeof *l.vector);
  l.basis = testudo_i_arena_calloc(&arena, size * size, sizeof *l.basis);
  l.guess = testudo_i_arena_alloc(&arena, size, sizeof *l.guess);
  TESTUDO_I_TRY(guess_prices(&l, &guessed, error));
  settle_prices(&l, guessed);
  *impossible = lattice_excludes(&l);
  return TESTUDO_OK;
}
