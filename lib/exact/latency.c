/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of completion: the method that a design's rule and orders allow, and its evaluation. */
#include "exact/latency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/answer.h"
#include "delay/sums/brackets.h"
#include "exact/answered.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status check_options(const testudo_analysis_options *options, testudo_error *error)
{
  if (options->max_states < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "max_states is %lld, but it must be at least 1",
                          (long long)options->max_states);
  if (!(options->rel_error > 0 && options->rel_error < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rel_error is %g, but it must be above 0 and below 1",
                          options->rel_error);
  return TESTUDO_OK;
}

/* Must every pair of every row be done, so that every worker must finish? */
static bool needs_everyone(const testudo_i_rule *rule)
{
  for (int32_t r = 0; r < rule->rows; r++)
    if (testudo_i_rule_need(rule, r) < testudo_i_rule_pairs(rule, r))
      return false;
  return true;
}

/* Rows that share workers: the orders of the design decide which law there is, if any. */
static testudo_status choose_by_orders(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  bool fits = false;
  TESTUDO_I_TRY(testudo_i_cyclic(cluster, latency->options.max_states, &fits, &latency->method, error));
  if (fits)
    return TESTUDO_OK;
  if (needs_everyone(&cluster->rule))
    return testudo_i_all_finish(cluster, &latency->method, error);
  TESTUDO_I_TRY(testudo_i_eliminated(cluster, false, latency->options.max_states, latency->options.monitor, &fits,
                                     &latency->method, error));
  if (fits)
    return TESTUDO_OK;
  testudo_i_arena_clear(&latency->method.arena); /* of what was tried */
  if (latency->only_exact)
    return TESTUDO_OK;
  return testudo_i_bounded(cluster, latency->options.max_states, latency->options.monitor,
                           latency->discrete ? latency->points : NULL, latency->point_count, &latency->method, error);
}

/* By the shape of the rule, whatever the scheme. */
static testudo_status choose_method(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  bool fits;
  switch (testudo_i_rule_shape(&cluster->rule)) {
  case TESTUDO_I_SHAPE_STEPPED:
    return cluster->classes == 1
               ? testudo_i_stepped_chain(cluster, &latency->method, error)
               : testudo_i_stepped_counts(cluster, latency->options.max_states, &latency->method, error);
  case TESTUDO_I_SHAPE_ONE_ROW:
    return testudo_i_order_statistic(cluster, &latency->method, error);
  case TESTUDO_I_SHAPE_SINGLES:
    return testudo_i_all_finish(cluster, &latency->method, error);
  case TESTUDO_I_SHAPE_DISJOINT:
    return testudo_i_eliminated(cluster, false, INT64_MAX, latency->options.monitor, &fits, &latency->method, error);
  case TESTUDO_I_SHAPE_GENERAL:
    break;
  }
  return choose_by_orders(latency, error);
}

/* Adds to the method's name how far it errs, between two texts. */
static void name_error(testudo_i_method *method, const char *before, double off, const char *after)
{
  size_t length = strlen(method->name);
  snprintf(method->name + length, sizeof method->name - length, "%s%.1g%s", before, off, after);
}

testudo_status testudo_i_after_progress(const testudo_design *design, const testudo_delay_model *model, bool whole,
                                        double *seconds, testudo_error *error)
{
  const testudo_law *message = model->message;
  *seconds = 0;
  if (whole || testudo_i_has_own_steps(design))
    return TESTUDO_OK;
  if (message != NULL && !testudo_i_law_is_constant(message))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "messages of random time (%s) that are sent when the progress is fixed have no law here: of "
                          "scheme %s only a constant time is supported, for example deterministic:%g; others can be "
                          "simulated",
                          testudo_law_text(message), design->scheme->name, testudo_law_mean(message));
  *seconds = testudo_i_answer_seconds(model, testudo_design_parts(design));
  return TESTUDO_OK;
}

/* T is so much later than what the method knows. */
static testudo_status shift_by_messages(testudo_latency *latency, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  TESTUDO_I_TRY(testudo_i_after_progress(cluster->design, cluster->model, cluster->whole, &latency->shift, error));
  for (size_t k = 0; k < latency->point_count; k++)
    latency->points[k] += latency->shift;
  return TESTUDO_OK;
}

testudo_status testudo_i_latency_choose(testudo_latency *latency, testudo_error *error)
{
  TESTUDO_I_TRY(choose_method(latency, error));
  if (latency->cluster.tables_error > 0)
    name_error(&latency->method, "; sums convolved, relative error about ", latency->cluster.tables_error, "");
  return shift_by_messages(latency, error);
}

/* A sample whose largest value is further from its middle one than this is gone through jump by jump: the smooth rules
   would miss the few values that its moments hang on. */
#define WIDEST 1e12

/* The jumps of all workers' times, or so, and the most of one law; 0 where one is too wide. */
static double count_jumps(const testudo_i_cluster *cluster, double *most)
{
  double jumps = 0;
  *most = 0;
  for (int32_t k = 0; k < cluster->classes; k++) {
    const testudo_law *law = cluster->class_law[k];
    if (!(law->value[law->values - 1] <= WIDEST * law->value[law->values / 2]))
      return 0;
    jumps += (double)law->values * cluster->class_load[k] * (cluster->model->slow.factor == 0 ? 1 : 2);
    *most = fmax(*most, (double)law->values);
  }
  return jumps;
}

