/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From x W to losses, residuals and curvatures. Exponents are at most 0, so nothing overflows. */
#include "sgd/problem/problem.h"

#include "base/clones.h"

#include <math.h>
#include <string.h>

#include "base/sum.h"
#include "sgd/problem/exponential.h"

/* ---- logistic ---- */

TESTUDO_I_CLONES static void fold_logits(int32_t count, const double *restrict z, double *restrict e)
{
  for (int32_t i = 0; i < count; i++)
    e[i] = z[i] > 0.0 ? -z[i] : z[i];
}

/* e = exp(-|z|): sigma(z) = 1 / (1 + e) or e / (1 + e). */
TESTUDO_I_CLONES static void finish_sigmoids(int32_t count, const double *restrict e, double *restrict z)
{
  for (int32_t i = 0; i < count; i++)
    z[i] = (z[i] > 0.0 ? 1.0 : e[i]) / (1.0 + e[i]);
}

static void fold(const testudo_i_terms *terms)
{
  fold_logits(terms->count, terms->logit, terms->aside);
  testudo_i_exp_negative((size_t)terms->count, terms->aside);
}

/* log(1 + exp(z)) - y z = log(1 + exp(-|z|)) + max(z, 0) - y z. */
static double logistic_loss(const testudo_i_terms *terms)
{
  testudo_i_sum sum = {0.0, 0.0};
  fold(terms);
  for (int32_t i = 0; i < terms->count; i++) {
    double z = terms->logit[i];
    testudo_i_sum_add(&sum, log1p(terms->aside[i]) + ((terms->label[i] > 0.5) == (z > 0.0) ? 0.0 : fabs(z)));
  }
  return testudo_i_sum_value(&sum);
}

/* ---- softmax ---- */

TESTUDO_I_INLINED void subtract_most(int32_t count, int32_t columns, double *restrict z)
{
  for (int32_t i = 0; i < count; i++, z += columns) {
    double most = z[0];
    for (int32_t c = 1; c < columns; c++)
      most = z[c] > most ? z[c] : most;
    for (int32_t c = 0; c < columns; c++)
      z[c] -= most;
  }
}

TESTUDO_I_INLINED void divide_by_sums(int32_t count, int32_t columns, double *restrict z)
{
  for (int32_t i = 0; i < count; i++, z += columns) {
    double sum = z[0];
    for (int32_t c = 1; c < columns; c++)
      sum += z[c];
    double by = 1.0 / sum;
    for (int32_t c = 0; c < columns; c++)
      z[c] *= by;
  }
}

TESTUDO_I_CLONES static void lower_logits(int32_t count, int32_t columns, double *restrict z)
{
  if (columns == 10) /* digits: the loops are unrolled */
    subtract_most(count, 10, z);
  else
    subtract_most(count, columns, z);
}

TESTUDO_I_CLONES static void normalise(int32_t count, int32_t columns, double *restrict z)
{
  if (columns == 10)
    divide_by_sums(count, 10, z);
  else
    divide_by_sums(count, columns, z);
}

/* log sum exp(z) - z_y for z lowered to a most of 0: the summand 1 of the most stands apart, so that small losses keep
   their digits. */
static double softmax_loss(const testudo_i_terms *terms)
{
  int32_t columns = terms->columns;
  size_t numbers = (size_t)terms->count * (size_t)columns;
  testudo_i_sum sum = {0.0, 0.0};
  lower_logits(terms->count, columns, terms->logit);
  memcpy(terms->aside, terms->logit, numbers * sizeof *terms->aside);
  testudo_i_exp_negative(numbers, terms->aside);
  for (int32_t i = 0; i < terms->count; i++) {
    const double *z = terms->logit + (size_t)i * (size_t)columns, *e = terms->aside + (size_t)i * (size_t)columns;
    double others = 0.0;
    bool apart = false;
    for (int32_t c = 0; c < columns; c++) {
      bool most = !apart && z[c] == 0.0;
      others += most ? 0.0 : e[c];
      apart = apart || most;
    }
    testudo_i_sum_add(&sum, log1p(others) - z[(int32_t)terms->label[i]]);
  }
  return testudo_i_sum_value(&sum);
}

/* ---- all ---- */

double testudo_i_terms_loss(const testudo_i_terms *terms)
{
  if (terms->loss == TESTUDO_LOSS_LOGISTIC)
    return logistic_loss(terms);
  if (terms->loss == TESTUDO_LOSS_SOFTMAX)
    return softmax_loss(terms);
  testudo_i_sum sum = {0.0, 0.0};
  for (int32_t i = 0; i < terms->count; i++) {
    double off = terms->logit[i] - terms->label[i];
    testudo_i_sum_add(&sum, 0.5 * off * off);
  }
  return testudo_i_sum_value(&sum);
}

/* Least squares: the labels themselves; logistic: sigma; softmax: p. */
static void predict(const testudo_i_terms *terms)
{
  if (terms->loss == TESTUDO_LOSS_LOGISTIC) {
    fold(terms);
    finish_sigmoids(terms->count, terms->aside, terms->logit);
  } else if (terms->loss == TESTUDO_LOSS_SOFTMAX) {
    lower_logits(terms->count, terms->columns, terms->logit);
    testudo_i_exp_negative((size_t)terms->count * (size_t)terms->columns, terms->logit);
    normalise(terms->count, terms->columns, terms->logit);
  }
}

void testudo_i_terms_residual(const testudo_i_terms *terms)
{
  predict(terms);
  if (terms->loss == TESTUDO_LOSS_SOFTMAX)
    for (int32_t i = 0; i < terms->count; i++)
      terms->logit[(size_t)i * (size_t)terms->columns + (size_t)terms->label[i]] -= 1.0;
  else
    for (int32_t i = 0; i < terms->count; i++)
      terms->logit[i] -= terms->label[i];
}

void testudo_i_terms_curvature(const testudo_i_terms *terms)
{
  if (terms->loss == TESTUDO_LOSS_SOFTMAX)
    predict(terms);
  else if (terms->loss == TESTUDO_LOSS_LOGISTIC) {
    fold(terms); /* sigma (1 - sigma) = e / (1 + e)^2 keeps its digits far out */
    for (int32_t i = 0; i < terms->count; i++)
      terms->logit[i] = terms->aside[i] / ((1.0 + terms->aside[i]) * (1.0 + terms->aside[i]));
  } else
    for (int32_t i = 0; i < terms->count; i++)
      terms->logit[i] = 1.0;
}

/* Softmax: p o (u - p.u) per sample. */
void testudo_i_terms_apply(testudo_loss loss, int32_t count, int32_t columns, const double *curvature, double *change)
{
  if (loss != TESTUDO_LOSS_SOFTMAX) {
    for (int32_t i = 0; i < count; i++)
      change[i] *= curvature[i];
    return;
  }
  for (int32_t i = 0; i < count; i++, curvature += columns, change += columns) {
    double mean = 0.0;
    for (int32_t c = 0; c < columns; c++)
      mean += curvature[c] * change[c];
    for (int32_t c = 0; c < columns; c++)
      change[c] = curvature[c] * (change[c] - mean);
  }
}
