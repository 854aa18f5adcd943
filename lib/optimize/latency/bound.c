/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no design with these loads can be better than (docs/theory/search-latency.md#the-objective). */
#include "optimize/latency/objective.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/answer.h"
#include "delay/model.h"
#include "exact/ideal.h"
#include "exact/latency.h"
#include "numeric/integrate.h"
#include "runtime/scheme/scheme.h"

#define BOUND_ERROR 1e-9

/* -log S of a place, how many workers have it, and the sum over the workers of this and of all later places. */
typedef struct bound_place {
  double lateness, rest;
  int32_t workers;
} bound_place;

typedef struct bound_context {
  const testudo_i_goal *goal;
  testudo_i_cluster cluster;
  testudo_i_ideal ideal;
  bool balanced, covered;      /* what is known: the ideal, whose evaluation is not too much; and log_covered */
  bound_place *place;          /* of each class and place, room for all */
  double finite, never, shift; /* shift: what passes after the progress is fixed */
} bound_context;

/* ---- chunks that are late together, or not (docs/theory/search-latency.md#chunks-that-are-late) ---- */

static int place_latest_first(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const bound_place *)b)->lateness, ((const bound_place *)a)->lateness);
}

/* Fills bound->place at a time, -log S descending; how many. Which of unequal workers fail is not known: as if none
   did. */
static int32_t places_at(bound_context *bound, double t)
{
  const testudo_i_cluster *cluster = &bound->cluster;
  double fail = testudo_i_independent_failures(cluster->model), rest = 0;
  int32_t count = 0, failed = cluster->classes == 1 ? testudo_i_cluster_failed(cluster) : 0;
  for (int32_t k = 0; k < cluster->classes; k++) {
    const testudo_i_delay delay = testudo_i_class_delay(cluster, k);
    for (int32_t place = 1; place <= cluster->class_load[k] && failed < cluster->class_size[k]; place++) {
      double survival = testudo_i_survival_at(&delay, cluster->class_rate[k],
                                              cluster->whole ? cluster->class_load[k] : place, t);
      bound->place[count++] = (bound_place){.lateness = -log(fail + (1 - fail) * survival),
                                            .workers = cluster->class_size[k] - failed};
    }
  }
  qsort(bound->place, (size_t)count, sizeof *bound->place, place_latest_first);
  for (int32_t p = count - 1; p >= 0; p--)
    bound->place[p].rest = rest += bound->place[p].workers * bound->place[p].lateness;
  return count;
}

/* The first of the places that have no chunk for themselves; *chunks are left for these. A place that is more than an
   equal share of the rest has one. */
static int32_t first_to_share(const bound_place *place, int32_t count, double *chunks)
{
  int32_t k = 0;
  for (; k < count && place[k].workers < *chunks && place[k].lateness * *chunks > place[k].rest; k++)
    *chunks -= place[k].workers;
  return k;
}

/* log P(at least `parts` of so many holders are done), -log S being a in all and the same for each of them; `holders`,
   >= parts, need not be whole, and may be infinite. */
static double log_done(double a, double holders, int32_t parts)
{
  if (!(a < HUGE_VAL))
    return 0;
  double each = a / holders, rest = holders - parts + 1, late = 0, term = exp(isfinite(holders) ? -rest * each : -a);
  for (int32_t i = 0; i < parts; i++) {
    late += term;
    term *= isfinite(holders) ? (rest + i) / (i + 1) * -expm1(-each) : a / (i + 1);
  }
  return late < 1 ? log1p(-late) : -HUGE_VAL;
}

/* log P(T <= t) is no greater. With -log S of its d_i places a_i in all, chunk i is done with probability G(d_i, a_i)
   at most, that of equal places, and all are with prod_i G(d_i, a_i)^(1/D), D the largest load. log G is concave in
   1 / d and a: both should be as equal as can be. Of a chunk that a place has for itself no more is known than that it
   has l places. */
static double log_covered(bound_context *bound, double t)
{
  const testudo_i_cluster *cluster = &bound->cluster;
  int32_t count = places_at(bound, t), parts = testudo_design_parts(cluster->design);
  double chunks = testudo_design_chunks(cluster->design), entries = 0, sum = 0;
  const bound_place *place = bound->place;
  int32_t alone = first_to_share(place, count, &chunks);
  for (int32_t p = 0; p < count; p++)
    entries += p < alone ? -(double)place[p].workers * (parts - 1) : place[p].workers;
  for (int32_t p = 0; p < alone; p++)
    sum += place[p].workers * log_done(place[p].lateness, HUGE_VAL, parts);
  sum += chunks * log_done(alone < count ? place[alone].rest / chunks : 0, fmax(parts, entries / chunks), parts);
  return sum / cluster->max_load;
}

/* E max(0, parts - U), U Poisson of mean a: no number of holders whose -log S are a in all lacks less. */
static double lacking(double a, int32_t parts)
{
  double term = exp(-a), sum = 0;
  for (int32_t u = 0; u < parts && a < HUGE_VAL; u++) {
    sum += (parts - u) * term;
    term *= a / (u + 1);
  }
  return sum;
}

/* The error by t is no smaller: what a chunk lacks is convex in a. Of workers that differ, of which exactly f fail, the
   mean over all sets that may fail counts. */
static double error_of_places(bound_context *bound, double t)
{
  const testudo_i_cluster *cluster = &bound->cluster;
  int32_t count = places_at(bound, t), parts = testudo_design_parts(cluster->design);
  double chunks = testudo_design_chunks(cluster->design), sum = 0;
  double alive = cluster->classes == 1 ? 1 : 1 - (double)testudo_i_cluster_failed(cluster) / cluster->workers;
  const bound_place *place = bound->place;
  int32_t alone = first_to_share(place, count, &chunks);
  for (int32_t p = 0; p < alone; p++)
    sum += place[p].workers * lacking(place[p].lateness * alive, parts);
  return sum + chunks * lacking(alone < count ? place[alone].rest / chunks * alive : 0, parts);
}

