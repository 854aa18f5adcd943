/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_SAMPLE_SORT_H
#define TESTUDO_SAMPLE_SORT_H

#include <stddef.h>

/* Sorts numbers >= 0 (infinity too) ascending, in linear time where memory for a copy can be had; comparison sorting
   costs as much as the simulation of a small design. */
void testudo_i_sort_times(double *value, size_t count);

#endif
