/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of searches, and proving them again: one row of `provers` a metric. */
#include <testudo/code.h>
#include <testudo/optimize.h>
#include <testudo/trust.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "delay/delay_json.h"
#include "designfile/claims.h"
#include "optimize/latency/objective.h"
#include "optimize/qmax/types.h"
#include "runtime/design.h"

/* A latency that is measured again is the claimed one to this, relatively. */
#define HOLDS_TO 1e-6

/* What provers share while one design is proved. */
typedef struct proving {
  testudo_i_arena *arena;
  const testudo_monitor *monitor;
  int64_t *q_bound;        /* of each level up to the least replication, -1 until it is known */
} proving;

/* ---- q_max_bound ---- */

static testudo_status bound_q_max(const testudo_design *design, int32_t level, const testudo_monitor *monitor,
                                  int64_t *bound, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_types_free) testudo_i_types types = {0};
  testudo_i_qmax_limit limit;
  TESTUDO_I_TRY(testudo_i_types_make(design, level, &types, error));
  TESTUDO_I_TRY(testudo_i_types_limit(&types, monitor, &limit, error));
  if (limit.stopped)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted while proving a claim");
  *bound = types.loads - limit.need;
  return TESTUDO_OK;
}

/* Beyond the least replication, every order has the sum of the loads. */
static testudo_status find_q_bound(proving *proof, const testudo_design *design, int64_t level, int64_t *bound,
                                   testudo_error *error)
{
  int32_t least = testudo_design_min_replication(design);
  *bound = design->row[design->workers];
  if (level > least)
    return TESTUDO_OK;
  if (proof->q_bound == NULL) {
    proof->q_bound = testudo_i_arena_alloc(proof->arena, (size_t)least, sizeof *proof->q_bound);
    TESTUDO_I_TRY(testudo_i_arena_check(proof->arena, error));
    for (int32_t l = 0; l < least; l++)
      proof->q_bound[l] = -1;
  }
  if (proof->q_bound[level - 1] < 0)
    TESTUDO_I_TRY(bound_q_max(design, (int32_t)level, proof->monitor, &proof->q_bound[level - 1], error));
  *bound = proof->q_bound[level - 1];
  return TESTUDO_OK;
}

static testudo_status prove_q_bound(proving *proof, const testudo_i_claim_item *item, testudo_claim *claim)
{
  int64_t level, bound;
  TESTUDO_I_TRY(testudo_i_json_want_integer(&item->at, "level", 1, TESTUDO_MAX_WORKERS, &level));
  TESTUDO_I_TRY(find_q_bound(proof, item->design, level, &bound, item->at.error));
  claim->level = (int32_t)level;
  claim->found = (double)bound;
  claim->holds = claim->claimed <= claim->found;
  return TESTUDO_OK;
}

/* ---- exact objectives ---- */

/* Claims of exact objectives, which carry the delay model they speak of:
   {"metric":"latency_mean" | "latency_quantile" | "expected_error" | "late_probability", "value", "law", "structure",
   .. (the other members of delay/delay_json.h that are not the default), "at" (the quantile, or the deadline)}. */
static const char *const metrics[] = {
    [TESTUDO_OBJECTIVE_Q_MAX] = "", /* has claims of its own */
    [TESTUDO_OBJECTIVE_MEAN] = "latency_mean",
    [TESTUDO_OBJECTIVE_QUANTILE] = "latency_quantile",
    [TESTUDO_OBJECTIVE_MSE] = "expected_error",
    [TESTUDO_OBJECTIVE_OVERLAP] = "", [TESTUDO_OBJECTIVE_COST] = "", /* are claimed with placements */
    [TESTUDO_OBJECTIVE_DEADLINE] = "late_probability",
    [TESTUDO_OBJECTIVE_PRICED] = "", /* is never exact */
};

testudo_status testudo_search_claim_latency(testudo_design *design, const testudo_latency_goal *goal,
                                            const testudo_search_result *result, testudo_error *error)
{
  if (result->after_stderr > 0 || !isfinite(result->after) ||
      testudo_i_delay_names_file(goal->model) || goal->model->domain != NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory claim = {0};
  testudo_i_json_writer *writer = &claim.writer;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&claim, error));
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", metrics[goal->objective.kind]);
  testudo_i_json_put_real(writer, "value", result->after);
  testudo_i_delay_put_members(writer, goal->model);
  if (goal->objective.kind != TESTUDO_OBJECTIVE_MEAN)
    testudo_i_json_put_real(writer, "at", goal->objective.at);
  testudo_i_json_close_object(writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&claim, error));
  return testudo_i_design_add_claim(design, claim.text, error);
}

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

