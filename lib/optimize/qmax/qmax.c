/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order with the least Q_max that is found, and how far it may be from the least there is: bound, matching order,
   annealing, integer programme, one after the other until nothing better can exist. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "optimize/qmax/anneal.h"
#include "optimize/qmax/types.h"
#include "optimize/search/restart.h"

enum { BEST_COLUMNS = 3000, BEST_NODES = 2000 };

/* Of annealing. */
enum { MOST_DEFAULT_TRIES = 64, LEAST_DEFAULT_TRIES = 4, PATIENCE = 1000000000 };

/* Temperatures found by trial on designs of 12 to 200 workers; a start from given orders is not heated as much. */
static const double hot = 0.3, warm_hot = 0.15, cold = 0.1;

typedef struct quest {
  testudo_i_arena arena;     /* of the scratch */
  const testudo_design *design;
  int32_t level;
  testudo_search_method method;
  const testudo_search_options *options;
  testudo_i_places places;   /* the best orders so far */
  testudo_i_types types;
  testudo_i_places quotient[TESTUDO_I_LIMIT_QUOTIENTS]; /* orders that repeat after fewer workers, the shortest first */
  int32_t quotients;
  int64_t least, limit;      /* the best orders' least sum; no order's is beyond limit */
  int64_t proved;            /* the limit proved in integers */
  int64_t need;              /* least sum that annealing looks for */
  int32_t *worth;            /* scratch */
  testudo_search_result *result;
} quest;

static void drop_quest(quest *q)
{
  for (int32_t k = 0; k < q->quotients; k++)
    testudo_i_places_free(&q->quotient[k]);
  testudo_i_places_free(&q->places);
  testudo_i_types_free(&q->types);
  testudo_i_arena_clear(&q->arena);
}

static double value_of(const quest *q, int64_t least)
{
  return (double)(q->places.loads - least);
}

static bool is_over(const quest *q)
{
  return q->result->stopped || q->least >= q->limit;
}

static void say_method(quest *q, const char *text)
{
  snprintf(q->result->method, sizeof q->result->method, "%s", text);
}

static void say_proof(quest *q, const char *text)
{
  snprintf(q->result->proof, sizeof q->result->proof, "%s", text);
}

/* The shifts that map the assignment to itself. */
static testudo_status find_quotients(quest *q, testudo_error *error)
{
  int32_t workers = q->places.orders.workers, chunks = q->places.orders.chunks;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *held = testudo_i_alloc((size_t)chunks, sizeof *held);
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  /* With one chunk in the quotient there is one value only. */
  for (int32_t small = 1; small <= workers / 2; small++) {
    int32_t times = workers / small;
    if (workers % small != 0 || chunks % times != 0 || chunks / times < 2 ||
        q->quotients == TESTUDO_I_LIMIT_QUOTIENTS ||
        !testudo_i_places_repeat(&q->places, small, chunks / times, held))
      continue;
    testudo_i_places *quotient = &q->quotient[q->quotients++];
    TESTUDO_I_TRY(testudo_i_places_quotient(&q->places, small, chunks / times, quotient, error));
  }
  return TESTUDO_OK;
}

static testudo_status start_quest(quest *q, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_places_make(q->design, q->level, &q->places, error));
  TESTUDO_I_TRY(testudo_i_types_make(q->design, q->level, &q->types, error));
  q->worth = testudo_i_arena_alloc(&q->arena, (size_t)q->places.loads, sizeof *q->worth);
  TESTUDO_I_TRY(testudo_i_arena_check(&q->arena, error));
  q->least = testudo_i_places_least(&q->places, q->worth);
  q->result->before = value_of(q, q->least);
  say_method(q, "the order given");
  return find_quotients(q, error);
}

static testudo_status find_limit(quest *q, testudo_error *error)
{
  testudo_i_search_watch watch;
  testudo_i_qmax_limit limit;
  testudo_i_search_watch_start(&watch, q->options->monitor, 0.0, 0.1, q->result->before, NAN);
  TESTUDO_I_TRY(testudo_i_types_limit(&q->types, &watch.plain, &limit, error));
  q->limit = q->proved = limit.need;
  q->result->stopped = limit.stopped;
  say_proof(q, limit.proof);
  return TESTUDO_OK;
}

