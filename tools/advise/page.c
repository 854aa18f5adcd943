/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An advice as one page of HTML: no other file, no network, no script. */
#include "advise/advise.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/html.h"

enum { BAR_WIDTH = 640, BAR_HEIGHT = 26, GAIN_WIDTH = 200, GAIN_HEIGHT = 18 };

static const char own_style[] =
    ":root { --mean: #9aa3ad; --persistent: #c8551b; --iteration: #2a6fb0; --chunk: #3f8f4f; --mark: #7b8794; }\n"
    "@media (prefers-color-scheme: dark) { :root { --mean: #6b7580; --persistent: #f0904f; --iteration: #6aaee8;"
    " --chunk: #76c486; --mark: #8c98a5; } }\nbody { max-width: 78rem; }\n"
    "tr.chosen { background: var(--faint); }\ntr.chosen td:first-child { color: var(--accent); font-weight: 600; }\n"
    "svg { max-width: 100%; height: auto; display: block; }\n"
    "td svg { min-width: 200px; }\nsvg text { fill: CanvasText; font: 12px system-ui, sans-serif; }\n"
    ".key { display: inline-block; width: .8em; height: .8em; margin-right: .35em; }\n"
    ".mean { fill: var(--mean); background: var(--mean); }\n"
    ".persistent { fill: var(--persistent); background: var(--persistent); }\n"
    ".iteration { fill: var(--iteration); background: var(--iteration); }\n"
    ".chunk { fill: var(--chunk); background: var(--chunk); }\n"
    ".axis { stroke: var(--line); stroke-width: 1; fill: none; }\n"
    ".gain { stroke: var(--accent); stroke-width: 2; fill: none; }\n.dot { fill: var(--accent); }\n"
    ".mark { stroke: var(--mark); stroke-width: 2; fill: none; }\n"
    ".late { stroke: var(--iteration); stroke-width: 2.4; fill: none; }\n"
    ".slow { stroke: var(--persistent); stroke-width: 2.4; fill: none; }\n"
    "svg text.named { fill: var(--persistent); font-weight: 600; }\n";

static const char *html_name(const advise_result *result)
{
  return result->traced != NULL ? result->traced->name : "a delay model";
}

static void put_head(FILE *stream, const advise_result *result)
{
  char title[300];
  snprintf(title, sizeof title, "Advice for %.200s", html_name(result));
  html_begin(stream, title, own_style);
  fputs("<h1>", stream);
  html_put(stream, result->of.verdict);
  fputs("</h1>\n<p>", stream);
  html_put(stream, result->of.because);
  fputs("</p>\n", stream);
}

/* ---- facts ---- */

static void begin_fact(FILE *stream, const char *name)
{
  fprintf(stream, "<dt>%s</dt><dd>", name);
}

static void put_fact(FILE *stream, const char *name, const char *text)
{
  if (text == NULL || text[0] == '\0')
    return;
  begin_fact(stream, name);
  html_put(stream, text);
  fputs("</dd>\n", stream);
}

static void put_slow(FILE *stream, const advise_trace *trace)
{
  begin_fact(stream, "slow for good");
  for (int32_t k = 0; k < trace->named; k++) {
    fputs(k > 0 ? ", worker " : "worker ", stream);
    html_put(stream, trace->persistent[k].name);
    fprintf(stream, " (%.3g times the median worker, %.3g to %.3g)", trace->persistent[k].factor,
            trace->persistent[k].low, trace->persistent[k].high);
  }
  fputs(trace->named == 0 ? "no worker, by 1.2 or more against the median worker</dd>\n" : "</dd>\n", stream);
}

static void put_trace_facts(FILE *stream, const advise_result *result)
{
  const advise_trace *trace = result->traced;
  const testudo_fit *fit = result->of.fit;
  begin_fact(stream, "trace");
  html_put(stream, trace->name);
  char chunks[48];
  advise_chunks_write(trace, chunks, sizeof chunks);
  fprintf(stream, ": %lld workers, %lld iterations, %s</dd>\n", (long long)trace->workers,
          (long long)trace->iterations, chunks);
  if (fit != NULL) {
    begin_fact(stream, "structure");
    html_put(stream, fit->structure == NULL ? "" : fit->structure);
    fputs(fit->structure == NULL ? "" : ": ", stream);
    html_put(stream, fit->structure_why);
    fputs("</dd>\n", stream);
    begin_fact(stream, "law");
    fputs(trace->law != NULL ? "" : "none holds: ", stream);
    html_put(stream, trace->law != NULL ? trace->shown_law : fit->why);
    fputs("</dd>\n", stream);
    put_fact(stream, "start-up", trace->startup == NULL ? NULL : trace->shown_startup);
    put_slow(stream, trace);
  }
  put_fact(stream, "not known", trace->unknown);
}

