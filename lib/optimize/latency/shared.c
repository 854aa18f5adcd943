/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All orders that the workers of a ring share: finding the ring, going through the orders, pass after pass. */
#include "optimize/latency/shared.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "exact/cyclic/shift.h"
#include "exact/cyclic/transfer.h"
#include "exact/groups/group_scan.h"
#include "optimize/latency/rule.h"
#include "parallel/loop.h"
#include "runtime/design.h"

/* Values of orders whose laws are the same differ by rounding only. */
#define SAME 1e-11

typedef struct shared_search {
  testudo_i_arena arena;
  const testudo_i_goal *goal;
  testudo_assignment base;      /* every worker's chunks in one shared order */
  testudo_i_cluster cluster;
  testudo_i_shift shift;        /* of that order */
  int32_t *class_at;
  int32_t load, orders;
  bool mirrored;                /* an order read backwards has the same law */
  testudo_i_quadrature rule;
  double *q;                    /* by time and class */
  double *value;                /* of every order, NAN for one whose mirror is kept */
} shared_search;

/* ---- a ring of sets ---- */

/* The chunk that worker 0's first goes to when its set is shifted onto the worker's; -1 when it does not. `held` marks
   the worker's chunks. */
static int32_t find_shift(const int32_t *pattern, const int32_t *set, int32_t load, int32_t chunks,
                          const unsigned char *held, const unsigned char *taken)
{
  for (int32_t k = 0; k < load; k++) {
    int32_t apart = (set[k] - pattern[0] + chunks) % chunks, fitting = 0;
    while (fitting < load && held[(pattern[fitting] + apart) % chunks])
      fitting++;
    if (fitting == load && !taken[set[k]])
      return set[k];
  }
  return -1;
}

/* Puts all workers' chunks into worker 0's order, shifted; false where a set is no shift of worker 0's. */
static bool align(testudo_assignment *base, unsigned char *held, unsigned char *taken)
{
  int32_t chunks = base->chunks, load = (int32_t)base->row[1];
  int32_t pattern[TESTUDO_I_LIMIT_SHARED_LOAD];
  qsort(base->chunk, (size_t)load, sizeof *base->chunk, testudo_i_ascending_int32);
  memcpy(pattern, base->chunk, (size_t)load * sizeof *pattern);
  for (int32_t j = 0; j < base->workers; j++) {
    int32_t *set = base->chunk + base->row[j];
    if (base->row[j + 1] - base->row[j] != load)
      return false;
    for (int32_t k = 0; k < load; k++)
      held[set[k]] = 1;
    int32_t first = find_shift(pattern, set, load, chunks, held, taken);
    for (int32_t k = 0; k < load; k++)
      held[set[k]] = 0;
    if (first < 0)
      return false;
    taken[first] = 1;
    for (int32_t k = 0; k < load; k++)
      set[k] = (pattern[k] + (first - pattern[0] + chunks)) % chunks;
  }
  return true;
}

static testudo_status ring_of_base(shared_search *search, const testudo_design *design, bool *found,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *aligned = NULL;
  TESTUDO_I_TRY(testudo_design_reorder(design, &search->base, &aligned, error));
  return testudo_i_shift_find(aligned->workers, aligned->chunks, aligned->row, aligned->order, false, &search->shift,
                              found, error);
}

/* Sets that are shifts by their numbers; arcs of a circle, whatever the numbers; or else whatever sets in orders that
   are shared. */
