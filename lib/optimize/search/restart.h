/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts: the one loop of tries over threads. Try k draws from its own stream, by its number, and what counts is the
   best by value, then by number; so the threads never change what is found. Stopped by the monitor, the tries end
   early, and the best so far is kept.

     static testudo_status run_try(void *context, testudo_i_try *one)
     {
       ... a start from one->random, a walk as in anneal.h that asks testudo_i_try_stopped(one) ...
       one->value = its value; copy the state into one->found;
       return TESTUDO_OK;
     }
     testudo_i_restarts restarts = {.options = options, .tries = 12, .stream = ..., .run = run_try, .context = &search,
                                    .size = bytes of a state, .keep = 1, .target = -HUGE_VAL, .to = 1, .best = NAN,
                                    .bound = NAN};
     TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &arena, &ends, error));
     if (ends.count > 0 && ends.best[0].value < value)
       memcpy(state, ends.best[0].found, ..);   */
#ifndef TESTUDO_OPTIMIZE_SEARCH_RESTART_H
#define TESTUDO_OPTIMIZE_SEARCH_RESTART_H

#include "base/arena.h"
#include "base/random.h"
#include "optimize/search/search.h"

/* The first halves of the names of streams, so that no two searches of one seed draw the same. */
#define TESTUDO_I_STREAM_Q_MAX (INT64_C(1) << 32)
#define TESTUDO_I_STREAM_OVERLAP (INT64_C(2) << 32)
#define TESTUDO_I_STREAM_TABLES (INT64_C(3) << 32)
#define TESTUDO_I_STREAM_EXCHANGES (INT64_C(4) << 32)
#define TESTUDO_I_STREAM_SLOTS (INT64_C(5) << 32)

/* One try, as its search sees it. */
typedef struct testudo_i_try {
  int64_t number;          /* 0 .. tries-1 */
  int32_t thread;          /* 0 .. testudo_i_restarts_threads - 1: names the workspace to use */
  testudo_i_random random; /* the stream (seed, FOR_SEARCH, stream, number) */
  void *found;             /* out: `size` bytes, the state found */
  double value;            /* out: what it is worth, less is better; NAN, as it begins: nothing was found */
  int64_t moves;           /* out: made */
  testudo_error *error;    /* for the sentence, where the search fails */
  struct testudo_i_restart_loop *loop;
} testudo_i_try;

typedef struct testudo_i_restarts {
  const testudo_search_options *options; /* seed, threads and monitor; its tries are not looked at */
  int64_t tries;
  int64_t stream;          /* TESTUDO_I_STREAM_.. plus what of it is searched, below 2^32 */
  testudo_status (*run)(void *context, testudo_i_try *one);
  void *context;
  size_t size;             /* bytes of a state */
  int32_t keep;            /* of the best ends, how many are handed out, >= 1; 1 with a target */
  double target;           /* the lowest try that comes down to it counts, whatever others find; those beyond it end.
                              -HUGE_VAL: none */
  double from, to;         /* for the monitor: the part of the whole that these tries make up, .. */
  double best, bound;      /* .. and the values as they are */
} testudo_i_restarts;

/* What a try came to. */
typedef struct testudo_i_end {
  int64_t number;
  double value;
  void *found;
} testudo_i_end;

typedef struct testudo_i_ends {
  testudo_i_end *best;     /* `count` ascending by (value, number); in the arena */
  int32_t count;           /* at most `keep`; 0: no try found anything */
  int64_t tries, moves;    /* made; with a target reached, those up to the try that counts */
  bool stopped;            /* by the monitor */
} testudo_i_ends;

/* Threads that will be at work, at most so many. */
int32_t testudo_i_restarts_threads(const testudo_search_options *options, int64_t tries);

/* Room in the arena: (keep + 1) states a thread. The first try that fails, by number, ends all with its status and its
   sentence; a stop is no failure. */
TESTUDO_CHECKED testudo_status testudo_i_restarts_run(const testudo_i_restarts *restarts, testudo_i_arena *arena,
                                                      testudo_i_ends *ends, testudo_error *error);

/* Must this testudo_i_try end: by the monitor, which is called where it runs on the calling thread, or because a lower
   one has reached the target? For testudo_i_annealing, and for every loop that takes longer than some milliseconds. */
bool testudo_i_try_stopped(void *one);

#endif
