/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a cluster by analysis, as a result. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/law.h"
#include "exact/answered.h"
#include "exact/latency.h"
#include "runtime/scheme/scheme.h"

/* Points of the distribution curve, and of its tail; medians that are far. */
enum { CURVE = 201, TAIL = 121, FAR = 30 };

#define LITTLE 1e-12 /* of the distribution of the error, not listed */

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

/* A law with a power tail is known to have no deviation even where its mean is between bounds. */
static law_status stddev_status(const cli_cluster *cluster, const testudo_summary *summary)
{
  if (cluster_tail_index(cluster) <= 2.0 || isinf(summary->stddev) ||
      summary->status == TESTUDO_MEAN_INFINITE)
    return LAW_INFINITE;
  return isfinite(summary->stddev) ? LAW_EXACT : isfinite(summary->stddev_lower) ? LAW_BOUNDED : LAW_UNKNOWN;
}

testudo_status law_fill_summary(latency_result *result, const cli_cluster *cluster, testudo_latency *latency,
                                testudo_error *error)
{
  static const law_status status[] = {LAW_EXACT, LAW_BOUNDED, LAW_INFINITE};
  testudo_summary summary;
  TESTUDO_I_TRY(testudo_latency_summary(latency, &summary, error));
  bool model = testudo_i_scheme_of(cluster->design)->working_model;
  *result = latency_unknown();
  result->mean_status = (int)status[summary.status];
  result->stddev_status = (int)stddev_status(cluster, &summary);
  result->mean = summary.mean;
  result->stddev = summary.stddev;
  result->stddev_lower = summary.stddev_lower;
  result->stddev_upper = summary.stddev_upper;
  result->lower = summary.lower;
  result->upper = summary.upper;
  result->abs_error = summary.abs_error;
  result->abs_bound = summary.abs_bound;
  result->stddev_error = summary.stddev_error;
  result->p_never = summary.p_never;
  result->p_never_lower = summary.p_never_lower;
  result->p_never_upper = summary.p_never_upper;
  result->ideal = summary.ideal;
  result->over_ideal = summary.over_ideal;
  result->method = testudo_latency_method(latency);
  result->model = model ? "working model" : NULL;
  return TESTUDO_OK;
}

double *law_fill_middle(law_result *law, const testudo_latency *latency, double *lower, double *upper, size_t count)
{
  bool apart = false;
  if (!testudo_latency_is_exact(latency))
    return NULL;
  for (size_t k = 0; k < count; k++)
    apart = apart || upper[k] - lower[k] > 1e-13 * fabs(upper[k]);
  if (!apart)
    return lower;
  double *middle = testudo_i_arena_calloc(&law->arena, count, sizeof *middle);
  for (size_t k = 0; middle != NULL && k < count; k++)
    middle[k] = lower[k] < upper[k] ? lower[k] + (upper[k] - lower[k]) / 2.0 : lower[k];
  return middle;
}

static testudo_status fill_quantiles(law_result *law, const cli_value *wanted, testudo_latency *latency,
                                     testudo_error *error)
{
  latency_result *result = &law->latency;
  double *lower = testudo_i_arena_calloc(&law->arena, wanted->count, sizeof *lower);
  double *upper = testudo_i_arena_calloc(&law->arena, wanted->count, sizeof *upper);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (size_t k = 0; k < wanted->count; k++)
    TESTUDO_I_TRY(testudo_latency_quantile(latency, wanted->reals[k], &lower[k], &upper[k], error));
  double *middle = law_fill_middle(law, latency, lower, upper, wanted->count);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  bool one = middle == lower;
  result->quantiles = (field_map){wanted->count, wanted->item, middle};
  result->quantiles_lower = (field_map){wanted->count, wanted->item, one ? NULL : lower};
  result->quantiles_upper = (field_map){wanted->count, wanted->item, one ? NULL : upper};
  return TESTUDO_OK;
}

static testudo_status begin_curve(law_result *law, cdf_result *curve, size_t count, testudo_error *error)
{
  curve->count = (int64_t)count;
  curve->t = testudo_i_arena_calloc(&law->arena, count, sizeof *curve->t);
  curve->p_lower = testudo_i_arena_calloc(&law->arena, count, sizeof *curve->p_lower);
  curve->p_upper = testudo_i_arena_calloc(&law->arena, count, sizeof *curve->p_upper);
  return testudo_i_arena_check(&law->arena, error);
}

