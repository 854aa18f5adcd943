/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The balanced incomplete block designs that can be made, chunks being points and workers blocks, and exactly pairwise
   balanced assignments. */
#ifndef TESTUDO_CODE_BIBD_H
#define TESTUDO_CODE_BIBD_H

#include "code/approximate/incidence.h"

/* Cyclic difference sets: k residues modulo v of which every difference other than 0 occurs lambda times, so that their
   v translates are the blocks of a symmetric design. */
typedef enum testudo_i_difference {
  TESTUDO_I_QUADRATIC, /* v = p prime, p mod 4 = 3: the squares, k = (p - 1) / 2, lambda = (p - 3) / 4 (Paley, 1933) */
  TESTUDO_I_QUARTIC,   /* v = p = 4 x^2 + 1 prime, x odd: the fourth powers, k = (p - 1) / 4 (Chowla, 1944) */
  TESTUDO_I_TWIN       /* v = p (p + 2), both prime: k = (v - 1) / 2 (Stanton and Sprott, 1958) */
} testudo_i_difference;

/* Does the set exist for v? O(sqrt v). */
bool testudo_i_difference_exists(testudo_i_difference kind, int32_t v);

/* in[r] = is residue r of the set? r in 0..v-1, of one that exists. O(v). */
void testudo_i_difference_fill(testudo_i_difference kind, int32_t v, unsigned char *in);

/* ---- block designs ---- */

/* The three in the middle in the order of testudo_i_difference. */
typedef enum testudo_i_block_source {
  TESTUDO_I_PROJECTIVE,
  TESTUDO_I_AFFINE,
  TESTUDO_I_SQUARES,
  TESTUDO_I_FOURTH_POWERS,
  TESTUDO_I_TWIN_PRIMES,
  TESTUDO_I_SUBSETS,
  TESTUDO_I_TRIPLES
} testudo_i_block_source;

/* One that can be made. */
typedef struct testudo_i_block_design {
  int32_t workers, chunks, replication;
  testudo_i_block_source from;
  int32_t q, dimensions; /* of the geometries; of subsets: their size; of triples: lambda */
  bool complement;
} testudo_i_block_design;

/* Each of them, a few over the limits included; each answers false when it has seen enough. O(limits). */
typedef bool (*testudo_i_block_visitor)(void *context, const testudo_i_block_design *found);
void testudo_i_block_designs_visit(int32_t most_chunks, int32_t most_workers, testudo_i_block_visitor each,
                                   void *context);

/* Fills `held`, which has begun with the sizes of the design. O(workers * chunks). */
TESTUDO_CHECKED testudo_status testudo_i_block_design_fill(const testudo_i_block_design *design,
                                                           testudo_i_incidence *held, testudo_error *error);

/* Exactly pairwise balanced from a block design: its blocks `times` times, `everything` workers that hold all points
   and the rest idle, where (times lambda + everything) m = d^2. For copies of d, m - d (the other workers) and m. Fills
   all chunks when one is found, workers in an order from seed; *built says whether. O(m^2) to look, O(N m) to fill. */
TESTUDO_CHECKED testudo_status testudo_i_padded_fill(const int32_t *copies, uint64_t seed, testudo_i_incidence *held,
                                                     bool *built, testudo_error *error);

/* Exactly pairwise balanced from an orthogonal array of strength two. Chunk k has copies[k] in 1..workers. Fills all
   chunks when an exact one can be built; *built says whether. The symbols of every column are turned by a random amount
   from seed, which keeps the balance. */
TESTUDO_CHECKED testudo_status testudo_i_orthogonal_fill(const int32_t *copies, uint64_t seed,
                                                         testudo_i_incidence *held, bool *built, testudo_error *error);

#endif
