/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a design better than the record of its cell? */
#include <testudo/best.h>

#include <string.h>

#include "base/error.h"
#include "optimize/latency/objective.h"

/* Exact values differ beyond their rounding, simulated ones by so many standard errors. */
#define ROUNDING 1e-9
#define STANDARD_ERRORS 3.0

static bool weigh_is_same(const testudo_best_row *a, const testudo_best_row *b)
{
  return a->orders == b->orders || (a->canonical_by != NULL && b->canonical_by != NULL &&
                                    a->canonical == b->canonical && strcmp(a->canonical_by, b->canonical_by) == 0);
}

testudo_best_verdict testudo_best_weigh(const testudo_best_row *row, const testudo_best_row *found)
{
  const testudo_best_value *old = &row->value, *new = &found->value;
  double rounding = ROUNDING * old->value;
  if (weigh_is_same(row, found))
    return TESTUDO_BEST_EQUAL;
  if (new->high < old->low - rounding)
    return TESTUDO_BEST_BETTER;
  if (new->low > old->high + rounding)
    return TESTUDO_BEST_WORSE;
  return old->kind == TESTUDO_BEST_EXACT && new->kind == TESTUDO_BEST_EXACT ? TESTUDO_BEST_WORSE : TESTUDO_BEST_CLOSE;
}

testudo_status testudo_best_compare(const testudo_best_row *row, const testudo_design *design,
                                    const testudo_best_row *found, const testudo_design *found_design,
                                    const testudo_best_options *options, testudo_best_verdict *verdict,
                                    double *difference, double *standard_error, testudo_error *error)
{
  const testudo_best_key *key = &row->key;
  int64_t trials = row->value.trials > found->value.trials ? row->value.trials : found->value.trials;
  const testudo_i_goal goal = {.objective = key->objective, .model = key->model, .report = TESTUDO_REPORT_CHUNK,
                               .trials = trials, .stream = options->seed, .threads = options->threads,
                               .monitor = options->monitor, .no_law = true};
  testudo_i_comparison comparison;
  *verdict = TESTUDO_BEST_CLOSE;
  TESTUDO_I_TRY(testudo_best_fits(key, found_design, error));
  TESTUDO_I_TRY(testudo_i_goal_compare(&goal, design, found_design, &comparison, error));
  *difference = comparison.difference;
  *standard_error = comparison.spread;
  /* Beside an exact value all simulated ones may be too high together: a record never rises. */
  bool lower = found->value.value < row->value.value;
  if (*difference < -STANDARD_ERRORS * *standard_error && lower)
    *verdict = TESTUDO_BEST_BETTER;
  else if (*difference >= STANDARD_ERRORS * *standard_error)
    *verdict = TESTUDO_BEST_WORSE;
  return TESTUDO_OK;
}
