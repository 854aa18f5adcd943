/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families of chunks finer than workers (docs/theory/orders.md#chunks-finer-than-workers). */
#include "optimize/portfolio/pool.h"

#include "base/error.h"
#include "optimize/latency/blocks.h"

/* Groups that are larger than the copies, whose orders then stop early. */
enum { MOST_GROUP = 8 };

typedef struct finer {
  testudo_i_pool *pool;
  const testudo_portfolio_request *request;
  int32_t chunks;          /* of a block */
  const testudo_draft_law *law;
  testudo_error *error;
} finer;

/* The k-th order; of a law only those that go by it, as the others are there. */
static bool take_order(const finer *f, int32_t *k, testudo_slot_order *order)
{
  while (testudo_i_block_order((*k)++, f->request->parts, f->law, order))
    if (f->law == NULL || order->context != NULL)
      return true;
  return false;
}

/* Repetition groups and the circle, each in every order that there is. */
static testudo_status add_orders(const finer *f)
{
  const testudo_portfolio_request *r = f->request;
  testudo_slot_order order;
  for (int32_t k = 0; r->replication >= 2 && take_order(f, &k, &order);) {
    testudo_assignment groups = {0}, circle = {0};
    testudo_status status = testudo_assignment_frc(r->workers, r->chunks, r->replication, &groups, f->error);
    if (status == TESTUDO_OK)
      status = testudo_order_by_slots(&groups, &order, f->error);
    TESTUDO_I_TRY(testudo_i_pool_offer(f->pool, status, &groups, f->error, "repetition groups, %s", order.name));
    if (r->replication == r->workers) /* one group is the circle */
      continue;
    status = testudo_assignment_by_slots(r->workers, r->chunks, r->workers, r->replication, &order, &circle, f->error);
    TESTUDO_I_TRY(testudo_i_pool_offer(f->pool, status, &circle, f->error, "a ring, %s", order.name));
  }
  return TESTUDO_OK;
}

/* The order cut short in groups of this size, if some chunks then still have no copy but their owner's, and its
   twins'. */
static testudo_status add_short_order(const finer *f, int32_t group, testudo_slot_order order)
{
  const testudo_portfolio_request *r = f->request;
  int32_t l = r->parts, twins = order.twins > 0 ? l : 1;
  double load = r->load > 0 ? r->load : r->replication;
  bool whole = order.twins == 0 ? l == 1 : group % l == 0 && r->replication % l == 0;
  order.shortened = true;
  order.foreign = testudo_i_chunks_of(load / twins, f->chunks) - f->chunks;
  if (r->workers % group != 0 || order.rule != TESTUDO_SLOTS_DRAFT || !whole || order.foreign < 1)
    return TESTUDO_OK;
  testudo_assignment orders = {0};
  testudo_status status = testudo_assignment_by_slots(r->workers, r->chunks, group, group, &order, &orders, f->error);
  return testudo_i_pool_offer(f->pool, status, &orders, f->error, "groups of %d, %s, cut short", group, order.name);
}

/* As many chunks per worker in larger groups: what is likely to be late has more copies, the rest fewer. */
static testudo_status add_short_orders(const finer *f)
{
  const testudo_portfolio_request *r = f->request;
  const testudo_slot_order independent = {.rule = TESTUDO_SLOTS_DRAFT, .independent = true,
                                          .name = "draft of independent times"};
  testudo_slot_order order;
  for (int32_t group = r->replication + 1; group <= MOST_GROUP && group <= r->workers; group++) {
    for (int32_t k = 0; take_order(f, &k, &order);)
      TESTUDO_I_TRY(add_short_order(f, group, order));
    if (f->law == NULL && r->model->structure == TESTUDO_STRUCTURE_ADDITIVE)
      TESTUDO_I_TRY(add_short_order(f, group, independent));
  }
  return TESTUDO_OK;
}

/* The one table of uneven copies that is known: four on average, in groups of six, of eight chunks per block. */
static testudo_status add_uneven(const finer *f)
{
  const testudo_portfolio_request *r = f->request;
  const testudo_slot_order order = {.rule = TESTUDO_SLOTS_UNEVEN, .pairing = TESTUDO_PAIRING_ADDED};
  testudo_assignment orders = {0};
  if (f->chunks != 8 || r->replication != 4 || r->parts != 1 || r->workers % 6 != 0)
    return TESTUDO_OK;
  testudo_status status = testudo_assignment_by_slots(r->workers, r->chunks, 6, 6, &order, &orders, f->error);
  return testudo_i_pool_offer(f->pool, status, &orders, f->error, "groups of 6, uneven copies");
}

/* The law for drafts, of groups, or of the circle where there are none. */
static testudo_status find_law(const finer *f, const testudo_monitor *monitor, testudo_draft_law **law)
{
  const testudo_portfolio_request *r = f->request;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  int32_t copies = r->replication > 1 ? r->replication : 2;
  *law = NULL;
  testudo_status status = r->workers % copies == 0
                              ? testudo_assignment_frc(r->workers, r->chunks, copies, &orders, f->error)
                              : testudo_assignment_ring(r->workers, r->chunks, copies, &orders, f->error);
  return status != TESTUDO_OK ? status
                              : testudo_i_block_law(&orders, r->parts, r->model, monitor, law, f->error);
}

static bool has_finer(const testudo_portfolio_request *request)
{
  return testudo_i_is_finer(request->workers, request->chunks) && request->workers >= 2 &&
         (request->replication >= 2 || request->load > 1);
}

testudo_status testudo_i_pool_fill_finer(testudo_i_pool *pool, const testudo_portfolio_request *request,
                                         testudo_error *error)
{
  const finer f = {.pool = pool, .request = request, .chunks = request->chunks / request->workers, .error = error};
  if (!has_finer(request))
    return TESTUDO_OK;
  TESTUDO_I_TRY(add_orders(&f));
  TESTUDO_I_TRY(add_short_orders(&f));
  return add_uneven(&f);
}

testudo_status testudo_i_pool_fill_by_law(testudo_i_pool *pool, const testudo_portfolio_request *request,
                                          const testudo_monitor *monitor, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_block_law_drop) testudo_draft_law *law = NULL;
  finer f = {.pool = pool, .request = request, .chunks = request->chunks / request->workers, .error = error};
  if (!has_finer(request))
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_law(&f, monitor, &law));
  f.law = law;
  if (law == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(add_orders(&f));
  return add_short_orders(&f);
}
