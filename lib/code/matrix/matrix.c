/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the entries of a matrix file to an assignment: sizes, holes and entries said twice are found here. */
#include "code/matrix/matrix.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "code/assignment.h"

TESTUDO_PRINTF(4, 5)
static testudo_status matrix_fail(const testudo_i_matrix *matrix, int64_t line, testudo_error *error,
                                  const char *format, ...)
{
  char sentence[sizeof error->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s %lld: %s", matrix->name, matrix->unit,
                        line > 0 ? (long long)line : 1LL, sentence);
}

testudo_status testudo_i_matrix_add(testudo_i_matrix *matrix, int32_t worker, int32_t chunk, int64_t line,
                                    testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(matrix->entry, matrix->room, matrix->count + 1, error));
  matrix->entry[matrix->count++] = (testudo_i_entry){worker, chunk, (int32_t)line};
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_put(testudo_i_matrix *matrix, int64_t row, int64_t column, double value,
                                    testudo_i_word text, int64_t line, testudo_error *error)
{
  if (value == 0.0)
    return TESTUDO_OK;
  bool weighted = matrix->options.weighted || matrix->places;
  if (value != 1.0 && !weighted)
    return matrix_fail(matrix, line, error,
                       "value \"%s\" in column %lld is neither 0 nor 1, which say who holds what",
                       testudo_i_word_quote(text).text, (long long)column + 1);
  if (weighted) {
    TESTUDO_I_TRY(TESTUDO_I_GROW(matrix->weight, matrix->weight_room, matrix->count + 1, error));
    matrix->weight[matrix->count] = value;
  }
  return testudo_i_matrix_add(matrix, (int32_t)row, (int32_t)column, line, error);
}

/* ---- what the entries come to ---- */

static const char *chunk_word(const testudo_i_matrix *matrix)
{
  return matrix->options.transposed ? "row" : "column";
}

static const char *worker_word(const testudo_i_matrix *matrix)
{
  return matrix->options.transposed ? "column" : "row";
}

/* Sizes that entries cannot fill, and holes, before anything of those sizes is allocated. */
static testudo_status matrix_check_sizes(const testudo_i_matrix *matrix, testudo_error *error)
{
  if (matrix->workers == 0 || matrix->chunks == 0)
    return matrix_fail(matrix, matrix->line, error,
                       "the file is empty, but a matrix of workers and chunks is needed");
  if (matrix->workers > TESTUDO_MAX_WORKERS)
    return matrix_fail(matrix, matrix->line, error, "more than %d %ss (workers)", TESTUDO_MAX_WORKERS,
                       worker_word(matrix));
  if (matrix->chunks > TESTUDO_MAX_CHUNKS)
    return matrix_fail(matrix, matrix->line, error, "more than %d %ss (chunks)", TESTUDO_MAX_CHUNKS,
                       chunk_word(matrix));
  if ((size_t)matrix->chunks > matrix->count)
    return matrix_fail(matrix, matrix->line, error, "%d %ss, but %zu entries: every %s (chunk) needs one",
                       (int)matrix->chunks, chunk_word(matrix), matrix->count, chunk_word(matrix));
  if ((size_t)matrix->workers > matrix->count + TESTUDO_I_LIMIT_IDLE_WORKERS)
    return matrix_fail(matrix, matrix->line, error,
                       "%d %ss, but %zu entries: at most %d %ss (workers) may be empty",
                       (int)matrix->workers, worker_word(matrix), matrix->count,
                       TESTUDO_I_LIMIT_IDLE_WORKERS, worker_word(matrix));
  if (matrix->count > TESTUDO_MAX_ENTRIES)
    return matrix_fail(matrix, matrix->line, error, "%zu entries, but a design has at most %d",
                       matrix->count, TESTUDO_MAX_ENTRIES);
  return TESTUDO_OK;
}

typedef struct sorted_matrix {
  testudo_i_entry *entry;
  double *weight;
} sorted_matrix;

/* A stable counting sort by chunk; also finds a chunk that nobody holds. start: chunks + 1 zeros. */
static testudo_status sort_by_chunk(const testudo_i_matrix *matrix, int64_t *start, sorted_matrix *sorted,
                                    testudo_error *error)
{
  for (size_t k = 0; k < matrix->count; k++)
    start[matrix->entry[k].chunk + 1]++;
  for (int32_t i = 0; i < matrix->chunks; i++) {
    if (start[i + 1] == 0)
      return matrix_fail(matrix, matrix->line, error, "%s %d has no entry, but every %s (chunk) needs one",
                         chunk_word(matrix), (int)i + 1, chunk_word(matrix));
    start[i + 1] += start[i];
  }
  for (size_t k = 0; k < matrix->count; k++) {
    int64_t at = start[matrix->entry[k].chunk]++;
    sorted->entry[at] = matrix->entry[k];
    if (sorted->weight != NULL)
      sorted->weight[at] = matrix->weight[k];
  }
  return TESTUDO_OK;
}

