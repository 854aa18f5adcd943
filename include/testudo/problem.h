/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is learned: data sets, how they are split over shards, and the functions that stochastic gradient descent
   minimises, with their gradients, optima and the constants of the convergence bounds. */
#ifndef TESTUDO_PROBLEM_H
#define TESTUDO_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- data ---- */

#define TESTUDO_MAX_DATA_NUMBERS 134217728 /* samples x features, 1 GiB */
#define TESTUDO_MAX_FEATURES 1000000
#define TESTUDO_MAX_CLASSES 1000

typedef enum testudo_labels {
  TESTUDO_LABELS_REAL,      /* values, for least squares */
  TESTUDO_LABELS_CLASSES    /* classes, for logistic and softmax */
} testudo_labels;

/* Samples with their labels, dense. Read it freely; change it through the calls below only. */
typedef struct testudo_data {
  int32_t samples, features; /* both at least 1; features count the one that is always 1 */
  int32_t classes;          /* 0: labels are values */
  bool bias;                /* the last feature is always 1 */
  double *feature;          /* samples x features, row after row */
  double *label;            /* the value, or the class 0..classes-1 */
  double *class_label;      /* classes: what class c was called, ascending (texts: c); NULL for values */
  int32_t *source;          /* the number that the sample had when the data were made, from 0: a split moves samples */
  double *truth;            /* synthetic data: the parameters that labels were drawn with (features, or features x
                               classes as in softmax); else NULL */
} testudo_data;

/* Copies samples x features numbers, row after row, and a label for each; all finite. Classes are the different labels
   in ascending order. */
TESTUDO_CHECKED testudo_status testudo_data_create(int32_t samples, int32_t features, const double *feature,
                                                   const double *label, testudo_labels labels, testudo_data **data,
                                                   testudo_error *error);

/* Reads "label index:value index:value ..", one sample per line; indices count from 1 and ascend, absent values are
   0, the rest of a line after '#' is a comment, empty lines are skipped. There are as many features as the largest
   index, or `features` where that is larger (0: no matter). Path "-" is standard input. TESTUDO_ERROR_INPUT with line
   and column; a file whose samples x features exceed TESTUDO_MAX_DATA_NUMBERS is refused before they are stored.
   Memory: the file and the dense data. */
TESTUDO_CHECKED testudo_status testudo_data_read_libsvm(const char *path, testudo_labels labels, int32_t features,
                                                        testudo_data **data, testudo_error *error);

/* Reads a table of numbers, one sample per line, in the forms of docs/file-format.md#traces. The first line is a header
   when one of its cells is not a number. label_column is a name of the header or a number from 1; NULL: the last. Every
   other column is a feature. Labels of classes may be texts: where one is no number all are, and classes are their
   different texts in the order of bytes, class_label their ranks; a first line whose label alone is a text is a header
   if the second's is a number. Empty cells and anything else that is not a number are refused with line and column. */
TESTUDO_CHECKED testudo_status testudo_data_read_csv(const char *path, testudo_labels labels, const char *label_column,
                                                     testudo_data **data, testudo_error *error);

