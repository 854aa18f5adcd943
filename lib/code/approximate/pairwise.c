/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairwise balanced assignments: two chunks lie together on d_k d_k' / m workers, exactly where an orthogonal array or
   a padded block design gives that, else as nearly as a descent finds. */

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "base/random.h"
#include "code/approximate/bibd.h"

/* The descent keeps how often every two chunks meet, in 16 MB at most; more chunks are left as drawn. */
enum { SWEEPS = 40 };

/* The sum over pairs of (o_kk' - d_k d_k' / m)^2, brought down by moving one copy at a time. */
typedef struct balance {
  int32_t workers, chunks;
  const int32_t *copies;
  unsigned char *held; /* chunk x worker */
  int32_t *meet;       /* chunk x chunk */
  int32_t **on;        /* of each worker: its chunks, in any order */
  int32_t *load;
  testudo_i_random random;
} balance;

static testudo_status check_copies(int32_t workers, int32_t chunks, const int32_t *copies, testudo_error *error)
{
  int64_t entries = 0;
  for (int32_t i = 0; i < chunks; i++) {
    if (copies[i] < 1 || copies[i] > workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "copies[%d]: %d, but %d workers allow 1..%d", (int)i,
                            (int)copies[i], (int)workers, (int)workers);
    entries += copies[i];
  }
  if (entries > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "copies: %lld in all, but a design has at most %d",
                          (long long)entries, TESTUDO_MAX_ENTRIES);
  return TESTUDO_OK;
}

/* copies[i] of the workers, uniformly: two chunks then meet d_k d_k' / m times on average. */
static testudo_status draw_holders(const int32_t *copies, uint64_t seed, testudo_i_incidence *held,
                                   testudo_error *error)
{
  int32_t *worker = testudo_i_arena_alloc(&held->arena, (size_t)held->workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_arena_check(&held->arena, error));
  for (int32_t j = 0; j < held->workers; j++)
    worker[j] = j;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ASSIGNMENT, 0, UINT64_C(1) << 60);
  for (int32_t i = 0; i < held->chunks; i++) {
    for (int32_t k = 0; k < copies[i]; k++) {
      testudo_i_swap(&worker[k], &worker[k + (int32_t)testudo_i_random_below(&random, (uint64_t)(held->workers - k))]);
      testudo_i_incidence_put(held, worker[k]);
    }
    testudo_i_incidence_next(held);
  }
  return TESTUDO_OK;
}

static testudo_status balance_make(balance *b, testudo_i_incidence *held, const int32_t *copies, uint64_t seed,
                                   testudo_error *error)
{
  size_t chunks = (size_t)held->chunks, workers = (size_t)held->workers;
  *b = (balance){.workers = held->workers, .chunks = held->chunks, .copies = copies};
  testudo_i_random_start(&b->random, seed, TESTUDO_I_FOR_SEARCH, 0, UINT64_C(1) << 60);
  b->held = testudo_i_arena_calloc(&held->arena, chunks * workers, 1);
  b->meet = testudo_i_arena_calloc(&held->arena, chunks * chunks, sizeof *b->meet);
  b->on = testudo_i_arena_alloc(&held->arena, workers, sizeof *b->on);
  b->load = testudo_i_arena_calloc(&held->arena, workers, sizeof *b->load);
  for (size_t j = 0; b->on != NULL && j < workers; j++)
    b->on[j] = testudo_i_arena_alloc(&held->arena, chunks, sizeof **b->on);
  TESTUDO_I_TRY(testudo_i_arena_check(&held->arena, error));
  for (int32_t i = 0; i < held->chunks; i++)
    for (int64_t e = held->row[i]; e < held->row[i + 1]; e++) {
      int32_t j = held->holder[e];
      for (int32_t k = 0; k < b->load[j]; k++) {
        b->meet[(size_t)i * chunks + (size_t)b->on[j][k]]++;
        b->meet[(size_t)b->on[j][k] * chunks + (size_t)i]++;
      }
      b->on[j][b->load[j]++] = i;
      b->held[(size_t)i * workers + (size_t)j] = 1;
    }
  return TESTUDO_OK;
}

/* What one meeting more (by = 1) or fewer (-1) of the chunk with the others on `worker` adds to the sum; those on the
   other worker too meet it as often as before. */
