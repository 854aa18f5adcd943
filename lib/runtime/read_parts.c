/* SPDX-License-Identifier: BSD-3-Clause */
/* The two big members of a design file: `order` and `code`. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

static testudo_status fail_chunk(const testudo_design *design, const char *name, int32_t worker, size_t k,
                                 int64_t chunk, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: order[%d][%zu]: chunk %lld, but chunks are 0..%d", name,
                        (int)worker, k, (long long)chunk, (int)design->chunks - 1);
}

static testudo_status read_row(const testudo_i_json_value *row, int32_t worker, testudo_design *design,
                               const testudo_i_json_minus *minus, const char *name, testudo_error *error)
{
  size_t load = testudo_i_json_size(row);
  int32_t *order = design->order + design->row[worker];
  for (size_t k = 0; k < load; k++) {
    const testudo_i_json_value *item = testudo_i_json_item(row, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: order[%d][%zu]: is %s, but must be an integer", name,
                            (int)worker, k, testudo_i_json_kind_name(item));
    if (minus->met && minus->row == worker && minus->place == (int64_t)k)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: order[%d][%zu]: -0, but chunks are 0..%d", name,
                            (int)worker, k, (int)design->chunks - 1);
    int64_t chunk = testudo_i_json_integer(item);
    if (chunk < 0 || chunk >= design->chunks)
      return fail_chunk(design, name, worker, k, chunk, error);
    order[k] = (int32_t)chunk;
  }
  design->row[worker + 1] = design->row[worker] + (int64_t)load;
  return TESTUDO_OK;
}

static testudo_status copy_order(const testudo_i_json_rows *rows, testudo_design *design, const char *name,
                                 testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++) {
    design->row[j + 1] = rows->row[j + 1];
    for (int64_t e = rows->row[j]; e < rows->row[j + 1]; e++) {
      if (rows->index[e] >= design->chunks)
        return fail_chunk(design, name, j, (size_t)(e - rows->row[j]), rows->index[e], error);
      design->order[e] = rows->index[e];
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_read_order(const testudo_i_json_document *document, const testudo_i_json_value *rows,
                                    testudo_design *design, testudo_error *error)
{
  const char *name = testudo_i_json_name(document);
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(document, TESTUDO_I_LEAN_ORDER);
  if (lean != NULL)
    return copy_order(lean, design, name, error);
  for (int32_t j = 0; j < design->workers; j++) {
    const testudo_i_json_value *row = testudo_i_json_item(rows, (size_t)j);
    if (testudo_i_json_kind_of(row) != TESTUDO_I_JSON_ARRAY)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: order[%d]: is %s, but must be an array", name, (int)j,
                            testudo_i_json_kind_name(row));
    TESTUDO_I_TRY(read_row(row, j, design, testudo_i_json_minus_of(document, TESTUDO_I_LEAN_ORDER), name, error));
  }
  return TESTUDO_OK;
}

static testudo_status check_kind(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                 const testudo_i_scheme *scheme, testudo_error *error)
{
  const char *kind;
  TESTUDO_I_TRY(testudo_i_json_want_string(document, code, "code", "kind", &kind, error));
  if (strcmp(kind, scheme->kind) == 0)
    return TESTUDO_OK;
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(kind, shown);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.kind: \"%s\", but scheme %s has kind \"%s\"",
                        testudo_i_json_name(document), shown, scheme->name, scheme->kind);
}

static bool is_listed(const char *key, const char *const *listed)
{
  while (*listed != NULL)
    if (strcmp(key, *listed++) == 0)
      return true;
  return false;
}

/* `known` lists the members of this code, NULL at its end. */
static testudo_status check_members(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                    const char *const *known, testudo_error *error)
{
  void *at = NULL;
  for (const char *key; (key = testudo_i_json_walk(code, &at, NULL)) != NULL;) {
    if (is_listed(key, known))
      continue;
    char shown[TESTUDO_I_JSON_SHOWN], list[80] = "";
    for (size_t k = 0; known[k] != NULL; k++)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
               k == 0 ? "" : known[k + 1] == NULL ? " and " : ", ", known[k]);
    testudo_i_json_show(key, shown);
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.%s: unknown member, but this code has only %s",
                          testudo_i_json_name(document), shown, list);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_read_code(const testudo_i_json_document *document, testudo_design *design,
                                   testudo_error *error)
{
  const testudo_i_json_value *code;
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, testudo_i_json_root(document), "", "code", TESTUDO_I_JSON_OBJECT,
                                         &code, error));
  TESTUDO_I_TRY(check_kind(document, code, design->scheme, error));
  TESTUDO_I_TRY(check_members(document, code, design->scheme->members, error));
  return design->scheme->read == NULL ? TESTUDO_OK : design->scheme->read(document, code, design, error);
}
