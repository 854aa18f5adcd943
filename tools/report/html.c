/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts in pages of HTML. */
#include "report/html.h"

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
