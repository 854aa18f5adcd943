/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which search suits a design, and what is told of its end. */
#include <testudo/optimize.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "delay/sums.h"
#include "optimize/groups/groups.h"
#include "optimize/local/local.h"

/* Trials of what is told in the end: fewer for large designs, so that a time limit keeps its meaning. */
#define REPORT_TRIALS 400000
#define REPORT_LEAST 20000
#define REPORT_WORK 4e9 /* trials times entries */

/* A simulated value is taken for better when it is so by this many standard errors. */
#define CLEARLY 2.0

/* Exact values that differ by less are the same but for rounding. */
#define SAME 1e-9

/* Work of going through all shared orders that `best` takes on without being told to: orders times states cubed. */
#define BEST_WORK 3e8

typedef struct latency_search {
  testudo_i_goal goal;
  const testudo_design *design;
  const testudo_search_options *options;
  bool reassign;
  testudo_search_result *result;
  testudo_i_found best;        /* the design itself where nothing better was found: best.design NULL */
  double floor;                /* of a complete search: nothing in its range is below; NAN without one */
} latency_search;

static bool stopped(latency_search *search)
{
  testudo_search_result *result = search->result;
  result->stopped = result->stopped ||
                    testudo_i_search_stopped(search->options->monitor, -1, search->best.measure.value, result->bound);
  return result->stopped;
}

/* Of an exact and a simulated value the simulated one must be better by more than its noise. */
static bool is_better(const testudo_i_measure *a, const testudo_i_measure *b)
{
  double noise = hypot(a->exact ? 0 : a->spread, b->exact ? 0 : b->spread);
  if (!a->exact && !b->exact)
    noise = 0; /* the same trials */
  return a->p_never < b->p_never - 1e-12 ||
         (!(a->p_never > b->p_never + 1e-12) && a->value < b->value * (1 - SAME) - CLEARLY * noise);
}

/* Takes over what was found. */
static void offer(latency_search *search, testudo_i_found *found, const char *method)
{
  search->result->tries += found->tries;
  if (found->design == NULL)
    return;
  if (is_better(&found->measure, &search->best.measure)) {
    testudo_design_free(search->best.design);
    search->best = *found;
    snprintf(search->result->method, sizeof search->result->method, "%s", method);
  } else
    testudo_design_free(found->design);
  found->design = NULL;
}

static void keep_range(latency_search *search, const testudo_i_found *found, bool complete)
{
  if (!complete)
    return;
  snprintf(search->result->range, sizeof search->result->range, "%s", found->range);
  search->floor = found->measure.value;
}

/* ---- methods ---- */

static testudo_status by_matching(latency_search *search, testudo_error *error)
{
  testudo_i_found found = {.tries = 1};
  testudo_assignment orders;
  testudo_status status = testudo_i_search_orders(search->design, &orders, error);
  if (status == TESTUDO_OK)
    status = testudo_order_matching(&orders, NULL, error);
  if (status == TESTUDO_OK)
    status = testudo_design_reorder(search->design, &orders, &found.design, error);
  testudo_assignment_free(&orders);
  if (status == TESTUDO_OK)
    status = testudo_i_goal_measure(&search->goal, found.design, &found.measure, error);
  if (status == TESTUDO_OK)
    offer(search, &found, "matching");
  else
    testudo_design_free(found.design);
  return status;
}

static testudo_status by_shared_orders(latency_search *search, bool *complete, testudo_error *error)
{
  testudo_i_found found;
  testudo_status status =
      testudo_i_shared_search(&search->goal, search->design, search->options->monitor, &found, error);
  *complete = status == TESTUDO_OK && found.complete;
  keep_range(search, &found, *complete);
  if (status == TESTUDO_OK)
    offer(search, &found, "all orders that the workers share");
  return status;
}

static testudo_status by_tables(latency_search *search, bool exhaustive, bool *complete, testudo_error *error)
{
  testudo_i_found found;
  testudo_status status =
      testudo_i_groups_search(&search->goal, search->design, exhaustive, search->options, &found, error);
  *complete = status == TESTUDO_OK && found.complete;
  keep_range(search, &found, *complete);
  if (status == TESTUDO_OK)
    offer(search, &found, exhaustive ? "all tables of a group" : "annealing of group tables, exact law");
  return status;
}