static testudo_status find_ring(shared_search *search, const testudo_design *design, bool *found,
                                testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(design);
  *found = false;
  TESTUDO_I_TRY(testudo_design_orders(design, &search->base, error));
  unsigned char *held = testudo_i_arena_calloc(&search->arena, chunks, 1);
  unsigned char *taken = testudo_i_arena_calloc(&search->arena, chunks, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  if (align(&search->base, held, taken))
    return ring_of_base(search, design, found, error);
  TESTUDO_I_TRY(testudo_order_natural(&search->base, error));
  TESTUDO_I_TRY(ring_of_base(search, design, found, error));
  if (*found)
    return TESTUDO_OK;
  testudo_assignment_free(&search->base);
  TESTUDO_I_TRY(testudo_design_orders(design, &search->base, error));
  return ring_of_base(search, design, found, error);
}

static testudo_status say(char *why, testudo_status status, const char *text)
{
  snprintf(why, 160, "%s", text);
  return status;
}

static testudo_status find_applicable(shared_search *search, const testudo_design *design, bool *applies, char *why,
                                      testudo_error *error)
{
  int32_t load = testudo_design_max_load(design);
  *applies = false;
  why[0] = '\0';
  if (testudo_design_chunks(design) != testudo_design_workers(design))
    return say(why, TESTUDO_OK, "the workers do not form a ring: chunks and workers differ in number");
  if (load > TESTUDO_I_LIMIT_SHARED_LOAD || load < 1) {
    snprintf(why, 160, "%d chunks per worker have too many orders; the limit is %d chunks", (int)load,
             TESTUDO_I_LIMIT_SHARED_LOAD);
    return TESTUDO_OK;
  }
  bool ring;
  testudo_status status = find_ring(search, design, &ring, error);
  if (status != TESTUDO_OK || !ring)
    return say(why, status, "the workers do not form a ring: they do not hold the same chunks, shifted");
  int64_t states = testudo_i_group_states(search->shift.span, testudo_design_parts(design));
  *applies = states <= TESTUDO_I_LIMIT_SHARED_STATES;
  if (!*applies)
    snprintf(why, 160, "a shared order has %lld states here; the limit for trying all orders is %d",
             (long long)states, TESTUDO_I_LIMIT_SHARED_STATES);
  return TESTUDO_OK;
}

static void clear_shared(shared_search *search)
{
  testudo_assignment_free(&search->base);
  testudo_i_shift_free(&search->shift);
  testudo_i_cluster_free(&search->cluster);
  testudo_i_quadrature_free(&search->rule);
  testudo_i_arena_clear(&search->arena);
}

testudo_status testudo_i_shared_applies(const testudo_i_goal *goal, const testudo_design *design, bool *applies,
                                        char *why, testudo_error *error)
{
  TESTUDO_I_HELD(clear_shared) shared_search search = {.goal = goal};
  return find_applicable(&search, design, applies, why, error);
}

/* ---- orders by number ---- */

/* The number-th permutation of 0..load-1 in lexicographic order. */
static void permutation(int32_t number, int32_t load, int32_t *order)
{
  int32_t left[TESTUDO_I_LIMIT_SHARED_LOAD], orders = 1;
  for (int32_t k = 0; k < load; k++) {
    left[k] = k;
    orders *= k + 1;
  }
  for (int32_t k = 0; k < load; k++) {
    orders /= load - k;
    int32_t at = number / orders;
    number %= orders;
    order[k] = left[at];
    memmove(left + at, left + at + 1, (size_t)(load - k - at - 1) * sizeof *left);
  }
}

/* Where the offsets read backwards are the same set, an order and its mirror are one: the first that differs decides
   which is kept. */
static bool is_kept(const shared_search *search, const int32_t *offset)
{
  int32_t k = 0;
  while (k < search->load && 2 * offset[k] == search->shift.span)
    k++;
  return !search->mirrored || k == search->load || 2 * offset[k] < search->shift.span;
}

static bool is_symmetric(const testudo_i_shift *shift, int32_t load)
{
  for (int32_t a = 0; a < load; a++) {
    int32_t b = 0;
    while (b < load && shift->offset[b] != shift->span - shift->offset[a])
      b++;
    if (b == load)
      return false;
  }
  return true;
}

/* ---- values ---- */

static testudo_status evaluate_order(void *context, int32_t thread, int64_t number)
{
  (void)thread;
  shared_search *search = context;
  int32_t order[TESTUDO_I_LIMIT_SHARED_LOAD], offset[TESTUDO_I_LIMIT_SHARED_LOAD];
  const testudo_i_cluster *cluster = &search->cluster;
  permutation((int32_t)number, search->load, order);
  for (int32_t k = 0; k < search->load; k++)
    offset[k] = search->shift.offset[order[k]];
  search->value[number] = NAN;
  if (!is_kept(search, offset))
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_transfer transfer;
  TESTUDO_I_TRY(testudo_i_transfer_init(&transfer, &arena, cluster->workers, search->load,
                                        testudo_design_parts(cluster->design), offset,
                                        testudo_i_cluster_failed(cluster), cluster->classes, search->class_at, NULL));
  double value = search->rule.base;
  size_t width = (size_t)cluster->classes * ((size_t)cluster->max_load + 1);
  for (size_t k = 0; k < search->rule.count; k++) {
    double below;
    TESTUDO_I_TRY(testudo_i_transfer_evaluate(&transfer, search->q + k * width, &below, NULL, NULL));
    value += search->rule.weight[k] * (1 - below);
  }
  search->value[number] = value;
  return TESTUDO_OK;
}

/* The first order whose value is the least but for rounding. */
static int32_t least(const shared_search *search)
{
  double smallest = HUGE_VAL;
  for (int32_t k = 0; k < search->orders; k++)
    smallest = search->value[k] < smallest ? search->value[k] : smallest;
  int32_t first = 0;
  while (!(search->value[first] <= smallest + SAME * fabs(smallest)))
    first++;
  return first;
}

static testudo_status set_rule(shared_search *search, const testudo_design *design, testudo_error *error)
{
  const testudo_i_cluster *cluster = &search->cluster;
  TESTUDO_I_TRY(testudo_i_quadrature_of_design(&search->rule, search->goal, design, false, error));
  size_t stride = (size_t)cluster->max_load + 1, width = (size_t)cluster->classes * stride;
  search->q = testudo_i_arena_alloc(&search->arena, width * search->rule.count, sizeof *search->q);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  for (size_t k = 0; k < search->rule.count; k++)
    for (int32_t c = 0; c < cluster->classes; c++)
      testudo_i_cluster_progress(cluster, c, search->rule.time[k], search->q + k * width + (size_t)c * stride);
  return TESTUDO_OK;
}

static testudo_status design_of(const shared_search *search, const testudo_design *design, int32_t number,
                                testudo_design **made, testudo_error *error)
{
  int32_t order[TESTUDO_I_LIMIT_SHARED_LOAD], kept[TESTUDO_I_LIMIT_SHARED_LOAD];
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  permutation(number, search->load, order);
  TESTUDO_I_TRY(testudo_design_orders(design, &orders, error));
  for (int32_t j = 0; j < orders.workers; j++) {
    const int32_t *base = search->base.chunk + search->base.row[j];
    for (int32_t k = 0; k < search->load; k++)
      kept[k] = base[order[k]];
    memcpy(orders.chunk + orders.row[j], kept, (size_t)search->load * sizeof *kept);
  }
  return testudo_design_reorder(design, &orders, made, error);
}

/* ---- the search ---- */

static testudo_status prepare_search(shared_search *search, const testudo_design *design, testudo_error *error)
{
  search->load = testudo_design_max_load(design);
  search->orders = 1;
  for (int32_t k = 2; k <= search->load; k++)
    search->orders *= k;
  search->value = testudo_i_arena_alloc(&search->arena, (size_t)search->orders, sizeof *search->value);
  search->class_at =
      testudo_i_arena_alloc(&search->arena, (size_t)testudo_design_workers(design), sizeof *search->class_at);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  const testudo_i_delay delay = testudo_i_goal_delay(search->goal);
  TESTUDO_I_TRY(testudo_i_cluster_init(&search->cluster, design, &delay, false, error));
  for (int32_t j = 0; j < search->cluster.workers; j++)
    search->class_at[search->shift.position[j]] = search->cluster.class_of[j];
  search->mirrored = search->cluster.classes == 1 && is_symmetric(&search->shift, search->load);
  return TESTUDO_OK;
}

/* One pass over all orders, by the rule of a design; *best is the one with the least value, measured. */
static testudo_status pass_orders(shared_search *search, const testudo_design *design, const testudo_design *reference,
                                  const testudo_monitor *monitor, testudo_i_found *best, testudo_error *error)
{
  testudo_status status = set_rule(search, reference, error);
  if (status != TESTUDO_OK || search->rule.count == 0)
    return status;
  status = testudo_i_parallel_for(search->orders, search->goal->threads, evaluate_order, search, monitor);
  if (status == TESTUDO_INTERRUPTED)
    return testudo_i_fail(error, status, "the search was interrupted");
  if (status != TESTUDO_OK)
    return testudo_i_fail_memory(error);
  TESTUDO_I_TRY(design_of(search, design, least(search), &best->design, error));
  return testudo_i_goal_measure(search->goal, best->design, &best->measure, error);
}

void testudo_i_found_clear(testudo_i_found *found)
{
  testudo_design_free(found->design);
  found->design = NULL;
}

void testudo_i_found_keep(testudo_i_found *found, testudo_i_found *next, bool better)
{
  testudo_design_free(better ? found->design : next->design);
  if (better) {
    found->design = next->design;
    found->measure = next->measure;
  }
  next->design = NULL;
}

/* Of the mean and of a deadline one pass is enough. Of a quantile the best at one time may not be the best at its own
   quantile: passes go on from the best so far until they find nothing better, and then every order has P(T <= t) <= q
   at its quantile t. */
static testudo_status pass_until_settled(shared_search *search, const testudo_design *design,
                                         const testudo_monitor *monitor, testudo_i_found *found, testudo_error *error)
{
  bool settled = false;
  TESTUDO_I_TRY(design_of(search, design, 0, &found->design, error));
  TESTUDO_I_TRY(testudo_i_goal_measure(search->goal, found->design, &found->measure, error));
  while (!settled) {
    TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found next = {.design = NULL};
    TESTUDO_I_TRY(pass_orders(search, design, found->design, monitor, &next, error));
    settled = search->goal->objective.kind != TESTUDO_OBJECTIVE_QUANTILE || next.design == NULL ||
              !(next.measure.value < found->measure.value * (1 - 1e-12));
    found->tries += search->orders;
    testudo_i_found_keep(found, &next, next.design != NULL && next.measure.value < found->measure.value);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_shared_search(const testudo_i_goal *goal, const testudo_design *design,
                                       const testudo_search_monitor *monitor, testudo_i_found *found,
                                       testudo_error *error)
{
  testudo_i_goal own = *goal;
  testudo_i_search_watch watch;
  TESTUDO_I_HELD(clear_shared) shared_search search = {.goal = &own};
  char why[160];
  bool applies;
  *found = (testudo_i_found){.design = NULL};
  testudo_i_search_watch_start(&watch, monitor, 0.0, 1.0, NAN, NAN);
  own.monitor = &watch.plain;
  own.max_states = INT64_MAX;
  TESTUDO_I_TRY(find_applicable(&search, design, &applies, why, error));
  if (!applies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s", why);
  TESTUDO_I_TRY(prepare_search(&search, design, error));
  testudo_status status = pass_until_settled(&search, design, &watch.plain, found, error);
  found->complete = status == TESTUDO_OK;
  if (!found->complete)
    testudo_i_found_clear(found);
  snprintf(found->range, sizeof found->range, "all %d orders that the workers share", (int)search.orders);
  return status == TESTUDO_INTERRUPTED && watch.stopped ? TESTUDO_OK : status;
}
