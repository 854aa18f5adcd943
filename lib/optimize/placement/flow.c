/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A placement as a flow of copies from chunks through domains to workers, and the dual value that bounds its cost. */
#include "optimize/placement/flow.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/sum.h"
#include "code/assignment.h"
#include "code/placement/limits.h"
#include "optimize/placement/network.h"

/* Costs become whole multiples of a power of two of at most so many bits, so that the potentials are exact. */
#define COST_BITS 40

/* Nodes: source, sink, a node for loads above the least ones, chunks, workers, and for each chunk the domains it may
   lie in. Arcs of worker j for chunk i are found again by their number. */
typedef struct placing {
  const testudo_placement_limits *limits;
  testudo_i_network network;
  double scale;         /* of costs */
  int64_t copies, above; /* above: loads beyond the least ones */
  int32_t *stage;       /* by domain, of the current chunk: its node, or -1 */
  int64_t *cursor;      /* by worker: its next cost */
  int32_t *arc;         /* the arc of each place, chunk after chunk; -1: forbidden */
} placing;

enum { SPARE = 2, NODES_BEFORE = 3 };

double testudo_i_largest_cost(const testudo_placement_limits *limits)
{
  double most = 0.0;
  for (int64_t k = 0; k < limits->costs; k++)
    if (limits->cost[k].cost < HUGE_VAL && limits->cost[k].cost > most)
      most = limits->cost[k].cost;
  return most;
}

static double cost_scale(const testudo_placement_limits *limits)
{
  int power;
  double most = testudo_i_largest_cost(limits);
  if (most <= 0.0)
    return 1.0;
  (void)frexp(most, &power);
  return ldexp(1.0, power < COST_BITS - 1000 ? 1000 : COST_BITS - power);
}

/* The cost of worker j for chunk i, which grows from call to call. */
static double cost_of(placing *p, int32_t worker, int32_t chunk)
{
  const testudo_placement_limits *limits = p->limits;
  int64_t *k = &p->cursor[worker];
  while (*k < limits->costs && limits->cost[*k].worker == worker && limits->cost[*k].chunk < chunk)
    (*k)++;
  bool named = *k < limits->costs && limits->cost[*k].worker == worker && limits->cost[*k].chunk == chunk;
  return named ? limits->cost[*k].cost : 0.0;
}

static void start_cursors(placing *p)
{
  const testudo_placement_limits *limits = p->limits;
  int64_t k = 0;
  for (int32_t j = 0; j < limits->workers; j++) {
    while (k < limits->costs && limits->cost[k].worker < j)
      k++;
    p->cursor[j] = k;
  }
}

/* ---- building ---- */

static testudo_status start_network(placing *p, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_placement_limits *limits = p->limits;
  int64_t places = (int64_t)limits->workers * limits->chunks;
  if (places > TESTUDO_I_LIMIT_PLACES)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%d workers and %d chunks have %lld places, but searches of placements go up to %lld",
                          (int)limits->workers, (int)limits->chunks, (long long)places,
                          (long long)TESTUDO_I_LIMIT_PLACES);
  p->stage = testudo_i_arena_alloc(arena, (size_t)limits->workers, sizeof *p->stage);
  p->cursor = testudo_i_arena_alloc(arena, (size_t)limits->workers, sizeof *p->cursor);
  p->arc = testudo_i_arena_alloc(arena, (size_t)places, sizeof *p->arc);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int64_t stages = 0;
  if (limits->domain != NULL)
    stages = (int64_t)limits->chunks * testudo_i_count_domains(limits->domain, limits->workers, p->stage);
  int64_t nodes = NODES_BEFORE + (int64_t)limits->chunks + limits->workers + stages;
  int64_t arcs = places + stages + limits->chunks + 2 * (int64_t)limits->workers + 1;
  return testudo_i_network_start(&p->network, arena, (int32_t)nodes, arcs, error);
}

/* From the chunk straight to the worker, or through the one unit that the worker's domain may hold of the chunk. */
static void add_place(placing *p, int32_t chunk, int32_t worker, int32_t *nodes)
{
  const testudo_placement_limits *limits = p->limits;
  int32_t from = NODES_BEFORE + chunk, to = NODES_BEFORE + limits->chunks + worker;
  int32_t *arc = &p->arc[(int64_t)chunk * limits->workers + worker];
  double cost = cost_of(p, worker, chunk);
  *arc = -1;
  if (cost == HUGE_VAL || limits->most[worker] == 0)
    return;
  if (limits->domain != NULL) {
    int32_t *stage = &p->stage[limits->domain[worker]];
    if (*stage < 0) {
      *stage = (*nodes)++;
      testudo_i_network_add(&p->network, from, *stage, 1, 0);
    }
    from = *stage;
  }
  *arc = testudo_i_network_add(&p->network, from, to, 1, llround(cost * p->scale));
}

static void build_network(placing *p)
{
  const testudo_placement_limits *limits = p->limits;
  int32_t nodes = NODES_BEFORE + limits->chunks + limits->workers;
  int64_t least = 0;
  start_cursors(p);
  for (int32_t i = 0; i < limits->chunks; i++) {
    for (int32_t j = 0; limits->domain != NULL && j < limits->workers; j++)
      p->stage[j] = -1;
    testudo_i_network_add(&p->network, 0, NODES_BEFORE + i, limits->replication[i], 0);
    p->copies += limits->replication[i];
    for (int32_t j = 0; j < limits->workers; j++)
      add_place(p, i, j, &nodes);
  }
  /* All copies together fill the least loads and what may go beyond them: a full flow keeps both limits. */
  for (int32_t j = 0; j < limits->workers; j++) {
    int32_t worker = NODES_BEFORE + limits->chunks + j;
    testudo_i_network_add(&p->network, worker, 1, limits->least[j], 0);
    testudo_i_network_add(&p->network, worker, SPARE, limits->most[j] - limits->least[j], 0);
    least += limits->least[j];
  }
  p->above = p->copies - least;
  testudo_i_network_add(&p->network, SPARE, 1, (int32_t)p->above, 0);
  p->network.nodes = nodes;
}

