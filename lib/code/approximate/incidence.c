/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holders listed chunk by chunk, turned into an assignment. */
#include "code/approximate/incidence.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

testudo_status testudo_i_incidence_begin(testudo_i_incidence *held, int32_t workers, int32_t chunks,
                                         testudo_error *error)
{
  *held = (testudo_i_incidence){.workers = workers, .chunks = chunks};
  held->row = testudo_i_arena_calloc(&held->arena, (size_t)chunks + 1, sizeof *held->row);
  return testudo_i_arena_check(&held->arena, error);
}

void testudo_i_incidence_put(testudo_i_incidence *held, int32_t worker)
{
  size_t at = (size_t)held->row[held->chunk + 1];
  held->full = held->full || at >= TESTUDO_MAX_ENTRIES ||
               TESTUDO_I_GROW(held->holder, held->room, at + 1, NULL) != TESTUDO_OK;
  if (held->full)
    return;
  held->holder[at] = worker;
  held->row[held->chunk + 1]++;
}

int32_t testudo_i_incidence_copies(const testudo_i_incidence *held)
{
  return (int32_t)(held->row[held->chunk + 1] - held->row[held->chunk]);
}

void testudo_i_incidence_forget(testudo_i_incidence *held)
{
  held->row[held->chunk + 1] = held->row[held->chunk];
}

void testudo_i_incidence_next(testudo_i_incidence *held)
{
  held->chunk++;
  if (held->chunk < held->chunks)
    held->row[held->chunk + 1] = held->row[held->chunk];
}

testudo_status testudo_i_incidence_end(const testudo_i_incidence *held, testudo_assignment *assignment,
                                       testudo_error *error)
{
  if (held->full)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "entries: not enough memory for more than %lld, or more than %d",
                          (long long)held->row[held->chunk], TESTUDO_MAX_ENTRIES);
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, held->workers, held->chunks, held->row[held->chunks], error));
  testudo_i_assignment_fill(assignment, held->holder, held->row, 0);
  return TESTUDO_OK;
}

void testudo_i_incidence_clear(testudo_i_incidence *held)
{
  testudo_i_arena_clear(&held->arena);
  free(held->holder);
}
