/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An advice in words. */
#include "advise/advise.h"

#include <math.h>

#include "fit/fit.h"

/* ---- what it is ---- */

static void print_trace(FILE *text, const advise_result *result)
{
  const advise_trace *trace = result->traced;
  const testudo_fit *fit = result->of.fit;
  char chunks[48];
  advise_chunks_write(trace, chunks, sizeof chunks);
  fprintf(text, "%s: %lld workers, %lld iterations, %s\n", trace->name, (long long)trace->workers,
          (long long)trace->iterations, chunks);
  if (fit != NULL) {
    fields_line(text, "structure", "%s%s%s\n", fit->structure == NULL ? "" : fit->structure,
                fit->structure == NULL ? "" : ": ", fit->structure_why);
    fields_line(text, "law", "%s%s\n", trace->law != NULL ? trace->shown_law : "none holds: ",
                trace->law != NULL ? "" : fit->why);
    if (trace->startup != NULL)
      fields_line(text, "start-up", "%s\n", trace->shown_startup);
    fit_print_slow(text, "slow for good", trace->persistent, trace->named);
    if (trace->named == 0)
      fields_line(text, "slow for good", "no worker, by 1.2 or more against the median worker\n");
  }
  if (trace->unknown != NULL)
    fields_line(text, "not known", "%s\n", trace->unknown);
  if (trace->assumed != NULL)
    fields_line(text, "assumed", "%s\n", trace->assumed);
}

static void print_model(FILE *text, const advise_result *result)
{
  fprintf(text, "%d workers\n", (int)result->workers);
  fields_label(text, "delay");
  delay_print(text, result->delayed);
  fputc('\n', text);
  if (result->of.assumed[0] != '\0')
    fields_line(text, "assumed", "%s\n", result->of.assumed);
}

/* ---- what stragglers cost ---- */

static void print_part(FILE *text, const char *label, double part, double all, const char *what)
{
  fields_line(text, label, "%.4g", part);
  if (all > 0.0)
    fprintf(text, " (%.0f %%)", 100.0 * part / all);
  fprintf(text, " %s\n", what);
}

static void print_cost(FILE *text, const advise_result *result)
{
  const testudo_straggler_cost *cost = &result->of.cost;
  double all = cost->slowest_over_mean - 1.0;
  bool chunks = isfinite(cost->chunk);
  fprintf(text, "\nwhat stragglers cost%s\n", result->traced == NULL ? ", in drawn iterations" : "");
  fields_line(text, "S", "%.4g: the slowest worker takes %.5g s, all workers take %.5g s, on average\n",
              cost->slowest_over_mean, cost->slowest, cost->mean);
  fields_line(text, "of S - 1", "%.4g\n", all);
  print_part(text, "  persistent", cost->persistent, all, "is due to workers that are slow for good");
  print_part(text, "  iteration", cost->iteration, all,
             chunks ? "to workers that are slow for an iteration"
                    : "to workers that are slow for an iteration, or for single chunks, which were not measured");
  if (chunks)
    print_part(text, "  chunk", cost->chunk, all, "to single chunks");
  if (isfinite(cost->common))
    fields_line(text, "common", "iterations differ by %.3g %% (coefficient of variation of their means), all workers"
                " alike: that does not enter S\n", 100.0 * cost->common);
}

/* ---- the remedies ---- */

static bool has_replayed(const void *line)
{
  return isfinite(((const advise_line *)line)->replayed);
}

static bool has_interval(const void *line)
{
  return ((const advise_line *)line)->interval[0] != '\0';
}

static bool has_objective(const void *line)
{
  return isfinite(((const advise_line *)line)->objective);
}

static bool has_replayed_objective(const void *line)
{
  return isfinite(((const advise_line *)line)->replayed_objective);
}

static bool has_megabytes(const void *line)
{
  return isfinite(((const advise_line *)line)->megabytes);
}

static bool is_exact(const void *line)
{
  return ((const advise_line *)line)->given_up[0] == '\0';
}

static bool gives_up(const void *line)
{
  return !is_exact(line);
}

static const field time_columns[] = {
    {FIELD_CHARS("name", advise_line, name), .label = "remedy"},
    {FIELD(advise_line, load), .label = "load", .digits = 4, .when = is_exact},
    {FIELD(advise_line, copies), .label = "copies", .digits = 4, .when = is_exact},
    {FIELD(advise_line, computed), .label = "computed", .digits = 4},
    {FIELD(advise_line, predicted), .label = "predicted", .unit = "s", .digits = 5},
    {FIELD(advise_line, replayed), .label = "replayed", .unit = "s", .digits = 5, .when = has_replayed},
    {FIELD_CHARS("interval", advise_line, interval), .label = "95 % interval", .when = has_interval},
    {FIELD(advise_line, objective), .label = "predicted objective", .digits = 5, .when = has_objective},
    {FIELD(advise_line, replayed_objective), .label = "replayed objective", .digits = 5,
     .when = has_replayed_objective},
    {FIELD_CHARS("gain", advise_line, gain), .label = "gain"},
    {FIELD_CHARS("given_up", advise_line, given_up), .label = "gives up", .when = gives_up},
    {.key = NULL},
};

