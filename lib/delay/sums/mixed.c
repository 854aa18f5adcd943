/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structure mixed: a factor of the whole iteration on the sum of independent times. */
#include "delay/sums/mixed.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/order.h"
#include "delay/sums/convolve.h"
#include "delay/laws/table.h"
#include "delay/sums/odds.h"
#include "delay/sums/product.h"
#include "delay/sums/sums.h"
#include "numeric/interval.h"

/* What is left of Z beyond either end: a side of 1e-18 keeps 14 digits below, one of 1e-100 ten above. */
#define LEAST_OUTER 1e-32
#define LATEST_OUTER 1e-110

/* Of the tables. */
#define TOLERANCE 1e-12
#define LOOSE 1e-10

/* Relative: a table that errs by no more is taken, and a law that errs by more is none. */
#define GOOD 1e-9
#define WORST 1e-6

/* Tables of sums err more where a side is below e^-38. */
#define SUMS_EXACT 36.0

typedef double (*mark_row)[TESTUDO_I_MARKS];
typedef double (*end_row)[4];

struct testudo_i_mixed {
  const testudo_law *outer, *chunk;
  int32_t terms;
  bool only_last;
  double outer_start, chunk_start, error;
  double outer_first, outer_last;      /* log(Z - start) where hardly anything is left */
  double outer_mark[TESTUDO_I_MARKS];  /* of Z - start */
  double *node, *weight, *sum;         /* of the even rule over log(Z - start), lay_nodes; NULL: it is not used */
  testudo_sums *sums;                  /* of E, where they are not closed */
  testudo_i_odds **odds;               /* by k, from 1; NULL: evaluated each time */
  mark_row chunk_mark;                 /* by k: of the sum of E, from its start on */
  end_row chunk_end;                   /* by k: where that is done by 1e-36, by 1e-18, late by 1e-18, by 1e-118 */
  testudo_i_arena *arena;
};

/* How it is found: an even rule in the one variable or the other, or adaptive quadrature. */
typedef enum rule { WIDE, NARROW, ADAPTIVE, RULES } rule;

/* A mixed law and the k that is asked for. */
typedef struct term {
  const testudo_i_mixed *mixed;
  int32_t k;
  testudo_i_product *product;       /* NULL: one place at a time */
  int32_t stride;                   /* of the even rule; 0: of none */
  rule rule;
} term;

/* ---- the sums of E ---- */

/* P(. <= y) or P(. > y) of what the sum is beyond its start, for a law that starts once. */
static double chunk_side_from(const testudo_i_mixed *mixed, int32_t k, double y, bool above)
{
  const testudo_law *law = mixed->chunk;
  double below, late;
  if (law->row->constant)
    return (y >= 0.0) == above ? 0.0 : 1.0;
  if (k == 1)
    return testudo_i_started_side(law, y, above);
  if (testudo_i_law_has_sum(law))
    return testudo_i_law_started_sum(law, k, y, above);
  testudo_i_sums_started_sides(mixed->sums, k, y, &below, &late);
  return above ? late : below;
}

static double chunk_side(const testudo_i_mixed *mixed, int32_t k, double x, bool above)
{
  if (k == 1 && !mixed->chunk->row->constant)
    return testudo_i_law_side(mixed->chunk, x, above);
  return chunk_side_from(mixed, k, x - k * mixed->chunk_start, above);
}

static double chunk_side_from_start(const void *of, double y, bool above)
{
  const term *at = of;
  return chunk_side_from(at->mixed, at->k, y, above);
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
  double sum = 0.0;
  for (int64_t v = 0; v < chunk->values; v++)
    sum += testudo_i_atom_mass(chunk, v) * testudo_i_law_side(outer, x / (k * chunk->value[v]), above);
  return sum;
}

