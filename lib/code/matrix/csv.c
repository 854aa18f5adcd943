/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 0 and 1, parted by commas, a line per worker. */
#include "base/error.h"
#include "code/matrix/matrix.h"

/* Adds the ones of the current line; *fields is how many fields it has. */
static testudo_status read_ones(testudo_i_text *text, testudo_i_matrix *matrix, int64_t *fields, testudo_error *error)
{
  testudo_i_word word;
  for (*fields = 0; testudo_i_text_field(text, ',', &word);) {
    ++*fields;
    if (!testudo_i_word_is(word, "0") && !testudo_i_word_is(word, "1"))
      return testudo_i_text_fail(text, error, "field %lld is \"%s\", but only 0 and 1 are allowed",
                                 (long long)*fields, testudo_i_word_quote(word).text);
    if (*fields > TESTUDO_MAX_CHUNKS)
      return testudo_i_text_fail(text, error, "more than %d fields (a field is a chunk)", TESTUDO_MAX_CHUNKS);
    if (word.at[0] == '0')
      continue;
    TESTUDO_I_TRY(testudo_i_matrix_add(matrix, matrix->workers, (int32_t)(*fields - 1), text->line, error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_read_csv(testudo_i_text *text, testudo_i_matrix *matrix, testudo_error *error)
{
  while (testudo_i_text_more(text) && testudo_i_text_line(text)) {
    testudo_i_text line = *text;
    testudo_i_word word;
    if (!testudo_i_text_word(&line, &word))
      return testudo_i_text_fail(text, error, "empty, but a line is a worker with a 0 or 1 for every chunk");
    if (matrix->workers == TESTUDO_MAX_WORKERS)
      return testudo_i_text_fail(text, error, "more than %d lines (a line is a worker)", TESTUDO_MAX_WORKERS);
    int64_t fields;
    TESTUDO_I_TRY(read_ones(text, matrix, &fields, error));
    if (matrix->workers > 0 && fields != matrix->chunks)
      return testudo_i_text_fail(text, error, "%lld fields, but the first line has %d", (long long)fields,
                                 (int)matrix->chunks);
    matrix->chunks = (int32_t)fields;
    matrix->workers++;
  }
  return TESTUDO_OK;
}
