/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs of one program on many ranks of MPI: rank 0 hands them out one by one, computes between, and takes the results;
   the others ask for more. A rank that is silent for too long is given up, and its job goes to another. The only home
   of MPI. */
#ifndef TESTUDO_CLUSTER_HAND_OUT_H
#define TESTUDO_CLUSTER_HAND_OUT_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

/* A rank that has a job and says nothing for so long is taken for dead. */
enum { TESTUDO_I_CLUSTER_SILENCE = 20 };

typedef struct testudo_i_cluster testudo_i_cluster;

/* Computes `job` and sets *bytes (malloc), what is to be sent; the monitor must be called often, as it also says that
   this rank lives. TESTUDO_INTERRUPTED where the monitor stopped it: nothing is sent. Called on any one thread of a
   rank at a time. */
typedef testudo_status testudo_i_cluster_compute(void *context, int64_t job, const testudo_monitor *monitor,
                                                 char **bytes, size_t *length, testudo_error *error);

typedef struct testudo_i_cluster_jobs {
  const int64_t *job;
  int64_t count;
  testudo_i_cluster_compute *compute;
  /* On rank 0 alone, one call at a time, once per k: what came of job[k]. */
  testudo_status (*take)(void *context, int64_t k, const char *bytes, size_t length, testudo_error *error);
  /* On rank 0: is job[k] still to be done? It is not asked again once the answer is no. NULL: all are. */
  bool (*wanted)(void *context, int64_t k);
  void *context;
  const testudo_monitor *monitor; /* may be called from two threads */
} testudo_i_cluster_jobs;

/* Joins the ranks, before anything else of the program; its arguments are left alone. TESTUDO_ERROR_SYSTEM where MPI
   cannot be started. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_start(testudo_i_cluster **cluster, testudo_error *error);

int testudo_i_cluster_rank(const testudo_i_cluster *cluster);
int testudo_i_cluster_ranks(const testudo_i_cluster *cluster);
int testudo_i_cluster_lost(const testudo_i_cluster *cluster); /* ranks that were given up */

/* Of rank 0: all jobs, or until the monitor stops it (TESTUDO_INTERRUPTED). The first answer of `take` that is not OK
   ends it too. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_hand_out(testudo_i_cluster *cluster,
                                                          const testudo_i_cluster_jobs *jobs, testudo_error *error);

/* Of the other ranks: computes what it is given until rank 0 says that there is no more. */
TESTUDO_CHECKED testudo_status testudo_i_cluster_serve(testudo_i_cluster *cluster, testudo_i_cluster_compute *compute,
                                                       void *context, const testudo_monitor *monitor,
                                                       testudo_error *error);

/* Leaves the ranks: rank 0 dismisses the others first. Frees the cluster, and answers whether the process may end as
   usual: where ranks were lost, leaving in order would wait for them for ever. */
bool testudo_i_cluster_end(testudo_i_cluster *cluster);

#endif
