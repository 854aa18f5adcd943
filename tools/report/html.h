/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts in pages of HTML. */
#ifndef TOOLS_REPORT_HTML_H
#define TOOLS_REPORT_HTML_H

#include <stdio.h>

/* A text, in an element or in an attribute between double quotes: whatever stands in it is no markup. */
void html_put(FILE *stream, const char *text);

#endif
