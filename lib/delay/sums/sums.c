/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With Y = X - start, density f, and F_k, S_k the sides of Y_1 + .. + Y_k:
     F_k(t) = integral over (0, t) of F_{k-1}(t - y) f(y) dy,   S_k(t) = S_1(t) + the same of S_{k-1},
   or with the density of some terms in place of f and the sides of the others,
   sums of positive terms, so that both sides are found to relative accuracy. Each half of (0, t) is integrated in the
   logarithm of the distance to its end, where heavy and light laws alike are smooth. What is kept is log(S_k / F_k) as
   a function of log t, on Chebyshev pieces: its absolute error is the relative error of either side. */
#include "delay/sums/sums.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "delay/sums/convolve.h"
#include "numeric/interval.h"
#include "numeric/pieces.h"

/* Of a table's last coefficients (what it errs by is far less), and relative, of the integrals. */
#define TOLERANCE 1e-9
#define INTEGRAL 1e-10

/* Beyond these the sides are continued by the law's own. */
#define LEAST_BELOW 1e-25
#define LEAST_ABOVE 1e-25

/* The error is reported where both sides are above 1e-13. */
#define TOLD 30.0

/* Beyond log(F / S) of this the tables and integrals may err more. */
#define EXACT 38.0

/* Values of log(F / S); the first and the last become a table's ends, where its law is continued with a kink. */
enum { MARKS = 10 };
static const double mark_log[MARKS] = {-57.5, -36.0, -22.0, -12.0, -5.0, -1.5, 1.5, 6.0, 16.0, 57.5};

struct testudo_sums {
  const testudo_law *law;
  double start, error;
  int32_t terms;
  testudo_i_arena *arena;
  testudo_i_pieces **table; /* by k, from 2 */
  double *least, *most;     /* by k: between these y it speaks */
  double (*mark)[MARKS];    /* by k: log y where log(F_k / S_k) has the values above */
};

typedef struct convolving {
  const testudo_sums *sums;
  int32_t first, last; /* the law that is sought: of so many terms together, of which the last have a density */
  double t;
  bool above;   /* S, or F */
} convolving;

/* A part of the integral: of last terms, or of sums before it, from e^a to e^b. */
typedef struct segment {
  bool last;
  double a, b, least[2], most[2], spread; /* of F and S; of the one that is sought, half of most - least */
} segment;

enum { SEGMENTS = 4 * MARKS + 2 };

typedef struct segments {
  segment list[SEGMENTS];
  int count;
} segments;

/* ---- reading ---- */

/* Of y = t - k start. */
static void sides_of(const testudo_sums *sums, int32_t k, double y, double *below, double *above)
{
  if (k == 1 || y <= 0.0) {
    testudo_i_started_sides(sums->law, y, below, above);
    return;
  }
  const testudo_i_pieces *table = sums->table[k];
  double z = log(y), begin = testudo_i_pieces_begin(table), end = testudo_i_pieces_end(table);
  double logit = testudo_i_pieces_at(table, z), here[2], there[2];
  *above = 1.0 / (1.0 + exp(-logit));
  *below = 1.0 / (1.0 + exp(logit));
  if (z < begin) {
    testudo_i_started_sides(sums->law, y / k, &here[0], &here[1]);
    testudo_i_started_sides(sums->law, exp(begin) / k, &there[0], &there[1]);
    *below *= pow(here[0] / there[0], k);
  } else if (z > end) {
    testudo_i_started_sides(sums->law, y, &here[0], &here[1]);
    testudo_i_started_sides(sums->law, exp(end), &there[0], &there[1]);
    *above *= there[1] > 0.0 ? here[1] / there[1] : 0.0;
  }
}

/* P(Y_1 + .. + Y_k <= y), or its complement. */
static double side_of(const testudo_sums *sums, int32_t k, double y, bool want_above)
{
  double below, above;
  if (k > 1 && y > sums->least[k] && y < sums->most[k]) {
    double logit = testudo_i_pieces_at(sums->table[k], log(y));
    return 1.0 / (1.0 + exp(want_above ? -logit : logit));
  }
  sides_of(sums, k, y, &below, &above);
  return want_above ? above : below;
}

