/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of log odds. */
#include "delay/sums/odds.h"

#include <math.h>

#include "base/error.h"
#include "delay/sums/convolve.h"
#include "numeric/pieces.h"

#define LEAST_SIDE 1e-18  /* of what is done; beyond either end the odds go on in a straight line */
#define LEAST_LATE 1e-100 /* of what is late: the moments of wide laws hang on it */

/* Of a tail's steepness, what is rounding; and how far the reciprocal of what is missing of it may be from growing like
   log y. */
#define SETTLED_SLOPE 1e-7
#define SETTLED 1e-3

#define TOLD 30.0 /* the error is reported where both sides are above 1e-13 */

struct testudo_i_odds {
  testudo_i_pieces *pieces;
  double begin, end;                 /* log y */
  double begin_odds, end_odds;       /* there */
  double begin_slope, end_slope;     /* of the odds over log y */
  double end_less;                   /* of a tail with a logarithm; 0: without */
  double error;
};

/* The smaller side gives the other one. */
static double odds_at(double z, void *context)
{
  const testudo_i_odds_request *law = context;
  double y = exp(z), later = law->side(law->of, y, true);
  if (later < 0.5)
    return log(later) - log1p(-later);
  double done = law->side(law->of, y, false);
  return log1p(-done) - log(done);
}

static void find_slopes(testudo_i_odds *odds)
{
  double step = 1e-3 * (odds->end - odds->begin);
  odds->begin_odds = testudo_i_pieces_at(odds->pieces, odds->begin);
  odds->end_odds = testudo_i_pieces_at(odds->pieces, odds->end);
  odds->begin_slope = (testudo_i_pieces_at(odds->pieces, odds->begin + step) - odds->begin_odds) / step;
  odds->end_slope = (odds->end_odds - testudo_i_pieces_at(odds->pieces, odds->end - step)) / step;
}

/* What part of a moment lies beyond the table, of a tail for which it is finite. */
static double part_beyond(double tail, int moment)
{
  return tail > moment ? pow(LEAST_LATE, 1.0 - moment / tail) : 0.0;
}

/* A tail of y^-a (log y + c) is less steep than a at its end, by 1 / (log y + c). Answers what the moments may err by,
   relative, where the reciprocal does not grow like log y: as of two powers that are nearly alike. */
static double find_tail(testudo_i_odds *odds, double tail)
{
  double back = (odds->end - odds->begin) / 4.0, less = tail + testudo_i_pieces_slope(odds->pieces, odds->end);
  double before = tail + testudo_i_pieces_slope(odds->pieces, odds->end - back);
  if (!(less > -0.2 * tail && less < 0.2 * tail))
    return 0.0; /* it is not that far yet */
  odds->end_slope = -tail;
  odds->end_less = less > 0.0 ? less : 0.0;
  double expected = before > 0.0 ? before / (1.0 + before * back) : 0.0;
  double wrong = less > SETTLED_SLOPE * tail ? fabs(less - expected) / less : 0.0;
  return wrong < SETTLED ? 0.0 : wrong * fmax(part_beyond(tail, 1), part_beyond(tail, 2));
}

testudo_status testudo_i_odds_make(testudo_i_arena *arena, const testudo_i_odds_request *request,
                                   testudo_i_odds **made, testudo_error *error)
{
  testudo_i_odds *odds = *made = testudo_i_arena_calloc(arena, 1, sizeof *odds);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  testudo_i_odds_request law = *request;
  odds->begin = testudo_i_place_of(law.side, law.of, false, LEAST_SIDE);
  if (law.least > 0.0)
    odds->begin = fmax(odds->begin, log(law.least));
  odds->end = testudo_i_place_of(law.side, law.of, true, LEAST_LATE);
  bool spans = odds->end > odds->begin;
  if (!spans)
    odds->end = odds->begin + 1e-9;
  TESTUDO_I_TRY(testudo_i_pieces_make(arena, odds_at, &law, odds->begin, odds->end, law.tolerance, law.exact, NULL,
                                      &odds->pieces, error));
  find_slopes(odds);
  double unsettled = law.tail > 0.0 && law.tail < HUGE_VAL ? find_tail(odds, law.tail) : 0.0;
  odds->error = unsettled + (spans ? law.tolerance : HUGE_VAL) +
                testudo_i_pieces_doubt(odds->pieces, odds_at, &law, TOLD);
  return TESTUDO_OK;
}

double testudo_i_odds_side(const void *of, double y, bool above)
{
  const testudo_i_odds *odds = of;
  double z = log(y), value;
  if (z < odds->begin)
    value = odds->begin_odds + odds->begin_slope * (z - odds->begin);
  else if (z > odds->end)
    value = odds->end_odds + odds->end_slope * (z - odds->end) + log1p(odds->end_less * (z - odds->end));
  else
    value = testudo_i_pieces_at(odds->pieces, z);
  return 1.0 / (1.0 + exp(above ? -value : value));
}

double testudo_i_odds_error(const testudo_i_odds *odds)
{
  return odds->error;
}
