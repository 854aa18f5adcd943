/* SPDX-License-Identifier: BSD-3-Clause */
/* Decode vectors already found, by the set of finished workers; the one used longest ago makes room. */
#ifndef TESTUDO_RUNTIME_VECTOR_CACHE_H
#define TESTUDO_RUNTIME_VECTOR_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

/* Beside the vector itself. */
typedef struct testudo_i_vector_quality {
  double norm, residual_square, residual_largest;
} testudo_i_vector_quality;

typedef struct testudo_i_vector_cache testudo_i_vector_cache;

/* Room for as many vectors as fit in 2 MB, but 8..512 of them; made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_vector_cache_create(testudo_i_arena *arena, int32_t workers,
                                                             testudo_i_vector_cache **cache, testudo_error *error);
int32_t testudo_i_vector_cache_room(const testudo_i_vector_cache *cache);

/* finished[0 .. count-1]: the finished workers, ascending. The set itself is compared, not only its hash. On true,
   vector (workers numbers) and *quality are as they were kept. O(workers). */
bool testudo_i_vector_cache_find(testudo_i_vector_cache *cache, const int32_t *finished, int32_t count, double *vector,
                                 testudo_i_vector_quality *quality);

/* Keeps the vector of the set that find has just been asked for. O(workers). */
void testudo_i_vector_cache_keep(testudo_i_vector_cache *cache, const double *vector,
                                 const testudo_i_vector_quality *quality);

#endif
