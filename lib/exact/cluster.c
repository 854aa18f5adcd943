/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exact/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/sums.h"
#include "runtime/design.h"
#include "runtime/progress.h"

testudo_status testudo_i_cluster_init(testudo_i_cluster *cluster, const testudo_design *design,
                                      const testudo_delay_model *model, bool whole, testudo_error *error)
{
  memset(cluster, 0, sizeof *cluster);
  int32_t workers = testudo_design_workers(design);
  testudo_status status = testudo_delay_check(model, workers, error);
  if (status == TESTUDO_OK)
    status = testudo_i_delay_complete(model, design->layout.work != NULL ? 1 : testudo_design_max_load(design),
                                      &cluster->own, &cluster->sums, error);
  if (status != TESTUDO_OK)
    return status;
  size_t room = (size_t)workers;
  cluster->design = design;
  cluster->model = &cluster->own;
  /* One message of these schemes needs all of a worker's chunks. */
  cluster->whole = whole || testudo_design_scheme(design) == TESTUDO_SCHEME_GRADIENT_CODE ||
                   testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
  cluster->workers = workers;
  cluster->work = design->layout.work;
  cluster->max_load = cluster->work != NULL ? design->layout.blocks : testudo_design_max_load(design);
  cluster->class_of = testudo_i_alloc(room, sizeof *cluster->class_of);
  cluster->class_load = testudo_i_alloc(room, sizeof *cluster->class_load);
  cluster->class_size = testudo_i_alloc(room, sizeof *cluster->class_size);
  cluster->class_rate = testudo_i_alloc(room, sizeof *cluster->class_rate);
  int32_t *load = testudo_i_alloc(room, sizeof *load);
  if (load == NULL || cluster->class_of == NULL || cluster->class_load == NULL || cluster->class_size == NULL ||
      cluster->class_rate == NULL) {
    free(load);
    testudo_i_cluster_free(cluster);
    return testudo_i_fail_memory(error);
  }
  for (int32_t j = 0; j < workers; j++)
    load[j] = testudo_i_progress_most(design, j);
  testudo_i_worker_classes(model, load, workers, cluster->class_of, cluster->class_rate, cluster->class_load,
                           cluster->class_size, &cluster->classes);
  free(load);
  return TESTUDO_OK;
}

void testudo_i_cluster_free(testudo_i_cluster *cluster)
{
  free(cluster->class_of);
  free(cluster->class_load);
  free(cluster->class_size);
  free(cluster->class_rate);
  testudo_i_sums_free(cluster->sums);
  memset(cluster, 0, sizeof *cluster);
}

int32_t testudo_i_cluster_failed(const testudo_i_cluster *cluster)
{
  return cluster->model->failures == TESTUDO_FAILURES_EXACTLY ? cluster->model->failed : 0;
}

static double fail_prob(const testudo_delay_model *model)
{
  return model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0.0;
}

void testudo_i_cluster_progress(const testudo_i_cluster *cluster, int32_t class_, double t, double *q)
{
  int32_t load = cluster->class_load[class_];
  double p = fail_prob(cluster->model);
  if (t == HUGE_VAL) {
    memset(q, 0, ((size_t)load + 1) * sizeof *q);
    q[load] = 1.0;
  } else if (cluster->work != NULL) {
    testudo_i_work_law(cluster->model, cluster->class_rate[class_], cluster->work, load, t, q);
  } else {
    testudo_i_progress_law(cluster->model, cluster->class_rate[class_], load, cluster->whole, t, q);
  }
  if (p > 0) {
    for (int32_t c = 0; c <= load; c++)
      q[c] *= 1 - p;
    q[0] += p;
  }
}

double testudo_i_survival_at(const testudo_delay_model *model, double rate, int32_t place, double t)
{
  return t == HUGE_VAL ? 0.0 : testudo_delay_survival(model, rate, place, t);
}

double testudo_i_cluster_late(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  int32_t load = cluster->class_load[class_];
  double rate = cluster->class_rate[class_], late = 0;
  if (cluster->work == NULL)
    return testudo_i_survival_at(cluster->model, rate, load, t);
  if (t < HUGE_VAL)
    testudo_i_step_law(cluster->model, rate, cluster->work[load - 1], t, &late);
  return late;
}

double testudo_i_cluster_unfinished(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  if (cluster->class_load[class_] == 0)
    return 0;
  double p = fail_prob(cluster->model);
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
                                 : testudo_i_delay_cdf(cluster->model, rate, load, t);
  return (1 - fail_prob(cluster->model)) * done;
}
