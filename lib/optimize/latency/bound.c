/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no design with these loads can be better than (docs/theory/search-latency.md#the-objective). */
#include "optimize/latency/objective.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/answer.h"
#include "delay/model.h"
#include "exact/ideal.h"
#include "exact/latency.h"
#include "numeric/integrate.h"
#include "runtime/scheme/scheme.h"

#define BOUND_ERROR 1e-9

typedef struct bound_context {
  const testudo_i_goal *goal;
  testudo_i_cluster cluster;
  testudo_i_ideal ideal;
  double finite, never, shift; /* shift: what passes after the progress is fixed */
} bound_context;

static testudo_status evaluate_ideal(bound_context *bound, double t, double *below, double *above, testudo_error *error)
{
  if (testudo_i_stopped(bound->goal->monitor, -1))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the bound was interrupted");
  testudo_i_ideal_evaluate(&bound->ideal, t, below, above);
  return TESTUDO_OK;
}

/* P(t < T < infinity) of the perfectly balanced cluster, from the smaller of the two sides. */
static testudo_status late(void *context, double t, double *value, testudo_error *error)
{
  bound_context *bound = context;
  double below, above;
  TESTUDO_I_TRY(evaluate_ideal(bound, t, &below, &above, error));
  *value = bound->never <= bound->finite ? above - bound->never : bound->finite - below;
  return TESTUDO_OK;
}

static testudo_status reached(void *context, double t, double *value, testudo_error *error)
{
  double above;
  return evaluate_ideal(context, t, value, &above, error);
}

/* ---- mean and quantile: perfect balancing ---- */

/* What is left of the failures for a bound of the mean given T finite: that condition may favour clusters in which few
   fail, and the balanced cluster is fastest when none does. Where all workers are alike and exactly f fail it does not
   distinguish one set of failures from another. */
static testudo_delay_model model_of_mean(const testudo_i_goal *goal, int32_t classes)
{
  testudo_delay_model model = *goal->model;
  if (model.failures == TESTUDO_FAILURES_EACH || classes > 1)
    model.failures = TESTUDO_FAILURES_NONE;
  return model;
}

static testudo_status balanced_time(bound_context *bound, double *value, testudo_error *error)
{
  const testudo_i_cluster *cluster = &bound->cluster;
  TESTUDO_I_HELD(testudo_i_free_held) double *points = NULL;
  double abs_error;
  size_t count = 0;
  bool discrete = testudo_i_delay_is_discrete(&cluster->delay);
  bool mean = bound->goal->objective.kind == TESTUDO_OBJECTIVE_MEAN;
  testudo_i_ideal_evaluate(&bound->ideal, HUGE_VAL, &bound->finite, &bound->never);
  if (bound->finite <= 0) {
    *value = HUGE_VAL;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_delay_points(&cluster->delay, cluster->class_law, cluster->class_rate, cluster->class_load,
                                       cluster->classes, TESTUDO_I_LIMIT_LAW_POINTS, &points, &count, error));
  if (!mean) {
    TESTUDO_I_TRY(testudo_i_invert(reached, bound, bound->goal->objective.at * (1 - 1e-12), discrete ? points : NULL,
                                   discrete ? count : 0, value, error));
    *value += bound->shift;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_integrate_tail(late, bound, points, count, BOUND_ERROR,
                                         discrete ? TESTUDO_I_LIMIT_LAW_STEPS : 0, value, &abs_error, error));
  if (*value < HUGE_VAL)
    *value = *value / bound->finite - abs_error + bound->shift;
  return TESTUDO_OK;
}

/* P(T > t) of the balanced cluster: of no design it is smaller. */
static double balanced_late(bound_context *bound, double t)
{
  double below, above;
  testudo_i_ideal_evaluate(&bound->ideal, t, &below, &above);
  return above * (1 - 1e-12);
}

/* ---- mse ---- */

/* sum_i min(l, |U_i|) <= sum_j c_j, so that the error is at least E max(0, N l - sum_j c_j(t)). */
static double balanced_error(bound_context *bound, double t)
{
  double below, above, sum = 0;
  testudo_i_ideal_evaluate(&bound->ideal, t, &below, &above);
  for (int32_t x = 0; x < bound->ideal.need; x++)
    sum += bound->ideal.law[x] * (bound->ideal.need - x);
  return sum;
}

/* Of one part: the sum over the chunks of prod S(holder) is at least N times the geometric mean of its terms, and the
   product of all terms is the product of S over all workers and places, whatever the order. Exactly f failures:
   the same for every set of failures, and exp is convex. */
static double geometric_error(const testudo_i_cluster *cluster, double t)
{
  double logarithms = 0, chunks = testudo_design_chunks(cluster->design);
  const testudo_delay_model *model = cluster->model;
  double fail = model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0;
  for (int32_t k = 0; k < cluster->classes; k++) {
    const testudo_i_delay delay = testudo_i_class_delay(cluster, k);
    for (int32_t place = 1; place <= cluster->class_load[k]; place++) {
      double survival = testudo_i_survival_at(&delay, cluster->class_rate[k], place, t);
      logarithms += cluster->class_size[k] * log(fail + (1 - fail) * survival);
    }
  }
  double alive = 1 - (double)testudo_i_cluster_failed(cluster) / cluster->workers;
  return alive > 0 ? chunks * exp(alive * logarithms / chunks) : chunks;
}

/* ---- all together ---- */

static testudo_status by_balancing(bound_context *bound, double *value, char *proof, testudo_error *error)
{
  const testudo_objective *objective = &bound->goal->objective;
  bool fits, timed = objective->kind == TESTUDO_OBJECTIVE_MEAN || objective->kind == TESTUDO_OBJECTIVE_QUANTILE;
  TESTUDO_I_TRY(testudo_i_ideal_init(&bound->ideal, &bound->cluster.arena, &bound->cluster, &fits, error));
  if (!fits)
    return TESTUDO_OK;
  snprintf(proof, 96, "perfect balancing of the same loads");
  if (timed)
    return balanced_time(bound, value, error);
  double progress = fmax(0, objective->at - bound->shift);
  *value = (objective->kind == TESTUDO_OBJECTIVE_DEADLINE ? balanced_late : balanced_error)(bound, progress);
  return TESTUDO_OK;
}

testudo_status testudo_i_goal_bound(const testudo_i_goal *goal, const testudo_design *design, double *bound,
                                    char *proof, testudo_error *error)
{
  *bound = NAN;
  proof[0] = '\0';
  testudo_status status = testudo_i_goal_check(goal, testudo_design_workers(design), error);
  if (status != TESTUDO_OK || !testudo_i_scheme_of(design)->order_matters)
    return status;
  bound_context context = {.goal = goal};
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  TESTUDO_I_TRY(testudo_i_cluster_init(&context.cluster, design, &delay, goal->report == TESTUDO_REPORT_WHOLE,
                                       error));
  const testudo_delay_model model = goal->objective.kind == TESTUDO_OBJECTIVE_MEAN
                                        ? model_of_mean(goal, context.cluster.classes)
                                        : *goal->model;
  context.cluster.model = context.cluster.delay.model = &model;
  if (testudo_i_after_progress(design, &model, context.cluster.whole, &context.shift, NULL) != TESTUDO_OK)
    context.shift = goal->objective.kind == TESTUDO_OBJECTIVE_MEAN
                        ? testudo_i_answer_seconds(&model, testudo_design_parts(design)) /* one message at least */
                        : model.signal;
  status = by_balancing(&context, bound, proof, error);
  if (status == TESTUDO_OK && goal->objective.kind == TESTUDO_OBJECTIVE_MSE && testudo_design_parts(design) == 1 &&
      !context.cluster.whole) {
    double geometric = geometric_error(&context.cluster, fmax(0, goal->objective.at - context.shift));
    if (!(*bound >= geometric)) {
      *bound = geometric;
      snprintf(proof, 96, "geometric mean of the chunks' errors");
    }
  }
  testudo_i_cluster_free(&context.cluster);
  return status;
}
