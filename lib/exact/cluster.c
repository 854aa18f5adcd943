/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters: the workers of a design in classes that behave alike. */
#include "exact/cluster.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "delay/sums.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status sort_into_classes(testudo_i_cluster *cluster, testudo_error *error)
{
  size_t room = (size_t)cluster->workers;
  cluster->class_of = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_of);
  cluster->class_load = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_load);
  cluster->class_size = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_size);
  cluster->class_rate = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_rate);
  int32_t *load = testudo_i_arena_alloc(&cluster->arena, room, sizeof *load);
  TESTUDO_I_TRY(testudo_i_arena_check(&cluster->arena, error));
  for (int32_t j = 0; j < cluster->workers; j++)
    load[j] = testudo_design_steps(cluster->design, j);
  return testudo_i_worker_classes(cluster->model, load, cluster->workers, cluster->class_of, cluster->class_rate,
                                  cluster->class_load, cluster->class_size, &cluster->classes, error);
}

static testudo_status start_cluster(testudo_i_cluster *cluster, const testudo_i_delay *delay, testudo_report report,
                                    testudo_error *error)
{
  const testudo_design *design = cluster->design;
  TESTUDO_I_TRY(testudo_delay_check(delay->model, cluster->workers, error));
  TESTUDO_I_TRY(testudo_i_completion_rule(design, report, &cluster->rule, error));
  cluster->whole = testudo_i_scheme_report(design, report) == TESTUDO_REPORT_WHOLE;
  cluster->work = cluster->rule.work;
  cluster->max_load = cluster->work != NULL ? design->steps : testudo_design_max_load(design);
  if (cluster->work != NULL && delay->model->structure == TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, TESTUDO_I_STEPS_ADDITIVE, design->scheme->name,
                          design->scheme->step);
  TESTUDO_I_TRY(testudo_i_delay_complete(delay, cluster->work != NULL ? 1 : cluster->max_load, &cluster->delay,
                                         &cluster->made, error));
  cluster->own = *delay->model;
  cluster->model = cluster->delay.model = &cluster->own;
  return sort_into_classes(cluster, error);
}

testudo_status testudo_i_cluster_init(testudo_i_cluster *cluster, const testudo_design *design,
                                      const testudo_i_delay *delay, bool whole, testudo_error *error)
{
  *cluster = (testudo_i_cluster){.design = design, .workers = testudo_design_workers(design)};
  testudo_status status =
      start_cluster(cluster, delay, whole ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK, error);
  if (status != TESTUDO_OK)
    testudo_i_cluster_free(cluster);
  return status;
}

void testudo_i_cluster_free(testudo_i_cluster *cluster)
{
  testudo_i_rule_clear(&cluster->rule);
  testudo_i_sums_free(cluster->made);
  testudo_i_arena_clear(&cluster->arena);
  *cluster = (testudo_i_cluster){0};
}

int32_t testudo_i_cluster_failed(const testudo_i_cluster *cluster)
{
  return testudo_i_exact_failures(cluster->model);
}

void testudo_i_cluster_progress(const testudo_i_cluster *cluster, int32_t class_, double t, double *q)
{
  int32_t load = cluster->class_load[class_];
  double p = testudo_i_independent_failures(cluster->model);
  if (t == HUGE_VAL) {
    memset(q, 0, ((size_t)load + 1) * sizeof *q);
    q[load] = 1.0;
  } else if (cluster->work != NULL) {
    testudo_i_work_law(cluster->model, cluster->class_rate[class_], cluster->work, load, t, q);
  } else {
    testudo_i_progress_law(&cluster->delay, cluster->class_rate[class_], load, cluster->whole, t, q);
  }
  if (p > 0) {
    for (int32_t c = 0; c <= load; c++)
      q[c] *= 1 - p;
    q[0] += p;
  }
}

double testudo_i_survival_at(const testudo_i_delay *delay, double rate, int32_t place, double t)
{
  return t == HUGE_VAL ? 0.0 : testudo_i_delay_survival(delay, rate, place, t);
}

double testudo_i_cluster_late(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  int32_t load = cluster->class_load[class_];
  double rate = cluster->class_rate[class_], late = 0;
  if (cluster->work == NULL)
    return testudo_i_survival_at(&cluster->delay, rate, load, t);
  if (t < HUGE_VAL)
    testudo_i_step_law(cluster->model, rate, cluster->work[load - 1], t, &late);
  return late;
}

double testudo_i_cluster_unfinished(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  if (cluster->class_load[class_] == 0)
    return 0;
  double p = testudo_i_independent_failures(cluster->model);
  return p + (1 - p) * testudo_i_cluster_late(cluster, class_, t);
}

double testudo_i_cluster_finished(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  int32_t load = cluster->class_load[class_];
  if (load == 0)
    return 1;
  double rate = cluster->class_rate[class_], done = 1, late;
  if (t < HUGE_VAL)
    done = cluster->work != NULL ? testudo_i_step_law(cluster->model, rate, cluster->work[load - 1], t, &late)
                                 : testudo_i_delay_cdf(&cluster->delay, rate, load, t);
  return (1 - testudo_i_independent_failures(cluster->model)) * done;
}
