/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "delay/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t digits(const char *token, size_t length, size_t at)
{
  size_t end = at;
  while (end < length && token[end] >= '0' && token[end] <= '9')
    end++;
  return end - at;
}

static size_t sign(const char *token, size_t length, size_t at)
{
  return at < length && (token[at] == '+' || token[at] == '-') ? 1 : 0;
}

/* strtod takes more than we do: leading blanks, hexadecimal, infinities. */
static bool is_real(const char *token, size_t length)
{
  size_t at = sign(token, length, 0);
  size_t whole = digits(token, length, at), fraction = 0;
  at += whole;
  if (at < length && token[at] == '.') {
    fraction = digits(token, length, at + 1);
    at += 1 + fraction;
  }
  if (whole + fraction == 0)
    return false;
  if (at < length && (token[at] == 'e' || token[at] == 'E')) {
    at += 1 + sign(token, length, at + 1);
    size_t exponent = digits(token, length, at);
    if (exponent == 0)
      return false;
    at += exponent;
  }
  return at == length;
}

bool testudo_i_parse_real(const char *token, size_t length, double *value)
{
  char copy[512];
  if (length > 500 || !is_real(token, length))
    return false;
  memcpy(copy, token, length);
  copy[length] = '\0';
  /* The locale of this thread alone, and only for the call. */
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0)
    return false;
  locale_t kept = uselocale(plain);
  *value = strtod(copy, NULL);
  uselocale(kept);
  freelocale(plain);
  return isfinite(*value);
}

bool testudo_i_parse_count(const char *token, size_t length, int32_t *value)
{
  if (length == 0 || digits(token, length, 0) != length)
    return false;
  int64_t sum = 0;
  for (size_t k = 0; k < length; k++) {
    sum = sum * 10 + (token[k] - '0');
    if (sum > INT32_MAX)
      return false;
  }
  *value = (int32_t)sum;
  return true;
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

testudo_i_quote testudo_i_quote_of(const char *token, size_t length)
{
  testudo_i_quote quote;
  size_t kept = length > 40 ? 40 : length;
  for (size_t k = 0; k < kept; k++)
    quote.text[k] = token[k] >= ' ' && token[k] <= '~' ? token[k] : '?';
  strcpy(quote.text + kept, length > 40 ? "..." : "");
  return quote;
}
