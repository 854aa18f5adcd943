/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error bounds of docs/theory/convergence.md, where their assumptions hold, with the constants that they use. */
#include <math.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

/* Who is among those waited for must not depend on the samples: workers are alike in data, up to how they were dealt,
   and in time. */
const char *sgd_unlike_reason(const cli_sgd *sgd)
{
  const sgd_data_result *data = &sgd->result.data;
  const testudo_delay_model *model = &sgd->cluster.model;
  if (data->label_skew > 0.0 || data->feature_shift > 0.0)
    return "no bound: the data of the workers differ, and who is fast counts more often";
  if (model->rates != NULL || model->class_count > 0 || model->replay != NULL || model->domain_factor != NULL)
    return "no bound: workers differ in speed, so that the samples of the fast ones count more often";
  return NULL;
}

/* Why nothing bounds the updates of a method; NULL: something does, if its numbers allow it. */
static const char *method_reason(const cli_sgd *sgd, const testudo_sgd_method *method, int64_t lost)
{
  switch (method->kind) {
  case TESTUDO_SGD_SYNC:
    return NULL;
  case TESTUDO_SGD_K_SYNC:
  case TESTUDO_SGD_K_BATCH_SYNC:
  case TESTUDO_SGD_STALENESS_STEP:
    return sgd_unlike_reason(sgd);
  case TESTUDO_SGD_GRADIENT_CODE:
  case TESTUDO_SGD_NESTED:
  case TESTUDO_SGD_PARTIAL:
    return lost > 0 ? "no bound: iterations are lost" : NULL;
  case TESTUDO_SGD_K_ASYNC:
  case TESTUDO_SGD_K_BATCH_ASYNC:
    return cli_given(sgd->arguments, "gamma")
               ? sgd_unlike_reason(sgd)
               : "no bound: --gamma, by how much gradients differ from stale ones, is not given";
  default:
    return "no bound: simulated";
  }
}

/* Theorem 5 does without. */
static const char *convexity_reason(const cli_sgd *sgd)
{
  const sgd_data_result *data = &sgd->result.data;
  return isfinite(data->optimum) && data->convexity > 0.0 ? NULL
                                                          : "no bound: c is not above 0, or the optimum is not known";
}

/* A worker's mini-batch, and how many of them an update averages. All workers: what the samples of a worker vary about
   their own mean. Fewer: which workers they are varies too; of those that may count more than once, for the whole. */
testudo_assumptions sgd_assumptions(const cli_sgd *sgd, const testudo_sgd_method *method, int32_t wait, double fresh)
{
  const testudo_problem_constants *constants = &sgd->constants;
  bool every = testudo_sgd_runs_design(method->kind) || method->kind == TESTUDO_SGD_SYNC;
  bool full = sgd->result.batch == 0;
  double batch = full ? 1.0 : (double)sgd->result.batch;
  if (testudo_sgd_runs_design(method->kind) && !full) { /* chunks have whole samples */
    const testudo_sgd_setting setting = {.workers = sgd->cluster.workers, .batch = (int32_t)sgd->result.batch};
    int32_t chunks = testudo_design_chunks(method->design);
    batch = fmax(1.0, floor((double)testudo_i_batch_of_chunk(&setting, chunks) * chunks / setting.workers));
  }
  double chosen = testudo_i_sgd_rule(method) == TESTUDO_WAITING_K_SYNC ? 1.0 : wait;
  return (testudo_assumptions){
      .smoothness = constants->smooth, .convexity = constants->gradient_dominated, .step = method->step,
      .variance = (full ? 0.0 : constants->noise) + (every ? 0.0 : batch * chosen * sgd->between),
      .batch = (int32_t)batch, .wait = every ? sgd->cluster.workers : wait,
      .staleness = cli_real(sgd->arguments, "gamma", 0.0), .fresh = fresh, .gap = constants->gap};
}

static testudo_status room_for_curve(cli_sgd *sgd, double **curve, testudo_error *error)
{
  *curve = testudo_i_arena_alloc(&sgd->arena, (size_t)sgd->time_count, sizeof **curve);
  return testudo_i_arena_check(&sgd->arena, error);
}

