/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds that rank 0 begins and all other ranks compute at once, each its own record; between rounds a round trip to
   each rank and a vector from it are timed. */
#ifndef TESTUDO_CLUSTER_ROUNDS_H
#define TESTUDO_CLUSTER_ROUNDS_H

#include "cluster/hand_out.h"

typedef struct testudo_i_cluster_rounds {
  int32_t rounds;         /* and one more before them, number -1, which warms up */
  size_t numbers;         /* in a record */
  size_t vector;          /* numbers in the vector that is timed, at most INT32_MAX */
  /* Of the other ranks: computes a record. */
  void (*compute)(void *context, double *record);
  /* Of rank 0: what worker `worker` (rank worker + 1) has computed. */
  testudo_status (*take)(void *context, int32_t worker, int32_t round, const double *record, testudo_error *error);
  /* Of rank 0, after a round, for every worker: seconds of a round trip, and of the vector beside it. */
  void (*timed)(void *context, int32_t worker, int32_t round, double signal, double message);
  void *context;
  const testudo_monitor *monitor;
} testudo_i_cluster_rounds;

/* TESTUDO_INTERRUPTED where the monitor stopped it. The other ranks wait until the cluster is left. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_lead(testudo_i_cluster *cluster,
                                                      const testudo_i_cluster_rounds *rounds, testudo_error *error);

/* Returns when rank 0 has left the cluster, or the monitor stops it. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_join(testudo_i_cluster *cluster,
                                                      const testudo_i_cluster_rounds *rounds, testudo_error *error);

/* The hosts on which the ranks are. Every rank calls it. */
int32_t testudo_i_cluster_hosts(testudo_i_cluster *cluster);

#endif
