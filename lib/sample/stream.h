/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The streams of eight trials, side by side. */
#ifndef TESTUDO_SAMPLE_STREAM_H
#define TESTUDO_SAMPLE_STREAM_H

#include <stdint.h>

/* Words 4 * block .. 4 * block + 3 of the streams (seed, purpose, first + lane, 0), as uniforms:
   uniform[k * 8 + lane]. The same doubles as base/random.h gives one by one, at a fifth of the cost. */
void testudo_i_uniform_lanes(uint64_t seed, uint64_t purpose, uint64_t first, uint64_t block, double *uniform);

#endif
