/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries of the annealing on the whole and on its quotients in turn. */
#include "optimize/qmax/seek.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "optimize/qmax/anneal.h"
#include "optimize/search/restart.h"

enum { MOST_DEFAULT_TRIES = 64, LEAST_DEFAULT_TRIES = 4, PATIENCE = 1000000000 };

/* Temperatures found by trial on designs of 12 to 200 workers; a start from given orders is not heated as much. */
static const double hot = 0.3, warm_hot = 0.15, cold = 0.1;

void testudo_i_seeker_free(testudo_i_seeker *seeker)
{
  for (int32_t q = 0; q < seeker->quotients; q++)
    testudo_i_places_free(&seeker->quotient[q]);
  seeker->quotients = 0;
}

testudo_status testudo_i_seeker_make(testudo_i_places *whole, const testudo_search_options *options,
                                     testudo_i_seeker *seeker, testudo_error *error)
{
  *seeker = (testudo_i_seeker){.whole = whole, .options = options, .period = whole->orders.workers};
  int32_t workers = whole->orders.workers, chunks = whole->orders.chunks;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *held = testudo_i_alloc((size_t)chunks, sizeof *held);
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  /* With one chunk in the quotient there is one value only. */
  for (int32_t small = 1; small <= workers / 2; small++) {
    int32_t times = workers / small;
    if (workers % small != 0 || chunks % times != 0 || chunks / times < 2 ||
        seeker->quotients == TESTUDO_I_LIMIT_QUOTIENTS ||
        !testudo_i_places_repeat(whole, small, chunks / times, held))
      continue;
    testudo_i_places *quotient = &seeker->quotient[seeker->quotients++];
    TESTUDO_I_TRY(testudo_i_places_quotient(whole, small, chunks / times, quotient, error));
  }
  return TESTUDO_OK;
}

/* ---- one call ---- */

typedef struct seek {
  const testudo_i_seeker *seeker;
  int64_t need;
} seek;

static const testudo_i_places *places_of(const testudo_i_seeker *seeker, int64_t number)
{
  int64_t which = number % (seeker->quotients + 1);
  return which == 0 ? seeker->whole : &seeker->quotient[which - 1];
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

static testudo_status run_try(void *context, testudo_i_try *one)
{
  const seek *s = context;
  const testudo_i_places *places = places_of(s->seeker, one->number);
  testudo_i_qmax_anneal *anneal;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(testudo_i_qmax_anneal_create(places, &arena, &anneal, one->error));
  testudo_i_annealing cooling = {.hot = one->number == 0 ? warm_hot : hot, .cold = cold, .moves = moves_for(places),
                                 .stopped = testudo_i_try_stopped, .context = one};
  one->value = (double)testudo_i_qmax_anneal_run(anneal, s->need, &one->random, one->number == 0, &cooling,
                                                 &one->moves);
  memcpy(one->found, testudo_i_qmax_anneal_order(anneal), (size_t)places->loads * sizeof(int32_t));
  return TESTUDO_OK;
}

static testudo_status take_order(testudo_i_seeker *seeker, const testudo_i_end *end, testudo_error *error)
{
  testudo_i_places *whole = seeker->whole;
  const testudo_i_places *places = places_of(seeker, end->number);
  seeker->period = places->orders.workers;
  if (places != whole)
    return testudo_i_places_spread(end->found, places, whole, error);
  memcpy(whole->orders.chunk, end->found, (size_t)whole->loads * sizeof *whole->orders.chunk);
  return TESTUDO_OK;
}

testudo_status testudo_i_seeker_seek(testudo_i_seeker *seeker, int64_t need, bool *found, testudo_error *error)
{
  const testudo_search_options *options = seeker->options;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  seek s = {seeker, need};
  testudo_i_ends ends;
  testudo_i_restarts restarts = {.options = options, .stream = TESTUDO_I_STREAM_Q_MAX + need, .run = run_try,
                                 .context = &s, .keep = 1, .target = 0, .to = 1, .best = seeker->best,
                                 .bound = seeker->bound};
  restarts.tries = options->tries > 0 ? options->tries : default_tries(seeker->whole);
  restarts.size = (size_t)seeker->whole->loads * sizeof(int32_t);
  TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &arena, &ends, error));
  seeker->tries += ends.tries;
  seeker->moves += ends.moves;
  seeker->stopped = ends.stopped;
  *found = ends.count > 0 && ends.best[0].value <= 0;
  return *found ? take_order(seeker, &ends.best[0], error) : TESTUDO_OK;
}
