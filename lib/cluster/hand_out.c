/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "cluster/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/error.h"
#include "base/memory.h"
#include "parallel/lock.h"
#include "parallel/loop.h"

testudo_status testudo_i_cluster_start(testudo_i_cluster **cluster, testudo_error *error)
{
  int provided;
  *cluster = NULL;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "MPI could not be started");
  testudo_i_cluster *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  MPI_Comm_rank(MPI_COMM_WORLD, &made->own);
  MPI_Comm_size(MPI_COMM_WORLD, &made->count);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  made->rank = testudo_i_calloc((size_t)made->count, sizeof *made->rank);
  testudo_status status = testudo_i_memory_check(made->rank != NULL, error);
  if (status == TESTUDO_OK && provided < MPI_THREAD_SERIALIZED)
    status = testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "this MPI may be called from one thread only");
  *cluster = made;
  return status;
}

int testudo_i_cluster_rank(const testudo_i_cluster *cluster)
{
  return cluster->own;
}

int testudo_i_cluster_ranks(const testudo_i_cluster *cluster)
{
  return cluster->count;
}

int testudo_i_cluster_lost(const testudo_i_cluster *cluster)
{
  return cluster->lost;
}

/* ---- rank 0 ---- */

typedef struct master {
  testudo_i_cluster *cluster;
  const testudo_i_cluster_jobs *jobs;
  testudo_i_lock lock;   /* of what follows */
  int64_t next;          /* jobs from here on were given to nobody */
  int64_t *again;        /* jobs of ranks that were lost */
  int64_t agains;
  bool *taken;
  int64_t finished;
  testudo_status status; /* the first that is not OK */
  testudo_error error;
  bool stopped;
} master;

static int64_t next_job(master *m)
{
  int64_t k;
  testudo_i_lock_take(&m->lock);
  do {
    k = NO_JOB;
    if (m->status == TESTUDO_OK && !m->stopped)
      k = m->agains > 0 ? m->again[--m->agains] : m->next < m->jobs->count ? m->next++ : NO_JOB;
    if (k == NO_JOB || m->taken[k] || m->jobs->wanted == NULL || m->jobs->wanted(m->jobs->context, k))
      break;
    m->taken[k] = true;
    m->finished++;
  } while (true);
  testudo_i_lock_give(&m->lock);
  return k;
}

/* Under the lock, so that results are taken one at a time. */
static void take_result(master *m, int64_t k, const char *bytes, size_t length)
{
  testudo_i_lock_take(&m->lock);
  if (m->status == TESTUDO_OK && !m->taken[k]) {
    m->taken[k] = true;
    m->status = m->jobs->take(m->jobs->context, k, bytes, length, &m->error);
    m->finished++;
  }
  testudo_i_lock_give(&m->lock);
}

static bool is_over(master *m)
{
  testudo_i_lock_take(&m->lock);
  bool over = m->finished == m->jobs->count || m->status != TESTUDO_OK || m->stopped;
  testudo_i_lock_give(&m->lock);
  return over;
}

static bool asks_to_stop(master *m)
{
  testudo_i_lock_take(&m->lock);
  double fraction = m->jobs->count > 0 ? (double)m->finished / (double)m->jobs->count : 1.0;
  testudo_i_lock_give(&m->lock);
  if (!testudo_i_stopped(m->jobs->monitor, fraction))
    return false;
  testudo_i_lock_take(&m->lock);
  m->stopped = true;
  testudo_i_lock_give(&m->lock);
  return true;
}

/* What rank 0 computes itself, beside handing out. */
static void work_here(master *m)
{
  while (!is_over(m)) {
    int64_t k = next_job(m);
    if (k == NO_JOB) {
      testudo_i_rest();
      continue;
    }
    TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
    size_t length = 0;
    testudo_error error = {.text = ""};
    testudo_status status =
        m->jobs->compute(m->jobs->context, m->jobs->job[k], m->jobs->monitor, &bytes, &length, &error);
    if (status == TESTUDO_OK)
      take_result(m, k, bytes, length);
    testudo_i_lock_take(&m->lock);
    if (status == TESTUDO_INTERRUPTED)
      m->stopped = true;
    else if (status != TESTUDO_OK && m->status == TESTUDO_OK) {
      m->status = status;
      m->error = error;
    }
    testudo_i_lock_give(&m->lock);
  }
}

