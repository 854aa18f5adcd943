/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of the completion time of several designs in one picture: exact curves, bands between bounds with the
   simulated curve in them, references in grey. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "plot/curves.h"

typedef struct cli_drawn_row {
  const char *label; /* lent */
  bool reference;
  const char *simulated; /* the word for its trials */
  cli_curves curves;
} cli_drawn_row;

static bool is_exact(const cli_drawn_row *row)
{
  return row->curves.p.count > 0;
}

/* ---- axes ---- */

/* Where a law reaches the share p of what it reaches at all. */
static double time_of(const cli_drawn_row *row, double p)
{
  const cli_curves *curves = &row->curves;
  bool exact = is_exact(row), simulated = curves->sim_p.count > 0;
  const cli_list *share = exact ? &curves->p : simulated ? &curves->sim_p : &curves->lower;
  const cli_list *time = exact || !simulated ? &curves->time : &curves->sim_time;
  for (size_t k = 0; k < share->count; k++)
    if (share->value[k] >= p * share->value[share->count - 1] && isfinite(time->value[k]))
      return time->value[k];
  return 0.0;
}

/* One heavy tail must not squeeze the others: the axis ends where all have their 0.99 quantile, or at 2.5 times the
   middle of those quantiles, but shows every median. */
static double comparison_end(const cli_drawn_row *row, size_t rows)
{
  double high[COMPARE_MOST_ROWS], median = 0.0;
  for (size_t k = 0; k < rows; k++) {
    high[k] = time_of(&row[k], 0.99);
    median = fmax(median, time_of(&row[k], 0.5));
  }
  qsort(high, rows, sizeof *high, testudo_i_ascending_reals);
  double end = fmax(1.2 * median, fmin(1.02 * high[rows - 1], 2.5 * high[(rows - 1) / 2]));
  return end > 0.0 ? end : 1.0;
}

/* ---- drawing ---- */

static void comparison_blocks(FILE *script, const cli_drawn_row *row, size_t k)
{
  char name[32];
  const cli_curves *curves = &row->curves;
  snprintf(name, sizeof name, "$law%zu", k);
  if (is_exact(row)) {
    plot_block(script, name, curves->time.value, curves->p.value, NULL, curves->p.count);
    return;
  }
  if (curves->lower.count > 0)
    plot_block(script, name, curves->time.value, curves->lower.value, curves->upper.value, curves->lower.count);
  snprintf(name, sizeof name, "$sim%zu", k);
  plot_block(script, name, curves->sim_time.value, curves->sim_p.value, NULL, curves->sim_p.count);
}

/* Two names side by side must fit, so the longest lose their middle. */
static void put_label(FILE *script, const cli_drawn_row *row, const char *what)
{
  enum { HEAD = 24, TAIL = 22 };
  char label[160];
  size_t length = strlen(row->label);
  if (length <= HEAD + TAIL + 2)
    snprintf(label, sizeof label, "%s (%s)", row->label, what);
  else
    snprintf(label, sizeof label, "%.*s..%s (%s)", HEAD, row->label, row->label + length - TAIL, what);
  fputs("title ", script);
  plot_quote(script, label);
}

typedef struct cli_look {
  const char *colour;
  double width;
  size_t dash;
} cli_look;

/* The look of the `same`-th of its kind. Curves may coincide: the later are thinner, so that the earlier show. */
static cli_look look_of(const cli_drawn_row *row, size_t same)
{
  if (row->reference)
    return (cli_look){PLOT_GREY, 2.0, 2 + same % 4};
  return (cli_look){plot_colour(same), same < 6 ? 3.4 - 0.3 * (double)same : 1.6, 1 + same / PLOT_COLOURS % 4};
}

/* Bands lie under all lines. */
static void put_band(FILE *script, const cli_drawn_row *row, size_t k, size_t same)
{
  if (row->curves.lower.count == 0)
    return;
  fprintf(script, "$law%zu using 1:2:3 with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.25 noborder",
          k, look_of(row, same).colour);
  if (row->curves.sim_p.count > 0)
    fputs(" notitle, ", script);
  else {
    fputc(' ', script);
    put_label(script, row, "bounds");
    fputs(", ", script);
  }
}

static void put_line(FILE *script, const cli_drawn_row *row, size_t k, size_t same)
{
  cli_look look = look_of(row, same);
  if (!is_exact(row) && row->curves.sim_p.count == 0)
    return;
  fprintf(script, "$%s%zu using 1:2 with lines linewidth %.2g dashtype %zu linecolor rgb '%s' ",
          is_exact(row) ? "law" : "sim", k, look.width, look.dash, look.colour);
  put_label(script, row, is_exact(row) ? "exact" : row->curves.lower.count > 0 ? "bounds, simulated" : row->simulated);
  fputs(", ", script);
}

