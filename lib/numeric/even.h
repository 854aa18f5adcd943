/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points that fill a cube evenly. */
#ifndef TESTUDO_NUMERIC_EVEN_H
#define TESTUDO_NUMERIC_EVEN_H

#include <stdint.h>

#include <testudo/status.h>

enum { TESTUDO_I_EVEN_DIMENSIONS = 40 };

/* The first `count` points of Sobol's sequence in 1 .. TESTUDO_I_EVEN_DIMENSIONS dimensions, in [0,1): coordinate j of
   point r is point[j count + r]. (I. Sobol, USSR Computational Mathematics and Mathematical Physics 7(4), 1967.) */
TESTUDO_CHECKED testudo_status testudo_i_even_points(int32_t dimensions, int64_t count, float *point,
                                                     testudo_error *error);

#endif
