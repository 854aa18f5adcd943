/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of C_{j,k}, the time at which a worker finishes its k-th chunk. */
#include <math.h>

#include "base/error.h"
#include "delay/laws/table.h"
#include "delay/number.h"
#include "delay/sums.h"

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
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown structure %d; allowed are scaled and additive",
                          (int)model->structure);
  TESTUDO_I_TRY(check_rates(model, workers, error));
  return check_failures(model, workers, error);
}

testudo_status testudo_i_delay_complete(const testudo_i_delay *known, int32_t terms, testudo_i_delay *delay,
                                        testudo_sums **made, testudo_error *error)
{
  *delay = *known;
  *made = NULL;
  const testudo_i_law_row *row = known->model->law->row;
  bool closed = known->model->structure == TESTUDO_STRUCTURE_SCALED || row->sum != NULL || row->constant;
  if (closed || terms < 1 || (known->sums != NULL && testudo_i_sums_terms(known->sums) >= terms))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_sums_create(known->model->law, terms, made, error));
  delay->sums = *made;
  return TESTUDO_OK;
}

/* P(C_{j,k} > t) or P(C_{j,k} <= t), k >= 1. */
static double delay_side(const testudo_i_delay *delay, double rate, int32_t k, double t, bool above)
{
  const testudo_law *law = delay->model->law;
  bool scaled = delay->model->structure == TESTUDO_STRUCTURE_SCALED;
  double done = NAN, late = NAN; /* no number where sums have not been made */
  if (testudo_i_law_is_discrete(law) && (scaled || law->row->constant))
    testudo_i_discrete_sides(law, rate, k, t, &done, &late);
  else if (scaled)
    return testudo_i_law_side(law, t * rate / k, above);
  else if (law->row->sum != NULL)
    return law->row->sum(law, k, t * rate, above);
  else if (delay->sums != NULL && k <= testudo_i_sums_terms(delay->sums))
    testudo_i_sums_sides(delay->sums, k, t * rate, &done, &late);
  return above ? late : done;
}

double testudo_i_delay_survival(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 0.0 : delay_side(delay, rate, k, t, true);
}

double testudo_i_delay_cdf(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 1.0 : delay_side(delay, rate, k, t, false);
}

double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  return testudo_i_delay_survival(TESTUDO_I_ALONE(model), rate, k, t);
}
