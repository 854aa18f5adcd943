/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search behind a cell: the portfolio of families. */
#include "best/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

const char testudo_i_best_search_name[] = "portfolio";

/* Steps of each of its searches, and the trials by which candidates are compared. */
enum { SEARCH_TRIES = 10 };
#define SEARCH_STEPS 2e7
#define LEAST_TRIALS 500.0
#define MOST_TRIALS 20000.0

void testudo_i_best_found_clear(testudo_i_best_found *found)
{
  testudo_design_free(found->design);
  testudo_slots_free(&found->slots);
  memset(found, 0, sizeof *found);
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
                                             .quick = true};
  testudo_search_options own = *options;
  testudo_portfolio portfolio;
  testudo_search_result result;
  memset(found, 0, sizeof *found);
  /* The portfolio looks for exact laws first, which of mixed structure take seconds for each of its families. */
  if (key->model->structure == TESTUDO_STRUCTURE_MIXED)
    return testudo_best_key_check(key, error);
  if (own.tries == 0)
    own.tries = SEARCH_TRIES;
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  testudo_status status = testudo_optimize_portfolio(&request, &own, &found->design, &portfolio, &result, error);
  if (status != TESTUDO_OK)
    return status;
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
