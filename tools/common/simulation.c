/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a cluster by trials, as a result. */
#include <math.h>

#include <testudo/exact.h>

#include "base/error.h"
#include "common/law.h"
#include "common/session.h"
#include "delay/model.h"
#include "runtime/scheme/scheme.h"

enum { CURVE = 199, BINS = 80 }; /* points of the empirical curve: the quantiles k / 200 */

const cli_option simulation_trial_options[] = {
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e10,
     .preset = "100000; of a replay, its iterations",
     .heading = "Simulation", .help = "Number of trials; with --rel-error, the largest number. Of more than 10000000"
     " memory does not grow any more: quantiles and curves are then within 2^-14 of themselves (sketch_error), which"
     " the intervals include."},
    {.name = "rel-error", .value = "e", .kind = CLI_REAL, .ends = CLI_OPEN, .least = 0, .most = 1,
     .help = "Stop when the standard error of the mean divided by the mean is at most this."},
    {.name = NULL},
};

static bool is_random(const testudo_law *law)
{
  return law != NULL && !testudo_i_law_is_constant(law);
}

testudo_status simulation_take_trials(const cli_cluster *cluster, const cli_arguments *arguments, int64_t *trials,
                                      testudo_error *error)
{
  const testudo_delay_model *model = &cluster->model;
  *trials = cli_integer(arguments, "trials", 100000);
  if (model->replay == NULL)
    return TESTUDO_OK;
  int64_t iterations = testudo_replay_iterations(model->replay);
  bool drawn = model->failures != TESTUDO_FAILURES_NONE || is_random(model->startup) || is_random(model->message);
  if (!cli_given(arguments, "trials"))
    *trials = iterations;
  if (cli_given(arguments, "rel-error"))
    return cli_refuse(error, "--rel-error does not apply to a replay: its iterations are not independent trials");
  if (*trials > iterations && !drawn)
    return cli_refuse(error, "--trials: %lld, but the replay has %lld iterations, and with neither failures nor random"
                      " start-up or messages a second pass would only repeat the first", (long long)*trials,
                      (long long)iterations);
  return TESTUDO_OK;
}

/* Numbers of a gradient that is really encoded, where none are asked for: of a million chunks more take gigabytes. */
enum { DIM = 16, MANY_CHUNKS = 100000 };

testudo_simulation_options simulation_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                              int64_t trials, const testudo_monitor *monitor)
{
  return (testudo_simulation_options){.report = cluster->report, .trials = trials, .seed = cluster->seed,
                                      .threads = session_threads(arguments), .times = cluster->times,
                                      .time_count = cluster->time_count, .monitor = monitor,
                                      .by = cluster->by, .by_count = cluster->by_count,
                                      .dim = testudo_design_chunks(cluster->design) > MANY_CHUNKS ? 1 : DIM,
                                      .keep_order = cluster->model.replay != NULL};
}

/* What no sample shows: the law has no mean, or no deviation. */
static bool lacks_moment(const cli_cluster *cluster, int order)
{
  return cluster_tail_index(cluster) <= order;
}

static void fill_moments(latency_result *result, const cli_cluster *cluster, const testudo_simulation *simulation)
{
  bool no_mean = lacks_moment(cluster, 1), no_stddev = lacks_moment(cluster, 2);
  bool model = testudo_i_scheme_of(cluster->design)->working_model, replay = cluster->model.replay != NULL;
  *result = latency_unknown();
  result->mean_status = no_mean || !isfinite(simulation->mean) ? LAW_INFINITE : LAW_SIMULATED;
  result->stddev_status = no_stddev ? LAW_INFINITE : isfinite(simulation->stddev) ? LAW_SIMULATED : LAW_UNKNOWN;
  result->mean = no_mean ? NAN : simulation->mean;
  result->stderr_mean = no_mean || replay ? NAN : simulation->stderr_mean;
  result->sample_mean = simulation->mean;
  result->stddev = no_stddev ? NAN : simulation->stddev;
  result->p_never = (double)simulation->never / (double)simulation->trials;
  if (!replay && simulation->never == 0 && cluster->model.failures != TESTUDO_FAILURES_NONE)
    result->p_never_upper95 = testudo_unseen_limit(simulation->trials);
  if (isfinite(result->stderr_mean)) {
    result->stderr_doubt = no_stddev ? "the standard deviation is infinite"
                                     : testudo_simulation_stderr_doubt(simulation);
    result->stderr_reliable = result->stderr_doubt == NULL;
  }
  if (simulation->sketch != NULL)
    result->sketch_error = simulation->sketch_error;
  result->method = replay ? "replay" : "Monte Carlo";
  result->model = model ? "working model" : NULL;
}