static testudo_status by_exchanges(latency_search *search, bool from_best, testudo_error *error)
{
  const testudo_design *from = from_best && search->best.design != NULL ? search->best.design : search->design;
  const testudo_i_local_options options = {.search = search->options, .reassign = search->reassign,
                                           .keep_start = from_best, .from = from_best ? 0.5 : 0.0,
                                           .to = from_best ? 1.0 : 0.5};
  testudo_i_found found;
  testudo_status status =
      testudo_i_local_search(&search->goal, from, &options, &found, &search->result->moves, error);
  if (status == TESTUDO_OK)
    offer(search, &found, search->reassign ? "exchanges of chunks and places" : "exchanges of places");
  return status;
}

static testudo_status exhaustive(latency_search *search, testudo_error *error)
{
  bool shared, tables, complete = false;
  char why[160], why_not[160];
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "exhaustive searches are of mean and quantile: orders that workers share have one mse");
  testudo_status status = testudo_i_shared_applies(&search->goal, search->design, &shared, why, error);
  if (status == TESTUDO_OK)
    status = testudo_i_groups_apply(&search->goal, search->design, true, &tables, why_not, error);
  if (status != TESTUDO_OK)
    return status;
  if (!shared && !tables)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "nothing to go through exhaustively: %s; %s", why, why_not);
  /* One group on a ring of its own size is both: tables range over more. */
  status = tables ? by_tables(search, true, &complete, error) : by_shared_orders(search, &complete, error);
  if (status == TESTUDO_OK && !complete && !tables)
    search->result->stopped = true;
  return status;
}

/* Does `best` go through the shared orders unasked? */
static testudo_status shared_is_cheap(const latency_search *search, bool *cheap, testudo_error *error)
{
  char why[160];
  *cheap = false;
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE)
    return TESTUDO_OK;
  testudo_status status = testudo_i_shared_applies(&search->goal, search->design, cheap, why, error);
  double states = pow(testudo_design_parts(search->design) + 1.0, testudo_design_max_load(search->design) - 1);
  double work = states * states * states;
  for (int32_t k = 2; k <= testudo_design_max_load(search->design); k++)
    work *= k;
  *cheap = *cheap && work <= BEST_WORK;
  return status;
}

static testudo_status local(latency_search *search, bool best, testudo_error *error)
{
  bool tables = false, complete;
  char why[160];
  testudo_status status = TESTUDO_OK;
  if (search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE)
    status = testudo_i_groups_apply(&search->goal, search->design, false, &tables, why, error);
  if (status == TESTUDO_OK && tables)
    status = by_tables(search, false, &complete, error);
  search->result->proof[0] = '\0';
  if (status == TESTUDO_OK && (!tables || search->reassign) && !stopped(search))
    status = by_exchanges(search, false, error);
  if (status == TESTUDO_OK && best && search->best.design != NULL && !stopped(search))
    status = by_exchanges(search, true, error);
  return status;
}

static testudo_status run(latency_search *search, testudo_search_method method, testudo_error *error)
{
  bool cheap = false, listed = false, complete;
  char why[160];
  switch (method) {
  case TESTUDO_METHOD_MATCHING:
    return by_matching(search, error);
  case TESTUDO_METHOD_EXHAUSTIVE:
    return exhaustive(search, error);
  case TESTUDO_METHOD_LOCAL:
    return local(search, false, error);
  case TESTUDO_METHOD_BEST:
    break;
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method milp is of Q_max; of latency there are matching, exhaustive, local and best");
  }
  testudo_status status = by_matching(search, error);
  if (status == TESTUDO_OK)
    status = shared_is_cheap(search, &cheap, error);
  if (status == TESTUDO_OK && cheap && !stopped(search))
    status = by_shared_orders(search, &complete, error);
  if (status == TESTUDO_OK && search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE)
    status = testudo_i_groups_apply(&search->goal, search->design, true, &listed, why, error);
  if (status == TESTUDO_OK && listed && !stopped(search))
    status = by_tables(search, true, &complete, error);
  return status == TESTUDO_OK && !stopped(search) ? local(search, true, error) : status;
}

/* ---- the end ---- */

