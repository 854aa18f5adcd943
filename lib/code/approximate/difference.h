/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cyclic difference sets: k residues modulo v of which every difference other than 0 occurs lambda times, so that their
   v translates are the blocks of a symmetric design. */
#ifndef TESTUDO_CODE_DIFFERENCE_H
#define TESTUDO_CODE_DIFFERENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum testudo_i_difference {
  TESTUDO_I_QUADRATIC, /* v = p prime, p mod 4 = 3: the squares, k = (p - 1) / 2, lambda = (p - 3) / 4 (Paley, 1933) */
  TESTUDO_I_QUARTIC,   /* v = p = 4 x^2 + 1 prime, x odd: the fourth powers, k = (p - 1) / 4 (Chowla, 1944) */
  TESTUDO_I_TWIN       /* v = p (p + 2), both prime: k = (v - 1) / 2 (Stanton and Sprott, 1958) */
} testudo_i_difference;

/* Does the set exist for v? O(sqrt v). */
bool testudo_i_difference_exists(testudo_i_difference kind, int32_t v);

/* in[r] = is residue r of the set? r in 0..v-1, of one that exists. O(v). */
void testudo_i_difference_fill(testudo_i_difference kind, int32_t v, unsigned char *in);

#endif
