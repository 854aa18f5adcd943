/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulation of a cluster: its options, and its result as JSON and as text. */
#include "common/simulation.h"

#include <math.h>

#include <testudo/exact.h>

#include "common/lists.h"
#include "common/metrics.h"

const cli_option simulation_trial_options[] = {
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "100000",
     .heading = "Simulation", .help = "Number of trials; with --rel-error, the largest number."},
    {.name = "rel-error", .value = "e", .kind = CLI_REAL, .ends = CLI_OPEN, .least = 0, .most = 1,
     .help = "Stop when the standard error of the mean divided by the mean is at most this."},
    {.name = NULL},
};

testudo_simulation_options simulation_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                              const testudo_monitor *monitor)
{
  return (testudo_simulation_options){.report = cluster->report, .trials = cli_integer(arguments, "trials", 100000),
                                      .seed = cluster->seed, .threads = (int32_t)cli_integer(arguments, "threads", 0),
                                      .times = cluster->times, .time_count = cluster->time_count, .dim = 16,
                                      .monitor = monitor};
}

/* ---- JSON ---- */

enum { CURVE = 199 }; /* points of the empirical curve: the quantiles k / 200 */

static void simulated_put_curve(testudo_i_json_writer *writer, const testudo_simulation *simulation)
{
  double time[CURVE], p[CURVE];
  size_t count = 0;
  for (int k = 0; k < CURVE; k++) {
    p[count] = (k + 1.0) / (CURVE + 1.0);
    time[count] = testudo_simulation_quantile(simulation, p[count]);
    if (isfinite(time[count]))
      count++;
  }
  testudo_i_json_open_object(writer, "cdf");
  testudo_i_json_put_reals(writer, "t", time, count);
  testudo_i_json_put_reals(writer, "p", p, count);
  testudo_i_json_close_object(writer);
}