/* The quantiles and their intervals; `why` is said where some cannot be known. */
static testudo_status keep_intervals(law_result *law, const cli_value *wanted, const testudo_interval *found,
                                     const char *why, testudo_error *error)
{
  latency_result *latency = &law->latency;
  size_t count = wanted->count;
  double *low = testudo_i_arena_calloc(&law->arena, 2 * count, sizeof *low);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  latency->quantiles_low = (field_map){count, wanted->item, low};
  latency->quantiles_high = (field_map){count, wanted->item, low + count};
  for (size_t k = 0; k < count; k++) {
    latency->quantiles.value[k] = found[k].value;
    low[k] = found[k].low;
    low[count + k] = found[k].high;
    latency->why_unknown = isnan(found[k].value) ? why : latency->why_unknown;
  }
  return TESTUDO_OK;
}

/* Of a replay also that of the mean; independent trials have none but their standard error. */
static testudo_status fill_intervals(law_result *law, const cli_cluster *cluster, const testudo_simulation *simulation,
                                     testudo_error *error)
{
  latency_result *latency = &law->latency;
  const cli_value *wanted = cluster->quantiles;
  testudo_interval mean, *found = testudo_i_arena_calloc(&law->arena, wanted->count, sizeof *found);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  if (cluster->model.replay == NULL) {
    for (size_t k = 0; k < wanted->count; k++)
      found[k] = testudo_simulation_quantile_interval(simulation, wanted->reals[k]);
    return keep_intervals(law, wanted, found,
                          "fewer than three of so few trials are expected on the far side of the quantile", error);
  }
  int64_t iterations = testudo_replay_iterations(cluster->model.replay);
  TESTUDO_I_TRY(testudo_replay_intervals(simulation->ordered, simulation->trials, iterations, cluster->seed, &mean,
                                         wanted->reals, (int64_t)wanted->count, found, &latency->block, error));
  latency->iterations = simulation->trials < iterations ? simulation->trials : iterations;
  latency->mean_low = mean.low;
  latency->mean_high = mean.high;
  return keep_intervals(law, wanted, found, "the quantile lies beyond what so few iterations can know: fewer than one"
                        " of them is expected on its far side", error);
}

/* At ten levels per power of ten, as far as one trial in all. */
static testudo_status fill_tail(law_result *law, const testudo_simulation *simulation, testudo_error *error)
{
  enum { LEVELS = 10 };
  cdf_result *tail = &law->latency.tail;
  size_t room = (size_t)(LEVELS * log10((double)simulation->trials)) + 2;
  tail->t = testudo_i_arena_calloc(&law->arena, room, sizeof *tail->t);
  tail->p = testudo_i_arena_calloc(&law->arena, room, sizeof *tail->p);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (size_t k = 0; k < room; k++) {
    double t = testudo_simulation_quantile(simulation, 1.0 - pow(10.0, -(double)k / LEVELS));
    double p = 1.0 - testudo_simulation_cdf(simulation, t);
    bool again = tail->count > 0 && tail->t[tail->count - 1] == t;
    if (!isfinite(t) || !(p > 0.5 / (double)simulation->trials) || again)
      continue;
    tail->t[tail->count] = t;
    tail->p[tail->count++] = p;
  }
  return TESTUDO_OK;
}

static testudo_status fill_curves(law_result *law, const cli_value *wanted, const testudo_simulation *simulation,
                                  testudo_error *error)
{
  cdf_result *cdf = &law->latency.cdf;
  double *quantile = testudo_i_arena_calloc(&law->arena, wanted->count, sizeof *quantile);
  cdf->t = testudo_i_arena_calloc(&law->arena, CURVE, sizeof *cdf->t);
  cdf->p = testudo_i_arena_calloc(&law->arena, CURVE, sizeof *cdf->p);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (size_t k = 0; k < wanted->count; k++)
    quantile[k] = testudo_simulation_quantile(simulation, wanted->reals[k]);
  law->latency.quantiles = (field_map){wanted->count, wanted->item, quantile};
  for (int k = 0; k < CURVE; k++) {
    cdf->p[cdf->count] = (k + 1.0) / (CURVE + 1.0);
    cdf->t[cdf->count] = testudo_simulation_quantile(simulation, cdf->p[cdf->count]);
    cdf->count += isfinite(cdf->t[cdf->count]);
  }
  return fill_tail(law, simulation, error);
}

