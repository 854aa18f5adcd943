/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of C_{j,k}, the time at which a worker finishes its k-th chunk. */
#include "delay/model.h"

#include <math.h>

#include "base/error.h"
#include "delay/number.h"
#include "delay/sums.h"
#include "numeric/integrate.h"

static testudo_status check_rates(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  if (model->rates == NULL)
    return TESTUDO_OK;
  if (model->workers != workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d rates, but the design has %d workers",
                          (int)model->workers, (int)workers);
  for (int32_t j = 0; j < workers; j++)
    if (!(model->rates[j] >= TESTUDO_I_LEAST && model->rates[j] <= TESTUDO_I_MOST))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rate %d is %g, but rates are from %g to %g", (int)j,
                            model->rates[j], TESTUDO_I_LEAST, TESTUDO_I_MOST);
  return TESTUDO_OK;
}

static testudo_status check_failures(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  switch (model->failures) {
  case TESTUDO_FAILURES_NONE:
    return TESTUDO_OK;
  case TESTUDO_FAILURES_EXACTLY:
    if (model->failed >= 0 && model->failed <= workers)
      return TESTUDO_OK;
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d failed workers, but 0..%d can fail", (int)model->failed,
                          (int)workers);
  case TESTUDO_FAILURES_EACH:
    if (model->fail_prob >= 0.0 && model->fail_prob < 1.0)
      return TESTUDO_OK;
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "failure probability %g, but it is at least 0 and below 1",
                          model->fail_prob);
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown kind of failures %d", (int)model->failures);
}

testudo_status testudo_delay_check(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  if (model->law == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the delay model has no law");
  if (model->structure != TESTUDO_STRUCTURE_SCALED && model->structure != TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown structure %d: scaled or additive is wanted",
                          (int)model->structure);
  testudo_status status = check_rates(model, workers, error);
  return status != TESTUDO_OK ? status : check_failures(model, workers, error);
}

bool testudo_i_sums_are_closed(const testudo_delay_model *model)
{
  testudo_i_law_kind kind = model->law->kind;
  return model->structure == TESTUDO_STRUCTURE_SCALED || testudo_i_law_is_exponential(model->law) ||
         kind == TESTUDO_I_LAW_GAMMA || kind == TESTUDO_I_LAW_DETERMINISTIC;
}

testudo_status testudo_i_delay_complete(const testudo_delay_model *model, int32_t terms, testudo_delay_model *own,
                                        testudo_sums **made, testudo_error *error)
{
  *own = *model;
  *made = NULL;
  if (testudo_i_sums_are_closed(model) || terms < 1 ||
      (model->sums != NULL && testudo_i_sums_terms(model->sums) >= terms))
    return TESTUDO_OK;
  testudo_status status = testudo_i_sums_create(model->law, terms, made, error);
  own->sums = *made;
  return status;
}

/* Both sides by convolution; no number where it has not been made. */
static void summed_sides(const testudo_delay_model *model, double rate, int32_t k, double t, double *below,
                         double *above)
{
  *below = *above = NAN;
  if (model->sums != NULL && k <= testudo_i_sums_terms(model->sums))
    testudo_i_sums_sides(model->sums, k, t * rate, below, above);
}

/* For the laws shift + E / rate: how far t is beyond the shifts, in units of 1 / rate. */
static double beyond(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  const testudo_law *law = model->law;
  double shift = law->kind == TESTUDO_I_LAW_SHIFTED ? law->a : 0.0;
  double speed = law->kind == TESTUDO_I_LAW_SHIFTED ? law->b : law->a;
  double left = model->structure == TESTUDO_STRUCTURE_SCALED ? t * rate / k - shift : t * rate - k * shift;
  return left <= 0.0 ? 0.0 : speed * left;
}

double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  const testudo_law *law = model->law;
  if (k <= 0)
    return 0.0;
  if (testudo_i_law_is_discrete(law) && testudo_i_sums_are_closed(model)) {
    double below, above;
    testudo_i_discrete_sides(law, rate, k, t, &below, &above);
    return above;
  }
  if (law->kind == TESTUDO_I_LAW_GAMMA && model->structure == TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_gamma_survival(k * law->a, t * rate / law->b);
  if (!testudo_i_sums_are_closed(model)) {
    double below, above;
    summed_sides(model, rate, k, t, &below, &above);
    return above;
  }
  if (!testudo_i_law_is_exponential(law))
    return testudo_law_survival(law, t * rate / k);
  double x = beyond(model, rate, k, t);
  return model->structure == TESTUDO_STRUCTURE_SCALED ? exp(-x) : testudo_i_erlang_survival(k, x);
}

double testudo_i_delay_cdf(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  const testudo_law *law = model->law;
  if (k <= 0)
    return 1.0;
  if (testudo_i_law_is_discrete(law) && testudo_i_sums_are_closed(model)) {
    double below, above;
    testudo_i_discrete_sides(law, rate, k, t, &below, &above);
    return below;
  }
  if (law->kind == TESTUDO_I_LAW_GAMMA && model->structure == TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_gamma_cdf(k * law->a, t * rate / law->b);
  if (!testudo_i_sums_are_closed(model)) {
    double below, above;
    summed_sides(model, rate, k, t, &below, &above);
    return below;
  }
  if (!testudo_i_law_is_exponential(law))
    return testudo_i_law_cdf(law, t * rate / k);
  double x = beyond(model, rate, k, t);
  return model->structure == TESTUDO_STRUCTURE_SCALED ? -expm1(-x) : testudo_i_erlang_cdf(k, x);
}
