/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit in words. */
#include "fit/fit.h"

#include <math.h>
#include <string.h>

enum { MOST_LISTED = 12, MOST_RATES = 256 };

static void print_head(FILE *text, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  fprintf(text, "%s: %lld row%s", result->trace, (long long)fit->samples, fit->samples == 1 ? "" : "s");
  if (fit->workers > 0)
    fprintf(text, ", %lld worker%s", (long long)fit->workers, fit->workers == 1 ? "" : "s");
  if (fit->iterations > 0)
    fprintf(text, ", %lld iteration%s", (long long)fit->iterations, fit->iterations == 1 ? "" : "s");
  if (fit->censored > 0)
    fprintf(text, ", the end of %lld row%s not seen", (long long)fit->censored, fit->censored == 1 ? "" : "s");
  fputc('\n', text);
  fields_line(text, "mean", "%.6g s, std deviation %.6g s, from %.6g s to %.6g s\n", fit->mean, fit->stddev,
              result->least, result->most);
  if (fit->columns[0] != '\0')
    fields_line(text, "columns", "%s\n", fit->columns);
  if (fit->phases > 0)
    fields_line(text, "phases", "%lld rows were added to others of the same worker, iteration and chunk\n",
                (long long)fit->phases);
  if (fit->incomplete > 0)
    fields_line(text, "", "of %lld chunk%s fewer rows than of others: what is missing counts as no time\n",
                (long long)fit->incomplete, fit->incomplete == 1 ? "" : "s");
}

/* ---- who and how ---- */

static void print_p(FILE *text, double p)
{
  if (isfinite(p))
    fprintf(text, " (p %.2g)", p);
}

static void print_components(FILE *text, const testudo_fit *fit)
{
  const testudo_fit_variance *v = &fit->log_variance;
  if (!isfinite(v->worker) || !isfinite(v->iteration))
    return;
  fields_label(text, "variance of logs");
  fprintf(text, "workers %.3g", v->worker);
  print_p(text, v->worker_p);
  fprintf(text, ", iterations %.3g", v->iteration);
  print_p(text, v->iteration_p);
  if (isfinite(v->worker_iteration)) {
    fprintf(text, ", worker x iteration %.3g", v->worker_iteration);
    print_p(text, v->worker_iteration_p);
  }
  if (isfinite(v->residual))
    fprintf(text, ", %s %.3g", isfinite(v->worker_iteration) ? "chunks" : "the rest", v->residual);
  fputc('\n', text);
}

void fit_print_slow(FILE *text, const char *label, const testudo_fit_worker *slow, int32_t count)
{
  for (int32_t k = 0; k < count && k < MOST_LISTED; k++)
    fields_line(text, k == 0 ? label : "", "worker %s takes %.4g times as long as the median worker (95 %% interval"
                " %.4g to %.4g)\n", slow[k].name, slow[k].factor, slow[k].low, slow[k].high);
  if (count > MOST_LISTED)
    fields_line(text, "", "and %d more\n", (int)(count - MOST_LISTED));
}

static void print_workers(FILE *text, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  fit_print_slow(text, "persistent", fit->persistent, fit->named);
  if (fit->named == 0 && fit->listed > 1 && !fit->collective)
    fields_line(text, "persistent", "no worker is slower than the median worker for good by 1.2 or more\n");
  if (result->rates == NULL || !fit_has_rates(fit) || result->rate_count > MOST_RATES)
    return;
  fields_label(text, "rates");
  fputs("--rates ", text);
  for (int64_t w = 0; w < result->rate_count; w++)
    fprintf(text, "%s%.4g", w > 0 ? "," : "", result->rates[w]);
  fputc('\n', text);
}

static void print_structure(FILE *text, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  fields_line(text, "structure", "%s%s%s\n", fit->structure == NULL ? "" : fit->structure,
              fit->structure == NULL ? "" : ": ", fit->structure_why);
  print_components(text, fit);
  print_workers(text, result);
  if (fit->slow_found)
    fields_line(text, "slow spells", "--markov %.4g,%.4g,%.4g: workers turn slow with that probability, normal again "
                "with the second, and take so many times as long\n", fit->slow.begin, fit->slow.end, fit->slow.factor);
  if (isfinite(fit->startup))
    fields_line(text, "start-up", "%.6g s +- %.2g before the first chunk, then %.6g s +- %.2g per chunk\n",
                fit->startup, fit->startup_error, fit->per_chunk, fit->per_chunk_error);
  if (isfinite(fit->startup_deviation))
    fields_line(text, "", "the start-up varies, standard deviation %.6g s; that of a chunk's time is %.6g s\n",
                fit->startup_deviation, fit->chunk_deviation);
}