static void put_facts(FILE *stream, const advise_result *result)
{
  char text[1200];
  const char *law = result->delayed == NULL ? NULL : result->delayed->law;
  fputs("<h2>What it is</h2>\n<dl>\n", stream);
  if (result->traced != NULL)
    put_trace_facts(stream, result);
  else {
    snprintf(text, sizeof text, "%d workers", (int)result->workers);
    put_fact(stream, "cluster", text);
    int length = snprintf(text, sizeof text, "%.400s, %s", law,
                          result->delayed->structure >= 0 ? testudo_i_structure_names[result->delayed->structure] : "");
    delay_terms_write(result->delayed, text + length, sizeof text - (size_t)length);
    put_fact(stream, "delay", text);
  }
  put_fact(stream, "assumed", result->of.assumed);
  advise_source_write(result, text, sizeof text);
  put_fact(stream, "times", text);
  put_fact(stream, "objective", result->objective);
  fputs("</dl>\n", stream);
}

/* ---- what stragglers cost: a bar as long as S ---- */

typedef struct cost_part {
  const char *class, *words;
  double value; /* NAN: not known */
} cost_part;

enum { COST_PARTS = 4 };

static void put_bar(FILE *stream, const cost_part *part)
{
  double all = 0.0, x = 0.0;
  for (int k = 0; k < COST_PARTS; k++)
    all += part[k].value > 0.0 ? part[k].value : 0.0;
  fprintf(stream, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"the parts of S\">", BAR_WIDTH,
          BAR_HEIGHT, BAR_WIDTH);
  for (int k = 0; k < COST_PARTS; k++) {
    double width = part[k].value > 0.0 ? BAR_WIDTH * part[k].value / all : 0.0;
    fprintf(stream, "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/>", part[k].class, x, width,
            BAR_HEIGHT);
    x += width;
  }
  fputs("</svg>\n", stream);
}

static void put_cost(FILE *stream, const advise_result *result)
{
  const testudo_straggler_cost *cost = &result->of.cost;
  const cost_part part[COST_PARTS] = {
      {"mean", "all workers, on average", 1.0},
      {"persistent", "due to workers that are slow for good", cost->persistent},
      {"iteration", isfinite(cost->chunk) ? "to workers that are slow for an iteration"
                                          : "to workers that are slow for an iteration, or for single chunks",
       cost->iteration},
      {"chunk", "to single chunks", cost->chunk},
  };
  fprintf(stream, "<h2>What stragglers cost: S = %.4g</h2>\n<p>The slowest worker takes %.5g s, all workers take %.5g"
          " s, on average over the iterations.</p>\n", cost->slowest_over_mean, cost->slowest, cost->mean);
  put_bar(stream, part);
  fputs("<p>", stream);
  for (int k = 0; k < COST_PARTS; k++)
    if (isfinite(part[k].value))
      fprintf(stream, "<span class=\"key %s\"></span>%.4g %s%s", part[k].class, part[k].value, part[k].words,
              k + 1 < COST_PARTS ? "<br>\n" : "");
  fputs("</p>\n", stream);
  if (isfinite(cost->common))
    fprintf(stream, "<p>Iterations differ by %.3g %% (coefficient of variation of their means), all workers alike: that"
            " does not enter S.</p>\n", 100.0 * cost->common);
}

/* ---- remedies ---- */

/* Of gains; what lies beyond is drawn at its ends. */
typedef struct gain_scale {
  double low, high;
} gain_scale;

static void widen(gain_scale *scale, double gain)
{
  if (gain < scale->low)
    scale->low = gain;
  if (gain > scale->high)
    scale->high = gain;
}

