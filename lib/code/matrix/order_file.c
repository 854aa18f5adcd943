/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders from a file: of every worker its chunks, in the order in which it goes through them. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/number.h"
#include "code/matrix/matrix.h"

static testudo_status order_add(testudo_i_text *text, testudo_i_matrix *matrix, int64_t chunk, testudo_error *error)
{
  if (chunk < 0 || chunk >= TESTUDO_MAX_CHUNKS)
    return testudo_i_text_fail(text, error, "chunk %lld, but chunks are 0..%d at most", (long long)chunk,
                               TESTUDO_MAX_CHUNKS - 1);
  return testudo_i_matrix_add(matrix, matrix->workers, (int32_t)chunk, text->line, error);
}

/* ---- text: the chunks of one worker per line, -1 or nothing after the last ---- */

/* The first of these that the text has, or else blanks. */
static char order_separator(const testudo_i_text *text)
{
  static const char separators[] = ",;\t";
  for (const char *s = separators; *s != '\0'; s++)
    if (text->end > text->next && memchr(text->next, *s, (size_t)(text->end - text->next)) != NULL)
      return *s;
  return ' ';
}

/* -1: none, or nothing; -2: not the number of a chunk. 3.0 is 3, as numpy.savetxt writes it. */
static int64_t chunk_number(testudo_i_word word)
{
  double value;
  int64_t count = word.length == 0 ? -1 : testudo_i_word_count(word);
  if (count >= 0 || word.length == 0 || !testudo_i_parse_real(word.at, word.length, &value))
    return count >= 0 || word.length == 0 ? count : -2;
  return value >= -1.0 && value == floor(value) ? (int64_t)fmin(value, 0x1p53) : -2;
}

static testudo_status read_lines(testudo_i_text *text, testudo_i_matrix *matrix, testudo_error *error)
{
  char separator = order_separator(text);
  for (; testudo_i_text_line(text); matrix->workers++) {
    testudo_i_word word;
    bool ended = false;
    while (separator == ' ' ? testudo_i_text_word(text, &word) : testudo_i_text_field(text, separator, &word)) {
      int64_t chunk = chunk_number(word);
      if (chunk < -1 || (chunk >= 0 && ended))
        return testudo_i_text_fail(text, error, chunk >= 0 ? "\"%s\" after the end of the order"
                                                          : "\"%s\" is not the number of a chunk",
                                   testudo_i_word_quote(word).text);
      ended = chunk < 0;
      if (!ended)
        TESTUDO_I_TRY(order_add(text, matrix, chunk, error));
    }
  }
  return TESTUDO_OK;
}

/* ---- NumPy's arrays: one row per worker, padded with -1 ---- */

static testudo_status read_rows(const testudo_i_npy *array, testudo_i_text *text, testudo_i_matrix *matrix,
                                testudo_error *error)
{
  if (array->dimensions != 2 || array->shape[0] > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: the array is no table with one row per worker, of which there are at most %d",
                          text->name, TESTUDO_MAX_WORKERS);
  for (; matrix->workers < array->shape[0]; matrix->workers++) {
    bool ended = false;
    text->line++;
    for (int64_t k = 0; k < array->shape[1]; k++) {
      double chunk = testudo_i_npy_at(array, matrix->workers, k, 0);
      if (!(chunk >= -1.0 && chunk == floor(chunk)) || (ended && chunk >= 0.0))
        return testudo_i_text_fail(text, error, ended && chunk >= 0.0 ? "chunk %g after the end of the order"
                                                                     : "%g is not the number of a chunk", chunk);
      ended = chunk < 0.0;
      if (!ended)
        TESTUDO_I_TRY(order_add(text, matrix, (int64_t)fmin(chunk, 0x1p53), error));
    }
  }
  return TESTUDO_OK;
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
  testudo_matrix dealt = {.weight = NULL};
  TESTUDO_I_TRY(testudo_i_matrix_deal(matrix, matrix->entry, NULL, &dealt, error));
  *made = dealt.assignment;
  return TESTUDO_OK;
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

/* array: NULL where the text is lines. */
static testudo_status orders_take(testudo_i_text *text, const testudo_i_npy *array, testudo_assignment *assignment,
                                  testudo_error *error)
{
  bool own = assignment->row == NULL;
  TESTUDO_I_HELD(testudo_i_matrix_clear) testudo_i_matrix matrix = {.name = text->name, .unit = text->unit};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(array != NULL ? read_rows(array, text, &matrix, error) : read_lines(text, &matrix, error));
  testudo_status status = order_put(text, &matrix, &arena, assignment, error);
  if (status != TESTUDO_OK && own)
    testudo_assignment_free(assignment);
  return status;
}

testudo_status testudo_i_orders_of_array(const testudo_i_npy *array, const char *name, testudo_assignment *assignment,
                                         testudo_error *error)
{
  testudo_i_text text = testudo_i_text_start("", 0, name);
  text.unit = "row";
  return orders_take(&text, array, assignment, error);
}

static testudo_status orders_of_source(testudo_i_source *source, testudo_assignment *assignment, testudo_error *error)
{
  testudo_i_npy array;
  if (testudo_i_npy_is(source)) {
    TESTUDO_I_TRY(testudo_i_npy_read(&array, source, error));
    return testudo_i_orders_of_array(&array, source->name, assignment, error);
  }
  TESTUDO_I_TRY(testudo_i_source_check_text(source, error));
  TESTUDO_I_TRY(testudo_i_source_all(source, error));
  testudo_i_text text =
      testudo_i_text_start(source->window + source->at, source->end - source->at, source->name);
  return orders_take(&text, NULL, assignment, error);
}

testudo_status testudo_orders_parse(const char *bytes, size_t length, const char *name, testudo_assignment *assignment,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_MAX_FILE_BYTES, error));
  return orders_of_source(&source, assignment, error);
}

testudo_status testudo_orders_read(const char *path, testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_MAX_FILE_BYTES, error));
  return orders_of_source(&source, assignment, error);
}
