/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay/number.h"

#include <stdbool.h>
#include <stdio.h>

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
