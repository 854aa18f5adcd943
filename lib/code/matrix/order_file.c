/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders from a file: of every worker its chunks, in the order in which it goes through them. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "code/matrix/matrix.h"

static testudo_status order_add(testudo_i_text *text, testudo_i_matrix *matrix, int64_t chunk, testudo_error *error)
{
  if (chunk < 0 || chunk >= TESTUDO_MAX_CHUNKS)
    return testudo_i_text_fail(text, error, "chunk %lld, but chunks are 0..%d at most", (long long)chunk,
                               TESTUDO_MAX_CHUNKS - 1);
  return testudo_i_matrix_add(matrix, matrix->workers, (int32_t)chunk, text->line, error);
}

/* ---- CSV: the chunks of one worker per line, -1 or nothing after the last ---- */

static testudo_status read_lines(testudo_i_text *text, testudo_i_matrix *matrix, testudo_error *error)
{
  for (; testudo_i_text_line(text); matrix->workers++) {
    testudo_i_word word;
    bool ended = false;
    while (testudo_i_text_field(text, ',', &word)) {
      bool none = word.length == 0 || testudo_i_word_is(word, "-1");
      if (!none && (ended || testudo_i_word_count(word) < 0))
        return testudo_i_text_fail(text, error, ended ? "\"%s\" after the end of the order"
                                                      : "\"%s\" is not the number of a chunk",
                                   testudo_i_word_quote(word).text);
      ended = none;
      if (!none)
        TESTUDO_I_TRY(order_add(text, matrix, testudo_i_word_count(word), error));
    }
  }
  return TESTUDO_OK;
}

/* ---- NPY (numpy.lib.format): whole numbers, one row per worker, padded with -1 ---- */

static testudo_status npy_refuse(const testudo_i_text *text, const char *what, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s; wanted is an npy table of whole numbers, one row per"
                        " worker, as numpy.save writes it", text->name, what);
}

static testudo_status npy_rows(testudo_i_text *text, testudo_i_matrix *matrix, int64_t rows, int64_t columns, int size,
                               testudo_error *error)
{
  const unsigned char *at = (const unsigned char *)text->next;
  for (; matrix->workers < rows; matrix->workers++) {
    bool ended = false;
    text->line++;
    for (int64_t k = 0; k < columns; k++, at += size) {
      uint64_t bits = at[size - 1] & 0x80 ? UINT64_MAX : 0;
      for (int b = size - 1; b >= 0; b--)
        bits = bits << 8 | at[b];
      int64_t chunk = (int64_t)bits;
      if (ended && chunk != -1)
        return testudo_i_text_fail(text, error, "chunk %lld after the end of the order", (long long)chunk);
      ended = chunk == -1;
      if (!ended)
        TESTUDO_I_TRY(order_add(text, matrix, chunk, error));
    }
  }
  return TESTUDO_OK;
}

/* The header is a Python dictionary: {'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }. */
static testudo_status read_npy(testudo_i_text *text, testudo_i_matrix *matrix, testudo_error *error)
{
  const unsigned char *bytes = (const unsigned char *)text->next;
  size_t length = (size_t)(text->end - text->next), start = length > 6 && bytes[6] > 1 ? 12 : 10; /* by the version */
  size_t room = length < start ? length : bytes[8] + 256u * bytes[9];
  char header[512], size[2];
  long long rows, columns;
  if (length < start + room || room >= sizeof header)
    return npy_refuse(text, "the header is cut", error);
  memcpy(header, bytes + start, room);
  header[room] = '\0';
  const char *type = strstr(header, "'descr': '"), *shape = strstr(header, "'shape': (");
  if (type == NULL || sscanf(type, "'descr': '%*1[<|]i%1[1248]", size) != 1)
    return npy_refuse(text, "the numbers are not signed and whole, least byte first", error);
  if (shape == NULL || sscanf(shape, "'shape': (%lld, %lld)", &rows, &columns) != 2 ||
      strstr(header, "'fortran_order': False") == NULL || rows < 0 || rows > TESTUDO_MAX_WORKERS || columns < 0 ||
      columns > TESTUDO_MAX_CHUNKS)
    return npy_refuse(text, "it is no table of rows", error);
  text->next += start + room;
  if ((double)rows * (double)columns * (*size - '0') != (double)(text->end - text->next))
    return npy_refuse(text, "the table has another size than its header says", error);
  return npy_rows(text, matrix, rows, columns, *size - '0', error);
}

/* ---- what the entries come to ---- */

