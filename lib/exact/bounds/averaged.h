/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A floor under P(T <= t) where exactly f workers fail and their sets are too many to be gone through: association
   given a set, and the average over the sets brought into the exponent, where it is one chunk's at a time
   (docs/theory/bounds.md#exactly-f-failures). */
#ifndef TESTUDO_EXACT_BOUNDS_AVERAGED_H
#define TESTUDO_EXACT_BOUNDS_AVERAGED_H

#include "exact/chunk_types.h"

typedef struct testudo_i_averaged {
  bool fits;
  double *chance;  /* by count: of one set of so many of a type's holders */
} testudo_i_averaged;

/* Everything is made in the arena. Not where no certain number fails, or the subsets of the holders of all types are
   more than 2^16. */
TESTUDO_CHECKED testudo_status testudo_i_averaged_init(testudo_i_averaged *averaged, testudo_i_arena *arena,
                                                       const testudo_i_chunk_types *types, testudo_error *error);

/* At least this is P(T <= t), for types as testudo_i_chunk_types_at left them without failures; finite: at most P(T <
   infinity). O(subsets of the holders of all types). */
double testudo_i_averaged_below(const testudo_i_averaged *averaged, testudo_i_chunk_types *types, double finite);

#endif
