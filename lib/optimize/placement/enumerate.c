/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every placement whose overlaps are at most the aim, chunk after chunk, up to names. A placement is a matrix of
   workers and chunks; interchangeable workers' rows may be asked to fall lexicographically, and interchangeable chunks'
   columns too, both at once: the lexicographically largest among the matrices that renaming makes of one has both
   (P. Flener et al., Breaking row and column symmetries in matrix models, 2002). Integers only, so that "none" is a
   proof. */
#include "base/arena.h"
#include "base/limits.h"
#include "optimize/placement/branch.h"

#include <string.h>

#include "base/error.h"

/* The clock is looked at now and then. */
enum { LOOK = 1 << 16 };

typedef struct enumerating {
  const testudo_placement_limits *limits;
  const unsigned char *forbidden;
  int32_t aim;
  int32_t *before;      /* by worker: the last interchangeable one before it, -1 */
  bool *follows;        /* by chunk: interchangeable with the one before */
  bool *equal;          /* [chunk][worker]: held the same chunks before this one as before[worker] */
  bool *holds;          /* [chunk][worker] */
  int32_t *load, *shared; /* [worker][worker] */
  int64_t *copies_left; /* by chunk: of it and all later ones */
  int32_t *chosen;      /* all copies placed, chunk after chunk */
  int64_t *chunk_row;   /* where a chunk's begin */
  int64_t steps, lacking; /* lacking: sum of what the loads lack to the least ones */
  const testudo_monitor *monitor;
  bool interrupted;
} enumerating;

bool testudo_i_workers_are_alike(const testudo_placement_limits *limits, const unsigned char *forbidden, int32_t j,
                                 int32_t k)
{
  size_t chunks = (size_t)limits->chunks;
  return (limits->domain == NULL || limits->domain[j] == limits->domain[k]) && limits->least[j] == limits->least[k] &&
         limits->most[j] == limits->most[k] &&
         (forbidden == NULL || memcmp(forbidden + (size_t)j * chunks, forbidden + (size_t)k * chunks, chunks) == 0);
}

static bool forbids(const enumerating *e, int32_t worker, int32_t chunk)
{
  return e->forbidden != NULL && e->forbidden[(int64_t)worker * e->limits->chunks + chunk] != 0;
}

static bool chunks_alike(const enumerating *e, int32_t a, int32_t b)
{
  for (int32_t j = 0; j < e->limits->workers; j++)
    if (forbids(e, j, a) != forbids(e, j, b))
      return false;
  return e->limits->replication[a] == e->limits->replication[b];
}

/* May `worker` be the next holder of `chunk`, after those chosen already? */
static bool fits(const enumerating *e, int32_t chunk, int64_t chosen, int32_t worker)
{
  const testudo_placement_limits *limits = e->limits;
  if (e->load[worker] >= limits->most[worker] || forbids(e, worker, chunk))
    return false;
  int64_t after = e->copies_left[chunk] - (chosen - e->chunk_row[chunk]) - 1;
  if (e->lacking - (e->load[worker] < limits->least[worker]) > after)
    return false;
  const bool *holds = e->holds + (int64_t)chunk * limits->workers;
  const bool *equal = e->equal + (int64_t)chunk * limits->workers;
  if (equal[worker] && !holds[e->before[worker]])
    return false;
  for (int64_t k = e->chunk_row[chunk]; k < chosen; k++) {
    int32_t other = e->chosen[k];
    if (limits->domain != NULL && limits->domain[other] == limits->domain[worker])
      return false;
    if (e->shared[other * limits->workers + worker] >= e->aim)
      return false;
  }
  return true;
}

static void change(enumerating *e, int32_t chunk, int64_t chosen, int32_t worker, int32_t by)
{
  int32_t workers = e->limits->workers;
  for (int64_t k = e->chunk_row[chunk]; k < chosen; k++) {
    e->shared[e->chosen[k] * workers + worker] += by;
    e->shared[worker * workers + e->chosen[k]] += by;
  }
  int32_t lower = by > 0 ? e->load[worker] : e->load[worker] - 1;
  e->lacking -= lower < e->limits->least[worker] ? by : 0;
  e->load[worker] += by;
  e->holds[(int64_t)chunk * workers + worker] = by > 0;
}

/* Rows that were equal stay so where both hold the chunk or neither does. */
static void open_chunk(enumerating *e, int32_t chunk)
{
  int32_t workers = e->limits->workers;
  bool *equal = e->equal + (int64_t)chunk * workers;
  const bool *last = equal - workers, *holds = e->holds + (int64_t)(chunk - 1) * workers;
  for (int32_t j = 0; j < workers; j++)
    if (e->before[j] < 0)
      equal[j] = false;
    else
      equal[j] = chunk == 0 || (last[j] && holds[j] == holds[e->before[j]]);
}