/* Of entries sorted by chunk: last[j] is the number (from 1) of worker j's latest entry, so that one said twice meets
   itself there. */
static testudo_status check_twice(const testudo_i_matrix *matrix, const testudo_i_entry *sorted, int32_t *last,
                                  testudo_error *error)
{
  for (size_t k = 0; k < matrix->count; k++) {
    testudo_i_entry entry = sorted[k];
    int32_t before = last[entry.worker] - 1;
    if (before >= 0 && sorted[before].chunk == entry.chunk)
      return matrix_fail(matrix, entry.line, error, "row %d, column %d is there already, in %s %d",
                         (int)(matrix->options.transposed ? entry.chunk : entry.worker) + 1,
                         (int)(matrix->options.transposed ? entry.worker : entry.chunk) + 1, matrix->unit,
                         (int)sorted[before].line);
    last[entry.worker] = (int32_t)k + 1;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_deal(const testudo_i_matrix *matrix, const testudo_i_entry *entry,
                                     const double *weight, testudo_matrix *made, testudo_error *error)
{
  testudo_assignment *assignment = &made->assignment;
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, matrix->workers, matrix->chunks, (int64_t)matrix->count,
                                              error));
  if (weight != NULL && (made->weight = testudo_i_alloc(matrix->count, sizeof *made->weight)) == NULL) {
    testudo_matrix_free(made);
    return testudo_i_fail_memory(error);
  }
  int64_t *row = assignment->row;
  for (size_t k = 0; k < matrix->count; k++)
    row[entry[k].worker + 1]++;
  for (int32_t j = 0; j < matrix->workers; j++)
    row[j + 1] += row[j];
  for (size_t k = 0; k < matrix->count; k++) {
    int64_t at = row[entry[k].worker]++;
    assignment->chunk[at] = entry[k].chunk;
    if (weight != NULL)
      made->weight[at] = weight[k];
  }
  memmove(row + 1, row, (size_t)matrix->workers * sizeof *row);
  row[0] = 0;
  return TESTUDO_OK;
}

void testudo_i_matrix_clear(testudo_i_matrix *matrix)
{
  free(matrix->entry);
  free(matrix->weight);
}

void testudo_matrix_free(testudo_matrix *matrix)
{
  testudo_assignment_free(&matrix->assignment);
  free(matrix->weight);
  *matrix = (testudo_matrix){.weight = NULL};
}

/* Rows by places, which are then gone. */
static testudo_status order_by_places(const testudo_i_matrix *matrix, testudo_matrix *made, testudo_error *error)
{
  const testudo_assignment *assignment = &made->assignment;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *row = testudo_i_alloc((size_t)matrix->chunks, sizeof *row);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL, error));
  for (int32_t j = 0; j < assignment->workers; j++) {
    int64_t load = assignment->row[j + 1] - assignment->row[j];
    int32_t *chunk = assignment->chunk + assignment->row[j];
    const double *place = made->weight + assignment->row[j];
    memset(row, -1, (size_t)load * sizeof *row);
    for (int64_t k = 0; k < load; k++) {
      bool fits = place[k] >= 1.0 && place[k] <= (double)load && row[(int64_t)place[k] - 1] < 0;
      if (!fits)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the values of worker %d are not the places 1..%lld of an"
                              " order, as the comment says", matrix->name, (int)j, (long long)load);
      row[(int64_t)place[k] - 1] = chunk[k];
    }
    memcpy(chunk, row, (size_t)load * sizeof *row);
  }
  free(made->weight);
  made->weight = NULL;
  made->ordered = true;
  return TESTUDO_OK;
}

static testudo_status matrix_make(testudo_i_matrix *matrix, testudo_matrix *made, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  if (matrix->options.transposed) {
    for (size_t k = 0; k < matrix->count; k++)
      matrix->entry[k] = (testudo_i_entry){matrix->entry[k].chunk, matrix->entry[k].worker, matrix->entry[k].line};
    int32_t rows = matrix->workers;
    matrix->workers = matrix->chunks;
    matrix->chunks = rows;
  }
  TESTUDO_I_TRY(matrix_check_sizes(matrix, error));
  sorted_matrix sorted = {.entry = testudo_i_arena_alloc(&arena, matrix->count, sizeof *sorted.entry)};
  if (matrix->weight != NULL)
    sorted.weight = testudo_i_arena_alloc(&arena, matrix->count, sizeof *sorted.weight);
  int64_t *start = testudo_i_arena_calloc(&arena, (size_t)matrix->chunks + 1, sizeof *start);
  int32_t *last = testudo_i_arena_calloc(&arena, (size_t)matrix->workers, sizeof *last);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  TESTUDO_I_TRY(sort_by_chunk(matrix, start, &sorted, error));
  TESTUDO_I_TRY(check_twice(matrix, sorted.entry, last, error));
  TESTUDO_I_TRY(testudo_i_matrix_deal(matrix, sorted.entry, sorted.weight, made, error));
  testudo_status status = matrix->places ? order_by_places(matrix, made, error) : TESTUDO_OK;
  if (status != TESTUDO_OK)
    testudo_matrix_free(made);
  return status;
}

