/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested codes: what an iteration costs, and the error at deadlines beside that of the partial decoder. */
#include "analyze/analyze.h"

#include <math.h>

#include "base/error.h"
#include "common/lists.h"
#include "runtime/scheme/scheme.h"

bool analyzed_is_nested(const cli_analyzed *analyzed)
{
  return testudo_i_scheme_of(analyzed->cluster.design)->beside_partial;
}

static testudo_simulation_options options_of(const cli_analyzed *analyzed, const cli_arguments *arguments,
                                             const testudo_monitor *monitor)
{
  return (testudo_simulation_options){.report = analyzed->cluster.report, .seed = analyzed->cluster.seed,
                                      .threads = (int32_t)cli_integer(arguments, "threads", 0), .monitor = monitor};
}

/* Exact where the law is and where it takes seconds, otherwise simulated. */
static testudo_status find_work(cli_analyzed *analyzed, const cli_arguments *arguments, const testudo_monitor *monitor,
                                testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  double *chunks = testudo_i_arena_calloc(&analyzed->arena, (size_t)testudo_design_workers(cluster->design),
                                          sizeof *chunks);
  TESTUDO_I_TRY(testudo_i_arena_check(&analyzed->arena, error));
  testudo_status status = TESTUDO_ERROR_LIMIT;
  if (analyzed->latency != NULL)
    status = testudo_expected_work(analyzed->latency, chunks, &analyzed->chunks_error, error);
  analyzed->chunks = status == TESTUDO_OK ? chunks : NULL;
  if (status != TESTUDO_ERROR_LIMIT)
    return status;
  testudo_simulation_options options = options_of(analyzed, arguments, monitor);
  options.worker_chunks = analyzed->simulated_chunks = chunks;
  options.trials = analyzed_trials(cluster, ANALYZE_TRIALS / 10);
  TESTUDO_I_TRY(testudo_simulate_work(cluster->design, &cluster->model, &options, &analyzed->work, error));
  return analyzed->work.interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

/* What nobody has done is exact; the best nested combination is a least squares, trial by trial. */
static testudo_status find_errors(cli_analyzed *analyzed, const cli_arguments *arguments,
                                  const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  if (cluster->time_count == 0)
    return TESTUDO_OK;
  double *uncovered = testudo_i_arena_calloc(&analyzed->arena, (size_t)cluster->time_count, sizeof *uncovered);
  TESTUDO_I_TRY(testudo_i_arena_check(&analyzed->arena, error));
  testudo_status status = testudo_expected_uncovered(cluster->design, &cluster->model, cluster->times,
                                                     cluster->time_count, uncovered, error);
  if (status == TESTUDO_OK)
    analyzed->uncovered = uncovered;
  else if (status != TESTUDO_ERROR_LIMIT) /* a law of sums that is not built: told as unknown */
    return status;
  testudo_simulation_options options = options_of(analyzed, arguments, monitor);
  options.trials = ANALYZE_DEADLINE_TRIALS;
  options.times = cluster->times;
  options.time_count = cluster->time_count;
  status = testudo_simulate(cluster->design, &cluster->model, &options, &analyzed->deadlines, error);
  if (status == TESTUDO_ERROR_LIMIT) /* too large for a least squares a trial: told as unknown */
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  return analyzed->deadlines->interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

testudo_status analyzed_nested(cli_analyzed *analyzed, const cli_arguments *arguments, const testudo_monitor *monitor,
                               testudo_error *error)
{
  if (!analyzed_is_nested(analyzed))
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_work(analyzed, arguments, monitor, error));
  return find_errors(analyzed, arguments, monitor, error);
}

/* ---- JSON ---- */

static double sum_of(const cli_analyzed *analyzed)
{
  double sum = 0;
  for (int32_t j = 0; j < testudo_design_workers(analyzed->cluster.design); j++)
    sum += analyzed->chunks[j];
  return sum;
}

static void nested_put_work(testudo_i_json_writer *writer, const cli_analyzed *analyzed)
{
  size_t workers = (size_t)testudo_design_workers(analyzed->cluster.design);
  bool exact = analyzed->chunks != NULL;
  double sum = exact ? sum_of(analyzed) : analyzed->work.chunks;
  testudo_i_json_open_object(writer, "work");
  testudo_i_json_put_real(writer, "chunks", sum);
  testudo_i_json_put_real(writer, "chunks_per_worker", sum / (double)workers);
  testudo_i_json_put_real(writer, "signals", sum);
  testudo_i_json_put_real(writer, "signals_per_worker", sum / (double)workers);
  if (exact) {
    testudo_i_json_put_reals(writer, "chunks_of_worker", analyzed->chunks, workers);
    testudo_i_json_put_real(writer, "abs_error", analyzed->chunks_error);
  } else {
    testudo_i_json_put_reals(writer, "chunks_of_worker", analyzed->simulated_chunks, workers);
    testudo_i_json_put_real(writer, "chunks_stderr", analyzed->work.chunks_stderr);
  }
  testudo_i_json_put_string(writer, "method", exact ? "exact" : "Monte Carlo");
  testudo_i_json_close_object(writer);
}

static void nested_put_errors(testudo_i_json_writer *writer, const cli_analyzed *analyzed)
{
  const cli_cluster *cluster = &analyzed->cluster;
  const testudo_simulation *simulation = analyzed->deadlines;
  int64_t count = cluster->time_count, known = simulation == NULL ? 0 : count;
  double most = cluster_most_error(cluster);
  testudo_i_json_open_object(writer, "error");
  testudo_i_json_put_reals(writer, "t", cluster->times, (size_t)count);
  testudo_i_json_put_reals(writer, "mse", known > 0 ? simulation->mse : NULL, (size_t)known);
  testudo_i_json_put_reals(writer, "stderr", known > 0 ? simulation->mse_stderr : NULL, (size_t)known);
  lists_put_scaled(writer, "nmse", known > 0 ? simulation->mse : NULL, known, most);
  testudo_i_json_put_string(writer, "method", known > 0 ? "Monte Carlo" : "not known");
  testudo_i_json_put_integer(writer, "trials", known > 0 ? simulation->trials : 0);
  int64_t covered = analyzed->uncovered == NULL ? 0 : count;
  testudo_i_json_put_reals(writer, "partial_mse", analyzed->uncovered, (size_t)covered);
  lists_put_scaled(writer, "partial_nmse", analyzed->uncovered, covered, most);
  testudo_i_json_put_string(writer, "partial_method", count > 0 && covered == 0 ? "not known" : "exact");
  testudo_i_json_close_object(writer);
}

void analyzed_put_nested(testudo_i_json_writer *writer, const cli_analyzed *analyzed)
{
  if (!analyzed_is_nested(analyzed))
    return;
  nested_put_errors(writer, analyzed);
  nested_put_work(writer, analyzed);
}

/* ---- text ---- */

static void nested_print_work(FILE *stream, const cli_analyzed *analyzed)
{
  int32_t workers = testudo_design_workers(analyzed->cluster.design);
  bool exact = analyzed->chunks != NULL;
  double sum = exact ? sum_of(analyzed) : analyzed->work.chunks, least = HUGE_VAL, most = 0;
  fprintf(stream, "\nchunks computed when it ends, and as many signals, %s\n", exact ? "exact" : "simulated");
  fprintf(stream, "  %-17s %.9g", "all workers", sum);
  if (!exact)
    fprintf(stream, " +- %.2g", analyzed->work.chunks_stderr);
  for (int32_t j = 0; exact && j < workers; j++) {
    least = fmin(least, analyzed->chunks[j]);
    most = fmax(most, analyzed->chunks[j]);
  }
  fprintf(stream, "\n  %-17s %.9g", "a worker", sum / workers);
  if (exact && most > least)
    fprintf(stream, " (from %.6g to %.6g)", least, most);
  fputc('\n', stream);
}

static void nested_print_errors(FILE *stream, const cli_analyzed *analyzed)
{
  const cli_cluster *cluster = &analyzed->cluster;
  const testudo_simulation *simulation = analyzed->deadlines;
  if (cluster->time_count == 0)
    return;
  fputs("\nerror of stopping at a deadline, in chunks: the best nested combination", stream);
  if (simulation != NULL)
    fprintf(stream, ", simulated (%lld trials)", (long long)simulation->trials);
  fprintf(stream, ",\nand the decoder of partial(l=1) on the same progress, %s\n  %14s %16s %12s %16s\n",
          analyzed->uncovered != NULL ? "exact" : "not known", "t (s)", "nested", "std error", "partial");
  for (int64_t k = 0; k < cluster->time_count; k++) {
    fprintf(stream, "  %14.9g ", cluster->times[k]);
    if (simulation != NULL)
      fprintf(stream, "%16.9g %12.3g ", simulation->mse[k], simulation->mse_stderr[k]);
    else
      fprintf(stream, "%16s %12s ", "-", "-");
    if (analyzed->uncovered != NULL)
      fprintf(stream, "%16.9g\n", analyzed->uncovered[k]);
    else
      fprintf(stream, "%16s\n", "-");
  }
}

void analyzed_print_nested(FILE *stream, const cli_analyzed *analyzed)
{
  if (!analyzed_is_nested(analyzed))
    return;
  nested_print_work(stream, analyzed);
  nested_print_errors(stream, analyzed);
}
