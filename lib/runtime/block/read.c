/* SPDX-License-Identifier: BSD-3-Clause */
/* code of a block gradient code: that of a nested one, and the sizes of the blocks with their sum, dim. */
#include <stdlib.h>

#include <testudo/block.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/read.h"

static testudo_status fill_sizes(const testudo_i_json_value *items, int64_t *size, const char *name,
                                 testudo_error *error)
{
  for (size_t k = 0; k < testudo_i_json_size(items); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.sizes[%zu]: is %s, but must be an integer", name, k,
                            testudo_i_json_kind_name(item));
    size[k] = testudo_i_json_integer(item);
  }
  return TESTUDO_OK;
}

static testudo_status read_sizes(const testudo_i_json_value *items, int64_t dim, testudo_design *design,
                                 const char *name, testudo_error *error)
{
  int32_t blocks = design->family.levels;
  if (testudo_i_json_size(items) != (size_t)blocks)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.sizes: has %zu items, but tolerances has %d", name,
                          testudo_i_json_size(items), (int)blocks);
  int64_t *size = testudo_i_alloc((size_t)blocks, sizeof *size);
  if (size == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = fill_sizes(items, size, name, error);
  if (status == TESTUDO_OK) {
    status = testudo_i_layout_make(&design->layout, dim, blocks, size, error);
    if (status == TESTUDO_ERROR_INPUT)
      testudo_i_error_prefix(error, name);
  }
  free(size);
  return status;
}

testudo_status testudo_i_read_block(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                    testudo_design *design, testudo_error *error)
{
  const testudo_i_json_value *sizes;
  int64_t dim = 0;
  testudo_status status =
      testudo_i_json_want_integer(document, code, "code", "dim", 1, TESTUDO_MAX_DIM, &dim, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_kind(document, code, "code", "sizes", TESTUDO_I_JSON_ARRAY, &sizes, error);
  if (status == TESTUDO_OK)
    status = testudo_i_read_nested(document, code, design, error);
  return status == TESTUDO_OK ? read_sizes(sizes, dim, design, testudo_i_json_name(document), error) : status;
}
