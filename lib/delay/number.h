/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The range of the numbers of delay models, and numbers as text. */
#ifndef TESTUDO_DELAY_NUMBER_H
#define TESTUDO_DELAY_NUMBER_H

#include "base/number.h"
#include "base/text.h"

/* Smallest and largest seconds, rates and ratios accepted: products of a few of them stay far from overflow. */
#define TESTUDO_I_LEAST 1e-100
#define TESTUDO_I_MOST 1e100

/* 17 significant digits, which read back as the same double, with a decimal point whatever the locale. */
#define TESTUDO_I_REAL_ROOM 48
void testudo_i_format_real(double value, char text[TESTUDO_I_REAL_ROOM]);

#endif
