/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of a design in a cell, what no design of the cell can be better than, and which of two is better. */
#include "best/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <testudo/exact.h>
#include <testudo/sample.h>

#include "base/error.h"
#include "best/all.h"
#include "optimize/latency/objective.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

/* Trials: so many as take some seconds, counted in entries gone through and times drawn. */
#define MOST_TRIALS 400000.0
#define LEAST_TRIALS 20000.0
#define TRIAL_STEPS 1e9
#define DRAW_STEPS 20.0        /* a draw costs as much as so many entries, .. */
#define MIXED_STEPS 100.0      /* .. and so much where every entry has its own */

/* A glance: its trials, beyond those of values and of searches. */
#define GLANCE_STEPS 2e7
#define GLANCE_MOST 10000.0
#define GLANCE_LEAST 500.0
#define GLANCE_FROM ((int64_t)1 << 50)

#define TWO_SIDED_95 1.959963984540054

static testudo_status measure_unknown(testudo_error *error, const char *why)
{
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%s", why);
}

/* ---- exact ---- */

/* value->method is "" where no law is exact within the states. */
static testudo_status measure_exactly(const testudo_best_key *key, const testudo_design *design,
                                      const testudo_best_options *options, testudo_best_value *value,
                                      testudo_error *error)
{
  const testudo_i_goal goal = {.objective = key->objective, .model = key->model, .report = TESTUDO_REPORT_CHUNK,
                               .max_states = TESTUDO_BEST_MAX_STATES, .exact_only = true,
                               .monitor = options->monitor};
  testudo_i_measure measure;
  TESTUDO_I_TRY(testudo_i_goal_measure(&goal, design, &measure, error));
  if (!measure.exact)
    return TESTUDO_OK;
  if (measure.p_never > 1e-12)
    return measure_unknown(error, "the iteration may never end, so that its time has no mean");
  if (!isfinite(measure.value))
    return measure_unknown(error, "the value is infinite");
  *value = (testudo_best_value){.kind = TESTUDO_BEST_EXACT, .value = measure.value,
                                .low = measure.value - measure.spread, .high = measure.value + measure.spread};
  snprintf(value->method, sizeof value->method, "%s", measure.method);
  return TESTUDO_OK;
}

/* ---- by trials ---- */

static double trial_steps(const testudo_best_key *key, const testudo_design *design)
{
  double entries = (double)design->row[design->workers];
  return key->model->structure == TESTUDO_STRUCTURE_SCALED ? entries + DRAW_STEPS * design->workers
                                                          : entries * MIXED_STEPS;
}

static int64_t trials_by_size(const testudo_best_key *key, const testudo_design *design)
{
  double trials = fmin(MOST_TRIALS, fmax(LEAST_TRIALS, TRIAL_STEPS / trial_steps(key, design)));
  return (int64_t)(trials / 1000) * 1000;
}

static testudo_status take_trials(const testudo_best_key *key, const testudo_design *design,
                                  const testudo_simulation *simulation, testudo_best_value *value,
                                  testudo_error *error)
{
  if (simulation->never > 0)
    return measure_unknown(error, "the iteration may never end, so that its time has no mean");
  if (key->objective.kind == TESTUDO_OBJECTIVE_QUANTILE) {
    testudo_interval interval = testudo_simulation_quantile_interval(simulation, key->objective.at);
    value->value = interval.value;
    value->low = interval.low;
    value->high = interval.high;
    if (isnan(interval.value) || !(interval.low > 0) || isinf(interval.high))
      return measure_unknown(error, "the quantile lies beyond what the trials know");
    return TESTUDO_OK;
  }
  if (testudo_tail_index(design, key->model) <= 2)
    return measure_unknown(error, "no law of this design is exact, and simulated its mean has no interval, for the"
                           " deviation of T is infinite");
  value->value = simulation->mean;
  value->low = simulation->mean - TWO_SIDED_95 * simulation->stderr_mean;
  value->high = simulation->mean + TWO_SIDED_95 * simulation->stderr_mean;
  return TESTUDO_OK;
}

static testudo_status measure_by_trials(const testudo_best_key *key, const testudo_design *design,
                                        const testudo_best_options *options, testudo_best_value *value,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_simulation_drop) testudo_simulation *simulation = NULL;
  const testudo_simulation_options run = {.report = TESTUDO_REPORT_CHUNK, .trials = value->trials,
                                          .seed = value->seed, .threads = options->threads, .dim = 1,
                                          .monitor = options->monitor};
  TESTUDO_I_TRY(testudo_simulate(design, key->model, &run, &simulation, error));
  if (simulation->interrupted)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  value->kind = TESTUDO_BEST_SIMULATED;
  snprintf(value->method, sizeof value->method, "simulation");
  return take_trials(key, design, simulation, value, error);
}

