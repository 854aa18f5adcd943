/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in texts: read and written alike in every locale. */
#define _POSIX_C_SOURCE 200809L
#include "delay/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool testudo_i_parse_real(const char *token, size_t length, double *value)
{
  char copy[512], *end;
  if (length == 0 || length > 500)
    return false;
  memcpy(copy, token, length);
  copy[length] = '\0';
  /* strtod takes more than we do: leading blanks, hexadecimal, infinities. */
  if (strspn(copy, "0123456789+-.eE") != length)
    return false;
  /* The locale of this thread alone, and only for the call. */
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0)
    return false;
  locale_t kept = uselocale(plain);
  *value = strtod(copy, &end);
  uselocale(kept);
  freelocale(plain);
  return end == copy + length && isfinite(*value);
}

/* The locale's decimal point may be several bytes. */
void testudo_i_format_real(double value, char text[TESTUDO_I_REAL_ROOM])
{
  char raw[TESTUDO_I_REAL_ROOM];
  snprintf(raw, sizeof raw, "%.17g", value);
  size_t length = 0;
  bool point = false;
  for (const char *at = raw; *at != '\0'; at++) {
    bool plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
    if (plain || !point)
      text[length++] = plain ? *at : '.';
    point = !plain;
  }
  text[length] = '\0';
}
