/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which search suits a design, and what is reported of its end. */
#include <testudo/optimize.h>

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "delay/model.h"
#include "exact/latency.h"
#include "optimize/groups/groups.h"
#include "optimize/latency/blocks.h"
#include "optimize/local/local.h"
#include "optimize/search/search.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* Trials of what is reported in the end: fewer for large designs, so that a time limit keeps its meaning. */
#define REPORT_TRIALS 400000
#define REPORT_LEAST 20000
#define REPORT_WORK 4e9 /* trials times entries */
#define REPORT_DRAWS 1e8 /* trials times random numbers */

/* The same of what the search chooses on, and of what is measured after a stop, within a second or so. */
#define CHOOSE_TRIALS 100000
#define CHOOSE_LEAST 4000
#define CHOOSE_DRAWS 2e7
#define STOPPED_LEAST 16
#define STOPPED_DRAWS 2e6

/* A simulated value is taken for better when it is so by this many standard errors. */
#define CLEARLY 2.0

/* Exact values that differ by less are the same but for rounding. */
#define SAME 1e-9

/* Work of going through all shared orders that `best` takes on without being asked to: orders times states cubed. */
#define BEST_WORK 3e8

typedef struct latency_search {
  testudo_i_goal goal;
  const testudo_design *design;
  const testudo_search_options *options;
  bool reassign;
  testudo_search_result *result;
  testudo_i_search_watch watch;
  testudo_i_measure given;     /* of the design */
  testudo_i_found best;        /* the design itself where nothing better was found: best.design NULL */
  testudo_assignment blocks;   /* the best order by blocks, where it was better than the design; row NULL: none */
  testudo_i_measure blocks_measure;
  char blocks_name[64];
  bool blocks_best;            /* nothing that was found since is better */
  double floor;                /* of a complete search: nothing in its range is below; NAN without one */
  bool all;                    /* that range is all orders of the assignment */
} latency_search;

/* As many as those draws suffice for. Random numbers of a trial: of structure scaled one per worker, otherwise one per
   chunk of every worker. */
static int64_t trials_within(const latency_search *search, double draws, double least, double most)
{
  bool scaled = search->goal.model->structure == TESTUDO_STRUCTURE_SCALED && search->goal.model->replay == NULL;
  int32_t workers = search->design->workers;
  double each = scaled ? (double)workers : fmax(1, (double)search->design->row[workers]);
  return (int64_t)fmax(least, fmin(most, draws / each));
}

/* So few that what a stopped search has found is still compared with what it began with. */
static int64_t few_trials(const latency_search *search)
{
  return trials_within(search, STOPPED_DRAWS, STOPPED_LEAST, CHOOSE_LEAST);
}

static bool is_stopped(latency_search *search)
{
  testudo_search_result *result = search->result;
  result->stopped = result->stopped || search->watch.stopped ||
                    testudo_i_search_stopped(search->options->monitor, -1, search->best.measure.value, result->bound);
  return result->stopped;
}

/* A step that the monitor has ended leaves the best so far. */
static testudo_status unless_stopped(latency_search *search, testudo_status status, testudo_error *error)
{
  if (status != TESTUDO_INTERRUPTED || !search->watch.stopped)
    return status;
  search->result->stopped = true;
  if (error != NULL)
    error->text[0] = '\0';
  return TESTUDO_OK;
}

/* Of an exact and a simulated value the simulated one must be better by more than its noise. */
static bool is_better(const testudo_i_measure *a, const testudo_i_measure *b)
{
  double noise = hypot(testudo_i_measure_noise(a), testudo_i_measure_noise(b));
  if (!a->exact && !b->exact)
    noise = 0; /* the same trials */
  return a->p_never < b->p_never - 1e-12 ||
         (!(a->p_never > b->p_never + 1e-12) && a->value < b->value * (1 - SAME) - CLEARLY * noise);
}

/* Takes over what was found. */
static void offer(latency_search *search, testudo_i_found *found, const char *method)
{
  bool better = found->design != NULL && is_better(&found->measure, &search->best.measure);
  search->result->tries += found->tries;
  testudo_i_found_keep(&search->best, found, better);
  search->watch.best = search->best.measure.value;
  if (!better)
    return;
  search->blocks_best = false;
  snprintf(search->result->method, sizeof search->result->method, "%s", method);
}