static testudo_status by_matching(quest *q, testudo_error *error)
{
  testudo_i_search_watch watch;
  int32_t *before = testudo_i_arena_alloc(&q->arena, (size_t)q->places.loads, sizeof *before);
  TESTUDO_I_TRY(testudo_i_arena_check(&q->arena, error));
  memcpy(before, q->places.orders.chunk, (size_t)q->places.loads * sizeof *before);
  testudo_i_search_watch_start(&watch, q->options->monitor, 0.1, 0.2, value_of(q, q->least), value_of(q, q->limit));
  testudo_status status = testudo_order_matching(&q->places.orders, &watch.plain, error);
  q->result->tries++;
  int64_t least = status == TESTUDO_OK ? testudo_i_places_least(&q->places, q->worth) : q->least;
  if (least > q->least) {
    q->least = least;
    say_method(q, "matching");
  } else if (status == TESTUDO_OK)
    memcpy(q->places.orders.chunk, before, (size_t)q->places.loads * sizeof *before);
  q->result->stopped = watch.stopped; /* interrupted, the order is as it was */
  return watch.stopped ? TESTUDO_OK : status;
}

/* ---- annealing with restarts, in the whole problem and in its quotients in turn ---- */

static const testudo_i_places *places_of(const quest *q, int64_t number)
{
  int64_t which = number % (q->quotients + 1);
  return which == 0 ? &q->places : &q->quotient[which - 1];
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
  const quest *q = context;
  const testudo_i_places *places = places_of(q, one->number);
  testudo_i_qmax_anneal *anneal;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(testudo_i_qmax_anneal_create(places, &arena, &anneal, one->error));
  testudo_i_annealing cooling = {.hot = one->number == 0 ? warm_hot : hot, .cold = cold, .moves = moves_for(places),
                                 .stopped = testudo_i_try_stopped, .context = one};
  one->value = (double)testudo_i_qmax_anneal_run(anneal, q->need, &one->random, one->number == 0, &cooling,
                                                 &one->moves);
  memcpy(one->found, testudo_i_qmax_anneal_order(anneal), (size_t)places->loads * sizeof(int32_t));
  return TESTUDO_OK;
}

static testudo_status take_order(quest *q, const testudo_i_end *end, testudo_error *error)
{
  const testudo_i_places *places = places_of(q, end->number);
  if (places == &q->places) {
    memcpy(q->places.orders.chunk, end->found, (size_t)q->places.loads * sizeof *q->places.orders.chunk);
    say_method(q, "annealing");
  } else {
    TESTUDO_I_TRY(testudo_i_places_spread(end->found, places, &q->places, error));
    snprintf(q->result->method, sizeof q->result->method, "annealing of orders that repeat after %d workers",
             (int)places->orders.workers);
  }
  q->least = testudo_i_places_least(&q->places, q->worth);
  return TESTUDO_OK;
}

/* Orders with ever larger least sums. The restart of the lowest number that succeeds counts, so the threads do not
   matter. */
static testudo_status by_annealing(quest *q, testudo_error *error)
{
  int64_t tries = q->options->tries > 0 ? q->options->tries : default_tries(&q->places);
  for (bool found = true; found && !is_over(q);) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    testudo_i_ends ends;
    q->need = q->least + 1;
    const testudo_i_restarts restarts = {.options = q->options, .stream = TESTUDO_I_STREAM_Q_MAX + q->need,
                                         .tries = tries, .run = run_try, .context = q, .keep = 1, .target = 0, .to = 1,
                                         .size = (size_t)q->places.loads * sizeof(int32_t),
                                         .best = value_of(q, q->least), .bound = value_of(q, q->limit)};
    TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &arena, &ends, error));
    q->result->tries += ends.tries;
    q->result->moves += ends.moves;
    q->result->stopped = ends.stopped;
    found = ends.count > 0 && ends.best[0].value <= 0;
    if (found)
      TESTUDO_I_TRY(take_order(q, &ends.best[0], error));
  }
  return TESTUDO_OK;
}

/* ---- integer programme ---- */

