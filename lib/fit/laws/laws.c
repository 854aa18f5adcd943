/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/laws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/number.h"
#include "fit/laws/bootstrap.h"

/* Refuted: a law whose rows would hardly ever be as far from it, if that distance matters. */
#define UNLIKELY 0.01
#define MATTERS 0.03

static const testudo_i_fit_effort no_effort_named = {.resamples = 0};

/* A single value has no density to fit. */
static void fit_constant(testudo_fit_model *model, double value, double n)
{
  char text[TESTUDO_I_REAL_ROOM];
  testudo_i_format_real(value, text);
  *model = (testudo_fit_model){.parameters = 1, .log_likelihood = HUGE_VAL, .ks_p = 1.0, .ad_p = 1.0,
                               .tail_index = HUGE_VAL, .number = {value}};
  snprintf(model->law, sizeof model->law, "deterministic:%s", text);
  for (int k = 0; k < TESTUDO_I_FIT_NUMBERS; k++)
    model->standard_error[k] = NAN;
  model->aic = 2.0 - 2.0 * model->log_likelihood;
  model->bic = log(n) - 2.0 * model->log_likelihood;
}

/* False: the family is left out. */
static testudo_status fit_family(const testudo_i_fit_family *family, testudo_i_fit_rows *rows,
                                 const testudo_i_fit_samples *samples, const testudo_i_fit_effort *effort,
                                 testudo_fit_model *model, bool *found, testudo_error *error)
{
  *model = (testudo_fit_model){.parameters = family->parameters, .ks_p = NAN, .ad_p = NAN};
  *found = false;
  if (!testudo_i_fit_family_estimate(family, rows, model->number, false))
    return TESTUDO_OK;
  testudo_i_fit_family_text(family, model->number, model->law, sizeof model->law);
  testudo_law *law;
  testudo_status status = testudo_law_parse(model->law, &law, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  model->tail_index = testudo_i_law_tail_index(law);
  testudo_law_free(law);
  double n = (double)(samples->exacts + samples->censored);
  model->log_likelihood = testudo_i_fit_family_likelihood(family, model->number, rows);
  model->aic = 2.0 * family->parameters - 2.0 * model->log_likelihood;
  model->bic = family->parameters * log(n) - 2.0 * model->log_likelihood;
  testudo_i_fit_family_errors(family, model->number, rows, model->standard_error);
  testudo_i_fit_distances distances = testudo_i_fit_distance(family, model->number, samples);
  model->ks = distances.ks;
  model->ad = distances.ad;
  *found = true;
  if (effort->resamples >= 0)
    TESTUDO_I_TRY(testudo_i_fit_bootstrap(family, model->number, samples, effort, model, error));
  model->refuted = model->ks_p < UNLIKELY && model->ks > MATTERS;
  return TESTUDO_OK;
}

static int by_bic(const void *a, const void *b)
{
  const testudo_fit_model *x = a, *y = b;
  return x->bic != y->bic ? TESTUDO_I_COMPARE(x->bic, y->bic) : strcmp(x->law, y->law);
}

static testudo_status fit_families(const testudo_i_fit_samples *samples, const testudo_i_fit_effort *effort,
                                   testudo_fit_model *model, size_t *models, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_fit_rows_clear) testudo_i_fit_rows rows = {.room = 0};
  int64_t count = samples->exacts + samples->censored;
  TESTUDO_I_TRY(
      testudo_i_fit_rows_make(&rows, count < TESTUDO_I_FIT_GROUPS ? count : TESTUDO_I_FIT_GROUPS, error));
  testudo_i_fit_rows_fill(&rows, samples);
  for (size_t k = 0; k < testudo_i_fit_family_count; k++) {
    bool found;
    TESTUDO_I_TRY(fit_family(&testudo_i_fit_families[k], &rows, samples, effort, &model[*models], &found, error));
    *models += found;
    if (testudo_i_stopped(effort->monitor, (double)(k + 1) / (double)testudo_i_fit_family_count))
      return TESTUDO_INTERRUPTED;
  }
  qsort(model, *models, sizeof *model, by_bic);
  return *models > 0 ? TESTUDO_OK
                     : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                      "the times fit no law: every parameter is out of its range");
}

testudo_status testudo_i_fit_laws(const testudo_i_fit_samples *samples, const testudo_i_fit_effort *effort,
                                  testudo_fit_model **model, size_t *models, testudo_error *error)
{
  *model = NULL;
  *models = 0;
  testudo_fit_model *made = testudo_i_calloc(testudo_i_fit_family_count, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  testudo_status status = TESTUDO_OK;
  if (samples->exact[0] == samples->exact[samples->exacts - 1]) {
    fit_constant(made, samples->exact[0], (double)(samples->exacts + samples->censored));
    *models = 1;
  } else {
    status = fit_families(samples, effort == NULL ? &no_effort_named : effort, made, models, error);
  }
  if (status == TESTUDO_OK)
    *model = made;
  else
    free(made);
  return status;
}
