/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "optimize/latency/claim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "designfile/claims.h"
#include "json/write.h"

#define HOLDS_TO 1e-6

static const char *const metrics[] = {
    [TESTUDO_OBJECTIVE_Q_MAX] = "", /* has claims of its own */
    [TESTUDO_OBJECTIVE_MEAN] = "latency_mean",
    [TESTUDO_OBJECTIVE_QUANTILE] = "latency_quantile",
    [TESTUDO_OBJECTIVE_MSE] = "expected_error",
};

bool testudo_i_is_latency_claim(const char *metric)
{
  for (size_t k = TESTUDO_OBJECTIVE_MEAN; k < sizeof metrics / sizeof *metrics; k++)
    if (strcmp(metrics[k], metric) == 0)
      return true;
  return false;
}

/* A trace, or a delay file, anywhere in the text. */
static bool names_a_file(const char *law)
{
  return strchr(law, '@') != NULL || strstr(law, "trace:") != NULL;
}

/* ---- claiming ---- */

static void put(testudo_i_json_writer *writer, const testudo_latency_goal *goal, double value)
{
  const testudo_delay_model *model = goal->model;
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", metrics[goal->objective.kind]);
  testudo_i_json_put_real(writer, "value", value);
  testudo_i_json_put_string(writer, "law", testudo_law_named(model->law));
  testudo_i_json_put_string(writer, "structure", model->structure == TESTUDO_STRUCTURE_SCALED ? "scaled" : "additive");
  if (model->rates != NULL)
    testudo_i_json_put_reals(writer, "rates", model->rates, (size_t)model->workers);
  if (model->failures == TESTUDO_FAILURES_EXACTLY)
    testudo_i_json_put_integer(writer, "failed", model->failed);
  if (model->failures == TESTUDO_FAILURES_EACH)
    testudo_i_json_put_real(writer, "fail_prob", model->fail_prob);
  if (goal->objective.kind != TESTUDO_OBJECTIVE_MEAN)
    testudo_i_json_put_real(writer, "at", goal->objective.at);
  testudo_i_json_close_object(writer);
}

testudo_status testudo_search_claim_latency(testudo_design *design, const testudo_latency_goal *goal,
                                            const testudo_search_result *result, testudo_error *error)
{
  if (result->after_stderr > 0 || !isfinite(result->after) || names_a_file(testudo_law_named(goal->model->law)))
    return TESTUDO_OK;
  char *text = NULL;
  size_t length;
  FILE *stream = open_memstream(&text, &length);
  if (stream == NULL)
    return testudo_i_fail_memory(error);
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  put(&writer, goal, result->after);
  testudo_status status = fclose(stream) != 0 || writer.failed ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = testudo_i_design_add_claim(design, text, error);
  free(text);
  return status;
}

/* ---- proving ---- */

typedef struct claimed_model {
  testudo_law *law;
  double *rates;
  testudo_delay_model model;
  testudo_objective objective;
} claimed_model;

static testudo_status wrong(const testudo_i_json_document *document, const char *place, const char *what,
                            testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.%s", testudo_i_json_name(document), place, what);
}

/* A number where the member stands, else `otherwise`. */
static testudo_status take_number(const testudo_i_json_document *document, const testudo_i_json_value *item,
                                  const char *place, const char *key, double otherwise, double *number,
                                  testudo_error *error)
{
  const testudo_i_json_value *value = testudo_i_json_member(item, key);
  testudo_i_json_kind kind = value == NULL ? TESTUDO_I_JSON_REAL : testudo_i_json_kind_of(value);
  *number = otherwise;
  if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.%s: must be a number", testudo_i_json_name(document),
                          place, key);
  if (value != NULL)
    *number = testudo_i_json_number(value);
  return TESTUDO_OK;
}

static testudo_status take_rates(claimed_model *claimed, const testudo_design *design,
                                 const testudo_i_json_document *document, const testudo_i_json_value *item,
                                 const char *place, testudo_error *error)
{
  const testudo_i_json_value *list = testudo_i_json_member(item, "rates");
  int32_t workers = testudo_design_workers(design);
  if (list == NULL)
    return TESTUDO_OK;
  if (testudo_i_json_kind_of(list) != TESTUDO_I_JSON_ARRAY || testudo_i_json_size(list) != (size_t)workers)
    return wrong(document, place, "rates: must be a list of one number a worker", error);
  claimed->rates = testudo_i_alloc((size_t)workers, sizeof *claimed->rates);
  if (claimed->rates == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t j = 0; j < workers; j++) {
    const testudo_i_json_value *rate = testudo_i_json_item(list, (size_t)j);
    testudo_i_json_kind kind = testudo_i_json_kind_of(rate);
    if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
      return wrong(document, place, "rates: must be a list of one number a worker", error);
    claimed->rates[j] = testudo_i_json_number(rate);
  }
  claimed->model.rates = claimed->rates;
  claimed->model.workers = workers;
  return TESTUDO_OK;
}

