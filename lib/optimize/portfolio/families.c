/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families that exist for given sizes, and what lies between them. */
#include "base/arena.h"
#include "optimize/portfolio/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/memory.h"
#include "optimize/latency/blocks.h"

enum { SEEDS = 3 };

typedef struct filling {
  testudo_i_arena *arena;
  testudo_i_pool *pool;
  const testudo_portfolio_request *request;
  const testudo_search_options *options;
  const testudo_monitor *monitor;
  int32_t *shift;  /* room for the load, or the workers */
  int32_t *loads, *around;
  testudo_error *error;
} filling;

testudo_status testudo_i_pool_add(testudo_i_pool *pool, testudo_assignment *orders, testudo_error *error,
                                  const char *name, ...)
{
  testudo_status status = TESTUDO_I_GROW(pool->item, pool->room, pool->count + 1, error);
  if (status != TESTUDO_OK) {
    testudo_assignment_free(orders);
    return status;
  }
  testudo_i_candidate *added = &pool->item[pool->count++];
  va_list arguments;
  va_start(arguments, name);
  vsnprintf(added->name, sizeof added->name, name, arguments);
  va_end(arguments);
  added->orders = *orders;
  *orders = (testudo_assignment){0, 0, NULL, NULL};
  return TESTUDO_OK;
}

void testudo_i_pool_free(testudo_i_pool *pool)
{
  for (size_t k = 0; k < pool->count; k++)
    testudo_assignment_free(&pool->item[k].orders);
  free(pool->item);
  *pool = (testudo_i_pool){0};
}

static bool are_same(const testudo_assignment *a, const testudo_assignment *b)
{
  return a->workers == b->workers && a->chunks == b->chunks &&
         memcmp(a->row, b->row, ((size_t)a->workers + 1) * sizeof *a->row) == 0 &&
         memcmp(a->chunk, b->chunk, (size_t)a->row[a->workers] * sizeof *a->chunk) == 0;
}

/* Two rules may make one order. */
static bool is_there(const testudo_i_pool *pool, const testudo_assignment *orders)
{
  for (size_t k = 0; k < pool->count; k++)
    if (are_same(&pool->item[k].orders, orders))
      return true;
  return false;
}

