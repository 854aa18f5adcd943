/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --assignment best and arcs: which options apply, the limits, the search, and what is told of it. */
#include "optimize/best.h"

#include "design/schemes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "design/plan.h"
#include "optimize/ordered.h"

const cli_option best_options[] = {
    {.name = "objective", .value = "WORD", .kind = CLI_OBJECTIVE, .choices = "qmax mean quantile:q mse:t overlap cost",
     .preset = "mean with --delay, otherwise overlap for --assignment best, qmax for --order",
     .help = "What --assignment best makes small: the most chunks that two workers share (overlap), the sum of --costs"
             " (cost); or, under --delay, mean, quantile:q of the completion time, or mse:t, the expected error at t"
             " seconds, among all families and searches from the best of them. --order best and milp make Q_max at"
             " --parts small (qmax; a worst case, not a latency); --order best under --delay the same as above."},
    {.name = "domains", .value = "FILE.csv", .kind = CLI_FILE,
     .help = "CSV worker,domain: no two copies of a chunk lie in one domain, a rack for instance."},
    {.name = "costs", .value = "FILE.csv", .kind = CLI_FILE,
     .help = "CSV worker,chunk,cost: what a copy there costs, inf or forbidden where none may lie; what is not named"
             " costs nothing."},
    {.name = "capacities", .value = "c0,c1,..", .kind = CLI_REALS, .least = 0, .most = TESTUDO_MAX_CHUNKS,
     .preset = "loads differ by at most one", .help = "The most chunks each worker may hold, one number a worker."},
    {.name = "replications", .value = "d0,d1,..", .kind = CLI_REALS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--replication for all", .help = "On how many workers each chunk lies, one number a chunk."},
    {.name = "start", .value = "DESIGN.json", .kind = CLI_FILE,
     .help = "A design whose assignment the search goes on from: it is never made worse."},
    {.name = NULL},
};

static bool is_placement(const char *objective)
{
  return strcmp(objective, "overlap") == 0 || strcmp(objective, "cost") == 0;
}

static const char *objective_of(const cli_arguments *arguments)
{
  return cli_text(arguments, "objective", cli_given(arguments, "delay") ? "mean" : "overlap");
}

bool best_is_timed(const cli_arguments *arguments)
{
  return strcmp(cli_text(arguments, "assignment", ""), "best") == 0 && !is_placement(objective_of(arguments));
}

/* Options that apply to something else only, unless `applies`. */
typedef struct best_rule {
  bool applies;
  const char *names[4], *to;
} best_rule;

static testudo_status check_rules(const cli_arguments *arguments, const best_rule *rule, size_t rules,
                                  testudo_error *error)
{
  for (size_t r = 0; r < rules; r++)
    for (size_t k = 0; !rule[r].applies && k < 4 && rule[r].names[k] != NULL; k++)
      if (cli_given(arguments, rule[r].names[k]))
        return cli_refuse(error, "--%s applies to %s only", rule[r].names[k], rule[r].to);
  return TESTUDO_OK;
}

static testudo_status check_arcs(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *rates = cli_get(arguments, "rates");
  if (!rates->given)
    return cli_refuse(error, "--rates is missing: --assignment arcs needs it");
  if (rates->count != (size_t)request->workers)
    return cli_refuse(error, "--rates: %zu given, but there are %d workers", rates->count, request->workers);
  return TESTUDO_OK;
}

static testudo_status check_best(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *objective = objective_of(arguments);
  testudo_objective parsed;
  if (!request_is_free(request))
    return cli_refuse(error, "--assignment best is for scheme partial, not for %s",
                      testudo_scheme_name(request->scheme->id));
  if (strcmp(objective, "cost") == 0 && cli_given(arguments, "start"))
    return cli_refuse(error, "--start does not apply to --objective cost: the cheapest is found without");
  if (is_placement(objective))
    return TESTUDO_OK;
  if (search_objective(objective, 1, &parsed, error) != TESTUDO_OK || parsed.kind == TESTUDO_OBJECTIVE_Q_MAX)
    return cli_refuse(error, "--objective: %s, but --assignment best allows overlap, cost and, with --delay, mean,"
                      " quantile:q, mse:t", objective);
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing: --objective %s needs it", objective);
  if (cli_given(arguments, "order"))
    return cli_refuse(error, "--order does not apply to --objective %s: orders are searched too", objective);
  return TESTUDO_OK;
}

testudo_status best_check(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  bool best = request_assigns(request, "best"), arcs = request_assigns(request, "arcs");
  bool timed = best && best_is_timed(arguments), ordered = ordered_wanted(request);
  bool delayed = timed || plan_wanted(request, arguments) || ordered_delayed(request, arguments);
  bool planned = plan_wanted(request, arguments); /* the search of a block code's sizes has a time limit too */
  const best_rule rule[] = {
      {best, {"start"}, "--assignment best"},
      {best || ordered, {"objective", "tries"}, "--assignment best, and --order best and milp,"},
      {best || ordered || planned, {"time-limit"},
       "searches: --assignment best, --order best, scheme block with --delay,"},
      {best && !timed, {"domains", "costs", "capacities", "replications"},
       "--assignment best with --objective overlap or cost"},
      {delayed, {"delay", "structure", "failed", "fail-prob"},
       "--scheme block, and --assignment best and --order best with --objective mean, quantile:q or mse:t,"},
      {delayed || arcs, {"rates"}, "--assignment arcs, and with --delay"},
  };
  TESTUDO_I_TRY(check_rules(arguments, rule, sizeof rule / sizeof *rule, error));
  if (arcs)
    TESTUDO_I_TRY(check_arcs(request, arguments, error));
  return best ? check_best(request, arguments, error) : ordered_check(request, arguments, error);
}

/* ---- limits from the options ---- */

/* A list of whole numbers, `count` of them; or all `otherwise`. */
static testudo_status best_take_list(best_search *best, const cli_arguments *arguments, const char *name, int32_t count,
                                     const char *of_what, int32_t otherwise, int32_t **list, testudo_error *error)
{
  const cli_value *value = cli_get(arguments, name);
  if (value->given && value->count != (size_t)count)
    return cli_refuse(error, "--%s: %zu given, but there are %d %s", name, value->count, (int)count, of_what);
  *list = testudo_i_arena_alloc(&best->arena, (size_t)count, sizeof **list);
  TESTUDO_I_TRY(testudo_i_arena_check(&best->arena, error));
  for (int32_t k = 0; k < count; k++) {
    double number = value->given ? value->reals[k] : otherwise;
    if (number != floor(number))
      return cli_refuse(error, "--%s: %s is not a whole number", name, value->item[k]);
    (*list)[k] = (int32_t)number;
  }
  return TESTUDO_OK;
}

/* Equal loads, up to one, unless capacities were given. */
static testudo_status take_loads(best_search *best, const cli_arguments *arguments, testudo_error *error)
{
  testudo_placement_limits *limits = &best->limits;
  int64_t copies = 0;
  int32_t *least = testudo_i_arena_calloc(&best->arena, (size_t)limits->workers, sizeof *least), *most = NULL;
  TESTUDO_I_TRY(testudo_i_arena_check(&best->arena, error));
  for (int32_t i = 0; i < limits->chunks; i++)
    copies += limits->replication[i];
  int64_t floor_load = copies / limits->workers, ceiling = floor_load + (copies % limits->workers != 0);
  ceiling = ceiling > limits->chunks ? limits->chunks : ceiling;
  TESTUDO_I_TRY(best_take_list(best, arguments, "capacities", limits->workers, "workers", (int32_t)ceiling, &most,
                               error));
  limits->most = most;
  limits->least = least;
  for (int32_t j = 0; j < limits->workers; j++) {
    if (!cli_given(arguments, "capacities"))
      least[j] = (int32_t)(floor_load > limits->chunks ? limits->chunks : floor_load);
    if (most[j] > limits->chunks)
      most[j] = limits->chunks;
  }
  return TESTUDO_OK;
}

static testudo_status take_limits(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                  testudo_error *error)
{
  testudo_placement_limits *limits = &best->limits;
  *limits = (testudo_placement_limits){.workers = request->workers, .chunks = request->chunks};
  int32_t *replication = NULL, *domain = NULL;
  testudo_place_cost *cost = NULL;
  TESTUDO_I_TRY(best_take_list(best, arguments, "replications", request->chunks, "chunks", request->replication,
                               &replication, error));
  limits->replication = replication;
  TESTUDO_I_TRY(take_loads(best, arguments, error));
  if (cli_given(arguments, "domains"))
    TESTUDO_I_TRY(testudo_domains_read(cli_text(arguments, "domains", ""), request->workers, &domain, error));
  limits->domain = domain;
  for (int32_t j = 0; domain != NULL && j < request->workers; j++)
    best->domains = domain[j] >= best->domains ? domain[j] + 1 : best->domains;
  if (cli_given(arguments, "costs"))
    TESTUDO_I_TRY(testudo_costs_read(cli_text(arguments, "costs", ""), request->workers, request->chunks, &cost,
                                     &limits->costs, error));
  limits->cost = cost;
  return TESTUDO_OK;
}

/* ---- the search ---- */

/* The assignment of the design that --start names, in any order. */
static testudo_status read_start(const cli_arguments *arguments, testudo_assignment *start, testudo_error *error)
{
  testudo_design *design = NULL;
  TESTUDO_I_TRY(testudo_design_read(cli_text(arguments, "start", ""), &design, error));
  testudo_status status = testudo_design_orders(design, start, error);
  testudo_design_free(design);
  return status;
}

static testudo_status place(best_search *best, const testudo_assignment *start, testudo_assignment *assignment,
                            const cli_arguments *arguments, testudo_error *error)
{
  bool cost = strcmp(best->objective, "cost") == 0;
  search_start(&best->frame, "placing", arguments);
  TESTUDO_I_TRY(session_progress_end(
      cost ? testudo_place_least_cost(&best->limits, &best->frame.options, assignment, &best->result, error)
           : testudo_place_least_overlap(&best->limits, start, &best->frame.options, assignment, &best->result,
                                         error)));
  return assignment->row == NULL ? search_exit(&best->frame, &best->result, error) : TESTUDO_OK;
}

static testudo_status assign_arcs(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                  testudo_assignment *assignment, testudo_error *error)
{
  int32_t *loads = testudo_i_arena_alloc(&best->arena, (size_t)request->workers, sizeof *loads);
  TESTUDO_I_TRY(testudo_i_arena_check(&best->arena, error));
  best->copies = (int64_t)request->chunks * request->replication;
  TESTUDO_I_TRY(testudo_loads_for_rates(request->workers, request->chunks, request->replication,
                                        cli_get(arguments, "rates")->reals, loads, &best->makespan, error));
  return testudo_assignment_arcs(request->workers, request->chunks, loads, assignment, error);
}

static testudo_status assign_placement(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                       testudo_assignment *assignment, testudo_error *error)
{
  bool resumes = cli_given(arguments, "start");
  TESTUDO_I_TRY(take_limits(best, request, arguments, error));
  if (resumes)
    TESTUDO_I_TRY(read_start(arguments, &best->start, error));
  TESTUDO_I_TRY(place(best, resumes ? &best->start : NULL, assignment, arguments, error));
  if (best->limits.cost != NULL)
    TESTUDO_I_TRY(testudo_placement_cost(&best->limits, assignment, &best->cost, error));
  best->ran = true;
  return TESTUDO_OK;
}

testudo_status best_assign(best_search *best, const cli_request *request, const cli_arguments *arguments,
                           testudo_assignment *assignment, testudo_error *error)
{
  *best = (best_search){.objective = objective_of(arguments), .cost = NAN};
  if (request_assigns(request, "arcs"))
    return assign_arcs(best, request, arguments, assignment, error);
  if (best_is_timed(arguments))
    return best_assign_timed(best, request, arguments, assignment, error);
  return assign_placement(best, request, arguments, assignment, error);
}

void best_free(best_search *best)
{
  testudo_i_arena_clear(&best->arena);
  testudo_assignment_free(&best->start);
  testudo_design_free(best->from);
  testudo_design_free(best->found);
  free((void *)best->limits.domain);
  free((void *)best->limits.cost);
  cluster_close(&best->cluster);
  testudo_portfolio_free(&best->portfolio);
}

/* ---- what is told and kept ---- */

testudo_status best_record(const best_search *best, testudo_design *design, testudo_error *error)
{
  if (!best->ran)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_search_record(design, best->objective, &best->frame.options, &best->result, error));
  if (best->portfolio.entries > 0) {
    testudo_latency_goal goal = {.model = &best->cluster.model};
    TESTUDO_I_TRY(search_objective(best->objective, 1, &goal.objective, error));
    TESTUDO_I_TRY(testudo_search_claim_latency(design, &goal, &best->result, error));
  }
  return best->limits.workers > 0 ? testudo_design_claim_placement(design, &best->limits, true, error) : TESTUDO_OK;
}

