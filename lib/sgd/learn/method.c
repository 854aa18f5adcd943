/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods: their names, and what each asks for. */
#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "sgd/learn/iteration.h"
#include "sgd/learn/learn.h"

static const char *const sgd_names[TESTUDO_SGD_KINDS] = {
    "sync", "k-sync", "k-batch-sync", "k-async", "k-batch-async", "adasync", "staleness-step", "lgc",
    "gradient-code", "nested", "partial", "partial-deadline", "stochastic-code",
    "coco-ef", "coco-no-memory", "coco-unbiased", "coco-difference",
};

const char *testudo_sgd_name(testudo_sgd_kind kind)
{
  return (int)kind >= 0 && (int)kind < TESTUDO_SGD_KINDS ? sgd_names[kind] : NULL;
}

bool testudo_sgd_runs_design(testudo_sgd_kind kind)
{
  return kind >= TESTUDO_SGD_GRADIENT_CODE && (int)kind < TESTUDO_SGD_KINDS;
}

bool testudo_sgd_compresses(testudo_sgd_kind kind)
{
  return kind >= TESTUDO_SGD_COCO_EF && (int)kind < TESTUDO_SGD_KINDS;
}

testudo_update_rule testudo_i_sgd_rule(const testudo_sgd_method *method)
{
  switch (method->kind) {
  case TESTUDO_SGD_K_BATCH_SYNC:
    return TESTUDO_WAITING_K_BATCH_SYNC;
  case TESTUDO_SGD_K_ASYNC:
  case TESTUDO_SGD_STALENESS_STEP:
    return TESTUDO_WAITING_K_ASYNC;
  case TESTUDO_SGD_K_BATCH_ASYNC:
    return TESTUDO_WAITING_K_BATCH_ASYNC;
  case TESTUDO_SGD_LGC:
    return TESTUDO_WAITING_LGC;
  case TESTUDO_SGD_ADASYNC:
    return method->rule;
  default:
    return TESTUDO_WAITING_K_SYNC;
  }
}

/* ---- what each asks for ---- */

/* Every chunk needs a sample. */
static testudo_status check_chunks(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                   testudo_error *error)
{
  const char *name = testudo_sgd_name(method->kind);
  int32_t chunks = testudo_design_chunks(method->design), each = chunks / setting->workers;
  if (chunks % setting->workers != 0) {
    int32_t samples = testudo_problem_samples(setting->problem);
    if (chunks > samples)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s: the design cuts %d samples into %d chunks", name,
                            (int)samples, (int)chunks);
    return TESTUDO_OK;
  }
  for (int32_t j = 0; j < setting->workers; j++) {
    int32_t size = setting->first[j + 1] - setting->first[j];
    if (each > size)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "method %s: the design cuts the %d samples of worker %d into %d chunks", name, (int)size,
                            (int)j, (int)each);
  }
  return TESTUDO_OK;
}

static testudo_status check_sums(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                 testudo_error *error)
{
  const char *name = testudo_sgd_name(method->kind);
  if (method->wait < 0 || method->wait > setting->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s waits for %d, which is not within 0..%d (0: all)",
                          name, (int)method->wait, (int)setting->workers);
  if (method->wait > 0 && setting->model->failures != TESTUDO_FAILURES_NONE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method %s: workers straggle either because the server waits for %d, or because they fail; "
                          "the weights know one of the two",
                          name, (int)method->wait);
  if (testudo_sgd_compresses(method->kind)) {
    bool biased = method->compressor == TESTUDO_COMPRESSOR_TOP_K ||
                  method->compressor == TESTUDO_COMPRESSOR_GROUPED_SIGN;
    bool wanted = method->kind == TESTUDO_SGD_COCO_EF || method->kind == TESTUDO_SGD_COCO_NO_MEMORY;
    if (biased != wanted)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s takes the compressors %s, not %s", name,
                            wanted ? "top-k and grouped-sign" : "random-k, stochastic-sign and none",
                            testudo_compressor_name(method->compressor));
  }
  return TESTUDO_OK;
}