/* From the limit down, so that what is found is the best, and what is excluded tightens the limit. */
static testudo_status by_programme(quest *q, int64_t nodes, testudo_error *error)
{
  testudo_i_branch_answer answer;
  for (int64_t need = q->limit; need > q->least && !is_over(q); need--) {
    testudo_i_search_watch watch;
    testudo_i_search_watch_start(&watch, q->options->monitor, 0.0, 1.0, value_of(q, q->least), value_of(q, q->limit));
    TESTUDO_I_TRY(testudo_i_qmax_milp(&q->places, &q->types, need, nodes, &watch.plain, &answer, &q->result->stopped,
                                      error));
    q->result->tries++;
    if (answer == TESTUDO_I_BRANCH_FOUND) {
      q->least = testudo_i_places_least(&q->places, q->worth);
      say_method(q, "integer programme");
    } else if (answer == TESTUDO_I_BRANCH_NONE && need == q->limit) {
      q->limit = need - 1;
      say_proof(q, "branch and bound of GLPK in floating point, not exact");
    } else if (answer == TESTUDO_I_BRANCH_TOO_LARGE)
      return TESTUDO_OK;
  }
  return TESTUDO_OK;
}

static testudo_status by_small_programme(quest *q, testudo_error *error)
{
  int64_t columns;
  TESTUDO_I_TRY(testudo_i_qmax_milp_size(&q->places, &q->types, q->least + 1, BEST_COLUMNS, &columns, error));
  return columns >= 0 ? by_programme(q, BEST_NODES, error) : TESTUDO_OK;
}

/* ---- one after the other ---- */

static testudo_status improve_orders(quest *q, testudo_error *error)
{
  testudo_search_method method = q->method;
  bool best = method == TESTUDO_METHOD_BEST;
  if ((best || method == TESTUDO_METHOD_MATCHING) && !is_over(q))
    TESTUDO_I_TRY(by_matching(q, error));
  if ((best || method == TESTUDO_METHOD_LOCAL) && !is_over(q) && testudo_i_qmax_anneal_fits(&q->places))
    TESTUDO_I_TRY(by_annealing(q, error));
  if (method == TESTUDO_METHOD_MILP && !is_over(q))
    TESTUDO_I_TRY(by_programme(q, 0, error));
  return best && !is_over(q) ? by_small_programme(q, error) : TESTUDO_OK;
}

/* Fewer than `level` holders leave no order better than another: Q_max is the sum of the loads. */
static testudo_status search_orders(quest *q, testudo_error *error)
{
  testudo_search_result *result = q->result;
  if (q->level > testudo_design_min_replication(q->design)) {
    TESTUDO_I_TRY(testudo_design_orders(q->design, &q->places.orders, error));
    q->places.loads = q->places.orders.row[q->places.orders.workers];
    result->before = (double)q->places.loads;
    say_method(q, "the order given");
    say_proof(q, "a chunk has fewer holders than the level");
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(start_quest(q, error));
  TESTUDO_I_TRY(find_limit(q, error));
  return improve_orders(q, error);
}

static void settle_result(quest *q)
{
  testudo_search_result *result = q->result;
  result->after = value_of(q, q->least);
  result->bound = value_of(q, q->limit);
  result->proved = value_of(q, q->proved);
  if (q->least >= q->limit)
    result->answer = TESTUDO_OPTIMAL;
  else if (q->method == TESTUDO_METHOD_MILP && result->after >= result->before)
    result->answer = TESTUDO_UNDECIDED;
}

testudo_status testudo_optimize_q_max(const testudo_design *design, int32_t level, testudo_search_method method,
                                      const testudo_search_options *options, testudo_design **better,
                                      testudo_search_result *result, testudo_error *error)
{
  *better = NULL;
  *result = (testudo_search_result){.answer = TESTUDO_FEASIBLE, .before = NAN, .after = NAN, .bound = NAN,
                                    .proved = NAN};
  if (method == TESTUDO_METHOD_EXHAUSTIVE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method exhaustive does not apply to Q_max; best, matching, milp and local do");
  if (level < 1 || level > TESTUDO_MAX_PARTS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "level: %d, but 1..%d are allowed", (int)level,
                          TESTUDO_MAX_PARTS);
  if (options->tries > TESTUDO_I_LIMIT_QMAX_TRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "tries: %lld, but a search for Q_max makes at most %d",
                          (long long)options->tries, TESTUDO_I_LIMIT_QMAX_TRIES);
  TESTUDO_I_HELD(drop_quest) quest q = {.design = design, .level = level, .method = method, .options = options,
                                        .result = result};
  TESTUDO_I_TRY(search_orders(&q, error));
  settle_result(&q);
  return testudo_design_reorder(design, &q.places.orders, better, error);
}