/* Fresh trials for both; what is not clearly better there is not taken. */
static testudo_status conclude(latency_search *search, testudo_design **better, testudo_error *error)
{
  testudo_search_result *result = search->result;
  testudo_i_goal goal = search->goal;
  testudo_i_comparison comparison;
  goal.first = TESTUDO_I_TRIALS_REPORT;
  goal.monitor = NULL; /* short, and without it nothing can be told */
  const testudo_design *found = search->best.design == NULL ? search->design : search->best.design;
  testudo_status status = testudo_i_goal_compare(&goal, search->design, found, &comparison, error);
  if (status != TESTUDO_OK)
    return status;
  bool taken = comparison.difference < -CLEARLY * (comparison.before.exact && comparison.after.exact
                                                       ? 0
                                                       : comparison.spread) ||
               comparison.after.p_never < comparison.before.p_never - 1e-12;
  const testudo_i_measure *after = taken ? &comparison.after : &comparison.before;
  result->before = comparison.before.value;
  result->after = after->value;
  result->before_stderr = comparison.before.exact ? 0 : comparison.before.spread;
  result->after_stderr = after->exact ? 0 : after->spread;
  result->gain_stderr = comparison.before.exact && comparison.after.exact ? 0 : comparison.spread;
  if (taken) {
    *better = search->best.design;
    search->best.design = NULL;
    return TESTUDO_OK;
  }
  snprintf(result->method, sizeof result->method, "nothing better than the design given");
  result->gain_stderr = 0;
  testudo_assignment orders;
  status = testudo_i_search_orders(search->design, &orders, error);
  if (status == TESTUDO_OK)
    status = testudo_design_reorder(search->design, &orders, better, error);
  testudo_assignment_free(&orders);
  return status;
}

/* The given design may be better than all that a complete search ranged over, and a bound may be reached. */
static void settle_answer(latency_search *search)
{
  testudo_search_result *result = search->result;
  if (!isnan(search->floor) && result->after < search->floor * (1 - 1e-9))
    result->range[0] = '\0';
  if (result->after_stderr == 0 && result->after <= result->bound * (1 + 1e-9))
    result->answer = TESTUDO_OPTIMAL;
}

static int64_t report_trials(const testudo_design *design)
{
  double entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    entries += testudo_design_load(design, j);
  return (int64_t)fmax(REPORT_LEAST, fmin(REPORT_TRIALS, REPORT_WORK / fmax(entries, 1)));
}

static testudo_status check(const testudo_design *design, const testudo_i_goal *goal, testudo_error *error)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  if (scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s: searches for latency are of scheme partial, elsewhere no order is better than"
                          " another",
                          testudo_scheme_name(scheme));
  return testudo_i_goal_check(goal, testudo_design_workers(design), error);
}

testudo_status testudo_optimize_latency(const testudo_design *design, const testudo_latency_goal *goal,
                                        testudo_search_method method, const testudo_search_options *options,
                                        testudo_design **better, testudo_search_result *result, testudo_error *error)
{
  *better = NULL;
  *result = (testudo_search_result){.answer = TESTUDO_FEASIBLE, .before = NAN, .after = NAN, .bound = NAN,
                                     .proved = NAN};
  latency_search search = {.design = design, .options = options, .reassign = goal->reassign, .result = result,
                           .floor = NAN};
  search.goal = (testudo_i_goal){.objective = goal->objective, .model = goal->model, .report = TESTUDO_REPORT_CHUNK,
                                 .max_states = goal->max_states, .stream = options->seed,
                                 .first = TESTUDO_I_TRIALS_CHOOSE, .threads = options->threads};
  testudo_status status = check(design, &search.goal, error);
  testudo_delay_model own; /* with the convolutions that all candidates need */
  testudo_sums *sums = NULL;
  if (status == TESTUDO_OK)
    status = testudo_i_delay_complete(goal->model, testudo_design_max_load(design), &own, &sums, error);
  search.goal.model = &own;
  char proof[96] = "";
  double bound = NAN;
  if (status == TESTUDO_OK)
    status = testudo_i_goal_bound(&search.goal, design, &bound, proof, error);
  if (status == TESTUDO_OK)
    status = testudo_i_goal_measure(&search.goal, design, &search.best.measure, error);
  if (status == TESTUDO_OK)
    status = run(&search, method, error);
  search.goal.trials = goal->trials > 0 ? goal->trials : report_trials(design);
  result->bound = bound;
  snprintf(result->proof, sizeof result->proof, "%s", proof);
  if (status == TESTUDO_OK)
    status = conclude(&search, better, error);
  if (status == TESTUDO_OK)
    settle_answer(&search);
  testudo_design_free(search.best.design);
  testudo_i_sums_free(sums);
  return status;
}
