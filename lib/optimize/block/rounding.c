/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From shares to whole coordinates: largest remainders, and coordinates that move while the law approves. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "optimize/block/search.h"

/* Cells of the means that are compared, and what they are known to. */
enum { EXCHANGE_FINE = 200 };
#define EXCHANGE_UNSEEN 1e-3
#define EXCHANGE_SPREAD 1e-3
#define EXCHANGE_NOISE 1e-7

testudo_status testudo_i_block_round(testudo_i_block_search *search, testudo_error *error)
{
  testudo_i_block_search *s = search;
  testudo_i_ranked *list = testudo_i_arena_alloc(&s->arena, (size_t)s->workers, sizeof *list);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  int64_t left = s->dim;
  for (int32_t t = 0; t < s->workers; t++) {
    double exact = s->share[t] * (double)s->dim;
    s->size[t] = (int64_t)floor(exact);
    list[t] = (testudo_i_ranked){s->allowed[t] ? exact - floor(exact) : -1.0, t};
    left -= s->size[t];
  }
  qsort(list, (size_t)s->workers, sizeof *list, testudo_i_falling_ranks);
  /* Rounding of the shares may leave a number or two more, or too few. */
  for (int32_t k = 0; left > 0; k = (k + 1) % s->workers)
    if (list[k].value >= 0.0) {
      s->size[list[k].index]++;
      left--;
    }
  for (int32_t t = 0; left < 0; t = (t + 1) % s->workers)
    if (s->size[t] > 0) {
      s->size[t]--;
      left++;
    }
  return TESTUDO_OK;
}

/* ---- moving single coordinates ---- */

/* Value of sizes, and what a share more at each tolerance would cost; prices: workers numbers, or NULL. */
static testudo_status price_sizes(testudo_i_block_search *s, double *value, double *price, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_block_objective_clear) testudo_i_block_objective objective = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t room = (size_t)s->workers;
  int32_t *tolerance = testudo_i_arena_alloc(&arena, room, sizeof *tolerance), blocks = 0;
  double *x = testudo_i_arena_alloc(&arena, room, 2 * sizeof *x), *gradient = x + room, tail = 0.0;
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t t = 0; t < s->workers; t++)
    if (s->size[t] > 0) {
      tolerance[blocks] = t;
      x[blocks++] = (double)s->size[t] / (double)s->dim;
    }
  TESTUDO_I_TRY(testudo_i_block_objective_make(&objective, &s->law, s->plan->objective, blocks, tolerance, s->workers,
                                               s->options->threads, testudo_i_block_watch(s, 1.0), error));
  objective.fine = EXCHANGE_FINE;
  objective.unseen = EXCHANGE_UNSEEN;
  s->plan->evaluations++;
  TESTUDO_I_TRY(testudo_i_block_objective_at(&objective, x, value, gradient, NULL, error));
  for (int32_t t = s->workers - 1; price != NULL && t >= 0; t--) {
    if (blocks > 0 && tolerance[blocks - 1] == t)
      tail += objective.slope[--blocks];
    price[t] = (t + 1.0) * tail;
  }
  return TESTUDO_OK;
}

/* Pairs (from, to) by what a coordinate moved promises, most first: the best of them, where it was not tried. */
typedef struct pair {
  int32_t from, to;
  double promise;
} pair;

static pair best_pair(const testudo_i_block_search *s, const double *price, double below)
{
  pair best = {-1, -1, 0.0};
  for (int32_t from = 0; from < s->workers; from++)
    for (int32_t to = 0; s->size[from] > 0 && to < s->workers; to++) {
      double promise = price[from] - price[to];
      if (s->allowed[to] && to != from && promise > best.promise && promise < below)
        best = (pair){from, to, promise};
    }
  return best;
}

/* Tries the most promising pairs; *moved: one was better, and stays. */
static testudo_status move_once(testudo_i_block_search *s, const double *price, double *value, bool *moved,
                                int64_t most, testudo_error *error)
{
  enum { PAIRS = 8 };
  double below = HUGE_VAL, other;
  *moved = false;
  for (int k = 0; k < PAIRS && !*moved && s->plan->evaluations < most; k++) {
    pair next = best_pair(s, price, below);
    if (next.from < 0)
      return TESTUDO_OK;
    below = next.promise;
    s->size[next.from]--;
    s->size[next.to]++;
    testudo_status status = price_sizes(s, &other, NULL, error);
    *moved = status == TESTUDO_OK && other < *value - EXCHANGE_NOISE * fabs(*value);
    if (!*moved) {
      s->size[next.from]++;
      s->size[next.to]--;
    }
    TESTUDO_I_TRY(status);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_block_exchange(testudo_i_block_search *search, testudo_error *error)
{
  double value, *price = testudo_i_arena_alloc(&search->arena, (size_t)search->workers, sizeof *price);
  double cost = (double)search->workers * search->workers;
  int64_t most = search->plan->evaluations +
                 (int64_t)fmin(TESTUDO_I_LIMIT_BLOCK_EXCHANGES, TESTUDO_I_LIMIT_BLOCK_EXCHANGE_COST / cost);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  search->law.spread = search->law.atoms > 0 ? EXCHANGE_SPREAD : 0.0;
  for (bool moved = true; moved && search->plan->evaluations < most;) {
    TESTUDO_I_TRY(price_sizes(search, &value, price, error));
    TESTUDO_I_TRY(move_once(search, price, &value, &moved, most, error));
    search->plan->moves += moved;
  }
  return TESTUDO_OK;
}
