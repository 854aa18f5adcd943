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
#include "parallel/loop.h"

/* ---- least cost ---- */

/* The potentials are exact for costs rounded at 2^-40 of the largest; the rest is the rounding of sums. */
static double cost_rounding(const testudo_placement_limits *limits, const testudo_assignment *placement, double cost)
{
  double most = testudo_i_largest_cost(limits);
  return 1e-12 * cost + 0x1p-39 * most * (double)placement->row[placement->workers];
}

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
  bool proved = result->after - result->bound <= cost_rounding(limits, placement, result->after);
  result->answer = proved ? TESTUDO_OPTIMAL : TESTUDO_FEASIBLE;
  if (proved && result->bound > result->after)
    result->bound = result->after;
  return TESTUDO_OK;
}

/* ---- least overlap ---- */

/* Restarts run side by side, in legs after which the clock is looked at; so many of them whatever the threads, so that
   the lowest one that succeeds in the earliest leg is always the same. */
enum { SIDE_BY_SIDE = 4, DEFAULT_TRIES = 4 };
#define LEG ((int64_t)1 << 16)

typedef struct apart {
  testudo_i_arena arena;
  const testudo_placement_limits *limits;
  const testudo_search_options *options;
  testudo_search_result *result;
  unsigned char *forbidden;
  testudo_i_overlaps state[SIDE_BY_SIDE];
  testudo_i_anneal anneal[SIDE_BY_SIDE];
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

static testudo_status copy_placement(const testudo_assignment *from, testudo_assignment *to, testudo_error *error)
{
  return testudo_i_assignment_copy(to, from->workers, from->chunks, from->row, from->chunk, error);
}

/* The first placement, which every search begins from. */
static testudo_status begin_apart(apart *a, const testudo_assignment *start, testudo_error *error)
{
  double cost, bound;
  if (start == NULL)
    TESTUDO_I_TRY(testudo_i_place_by_flow(a->limits, false, &a->watch.plain, a->best, &cost, &bound, error));
  else {
    TESTUDO_I_TRY(testudo_placement_cost(a->limits, start, &cost, error));
    TESTUDO_I_TRY(copy_placement(start, a->best, error));
  }
  TESTUDO_I_TRY(copy_placement(a->best, &a->kept, error));
  for (int k = 0; k < SIDE_BY_SIDE; k++)
    TESTUDO_I_TRY(testudo_i_overlaps_make(a->limits, a->forbidden, &a->arena, &a->state[k], error));
  testudo_i_overlaps_set(&a->state[0], a->best);
  a->overlap = largest_shared(&a->state[0]);
  if (start != NULL)
    a->result->before = a->overlap;
  int64_t entries = a->best->row[a->best->workers];
  a->budget = 20000 + 2000 * entries;
  return TESTUDO_OK;
}

static testudo_status run_leg(void *context, int32_t thread, int64_t index)
{
  apart *a = context;
  (void)thread;
  testudo_i_overlaps_anneal(&a->state[index], &a->anneal[index], LEG);
  return TESTUDO_OK;
}

/* The first of the four goes on from the best; the others from placements mixed at random. */
static void start_restarts(apart *a, int32_t aim, int64_t attempt)
{
  for (int k = 0; k < SIDE_BY_SIDE; k++) {
    uint64_t name = (uint64_t)(attempt * SIDE_BY_SIDE + k);
    a->anneal[k] = (testudo_i_anneal){.budget = a->budget};
    testudo_i_random_start(&a->anneal[k].random, a->options->seed, TESTUDO_I_FOR_SEARCH, name, (uint64_t)aim);
    testudo_i_overlaps_set(&a->state[k], a->best);
    if (name > 0)
      testudo_i_anneal_shake(&a->state[k], &a->anneal[k], 4 * a->best->row[a->best->workers]);
    testudo_i_overlaps_aim(&a->state[k], aim);
  }
}

/* One attempt at overlaps of at most `aim`. */
static testudo_status attempt_aim(apart *a, int32_t aim, int64_t attempt, bool *reached)
{
  *reached = false;
  start_restarts(a, aim, attempt);
  for (int64_t done = 0; done < a->budget && !*reached; done += LEG) {
    TESTUDO_I_TRY(testudo_i_parallel_for(SIDE_BY_SIDE, a->options->threads, run_leg, a, &a->watch.plain));
    for (int k = 0; k < SIDE_BY_SIDE && !*reached; k++)
      if (a->state[k].excess == 0) {
        testudo_i_overlaps_get(&a->state[k], a->best);
        a->overlap = largest_shared(&a->state[k]);
        *reached = true;
      }
  }
  for (int k = 0; k < SIDE_BY_SIDE; k++)
    a->result->moves += a->anneal[k].moves;
  return TESTUDO_OK;
}

/* Down, one aim after the other, until one is not reached. */
static testudo_status descend(apart *a)
{
  int64_t tries = a->options->tries > 0 ? a->options->tries : DEFAULT_TRIES;
  bool reached = true;
  while (reached && a->overlap > a->bound) {
    reached = false;
    a->watch.best = a->overlap;
    for (int64_t attempt = 0; !reached && attempt < tries; attempt++) {
      a->result->tries++;
      TESTUDO_I_TRY(attempt_aim(a, a->overlap - 1, attempt, &reached));
    }
  }
  return TESTUDO_OK;
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
  TESTUDO_I_TRY(descend(a));
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