static double direct_side(const testudo_i_mixed *mixed, const testudo_law *outer, int32_t k, double x, bool above)
{
  double start, sum = 0.0;
  if (x <= 0.0)
    return above ? 1.0 : 0.0;
  if (testudo_i_law_is_discrete(outer)) {
    for (int64_t v = 0; v < outer->values; v++)
      sum += testudo_i_atom_mass(outer, v) * chunk_side(mixed, k, x / outer->value[v], above);
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

/* ---- the even rule ---- */

/* Intervals of log(Z - start) where E begins at 0, the finest and the coarsest that are tried; where E begins later,
   steps of that many to a unit. What half as many may err by: as many then err by about the square. */
enum { FINEST = 4096, COARSEST = 32, STRIDES = 7, FINEST_UNIT = 64 };
#define HALF_ERROR 1e-6

/* A factor of e^-32 is left out; on the early side there is no more to begin with. */
#define OPEN_SPAN 32.0
#define EARLY_SPAN 8.0

/* Two sums, of even and odd ones, per node of a stride that is a power of 2. */
static double *sums_of_weights(const testudo_i_mixed *mixed, int32_t stride, bool behind)
{
  int p = 0;
  while (stride >> p > 1)
    p++;
  return mixed->sum + (size_t)2 * (FINEST + 2) * (size_t)(2 * p + behind);
}

/* Z - start at FINEST + 1 places and what the finest rule gives each; and sums of every stride-th weight before a node,
   and from it on, each from its end, where the weights are small. */
static testudo_status lay_nodes(testudo_i_mixed *mixed, testudo_error *error)
{
  double width = (mixed->outer_last - mixed->outer_first) / FINEST;
  mixed->node = testudo_i_arena_alloc(mixed->arena, FINEST + 1, sizeof *mixed->node);
  mixed->weight = testudo_i_arena_alloc(mixed->arena, FINEST + 1, sizeof *mixed->weight);
  mixed->sum = testudo_i_arena_calloc(mixed->arena, 4 * (size_t)(FINEST + 2) * STRIDES, sizeof *mixed->sum);
  TESTUDO_I_TRY(testudo_i_arena_check(mixed->arena, error));
  for (int i = 0; i <= FINEST; i++) {
    mixed->node[i] = exp(mixed->outer_first + width * i);
    mixed->weight[i] = testudo_i_started_density(mixed->outer, mixed->node[i]) * mixed->node[i] *
                       (i % FINEST == 0 ? width / 2.0 : width);
  }
  for (int32_t stride = 1; stride < 1 << STRIDES; stride *= 2) {
    double *before = sums_of_weights(mixed, stride, false), *behind = sums_of_weights(mixed, stride, true);
    int32_t count = FINEST / stride + 1;
    for (int32_t i = 0; i < 2 * count; i++) /* node i / 2 is added to the sums of its parity */
      before[2 + i] = before[i] + (i / 2 % 2 == i % 2 ? stride * mixed->weight[i / 2 * stride] : 0.0);
    for (int32_t i = 2 * count - 1; i >= 0; i--)
      behind[i] = behind[2 + i] + (i / 2 % 2 == i % 2 ? stride * mixed->weight[i / 2 * stride] : 0.0);
  }
  return TESTUDO_OK;
}

/* The first of every stride-th node where the sum of E has y / Z beyond its start at most at `most`. */
static int32_t first_node(const testudo_i_mixed *mixed, int32_t stride, double y, double most)
{
  int32_t low = 0, high = FINEST / stride + 1;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (y > most * (mixed->outer_start + mixed->node[middle * stride]))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Where E begins at 0: every stride-th node, even and odd ones apart. For smaller Z the sum of E is done for sure, for
   larger ones for sure it is not. */
static void add_nodes(const term *at, double y, bool above, int32_t stride, double sum[2])
{
  const testudo_i_mixed *mixed = at->mixed;
  int32_t from = first_node(mixed, stride, y, mixed->chunk_end[at->k][above ? 3 : 2]);
  int32_t to = first_node(mixed, stride, y, mixed->chunk_end[at->k][above ? 1 : 0]);
  for (int parity = 0; parity < 2; parity++)
    sum[parity] = sums_of_weights(mixed, stride, above)[2 * (above ? to : from) + parity];
  for (int32_t i = from; i < to; i++)
    sum[i % 2] += stride * mixed->weight[i * stride] *
                  chunk_side_from(mixed, at->k, y / (mixed->outer_start + mixed->node[i * stride]), above);
}

/* Where the next rule's integrand begins and ends, but for 1e-14 of it. */
static void find_range(const term *at, double y, double span, bool above, double *first, double *last)
{
  const testudo_i_mixed *mixed = at->mixed;
  const double *end = mixed->chunk_end[at->k];
  double most = mixed->outer_start + span, late = mixed->outer_last - log(span);
  double power = fmax(0.0, log(y / (most * mixed->chunk_mark[at->k][0]))) + OPEN_SPAN; /* it falls with e^-v at least */
  *first = mixed->outer_first - log(span);
  *last = above ? power : fmin(power, fmax(0.0, log(y / (most * end[0]))));
  if (late < 0.0)
    *last = fmin(*last, late + log(2.0));
  if (above && y > end[3] * mixed->outer_start)
    *first = fmax(*first, log((y - end[3] * mixed->outer_start) / (end[3] * most)));
}

/* Where E begins at e > 0 and Z at z: ZE <= ze + y takes Z - z in (0, y / e), so Z - z = (y / e) / (1 + e^-v) with v
   over the whole line, where both factors may begin like any power. What E is beyond e is then known without a
   difference. For a larger Z nothing is done. */
static void add_logistic(const term *at, double y, bool above, int32_t stride, double sum[2])
{
  const testudo_i_mixed *mixed = at->mixed;
  double width = (double)stride / FINEST_UNIT, span = y / (at->k * mixed->chunk_start), first, last;
  find_range(at, y, span, above, &first, &last);
  for (int64_t i = (int64_t)floor(first / width); (double)i * width <= last; i++) {
    double fall = exp(-(double)i * width), share = 1.0 / (1.0 + fall), rest = fall * share, z = span * share;
    sum[i & 1] += width * testudo_i_started_density(mixed->outer, z) * z * rest *
                  chunk_side_from(mixed, at->k, y * rest / (mixed->outer_start + z), above);
  }
  for (int parity = 0; above && parity < 2; parity++)
    sum[parity] += testudo_i_started_side(mixed->outer, span, true) / 2.0;
}

/* For narrow laws of Z: where that rule's range ends on the late side, a factor of the integrand falls with e^-v, and
   one that is done with a power of it. */
static double last_place(const term *at, double y, double most, bool above)
{
  const testudo_i_mixed *mixed = at->mixed;
  double falls = fmax(0.0, log(y / (most * mixed->chunk_mark[at->k][0]))) + OPEN_SPAN;
  return above ? falls : fmin(falls, fmax(0.0, log(y / (most * mixed->chunk_end[at->k][0]))) + 2.0);
}

/* .. and on the early one, where hardly anything of Z lies, or E would have to be later than it ever is. */
static double first_place(const term *at, double y, double first, double span, bool above)
{
  const testudo_i_mixed *mixed = at->mixed;
  double late = mixed->chunk_end[at->k][3], early = -EARLY_SPAN;
  double z = (y - late * mixed->outer_start) / (at->k * mixed->chunk_start + late);
  double share = above && z > 0.0 ? (log(z) - first) / span : 0.0;
  return share > 0.0 && share < 1.0 ? fmax(early, log(share / (1.0 - share))) : early;
}

/* The same with w = log(Z - z) in the place of Z: from where hardly anything of Z lies before to log(y / e), or to
   where hardly anything lies beyond, w = first + span / (1 + e^-v), which narrow laws fill as wide ones do. */
static void add_narrow(const term *at, double y, bool above, int32_t stride, double sum[2])
{
  const testudo_i_mixed *mixed = at->mixed;
  double width = (double)stride / FINEST_UNIT, end = log(y / (at->k * mixed->chunk_start));
  double first = mixed->outer_first, span = fmin(end, mixed->outer_last) - first, beyond = end - (first + span);
  double last = last_place(at, y, mixed->outer_start + exp(end), above) + (span > 1.0 ? log(span) : 0.0);
  if (above)
    sum[0] = sum[1] = testudo_i_started_side(mixed->outer, exp(first + fmax(0.0, span)), true) / 2.0;
  double early = span > 0.0 ? first_place(at, y, first, span, above) : 0.0;
  for (int64_t i = (int64_t)floor(early / width); span > 0.0 && (double)i * width <= last; i++) {
    double fall = exp(-(double)i * width), share = 1.0 / (1.0 + fall), rest = fall * share;
    double z = exp(first + span * share), left = -expm1(-beyond - span * rest);
    sum[i & 1] += width * testudo_i_started_density(mixed->outer, z) * z * span * share * rest *
                  chunk_side_from(mixed, at->k, y * left / (mixed->outer_start + z), above);
  }
}

static void add_evenly(const term *at, double y, bool above, int32_t stride, double sum[2])
{
  sum[0] = sum[1] = 0.0;
  (at->mixed->chunk_start == 0.0 ? add_nodes : at->rule == NARROW ? add_narrow : add_logistic)(at, y, above, stride,
                                                                                              sum);
}

/* How far beyond its start Z (E_1 + .. + E_k) is where both factors are at their marks; between two for odd m. */
static double place_at_mark(const testudo_i_mixed *mixed, int32_t k, int m)
{
  int low = m / 2, high = (m + 1) / 2;
  double e = sqrt(mixed->chunk_mark[k][low] * mixed->chunk_mark[k][high]);
  double z = sqrt(mixed->outer_mark[low] * mixed->outer_mark[high]);
  return mixed->outer_start * e + z * (k * mixed->chunk_start) + z * e;
}

/* Do so many places and half of them agree, at the marks and between them? */
static bool are_enough(const term *at, int32_t stride)
{
  for (int m = 0; m < 2 * TESTUDO_I_MARKS - 1; m++) {
    double sum[2];
    add_evenly(at, place_at_mark(at->mixed, at->k, m), m >= TESTUDO_I_MARKS, stride, sum);
    if (!(fabs(sum[0] - sum[1]) <= HALF_ERROR * (sum[0] + sum[1])))
      return false;
  }
  return true;
}

/* The largest stride that is enough for this rule; 0: none is. */
static void find_stride(term *at)
{
  bool starts = at->mixed->chunk_start > 0.0;
  at->stride = 0;
  if (at->rule == ADAPTIVE || (starts ? at->mixed->outer_first >= at->mixed->outer_last : at->rule == NARROW) ||
      (!starts && at->mixed->node == NULL))
    return;
  at->stride = starts ? FINEST_UNIT / 2 : FINEST / (2 * COARSEST);
  while (at->stride > 0 && !are_enough(at, at->stride))
    at->stride /= 2;
}

static double direct_side_from_start(const void *of, double y, bool above)
{
  const term *at = of;
  double side = at->product == NULL ? NAN : testudo_i_product_side(at->product, y, above), sum[2];
  if (!isnan(side))
    return side;
  if (at->stride == 0)
    return direct_side(at->mixed, at->mixed->outer, at->k, testudo_i_mixed_start(at->mixed, at->k) + y, above);
  add_evenly(at, y, above, at->stride, sum);
  return fmin(1.0, sum[0] + sum[1]);
}

/* Where both laws begin at 0, at even steps of log(Z E). */
static testudo_status make_product(term *at, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_i_mixed *mixed = at->mixed;
  int32_t intervals = FINEST / at->stride;
  double weight[FINEST + 1];
  for (int32_t i = 0; i <= intervals; i++)
    weight[i] = mixed->weight[i * at->stride] * at->stride;
  const testudo_i_product_request request = {
      .side = chunk_side_from_start, .of = at, .weight = weight, .first = mixed->outer_first, .nodes = intervals,
      .width = (mixed->outer_last - mixed->outer_first) / intervals, .least_done = 1e-19, .least_late = 1e-101,
      .low = mixed->outer_first + testudo_i_place_of(chunk_side_from_start, at, false, 1e-18),
      .high = mixed->outer_last + testudo_i_place_of(chunk_side_from_start, at, true, 1e-100)};
  return testudo_i_product_make(arena, &request, &at->product, error);
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
    double y = place_at_mark(mixed, k, 2 * m);
    bool above = 2 * m >= TESTUDO_I_MARKS;
    double exact = direct_side(mixed, mixed->outer, k, testudo_i_mixed_start(mixed, k) + y, above);
    most = fmax(most, fabs(testudo_i_odds_side(mixed->odds[k], y, above) - exact) / exact);
  }
  return most;
}

/* How far the two sides are from adding up to 1, at the marks and between them: each is an integral of its own, and one
   that misses a narrow law shows. */
static double imbalance(const term *at)
{
  double most = 0.0;
  for (int m = 0; m < 2 * TESTUDO_I_MARKS - 1; m++) {
    double y = place_at_mark(at->mixed, at->k, m);
    double sum = direct_side_from_start(at, y, false) + direct_side_from_start(at, y, true);
    most = fmax(most, isnan(sum) ? HUGE_VAL : fabs(sum - 1.0));
  }
  return most;
}

/* What falls more slowly decides. */
static double tail_of(const testudo_i_mixed *mixed)
{
  return fmin(testudo_i_law_tail_index(mixed->outer), testudo_i_law_tail_index(mixed->chunk));
}

/* By this rule; *odds stays NULL where it has no stride that is enough. */
static testudo_status tabulate(testudo_i_mixed *mixed, int32_t k, rule by, testudo_i_odds **odds, double *off,
                               testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  term at = {.mixed = mixed, .k = k, .rule = by};
  find_stride(&at);
  *odds = NULL;
  if (at.stride == 0 && by != ADAPTIVE)
    return TESTUDO_OK;
  if (at.stride > 0 && mixed->outer_start == 0.0 && mixed->chunk_start == 0.0)
    TESTUDO_I_TRY(make_product(&at, &scratch, error));
  /* Differences of times lose near the start what the even rule keeps; and tables of sums have no more digits. */
  bool sums = k > 1 && mixed->sums != NULL;
  testudo_i_odds_request request = {.side = direct_side_from_start, .of = &at, .tolerance = TOLERANCE,
                                    .exact = sums ? SUMS_EXACT : HUGE_VAL, .tail = tail_of(mixed)};
  if (by == ADAPTIVE)
    request.least = 1e-5 * testudo_i_mixed_start(mixed, k);
  if (request.least > 0.0 || (sums && at.product == NULL))
    request.tolerance = LOOSE;
  double uneven = imbalance(&at);
  TESTUDO_I_TRY(testudo_i_odds_make(mixed->arena, &request, odds, error));
  mixed->odds[k] = *odds; /* what `difference` asks */
  *off = testudo_i_odds_error(*odds) + fmax(uneven, by == ADAPTIVE ? 0.0 : difference(mixed, k));
  return TESTUDO_OK;
}

/* By the first rule that is good, or by the best. */
static testudo_status make_table(testudo_i_mixed *mixed, int32_t k, testudo_error *error)
{
  testudo_i_odds *best = NULL;
  double least = HUGE_VAL;
  for (int by = WIDE; by < RULES && !(least <= GOOD); by++) {
    testudo_i_odds *odds;
    double off = HUGE_VAL;
    TESTUDO_I_TRY(tabulate(mixed, k, (rule)by, &odds, &off, error));
    if (odds != NULL && (best == NULL || off < least)) {
      best = odds;
      least = off;
    }
  }
  mixed->odds[k] = best;
  mixed->error += least;
  if (mixed->error <= WORST)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the law of %d chunks of structure mixed, %.80s times %.80s, is not"
                        " found: its quadrature does not settle; it can be simulated", (int)k,
                        testudo_law_text(mixed->outer), testudo_law_text(mixed->chunk));
}

static void find_chunk(const term *at, double mark[TESTUDO_I_MARKS], double end[4])
{
  static const double side[4] = {1e-36, 1e-18, 1e-18, 1e-118};
  testudo_i_find_marks(chunk_side_from_start, at, mark);
  for (int e = 0; e < 4; e++)
    end[e] = exp(testudo_i_place_of(chunk_side_from_start, at, e >= 2, side[e]));
}

static testudo_status make_tables(testudo_i_mixed *mixed, bool smooth, testudo_error *error)
{
  for (int32_t k = mixed->only_last ? mixed->terms : 1; k <= mixed->terms; k++) {
    const term at = {.mixed = mixed, .k = k};
    if (!testudo_i_law_is_discrete(mixed->chunk))
      find_chunk(&at, mixed->chunk_mark[k], mixed->chunk_end[k]);
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
  mixed->odds = testudo_i_arena_calloc(mixed->arena, count, sizeof *mixed->odds);
  mixed->chunk_mark = testudo_i_arena_calloc(mixed->arena, count, sizeof *mixed->chunk_mark);
  mixed->chunk_end = testudo_i_arena_calloc(mixed->arena, count, sizeof *mixed->chunk_end);
  TESTUDO_I_TRY(testudo_i_arena_check(mixed->arena, error));
  mixed->outer_start = first_of(outer);
  mixed->chunk_start = first_of(chunk);
  if (mixed->terms > 1 && !testudo_i_law_has_sum(chunk) && !chunk->row->constant) {
    TESTUDO_I_TRY(testudo_i_sums_make(mixed->arena, chunk, mixed->terms, mixed->only_last, &mixed->sums, error));
    mixed->error += testudo_i_sums_error(mixed->sums);
  }
  bool once = testudo_i_starts_once(outer, &start);
  if (once) {
    testudo_i_find_marks(testudo_i_started_side, outer, mixed->outer_mark);
    mixed->outer_first = testudo_i_place_of(testudo_i_started_side, outer, false, LEAST_OUTER);
    mixed->outer_last = testudo_i_place_of(testudo_i_started_side, outer, true, LATEST_OUTER);
  }
  if (once && mixed->chunk_start == 0.0)
    TESTUDO_I_TRY(lay_nodes(mixed, error));
  return make_tables(mixed, once && testudo_i_starts_once(chunk, &start), error);
}

testudo_status testudo_i_mixed_make(testudo_i_arena *arena, const testudo_law *outer, const testudo_law *chunk,
                                    int32_t terms, bool only_last, testudo_i_mixed **mixed, testudo_error *error)
{
  *mixed = NULL;
  testudo_i_mixed *made = testudo_i_arena_alloc(arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *made = (testudo_i_mixed){.outer = outer, .chunk = chunk, .terms = terms, .only_last = only_last, .arena = arena};
  TESTUDO_I_TRY(mixed_fill(made, error));
  *mixed = made;
  return TESTUDO_OK;
}
