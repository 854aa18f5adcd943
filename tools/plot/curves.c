/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that a law holds. */
#include "plot/curves.h"

#include <math.h>

#include "base/error.h"

static cli_list list_of(const double *value, int64_t count)
{
  return (cli_list){value, value == NULL ? 0 : (size_t)count};
}

static void take_errors(cli_list *time, cli_list *mse, const error_result *error)
{
  if (error == NULL)
    return;
  *mse = list_of(error->nmse, error->known);
  *time = list_of(error->t, mse->count > 0 ? error->count : 0);
}

static void take_analysis(cli_curves *curves, const law_result *law)
{
  const cdf_result *cdf = &law->latency.cdf;
  curves->time = list_of(cdf->t, cdf->count);
  curves->p = list_of(cdf->p, cdf->count);
  curves->lower = list_of(cdf->p_lower, cdf->count);
  curves->upper = list_of(cdf->p_upper, cdf->count);
  curves->mean = law->latency.mean;
  if (!isfinite(curves->mean)) {
    curves->mean_lower = law->latency.lower;
    curves->mean_upper = law->latency.upper;
  }
  take_errors(&curves->error_time, &curves->mse, law->error);
}

static void take_simulation(cli_curves *curves, const law_result *law)
{
  const cdf_result *cdf = &law->latency.cdf;
  curves->sim_time = list_of(cdf->t, cdf->count);
  curves->sim_p = list_of(cdf->p, cdf->count);
  curves->histogram = law->histogram != NULL && law->histogram->bins > 0 ? law->histogram : NULL;
  curves->trials = (double)law->trials;
  if (!isfinite(curves->mean)) {
    curves->mean = law->latency.mean;
    curves->mean_simulated = isfinite(curves->mean);
  }
  take_errors(&curves->sim_error_time, &curves->sim_mse, law->error);
}

void curves_fill(cli_curves *curves, const law_result *analyzed, const law_result *simulated)
{
  *curves = (cli_curves){.mean = NAN, .trials = NAN, .mean_lower = NAN, .mean_upper = NAN};
  if (analyzed != NULL)
    take_analysis(curves, analyzed);
  if (simulated != NULL)
    take_simulation(curves, simulated);
}

/* Beyond, gnuplot's arithmetic overflows. */
#define MOST_DRAWN 1e100

static bool can_be_drawn(const double *value, size_t count)
{
  for (size_t k = 0; k < count; k++)
    if (isfinite(value[k]) && fabs(value[k]) > MOST_DRAWN)
      return false;
  return true;
}

/* Whoever wrote the file: lists that belong together are both there, and hold numbers that a picture can have. */
static testudo_status check_lists(const cli_curves *curves, const char *name, testudo_error *error)
{
  const struct {
    const cli_list *t, *y;
    const char *what;
  } pairs[] = {{&curves->time, &curves->p, "cdf.t and cdf.p"},
               {&curves->time, &curves->lower, "cdf.t and cdf.p_lower"},
               {&curves->time, &curves->upper, "cdf.t and cdf.p_upper"},
               {&curves->sim_time, &curves->sim_p, "simulated cdf.t and cdf.p"},
               {&curves->error_time, &curves->mse, "error.t and error.nmse"},
               {&curves->sim_error_time, &curves->sim_mse, "simulated error.t and error.nmse"}};
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
    const cli_list *t = pairs[k].t, *y = pairs[k].y;
    if (y->count > 0 && t->count != y->count)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s do not fit together: %zu and %zu entries", name,
                            pairs[k].what, t->count, y->count);
    if (!can_be_drawn(t->value, t->count) || !can_be_drawn(y->value, y->count))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: a number beyond %g cannot be drawn", name,
                            pairs[k].what, MOST_DRAWN);
  }
  const histogram_result *h = curves->histogram;
  if (h != NULL && (h->edge == NULL || h->count == NULL))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: histogram: edges or counts are missing", name);
  if (h != NULL && (!(curves->trials > 0.0) || !can_be_drawn(h->edge, (size_t)h->edges) ||
                    (h->probability != NULL && !can_be_drawn(h->probability, (size_t)h->bins))))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: histogram: these numbers cannot be drawn", name);
  return TESTUDO_OK;
}

testudo_status curves_check(const cli_curves *curves, const char *name, testudo_error *error)
{
  TESTUDO_I_TRY(check_lists(curves, name, error));
  const histogram_result *histogram = curves->histogram;
  if (histogram != NULL && histogram->edges != histogram->bins + 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: histogram.edges and histogram.counts do not fit together: %lld and %lld entries", name,
                          (long long)histogram->edges, (long long)histogram->bins);
  bool band = curves->lower.count > 0 && curves->upper.count > 0;
  if (curves->p.count == 0 && !band && histogram == NULL && curves->sim_p.count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: contains no completion-time law to draw", name);
  return TESTUDO_OK;
}
