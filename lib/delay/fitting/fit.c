/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maximum-likelihood fits. All four have closed forms; for shifted-exp and pareto the likelihood grows with the
   location up to the smallest sample, which is therefore the estimate. */
#include <testudo/fit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "delay/delay_json.h"
#include "delay/fitting/fit.h"
#include "delay/model.h"
#include "delay/number.h"

#define MODELS 4

static const double log_two_pi = 1.83787706640934548356;

/* The moments every fit needs, each a mean of terms that are not negative: samples that differ in their last digits
   still have an excess and a deviation. */
typedef struct moments {
  double n, least, mean;
  double excess;        /* mean of x - least */
  double log_excess;    /* mean of log(x / least) */
  double log_mean;
  double log_deviation; /* divisor n */
} moments;

/* log(x / least), accurate also where the two nearly agree. */
static double log_ratio(double x, double least)
{
  return log1p((x - least) / least);
}

static moments moments_of(const double *sorted, int64_t count)
{
  moments m = {.n = (double)count, .least = sorted[0]};
  testudo_i_sum all = {0, 0}, excess = {0, 0}, log_excess = {0, 0}, square = {0, 0};
  for (int64_t k = 0; k < count; k++) {
    testudo_i_sum_add(&all, sorted[k]);
    testudo_i_sum_add(&excess, sorted[k] - m.least);
    testudo_i_sum_add(&log_excess, log_ratio(sorted[k], m.least));
  }
  m.mean = testudo_i_sum_value(&all) / m.n;
  m.excess = testudo_i_sum_value(&excess) / m.n;
  m.log_excess = testudo_i_sum_value(&log_excess) / m.n;
  m.log_mean = log(m.least) + m.log_excess;
  for (int64_t k = 0; k < count; k++) {
    double away = log_ratio(sorted[k], m.least) - m.log_excess;
    testudo_i_sum_add(&square, away * away);
  }
  m.log_deviation = sqrt(testudo_i_sum_value(&square) / m.n);
  return m;
}

static void rate(testudo_fit_model *model, int32_t parameters, double log_likelihood, double n)
{
  model->parameters = parameters;
  model->log_likelihood = log_likelihood;
  model->aic = 2.0 * parameters - 2.0 * log_likelihood;
  model->bic = parameters * log(n) - 2.0 * log_likelihood;
}

static void name_law(testudo_fit_model *model, const char *law, int numbers, double a, double b)
{
  char first[TESTUDO_I_REAL_ROOM], second[TESTUDO_I_REAL_ROOM];
  testudo_i_format_real(a, first);
  testudo_i_format_real(b, second);
  if (numbers == 1)
    snprintf(model->law, sizeof model->law, "%s:%.30s", law, first);
  else
    snprintf(model->law, sizeof model->law, "%s:%.30s,%.30s", law, first, second);
}

static void fit_all(const moments *m, testudo_fit_model model[MODELS])
{
  double rate_exp = 1.0 / m->mean, rate_shifted = 1.0 / m->excess, alpha = 1.0 / m->log_excess;
  name_law(&model[0], "exp", 1, rate_exp, 0);
  rate(&model[0], 1, m->n * (log(rate_exp) - 1.0), m->n);
  name_law(&model[1], "shifted-exp", 2, m->least, rate_shifted);
  rate(&model[1], 2, m->n * (log(rate_shifted) - 1.0), m->n);
  name_law(&model[2], "lognormal", 2, m->log_mean, m->log_deviation);
  rate(&model[2], 2, -m->n * (log(m->log_deviation) + 0.5 * log_two_pi + 0.5 + m->log_mean), m->n);
  name_law(&model[3], "pareto", 2, m->least, alpha);
  rate(&model[3], 2, m->n * (log(alpha) - log(m->least) - (1.0 + alpha) / alpha), m->n);
}

/* P(sup |F_n - F| > ks), Kolmogorov's series with Stephens' correction for finite n (J. R. Statist. Soc. B,
   1970). */
double testudo_i_kolmogorov_p(double ks, double n)
{
  double x = ks * (sqrt(n) + 0.12 + 0.11 / sqrt(n));
  if (x < 0.3)
    return 1.0; /* the complement is under 1e-5 */
  double sum = 0.0;
  for (int k = 1; k <= 100; k++) {
    double term = exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18)
      break;
  }
  return fmin(1.0, fmax(0.0, 2.0 * sum));
}

