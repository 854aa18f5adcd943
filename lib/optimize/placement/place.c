/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placements of least cost and of least overlap: the road to the answer, and what is proved of it. */
#include "optimize/search/search.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "code/assignment.h"
#include "optimize/placement/branch.h"
#include "optimize/placement/flow.h"
#include "optimize/placement/overlaps.h"
#include "optimize/search/restart.h"

/* ---- least cost ---- */

testudo_status testudo_place_least_cost(const testudo_placement_limits *limits, const testudo_search_options *options,
                                        testudo_assignment *placement, testudo_search_result *result,
                                        testudo_error *error)
{
  *placement = (testudo_assignment){0, 0, NULL, NULL};
  *result = (testudo_search_result){.answer = TESTUDO_UNDECIDED, .before = NAN, .after = NAN, .bound = NAN,
                                    .tries = 1};
  testudo_i_search_watch watch;
  testudo_i_search_watch_start(&watch, options->monitor, 0.0, 1.0, NAN, NAN);
  testudo_status status = testudo_placement_check(limits, error);
  if (status == TESTUDO_OK)
    status = testudo_i_place_by_flow(limits, true, &watch.plain, placement, &result->after, &result->bound, error);
  result->stopped = watch.stopped;
  if (watch.stopped)
    return TESTUDO_OK;
  if (status != TESTUDO_OK)
    return status;
  snprintf(result->method, sizeof result->method, "cheapest flow (primal-dual)");
  snprintf(result->proof, sizeof result->proof, "dual value of the linear programme");
  /* The potentials are exact for costs rounded at 2^-40 of the largest; the rest is the rounding of sums. */
  double copies = (double)placement->row[placement->workers];
  double rounding = 1e-12 * result->after + 0x1p-39 * testudo_i_largest_cost(limits) * copies;
  bool proved = result->after - result->bound <= rounding;
  result->answer = proved ? TESTUDO_OPTIMAL : TESTUDO_FEASIBLE;
  if (proved && result->bound > result->after)
    result->bound = result->after;
  return TESTUDO_OK;
}

/* ---- least overlap ---- */

/* Restarts at one aim, for each of the tries asked for. */
enum { RESTARTS = 4, DEFAULT_TRIES = 4 };

typedef struct apart {
  testudo_i_arena arena;
  const testudo_placement_limits *limits;
  const testudo_search_options *options;
  testudo_search_result *result;
  unsigned char *forbidden;
  int64_t tries;            /* at one aim */
  int32_t threads;
  testudo_i_overlaps *state; /* of each thread */
  testudo_assignment *best; /* the placement handed out */
  testudo_assignment kept;  /* another of the same size */
  int32_t overlap, bound;   /* of *best; proved */
  int64_t budget;           /* moves a restart */
  testudo_i_search_watch watch;
} apart;

static testudo_status list_forbidden(apart *a, testudo_error *error)
{
  const testudo_placement_limits *limits = a->limits;
  a->forbidden = testudo_i_arena_calloc(&a->arena, (size_t)limits->workers * (size_t)limits->chunks, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&a->arena, error));
  for (int64_t k = 0; k < limits->costs; k++)
    if (limits->cost[k].cost == HUGE_VAL)
      a->forbidden[(int64_t)limits->cost[k].worker * limits->chunks + limits->cost[k].chunk] = 1;
  return TESTUDO_OK;
}

static int32_t largest_shared(const testudo_i_overlaps *o)
{
  int32_t workers = o->limits->workers, most = 0;
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < j; k++)
      most = o->shared[j * workers + k] > most ? o->shared[j * workers + k] : most;
  return most;
}

