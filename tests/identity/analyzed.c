/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of exact.h for one pair: its law, its mean and quantiles, its error at deadlines. */
#include <math.h>
#include <stdlib.h>

#include <testudo/exact.h>

#include "identity/numbers.h"

#define GRID 5

static const double quantiles[] = {.01, .5, .9, .99};

static void put_summary(const pair *of, testudo_latency *latency)
{
  static const char *const word[] = {"exact", "bounded", "infinite"};
  testudo_summary summary;
  if (!put_status(of, "summary.status", testudo_latency_summary(latency, &summary, NULL)))
    return;
  put_text(of, "summary.mean_status", word[summary.status]);
  put_number(of, "summary.mean", -1, summary.mean);
  put_number(of, "summary.stddev", -1, summary.stddev);
  put_number(of, "summary.lower", -1, summary.lower);
  put_number(of, "summary.upper", -1, summary.upper);
  put_number(of, "summary.abs_error", -1, summary.abs_error);
  put_number(of, "summary.p_never", -1, summary.p_never);
  put_number(of, "summary.p_never_lower", -1, summary.p_never_lower);
  put_number(of, "summary.p_never_upper", -1, summary.p_never_upper);
  put_number(of, "summary.ideal", -1, summary.ideal);
  put_number(of, "summary.over_ideal", -1, summary.over_ideal);
}

static void put_quantiles(const pair *of, testudo_latency *latency)
{
  testudo_status status = TESTUDO_OK;
  for (int k = 0; k < 4 && status == TESTUDO_OK; k++) {
    double lower = NAN, upper = NAN;
    status = testudo_latency_quantile(latency, quantiles[k], &lower, &upper, NULL);
    put_number(of, "quantile.lower", k, lower);
    put_number(of, "quantile.upper", k, upper);
  }
  put_status(of, "quantile.status", status);
}

/* At 0, at the deadlines, far out and at the end, where only failures are left. */
static void put_curve(const pair *of, testudo_latency *latency)
{
  double far = of->time_count > 0 ? of->times[of->time_count - 1] : 1;
  testudo_status status = TESTUDO_OK;
  for (int64_t k = -1; k < of->time_count + 3 && status == TESTUDO_OK; k++) {
    int64_t past = k - of->time_count;
    double t = k < 0 ? 0 : past < 0 ? of->times[k] : past == 0 ? 3 * far : past == 1 ? 20 * far : HUGE_VAL;
    double lower = NAN, upper = NAN;
    status = testudo_latency_cdf(latency, t, &lower, &upper, NULL);
    put_number(of, "cdf.lower", k + 1, lower);
    put_number(of, "cdf.upper", k + 1, upper);
    lower = upper = NAN;
    if (status == TESTUDO_OK)
      status = testudo_latency_tail(latency, t, &lower, &upper, NULL);
    put_number(of, "tail.lower", k + 1, lower);
    put_number(of, "tail.upper", k + 1, upper);
  }
  put_status(of, "curve.status", status);
}

static void put_grid(const pair *of, testudo_latency *latency)
{
  double times[GRID];
  if (!put_status(of, "grid.status", testudo_latency_grid(latency, GRID, times, NULL)))
    return;
  for (int k = 0; k < GRID; k++)
    put_number(of, "grid.time", k, times[k]);
}

static void put_work(const pair *of, testudo_latency *latency)
{
  int32_t workers = testudo_design_workers(of->design);
  double *chunks = malloc((size_t)workers * sizeof *chunks), abs_error;
  testudo_status status =
      chunks == NULL ? TESTUDO_ERROR_SYSTEM : testudo_expected_work(latency, chunks, &abs_error, NULL);
  if (put_status(of, "expected_work.status", status)) {
    for (int32_t j = 0; j < workers; j++)
      put_number(of, "expected_work.chunks", j, chunks[j]);
    put_number(of, "expected_work.abs_error", -1, abs_error);
  }
  free(chunks);
}

static void put_latency(const pair *of)
{
  testudo_analysis_options options = {.report = of->report, .max_states = 200000, .rel_error = 1e-9};
  testudo_latency *latency = NULL;
  if (!put_status(of, "latency.status", testudo_latency_create(of->design, &of->model, &options, &latency, NULL)))
    return;
  put_text(of, "latency.method", testudo_latency_method(latency));
  put_count(of, "latency.exact", testudo_latency_is_exact(latency));
  put_summary(of, latency);
  put_quantiles(of, latency);
  put_curve(of, latency);
  put_grid(of, latency);
  if (testudo_design_scheme(of->design) == TESTUDO_SCHEME_NESTED)
    put_work(of, latency);
  testudo_latency_free(latency);
}

static void put_error(const pair *of)
{
  double *mse = calloc((size_t)of->time_count + 1, sizeof *mse);
  bool known = false;
  if (mse == NULL)
    put_status(of, "expected_error.status", TESTUDO_ERROR_SYSTEM);
  else if (put_status(of, "expected_error.known_status",
                      testudo_expected_error_known(of->design, of->report, &known, NULL))) {
    put_count(of, "expected_error.known", known);
    if (put_status(of, "expected_error.status", testudo_expected_error(of->design, &of->model, of->report, of->times,
                                                                       of->time_count, mse, NULL)))
      for (int64_t k = 0; k < of->time_count; k++)
        put_number(of, "expected_error.mse", k, mse[k]);
    if (put_status(of, "uncovered.status", testudo_expected_uncovered(of->design, &of->model, of->times,
                                                                      of->time_count, mse, NULL)))
      for (int64_t k = 0; k < of->time_count; k++)
        put_number(of, "uncovered.mse", k, mse[k]);
  }
  free(mse);
}

void put_analysis(const pair *of)
{
  put_latency(of);
  put_error(of);
  put_number(of, "tail_index", -1, testudo_tail_index(of->design, &of->model));
}
