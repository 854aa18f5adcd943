/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts of the annealing side by side, on the whole and on its quotients; the lowest one that succeeds counts. */
#include "optimize/qmax/restart.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "optimize/qmax/anneal.h"
#include "parallel/loop.h"

enum { MOST_DEFAULT_TRIES = 64, LEAST_DEFAULT_TRIES = 4, PATIENCE = 1000000000 };

/* Temperatures found by trial on designs of 12 to 200 workers; a start from given orders is not heated as much. */
static const double hot = 0.3, warm_hot = 0.15, cold = 0.1;

void testudo_i_restarts_free(testudo_i_restarts *restarts)
{
  for (int32_t q = 0; q < restarts->quotients; q++)
    testudo_i_places_free(&restarts->quotient[q]);
  restarts->quotients = 0;
}

testudo_status testudo_i_restarts_make(testudo_i_places *whole, const testudo_search_options *options,
                                       testudo_i_restarts *restarts, testudo_error *error)
{
  *restarts = (testudo_i_restarts){.whole = whole, .options = options, .period = whole->orders.workers};
  int32_t workers = whole->orders.workers, chunks = whole->orders.chunks;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *held = testudo_i_alloc((size_t)chunks, sizeof *held);
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  /* With one chunk in the quotient there is one value only. */
  for (int32_t small = 1; small <= workers / 2; small++) {
    int32_t times = workers / small;
    if (workers % small != 0 || chunks % times != 0 || chunks / times < 2 ||
        restarts->quotients == TESTUDO_I_LIMIT_QUOTIENTS ||
        !testudo_i_places_repeat(whole, small, chunks / times, held))
      continue;
    testudo_i_places *quotient = &restarts->quotient[restarts->quotients++];
    TESTUDO_I_TRY(testudo_i_places_quotient(whole, small, chunks / times, quotient, error));
  }
  return TESTUDO_OK;
}

/* ---- one call ---- */

typedef struct seek {
  testudo_i_arena *arena;
  testudo_i_restarts *restarts;
  int64_t need, tries;
  int64_t *moves;              /* of each try */
  int32_t **order;             /* room of each thread, for the order of its lowest try that found */
  int64_t *found;              /* that try, or tries */
  _Atomic int64_t lowest, done;
  atomic_bool stopped;
} seek;

/* One try, as its stop callback sees it. */
typedef struct attempt {
  seek *s;
  int64_t try;
  bool calling;                /* on the calling thread, where the monitor may be called */
} attempt;

static const testudo_i_places *places_of(const seek *s, int64_t try)
{
  int64_t which = try % (s->restarts->quotients + 1);
  return which == 0 ? s->restarts->whole : &s->restarts->quotient[which - 1];
}

static bool must_stop(void *context)
{
  attempt *one = context;
  seek *s = one->s;
  const testudo_i_restarts *restarts = s->restarts;
  double fraction = (double)atomic_load(&s->done) / (double)s->tries;
  if (one->calling && testudo_i_search_stopped(restarts->options->monitor, fraction, restarts->best, restarts->bound))
    atomic_store(&s->stopped, true);
  return atomic_load(&s->stopped) || atomic_load(&s->lowest) < one->try;
}

static void keep_order(seek *s, int32_t thread, int64_t try, const testudo_i_qmax_anneal *anneal, int64_t entries)
{
  memcpy(s->order[thread], testudo_i_qmax_anneal_order(anneal), (size_t)entries * sizeof **s->order);
  s->found[thread] = try;
  int64_t lowest = atomic_load(&s->lowest);
  while (try < lowest && !atomic_compare_exchange_weak(&s->lowest, &lowest, try))
    continue;
}

/* A longer road for more entries, as far as patience goes. */
static int64_t moves_for(const testudo_i_places *places)
{
  int64_t moves = places->loads * 25000;
  return moves < 8000000 ? 8000000 : moves > 60000000 ? 60000000 : moves;
}

/* About a minute of moves on one thread. */
static int64_t default_tries(const testudo_i_places *whole)
{
  int64_t tries = PATIENCE / moves_for(whole);
  return tries < LEAST_DEFAULT_TRIES ? LEAST_DEFAULT_TRIES : tries > MOST_DEFAULT_TRIES ? MOST_DEFAULT_TRIES : tries;
}