/* Of the runs that are done, each at its own numbers of updates: those do not depend on the gradients, so that the mean
   of the bounds at them bounds the mean. */
static testudo_status average_bound(cli_sgd *sgd, int32_t m, const testudo_assumptions *assumptions,
                                    testudo_bound which, double above, const double **average,
                                    testudo_error *error)
{
  const testudo_sgd_run *run = &sgd->sgd->run[(int64_t)m * sgd->sgd->runs];
  int64_t count = sgd->time_count, runs = 0;
  double *one, *bound;
  TESTUDO_I_TRY(room_for_curve(sgd, &one, error));
  TESTUDO_I_TRY(room_for_curve(sgd, &bound, error));
  for (int64_t k = 0; k < count; k++)
    bound[k] = 0.0;
  for (int32_t r = 0; r < sgd->sgd->runs; r++) {
    if (!run[r].done)
      continue;
    TESTUDO_I_TRY(testudo_bound_curve(assumptions, which, 1.0, run[r].curve + TESTUDO_SGD_UPDATES * count, count, one,
                                      error));
    runs++;
    for (int64_t k = 0; k < count; k++)
      bound[k] += one[k];
  }
  for (int64_t k = 0; k < count; k++)
    bound[k] = bound[k] / (double)runs + above;
  *average = bound;
  return TESTUDO_OK;
}

