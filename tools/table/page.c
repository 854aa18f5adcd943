/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table as one page of HTML: no other file, no network, readable without its script. */
#include "table/table.h"

#include <math.h>

#include "report/html.h"

static const char own_style[] =
    "td:last-child { min-width: 20rem; }\n"
    "td:nth-child(7) { min-width: 8rem; max-width: 14rem; overflow-wrap: anywhere; }\n"
    "td:nth-child(13) { min-width: 9rem; }\ntd.v { color: var(--accent); font-weight: 600; }\n";

/* The whole number goes with it, for sorting. */
static void put_number(FILE *stream, const char *class, double number, int digits, const char *more)
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
  html_put(stream, row->method);
  fputs("<br><small>", stream);
  html_put(stream, row->by);
  fprintf(stream, ", %s", row->date);
  if (isfinite(row->previous)) {
    fprintf(stream, "; before: %.6g s, ", row->previous);
    html_put(stream, row->previous_method);
  }
  fputs("</small></td>", stream);
}

static void put_row(FILE *stream, const table_row *row)
{
  char interval[96];
  bool simulated = row->trials >= 0;
  snprintf(interval, sizeof interval, " <small>%s</small>", simulated ? "simulated" : "exact");
  if (simulated)
    snprintf(interval, sizeof interval, " <small>%.5g to %.5g</small>", row->low, row->high);
  fputs("<tr>", stream);
  put_number(stream, "n", row->workers, 9, "");
  put_number(stream, "n", row->load_limit, 6, "");
  put_number(stream, "n", row->granularity, 9, "");
  put_number(stream, "n", row->parts, 9, "");
  put_number(stream, "n", row->copies, 4, "");
  put_number(stream, "n", row->least_copies, 9, "");
  html_put_cell(stream, row->delay);
  html_put_cell(stream, row->objective);
  put_number(stream, "n v", row->value, 6, interval);
  put_number(stream, "n", row->bound, 6, "");
  put_number(stream, "n", table_gap(row), 3, " %");
  put_number(stream, "n", table_gain(row), 3, " %");
  put_method(stream, row);
  fputs("<td><code>", stream);
  html_put(stream, row->design);
  fputs("</code></td></tr>\n", stream);
}

void table_write_page(FILE *stream, const cli_table *t)
{
  html_begin(stream, "Best designs known", own_style);
  fputs("<h1>Best designs known</h1>\n" HTML_NOSCRIPT("") "<p>For each number of workers, load, granularity, parts of"
        " the gradient, delay model and objective: the fastest design of scheme partial that is known, and what no"
        " design can be better"
        " than. Times are in seconds. A share is the part of all data that each worker has when nothing is coded; a"
        " worker holds at most <i>load</i> shares of <i>c</i> chunks each. Simulated values are 95 % intervals."
        " <code>testudo table check</code> computes everything again, <code>testudo table add</code> takes better"
        " designs.</p>\n<table class=\"" HTML_SORTED "\">\n<thead><tr>"
        "<th class=\"n\" data-filter=\"workers\">workers</th><th class=\"n\" data-filter=\"load\">load</th>"
        "<th class=\"n\" data-filter=\"chunks per share\">c</th><th class=\"n\" data-filter=\"parts\">parts</th>"
        "<th class=\"n\">copies</th><th class=\"n\">at least</th><th data-filter=\"delay\">delay</th>"
        "<th data-filter=\"objective\">objective</th><th class=\"n v\">value</th><th class=\"n\">bound</th>"
        "<th class=\"n\">gap</th><th class=\"n\">over named</th><th>found by</th><th>design</th></tr></thead>\n"
        "<tbody>\n", stream);
  for (size_t k = 0; k < t->rows; k++)
    put_row(stream, &t->row[k]);
  fputs("</tbody>\n</table>\n", stream);
  html_end(stream, "");
}