/* The rows as an assignment of their own, whose chunks are 0 to the largest: each must have a holder. */
static testudo_status order_assign(const testudo_i_text *text, testudo_i_matrix *matrix, testudo_i_arena *arena,
                                   testudo_assignment *made, testudo_error *error)
{
  bool *held = testudo_i_arena_calloc(arena, matrix->count + 1, sizeof *held);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < matrix->count; k++) {
    int32_t chunk = matrix->entry[k].chunk;
    matrix->chunks = chunk >= matrix->chunks ? chunk + 1 : matrix->chunks;
    if ((size_t)chunk < matrix->count)
      held[chunk] = true;
  }
  int32_t missing = 0;
  while (held[missing])
    missing++;
  if (missing < matrix->chunks || matrix->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: chunk %d is missing, but there %s", text->name, missing,
                          matrix->count == 0 ? "must be one" : "are larger ones");
  if ((size_t)matrix->workers > matrix->count + TESTUDO_I_LIMIT_IDLE_WORKERS ||
      matrix->workers > TESTUDO_MAX_WORKERS || matrix->count > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %d workers and %zu entries are too many, or too many of them"
                          " idle", text->name, matrix->workers, matrix->count);
  return testudo_i_matrix_deal(matrix, matrix->entry, made, error);
}

/* The entries of one worker, from *at on, against the row of the assignment. seen[i] is 2 j + 1 when worker j holds
   chunk i, one more when its order has it. */
static testudo_status order_worker(testudo_i_text *text, const testudo_i_matrix *matrix, size_t *at, int32_t worker,
                                   const testudo_assignment *given, int64_t *seen, testudo_error *error)
{
  int64_t held = 2 * (int64_t)worker + 1;
  text->line = worker + 1;
  for (int64_t k = given->row[worker]; k < given->row[worker + 1]; k++)
    seen[given->chunk[k]] = held;
  for (; *at < matrix->count && matrix->entry[*at].worker == worker; ++*at) {
    int32_t chunk = matrix->entry[*at].chunk;
    if (chunk >= given->chunks)
      return testudo_i_text_fail(text, error, "chunk %d, but chunks are 0..%d", chunk, given->chunks - 1);
    if (seen[chunk] == held + 1)
      return testudo_i_text_fail(text, error, "chunk %d is there twice", chunk);
    if (seen[chunk] != held)
      return testudo_i_text_fail(text, error, "chunk %d is not one that worker %d holds", chunk, worker);
    seen[chunk]++;
  }
  for (int64_t k = given->row[worker]; k < given->row[worker + 1]; k++)
    if (seen[given->chunk[k]] == held)
      return testudo_i_text_fail(text, error, "chunk %d is missing, which worker %d holds", given->chunk[k], worker);
  return TESTUDO_OK;
}

/* Workers are lines, or rows. Of an assignment of its own this finds chunks that are there twice. */
static testudo_status order_put(testudo_i_text *text, testudo_i_matrix *matrix, testudo_i_arena *arena,
                                testudo_assignment *assignment, testudo_error *error)
{
  if (assignment->row == NULL)
    TESTUDO_I_TRY(order_assign(text, matrix, arena, assignment, error));
  if (matrix->workers != assignment->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %d %ss, but there are %d workers", text->name,
                          matrix->workers, text->unit, assignment->workers);
  int64_t *seen = testudo_i_arena_calloc(arena, (size_t)assignment->chunks, sizeof *seen);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  size_t at = 0;
  for (int32_t j = 0; j < assignment->workers; j++)
    TESTUDO_I_TRY(order_worker(text, matrix, &at, j, assignment, seen, error));
  for (size_t k = 0; k < matrix->count; k++)
    assignment->chunk[k] = matrix->entry[k].chunk;
  return TESTUDO_OK;
}

testudo_status testudo_orders_parse(const char *bytes, size_t length, const char *name, testudo_assignment *assignment,
                                    testudo_error *error)
{
  bool npy = length >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0, own = assignment->row == NULL;
  testudo_i_text text = testudo_i_text_start(bytes, length, name);
  TESTUDO_I_HELD(testudo_i_matrix_clear) testudo_i_matrix matrix = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  text.unit = npy ? "row" : "line";
  TESTUDO_I_TRY((npy ? read_npy : read_lines)(&text, &matrix, error));
  testudo_status status = order_put(&text, &matrix, &arena, assignment, error);
  if (status != TESTUDO_OK && own)
    testudo_assignment_free(assignment);
  return status;
}

testudo_status testudo_orders_read(const char *path, testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_MAX_FILE_BYTES, &bytes, &length, error));
  return testudo_orders_parse(bytes, length, path, assignment, error);
}
