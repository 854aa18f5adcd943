/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix Market, coordinate format: Boisvert, Pozo and Remington, The Matrix Market exchange formats, NISTIR 5935,
   1996. A matrix is an assignment, so a value only has to be a number other than 0, and a symmetric file is
   expanded. */
#include "base/error.h"
#include "code/matrix/matrix.h"

#include <string.h>

struct market {
  bool valued, whole, symmetric;
  int64_t rows, columns, entries;
  int64_t size_line;
};

static testudo_status expect(testudo_i_text *text, const char *what, const char *wanted, testudo_i_word *word,
                             testudo_error *error)
{
  if (testudo_i_text_word(text, word))
    return TESTUDO_OK;
  return testudo_i_text_fail(text, error, "the %s is missing; %s", what, wanted);
}

static testudo_status expect_end(testudo_i_text *text, testudo_error *error)
{
  testudo_i_word word;
  if (!testudo_i_text_word(text, &word))
    return TESTUDO_OK;
  return testudo_i_text_fail(text, error, "\"%s\" is one word too many", testudo_i_word_quote(word).text);
}

static testudo_status refuse_word(testudo_i_text *text, const char *what, testudo_i_word word, const char *wanted,
                                  testudo_error *error)
{
  return testudo_i_text_fail(text, error, "the %s is \"%s\"; %s", what, testudo_i_word_quote(word).text, wanted);
}

static const char objects[] = "only \"matrix coordinate\" is read";
static const char fields[] = "pattern, integer and real are read";
static const char symmetries[] = "general and symmetric are read";

static testudo_status read_field(testudo_i_text *text, struct market *market, testudo_error *error)
{
  testudo_i_word word;
  TESTUDO_I_TRY(expect(text, "field", fields, &word, error));
  market->valued = !testudo_i_word_is(word, "pattern");
  market->whole = testudo_i_word_is(word, "integer");
  if (market->valued && !market->whole && !testudo_i_word_is(word, "real"))
    return refuse_word(text, "field", word, fields, error);
  return TESTUDO_OK;
}

static testudo_status read_symmetry(testudo_i_text *text, struct market *market, testudo_error *error)
{
  testudo_i_word word;
  TESTUDO_I_TRY(expect(text, "symmetry", symmetries, &word, error));
  market->symmetric = testudo_i_word_is(word, "symmetric");
  if (!market->symmetric && !testudo_i_word_is(word, "general"))
    return refuse_word(text, "symmetry", word, symmetries, error);
  return TESTUDO_OK;
}

static testudo_status read_banner(testudo_i_text *text, struct market *market, testudo_error *error)
{
  static const char *const wanted[] = {"%%MatrixMarket", "matrix", "coordinate"};
  static const char *const what[] = {"banner", "object", "format"};
  for (int k = 0; k < 3; k++) {
    testudo_i_word word;
    const char *read = k == 0 ? "it must be \"%%MatrixMarket\"" : objects;
    TESTUDO_I_TRY(expect(text, what[k], read, &word, error));
    if (!testudo_i_word_is(word, wanted[k]))
      return refuse_word(text, what[k], word, read, error);
  }
  TESTUDO_I_TRY(read_field(text, market, error));
  TESTUDO_I_TRY(read_symmetry(text, market, error));
  return expect_end(text, error);
}