/* Of an exact one the bounds are it, and go. */
static testudo_status end_curve(law_result *law, const testudo_latency *latency, cdf_result *curve,
                                testudo_error *error)
{
  curve->p = law_fill_middle(law, latency, curve->p_lower, curve->p_upper, (size_t)curve->count);
  if (curve->p == curve->p_lower)
    curve->p_lower = curve->p_upper = NULL;
  return testudo_i_arena_check(&law->arena, error);
}

static testudo_status fill_cdf(law_result *law, testudo_latency *latency, testudo_error *error)
{
  cdf_result *cdf = &law->latency.cdf;
  TESTUDO_I_TRY(begin_curve(law, cdf, CURVE, error));
  TESTUDO_I_TRY(testudo_latency_grid(latency, CURVE, cdf->t, error));
  double first = cdf->t[0], last = cdf->t[CURVE - 1], median, upper;
  TESTUDO_I_TRY(testudo_latency_quantile(latency, 0.5, &median, &upper, error));
  /* Equal steps would pass over a law with a heavy tail in one. */
  if (first > 0.0 && isfinite(last) && last > FAR * median && !law->head.delay.discrete)
    for (int k = 1; k < CURVE - 1; k++)
      cdf->t[k] = first * pow(last / first, k / (CURVE - 1.0));
  for (int k = 0; k < CURVE; k++)
    TESTUDO_I_TRY(testudo_latency_cdf(latency, cdf->t[k], &cdf->p_lower[k], &cdf->p_upper[k], error));
  /* P(T <= t) is at most P(T <= t') for t < t', so a later bound that is smaller holds earlier too. */
  for (int k = CURVE - 1; k-- > 0;)
    cdf->p_upper[k] = fmin(cdf->p_upper[k], cdf->p_upper[k + 1]);
  return end_curve(law, latency, cdf, error);
}

/* Where the tail is: from the first time of the curve to the TAIL_LEAST quantile of survival, in steps that are equal,
   or where that is far out have equal ratios. */
static testudo_status tail_times(const cdf_result *cdf, testudo_latency *latency, cdf_result *tail,
                                 testudo_error *error)
{
  double lower, upper, first = cdf->t[0], middle = cdf->t[cdf->count / 2];
  TESTUDO_I_TRY(testudo_latency_quantile(latency, 1.0 - TAIL_LEAST, &lower, &upper, error));
  double last = isfinite(upper) ? upper : isfinite(lower) ? lower : cdf->t[cdf->count - 1];
  bool far = first > 0.0 && last > FAR * middle;
  for (int k = 0; k < TAIL; k++) {
    double part = k / (TAIL - 1.0);
    tail->t[k] = k == TAIL - 1 ? last : far ? first * pow(last / first, part) : first + part * (last - first);
  }
  return TESTUDO_OK;
}

static testudo_status fill_tail(law_result *law, testudo_latency *latency, testudo_error *error)
{
  cdf_result *tail = &law->latency.tail;
  TESTUDO_I_TRY(begin_curve(law, tail, TAIL, error));
  TESTUDO_I_TRY(tail_times(&law->latency.cdf, latency, tail, error));
  for (int k = 0; k < TAIL; k++)
    TESTUDO_I_TRY(testudo_latency_tail(latency, tail->t[k], &tail->p_lower[k], &tail->p_upper[k], error));
  /* P(T > t) is at most P(T > t') for t > t': an earlier bound that is smaller holds later too. */
  for (int k = 1; k < TAIL; k++)
    tail->p_upper[k] = fmin(tail->p_upper[k], tail->p_upper[k - 1]);
  return end_curve(law, latency, tail, error);
}

