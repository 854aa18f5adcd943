/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps within the shifts, and within the arcs, kept when the objective is smaller. */
#include "optimize/portfolio/steps.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

testudo_status testudo_i_steps_measure(const testudo_i_steps *steps, const testudo_assignment *orders,
                                       testudo_i_measure *measure, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_TRY(testudo_i_search_design(orders, steps->request->parts, steps->seed, "", &design, error));
  return testudo_i_goal_measure(&steps->goal, design, measure, error);
}

bool testudo_i_measure_is_less(const testudo_i_measure *a, const testudo_i_measure *b)
{
  double never_a = isnan(a->p_never) ? 0.0 : a->p_never, never_b = isnan(b->p_never) ? 0.0 : b->p_never;
  if (fabs(never_a - never_b) > 1e-12)
    return never_a < never_b;
  return a->value < b->value;
}

/* ---- shifts ---- */

static testudo_status measure_shifts(testudo_i_steps *steps, const testudo_i_shifts *shifts,
                                     testudo_i_measure *measure, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  steps->done++;
  TESTUDO_I_TRY(testudo_i_shifts_assign(shifts, &orders, error));
  return testudo_i_steps_measure(steps, &orders, measure, error);
}

/* Another shift at one place, or two places exchanged. The first stays 0: chunks have no names. */
static void step_shifts(testudo_i_shifts *shifts, testudo_i_random *random)
{
  int32_t place = 1 + (int32_t)testudo_i_random_below(random, (uint64_t)(shifts->count - 1));
  int32_t s = (int32_t)testudo_i_random_below(random, (uint64_t)shifts->order);
  int32_t other = 1;
  while (other < shifts->count && shifts->shift[other] != s)
    other++;
  if (other < shifts->count) {
    shifts->shift[other] = shifts->shift[place];
    shifts->shift[place] = s;
  } else if (shifts->shift[0] != s)
    shifts->shift[place] = s;
}

static testudo_status climb_shifts(testudo_i_steps *steps, testudo_i_shifts *shifts, uint64_t name,
                                   testudo_error *error)
{
  testudo_i_random random;
  testudo_i_measure best, next;
  size_t bytes = (size_t)shifts->count * sizeof *shifts->shift;
  int32_t *kept = testudo_i_arena_alloc(&steps->arena, (size_t)shifts->count, sizeof *kept);
  TESTUDO_I_TRY(testudo_i_arena_check(&steps->arena, error));
  testudo_i_random_start(&random, steps->seed, TESTUDO_I_FOR_SEARCH, name, 11);
  TESTUDO_I_TRY(measure_shifts(steps, shifts, &best, error));
  for (int64_t k = 0; k < steps->tries; k++) {
    memcpy(kept, shifts->shift, bytes);
    step_shifts(shifts, &random);
    if (memcmp(kept, shifts->shift, bytes) == 0)
      continue;
    TESTUDO_I_TRY(measure_shifts(steps, shifts, &next, error));
    if (testudo_i_measure_is_less(&next, &best))
      best = next;
    else
      memcpy(shifts->shift, kept, bytes);
  }
  return TESTUDO_OK;
}

/* Z_2 x .. x Z_2 x Z_odd, no more twos than `twos`. */
static void make_group(testudo_i_shifts *shifts, int32_t workers, int32_t twos)
{
  shifts->moduli = 0;
  shifts->order = workers;
  while (workers % 2 == 0 && shifts->moduli < twos) {
    shifts->modulus[shifts->moduli++] = 2;
    workers /= 2;
  }
  shifts->modulus[shifts->moduli++] = workers;
}