/* ---- NumPy's arrays ---- */

/* As testudo export writes an order: int32, rows first. Other arrays of numbers that are neither 0 nor 1 are no orders
   unless the caller says so. */
static bool is_exported_order(const testudo_i_npy *array, const testudo_matrix_options *options)
{
  return array->kind == 'i' && array->bytes == 4 && array->step[1] == 1 && !options->weighted && !options->transposed;
}

static testudo_status matrix_read_array(testudo_i_source *source, testudo_i_matrix *matrix, testudo_matrix *made,
                                        testudo_error *error)
{
  testudo_i_npy array;
  TESTUDO_I_TRY(testudo_i_npy_read(&array, source, error));
  if (array.dimensions != 2)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: the array has %d dimension%s, but a matrix has 2",
                          matrix->name, array.dimensions, array.dimensions == 1 ? "" : "s");
  if (array.shape[0] > TESTUDO_MAX_WORKERS || array.shape[1] > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: an array of %lld x %lld; the limit is %d either way",
                          matrix->name, (long long)array.shape[0], (long long)array.shape[1], TESTUDO_MAX_WORKERS);
  matrix->unit = "row";
  matrix->workers = (int32_t)array.shape[0];
  matrix->chunks = (int32_t)array.shape[1];
  for (int64_t j = 0; j < array.shape[0]; j++)
    for (int64_t i = 0; i < array.shape[1]; i++) {
      char text[32];
      double value = testudo_i_npy_at(&array, j, i, 0);
      if (!isfinite(value))
        return matrix_fail(matrix, j + 1, error, "column %lld is not a finite number", (long long)i + 1);
      if (value != 0.0 && value != 1.0 && is_exported_order(&array, &matrix->options) &&
          testudo_i_orders_of_array(&array, matrix->name, &made->assignment, NULL) == TESTUDO_OK) {
        made->ordered = true;
        return TESTUDO_OK;
      }
      testudo_i_word word = {text, (size_t)snprintf(text, sizeof text, "%.17g", value)};
      TESTUDO_I_TRY(testudo_i_matrix_put(matrix, j, i, value, word, j + 1, error));
    }
  matrix->line = array.shape[0];
  return TESTUDO_OK;
}

/* ---- whatever the file is ---- */

/* The first byte that is neither blank nor the end of a line. */
static bool is_market(const testudo_i_source *source)
{
  size_t at = source->at;
  if (testudo_i_source_begins(source, "\xef\xbb\xbf", 3))
    at += 3;
  while (at < source->end && strchr(" \t\r\n", source->window[at]) != NULL && source->window[at] != '\0')
    at++;
  return at < source->end && source->window[at] == '%';
}

static testudo_status matrix_read(testudo_i_source *source, const testudo_matrix_options *options,
                                  testudo_matrix *made, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_matrix_clear) testudo_i_matrix matrix = {.name = source->name, .unit = "line"};
  if (options != NULL)
    matrix.options = *options;
  if (testudo_i_npy_is(source))
    TESTUDO_I_TRY(matrix_read_array(source, &matrix, made, error));
  else
    TESTUDO_I_TRY((is_market(source) ? testudo_i_matrix_read_market : testudo_i_matrix_read_table)(source, &matrix,
                                                                                                   error));
  return made->ordered ? TESTUDO_OK : matrix_make(&matrix, made, error);
}

testudo_status testudo_matrix_parse(const char *bytes, size_t length, const char *name,
                                    const testudo_matrix_options *options, testudo_matrix *matrix,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *matrix = (testudo_matrix){.weight = NULL};
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_MAX_FILE_BYTES, error));
  return matrix_read(&source, options, matrix, error);
}

testudo_status testudo_matrix_read(const char *path, const testudo_matrix_options *options, testudo_matrix *matrix,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *matrix = (testudo_matrix){.weight = NULL};
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_MAX_FILE_BYTES, error));
  return matrix_read(&source, options, matrix, error);
}
