/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in option values and files: the whole token, alike in every locale. */
#ifndef TESTUDO_BASE_NUMBER_H
#define TESTUDO_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Smallest and largest seconds, rates and ratios accepted: products of a few of them stay far from overflow. */
#define TESTUDO_I_LEAST 1e-100
#define TESTUDO_I_MOST 1e100

/* [+-] digits [. digits] [e [+-] digits], at least one digit before e, and nothing else; correctly rounded. False for
   any other token, for one of more than 500 characters, and where the number is too large for a double. */
bool testudo_i_parse_real(const char *token, size_t length, double *value);

/* The same with another decimal point, ',' for one. */
bool testudo_i_parse_real_with(const char *token, size_t length, char point, double *value);

/* Such a number as it was written: digits 10^exponent, exact. False also where it has more than 19 digits. */
typedef struct testudo_i_decimal {
  uint64_t digits;
  int32_t exponent;
  bool negative;
} testudo_i_decimal;
bool testudo_i_parse_decimal(const char *token, size_t length, char point, testudo_i_decimal *decimal);

/* b - a, as if the difference of the two decimals were exact: times since 1970 in nanoseconds keep their digits. */
double testudo_i_decimal_difference(const testudo_i_decimal *b, const testudo_i_decimal *a);

#endif
