/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order with the least Q_max that is found, and how far it may be from the least there is. */
#include "optimize/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

static testudo_status measure(const testudo_design *design, int32_t level, double *value, testudo_error *error)
{
  int64_t *q_max = testudo_i_alloc((size_t)level, sizeof *q_max);
  if (q_max == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_q_max(design, level, q_max, error);
  if (status == TESTUDO_OK)
    *value = (double)q_max[level - 1];
  free(q_max);
  return status;
}

static testudo_status by_matching(const testudo_design *design, const testudo_search_options *options,
                                  testudo_design **better, bool *stopped, testudo_error *error)
{
  testudo_assignment orders;
  testudo_i_search_watch watch;
  testudo_i_search_watch_start(&watch, options->monitor, 0.0, 1.0, NAN, NAN);
  testudo_status status = testudo_i_search_orders(design, &orders, error);
  if (status == TESTUDO_OK)
    status = testudo_order_matching(&orders, &watch.plain, error);
  *stopped = watch.stopped;
  /* Interrupted, the order is as it was. */
  if (status == TESTUDO_OK || watch.stopped)
    status = testudo_design_reorder(design, &orders, better, error);
  testudo_assignment_free(&orders);
  return status;
}

static testudo_status keep_the_better(const testudo_design *design, int32_t level, testudo_design **better,
                                      testudo_search_result *result, testudo_error *error)
{
  testudo_status status = measure(*better, level, &result->after, error);
  if (status != TESTUDO_OK || result->after < result->before)
    return status;
  testudo_assignment orders;
  testudo_design_free(*better);
  *better = NULL;
  result->after = result->before;
  status = testudo_i_search_orders(design, &orders, error);
  if (status == TESTUDO_OK)
    status = testudo_design_reorder(design, &orders, better, error);
  testudo_assignment_free(&orders);
  return status;
}

testudo_status testudo_optimize_q_max(const testudo_design *design, int32_t level, testudo_search_method method,
                                      const testudo_search_options *options, testudo_design **better,
                                      testudo_search_result *result, testudo_error *error)
{
  *better = NULL;
  *result = (testudo_search_result){.answer = TESTUDO_FEASIBLE, .before = NAN, .after = NAN, .bound = NAN};
  if (method != TESTUDO_METHOD_BEST && method != TESTUDO_METHOD_MATCHING)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "this method is not built for Q_max");
  if (level < 1 || level > TESTUDO_MAX_PARTS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "level: %d, but 1..%d are allowed", (int)level,
                          TESTUDO_MAX_PARTS);
  testudo_status status = measure(design, level, &result->before, error);
  if (status == TESTUDO_OK)
    status = by_matching(design, options, better, &result->stopped, error);
  if (status == TESTUDO_OK)
    status = keep_the_better(design, level, better, result, error);
  snprintf(result->method, sizeof result->method, "matching");
  result->tries = 1;
  if (status == TESTUDO_OK && level == 1) {
    result->bound = (double)testudo_q_max_bound(design);
    snprintf(result->proof, sizeof result->proof, "mean of Q_i over the chunks");
    if (result->after <= result->bound)
      result->answer = TESTUDO_OPTIMAL;
  }
  if (status != TESTUDO_OK) {
    testudo_design_free(*better);
    *better = NULL;
  }
  return status;
}
