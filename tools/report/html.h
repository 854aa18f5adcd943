/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts in pages of HTML. */
#ifndef TOOLS_REPORT_HTML_H
#define TOOLS_REPORT_HTML_H

#include <stdio.h>

/* A text, in an element or in an attribute between double quotes: whatever stands in it is no markup. */
void html_put(FILE *stream, const char *text);

/* JSON inside <script type="application/json">, which nothing in it ends. */
void html_put_data(FILE *stream, const char *json);

/* A text between pieces of markup; NULL: empty. */
void html_put_in(FILE *stream, const char *before, const char *text, const char *behind);

/* Cells of tables: a text, NULL: empty; a number with so many digits, and the whole of it for sorting, empty where it
   is not finite. */
void html_put_cell(FILE *stream, const char *text);
void html_put_number(FILE *stream, double number, int digits);
void html_put_range(FILE *stream, double low, double high); /* sorted by the lower end */

/* A page: no other file, no network. `style` is CSS of its own behind what all pages have, or NULL. */
void html_begin(FILE *stream, const char *title, const char *style);

/* `script`: JavaScript of its own behind that of sorted tables, or NULL for a page without any script. */
void html_end(FILE *stream, const char *script);

/* For a page that ends with a script: it makes every heading of <table class="sorted"> sort by its column, by number
   where the heading is of class "n" (a cell's data-v, or its text), makes a choice of the values of each heading with
   data-filter, and a field that keeps rows in which a text stands. Without the script the table is as it
   was written. */
#define HTML_SORTED "sorted"

/* On a page that ends with a script: what is missing without it; `what` is a sentence more. */
#define HTML_NOSCRIPT(what)                                                                                            \
  "<noscript><p class=\"note\">Scripts are off: tables do not sort, and have no filters. " what "</p></noscript>\n"

/* Before a table of HTML_SORTED " long": of more than 1,000 rows the script shows the first 300, and all when asked. */
#define HTML_LONG "<script>document.documentElement.classList.add(\"js\");</script>\n"

#endif