/* ---- the reason why there is none ---- */

/* The chunks that the source, prices aside, still reaches have more copies than the cut behind them lets through. */
static testudo_status say_why(placing *p, testudo_error *error)
{
  const testudo_placement_limits *limits = p->limits;
  testudo_i_network *n = &p->network;
  int64_t wanted = 0, elsewhere = 0;
  int32_t chunks = 0;
  char names[64];
  size_t length = 0;
  memset(n->cost, 0, (size_t)n->arcs * sizeof *n->cost);
  memset(n->potential, 0, (size_t)n->nodes * sizeof *n->potential);
  TESTUDO_I_TRY(testudo_i_network_fill(n, p->copies, NULL, error));
  for (int32_t i = 0; i < limits->chunks; i++) {
    if (n->level[NODES_BEFORE + i] < 0) {
      elsewhere += limits->replication[i];
      continue;
    }
    wanted += limits->replication[i];
    if (++chunks <= 5)
      length += (size_t)snprintf(names + length, sizeof names - length, chunks == 1 ? "%d" : ", %d", (int)i);
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "no placement exists: chunk%s %s%s must have %lld copies, but loads, domains and forbidden"
                        " places leave room for %lld", chunks == 1 ? "" : "s", names, chunks > 5 ? ", .." : "",
                        (long long)wanted, (long long)(n->sent - elsewhere));
}

/* ---- the result ---- */

static testudo_status take_placement(placing *p, testudo_assignment *assignment, double *cost, testudo_error *error)
{
  const testudo_placement_limits *limits = p->limits;
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, limits->workers, limits->chunks, p->copies, error));
  testudo_i_sum sum = {0.0, 0.0};
  int64_t entries = 0;
  start_cursors(p);
  for (int32_t j = 0; j < limits->workers; j++) {
    for (int32_t i = 0; i < limits->chunks; i++) {
      int32_t arc = p->arc[(int64_t)i * limits->workers + j];
      if (arc < 0 || p->network.left[arc] > 0)
        continue;
      assignment->chunk[entries++] = i;
      testudo_i_sum_add(&sum, cost_of(p, j, i));
    }
    assignment->row[j + 1] = entries;
  }
  *cost = testudo_i_sum_value(&sum);
  return TESTUDO_OK;
}

/* With any potentials u, every flow of all copies costs at least copies (u_sink - u_source) + the sum over arcs of
   capacity times min(0, cost + u_tail - u_head): the dual value. */
static double dual_value(placing *p)
{
  const testudo_placement_limits *limits = p->limits;
  const testudo_i_network *n = &p->network;
  testudo_i_sum sum = {0.0, 0.0};
  double unit = 1.0 / p->scale;
  testudo_i_sum_add(&sum, (double)p->copies * ((double)(n->potential[1] - n->potential[0]) * unit));
  for (int32_t i = 0; i < limits->chunks; i++)
    for (int32_t j = 0; j < limits->workers; j++) {
      int32_t arc = p->arc[(int64_t)i * limits->workers + j];
      if (arc < 0)
        continue;
      int64_t rise = n->potential[n->head[arc]] - n->potential[n->head[arc ^ 1]];
      testudo_i_sum_add(&sum, fmin(0.0, cost_of(p, j, i) - (double)rise * unit));
    }
  /* The other arcs cost nothing. */
  for (int32_t a = 0; a < n->arcs; a += 2) {
    int64_t rise = n->potential[n->head[a]] - n->potential[n->head[a ^ 1]];
    bool place = n->head[a] >= NODES_BEFORE + limits->chunks &&
                 n->head[a] < NODES_BEFORE + limits->chunks + limits->workers;
    if (!place && rise > 0)
      testudo_i_sum_add(&sum, -(double)rise * unit * (double)(n->left[a] + n->left[a ^ 1]));
  }
  return testudo_i_sum_value(&sum);
}

static testudo_status send_all(placing *p, bool cheapest, const testudo_monitor *monitor, testudo_error *error)
{
  bool reached = true;
  TESTUDO_I_TRY(testudo_i_network_fill(&p->network, p->copies, monitor, error));
  while (cheapest && reached && p->network.sent < p->copies) {
    TESTUDO_I_TRY(testudo_i_network_price(&p->network, &reached, error));
    TESTUDO_I_TRY(testudo_i_network_fill(&p->network, p->copies, monitor, error));
  }
  return p->network.sent < p->copies ? say_why(p, error) : TESTUDO_OK;
}

testudo_status testudo_i_place_by_flow(const testudo_placement_limits *limits, bool cheapest,
                                       const testudo_monitor *monitor, testudo_assignment *assignment, double *cost,
                                       double *bound, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  placing p = {.limits = limits, .scale = cheapest ? cost_scale(limits) : 0.0};
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, limits->workers, limits->chunks, error));
  TESTUDO_I_TRY(start_network(&p, &arena, error));
  build_network(&p);
  TESTUDO_I_TRY(send_all(&p, cheapest, monitor, error));
  TESTUDO_I_TRY(take_placement(&p, assignment, cost, error));
  start_cursors(&p);
  *bound = cheapest ? dual_value(&p) : NAN;
  return TESTUDO_OK;
}