/* All tables have one scale; a loss larger than all of it is drawn at the end. */
static gain_scale find_scale(const advise_result *result)
{
  gain_scale scale = {-0.05, 0.05};
  for (int32_t k = 0; k < result->rows; k++) {
    const testudo_remedy_times *times = advise_times(&result->row[k].of);
    if (!advise_is_measured(&result->row[k].of))
      continue;
    widen(&scale, times->gain);
    widen(&scale, times->gain_low);
    widen(&scale, times->gain_high);
  }
  scale.low = scale.low < -1.0 ? -1.0 : scale.low;
  return scale;
}

static double gain_at(const gain_scale *scale, double gain)
{
  double inside = gain < scale->low ? scale->low : gain > scale->high ? scale->high : gain;
  return 4.0 + (GAIN_WIDTH - 8.0) * (inside - scale->low) / (scale->high - scale->low);
}

static void put_interval(FILE *stream, const testudo_remedy *remedy, const gain_scale *scale)
{
  const testudo_remedy_times *times = advise_times(remedy);
  double zero = gain_at(scale, 0.0);
  char words[64];
  advise_gain_write(remedy, words, sizeof words);
  fprintf(stream, "<td><svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"gain %s\"><path class=\"axis\""
          " d=\"M%.1f 0v%d\"/>", GAIN_WIDTH, GAIN_HEIGHT, GAIN_WIDTH, words, zero, GAIN_HEIGHT);
  if (isfinite(times->gain_low) && isfinite(times->gain_high))
    fprintf(stream, "<path class=\"gain\" d=\"M%.1f %dH%.1f\"/>", gain_at(scale, times->gain_low), GAIN_HEIGHT / 2,
            gain_at(scale, times->gain_high));
  if (isfinite(times->gain))
    fprintf(stream, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%d\" r=\"3.5\"/>", gain_at(scale, times->gain),
            GAIN_HEIGHT / 2);
  fprintf(stream, "</svg><small>%s</small></td>", words);
}

static void put_number(FILE *stream, double number, int digits)
{
  if (isfinite(number))
    fprintf(stream, "<td class=\"n\">%.*g</td>", digits, number);
  else
    fputs("<td class=\"n\"></td>", stream);
}

static void put_mean(FILE *stream, const testudo_remedy_times *times)
{
  if (times->iterations <= 0 || !isfinite(times->mean)) {
    fputs("<td class=\"n\"></td>", stream);
    return;
  }
  fprintf(stream, "<td class=\"n\">%.5g", times->mean);
  if (isfinite(times->low) && isfinite(times->high))
    fprintf(stream, "<br><small>%.4g to %.4g</small>", times->low, times->high);
  fputs("</td>", stream);
}

static void put_name(FILE *stream, const advise_result *result, int32_t k)
{
  const testudo_remedy *remedy = &result->row[k].of;
  double never = advise_times(remedy)->p_never;
  fprintf(stream, "<tr%s><td>", k == result->of.recommended ? " class=\"chosen\"" : "");
  html_put(stream, remedy->name);
  fputs(k == result->of.recommended ? " (recommended)" : k == result->of.best_code ? " (best code)" : "", stream);
  if (never > 0.0)
    fprintf(stream, "<br><small>%.3g %% of the iterations never end</small>", 100.0 * never);
  fputs("</td>", stream);
}

static void put_row(FILE *stream, const advise_result *result, int32_t k, const gain_scale *scale)
{
  const testudo_remedy *remedy = &result->row[k].of;
  char given_up[96];
  put_name(stream, result, k);
  if (remedy->exact_gradient) {
    put_number(stream, remedy->load, 4);
    put_number(stream, remedy->copies, 4);
  }
  put_number(stream, remedy->computed, 4);
  put_mean(stream, &remedy->predicted);
  if (result->traced != NULL)
    put_mean(stream, &remedy->replayed);
  if (result->goal != TESTUDO_OBJECTIVE_MEAN)
    put_number(stream, advise_times(remedy)->objective, 5);
  put_interval(stream, remedy, scale);
  put_number(stream, remedy->floats, 4);
  put_number(stream, remedy->memory, 4);
  fputs("<td>", stream);
  advise_given_up_write(remedy, given_up, sizeof given_up);
  html_put(stream, given_up);
  fputs(given_up[0] != '\0' && remedy->change[0] != '\0' ? "; " : "", stream);
  html_put(stream, remedy->change);
  fputs("</td></tr>\n", stream);
}

