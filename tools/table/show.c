/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table show`: rows as text, JSON and CSV by their fields, as Markdown and as one page of HTML. */
#include "report/html.h"
#include "table/table.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/output.h"

static testudo_status select_rows(cli_table *t, testudo_error *error)
{
  size_t rows = testudo_best_rows(t->table);
  t->row = testudo_i_arena_calloc(&t->arena, rows, sizeof *t->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  for (size_t k = 0; k < rows; k++) {
    const testudo_best_row *row = testudo_best_row_at(t->table, k);
    if (table_selects(t, row))
      TESTUDO_I_TRY(table_show_row(t, row, &t->row[t->rows++], error));
  }
  return TESTUDO_OK;
}

/* What a gap is called that is none, or that the trials cannot tell from none; NULL: by its number. */
static const char *gap_words(const table_row *row)
{
  bool open = row->best.value.kind == TESTUDO_BEST_SIMULATED && row->best.bound >= row->best.value.low;
  return row->optimal ? "optimal" : open ? "none seen" : NULL;
}

/* ---- Markdown ---- */

/* What would end a cell is escaped. */
static void put_cell(FILE *stream, const char *text)
{
  for (; *text != '\0'; text++) {
    if (strchr("|\\`*_<", *text) != NULL)
      fputc('\\', stream);
    fputc(*text, stream);
  }
}

static void put_number(FILE *stream, double number, int digits, const char *unit)
{
  if (isfinite(number))
    fprintf(stream, " %.*g%s |", digits, number, unit);
  else
    fputs(" |", stream);
}

static void table_write_markdown(FILE *stream, const cli_table *t)
{
  fputs("| workers | load | c | l | delay | objective | value (s) | | bound (s) | gap | over named | method | design"
        " |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n", stream);
  for (size_t k = 0; k < t->rows; k++) {
    const table_row *row = &t->row[k];
    const testudo_best_key *key = &row->best.key;
    fprintf(stream, "| %d | %g | %d | %d | ", (int)key->workers, key->load, (int)key->granularity, (int)key->parts);
    put_cell(stream, row->delay);
    fprintf(stream, " | %s |", row->objective);
    put_number(stream, row->best.value.value, 6, "");
    fprintf(stream, " %s |", row->kind);
    put_number(stream, row->best.bound, 6, "");
    if (gap_words(row) != NULL)
      fprintf(stream, " %s |", gap_words(row));
    else
      put_number(stream, table_gap(row), 3, " %");
    put_number(stream, table_gain(row), 3, " %");
    fputc(' ', stream);
    put_cell(stream, row->best.method);
    fprintf(stream, " | `%s` |\n", row->design);
  }
}

/* ---- the page: no other file, no network, readable without its script ---- */

static const char own_style[] =
    "td:nth-child(6) { min-width: 7rem; max-width: 13rem; overflow-wrap: anywhere; }\n"
    "td:nth-child(12) { min-width: 13rem; }\ntd:last-child { min-width: 17rem; }\n"
    "td.v { color: var(--accent); font-weight: 600; }\ntime, code span { white-space: nowrap; }\n";

/* The whole number goes with it, for sorting. */
static void put_number_cell(FILE *stream, const char *class, double number, int digits, const char *more)
{
  if (!isfinite(number)) {
    fprintf(stream, "<td class=\"%s\" data-v=\"\"></td>", class);
    return;
  }
  fprintf(stream, "<td class=\"%s\" data-v=\"%.12g\">%.*g%s</td>", class, number, digits, number, more);
}

static void put_method(FILE *stream, const table_row *row)
{
  fputs("<td>", stream);
  html_put(stream, row->best.method);
  fputs("<br><small>", stream);
  html_put(stream, row->best.by);
  fprintf(stream, ", <time>%s</time>", row->best.date);
  if (isfinite(row->best.previous.value)) {
    fprintf(stream, "; before: %.6g s, ", row->best.previous.value);
    html_put(stream, row->best.previous.method);
  }
  fputs("</small></td>", stream);
}

/* A command, whose options are not cut at their hyphens, or a file. */
static void put_design(FILE *stream, const char *design)
{
  char word[2400];
  fputs("<td><code>", stream);
  while (*design != '\0') {
    size_t length = strcspn(design, " ") + strspn(design + strcspn(design, " "), " ");
    bool option = strncmp(design, "--", 2) == 0;
    length = length < sizeof word ? length : sizeof word - 1;
    snprintf(word, sizeof word, "%.*s", (int)length, design);
    if (option)
      html_put_in(stream, "<span>", word, "</span>");
    else
      html_put(stream, word);
    design += length;
  }
  fputs("</code></td>", stream);
}

