/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimize --objective overlap, cost: an assignment within loads, copies, domains and forbidden places. */
#include "optimize/optimize.h"

#include <math.h>

#include "base/error.h"
#include "common/session.h"

/* ---- limits ---- */

/* Whole numbers, one for each of `count`; not given: `otherwise` for all. */
static testudo_status take_list(cli_optimized *o, const char *name, int32_t count, const char *of_what,
                                int32_t otherwise, int32_t **list, testudo_error *error)
{
  const cli_value *value = cli_get(o->arguments, name);
  if (value->given && value->count != (size_t)count)
    return cli_refuse(error, "--%s: %zu given, but there are %d %s", name, value->count, (int)count, of_what);
  *list = testudo_i_arena_alloc(&o->arena, (size_t)count, sizeof **list);
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, error));
  for (int32_t k = 0; k < count; k++)
    (*list)[k] = value->given ? value->integers[k] : otherwise;
  return TESTUDO_OK;
}

/* Equal loads up to one, or those of FILE where they differ more, unless capacities were given. */
static testudo_status take_loads(cli_optimized *o, testudo_error *error)
{
  testudo_placement_limits *limits = &o->placement.limits;
  const int64_t *row = o->placement.start.row;
  int64_t copies = 0;
  int32_t *least = testudo_i_arena_calloc(&o->arena, (size_t)limits->workers, sizeof *least), *most = NULL;
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, error));
  for (int32_t i = 0; i < limits->chunks; i++)
    copies += limits->replication[i];
  int64_t floor_load = copies / limits->workers, ceiling = floor_load + (copies % limits->workers != 0);
  floor_load = floor_load > limits->chunks ? limits->chunks : floor_load;
  TESTUDO_I_TRY(take_list(o, "capacities", limits->workers, "workers", (int32_t)ceiling, &most, error));
  limits->most = most;
  limits->least = least;
  for (int32_t j = 0; j < limits->workers; j++) {
    int32_t load = row == NULL ? (int32_t)floor_load : (int32_t)(row[j + 1] - row[j]);
    if (!cli_given(o->arguments, "capacities")) {
      least[j] = load < floor_load ? load : (int32_t)floor_load;
      most[j] = load > most[j] ? load : most[j];
    }
    most[j] = most[j] > limits->chunks ? limits->chunks : most[j];
  }
  return TESTUDO_OK;
}

testudo_status placement_take(cli_optimized *o, testudo_error *error)
{
  cli_placement *placement = &o->placement;
  testudo_placement_limits *limits = &placement->limits;
  const cli_request *request = &o->request;
  const char *domains = cli_text(o->arguments, "domains", NULL), *costs = cli_text(o->arguments, "costs", NULL);
  *limits = (testudo_placement_limits){.workers = request->workers, .chunks = request->chunks};
  int32_t *replication = NULL, *domain = NULL;
  testudo_place_cost *cost = NULL;
  if (o->design != NULL)
    TESTUDO_I_TRY(testudo_design_orders(o->design, &placement->start, error));
  TESTUDO_I_TRY(take_list(o, "replications", request->chunks, "chunks", request->replication, &replication, error));
  for (int32_t i = 0; o->design != NULL && i < request->chunks; i++) /* FILE's copies of every chunk stay */
    replication[i] = testudo_design_replication(o->design, i);
  limits->replication = replication;
  TESTUDO_I_TRY(take_loads(o, error));
  if (domains != NULL)
    TESTUDO_I_TRY(testudo_domains_read(domains, request->workers, &domain, error));
  limits->domain = domain;
  for (int32_t j = 0; domain != NULL && j < request->workers; j++)
    placement->domains = domain[j] >= placement->domains ? domain[j] + 1 : placement->domains;
  if (costs != NULL)
    TESTUDO_I_TRY(testudo_costs_read(costs, request->workers, request->chunks, &cost, &limits->costs, error));
  limits->cost = cost;
  if (costs != NULL && limits->costs == 0 && o->objective.kind == TESTUDO_OBJECTIVE_COST)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is empty, but --objective cost is the sum of its"
                          " entries", costs);
  if (cost == NULL && o->objective.kind == TESTUDO_OBJECTIVE_COST)
    return cli_refuse(error, "--costs FILE.csv is missing: --objective cost is the sum of its entries");
  placement->before = NAN;
  if (placement->start.row != NULL &&
      testudo_placement_cost(limits, &placement->start, &placement->before, NULL) != TESTUDO_OK)
    testudo_assignment_free(&placement->start); /* it breaks the limits: there is nothing to go on from */
  return TESTUDO_OK;
}

/* ---- the search ---- */

testudo_status optimize_placement(cli_optimized *o, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {.row = NULL};
  cli_placement *placement = &o->placement;
  bool cost = o->objective.kind == TESTUDO_OBJECTIVE_COST;
  search_start(&o->frame, "placing", o->arguments);
  TESTUDO_I_TRY(session_progress_end(
      cost ? testudo_place_least_cost(&placement->limits, &o->frame.options, &assignment, &o->result, error)
           : testudo_place_least_overlap(&placement->limits, placement->start.row == NULL ? NULL : &placement->start,
                                         &o->frame.options, &assignment, &o->result, error)));
  o->result.before = cost ? placement->before : o->result.before;
  if (assignment.row == NULL)
    return search_exit(&o->frame, &o->result, error);
  if (placement->limits.cost != NULL)
    TESTUDO_I_TRY(testudo_placement_cost(&placement->limits, &assignment, &placement->cost, error));
  /* Nothing better than FILE: its order and code stay too. */
  if (placement->start.row != NULL && o->result.after >= o->result.before)
    return TESTUDO_OK;
  /* A search that Ctrl-C ended is written all the same, and its best needs an order. */
  TESTUDO_I_TRY(request_put_in_order(&o->request, o->arguments, session_stopped(), &assignment, error));
  return request_create(&o->request, o->arguments, &assignment, &o->better, error);
}
