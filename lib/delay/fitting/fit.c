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
#include "base/sum.h"
#include "delay/fitting/fit.h"
#include "delay/model.h"

#define MODELS 4

static const double log_two_pi = 1.83787706640934548356;

/* The moments every fit needs. */
typedef struct moments {
  double n, least, mean, log_mean, log_deviation;
} moments;

static double mean_of(const double *value, int64_t count, double (*map)(double))
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&sum, map == NULL ? value[k] : map(value[k]));
  return testudo_i_sum_value(&sum) / (double)count;
}

static moments moments_of(const double *sorted, int64_t count)
{
  moments m = {.n = (double)count, .least = sorted[0]};
  m.mean = mean_of(sorted, count, NULL);
  m.log_mean = mean_of(sorted, count, log);
  testudo_i_sum square = {0, 0};
  for (int64_t k = 0; k < count; k++) {
    double away = log(sorted[k]) - m.log_mean;
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

static void fit_all(const moments *m, testudo_fit_model model[MODELS])
{
  double rate_exp = 1.0 / m->mean;
  snprintf(model[0].law, sizeof model[0].law, "exp:%.17g", rate_exp);
  rate(&model[0], 1, m->n * (log(rate_exp) - 1.0), m->n);

  double rate_shifted = 1.0 / (m->mean - m->least);
  snprintf(model[1].law, sizeof model[1].law, "shifted-exp:%.17g,%.17g", m->least, rate_shifted);
  rate(&model[1], 2, m->n * (log(rate_shifted) - 1.0), m->n);

  snprintf(model[2].law, sizeof model[2].law, "lognormal:%.17g,%.17g", m->log_mean, m->log_deviation);
  rate(&model[2], 2, -m->n * (log(m->log_deviation) + 0.5 * log_two_pi + 0.5 + m->log_mean), m->n);

  double alpha = 1.0 / (m->log_mean - log(m->least));
  snprintf(model[3].law, sizeof model[3].law, "pareto:%.17g,%.17g", m->least, alpha);
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

double testudo_i_kolmogorov_distance(const testudo_law *law, const double *sorted, int64_t count)
{
  double worst = 0.0;
  for (int64_t k = 0; k < count; k++) {
    double below = 1.0 - testudo_law_survival(law, sorted[k]);
    worst = fmax(worst, fmax((double)(k + 1) / (double)count - below, below - (double)k / (double)count));
  }
  return worst;
}

static testudo_status measure_distances(testudo_fit *fit, testudo_error *error)
{
  for (size_t k = 0; k < fit->models; k++) {
    testudo_fit_model *model = &fit->model[k];
    testudo_law *law;
    testudo_status status = testudo_law_parse(model->law, &law, error);
    if (status != TESTUDO_OK)
      return status;
    model->ks = testudo_i_kolmogorov_distance(law, fit->sorted, fit->samples);
    model->ks_p = testudo_i_kolmogorov_p(model->ks, (double)fit->samples);
    testudo_law_free(law);
  }
  return TESTUDO_OK;
}

static int by_bic(const void *a, const void *b)
{
  double x = ((const testudo_fit_model *)a)->bic, y = ((const testudo_fit_model *)b)->bic;
  return (x > y) - (x < y);
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* A single value has no density to fit. */
static void fit_constant(testudo_fit *fit)
{
  testudo_fit_model *model = &fit->model[0];
  snprintf(model->law, sizeof model->law, "deterministic:%.17g", fit->sorted[0]);
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
  testudo_status status = measure_distances(fit, error);
  if (status == TESTUDO_OK)
    qsort(fit->model, fit->models, sizeof *fit->model, by_bic);
  return status;
}

testudo_status testudo_fit_trace(const char *path, testudo_fit **fit, testudo_error *error)
{
  testudo_i_trace trace;
  *fit = NULL;
  testudo_status status = testudo_i_trace_read(path, &trace, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_fit *made = testudo_i_calloc(1, sizeof *made);
  if (made != NULL) {
    made->sorted = testudo_i_alloc((size_t)trace.rows, sizeof *made->sorted);
    made->model = testudo_i_calloc(MODELS, sizeof *made->model);
  }
  if (made == NULL || made->sorted == NULL || made->model == NULL) {
    status = testudo_i_fail_memory(error);
    goto done;
  }
  made->samples = trace.rows;
  memcpy(made->sorted, trace.seconds, (size_t)trace.rows * sizeof *made->sorted);
  qsort(made->sorted, (size_t)made->samples, sizeof *made->sorted, ascending);
  status = testudo_i_trace_spread(&trace, made, error);
  if (status == TESTUDO_OK)
    status = fit_samples(made, error);
done:
  testudo_i_trace_free(&trace);
  if (status != TESTUDO_OK) {
    testudo_fit_free(made);
    made = NULL;
  }
  *fit = made;
  return status;
}

void testudo_fit_free(testudo_fit *fit)
{
  if (fit == NULL)
    return;
  free(fit->sorted);
  free(fit->model);
  free(fit);
}
