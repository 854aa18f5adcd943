/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search behind a cell: all designs where they are few, else the portfolio of families, and of tables of slots
   where chunks are finer than workers. */
#include "best/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "best/all.h"
#include "optimize/search/search.h"
#include "optimize/slots/mix.h"

const char testudo_i_best_search_name[] = "slots";

/* Steps of each of its searches, the share of the default work of a search of tables, and the trials by which
   candidates are compared. */
enum { SEARCH_TRIES = 10, SLOT_TRIES = 1, MOST_GROUP = 16 };
#define SLOT_EFFORT 0.1
#define SEARCH_STEPS 2e7
#define LEAST_TRIALS 500.0
#define MOST_TRIALS 20000.0

void testudo_i_best_found_clear(testudo_i_best_found *found)
{
  testudo_design_free(found->design);
  memset(found, 0, sizeof *found);
}

/* Is every group of this size by the table of the first, with the pairing that --order slots:FILE has, xor where it can
   be? The table is put into `slot`, which has room for all chunks, as has `other`, and its places are *count; 0: no. */
static testudo_status read_groups(const testudo_assignment *orders, int32_t granularity, int32_t group,
                                  testudo_slot *slot, testudo_slot *other, int32_t *count, testudo_error *error)
{
  const testudo_pairing pairing = (group & (group - 1)) == 0 ? TESTUDO_PAIRING_XOR : TESTUDO_PAIRING_ADDED;
  testudo_i_slot_shape shape;
  bool same = true;
  *count = 0;
  for (int32_t worker = 0; worker < orders->workers && same; worker += group) {
    TESTUDO_I_TRY(testudo_i_slot_table_of(orders, worker, granularity, group, group, pairing, &shape,
                                          worker == 0 ? slot : other, &same, error));
    if (same && worker == 0)
      *count = shape.places;
    else if (same)
      same = shape.places == *count && memcmp(slot, other, (size_t)*count * sizeof *slot) == 0;
  }
  *count = same ? *count : 0;
  return TESTUDO_OK;
}

testudo_status testudo_i_best_slots(const testudo_best_key *key, const testudo_design *design, testudo_slots *slots,
                                    int32_t *group, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_HELD(testudo_i_free_held) testudo_slot *slot = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) testudo_slot *other = NULL;
  int32_t count = 0;
  *slots = (testudo_slots){0};
  TESTUDO_I_TRY(testudo_design_orders(design, &orders, error));
  slot = testudo_i_alloc((size_t)orders.chunks, sizeof *slot);
  other = testudo_i_alloc((size_t)orders.chunks, sizeof *other);
  TESTUDO_I_TRY(testudo_i_memory_check(slot != NULL && other != NULL, error));
  for (*group = 2; *group <= MOST_GROUP && *group <= key->workers; ++*group) {
    if (key->granularity > 1 && key->workers % *group == 0)
      TESTUDO_I_TRY(read_groups(&orders, key->granularity, *group, slot, other, &count, error));
    if (count > 0)
      break;
  }
  if (count > 0) {
    *slots = (testudo_slots){.partners = *group, .chunks = key->granularity, .count = count, .slot = slot};
    slot = NULL;
  }
  return TESTUDO_OK;
}

/* Families have as many copies of every chunk as the limits allow. */
static testudo_status search_portfolio(const testudo_best_key *key, const testudo_search_options *options,
                                       testudo_i_best_found *found, testudo_error *error)
{
  double entries = key->load * key->granularity * key->workers;
  const testudo_portfolio_request request = {.workers = key->workers, .chunks = key->workers * key->granularity,
                                             .replication = (int32_t)key->copies, .parts = key->parts,
                                             .objective = key->objective, .model = key->model,
                                             .max_states = TESTUDO_BEST_MAX_STATES, .trials = (int64_t)fmin(MOST_TRIALS,
                                                                   fmax(LEAST_TRIALS, SEARCH_STEPS / entries)),
                                             .load = key->granularity > 1 ? key->copies : 0,
                                             .most_load = key->granularity > 1 ? key->load : 0,
                                             .least_copies = key->granularity > 1 ? key->least_copies : 0,
                                             .effort = SLOT_EFFORT, .quick = true};
  testudo_search_options own = *options;
  testudo_portfolio portfolio;
  testudo_search_result result;
  /* The portfolio looks for exact laws first, which of mixed structure take seconds for each of its families. */
  if (key->model->structure == TESTUDO_STRUCTURE_MIXED)
    return TESTUDO_OK;
  if (own.tries == 0)
    own.tries = key->granularity > 1 ? SLOT_TRIES : SEARCH_TRIES;
  TESTUDO_I_TRY(testudo_optimize_portfolio(&request, &own, &found->design, &portfolio, &result, error));
  testudo_portfolio_free(&portfolio);
  snprintf(found->method, sizeof found->method, "%s", result.method);
  if (result.stopped) {
    testudo_i_best_found_clear(found);
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  }
  if (testudo_best_fits(key, found->design, NULL) != TESTUDO_OK)
    testudo_i_best_found_clear(found);
  return TESTUDO_OK;
}

testudo_status testudo_i_best_search(const testudo_best_key *key, const testudo_search_options *options,
                                     testudo_i_best_found *found, testudo_error *error)
{
  testudo_i_search_watch watch;
  testudo_best_value value;
  bool all;
  memset(found, 0, sizeof *found);
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  testudo_i_search_watch_start(&watch, options->monitor, -1.0, -1.0, NAN, NAN);
  TESTUDO_I_TRY(testudo_i_best_of_all(key, &watch.plain, &all, &value, &found->design, error));
  if (!all)
    return search_portfolio(key, options, found, error);
  snprintf(found->method, sizeof found->method, "%s", testudo_i_best_of_all_proof);
  return TESTUDO_OK;
}
