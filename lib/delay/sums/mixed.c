/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structure mixed: a factor of the whole iteration on the sum of independent times. */
#include "delay/sums/mixed.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/sums/convolve.h"
#include "delay/laws/table.h"
#include "delay/sums/odds.h"
#include "delay/sums/product.h"
#include "delay/sums/sums.h"
#include "numeric/interval.h"

/* What is left of Z beyond either end: a side of 1e-18 keeps ten digits below, one of 1e-100 above. */
#define LEAST_OUTER 1e-28
#define LATEST_OUTER 1e-110

typedef double (*mark_row)[TESTUDO_I_MARKS];

struct testudo_i_mixed {
  const testudo_law *outer, *chunk;
  int32_t terms;
  bool only_last;
  double outer_start, chunk_start, error;
  double outer_first, outer_last;      /* log(Z - start) where hardly anything is left */
  double outer_mark[TESTUDO_I_MARKS];  /* of Z - start */
  double *node, *weight;               /* of the trapezoidal rule over log Z; NULL: it is not used */
  testudo_sums *sums;                  /* of E, where they are not closed */
  testudo_i_odds **odds;               /* by k, from 1; NULL: evaluated each time */
  mark_row chunk_mark;                 /* by k: of the sum of E, from its start on */
  testudo_i_arena arena;
};

/* A mixed law and the k that is asked for. */
typedef struct term {
  const testudo_i_mixed *mixed;
  int32_t k;
  const testudo_i_product *product; /* NULL: by quadrature */
} term;

/* ---- the sums of E ---- */

static double chunk_side(const testudo_i_mixed *mixed, int32_t k, double x, bool above)
{
  const testudo_law *law = mixed->chunk;
  double below, late;
  if (law->row->constant)
    return (k * law->value[0] <= x) == above ? 0.0 : 1.0;
  if (k == 1)
    return testudo_i_law_side(law, x, above);
  if (testudo_i_law_has_sum(law))
    return testudo_i_law_sum(law, k, x, above);
  testudo_i_sums_sides(mixed->sums, k, x, &below, &late);
  return above ? late : below;
}

static double chunk_side_from_start(const void *of, double y, bool above)
{
  const term *at = of;
  return chunk_side(at->mixed, at->k, at->k * at->mixed->chunk_start + y, above);
}

/* ---- the quadrature over Z ---- */

typedef struct outer_integral {
  const testudo_i_mixed *mixed;
  const testudo_law *law;
  double start, x;
  int32_t k;
  bool above;
} outer_integral;

static double outer_integrand(double w, void *context)
{
  const outer_integral *of = context;
  double y = exp(w);
  return chunk_side(of->mixed, of->k, of->x / (of->start + y), of->above) * testudo_i_started_density(of->law, y) * y;
}

/* Z - start is smooth: in its logarithm, between places where a factor of the integrand turns. */
static double integrate_outer(const outer_integral *of)
{
  const testudo_i_mixed *mixed = of->mixed;
  double mark[TESTUDO_I_MARKS], breaks[2 * TESTUDO_I_MARKS + 3], first = mixed->outer_first, last = mixed->outer_last;
  const double *own = mixed->outer_mark;
  if (of->law != mixed->outer) { /* a part of a mixture */
    testudo_i_find_marks(testudo_i_started_side, of->law, mark);
    own = mark;
    first = testudo_i_place_of(testudo_i_started_side, of->law, false, LEAST_OUTER);
    last = testudo_i_place_of(testudo_i_started_side, of->law, true, LATEST_OUTER);
  }
  size_t count = 0;
  breaks[count++] = first;
  double begun = mixed->chunk_start > 0.0 ? of->x / (of->k * mixed->chunk_start) - of->start : 0.0;
  if (begun > 0.0 && log(begun) > first && log(begun) < last)
    breaks[count++] = log(begun); /* for a larger Z nothing is done yet */
  for (int m = 0; m < TESTUDO_I_MARKS; m++) {
    double turn = of->x / (of->k * mixed->chunk_start + mixed->chunk_mark[of->k][m]) - of->start;
    double place[2] = {log(own[m]), turn > 0.0 ? log(turn) : first};
    for (int p = 0; p < 2; p++)
      if (place[p] > first && place[p] < last)
        breaks[count++] = place[p];
  }
  breaks[count++] = last;
  qsort(breaks, count, sizeof *breaks, testudo_i_ascending_reals);
  return testudo_i_integrate_interval(outer_integrand, (void *)of, breaks, count, 1e-12, 0.0, NULL);
}

