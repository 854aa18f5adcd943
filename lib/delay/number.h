/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in option values and trace files: the whole token, a decimal point whatever the locale. */
#ifndef TESTUDO_DELAY_NUMBER_H
#define TESTUDO_DELAY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Smallest and largest seconds, rates and ratios accepted: products of a few of them stay far from overflow. */
#define TESTUDO_I_LEAST 1e-100
#define TESTUDO_I_MOST 1e100

/* [+-] digits [. digits] [e [+-] digits], at least one digit before e, and nothing else; correctly rounded. False for
   any other token, for one of more than 500 characters, and where the number is too large for a double. */
bool testudo_i_parse_real(const char *token, size_t length, double *value);

/* 17 significant digits, which read back as the same double, with a decimal point whatever the locale. */
#define TESTUDO_I_REAL_ROOM 48
void testudo_i_format_real(double value, char text[TESTUDO_I_REAL_ROOM]);

#endif
