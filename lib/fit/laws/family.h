/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families of laws that are fitted. */
#ifndef TESTUDO_FIT_LAWS_FAMILY_H
#define TESTUDO_FIT_LAWS_FAMILY_H

#include "fit/laws/base.h"

typedef struct testudo_i_fit_family {
  enum {
    TESTUDO_I_FIT_PLAIN,   /* numbers: those of the base */
    TESTUDO_I_FIT_SHARP,   /* a law that starts at its first number, most likely where it starts: base exp, of .. */
    TESTUDO_I_FIT_SHIFTED, /* the shift, then the base's */
    TESTUDO_I_FIT_MIXED    /* p, the first part's, the second part's */
  } kind;
  const testudo_i_fit_base *base;
  const char *law;         /* as texts have it: "gamma:", "shift:", "mixture:" */
  int parameters;
  bool ratio;              /* .. log(x / start), otherwise of x - start */
} testudo_i_fit_family;

extern const testudo_i_fit_family testudo_i_fit_families[];
extern const size_t testudo_i_fit_family_count;

enum { TESTUDO_I_FIT_NUMBERS = 8 };

/* The numbers (room for TESTUDO_I_FIT_NUMBERS) of the family's law, in the order of its text, found from the rows;
   `warm`: from near where they are. False: there are none, or they are those of a simpler law. */
bool testudo_i_fit_family_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                   bool warm);

/* Of the rows; the terms stay in rows->work. */
double testudo_i_fit_family_likelihood(const testudo_i_fit_family *family, const double *number,
                                       testudo_i_fit_rows *rows);

/* P(X > x) or P(X <= x). */
double testudo_i_fit_family_side(const testudo_i_fit_family *family, const double *number, double x, bool above);

/* The LAW. */
void testudo_i_fit_family_text(const testudo_i_fit_family *family, const double *number, char *text, size_t room);

/* Standard errors by the curvature of the likelihood; NAN where a number has none. */
void testudo_i_fit_family_errors(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows,
                                 double *error);

/* All of one family that a model says; not *found where the family is left out. In laws.c. */
TESTUDO_CHECKED testudo_status testudo_i_fit_family_model(const testudo_i_fit_family *family, testudo_i_fit_rows *rows,
                                                          const testudo_i_fit_samples *samples,
                                                          const testudo_i_fit_effort *effort,
                                                          testudo_fit_model *model, bool *found,
                                                          testudo_error *error);

/* The points of the rows as seen from a shift on. */
testudo_i_fit_points testudo_i_fit_shifted_points(testudo_i_fit_rows *rows, double shift);

/* ---- shift.c, mixture.c ---- */

bool testudo_i_fit_shift_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                  bool warm);
void testudo_i_fit_shift_spread(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, const double *number,
                                double *spread);
bool testudo_i_fit_mixture_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                    bool warm);

/* log(p f + (1 - p) g) into rows->work, and the parts' shares of each row's weight into rows->part_weight. */
void testudo_i_fit_mixture_terms(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows);

#endif
