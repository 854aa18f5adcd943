/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a problem: samples go through block by block, so that a block is in the cache from the first product to
   the second. */
#ifndef TESTUDO_SGD_PROBLEM_PROBLEM_H
#define TESTUDO_SGD_PROBLEM_PROBLEM_H

#include <testudo/problem.h>

#include "base/arena.h"

struct testudo_problem {
  const testudo_data *data;
  testudo_loss loss;
  double mu;
  int32_t columns;          /* of w: classes for softmax, else 1 */
  size_t dim;
  int32_t block;            /* samples */
};

struct testudo_problem_work {
  testudo_i_arena arena;
  double *row;              /* block x features: gathered samples */
  double *label;            /* block */
  double *logit;            /* block x columns: x W, then what terms.c makes of it */
  double *aside;            /* block x columns */
};

/* x W and labels of some samples, and what they become in place; columns numbers per sample. */
typedef struct testudo_i_terms {
  testudo_loss loss;
  int32_t count, columns;
  const double *label;
  double *logit, *aside;
} testudo_i_terms;

/* The sum of f_i. */
double testudo_i_terms_loss(const testudo_i_terms *terms);

/* logit = the derivative of f_i by x W: x.w - y; sigma - y; p - e_y. */
void testudo_i_terms_residual(const testudo_i_terms *terms);

/* logit = what the second derivative needs: 1; sigma (1 - sigma); p. */
void testudo_i_terms_curvature(const testudo_i_terms *terms);

/* change = the second derivative times change, with the above as `curvature`. */
void testudo_i_terms_apply(testudo_loss loss, int32_t count, int32_t columns, const double *curvature, double *change);

/* logit of samples first .. of the data, at most a block, in the work. */
testudo_i_terms testudo_i_problem_terms(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                        int32_t first, int32_t count);

/* Features up to which their square is held, 128 MB. */
enum { TESTUDO_I_DENSE_FEATURES = 4096 };

/* The product with the matrix of second derivatives at some w. */
typedef struct testudo_i_curvature {
  const testudo_problem *problem;
  testudo_problem_work *work;
  double *at;               /* samples x columns, as testudo_i_terms_curvature writes it */
} testudo_i_curvature;
void testudo_i_curvature_set(const testudo_i_curvature *curvature, const double *w);
void testudo_i_curvature_product(const testudo_i_curvature *curvature, const double *x, double *y);

/* The mean of ||x_i||^2, at least the largest eigenvalue of X'X/n. */
double testudo_i_problem_mean_square(const testudo_problem *problem);

#endif
