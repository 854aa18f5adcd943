/* SPDX-License-Identifier: BSD-3-Clause */
/* The two big members of a design file: `order` and `code`. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/read.h"

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
    testudo_status status =
        read_row(row, j, design, testudo_i_json_minus_of(document, TESTUDO_I_LEAN_ORDER), name, error);
    if (status != TESTUDO_OK)
      return status;
  }
  return TESTUDO_OK;
}

static testudo_status check_matrix_rows(size_t found, const testudo_design *design, const char *name,
                                        testudo_error *error)
{
  if (found == (size_t)design->parts)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix: has %zu rows, but parts is %d", name, found,
                        (int)design->parts);
}

static testudo_status check_matrix_row(size_t found, size_t k, const testudo_design *design, const char *name,
                                       testudo_error *error)
{
  if (found == (size_t)design->workers)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix[%zu]: has %zu numbers, but workers is %d", name, k,
                        found, (int)design->workers);
}

static testudo_status check_matrix_shape(const testudo_i_json_value *rows, const testudo_design *design,
                                         const char *name, testudo_error *error)
{
  testudo_status status = check_matrix_rows(testudo_i_json_size(rows), design, name, error);
  for (size_t k = 0; status == TESTUDO_OK && k < (size_t)design->parts; k++) {
    const testudo_i_json_value *row = testudo_i_json_item(rows, k);
    if (testudo_i_json_kind_of(row) != TESTUDO_I_JSON_ARRAY)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix[%zu]: is %s, but must be an array", name, k,
                            testudo_i_json_kind_name(row));
    status = check_matrix_row(testudo_i_json_size(row), k, design, name, error);
  }
  return status;
}

static testudo_status check_lean_shape(const testudo_i_json_rows *rows, const testudo_design *design, const char *name,
                                       testudo_error *error)
{
  testudo_status status = check_matrix_rows((size_t)rows->rows, design, name, error);
  for (size_t k = 0; status == TESTUDO_OK && k < (size_t)design->parts; k++)
    status = check_matrix_row((size_t)(rows->row[k + 1] - rows->row[k]), k, design, name, error);
  return status;
}

static testudo_status fill_matrix(const testudo_i_json_value *rows, testudo_design *design, const char *name,
                                  testudo_error *error)
{
  size_t workers = (size_t)design->workers;
  for (size_t k = 0; k < (size_t)design->parts; k++)
    for (size_t j = 0; j < workers; j++) {
      const testudo_i_json_value *item = testudo_i_json_item(testudo_i_json_item(rows, k), j);
      testudo_i_json_kind kind = testudo_i_json_kind_of(item);
      if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.matrix[%zu][%zu]: is %s, but must be a number",
                              name, k, j, testudo_i_json_kind_name(item));
      design->matrix[k * workers + j] = testudo_i_json_number(item);
    }
  return TESTUDO_OK;
}

static testudo_status read_matrix(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                  testudo_design *design, testudo_error *error)
{
  const testudo_i_json_value *rows;
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(document, TESTUDO_I_LEAN_MATRIX);
  const char *name = testudo_i_json_name(document);
  testudo_status status =
      testudo_i_json_want_kind(document, code, "code", "matrix", TESTUDO_I_JSON_ARRAY, &rows, error);
  if (status == TESTUDO_OK)
    status = lean != NULL ? check_lean_shape(lean, design, name, error) : check_matrix_shape(rows, design, name, error);
  if (status != TESTUDO_OK)
    return status;
  size_t count = (size_t)design->parts * (size_t)design->workers;
  design->matrix = testudo_i_alloc(count, sizeof *design->matrix);
  if (design->matrix == NULL)
    return testudo_i_fail_memory(error);
  if (lean != NULL) {
    memcpy(design->matrix, lean->number, count * sizeof *design->matrix);
    return TESTUDO_OK;
  }
  return fill_matrix(rows, design, name, error);
}

static testudo_status check_kind(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                 const char *wanted, testudo_scheme scheme, testudo_error *error)
{
  const char *kind;
  testudo_status status = testudo_i_json_want_string(document, code, "code", "kind", &kind, error);
  if (status != TESTUDO_OK || strcmp(kind, wanted) == 0)
    return status;
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(kind, shown);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: code.kind: \"%s\", but scheme %s has kind \"%s\"",
                        testudo_i_json_name(document), shown, testudo_scheme_name(scheme), wanted);
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

static testudo_status read_wait(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                testudo_design *design, testudo_error *error)
{
  int64_t wait = 0;
  testudo_status status =
      testudo_i_json_want_integer(document, code, "code", "wait", 1, design->workers, &wait, error);
  design->wait = (int32_t)wait;
  return status;
}

static testudo_status read_nothing(const testudo_i_json_document *document, const testudo_i_json_value *code,
                                   testudo_design *design, testudo_error *error)
{
  (void)document;
  (void)code;
  (void)design;
  (void)error;
  return TESTUDO_OK;
}

/* What stands in `code`, by scheme. */
typedef struct code_form {
  testudo_scheme scheme;
  const char *kind;
  const char *known[6];
  testudo_status (*read)(const testudo_i_json_document *document, const testudo_i_json_value *code,
                         testudo_design *design, testudo_error *error);
} code_form;

static const code_form code_forms[] = {
    {TESTUDO_SCHEME_UNCODED, "uncoded", {"kind", NULL}, read_nothing},
    {TESTUDO_SCHEME_IGNORE_STRAGGLERS, "uncoded", {"kind", "wait", NULL}, read_wait},
    {TESTUDO_SCHEME_GRADIENT_CODE,
     "gradient-code",
     {"kind", "construction", "stragglers", "matrix", NULL},
     testudo_i_read_gradient_code},
    {TESTUDO_SCHEME_NESTED, "nested", {"kind", "tolerances", "matrices", NULL}, testudo_i_read_nested},
    {TESTUDO_SCHEME_PARTIAL, "partial", {"kind", "matrix", NULL}, read_matrix},
    {TESTUDO_SCHEME_BLOCK, "block", {"kind", "dim", "tolerances", "sizes", "matrices", NULL}, testudo_i_read_block},
};

testudo_status testudo_i_read_code(const testudo_i_json_document *document, testudo_design *design,
                                   testudo_error *error)
{
  const testudo_i_json_value *code;
  testudo_status status = testudo_i_json_want_kind(document, testudo_i_json_root(document), "", "code",
                                                   TESTUDO_I_JSON_OBJECT, &code, error);
  if (status != TESTUDO_OK)
    return status;
  const code_form *form = NULL;
  for (size_t k = 0; k < sizeof code_forms / sizeof *code_forms; k++)
    if (code_forms[k].scheme == design->scheme)
      form = &code_forms[k];
  if (form == NULL)
    return TESTUDO_OK; /* refused as not built when the design is finished */
  status = check_kind(document, code, form->kind, design->scheme, error);
  if (status == TESTUDO_OK)
    status = check_members(document, code, form->known, error);
  return status == TESTUDO_OK ? form->read(document, code, design, error) : status;
}