static const field traffic_columns[] = {
    {FIELD_CHARS("name", advise_line, name), .label = "remedy"},
    {FIELD(advise_line, messages), .label = "messages", .digits = 4},
    {FIELD(advise_line, floats), .label = "sent", .unit = "gradients", .digits = 4},
    {FIELD(advise_line, memory), .label = "a worker keeps", .unit = "gradients", .digits = 4},
    {FIELD(advise_line, megabytes), .label = "the same", .unit = "MB", .digits = 4, .when = has_megabytes},
    {.key = NULL},
};

/* A mean is of the iterations that end. */
static void print_never(FILE *text, const advise_result *result)
{
  for (int32_t k = 0; k < result->rows; k++) {
    const testudo_remedy *remedy = &result->row[k].of;
    double never = advise_times(remedy)->p_never;
    if (advise_is_measured(remedy) && never > 0.0)
      fprintf(text, "  %s: %.3g %% of the iterations never end; its mean is of the others\n", remedy->name,
              100.0 * never);
  }
}

static void print_remedies(FILE *text, const advise_result *result)
{
  char source[160];
  advise_source_write(result, source, sizeof source);
  fprintf(text, "\nremedies that give the exact gradient of the same data on the same machines\n  %s\n", source);
  if (result->goal != TESTUDO_OBJECTIVE_MEAN)
    fprintf(text, "  predicted: the mean; the objective, by which gains are, is %s\n", result->objective);
  fputs("  load, computed: shares of the data, of the worker that holds most and on average; gain: against none, 95 %"
        " interval\n", text);
  fields_print_rows(text, time_columns, result->exact, result->exacts, sizeof *result->exact);
  fputs("  * recommended\n", text);
  fputs("\nwhat is sent in an iteration, and what a worker keeps\n", text);
  fields_print_rows(text, traffic_columns, result->exact, result->exacts, sizeof *result->exact);
}

static void print_others(FILE *text, const advise_result *result)
{
  if (result->others > 0) {
    fputs("\napart, and never recommended: not the exact gradient of the same data on the same machines\n", text);
    fields_print_rows(text, time_columns, result->other, result->others, sizeof *result->other);
  }
  print_never(text, result);
}

static void print_dropped(FILE *text, const advise_result *result)
{
  bool any = false;
  for (int32_t k = 0; k < result->rows; k++) {
    const testudo_remedy *remedy = &result->row[k].of;
    if (advise_is_measured(remedy))
      continue;
    if (!any)
      fputs("\nnot measured\n", text);
    any = true;
    fprintf(text, "  %s: %s\n", remedy->name[0] != '\0' ? remedy->name : result->row[k].kind, remedy->dropped);
  }
}

/* ---- what to do ---- */

static void print_help(FILE *text, const advise_result *result, const char *label, double value)
{
  if (!isfinite(value))
    return;
  fields_line(text, label, "%.5g%s", value, advise_unit(result));
  if (result->of.now > 0.0)
    fprintf(text, " (%+.2g %%)", 100.0 * (value / result->of.now - 1.0));
  fputc('\n', text);
}

static void print_more(FILE *text, const advise_result *result)
{
  const testudo_advice *of = &result->of;
  if (!isfinite(of->now))
    return;
  fprintf(text, "\nwhat would help more: the best partial design that needs no search, predicted %.5g%s, would have\n",
          of->now, advise_unit(result));
  print_help(text, result, "one share more", of->more_copies);
  print_help(text, result, "finer chunks", of->finer);
  print_help(text, result, "half the start-up", of->cheaper_start);
}

static void print_choice(FILE *text, const advise_result *result, const char *label, int32_t k)
{
  const testudo_remedy *remedy = &result->row[k].of;
  const testudo_remedy_times *times = advise_times(remedy);
  char gain[64];
  advise_gain_write(remedy, gain, sizeof gain);
  fields_line(text, label, "%s: %s %.5g%s", remedy->name, times == &remedy->replayed ? "replayed" : "predicted",
              times->objective, advise_unit(result));
  fprintf(text, remedy->kind == TESTUDO_REMEDY_NONE ? "\n" : ", gain %s\n", gain);
}

static void print_verdict(FILE *text, const advise_result *result)
{
  const testudo_advice *of = &result->of;
  fputs("\nwhat to do\n", text);
  print_choice(text, result, "recommended", of->recommended);
  fields_line(text, "in the loop", "%s\n", of->remedy[of->recommended].change[0] != '\0'
                                               ? of->remedy[of->recommended].change : "nothing changes");
  if (of->best_code >= 0 && of->best_code != of->recommended)
    print_choice(text, result, "best code", of->best_code);
  else if (of->best_code < 0)
    fields_line(text, "best code", "none was measured\n");
  if (result->best_of_all >= 0 && result->best_of_all != of->recommended) {
    print_choice(text, result, "best of all", result->best_of_all);
    fields_line(text, "", "not the exact gradient of the same data on the same machines; %s\n",
                of->remedy[result->best_of_all].change);
  }
}

void advise_print(FILE *text, const void *result)
{
  const advise_result *advice = result;
  (advice->traced != NULL ? print_trace : print_model)(text, advice);
  print_cost(text, advice);
  print_remedies(text, advice);
  print_others(text, advice);
  print_dropped(text, advice);
  print_verdict(text, advice);
  print_more(text, advice);
  fputc('\n', text);
  if (advice->of.because[0] != '\0')
    fields_line(text, "why", "%s\n", advice->of.because);
  fields_line(text, "verdict", "%s\n", advice->of.verdict);
}
