/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps are a FINER-th of the distance of the nodes, so that the log odds can be interpolated; step k of log(Z E)
   meets every FINER-th step of log E, which lie side by side. */
#include "delay/sums/product.h"

#include <math.h>

#include "base/clones.h"
#include "base/error.h"

enum { FINER = 4, POINTS = 12 };

struct testudo_i_product {
  double low, step;
  int64_t count, first, last; /* steps, and those whose odds are known */
  double *odds;               /* log(P(Z E > .) / P(Z E <= .)) */
};

/* What the sums go over. */
typedef struct sides {
  const testudo_i_product_request *request;
  double *weight;  /* of the nodes, the last one first, then zeros: `padded` of them */
  double *side[2]; /* P(E <= .) and P(E > .): `row` values of every phase, one phase after the other */
  int64_t row;
  int32_t padded;  /* a multiple of 8 */
} sides;

TESTUDO_I_CLONES
static double product_sum(const double *restrict a, const double *restrict b, int32_t count)
{
  double part[8] = {0.0};
  for (int32_t k = 0; k < count; k += 8)
    for (int32_t j = 0; j < 8; j++)
      part[j] += a[k + j] * b[k + j];
  return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

static void fill_sides(const sides *s, double step)
{
  const testudo_i_product_request *r = s->request;
  double base = r->low - r->first - r->nodes * r->width;
  for (int64_t at = 0; at < FINER * s->row; at++)
    for (int above = 0; above < 2; above++)
      s->side[above][at % FINER * s->row + at / FINER] = r->side(r->of, exp(base + step * (double)at), above == 1);
  for (int32_t k = 0; k <= r->nodes; k++)
    s->weight[r->nodes - k] = r->weight[k];
}

static double side_at(const sides *s, int64_t k, bool above)
{
  return product_sum(s->weight, &s->side[above][k % FINER * s->row + k / FINER], s->padded);
}

/* The smaller side gives the other one; false where it is below what is asked for. */
static bool find_odds(testudo_i_product *made, const sides *s, int64_t k)
{
  double above = side_at(s, k, true), small = above < 0.5 ? above : side_at(s, k, false);
  if (!(small > (above < 0.5 ? s->request->least_late : s->request->least_done)))
    return false;
  made->odds[k] = above < 0.5 ? log(small) - log1p(-small) : log1p(-small) - log(small);
  return true;
}

static void fill_odds(testudo_i_product *made, const sides *s)
{
  int64_t low = 0, high = made->count - 1;
  while (low < high) { /* the middle of the law */
    int64_t middle = low + (high - low) / 2;
    if (side_at(s, middle, true) > 0.5)
      low = middle + 1;
    else
      high = middle;
  }
  made->first = low;
  made->last = low - 1;
  while (made->last + 1 < made->count && find_odds(made, s, made->last + 1))
    made->last++;
  while (made->first > 0 && find_odds(made, s, made->first - 1))
    made->first--;
}

testudo_status testudo_i_product_make(testudo_i_arena *arena, const testudo_i_product_request *request,
                                      testudo_i_product **product, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  double step = request->width / FINER;
  int64_t count = (int64_t)ceil((request->high - request->low) / step) + 1;
  sides s = {.request = request, .padded = request->nodes / 8 * 8 + 8};
  s.row = count / FINER + s.padded + 1;
  s.weight = testudo_i_arena_calloc(&scratch, (size_t)s.padded, sizeof *s.weight);
  for (int above = 0; above < 2; above++)
    s.side[above] = testudo_i_arena_alloc(&scratch, FINER * (size_t)s.row, sizeof **s.side);
  testudo_i_product *made = *product = testudo_i_arena_calloc(arena, 1, sizeof *made);
  double *odds = testudo_i_arena_alloc(arena, (size_t)count, sizeof *odds);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *made = (testudo_i_product){.low = request->low, .step = step, .count = count, .odds = odds};
  fill_sides(&s, step);
  fill_odds(made, &s);
  return TESTUDO_OK;
}

/* Lagrange's polynomial through POINTS neighbours, by its barycentric form. */
double testudo_i_product_side(const testudo_i_product *product, double y, bool above)
{
  static const double share[POINTS] = {1, -11, 55, -165, 330, -462, 462, -330, 165, -55, 11, -1};
  double place = (log(y) - product->low) / product->step, sum = 0.0, whole = 0.0;
  if (!(place >= (double)product->first && place <= (double)product->last) ||
      product->last - product->first + 1 < POINTS)
    return NAN;
  int64_t begin = (int64_t)place - POINTS / 2 + 1;
  begin = begin < product->first ? product->first : begin > product->last - POINTS + 1 ? product->last - POINTS + 1
                                                                                       : begin;
  double odds = NAN;
  for (int k = 0; k < POINTS; k++) {
    double distance = place - (double)(begin + k);
    if (distance == 0.0)
      odds = product->odds[begin + k];
    sum += share[k] / distance * product->odds[begin + k];
    whole += share[k] / distance;
  }
  if (isnan(odds))
    odds = sum / whole;
  return 1.0 / (1.0 + exp(above ? -odds : odds));
}
