/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The candidates of a portfolio. */
#ifndef TESTUDO_OPTIMIZE_PORTFOLIO_POOL_H
#define TESTUDO_OPTIMIZE_PORTFOLIO_POOL_H

#include <testudo/optimize.h>

/* The whole chunks in so many shares of a worker's data, but for rounding. */
static inline int32_t testudo_i_chunks_of(double shares, double granularity)
{
  return (int32_t)(shares * granularity * (1 + 1e-12));
}

typedef struct testudo_i_candidate {
  char name[80];
  testudo_assignment orders;
} testudo_i_candidate;

typedef struct testudo_i_pool {
  testudo_i_candidate *item;
  size_t count, room;
} testudo_i_pool;

/* Takes the orders over, whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_pool_add(testudo_i_pool *pool, testudo_assignment *orders,
                                                  testudo_error *error, const char *name, ...) TESTUDO_PRINTF(4, 5);
void testudo_i_pool_free(testudo_i_pool *pool);

/* The families that exist for these sizes. The monitor is that of the options, as the library takes it. */
TESTUDO_CHECKED testudo_status testudo_i_pool_fill(testudo_i_pool *pool, const testudo_portfolio_request *request,
                                                   const testudo_search_options *options,
                                                   const testudo_monitor *monitor, testudo_error *error);

/* Those of chunks finer than workers: groups and circles of blocks, in orders by blocks. By law: the orders that the
   delay law decides, which takes up to a second. */
TESTUDO_CHECKED testudo_status testudo_i_pool_fill_finer(testudo_i_pool *pool,
                                                         const testudo_portfolio_request *request,
                                                         testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_pool_fill_by_law(testudo_i_pool *pool,
                                                          const testudo_portfolio_request *request,
                                                          const testudo_monitor *monitor, testudo_error *error);

/* Adds the orders if `status`, that of making them, is TESTUDO_OK and no candidate has the same. A family that does not
   exist for these sizes is left out; memory that cannot be had is not. Takes the orders over, whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_pool_offer(testudo_i_pool *pool, testudo_status status,
                                                    testudo_assignment *orders, testudo_error *error,
                                                    const char *format, ...) TESTUDO_PRINTF(5, 6);

/* Do no two copies of a chunk lie on workers of one domain (0 .. workers - 1, one per worker)? Where they do and all
   workers are alike, these are numbered anew so that they do not, if a way is found: of repetition groups always where
   there is one. O(tries workers^2 + entries copies). */
TESTUDO_CHECKED testudo_status testudo_i_spread(testudo_assignment *orders, const int32_t *domain, bool alike,
                                                uint64_t seed, bool *apart, testudo_error *error);

/* ---- workers and chunks in a group ---- */

enum { TESTUDO_I_MODULI = 26 };

/* Workers and chunks are both numbered by an abelian group, Z_a x Z_b x ..; worker j's chunk at place p is j +
   shift[p]. Each chunk of the group then becomes `blocks` consecutive chunks, and each worker `mates` workers that hold
   the same, the r-th of them starting r load / mates places later. */
typedef struct testudo_i_shifts {
  int32_t modulus[TESTUDO_I_MODULI];
  int32_t moduli, order; /* order: their product */
  int32_t blocks, mates;
  int32_t count;         /* shifts, 1..order, different from each other */
  int32_t *shift;
} testudo_i_shifts;

/* j + s in the group. */
int32_t testudo_i_shifts_add(const testudo_i_shifts *shifts, int32_t j, int32_t s);

TESTUDO_CHECKED testudo_status testudo_i_shifts_assign(const testudo_i_shifts *shifts, testudo_assignment *orders,
                                                       testudo_error *error);

/* ---- arcs ---- */

/* Arcs of these loads in the sequence `around` of the workers; a worker whose arc begins in the k-th time around begins
   k / times of its load later, so that the copies of a chunk have different places. */
TESTUDO_CHECKED testudo_status testudo_i_arcs_assign(int32_t workers, int32_t chunks, const int32_t *loads,
                                                     const int32_t *around, testudo_assignment *orders,
                                                     testudo_error *error);

/* Workers by falling rate, dealt to `piles` piles in turn, one pile after the other: each stretch of the circle then
   has workers of every kind. 1: by falling rate. */
TESTUDO_CHECKED testudo_status testudo_i_arcs_deal(const double *rates, int32_t workers, int32_t piles,
                                                   int32_t *around, testudo_error *error);

#endif