/* E takes its values by themselves: P(Z <= x / value). */
static double sum_over_chunk(const testudo_i_mixed *mixed, const testudo_law *outer, int32_t k, double x, bool above)
{
  const testudo_law *chunk = mixed->chunk;
  double sum = 0.0, before = 0.0;
  for (int64_t v = 0; v < chunk->values; v++) {
    sum += (chunk->cumulated[v] - before) * testudo_i_law_side(outer, x / (k * chunk->value[v]), above);
    before = chunk->cumulated[v];
  }
  return sum;
}

static double direct_side(const testudo_i_mixed *mixed, const testudo_law *outer, int32_t k, double x, bool above)
{
  double start, sum = 0.0, before = 0.0;
  if (x <= 0.0)
    return above ? 1.0 : 0.0;
  if (testudo_i_law_is_discrete(outer)) {
    for (int64_t v = 0; v < outer->values; v++) {
      sum += (outer->cumulated[v] - before) * chunk_side(mixed, k, x / outer->value[v], above);
      before = outer->cumulated[v];
    }
    return sum;
  }
  if (testudo_i_law_is_discrete(mixed->chunk))
    return sum_over_chunk(mixed, outer, k, x, above);
  if (!testudo_i_starts_once(outer, &start))
    return outer->a * direct_side(mixed, outer->part[0], k, x, above) +
           (1.0 - outer->a) * direct_side(mixed, outer->part[1], k, x, above);
  outer_integral of = {mixed, outer, start, x, k, above};
  return fmin(1.0, integrate_outer(&of));
}

static double direct_side_from_start(const void *of, double y, bool above)
{
  const term *at = of;
  double side = at->product == NULL ? NAN : testudo_i_product_side(at->product, y, above);
  if (!isnan(side))
    return side;
  return direct_side(at->mixed, at->mixed->outer, at->k, testudo_i_mixed_start(at->mixed, at->k) + y, above);
}

/* ---- products at even steps ---- */

/* Intervals of log Z, the finest and the coarsest that are tried. What half as many may err by: as many then err by
   about the square. */
enum { FINEST = 4096, COARSEST = 32 };
#define HALF_ERROR 1e-7

static testudo_status lay_nodes(testudo_i_mixed *mixed, testudo_error *error)
{
  double width = (mixed->outer_last - mixed->outer_first) / FINEST;
  mixed->node = testudo_i_arena_alloc(&mixed->arena, FINEST + 1, sizeof *mixed->node);
  mixed->weight = testudo_i_arena_alloc(&mixed->arena, FINEST + 1, sizeof *mixed->weight);
  TESTUDO_I_TRY(testudo_i_arena_check(&mixed->arena, error));
  for (int i = 0; i <= FINEST; i++) {
    mixed->node[i] = exp(mixed->outer_first + width * i);
    mixed->weight[i] = testudo_i_started_density(mixed->outer, mixed->node[i]) * mixed->node[i] *
                       (i % FINEST == 0 ? width / 2.0 : width);
  }
  return TESTUDO_OK;
}

