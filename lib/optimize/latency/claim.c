/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of a mean, a quantile, an error or a deadline under a delay model: writing them, proving them again. */
#include "optimize/latency/claim.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "delay/delay_json.h"
#include "optimize/latency/objective.h"

#define HOLDS_TO 1e-6

static const char *const metrics[] = {
    [TESTUDO_OBJECTIVE_Q_MAX] = "", /* has claims of its own */
    [TESTUDO_OBJECTIVE_MEAN] = "latency_mean",
    [TESTUDO_OBJECTIVE_QUANTILE] = "latency_quantile",
    [TESTUDO_OBJECTIVE_MSE] = "expected_error",
    [TESTUDO_OBJECTIVE_OVERLAP] = "", [TESTUDO_OBJECTIVE_COST] = "", /* are claimed with placements */
    [TESTUDO_OBJECTIVE_DEADLINE] = "late_probability",
    [TESTUDO_OBJECTIVE_PRICED] = "", /* is never exact */
};

/* ---- claiming ---- */

static void put_objective(testudo_i_json_writer *writer, const testudo_latency_goal *goal, double value)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", metrics[goal->objective.kind]);
  testudo_i_json_put_real(writer, "value", value);
  testudo_i_delay_put_members(writer, goal->model);
  if (goal->objective.kind != TESTUDO_OBJECTIVE_MEAN)
    testudo_i_json_put_real(writer, "at", goal->objective.at);
  testudo_i_json_close_object(writer);
}

testudo_status testudo_search_claim_latency(testudo_design *design, const testudo_latency_goal *goal,
                                            const testudo_search_result *result, testudo_error *error)
{
  if (result->after_stderr > 0 || !isfinite(result->after) ||
      testudo_i_delay_names_file(goal->model) || goal->model->domain != NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory claim = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&claim, error));
  put_objective(&claim.writer, goal, result->after);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&claim, error));
  return testudo_i_design_add_claim(design, claim.text, error);
}

/* ---- proving ---- */

/* Measured again, exactly or not at all. */
static testudo_status measure_claim(const testudo_i_goal *goal, const testudo_i_claim_item *item, testudo_claim *claim)
{
  testudo_i_measure found;
  testudo_error own = {""};
  testudo_status status = testudo_i_goal_measure(goal, item->design, &found, &own);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return testudo_i_fail(item->at.error, TESTUDO_ERROR_INPUT, "%s: %s: %s", testudo_i_json_name(item->at.document),
                          item->at.place, own.text);
  if (status != TESTUDO_OK)
    return testudo_i_fail(item->at.error, status, "%s", own.text);
  claim->found = found.exact ? found.value : NAN;
  claim->holds = fabs(claim->found - claim->claimed) <= HOLDS_TO * fabs(claim->claimed);
  return TESTUDO_OK;
}

testudo_status testudo_i_prove_latency(const testudo_i_claim_item *item, const testudo_monitor *monitor,
                                       testudo_claim *claim)
{
  TESTUDO_I_HELD(testudo_i_delay_terms_clear) testudo_i_delay_terms terms = {0};
  testudo_i_goal goal = {.model = &terms.model, .report = TESTUDO_REPORT_CHUNK, .monitor = monitor,
                         .exact_only = true, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  while (strcmp(metrics[goal.objective.kind], claim->metric) != 0)
    goal.objective.kind++;
  TESTUDO_I_TRY(testudo_i_delay_read_members(&item->at, testudo_design_workers(item->design), &terms));
  if (!terms.structured)
    return testudo_i_json_refuse(&item->at, "structure: missing");
  TESTUDO_I_TRY(testudo_i_json_take_number(&item->at, "at", NAN, &goal.objective.at));
  return measure_claim(&goal, item, claim);
}
