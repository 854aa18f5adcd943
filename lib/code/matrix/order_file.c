/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders from a file: of every worker its chunks, in the order in which it goes through them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "code/assignment.h"
#include "code/matrix/matrix.h"

/* An entry's line is that of the text, or the row of the table, from 1. */
typedef struct order_file {
  testudo_i_text text;
  testudo_i_matrix matrix;
  const char *unit; /* "line" or "row" */
} order_file;

static testudo_status order_fail(const order_file *file, int64_t line, testudo_error *error, const char *format, ...)
    TESTUDO_PRINTF(4, 5);

static testudo_status order_fail(const order_file *file, int64_t line, testudo_error *error, const char *format, ...)
{
  char text[256];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s %lld: %s", file->text.name, file->unit, (long long)line,
                        text);
}

static testudo_status order_add(order_file *file, int64_t chunk, int64_t line, testudo_error *error)
{
  if (chunk < 0 || chunk >= TESTUDO_MAX_CHUNKS)
    return order_fail(file, line, error, "chunk %lld, but chunks are 0..%d at most", (long long)chunk,
                      TESTUDO_MAX_CHUNKS - 1);
  if (file->matrix.count >= TESTUDO_MAX_ENTRIES)
    return order_fail(file, line, error, "more than the %d entries that a design has at most", TESTUDO_MAX_ENTRIES);
  return testudo_i_matrix_add(&file->matrix, file->matrix.workers, (int32_t)chunk, line, error);
}

static testudo_status order_end_worker(order_file *file, int64_t line, testudo_error *error)
{
  if (++file->matrix.workers > TESTUDO_MAX_WORKERS)
    return order_fail(file, line, error, "more than %d workers", TESTUDO_MAX_WORKERS);
  return TESTUDO_OK;
}

/* ---- CSV: the chunks of one worker per line, -1 and nothing after the last ---- */

static testudo_status read_lines(order_file *file, testudo_error *error)
{
  testudo_i_text *text = &file->text;
  while (testudo_i_text_line(text)) {
    testudo_i_word word;
    bool ended = false;
    while (testudo_i_text_field(text, ',', &word)) {
      bool none = word.length == 0 || testudo_i_word_is(word, "-1");
      int64_t chunk = none ? 0 : testudo_i_word_count(word);
      if (chunk < 0 || (ended && !none))
        return order_fail(file, text->line, error, ended ? "a chunk, \"%s\", after the end of the order"
                                                         : "\"%s\" is not the number of a chunk",
                          testudo_i_word_quote(word).text);
      ended = none;
      if (!none)
        TESTUDO_I_TRY(order_add(file, chunk, text->line, error));
    }
    TESTUDO_I_TRY(order_end_worker(file, text->line, error));
  }
  return TESTUDO_OK;
}

/* ---- NPY (numpy.lib.format): whole numbers, one row per worker, padded with -1 ---- */

static testudo_status npy_refuse(const order_file *file, testudo_error *error, const char *what)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s; wanted is an npy table of whole numbers, one row per"
                        " worker, as numpy.save writes it", file->text.name, what);
}

/* The text that follows "'key': " in the header, NULL where it is not. */
static const char *npy_member(const char *header, const char *key)
{
  const char *at = strstr(header, key);
  return at == NULL ? NULL : at + strlen(key);
}

static testudo_status npy_rows(order_file *file, const unsigned char *at, long long rows, long long columns, int size,
                               bool negative, testudo_error *error)
{
  for (long long j = 0; j < rows; j++) {
    bool ended = false;
    for (long long k = 0; k < columns; k++, at += size) {
      uint64_t bits = negative && at[size - 1] & 0x80 ? UINT64_MAX : 0;
      for (int b = size - 1; b >= 0; b--)
        bits = bits << 8 | at[b];
      if (ended && (int64_t)bits != -1)
        return order_fail(file, j + 1, error, "chunk %lld after the end of the order", (long long)(int64_t)bits);
      ended = (int64_t)bits == -1;
      if (!ended)
        TESTUDO_I_TRY(order_add(file, (int64_t)bits, j + 1, error));
    }
    TESTUDO_I_TRY(order_end_worker(file, j + 1, error));
  }
  return TESTUDO_OK;
}

