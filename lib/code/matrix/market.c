/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix Market: Boisvert, Pozo and Remington, The Matrix Market exchange formats, NISTIR 5935, 1996. Coordinate and
   array format; a symmetric file is expanded, what is 0 is no entry. */
#include "base/error.h"
#include "base/number.h"
#include "code/matrix/matrix.h"

#include <math.h>
#include <string.h>

struct market {
  bool array, valued, whole, symmetric;
  int64_t rows, columns, entries;
  int64_t size_line;
};

/* The next word must be one of these, as `wanted` says; *which is its number. */
static testudo_status expect(testudo_i_text *text, const char *what, const char *const *words, const char *wanted,
                             int *which, testudo_error *error)
{
  testudo_i_word word;
  if (!testudo_i_text_word(text, &word))
    return testudo_i_text_fail(text, error, "the %s is missing; %s", what, wanted);
  for (*which = 0; words[*which] != NULL; ++*which)
    if (testudo_i_word_is(word, words[*which]))
      return TESTUDO_OK;
  return testudo_i_text_fail(text, error, "the %s is \"%s\"; %s", what, testudo_i_word_quote(word).text, wanted);
}

static testudo_status expect_end(testudo_i_text *text, testudo_error *error)
{
  testudo_i_word word;
  if (!testudo_i_text_word(text, &word))
    return TESTUDO_OK;
  return testudo_i_text_fail(text, error, "\"%s\" is one word too many", testudo_i_word_quote(word).text);
}

static testudo_status read_banner(testudo_i_text *text, struct market *market, testudo_error *error)
{
  static const char objects[] = "\"matrix coordinate\" and \"matrix array\" are read";
  static const char *const banner[] = {"%%MatrixMarket", NULL}, *const object[] = {"matrix", NULL};
  static const char *const format[] = {"coordinate", "array", NULL}, *const symmetry[] = {"general", "symmetric", NULL};
  static const char *const field[] = {"pattern", "real", "integer", "unsigned-integer", NULL};
  int which;
  TESTUDO_I_TRY(expect(text, "banner", banner, "it must be \"%%MatrixMarket\"", &which, error));
  TESTUDO_I_TRY(expect(text, "object", object, objects, &which, error));
  TESTUDO_I_TRY(expect(text, "format", format, objects, &which, error));
  market->array = which == 1;
  TESTUDO_I_TRY(expect(text, "field", field, "pattern, integer and real are read", &which, error));
  market->valued = which > 0;
  market->whole = which > 1;
  if (market->array && !market->valued)
    return testudo_i_text_fail(text, error, "an array cannot be a pattern: it has a value for every place");
  TESTUDO_I_TRY(expect(text, "symmetry", symmetry, "general and symmetric are read", &which, error));
  market->symmetric = which == 1;
  return expect_end(text, error);
}

/* Is the line the comment with which testudo export says that values are places? */
static bool says_places(const testudo_i_text *text)
{
  static const char words[] = "value: place in the worker's order";
  size_t length = sizeof words - 1;
  return (size_t)(text->stop - text->at) > length && memcmp(text->stop - length, words, length) == 0;
}

/* The next line that is neither blank nor a comment. */
static bool next_data_line(testudo_i_text *text, testudo_i_matrix *matrix)
{
  while (testudo_i_text_line(text)) {
    const char *at = text->at;
    while (at < text->stop && (*at == ' ' || *at == '\t'))
      at++;
    if (at < text->stop && *at != '%')
      return true;
    if (matrix->count == 0 && says_places(text))
      matrix->places = !matrix->options.weighted;
  }
  return false;
}

static testudo_status read_count(testudo_i_text *text, const char *what, int64_t least, int64_t most, int64_t *count,
                                 testudo_error *error)
{
  testudo_i_word word;
  if (!testudo_i_text_word(text, &word))
    return testudo_i_text_fail(text, error, "the %s is missing", what);
  *count = testudo_i_word_count(word);
  if (*count < least || *count > most)
    return testudo_i_text_fail(text, error, "%s: \"%s\", but %lld..%lld are allowed", what,
                               testudo_i_word_quote(word).text, (long long)least, (long long)most);
  return TESTUDO_OK;
}

static testudo_status read_size(testudo_i_text *text, struct market *market, testudo_i_matrix *matrix,
                                testudo_error *error)
{
  if (!next_data_line(text, matrix))
    return testudo_i_text_fail(text, error, "the file ends before the line of rows, columns and entries");
  market->size_line = text->line;
  TESTUDO_I_TRY(read_count(text, "number of rows (workers)", 1, TESTUDO_MAX_WORKERS, &market->rows, error));
  TESTUDO_I_TRY(read_count(text, "number of columns (chunks)", 1, TESTUDO_MAX_CHUNKS, &market->columns, error));
  if (!market->array)
    TESTUDO_I_TRY(read_count(text, "number of entries", 0, market->rows * market->columns, &market->entries, error));
  TESTUDO_I_TRY(expect_end(text, error));
  if (market->symmetric && market->rows != market->columns)
    return testudo_i_text_fail(text, error, "%lld rows and %lld columns, but a symmetric matrix is square",
                               (long long)market->rows, (long long)market->columns);
  return TESTUDO_OK;
}

