/* SPDX-License-Identifier: BSD-3-Clause */
/* Codes whose rows are all the same, shifted: B is a circulant matrix and Fourier modes diagonalise it, so that what
   ring.h needs is known exactly, however badly conditioned neighbouring columns are. */
#ifndef TESTUDO_RUNTIME_CIRCULANT_H
#define TESTUDO_RUNTIME_CIRCULANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct testudo_i_circulant {
  int32_t workers;
  double whole;   /* a0 is this number n times */
  int32_t *mode;  /* k in 1 .. n/2 with sum_e b_e w^(k e) = 0, w = e^(2 pi i / n) */
  int32_t modes, columns; /* a mode gives two columns, k = n/2 one */
} testudo_i_circulant;

/* false where the rows differ, where the all-ones word is no row combination, or where there is no memory in the arena.
   At most 2 spare + 2 columns. The band as in testudo_i_ring_create. O(n spare). */
bool testudo_i_circulant_find(testudo_i_arena *arena, int32_t workers, int32_t spare, const double *band,
                              testudo_i_circulant *found);

/* null (workers rows of `columns` numbers) = orthonormal columns. */
void testudo_i_circulant_fill(const testudo_i_circulant *circulant, double *null);

#endif
