/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Powers of ten that a double holds exactly. */
#define EXACT_POWERS 23
static const double power_of_ten[EXACT_POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The digits before and behind the point; where they end, NULL: none, or too many. */
static const char *decimal_digits(const char *at, const char *stop, char point, testudo_i_decimal *decimal)
{
  uint64_t digits = 0;
  int seen = 0, kept = 0, behind = 0;
  for (bool pointed = false; at < stop && (testudo_i_is_digit(*at) || (*at == point && !pointed)); at++) {
    if (*at == point) {
      pointed = true;
      continue;
    }
    digits = 10 * digits + (uint64_t)(*at - '0');
    kept += digits > 0;
    seen++;
    behind += pointed;
    if (kept > 19)
      return NULL;
  }
  decimal->digits = digits;
  decimal->exponent = -behind;
  return seen > 0 ? at : NULL;
}

bool testudo_i_parse_decimal(const char *token, size_t length, char point, testudo_i_decimal *decimal)
{
  const char *at = token, *stop = token + (length > 500 ? 0 : length);
  decimal->negative = at < stop && *at == '-';
  at += at < stop && (*at == '-' || *at == '+');
  at = decimal_digits(at, stop, point, decimal);
  if (at == NULL || at == stop)
    return at != NULL;
  if (*at != 'e' && *at != 'E')
    return false;
  bool negative = ++at < stop && *at == '-';
  at += at < stop && (*at == '-' || *at == '+');
  const char *first = at;
  int32_t exponent = 0;
  for (; at < stop && testudo_i_is_digit(*at) && exponent < 100000; at++)
    exponent = 10 * exponent + (*at - '0');
  decimal->exponent += negative ? -exponent : exponent;
  return at > first && at == stop;
}

/* Digits and a power of ten that are exact, so that one rounding is all there is. Where a long double has 64 bits, its
   own rounding comes before that to a double, and decides nothing unless it ends near half a unit. */
static bool decimal_is_rounded(const testudo_i_decimal *decimal, double *value)
{
  int32_t exponent = decimal->exponent, power = exponent < 0 ? -exponent : exponent;
  if (power >= EXACT_POWERS)
    return false;
  if (decimal->digits <= (UINT64_C(1) << DBL_MANT_DIG)) {
    double digits = (double)decimal->digits;
    *value = exponent < 0 ? digits / power_of_ten[power] : digits * power_of_ten[power];
    return true;
  }
#if LDBL_MANT_DIG == 64
  long double digits = (long double)decimal->digits, scale = power_of_ten[power];
  long double exact = exponent < 0 ? digits / scale : digits * scale;
  uint64_t bits;
  memcpy(&bits, &exact, sizeof bits);
  unsigned below = (unsigned)(bits & 0x7ff);
  *value = (double)exact;
  return below < 0x3fe || below > 0x402;
#else
  return false;
#endif
}

/* The locale of this thread alone, and only for the call. */
static bool parse_slowly(const char *token, size_t length, char point, double *value)
{
  char copy[512], *end;
  memcpy(copy, token, length);
  copy[length] = '\0';
  for (char *at = copy; point != '.' && *at != '\0'; at++)
    *at = *at == point ? '.' : *at == '.' ? '?' : *at;
  /* strtod takes more than we do: leading blanks, hexadecimal, infinities. */
  if (strspn(copy, "0123456789+-.eE") != length)
    return false;
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0)
    return false;
  locale_t kept = uselocale(plain);
  *value = strtod(copy, &end);
  uselocale(kept);
  freelocale(plain);
  return end == copy + length && isfinite(*value);
}

bool testudo_i_parse_real_with(const char *token, size_t length, char point, double *value)
{
  testudo_i_decimal decimal;
  if (length == 0 || length > 500)
    return false;
  if (!testudo_i_parse_decimal(token, length, point, &decimal) || !decimal_is_rounded(&decimal, value))
    return parse_slowly(token, length, point, value);
  *value = decimal.negative ? -*value : *value;
  return true;
}

bool testudo_i_parse_real(const char *token, size_t length, double *value)
{
  return testudo_i_parse_real_with(token, length, '.', value);
}

/* 128 bits hold 19 digits times 10^19. */
typedef unsigned __int128 wide;

double testudo_i_decimal_difference(const testudo_i_decimal *b, const testudo_i_decimal *a)
{
  int32_t least = b->exponent < a->exponent ? b->exponent : a->exponent;
  double approximate = (b->negative ? -1.0 : 1.0) * (double)b->digits * pow(10.0, b->exponent) -
                       (a->negative ? -1.0 : 1.0) * (double)a->digits * pow(10.0, a->exponent);
  if (b->negative || a->negative || b->exponent - least > 18 || a->exponent - least > 18)
    return approximate;
  wide up = b->digits, down = a->digits;
  for (int32_t k = least; k < b->exponent; k++)
    up *= 10;
  for (int32_t k = least; k < a->exponent; k++)
    down *= 10;
  bool negative = up < down;
  wide apart = negative ? down - up : up - down;
  testudo_i_decimal difference = {.digits = (uint64_t)apart, .exponent = least};
  double value;
  if (apart > UINT64_MAX || !decimal_is_rounded(&difference, &value))
    return approximate;
  return negative ? -value : value;
}