static void put_row(FILE *stream, const table_row *row)
{
  const testudo_best_row *best = &row->best;
  char copies[64], interval[96] = "<br><small>exact</small>";
  snprintf(copies, sizeof copies, "<br><small>at least %d</small>", (int)best->least_copies);
  if (best->value.kind == TESTUDO_BEST_SIMULATED)
    snprintf(interval, sizeof interval, "<br><small>%.5g to %.5g</small>", best->value.low, best->value.high);
  fputs("<tr>", stream);
  put_number_cell(stream, "n", best->key.workers, 9, "");
  put_number_cell(stream, "n", best->key.load, 6, "");
  put_number_cell(stream, "n", best->key.granularity, 9, "");
  put_number_cell(stream, "n", best->key.parts, 9, "");
  put_number_cell(stream, "n", best->copies, 4, copies);
  html_put_cell(stream, row->delay);
  html_put_cell(stream, row->objective);
  put_number_cell(stream, "n v", best->value.value, 6, interval);
  put_number_cell(stream, "n", best->bound, 6, "");
  if (gap_words(row) != NULL)
    fprintf(stream, "<td class=\"n\" data-v=\"%.3g\">%s</td>", table_gap(row), gap_words(row));
  else
    put_number_cell(stream, "n", table_gap(row), 3, " %");
  put_number_cell(stream, "n", table_gain(row), 3, " %");
  put_method(stream, row);
  put_design(stream, row->design);
  fputs("</tr>\n", stream);
}

static void table_write_page(FILE *stream, const cli_table *t)
{
  html_begin(stream, "Best designs known", own_style);
  fputs("<h1>Best designs known</h1>\n" HTML_NOSCRIPT("") "<p>For each number of workers, load, granularity, parts of"
        " the gradient, delay model and objective: the fastest design of scheme partial that is known, and what no"
        " design can be better"
        " than. Times are in seconds. A share is the part of all data that each worker has when nothing is coded; a"
        " worker holds at most <i>load</i> shares of <i>c</i> chunks each, and chunks have so many <i>copies</i> on"
        " average. Simulated values are 95 % intervals. <i>Gap</i> is the value above the bound, none seen where that"
        " lies in the value's interval; <i>over named</i> is what the value is below that of the best named"
        " construction."
        " <code>testudo table check</code> computes everything again, <code>testudo table add</code> takes better"
        " designs.</p>\n" HTML_LONG "<table class=\"" HTML_SORTED " long\">\n<thead><tr>"
        "<th class=\"n\" data-filter=\"workers\">workers</th><th class=\"n\" data-filter=\"load\">load</th>"
        "<th class=\"n\" data-filter=\"chunks per share\">c</th><th class=\"n\" data-filter=\"parts\">parts</th>"
        "<th class=\"n\">copies</th><th data-filter=\"delay\">delay</th>"
        "<th data-filter=\"objective\">objective</th><th class=\"n v\">value</th><th class=\"n\">bound</th>"
        "<th class=\"n\">gap</th><th class=\"n\">over named</th><th>found by</th><th>design</th></tr></thead>\n"
        "<tbody>\n", stream);
  for (size_t k = 0; k < t->rows; k++)
    put_row(stream, &t->row[k]);
  fputs("</tbody>\n</table>\n", stream);
  html_end(stream, "");
}

static void write_csv(FILE *stream, const cli_table *t)
{
  fields_write_csv(stream, table_csv_fields, t);
}

/* ---- where it goes ---- */

static testudo_status write_as(cli_table *t, const char *path, void (*write)(FILE *, const cli_table *),
                               testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  write(output.stream, t);
  TESTUDO_I_TRY(session_output_end(&output, TESTUDO_OK, error));
  if (!cli_is_standard(path))
    report_show(t->arguments, table_fields, t);
  return TESTUDO_OK;
}

testudo_status table_show(cli_table *t, testudo_error *error)
{
  static void (*const writers[])(FILE *, const cli_table *) = {write_csv, table_write_markdown, table_write_page};
  const char *path = cli_text(t->arguments, "output", NULL);
  int ending = path == NULL ? -1 : cli_ending(path, ".csv .md .html");
  TESTUDO_I_TRY(select_rows(t, error));
  return ending < 0 ? report_write(t->arguments, table_fields, t, error) : write_as(t, path, writers[ending], error);
}