testudo_status testudo_best_measure(const testudo_best_key *key, const testudo_design *design,
                                    const testudo_best_options *options, const testudo_best_value *as,
                                    testudo_best_value *value, testudo_error *error)
{
  *value = (testudo_best_value){.method = ""};
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  TESTUDO_I_TRY(testudo_best_fits(key, design, error));
  /* The sums of mixed laws take many seconds for each design. */
  bool slow = key->model->structure == TESTUDO_STRUCTURE_MIXED;
  if (as == NULL ? !slow : as->kind == TESTUDO_BEST_EXACT) {
    TESTUDO_I_TRY(measure_exactly(key, design, options, value, error));
    if (value->method[0] != '\0')
      return TESTUDO_OK;
    if (as != NULL)
      return measure_unknown(error, "no law of this design is exact");
  }
  value->seed = as != NULL ? as->seed : options->seed;
  value->trials = as != NULL            ? as->trials
                  : options->trials > 0 ? options->trials
                                        : trials_by_size(key, design);
  return measure_by_trials(key, design, options, value, error);
}

testudo_status testudo_i_best_glance(const testudo_best_key *key, const testudo_design *design,
                                     const testudo_best_options *options, double *value, testudo_error *error)
{
  double trials = GLANCE_STEPS / trial_steps(key, design);
  const testudo_i_goal goal = {.objective = key->objective, .model = key->model, .report = TESTUDO_REPORT_CHUNK,
                               .trials = (int64_t)fmin(GLANCE_MOST, fmax(GLANCE_LEAST, trials)),
                               .stream = options->seed, .first = GLANCE_FROM, .threads = options->threads,
                               .monitor = options->monitor, .no_law = true};
  testudo_i_measure measure;
  TESTUDO_I_TRY(testudo_best_fits(key, design, error));
  TESTUDO_I_TRY(testudo_i_goal_measure(&goal, design, &measure, error));
  *value = measure.value;
  return TESTUDO_OK;
}

/* ---- the bound ---- */

static testudo_status bound_by_all(const testudo_best_key *key, const testudo_monitor *monitor, double *bound,
                                   char *proof, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *best = NULL;
  testudo_best_value value;
  bool feasible;
  TESTUDO_I_TRY(testudo_i_best_of_all(key, monitor, &feasible, &value, &best, error));
  double least = feasible ? value.value * (1 - TESTUDO_I_BEST_APART) : NAN;
  if (!feasible || *bound >= least)
    return TESTUDO_OK;
  *bound = least;
  snprintf(proof, 96, "%s", testudo_i_best_of_all_proof);
  return TESTUDO_OK;
}

testudo_status testudo_best_bound(const testudo_best_key *key, const testudo_monitor *monitor, double *bound,
                                  char *proof, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment full = {0};
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  *bound = NAN;
  proof[0] = '\0';
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  /* Any assignment in which all workers hold as much as they may, rounded up: the fullest loads of the cell. */
  int32_t load = (int32_t)ceil(key->load);
  TESTUDO_I_TRY(testudo_assignment_ring(key->workers, key->workers * key->granularity, load, &full, error));
  TESTUDO_I_TRY(testudo_i_search_design(&full, key->parts, 1, "", &design, error));
  const testudo_i_goal goal = {.objective = key->objective, .model = key->model, .report = TESTUDO_REPORT_CHUNK,
                               .monitor = monitor};
  TESTUDO_I_TRY(testudo_i_goal_bound(&goal, design, bound, proof, error));
  return bound_by_all(key, monitor, bound, proof, error);
}

/* ---- better than the record of the cell? ---- */

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
  /* Beside an exact value all simulated ones may be too high together: a record never rises. A simulated one may be low
     by luck, and rises within its interval where the same trials say so. */
  bool exact = row->value.kind == TESTUDO_BEST_EXACT;
  bool lower = found->value.value < row->value.value || (!exact && found->value.value < row->value.high);
  if (*difference < -STANDARD_ERRORS * *standard_error && lower)
    *verdict = TESTUDO_BEST_BETTER;
  else if (*difference >= STANDARD_ERRORS * *standard_error)
    *verdict = TESTUDO_BEST_WORSE;
  return TESTUDO_OK;
}

bool testudo_best_is_optimal(const testudo_best_row *row)
{
  return row->value.kind == TESTUDO_BEST_EXACT && row->value.value <= row->bound * (1 + TESTUDO_I_BEST_OPEN) &&
         row->bound <= row->value.value * (1 + TESTUDO_I_BEST_OPEN);
}
