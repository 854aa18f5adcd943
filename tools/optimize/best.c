/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/best.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "base/memory.h"
#include "design/plan.h"
#include "optimize/ordered.h"

const cli_option best_options[] = {
    {.name = "objective", .value = "WORD", .kind = CLI_TEXT,
     .preset = "mean with --delay, otherwise overlap for --assignment best, qmax for --order",
     .help = "What --assignment best makes small: the most chunks that two workers share (overlap), the sum of --costs"
             " (cost); or, under --delay, mean, quantile:q of the completion time, or mse:t, the expected error at t"
             " seconds, among all families and searches from the best of them. --order best and milp make Q_max at"
             " --parts small (qmax; a worst case, not a latency); --order best under --delay the same as above."},
    {.name = "domains", .value = "FILE", .kind = CLI_FILE,
     .help = "CSV worker,domain: no two copies of a chunk lie in one domain, a rack for instance."},
    {.name = "costs", .value = "FILE", .kind = CLI_FILE,
     .help = "CSV worker,chunk,cost: what a copy there costs, inf or forbidden where none may lie; what is not named"
             " costs nothing."},
    {.name = "capacities", .value = "c0,c1,..", .kind = CLI_REALS, .least = 0, .most = TESTUDO_MAX_CHUNKS,
     .preset = "loads differ by at most one", .help = "The most chunks each worker may hold, one number a worker."},
    {.name = "replications", .value = "d0,d1,..", .kind = CLI_REALS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--replication for all", .help = "On how many workers each chunk lies, one number a chunk."},
    {.name = "start", .value = "FILE", .kind = CLI_FILE, .goes_on = true,
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

/* Options of a list that were given apply to something else only. */
static testudo_status refuse(const cli_arguments *arguments, const char *const *names, size_t count,
                             const char *applies_to, testudo_error *error)
{
  for (size_t k = 0; k < count; k++)
    if (cli_given(arguments, names[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s applies to %s only", names[k], applies_to);
  return TESTUDO_OK;
}

static testudo_status check_arcs(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *rates = cli_get(arguments, "rates");
  if (!rates->given)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--rates is missing: --assignment arcs needs it");
  if (rates->count != (size_t)request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--rates: %zu given, but there are %d workers", rates->count,
                          request->workers);
  return TESTUDO_OK;
}

static testudo_status check_best(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *objective = objective_of(arguments);
  testudo_objective parsed;
  if (request->scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--assignment best is for scheme partial, not for %s",
                          testudo_scheme_name(request->scheme));
  if (strcmp(objective, "cost") == 0 && cli_given(arguments, "start"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--start does not apply to --objective cost: the cheapest is found without");
  if (is_placement(objective))
    return TESTUDO_OK;
  if (search_objective(objective, 1, &parsed, error) != TESTUDO_OK || parsed.kind == TESTUDO_OBJECTIVE_Q_MAX)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--objective: %s, but --assignment best allows overlap, cost and, with --delay, mean,"
                          " quantile:q, mse:t", objective);
  if (!cli_given(arguments, "delay"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--delay LAW is missing: --objective %s needs it", objective);
  if (cli_given(arguments, "order"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--order does not apply to --objective %s: orders are searched too", objective);
  return TESTUDO_OK;
}

testudo_status best_check(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  static const char *const start[] = {"start"}, *const search[] = {"objective", "tries"};
  static const char *const limit[] = {"time-limit"};
  static const char *const placement[] = {"domains", "costs", "capacities", "replications"};
  static const char *const model[] = {"delay", "structure", "failed", "fail-prob"};
  static const char *const rates[] = {"rates"};
  bool best = request_assigns(request, "best"), arcs = request_assigns(request, "arcs");
  bool timed = best && best_is_timed(arguments), ordered = ordered_wanted(request);
  bool delayed = timed || plan_wanted(request, arguments) || ordered_delayed(request, arguments);
  bool planned = plan_wanted(request, arguments); /* the search of a block code's sizes has a time limit too */
  testudo_status status = TESTUDO_OK;
  if (!best)
    status = refuse(arguments, start, 1, "--assignment best", error);
  if (status == TESTUDO_OK && !best && !ordered)
    status = refuse(arguments, search, sizeof search / sizeof *search, "--assignment best, and --order best and milp,",
                    error);
  if (status == TESTUDO_OK && !best && !ordered && !planned)
    status = refuse(arguments, limit, 1, "searches: --assignment best, --order best, scheme block with --delay,",
                    error);
  if (status == TESTUDO_OK && (!best || timed))
    status = refuse(arguments, placement, sizeof placement / sizeof *placement,
                    "--assignment best with --objective overlap or cost", error);
  if (status == TESTUDO_OK && !delayed)
    status = refuse(arguments, model, sizeof model / sizeof *model,
                    "--scheme block, and --assignment best and --order best with --objective mean, quantile:q or"
                    " mse:t,", error);
  if (status == TESTUDO_OK && !delayed && !arcs)
    status = refuse(arguments, rates, 1, "--assignment arcs, and with --delay", error);
  if (status == TESTUDO_OK && arcs)
    status = check_arcs(request, arguments, error);
  if (status == TESTUDO_OK && !best)
    status = ordered_check(request, arguments, error);
  return status == TESTUDO_OK && best ? check_best(request, arguments, error) : status;
}

/* ---- limits from the options ---- */

/* A list of whole numbers, `count` of them; or all `otherwise`. */
static testudo_status take_list(const cli_arguments *arguments, const char *name, int32_t count, const char *of_what,
                                int32_t otherwise, int32_t **list, testudo_error *error)
{
  const cli_value *value = cli_get(arguments, name);
  if (value->given && value->count != (size_t)count)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s: %zu given, but there are %d %s", name, value->count,
                          (int)count, of_what);
  *list = testudo_i_alloc((size_t)count, sizeof **list);
  if (*list == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t k = 0; k < count; k++) {
    double number = value->given ? value->reals[k] : otherwise;
    if (number != floor(number))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s: %s is not a whole number", name, value->item[k]);
    (*list)[k] = (int32_t)number;
  }
  return TESTUDO_OK;
}

/* Equal loads, up to one, unless capacities were given. */
static testudo_status take_loads(best_search *best, const cli_arguments *arguments, testudo_error *error)
{
  testudo_placement_limits *limits = &best->limits;
  int64_t copies = 0;
  int32_t *least = NULL, *most = NULL;
  for (int32_t i = 0; i < limits->chunks; i++)
    copies += limits->replication[i];
  int64_t floor_load = copies / limits->workers, ceiling = floor_load + (copies % limits->workers != 0);
  ceiling = ceiling > limits->chunks ? limits->chunks : ceiling;
  testudo_status status =
      take_list(arguments, "capacities", limits->workers, "workers", (int32_t)ceiling, &most, error);
  limits->most = most;
  if (status != TESTUDO_OK)
    return status;
  limits->least = least = testudo_i_calloc((size_t)limits->workers, sizeof *least);
  if (least == NULL)
    return testudo_i_fail_memory(error);
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
  testudo_status status = take_list(arguments, "replications", request->chunks, "chunks", request->replication,
                                    &replication, error);
  limits->replication = replication;
  if (status == TESTUDO_OK)
    status = take_loads(best, arguments, error);
  if (status == TESTUDO_OK && cli_given(arguments, "domains"))
    status = testudo_domains_read(cli_text(arguments, "domains", ""), request->workers, &domain, error);
  limits->domain = domain;
  for (int32_t j = 0; domain != NULL && j < request->workers; j++)
    best->domains = domain[j] >= best->domains ? domain[j] + 1 : best->domains;
  if (status == TESTUDO_OK && cli_given(arguments, "costs"))
    status = testudo_costs_read(cli_text(arguments, "costs", ""), request->workers, request->chunks, &cost,
                                &limits->costs, error);
  limits->cost = cost;
  return status;
}

/* ---- the search ---- */

/* The assignment of the design that --start names, in any order. */
static testudo_status read_start(const cli_arguments *arguments, testudo_assignment *start, testudo_error *error)
{
  testudo_design *design = NULL;
  testudo_status status = testudo_design_read(cli_text(arguments, "start", ""), &design, error);
  if (status == TESTUDO_OK)
    status = testudo_design_orders(design, start, error);
  testudo_design_free(design);
  return status;
}

static testudo_status run_search(best_search *best, const testudo_assignment *start, testudo_assignment *assignment,
                                 const cli_arguments *arguments, testudo_error *error)
{
  bool cost = strcmp(best->objective, "cost") == 0;
  search_start(&best->frame, "placing", arguments);
  testudo_status status =
      cost ? testudo_place_least_cost(&best->limits, &best->frame.options, assignment, &best->result, error)
           : testudo_place_least_overlap(&best->limits, start, &best->frame.options, assignment, &best->result, error);
  search_end(&best->frame);
  if (status == TESTUDO_OK && assignment->row == NULL)
    status = search_exit(&best->frame, &best->result, error);
  return status;
}

static testudo_status assign_arcs(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                  testudo_assignment *assignment, testudo_error *error)
{
  int32_t *loads = testudo_i_alloc((size_t)request->workers, sizeof *loads);
  if (loads == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_loads_for_rates(request->workers, request->chunks, request->replication,
                                                  cli_get(arguments, "rates")->reals, loads, &best->makespan, error);
  if (status == TESTUDO_OK)
    status = testudo_assignment_arcs(request->workers, request->chunks, loads, assignment, error);
  best->copies = (int64_t)request->chunks * request->replication;
  free(loads);
  return status;
}

static testudo_status assign_placement(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                       testudo_assignment *assignment, testudo_error *error)
{
  testudo_assignment start = {0, 0, NULL, NULL};
  bool resumes = cli_given(arguments, "start");
  testudo_status status = take_limits(best, request, arguments, error);
  if (status == TESTUDO_OK && resumes)
    status = read_start(arguments, &start, error);
  if (status == TESTUDO_OK)
    status = run_search(best, resumes ? &start : NULL, assignment, arguments, error);
  if (status == TESTUDO_OK && best->limits.cost != NULL)
    status = testudo_placement_cost(&best->limits, assignment, &best->cost, error);
  best->ran = status == TESTUDO_OK;
  testudo_assignment_free(&start);
  return status;
}

testudo_status best_assign(best_search *best, const cli_request *request, const cli_arguments *arguments,
                           testudo_assignment *assignment, testudo_error *error)
{
  *best = (best_search){.objective = objective_of(arguments), .cost = NAN};
  *assignment = (testudo_assignment){0, 0, NULL, NULL};
  if (request_assigns(request, "arcs"))
    return assign_arcs(best, request, arguments, assignment, error);
  if (best_is_timed(arguments))
    return best_assign_timed(best, request, arguments, assignment, error);
  return assign_placement(best, request, arguments, assignment, error);
}

void best_free(best_search *best)
{
  free((void *)best->limits.replication);
  free((void *)best->limits.least);
  free((void *)best->limits.most);
  free((void *)best->limits.domain);
  free((void *)best->limits.cost);
  cluster_close(&best->cluster);
  testudo_portfolio_free(&best->portfolio);
  *best = (best_search){0};
}

/* ---- what is told and kept ---- */

testudo_status best_record(const best_search *best, testudo_design *design, testudo_error *error)
{
  if (!best->ran)
    return TESTUDO_OK;
  testudo_status status =
      testudo_search_record(design, best->objective, &best->frame.options, &best->result, error);
  if (status == TESTUDO_OK && best->portfolio.entries > 0) {
    testudo_latency_goal goal = {.model = &best->cluster.model};
    status = search_objective(best->objective, 1, &goal.objective, error);
    if (status == TESTUDO_OK)
      status = testudo_search_claim_latency(design, &goal, &best->result, error);
  }
  if (status == TESTUDO_OK && best->limits.workers > 0)
    status = testudo_design_claim_placement(design, &best->limits, true, error);
  return status;
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