/* The same of a search that may have been complete: then it says what nothing is better than. */
static void offer_complete(latency_search *search, testudo_i_found *found, const char *method)
{
  if (found->complete) {
    snprintf(search->result->range, sizeof search->result->range, "%s", found->range);
    search->floor = found->measure.value;
    search->all = found->all;
  }
  offer(search, found, method);
}

/* ---- methods ---- */

static testudo_status by_matching(latency_search *search, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found found = {.tries = 1};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_TRY(testudo_design_orders(search->design, &orders, error));
  TESTUDO_I_TRY(testudo_order_matching(&orders, search->goal.monitor, error));
  TESTUDO_I_TRY(testudo_design_reorder(search->design, &orders, &found.design, error));
  TESTUDO_I_TRY(testudo_i_goal_measure(&search->goal, found.design, &found.measure, error));
  offer(search, &found, "matching");
  return TESTUDO_OK;
}

/* ---- orders by blocks, where chunks are finer than workers ---- */

static testudo_status try_blocks(latency_search *search, const testudo_slot_order *order, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found found = {.tries = 1};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_TRY(testudo_design_orders(search->design, &orders, error));
  testudo_status status = testudo_order_by_slots(&orders, order, error);
  if (status == TESTUDO_ERROR_ARGUMENT) { /* not of this assignment */
    if (error != NULL)
      error->text[0] = '\0';
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(status);
  TESTUDO_I_TRY(testudo_design_reorder(search->design, &orders, &found.design, error));
  TESTUDO_I_TRY(testudo_i_goal_measure(&search->goal, found.design, &found.measure, error));
  const testudo_i_measure measure = found.measure;
  if (!is_better(&measure, &search->best.measure)) {
    search->result->tries++;
    return TESTUDO_OK;
  }
  snprintf(search->blocks_name, sizeof search->blocks_name, "order %s", order->name);
  offer(search, &found, search->blocks_name);
  testudo_assignment_free(&search->blocks);
  search->blocks = orders;
  orders = (testudo_assignment){0, 0, NULL, NULL};
  search->blocks_measure = measure;
  search->blocks_best = true;
  return TESTUDO_OK;
}

/* All of them that suit the assignment. What is found from the best one on is not taken for better lightly. */
static testudo_status by_blocks(latency_search *search, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_HELD(testudo_i_block_law_drop) testudo_draft_law *law = NULL;
  testudo_slot_order order;
  int32_t parts = testudo_design_parts(search->design);
  if (!testudo_i_is_finer(search->design->workers, search->design->chunks))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_design_orders(search->design, &orders, error));
  TESTUDO_I_TRY(testudo_i_block_law(&orders, parts, search->goal.model, search->goal.monitor, &law, error));
  for (int32_t k = 0; testudo_i_block_order(k, parts, law, &order) && !is_stopped(search); k++)
    TESTUDO_I_TRY(try_blocks(search, &order, error));
  return TESTUDO_OK;
}

/* Where searches of the design's own order begin. */
static const testudo_design *start_of(const latency_search *search)
{
  return search->blocks.row != NULL && search->best.design != NULL ? search->best.design : search->design;
}

static testudo_status by_shared_orders(latency_search *search, bool *complete, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found found = {0};
  TESTUDO_I_TRY(testudo_i_shared_search(&search->goal, search->design, search->options->monitor, &found, error));
  *complete = found.complete;
  offer_complete(search, &found, "all orders that the workers share");
  return TESTUDO_OK;
}

static testudo_status by_tables(latency_search *search, bool exhaustive, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found found = {0};
  TESTUDO_I_TRY(testudo_i_groups_search(&search->goal, start_of(search), exhaustive, search->options, &found,
                                        error));
  offer_complete(search, &found, exhaustive ? "all tables of a group" : "annealing of group tables, exact law");
  return TESTUDO_OK;
}

