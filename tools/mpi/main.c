/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo-mpi explore and testudo-mpi measure: the same commands on the ranks of MPI, mpirun -n 8 testudo-mpi explore
   SPEC.json --store FILE. Only rank 0 opens files and speaks. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cluster/rounds.h"
#include "common/session.h"
#include "explore/explore.h"
#include "measure/measure.h"
#include "program.h"

/* The others would say the same. */
static bool be_silent(void)
{
  return freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL;
}

int main(int argc, char **argv)
{
  testudo_i_cluster *cluster;
  testudo_error error = {.text = ""};
  testudo_status status = testudo_i_cluster_start(&cluster, &error);
  if (status != TESTUDO_OK) {
    session_complain("%s", error.text);
    return (int)status;
  }
  int rank = testudo_i_cluster_rank(cluster);
  const explore_ranks ranks = {.leads = rank == 0, .cluster = cluster,
                               .hand_out = testudo_i_cluster_hand_out, .serve = testudo_i_cluster_serve};
  const measure_ranks workers = {.leads = rank == 0, .workers = testudo_i_cluster_ranks(cluster) - 1,
                                 .worker = rank - 1, .hosts = testudo_i_cluster_hosts(cluster), .cluster = cluster,
                                 .lead = testudo_i_cluster_lead, .join = testudo_i_cluster_join};
  int code = TESTUDO_ERROR_ARGUMENT;
  explore_ranks_here = &ranks;
  measure_ranks_here = &workers;
  if (!ranks.leads && !be_silent())
    code = TESTUDO_ERROR_SYSTEM;
  else if (argc < 2 || (strcmp(argv[1], "explore") != 0 && strcmp(argv[1], "measure") != 0))
    session_complain("the commands of testudo-mpi are explore and measure; all others are those of testudo");
  else
    code = program_run(argc, argv);
  int lost = testudo_i_cluster_lost(cluster);
  if (lost > 0)
    session_complain("%d ranks were silent for %d s and were given up; their points went to others", lost,
                     (int)TESTUDO_I_CLUSTER_SILENCE);
  /* Leaving MPI in order would wait for ranks that are no more. */
  if (!testudo_i_cluster_end(cluster))
    _exit(code);
  return code;
}
