/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of searches, and proving them again: one row of `provers` a metric. */
#include <testudo/code.h>
#include <testudo/optimize.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "designfile/claims.h"
#include "optimize/latency/claim.h"
#include "optimize/qmax/types.h"

/* What provers share while one design is proved. */
typedef struct proof_desk {
  const testudo_monitor *monitor;
  int64_t *q_bound;        /* of each level up to the least replication, -1 until it is known */
} proof_desk;

/* ---- q_max_bound ---- */

static testudo_status bound_q_max(const testudo_design *design, int32_t level, const testudo_monitor *monitor,
                                  int64_t *bound, testudo_error *error)
{
  testudo_i_types types;
  testudo_i_qmax_limit limit;
  testudo_status status = testudo_i_types_make(design, level, &types, error);
  if (status == TESTUDO_OK)
    status = testudo_i_types_limit(&types, monitor, &limit, error);
  if (status == TESTUDO_OK && limit.stopped)
    status = testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted while proving a claim");
  if (status == TESTUDO_OK)
    *bound = types.loads - limit.need;
  testudo_i_types_free(&types);
  return status;
}

/* Beyond the least replication, every order has the sum of the loads. */
static testudo_status find_q_bound(proof_desk *desk, const testudo_design *design, int64_t level, int64_t *bound,
                                   testudo_error *error)
{
  int32_t least = testudo_design_min_replication(design);
  *bound = 0;
  for (int32_t j = 0; level > least && j < testudo_design_workers(design); j++)
    *bound += testudo_design_load(design, j);
  if (level > least)
    return TESTUDO_OK;
  if (desk->q_bound == NULL) {
    desk->q_bound = testudo_i_alloc((size_t)least, sizeof *desk->q_bound);
    if (desk->q_bound == NULL)
      return testudo_i_fail_memory(error);
    for (int32_t l = 0; l < least; l++)
      desk->q_bound[l] = -1;
  }
  testudo_status status = TESTUDO_OK;
  if (desk->q_bound[level - 1] < 0)
    status = bound_q_max(design, (int32_t)level, desk->monitor, &desk->q_bound[level - 1], error);
  *bound = desk->q_bound[level - 1];
  return status;
}

static testudo_status prove_q_bound(proof_desk *desk, const testudo_design *design,
                                    const testudo_i_json_document *document, const testudo_i_json_value *item,
                                    const char *place, testudo_claim *claim, testudo_error *error)
{
  int64_t level, bound;
  testudo_status status =
      testudo_i_json_want_integer(document, item, place, "level", 1, TESTUDO_MAX_WORKERS, &level, error);
  if (status == TESTUDO_OK)
    status = find_q_bound(desk, design, level, &bound, error);
  if (status != TESTUDO_OK)
    return status;
  claim->level = (int32_t)level;
  claim->found = (double)bound;
  claim->holds = claim->claimed <= claim->found;
  return TESTUDO_OK;
}

static testudo_status prove_latency(proof_desk *desk, const testudo_design *design,
                                    const testudo_i_json_document *document, const testudo_i_json_value *item,
                                    const char *place, testudo_claim *claim, testudo_error *error)
{
  return testudo_i_prove_latency(design, document, item, place, desk->monitor, claim, error);
}

/* ---- all of them ---- */

typedef struct prover_row {
  const char *metric;
  testudo_status (*prove)(proof_desk *desk, const testudo_design *design, const testudo_i_json_document *document,
                          const testudo_i_json_value *item, const char *place, testudo_claim *claim,
                          testudo_error *error);
} prover_row;

static const prover_row provers[] = {
    {"q_max_bound", prove_q_bound},
    {"latency_mean", prove_latency},
    {"latency_quantile", prove_latency},
    {"expected_error", prove_latency},
};

static testudo_status prove(void *context, const testudo_design *design, const testudo_i_json_document *document,
                            const testudo_i_json_value *item, const char *place, testudo_claim *claim,
                            testudo_error *error)
{
  for (size_t k = 0; k < sizeof provers / sizeof *provers; k++)
    if (strcmp(provers[k].metric, claim->metric) == 0) {
      claim->known = true;
      return provers[k].prove(context, design, document, item, place, claim, error);
    }
  return TESTUDO_OK;
}

testudo_status testudo_search_prove(const testudo_design *design, const char *name, const testudo_monitor *monitor,
                                    testudo_claim **claims, size_t *count, testudo_error *error)
{
  proof_desk desk = {.monitor = monitor};
  testudo_i_prover prover = {prove, &desk};
  testudo_status status = testudo_i_design_prove_with(design, name, &prover, claims, count, error);
  free(desk.q_bound);
  return status;
}

testudo_status testudo_search_claim_q_max(testudo_design *design, int32_t level, const testudo_search_result *result,
                                          testudo_error *error)
{
  char text[96];
  testudo_status status = TESTUDO_OK;
  if (level > testudo_design_parts(design)) {
    snprintf(text, sizeof text, "{\"metric\":\"q_max\",\"level\":%d,\"value\":%.0f}", (int)level, result->after);
    status = testudo_i_design_add_claim(design, text, error);
  }
  if (status != TESTUDO_OK || isnan(result->proved))
    return status;
  snprintf(text, sizeof text, "{\"metric\":\"q_max_bound\",\"level\":%d,\"value\":%.0f}", (int)level, result->proved);
  return testudo_i_design_add_claim(design, text, error);
}
