/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error bounds of docs/theory/convergence.md, where their assumptions hold. */
#include <math.h>
#include <string.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "sgd/sgd.h"

/* Why a method has no bound; NULL: it has one. Unbiased gradients given the past need workers that are alike, and
   mini-batches that are drawn anew, unless every sample counts. */
static const char *bound_reason(const cli_sgd *sgd, const testudo_sgd_method *method)
{
  const sgd_data_result *data = &sgd->result.data;
  bool alike = data->label_skew == 0.0 && data->feature_shift == 0.0;
  switch (method->kind) {
  case TESTUDO_SGD_SYNC:
    break;
  case TESTUDO_SGD_K_SYNC:
  case TESTUDO_SGD_K_BATCH_SYNC:
    if (!alike)
      return "no bound: the data of the workers differ, and who is fast counts more often";
    if (sgd->result.batch == 0)
      return "no bound: a worker's mini-batch is always the same; give --batch";
    break;
  case TESTUDO_SGD_GRADIENT_CODE:
  case TESTUDO_SGD_NESTED:
  case TESTUDO_SGD_PARTIAL:
    break;
  case TESTUDO_SGD_K_ASYNC:
  case TESTUDO_SGD_K_BATCH_ASYNC:
    if (!cli_given(sgd->arguments, "gamma"))
      return "no bound: --gamma, by how much gradients differ from stale ones, is not given";
    if (!alike)
      return "no bound: the data of the workers differ, and who is fast counts more often";
    if (sgd->result.batch == 0)
      return "no bound: a worker's mini-batch is always the same; give --batch";
    break;
  default:
    return "no bound: simulated";
  }
  return isfinite(data->optimum) && data->convexity > 0.0 ? NULL
                                                          : "no bound: c is not above 0, or the optimum is not known";
}

/* A worker's mini-batch, and how many of them an update averages. Where all samples count there is no noise. */
static testudo_assumptions assumptions_of(const cli_sgd *sgd, const testudo_sgd_method *method, double fresh)
{
  const testudo_problem_constants *constants = &sgd->constants;
  bool all = sgd->result.batch == 0;
  return (testudo_assumptions){
      .smoothness = constants->smooth, .convexity = constants->gradient_dominated, .step = method->step,
      .variance = all ? 0.0 : constants->noise, .batch = all ? 1 : (int32_t)sgd->result.batch,
      .wait = testudo_sgd_runs_design(method->kind) || method->kind == TESTUDO_SGD_SYNC ? sgd->cluster.workers
                                                                                       : method->wait,
      .staleness = cli_real(sgd->arguments, "gamma", 0.0), .fresh = fresh, .gap = constants->gap};
}

static bool is_stale(testudo_sgd_kind kind)
{
  return kind == TESTUDO_SGD_K_ASYNC || kind == TESTUDO_SGD_K_BATCH_ASYNC;
}

static testudo_status find_bound(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  sgd_method_result *result = &sgd->result.method[m];
  const testudo_sgd_method *method = &sgd->wanted[m].method;
  result->bound_source = bound_reason(sgd, method);
  result->bound_to_target = NAN;
  if (result->bound_source != NULL)
    return TESTUDO_OK;
  testudo_bound which = is_stale(method->kind) ? TESTUDO_BOUND_ASYNC : TESTUDO_BOUND_SYNC;
  testudo_assumptions assumptions = assumptions_of(sgd, method, fmax(0.0, result->update_time.fresh_low));
  double each = isfinite(result->update_time.predicted) ? result->update_time.predicted : result->update_time.simulated;
  double *bound = testudo_i_arena_alloc(&sgd->arena, (size_t)sgd->time_count, sizeof *bound);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  testudo_error why;
  if (!(each > 0.0))
    result->bound_source = "no bound: the time of an update is not known";
  else if (testudo_assumptions_check(&assumptions, which, &why) != TESTUDO_OK) {
    char *text = testudo_i_arena_alloc(&sgd->arena, sizeof why.text + 16, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
    snprintf(text, sizeof why.text + 16, "no bound: %s", why.text);
    result->bound_source = text;
  } else {
    TESTUDO_I_TRY(testudo_bound_curve(&assumptions, which, each, sgd->times, sgd->time_count, bound,
                                      error));
    for (int64_t k = 0; k < sgd->time_count; k++)
      bound[k] += sgd->result.data.optimum;
    result->bound = bound;
    result->bound_source =
        which == TESTUDO_BOUND_SYNC
            ? "Lemma 2, if sigma^2 is nowhere above that at the start and the optimum; of the mean number of updates"
            : "Theorem 3, if sigma^2 is nowhere above that at the start and the optimum, and gamma holds; of the mean"
              " number of updates";
    double updates;
    if (sgd->result.target > sgd->result.data.optimum) {
      TESTUDO_I_TRY(testudo_bound_updates(&assumptions, which,
                                          sgd->result.target - sgd->result.data.optimum, &updates, error));
      result->bound_to_target = updates * each;
    }
  }
  return TESTUDO_OK;
}

testudo_status sgd_find_bounds(cli_sgd *sgd, testudo_error *error)
{
  for (int32_t m = 0; m < sgd->methods; m++)
    TESTUDO_I_TRY(find_bound(sgd, m, error));
  return TESTUDO_OK;
}