static void put_all(FILE *script, const cli_drawn_row *row, size_t rows,
                    void put(FILE *, const cli_drawn_row *, size_t, size_t))
{
  size_t same[2] = {0, 0};
  for (size_t k = 0; k < rows; k++)
    put(script, &row[k], k, same[row[k].reference]++);
}

/* The share that has ended by the mean. */
static double share_at(const cli_drawn_row *row, double t)
{
  const cli_curves *curves = &row->curves;
  const cli_list *time = is_exact(row) ? &curves->time : &curves->sim_time;
  const cli_list *p = is_exact(row) ? &curves->p : &curves->sim_p;
  for (size_t k = 1; k < p->count; k++)
    if (time->value[k] >= t && time->value[k] > time->value[k - 1])
      return p->value[k - 1] + (p->value[k] - p->value[k - 1]) * (t - time->value[k - 1]) /
                                   (time->value[k] - time->value[k - 1]);
  return NAN;
}

static void put_means(FILE *script, const cli_drawn_row *row, size_t rows)
{
  fputs("$means << EOD\n", script);
  for (size_t k = 0; k < rows; k++) {
    double share = share_at(&row[k], row[k].curves.mean);
    if (isfinite(share) && isfinite(row[k].curves.mean))
      fprintf(script, "%.9g %.9g\n", row[k].curves.mean, share);
  }
  fputs("EOD\n", script);
}

static void comparison_title(FILE *script, const delay_result *delay)
{
  char title[400] = "Time of an iteration";
  if (delay->law != NULL)
    snprintf(title + strlen(title), sizeof title - strlen(title), " under %.200s", delay->law);
  if (delay->replay != NULL)
    snprintf(title + strlen(title), sizeof title - strlen(title), " as measured in %.200s", delay->replay);
  else if (delay->structure >= 0)
    snprintf(title + strlen(title), sizeof title - strlen(title), ", %s", structure_words[delay->structure]);
  delay_terms_write(delay, title + strlen(title), sizeof title - strlen(title));
  plot_title(script, title);
}

static void comparison_script(FILE *script, const cli_drawn_row *row, size_t rows, const delay_result *delay)
{
  comparison_title(script, delay);
  for (size_t k = 0; k < rows; k++)
    comparison_blocks(script, &row[k], k);
  put_means(script, row, rows);
  /* The second line of the label keeps the key off it. */
  fprintf(script, "set xrange [0:%.9g]\nset yrange [0:1.02]\nset xlabel \"completion time T (s)\\n \"\n"
                  "set ylabel 'P(T ≤ t)'\nset lmargin 9\nset rmargin 3\n", comparison_end(row, rows));
  fprintf(script, "set key below center horizontal maxcols 2 Left reverse noenhanced samplen 2.5 width -9"
                  " font ',%d'\nplot ", rows > 16 ? 8 : 9);
  put_all(script, row, rows, put_band);
  put_all(script, row, rows, put_line);
  fputs("$means using 1:2 with points pointtype 7 pointsize 0.9 linecolor rgb '" PLOT_BLACK "' title 'mean'\n", script);
}

static testudo_status take_rows(cli_drawn_row *row, const cli_comparison *comparison, const char *name,
                                testudo_error *error)
{
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *from = &comparison->row[k];
    if (from->label == NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: rows[%zu].label: is missing", name, k);
    row[k] = (cli_drawn_row){.label = from->label, .reference = from->reference != NULL,
                             .simulated = comparison->delay.replay != NULL ? "as measured" : "simulated"};
    curves_fill(&row[k].curves, &from->analyze, &from->simulate);
    TESTUDO_I_TRY(curves_check(&row[k].curves, name, error));
  }
  return TESTUDO_OK;
}

testudo_status draw_comparison(cli_plot *plot, const cli_comparison *comparison, const char *name,
                               testudo_error *error)
{
  cli_drawn_row row[COMPARE_MOST_ROWS];
  size_t rows = comparison->measured;
  if (rows < 1 || rows > COMPARE_MOST_ROWS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: rows: has %zu entries, but 1..%d are drawn", name, rows,
                          COMPARE_MOST_ROWS);
  TESTUDO_I_TRY(take_rows(row, comparison, name, error));
  comparison_script(plot->script, row, rows, &comparison->delay);
  return TESTUDO_OK;
}

testudo_status draw_comparison_file(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  cli_comparison comparison = {.rows = 0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(fields_read(document, testudo_i_json_root(document), "", compare_fields, &comparison, &arena, error));
  return draw_comparison(plot, &comparison, testudo_i_json_name(document), error);
}
