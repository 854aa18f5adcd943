/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row per law: its name, its numbers, and all that is known of it. Nothing else in the tree distinguishes laws; it
   asks a row, or a property in delay/model.h that does. */
#ifndef TESTUDO_DELAY_LAWS_TABLE_H
#define TESTUDO_DELAY_LAWS_TABLE_H

#include "delay/model.h"

typedef struct testudo_i_law_number {
  const char *name;
  double least, most;
  enum { TESTUDO_I_ENDS_TOO, TESTUDO_I_ZERO_TOO, TESTUDO_I_BETWEEN } allowed; /* least..most; that or 0; its inside */
} testudo_i_law_number;

typedef struct testudo_i_moments {
  double mean, variance; /* HUGE_VAL where infinite */
} testudo_i_moments;

typedef struct testudo_i_law_row {
  const char *name, *form;        /* "gamma", and how people write it: "gamma:shape,scale" */
  int numbers, first;             /* the numbers stand in law->a and law->b; first = 1: in law->b alone */
  testudo_i_law_number number[2];
  int parts;                      /* laws that follow the numbers */
  bool file;                      /* a file follows, nothing else */

  bool starts;                    /* at law->a, sharply where that is above 0; otherwise at 0, smoothly */
  bool constant;                  /* one value: X_1 + .. + X_k is k X */
  bool memoryless;                /* chunks under additive structure are a Poisson process of rate law->b */
  bool power;                     /* P(X > x) is a power of x from the start on */
  char tail;                      /* 'a' or 'b', the number c with P(X > x) ~ x^-c; 0: lighter than any power */

  /* Laws of an exponential E = hazard(X - start): P(X > start + y) = exp(-hazard(y)), X = draw(E). */
  double (*hazard)(const testudo_law *law, double y);
  double (*hazard_at)(const testudo_law *law, double x); /* the same of x, where x - start would lose digits; or NULL */
  double (*gap)(const testudo_law *law, double work, int32_t c); /* hazard_at(work / c) - hazard_at(work / (c + 1)), */
                                                                 /* without cancellation; NULL: no closed form */
  /* Others: P(X > x) and P(X <= x), each accurate where it is small; X = draw(Z) of a normal Z. Discrete: neither. */
  double (*side)(const testudo_law *law, double x, bool above);
  double (*draw)(const testudo_law *law, double e_or_z);

  testudo_i_moments (*moments)(const testudo_law *law);
  /* Logarithms of the density at start + y, y > 0; NULL: none. */
  void (*log_density)(const testudo_law *law, const double *restrict y, double *restrict log_density, size_t count);
  double (*sum)(const testudo_law *law, int32_t k, double y, bool above); /* X_1 + .. + X_k = k start + y, or NULL */
  double (*quantile)(const testudo_law *law, double p);  /* where it is not draw's; NULL: it is */
  /* Draws, many at once: draw, if there is one, to some units in the last place. */
  void (*fill)(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);
  bool (*speed_rises)(const testudo_law *law, double from); /* testudo_i_law_speed_rises; NULL: not known */
  testudo_status (*make)(testudo_law *law, testudo_error *error); /* once numbers and parts are there; may be NULL */
} testudo_i_law_row;

/* In the order in which messages list them. */
extern const testudo_i_law_row testudo_i_law_table[];
extern const size_t testudo_i_laws;

/* The row of the name that a text begins with, up to its colon; NULL: no law has it. */
const testudo_i_law_row *testudo_i_law_row_of(const char *text);

/* Takes the values over (malloc) and derives the distinct ones. */
TESTUDO_CHECKED testudo_status testudo_i_law_set_samples(testudo_law *law, double *sample, int64_t samples,
                                                         testudo_error *error);

/* ---- laws/mixture.c ---- */

double testudo_i_mixture_side(const testudo_law *law, double x, bool above);
testudo_i_moments testudo_i_mixture_moments(const testudo_law *law);
void testudo_i_mixture_density(const testudo_law *law, const double *restrict y, double *restrict log_density,
                               size_t count);
double testudo_i_mixture_quantile(const testudo_law *law, double p);
void testudo_i_mixture_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);
TESTUDO_CHECKED testudo_status testudo_i_mixture_make(testudo_law *law, testudo_error *error);

/* ---- laws/shift.c ---- */

double testudo_i_shift_side(const testudo_law *law, double x, bool above);
testudo_i_moments testudo_i_shift_moments(const testudo_law *law);
void testudo_i_shift_density(const testudo_law *law, const double *restrict y, double *restrict log_density,
                             size_t count);
double testudo_i_shift_quantile(const testudo_law *law, double p);
void testudo_i_shift_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);
TESTUDO_CHECKED testudo_status testudo_i_shift_make(testudo_law *law, testudo_error *error);

#endif