/* The same from bytes in memory; `name` stands in sentences. */
TESTUDO_CHECKED testudo_status testudo_data_parse_libsvm(const char *bytes, size_t length, const char *name,
                                                         testudo_labels labels, int32_t features, testudo_data **data,
                                                         testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_data_parse_csv(const char *bytes, size_t length, const char *name,
                                                      testudo_labels labels, const char *label_column,
                                                      testudo_data **data, testudo_error *error);

typedef struct testudo_synthetic {
  int32_t samples, features;
  int32_t classes;          /* 0: labels are values x.w + noise; C >= 2: drawn from the softmax of x W, for C = 2 the
                               logistic law with the difference of its two columns */
  double condition;         /* >= 1: largest over smallest eigenvalue of the covariance of x; the eigenvalues fall
                               geometrically from 1 to 1 / condition. One feature: the eigenvalue is 1 */
  bool axis;                /* its eigenvectors are the axes; otherwise a uniformly random basis (features <= 4096) */
  double signal;            /* > 0: the standard deviation of x.w (of each column of x W) given w */
  double noise;             /* >= 0: standard deviation of the normal noise; values only, 0 for classes */
  uint64_t seed;
} testudo_synthetic;

/* Normal features of mean 0. A sample depends on the seed, its number and what stands above, not on how many samples
   there are. O(samples features), times features in a random basis. */
TESTUDO_CHECKED testudo_status testudo_data_make(const testudo_synthetic *synthetic, testudo_data **data,
                                                 testudo_error *error);

/* Every feature but the bias moved and scaled to mean 0 and variance 1 (divisor: samples); a constant one becomes 0.
   `truth` is dropped. */
void testudo_data_standardise(testudo_data *data);

/* A last feature that is always 1. No second one: TESTUDO_ERROR_ARGUMENT. `truth` gets a 0 for it. */
TESTUDO_CHECKED testudo_status testudo_data_add_bias(testudo_data *data, testudo_error *error);

void testudo_data_free(testudo_data *data);

/* ---- split ---- */

typedef struct testudo_split {
  int32_t shards;           /* 1..samples */
  double label_skew;        /* in [0,1]. That part of the samples (rounded to a whole number), chosen at random, is
                               sorted by label (equal labels in random order) and cut into runs; the others are dealt
                               at random. 0: independent of the labels; 1: sorted by label, so that a shard has as few
                               different labels as possible */
  double feature_shift;     /* >= 0: the features of a shard, but for the bias, are moved by a vector of this length in
                               a uniformly random direction of the shard's own */
  uint64_t seed;
} testudo_split;

/* Moves the samples so that those of shard k are first[k] .. first[k + 1] - 1 (first: shards + 1 numbers), in random
   order within it. Sizes differ by at most 1. Depends on the data, the options and the seed alone. `truth` stays,
   though a shift moves x under it. O(samples (features + log samples)). */
TESTUDO_CHECKED testudo_status testudo_data_split(testudo_data *data, const testudo_split *split, int32_t *first,
                                                  testudo_error *error);

/* ---- problems: F(w) = (1/n) sum_i f_i(w) + (mu/2) ||w||^2, the bias included in w ---- */

typedef enum testudo_loss {
  TESTUDO_LOSS_LEAST_SQUARES, /* f_i(w) = (x_i.w - y_i)^2 / 2; ridge regression where mu > 0 */
  TESTUDO_LOSS_LOGISTIC,      /* f_i(w) = log(1 + exp(x_i.w)) - y_i x_i.w, classes 0 and 1 */
  TESTUDO_LOSS_SOFTMAX        /* f_i(W) = log sum_c exp(x_i.W_c) - x_i.W_{y_i}; W is features x classes: w[feature *
                                 classes + class] */
} testudo_loss;

/* "least-squares", "logistic", "softmax" */
const char *testudo_loss_name(testudo_loss loss);

typedef struct testudo_problem testudo_problem;

/* mu >= 0 and finite. Least squares takes values, the others classes (logistic at most 2). The data are borrowed: they
   must stay, unchanged, while the problem is used. A problem is constant: threads may share it. */
TESTUDO_CHECKED testudo_status testudo_problem_create(const testudo_data *data, testudo_loss loss, double mu,
                                                      testudo_problem **problem, testudo_error *error);
void testudo_problem_free(testudo_problem *problem);

size_t testudo_problem_dim(const testudo_problem *problem);       /* numbers in w */
int32_t testudo_problem_samples(const testudo_problem *problem);
const testudo_data *testudo_problem_data(const testudo_problem *problem);

/* Memory for the calls below, one per thread; they allocate nothing. */
typedef struct testudo_problem_work testudo_problem_work;
TESTUDO_CHECKED testudo_status testudo_problem_work_create(const testudo_problem *problem, testudo_problem_work **work,
                                                           testudo_error *error);
void testudo_problem_work_free(testudo_problem_work *work);

/* F(w). HUGE_VAL or NAN where w is not finite or products overflow. O(samples dim). */
double testudo_problem_loss(const testudo_problem *problem, testudo_problem_work *work, const double *w);

/* The mean of f_i over the samples first .. first + count - 1, plus (mu/2)||w||^2; count 0: the latter alone. */
double testudo_problem_loss_range(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                  int32_t first, int32_t count);

/* gradient (dim numbers) = the mean of grad f_i over the `count` samples, which may repeat, plus mu w; count 0: mu
   w. Rows are gathered block by block. */
void testudo_problem_gradient(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                              const int32_t *sample, int32_t count, double *gradient);

/* The same for samples first .. first + count - 1, where they lie. */
void testudo_problem_gradient_range(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                    int32_t first, int32_t count, double *gradient);

/* The part of the samples whose class is the likeliest one (ties: the first); NAN for least squares. */
double testudo_problem_accuracy(const testudo_problem *problem, testudo_problem_work *work, const double *w);

/* ---- optimum and constants ---- */

typedef struct testudo_optimum {
  double value;             /* F* */
  double gradient_norm;     /* ||grad F|| there */
  double relative;          /* over ||grad F(0)||; 0 where that is 0 */
  int32_t steps;            /* of Newton's method, or of refining the normal equations */
} testudo_optimum;

/* w (dim numbers) = a minimiser of F, the one of least norm where least squares has many, to ||grad F|| <= 1e-10 ||grad
   F(0)||, or 1e-10 (||grad F(0)|| + (mean ||x_i||^2 + mu) ||w||) where rounding allows no more. Least
   squares of up to 4096 features: normal equations with refinement; otherwise Newton's method with conjugate gradients
   and a line search.
   TESTUDO_ERROR_ARGUMENT where F has no minimum: mu = 0 and the classes can be separated; TESTUDO_ERROR_LIMIT where the
   norm is not reached. Memory: features^2 or samples classes numbers. */
TESTUDO_CHECKED testudo_status testudo_problem_solve(const testudo_problem *problem, const testudo_monitor *monitor,
                                                     double *w, testudo_optimum *optimum, testudo_error *error);

/* What the convergence bounds of stochastic gradient descent ask of a problem. */
typedef struct testudo_problem_constants {
  double smooth;            /* L: gradients are L-Lipschitz. Least squares: the largest eigenvalue of X'X/n plus mu;
                               logistic (softmax): a bound, 1/4 (1/2) of that eigenvalue plus mu */
  bool smooth_exact;        /* false: `smooth` is an upper bound */
  double convex;            /* c: strong convexity. Least squares: the smallest eigenvalue plus mu; otherwise mu */
  bool convex_exact;        /* false: `convex` is a lower bound */
  double gradient_dominated;/* c of 2 c (F - F*) <= ||grad F||^2. Least squares: the smallest eigenvalue above 1e-12 of
                               the largest, plus mu; otherwise `convex` */
  double noise;             /* sigma^2 = E||grad f_i(w) - mean||^2 for one uniformly drawn sample, at the given w */
  double gap;               /* F(w) - F* */
} testudo_problem_constants;

/* At the point w; optimum is F*, or NAN where it is not known (gap is then NAN). Above 4096 features the largest
   eigenvalue is an upper bound but for a probability of 1e-6 (Lanczos, from a fixed start), and the smallest counts as
   0. O(samples features^2). */
TESTUDO_CHECKED testudo_status testudo_problem_measure(const testudo_problem *problem, const double *w, double optimum,
                                                       testudo_problem_constants *constants, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
