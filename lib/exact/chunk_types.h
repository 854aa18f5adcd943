/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks grouped by what their cover depends on: the multiset of (rate, place) of their holders. A million chunks in
   matching order are one type. */
#ifndef TESTUDO_EXACT_CHUNK_TYPES_H
#define TESTUDO_EXACT_CHUNK_TYPES_H

#include <stdint.h>

#include <testudo/exact.h>

/* A slot is a (rate, place); with `whole` every place is replaced by its worker's load. */
typedef struct testudo_i_chunk_types {
  const testudo_design *design;
  const testudo_delay_model *model;
  bool whole;
  int32_t classes;          /* of workers with equal rates */
  int32_t *class_of;        /* of each worker */
  double *class_rate;
  int64_t *class_slot;      /* classes + 1: first slot of the class; its place k is slot class_slot + k - 1 */
  int32_t types;
  int32_t *type_of;         /* of each chunk */
  int32_t *type_chunk;      /* one chunk of each type */
  int64_t *type_count;      /* chunks of each type */
} testudo_i_chunk_types;

TESTUDO_CHECKED testudo_status testudo_i_chunk_types_init(testudo_i_chunk_types *types, const testudo_design *design,
                                                          const testudo_delay_model *model, bool whole,
                                                          testudo_error *error);
void testudo_i_chunk_types_free(testudo_i_chunk_types *types);

int64_t testudo_i_slots(const testudo_i_chunk_types *types);

/* The slot of a worker's k-th chunk, k >= 1. */
int64_t testudo_i_slot(const testudo_i_chunk_types *types, int32_t worker, int32_t place);

/* The slots of a chunk's holders, ascending. */
void testudo_i_chunk_slots(const testudo_i_chunk_types *types, int32_t chunk, int64_t *slot);

/* survival[slot] = P(not finished by t) of a worker that does not fail, t may be HUGE_VAL. */
void testudo_i_slot_survivals(const testudo_i_chunk_types *types, double t, double *survival);

/* The law of min(l, |U_i|) for a chunk with these slots: law[0..l]. Exactly `failed` of `workers` fail (0: none); other
   failures must be in the survivals. room: (min(failed, holders) + 1) * (l + 1) doubles. All terms positive.
   O(holders (failed + 1) l). */
void testudo_i_cover_law(const double *survival, const int64_t *slot, int32_t holders, int32_t l, int32_t workers,
                         int32_t failed, double *law, double *room);

#endif
