/* SPDX-License-Identifier: BSD-3-Clause */
/* code of a classical gradient code: row j of `matrix` has the coefficient of chunk order[j][k] at k. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/read.h"

static testudo_status check_row(size_t found, int32_t worker, const testudo_design *design, const char *name,
                                testudo_error *error)
{
  size_t load = (size_t)testudo_design_load(design, worker);
  if (found == load)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                        "%s: code.matrix[%d]: has %zu numbers, but order[%d] has %zu chunks", name, (int)worker, found,
                        (int)worker, load);
}

static testudo_status read_row(const testudo_i_json_value *row, int32_t worker, testudo_design *design,
                               const char *name, testudo_error *error)
{
  if (testudo_i_json_kind_of(row) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix[%d]: is %s, but must be an array", name,
                          (int)worker, testudo_i_json_kind_name(row));
  testudo_status status = check_row(testudo_i_json_size(row), worker, design, name, error);
  for (size_t k = 0; status == TESTUDO_OK && k < testudo_i_json_size(row); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(row, k);
    testudo_i_json_kind kind = testudo_i_json_kind_of(item);
    if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix[%d][%zu]: is %s, but must be a number", name,
                            (int)worker, k, testudo_i_json_kind_name(item));
    design->coefficient[design->row[worker] + (int64_t)k] = testudo_i_json_number(item);
  }
  return status;
}

static testudo_status copy_rows(const testudo_i_json_rows *rows, testudo_design *design, const char *name,
                                testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  for (int32_t j = 0; status == TESTUDO_OK && j < design->workers; j++)
    status = check_row((size_t)(rows->row[j + 1] - rows->row[j]), j, design, name, error);
  if (status == TESTUDO_OK)
    memcpy(design->coefficient, rows->number, (size_t)design->row[design->workers] * sizeof *design->coefficient);
  return status;
}

/* `lean` has the rows, unless NULL; then the tree has. */
static testudo_status read_rows(const testudo_i_json_rows *lean, const testudo_i_json_value *rows,
                                testudo_design *design, const char *name, testudo_error *error)
{
  size_t found = lean != NULL ? (size_t)lean->rows : testudo_i_json_size(rows);
  if (found != (size_t)design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix: has %zu rows, but workers is %d", name, found,
                          (int)design->workers);
  design->coefficient =
      testudo_i_alloc((size_t)design->row[design->workers], sizeof *design->coefficient);
  if (design->coefficient == NULL)
    return testudo_i_fail_memory(error);
  if (lean != NULL)
    return copy_rows(lean, design, name, error);
  testudo_status status = TESTUDO_OK;
  for (int32_t j = 0; status == TESTUDO_OK && j < design->workers; j++)
    status = read_row(testudo_i_json_item(rows, (size_t)j), j, design, name, error);
  return status;
}

testudo_status testudo_i_read_gradient_code(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                            testudo_design *design, testudo_error *error)
{
  const char *construction;
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(document, TESTUDO_I_LEAN_MATRIX);
  const testudo_i_json_value *rows;
  int64_t stragglers = 0;
  testudo_status status = testudo_i_json_want_string(document, code, "code", "construction", &construction, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_integer(document, code, "code", "stragglers", 0, design->workers - 1, &stragglers,
                                         error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_kind(document, code, "code", "matrix", TESTUDO_I_JSON_ARRAY, &rows, error);
  if (status != TESTUDO_OK)
    return status;
  design->stragglers = (int32_t)stragglers;
  design->construction = testudo_i_copy_string(construction);
  if (design->construction == NULL)
    return testudo_i_fail_memory(error);
  return read_rows(lean, rows, design, testudo_i_json_name(document), error);
}
