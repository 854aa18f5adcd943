/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a sum of two independent times, by quadrature: sums of positive terms, so that both sides are found to
   relative accuracy. Each half of (0, t) is integrated in the logarithm of the distance to its end, where heavy and
   light laws alike are smooth. */
#ifndef TESTUDO_DELAY_CONVOLVE_H
#define TESTUDO_DELAY_CONVOLVE_H

#include <stdbool.h>

enum { TESTUDO_I_MARKS = 9, TESTUDO_I_MOST_MARKS = 40 };

/* A time from its own start on. */
typedef struct testudo_i_summand {
  double (*side)(const void *of, double y, bool above); /* P(. > y) or P(. <= y), accurate where small; y > 0 */
  double (*density)(const void *of, double y);          /* y > 0; NULL: not known */
  const void *of;
  double scale;                                         /* the time is `scale` times what `of` says */
  const double *mark;                                   /* ascending, of `of`: where the sides turn or jump */
  int marks;
} testudo_i_summand;

double testudo_i_summand_side(const testudo_i_summand *a, double y, bool above);

/* P(X - start > y) or P(X - start <= y), of a testudo_law that starts once. */
double testudo_i_started_side(const void *law, double y, bool above);

/* log y where log P(. <= y) / P(. > y) is `odds`. */
double testudo_i_place_of_odds(double (*side)(const void *of, double y, bool above), const void *of, double odds);

/* Nine places, from where P(. <= y) is 1e-9 to where P(. > y) is. */
void testudo_i_find_marks(double (*side)(const void *of, double y, bool above), const void *of,
                          double mark[TESTUDO_I_MARKS]);

/* log y where the side falls to `value` on its way out: of P(. <= y) to the left, of P(. > y) to the right. */
double testudo_i_place_of(double (*side)(const void *of, double y, bool above), const void *of, bool above,
                          double value);

/* P(A + B > t) or P(A + B <= t); B has a density. */
double testudo_i_convolve(const testudo_i_summand *a, const testudo_i_summand *b, double t, bool above);

/* The density of A + B; both have one. */
double testudo_i_convolve_densities(const testudo_i_summand *a, const testudo_i_summand *b, double t);

#endif