static testudo_status by_exchanges(latency_search *search, bool from_best, testudo_error *error)
{
  const testudo_design *from = from_best && search->best.design != NULL ? search->best.design : search->design;
  const testudo_i_local_options options = {.search = search->options, .reassign = search->reassign,
                                           .keep_start = from_best, .from = from_best ? 0.5 : 0.0,
                                           .to = from_best ? 1.0 : 0.5,
                                           .few_trials = few_trials(search)};
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found found = {0};
  TESTUDO_I_TRY(testudo_i_local_search(&search->goal, from, &options, &found, &search->result->moves, error));
  offer(search, &found, search->reassign ? "exchanges of chunks and places" : "exchanges of places");
  return TESTUDO_OK;
}

static testudo_status exhaustive(latency_search *search, testudo_error *error)
{
  bool shared, tables, complete = false;
  char why[160], why_not[160];
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method exhaustive supports mean, quantile and deadline only: all shared orders have the same"
                          " mse");
  if (search->goal.no_law)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method exhaustive compares exact laws, and this model has none; methods local and best "
                          "simulate");
  TESTUDO_I_TRY(testudo_i_shared_applies(&search->goal, search->design, &shared, why, error));
  TESTUDO_I_TRY(testudo_i_groups_apply(&search->goal, search->design, true, &tables, why_not, error));
  if (!shared && !tables)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method exhaustive does not apply: %s; %s", why, why_not);
  /* One group on a ring of its own size is both: tables range over more. */
  if (tables)
    return by_tables(search, true, error);
  TESTUDO_I_TRY(by_shared_orders(search, &complete, error));
  search->result->stopped = search->result->stopped || !complete;
  return TESTUDO_OK;
}

/* Does `best` go through the shared orders unasked? */
static testudo_status shared_is_cheap(const latency_search *search, bool *cheap, testudo_error *error)
{
  char why[160];
  *cheap = false;
  if (search->goal.objective.kind == TESTUDO_OBJECTIVE_MSE || search->goal.no_law)
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
  bool tables = false;
  char why[160];
  if (search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE && !search->goal.no_law)
    TESTUDO_I_TRY(testudo_i_groups_apply(&search->goal, search->design, false, &tables, why, error));
  if (tables)
    TESTUDO_I_TRY(by_tables(search, false, error));
  /* Shuffled rows of finer chunks are far from all good orders. */
  bool blocks = search->blocks.row != NULL;
  if ((!tables || search->reassign) && !is_stopped(search))
    TESTUDO_I_TRY(by_exchanges(search, blocks, error));
  if (best && !(blocks && !tables) && search->best.design != NULL && !is_stopped(search))
    TESTUDO_I_TRY(by_exchanges(search, true, error));
  return TESTUDO_OK;
}

static testudo_status by_method(latency_search *search, testudo_search_method method, testudo_error *error)
{
  bool cheap = false, listed = false, complete;
  char why[160];
  switch (method) {
  case TESTUDO_METHOD_MATCHING:
    return by_matching(search, error);
  case TESTUDO_METHOD_EXHAUSTIVE:
    return exhaustive(search, error);
  case TESTUDO_METHOD_LOCAL:
    TESTUDO_I_TRY(by_blocks(search, error));
    return is_stopped(search) ? TESTUDO_OK : local(search, false, error);
  case TESTUDO_METHOD_BEST:
    break;
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method milp applies to objective qmax only; for latency use matching, exhaustive, local or "
                          "best");
  }
  TESTUDO_I_TRY(by_matching(search, error));
  TESTUDO_I_TRY(by_blocks(search, error));
  TESTUDO_I_TRY(shared_is_cheap(search, &cheap, error));
  if (cheap && !is_stopped(search))
    TESTUDO_I_TRY(by_shared_orders(search, &complete, error));
  if (search->goal.objective.kind != TESTUDO_OBJECTIVE_MSE && !search->goal.no_law)
    TESTUDO_I_TRY(testudo_i_groups_apply(&search->goal, search->design, true, &listed, why, error));
  if (listed && !is_stopped(search))
    TESTUDO_I_TRY(by_tables(search, true, error));
  return is_stopped(search) ? TESTUDO_OK : local(search, true, error);
}

