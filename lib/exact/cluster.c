/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters: the workers of a design in classes that behave alike. */
#include "exact/cluster.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "numeric/integrate.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status sort_into_classes(testudo_i_cluster *cluster, testudo_error *error)
{
  size_t room = (size_t)cluster->workers;
  cluster->class_of = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_of);
  cluster->class_load = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_load);
  cluster->class_size = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_size);
  cluster->class_law = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_law);
  cluster->class_rate = testudo_i_arena_alloc(&cluster->arena, room, sizeof *cluster->class_rate);
  int32_t *load = testudo_i_arena_alloc(&cluster->arena, room, sizeof *load);
  TESTUDO_I_TRY(testudo_i_arena_check(&cluster->arena, error));
  for (int32_t j = 0; j < cluster->workers; j++)
    load[j] = testudo_design_steps(cluster->design, j);
  return testudo_i_worker_classes(cluster->model, load, cluster->workers, cluster->class_of, cluster->class_law,
                                  cluster->class_rate, cluster->class_load, cluster->class_size, &cluster->classes,
                                  error);
}

testudo_i_delay testudo_i_design_delay(const testudo_design *design, const testudo_i_delay *known, int32_t max_load,
                                       bool whole, testudo_delay_model *own)
{
  *own = *known->model;
  if (max_load <= 1 && own->structure == TESTUDO_STRUCTURE_ADDITIVE)
    own->structure = TESTUDO_STRUCTURE_SCALED; /* which is the same then, and has atoms where the law has */
  testudo_i_delay delay = {own, .tables = known->tables, .bracketed = known->bracketed};
  delay.unit = testudo_i_unit(own, testudo_design_workers(design), testudo_design_chunks(design));
  delay.share = whole ? 1.0 / testudo_design_parts(design) : 0.0; /* of messages, by those that send when finished */
  return delay;
}

/* Workers that send when they have finished, after the same number of chunks: the sums of fewer are not asked for. */
static bool waits_for_last(const testudo_i_cluster *cluster)
{
  for (int32_t j = 0; j < cluster->workers; j++) {
    int32_t load = testudo_design_load(cluster->design, j);
    if (load > 0 && load < cluster->max_load)
      return false;
  }
  return cluster->whole;
}

static testudo_status start_cluster(testudo_i_cluster *cluster, const testudo_i_delay *delay, testudo_report report,
                                    testudo_error *error)
{
  const testudo_design *design = cluster->design;
  const testudo_delay_model *model = delay->model;
  TESTUDO_I_TRY(testudo_delay_check(model, cluster->workers, error));
  TESTUDO_I_TRY(testudo_i_completion_rule(design, report, &cluster->rule, error));
  cluster->whole = testudo_design_report_for(design, report) == TESTUDO_REPORT_WHOLE;
  bool steps = cluster->rule.work != NULL;
  cluster->max_load = steps ? design->steps : testudo_design_max_load(design);
  if (steps && model->structure != TESTUDO_STRUCTURE_SCALED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, TESTUDO_I_STEPS_SCALED, design->scheme->name,
                          design->scheme->step);
  cluster->steps = (testudo_i_work_steps){cluster->rule.work, cluster->rule.starts, cluster->rule.sent};
  testudo_i_delay wanted = testudo_i_design_delay(design, delay, cluster->max_load, cluster->whole, &cluster->own);
  wanted.steps = steps ? &cluster->steps : NULL;
  wanted.only_last = waits_for_last(cluster);
  TESTUDO_I_TRY(testudo_i_delay_complete(&wanted, steps ? 1 : cluster->max_load, &cluster->arena, &cluster->delay,
                                         error));
  if (cluster->delay.tables != wanted.tables)
    cluster->tables_error = testudo_i_delay_tables_error(cluster->delay.tables);
  cluster->model = cluster->delay.model;
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
  testudo_i_arena_clear(&cluster->arena);
  *cluster = (testudo_i_cluster){0};
}

double testudo_i_log_binomial(int32_t workers, int32_t failed, double fail)
{
  double m = workers, f = failed;
  if (fail <= 0 || fail >= 1)
    return failed == (fail > 0 ? workers : 0) ? 0 : -HUGE_VAL;
  return testudo_i_log_gamma(m + 1) - testudo_i_log_gamma(f + 1) - testudo_i_log_gamma(m - f + 1) + f * log(fail) +
         (m - f) * log1p(-fail);
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
  } else {
    testudo_i_delay delay = testudo_i_class_delay(cluster, class_);
    testudo_i_progress_law(&delay, cluster->class_rate[class_], load, cluster->whole, t, q);
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

testudo_i_delay testudo_i_class_delay(const testudo_i_cluster *cluster, int32_t class_)
{
  return testudo_i_delay_of(&cluster->delay, cluster->class_law[class_]);
}

double testudo_i_cluster_late(const testudo_i_cluster *cluster, int32_t class_, double t)
{
  testudo_i_delay delay = testudo_i_class_delay(cluster, class_);
  return testudo_i_survival_at(&delay, cluster->class_rate[class_], cluster->class_load[class_], t);
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
  testudo_i_delay delay = testudo_i_class_delay(cluster, class_);
  double done = t < HUGE_VAL ? testudo_i_delay_cdf(&delay, cluster->class_rate[class_], load, t) : 1;
  return (1 - testudo_i_independent_failures(cluster->model)) * done;
}

double testudo_i_cluster_scale(const testudo_i_cluster *cluster, double p)
{
  double least = HUGE_VAL;
  for (int32_t k = 0; k < cluster->classes; k++) {
    testudo_i_delay delay = testudo_i_class_delay(cluster, k);
    least = fmin(least, testudo_i_delay_scale(&delay, cluster->class_rate[k], p));
  }
  return least;
}
