/* SPDX-License-Identifier: BSD-3-Clause */
/* A member of `code` that is rows of numbers: read lean where the reader kept it so, from the tree otherwise. */
#include <string.h>

#include "base/error.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

typedef struct rows_reader {
  const testudo_i_json_at *code;
  const testudo_i_rows_wanted *wanted;
  const testudo_design *design;
} rows_reader;

static int32_t columns_of(const rows_reader *reader, int32_t row)
{
  return reader->wanted->columns_are != NULL ? reader->wanted->columns : testudo_design_load(reader->design, row);
}

static testudo_status check_length(const rows_reader *reader, int32_t row, size_t found)
{
  const testudo_i_rows_wanted *wanted = reader->wanted;
  int32_t columns = columns_of(reader, row);
  if (found == (size_t)columns)
    return TESTUDO_OK;
  if (wanted->columns_are == NULL)
    return testudo_i_json_refuse(reader->code, "%s[%d]: has %zu numbers, but order[%d] has %d chunks", wanted->name,
                                 (int)row, found, (int)row, (int)columns);
  return testudo_i_json_refuse(reader->code, "%s[%d]: has %zu numbers, but %s is %d", wanted->name, (int)row, found,
                               wanted->columns_are, (int)columns);
}

static testudo_status check_row(const rows_reader *reader, int32_t row, const testudo_i_json_value *items)
{
  const char *name = reader->wanted->name;
  if (testudo_i_json_kind_of(items) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_json_refuse(reader->code, "%s[%d]: is %s, but must be an array", name, (int)row,
                                 testudo_i_json_kind_name(items));
  TESTUDO_I_TRY(check_length(reader, row, testudo_i_json_size(items)));
  for (size_t k = 0; k < testudo_i_json_size(items); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    if (!testudo_i_json_is_number(item))
      return testudo_i_json_refuse(reader->code, "%s[%d][%zu]: is %s, but must be a number", name, (int)row, k,
                                   testudo_i_json_kind_name(item));
  }
  return TESTUDO_OK;
}

static testudo_status check_rows(const rows_reader *reader, const testudo_i_json_rows *lean,
                                 const testudo_i_json_value *items)
{
  const testudo_i_rows_wanted *wanted = reader->wanted;
  size_t found = lean != NULL ? (size_t)lean->rows : testudo_i_json_size(items);
  if (found != (size_t)wanted->rows)
    return testudo_i_json_refuse(reader->code, "%s: has %zu rows, but %s is %d", wanted->name, found,
                                 wanted->rows_are, (int)wanted->rows);
  for (int32_t r = 0; r < wanted->rows; r++)
    TESTUDO_I_TRY(lean != NULL ? check_length(reader, r, (size_t)(lean->row[r + 1] - lean->row[r]))
                               : check_row(reader, r, testudo_i_json_item(items, (size_t)r)));
  return TESTUDO_OK;
}

testudo_status testudo_i_check_rows(const testudo_i_json_at *code, const testudo_i_json_value *items,
                                    const testudo_i_rows_wanted *wanted, const testudo_design *design)
{
  if (testudo_i_json_kind_of(items) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_json_refuse(code, "%s: is %s, but must be an array", wanted->name,
                                 testudo_i_json_kind_name(items));
  return check_rows(&(rows_reader){code, wanted, design}, NULL, items);
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

testudo_status testudo_i_read_matrix(const testudo_i_json_at *code, const testudo_i_rows_wanted *wanted,
                                     testudo_design *design, double **numbers)
{
  const rows_reader reader = {code, wanted, design};
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(code->document, TESTUDO_I_LEAN_MATRIX);
  const testudo_i_json_value *items;
  TESTUDO_I_TRY(testudo_i_json_want_kind(code, wanted->name, TESTUDO_I_JSON_ARRAY, &items));
  TESTUDO_I_TRY(check_rows(&reader, lean, items));
  size_t count = 0;
  for (int32_t r = 0; r < wanted->rows; r++)
    count += (size_t)columns_of(&reader, r);
  *numbers = testudo_i_arena_alloc(&design->arena, count, sizeof **numbers);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, code->error));
  if (lean == NULL)
    testudo_i_take_rows(items, *numbers);
  else if (count > 0)
    memcpy(*numbers, lean->number, count * sizeof **numbers);
  return TESTUDO_OK;
}
