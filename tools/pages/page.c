/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of what there is. */
#include "pages/pages.h"

#include "base/error.h"
#include "report/html.h"

testudo_status page_write(FILE *stream, const page_content *page, testudo_error *error)
{
  char style[8000];
  snprintf(style, sizeof style, "%s%s", figure_svg_style, page_points_style);
  const char *title = page->title != NULL ? page->title : page->sources;
  html_begin(stream, title, style);
  html_put_in(stream, "<h1>", title, "</h1>\n");
  fputs(page->points.count > 0
            ? HTML_NOSCRIPT("The number of a point leads to its row, and does not open what is known of it; the"
                            " commands that make it again stand at the end.")
            : HTML_NOSCRIPT(""),
        stream);
  if (page->points.count > 0)
    TESTUDO_I_TRY(page_put_points(stream, &page->points, page->sources, error));
  if (page->laws.count > 0)
    TESTUDO_I_TRY(page_put_laws(stream, &page->laws, error));
  fprintf(stream, "<p><small>testudo %s. Exact, bounds and simulated say how a number was found: bounds enclose it, a"
                  " simulated one has a standard error.</small></p>\n", testudo_version());
  html_end(stream, page->points.count > 0 ? page_points_script : "");
  return TESTUDO_OK;
}