static testudo_status take_failures(claimed_model *claimed, const testudo_design *design,
                                    const testudo_i_json_document *document, const testudo_i_json_value *item,
                                    const char *place, testudo_error *error)
{
  int64_t failed = 0;
  double prob;
  testudo_status status = take_number(document, item, place, "fail_prob", 0, &prob, error);
  if (status == TESTUDO_OK && testudo_i_json_member(item, "failed") != NULL)
    status = testudo_i_json_want_integer(document, item, place, "failed", 0, testudo_design_workers(design), &failed,
                                         error);
  claimed->model.failed = (int32_t)failed;
  claimed->model.fail_prob = prob;
  claimed->model.failures = failed > 0  ? TESTUDO_FAILURES_EXACTLY
                            : prob != 0 ? TESTUDO_FAILURES_EACH
                                        : TESTUDO_FAILURES_NONE;
  return status;
}

static testudo_status take_law(claimed_model *claimed, const testudo_i_json_document *document,
                               const testudo_i_json_value *item, const char *place, testudo_error *error)
{
  const char *law, *structure;
  testudo_status status = testudo_i_json_want_string(document, item, place, "law", &law, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_string(document, item, place, "structure", &structure, error);
  if (status != TESTUDO_OK)
    return status;
  if (names_a_file(law))
    return wrong(document, place, "law: names a file, which claims do not", error);
  if (strcmp(structure, "scaled") != 0 && strcmp(structure, "additive") != 0)
    return wrong(document, place, "structure: is neither scaled nor additive", error);
  claimed->model.structure =
      strcmp(structure, "scaled") == 0 ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
  testudo_error own = {""};
  if (testudo_law_parse(law, &claimed->law, &own) != TESTUDO_OK)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.law: %s", testudo_i_json_name(document), place,
                          own.text);
  claimed->model.law = claimed->law;
  return TESTUDO_OK;
}

static testudo_status take_claim(claimed_model *claimed, const testudo_design *design,
                                 const testudo_i_json_document *document, const testudo_i_json_value *item,
                                 const char *place, const char *metric, testudo_error *error)
{
  int kind = TESTUDO_OBJECTIVE_MEAN;
  while (strcmp(metrics[kind], metric) != 0)
    kind++;
  claimed->objective.kind = (testudo_objective_kind)kind;
  testudo_status status = take_law(claimed, document, item, place, error);
  if (status == TESTUDO_OK)
    status = take_rates(claimed, design, document, item, place, error);
  if (status == TESTUDO_OK)
    status = take_failures(claimed, design, document, item, place, error);
  if (status == TESTUDO_OK)
    status = take_number(document, item, place, "at", NAN, &claimed->objective.at, error);
  return status;
}

static testudo_status measure(const claimed_model *claimed, const testudo_design *design,
                              const testudo_i_json_document *document, const char *place,
                              const testudo_monitor *monitor, testudo_claim *claim, testudo_error *error)
{
  testudo_i_goal goal = {.objective = claimed->objective, .model = &claimed->model, .report = TESTUDO_REPORT_CHUNK,
                         .monitor = monitor, .exact_only = true};
  testudo_i_measure found;
  testudo_error own = {""};
  testudo_status status = testudo_i_goal_measure(&goal, design, &found, &own);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: %s", testudo_i_json_name(document), place, own.text);
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "%s", own.text);
  claim->found = found.exact ? found.value : NAN;
  claim->holds = fabs(claim->found - claim->claimed) <= HOLDS_TO * fabs(claim->claimed);
  return TESTUDO_OK;
}

testudo_status testudo_i_prove_latency(const testudo_design *design, const testudo_i_json_document *document,
                                       const testudo_i_json_value *item, const char *place,
                                       const testudo_monitor *monitor, testudo_claim *claim, testudo_error *error)
{
  claimed_model claimed = {.law = NULL};
  testudo_status status = take_claim(&claimed, design, document, item, place, claim->metric, error);
  if (status == TESTUDO_OK)
    status = measure(&claimed, design, document, place, monitor, claim, error);
  testudo_law_free(claimed.law);
  free(claimed.rates);
  return status;
}