/* ---- the end ---- */

/* After a stop: exact where that takes no time, otherwise few trials. */
static testudo_status compare_in_haste(latency_search *search, testudo_i_goal goal, const testudo_design *before,
                                       const testudo_design *after, testudo_i_comparison *comparison,
                                       testudo_error *error)
{
  testudo_i_haste haste;
  goal.trials = few_trials(search);
  goal.monitor = testudo_i_haste_begin(&haste);
  testudo_status status = testudo_i_goal_compare(&goal, before, after, comparison, error);
  if (status != TESTUDO_INTERRUPTED)
    return status;
  goal.monitor = NULL;
  goal.no_law = goal.objective.kind != TESTUDO_OBJECTIVE_MSE;
  return testudo_i_goal_compare(&goal, before, after, comparison, error);
}

/* Exact values are known already. The others have fresh trials, the same for both; a stop leaves few of them. */
static testudo_status compare_two(latency_search *search, const testudo_design *before,
                                  const testudo_i_measure *before_known, const testudo_design *after,
                                  const testudo_i_measure *after_known, testudo_i_comparison *comparison,
                                  testudo_error *error)
{
  if (before_known->exact && after_known->exact) {
    *comparison = (testudo_i_comparison){*before_known, *after_known, after_known->value - before_known->value, 0.0};
    return TESTUDO_OK;
  }
  testudo_i_goal goal = search->goal;
  goal.first = TESTUDO_I_TRIALS_REPORT;
  testudo_status status = TESTUDO_INTERRUPTED;
  if (!is_stopped(search))
    status = unless_stopped(search, testudo_i_goal_compare(&goal, before, after, comparison, error), error);
  if (!search->result->stopped)
    return status;
  return compare_in_haste(search, goal, before, after, comparison, error);
}

static bool clearly_better(const testudo_i_comparison *comparison)
{
  bool exact = comparison->before.exact && comparison->after.exact;
  return comparison->difference < -CLEARLY * (exact ? 0.0 : comparison->spread) ||
         comparison->after.p_never < comparison->before.p_never - 1e-12;
}

/* What was found from an order by blocks on must be clearly better than that, or it is what was overfitted. */
static testudo_status fall_back_to_blocks(latency_search *search, testudo_error *error)
{
  testudo_i_comparison comparison;
  if (search->blocks.row == NULL || search->blocks_best)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found blocks = {.measure = search->blocks_measure};
  TESTUDO_I_TRY(testudo_design_reorder(search->design, &search->blocks, &blocks.design, error));
  TESTUDO_I_TRY(compare_two(search, blocks.design, &blocks.measure, search->best.design, &search->best.measure,
                            &comparison, error));
  if (clearly_better(&comparison))
    return TESTUDO_OK;
  testudo_i_found_keep(&search->best, &blocks, true);
  snprintf(search->result->method, sizeof search->result->method, "%s", search->blocks_name);
  return TESTUDO_OK;
}

/* What is not clearly better on trials that chose nothing is not taken. */
static testudo_status compare_afresh(latency_search *search, testudo_design **better, testudo_error *error)
{
  testudo_search_result *result = search->result;
  testudo_i_comparison comparison;
  TESTUDO_I_TRY(fall_back_to_blocks(search, error));
  const testudo_design *found = search->best.design == NULL ? search->design : search->best.design;
  TESTUDO_I_TRY(compare_two(search, search->design, &search->given, found, &search->best.measure, &comparison, error));
  bool taken = clearly_better(&comparison);
  const testudo_i_measure *after = taken ? &comparison.after : &comparison.before;
  result->before = comparison.before.value;
  result->after = after->value;
  result->before_stderr = testudo_i_measure_noise(&comparison.before);
  result->after_stderr = testudo_i_measure_noise(after);
  result->gain_stderr = comparison.before.exact && comparison.after.exact ? 0.0 : comparison.spread;
  if (taken) {
    *better = search->best.design;
    search->best.design = NULL;
    return TESTUDO_OK;
  }
  snprintf(result->method, sizeof result->method, "nothing better than the design given");
  result->gain_stderr = 0;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_TRY(testudo_design_orders(search->design, &orders, error));
  return testudo_design_reorder(search->design, &orders, better, error);
}