/* The Kolmogorov-Smirnov distance of ascending samples to a continuous law. */
static double kolmogorov_distance(const testudo_law *law, const double *sorted, int64_t count)
{
  double worst = 0.0;
  for (int64_t k = 0; k < count; k++) {
    double below = 1.0 - testudo_law_survival(law, sorted[k]);
    worst = fmax(worst, fmax((double)(k + 1) / (double)count - below, below - (double)k / (double)count));
  }
  return worst;
}

/* Drops the models whose parameters are out of the range of laws (samples of 1e-100 or 1e100 seconds). */
static testudo_status measure_distances(testudo_fit *fit, testudo_error *error)
{
  size_t kept = 0;
  for (size_t k = 0; k < fit->models; k++) {
    testudo_fit_model model = fit->model[k];
    testudo_law *law;
    testudo_status status = testudo_law_parse(model.law, &law, error);
    if (status == TESTUDO_ERROR_ARGUMENT)
      continue;
    if (status != TESTUDO_OK)
      return status;
    model.ks = kolmogorov_distance(law, fit->sorted, fit->samples);
    model.ks_p = testudo_i_kolmogorov_p(model.ks, (double)fit->samples);
    testudo_law_free(law);
    fit->model[kept++] = model;
  }
  fit->models = kept;
  return kept > 0 ? TESTUDO_OK
                  : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                   "the times fit no law: every parameter is out of its range");
}

static int by_bic(const void *a, const void *b)
{
  const testudo_fit_model *x = a, *y = b;
  return x->bic != y->bic ? TESTUDO_I_COMPARE(x->bic, y->bic) : strcmp(x->law, y->law);
}

/* A single value has no density to fit. */
static void fit_constant(testudo_fit *fit)
{
  testudo_fit_model *model = &fit->model[0];
  name_law(model, "deterministic", 1, fit->sorted[0], 0);
  rate(model, 1, HUGE_VAL, (double)fit->samples);
  model->ks = 0.0;
  model->ks_p = 1.0;
  fit->models = 1;
}

static testudo_status fit_samples(testudo_fit *fit, testudo_error *error)
{
  if (fit->sorted[0] == fit->sorted[fit->samples - 1]) {
    fit_constant(fit);
    return TESTUDO_OK;
  }
  moments m = moments_of(fit->sorted, fit->samples);
  fit_all(&m, fit->model);
  fit->models = MODELS;
  TESTUDO_I_TRY(measure_distances(fit, error));
  qsort(fit->model, fit->models, sizeof *fit->model, by_bic);
  return TESTUDO_OK;
}

static testudo_status fill_structure(testudo_fit *fit, const testudo_i_trace *trace, testudo_error *error)
{
  testudo_i_correlation chunks;
  testudo_structure structure;
  TESTUDO_I_TRY(testudo_i_trace_correlation(trace, &chunks, error));
  fit->icc = chunks.icc;
  fit->icc_low = chunks.low;
  fit->icc_high = chunks.high;
  fit->phases = trace->phases;
  if (testudo_i_correlation_structure(&chunks, &structure))
    fit->structure = testudo_i_structure_names[structure];
  return TESTUDO_OK;
}

static testudo_status fill_fit(testudo_fit *fit, const testudo_i_trace *trace, testudo_error *error)
{
  fit->sorted = testudo_i_alloc((size_t)trace->rows, sizeof *fit->sorted);
  fit->model = testudo_i_calloc(MODELS, sizeof *fit->model);
  TESTUDO_I_TRY(testudo_i_memory_check(fit->sorted != NULL && fit->model != NULL, error));
  fit->samples = trace->rows;
  testudo_i_trace_describe(trace, fit->columns, sizeof fit->columns);
  memcpy(fit->sorted, trace->seconds, (size_t)trace->rows * sizeof *fit->sorted);
  qsort(fit->sorted, (size_t)fit->samples, sizeof *fit->sorted, testudo_i_ascending_reals);
  TESTUDO_I_TRY(testudo_i_trace_spread(trace, fit, error));
  TESTUDO_I_TRY(fill_structure(fit, trace, error));
  return fit_samples(fit, error);
}

testudo_status testudo_fit_trace(const char *path, const testudo_trace_options *reading, testudo_fit **fit,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  *fit = NULL;
  TESTUDO_I_TRY(testudo_i_trace_read_as(path, reading, &trace, error));
  testudo_fit *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(fill_fit(made, &trace, error), made, testudo_fit_free, fit);
}

void testudo_fit_free(testudo_fit *fit)
{
  if (fit == NULL)
    return;
  free(fit->sorted);
  free(fit->model);
  free(fit);
}