/* The first placement, which every search begins from. */
static testudo_status begin_apart(apart *a, const testudo_assignment *start, testudo_error *error)
{
  double cost, bound;
  if (start == NULL)
    TESTUDO_I_TRY(testudo_i_place_by_flow(a->limits, false, &a->watch.plain, a->best, &cost, &bound, error));
  else {
    TESTUDO_I_TRY(testudo_placement_cost(a->limits, start, &cost, error));
    TESTUDO_I_TRY(testudo_i_assignment_copy(a->best, start, error));
  }
  TESTUDO_I_TRY(testudo_i_assignment_copy(&a->kept, a->best, error));
  a->tries = RESTARTS * (a->options->tries > 0 ? a->options->tries : DEFAULT_TRIES);
  a->threads = testudo_i_restarts_threads(a->options, a->tries);
  a->state = testudo_i_arena_alloc(&a->arena, (size_t)a->threads, sizeof *a->state);
  TESTUDO_I_TRY(testudo_i_arena_check(&a->arena, error));
  for (int32_t k = 0; k < a->threads; k++)
    TESTUDO_I_TRY(testudo_i_overlaps_make(a->limits, a->forbidden, &a->arena, &a->state[k], error));
  testudo_i_overlaps_set(&a->state[0], a->best);
  a->overlap = largest_shared(&a->state[0]);
  if (start != NULL)
    a->result->before = a->overlap;
  int64_t entries = a->best->row[a->best->workers];
  a->budget = 20000 + 2000 * entries;
  return TESTUDO_OK;
}

/* A placement of as many copies, row after row, in the room of a try. */
static testudo_assignment view_found(const apart *a, void *found)
{
  int64_t *row = found;
  return (testudo_assignment){a->limits->workers, a->limits->chunks, row, (int32_t *)(row + a->limits->workers + 1)};
}

/* The first of all goes on from the best; the others from placements mixed at random. */
static testudo_status run_try(void *context, testudo_i_try *one)
{
  apart *a = context;
  testudo_i_overlaps *state = &a->state[one->thread];
  testudo_i_draws draws = testudo_i_draws_start(&one->random);
  testudo_i_annealing looks = {.moves = a->budget, .stopped = testudo_i_try_stopped, .context = one};
  testudo_i_overlaps_set(state, a->best);
  if (one->number > 0)
    testudo_i_overlaps_shake(state, &draws, 4 * a->best->row[a->best->workers]);
  testudo_i_overlaps_aim(state, a->overlap - 1);
  testudo_i_overlaps_anneal(state, &looks, &draws, &one->moves);
  one->value = (double)state->excess;
  if (state->excess == 0) {
    testudo_assignment found = view_found(a, one->found);
    testudo_i_overlaps_get(state, &found);
  }
  return TESTUDO_OK;
}

/* Tries at overlaps below the best. */
static testudo_status attempt_aim(apart *a, bool *reached, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_ends ends;
  testudo_i_restarts restarts = {.options = a->options, .tries = a->tries,
                                 .stream = TESTUDO_I_STREAM_OVERLAP + a->overlap - 1, .run = run_try, .context = a,
                                 .keep = 1, .target = 0, .from = -1, .to = -1, .best = a->overlap, .bound = a->bound};
  restarts.size = ((size_t)a->limits->workers + 1) * sizeof *a->best->row +
                  (size_t)a->best->row[a->best->workers] * sizeof *a->best->chunk;
  TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &arena, &ends, error));
  a->result->tries += ends.tries;
  a->result->moves += ends.moves;
  a->watch.stopped = ends.stopped;
  *reached = ends.count > 0 && ends.best[0].value <= 0;
  if (*reached) {
    testudo_assignment found = view_found(a, ends.best[0].found);
    testudo_i_overlaps_set(&a->state[0], &found);
    testudo_i_overlaps_get(&a->state[0], a->best);
    a->overlap = largest_shared(&a->state[0]);
  }
  return TESTUDO_OK;
}

