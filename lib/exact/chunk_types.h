/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks grouped by what their cover depends on, the multiset of (rate, place) of their holders, and the law of that
   cover. A million chunks in matching order are one type. */
#ifndef TESTUDO_EXACT_CHUNK_TYPES_H
#define TESTUDO_EXACT_CHUNK_TYPES_H

#include <stdint.h>

#include <testudo/exact.h>

#include "base/arena.h"
#include "delay/model.h"

/* A slot is a (rate, place); with `whole` every place is replaced by its worker's load. */
typedef struct testudo_i_chunk_types {
  const testudo_design *design;
  testudo_i_delay delay;
  bool whole;
  int32_t parts, workers, failed; /* failed: exactly so many, 0 where failures are others */
  double fail_prob;         /* of independent failures */
  int32_t classes;          /* of workers with equal laws and rates */
  int32_t *class_of;        /* of each worker */
  const testudo_law **class_law;
  double *class_rate;
  int64_t *class_slot;      /* classes + 1: first slot of the class; its place k is slot class_slot + k - 1 */
  int32_t types;
  int32_t *type_of;         /* of each chunk */
  int32_t *type_chunk;      /* one chunk of each type */
  int64_t *type_count;      /* chunks of each type */
  int64_t *type_row;        /* types + 1: type k has the slots type_slot[type_row[k]] .. */
  int64_t *type_slot;
  double *survival;         /* by slot, as testudo_i_chunk_types_at left them */
  int64_t *left;            /* slots of holders that are left */
  double *law, *room;       /* of one cover */
} testudo_i_chunk_types;

/* Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_chunk_types_init(testudo_i_chunk_types *types, testudo_i_arena *arena,
                                                          const testudo_design *design, const testudo_i_delay *delay,
                                                          bool whole,
                                                          testudo_error *error);

int64_t testudo_i_slots(const testudo_i_chunk_types *types);

/* The slot of a worker's k-th chunk, k >= 1. */
int64_t testudo_i_slot(const testudo_i_chunk_types *types, int32_t worker, int32_t place);

/* survival[slot] = P(not finished by t), t may be HUGE_VAL, of a worker that fails with this probability by itself. */
void testudo_i_chunk_types_at(testudo_i_chunk_types *types, double t, double fail_prob);

/* The law of min(parts, |U_i|) for the chunks of a type, under these survivals and `failed` certain failures: 0..parts,
   until the next call of this or the next function. */
const double *testudo_i_type_law(testudo_i_chunk_types *types, int32_t type, int32_t failed);

/* log P(`parts` of a chunk's holders, at most 32 with these slots, have finished it) where those in `lost`, bit k for
   slot[k], have failed and no others do. */
double testudo_i_log_covered(testudo_i_chunk_types *types, const int64_t *slot, int32_t holders, uint32_t lost);

/* The law of min(l, |U_i|) for a chunk with these slots: law[0..l]. Exactly `failed` of `workers` fail (0: none); other
   failures must be in the survivals. room: (min(failed, holders) + 1) * (l + 1) doubles. All terms positive.
   O(holders (failed + 1) l). */
void testudo_i_cover_law(const double *survival, const int64_t *slot, int32_t holders, int32_t l, int32_t workers,
                         int32_t failed, double *law, double *room);

#endif