/* A number; Fortran's 1D0 too. */
static bool is_number(testudo_i_word word, double *value)
{
  enum { LONGEST = 64 };
  char text[LONGEST];
  bool fortran = memchr(word.at, 'd', word.length) != NULL || memchr(word.at, 'D', word.length) != NULL;
  if (!fortran || word.length >= LONGEST)
    return testudo_i_parse_real(word.at, word.length, value);
  for (size_t k = 0; k < word.length; k++)
    text[k] = word.at[k] == 'd' || word.at[k] == 'D' ? 'e' : word.at[k];
  return testudo_i_parse_real(text, word.length, value);
}

static testudo_status read_value(testudo_i_text *text, const struct market *market, testudo_i_word *word,
                                 double *value, testudo_error *error)
{
  if (!testudo_i_text_word(text, word))
    return testudo_i_text_fail(text, error, "the value is missing");
  if (!is_number(*word, value) || (market->whole && *value != floor(*value)))
    return testudo_i_text_fail(text, error, "value \"%s\" is not %s", testudo_i_word_quote(*word).text,
                               market->whole ? "an integer" : "a number");
  return TESTUDO_OK;
}

/* Of a symmetric matrix both places. */
static testudo_status put_entry(const testudo_i_text *text, const struct market *market, int64_t row, int64_t column,
                                double value, testudo_i_word word, testudo_i_matrix *matrix, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_matrix_put(matrix, row, column, value, word, text->line, error));
  return market->symmetric && row > column
             ? testudo_i_matrix_put(matrix, column, row, value, word, text->line, error)
             : TESTUDO_OK;
}

static testudo_status read_entry(testudo_i_text *text, const struct market *market, testudo_i_matrix *matrix,
                                 testudo_error *error)
{
  int64_t row, column;
  double value = 1.0;
  testudo_i_word word = {"1", 1};
  TESTUDO_I_TRY(read_count(text, "row", 1, market->rows, &row, error));
  TESTUDO_I_TRY(read_count(text, "column", 1, market->columns, &column, error));
  if (market->valued)
    TESTUDO_I_TRY(read_value(text, market, &word, &value, error));
  TESTUDO_I_TRY(expect_end(text, error));
  if (market->symmetric && row < column)
    return testudo_i_text_fail(text, error, "row %lld, column %lld is above the diagonal of a symmetric matrix",
                               (long long)row, (long long)column);
  return put_entry(text, market, row - 1, column - 1, value, word, matrix, error);
}

static testudo_status read_coordinates(testudo_i_text *text, const struct market *market, testudo_i_matrix *matrix,
                                       testudo_error *error)
{
  for (int64_t found = 0; found < market->entries; found++) {
    if (!next_data_line(text, matrix))
      return testudo_i_text_fail(text, error, "the file ends after %lld entries, but line %lld announces %lld",
                                 (long long)found, (long long)market->size_line, (long long)market->entries);
    TESTUDO_I_TRY(read_entry(text, market, matrix, error));
  }
  return TESTUDO_OK;
}

/* Column by column, of a symmetric matrix from the diagonal down; a value per line. */
static testudo_status read_array(testudo_i_text *text, const struct market *market, testudo_i_matrix *matrix,
                                 testudo_error *error)
{
  for (int64_t column = 0; column < market->columns; column++)
    for (int64_t row = market->symmetric ? column : 0; row < market->rows; row++) {
      double value;
      testudo_i_word word;
      if (!next_data_line(text, matrix))
        return testudo_i_text_fail(text, error,
                                   "the file ends before row %lld of column %lld, but line %lld announces %lld x %lld",
                                   (long long)row + 1, (long long)column + 1, (long long)market->size_line,
                                   (long long)market->rows, (long long)market->columns);
      TESTUDO_I_TRY(read_value(text, market, &word, &value, error));
      TESTUDO_I_TRY(expect_end(text, error));
      TESTUDO_I_TRY(put_entry(text, market, row, column, value, word, matrix, error));
    }
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_read_market(testudo_i_source *source, testudo_i_matrix *matrix, testudo_error *error)
{
  struct market market = {0};
  TESTUDO_I_TRY(testudo_i_source_all(source, error));
  testudo_i_text text =
      testudo_i_text_start(source->window + source->at, source->end - source->at, source->name);
  do /* the caller has seen the banner's first byte */
    (void)testudo_i_text_line(&text);
  while (text.at + strspn(text.at, " \t") == text.stop);
  TESTUDO_I_TRY(read_banner(&text, &market, error));
  TESTUDO_I_TRY(read_size(&text, &market, matrix, error));
  TESTUDO_I_TRY((market.array ? read_array : read_coordinates)(&text, &market, matrix, error));
  if (next_data_line(&text, matrix))
    return testudo_i_text_fail(&text, error, "more than line %lld announces", (long long)market.size_line);
  matrix->workers = (int32_t)market.rows;
  matrix->chunks = (int32_t)market.columns;
  matrix->line = market.size_line;
  return TESTUDO_OK;
}