/* Loads of arcs: the linear programme, what whole numbers cost, and why there is nothing sooner. */
static void put_makespan(testudo_i_json_writer *writer, const best_search *best)
{
  testudo_i_json_open_object(writer, "makespan");
  testudo_i_json_put_real(writer, "value", best->makespan.value);
  testudo_i_json_put_real(writer, "linear_programme", best->makespan.bound);
  testudo_i_json_put_integer(writer, "copies", best->copies);
  testudo_i_json_put_integer(writer, "copies_sooner", best->makespan.sooner);
  testudo_i_json_close_object(writer);
}

static void print_makespan(FILE *stream, const best_search *best)
{
  fprintf(stream, "  makespan  %.9g times of one chunk at rate 1; loads that are not whole would take %.9g\n",
          best->makespan.value, best->makespan.bound);
  fprintf(stream, "            optimal: before that the workers finish at most %" PRId64 " of %" PRId64 " copies\n",
          best->makespan.sooner, best->copies);
}

void best_put(testudo_i_json_writer *writer, const best_search *best)
{
  if (best->makespan.value > 0.0)
    put_makespan(writer, best);
  if (!best->ran)
    return;
  testudo_i_json_open_object(writer, "search");
  testudo_i_json_put_string(writer, "objective", best->objective);
  search_put(writer, &best->result);
  if (best->domains > 0)
    testudo_i_json_put_integer(writer, "domains", best->domains);
  if (best->limits.cost != NULL)
    testudo_i_json_put_real(writer, "cost", best->cost);
  if (best->portfolio.entries > 0)
    best_put_tried(writer, &best->portfolio);
  testudo_i_json_put_real(writer, "seconds", search_seconds(&best->frame));
  testudo_i_json_close_object(writer);
}

void best_print(FILE *stream, const best_search *best)
{
  if (best->makespan.value > 0.0)
    print_makespan(stream, best);
  if (!best->ran)
    return;
  bool seconds = best->portfolio.entries > 0 && strncmp(best->objective, "mse", 3) != 0;
  fprintf(stream, "objective %s\n", best->objective);
  if (best->portfolio.entries > 0)
    best_print_tried(stream, &best->portfolio);
  search_print(stream, &best->result, seconds ? " s" : "");
  if (best->domains > 0)
    fprintf(stream, "  %-10s%d, no two copies of a chunk in one\n", "domains", (int)best->domains);
  if (best->limits.cost != NULL && strcmp(best->objective, "cost") != 0)
    fprintf(stream, "  %-10s%.9g\n", "cost", best->cost);
}