/* At the deadlines, or on a grid across the law. */
static testudo_status fill_errors(law_result *law, const cli_cluster *cluster, const testudo_latency *latency,
                                  testudo_error *error)
{
  /* Without --at it is left out where it is not defined. */
  bool undefined = testudo_i_answers_randomly(cluster->design, &cluster->model, cluster->report);
  if (cluster_error_unbuilt(cluster) || (undefined && cluster->time_count == 0))
    return TESTUDO_OK;
  bool known;
  error_result *result = testudo_i_arena_calloc(&law->arena, 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  TESTUDO_I_TRY(testudo_expected_error_known(cluster->design, cluster->report, &known, error));
  const char *exact = latency->side[0] != NULL ? "bracketed, the middle" : "exact";
  *result = (error_result){.trials = -1, .method = known ? exact : "simulated only"};
  law->error = result;
  if (!known)
    return TESTUDO_OK;
  const cdf_result *cdf = &law->latency.cdf, *tail = &law->latency.tail;
  int64_t beyond = 0; /* times of the tail behind those of the curve */
  while (beyond < tail->count && tail->t[tail->count - 1 - beyond] > cdf->t[cdf->count - 1])
    beyond++;
  result->count = result->known = cluster->time_count > 0 ? cluster->time_count : CURVE + beyond;
  size_t count = (size_t)result->count;
  result->t = testudo_i_arena_calloc(&law->arena, count, sizeof(double));
  result->mse = testudo_i_arena_calloc(&law->arena, count, sizeof(double));
  result->nmse = testudo_i_arena_calloc(&law->arena, count, sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  if (cluster->time_count > 0)
    memcpy(result->t, cluster->times, count * sizeof(double));
  else {
    memcpy(result->t, cdf->t, CURVE * sizeof(double));
    memcpy(result->t + CURVE, tail->t + tail->count - beyond, (size_t)beyond * sizeof(double));
  }
  TESTUDO_I_TRY(testudo_i_latency_errors(latency, cluster->design, &cluster->model, result->t, result->count,
                                         result->mse, result->nmse, error));
  for (size_t k = 0; k < count; k++) { /* between the two sides, which are in nmse and mse */
    result->mse[k] += (result->nmse[k] - result->mse[k]) / 2.0;
    result->nmse[k] = result->mse[k] / cluster_most_error(cluster);
  }
  return TESTUDO_OK;
}

/* Appends the values of one deadline, without what is rarer than LITTLE on either side. */
static testudo_status add_chances(law_result *law, error_result *result, double t, const double *p, int64_t most,
                                  testudo_error *error)
{
  int64_t low = 0, high = most;
  double below = 0.0, above = 0.0;
  while (low < most && (below += p[low]) < LITTLE)
    low++;
  while (high > low && (above += p[high]) < LITTLE)
    high--;
  size_t had = (size_t)result->chances, added = (size_t)(high - low) + 1;
  error_chance *chance = testudo_i_arena_calloc(&law->arena, had + added, sizeof *chance);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  if (had > 0)
    memcpy(chance, result->chance, had * sizeof *chance);
  for (size_t k = 0; k < added; k++)
    chance[had + k] = (error_chance){t, low + (int64_t)k, p[low + (int64_t)k]};
  result->chance = chance;
  result->chances += (int64_t)added;
  return TESTUDO_OK;
}

static testudo_status add_spread(law_result *law, error_result *result, testudo_error_law *errors,
                                 testudo_error *error)
{
  int64_t most = testudo_error_law_most(errors);
  double *p = testudo_i_arena_calloc(&law->arena, (size_t)most + 1, sizeof *p);
  result->no_error = testudo_i_arena_calloc(&law->arena, (size_t)result->count, sizeof *result->no_error);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (int64_t k = 0; k < result->count; k++) {
    TESTUDO_I_TRY(testudo_error_law_at(errors, result->t[k], p, error));
    result->no_error[k] = p[0];
    TESTUDO_I_TRY(add_chances(law, result, result->t[k], p, most, error));
  }
  result->spread = result->count;
  return TESTUDO_OK;
}

testudo_status law_fill_chances(law_result *law, const cli_cluster *cluster, const testudo_analysis_options *options,
                                testudo_error *error)
{
  if (cluster->time_count == 0 || law->error == NULL || law->error->known == 0)
    return TESTUDO_OK;
  error_result *result = testudo_i_arena_alloc(&law->arena, 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  *result = *law->error;
  testudo_error_law *errors;
  testudo_status status = testudo_error_law_create(cluster->design, &cluster->model, options, &errors, error);
  if (status == TESTUDO_ERROR_LIMIT || status == TESTUDO_ERROR_ARGUMENT) {
    error->text[0] = '\0'; /* not known, which is no error; its mean is */
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(status);
  status = add_spread(law, result, errors, error);
  testudo_error_law_free(errors);
  law->error = result;
  return status;
}

testudo_status law_fill_values(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                               testudo_error *error)
{
  law->trials = law->never = -1;
  head_fill(&law->head, cluster);
  TESTUDO_I_TRY(law_fill_summary(&law->latency, cluster, latency, error));
  TESTUDO_I_TRY(fill_quantiles(law, cluster->quantiles, latency, error));
  TESTUDO_I_TRY(by_fill_analysis(law, cluster, latency, error));
  return cluster->time_count > 0 ? fill_errors(law, cluster, latency, error) : TESTUDO_OK;
}

testudo_status law_fill_analysis(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                                 testudo_error *error)
{
  TESTUDO_I_TRY(law_fill_values(law, cluster, latency, error));
  TESTUDO_I_TRY(fill_cdf(law, latency, error));
  TESTUDO_I_TRY(fill_tail(law, latency, error));
  return cluster->time_count > 0 ? TESTUDO_OK : fill_errors(law, cluster, latency, error);
}
