/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holders told chunk by chunk, turned into an assignment. */
#include "code/approximate/incidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

testudo_status testudo_i_incidence_begin(testudo_i_incidence *told, int32_t workers, int32_t chunks,
                                         testudo_error *error)
{
  *told = (testudo_i_incidence){.workers = workers, .chunks = chunks};
  told->row = testudo_i_arena_calloc(&told->arena, (size_t)chunks + 1, sizeof *told->row);
  return testudo_i_arena_check(&told->arena, error);
}

void testudo_i_incidence_put(testudo_i_incidence *told, int32_t worker)
{
  size_t at = (size_t)told->row[told->chunk + 1];
  void *holder = told->holder;
  if (told->full)
    return;
  told->full = at >= TESTUDO_MAX_ENTRIES ||
               (at >= told->room && testudo_i_grow(&holder, &told->room, at + 1, sizeof *told->holder) != 0);
  told->holder = holder;
  if (told->full)
    return;
  told->holder[at] = worker;
  told->row[told->chunk + 1]++;
}

int32_t testudo_i_incidence_copies(const testudo_i_incidence *told)
{
  return (int32_t)(told->row[told->chunk + 1] - told->row[told->chunk]);
}

void testudo_i_incidence_forget(testudo_i_incidence *told)
{
  told->row[told->chunk + 1] = told->row[told->chunk];
}

void testudo_i_incidence_next(testudo_i_incidence *told)
{
  told->chunk++;
  if (told->chunk < told->chunks)
    told->row[told->chunk + 1] = told->row[told->chunk];
}

static void fill_workers(const testudo_i_incidence *told, testudo_assignment *assignment)
{
  int64_t entries = told->row[told->chunks], *row = assignment->row;
  for (int64_t e = 0; e < entries; e++)
    row[told->holder[e] + 1]++;
  for (int32_t j = 0; j < told->workers; j++)
    row[j + 1] += row[j];
  /* row[j] walks to the start of row j + 1 and is put back afterwards. */
  for (int32_t i = 0; i < told->chunks; i++)
    for (int64_t e = told->row[i]; e < told->row[i + 1]; e++)
      assignment->chunk[row[told->holder[e]]++] = i;
  memmove(row + 1, row, (size_t)told->workers * sizeof *row);
  row[0] = 0;
}

testudo_status testudo_i_incidence_end(testudo_i_incidence *told, testudo_status status,
                                       testudo_assignment *assignment, testudo_error *error)
{
  if (status == TESTUDO_OK && told->full)
    status = testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "entries: not enough memory for more than %lld, or more than %d",
                            (long long)told->row[told->chunk], TESTUDO_MAX_ENTRIES);
  if (status == TESTUDO_OK)
    status = testudo_i_assignment_allocate(assignment, told->workers, told->chunks, told->row[told->chunks], error);
  if (status == TESTUDO_OK)
    fill_workers(told, assignment);
  testudo_i_arena_clear(&told->arena);
  free(told->holder);
  return status;
}
