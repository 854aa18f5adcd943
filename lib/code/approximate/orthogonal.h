/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly pairwise balanced assignments, from orthogonal arrays of strength two. */
#ifndef TESTUDO_CODE_ORTHOGONAL_H
#define TESTUDO_CODE_ORTHOGONAL_H

#include "code/approximate/incidence.h"

/* Chunk k has copies[k] in 1..workers. Fills all chunks when an exact one can be built; *built says whether. The
   symbols of every column are turned by a random amount from seed, which keeps the balance. */
TESTUDO_CHECKED testudo_status testudo_i_orthogonal_fill(const int32_t *copies, uint64_t seed,
                                                         testudo_i_incidence *held, bool *built, testudo_error *error);

#endif