void testudo_i_sums_sides(const testudo_sums *sums, int32_t k, double t, double *below, double *above)
{
  if (k > 1 && sums->table[k] == NULL)
    *below = *above = NAN; /* only the last was wanted */
  else
    sides_of(sums, k, t - k * sums->start, below, above);
}

void testudo_i_sums_started_sides(const testudo_sums *sums, int32_t k, double y, double *below, double *above)
{
  sides_of(sums, k, y, below, above);
}

double testudo_i_sums_error(const testudo_sums *sums)
{
  return sums->error;
}

/* ---- integrating ---- */

/* Of Y_1 + .. + Y_k: the slope of its table, or of what continues it. */
static double density_of(const testudo_sums *sums, int32_t k, double y)
{
  const testudo_law *law = sums->law;
  double below, above, here[2];
  if (k == 1 || y <= 0.0)
    return testudo_i_started_density(law, y);
  sides_of(sums, k, y, &below, &above);
  if (y <= sums->least[k]) {
    testudo_i_started_sides(law, y / k, &here[0], &here[1]);
    return here[0] > 0.0 ? below * testudo_i_started_density(law, y / k) / here[0] : 0.0;
  }
  if (y >= sums->most[k]) {
    testudo_i_started_sides(law, y, &here[0], &here[1]);
    return here[1] > 0.0 ? above * testudo_i_started_density(law, y) / here[1] : 0.0;
  }
  return -below * above * testudo_i_pieces_slope(sums->table[k], log(y)) / y;
}

/* w: the logarithm of the last terms. */
static double near_last(double w, void *context)
{
  const convolving *c = context;
  double y = exp(w);
  return side_of(c->sums, c->first, c->t - y, c->above) * density_of(c->sums, c->last, y) * y;
}

/* w: the logarithm of the sum before them. */
static double near_sum(double w, void *context)
{
  const convolving *c = context;
  double y = exp(w);
  return side_of(c->sums, c->first, y, c->above) * density_of(c->sums, c->last, c->t - y) * y;
}

/* Places where a factor of the integrand turns: `own` marks as they are, `other` ones as seen from t. */
static int list_breaks(const convolving *c, const double *own, const double *other, double span, double *breaks)
{
  double last = log(c->t / 2.0), first = last - span;
  int count = 0;
  breaks[count++] = first;
  for (int m = 0; m < MARKS; m++) {
    double places[2] = {own[m], c->t > exp(other[m]) ? log(c->t - exp(other[m])) : first};
    for (int p = 0; p < 2; p++)
      if (places[p] > first && places[p] < last)
        breaks[count++] = places[p];
  }
  breaks[count++] = last;
  qsort(breaks, (size_t)count, sizeof *breaks, testudo_i_ascending_reals);
  return count;
}

/* Adds the segments of one half. Both factors are monotone, which bounds each: the side of the first terms between its
   ends times the probability of the last ones between them. */
static void add_segments(segments *list, const convolving *c, bool last, double span)
{
  const double *single = c->sums->mark[c->last], *before = c->sums->mark[c->first];
  double breaks[2 * MARKS + 2];
  double sum[2][2], term[2][2]; /* at the two ends: sides of the sum before, and of the last terms */
  int count = list_breaks(c, last ? single : before, last ? before : single, span, breaks);
  for (int m = 0; m < count; m++) {
    double y = exp(breaks[m]), other = c->t - y;
    int here = m % 2, there = 1 - here;
    sides_of(c->sums, c->first, last ? other : y, &sum[here][0], &sum[here][1]);
    sides_of(c->sums, c->last, last ? y : other, &term[here][0], &term[here][1]);
    if (m == 0)
      continue;
    bool far = term[here][0] > 0.5;
    segment *s = &list->list[list->count++];
    *s = (segment){.last = last, .a = breaks[m - 1], .b = breaks[m]};
    double mass = fabs(term[here][far] - term[there][far]);
    for (int above = 0; above < 2; above++) {
      s->least[above] = mass * fmin(sum[here][above], sum[there][above]);
      s->most[above] = mass * fmax(sum[here][above], sum[there][above]);
    }
  }
}

