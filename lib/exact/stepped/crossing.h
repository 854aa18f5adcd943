/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How P(every level is reached by enough workers) depends on the levels: the law of a rule ALL over workers that are
   alike (chain.c), with its first and second derivatives (docs/theory/block.md#derivatives-of-the-law). A worker has
   reached level k with probability F_k, decreasing in k, and N_k workers are to reach it, decreasing too. The counts
   per level are multinomial; as independent Poisson variables, given their sum, every step from level to level is a
   convolution with one row of Poisson probabilities, and all terms are positive. */
#ifndef TESTUDO_EXACT_CROSSING_H
#define TESTUDO_EXACT_CROSSING_H

#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

/* So many counts below a level's need are kept: a step in which more workers cross at once is left out of
   testudo_i_crossing_between. */
enum { TESTUDO_I_CROSSING_DEPTH = 6 };

typedef struct testudo_i_crossing {
  int32_t workers, levels;   /* at most 700 workers, whose e^-n is a number yet */
  const int32_t *need;       /* levels: decreasing, in 1..workers (lent) */
  double norm;               /* n! e^n / n^n */
  double probability;        /* of the last evaluation: every N_k is reached */
  /* levels x (workers + 1), by the count a: what comes to level k with a workers, every higher level being reached, and
     what a workers there make of the levels below; within a's limits, zero elsewhere. */
  double *before, *behind;
  double *step;              /* levels x (workers + 1): Poisson probabilities from level k + 1 down to k */
  int32_t *first, *last;     /* levels: where `step` begins and ends */
  int32_t *low, *high;       /* levels: where `before` does */
  double *now, *next;        /* workers + 1 */
} testudo_i_crossing;

/* Of `workers` alike that live. The arena owns it. */
TESTUDO_CHECKED testudo_status testudo_i_crossing_make(testudo_i_crossing *crossing, testudo_i_arena *arena,
                                                       int32_t workers, int32_t levels, const int32_t *need,
                                                       testudo_error *error);

/* reached[k] = F_k, missed[k] = 1 - F_k, each accurate where small; fills before, behind and probability. About
   sum_k (workers - need_k) sqrt(workers) steps. */
void testudo_i_crossing_evaluate(testudo_i_crossing *crossing, const double *reached, const double *missed);

/* P alone, for half of that: of the last evaluation then only it is known. */
double testudo_i_crossing_probability(testudo_i_crossing *crossing, const double *reached, const double *missed);

/* dP / dF_k of the last evaluation: n times the chance that one more of the other n - 1 would be needed, and does. */
static inline double testudo_i_crossing_slope(const testudo_i_crossing *crossing, int32_t k)
{
  size_t row = (size_t)k * ((size_t)crossing->workers + 1);
  int32_t need = crossing->need[k];
  return crossing->norm * crossing->workers * crossing->before[row + need - 1] * crossing->behind[row + need];
}

/* curve[k * levels + l], k < l: d2P / dF_k dF_l of the last evaluation, others as they were. */
void testudo_i_crossing_curve(testudo_i_crossing *crossing, double *curve);

/* Two times. P(level k is not reached at the first, every higher level is; at the second it is, and every lower one):
   the chance that k is the highest level that the rule waited for between them, a sum of positive terms of which those
   with more than DEPTH workers between are left out, so never too large. `old`: DEPTH numbers of the first time,
   testudo_i_crossing_keep's; `crossed`: F_k at the second less F_k at the first. The second is the last evaluated. */
void testudo_i_crossing_keep(const testudo_i_crossing *crossing, int32_t k, double *old);
double testudo_i_crossing_between(const testudo_i_crossing *crossing, int32_t k, const double *old, double crossed);

#endif
