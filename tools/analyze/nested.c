/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an iteration costs; of nested codes also the error at deadlines beside that of the partial decoder. */
#include "analyze/analyze.h"

#include <math.h>

#include "base/error.h"
#include "runtime/scheme/scheme.h"

/* Exact where the law is and where it takes seconds, otherwise simulated. */
static testudo_status find_work(cli_analyzed *analyzed, const cli_arguments *arguments, const testudo_monitor *monitor,
                                testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_i_arena *arena = &analyzed->law.arena;
  int32_t workers = testudo_design_workers(cluster->design);
  work_result *work = testudo_i_arena_calloc(arena, 1, sizeof *work);
  double *chunks = testudo_i_arena_calloc(arena, (size_t)workers, sizeof *chunks);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *work = (work_result){.chunks_stderr = NAN, .abs_error = NAN, .messages = NAN, .messages_stderr = NAN,
                        .workers = workers, .parts = testudo_design_parts(cluster->design), .of_worker = chunks,
                        .signals = testudo_design_report_for(cluster->design, cluster->report) != TESTUDO_REPORT_WHOLE,
                        .method = "exact"};
  analyzed->law.work = work;
  testudo_status status = TESTUDO_ERROR_LIMIT;
  if (analyzed->latency != NULL)
    status = testudo_expected_work(analyzed->latency, chunks, &work->abs_error, error);
  for (int32_t j = 0; status == TESTUDO_OK && j < workers; j++)
    work->chunks += chunks[j];
  if (status != TESTUDO_ERROR_LIMIT && status != TESTUDO_ERROR_ARGUMENT) /* which say that it is simulated only */
    return status;
  testudo_work simulated;
  testudo_simulation_options options = simulation_options(cluster, arguments, 0, monitor);
  options.time_count = 0;
  options.worker_chunks = chunks;
  options.trials = analyzed_trials(cluster, ANALYZE_TRIALS / 10);
  TESTUDO_I_TRY(testudo_simulate_work(cluster->design, &cluster->model, &options, &simulated, error));
  work->chunks = simulated.chunks;
  work->chunks_stderr = simulated.chunks_stderr;
  work->abs_error = NAN;
  work->method = "Monte Carlo";
  return simulated.interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

/* The best nested combination is a least squares, trial by trial. */
static testudo_status simulate_errors(cli_analyzed *analyzed, error_result *result, const cli_arguments *arguments,
                                      const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_simulation_options options = simulation_options(cluster, arguments, 0, monitor);
  options.trials = ANALYZE_DEADLINE_TRIALS;
  testudo_status status = testudo_simulate(cluster->design, &cluster->model, &options, &analyzed->deadlines, error);
  if (status == TESTUDO_ERROR_LIMIT) /* too large for a least squares per trial: reported as unknown */
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  const testudo_simulation *simulation = analyzed->deadlines;
  result->known = cluster->time_count;
  result->mse = simulation->mse;
  result->stderr_mse = simulation->mse_stderr;
  result->trials = simulation->trials;
  result->method = "Monte Carlo";
  return simulation->interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

/* What nobody has done, exact. */
static testudo_status find_uncovered(const cli_cluster *cluster, error_result *result, double *uncovered,
                                     testudo_error *error)
{
  testudo_status status = testudo_expected_uncovered(cluster->design, &cluster->model, cluster->times,
                                                     cluster->time_count, uncovered, error);
  if (status == TESTUDO_ERROR_LIMIT) /* a law of sums that is not implemented: reported as unknown */
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  result->partial = cluster->time_count;
  result->partial_mse = uncovered;
  result->partial_method = "exact";
  return TESTUDO_OK;
}

static testudo_status find_errors(cli_analyzed *analyzed, const cli_arguments *arguments,
                                  const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_i_arena *arena = &analyzed->law.arena;
  size_t count = (size_t)cluster->time_count;
  analyzed->law.error = NULL;
  if (count == 0)
    return TESTUDO_OK;
  error_result *result = testudo_i_arena_calloc(arena, 1, sizeof *result);
  double *list = testudo_i_arena_calloc(arena, 3 * count, sizeof *list), most = cluster_most_error(cluster);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *result = (error_result){.count = cluster->time_count, .t = (double *)cluster->times, .trials = -1,
                           .method = "not known", .partial_method = "not known"};
  analyzed->law.error = result;
  TESTUDO_I_TRY(find_uncovered(cluster, result, list, error));
  TESTUDO_I_TRY(simulate_errors(analyzed, result, arguments, monitor, error));
  result->nmse = result->mse == NULL ? NULL : list + count;
  result->partial_nmse = result->partial_mse == NULL ? NULL : list + 2 * count;
  for (size_t k = 0; k < count; k++) {
    list[count + k] = result->mse == NULL ? NAN : result->mse[k] / most;
    list[2 * count + k] = list[k] / most;
  }
  return TESTUDO_OK;
}

testudo_status analyzed_nested(cli_analyzed *analyzed, const cli_arguments *arguments, const testudo_monitor *monitor,
                               testudo_error *error)
{
  bool nested = testudo_i_scheme_of(analyzed->cluster.design)->beside_partial;
  if (!nested && !cli_given(arguments, "work"))
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_work(analyzed, arguments, monitor, error));
  return nested ? find_errors(analyzed, arguments, monitor, error) : TESTUDO_OK;
}