static int descending_segments(const void *a, const void *b)
{
  const segment *x = a, *y = b;
  return (x->spread < y->spread) - (x->spread > y->spread);
}

/* The integral of the side c->above: the middle between the bounds of each segment, but where that is not good enough,
   the worst of them first. Sides below what the error is stated for may err more, as in the tables. */
static double integrate_segments(const convolving *c, segments *list)
{
  double least[SEGMENTS + 1], spread[SEGMENTS + 1], found = 0.0; /* sums from here on */
  convolving copy = *c;
  for (int k = 0; k < list->count; k++)
    list->list[k].spread = (list->list[k].most[c->above] - list->list[k].least[c->above]) / 2.0;
  qsort(list->list, (size_t)list->count, sizeof *list->list, descending_segments);
  least[list->count] = spread[list->count] = 0.0;
  for (int k = list->count - 1; k >= 0; k--) {
    least[k] = least[k + 1] + list->list[k].least[c->above];
    spread[k] = spread[k + 1] + list->list[k].spread;
  }
  int k = 0;
  for (; k < list->count; k++) {
    const segment *s = &list->list[k];
    double sure = found + least[k];
    double error = INTEGRAL * fmin(fmax(1.0, exp((-log(sure + spread[k]) - EXACT) / 2.0)), 1000.0);
    if (spread[k] <= error / 2.0 * sure)
      break;
    double breaks[2] = {s->a, s->b};
    found += testudo_i_integrate_interval(s->last ? near_last : near_sum, &copy, breaks, 2, error, error / 4.0 * sure,
                                          NULL);
  }
  return found + least[k] + spread[k];
}

static void find_segments(const convolving *c, segments *list)
{
  double half[2], ends[2], span = 40.0;
  sides_of(c->sums, c->last, c->t / 2.0, &half[0], &half[1]);
  sides_of(c->sums, c->last, c->t / 2.0 * exp(-span), &ends[0], &ends[1]);
  while (ends[0] > 1e-14 * half[0] && span < 600.0) {
    span *= 2.0;
    sides_of(c->sums, c->last, c->t / 2.0 * exp(-span), &ends[0], &ends[1]);
  }
  list->count = 0;
  add_segments(list, c, true, span);
  add_segments(list, c, false, span);
}

/* log(S_k / F_k) at t = e^z, from the side that is the small one. */
static double logit_at(double z, void *context)
{
  convolving c = *(const convolving *)context;
  segments list;
  double below, above, done = 0.0;
  c.t = exp(z);
  find_segments(&c, &list);
  for (int k = 0; k < list.count; k++)
    done += (list.list[k].least[0] + list.list[k].most[0]) / 2.0;
  c.above = done > 0.5;
  for (int attempt = 0;; attempt++) {
    sides_of(c.sums, c.last, c.t, &below, &above);
    double whole = (c.above ? above : 0.0) + integrate_segments(&c, &list);
    if (whole < 0.75 || attempt == 1)
      return c.above ? log(whole) - log1p(-whole) : log1p(-whole) - log(whole);
    c.above = !c.above;
  }
}

/* ---- making ---- */

static double side_of_last(const void *of, double y, bool above)
{
  const convolving *c = of;
  double below, beyond;
  sides_of(c->sums, c->last, y, &below, &beyond);
  return above ? beyond : below;
}

static void find_marks(testudo_sums *sums, int32_t k)
{
  const convolving of = {.sums = sums, .last = k};
  for (int m = 0; m < MARKS; m++)
    sums->mark[k][m] = testudo_i_place_of_odds(side_of_last, &of, mark_log[m]);
  if (k > 1) {
    sums->mark[k][0] = testudo_i_pieces_begin(sums->table[k]);
    sums->mark[k][MARKS - 1] = testudo_i_pieces_end(sums->table[k]);
  }
}

