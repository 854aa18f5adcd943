/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search behind a cell: the portfolio of families, and of tables of slots where chunks are finer than workers. */
#include "best/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

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
  testudo_slots_free(&found->slots);
  memset(found, 0, sizeof *found);
}

/* Are these orders those of the table that worker 0 has, in groups of this size? */
static testudo_status take_slots(const testudo_best_key *key, const testudo_assignment *orders, int32_t group,
                                 testudo_i_best_found *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment made = {0};
  testudo_slots slots = {.partners = group, .chunks = key->granularity, .count = (int32_t)orders->row[1]};
  slots.slot = testudo_i_alloc((size_t)slots.count, sizeof *slots.slot);
  TESTUDO_I_TRY(testudo_i_memory_check(slots.slot != NULL, error));
  bool inside = true;
  for (int32_t k = 0; k < slots.count; k++) {
    slots.slot[k] = (testudo_slot){orders->chunk[k] / key->granularity, orders->chunk[k] % key->granularity};
    inside = inside && slots.slot[k].partner < group;
  }
  const testudo_slot_order order = {.rule = TESTUDO_SLOTS_LISTED, .listed = &slots};
  testudo_status status = TESTUDO_ERROR_ARGUMENT;
  if (inside)
    status = testudo_assignment_by_slots(orders->workers, orders->chunks, group, group, &order, &made, error);
  int64_t entries = orders->row[orders->workers];
  if (status == TESTUDO_OK && made.row[made.workers] == entries &&
      memcmp(made.chunk, orders->chunk, (size_t)entries * sizeof *made.chunk) == 0) {
    found->slots = slots;
    found->group = group;
    return TESTUDO_OK;
  }
  testudo_slots_free(&slots);
  return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : status;
}

static testudo_status find_slots(const testudo_best_key *key, testudo_i_best_found *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_TRY(testudo_design_orders(found->design, &orders, error));
  for (int32_t group = 2; group <= MOST_GROUP && group <= key->workers && found->slots.count == 0; group++)
    if (key->granularity > 1 && key->workers % group == 0 && orders.row[1] > 0)
      TESTUDO_I_TRY(take_slots(key, &orders, group, found, error));
  if (error != NULL)
    error->text[0] = '\0';
  return TESTUDO_OK;
}

/* Families have as many copies of every chunk as the limits allow. */
testudo_status testudo_i_best_search(const testudo_best_key *key, const testudo_search_options *options,
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
  memset(found, 0, sizeof *found);
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
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
  return found->design != NULL ? find_slots(key, found, error) : TESTUDO_OK;
}