/* ---- mean and quantile ---- */

/* P(T <= t) is no greater than *below, P(T > t) no smaller than *above. */
static testudo_status evaluate(bound_context *bound, double t, double *below, double *above, testudo_error *error)
{
  if (testudo_i_stopped(bound->goal->monitor, -1))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the bound was interrupted");
  *below = 1;
  *above = 0;
  if (bound->balanced)
    testudo_i_ideal_evaluate(&bound->ideal, t, below, above);
  if (bound->covered) {
    double covered = log_covered(bound, t);
    *below = fmin(*below, exp(covered));
    *above = fmax(*above, -expm1(covered));
  }
  return TESTUDO_OK;
}

/* P(t < T < infinity), from the smaller of the two sides. */
static testudo_status late(void *context, double t, double *value, testudo_error *error)
{
  bound_context *bound = context;
  double below, above;
  TESTUDO_I_TRY(evaluate(bound, t, &below, &above, error));
  *value = bound->never <= bound->finite ? above - bound->never : bound->finite - below;
  return TESTUDO_OK;
}

static testudo_status reached(void *context, double t, double *value, testudo_error *error)
{
  double above;
  return evaluate(context, t, value, &above, error);
}

/* The mean is given T finite: that condition may favour clusters in which few fail, and the balanced cluster is fastest
   when none does. Where all workers are alike and exactly f fail it does not distinguish one set of failures from
   another. The model is the cluster's own. */
static void forget_failures(testudo_i_cluster *cluster)
{
  if (cluster->own.failures == TESTUDO_FAILURES_EACH || cluster->classes > 1)
    cluster->own.failures = TESTUDO_FAILURES_NONE;
}

static testudo_status bound_time(bound_context *bound, double *value, testudo_error *error)
{
  const testudo_i_cluster *cluster = &bound->cluster;
  TESTUDO_I_HELD(testudo_i_free_held) double *points = NULL;
  double abs_error;
  size_t count = 0;
  bool discrete = testudo_i_delay_is_discrete(&cluster->delay);
  bool mean = bound->goal->objective.kind == TESTUDO_OBJECTIVE_MEAN;
  TESTUDO_I_TRY(evaluate(bound, HUGE_VAL, &bound->finite, &bound->never, error));
  if (bound->finite <= 0) {
    *value = HUGE_VAL;
    return TESTUDO_OK;
  }
  /* What may never end is conditioned on its end; that is known of the ideal alone. */
  bound->covered = !mean || bound->never <= 0;
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

static testudo_status bound_deadline(bound_context *bound, double t, double *value, testudo_error *error)
{
  double below, above;
  TESTUDO_I_TRY(evaluate(bound, t, &below, &above, error));
  *value = above * (1 - 1e-12);
  return TESTUDO_OK;
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

/* ---- all together ---- */

static testudo_status bound_by_loads(bound_context *bound, double *value, char *proof, testudo_error *error)
{
  const testudo_objective *objective = &bound->goal->objective;
  testudo_i_cluster *cluster = &bound->cluster;
  bool mse = objective->kind == TESTUDO_OBJECTIVE_MSE;
  TESTUDO_I_TRY(testudo_i_ideal_init(&bound->ideal, &cluster->arena, cluster, &bound->balanced, error));
  size_t places = 0;
  for (int32_t k = 0; k < cluster->classes; k++)
    places += (size_t)cluster->class_load[k];
  bound->place = testudo_i_arena_alloc(&cluster->arena, places, sizeof *bound->place);
  TESTUDO_I_TRY(testudo_i_arena_check(&cluster->arena, error));
  double progress = fmax(0, objective->at - bound->shift);
  bound->covered = !mse;
  if (mse) {
    double balanced = bound->balanced ? balanced_error(bound, progress) : 0, placed = error_of_places(bound, progress);
    snprintf(proof, 96, "%s", balanced > placed ? "perfect balancing" : "chunks with places as equal as can be");
    *value = fmax(balanced, placed);
    return TESTUDO_OK;
  }
  snprintf(proof, 96, "%s", bound->balanced ? "perfect balancing and Finner's inequality" : "Finner's inequality");
  return objective->kind == TESTUDO_OBJECTIVE_DEADLINE ? bound_deadline(bound, progress, value, error)
                                                       : bound_time(bound, value, error);
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
  const testudo_delay_model *model = context.cluster.model;
  if (goal->objective.kind == TESTUDO_OBJECTIVE_MEAN)
    forget_failures(&context.cluster);
  if (testudo_i_after_progress(design, model, context.cluster.whole, &context.shift, NULL) != TESTUDO_OK)
    context.shift = goal->objective.kind == TESTUDO_OBJECTIVE_MEAN
                        ? testudo_i_answer_seconds(model, testudo_design_parts(design)) /* one message at least */
                        : model->signal;
  status = bound_by_loads(&context, bound, proof, error);
  testudo_i_cluster_free(&context.cluster);
  if (status != TESTUDO_OK || isnan(*bound)) {
    *bound = NAN;
    proof[0] = '\0';
  }
  return status;
}

testudo_status testudo_i_goal_bound_of_loads(const testudo_i_goal *goal, const testudo_design *design, double *bound,
                                             char *proof, testudo_error *error)
{
  char by[96];
  TESTUDO_I_TRY(testudo_i_goal_bound(goal, design, bound, by, error));
  snprintf(proof, 96, by[0] == '\0' ? "%s" : "%.70s of the same loads", by);
  return TESTUDO_OK;
}
