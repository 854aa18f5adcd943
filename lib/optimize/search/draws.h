/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random words for moves that take nanoseconds: a counter stepped by an odd number and mixed (SplitMix64 of Steele, Lea
   and Flood, OOPSLA 2014). It begins at a word of a named stream (base/random.h), so that the same name gives the same
   moves; what is measured or reported draws from the named streams themselves. */
#ifndef TESTUDO_OPTIMIZE_SEARCH_DRAWS_H
#define TESTUDO_OPTIMIZE_SEARCH_DRAWS_H

#include "base/hash.h"
#include "base/random.h"

typedef struct testudo_i_draws {
  uint64_t at;
} testudo_i_draws;

static inline testudo_i_draws testudo_i_draws_start(testudo_i_random *random)
{
  return (testudo_i_draws){testudo_i_random_word(random)};
}

static inline uint64_t testudo_i_draw_word(testudo_i_draws *draws)
{
  return testudo_i_mix(draws->at += UINT64_C(0x9e3779b97f4a7c15));
}

/* 0 .. bound-1 of 32 random bits, even to 2^-32 bound: two places from one word. */
static inline uint32_t testudo_i_bits_below(uint32_t bits, uint32_t bound)
{
  return (uint32_t)(((uint64_t)bits * bound) >> 32);
}

static inline int32_t testudo_i_draw_below(testudo_i_draws *draws, int32_t bound)
{
  return (int32_t)testudo_i_bits_below((uint32_t)(testudo_i_draw_word(draws) >> 32), (uint32_t)bound);
}

static inline double testudo_i_draw_uniform(testudo_i_draws *draws)
{
  return testudo_i_uniform_of(testudo_i_draw_word(draws));
}

#endif
