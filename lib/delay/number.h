/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as text. */
#ifndef TESTUDO_DELAY_NUMBER_H
#define TESTUDO_DELAY_NUMBER_H

#include "base/number.h"
#include "base/text.h"

/* 17 significant digits, which read back as the same double, with a decimal point whatever the locale. */
#define TESTUDO_I_REAL_ROOM 48
void testudo_i_format_real(double value, char text[TESTUDO_I_REAL_ROOM]);

#endif
