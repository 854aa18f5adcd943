/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of level 1 that all have as many entries at the same places, as those of an assignment in which every chunk
   stands once at every place: how many they are and where is known before the loop, which has no loop inside. */
#ifndef TESTUDO_SAMPLE_EVEN_H
#define TESTUDO_SAMPLE_EVEN_H

#include "sample/plan.h"

#define TESTUDO_I_EVEN_MOST 8 /* entries */

/* Where rows are so, sorts the entries of each by their places, sets rows->even, and makes rows->near in the arena if
   16 bits will do; else changes nothing. */
TESTUDO_CHECKED testudo_status testudo_i_rows_even(testudo_i_rows *rows, testudo_i_arena *arena,
                                                   testudo_error *error);

/* As testudo_i_kernel_rows without deadlines. False, with nothing done, where the rows are not even or have rates. */
bool testudo_i_kernel_even(const testudo_i_rows *rows, const double *time, double *completion);

#endif
