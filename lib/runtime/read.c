/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a design file: its members in turn, then its rules, then its seal. */
#include "runtime/read.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "runtime/scheme/scheme.h"

static testudo_status read_scheme(const testudo_i_json_at *root, const testudo_i_scheme **scheme)
{
  const char *text;
  TESTUDO_I_TRY(testudo_i_json_want_string(root, "scheme", &text));
  *scheme = testudo_i_scheme_by_name(text);
  if (*scheme != NULL)
    return TESTUDO_OK;
  char shown[TESTUDO_I_JSON_SHOWN], list[160];
  testudo_i_json_show(text, shown);
  testudo_i_scheme_list(list, sizeof list);
  return testudo_i_json_refuse(root, "scheme: \"%s\", but it must be %s", shown, list);
}

/* Members that may be absent. */
static testudo_status check_optional(const testudo_i_json_at *root)
{
  static const struct {
    const char *key;
    testudo_i_json_kind kind;
  } optional[] = {
      {"name", TESTUDO_I_JSON_STRING}, {"provenance", TESTUDO_I_JSON_OBJECT}, {"claims", TESTUDO_I_JSON_ARRAY}};
  for (size_t k = 0; k < sizeof optional / sizeof *optional; k++) {
    const testudo_i_json_value *value;
    if (testudo_i_json_member(root->object, optional[k].key) != NULL)
      TESTUDO_I_TRY(testudo_i_json_want_kind(root, optional[k].key, optional[k].kind, &value));
  }
  return TESTUDO_OK;
}

/* Counts, and the rows of the orders that they promise; only then is anything allocated by them. */
static testudo_status read_counts(const testudo_i_json_at *root, const testudo_i_scheme *scheme,
                                  const testudo_i_json_value **rows, testudo_design **design)
{
  int64_t chunks, workers, parts;
  TESTUDO_I_TRY(testudo_i_json_want_integer(root, "chunks", 1, TESTUDO_MAX_CHUNKS, &chunks));
  TESTUDO_I_TRY(testudo_i_json_want_integer(root, "workers", 1, TESTUDO_MAX_WORKERS, &workers));
  TESTUDO_I_TRY(testudo_i_json_want_integer(root, "parts", 1, TESTUDO_MAX_PARTS, &parts));
  TESTUDO_I_TRY(testudo_i_json_want_kind(root, "order", TESTUDO_I_JSON_ARRAY, rows));
  const testudo_i_json_rows *lean = testudo_i_json_rows_of(root->document, TESTUDO_I_LEAN_ORDER);
  size_t found = lean != NULL ? (size_t)lean->rows : testudo_i_json_size(*rows);
  if ((int64_t)found != workers)
    return testudo_i_json_refuse(root, "order: has %zu rows, but workers is %lld", found, (long long)workers);
  int64_t entries = lean != NULL ? lean->row[workers] : 0;
  for (int64_t j = 0; lean == NULL && j < workers; j++)
    entries += (int64_t)testudo_i_json_size(testudo_i_json_item(*rows, (size_t)j));
  *design = testudo_i_design_new(scheme, (int32_t)chunks, (int32_t)workers, (int32_t)parts, entries);
  return testudo_i_memory_check(*design != NULL, root->error);
}

static bool is_interpreted(const char *key)
{
  static const char *const known[] = {"format", "version", "name",  "scheme", "chunks",
                                      "workers", "parts",  "order", "code",   "checksum", NULL};
  return testudo_i_find_word(known, key) >= 0;
}

static testudo_status keep_members(const testudo_i_json_at *root, testudo_design *design)
{
  design->member = testudo_i_alloc(testudo_i_json_size(root->object), sizeof *design->member);
  TESTUDO_I_TRY(testudo_i_memory_check(design->member != NULL, root->error));
  const testudo_i_json_value *value;
  void *at = NULL;
  for (const char *key; (key = testudo_i_json_walk(root->object, &at, &value)) != NULL;) {
    if (is_interpreted(key))
      continue;
    testudo_i_member *member = &design->member[design->members++];
    *member = (testudo_i_member){testudo_i_copy_string(key), testudo_i_json_text(value)};
    TESTUDO_I_TRY(testudo_i_memory_check(member->key != NULL && member->value != NULL, root->error));
  }
  value = testudo_i_json_member(root->object, "name");
  const char *name = value == NULL ? "" : testudo_i_json_string(value);
  if (!testudo_i_name_is_printable(name))
    return testudo_i_json_refuse(root, "name: has control characters, which none may have");
  design->name = testudo_i_copy_string(name);
  return testudo_i_memory_check(design->name != NULL, root->error);
}

static testudo_status read_root(testudo_i_json_document *document, testudo_design **design, testudo_error *error)
{
  const testudo_i_json_at root = testudo_i_json_top(document, error);
  const testudo_i_json_value *rows = NULL;
  const testudo_i_scheme *scheme;
  TESTUDO_I_TRY(testudo_i_json_want_format(&root, "a design", "testudo-design"));
  TESTUDO_I_TRY(testudo_i_json_want_version(&root));
  TESTUDO_I_TRY(read_scheme(&root, &scheme));
  TESTUDO_I_TRY(check_optional(&root));
  TESTUDO_I_TRY(read_counts(&root, scheme, &rows, design));
  TESTUDO_I_TRY(testudo_i_read_order(&root, rows, *design));
  testudo_i_json_drop(document, "order");
  TESTUDO_I_TRY(testudo_i_read_code(&root, *design));
  TESTUDO_I_TRY(keep_members(&root, *design));
  return testudo_i_prefixed(testudo_i_design_finish(*design, error), testudo_i_json_name(document), error);
}

testudo_status testudo_i_design_json(const char *bytes, size_t length, const char *name,
                                     testudo_i_json_document **document, testudo_error *error)
{
  static const testudo_i_json_lean members[TESTUDO_I_LEAN_MEMBERS] = {
      [TESTUDO_I_LEAN_ORDER] = {NULL, "order", true}, [TESTUDO_I_LEAN_MATRIX] = {"code", "matrix", false}};
  return testudo_i_json_parse_lean(bytes, length, name, members, TESTUDO_I_LEAN_MEMBERS, document, error);
}

static testudo_status parse_design(const char *bytes, size_t length, const char *name, bool sealed,
                                   testudo_design **design, testudo_error *error)
{
  *design = NULL;
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made = NULL;
  TESTUDO_I_TRY(testudo_i_design_json(bytes, length, name, &document, error));
  TESTUDO_I_TRY(read_root(document, &made, error));
  if (sealed)
    TESTUDO_I_TRY(testudo_i_check_seal(bytes, length, document, &made->checksum, error));
  *design = made;
  made = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_i_design_read(const char *path, bool sealed, testudo_design **design, testudo_error *error)
{
  *design = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_MAX_FILE_BYTES, &bytes, &length, error));
  return parse_design(bytes, length, path, sealed, design, error);
}

testudo_status testudo_design_parse(const char *bytes, size_t length, const char *name, testudo_design **design,
                                    testudo_error *error)
{
  TESTUDO_I_NEED(design);
  TESTUDO_I_NEED(bytes);
  TESTUDO_I_NEED(name);
  return parse_design(bytes, length, name, true, design, error);
}

testudo_status testudo_design_read(const char *path, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_NEED(design);
  TESTUDO_I_NEED(path);
  return testudo_i_design_read(path, true, design, error);
}
