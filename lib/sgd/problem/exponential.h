/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exponentials of many numbers at once. */
#ifndef TESTUDO_SGD_PROBLEM_EXPONENTIAL_H
#define TESTUDO_SGD_PROBLEM_EXPONENTIAL_H

#include <stddef.h>

/* x[k] = exp(x[k]) for x[k] <= 0, within 2 units in the last place; below -708 exp(-708) = 3e-308. NAN gives NAN. No
   branch, no call: a vector of numbers per step. The same bits on every machine. */
void testudo_i_exp_negative(size_t count, double *x);

#endif