/* Do so many intervals and half of them agree, at the marks and between them? */
static bool are_enough(const testudo_i_mixed *mixed, int32_t k, int32_t intervals)
{
  int32_t stride = FINEST / intervals;
  for (int m = 0; m < 2 * TESTUDO_I_MARKS - 1; m++) {
    int low = m / 2, high = (m + 1) / 2;
    double x = sqrt(mixed->chunk_mark[k][low] * mixed->chunk_mark[k][high]) *
               sqrt(mixed->outer_mark[low] * mixed->outer_mark[high]), sum[2] = {0.0, 0.0};
    for (int32_t i = 0; i <= intervals; i++)
      sum[i % 2] += mixed->weight[i * stride] * chunk_side(mixed, k, x / mixed->node[i * stride], m >= TESTUDO_I_MARKS);
    if (!(fabs(sum[0] - sum[1]) <= HALF_ERROR * (sum[0] + sum[1])))
      return false;
  }
  return true;
}

/* *product = NULL where the laws do not begin at 0, or no number of intervals is enough. */
static testudo_status make_product(const testudo_i_mixed *mixed, int32_t k, testudo_i_product **product,
                                   testudo_error *error)
{
  const term at = {mixed, k, NULL};
  int32_t intervals = 2 * COARSEST;
  *product = NULL;
  if (mixed->node == NULL)
    return TESTUDO_OK;
  while (intervals <= FINEST && !are_enough(mixed, k, intervals))
    intervals *= 2;
  if (intervals > FINEST)
    return TESTUDO_OK;
  double weight[FINEST + 1];
  for (int32_t i = 0; i <= intervals; i++)
    weight[i] = mixed->weight[i * (FINEST / intervals)] * (FINEST / intervals);
  const testudo_i_product_request request = {
      .side = chunk_side_from_start, .of = &at, .weight = weight, .first = mixed->outer_first, .nodes = intervals,
      .width = (mixed->outer_last - mixed->outer_first) / intervals, .least_done = 1e-19, .least_late = 1e-101,
      .low = mixed->outer_first + testudo_i_place_of(chunk_side_from_start, &at, false, 1e-18),
      .high = mixed->outer_last + testudo_i_place_of(chunk_side_from_start, &at, true, 1e-100)};
  *product = testudo_i_product_create(&request);
  return testudo_i_memory_check(*product != NULL, error);
}

double testudo_i_mixed_side(const testudo_i_mixed *mixed, int32_t k, double x, bool above)
{
  double y = x - testudo_i_mixed_start(mixed, k);
  if (mixed->odds[k] == NULL)
    return direct_side(mixed, mixed->outer, k, x, above);
  if (y <= 0.0)
    return above ? 1.0 : 0.0;
  return testudo_i_odds_side(mixed->odds[k], y, above);
}

double testudo_i_mixed_start(const testudo_i_mixed *mixed, int32_t k)
{
  return mixed->outer_start * (k * mixed->chunk_start);
}

int32_t testudo_i_mixed_terms(const testudo_i_mixed *mixed)
{
  return mixed->terms;
}

double testudo_i_mixed_error(const testudo_i_mixed *mixed)
{
  return mixed->error;
}

/* ---- making ---- */

static double first_of(const testudo_law *law)
{
  if (testudo_i_law_is_discrete(law))
    return law->value[0];
  double start;
  if (testudo_i_starts_once(law, &start))
    return start;
  return fmin(first_of(law->part[0]), first_of(law->part[1]));
}

/* How far the table is from the quadrature, relative, at four places. */
static double difference(const testudo_i_mixed *mixed, int32_t k)
{
  double most = 0.0;
  for (int m = 2; m < TESTUDO_I_MARKS; m += 2) {
    double x = mixed->chunk_mark[k][m] * mixed->outer_mark[m];
    bool above = 2 * m >= TESTUDO_I_MARKS;
    double exact = direct_side(mixed, mixed->outer, k, x, above);
    most = fmax(most, fabs(testudo_i_odds_side(mixed->odds[k], x, above) - exact) / exact);
  }
  return most;
}

