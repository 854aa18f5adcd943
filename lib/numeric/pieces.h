/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A smooth function of one variable, kept as Chebyshev polynomials on pieces that are halved until they fit. */
#ifndef TESTUDO_NUMERIC_PIECES_H
#define TESTUDO_NUMERIC_PIECES_H

#include "base/arena.h"
#include "numeric/interval.h"

typedef struct testudo_i_pieces testudo_i_pieces;

/* The Chebyshev polynomial with `terms` coefficients that is f at as many nodes on middle - half .. middle + half;
   value[k]: f there. By sums, for few terms. */
void testudo_i_chebyshev_fit(testudo_i_integrand f, void *context, double middle, double half, int terms,
                             double *restrict value, double *restrict coefficient);

/* f on [a, b], a < b: a piece is halved while its last coefficients exceed `tolerance` (absolute), at most 12 times;
   where all of |f| exceeds `most`, they may exceed it by a factor of exp((|f| - most) / 2), up to 1000. like (may be
   NULL): pieces of a similar function, whose layout, stretched, is where it begins. */
TESTUDO_CHECKED testudo_status testudo_i_pieces_make(testudo_i_arena *arena, testudo_i_integrand f, void *context,
                                                     double a, double b, double tolerance, double most,
                                                     const testudo_i_pieces *like, testudo_i_pieces **pieces,
                                                     testudo_error *error);

/* At x, or at the nearer end where it lies outside. */
double testudo_i_pieces_at(const testudo_i_pieces *pieces, double x);

/* The derivative at an x within. */
double testudo_i_pieces_slope(const testudo_i_pieces *pieces, double x);

double testudo_i_pieces_begin(const testudo_i_pieces *pieces);
double testudo_i_pieces_end(const testudo_i_pieces *pieces);

/* The largest difference from f at some places between the nodes of each piece, where |f| <= `most`. */
double testudo_i_pieces_doubt(const testudo_i_pieces *pieces, testudo_i_integrand f, void *context, double most);

#endif
