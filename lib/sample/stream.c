/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threefry4x64-20 (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011; the rotations
   are those of Threefish-256) written so that a compiler runs eight counters through it at once. base/random.c holds
   the plain form; the tests compare the two word for word. */
#include "sample/stream.h"

#include <string.h>

#include "base/clones.h"
#include "sample/plan.h"

#define LANES TESTUDO_I_LANES

#define TURN(x, by) ((x) << (by) | (x) >> (64 - (by)))
#define MIX(a, b, by) a += b; b = TURN(b, by) ^ a;

/* Rounds come in pairs; the second of a pair has words 1 and 3 swapped. */
#define PAIR(p, q, r, s) MIX(x0, x1, p) MIX(x2, x3, q) MIX(x0, x3, r) MIX(x2, x1, s)
#define FOUR_EVEN PAIR(14, 16, 52, 57) PAIR(23, 40, 5, 37)
#define FOUR_ODD PAIR(25, 33, 46, 12) PAIR(58, 22, 32, 32)
#define INJECT(a, b, c, d, times) x0 += key[a]; x1 += key[b]; x2 += key[c]; x3 += key[d] + times;

/* (w >> 12 + 1/2) 2^-52, as base/random.h has it, without a conversion from integers: the bits of a number in [1,2),
   less 1. Both are exact. */
#define ONE UINT64_C(0x3ff0000000000000)

TESTUDO_I_CLONES void testudo_i_uniform_lanes(uint64_t seed, uint64_t purpose, uint64_t first, uint64_t block,
                                              double *uniform)
{
  const uint64_t key[5] = {seed, purpose, 0, 0, UINT64_C(0x1bd11bdaa9fc1a22) ^ seed ^ purpose};
  uint64_t bits[4 * LANES];
  for (uint64_t lane = 0; lane < LANES; lane++) {
    uint64_t x0 = block, x1 = first + lane, x2 = 0, x3 = 0;
    INJECT(0, 1, 2, 3, 0)
    FOUR_EVEN INJECT(1, 2, 3, 4, 1)
    FOUR_ODD INJECT(2, 3, 4, 0, 2)
    FOUR_EVEN INJECT(3, 4, 0, 1, 3)
    FOUR_ODD INJECT(4, 0, 1, 2, 4)
    FOUR_EVEN INJECT(0, 1, 2, 3, 5)
    bits[lane] = x0 >> 12 | ONE;
    bits[LANES + lane] = x1 >> 12 | ONE;
    bits[2 * LANES + lane] = x2 >> 12 | ONE;
    bits[3 * LANES + lane] = x3 >> 12 | ONE;
  }
  memcpy(uniform, bits, sizeof bits);
  for (int k = 0; k < 4 * LANES; k++)
    uniform[k] = (uniform[k] - 1.0) + 0x1p-53;
}