static bool should_end(enumerating *e)
{
  if (++e->steps % LOOK == 0 && testudo_i_stopped(e->monitor, -1.0))
    e->interrupted = true;
  return e->interrupted || e->steps > TESTUDO_I_LIMIT_ENUMERATED;
}

/* Depth first without recursion: `chosen` copies are placed; each next worker of a chunk is above the last. A chunk's
   set may not be lexicographically above that of an interchangeable one before it: `tied` while they are equal. */
static testudo_i_branch_answer walk(enumerating *e, bool *tied)
{
  const testudo_placement_limits *limits = e->limits;
  int64_t chosen = 0;
  int32_t chunk = 0, worker = 0;
  open_chunk(e, 0);
  tied[0] = e->follows[0];
  while (chosen < e->chunk_row[limits->chunks]) {
    if (should_end(e))
      return TESTUDO_I_BRANCH_UNDECIDED;
    int64_t first = e->chunk_row[chunk];
    int32_t least = 0;
    if (tied[chosen])
      least = e->chosen[e->chunk_row[chunk - 1] + (chosen - first)];
    if (worker < least)
      worker = least;
    while (worker < limits->workers && !fits(e, chunk, chosen, worker))
      worker++;
    if (worker < limits->workers) {
      bool still = tied[chosen] && worker == least;
      change(e, chunk, chosen, worker, 1);
      e->chosen[chosen++] = worker++;
      if (chosen == e->chunk_row[limits->chunks])
        break;
      tied[chosen] = still;
      if (chosen == e->chunk_row[chunk + 1]) {
        open_chunk(e, ++chunk);
        tied[chosen] = e->follows[chunk];
        worker = 0;
      }
      continue;
    }
    if (chosen == 0)
      return TESTUDO_I_BRANCH_NONE;
    if (chosen == first)
      chunk--;
    worker = e->chosen[--chosen];
    change(e, chunk, chosen, worker++, -1);
  }
  return TESTUDO_I_BRANCH_FOUND;
}

static void find_alike(enumerating *e)
{
  const testudo_placement_limits *limits = e->limits;
  for (int32_t j = 0; j < limits->workers; j++) {
    e->before[j] = j - 1;
    while (e->before[j] >= 0 && !testudo_i_workers_are_alike(limits, e->forbidden, e->before[j], j))
      e->before[j]--;
    e->lacking += limits->least[j];
  }
  for (int32_t i = 0; i < limits->chunks; i++) {
    e->follows[i] = i > 0 && chunks_alike(e, i - 1, i);
    e->chunk_row[i + 1] = e->chunk_row[i] + limits->replication[i];
  }
  for (int32_t i = 0; i < limits->chunks; i++)
    e->copies_left[i] = e->chunk_row[limits->chunks] - e->chunk_row[i];
}

static void take_solution(const enumerating *e, testudo_assignment *placement)
{
  const testudo_placement_limits *limits = e->limits;
  int64_t entries = 0;
  for (int32_t j = 0; j < limits->workers; j++) {
    for (int32_t i = 0; i < limits->chunks; i++)
      if (e->holds[(int64_t)i * limits->workers + j])
        placement->chunk[entries++] = i;
    placement->row[j + 1] = entries;
  }
}

testudo_status testudo_i_enumerate_overlap(const testudo_i_overlap_question *question, testudo_i_branch_answer *answer,
                                           testudo_error *error)
{
  const testudo_placement_limits *limits = question->limits;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  enumerating e = {.limits = limits, .forbidden = question->forbidden, .aim = question->aim,
                   .monitor = question->monitor};
  size_t workers = (size_t)limits->workers, chunks = (size_t)limits->chunks;
  int64_t copies = 0;
  for (size_t i = 0; i < chunks; i++)
    copies += limits->replication[i];
  bool *tied = testudo_i_arena_calloc(&arena, (size_t)copies + 1, sizeof *tied);
  e.before = testudo_i_arena_alloc(&arena, workers, sizeof *e.before);
  e.follows = testudo_i_arena_alloc(&arena, chunks, sizeof *e.follows);
  e.equal = testudo_i_arena_alloc(&arena, workers * chunks, sizeof *e.equal);
  e.holds = testudo_i_arena_calloc(&arena, workers * chunks, sizeof *e.holds);
  e.load = testudo_i_arena_calloc(&arena, workers, sizeof *e.load);
  e.shared = testudo_i_arena_calloc(&arena, workers * workers, sizeof *e.shared);
  e.copies_left = testudo_i_arena_alloc(&arena, chunks, sizeof *e.copies_left);
  e.chosen = testudo_i_arena_alloc(&arena, (size_t)copies, sizeof *e.chosen);
  e.chunk_row = testudo_i_arena_calloc(&arena, chunks + 1, sizeof *e.chunk_row);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  find_alike(&e);
  *answer = walk(&e, tied);
  if (e.interrupted)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  if (*answer == TESTUDO_I_BRANCH_FOUND)
    take_solution(&e, question->placement);
  return TESTUDO_OK;
}