testudo_status testudo_i_pool_offer(testudo_i_pool *pool, testudo_status status, testudo_assignment *orders,
                                    testudo_error *error, const char *format, ...)
{
  if (status == TESTUDO_OK && !is_there(pool, orders)) {
    char name[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    return testudo_i_pool_add(pool, orders, error, "%s", name);
  }
  testudo_assignment_free(orders);
  if (status != TESTUDO_OK && status != TESTUDO_ERROR_ARGUMENT && status != TESTUDO_ERROR_LIMIT)
    return status;
  if (error != NULL)
    error->text[0] = '\0';
  return TESTUDO_OK;
}

/* ---- rings and groups ---- */

/* Groups of `mates` workers on rings of `ring` groups each; consecutive blocks. */
static testudo_status add_rings(filling *f, int32_t ring, int32_t mates)
{
  const testudo_portfolio_request *r = f->request;
  int32_t groups = r->workers / mates;
  testudo_i_shifts shifts = {.modulus = {ring, groups / ring}, .moduli = 2, .order = groups,
                             .blocks = r->chunks / groups, .mates = mates, .count = r->replication / mates,
                             .shift = f->shift};
  for (int32_t k = 0; k < shifts.count; k++)
    shifts.shift[k] = k;
  testudo_assignment orders;
  TESTUDO_I_TRY(testudo_i_shifts_assign(&shifts, &orders, f->error));
  char where[40] = "";
  if (ring < groups)
    snprintf(where, sizeof where, "%d rings of %d", groups / ring, ring);
  else
    snprintf(where, sizeof where, "a ring of %d", ring);
  if (mates == 1 && ring == r->workers && shifts.blocks == 1)
    return testudo_i_pool_add(f->pool, &orders, f->error, "cyclic, natural order");
  if (mates == 1)
    return testudo_i_pool_add(f->pool, &orders, f->error, "%s", where);
  return testudo_i_pool_add(f->pool, &orders, f->error, "groups of %d on %s, rotated", mates, where);
}

/* mates divides the replication and the workers; the ring divides the groups and is no smaller than what a worker holds
   of it. Few rings are tried where there are many divisors. */
static testudo_status add_all_rings(filling *f)
{
  const testudo_portfolio_request *r = f->request;
  for (int32_t mates = 1; mates < r->replication; mates++) {
    int32_t groups = r->workers / mates;
    if (r->replication % mates != 0 || r->workers % mates != 0 || r->chunks % groups != 0)
      continue;
    int added = 0;
    for (int32_t parts = 1; parts <= groups && added < 5; parts++) {
      int32_t ring = groups / parts;
      if (groups % parts != 0 || ring <= r->replication / mates)
        continue;
      if (f->pool->count > 0 && testudo_i_stopped(f->monitor, -1.0))
        return TESTUDO_INTERRUPTED;
      TESTUDO_I_TRY(add_rings(f, ring, mates));
      added++;
    }
  }
  return TESTUDO_OK;
}

static testudo_status add_repetition(filling *f)
{
  const testudo_portfolio_request *r = f->request;
  static const char *const order_name[] = {"rotated", "xor", "natural order"};
  for (int k = 0; k < 3; k++) {
    testudo_assignment orders;
    testudo_status status = testudo_assignment_frc(r->workers, r->chunks, r->replication, &orders, f->error);
    if (status == TESTUDO_OK && k < 2)
      status = (k == 0 ? testudo_order_rotated : testudo_order_xor)(&orders, f->error);
    TESTUDO_I_TRY(testudo_i_pool_offer(f->pool, status, &orders, f->error, "repetition groups, %s", order_name[k]));
  }
  return TESTUDO_OK;
}

/* ---- other families, each in matching order ---- */

typedef enum family_kind {
  REGULAR,
  EXPANDER,
  BIBD,
  LEAST_OVERLAP
} family_kind;

static testudo_status least_overlap(filling *f, testudo_assignment *orders)
{
  const testudo_portfolio_request *r = f->request;
  int64_t copies = (int64_t)r->chunks * r->replication;
  int32_t *replication = testudo_i_arena_alloc(f->arena, (size_t)r->chunks, sizeof *replication);
  int32_t *least = testudo_i_arena_alloc(f->arena, (size_t)r->workers, sizeof *least);
  int32_t *most = testudo_i_arena_alloc(f->arena, (size_t)r->workers, sizeof *most);
  TESTUDO_I_TRY(testudo_i_arena_check(f->arena, f->error));
  for (int32_t i = 0; i < r->chunks; i++)
    replication[i] = r->replication;
  for (int32_t j = 0; j < r->workers; j++) {
    least[j] = (int32_t)(copies / r->workers);
    most[j] = least[j] + (copies % r->workers != 0);
  }
  testudo_placement_limits limits = {.workers = r->workers, .chunks = r->chunks, .replication = replication,
                                     .least = least, .most = most};
  testudo_search_options options = *f->options;
  options.tries = 1;
  testudo_search_result result;
  TESTUDO_I_TRY(testudo_place_least_overlap(&limits, NULL, &options, orders, &result, f->error));
  return orders->row == NULL ? TESTUDO_ERROR_LIMIT : TESTUDO_OK; /* stopped before there is one: no candidate */
}

static testudo_status make_family(filling *f, family_kind kind, uint64_t seed, testudo_assignment *orders)
{
  const testudo_portfolio_request *r = f->request;
  switch (kind) {
  case REGULAR:
    return testudo_assignment_regular(r->workers, r->chunks, r->replication, seed, orders, f->error);
  case EXPANDER:
    return testudo_assignment_expander(r->workers, r->chunks, r->replication, seed, 8, f->monitor, orders, f->error);
  case BIBD:
    return testudo_assignment_bibd(r->workers, r->chunks, r->replication, orders, f->error);
  default:
    return least_overlap(f, orders);
  }
}

static testudo_status add_family(filling *f, family_kind kind, const char *name, uint64_t seed)
{
  testudo_assignment orders = {0, 0, NULL, NULL};
  if (testudo_i_stopped(f->monitor, -1.0))
    return TESTUDO_INTERRUPTED;
  testudo_status status = make_family(f, kind, seed, &orders);
  if (status == TESTUDO_OK)
    status = testudo_order_matching(&orders, f->monitor, f->error);
  if (kind == BIBD || kind == LEAST_OVERLAP)
    return testudo_i_pool_offer(f->pool, status, &orders, f->error, "%s, matching order", name);
  return testudo_i_pool_offer(f->pool, status, &orders, f->error, "%s, matching order, seed %llu", name,
                              (unsigned long long)seed);
}

/* ---- arcs for rates ---- */

static testudo_status add_arcs(filling *f, const int32_t *around, const char *sequence)
{
  const testudo_portfolio_request *r = f->request;
  testudo_assignment orders;
  for (int matching = 0; matching < 2; matching++) {
    testudo_status status = testudo_i_arcs_assign(r->workers, r->chunks, f->loads, around, &orders, f->error);
    if (status == TESTUDO_OK && matching)
      status = testudo_order_matching(&orders, f->monitor, f->error);
    TESTUDO_I_TRY(testudo_i_pool_offer(f->pool, status, &orders, f->error, "arcs by rate, %s, %s", sequence,
                                       matching ? "matching order" : "rotated"));
  }
  return TESTUDO_OK;
}

/* Arcs in the sequence of the workers have blocks. */
static testudo_status add_arcs_by_blocks(filling *f)
{
  const testudo_portfolio_request *r = f->request;
  testudo_slot_order order;
  for (int32_t k = 0; testudo_i_is_finer(r->workers, r->chunks) && testudo_i_block_order(k, r->parts, NULL, &order);
       k++) {
    testudo_assignment orders = {0, 0, NULL, NULL};
    testudo_status status = testudo_assignment_arcs(r->workers, r->chunks, f->loads, &orders, f->error);
    if (status == TESTUDO_OK)
      status = testudo_order_by_slots(&orders, &order, f->error);
    TESTUDO_I_TRY(testudo_i_pool_offer(f->pool, status, &orders, f->error, "arcs by rate, as numbered, %s",
                                       order.name));
  }
  return TESTUDO_OK;
}

static testudo_status add_all_arcs(filling *f)
{
  const testudo_portfolio_request *r = f->request;
  testudo_makespan makespan;
  if (r->model->rates == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_loads_for_rates(r->workers, r->chunks, r->replication, r->model->rates, f->loads, &makespan,
                                        f->error));
  for (int32_t j = 0; j < r->workers; j++)
    f->around[j] = j;
  TESTUDO_I_TRY(add_arcs(f, f->around, "as numbered"));
  TESTUDO_I_TRY(add_arcs_by_blocks(f));
  TESTUDO_I_TRY(testudo_i_arcs_deal(r->model->rates, r->workers, 1, f->around, f->error));
  TESTUDO_I_TRY(add_arcs(f, f->around, "fastest first"));
  TESTUDO_I_TRY(testudo_i_arcs_deal(r->model->rates, r->workers, r->replication, f->around, f->error));
  return add_arcs(f, f->around, "speeds mixed");
}

static testudo_status add_all(filling *f)
{
  const testudo_portfolio_request *r = f->request;
  uint64_t seed = f->options->seed;
  size_t room = (size_t)(r->workers > r->chunks ? r->workers : r->chunks);
  f->shift = testudo_i_arena_alloc(f->arena, room, sizeof *f->shift);
  f->loads = testudo_i_arena_alloc(f->arena, room, sizeof *f->loads);
  f->around = testudo_i_arena_alloc(f->arena, room, sizeof *f->around);
  TESTUDO_I_TRY(testudo_i_arena_check(f->arena, f->error));
  TESTUDO_I_TRY(add_all_rings(f));
  if (r->replication > 1)
    TESTUDO_I_TRY(add_repetition(f));
  TESTUDO_I_TRY(testudo_i_pool_fill_finer(f->pool, r, f->error));
  for (uint64_t k = 0; k < SEEDS; k++)
    TESTUDO_I_TRY(add_family(f, REGULAR, "random regular", seed + k));
  TESTUDO_I_TRY(add_family(f, EXPANDER, "expander", seed));
  TESTUDO_I_TRY(add_family(f, BIBD, "block design", seed));
  TESTUDO_I_TRY(add_family(f, LEAST_OVERLAP, "least overlap", seed));
  return add_all_arcs(f);
}

testudo_status testudo_i_pool_fill(testudo_i_pool *pool, const testudo_portfolio_request *request,
                                   const testudo_search_options *options, const testudo_monitor *monitor,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  return add_all(&(filling){.arena = &arena, .pool = pool, .request = request, .options = options,
                            .monitor = monitor, .error = error});
}
