/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

const cli_option analysis_own_options[] = {
    {.name = "max-states", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "200000",
     .help = "An exact law that needs more states is bounded instead, or simulated where no bounds are built."},
    {.name = NULL},
};

testudo_analysis_options analysis_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                          const testudo_monitor *monitor)
{
  return (testudo_analysis_options){.report = cluster->report, .rel_error = 1e-9, .monitor = monitor,
                                    .max_states = cli_integer(arguments, "max-states", 200000)};
}

static testudo_status reserve(cli_analysis *analysis, testudo_error *error)
{
  size_t quantiles = analysis->cluster->quantiles->count, times = (size_t)analysis->error_count;
  analysis->quantile_lower = testudo_i_calloc(quantiles, sizeof(double));
  analysis->quantile_upper = testudo_i_calloc(quantiles, sizeof(double));
  analysis->time = testudo_i_calloc(ANALYSIS_CURVE, sizeof(double));
  analysis->lower = testudo_i_calloc(ANALYSIS_CURVE, sizeof(double));
  analysis->upper = testudo_i_calloc(ANALYSIS_CURVE, sizeof(double));
  analysis->error_time = testudo_i_calloc(times, sizeof(double));
  analysis->mse = testudo_i_calloc(times, sizeof(double));
  return analysis->quantile_lower == NULL || analysis->quantile_upper == NULL || analysis->time == NULL ||
                 analysis->lower == NULL || analysis->upper == NULL || analysis->error_time == NULL ||
                 analysis->mse == NULL
             ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

static testudo_status fill_latency(cli_analysis *analysis, testudo_latency *latency, testudo_error *error)
{
  testudo_status status = testudo_latency_summary(latency, &analysis->summary, error);
  const cli_value *quantiles = analysis->cluster->quantiles;
  for (size_t k = 0; k < quantiles->count && status == TESTUDO_OK; k++)
    status = testudo_latency_quantile(latency, quantiles->reals[k], &analysis->quantile_lower[k],
                                      &analysis->quantile_upper[k], error);
  if (status == TESTUDO_OK)
    status = testudo_latency_grid(latency, ANALYSIS_CURVE, analysis->time, error);
  for (int k = 0; k < ANALYSIS_CURVE && status == TESTUDO_OK; k++)
    status = testudo_latency_cdf(latency, analysis->time[k], &analysis->lower[k], &analysis->upper[k], error);
  /* P(T <= t) is at most P(T <= t') for t < t', so a later bound that is smaller holds earlier too. */
  for (int k = ANALYSIS_CURVE - 1; k-- > 0;)
    analysis->upper[k] = fmin(analysis->upper[k], analysis->upper[k + 1]);
  return status;
}

testudo_status analysis_make(cli_analysis *analysis, const cli_cluster *cluster, testudo_latency *latency,
                             testudo_error *error)
{
  memset(analysis, 0, sizeof *analysis);
  analysis->cluster = cluster;
  analysis->exact = testudo_latency_is_exact(latency);
  analysis->method = testudo_latency_method(latency);
  analysis->error_count = cluster->time_count > 0 ? cluster->time_count : ANALYSIS_CURVE;
  testudo_status status = testudo_expected_error_known(cluster->design, cluster->report, &analysis->has_error, error);
  if (status == TESTUDO_OK)
    status = reserve(analysis, error);
  if (status == TESTUDO_OK)
    status = fill_latency(analysis, latency, error);
  if (status != TESTUDO_OK || !analysis->has_error)
    return status;
  memcpy(analysis->error_time, cluster->time_count > 0 ? cluster->times : analysis->time,
         (size_t)analysis->error_count * sizeof(double));
  return testudo_expected_error(cluster->design, &cluster->model, cluster->report, analysis->error_time,
                                analysis->error_count, analysis->mse, error);
}

void analysis_free(cli_analysis *analysis)
{
  free(analysis->quantile_lower);
  free(analysis->quantile_upper);
  free(analysis->time);
  free(analysis->lower);
  free(analysis->upper);
  free(analysis->error_time);
  free(analysis->mse);
}

/* ---- JSON ---- */

/* A law with a power tail is known to have no deviation even where its mean is between bounds. */
static const char *stddev_status(const cli_analysis *analysis)
{
  const testudo_summary *summary = &analysis->summary;
  if (testudo_tail_index(analysis->cluster->design, &analysis->cluster->model) <= 2.0 || isinf(summary->stddev) ||
      summary->status == TESTUDO_MEAN_INFINITE)
    return "infinite";
  return isfinite(summary->stddev) ? "exact" : "not known";
}

static void put_mean(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  static const char *const words[] = {"exact", "bounded", "infinite"};
  const testudo_summary *summary = &analysis->summary;
  testudo_i_json_put_real(writer, "mean", summary->mean);
  testudo_i_json_put_string(writer, "mean_status", words[summary->status]);
  testudo_i_json_put_real(writer, "stddev", summary->stddev);
  testudo_i_json_put_string(writer, "stddev_status", stddev_status(analysis));
  testudo_i_json_put_real(writer, "lower", summary->lower);
  testudo_i_json_put_real(writer, "upper", summary->upper);
  testudo_i_json_put_string(writer, "method", analysis->method);
  if (testudo_design_scheme(analysis->cluster->design) == TESTUDO_SCHEME_NESTED)
    testudo_i_json_put_string(writer, "model", "working model");
  testudo_i_json_put_real(writer, "abs_error", summary->abs_error);
  testudo_i_json_put_real(writer, "p_never", summary->p_never);
  testudo_i_json_put_real(writer, "p_never_lower", summary->p_never_lower);
  testudo_i_json_put_real(writer, "p_never_upper", summary->p_never_upper);
  testudo_i_json_put_real(writer, "ideal", summary->ideal);
  testudo_i_json_put_real(writer, "over_ideal", summary->over_ideal);
}

static void put_quantiles(testudo_i_json_writer *writer, const char *key, const cli_value *quantiles,
                          const double *value)
{
  testudo_i_json_open_object(writer, key);
  for (size_t k = 0; k < quantiles->count; k++)
    testudo_i_json_put_real(writer, quantiles->item[k], value == NULL ? NAN : value[k]);
  testudo_i_json_close_object(writer);
}

void analysis_put_latency(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  const cli_value *quantiles = analysis->cluster->quantiles;
  testudo_i_json_open_object(writer, "latency");
  put_mean(writer, analysis);
  put_quantiles(writer, "quantiles", quantiles, analysis->exact ? analysis->quantile_lower : NULL);
  if (!analysis->exact) {
    put_quantiles(writer, "quantiles_lower", quantiles, analysis->quantile_lower);
    put_quantiles(writer, "quantiles_upper", quantiles, analysis->quantile_upper);
  }
  testudo_i_json_open_object(writer, "cdf");
  testudo_i_json_put_reals(writer, "t", analysis->time, ANALYSIS_CURVE);
  if (analysis->exact)
    testudo_i_json_put_reals(writer, "p", analysis->lower, ANALYSIS_CURVE);
  else {
    testudo_i_json_put_null(writer, "p");
    testudo_i_json_put_reals(writer, "p_lower", analysis->lower, ANALYSIS_CURVE);
    testudo_i_json_put_reals(writer, "p_upper", analysis->upper, ANALYSIS_CURVE);
  }
  testudo_i_json_close_object(writer);
  testudo_i_json_close_object(writer);
}

void analysis_put_error(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  if (cluster_error_unbuilt(analysis->cluster)) {
    testudo_i_json_put_null(writer, "error");
    return;
  }
  double most = cluster_most_error(analysis->cluster);
  int64_t count = analysis->has_error ? analysis->error_count : 0;
  testudo_i_json_open_object(writer, "error");
  testudo_i_json_put_reals(writer, "t", analysis->error_time, (size_t)count);
  testudo_i_json_put_reals(writer, "mse", analysis->mse, (size_t)count);
  testudo_i_json_open_array(writer, "nmse");
  for (int64_t k = 0; k < count; k++)
    testudo_i_json_put_real(writer, NULL, analysis->mse[k] / most);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_string(writer, "method", analysis->has_error ? "exact" : "simulated only");
  testudo_i_json_close_object(writer);
}

void analysis_put(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  analysis_put_latency(writer, analysis);
  analysis_put_error(writer, analysis);
}

/* ---- text ---- */

/* A number, or an interval between two bounds. */
static void print_between(FILE *stream, const char *label, double lower, double upper, bool exact)
{
  if (exact && isfinite(lower))
    fprintf(stream, "  %-17s %.9g\n", label, lower);
  else if (exact)
    fprintf(stream, "  %-17s infinite\n", label);
  else if (isfinite(upper))
    fprintf(stream, "  %-17s bounded [%.9g, %.9g]\n", label, lower, upper);
  else if (isfinite(lower))
    fprintf(stream, "  %-17s bounded [%.9g, infinite)\n", label, lower);
  else
    fprintf(stream, "  %-17s infinite\n", label);
}

void analysis_print_latency(FILE *stream, const cli_analysis *analysis)
{
  const testudo_summary *summary = &analysis->summary;
  bool exact = analysis->exact;
  bool never = !(summary->p_never_upper == 0.0);
  testudo_scheme scheme = testudo_design_scheme(analysis->cluster->design);
  bool nested = scheme == TESTUDO_SCHEME_NESTED || scheme == TESTUDO_SCHEME_BLOCK;
  fprintf(stream, "\ncompletion time in seconds%s, %s (%s)\n", nested ? " of the working model" : "",
          exact ? "exact" : "between rigorous bounds", analysis->method);
  if (summary->status == TESTUDO_MEAN_INFINITE)
    fprintf(stream, "  %-17s infinite\n", "mean");
  else if (summary->status == TESTUDO_MEAN_EXACT)
    fprintf(stream, "  %-17s %.12g%s (exact, error at most %.2g)\n", "mean", summary->mean,
            never ? " given that it ends" : "", summary->abs_error);
  else
    print_between(stream, never ? "mean if it ends" : "mean", summary->lower, summary->upper, false);
  if (isfinite(summary->stddev))
    fprintf(stream, "  %-17s %.9g\n", "std deviation", summary->stddev);
  else if (strcmp(stddev_status(analysis), "infinite") == 0)
    fprintf(stream, "  %-17s infinite\n", "std deviation");
  if (isfinite(summary->over_ideal))
    fprintf(stream, "  %-17s %.6g (1 = the work perfectly balanced)\n", "mean over ideal", summary->over_ideal);
  if (never)
    print_between(stream, "P(never ends)", isfinite(summary->p_never) ? summary->p_never : summary->p_never_lower,
                  summary->p_never_upper, isfinite(summary->p_never));
  for (size_t k = 0; k < analysis->cluster->quantiles->count; k++) {
    char label[64];
    snprintf(label, sizeof label, "quantile %s", analysis->cluster->quantiles->item[k]);
    print_between(stream, label, analysis->quantile_lower[k], analysis->quantile_upper[k], exact);
  }
}

void summary_print_mean(FILE *stream, const testudo_summary *summary, const testudo_simulation *simulation)
{
  if (summary->status == TESTUDO_MEAN_EXACT)
    fprintf(stream, "exact %.9g", summary->mean);
  else if (summary->status == TESTUDO_MEAN_BOUNDED && isfinite(summary->upper))
    fprintf(stream, "bounds [%.9g, %.9g]", summary->lower, summary->upper);
  else if (summary->status == TESTUDO_MEAN_BOUNDED)
    fprintf(stream, "bounds [%.9g, infinite)", summary->lower);
  else
    fputs("infinite", stream);
  bool infinite = summary->status == TESTUDO_MEAN_INFINITE;
  if (isfinite(simulation->mean))
    fprintf(stream, ", simulated %.6g%s", simulation->mean, infinite ? ", which says nothing" : "");
  if (isfinite(simulation->stderr_mean) && !infinite)
    fprintf(stream, " +- %.2g", simulation->stderr_mean);
  if (summary->status != TESTUDO_MEAN_INFINITE && (simulation->never > 0 || !(summary->p_never_upper == 0.0)))
    fputs(", given that it ends", stream);
}

void analysis_print(FILE *stream, const cli_analysis *analysis)
{
  analysis_print_latency(stream, analysis);
  /* Without --at the curve is for plots; a table was not asked for. */
  if (analysis->cluster->time_count == 0)
    return;
  if (!analysis->has_error) {
    fputs("\nerror of stopping at a deadline: simulated only (a least squares over the finished workers)\n", stream);
    return;
  }
  fprintf(stream, "\nerror of stopping at a deadline, exact\n  %14s %16s %16s\n", "t (s)", "mse (chunks)", "nmse");
  for (int64_t k = 0; k < analysis->error_count; k++)
    fprintf(stream, "  %14.9g %16.9g %16.9g\n", analysis->error_time[k], analysis->mse[k],
            analysis->mse[k] / cluster_most_error(analysis->cluster));
}
