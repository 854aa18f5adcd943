/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exact/latency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/sums.h"
#include "exact/nested/nested.h"
#include "runtime/design.h"

/* Jumps of a discrete law kept in memory: 64 MB. */
#define POINT_LIMIT ((size_t)8000000)

static testudo_status check_options(const testudo_analysis_options *options, testudo_error *error)
{
  if (options->max_states < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "max_states is %lld, allowed is 1 or more",
                          (long long)options->max_states);
  if (!(options->rel_error > 0 && options->rel_error < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rel_error is %g, allowed is more than 0 and less than 1",
                          options->rel_error);
  return TESTUDO_OK;
}

/* Every chunk must come from all its holders, so every worker must finish. */
static bool needs_everyone(const testudo_design *design)
{
  return testudo_design_max_replication(design) == testudo_design_parts(design);
}

static testudo_status choose_partial(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  bool fits = false;
  testudo_status status =
      testudo_i_cyclic(cluster, latency->options.max_states, &fits, &latency->method, error);
  if (status == TESTUDO_OK && !fits)
    status = testudo_i_repetition(cluster, testudo_design_parts(cluster->design), latency->options.max_states, &fits,
                                  &latency->method, error);
  if (status != TESTUDO_OK || fits)
    return status;
  if (needs_everyone(cluster->design))
    return testudo_i_all_finish(cluster, &latency->method, error);
  if (latency->only_exact)
    return TESTUDO_OK;
  return testudo_i_bounded(cluster, latency->discrete ? latency->points : NULL, latency->point_count,
                           &latency->method, error);
}

/* frc: one finished worker in every group; otherwise any n - s finished workers. */
static testudo_status choose_gradient_code(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  const testudo_design *design = cluster->design;
  if (design->groups.groups == 0)
    return testudo_i_order_statistic(cluster, cluster->workers - design->stragglers, &latency->method, error);
  bool fits;
  return testudo_i_repetition(cluster, 1, INT64_MAX, &fits, &latency->method, error);
}

static testudo_status choose_nested(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  bool blocks = cluster->work != NULL;
  if (cluster->whole)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "report whole does not apply to scheme %s: its workers signal every %s",
                          blocks ? "block" : "nested", blocks ? "block" : "chunk");
  if (blocks && cluster->model->structure == TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s", TESTUDO_I_BLOCK_ADDITIVE);
  return cluster->classes == 1
             ? testudo_i_nested_chain(cluster, &latency->method, error)
             : testudo_i_nested_counts(cluster, latency->options.max_states, &latency->method, error);
}

static testudo_status choose(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  testudo_scheme scheme = testudo_design_scheme(cluster->design);
  switch (scheme) {
  case TESTUDO_SCHEME_UNCODED:
    return testudo_i_all_finish(cluster, &latency->method, error);
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    return testudo_i_order_statistic(cluster, cluster->design->wait, &latency->method, error);
  case TESTUDO_SCHEME_GRADIENT_CODE:
    return choose_gradient_code(latency, error);
  case TESTUDO_SCHEME_PARTIAL:
    return choose_partial(latency, error);
  case TESTUDO_SCHEME_NESTED:
  case TESTUDO_SCHEME_BLOCK:
    return choose_nested(latency, error);
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the latency of scheme %s is not built in this version",
                          testudo_scheme_name(scheme));
  }
}

/* A numerical law says so, and how far it errs. */
static void name_sums(testudo_latency *latency)
{
  char *name = latency->method.name;
  size_t length = strlen(name);
  snprintf(name + length, sizeof latency->method.name - length, "; sums convolved, relative error about %.1g",
           testudo_i_sums_error(latency->cluster.sums));
}

static testudo_status create(const testudo_design *design, const testudo_delay_model *model,
                             const testudo_analysis_options *options, bool only_exact, testudo_latency **result,
                             testudo_error *error)
{
  *result = NULL;
  testudo_status status = check_options(options, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_latency *latency = testudo_i_calloc(1, sizeof *latency);
  if (latency == NULL)
    return testudo_i_fail_memory(error);
  latency->options = *options;
  latency->only_exact = only_exact;
  status = testudo_i_cluster_init(&latency->cluster, design, model, options->report == TESTUDO_REPORT_WHOLE, error);
  if (status == TESTUDO_OK) {
    const testudo_i_cluster *cluster = &latency->cluster;
    latency->discrete = testudo_i_law_is_discrete(model->law);
    status = testudo_i_work_points(model, cluster->class_rate, cluster->class_load, cluster->classes, cluster->work,
                                    POINT_LIMIT, &latency->points, &latency->point_count, error);
  }
  if (status == TESTUDO_OK)
    status = choose(latency, error);
  if (status == TESTUDO_OK && latency->cluster.sums != NULL)
    name_sums(latency);
  if (status != TESTUDO_OK || latency->method.evaluate == NULL)
    testudo_latency_free(latency);
  else
    *result = latency;
  return status;
}

testudo_status testudo_latency_create(const testudo_design *design, const testudo_delay_model *model,
                                      const testudo_analysis_options *options, testudo_latency **latency,
                                      testudo_error *error)
{
  return create(design, model, options, false, latency, error);
}

testudo_status testudo_i_latency_create_exact(const testudo_design *design, const testudo_delay_model *model,
                                              const testudo_analysis_options *options, testudo_latency **latency,
                                              testudo_error *error)
{
  return create(design, model, options, true, latency, error);
}

void testudo_latency_free(testudo_latency *latency)
{
  if (latency == NULL)
    return;
  if (latency->method.free_state != NULL)
    latency->method.free_state(latency->method.state);
  testudo_i_cluster_free(&latency->cluster);
  free(latency->points);
  free(latency);
}

bool testudo_latency_is_exact(const testudo_latency *latency)
{
  return latency->method.exact;
}

const char *testudo_latency_method(const testudo_latency *latency)
{
  return latency->method.name;
}

testudo_status testudo_i_latency_at(testudo_latency *latency, double t, int want, testudo_i_probability *probability,
                                    testudo_error *error)
{
  if (testudo_i_stopped(latency->options.monitor, -1))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  if (t < 0) {
    *probability = (testudo_i_probability){0, 0, 1, 1};
    return TESTUDO_OK;
  }
  *probability = (testudo_i_probability){0, 1, 0, 1};
  return latency->method.evaluate(latency->method.state, t, want, probability, error);
}

static testudo_status at_valid_time(testudo_latency *latency, double t, int want, testudo_i_probability *probability,
                                    testudo_error *error)
{
  if (isnan(t))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the time is not a number");
  return testudo_i_latency_at(latency, t, want, probability, error);
}

testudo_status testudo_latency_cdf(testudo_latency *latency, double t, double *lower, double *upper,
                                   testudo_error *error)
{
  testudo_i_probability probability;
  testudo_status status =
      at_valid_time(latency, t, TESTUDO_I_WANT_BOTH | TESTUDO_I_WANT_NO_TAIL, &probability, error);
  if (status != TESTUDO_OK)
    return status;
  *lower = probability.below_lower;
  *upper = probability.below_upper;
  return TESTUDO_OK;
}

testudo_status testudo_latency_tail(testudo_latency *latency, double t, double *lower, double *upper,
                                    testudo_error *error)
{
  testudo_i_probability probability;
  testudo_status status = at_valid_time(latency, t, TESTUDO_I_WANT_BOTH, &probability, error);
  if (status != TESTUDO_OK)
    return status;
  *lower = probability.above_lower;
  *upper = probability.above_upper;
  return TESTUDO_OK;
}
