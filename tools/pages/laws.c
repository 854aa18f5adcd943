/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws on a page: their pictures, and what each is. */
#include "pages/pages.h"

#include <math.h>

#include "base/error.h"
#include "report/html.h"

static testudo_status put_figure(FILE *stream, const drawn_laws *laws, law_picture show, testudo_error *error)
{
  TESTUDO_I_HELD(figure_clear) figure f = {.x = {.least = NAN, .most = NAN}, .y = {.least = NAN, .most = NAN}};
  TESTUDO_I_TRY(laws_figure(laws, show, &f, error));
  figure_svg(stream, &f);
  return TESTUDO_OK;
}

static void put_row(FILE *stream, const drawn_law *law)
{
  fputs("<tr>", stream);
  html_put_cell(stream, law->name);
  html_put_cell(stream, law->delay);
  html_put_number(stream, law->mean, 9);
  html_put_cell(stream, law->how);
  html_put_cell(stream, law->file);
  html_put_in(stream, "<td><code>", law->command, "</code></td></tr>\n");
}

testudo_status page_put_laws(FILE *stream, const drawn_laws *laws, testudo_error *error)
{
  bool errors = false;
  fputs("<h2>Laws of the completion time</h2>\n<div class=\"figures\">\n", stream);
  for (size_t k = 0; k < laws->count; k++)
    errors = errors || laws->law[k].error.count > 0;
  TESTUDO_I_TRY(put_figure(stream, laws, SHOW_LAW, error));
  TESTUDO_I_TRY(put_figure(stream, laws, SHOW_SURVIVAL, error));
  if (errors)
    TESTUDO_I_TRY(put_figure(stream, laws, SHOW_ERROR, error));
  fputs("</div>\n<div class=\"wide\"><table class=\"" HTML_SORTED "\">\n<thead><tr><th>design</th><th>delay model</th>"
        "<th class=\"n\">mean (s)</th><th data-filter=\"how\">how</th><th>file</th><th>command</th></tr></thead>\n"
        "<tbody>\n", stream);
  for (size_t k = 0; k < laws->count; k++)
    put_row(stream, &laws->law[k]);
  fputs("</tbody>\n</table></div>\n", stream);
  return TESTUDO_OK;
}