static testudo_status check_design(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                   testudo_error *error)
{
  const char *name = testudo_sgd_name(method->kind);
  int32_t workers = setting->workers;
  if (method->design == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s runs a design, and there is none", name);
  if (testudo_design_workers(method->design) != workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s: the design has %d workers, the cluster %d", name,
                          (int)testudo_design_workers(method->design), (int)workers);
  testudo_scheme scheme = testudo_design_scheme(method->design);
  bool code = method->kind == TESTUDO_SGD_GRADIENT_CODE, nested = method->kind == TESTUDO_SGD_NESTED;
  bool goes = code     ? scheme == TESTUDO_SCHEME_GRADIENT_CODE || scheme == TESTUDO_SCHEME_GRADIENT_CODE_PARTS
              : nested ? scheme == TESTUDO_SCHEME_NESTED
                       : scheme == TESTUDO_SCHEME_PARTIAL;
  if (!goes)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s runs designs of scheme %s, not %s", name,
                          code ? "gradient-code" : nested ? "nested" : "partial", testudo_scheme_name(scheme));
  if (method->kind == TESTUDO_SGD_PARTIAL_DEADLINE && !(method->deadline > 0.0 && isfinite(method->deadline)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s: deadline %g; it must be above 0", name,
                          method->deadline);
  if (setting->problem != NULL)
    TESTUDO_I_TRY(check_chunks(setting, method, error));
  return testudo_i_sgd_sums(method->kind) ? check_sums(setting, method, error) : TESTUDO_OK;
}

static testudo_status check_adasync(const testudo_sgd_method *method, int32_t workers, testudo_error *error)
{
  if (method->rule < TESTUDO_WAITING_K_SYNC || method->rule > TESTUDO_WAITING_K_BATCH_ASYNC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "method adasync takes the rules k-sync, k-batch-sync, k-async and k-batch-async");
  if (method->schedule == NULL && (method->wait < 1 || method->wait > workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method adasync begins with K = %d; it must be in 1..%d",
                          (int)method->wait, (int)workers);
  if (!(method->interval > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method adasync: interval %g; it must be above 0",
                          method->interval);
  return TESTUDO_OK;
}

static testudo_status check_method(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                   testudo_error *error)
{
  const char *name = testudo_sgd_name(method->kind);
  if (name == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown method %d; methods have the numbers 0..%d",
                          (int)method->kind, TESTUDO_SGD_KINDS - 1);
  if (!(method->step > 0.0 && isfinite(method->step)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s: step %g; it must be above 0", name, method->step);
  if (method->kind == TESTUDO_SGD_STALENESS_STEP && !(method->spread > 0.0 && isfinite(method->spread)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "method %s: C %g; it must be above 0", name, method->spread);
  if (method->kind == TESTUDO_SGD_ADASYNC)
    TESTUDO_I_TRY(check_adasync(method, setting->workers, error));
  return testudo_sgd_runs_design(method->kind) ? check_design(setting, method, error) : TESTUDO_OK;
}

testudo_status testudo_i_timing_check(const testudo_sgd_method *method, const testudo_delay_model *model,
                                      int32_t workers, testudo_error *error)
{
  const testudo_sgd_setting setting = {.model = model, .workers = workers};
  return check_design(&setting, method, error);
}

static testudo_status check_shards(const testudo_sgd_setting *setting, testudo_error *error)
{
  int32_t samples = testudo_problem_samples(setting->problem);
  if (setting->workers < 1 || setting->workers > samples)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers for %d samples; every worker needs one",
                          (int)setting->workers, (int)samples);
  bool whole = setting->first[0] == 0 && setting->first[setting->workers] == samples;
  for (int32_t j = 0; j < setting->workers && whole; j++)
    whole = setting->first[j] < setting->first[j + 1];
  if (!whole)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the shards must be consecutive, hold a sample each and all of them together");
  int32_t most = setting->batch;
  for (int32_t j = 0; j < setting->workers && setting->batch == 0; j++) {
    int32_t size = setting->first[j + 1] - setting->first[j];
    most = j == 0 || size < most ? size : most;
  }
  if (setting->batch < 0 || setting->blocks < 1 || setting->blocks > most)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "%d blocks of a mini-batch of %d samples; every block needs one", (int)setting->blocks,
                          (int)most);
  return TESTUDO_OK;
}

/* What clock, codec and compressor ask for: before hours go into the methods that come first. */
static testudo_status check_beginning(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                      const testudo_sgd_options *options, testudo_error *error)
{
  testudo_i_learner learner;
  testudo_sgd_run run = {0};
  testudo_status status = testudo_i_learner_begin(&learner, setting, method, options, options->seed, &run, error);
  testudo_i_learner_end(&learner);
  if (status != TESTUDO_OK)
    testudo_i_error_prefix(error, testudo_sgd_name(method->kind));
  return status;
}

testudo_status testudo_i_learn_check(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                                     const testudo_sgd_options *options, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_delay_check(setting->model, setting->workers, error));
  TESTUDO_I_TRY(check_shards(setting, error));
  TESTUDO_I_TRY(check_method(setting, method, error));
  bool right = options->time_count >= 1 && options->runs >= 1 && options->updates >= 0 && options->bits >= 0.0;
  for (int64_t k = 0; k < options->time_count && right; k++)
    right = options->times[k] >= (k == 0 ? 0.0 : options->times[k - 1]) && isfinite(options->times[k]);
  if (!right)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "a simulation needs a run at least, and times that are finite, increase and are not below 0");
  return check_beginning(setting, method, options, error);
}