static void put_table(FILE *stream, const advise_result *result, const gain_scale *scale, bool exact)
{
  fprintf(stream, "<div class=\"wide\"><table>\n<thead><tr><th>remedy</th>%s<th class=\"n\">computed</th>"
          "<th class=\"n\">predicted mean (s)</th>%s",
          exact ? "<th class=\"n\">load</th><th class=\"n\">copies</th>" : "",
          result->traced != NULL ? "<th class=\"n\">replayed mean (s)</th>" : "");
  if (result->goal != TESTUDO_OBJECTIVE_MEAN) {
    fputs("<th class=\"n\">", stream);
    html_put(stream, result->objective);
    fputs("</th>", stream);
  }
  fprintf(stream, "<th>gain, %.0f %% to %.0f %%</th><th class=\"n\">sent</th><th class=\"n\">kept</th>"
          "<th>what changes</th></tr></thead>\n<tbody>\n", 100.0 * scale->low, 100.0 * scale->high);
  for (int32_t k = 0; k < result->rows; k++)
    if (advise_is_measured(&result->row[k].of) && result->row[k].of.exact_gradient == exact)
      put_row(stream, result, k, scale);
  fputs("</tbody>\n</table></div>\n", stream);
}

static void put_dropped(FILE *stream, const advise_result *result)
{
  bool any = false;
  for (int32_t k = 0; k < result->rows; k++) {
    const testudo_remedy *remedy = &result->row[k].of;
    if (advise_is_measured(remedy))
      continue;
    fputs(any ? "<br>\n" : "<h2>Not measured</h2>\n<p>", stream);
    any = true;
    html_put(stream, remedy->name[0] != '\0' ? remedy->name : result->row[k].kind);
    fputs(": ", stream);
    html_put(stream, remedy->dropped);
  }
  fputs(any ? "</p>\n" : "", stream);
}

static void put_remedies(FILE *stream, const advise_result *result)
{
  const gain_scale scale = find_scale(result);
  fputs("<h2>Remedies that give the exact gradient of the same data on the same machines</h2>\n<p>Load and computed are"
        " in shares of the data, sent and kept in vectors of the gradient's length; gains are against none, with their"
        " intervals of 95 %; the line is at 0.</p>\n", stream);
  put_table(stream, result, &scale, true);
  if (result->others > 0) {
    fputs("<h2>Apart: not the exact gradient of the same data on the same machines</h2>\n<p>These are never"
          " recommended.</p>\n", stream);
    put_table(stream, result, &scale, false);
  }
  put_dropped(stream, result);
}

/* ---- what to do ---- */

static void put_value(FILE *stream, const advise_result *result, const char *name, double value)
{
  if (isfinite(value))
    fprintf(stream, "<dt>%s</dt><dd>%.5g%s</dd>\n", name, value, advise_unit(result));
}

static void put_advice(FILE *stream, const advise_result *result)
{
  const testudo_advice *of = &result->of;
  const testudo_remedy *remedy = &of->remedy[of->recommended];
  fputs("<h2>What must change in the training loop</h2>\n<dl>\n", stream);
  put_fact(stream, "recommended", remedy->name);
  put_fact(stream, "in the loop", remedy->change[0] != '\0' ? remedy->change : "nothing changes");
  if (of->best_code >= 0)
    put_fact(stream, "best code", of->remedy[of->best_code].name);
  if (result->best_of_all >= 0)
    put_fact(stream, "best of all", of->remedy[result->best_of_all].name);
  fputs("</dl>\n", stream);
  if (!isfinite(of->now))
    return;
  fputs("<h2>What would help more</h2>\n<dl>\n", stream);
  put_value(stream, result, "best partial design without a search, as it is", of->now);
  put_value(stream, result, "with one share more a worker", of->more_copies);
  put_value(stream, result, "with chunks half the size", of->finer);
  put_value(stream, result, "with half the start-up", of->cheaper_start);
  fputs("</dl>\n", stream);
}

testudo_status advise_put_page(FILE *stream, const advise_result *result, const testudo_trace *trace,
                               testudo_error *error)
{
  put_head(stream, result);
  put_facts(stream, result);
  put_cost(stream, result);
  put_remedies(stream, result);
  put_advice(stream, result);
  if (trace != NULL)
    TESTUDO_I_TRY(advise_put_picture(stream, result, trace, error));
  fputs("<p><small>", stream);
  html_put(stream, result->command);
  fprintf(stream, ", testudo %s</small></p>\n", result->version);
  html_end(stream, NULL);
  return TESTUDO_OK;
}
