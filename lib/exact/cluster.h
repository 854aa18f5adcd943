/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design under a delay model, as the laws see it: workers in classes, and what their progress at a time is. */
#ifndef TESTUDO_EXACT_CLUSTER_H
#define TESTUDO_EXACT_CLUSTER_H

#include <stdint.h>

#include <testudo/exact.h>

typedef struct testudo_i_cluster {
  const testudo_design *design;
  const testudo_delay_model *model; /* own, with its convolutions where there are any */
  testudo_delay_model own;
  testudo_sums *sums;
  bool whole;           /* unfinished work counts as nothing */
  /* Scheme block: its steps are blocks, and everywhere below a load is their number; work[k-1], chunk times, is when
     step k is done (lent). NULL: steps are chunks. */
  const double *work;
  int32_t workers, max_load;
  int32_t *class_of;    /* of each worker; a class is a (rate, load) */
  int32_t *class_load, *class_size;
  double *class_rate;
  int32_t classes;
} testudo_i_cluster;

TESTUDO_CHECKED testudo_status testudo_i_cluster_init(testudo_i_cluster *cluster, const testudo_design *design,
                                                      const testudo_delay_model *model, bool whole,
                                                      testudo_error *error);
void testudo_i_cluster_free(testudo_i_cluster *cluster);

/* Workers that fail for certain: f under exactly-f failures, otherwise 0. */
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

/* P(C_{j,k} > t) at a rate, t may be HUGE_VAL (then 0): no failures. */
double testudo_i_survival_at(const testudo_delay_model *model, double rate, int32_t place, double t);

#endif