/* A law that names a file is refused: a design that is checked must not make the program read others. */
static testudo_status prove_latency(proving *proof, const testudo_i_claim_item *item, testudo_claim *claim)
{
  TESTUDO_I_HELD(testudo_i_delay_terms_clear) testudo_i_delay_terms terms = {0};
  testudo_i_goal goal = {.model = &terms.model, .report = TESTUDO_REPORT_CHUNK, .monitor = proof->monitor,
                         .exact_only = true, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  while (strcmp(metrics[goal.objective.kind], claim->metric) != 0)
    goal.objective.kind++;
  TESTUDO_I_TRY(testudo_i_delay_read_members(&item->at, testudo_design_workers(item->design), &terms));
  if (!terms.structured)
    return testudo_i_json_refuse(&item->at, "structure: missing");
  TESTUDO_I_TRY(testudo_i_json_take_number(&item->at, "at", NAN, &goal.objective.at));
  return measure_claim(&goal, item, claim);
}

/* ---- straggler_sets ---- */

static testudo_status prove_sets(proving *proof, const testudo_i_claim_item *item, testudo_claim *claim)
{
  testudo_code_check check;
  TESTUDO_I_TRY(testudo_code_verify(item->design, proof->monitor, &check, item->at.error));
  const testudo_i_json_value *all = testudo_i_json_member(item->at.object, "exhaustive");
  bool whole = all != NULL && testudo_i_json_kind_of(all) == TESTUDO_I_JSON_BOOLEAN && testudo_i_json_boolean(all);
  claim->found = (double)(check.sets - check.failed - check.refused);
  claim->holds = check.failed == 0 && check.refused == 0 && claim->found >= claim->claimed &&
                 (!whole || (check.exhaustive && claim->found == claim->claimed));
  return TESTUDO_OK;
}

testudo_status testudo_claim_straggler_sets(testudo_design *design, const testudo_code_check *check,
                                            testudo_error *error)
{
  char text[96];
  snprintf(text, sizeof text, "{\"metric\":\"straggler_sets\",\"value\":%lld,\"exhaustive\":%s}",
           (long long)check->sets, check->exhaustive ? "true" : "false");
  return testudo_i_design_add_claim(design, text, error);
}

/* ---- all of them ---- */

typedef struct prover_row {
  const char *metric;
  testudo_status (*prove)(proving *proof, const testudo_i_claim_item *item, testudo_claim *claim);
} prover_row;

static const prover_row provers[] = {
    {"q_max_bound", prove_q_bound},
    {"latency_mean", prove_latency},
    {"latency_quantile", prove_latency},
    {"expected_error", prove_latency},
    {"late_probability", prove_latency},
    {"straggler_sets", prove_sets},
};

static testudo_status prove_claim(void *context, const testudo_i_claim_item *item, testudo_claim *claim)
{
  for (size_t k = 0; k < sizeof provers / sizeof *provers; k++)
    if (strcmp(provers[k].metric, claim->metric) == 0) {
      claim->known = true;
      return provers[k].prove(context, item, claim);
    }
  return TESTUDO_OK;
}

testudo_status testudo_search_prove(const testudo_design *design, const char *name, const testudo_monitor *monitor,
                                    testudo_claim **claims, size_t *count, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  proving proof = {.arena = &arena, .monitor = monitor};
  testudo_i_prover prover = {prove_claim, &proof};
  return testudo_i_design_prove_with(design, name, &prover, claims, count, error);
}

testudo_status testudo_search_claim_q_max(testudo_design *design, int32_t level, const testudo_search_result *result,
                                          testudo_error *error)
{
  char text[96];
  if (level > testudo_design_parts(design)) {
    snprintf(text, sizeof text, "{\"metric\":\"q_max\",\"level\":%d,\"value\":%.0f}", (int)level, result->after);
    TESTUDO_I_TRY(testudo_i_design_add_claim(design, text, error));
  }
  if (isnan(result->proved))
    return TESTUDO_OK;
  snprintf(text, sizeof text, "{\"metric\":\"q_max_bound\",\"level\":%d,\"value\":%.0f}", (int)level, result->proved);
  return testudo_i_design_add_claim(design, text, error);
}
