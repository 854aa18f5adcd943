/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks computed until an iteration is complete. Worker j has computed its k-th chunk by T when nothing was complete
   before C_{j,k}; just before, it has done exactly k - 1 chunks, and the others know nothing of it:
     P(C_{j,k} <= T < infinity) = integral of [P(T > t- | c_j = k - 1) - P(T = infinity)] dF_k(t),
   given that worker j lives. With u = F_k(t) one road serves every law: a sum over the values of a discrete one, a
   quadrature over u otherwise. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/model.h"
#include "exact/answered.h"
#include "numeric/integrate.h"
#include "numeric/interval.h"
#include "runtime/scheme/scheme.h"

#define EVALUATIONS 150 /* about what a smooth law takes a chunk */

typedef struct working {
  testudo_latency *latency;
  testudo_i_delay delay;
  double rate, never; /* of the current worker; never: P(T = infinity) given that it lives */
  int32_t worker, chunk, step;
  bool stopped;
} working;

/* The rows that `done` steps reach. */
static int32_t rows_reached(const testudo_i_rule *rule, int32_t done)
{
  int32_t reached = 0;
  while (reached < rule->rows && rule->step_of_row[reached] <= done)
    reached++;
  return reached;
}

static double just_before(working *w, double t)
{
  return w->latency->method.marked(w->latency->method.state, w->worker, w->step, nextafter(t, 0)) - w->never;
}

/* ---- the k-th chunk's time by its place u in the law ---- */

static testudo_status chunk_done_by(void *context, double t, double *value, testudo_error *error)
{
  const working *w = context;
  (void)error;
  *value = t == HUGE_VAL ? 1 : testudo_i_delay_cdf(&w->delay, w->rate, w->chunk, t);
  return TESTUDO_OK;
}

static double time_of(const working *w, double u)
{
  const testudo_delay_model *model = w->latency->cluster.model;
  if (model->structure == TESTUDO_STRUCTURE_SCALED && model->startup == NULL && model->slow.factor == 0)
    return testudo_i_delay_time(&w->delay, w->rate, w->chunk, 0, 0, 0, testudo_law_quantile(w->delay.law, u));
  double t = HUGE_VAL;
  working of = *w;
  return testudo_i_invert(chunk_done_by, &of, u, NULL, 0, &t, NULL) == TESTUDO_OK ? t : HUGE_VAL;
}

static double at_place(double u, void *context)
{
  working *w = context;
  w->stopped = w->stopped || testudo_i_stopped(w->latency->options.monitor, -1);
  double t = w->stopped || u <= 0 || u >= 1 ? HUGE_VAL : time_of(w, u);
  return t == HUGE_VAL ? 0 : just_before(w, t);
}

/* The kinks of everybody's law, as places of this chunk's; all but the ends are left out where they are many. */
static size_t list_breaks(const working *w, double *breaks)
{
  const testudo_latency *latency = w->latency;
  size_t count = 0;
  breaks[count++] = 0;
  for (size_t k = 0; latency->point_count <= TESTUDO_I_LIMIT_WORK_BREAKS / 2 && k < latency->point_count; k++) {
    double t = latency->points[k] - latency->shift;
    breaks[count++] = testudo_i_delay_cdf(&w->delay, w->rate, w->chunk, nextafter(t, 0));
    breaks[count++] = testudo_i_delay_cdf(&w->delay, w->rate, w->chunk, t);
  }
  breaks[count++] = 1;
  qsort(breaks, count, sizeof *breaks, testudo_i_ascending_reals);
  return count;
}

static double of_continuous(working *w, double *abs_error)
{
  double breaks[TESTUDO_I_LIMIT_WORK_BREAKS + 2], doubt;
  size_t count = list_breaks(w, breaks);
  double value = testudo_i_integrate_interval(at_place, w, breaks, count, w->latency->options.rel_error, 1e-12, &doubt);
  *abs_error += doubt;
  return value;
}

/* Over all times at which the chunk may be done. */
static double of_discrete(working *w, double *abs_error)
{
  const testudo_latency *latency = w->latency;
  double sum = 0, before = 0;
  for (size_t k = 0; k < latency->point_count && before < 1 && !w->stopped; k++) {
    double t = latency->points[k] - latency->shift, done = testudo_i_delay_cdf(&w->delay, w->rate, w->chunk, t);
    if (done == before)
      continue;
    w->stopped = testudo_i_stopped(latency->options.monitor, -1);
    sum += (done - before) * just_before(w, t);
    before = done;
  }
  *abs_error += 1e-14;
  return sum;
}

