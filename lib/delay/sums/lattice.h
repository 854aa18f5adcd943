/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rigorous brackets of the law of C_k = S + (k o + u (X_1 + .. + X_k)) / r, of any laws: every summand is rounded down
   to a grid, and the rounded laws are convolved by Fourier transforms. */
#ifndef TESTUDO_DELAY_LATTICE_H
#define TESTUDO_DELAY_LATTICE_H

#include "delay/model.h"

/* The laws are lent while the lattice is made. */
typedef struct testudo_i_lattice_request {
  const testudo_law *law;     /* X */
  const testudo_law *startup; /* S, or NULL */
  const testudo_law *message; /* Y, or NULL: message_share Y is added to the last step alone */
  double message_share;
  double overhead, unit, rate;
  int32_t steps;              /* k = 1 .. steps, */
  bool only_last;             /* or k = steps alone, which is faster */
  double step, end;           /* of the grid, seconds; it reaches at least up to `end`, for k = steps */
  double excess;              /* E[(C_steps - end)+] is at most this (testudo_i_lattice_propose) */
  const testudo_monitor *monitor; /* asked before every convolution; may be NULL */
} testudo_i_lattice_request;

typedef struct testudo_i_lattice testudo_i_lattice;

/* Fills in step, end and excess: rounded down and up, C_steps differs by at most width * scale (or not at all, where
   all values are multiples of one number that gives a grid of moderate size, as the decimals of a trace do), and
   workers * excess <= width * scale / 100. scale: about the mean of what is wanted. TESTUDO_ERROR_LIMIT where that
   takes too large a grid, or where the mean is infinite. */
TESTUDO_CHECKED testudo_status testudo_i_lattice_propose(testudo_i_lattice_request *request, double width,
                                                         double scale, int32_t workers, testudo_error *error);

/* O(steps G log G) for a grid of G cells, and G numbers kept per step. TESTUDO_ERROR_LIMIT where that is too much,
   TESTUDO_INTERRUPTED when the monitor stops it. */
TESTUDO_CHECKED testudo_status testudo_i_lattice_make(testudo_i_arena *arena, const testudo_i_lattice_request *request,
                                                      testudo_i_lattice **lattice, testudo_error *error);

/* P(C <= t) and P(C > t) of C_k rounded down, or up. Down: below is at least, above at most that of C_k; up: the
   other way round. Each side is one law for all k: the sums of one rounded law, so that what increases with every
   X (progress, T, their means and quantiles) is bracketed by the two. What lies beyond the grid's end counts as at
   the end (down) or as infinite (up). The rounding of the transforms, 1e-14 (above ten steps 1e-15 k), is added on
   the safe side; values within a relative 2^-44 of t or of a place of the grid count as there. */
void testudo_i_lattice_sides(const testudo_i_lattice *lattice, int32_t k, double t, bool up, double *below,
                             double *above);

/* The places where the side of k jumps are begin + i step, i = 0 .. cells (down: the last is the end of the grid). */
double testudo_i_lattice_begin(const testudo_i_lattice *lattice, int32_t k, bool up);
double testudo_i_lattice_step(const testudo_i_lattice *lattice);
size_t testudo_i_lattice_cells(const testudo_i_lattice *lattice);

/* How far C_k rounded up lies above C_k rounded down, within the grid: a multiple of step, 0 where both are exact. */
double testudo_i_lattice_width(const testudo_i_lattice *lattice, int32_t k);

/* At least E[(X - x)+], x > 0; HUGE_VAL where that is infinite or nearly so. */
double testudo_i_mean_beyond(const testudo_law *law, double x);

/* ---- a summand: origin + scale (X - start), for lattice.c and lattice_reach.c ---- */

typedef struct testudo_i_cell_summand {
  const testudo_law *law;
  double start;  /* X is at least this, but for a probability of 1e-17 */
  double origin; /* the summand where X is there */
  double scale;
} testudo_i_cell_summand;

/* Relative: what is nearer to a place of the grid counts as there. */
#define TESTUDO_I_LATTICE_SNAP 0x1p-44

enum { TESTUDO_I_SUMMANDS = 3 };

/* Chunk times come first, then start-up and message, where there are any; how many. */
int testudo_i_lattice_summands(const testudo_i_lattice_request *request, testudo_i_cell_summand *summand);

/* Adds the probabilities of floor((summand - origin) / step) = 0 .. cells - 1 to mass; *exact becomes false unless all
   values are multiples of step. */
void testudo_i_cells_add(const testudo_i_cell_summand *summand, double step, size_t cells, double *mass, bool *exact);

#endif