/* Answers TESTUDO_INTERRUPTED to end the loop: found, or stopped. */
static testudo_status run_try(void *context, int32_t thread, int64_t try)
{
  seek *s = context;
  const testudo_i_places *places = places_of(s, try);
  testudo_i_qmax_anneal *anneal;
  attempt one = {s, try, thread == 0};
  if (must_stop(&one))
    return TESTUDO_INTERRUPTED;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(testudo_i_qmax_anneal_create(places, &arena, &anneal, NULL));
  testudo_i_cooling cooling = {try == 0 ? warm_hot : hot, cold, moves_for(places), must_stop, &one};
  uint64_t stream = (uint64_t)s->need << 24 | (uint64_t)try;
  uint64_t seed = s->restarts->options->seed;
  int64_t missing =
      testudo_i_qmax_anneal_run(anneal, s->need, seed, stream, try == 0, &cooling, &s->moves[try]);
  if (missing == 0 && s->found[thread] > try)
    keep_order(s, thread, try, anneal, places->loads);
  atomic_fetch_add(&s->done, 1);
  return missing == 0 || atomic_load(&s->stopped) ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

/* Tries beyond the one that counts may or may not have been begun. */
static void count_work(seek *s)
{
  int64_t counted = s->lowest < s->tries ? s->lowest + 1 : s->tries;
  s->restarts->tries += counted;
  for (int64_t k = 0; k < counted; k++)
    s->restarts->moves += s->moves[k];
}

static testudo_status take_found(seek *s, int32_t threads, testudo_error *error)
{
  testudo_i_places *whole = s->restarts->whole;
  for (int32_t k = 0; k < threads; k++) {
    if (s->found[k] != s->lowest || s->lowest == s->tries)
      continue;
    const testudo_i_places *places = places_of(s, s->lowest);
    s->restarts->period = places->orders.workers;
    if (places != whole)
      return testudo_i_places_spread(s->order[k], places, whole, error);
    memcpy(whole->orders.chunk, s->order[k], (size_t)whole->loads * sizeof *whole->orders.chunk);
  }
  return TESTUDO_OK;
}

static testudo_status run_tries(seek *s, int32_t threads, testudo_error *error)
{
  s->moves = testudo_i_arena_calloc(s->arena, (size_t)s->tries, sizeof *s->moves);
  s->order = testudo_i_arena_calloc(s->arena, (size_t)threads, sizeof *s->order);
  s->found = testudo_i_arena_alloc(s->arena, (size_t)threads, sizeof *s->found);
  TESTUDO_I_TRY(testudo_i_arena_check(s->arena, error));
  for (int32_t k = 0; k < threads; k++) {
    s->found[k] = s->tries;
    s->order[k] = testudo_i_arena_alloc(s->arena, (size_t)s->restarts->whole->loads, sizeof **s->order);
  }
  TESTUDO_I_TRY(testudo_i_arena_check(s->arena, error));
  testudo_status status = testudo_i_parallel_for(s->tries, threads, run_try, s, NULL);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED)
    return testudo_i_fail(error, status, "annealing Q_max failed");
  s->restarts->stopped = atomic_load(&s->stopped);
  count_work(s);
  return take_found(s, threads, error);
}

testudo_status testudo_i_restarts_seek(testudo_i_restarts *restarts, int64_t need, bool *found, testudo_error *error)
{
  const testudo_search_options *options = restarts->options;
  int32_t threads = options->threads > 0 ? options->threads : testudo_i_cores();
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  seek s = {.arena = &arena, .restarts = restarts, .need = need,
            .tries = options->tries > 0 ? options->tries : default_tries(restarts->whole)};
  *found = false;
  atomic_init(&s.lowest, s.tries);
  atomic_init(&s.done, 0);
  atomic_init(&s.stopped, false);
  TESTUDO_I_TRY(run_tries(&s, threads, error));
  *found = s.lowest < s.tries;
  return TESTUDO_OK;
}