testudo_status testudo_i_steps_shifts(testudo_i_steps *steps, testudo_i_pool *pool, testudo_error *error)
{
  const testudo_portfolio_request *r = steps->request;
  if (r->chunks % r->workers != 0 || r->replication < 2)
    return TESTUDO_OK;
  testudo_i_shifts shifts = {.blocks = r->chunks / r->workers, .mates = 1, .count = r->replication};
  shifts.shift = testudo_i_arena_alloc(&steps->arena, (size_t)r->replication, sizeof *shifts.shift);
  TESTUDO_I_TRY(testudo_i_arena_check(&steps->arena, error));
  for (uint64_t road = 0; road < 2; road++) {
    if (road == 1 && r->workers % 4 != 0)
      break;
    make_group(&shifts, r->workers, road == 0 ? 0 : 24);
    for (int32_t k = 0; k < shifts.count; k++)
      shifts.shift[k] = k;
    testudo_assignment orders;
    TESTUDO_I_TRY(climb_shifts(steps, &shifts, road, error));
    TESTUDO_I_TRY(testudo_i_shifts_assign(&shifts, &orders, error));
    TESTUDO_I_TRY(testudo_i_pool_add(pool, &orders, error, "shifts of %s, searched",
                                     road == 0 ? "a ring" : "a group of twos"));
  }
  return TESTUDO_OK;
}

/* ---- arcs ---- */

typedef struct arcs {
  int32_t *loads, *around;
} arcs;

static testudo_status measure_arcs(testudo_i_steps *steps, const arcs *a, testudo_i_measure *measure,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  const testudo_portfolio_request *r = steps->request;
  steps->done++;
  TESTUDO_I_TRY(testudo_i_arcs_assign(r->workers, r->chunks, a->loads, a->around, &orders, error));
  return testudo_i_steps_measure(steps, &orders, measure, error);
}

/* A step, or the same backwards: `from` gives a chunk to `to`, or they change places. */
static bool step_arcs(const testudo_portfolio_request *r, arcs *a, bool give, int32_t from, int32_t to)
{
  if (give) {
    if (from == to || a->loads[from] == 0 || a->loads[to] == r->chunks)
      return false;
    a->loads[from]--;
    a->loads[to]++;
    return true;
  }
  testudo_i_swap(&a->around[from], &a->around[to]);
  return from != to;
}

static testudo_status climb_arcs(testudo_i_steps *steps, arcs *a, testudo_error *error)
{
  const testudo_portfolio_request *r = steps->request;
  testudo_i_random random;
  testudo_i_measure best, next;
  testudo_i_random_start(&random, steps->seed, TESTUDO_I_FOR_SEARCH, 2, 11);
  TESTUDO_I_TRY(measure_arcs(steps, a, &best, error));
  for (int64_t k = 0; k < 4 * steps->tries; k++) {
    bool give = testudo_i_random_below(&random, 2) == 0;
    int32_t from = (int32_t)testudo_i_random_below(&random, (uint64_t)r->workers);
    int32_t to = (int32_t)testudo_i_random_below(&random, (uint64_t)r->workers);
    if (!step_arcs(r, a, give, from, to))
      continue;
    TESTUDO_I_TRY(measure_arcs(steps, a, &next, error));
    if (testudo_i_measure_is_less(&next, &best))
      best = next;
    else
      (void)step_arcs(r, a, give, to, from);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_steps_arcs(testudo_i_steps *steps, testudo_i_pool *pool, testudo_error *error)
{
  const testudo_portfolio_request *r = steps->request;
  if (r->model->rates == NULL)
    return TESTUDO_OK;
  size_t workers = (size_t)r->workers;
  arcs a = {testudo_i_arena_alloc(&steps->arena, workers, sizeof *a.loads),
            testudo_i_arena_alloc(&steps->arena, workers, sizeof *a.around)};
  testudo_makespan makespan;
  testudo_assignment orders;
  const double *rates = r->model->rates;
  TESTUDO_I_TRY(testudo_i_arena_check(&steps->arena, error));
  TESTUDO_I_TRY(testudo_loads_for_rates(r->workers, r->chunks, r->replication, rates, a.loads, &makespan, error));
  TESTUDO_I_TRY(testudo_i_arcs_deal(rates, r->workers, r->replication, a.around, error));
  TESTUDO_I_TRY(climb_arcs(steps, &a, error));
  TESTUDO_I_TRY(testudo_i_arcs_assign(r->workers, r->chunks, a.loads, a.around, &orders, error));
  return testudo_i_pool_add(pool, &orders, error, "arcs, loads and sequence searched");
}