static testudo_status read_npy(order_file *file, const unsigned char *bytes, size_t length, testudo_error *error)
{
  char header[512], type, form[4] = "";
  size_t width = length > 6 && bytes[6] > 1 ? 4 : 2, start = 8 + width; /* of the header's length, by the version */
  if (length < start)
    return npy_refuse(file, error, "the header is cut");
  size_t room = bytes[8] + 256u * bytes[9];
  size_t copied = room < sizeof header - 1 ? room : sizeof header - 1;
  if (length < start + room || (width == 4 && (bytes[10] != 0 || bytes[11] != 0)))
    return npy_refuse(file, error, "the header is cut");
  memcpy(header, bytes + start, copied);
  header[copied] = '\0';
  long long rows = -1, columns = -1;
  const char *descr = npy_member(header, "'descr': '"), *fortran = npy_member(header, "'fortran_order': ");
  const char *shape = npy_member(header, "'shape': (");
  if (descr == NULL || sscanf(descr, "%1[<|]%c%1[1248]", form, &type, form + 2) != 3 || (type != 'i' && type != 'u'))
    return npy_refuse(file, error, "the numbers are not whole, or not least byte first");
  if (fortran == NULL || strncmp(fortran, "False", 5) != 0)
    return npy_refuse(file, error, "the table is in Fortran order");
  if (shape == NULL || sscanf(shape, "%lld, %lld)", &rows, &columns) != 2 || rows < 0 || columns < 0 ||
      rows > TESTUDO_MAX_WORKERS || columns > TESTUDO_MAX_CHUNKS)
    return npy_refuse(file, error, "it is no table");
  int size = form[2] - '0';
  if ((double)rows * (double)columns * size != (double)(length - start - room))
    return npy_refuse(file, error, "the table has another size than its header says");
  return npy_rows(file, bytes + start + room, rows, columns, size, type == 'i', error);
}

/* ---- what the entries come to ---- */

/* Every chunk from 0 on has a holder. */
static testudo_status order_count_chunks(order_file *file, testudo_i_arena *arena, testudo_error *error)
{
  testudo_i_matrix *matrix = &file->matrix;
  for (size_t k = 0; k < matrix->count; k++)
    matrix->chunks = matrix->entry[k].chunk >= matrix->chunks ? matrix->entry[k].chunk + 1 : matrix->chunks;
  if (matrix->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: there are no chunks", file->text.name);
  /* Looked for among as many as there are entries, whatever the largest number is. */
  size_t room = (size_t)matrix->chunks < matrix->count ? (size_t)matrix->chunks : matrix->count;
  bool *held = testudo_i_arena_calloc(arena, room + 1, sizeof *held);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < matrix->count; k++)
    if ((size_t)matrix->entry[k].chunk < room)
      held[matrix->entry[k].chunk] = true;
  size_t missing = 0;
  while (missing < room && held[missing])
    missing++;
  if (missing < (size_t)matrix->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: chunk %zu is nowhere, but there are chunks up to %d",
                          file->text.name, missing, matrix->chunks - 1);
  return TESTUDO_OK;
}

/* seen[i] is 2 j + 1 when worker j holds chunk i, one more when its order has it. */
static testudo_status order_check_worker(const order_file *file, const testudo_assignment *given, int32_t worker,
                                         size_t first, size_t last, int64_t *seen, testudo_error *error)
{
  const testudo_i_entry *entry = file->matrix.entry;
  int64_t line = first < last ? entry[first].line : worker + 1, held = 2 * (int64_t)worker + 1;
  for (int64_t k = given->row[worker]; k < given->row[worker + 1]; k++)
    seen[given->chunk[k]] = held;
  for (size_t k = first; k < last; k++) {
    int32_t chunk = entry[k].chunk;
    if (chunk >= given->chunks)
      return order_fail(file, line, error, "chunk %d, but chunks are 0..%d", chunk, given->chunks - 1);
    if (seen[chunk] == held + 1)
      return order_fail(file, line, error, "chunk %d is there twice", chunk);
    if (seen[chunk] != held)
      return order_fail(file, line, error, "chunk %d is not one of worker %d's in the assignment", chunk, worker);
    seen[chunk]++;
  }
  for (int64_t k = given->row[worker]; k < given->row[worker + 1]; k++)
    if (seen[given->chunk[k]] == held)
      return order_fail(file, line, error, "chunk %d is missing, which worker %d holds", given->chunk[k], worker);
  return TESTUDO_OK;
}