/* log t where log(S_k / F_k) falls to `value`, to a hundredth of the width of the law on that scale. */
static double end_of(convolving *c, double low, double high, double value)
{
  const double *single = c->sums->mark[1];
  double fine = 0.01 * fmin(1.0, (single[MARKS - 1] - single[0]) / sqrt(c->first + c->last));
  for (int step = 0; step < 60 && high - low > fine; step++) {
    double middle = (low + high) / 2.0;
    if (logit_at(middle, c) > value)
      low = middle;
    else
      high = middle;
  }
  return high;
}

/* The law of k = first + last terms. */
static testudo_status add_term(testudo_sums *sums, int32_t first, int32_t last, testudo_error *error)
{
  convolving c = {.sums = sums, .first = first, .last = last};
  int32_t k = first + last;
  /* F_k(t) <= F_1(t)^k and S_k(t) <= k S_1(t / k), far off for light laws: between them the ends are searched for. */
  double low = testudo_i_place_of(testudo_i_started_side, sums->law, false, pow(LEAST_BELOW, 1.0 / k));
  double high = testudo_i_place_of(testudo_i_started_side, sums->law, true, LEAST_ABOVE / k) + log(k);
  double begin = end_of(&c, low, high, -log(LEAST_BELOW)), end = end_of(&c, begin, high, log(LEAST_ABOVE));
  TESTUDO_I_TRY(testudo_i_pieces_make(sums->arena, logit_at, &c, begin, end, TOLERANCE, EXACT, sums->table[first],
                                      &sums->table[k], error));
  sums->least[k] = exp(begin);
  sums->most[k] = exp(end);
  sums->error += testudo_i_pieces_doubt(sums->table[k], logit_at, &c, TOLD);
  find_marks(sums, k);
  return TESTUDO_OK;
}

/* One after the other, or by halves, and halves of these, where only the last is wanted. */
static testudo_status fill_sums(testudo_sums *sums, bool only_last, testudo_error *error)
{
  size_t count = (size_t)sums->terms + 1;
  sums->table = testudo_i_arena_calloc(sums->arena, count, sizeof *sums->table);
  sums->least = testudo_i_arena_calloc(sums->arena, count, sizeof *sums->least);
  sums->most = testudo_i_arena_calloc(sums->arena, count, sizeof *sums->most);
  sums->mark = testudo_i_arena_calloc(sums->arena, count, sizeof *sums->mark);
  TESTUDO_I_TRY(testudo_i_arena_check(sums->arena, error));
  if (sums->terms > 0)
    find_marks(sums, 1);
  bool *wanted = testudo_i_arena_calloc(sums->arena, count, sizeof *wanted);
  TESTUDO_I_TRY(testudo_i_arena_check(sums->arena, error));
  wanted[sums->terms] = true;
  for (int32_t k = sums->terms; k > 1; k--)
    if (wanted[k] || !only_last)
      wanted[k] = wanted[k / 2] = wanted[k - k / 2] = true;
  for (int32_t k = 2; k <= sums->terms; k++)
    if (wanted[k])
      TESTUDO_I_TRY(add_term(sums, only_last ? k - k / 2 : k - 1, only_last ? k / 2 : 1, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_sums_make(testudo_i_arena *arena, const testudo_law *law, int32_t terms, bool only_last,
                                   testudo_sums **sums, testudo_error *error)
{
  *sums = NULL;
  double start;
  if (!testudo_i_starts_once(law, &start))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the law of additive structure is not supported for %s, which has atoms or starts at several "
                          "times; it can be simulated",
                          testudo_law_text(law));
  if (terms > TESTUDO_I_LIMIT_SUM_TERMS)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "sums of %d times are not supported for law %s, the limit is %d; they can be simulated",
                          (int)terms, testudo_law_text(law), TESTUDO_I_LIMIT_SUM_TERMS);
  testudo_sums *made = testudo_i_arena_alloc(arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *made = (testudo_sums){.law = law, .start = start, .terms = terms, .arena = arena};
  TESTUDO_I_TRY(fill_sums(made, only_last, error));
  *sums = made;
  return TESTUDO_OK;
}