/* The given design may be better than all that a complete search ranged over, and a bound may be reached. */
static void settle_answer(latency_search *search)
{
  testudo_search_result *result = search->result;
  if (!isnan(search->floor) && result->after < search->floor * (1 - 1e-9))
    result->range[0] = '\0';
  else if (search->all && !search->reassign) { /* what was gone through is all that the problem allows */
    result->bound = result->after;
    snprintf(result->proof, sizeof result->proof, "all orders of this assignment were gone through");
  }
  testudo_i_search_mend_bound(result);
  if (result->after_stderr == 0 && result->after <= result->bound * (1 + 1e-9))
    result->answer = TESTUDO_OPTIMAL;
}

static int64_t report_trials(const latency_search *search)
{
  double entries = fmax(1, (double)search->design->row[search->design->workers]);
  double most = fmin(REPORT_TRIALS, fmax(REPORT_LEAST, REPORT_WORK / entries));
  return trials_within(search, REPORT_DRAWS, REPORT_LEAST, most);
}

static testudo_status check_goal(const testudo_design *design, const testudo_i_goal *goal, testudo_error *error)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(design);
  if (!scheme->order_matters)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s: searches for latency support scheme partial only; elsewhere all orders are equal",
                          scheme->name);
  return testudo_i_goal_check(goal, testudo_design_workers(design), error);
}

/* A stop before anything is known of the design leaves it as it is. */
static testudo_status search_from_given(latency_search *search, testudo_search_method method, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_goal_measure(&search->goal, search->design, &search->given, error));
  search->best.measure = search->given;
  return by_method(search, method, error);
}

static testudo_status search_latency(latency_search *search, testudo_search_method method, int64_t trials,
                                     testudo_design **better, testudo_error *error)
{
  char proof[96] = "";
  double bound = NAN;
  testudo_status bounded = testudo_i_goal_bound_of_loads(&search->goal, search->design, &bound, proof, error);
  if (bounded != TESTUDO_OK && !(search->goal.no_law && bounded == TESTUDO_ERROR_LIMIT))
    TESTUDO_I_TRY(unless_stopped(search, bounded, error));
  search->watch.bound = bound;
  search->goal.trials = trials_within(search, CHOOSE_DRAWS, CHOOSE_LEAST, CHOOSE_TRIALS);
  TESTUDO_I_TRY(unless_stopped(search, search_from_given(search, method, error), error));
  search->goal.trials = trials > 0 ? trials : report_trials(search);
  search->result->bound = bound;
  snprintf(search->result->proof, sizeof search->result->proof, "%s", proof);
  TESTUDO_I_TRY(compare_afresh(search, better, error));
  settle_answer(search);
  return TESTUDO_OK;
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
  TESTUDO_I_TRY(check_goal(design, &search.goal, error));
  search.goal.unit = testudo_i_unit(goal->model, testudo_design_workers(design), testudo_design_chunks(design));
  testudo_i_search_watch_start(&search.watch, options->monitor, -1.0, -1.0, NAN, NAN);
  search.goal.monitor = &search.watch.plain;
  search.given = search.best.measure = (testudo_i_measure){.value = NAN, .spread = NAN, .p_never = NAN};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  const testudo_i_delay known = testudo_i_goal_delay(&search.goal);
  testudo_i_delay delay; /* with what all candidates need; of a law that is not known, trials measure them */
  testudo_status made = testudo_i_delay_complete(&known, testudo_design_max_load(design), &arena, &delay, error);
  if (made != TESTUDO_OK && made != TESTUDO_ERROR_LIMIT)
    return made;
  search.goal.tables = delay.tables;
  double unused;
  search.goal.no_law = made == TESTUDO_ERROR_LIMIT ||
                       testudo_i_after_progress(design, goal->model, false, &unused, NULL) != TESTUDO_OK;
  testudo_status status = search_latency(&search, method, goal->trials, better, error);
  testudo_design_free(search.best.design);
  testudo_assignment_free(&search.blocks);
  return status;
}
