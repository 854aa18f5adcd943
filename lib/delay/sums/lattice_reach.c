/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a lattice has to reach, and how fine it has to be. With every summand W cut off at a cap w,
     E[(C - R)+] <= sum of E[(W - w)+] + E[(C' - R)+],   E[(C' - R)+] <= prod E[exp(theta W')] exp(-theta R) / theta
   for every theta > 0: the first terms choose the caps, the last one R. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "delay/sums/lattice.h"
#include "base/memory.h"

/* The transforms exp(theta W) of the caps are sums over so many cells, rounded up. */
enum { CELLS = 4096 };

typedef struct reach {
  int count;
  testudo_i_cell_summand summand[TESTUDO_I_SUMMANDS];
  int32_t times[TESTUDO_I_SUMMANDS];
  double cap[TESTUDO_I_SUMMANDS];   /* of W - origin */
  double *mass[TESTUDO_I_SUMMANDS]; /* CELLS + 1 probabilities of it, rounded up in steps of cap / CELLS */
} reach;

/* ---- caps ---- */

/* Rectangles that first grow slowly, then double. */
double testudo_i_mean_beyond(const testudo_law *law, double x)
{
  double sum = 0.0, late = testudo_law_survival(law, x);
  for (int k = 0; k < 2000 && late > 0.0; k++) {
    double next = k < 500 ? 1.02 * x : 2.0 * x;
    sum += late * (next - x);
    x = next;
    late = testudo_law_survival(law, x);
  }
  return late > 0.0 ? HUGE_VAL : sum;
}

static bool is_bounded(const testudo_law *law)
{
  if (law->part[1] != NULL)
    return is_bounded(law->part[0]) && is_bounded(law->part[1]);
  return testudo_i_law_is_discrete(law);
}

static double largest_of(const testudo_law *law)
{
  return law->part[1] != NULL && law->values == 0 ? fmax(largest_of(law->part[0]), largest_of(law->part[1]))
                                                  : law->value[law->values - 1];
}

/* Where `allowed` is all of the mean that is cut off. HUGE_VAL: nowhere. */
static double cap_of(const testudo_i_cell_summand *s, double allowed)
{
  if (is_bounded(s->law))
    return s->scale * (largest_of(s->law) - s->start);
  double low = fmax(testudo_law_quantile(s->law, 0.5), 1e-300), high = 2.0 * low;
  while (high < 1e300 && s->scale * testudo_i_mean_beyond(s->law, high) > allowed)
    high *= 2.0;
  for (int k = 0; k < 6; k++) {
    double middle = low + (high - low) / 2.0;
    if (s->scale * testudo_i_mean_beyond(s->law, middle) > allowed)
      low = middle;
    else
      high = middle;
  }
  return high < 1e300 ? s->scale * (high - s->start) : HUGE_VAL;
}

/* ---- the end ---- */

/* log E[exp(theta (W' - origin))]; its factor exp(theta cap) is taken out of the sum. */
static double log_transform(const reach *r, int which, double theta)
{
  double cap = r->cap[which], sum = 0.0;
  for (int i = 0; i <= CELLS; i++)
    if (r->mass[which][i] > 0.0)
      sum += r->mass[which][i] * exp(theta * cap * ((double)i / CELLS - 1.0));
  return cap > 0.0 ? theta * cap + log(sum) : 0.0;
}

/* Least end beyond the origins that some theta shows to leave at most `allowed`. */
static double find_end(const reach *r, double allowed)
{
  double whole = 0.0;
  for (int s = 0; s < r->count; s++)
    whole += r->times[s] * r->cap[s];
  double end = whole;
  for (int j = -4; j <= 40 && whole > 0.0; j++) {
    double theta = exp2(j / 2.0) / whole, sum = -log(allowed * theta);
    for (int s = 0; s < r->count; s++)
      sum += r->times[s] * log_transform(r, s, theta);
    end = fmin(end, fmax(0.0, sum / theta));
  }
  return end;
}

static testudo_status fill_reach(reach *r, double allowed, double *room, testudo_error *error)
{
  int32_t all = 0;
  for (int s = 0; s < r->count; s++)
    all += r->times[s];
  for (int s = 0; s < r->count; s++) {
    r->cap[s] = cap_of(&r->summand[s], allowed / all);
    if (!(r->cap[s] < HUGE_VAL))
      return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                            "sums of times of law %s, whose mean is infinite or nearly so, are not supported; they can "
                            "be simulated",
                            testudo_law_text(r->summand[s].law));
    bool exact = true;
    r->mass[s] = room + s * (CELLS + 2);
    testudo_i_cells_add(&r->summand[s], r->cap[s] > 0.0 ? r->cap[s] / CELLS : 1.0, CELLS, r->mass[s] + 1, &exact);
    double sum = 0.0;
    for (int i = 0; i <= CELLS; i++)
      sum += r->mass[s][i];
    r->mass[s][CELLS] += fmax(0.0, 1.0 - sum);
  }
  return TESTUDO_OK;
}

/* ---- decimals ---- */

typedef struct decimals {
  double power;  /* the values times this are integers */
  int64_t common; /* that divide this one */
} decimals;

static int64_t divisor_of(int64_t a, int64_t b)
{
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static bool add_decimals(const testudo_i_cell_summand *s, const testudo_law *law, double base, decimals *d)
{
  if (law->part[1] != NULL && law->values == 0)
    return add_decimals(s, law->part[0], base, d) && add_decimals(s, law->part[1], base, d);
  for (int64_t k = 0; k < law->values; k++) {
    double place = s->scale / base * (law->value[k] - s->start) * d->power, nearest = nearbyint(place);
    if (!(fabs(place) < 1e15) ||
        fabs(place - nearest) > fmin(0.01, TESTUDO_I_LATTICE_SNAP * s->scale / base * law->value[k] * d->power))
      return false;
    d->common = divisor_of((int64_t)nearest, d->common);
  }
  return law->values > 0;
}

/* The largest step that all values are multiples of, beyond their origins; 0: none of up to nine decimals. Where there
   is one value, its origin. */
static double common_step(const reach *r)
{
  bool alone = true;
  for (int s = 1; s < r->count; s++)
    alone = alone && testudo_i_law_is_constant(r->summand[s].law);
  double base = alone ? r->summand[0].scale : 1.0;
  for (int places = 0; places <= 9; places++) {
    decimals d = {pow(10.0, places), 0};
    bool fits = true;
    for (int s = 0; s < r->count && fits; s++)
      fits = add_decimals(&r->summand[s], r->summand[s].law, base, &d);
    if (fits && d.common == 0)
      return r->summand[0].origin > 0.0 ? r->summand[0].origin : base;
    if (fits)
      return base * (double)d.common / d.power;
  }
  return 0.0;
}

static void choose_step(const reach *r, testudo_i_lattice_request *request, double origin, double width)
{
  double exact = common_step(r), span = request->end - origin;
  double cells = span / exact, kept = cells * (request->only_last ? 1 : request->steps);
  int32_t all = request->steps + r->count - 1;
  request->step = width / all;
  if (exact > 0.0 && (exact >= request->step || (cells < TESTUDO_I_LIMIT_LATTICE_EXACT &&
                                                 kept < TESTUDO_I_LIMIT_LATTICE_NUMBERS / 2.0)))
    request->step = exact;
}

testudo_status testudo_i_lattice_propose(testudo_i_lattice_request *request, double width, double scale,
                                         int32_t workers, testudo_error *error)
{
  reach r = {.count = testudo_i_lattice_summands(request, r.summand)};
  double origin = 0.0;
  for (int s = 0; s < r.count; s++) {
    r.times[s] = s == 0 ? request->steps : 1;
    origin += r.times[s] * r.summand[s].origin;
  }
  TESTUDO_I_HELD(testudo_i_free_held) double *room = testudo_i_calloc(TESTUDO_I_SUMMANDS * (CELLS + 2), sizeof *room);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  request->excess = width * scale / 100.0 / workers;
  TESTUDO_I_TRY(fill_reach(&r, request->excess / 2.0, room, error));
  request->end = origin + find_end(&r, request->excess / 2.0);
  choose_step(&r, request, origin, width * scale);
  return TESTUDO_OK;
}