static void put_back(master *m, int64_t k)
{
  testudo_i_lock_take(&m->lock);
  if (!m->taken[k] && m->agains < m->jobs->count)
    m->again[m->agains++] = k;
  testudo_i_lock_give(&m->lock);
}

static void give(master *m, int to)
{
  rank *r = &m->cluster->rank[to];
  int64_t k = next_job(m);
  r->state = k == NO_JOB ? RANK_WAITS : RANK_WORKS;
  r->k = k;
  if (k == NO_JOB)
    return;
  int64_t message[2] = {k, m->jobs->job[k]};
  MPI_Send(message, 2, MPI_INT64_T, to, TAG_JOB, MPI_COMM_WORLD);
}

static void hear(master *m, const MPI_Status *status)
{
  rank *r = &m->cluster->rank[status->MPI_SOURCE];
  int length;
  MPI_Get_count(status, MPI_BYTE, &length);
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = testudo_i_alloc((size_t)length + 1, 1);
  if (bytes == NULL) {
    testudo_i_lock_take(&m->lock);
    m->status = testudo_i_fail_memory(&m->error);
    testudo_i_lock_give(&m->lock);
    return;
  }
  MPI_Recv(bytes, length, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  r->heard = testudo_i_seconds_now();
  if (r->state == RANK_LOST && status->MPI_TAG != TAG_GONE)
    m->cluster->lost--; /* it was slow, not dead */
  if (status->MPI_TAG == TAG_RESULT && length >= (int)sizeof(int64_t)) {
    int64_t k;
    memcpy(&k, bytes, sizeof k);
    if (k >= 0 && k < m->jobs->count)
      take_result(m, k, bytes + sizeof k, (size_t)length - sizeof k);
  }
  if (status->MPI_TAG == TAG_GONE) {
    if (r->state == RANK_WORKS)
      put_back(m, r->k);
    r->state = RANK_LEFT;
  }
  else if (status->MPI_TAG == TAG_ALIVE)
    r->state = r->state == RANK_LOST ? RANK_WORKS : r->state;
  else
    give(m, status->MPI_SOURCE);
}

/* Jobs of ranks that are silent go to others; ranks that wait get what has come free. */
static void look_round(master *m)
{
  double now = testudo_i_seconds_now();
  for (int k = 1; k < m->cluster->count; k++) {
    rank *r = &m->cluster->rank[k];
    if (r->state == RANK_WORKS && now - r->heard > TESTUDO_I_CLUSTER_SILENCE) {
      r->state = RANK_LOST;
      m->cluster->lost++;
      put_back(m, r->k);
    }
    if (r->state == RANK_WAITS)
      give(m, k);
  }
}

static bool hear_next(master *m)
{
  int there = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
  if (there)
    hear(m, &status);
  return there != 0;
}

/* Every look costs the thread that computes on the same core some microseconds: of 17,000 a second it lost a tenth of
   its time. So the longer nobody has said anything, the longer until the next look: a rank waits at most a fiftieth of
   that. */
static long microseconds_to_rest(double silent)
{
  return (long)fmin(fmax(1e6 * silent / 50.0, 50.0), 2000.0);
}

static void hand_to_others(master *m)
{
  double heard = testudo_i_seconds_now();
  while (!is_over(m)) {
    if (asks_to_stop(m))
      break;
    double now = testudo_i_seconds_now();
    if (hear_next(m)) {
      heard = now;
      continue;
    }
    look_round(m);
    testudo_i_rest_for(microseconds_to_rest(now - heard));
  }
}

static testudo_status one_part(void *context, int32_t thread, int64_t index)
{
  (void)thread;
  if (index == 0)
    hand_to_others(context);
  else
    work_here(context);
  return TESTUDO_OK;
}

testudo_status testudo_i_cluster_hand_out(testudo_i_cluster *cluster, const testudo_i_cluster_jobs *jobs,
                                          testudo_error *error)
{
  master m = {.cluster = cluster, .jobs = jobs, .lock = ATOMIC_FLAG_INIT};
  TESTUDO_I_HELD(testudo_i_free_held) bool *taken = testudo_i_calloc((size_t)jobs->count + 1, sizeof *taken);
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *again = testudo_i_calloc((size_t)jobs->count + 1, sizeof *again);
  TESTUDO_I_TRY(testudo_i_memory_check(taken != NULL && again != NULL, error));
  m.taken = taken;
  m.again = again;
  TESTUDO_I_TRY(testudo_i_parallel_for(2, 2, one_part, &m, NULL));
  if (m.status != TESTUDO_OK)
    return testudo_i_fail(error, m.status, "%s", m.error.text);
  return m.finished == jobs->count ? TESTUDO_OK : TESTUDO_INTERRUPTED;
}

/* ---- the others ---- */

typedef struct servant {
  const testudo_monitor *monitor;
  double said; /* seconds: when rank 0 last heard of this one */
} servant;

/* To rank 0: the tag says all. */
static void say(int tag)
{
  char nothing = 0;
  MPI_Send(&nothing, 1, MPI_BYTE, 0, tag, MPI_COMM_WORLD);
}

static bool say_alive(void *context, double fraction)
{
  servant *s = context;
  double now = testudo_i_seconds_now();
  if (now - s->said > 1.0) {
    s->said = now;
    say(TAG_ALIVE);
  }
  return !testudo_i_stopped(s->monitor, fraction);
}

static bool wait_for_job(const servant *s, int64_t message[2])
{
  int there = 0;
  MPI_Status status;
  while (!there) {
    MPI_Iprobe(0, TAG_JOB, MPI_COMM_WORLD, &there, &status);
    if (!there && testudo_i_stopped(s->monitor, -1.0))
      return false;
    if (!there)
      testudo_i_rest();
  }
  MPI_Recv(message, 2, MPI_INT64_T, 0, TAG_JOB, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return message[0] != NO_JOB;
}

static testudo_status send_result(int64_t k, const char *bytes, size_t length, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *whole = testudo_i_alloc(length + sizeof k, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(whole != NULL, error));
  memcpy(whole, &k, sizeof k);
  memcpy(whole + sizeof k, bytes, length);
  MPI_Send(whole, (int)(length + sizeof k), MPI_BYTE, 0, TAG_RESULT, MPI_COMM_WORLD);
  return TESTUDO_OK;
}

testudo_status testudo_i_cluster_serve(testudo_i_cluster *cluster, testudo_i_cluster_compute *compute, void *context,
                                       const testudo_monitor *monitor, testudo_error *error)
{
  servant s = {.monitor = monitor, .said = testudo_i_seconds_now()};
  const testudo_monitor alive = {.step = say_alive, .context = &s};
  int64_t message[2];
  say(TAG_READY);
  while (wait_for_job(&s, message)) {
    TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
    size_t length = 0;
    TESTUDO_I_TRY(compute(context, message[1], &alive, &bytes, &length, error));
    TESTUDO_I_TRY(send_result(message[0], bytes, length, error));
  }
  cluster->dismissed = message[0] == NO_JOB;
  cluster->lost = cluster->dismissed ? (int)message[1] : 0;
  return cluster->dismissed ? TESTUDO_OK : TESTUDO_INTERRUPTED;
}

/* ---- the end ---- */

static void dismiss_all(const testudo_i_cluster *cluster)
{
  int64_t message[2] = {NO_JOB, cluster->lost}; /* they too may not wait for those that were lost */
  for (int k = 1; k < cluster->count; k++)
    if (cluster->rank[k].state != RANK_LEFT && cluster->rank[k].state != RANK_LOST)
      MPI_Send(message, 2, MPI_INT64_T, k, TAG_JOB, MPI_COMM_WORLD);
}

bool testudo_i_cluster_end(testudo_i_cluster *cluster)
{
  bool in_order = cluster->lost == 0;
  if (cluster->own == 0)
    dismiss_all(cluster);
  else if (!cluster->dismissed)
    say(TAG_GONE);
  if (in_order)
    MPI_Finalize();
  free(cluster->rank);
  free(cluster);
  return in_order;
}
