/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws that families are made of: likelihoods of weighted points, and where they are largest. */
#ifndef TESTUDO_FIT_LAWS_BASE_H
#define TESTUDO_FIT_LAWS_BASE_H

#include "delay/laws/table.h"
#include "fit/laws/rows.h"

typedef struct testudo_i_fit_base {
  const char *law;  /* "gamma:" */
  int numbers;
  bool location[2]; /* a number that may be of either sign; others are positive */
  /* The numbers of largest likelihood; they may be asked for from where they are, `warm`. False: there are none. */
  bool (*estimate)(const struct testudo_i_fit_base *base, const testudo_i_fit_points *points, double number[2],
                   bool warm);
} testudo_i_fit_base;

/* Scales of lomax beyond this times the mean are exponential laws. */
#define TESTUDO_I_FIT_LARGEST_SCALE 1e5

extern const testudo_i_fit_base testudo_i_fit_exp, testudo_i_fit_gamma, testudo_i_fit_weibull, testudo_i_fit_lognormal,
    testudo_i_fit_lomax;

/* The law with these numbers, for its formulas (not to be drawn from, not to be freed). */
testudo_law testudo_i_fit_base_law(const testudo_i_fit_base *base, const double *number);

/* Are the numbers in the law's range? */
bool testudo_i_fit_base_allows(const testudo_i_fit_base *base, const double *number);

/* The terms: log f of the exact points, log P(X > time) of the others. -HUGE_VAL where the numbers are not allowed. */
void testudo_i_fit_base_terms(const testudo_i_fit_base *base, const double *number, const testudo_i_fit_points *points,
                              double *term);

/* The sum of weight times term. */
double testudo_i_fit_base_likelihood(const testudo_i_fit_base *base, const double *number,
                                     const testudo_i_fit_points *points);

/* Numbers as coordinates of any sign, and back. */
void testudo_i_fit_base_coordinates(const testudo_i_fit_base *base, const double *number, double *x);
void testudo_i_fit_base_numbers(const testudo_i_fit_base *base, const double *x, double *number);

#endif
