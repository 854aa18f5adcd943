/* SPDX-License-Identifier: BSD-3-Clause */
/* Designs: made, freed, and what can be asked of every one. */
#include "runtime/design.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/scheme/scheme.h"

testudo_design *testudo_i_design_new(const testudo_i_scheme *scheme, int32_t chunks, int32_t workers, int32_t parts,
                                     int64_t entries)
{
  testudo_design *design = testudo_i_calloc(1, sizeof *design);
  if (design == NULL)
    return NULL;
  design->scheme = scheme;
  design->chunks = chunks;
  design->workers = workers;
  design->parts = parts;
  design->row = testudo_i_arena_calloc(&design->arena, (size_t)workers + 1, sizeof *design->row);
  design->order = testudo_i_arena_alloc(&design->arena, (size_t)entries, sizeof *design->order);
  if (!design->arena.failed)
    return design;
  testudo_design_free(design);
  return NULL;
}

void testudo_design_free(testudo_design *design)
{
  if (design == NULL)
    return;
  for (size_t k = 0; k < design->members; k++) {
    free(design->member[k].key);
    free(design->member[k].value);
  }
  free(design->member);
  if (design->scheme->clear != NULL)
    design->scheme->clear(design);
  testudo_i_arena_clear(&design->arena);
  free(design->name);
  free(design);
}

/* ---- carried members ---- */

static testudo_i_member *find_member(const testudo_design *design, const char *key)
{
  for (size_t k = 0; k < design->members; k++)
    if (strcmp(design->member[k].key, key) == 0)
      return &design->member[k];
  return NULL;
}

const char *testudo_i_design_member(const testudo_design *design, const char *key)
{
  const testudo_i_member *member = find_member(design, key);
  return member == NULL ? NULL : member->value;
}

/* One without a value yet. */
static testudo_status append_member(testudo_design *design, const char *key, testudo_i_member **member,
                                    testudo_error *error)
{
  testudo_i_member *bigger = realloc(design->member, (design->members + 1) * sizeof *design->member);
  TESTUDO_I_TRY(testudo_i_memory_check(bigger != NULL, error));
  design->member = bigger;
  *member = &design->member[design->members];
  **member = (testudo_i_member){testudo_i_copy_string(key), NULL};
  TESTUDO_I_TRY(testudo_i_memory_check((*member)->key != NULL, error));
  design->members++;
  return TESTUDO_OK;
}

testudo_status testudo_i_design_set_member(testudo_design *design, const char *key, const char *value,
                                           testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *kept = testudo_i_copy_string(value);
  TESTUDO_I_TRY(testudo_i_memory_check(kept != NULL, error));
  testudo_i_member *member = find_member(design, key);
  if (member == NULL)
    TESTUDO_I_TRY(append_member(design, key, &member, error));
  free(member->value);
  member->value = kept;
  kept = NULL;
  return TESTUDO_OK;
}

/* ---- getters ---- */

static bool has_worker(const testudo_design *design, int32_t worker)
{
  return design != NULL && worker >= 0 && worker < design->workers;
}

static bool has_chunk(const testudo_design *design, int32_t chunk)
{
  return design != NULL && chunk >= 0 && chunk < design->chunks;
}

int32_t testudo_design_chunks(const testudo_design *design)
{
  return design == NULL ? 0 : design->chunks;
}

int32_t testudo_design_workers(const testudo_design *design)
{
  return design == NULL ? 0 : design->workers;
}

int32_t testudo_design_parts(const testudo_design *design)
{
  return design == NULL ? 0 : design->parts;
}

testudo_scheme testudo_design_scheme(const testudo_design *design)
{
  return design == NULL ? (testudo_scheme)-1 : design->scheme->id;
}

const char *testudo_design_name(const testudo_design *design)
{
  return design == NULL ? "" : design->name;
}

uint64_t testudo_design_checksum(const testudo_design *design)
{
  return design == NULL ? 0 : design->checksum;
}

int32_t testudo_design_load(const testudo_design *design, int32_t worker)
{
  return has_worker(design, worker) ? (int32_t)(design->row[worker + 1] - design->row[worker]) : 0;
}

const int32_t *testudo_design_order(const testudo_design *design, int32_t worker)
{
  return has_worker(design, worker) ? design->order + design->row[worker] : NULL;
}

int32_t testudo_design_steps(const testudo_design *design, int32_t worker)
{
  return has_worker(design, worker) && design->steps > 0 ? design->steps : testudo_design_load(design, worker);
}

int32_t testudo_design_max_load(const testudo_design *design)
{
  return design == NULL ? 0 : design->max_load;
}

int32_t testudo_design_replication(const testudo_design *design, int32_t chunk)
{
  return has_chunk(design, chunk) ? (int32_t)(design->chunk_row[chunk + 1] - design->chunk_row[chunk]) : 0;
}

const int32_t *testudo_design_holders(const testudo_design *design, int32_t chunk)
{
  return has_chunk(design, chunk) ? design->holder + design->chunk_row[chunk] : NULL;
}

const int32_t *testudo_design_places(const testudo_design *design, int32_t chunk)
{
  return has_chunk(design, chunk) ? design->place + design->chunk_row[chunk] : NULL;
}

int32_t testudo_design_min_replication(const testudo_design *design)
{
  return design == NULL ? 0 : design->min_replication;
}

int32_t testudo_design_max_replication(const testudo_design *design)
{
  return design == NULL ? 0 : design->max_replication;
}