/* ---- laws ---- */

/* The numbers of the best law, each with its standard error, where it has one. */
static void print_errors(FILE *text, const testudo_fit_model *model)
{
  bool any = false;
  for (int32_t k = 0; k < model->parameters; k++)
    any |= isfinite(model->standard_error[k]);
  if (!any)
    return;
  fields_label(text, "its numbers");
  for (int32_t k = 0; k < model->parameters; k++) {
    fprintf(text, "%s%.6g", k > 0 ? ", " : "", model->number[k]);
    if (isfinite(model->standard_error[k]))
      fprintf(text, " +- %.2g", model->standard_error[k]);
  }
  fputs(" (standard errors)\n", text);
}

static void print_verdict(FILE *text, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  const testudo_fit_model *best = &fit->model[0];
  if (fit->models == 1 && isinf(best->log_likelihood)) {
    fputs("\nall times are equal: no continuous law fits them; their law is deterministic\n", text);
    return;
  }
  fputc('\n', text);
  fields_line(text, "best", "%s\n", best->law);
  print_errors(text, best);
  fields_line(text, "best by AIC", "%s\n",
              strcmp(result->best_aic, best->law) == 0 ? "the same" : result->best_aic);
  fields_line(text, "verdict", "%s\n", result->verdict);
}

static void print_laws(FILE *text, const fit_result *result)
{
  const testudo_fit *fit = &result->fit;
  fprintf(text, "\nlaws fitted to %lld %s by maximum likelihood, the best first\n", (long long)fit->fitted,
          fit->fitted_to);
  fields_print_rows(text, fit_model_fields, result->shown, result->models, sizeof *result->shown);
  print_verdict(text, result);
  if (fit->mixeds > 0) {
    fputc('\n', text);
    fields_line(text, "mixed", "%s with %s for each chunk (smallest BIC of %zu)\n", fit->mixed[0].law,
                fit->mixed[0].chunk_law, fit->mixeds);
  }
}

/* ---- times, and the model ---- */

/* Of a single worker there is no time of all but one. */
static void print_second(FILE *text, double seconds)
{
  if (isfinite(seconds))
    fprintf(text, " %15.6g", seconds);
}

static void print_times(FILE *text, const testudo_fit *fit)
{
  const testudo_fit_times *m = &fit->measured;
  if (!isfinite(m->slowest))
    return;
  fprintf(text, "\nmean time of an iteration that waits for   all workers     all but one\n");
  fprintf(text, "  measured, %-6.0f iterations          %12.6g", m->iterations, m->slowest);
  print_second(text, m->but_one);
  fprintf(text, "\n    95 %% interval                 %9.6g to %-9.6g", m->slowest_low, m->slowest_high);
  if (isfinite(m->but_one))
    fprintf(text, "%9.6g to %.6g", m->but_one_low, m->but_one_high);
  fputc('\n', text);
  for (size_t k = 0; k < fit->predictions; k++) {
    const testudo_fit_prediction *p = &fit->prediction[k];
    fprintf(text, "  %-22s predicts      %12.6g", p->model, p->times.slowest);
    print_second(text, p->times.but_one);
    fprintf(text, "%s\n", p->holds ? "" : "   off");
  }
}

static void print_recommended(FILE *text, const fit_result *result)
{
  fputc('\n', text);
  if (result->recommended == NULL) {
    fields_line(text, "recommended", "no model: %s\n", result->fit.why);
    return;
  }
  const delay_result *delay = &result->recommended->delay;
  fields_label(text, "recommended");
  if (result->recommended->kind == TESTUDO_FIT_REPLAY)
    fprintf(text, "replay:%s\n", result->trace);
  else {
    fputs(delay->law, text);
    if (delay->mixed != NULL)
      fprintf(text, ", mixed with %s for each chunk", delay->mixed);
    else if (delay->structure >= 0)
      fprintf(text, ", %s", testudo_i_structure_names[delay->structure]);
    char terms[600];
    delay_terms_write(delay, terms, sizeof terms);
    fprintf(text, "%s\n", terms);
  }
  fields_line(text, "why", "%s\n", result->fit.why);
  fields_line(text, "not known", "%s\n", result->fit.unknown);
}

void fit_print(FILE *text, const void *result)
{
  const fit_result *fitted = result;
  print_head(text, fitted);
  print_structure(text, fitted);
  print_laws(text, fitted);
  print_times(text, &fitted->fit);
  print_recommended(text, fitted);
}
