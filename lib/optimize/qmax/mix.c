/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is there a mix of content types that uses up all worths? A linear programme whose columns, the types, are made as
   they are needed (Gilmore and Gomory, Operations Research 9, 1961).

   GLPK computes in floating point and only guesses prices. The proof is by Farkas' lemma in integers: prices u at
   which sum over the classes of chunks * (least price of a content type) > sum over the worths of available * u leave
   no mix. */
#include "base/arena.h"
#include "optimize/qmax/types.h"

#include <limits.h>
#include <math.h>

#include "base/error.h"

enum { SCALE = 1 << 20, ROUNDS = 5000 };

typedef struct mix {
  const testudo_i_types *types;
  int64_t need;
  testudo_i_linear *linear; /* rows: the worths, then the classes; what does not fit is paid for in the objective */
  int64_t *price;          /* values: rounded, SCALE times GLPK's */
  int32_t *count;          /* values: a type */
  testudo_i_terms terms;   /* of a column */
} mix;

/* A column that mends one row by `sign`, at cost 1. */
static void add_slack(mix *m, int row, double sign)
{
  testudo_i_terms_add(&m->terms, row, sign);
  testudo_i_linear_column(m->linear, &m->terms, HUGE_VAL, 1.0);
}

static void build_mix(mix *m)
{
  const testudo_i_types *types = m->types;
  testudo_i_linear_add_rows(m->linear, types->values + types->classes);
  for (int32_t v = 1; v <= types->values; v++) {
    testudo_i_linear_limit_row(m->linear, v, (double)types->available[v - 1], (double)types->available[v - 1]);
    add_slack(m, v, 1.0);
    add_slack(m, v, -1.0);
  }
  for (int32_t c = 0; c < types->classes; c++) {
    double chunks = (double)types->class[c].chunks;
    testudo_i_linear_limit_row(m->linear, types->values + 1 + c, chunks, chunks);
    add_slack(m, types->values + 1 + c, 1.0);
  }
}

/* Prices as integers, the cheapest types at them, and whether these prove that there is no mix; types cheaper than the
   programme thinks become columns. */
static bool price_types(mix *m, bool *proved, int *added)
{
  const testudo_i_types *types = m->types;
  int64_t worth = 0, paid = 0;
  *added = 0;
  for (int32_t v = 1; v <= types->values; v++) {
    m->price[v - 1] = -(int64_t)llround(SCALE * testudo_i_linear_price(m->linear, v));
    worth += m->price[v - 1] * types->available[v - 1];
  }
  for (int32_t c = 0; c < types->classes; c++) {
    int64_t least = testudo_i_types_cheapest(types, c, m->need, m->price, m->count);
    if (least == INT64_MAX) {
      *proved = true; /* no content type at all */
      return true;
    }
    paid += least * types->class[c].chunks;
    double thought = SCALE * testudo_i_linear_price(m->linear, types->values + 1 + c);
    if ((double)least < thought - 0.5 * types->class[c].holders - 1.0) {
      testudo_i_types_terms(types, m->count, c, &m->terms);
      testudo_i_linear_column(m->linear, &m->terms, HUGE_VAL, 0.0);
      ++*added;
    }
  }
  *proved = paid > worth;
  return *proved;
}

static testudo_i_type_mix solve_mix(mix *m, const testudo_monitor *monitor, bool *stopped)
{
  for (int round = 0; round < ROUNDS; round++) {
    bool proved;
    int added;
    *stopped = testudo_i_stopped(monitor, -1.0);
    if (*stopped || !testudo_i_linear_solve(m->linear, INT_MAX))
      return TESTUDO_I_MIX_OPEN;
    if (testudo_i_linear_objective(m->linear) < 1e-7)
      return TESTUDO_I_MIX_POSSIBLE;
    if (price_types(m, &proved, &added))
      return TESTUDO_I_MIX_IMPOSSIBLE;
    if (added == 0)
      return TESTUDO_I_MIX_OPEN;
  }
  return TESTUDO_I_MIX_OPEN;
}

testudo_status testudo_i_types_mix(const testudo_i_types *types, int64_t need, const testudo_monitor *monitor,
                                   testudo_i_type_mix *answer, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
  mix m = {.types = types, .need = need, .linear = &linear};
  bool stopped;
  m.price = testudo_i_arena_alloc(&arena, (size_t)types->values, sizeof *m.price);
  m.count = testudo_i_arena_alloc(&arena, (size_t)types->values, sizeof *m.count);
  testudo_i_terms_make(&m.terms, &arena, (size_t)types->values + 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  testudo_i_linear_start(&linear, false);
  build_mix(&m);
  *answer = solve_mix(&m, monitor, &stopped);
  TESTUDO_I_TRY(testudo_i_linear_check(&linear, error));
  return stopped ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "bounding Q_max was stopped") : TESTUDO_OK;
}