/* Down, one aim after the other, until one is not reached. */
static testudo_status descend(apart *a, testudo_error *error)
{
  bool reached = true;
  while (reached && a->overlap > a->bound && !a->watch.stopped)
    TESTUDO_I_TRY(attempt_aim(a, &reached, error));
  a->watch.best = a->overlap;
  return a->watch.stopped ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

typedef testudo_status (*exact_search)(const testudo_i_overlap_question *question, testudo_i_branch_answer *answer,
                                       testudo_error *error);

/* The solver's word is not taken for a placement: it must keep the limits and be better. */
static void keep_found(apart *a, const char *method)
{
  double cost;
  if (testudo_placement_cost(a->limits, &a->kept, &cost, NULL) != TESTUDO_OK)
    return;
  testudo_i_overlaps_set(&a->state[0], &a->kept);
  int32_t found = largest_shared(&a->state[0]);
  if (found >= a->overlap)
    return;
  a->overlap = found;
  testudo_i_overlaps_get(&a->state[0], a->best);
  snprintf(a->result->method, sizeof a->result->method, "%s", method);
}

/* From the bound up, to the first aim that is not excluded. */
static testudo_status raise_bound(apart *a, exact_search search, const char *method, testudo_error *error)
{
  testudo_i_branch_answer answer = TESTUDO_I_BRANCH_NONE;
  while (answer == TESTUDO_I_BRANCH_NONE && a->bound < a->overlap) {
    testudo_i_overlap_question question = {a->limits, a->forbidden, a->bound, &a->watch.plain, &a->kept};
    TESTUDO_I_TRY(search(&question, &answer, error));
    if (answer == TESTUDO_I_BRANCH_NONE) {
      a->watch.bound = ++a->bound;
      snprintf(a->result->proof, sizeof a->result->proof, "%s", method);
    } else if (answer == TESTUDO_I_BRANCH_FOUND)
      keep_found(a, method);
  }
  return TESTUDO_OK;
}

static testudo_status search_apart(apart *a, const testudo_assignment *start, testudo_error *error)
{
  testudo_search_result *result = a->result;
  TESTUDO_I_TRY(testudo_overlap_bound(a->limits, &a->bound, result->proof, error));
  testudo_i_search_watch_start(&a->watch, a->options->monitor, -1.0, -1.0, NAN, a->bound);
  TESTUDO_I_TRY(testudo_i_assignment_begin(a->best, a->limits->workers, a->limits->chunks, error));
  TESTUDO_I_TRY(list_forbidden(a, error));
  TESTUDO_I_TRY(begin_apart(a, start, error));
  int32_t first = a->overlap;
  TESTUDO_I_TRY(descend(a, error));
  snprintf(result->method, sizeof result->method, "%s",
           a->overlap < first ? "annealing" : start == NULL ? "flow" : "the start");
  TESTUDO_I_TRY(raise_bound(a, testudo_i_enumerate_overlap, "trying all placements", error));
  return raise_bound(a, testudo_i_branch_overlap, "branch and bound (GLPK, in floating point)", error);
}

static void clear_apart(apart *a)
{
  testudo_i_arena_clear(&a->arena);
  testudo_assignment_free(&a->kept);
}

testudo_status testudo_place_least_overlap(const testudo_placement_limits *limits, const testudo_assignment *start,
                                           const testudo_search_options *options, testudo_assignment *placement,
                                           testudo_search_result *result, testudo_error *error)
{
  *placement = (testudo_assignment){0, 0, NULL, NULL};
  *result = (testudo_search_result){.answer = TESTUDO_UNDECIDED, .before = NAN, .after = NAN, .bound = NAN};
  TESTUDO_I_HELD(clear_apart) apart a = {.limits = limits, .options = options, .result = result, .best = placement,
                                         .overlap = -1};
  testudo_status status = testudo_placement_check(limits, error);
  if (status == TESTUDO_OK)
    status = search_apart(&a, start, error);
  result->stopped = a.watch.stopped;
  if (a.watch.stopped && status == TESTUDO_INTERRUPTED) {
    status = TESTUDO_OK;
    snprintf(result->method, sizeof result->method, "annealing");
  }
  if (status == TESTUDO_OK)
    result->bound = a.bound;
  if (status == TESTUDO_OK && a.overlap >= 0) {
    result->after = a.overlap;
    result->answer = a.overlap <= a.bound ? TESTUDO_OPTIMAL : TESTUDO_FEASIBLE;
  } else
    testudo_assignment_free(placement);
  return status;
}
