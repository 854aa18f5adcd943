/* SPDX-License-Identifier: BSD-3-Clause */
/* A member of `code` that is rows of numbers: read lean where the reader kept it so, from the tree otherwise. */
#include <string.h>

#include "base/error.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

typedef struct rows_reader {
  const testudo_i_rows_wanted *wanted;
  const testudo_design *design;
  const char *file;
} rows_reader;

static int32_t columns_of(const rows_reader *reader, int32_t row)
{
  return reader->wanted->columns_are != NULL ? reader->wanted->columns : testudo_design_load(reader->design, row);
}

static testudo_status check_count(const rows_reader *reader, size_t found, testudo_error *error)
{
  const testudo_i_rows_wanted *wanted = reader->wanted;
  if (found == (size_t)wanted->rows)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s: has %zu rows, but %s is %d", reader->file,
                        wanted->name, found, wanted->rows_are, (int)wanted->rows);
}

static testudo_status check_length(const rows_reader *reader, int32_t row, size_t found, testudo_error *error)
{
  const testudo_i_rows_wanted *wanted = reader->wanted;
  int32_t columns = columns_of(reader, row);
  if (found == (size_t)columns)
    return TESTUDO_OK;
  if (wanted->columns_are == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: code.%s[%d]: has %zu numbers, but order[%d] has %d chunks", reader->file, wanted->name,
                          (int)row, found, (int)row, (int)columns);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s[%d]: has %zu numbers, but %s is %d", reader->file,
                        wanted->name, (int)row, found, wanted->columns_are, (int)columns);
}

static testudo_status check_row(const rows_reader *reader, int32_t row, const testudo_i_json_value *items,
                                testudo_error *error)
{
  const char *name = reader->wanted->name;
  if (testudo_i_json_kind_of(items) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s[%d]: is %s, but must be an array", reader->file,
                          name, (int)row, testudo_i_json_kind_name(items));
  TESTUDO_I_TRY(check_length(reader, row, testudo_i_json_size(items), error));
  for (size_t k = 0; k < testudo_i_json_size(items); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    testudo_i_json_kind kind = testudo_i_json_kind_of(item);
    if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s[%d][%zu]: is %s, but must be a number",
                            reader->file, name, (int)row, k, testudo_i_json_kind_name(item));
  }
  return TESTUDO_OK;
}

static testudo_status check_rows(const rows_reader *reader, const testudo_i_json_rows *lean,
                                 const testudo_i_json_value *items, testudo_error *error)
{
  int32_t rows = reader->wanted->rows;
  TESTUDO_I_TRY(check_count(reader, lean != NULL ? (size_t)lean->rows : testudo_i_json_size(items), error));
  for (int32_t r = 0; r < rows; r++)
    if (lean != NULL)
      TESTUDO_I_TRY(check_length(reader, r, (size_t)(lean->row[r + 1] - lean->row[r]), error));
    else
      TESTUDO_I_TRY(check_row(reader, r, testudo_i_json_item(items, (size_t)r), error));
  return TESTUDO_OK;
}

testudo_status testudo_i_check_rows(const testudo_i_json_document *document, const testudo_i_json_value *items,
                                    const testudo_i_rows_wanted *wanted, const testudo_design *design,
                                    testudo_error *error)
{
  const rows_reader reader = {wanted, design, testudo_i_json_name(document)};
  if (testudo_i_json_kind_of(items) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s: is %s, but must be an array", reader.file,
                          wanted->name, testudo_i_json_kind_name(items));
  return check_rows(&reader, NULL, items, error);
}

double *testudo_i_take_rows(const testudo_i_json_value *items, double *to)
{
  for (size_t r = 0; r < testudo_i_json_size(items); r++) {
    const testudo_i_json_value *row = testudo_i_json_item(items, r);
    for (size_t k = 0; k < testudo_i_json_size(row); k++)
      *to++ = testudo_i_json_number(testudo_i_json_item(row, k));
  }
  return to;
}

testudo_status testudo_i_read_matrix(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                     const testudo_i_rows_wanted *wanted, testudo_design *design, double **numbers,
                                     testudo_error *error)
{
  const rows_reader reader = {wanted, design, testudo_i_json_name(document)};
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(document, TESTUDO_I_LEAN_MATRIX);
  const testudo_i_json_value *items;
  TESTUDO_I_TRY(
      testudo_i_json_want_kind(document, code, "code", wanted->name, TESTUDO_I_JSON_ARRAY, &items, error));
  TESTUDO_I_TRY(check_rows(&reader, lean, items, error));
  size_t count = 0;
  for (int32_t r = 0; r < wanted->rows; r++)
    count += (size_t)columns_of(&reader, r);
  *numbers = testudo_i_arena_alloc(&design->arena, count, sizeof **numbers);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, error));
  if (lean == NULL)
    testudo_i_take_rows(items, *numbers);
  else if (count > 0)
    memcpy(*numbers, lean->number, count * sizeof **numbers);
  return TESTUDO_OK;
}