static testudo_status make_table(testudo_i_mixed *mixed, int32_t k, testudo_error *error)
{
  testudo_i_product *product;
  TESTUDO_I_TRY(make_product(mixed, k, &product, error));
  const term at = {mixed, k, product};
  mixed->odds[k] = testudo_i_odds_create(direct_side_from_start, &at, 1e-5 * testudo_i_mixed_start(mixed, k));
  bool by_product = product != NULL;
  testudo_i_product_free(product);
  TESTUDO_I_TRY(testudo_i_memory_check(mixed->odds[k] != NULL, error));
  mixed->error += testudo_i_odds_error(mixed->odds[k]) + (by_product ? difference(mixed, k) : 0.0);
  return TESTUDO_OK;
}

static testudo_status make_tables(testudo_i_mixed *mixed, bool smooth, testudo_error *error)
{
  for (int32_t k = mixed->only_last ? mixed->terms : 1; k <= mixed->terms; k++) {
    const term at = {mixed, k, NULL};
    if (!testudo_i_law_is_discrete(mixed->chunk))
      testudo_i_find_marks(chunk_side_from_start, &at, mixed->chunk_mark[k]);
    if (smooth)
      TESTUDO_I_TRY(make_table(mixed, k, error));
  }
  return TESTUDO_OK;
}

static testudo_status mixed_fill(testudo_i_mixed *mixed, testudo_error *error)
{
  const testudo_law *outer = mixed->outer, *chunk = mixed->chunk;
  size_t count = (size_t)mixed->terms + 1;
  double start;
  mixed->odds = testudo_i_arena_calloc(&mixed->arena, count, sizeof *mixed->odds);
  mixed->chunk_mark = testudo_i_arena_calloc(&mixed->arena, count, sizeof *mixed->chunk_mark);
  TESTUDO_I_TRY(testudo_i_arena_check(&mixed->arena, error));
  mixed->outer_start = first_of(outer);
  mixed->chunk_start = first_of(chunk);
  if (mixed->terms > 1 && !testudo_i_law_has_sum(chunk) && !chunk->row->constant) {
    TESTUDO_I_TRY((mixed->only_last ? testudo_i_sums_create_last : testudo_i_sums_create)(chunk, mixed->terms,
                                                                                          &mixed->sums, error));
    mixed->error += testudo_i_sums_error(mixed->sums);
  }
  bool once = testudo_i_starts_once(outer, &start);
  if (once) {
    testudo_i_find_marks(testudo_i_started_side, outer, mixed->outer_mark);
    mixed->outer_first = testudo_i_place_of(testudo_i_started_side, outer, false, LEAST_OUTER);
    mixed->outer_last = testudo_i_place_of(testudo_i_started_side, outer, true, LATEST_OUTER);
  }
  if (once && mixed->outer_start == 0.0 && mixed->chunk_start == 0.0)
    TESTUDO_I_TRY(lay_nodes(mixed, error));
  return make_tables(mixed, once && testudo_i_starts_once(chunk, &start), error);
}

testudo_status testudo_i_mixed_create(const testudo_law *outer, const testudo_law *chunk, int32_t terms,
                                      bool only_last, testudo_i_mixed **mixed, testudo_error *error)
{
  *mixed = NULL;
  testudo_i_mixed *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_i_mixed){.outer = outer, .chunk = chunk, .terms = terms, .only_last = only_last};
  testudo_status status = mixed_fill(made, error);
  if (status == TESTUDO_OK)
    *mixed = made;
  else
    testudo_i_mixed_free(made);
  return status;
}

void testudo_i_mixed_free(testudo_i_mixed *mixed)
{
  if (mixed == NULL)
    return;
  for (int32_t k = 1; mixed->odds != NULL && k <= mixed->terms; k++)
    testudo_i_odds_free(mixed->odds[k]);
  testudo_i_sums_free(mixed->sums);
  testudo_i_arena_clear(&mixed->arena);
  free(mixed);
}
