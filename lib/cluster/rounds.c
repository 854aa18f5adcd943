/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds of all ranks. While a round is computed nobody waits inside MPI, which would take the cores from those that
   compute; the times of messages are taken when all are done, and then both sides do wait there. */
#define _POSIX_C_SOURCE 200809L
#include "cluster/rounds.h"

#include <math.h>
#include <string.h>

#include <mpi.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/cluster.h"
#include "parallel/lock.h"

/* ---- rank 0 ---- */

static testudo_status collect(const testudo_i_cluster *cluster, const testudo_i_cluster_rounds *r, int32_t round,
                              double *record, testudo_error *error)
{
  for (int waiting = cluster->count - 1; waiting > 0;) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_RECORD, MPI_COMM_WORLD, &there, &status);
    if (!there) {
      if (testudo_i_stopped(r->monitor, fmax((double)round / r->rounds, 0.0)))
        return testudo_i_fail(error, TESTUDO_INTERRUPTED,
                              "interrupted before the first iteration was complete: no trace is written");
      testudo_i_rest();
      continue;
    }
    MPI_Recv(record, (int)r->numbers, MPI_DOUBLE, status.MPI_SOURCE, TAG_RECORD, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    TESTUDO_I_TRY(r->take(r->context, status.MPI_SOURCE - 1, round, record, error));
    waiting--;
  }
  return TESTUDO_OK;
}

/* The first exchange wakes the rank, which then waits inside MPI for the other two. */
static void time_messages(const testudo_i_cluster_rounds *r, int32_t worker, int32_t round, double *vector)
{
  char byte = 0;
  double at[3];
  for (int k = 0; k < 2; k++) {
    at[k] = testudo_i_seconds_now();
    MPI_Send(&byte, 1, MPI_BYTE, worker + 1, TAG_PING, MPI_COMM_WORLD);
    MPI_Recv(&byte, 1, MPI_BYTE, worker + 1, TAG_PONG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
  at[2] = testudo_i_seconds_now();
  MPI_Send(&byte, 1, MPI_BYTE, worker + 1, TAG_PING, MPI_COMM_WORLD);
  MPI_Recv(vector, (int)r->vector, MPI_DOUBLE, worker + 1, TAG_VECTOR, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  double signal = at[2] - at[1], whole = testudo_i_seconds_now() - at[2];
  r->timed(r->context, worker, round, signal, fmax(whole - signal, 0.0));
}

testudo_status testudo_i_cluster_lead(testudo_i_cluster *cluster, const testudo_i_cluster_rounds *rounds,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *record = testudo_i_calloc(rounds->numbers, sizeof *record);
  TESTUDO_I_HELD(testudo_i_free_held) double *vector = testudo_i_calloc(rounds->vector, sizeof *vector);
  TESTUDO_I_TRY(testudo_i_memory_check(record != NULL && vector != NULL, error));
  for (int32_t round = -1; round < rounds->rounds; round++) {
    for (int k = 1; k < cluster->count; k++)
      MPI_Send(&round, 1, MPI_INT32_T, k, TAG_ROUND, MPI_COMM_WORLD);
    TESTUDO_I_TRY(collect(cluster, rounds, round, record, error));
    for (int k = 1; k < cluster->count; k++)
      time_messages(rounds, k - 1, round, vector);
  }
  return TESTUDO_OK;
}

/* ---- the others ---- */

static void answer_pings(const testudo_i_cluster_rounds *r, const double *vector)
{
  char byte;
  for (int k = 0; k < 3; k++) {
    MPI_Recv(&byte, 1, MPI_BYTE, 0, TAG_PING, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (k < 2)
      MPI_Send(&byte, 1, MPI_BYTE, 0, TAG_PONG, MPI_COMM_WORLD);
    else
      MPI_Send(vector, (int)r->vector, MPI_DOUBLE, 0, TAG_VECTOR, MPI_COMM_WORLD);
  }
}

testudo_status testudo_i_cluster_join(testudo_i_cluster *cluster, const testudo_i_cluster_rounds *rounds,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *record = testudo_i_calloc(rounds->numbers, sizeof *record);
  TESTUDO_I_HELD(testudo_i_free_held) double *vector = testudo_i_calloc(rounds->vector, sizeof *vector);
  TESTUDO_I_TRY(testudo_i_memory_check(record != NULL && vector != NULL, error));
  for (;;) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(0, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (!there) {
      /* Ctrl-C reaches all ranks: rank 0 is to say what comes of it. */
      testudo_i_rest();
      continue;
    }
    if (status.MPI_TAG == TAG_JOB) { /* the end */
      int64_t message[2];
      MPI_Recv(message, 2, MPI_INT64_T, 0, TAG_JOB, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      cluster->dismissed = true;
      return TESTUDO_OK;
    }
    if (status.MPI_TAG == TAG_PING) {
      answer_pings(rounds, vector);
      continue;
    }
    int32_t round;
    MPI_Recv(&round, 1, MPI_INT32_T, 0, TAG_ROUND, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    rounds->compute(rounds->context, record);
    MPI_Send(record, (int)rounds->numbers, MPI_DOUBLE, 0, TAG_RECORD, MPI_COMM_WORLD);
  }
}

int32_t testudo_i_cluster_hosts(testudo_i_cluster *cluster)
{
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length;
  TESTUDO_I_HELD(testudo_i_free_held) char *all = testudo_i_calloc((size_t)cluster->count, sizeof name);
  MPI_Get_processor_name(name, &length);
  if (all == NULL)
    return 1;
  MPI_Allgather(name, sizeof name, MPI_BYTE, all, sizeof name, MPI_BYTE, MPI_COMM_WORLD);
  int32_t hosts = 0;
  for (int k = 0; k < cluster->count; k++) {
    int before = 0;
    while (before < k && strcmp(all + (size_t)before * sizeof name, all + (size_t)k * sizeof name) != 0)
      before++;
    hosts += before == k;
  }
  return hosts;
}
