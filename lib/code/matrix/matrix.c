/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the entries of a matrix file to an assignment: sizes, holes and entries said twice are found here. */
#include "code/matrix/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "code/assignment.h"

testudo_status testudo_i_matrix_add(testudo_i_matrix *matrix, int32_t worker, int32_t chunk, int64_t line,
                                    testudo_error *error)
{
  if (testudo_i_grow((void **)&matrix->entry, &matrix->room, matrix->count + 1, sizeof *matrix->entry) != 0)
    return testudo_i_fail_memory(error);
  matrix->entry[matrix->count++] = (testudo_i_entry){worker, chunk, (int32_t)line};
  return TESTUDO_OK;
}

/* Sizes that the entries cannot fill are refused before anything of that size is allocated. */
static testudo_status check_sizes(const testudo_i_matrix *matrix, const testudo_i_text *text, testudo_error *error)
{
  if (matrix->workers == 0)
    return testudo_i_text_fail(text, error, "the file is empty, but a matrix of workers and chunks is needed");
  if ((size_t)matrix->chunks > matrix->count)
    return testudo_i_text_fail(text, error, "%d columns, but %zu entries: every column (chunk) needs one",
                               (int)matrix->chunks, matrix->count);
  if ((size_t)matrix->workers > matrix->count + TESTUDO_I_LIMIT_IDLE_WORKERS)
    return testudo_i_text_fail(text, error, "%d rows, but %zu entries: at most %d rows (workers) may be empty",
                               (int)matrix->workers, matrix->count, TESTUDO_I_LIMIT_IDLE_WORKERS);
  if (matrix->count > TESTUDO_MAX_ENTRIES)
    return testudo_i_text_fail(text, error, "%zu entries, but a design has at most %d", matrix->count,
                               TESTUDO_MAX_ENTRIES);
  return TESTUDO_OK;
}

/* A stable counting sort by chunk; also finds a chunk that nobody holds. start: chunks + 1 zeros. */
static testudo_status sort_by_chunk(const testudo_i_matrix *matrix, const testudo_i_text *text, int64_t *start,
                                    testudo_i_entry *sorted, testudo_error *error)
{
  for (size_t k = 0; k < matrix->count; k++)
    start[matrix->entry[k].chunk + 1]++;
  for (int32_t i = 0; i < matrix->chunks; i++) {
    if (start[i + 1] == 0)
      return testudo_i_text_fail(text, error, "column %d has no entry, but every column (chunk) needs one",
                                 (int)i + 1);
    start[i + 1] += start[i];
  }
  for (size_t k = 0; k < matrix->count; k++)
    sorted[start[matrix->entry[k].chunk]++] = matrix->entry[k];
  return TESTUDO_OK;
}

/* Of entries sorted by chunk: last[j] is the number (from 1) of worker j's latest entry, so that one said twice meets
   itself there. */
static testudo_status check_twice(testudo_i_text *text, const testudo_i_matrix *matrix, const testudo_i_entry *sorted,
                                  int32_t *last, testudo_error *error)
{
  for (size_t k = 0; k < matrix->count; k++) {
    testudo_i_entry entry = sorted[k];
    if (last[entry.worker] > 0 && sorted[last[entry.worker] - 1].chunk == entry.chunk) {
      text->line = entry.line;
      return testudo_i_text_fail(text, error, "row %d, column %d is there already, in line %d", (int)entry.worker + 1,
                                 (int)entry.chunk + 1, (int)sorted[last[entry.worker] - 1].line);
    }
    last[entry.worker] = (int32_t)k + 1;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_deal(const testudo_i_matrix *matrix, const testudo_i_entry *entry,
                                     testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, matrix->workers, matrix->chunks, (int64_t)matrix->count,
                                              error));
  int64_t *row = assignment->row;
  for (size_t k = 0; k < matrix->count; k++)
    row[entry[k].worker + 1]++;
  for (int32_t j = 0; j < matrix->workers; j++)
    row[j + 1] += row[j];
  for (size_t k = 0; k < matrix->count; k++)
    assignment->chunk[row[entry[k].worker]++] = entry[k].chunk;
  memmove(row + 1, row, (size_t)matrix->workers * sizeof *row);
  row[0] = 0;
  return TESTUDO_OK;
}

void testudo_i_matrix_clear(testudo_i_matrix *matrix)
{
  free(matrix->entry);
}

testudo_status testudo_assignment_parse(const char *bytes, size_t length, const char *name,
                                        testudo_assignment *assignment, testudo_error *error)
{
  *assignment = (testudo_assignment){0};
  if (length > TESTUDO_MAX_FILE_BYTES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: larger than %zu bytes", name, TESTUDO_MAX_FILE_BYTES);
  TESTUDO_I_HELD(testudo_i_matrix_clear) testudo_i_matrix matrix = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_text text = testudo_i_text_start(bytes, length, name);
  bool market = text.next < text.end && *text.next == '%';
  TESTUDO_I_TRY((market ? testudo_i_matrix_read_market : testudo_i_matrix_read_csv)(&text, &matrix, error));
  TESTUDO_I_TRY(check_sizes(&matrix, &text, error));
  testudo_i_entry *sorted = testudo_i_arena_alloc(&arena, matrix.count, sizeof *sorted);
  int64_t *start = testudo_i_arena_calloc(&arena, (size_t)matrix.chunks + 1, sizeof *start);
  int32_t *last = testudo_i_arena_calloc(&arena, (size_t)matrix.workers, sizeof *last);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  TESTUDO_I_TRY(sort_by_chunk(&matrix, &text, start, sorted, error));
  TESTUDO_I_TRY(check_twice(&text, &matrix, sorted, last, error));
  return testudo_i_matrix_deal(&matrix, sorted, assignment, error);
}

testudo_status testudo_assignment_read(const char *path, testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  *assignment = (testudo_assignment){0};
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_MAX_FILE_BYTES, &bytes, &length, error));
  return testudo_assignment_parse(bytes, length, path, assignment, error);
}
