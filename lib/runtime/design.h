/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a design. Made by the reader or by code/, checked once by testudo_i_design_finish, then constant. */
#ifndef TESTUDO_RUNTIME_DESIGN_H
#define TESTUDO_RUNTIME_DESIGN_H

#include <testudo/design.h>

#include "base/arena.h"

struct testudo_i_scheme;

/* A top-level member of a design file that this version carries but does not interpret: provenance, claims, and
   unknown keys. Its value is kept as compact JSON text. */
typedef struct testudo_i_member {
  char *key;
  char *value;
} testudo_i_member;

struct testudo_design {
  const struct testudo_i_scheme *scheme; /* runtime/scheme/scheme.h */
  int32_t chunks, workers, parts;
  int64_t *row;       /* workers + 1: worker j's order is order[row[j]] .. order[row[j+1]-1] */
  int32_t *order;
  void *code;         /* the scheme's own: nobody else reads it */
  testudo_i_arena arena; /* of the code, the orders and the holders */
  int32_t steps;      /* that every worker reports, where they are not its chunks; else 0 */
  char *name;         /* never NULL once finished */
  testudo_i_member *member; /* in file order: "provenance", "claims", unknown keys */
  size_t members;
  uint64_t checksum;
  /* Derived by finish. chunk i: holders holder[chunk_row[i]] .., places place[..] counted from 1. */
  int64_t *chunk_row; /* chunks + 1 */
  int32_t *holder;
  int32_t *place;
  int32_t max_load, min_replication, max_replication;
};

/* testudo_design_free of what a pointer points to, for TESTUDO_I_HELD. */
static inline void testudo_i_design_drop(testudo_design **design)
{
  testudo_design_free(*design);
}

/* Workers that hold anything. */
static inline int32_t testudo_i_design_busy(const testudo_design *design)
{
  int32_t busy = 0;
  for (int32_t j = 0; j < design->workers; j++)
    busy += design->row[j + 1] > design->row[j];
  return busy;
}

/* An empty design with `row` allocated (workers + 1, zeroed) and `order` (entries). NULL when out of memory. */
testudo_design *testudo_i_design_new(const struct testudo_i_scheme *scheme, int32_t chunks, int32_t workers,
                                     int32_t parts, int64_t entries);

/* Checks every rule of docs/file-format.md (ranges, no chunk twice in a worker, every chunk held by someone; partial:
   every chunk on >= parts workers) and derives the holders. The sentence names the place ("order[3][1]: ..."); the
   status is TESTUDO_ERROR_INPUT. O(entries + N + m). */
TESTUDO_CHECKED testudo_status testudo_i_design_finish(testudo_design *design, testudo_error *error);

/* Sets (or replaces) a carried member; value is compact JSON text. */
TESTUDO_CHECKED testudo_status testudo_i_design_set_member(testudo_design *design, const char *key,
                                                           const char *value, testudo_error *error);
const char *testudo_i_design_member(const testudo_design *design, const char *key); /* NULL when absent */

#endif
