/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table as one page of HTML: no other file, no network, readable without its script. */
#include "table/table.h"

#include <math.h>

#include "report/html.h"

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Best designs known</title>\n<style>\n"
    ":root { color-scheme: light dark; --line: #8884; --faint: #8881; --accent: #17694b; }\n"
    "@media (prefers-color-scheme: dark) { :root { --accent: #6fd3a8; } }\n"
    "body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 110rem; padding: 1.2rem; }\n"
    "h1 { font-size: 1.5rem; margin: 0 0 .3rem; }\np { margin: .3rem 0 .8rem; max-width: 60rem; }\n"
    "form { display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin: 1rem 0; }\n"
    "label { display: flex; gap: .35rem; align-items: center; }\n"
    "select, input { font: inherit; padding: .15rem .3rem; }\n"
    "table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }\n"
    "th { position: sticky; top: 0; background: Canvas; cursor: pointer; white-space: nowrap; }\n"
    "th[aria-sort=ascending]::after { content: \" \\2191\"; }\n"
    "th[aria-sort=descending]::after { content: \" \\2193\"; }\n"
    "td.n, th.n { text-align: right; white-space: nowrap; }\ntd:last-child { min-width: 20rem; }\n"
    "td:nth-child(7) { min-width: 8rem; max-width: 14rem; overflow-wrap: anywhere; }\n"
    "td:nth-child(13) { min-width: 9rem; }\nselect { max-width: 24rem; }\n"
    "tbody tr:hover { background: var(--faint); }\n"
    "td.v { color: var(--accent); font-weight: 600; white-space: nowrap; }\n"
    "code { font-size: .82em; overflow-wrap: anywhere; }\nsmall { opacity: .75; font-weight: 400; }\n"
    "</style>\n</head>\n<body>\n";

/* Filters are made from what stands in the columns. */
static const char page_script[] =
    "<script>\n\"use strict\";\n"
    "const body = document.querySelector(\"tbody\"), rows = [...body.rows], form = document.querySelector(\"form\");\n"
    "const heads = [...document.querySelectorAll(\"th\")], chosen = new Map();\n"
    "const value = (row, k) => row.cells[k].dataset.v ?? row.cells[k].textContent;\n"
    "const number = text => text === \"\" ? Infinity : Number(text);\n"
    "function apply() {\n  let shown = 0;\n  for (const row of rows) {\n"
    "    row.hidden = [...chosen].some(([k, wanted]) => wanted !== \"\" && value(row, k) !== wanted);\n"
    "    shown += !row.hidden;\n  }\n"
    "  document.querySelector(\"#shown\").textContent = shown + \" of \" + rows.length + \" cells\";\n}\n"
    "heads.forEach((head, k) => {\n  if (head.dataset.filter !== undefined) {\n"
    "    const words = [...new Set(rows.map(row => value(row, k)))];\n"
    "    if (head.classList.contains(\"n\")) words.sort((a, b) => a - b);\n"
    "    const label = document.createElement(\"label\"), select = document.createElement(\"select\");\n"
    "    select.append(new Option(\"all\", \"\"), ...words.map(word => new Option(word, word)));\n"
    "    select.addEventListener(\"change\", () => { chosen.set(k, select.value); apply(); });\n"
    "    label.append(head.dataset.filter, select);\n    form.append(label);\n  }\n"
    "  head.addEventListener(\"click\", () => {\n"
    "    const rising = head.getAttribute(\"aria-sort\") !== \"ascending\", sign = rising ? 1 : -1;\n"
    "    heads.forEach(other => other.removeAttribute(\"aria-sort\"));\n"
    "    head.setAttribute(\"aria-sort\", rising ? \"ascending\" : \"descending\");\n"
    "    const numeric = head.classList.contains(\"n\") || head.classList.contains(\"v\");\n"
    "    const order = numeric ? (a, b) => number(value(a, k)) - number(value(b, k))\n"
    "                          : (a, b) => value(a, k).localeCompare(value(b, k));\n"
    "    rows.sort((a, b) => sign * order(a, b));\n    body.append(...rows);\n  });\n});\n"
    "apply();\n</script>\n";

/* The whole number goes with it, for sorting. */
static void put_number(FILE *stream, const char *class, double number, int digits, const char *more)
{
  if (!isfinite(number)) {
    fprintf(stream, "<td class=\"%s\" data-v=\"\"></td>", class);
    return;
  }
  fprintf(stream, "<td class=\"%s\" data-v=\"%.12g\">%.*g%s</td>", class, number, digits, number, more);
}

static void put_words(FILE *stream, const char *words)
{
  fputs("<td>", stream);
  html_put(stream, words);
  fputs("</td>", stream);
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
  put_words(stream, row->delay);
  put_words(stream, row->objective);
  put_number(stream, "v", row->value, 6, interval);
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
  fputs(page_head, stream);
  fputs("<h1>Best designs known</h1>\n<p>For each number of workers, load, granularity, parts of the gradient, delay"
        " model and objective: the fastest design of scheme partial that is known, and what no design can be better"
        " than. Times are in seconds. A share is the part of all data that each worker has when nothing is coded; a"
        " worker holds at most <i>load</i> shares of <i>c</i> chunks each. Simulated values are 95 % intervals."
        " <code>testudo table check</code> computes everything again, <code>testudo table add</code> takes better"
        " designs.</p>\n<form></form>\n<p id=\"shown\"></p>\n<table>\n<thead><tr>"
        "<th class=\"n\" data-filter=\"workers\">workers</th><th class=\"n\" data-filter=\"load\">load</th>"
        "<th class=\"n\" data-filter=\"chunks per share\">c</th><th class=\"n\" data-filter=\"parts\">parts</th>"
        "<th class=\"n\">copies</th><th class=\"n\">at least</th><th data-filter=\"delay\">delay</th>"
        "<th data-filter=\"objective\">objective</th><th class=\"v\">value</th><th class=\"n\">bound</th>"
        "<th class=\"n\">gap</th><th class=\"n\">over named</th><th>found by</th><th>design</th></tr></thead>\n"
        "<tbody>\n", stream);
  for (size_t k = 0; k < t->rows; k++)
    put_row(stream, &t->row[k]);
  fputs("</tbody>\n</table>\n", stream);
  fputs(page_script, stream);
  fputs("</body>\n</html>\n", stream);
}