static testudo_status order_check(const order_file *file, const testudo_assignment *given, testudo_i_arena *arena,
                                  testudo_error *error)
{
  const testudo_i_matrix *matrix = &file->matrix;
  if (matrix->workers != given->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %d %ss, but there are %d workers", file->text.name,
                          matrix->workers, file->unit, given->workers);
  int64_t *seen = testudo_i_arena_calloc(arena, (size_t)given->chunks, sizeof *seen);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t first = 0, last = 0, j = 0; j < (size_t)given->workers; j++, first = last) {
    while (last < matrix->count && (size_t)matrix->entry[last].worker == j)
      last++;
    TESTUDO_I_TRY(order_check_worker(file, given, (int32_t)j, first, last, seen, error));
  }
  return TESTUDO_OK;
}

/* The rows as an assignment of their own. */
static testudo_status order_assign(order_file *file, testudo_i_arena *arena, testudo_assignment *made,
                                   testudo_error *error)
{
  const testudo_i_matrix *matrix = &file->matrix;
  TESTUDO_I_TRY(order_count_chunks(file, arena, error));
  if ((size_t)matrix->workers > matrix->count + TESTUDO_I_LIMIT_IDLE_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: at most %d workers may have no chunks", file->text.name,
                          TESTUDO_I_LIMIT_IDLE_WORKERS);
  TESTUDO_I_TRY(testudo_i_assignment_allocate(made, matrix->workers, matrix->chunks, (int64_t)matrix->count, error));
  for (size_t k = 0; k < matrix->count; k++) {
    made->row[matrix->entry[k].worker + 1]++;
    made->chunk[k] = matrix->entry[k].chunk;
  }
  for (int32_t j = 0; j < matrix->workers; j++)
    made->row[j + 1] += made->row[j];
  return TESTUDO_OK;
}

static testudo_status order_put(order_file *file, testudo_i_arena *arena, testudo_assignment *assignment,
                                testudo_error *error)
{
  bool own = assignment->row == NULL;
  if (own)
    TESTUDO_I_TRY(order_assign(file, arena, assignment, error));
  TESTUDO_I_TRY(order_check(file, assignment, arena, error)); /* of its own: no chunk twice */
  for (size_t k = 0; !own && k < file->matrix.count; k++)
    assignment->chunk[k] = file->matrix.entry[k].chunk;
  return TESTUDO_OK;
}

testudo_status testudo_orders_parse(const char *bytes, size_t length, const char *name, testudo_assignment *assignment,
                                    testudo_error *error)
{
  static const char magic[] = "\x93NUMPY";
  bool npy = length >= 6 && memcmp(bytes, magic, 6) == 0, own = assignment->row == NULL;
  order_file file = {.text = testudo_i_text_start(bytes, length, name), .unit = npy ? "row" : "line"};
  testudo_i_arena arena = {NULL, false};
  testudo_status status = npy ? read_npy(&file, (const unsigned char *)bytes, length, error)
                              : read_lines(&file, error);
  if (status == TESTUDO_OK)
    status = order_put(&file, &arena, assignment, error);
  testudo_i_arena_clear(&arena);
  free(file.matrix.entry);
  if (status != TESTUDO_OK && own)
    testudo_assignment_free(assignment);
  return status;
}

testudo_status testudo_orders_read(const char *path, testudo_assignment *assignment, testudo_error *error)
{
  char *bytes;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_MAX_FILE_BYTES, &bytes, &length, error));
  testudo_status status = testudo_orders_parse(bytes, length, path, assignment, error);
  free(bytes);
  return status;
}