/* What analyze has and a simulation has not. */
static void put_unknown(testudo_i_json_writer *writer, const char *why)
{
  static const char *const keys[] = {"lower", "upper", "abs_error", "over_ideal"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    testudo_i_json_put_null(writer, keys[k]);
  testudo_i_json_put_string(writer, "why_not_exact", why);
}

/* What no sample tells: the law has no mean, or no deviation. */
static bool lacks_moment(const cli_simulated *simulated, int order)
{
  return testudo_tail_index(simulated->cluster->design, &simulated->cluster->model) <= order;
}

static void put_moments(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  bool no_mean = lacks_moment(simulated, 1), no_stddev = lacks_moment(simulated, 2);
  testudo_i_json_put_real(writer, "mean", no_mean ? NAN : simulation->mean);
  testudo_i_json_put_string(writer, "mean_status",
                            no_mean || !isfinite(simulation->mean) ? "infinite" : "simulated");
  testudo_i_json_put_real(writer, "stderr", no_mean ? NAN : simulation->stderr_mean);
  testudo_i_json_put_real(writer, "stddev", no_stddev ? NAN : simulation->stddev);
  testudo_i_json_put_string(writer, "stddev_status",
                            no_stddev ? "infinite" : isfinite(simulation->stddev) ? "simulated" : "not known");
  testudo_i_json_put_real(writer, "sample_mean", simulation->mean);
}

void simulated_put_law(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  const cli_value *quantiles = simulated->cluster->quantiles;
  testudo_i_json_open_object(writer, "latency");
  put_moments(writer, simulated);
  testudo_i_json_put_string(writer, "method", "Monte Carlo");
  metrics_put_model(writer, simulated->cluster->design);
  if (simulated->why != NULL)
    put_unknown(writer, simulated->why);
  testudo_i_json_put_real(writer, "p_never", (double)simulation->never / (double)simulation->trials);
  testudo_i_json_open_object(writer, "quantiles");
  for (size_t k = 0; k < quantiles->count; k++)
    testudo_i_json_put_real(writer, quantiles->item[k], testudo_simulation_quantile(simulation, quantiles->reals[k]));
  testudo_i_json_close_object(writer);
  simulated_put_curve(writer, simulation);
  testudo_i_json_close_object(writer);
}

void simulated_put_error(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  size_t count = (size_t)simulation->time_count;
  testudo_i_json_open_object(writer, "error");
  testudo_i_json_put_reals(writer, "t", simulated->cluster->times, count);
  testudo_i_json_put_reals(writer, "mse", simulation->mse, count);
  testudo_i_json_put_reals(writer, "stderr", simulation->mse_stderr, count);
  lists_put_scaled(writer, "nmse", simulation->mse, simulation->time_count, cluster_most_error(simulated->cluster));
  testudo_i_json_put_reals(writer, "mean_norm", simulation->mean_norm, count);
  testudo_i_json_put_reals(writer, "mean_norm_stderr", simulation->mean_norm_stderr, count);
  lists_put_int64(writer, "error_trials", simulation->error_trials, simulation->time_count);
  testudo_i_json_put_reals(writer, "error_max", simulation->error_max, count);
  testudo_i_json_put_string(writer, "method", "Monte Carlo");
  testudo_i_json_close_object(writer);
}

static void put_histogram(testudo_i_json_writer *writer, const cli_histogram *histogram)
{
  testudo_i_json_open_object(writer, "histogram");
  testudo_i_json_put_reals(writer, "edges", histogram->edge, histogram->bins == 0 ? 0 : (size_t)histogram->bins + 1);
  lists_put_int64(writer, "counts", histogram->count, histogram->bins);
  testudo_i_json_put_integer(writer, "beyond", histogram->beyond);
  testudo_i_json_close_object(writer);
}

void simulated_put_laws(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  simulated_put_law(writer, simulated);
  simulated_put_error(writer, simulated);
  testudo_i_json_put_integer(writer, "trials", simulated->simulation->trials);
  testudo_i_json_put_integer(writer, "never", simulated->simulation->never);
}

void simulated_put(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  simulated_put_laws(writer, simulated);
  put_histogram(writer, &simulated->histogram);
}

void decode_put(testudo_i_json_writer *writer, const testudo_decode_report *decode, bool decoded)
{
  if (!decoded) {
    testudo_i_json_put_null(writer, "decode");
    return;
  }
  testudo_i_json_open_object(writer, "decode");
  testudo_i_json_put_integer(writer, "decodes", decode->decodes);
  testudo_i_json_put_integer(writer, "failures", decode->failures);
  testudo_i_json_put_integer(writer, "undecodable", decode->undecodable);
  testudo_i_json_put_integer(writer, "refused", decode->refused);
  bool any = decode->decodes > 0; /* an interrupted run may have decoded nothing */
  testudo_i_json_put_real(writer, "max_rel_error", any ? decode->max_rel_error : NAN);
  testudo_i_json_put_real(writer, "max_amplification", any ? decode->max_amplification : NAN);
  testudo_i_json_close_object(writer);
}

void combined_put(testudo_i_json_writer *writer, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  if (simulation->combined_mse == NULL)
    return;
  testudo_i_json_open_object(writer, "combined");
  testudo_i_json_put_string(writer, "decoder", testudo_decoder_name(simulated->decoder));
  testudo_i_json_put_reals(writer, "mse", simulation->combined_mse, (size_t)simulation->time_count);
  testudo_i_json_close_object(writer);
}

/* ---- text ---- */

static void print_moments(FILE *stream, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  bool no_stddev = lacks_moment(simulated, 2);
  if (lacks_moment(simulated, 1))
    fprintf(stream, "  %-17s infinite, so that the sample mean, %.9g, says nothing\n", "mean", simulation->mean);
  else if (isfinite(simulation->mean))
    fprintf(stream, "  %-17s %.9g +- %.2g (standard error%s)%s\n", "mean", simulation->mean, simulation->stderr_mean,
            no_stddev ? ", of little use under an infinite deviation" : "",
            simulation->never > 0 ? ", given that it ends" : "");
  if (no_stddev)
    fprintf(stream, "  %-17s infinite\n", "std deviation");
  else if (isfinite(simulation->stddev))
    fprintf(stream, "  %-17s %.9g\n", "std deviation", simulation->stddev);
}

void simulated_print(FILE *stream, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  const cli_value *quantiles = simulated->cluster->quantiles;
  fprintf(stream, "\ncompletion time in seconds%s, simulated (%lld trials)\n",
          metrics_is_model(simulated->cluster->design) ? " of the working model" : "", (long long)simulation->trials);
  print_moments(stream, simulated);
  if (simulation->never > 0)
    fprintf(stream, "  %-17s %.9g (%lld trials)\n", "never ended",
            (double)simulation->never / (double)simulation->trials, (long long)simulation->never);
  for (size_t k = 0; k < quantiles->count; k++) {
    double time = testudo_simulation_quantile(simulation, quantiles->reals[k]);
    char label[64], value[32] = "infinite";
    snprintf(label, sizeof label, "quantile %s", quantiles->item[k]);
    if (isfinite(time))
      snprintf(value, sizeof value, "%.9g", time);
    fprintf(stream, "  %-17s %s\n", label, value);
  }
  if (simulation->time_count > 0)
    fprintf(stream, "\nerror of stopping at a deadline, simulated\n  %14s %16s %12s %16s\n", "t (s)", "mse (chunks)",
            "std error", "mean norm");
  for (int64_t k = 0; k < simulation->time_count; k++)
    fprintf(stream, "  %14.9g %16.9g %12.3g %16.9g\n", simulated->cluster->times[k], simulation->mse[k],
            simulation->mse_stderr[k], simulation->mean_norm[k]);
}

void decode_print(FILE *stream, const testudo_decode_report *decode)
{
  fprintf(stream, "\ndecoded with the real encoder and decoder: %lld trials, %lld failures, %lld undecodable\n",
          (long long)decode->decodes, (long long)decode->failures, (long long)decode->undecodable);
  if (decode->refused > 0)
    fprintf(stream, "  %lld of the trials were refused by the decoder: their finished workers are badly conditioned\n",
            (long long)decode->refused);
  if (decode->decodes > 0)
    fprintf(stream, "  largest relative error %.3g, largest amplification %.3g\n", decode->max_rel_error,
            decode->max_amplification);
}

void combined_print(FILE *stream, const cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  const testudo_decode_report *decode = &simulation->decode;
  fprintf(stream, "\nplain sums encoded and combined, %s decoding: %lld estimates, %lld failures\n",
          testudo_decoder_name(simulated->decoder), (long long)decode->decodes, (long long)decode->failures);
  fprintf(stream, "  largest distance from sum c_i g_i %.3g of the gradient, largest norm of the weights %.3g\n",
          decode->max_rel_error, decode->max_amplification);
  fprintf(stream, "  %14s %16s\n", "t (s)", "measured mse");
  for (int64_t k = 0; k < simulation->time_count; k++)
    fprintf(stream, "  %14.9g %16.9g\n", simulated->cluster->times[k], simulation->combined_mse[k]);
}
