/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries over threads: every thread ranks its own ends, and the ranks are merged when all is done. */
#include "optimize/search/restart.h"

#include <math.h>
#include <stdatomic.h>

#include "base/error.h"
#include "parallel/loop.h"

typedef struct restart_thread {
  testudo_i_end *best;       /* keep of them, `count` in use */
  int32_t count;
  int64_t failed;            /* the first try that failed, or tries; its sentence */
  testudo_error error;
} restart_thread;

struct testudo_i_restart_loop {
  const testudo_i_restarts *restarts;
  int32_t threads;
  restart_thread *thread;
  int64_t *moves;            /* of each try; -1: not run */
  _Atomic int64_t lowest;    /* the lowest try at the target, or tries */
  _Atomic int64_t done;
  atomic_bool stopped;
};

typedef struct testudo_i_restart_loop restart_loop;

int32_t testudo_i_restarts_threads(const testudo_search_options *options, int64_t tries)
{
  int32_t threads = options->threads > 0 ? options->threads : testudo_i_cores();
  return tries < threads ? (int32_t)(tries > 1 ? tries : 1) : threads;
}

bool testudo_i_try_stopped(void *one)
{
  const testudo_i_try *try = one;
  restart_loop *loop = try->loop;
  const testudo_i_restarts *r = loop->restarts;
  double share = (double)atomic_load(&loop->done) / (double)r->tries;
  if (try->thread == 0 &&
      testudo_i_search_stopped(r->options->monitor, r->from + share * (r->to - r->from), r->best, r->bound))
    atomic_store(&loop->stopped, true);
  return atomic_load(&loop->stopped) || atomic_load(&loop->lowest) < try->number;
}

/* Values at the target are as good as one another. */
static bool comes_before(const testudo_i_restarts *restarts, const testudo_i_end *a, const testudo_i_end *b)
{
  double one = fmax(a->value, restarts->target), other = fmax(b->value, restarts->target);
  return one < other || (one == other && a->number < b->number);
}

/* The end that stands behind the ranked ones rises to its rank; where all ranks are taken, the last one is the room of
   the next try. */
static void rank_end(const testudo_i_restarts *restarts, restart_thread *mine)
{
  testudo_i_end *best = mine->best;
  for (int32_t k = mine->count; k > 0 && comes_before(restarts, &best[k], &best[k - 1]); k--) {
    testudo_i_end worse = best[k - 1];
    best[k - 1] = best[k];
    best[k] = worse;
  }
  mine->count += mine->count < restarts->keep;
}

static void note_reached(restart_loop *loop, int64_t number)
{
  int64_t lowest = atomic_load(&loop->lowest);
  while (number < lowest && !atomic_compare_exchange_weak(&loop->lowest, &lowest, number))
    continue;
}

/* TESTUDO_INTERRUPTED ends the loop over the tries: none beyond this one is wanted. */
static testudo_status run_try(void *context, int32_t thread, int64_t number)
{
  restart_loop *loop = context;
  const testudo_i_restarts *restarts = loop->restarts;
  restart_thread *mine = &loop->thread[thread];
  testudo_i_end *end = &mine->best[mine->count];
  testudo_i_try one = {.number = number, .thread = thread, .found = end->found, .value = NAN, .error = &mine->error,
                       .loop = loop};
  if (testudo_i_try_stopped(&one))
    return TESTUDO_INTERRUPTED;
  testudo_i_random_start(&one.random, restarts->options->seed, TESTUDO_I_FOR_SEARCH, (uint64_t)restarts->stream,
                         (uint64_t)number);
  testudo_status status = restarts->run(restarts->context, &one);
  if (status != TESTUDO_OK) {
    mine->failed = number;
    return status;
  }
  loop->moves[number] = one.moves;
  atomic_fetch_add(&loop->done, 1);
  if (isnan(one.value))
    return TESTUDO_OK;
  end->number = number;
  end->value = one.value;
  rank_end(restarts, mine);
  if (one.value > restarts->target)
    return TESTUDO_OK;
  note_reached(loop, number);
  return TESTUDO_INTERRUPTED;
}

/* ---- the loop ---- */

static testudo_status begin_loop(restart_loop *loop, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_i_restarts *restarts = loop->restarts;
  loop->moves = testudo_i_arena_alloc(arena, (size_t)restarts->tries, sizeof *loop->moves);
  loop->thread = testudo_i_arena_calloc(arena, (size_t)loop->threads, sizeof *loop->thread);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t k = 0; k < restarts->tries; k++)
    loop->moves[k] = -1;
  for (int32_t t = 0; t < loop->threads; t++) {
    restart_thread *one = &loop->thread[t];
    one->failed = restarts->tries;
    one->best = testudo_i_arena_calloc(arena, (size_t)restarts->keep + 1, sizeof *one->best);
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
    for (int32_t k = 0; k <= restarts->keep; k++)
      one->best[k].found = testudo_i_arena_alloc(arena, restarts->size, 1);
  }
  return testudo_i_arena_check(arena, error);
}

/* Tries beyond the one that counts may or may not have been begun. */
static void count_work(const restart_loop *loop, testudo_i_ends *ends)
{
  for (int64_t k = 0; k < loop->restarts->tries && k <= loop->lowest; k++)
    if (loop->moves[k] >= 0) {
      ends->tries++;
      ends->moves += loop->moves[k];
    }
}

static testudo_status merge_ranks(const restart_loop *loop, testudo_i_arena *arena, testudo_i_ends *ends,
                                  testudo_error *error)
{
  const testudo_i_restarts *restarts = loop->restarts;
  int32_t *next = testudo_i_arena_calloc(arena, (size_t)loop->threads, sizeof *next);
  ends->best = testudo_i_arena_calloc(arena, (size_t)restarts->keep, sizeof *ends->best);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (; ends->count < restarts->keep; ends->count++) {
    int32_t first = -1;
    for (int32_t t = 0; t < loop->threads; t++)
      if (next[t] < loop->thread[t].count &&
          (first < 0 || comes_before(restarts, &loop->thread[t].best[next[t]], &loop->thread[first].best[next[first]])))
        first = t;
    if (first < 0)
      break;
    ends->best[ends->count] = loop->thread[first].best[next[first]++];
  }
  return TESTUDO_OK;
}

static testudo_status say_failure(const restart_loop *loop, testudo_status status, testudo_error *error)
{
  const restart_thread *first = loop->thread;
  for (int32_t t = 1; t < loop->threads; t++)
    if (loop->thread[t].failed < first->failed)
      first = &loop->thread[t];
  return testudo_i_fail(error, status, "%s", first->error.text);
}

testudo_status testudo_i_restarts_run(const testudo_i_restarts *restarts, testudo_i_arena *arena, testudo_i_ends *ends,
                                      testudo_error *error)
{
  restart_loop loop = {.restarts = restarts,
                       .threads = testudo_i_restarts_threads(restarts->options, restarts->tries)};
  *ends = (testudo_i_ends){.count = 0};
  atomic_init(&loop.lowest, restarts->tries);
  atomic_init(&loop.done, 0);
  atomic_init(&loop.stopped, false);
  TESTUDO_I_TRY(begin_loop(&loop, arena, error));
  testudo_status status = testudo_i_parallel_for(restarts->tries, loop.threads, run_try, &loop, NULL);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED)
    return say_failure(&loop, status, error);
  ends->stopped = atomic_load(&loop.stopped);
  count_work(&loop, ends);
  return merge_ranks(&loop, arena, ends, error);
}
