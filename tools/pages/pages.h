/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages for colleagues: what results and stores hold, in one file of HTML. */
#ifndef TOOLS_PAGES_PAGES_H
#define TOOLS_PAGES_PAGES_H

#include <stdio.h>

#include "plot/laws.h"
#include "plot/points.h"

/* What a page is made of; `sources` are the files, in words. */
typedef struct page_content {
  const char *title;      /* the user's, or NULL */
  const char *sources;
  drawn_points points;    /* count 0: none */
  drawn_laws laws;        /* count 0: none */
} page_content;

TESTUDO_CHECKED testudo_status page_write(FILE *stream, const page_content *page, testudo_error *error);

/* Its parts: a sentence, tables, pictures; and the script that opens a point. */
TESTUDO_CHECKED testudo_status page_put_points(FILE *stream, const drawn_points *points, const char *sources,
                                               testudo_error *error);
/* Data of that script: the quantiles of every delay model's law, those of files that are here. */
TESTUDO_CHECKED testudo_status page_put_delays(FILE *stream, const drawn_points *points, testudo_error *error);
TESTUDO_CHECKED testudo_status page_put_laws(FILE *stream, const drawn_laws *laws, testudo_error *error);
extern const char page_points_style[], page_points_script[];

#endif