/* The next line that is neither blank nor a comment. */
static bool next_data_line(testudo_i_text *text)
{
  while (testudo_i_text_line(text)) {
    const char *at = text->at;
    while (at < text->stop && (*at == ' ' || *at == '\t'))
      at++;
    if (at < text->stop && *at != '%')
      return true;
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

static testudo_status read_size(testudo_i_text *text, struct market *market, testudo_error *error)
{
  if (!next_data_line(text))
    return testudo_i_text_fail(text, error, "the file ends before the line of rows, columns and entries");
  market->size_line = text->line;
  TESTUDO_I_TRY(read_count(text, "number of rows (workers)", 1, TESTUDO_MAX_WORKERS, &market->rows, error));
  TESTUDO_I_TRY(read_count(text, "number of columns (chunks)", 1, TESTUDO_MAX_CHUNKS, &market->columns, error));
  TESTUDO_I_TRY(read_count(text, "number of entries", 0, market->rows * market->columns, &market->entries, error));
  TESTUDO_I_TRY(expect_end(text, error));
  if (market->symmetric && market->rows != market->columns)
    return testudo_i_text_fail(text, error, "%lld rows and %lld columns, but a symmetric matrix is square",
                               (long long)market->rows, (long long)market->columns);
  return TESTUDO_OK;
}

static bool is_digit(testudo_i_word word, size_t at)
{
  return at < word.length && word.at[at] >= '0' && word.at[at] <= '9';
}

static bool is_sign(testudo_i_word word, size_t at)
{
  return at < word.length && (word.at[at] == '+' || word.at[at] == '-');
}

/* Is the word a decimal number, and is it 0? Read by its characters: its size does not matter, and no locale does. */
static bool is_number(testudo_i_word word, bool whole, bool *zero)
{
  size_t at = is_sign(word, 0), digits = 0;
  bool point = whole;
  for (*zero = true; is_digit(word, at) || (!point && at < word.length && word.at[at] == '.'); at++) {
    point = point || word.at[at] == '.';
    *zero = *zero && (word.at[at] == '0' || word.at[at] == '.');
    digits += word.at[at] != '.';
  }
  if (digits > 0 && !whole && at < word.length && memchr("eEdD", word.at[at], 4) != NULL) {
    at += 1 + is_sign(word, at + 1);
    digits = is_digit(word, at);
    while (is_digit(word, at))
      at++;
  }
  return digits > 0 && at == word.length;
}

static testudo_status read_value(testudo_i_text *text, const struct market *market, testudo_error *error)
{
  testudo_i_word word;
  bool zero;
  if (!testudo_i_text_word(text, &word))
    return testudo_i_text_fail(text, error, "the value is missing");
  if (!is_number(word, market->whole, &zero))
    return testudo_i_text_fail(text, error, "value \"%s\" is not %s", testudo_i_word_quote(word).text,
                               market->whole ? "an integer" : "a number");
  if (zero)
    return testudo_i_text_fail(text, error, "value \"%s\" is 0, but an entry says that a worker holds a chunk",
                               testudo_i_word_quote(word).text);
  return TESTUDO_OK;
}

static testudo_status read_entry(testudo_i_text *text, const struct market *market, testudo_i_matrix *matrix,
                                 testudo_error *error)
{
  int64_t row, column;
  TESTUDO_I_TRY(read_count(text, "row", 1, market->rows, &row, error));
  TESTUDO_I_TRY(read_count(text, "column", 1, market->columns, &column, error));
  if (market->valued)
    TESTUDO_I_TRY(read_value(text, market, error));
  TESTUDO_I_TRY(expect_end(text, error));
  if (market->symmetric && row < column)
    return testudo_i_text_fail(text, error, "row %lld, column %lld is above the diagonal of a symmetric matrix",
                               (long long)row, (long long)column);
  TESTUDO_I_TRY(testudo_i_matrix_add(matrix, (int32_t)row - 1, (int32_t)column - 1, text->line, error));
  if (market->symmetric && row > column)
    TESTUDO_I_TRY(testudo_i_matrix_add(matrix, (int32_t)column - 1, (int32_t)row - 1, text->line, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_read_market(testudo_i_text *text, testudo_i_matrix *matrix, testudo_error *error)
{
  struct market market = {0};
  /* The caller has seen the banner's first byte. */
  (void)testudo_i_text_line(text);
  TESTUDO_I_TRY(read_banner(text, &market, error));
  TESTUDO_I_TRY(read_size(text, &market, error));
  for (int64_t found = 0; found < market.entries; found++) {
    if (!next_data_line(text))
      return testudo_i_text_fail(text, error, "the file ends after %lld entries, but line %lld announces %lld",
                                 (long long)found, (long long)market.size_line, (long long)market.entries);
    TESTUDO_I_TRY(read_entry(text, &market, matrix, error));
  }
  if (next_data_line(text))
    return testudo_i_text_fail(text, error, "more than the %lld entries that line %lld announces",
                               (long long)market.entries, (long long)market.size_line);
  matrix->workers = (int32_t)market.rows;
  matrix->chunks = (int32_t)market.columns;
  text->line = market.size_line;
  return TESTUDO_OK;
}