/* A law of many values is a sample, which is known to 1 / sqrt(values) or so: it is asked as if it were smooth, until a
   twentieth of that is left. */
static bool is_large_sample(testudo_latency *latency)
{
  double most;
  if (!latency->discrete || count_jumps(&latency->cluster, &most) <= TESTUDO_I_LIMIT_LAW_JUMPS)
    return false;
  latency->options.rel_error = fmax(latency->options.rel_error, 0.05 / sqrt(most));
  return true;
}

static testudo_status latency_fill(testudo_latency *latency, const testudo_design *design,
                                   const testudo_i_delay *delay, testudo_error *error)
{
  testudo_i_cluster *cluster = &latency->cluster;
  TESTUDO_I_TRY(testudo_i_cluster_init(cluster, design, delay, latency->options.report == TESTUDO_REPORT_WHOLE, error));
  latency->discrete = testudo_i_delay_is_discrete(&cluster->delay);
  if (is_large_sample(latency)) {
    latency->discrete = false;
    latency->sample = true;
    TESTUDO_I_TRY(testudo_i_latency_choose(latency, error));
    name_error(&latency->method, "; a large sample, to ", latency->options.rel_error, " of the mean");
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_delay_points(&cluster->delay, cluster->class_law, cluster->class_rate, cluster->class_load,
                                       cluster->classes, TESTUDO_I_LIMIT_LAW_POINTS, &latency->points,
                                       &latency->point_count, error));
  return testudo_i_latency_choose(latency, error);
}

/* Where the law is only bounded, an exact one is not made. */
static testudo_status add_answers(testudo_latency *latency, const testudo_design *design,
                                  const testudo_delay_model *model, testudo_error *error)
{
  if (latency->only_exact)
    return TESTUDO_OK;
  latency->cluster.design = design;
  latency->cluster.workers = testudo_design_workers(design);
  return testudo_i_answered_create(design, model, &latency->options, &latency->answered, &latency->method, error);
}

static testudo_status latency_by_terms(testudo_latency *latency, const testudo_design *design,
                                       const testudo_i_delay *delay, testudo_error *error)
{
  const testudo_delay_model *model = delay->model;
  if (testudo_i_answers_randomly(design, model, latency->options.report))
    return add_answers(latency, design, model, error);
  if (!latency->only_exact && testudo_i_wants_brackets(model, testudo_design_max_load(design)))
    return testudo_i_bracketed_fill(latency, design, model, error);
  return latency_fill(latency, design, delay, error);
}

static testudo_status latency_create(const testudo_design *design, const testudo_i_delay *delay,
                                     const testudo_analysis_options *options, bool only_exact,
                                     testudo_latency **result, testudo_error *error)
{
  *result = NULL;
  TESTUDO_I_TRY(check_options(options, error));
  testudo_latency *latency = testudo_i_calloc(1, sizeof *latency);
  TESTUDO_I_TRY(testudo_i_memory_check(latency != NULL, error));
  latency->options = *options;
  latency->only_exact = only_exact;
  testudo_status status = latency_by_terms(latency, design, delay, error);
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
  return latency_create(design, TESTUDO_I_ALONE(model), options, false, latency, error);
}

testudo_status testudo_i_latency_create_exact(const testudo_design *design, const testudo_i_delay *delay,
                                              const testudo_analysis_options *options, testudo_latency **latency,
                                              testudo_error *error)
{
  return latency_create(design, delay, options, true, latency, error);
}

void testudo_latency_free(testudo_latency *latency)
{
  if (latency == NULL)
    return;
  testudo_latency_free(latency->side[0]);
  testudo_latency_free(latency->side[1]);
  if (latency->answered != NULL)
    testudo_latency_free(testudo_i_answered_rule(latency->answered));
  testudo_i_arena_clear(&latency->method.arena);
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
  t = testudo_i_latest_progress(t, latency->shift);
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

/* Both sides are asked where a law is bracketed: rounded up, T is later. */
static testudo_status at_both(testudo_latency *latency, double t, int want, testudo_i_probability *probability,
                              testudo_error *error)
{
  if (latency->side[0] == NULL)
    return at_valid_time(latency, t, want, probability, error);
  testudo_i_probability up;
  TESTUDO_I_TRY(at_valid_time(latency->side[0], t, want, probability, error));
  TESTUDO_I_TRY(at_valid_time(latency->side[1], t, want, &up, error));
  probability->below_lower = up.below_lower;
  probability->above_upper = up.above_upper;
  return TESTUDO_OK;
}

testudo_status testudo_latency_cdf(testudo_latency *latency, double t, double *lower, double *upper,
                                   testudo_error *error)
{
  testudo_i_probability probability;
  TESTUDO_I_TRY(at_both(latency, t, TESTUDO_I_WANT_BOTH | TESTUDO_I_WANT_NO_TAIL, &probability, error));
  *lower = probability.below_lower;
  *upper = probability.below_upper;
  return TESTUDO_OK;
}

testudo_status testudo_latency_tail(testudo_latency *latency, double t, double *lower, double *upper,
                                    testudo_error *error)
{
  testudo_i_probability probability;
  TESTUDO_I_TRY(at_both(latency, t, TESTUDO_I_WANT_BOTH, &probability, error));
  *lower = probability.above_lower;
  *upper = probability.above_upper;
  return TESTUDO_OK;
}
