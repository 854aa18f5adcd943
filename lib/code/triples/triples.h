/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Triple systems: blocks of three points such that every two points lie together in lambda = 1 or 2 of them. */
#ifndef TESTUDO_CODE_TRIPLES_H
#define TESTUDO_CODE_TRIPLES_H

#include <stdbool.h>
#include <stdint.h>

/* Can a system of so many points be made? lambda = 1: points mod 6 is 1 or 3 (Steiner triple systems; those of
   Bose, 1939, and Skolem, 1958); lambda = 2: points mod 3 is 0 or 1. From 7 (6 for lambda = 2) points on. */
bool testudo_i_triples_exist(int32_t points, int32_t lambda);

/* lambda * points (points - 1) / 6. */
int32_t testudo_i_triples_count(int32_t points, int32_t lambda);

/* All of them; room for as many, of a system that exists. */
void testudo_i_triples_fill(int32_t points, int32_t lambda, int32_t (*triple)[3]);

#endif
