/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts in pages of HTML. */
#include "report/html.h"

#include <math.h>
#include <stddef.h>

void html_put(FILE *stream, const char *text)
{
  for (; *text != '\0'; text++) {
    const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;" : NULL;
    if (entity != NULL)
      fputs(entity, stream);
    else
      fputc(*text, stream);
  }
}

void html_put_data(FILE *stream, const char *json)
{
  for (; *json != '\0'; json++)
    if (*json == '<')
      fputs("\\u003c", stream);
    else
      fputc(*json, stream);
}

void html_put_in(FILE *stream, const char *before, const char *text, const char *behind)
{
  fputs(before, stream);
  html_put(stream, text == NULL ? "" : text);
  fputs(behind, stream);
}

void html_put_cell(FILE *stream, const char *text)
{
  html_put_in(stream, "<td>", text, "</td>");
}

void html_put_number(FILE *stream, double number, int digits)
{
  if (isfinite(number))
    fprintf(stream, "<td class=\"n\" data-v=\"%.17g\">%.*g</td>", number, digits, number);
  else
    fputs("<td class=\"n\" data-v=\"\"></td>", stream);
}

void html_put_range(FILE *stream, double low, double high)
{
  fprintf(stream, "<td class=\"n\" data-v=\"%.17g\">%.5g to %.5g</td>", low, low, high);
}

static const char page_style[] =
    ":root { color-scheme: light dark; --line: #8884; --faint: #8881; --accent: #17694b; }\n"
    "@media (prefers-color-scheme: dark) { :root { --accent: #6fd3a8; } }\n"
    "body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 110rem; padding: 1.2rem; }\n"
    "h1 { font-size: 1.4rem; margin: 0 0 .3rem; color: var(--accent); }\n"
    "h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }\np { margin: .3rem 0 .8rem; max-width: 62rem; }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .4rem 0; }\n"
    "dt { opacity: .75; }\ndd { margin: 0; overflow-wrap: anywhere; }\n.wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }\n"
    "th { white-space: nowrap; font-weight: 600; }\ntd.n, th.n { text-align: right; white-space: nowrap; }\n"
    ".note { border-left: 3px solid var(--accent); padding-left: .6rem; }\n"
    "small { opacity: .75; font-weight: 400; }\ncode { font-size: .85em; overflow-wrap: anywhere; }\n"
    "form { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin: .6rem 0; }\n"
    "label { display: flex; gap: .35rem; align-items: center; }\n"
    "select, input { font: inherit; padding: .15rem .3rem; max-width: 24rem; }\n"
    ".sorted th { position: sticky; top: 0; background: Canvas; border-bottom: 0; }\n"
    ".sorted th { box-shadow: inset 0 -1px var(--line); }\n"
    ".sorted th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }\n"
    ".sorted th[aria-sort=ascending] button::after { content: \" \\2191\"; }\n"
    ".sorted th[aria-sort=descending] button::after { content: \" \\2193\"; }\n"
    ".sorted tbody tr:hover { background: var(--faint); }\n"
    ".js .long:not(.ready) tbody tr:nth-child(n+301) { display: none; }\n"
    "@media print { form { display: none; } .sorted th { position: static; } body { max-width: none; } }\n";

static const char sorted_script[] =
    "for (const table of document.querySelectorAll(\"table.sorted\")) {\n"
    "  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];\n"
    "  const form = document.createElement(\"form\"), shown = document.createElement(\"output\");\n"
    "  const text = document.createElement(\"input\"), chosen = new Map();\n"
    "  const value = (row, k) => row.cells[k].dataset.v ?? row.cells[k].textContent;\n"
    "  const number = word => word === \"\" ? Infinity : Number(word);\n"
    "  const named = (name, field) => {\n    const label = document.createElement(\"label\");\n"
    "    label.append(name, field);\n    form.append(label);\n  };\n"
    "  const long = rows.length > 1000, more = document.createElement(\"button\");\n  let limit = long ? 300 :"
    " Infinity;\n"
    "  const apply = () => {\n    const wanted = text.value.toLowerCase();\n    let count = 0;\n"
    "    for (const row of rows) {\n      const out = [...chosen].some(([k, word]) => word !== \"\" &&"
    " value(row, k) !== word) ||\n        (wanted !== \"\" && !row.textContent.toLowerCase().includes(wanted));\n"
    "      count += !out;\n      const hidden = out || count > limit;\n"
    "      if (row.hidden !== hidden) row.hidden = hidden;\n    }\n"
    "    shown.textContent = count + \" of \" + rows.length;\n    more.hidden = count <= limit;\n"
    "    more.textContent = \"the first \" + limit + \" are shown: show all\";\n  };\n"
    "  heads.forEach((head, k) => {\n    const button = document.createElement(\"button\");\n"
    "    button.type = \"button\";\n    button.append(...head.childNodes);\n    head.append(button);\n"
    "    button.addEventListener(\"click\", () => {\n"
    "      const rising = head.getAttribute(\"aria-sort\") !== \"ascending\", sign = rising ? 1 : -1;\n"
    "      heads.forEach(other => other.removeAttribute(\"aria-sort\"));\n"
    "      head.setAttribute(\"aria-sort\", rising ? \"ascending\" : \"descending\");\n"
    "      const keys = new Map(rows.map(row => [row, head.classList.contains(\"n\") ? number(value(row, k))"
    " : value(row, k)]));\n      const order = head.classList.contains(\"n\")\n"
    "        ? (a, b) => (keys.get(a) > keys.get(b)) - (keys.get(a) < keys.get(b))\n"
    "        : (a, b) => keys.get(a).localeCompare(keys.get(b));\n"
    "      rows.sort((a, b) => sign * order(a, b));\n      body.append(...rows);\n"
    "      if (limit < rows.length) apply();\n    });\n"
    "    if (head.dataset.filter === undefined) return;\n"
    "    const words = [...new Set(rows.map(row => value(row, k)))], select = document.createElement(\"select\");\n"
    "    if (words.length > 200) return;\n"
    "    if (head.classList.contains(\"n\")) words.sort((a, b) => a - b);\n"
    "    select.append(new Option(\"all\", \"\"), ...words.map(word => new Option(word, word)));\n"
    "    select.addEventListener(\"change\", () => { chosen.set(k, select.value); apply(); });\n"
    "    named(head.dataset.filter, select);\n  });\n  text.type = \"search\";\n"
    "  text.addEventListener(\"input\", apply);\n  named(\"with the text\", text);\n  form.append(shown, more);\n"
    "  more.type = \"button\";\n  more.addEventListener(\"click\", () => { limit = Infinity; apply(); });\n"
    "  form.addEventListener(\"submit\", event => event.preventDefault());\n"
    "  (table.closest(\".wide\") ?? table).before(form);\n  apply();\n"
    "  table.classList.add(\"ready\");\n}\n";

void html_begin(FILE *stream, const char *title, const char *style)
{
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", stream);
  html_put_in(stream, "<title>", title, "</title>\n<style>\n");
  fprintf(stream, "%s%s</style>\n</head>\n<body>\n", page_style, style == NULL ? "" : style);
}

void html_end(FILE *stream, const char *script)
{
  if (script != NULL)
    fprintf(stream, "<script>\n\"use strict\";\n%s%s</script>\n", sorted_script, script);
  fputs("</body>\n</html>\n", stream);
}
