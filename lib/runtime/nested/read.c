/* SPDX-License-Identifier: BSD-3-Clause */
/* code of a nested or block gradient code: the tolerances, and for each a matrix of `workers` rows of tolerance + 1
   numbers. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/read.h"

static testudo_status fill_tolerances(const testudo_i_json_value *items, int32_t *tolerance, int32_t most,
                                      const char *name, testudo_error *error)
{
  for (size_t k = 0; k < testudo_i_json_size(items); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.tolerances[%zu]: is %s, but must be an integer",
                            name, k, testudo_i_json_kind_name(item));
    int64_t value = testudo_i_json_integer(item);
    if (value < 0 || value > most)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "%s: code.tolerances[%zu]: %lld, but it must be in 0..%d (workers - 1)", name, k,
                            (long long)value, (int)most);
    tolerance[k] = (int32_t)value;
  }
  return TESTUDO_OK;
}

static testudo_status read_tolerances(const testudo_i_json_value *items, testudo_design *design, const char *name,
                                      testudo_error *error)
{
  size_t count = testudo_i_json_size(items);
  if (count > (size_t)design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.tolerances: has %zu items, but workers is %d", name,
                          count, (int)design->workers);
  int32_t *tolerance = testudo_i_alloc(count + 1, sizeof *tolerance);
  if (tolerance == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = fill_tolerances(items, tolerance, design->workers - 1, name, error);
  if (status == TESTUDO_OK) {
    status = testudo_i_family_make(&design->family, design->workers, (int32_t)count, tolerance, error);
    if (status == TESTUDO_ERROR_INPUT)
      testudo_i_error_prefix(error, name);
  }
  free(tolerance);
  return status;
}

static testudo_status check_row(const testudo_i_json_value *row, int32_t level, int32_t worker, int32_t tolerance,
                                const char *name, testudo_error *error)
{
  if (testudo_i_json_kind_of(row) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrices[%d][%d]: is %s, but must be an array", name,
                          (int)level, (int)worker, testudo_i_json_kind_name(row));
  if (testudo_i_json_size(row) != (size_t)tolerance + 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: code.matrices[%d][%d]: has %zu numbers, but tolerance %d needs %d", name, (int)level,
                          (int)worker, testudo_i_json_size(row), (int)tolerance, (int)tolerance + 1);
  for (size_t k = 0; k <= (size_t)tolerance; k++) {
    testudo_i_json_kind kind = testudo_i_json_kind_of(testudo_i_json_item(row, k));
    if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrices[%d][%d][%zu]: is %s, but must be a number",
                            name, (int)level, (int)worker, k,
                            testudo_i_json_kind_name(testudo_i_json_item(row, k)));
  }
  return TESTUDO_OK;
}

/* All shapes, before memory is taken by what the tolerances claim. */
static testudo_status check_shapes(const testudo_i_json_value *matrices, const testudo_design *design,
                                   const char *name, testudo_error *error)
{
  const testudo_i_family *family = &design->family;
  if (testudo_i_json_size(matrices) != (size_t)family->levels)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrices: has %zu items, but tolerances has %d", name,
                          testudo_i_json_size(matrices), (int)family->levels);
  testudo_status status = TESTUDO_OK;
  for (int32_t level = 0; status == TESTUDO_OK && level < family->levels; level++) {
    const testudo_i_json_value *rows = testudo_i_json_item(matrices, (size_t)level);
    if (testudo_i_json_kind_of(rows) != TESTUDO_I_JSON_ARRAY)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrices[%d]: is %s, but must be an array", name,
                            (int)level, testudo_i_json_kind_name(rows));
    if (testudo_i_json_size(rows) != (size_t)design->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrices[%d]: has %zu rows, but workers is %d", name,
                            (int)level, testudo_i_json_size(rows), (int)design->workers);
    for (int32_t j = 0; status == TESTUDO_OK && j < design->workers; j++)
      status = check_row(testudo_i_json_item(rows, (size_t)j), level, j, family->tolerance[level], name, error);
  }
  return status;
}

testudo_status testudo_i_read_nested(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                     testudo_design *design, testudo_error *error)
{
  const testudo_i_json_value *tolerances, *matrices;
  const char *name = testudo_i_json_name(document);
  testudo_status status =
      testudo_i_json_want_kind(document, code, "code", "tolerances", TESTUDO_I_JSON_ARRAY, &tolerances, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_kind(document, code, "code", "matrices", TESTUDO_I_JSON_ARRAY, &matrices, error);
  if (status == TESTUDO_OK)
    status = read_tolerances(tolerances, design, name, error);
  if (status == TESTUDO_OK)
    status = check_shapes(matrices, design, name, error);
  if (status == TESTUDO_OK)
    status = testudo_i_family_room(&design->family, error);
  if (status != TESTUDO_OK)
    return status;
  double *coefficient = design->family.coefficient;
  for (int32_t level = 0; level < design->family.levels; level++)
    for (int32_t j = 0; j < design->workers; j++) {
      const testudo_i_json_value *row =
          testudo_i_json_item(testudo_i_json_item(matrices, (size_t)level), (size_t)j);
      for (int32_t k = 0; k <= design->family.tolerance[level]; k++)
        *coefficient++ = testudo_i_json_number(testudo_i_json_item(row, (size_t)k));
    }
  return TESTUDO_OK;
}
