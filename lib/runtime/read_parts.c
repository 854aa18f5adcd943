/* SPDX-License-Identifier: BSD-3-Clause */
/* The two big members of a design file: `order` and `code`. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

static testudo_status fail_chunk(const testudo_i_json_at *root, const testudo_design *design, int32_t worker, size_t k,
                                 int64_t chunk)
{
  return testudo_i_json_refuse(root, "order[%d][%zu]: chunk %lld, but chunks are 0..%d", (int)worker, k,
                               (long long)chunk, (int)design->chunks - 1);
}

static testudo_status read_row(const testudo_i_json_at *root, const testudo_i_json_value *row, int32_t worker,
                               testudo_design *design)
{
  const testudo_i_json_minus *minus = testudo_i_json_minus_of(root->document, TESTUDO_I_LEAN_ORDER);
  size_t load = testudo_i_json_size(row);
  int32_t *order = design->order + design->row[worker];
  for (size_t k = 0; k < load; k++) {
    const testudo_i_json_value *item = testudo_i_json_item(row, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_json_refuse(root, "order[%d][%zu]: is %s, but must be an integer", (int)worker, k,
                                   testudo_i_json_kind_name(item));
    if (minus->met && minus->row == worker && minus->place == (int64_t)k)
      return testudo_i_json_refuse(root, "order[%d][%zu]: -0, but chunks are 0..%d", (int)worker, k,
                                   (int)design->chunks - 1);
    int64_t chunk = testudo_i_json_integer(item);
    if (chunk < 0 || chunk >= design->chunks)
      return fail_chunk(root, design, worker, k, chunk);
    order[k] = (int32_t)chunk;
  }
  design->row[worker + 1] = design->row[worker] + (int64_t)load;
  return TESTUDO_OK;
}

static testudo_status copy_order(const testudo_i_json_at *root, const testudo_i_json_rows *rows,
                                 testudo_design *design)
{
  for (int32_t j = 0; j < design->workers; j++) {
    design->row[j + 1] = rows->row[j + 1];
    for (int64_t e = rows->row[j]; e < rows->row[j + 1]; e++) {
      if (rows->index[e] >= design->chunks)
        return fail_chunk(root, design, j, (size_t)(e - rows->row[j]), rows->index[e]);
      design->order[e] = rows->index[e];
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_read_order(const testudo_i_json_at *root, const testudo_i_json_value *rows,
                                    testudo_design *design)
{
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(root->document, TESTUDO_I_LEAN_ORDER);
  if (lean != NULL)
    return copy_order(root, lean, design);
  for (int32_t j = 0; j < design->workers; j++) {
    const testudo_i_json_value *row = testudo_i_json_item(rows, (size_t)j);
    if (testudo_i_json_kind_of(row) != TESTUDO_I_JSON_ARRAY)
      return testudo_i_json_refuse(root, "order[%d]: is %s, but must be an array", (int)j,
                                   testudo_i_json_kind_name(row));
    TESTUDO_I_TRY(read_row(root, row, j, design));
  }
  return TESTUDO_OK;
}

static testudo_status check_kind(const testudo_i_json_at *code, const testudo_i_scheme *scheme)
{
  const char *kind;
  TESTUDO_I_TRY(testudo_i_json_want_string(code, "kind", &kind));
  if (strcmp(kind, scheme->kind) == 0)
    return TESTUDO_OK;
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(kind, shown);
  return testudo_i_json_refuse(code, "kind: \"%s\", but scheme %s has kind \"%s\"", shown, scheme->name, scheme->kind);
}

static bool is_listed(const char *key, const char *const *listed)
{
  while (*listed != NULL)
    if (strcmp(key, *listed++) == 0)
      return true;
  return false;
}

/* `known` lists the members of this code, NULL at its end. */
static testudo_status check_members(const testudo_i_json_at *code, const char *const *known)
{
  void *at = NULL;
  for (const char *key; (key = testudo_i_json_walk(code->object, &at, NULL)) != NULL;) {
    if (is_listed(key, known))
      continue;
    char shown[TESTUDO_I_JSON_SHOWN], list[80] = "";
    for (size_t k = 0; known[k] != NULL; k++)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
               k == 0 ? "" : known[k + 1] == NULL ? " and " : ", ", known[k]);
    testudo_i_json_show(key, shown);
    return testudo_i_json_refuse(code, "%s: unknown member, but this code has only %s", shown, list);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_read_code(const testudo_i_json_at *root, testudo_design *design)
{
  testudo_i_json_at code = {root->document, NULL, "code", root->error};
  TESTUDO_I_TRY(testudo_i_json_want_kind(root, "code", TESTUDO_I_JSON_OBJECT, &code.object));
  TESTUDO_I_TRY(check_kind(&code, design->scheme));
  TESTUDO_I_TRY(check_members(&code, design->scheme->members));
  return design->scheme->read == NULL ? TESTUDO_OK : design->scheme->read(&code, design);
}
