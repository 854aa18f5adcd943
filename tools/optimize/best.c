/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/best.h"

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
     .preset = "overlap for --assignment best, qmax for --order",
     .help = "What --assignment best makes small: the most chunks that two workers share (overlap), or the sum of"
             " --costs (cost). --order best and milp make Q_max at --parts small (qmax; a worst case, not a latency)."},
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

/* A searched order has an objective, a time limit and tries as well. */
static bool of_orders(const char *option)
{
  return strcmp(option, "objective") == 0 || strcmp(option, "time-limit") == 0 || strcmp(option, "tries") == 0;
}

testudo_status best_check(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  static const char *const own[] = {"objective", "domains", "costs", "capacities", "replications", "start",
                                    "time-limit", "tries"};
  bool best = request_assigns(request, "best");
  /* The search of a block code's sizes has a time limit too. */
  bool planned = plan_wanted(request, arguments);
  for (size_t k = 0; !best && k < sizeof own / sizeof *own; k++)
    if (cli_given(arguments, own[k]) && !(planned && strcmp(own[k], "time-limit") == 0) &&
        !(ordered_wanted(request) && of_orders(own[k])))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s applies to --assignment best only", own[k]);
  const char *objective = cli_text(arguments, "objective", "overlap");
  if (best && request->scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--assignment best is for scheme partial, not for %s",
                          testudo_scheme_name(request->scheme));
  if (best && !is_placement(objective))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--objective: %s, but --assignment best allows overlap, cost",
                          objective);
  if (best && strcmp(objective, "cost") == 0 && cli_given(arguments, "start"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--start does not apply to --objective cost: the cheapest is found without");
  if (!best && ordered_wanted(request) && strcmp(cli_text(arguments, "objective", "qmax"), "qmax") != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--objective: %s, but --order %s allows qmax", objective,
                          request->order);
  return TESTUDO_OK;
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

testudo_status best_assign(best_search *best, const cli_request *request, const cli_arguments *arguments,
                           testudo_assignment *assignment, testudo_error *error)
{
  testudo_assignment start = {0, 0, NULL, NULL};
  bool resumes = cli_given(arguments, "start");
  *best = (best_search){.objective = cli_text(arguments, "objective", "overlap"), .cost = NAN};
  *assignment = start;
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

void best_free(best_search *best)
{
  free((void *)best->limits.replication);
  free((void *)best->limits.least);
  free((void *)best->limits.most);
  free((void *)best->limits.domain);
  free((void *)best->limits.cost);
  *best = (best_search){0};
}

/* ---- what is told and kept ---- */

testudo_status best_record(const best_search *best, testudo_design *design, testudo_error *error)
{
  if (!best->ran)
    return TESTUDO_OK;
  testudo_status status =
      testudo_search_record(design, best->objective, &best->frame.options, &best->result, error);
  if (status == TESTUDO_OK)
    status = testudo_design_claim_placement(design, &best->limits, true, error);
  return status;
}

void best_put(testudo_i_json_writer *writer, const best_search *best)
{
  if (!best->ran)
    return;
  testudo_i_json_open_object(writer, "search");
  testudo_i_json_put_string(writer, "objective", best->objective);
  search_put(writer, &best->result);
  if (best->domains > 0)
    testudo_i_json_put_integer(writer, "domains", best->domains);
  if (best->limits.cost != NULL)
    testudo_i_json_put_real(writer, "cost", best->cost);
  testudo_i_json_put_real(writer, "seconds", search_seconds(&best->frame));
  testudo_i_json_close_object(writer);
}

void best_print(FILE *stream, const best_search *best)
{
  if (!best->ran)
    return;
  fprintf(stream, "objective %s\n", best->objective);
  search_print(stream, &best->result, "");
  if (best->domains > 0)
    fprintf(stream, "  %-10s%d, no two copies of a chunk in one\n", "domains", (int)best->domains);
  if (best->limits.cost != NULL && strcmp(best->objective, "cost") != 0)
    fprintf(stream, "  %-10s%.9g\n", "cost", best->cost);
}
