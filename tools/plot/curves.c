/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that a law holds. */
#include "plot/curves.h"

#include <math.h>

#include "base/error.h"

cli_list curves_list(const double *value, int64_t count)
{
  return (cli_list){value, value == NULL ? 0 : (size_t)count};
}

static void take_errors(cli_list *time, cli_list *mse, const error_result *error)
{
  if (error == NULL)
    return;
  *mse = curves_list(error->nmse, error->known);
  *time = curves_list(error->t, mse->count > 0 ? error->count : 0);
}

static void take_analysis(cli_curves *curves, const law_result *law)
{
  const cdf_result *cdf = &law->latency.cdf;
  curves->time = curves_list(cdf->t, cdf->count);
  curves->p = curves_list(cdf->p, cdf->count);
  curves->lower = curves_list(cdf->p_lower, cdf->count);
  curves->upper = curves_list(cdf->p_upper, cdf->count);
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
  curves->sim_time = curves_list(cdf->t, cdf->count);
  curves->sim_p = curves_list(cdf->p, cdf->count);
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

testudo_status curves_check_list(const char *file, const char *what, cli_list list, const curves_kind *kind,
                                 testudo_error *error)
{
  static const double rounding = 1e-9;
  double last = -HUGE_VAL;
  bool known = false;
  for (size_t k = 0; k < list.count; k++) {
    double value = list.value[k];
    if (!isfinite(value))
      continue;
    known = true;
    if (fabs(value) > MOST_DRAWN)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s[%zu] is %.6g: a number beyond %g cannot be drawn", file,
                            what, k, value, MOST_DRAWN);
    if (value < kind->least - rounding || value > kind->most + rounding)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s[%zu] is %.6g; allowed: %s", file, what, k, value,
                            kind->allowed);
    if (kind->rising && value < last - rounding * fabs(last))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s[%zu] is %.6g, less than %.6g before it", file, what, k,
                            value, last);
    last = value;
  }
  return known || list.count == 0 ? TESTUDO_OK
                                  : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s has no number", file, what);
}

const curves_kind curves_times = {0.0, HUGE_VAL, "0 or more", true};
const curves_kind curves_errors = {0.0, HUGE_VAL, "0 or more", false};
const curves_kind curves_chances = {0.0, 1.0, "0 to 1", false};
static const curves_kind shares = {0.0, 1.0, "0 to 1", true}; /* of a law: they rise */

static testudo_status check_histogram(const cli_curves *curves, const char *name, testudo_error *error)
{
  const histogram_result *h = curves->histogram;
  if (h == NULL)
    return TESTUDO_OK;
  if (h->edge == NULL || h->count == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: histogram: edges or counts are missing", name);
  if (h->edges != h->bins + 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: histogram.edges and histogram.counts do not fit together: %lld and %lld entries", name,
                          (long long)h->edges, (long long)h->bins);
  if (!(curves->trials > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: histogram: the number of trials is not known", name);
  TESTUDO_I_TRY(curves_check_list(name, "histogram.edges", curves_list(h->edge, h->edges), &curves_times, error));
  return curves_check_list(name, "histogram.probability", curves_list(h->probability, h->bins), &curves_chances, error);
}

/* Whoever wrote the file: lists that belong together are both there, and hold numbers that a law can have. */
static testudo_status check_lists(const cli_curves *curves, const char *name, testudo_error *error)
{
  const struct {
    const cli_list *t, *y;
    const char *first, *second;
    const curves_kind *kind;
  } pairs[] = {{&curves->time, &curves->p, "cdf.t", "cdf.p", &shares},
               {&curves->time, &curves->lower, "cdf.t", "cdf.p_lower", &shares},
               {&curves->time, &curves->upper, "cdf.t", "cdf.p_upper", &shares},
               {&curves->sim_time, &curves->sim_p, "simulated cdf.t", "simulated cdf.p", &shares},
               {&curves->error_time, &curves->mse, "error.t", "error.nmse", &curves_errors},
               {&curves->sim_error_time, &curves->sim_mse, "simulated error.t", "simulated error.nmse",
                &curves_errors}};
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
    const cli_list *t = pairs[k].t, *y = pairs[k].y;
    if (y->count == 0)
      continue;
    if (t->count != y->count)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s and %s do not fit together: %zu and %zu entries", name,
                            pairs[k].first, pairs[k].second, t->count, y->count);
    TESTUDO_I_TRY(curves_check_list(name, pairs[k].first, *t, &curves_times, error));
    TESTUDO_I_TRY(curves_check_list(name, pairs[k].second, *y, pairs[k].kind, error));
  }
  return check_histogram(curves, name, error);
}

testudo_status curves_check(const cli_curves *curves, const char *name, testudo_error *error)
{
  TESTUDO_I_TRY(check_lists(curves, name, error));
  const histogram_result *histogram = curves->histogram;
  bool band = curves->lower.count > 0 && curves->upper.count > 0;
  if (curves->p.count == 0 && !band && histogram == NULL && curves->sim_p.count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: contains no completion-time law to draw", name);
  return TESTUDO_OK;
}
