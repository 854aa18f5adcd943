/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/laws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/number.h"
#include "fit/laws/bootstrap.h"

/* Refuted: a law whose rows would hardly ever be as far from it, if that distance matters. */
#define UNLIKELY 0.01
#define MATTERS 0.03

/* Fewer rows fit no family of more than two parameters. */
#define ROWS_PER_PARAMETER 10.0

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

testudo_status testudo_i_fit_family_model(const testudo_i_fit_family *family, testudo_i_fit_rows *rows,
                                          const testudo_i_fit_samples *samples, const testudo_i_fit_effort *effort,
                                          testudo_fit_model *model, bool *found, testudo_error *error)
{
  *model = (testudo_fit_model){.parameters = family->parameters, .ks_p = NAN, .ad_p = NAN};
  *found = false;
  if (family->parameters > 2 && rows->ended < ROWS_PER_PARAMETER * family->parameters)
    return TESTUDO_OK;
  if (!testudo_i_fit_family_estimate(family, rows, model->number, false))
    return TESTUDO_OK;
  testudo_i_fit_family_text(family, model->number, model->law, sizeof model->law);
  testudo_law *law;
  testudo_error own = {""};
  testudo_status status = testudo_law_parse(model->law, &law, &own);
  if (status != TESTUDO_OK)
    return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : testudo_i_fail(error, status, "%s", own.text);
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

/* BIC charges a parameter as if twice the gain of a needless one was chi^2 of one degree. That of a start is of two;
   and a needless second part finds some cluster of rows. So a start is charged twice, and a mixture must be better by
   what counts as very strong evidence (docs/theory/fitting.md#which-law-is-best). */
#define VERY_STRONG 10.0

double testudo_i_fit_charge(const testudo_fit_model *model, double n)
{
  bool starts = strncmp(model->law, "shift", 5) == 0 || strncmp(model->law, "pareto", 6) == 0;
  return model->bic + (starts ? log(n) : 0.0) + (strncmp(model->law, "mixture", 7) == 0 ? VERY_STRONG : 0.0);
}

static void rank_models(testudo_fit_model *model, size_t models, double n)
{
  for (size_t k = 1; k < models; k++)
    for (size_t i = k; i > 0 && testudo_i_fit_charge(&model[i], n) < testudo_i_fit_charge(&model[i - 1], n); i--) {
      testudo_fit_model kept = model[i];
      model[i] = model[i - 1];
      model[i - 1] = kept;
    }
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
    TESTUDO_I_TRY(testudo_i_fit_family_model(&testudo_i_fit_families[k], &rows, samples, effort, &model[*models],
                                             &found, error));
    *models += found;
    if (testudo_i_stopped(effort->monitor, (double)(k + 1) / (double)testudo_i_fit_family_count))
      return TESTUDO_INTERRUPTED;
  }
  rank_models(model, *models, (double)count);
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
  bool constant = samples->exact[0] == samples->exact[samples->exacts - 1];
  if (constant) {
    fit_constant(made, samples->exact[0], (double)(samples->exacts + samples->censored));
    *models = 1;
  }
  TESTUDO_I_HAND_OVER(constant ? TESTUDO_OK : fit_families(samples, effort, made, models, error), made, free, model);
}