static double change(const balance *b, int32_t chunk, int32_t worker, int32_t other, int by)
{
  double sum = 0.0;
  for (int32_t k = 0; k < b->load[worker]; k++) {
    int32_t with = b->on[worker][k];
    if (with == chunk || b->held[(size_t)with * (size_t)b->workers + (size_t)other])
      continue;
    double over = b->meet[(size_t)chunk * (size_t)b->chunks + (size_t)with] -
                  (double)b->copies[chunk] * b->copies[with] / b->workers;
    sum += 1.0 + 2.0 * by * over;
  }
  return sum;
}

static void count(balance *b, int32_t chunk, int32_t worker, int32_t by)
{
  for (int32_t k = 0; k < b->load[worker]; k++) {
    int32_t with = b->on[worker][k];
    if (with == chunk)
      continue;
    b->meet[(size_t)chunk * (size_t)b->chunks + (size_t)with] += by;
    b->meet[(size_t)with * (size_t)b->chunks + (size_t)chunk] += by;
  }
}

static void move(balance *b, int32_t chunk, int32_t from, int32_t to)
{
  count(b, chunk, from, -1);
  count(b, chunk, to, 1);
  int32_t k = 0;
  while (b->on[from][k] != chunk)
    k++;
  b->on[from][k] = b->on[from][--b->load[from]];
  b->on[to][b->load[to]++] = chunk;
  b->held[(size_t)chunk * (size_t)b->workers + (size_t)from] = 0;
  b->held[(size_t)chunk * (size_t)b->workers + (size_t)to] = 1;
}

/* A proposal for every copy; answers whether one was taken that gains. Moves that change nothing are taken too: they
   lead away from flat places. */
static bool sweep(balance *b, const testudo_i_incidence *held)
{
  bool gained = false;
  for (int32_t i = 0; i < held->chunks; i++) {
    if (b->copies[i] == b->workers)
      continue;
    for (int32_t copy = 0; copy < b->copies[i]; copy++) {
      int64_t e = held->row[i] + copy;
      int32_t from = held->holder[e], to;
      do
        to = (int32_t)testudo_i_random_below(&b->random, (uint64_t)b->workers);
      while (b->held[(size_t)i * (size_t)b->workers + (size_t)to]);
      double by = change(b, i, from, to, -1) + change(b, i, to, from, 1);
      if (by > 1e-9)
        continue;
      move(b, i, from, to);
      held->holder[e] = to;
      gained = gained || by < -1e-9;
    }
  }
  return gained;
}

static testudo_status improve_holders(const int32_t *copies, uint64_t seed, const testudo_monitor *monitor,
                                      testudo_i_incidence *held, testudo_error *error)
{
  enum { PATIENCE = 8 };
  balance b;
  TESTUDO_I_TRY(balance_make(&b, held, copies, seed, error));
  int idle = 0;
  for (int k = 0; k < SWEEPS && idle < PATIENCE; k++) {
    if (testudo_i_stopped(monitor, (double)k / SWEEPS))
      return TESTUDO_INTERRUPTED;
    idle = sweep(&b, held) ? 0 : idle + 1;
  }
  return TESTUDO_OK;
}

testudo_status testudo_assignment_pairwise(int32_t workers, int32_t chunks, const int32_t *copies, uint64_t seed,
                                           const testudo_monitor *monitor, testudo_assignment *assignment, bool *exact,
                                           testudo_error *error)
{
  *exact = false;
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  TESTUDO_I_TRY(check_copies(workers, chunks, copies, error));
  TESTUDO_I_HELD(testudo_i_incidence_clear) testudo_i_incidence held = {0};
  TESTUDO_I_TRY(testudo_i_incidence_begin(&held, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_orthogonal_fill(copies, seed, &held, exact, error));
  if (!*exact)
    TESTUDO_I_TRY(testudo_i_padded_fill(copies, seed, &held, exact, error));
  if (!*exact)
    TESTUDO_I_TRY(draw_holders(copies, seed, &held, error));
  if (!*exact && !held.full && chunks <= TESTUDO_I_LIMIT_BALANCED_CHUNKS &&
      (int64_t)chunks * workers <= TESTUDO_I_LIMIT_BALANCED_CHUNKS * (int64_t)TESTUDO_I_LIMIT_BALANCED_CHUNKS)
    TESTUDO_I_TRY(improve_holders(copies, seed, monitor, &held, error));
  return testudo_i_incidence_end(&held, assignment, error);
}