/* "no bound: " and the sentence, where an assumption fails. */
static testudo_status failing_assumption(cli_sgd *sgd, const testudo_assumptions *assumptions, testudo_bound which,
                                         const char **reason, testudo_error *error)
{
  testudo_error why;
  *reason = NULL;
  if (testudo_assumptions_check(assumptions, which, &why) == TESTUDO_OK)
    return TESTUDO_OK;
  char *text = testudo_i_arena_alloc(&sgd->arena, sizeof why.text + 16, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  snprintf(text, sizeof why.text + 16, "no bound: %s", why.text);
  *reason = text;
  return TESTUDO_OK;
}

/* Theorem 4, which the runs have followed step by step. */
static testudo_status find_staleness_bound(cli_sgd *sgd, int32_t m, sgd_method_result *result, testudo_error *error)
{
  const double *mean = sgd->sgd->summary[m].band[TESTUDO_SGD_BOUND].mean;
  double *bound;
  int64_t count = sgd->time_count, at = count;
  TESTUDO_I_TRY(room_for_curve(sgd, &bound, error));
  for (int64_t k = 0; k < count; k++)
    bound[k] = mean[k] + sgd->result.data.optimum;
  result->bound = bound;
  result->bound_source =
      "Theorem 4 at the steps that the runs took, as if they were given beforehand: an approximation";
  while (at > 0 && bound[at - 1] <= sgd->result.target)
    at--;
  result->bound_to_target = at < count ? sgd->times[at] : HUGE_VAL;
  return TESTUDO_OK;
}

static testudo_status find_error_bound(cli_sgd *sgd, int32_t m, const testudo_assumptions *assumptions, bool stale,
                                       testudo_error *error)
{
  sgd_method_result *result = &sgd->result.method[m];
  testudo_bound which = stale ? TESTUDO_BOUND_ASYNC : TESTUDO_BOUND_SYNC;
  double each = isfinite(result->update_time.predicted) ? result->update_time.predicted : result->update_time.simulated;
  double above = sgd->result.target - sgd->result.data.optimum, updates;
  TESTUDO_I_TRY(failing_assumption(sgd, assumptions, which, &result->bound_source, error));
  if (result->bound_source != NULL)
    return TESTUDO_OK;
  if (!(each > 0.0)) {
    result->bound_source = "no bound: the time of an update is not known";
    return TESTUDO_OK;
  }
  if (sgd->method[m].kind == TESTUDO_SGD_STALENESS_STEP)
    return find_staleness_bound(sgd, m, result, error);
  TESTUDO_I_TRY(average_bound(sgd, m, assumptions, which, sgd->result.data.optimum, &result->bound, error));
  result->bound_source =
      stale ? "Theorem 3, if sigma^2 is nowhere above that at the start and the optimum, and gamma holds"
            : "Lemma 2, if sigma^2 is nowhere above that at the start and the optimum";
  if (above > 0.0) {
    TESTUDO_I_TRY(testudo_bound_updates(assumptions, which, above, &updates, error));
    result->bound_to_target = updates * each;
  }
  return TESTUDO_OK;
}

/* Theorem 5, of the mean of ||grad F||^2 over the updates: c is not needed, and 0 serves as F*. */
static testudo_status find_gradient_bound(cli_sgd *sgd, int32_t m, const testudo_assumptions *assumptions, bool stale,
                                          testudo_error *error)
{
  sgd_method_result *result = &sgd->result.method[m];
  testudo_bound which = stale ? TESTUDO_BOUND_GRADIENT_ASYNC : TESTUDO_BOUND_GRADIENT_SYNC;
  bool known = isfinite(sgd->result.data.optimum);
  TESTUDO_I_TRY(failing_assumption(sgd, assumptions, which, &result->gradient_bound_source, error));
  if (result->gradient_bound_source != NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(average_bound(sgd, m, assumptions, which, 0.0, &result->gradient_bound, error));
  result->gradient_bound_source = known ? "Theorem 5, if sigma^2 is nowhere above that at the start and the optimum"
                                        : "Theorem 5 with F* taken as 0, if sigma^2 is nowhere above that at the start";
  return TESTUDO_OK;
}

static testudo_status find_bounds_of(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  sgd_method_result *result = &sgd->result.method[m];
  const testudo_sgd_method *method = &sgd->method[m];
  bool stale = testudo_i_rule_is_async(testudo_i_sgd_rule(method)), steps = method->kind == TESTUDO_SGD_STALENESS_STEP;
  result->bound_source = result->gradient_bound_source = method_reason(sgd, method, result->lost);
  result->bound_to_target = NAN;
  if (result->bound_source != NULL)
    return TESTUDO_OK;
  double fresh = fmax(0.0, result->update_time.fresh_low);
  testudo_assumptions assumptions = sgd_assumptions(sgd, method, (int32_t)result->wait, fresh);
  if (steps)
    assumptions.staleness = 0.0; /* Theorem 4 needs none */
  result->assumed = assumptions;
  result->assumed.staleness = stale && !steps ? assumptions.staleness : NAN;
  result->assumed.fresh = stale ? fresh : NAN;
  result->bound_source = convexity_reason(sgd);
  if (result->bound_source == NULL)
    TESTUDO_I_TRY(find_error_bound(sgd, m, &assumptions, stale, error));
  result->last_bound = result->bound == NULL ? NAN : result->bound[sgd->time_count - 1];
  if (!steps)
    return find_gradient_bound(sgd, m, &assumptions, stale, error);
  result->gradient_bound_source = "no bound: Theorem 5 is for constant steps";
  return TESTUDO_OK;
}

testudo_status sgd_find_bounds(cli_sgd *sgd, testudo_error *error)
{
  for (int32_t m = 0; m < sgd->methods; m++)
    TESTUDO_I_TRY(find_bounds_of(sgd, m, error));
  return TESTUDO_OK;
}

testudo_status sgd_assume(cli_sgd *sgd, testudo_error *error)
{
  for (int32_t m = 0; m < sgd->methods; m++) {
    testudo_sgd_method *method = &sgd->method[m];
    if (method->kind != TESTUDO_SGD_STALENESS_STEP || method_reason(sgd, method, 0) != NULL ||
        convexity_reason(sgd) != NULL)
      continue;
    testudo_assumptions *assumed = testudo_i_arena_alloc(&sgd->arena, 1, sizeof *assumed);
    TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
    *assumed = sgd_assumptions(sgd, method, 1, fmax(0.0, sgd->result.method[m].update_time.fresh_low));
    method->assumed = assumed;
  }
  return TESTUDO_OK;
}