/* Of one kind of workers: chunks computed by T, T finite, by one of them that lives. */
static testudo_status kind_chunks(working *w, int32_t load, double *chunks, double *abs_error, testudo_error *error)
{
  const testudo_latency *latency = w->latency;
  const testudo_i_rule *rule = &latency->cluster.rule;
  bool levels = testudo_i_rule_is_stepped(rule);
  *chunks = 0;
  w->never = latency->method.marked(latency->method.state, w->worker, levels ? rule->rows : load, HUGE_VAL);
  for (w->chunk = 1; w->chunk <= load; w->chunk++) {
    w->step = levels ? rows_reached(rule, w->chunk - 1) : w->chunk - 1;
    *chunks += latency->discrete ? of_discrete(w, abs_error) : of_continuous(w, abs_error);
    if (w->stopped)
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  }
  return TESTUDO_OK;
}

/* The worker that stands for all that are like this one. */
static int32_t alike_to(const testudo_latency *latency, const int32_t *first_of_class, int32_t worker)
{
  if (latency->method.alike != NULL)
    return latency->method.alike(latency->method.state, worker);
  return first_of_class[latency->cluster.class_of[worker]];
}

static testudo_status check_cost(const testudo_latency *latency, const int32_t *alike, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  double count = latency->discrete ? (double)cluster->model->law->values : EVALUATIONS, kinds = 0;
  for (int32_t j = 0; j < cluster->workers; j++)
    kinds += alike[j] == j;
  double steps = latency->method.marked_steps(latency->method.state) * count * cluster->max_load * kinds;
  if (steps > TESTUDO_I_LIMIT_WORK_STEPS)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%s: the expected work needs %.2g steps; the limit is %g",
                          testudo_i_scheme_of(cluster->design)->name, steps, TESTUDO_I_LIMIT_WORK_STEPS);
  return TESTUDO_OK;
}

static void list_alike(const testudo_latency *latency, int32_t *first_of_class, int32_t *alike)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  for (int32_t j = cluster->workers; j-- > 0;)
    first_of_class[cluster->class_of[j]] = j;
  for (int32_t j = 0; j < cluster->workers; j++)
    alike[j] = alike_to(latency, first_of_class, j);
}

/* P(a worker lives), by itself. */
static double alive(const testudo_i_cluster *cluster)
{
  if (cluster->model->failures == TESTUDO_FAILURES_EACH)
    return 1 - cluster->model->fail_prob;
  return (double)(cluster->workers - testudo_i_cluster_failed(cluster)) / cluster->workers;
}

static testudo_status all_kinds(testudo_latency *latency, double finite, const int32_t *alike, double *chunks,
                                double *abs_error, testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  working w = {.latency = latency};
  double lives = alive(cluster);
  for (int32_t j = 0; j < cluster->workers; j++) {
    int32_t k = cluster->class_of[j], size = 0;
    double doubt = 0;
    if (alike[j] != j)
      continue;
    for (int32_t i = 0; i < cluster->workers; i++)
      size += alike[i] == j;
    w.worker = j;
    w.rate = cluster->class_rate[k];
    w.delay = testudo_i_class_delay(cluster, k);
    TESTUDO_I_TRY(kind_chunks(&w, cluster->class_load[k], &chunks[j], &doubt, error));
    chunks[j] *= lives / finite;
    *abs_error += doubt * lives / finite * size;
  }
  for (int32_t j = 0; j < cluster->workers; j++)
    chunks[j] = chunks[alike[j]];
  return TESTUDO_OK;
}

testudo_status testudo_expected_work(testudo_latency *latency, double *chunks, double *abs_error, testudo_error *error)
{
  if (latency->answered != NULL) /* messages are no work */
    return testudo_expected_work(testudo_i_answered_rule(latency->answered), chunks, abs_error, error);
  const testudo_i_cluster *cluster = &latency->cluster;
  if (latency->side[0] != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the chunks computed are not known of a law that is only bracketed; they can be simulated");
  if (latency->method.marked == NULL || testudo_i_has_own_steps(cluster->design))
    return testudo_i_fail(error, latency->method.exact ? TESTUDO_ERROR_ARGUMENT : TESTUDO_ERROR_LIMIT,
                          "the expected work of scheme %s has no closed form here, it is simulated only",
                          testudo_i_scheme_of(cluster->design)->name);
  *abs_error = 0;
  testudo_i_probability end;
  TESTUDO_I_TRY(testudo_i_latency_at(latency, HUGE_VAL, TESTUDO_I_WANT_BOTH, &end, error));
  size_t workers = (size_t)cluster->workers;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *alike = testudo_i_alloc(2 * workers, sizeof *alike);
  TESTUDO_I_TRY(testudo_i_memory_check(alike != NULL, error));
  list_alike(latency, alike + workers, alike);
  TESTUDO_I_TRY(check_cost(latency, alike, error));
  if (end.below_lower <= 0) {
    for (int32_t j = 0; j < cluster->workers; j++)
      chunks[j] = NAN;
    return TESTUDO_OK;
  }
  return all_kinds(latency, end.below_lower, alike, chunks, abs_error, error);
}
