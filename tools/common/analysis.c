/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analysis of a cluster: made by the library, told as JSON and as text. */
#include "common/analysis.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/lists.h"
#include "common/metrics.h"

const cli_option analysis_own_options[] = {
    {.name = "max-states", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "200000",
     .heading = "Analysis",
     .help = "An exact law that needs more states is replaced by bounds, or by simulation where there are no bounds."},
    {.name = NULL},
};

testudo_analysis_options analysis_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                          const testudo_monitor *monitor)
{
  return (testudo_analysis_options){.report = cluster->report, .rel_error = 1e-9, .monitor = monitor,
                                    .max_states = cli_integer(arguments, "max-states", 200000)};
}

static testudo_status analysis_reserve(cli_analysis *analysis, testudo_error *error)
{
  size_t quantiles = analysis->cluster->quantiles->count, times = (size_t)analysis->error_count;
  testudo_i_arena *arena = &analysis->arena;
  analysis->quantile_lower = testudo_i_arena_calloc(arena, quantiles, sizeof(double));
  analysis->quantile_upper = testudo_i_arena_calloc(arena, quantiles, sizeof(double));
  analysis->time = testudo_i_arena_calloc(arena, ANALYSIS_CURVE, sizeof(double));
  analysis->lower = testudo_i_arena_calloc(arena, ANALYSIS_CURVE, sizeof(double));
  analysis->upper = testudo_i_arena_calloc(arena, ANALYSIS_CURVE, sizeof(double));
  analysis->error_time = testudo_i_arena_calloc(arena, times, sizeof(double));
  analysis->mse = testudo_i_arena_calloc(arena, times, sizeof(double));
  return testudo_i_arena_check(arena, error);
}

static testudo_status fill_latency(cli_analysis *analysis, testudo_latency *latency, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_latency_summary(latency, &analysis->summary, error));
  const cli_value *quantiles = analysis->cluster->quantiles;
  for (size_t k = 0; k < quantiles->count; k++)
    TESTUDO_I_TRY(testudo_latency_quantile(latency, quantiles->reals[k], &analysis->quantile_lower[k],
                                           &analysis->quantile_upper[k], error));
  TESTUDO_I_TRY(testudo_latency_grid(latency, ANALYSIS_CURVE, analysis->time, error));
  for (int k = 0; k < ANALYSIS_CURVE; k++)
    TESTUDO_I_TRY(testudo_latency_cdf(latency, analysis->time[k], &analysis->lower[k], &analysis->upper[k], error));
  /* P(T <= t) is at most P(T <= t') for t < t', so a later bound that is smaller holds earlier too. */
  for (int k = ANALYSIS_CURVE - 1; k-- > 0;)
    analysis->upper[k] = fmin(analysis->upper[k], analysis->upper[k + 1]);
  return TESTUDO_OK;
}

testudo_status analysis_make(cli_analysis *analysis, const cli_cluster *cluster, testudo_latency *latency,
                             testudo_error *error)
{
  analysis->cluster = cluster;
  analysis->exact = testudo_latency_is_exact(latency);
  analysis->method = testudo_latency_method(latency);
  analysis->error_count = cluster->time_count > 0 ? cluster->time_count : ANALYSIS_CURVE;
  TESTUDO_I_TRY(testudo_expected_error_known(cluster->design, cluster->report, &analysis->has_error, error));
  TESTUDO_I_TRY(analysis_reserve(analysis, error));
  TESTUDO_I_TRY(fill_latency(analysis, latency, error));
  if (!analysis->has_error)
    return TESTUDO_OK;
  memcpy(analysis->error_time, cluster->time_count > 0 ? cluster->times : analysis->time,
         (size_t)analysis->error_count * sizeof(double));
  return testudo_expected_error(cluster->design, &cluster->model, cluster->report, analysis->error_time,
                                analysis->error_count, analysis->mse, error);
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

static void analysis_put_mean(testudo_i_json_writer *writer, const cli_analysis *analysis)
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
  metrics_put_model(writer, analysis->cluster->design);
  testudo_i_json_put_real(writer, "abs_error", summary->abs_error);
  testudo_i_json_put_real(writer, "p_never", summary->p_never);
  testudo_i_json_put_real(writer, "p_never_lower", summary->p_never_lower);
  testudo_i_json_put_real(writer, "p_never_upper", summary->p_never_upper);
  testudo_i_json_put_real(writer, "ideal", summary->ideal);
  testudo_i_json_put_real(writer, "over_ideal", summary->over_ideal);
}

void analysis_put_latency(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  const cli_value *quantiles = analysis->cluster->quantiles;
  testudo_i_json_open_object(writer, "latency");
  analysis_put_mean(writer, analysis);
  lists_put_quantiles(writer, "quantiles", quantiles, analysis->exact ? analysis->quantile_lower : NULL);
  if (!analysis->exact) {
    lists_put_quantiles(writer, "quantiles_lower", quantiles, analysis->quantile_lower);
    lists_put_quantiles(writer, "quantiles_upper", quantiles, analysis->quantile_upper);
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

static void put_error(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  if (cluster_error_unbuilt(analysis->cluster)) {
    testudo_i_json_put_null(writer, "error");
    return;
  }
  int64_t count = analysis->has_error ? analysis->error_count : 0;
  testudo_i_json_open_object(writer, "error");
  testudo_i_json_put_reals(writer, "t", analysis->error_time, (size_t)count);
  testudo_i_json_put_reals(writer, "mse", analysis->mse, (size_t)count);
  lists_put_scaled(writer, "nmse", analysis->mse, count, cluster_most_error(analysis->cluster));
  testudo_i_json_put_string(writer, "method", analysis->has_error ? "exact" : "simulated only");
  testudo_i_json_close_object(writer);
}

void analysis_put(testudo_i_json_writer *writer, const cli_analysis *analysis)
{
  analysis_put_latency(writer, analysis);
  put_error(writer, analysis);
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
  fprintf(stream, "\ncompletion time in seconds%s, %s (%s)\n",
          metrics_is_model(analysis->cluster->design) ? " of the working model" : "",
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