static testudo_status fill_errors(law_result *law, const cli_cluster *cluster, const testudo_simulation *simulation,
                                  testudo_error *error)
{
  int64_t count = simulation->time_count;
  if (count == 0 || cluster_error_unbuilt(cluster))
    return TESTUDO_OK;
  error_result *result = testudo_i_arena_calloc(&law->arena, 1, sizeof *result);
  double *nmse = testudo_i_arena_calloc(&law->arena, 3 * (size_t)count, sizeof *nmse);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  double *standard_error = nmse + count, *upper95 = standard_error + count, most = cluster_most_error(cluster);
  *result = (error_result){.count = count, .known = count, .t = (double *)cluster->times, .mse = simulation->mse,
                           .stderr_mse = standard_error, .nmse = nmse, .mean_norm = simulation->mean_norm,
                           .mean_norm_stderr = simulation->mean_norm_stderr, .error_max = simulation->error_max,
                           .error_trials = simulation->error_trials, .trials = simulation->trials,
                           .method = law->latency.method};
  /* The iterations of a replay are no independent trials. */
  if (cluster->model.replay != NULL)
    result->stderr_mse = result->mean_norm_stderr = NULL;
  for (int64_t k = 0; k < count; k++) {
    bool unseen = simulation->error_trials[k] == 0;
    nmse[k] = simulation->mse[k] / most;
    standard_error[k] = unseen ? NAN : simulation->mse_stderr[k];
    upper95[k] = unseen ? most * testudo_unseen_limit(simulation->trials) : NAN;
    result->upper95 = unseen && cluster->model.replay == NULL ? upper95 : result->upper95;
  }
  law->error = result;
  return TESTUDO_OK;
}

testudo_status law_fill_simulation(law_result *law, const cli_cluster *cluster, const testudo_simulation *simulation,
                                   const char *why, testudo_error *error)
{
  head_fill(&law->head, cluster);
  law->trials = simulation->trials;
  law->never = simulation->never;
  fill_moments(&law->latency, cluster, simulation);
  law->latency.why_not_exact = why;
  TESTUDO_I_TRY(fill_curves(law, cluster->quantiles, simulation, error));
  TESTUDO_I_TRY(fill_intervals(law, cluster, simulation, error));
  TESTUDO_I_TRY(by_fill_simulation(law, cluster, simulation, error));
  return fill_errors(law, cluster, simulation, error);
}

work_result work_of(const testudo_work *work, const cli_cluster *cluster, double *of_worker)
{
  bool replay = cluster->model.replay != NULL;
  return (work_result){.chunks = work->chunks, .chunks_stderr = replay ? NAN : work->chunks_stderr, .abs_error = NAN,
                       .messages = work->messages, .messages_stderr = replay ? NAN : work->messages_stderr,
                       .workers = cluster_workers(cluster), .parts = testudo_design_parts(cluster->design),
                       .signals = testudo_design_report_for(cluster->design, cluster->report) != TESTUDO_REPORT_WHOLE,
                       .of_worker = of_worker, .method = replay ? "replay" : "Monte Carlo"};
}

/* ---- the histogram ---- */

/* The trials that have ended by time t. */
static int64_t ended_by(const testudo_simulation *simulation, double t)
{
  return llround(testudo_simulation_cdf(simulation, t) * (double)simulation->trials);
}

static void count_bins(histogram_result *histogram, const testudo_simulation *simulation)
{
  int64_t ended = simulation->trials - simulation->never;
  double late = (double)((int64_t)(0.995 * (double)(ended - 1)) + 1); /* the rank of the last one in a bin */
  double low = testudo_simulation_quantile(simulation, 1.0 / (double)simulation->trials);
  double high = testudo_simulation_quantile(simulation, late / (double)simulation->trials);
  histogram->bins = BINS;
  /* All alike: one bin that holds them. */
  if (!(high > low)) {
    histogram->bins = 1;
    high = low > 0.0 ? low * (1.0 + 1e-3) : 1e-3;
  }
  histogram->edges = histogram->bins + 1;
  for (int64_t k = 0; k <= histogram->bins; k++)
    histogram->edge[k] = k == histogram->bins ? high : low + (high - low) * (double)k / (double)histogram->bins;
  int64_t before = 0;
  for (int64_t k = 0; k < histogram->bins; k++) {
    int64_t until = ended_by(simulation, histogram->edge[k + 1]);
    histogram->count[k] = until - before;
    before = until;
  }
  histogram->beyond = ended - before;
}

testudo_status law_fill_histogram(law_result *law, const testudo_simulation *simulation, testudo_error *error)
{
  histogram_result *histogram = testudo_i_arena_calloc(&law->arena, 1, sizeof *histogram);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  histogram->edge = testudo_i_arena_calloc(&law->arena, BINS + 1, sizeof *histogram->edge);
  histogram->count = testudo_i_arena_calloc(&law->arena, BINS, sizeof *histogram->count);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  if (simulation->trials > simulation->never)
    count_bins(histogram, simulation);
  law->histogram = histogram;
  return TESTUDO_OK;
}
