/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the terms of a delay model in range, and do they go together? */

#include "base/error.h"
#include "delay/model.h"
#include "delay/number.h"

static testudo_status check_rate(const char *what, int32_t index, double rate, testudo_error *error)
{
  if (rate >= TESTUDO_I_LEAST && rate <= TESTUDO_I_MOST)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s %d is %g, but rates are from %g to %g", what, (int)index,
                        rate, TESTUDO_I_LEAST, TESTUDO_I_MOST);
}

static testudo_status check_rates(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  if (model->rates == NULL)
    return TESTUDO_OK;
  if (model->workers != workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d rates, but the design has %d workers",
                          (int)model->workers, (int)workers);
  for (int32_t j = 0; j < workers; j++)
    TESTUDO_I_TRY(check_rate("rate", j, model->rates[j], error));
  return TESTUDO_OK;
}

static testudo_status check_classes(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  int64_t sum = 0;
  if (model->classes == NULL)
    return TESTUDO_OK;
  if (model->rates != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rates and classes of workers exclude each other");
  for (int32_t c = 0; c < model->class_count; c++) {
    if (model->classes[c].workers < 1)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "class %d has %d workers, but at least 1 is needed", (int)c,
                            (int)model->classes[c].workers);
    TESTUDO_I_TRY(check_rate("the rate of class", c, model->classes[c].rate, error));
    sum += model->classes[c].workers;
  }
  if (sum != workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the classes have %lld workers together, but the design has %d", (long long)sum,
                          (int)workers);
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

static testudo_status check_seconds(const char *what, double seconds, testudo_error *error)
{
  if (seconds >= 0.0 && seconds <= TESTUDO_I_MOST)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s is %g, but it is from 0 to %g seconds", what, seconds,
                        TESTUDO_I_MOST);
}

static testudo_status check_slow_state(const testudo_slow_state *slow, testudo_error *error)
{
  if (slow->factor == 0.0)
    return TESTUDO_OK;
  if (!(slow->begin > 0.0 && slow->begin <= 1.0 && slow->end > 0.0 && slow->end <= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the probabilities of becoming slow and normal are %g and %g, but they are above 0 and at "
                          "most 1",
                          slow->begin, slow->end);
  if (!(slow->factor > 1.0 && slow->factor <= TESTUDO_I_MOST))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the factor of slow workers is %g, but it is above 1",
                          slow->factor);
  return TESTUDO_OK;
}

static testudo_status check_domains(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  if (model->domain == NULL && model->domain_factor == NULL)
    return TESTUDO_OK;
  if (model->domain == NULL || model->domain_factor == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "failure domains and the law of their factor go together");
  for (int32_t j = 0; j < workers; j++)
    if (model->domain[j] < 0 || model->domain[j] >= model->domains)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d is in domain %d, but domains are 0..%d", (int)j,
                            (int)model->domain[j], (int)model->domains - 1);
  return TESTUDO_OK;
}

/* A replay has measured what laws, structures and rates say. */
static testudo_status check_replay(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  if (model->rates != NULL || model->classes != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a replay excludes rates and classes: the speed of each worker is in the measured times");
  if (model->structure != TESTUDO_STRUCTURE_SCALED || model->chunk_law != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a replay excludes a structure: every chunk has its own measured time");
  if (model->slow.factor != 0.0 || model->domain_factor != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a replay excludes slow states and factors of domains: both are in the measured times");
  if (model->overhead != 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a replay excludes an overhead per chunk: it is in the measured times");
  if (testudo_replay_workers(model->replay) < workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the replay has %d workers, but the design has %d",
                          (int)testudo_replay_workers(model->replay), (int)workers);
  return TESTUDO_OK;
}

static testudo_status check_structure(const testudo_delay_model *model, testudo_error *error)
{
  if (model->replay != NULL)
    return TESTUDO_OK;
  if (model->law == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the delay model has no law");
  if (model->structure != TESTUDO_STRUCTURE_SCALED && model->structure != TESTUDO_STRUCTURE_ADDITIVE &&
      model->structure != TESTUDO_STRUCTURE_MIXED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "unknown structure %d; allowed are scaled, additive and mixed", (int)model->structure);
  if ((model->structure == TESTUDO_STRUCTURE_MIXED) != (model->chunk_law != NULL))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "structure mixed and the law of a chunk's own factor go together");
  return TESTUDO_OK;
}

testudo_status testudo_delay_check(const testudo_delay_model *model, int32_t workers, testudo_error *error)
{
  TESTUDO_I_TRY(check_structure(model, error));
  if (model->unit != TESTUDO_UNIT_CHUNK && model->unit != TESTUDO_UNIT_SHARE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown unit %d; allowed are chunk and share",
                          (int)model->unit);
  TESTUDO_I_TRY(check_rates(model, workers, error));
  TESTUDO_I_TRY(check_classes(model, workers, error));
  TESTUDO_I_TRY(check_seconds("the overhead of a chunk", model->overhead, error));
  TESTUDO_I_TRY(check_seconds("the time of a signal", model->signal, error));
  TESTUDO_I_TRY(check_slow_state(&model->slow, error));
  TESTUDO_I_TRY(check_domains(model, workers, error));
  if (model->replay != NULL)
    TESTUDO_I_TRY(check_replay(model, workers, error));
  return check_failures(model, workers, error);
}
