/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design under a delay model, as the laws see it: workers in classes, and what their progress at a time is. */
#ifndef TESTUDO_EXACT_CLUSTER_H
#define TESTUDO_EXACT_CLUSTER_H

#include <stdint.h>

#include <testudo/exact.h>

#include "delay/model.h"
#include "runtime/completion.h"

typedef struct testudo_i_cluster {
  const testudo_design *design;
  testudo_i_delay delay;
  const testudo_delay_model *model; /* delay.model, which is own */
  testudo_delay_model own;
  double tables_error;         /* relative, of every side, where the delay has tables that were not lent */
  testudo_i_work_steps steps;  /* delay.steps, where steps are not chunks */
  testudo_i_rule rule;  /* when it is complete */
  bool whole;           /* unfinished work counts as nothing */
  int32_t workers, max_load;
  int32_t *class_of;    /* of each worker; a class is a (law, rate, load) */
  int32_t *class_load, *class_size;
  const testudo_law **class_law;
  double *class_rate;
  int32_t classes;
  testudo_i_arena arena; /* of these */
} testudo_i_cluster;

/* What the laws of a design ask of `known`, a model and perhaps its tables: its unit, and the share of a message that
   the last step waits for. The model is a copy, *own, in which structures that one chunk does not tell apart are the
   same. */
testudo_i_delay testudo_i_design_delay(const testudo_design *design, const testudo_i_delay *known, int32_t max_load,
                                       bool whole, testudo_delay_model *own);

/* `delay` is a model and, perhaps, tables, which are lent; those that it lacks are made. Where steps are not chunks, a
   load is the number of steps everywhere below. TESTUDO_ERROR_ARGUMENT also where the scheme does not
   have this report, or its steps not this structure. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_init(testudo_i_cluster *cluster, const testudo_design *design,
                                                      const testudo_i_delay *delay, bool whole, testudo_error *error);
void testudo_i_cluster_free(testudo_i_cluster *cluster);

/* The two kinds of failures: workers that fail for certain, and the probability that one fails by itself; 0 where the
   model's are others. */
static inline int32_t testudo_i_exact_failures(const testudo_delay_model *model)
{
  return model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
}

static inline double testudo_i_independent_failures(const testudo_delay_model *model)
{
  return model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0.0;
}

/* log P(Binomial(workers, fail) = failed). */
double testudo_i_log_binomial(int32_t workers, int32_t failed, double fail);

/* Workers of the cluster that fail for certain: f under exactly-f failures, otherwise 0. */
int32_t testudo_i_cluster_failed(const testudo_i_cluster *cluster);

/* q_c(t) of one class, c = 0..its load; t may be HUGE_VAL. Independent failures are mixed in (progress 0), exactly-f
   failures are not: q is then the law of a worker that lives. */
void testudo_i_cluster_progress(const testudo_i_cluster *cluster, int32_t class_, double t, double *q);

/* P(a worker of the class that does not fail has not finished all its steps by t; there must be some). */
double testudo_i_cluster_late(const testudo_i_cluster *cluster, int32_t class_, double t);

/* P(a worker of the class has not finished all its steps by t), failures treated as above. */
double testudo_i_cluster_unfinished(const testudo_i_cluster *cluster, int32_t class_, double t);

/* Its complement, accurate when small. */
double testudo_i_cluster_finished(const testudo_i_cluster *cluster, int32_t class_, double t);

/* What a class's times are. */
testudo_i_delay testudo_i_class_delay(const testudo_i_cluster *cluster, int32_t class_);

/* The p-quantile of all that is random in a first step of the fastest workers: a rough scale to begin a search with. */
double testudo_i_cluster_scale(const testudo_i_cluster *cluster, double p);

/* P(C_{j,k} > t) at a rate, t may be HUGE_VAL (then 0): no failures. */
double testudo_i_survival_at(const testudo_i_delay *delay, double rate, int32_t place, double t);

#endif
