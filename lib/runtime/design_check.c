/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of a design, and the holders derived from its orders. Memory stays linear in the entries of the orders,
   whatever counts a broken file claims. */

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status check_count(const char *what, int32_t found, int32_t most, testudo_error *error)
{
  if (found >= 1 && found <= most)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %d, but it must be in 1..%d", what, (int)found, (int)most);
}

static testudo_status check_counts(const testudo_design *design, testudo_error *error)
{
  TESTUDO_I_TRY(check_count("chunks", design->chunks, TESTUDO_MAX_CHUNKS, error));
  TESTUDO_I_TRY(check_count("workers", design->workers, TESTUDO_MAX_WORKERS, error));
  TESTUDO_I_TRY(check_count("parts", design->parts, TESTUDO_MAX_PARTS, error));
  if (design->row[design->workers] > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "order: %lld chunks in all, but a design has at most %d",
                          (long long)design->row[design->workers], TESTUDO_MAX_ENTRIES);
  return TESTUDO_OK;
}

static testudo_status check_parts(const testudo_design *design, testudo_error *error)
{
  if (design->parts <= design->scheme->most_parts)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "parts: %d, but scheme %s has 1 part", (int)design->parts,
                        design->scheme->name);
}

static testudo_status check_indices(const testudo_design *design, testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if (design->order[e] < 0 || design->order[e] >= design->chunks)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "order[%d][%lld]: chunk %d, but chunks are 0..%d", (int)j,
                              (long long)(e - design->row[j]), (int)design->order[e], (int)design->chunks - 1);
  return TESTUDO_OK;
}

static testudo_status fail_unheld(int64_t chunk, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                        "order: chunk %lld is held by no worker, but every chunk must be held by at least one",
                        (long long)chunk);
}

/* More chunks than entries: one of the first entries + 1 chunks is missing; finds it without an array of all chunks. */
static testudo_status name_an_unheld_chunk(const testudo_design *design, int64_t entries, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) unsigned char *held = testudo_i_calloc((size_t)entries + 1, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  for (int64_t e = 0; e < entries; e++)
    if (design->order[e] <= entries)
      held[design->order[e]] = 1;
  int64_t chunk = 0;
  while (held[chunk])
    chunk++;
  return fail_unheld(chunk, error);
}

/* Counts into chunk_row[i + 2], so that after the running sum chunk_row[i + 1] is where chunk i's holders start and,
   moved along while they are filled in, ends where the next chunk's start. */
static void count_holders(testudo_design *design, int64_t entries)
{
  for (int64_t e = 0; e < entries; e++)
    design->chunk_row[design->order[e] + 2]++;
  for (int32_t i = 0; i < design->chunks; i++)
    design->chunk_row[i + 2] += design->chunk_row[i + 1];
}

static testudo_status fill_holders(testudo_design *design, testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++) {
    const int32_t *order = design->order + design->row[j];
    int32_t load = testudo_design_load(design, j);
    for (int32_t k = 0; k < load; k++) {
      int64_t at = design->chunk_row[order[k] + 1]++;
      /* Workers come in ascending order, so a second mention follows directly on the first; the slot before may also
         be another chunk's, or still empty (place 0). */
      if (at > 0 && design->holder[at - 1] == j && design->place[at - 1] > 0 &&
          order[design->place[at - 1] - 1] == order[k])
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                              "order[%d][%d]: chunk %d, but worker %d holds it already (order[%d][%d])", (int)j, (int)k,
                              (int)order[k], (int)j, (int)j, (int)design->place[at - 1] - 1);
      design->holder[at] = j;
      design->place[at] = k + 1;
    }
  }
  return TESTUDO_OK;
}

static testudo_status derive_holders(testudo_design *design, testudo_error *error)
{
  int64_t entries = design->row[design->workers];
  if (entries < design->chunks)
    return name_an_unheld_chunk(design, entries, error);
  testudo_i_arena *arena = &design->arena;
  design->chunk_row = testudo_i_arena_calloc(arena, (size_t)design->chunks + 2, sizeof *design->chunk_row);
  design->holder = testudo_i_arena_calloc(arena, (size_t)entries, sizeof *design->holder);
  design->place = testudo_i_arena_calloc(arena, (size_t)entries, sizeof *design->place);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  count_holders(design, entries);
  return fill_holders(design, error);
}

static testudo_status find_replication(testudo_design *design, testudo_error *error)
{
  design->min_replication = INT32_MAX;
  design->max_replication = 0;
  for (int32_t i = 0; i < design->chunks; i++) {
    int32_t replication = testudo_design_replication(design, i);
    if (replication == 0)
      return fail_unheld(i, error);
    if (replication < design->min_replication)
      design->min_replication = replication;
    if (replication > design->max_replication)
      design->max_replication = replication;
  }
  return TESTUDO_OK;
}

static void find_max_load(testudo_design *design)
{
  design->max_load = 0;
  for (int32_t j = 0; j < design->workers; j++)
    if (testudo_design_load(design, j) > design->max_load)
      design->max_load = testudo_design_load(design, j);
}

testudo_status testudo_i_design_finish(testudo_design *design, testudo_error *error)
{
  TESTUDO_I_TRY(check_counts(design, error));
  TESTUDO_I_TRY(check_parts(design, error));
  TESTUDO_I_TRY(check_indices(design, error));
  TESTUDO_I_TRY(derive_holders(design, error));
  TESTUDO_I_TRY(find_replication(design, error));
  find_max_load(design);
  TESTUDO_I_TRY(design->scheme->check(design, error));
  if (design->name == NULL && (design->name = testudo_i_copy_string("")) == NULL)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}
