/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted least squares of two unknowns: y = p a + q b. */
#ifndef TESTUDO_FIT_SQUARES_H
#define TESTUDO_FIT_SQUARES_H

/* Sums of the weighted products. */
typedef struct testudo_i_squares {
  double aa, ab, bb, ay, by, yy;
} testudo_i_squares;

static inline void testudo_i_squares_add(testudo_i_squares *s, double weight, double a, double b, double y)
{
  s->aa += weight * a * a;
  s->ab += weight * a * b;
  s->bb += weight * b * b;
  s->ay += weight * a * y;
  s->by += weight * b * y;
  s->yy += weight * y * y;
}

static inline double testudo_i_squares_determinant(const testudo_i_squares *s)
{
  return s->aa * s->bb - s->ab * s->ab;
}

static inline void testudo_i_squares_solve(const testudo_i_squares *s, double *p, double *q)
{
  double determinant = testudo_i_squares_determinant(s);
  *p = (s->bb * s->ay - s->ab * s->by) / determinant;
  *q = (s->aa * s->by - s->ab * s->ay) / determinant;
}

#endif
