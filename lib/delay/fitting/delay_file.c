/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay files: what `testudo fit` writes and LAW @FILE reads. */
#include "delay/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "json/read.h"

#define LARGEST_FILE ((size_t)16 << 20)

static testudo_status check_head(const testudo_i_json_document *document, const testudo_i_json_value *root,
                                 testudo_error *error)
{
  const char *format;
  int64_t version;
  testudo_status status = testudo_i_json_want_string(document, root, "", "format", &format, error);
  if (status == TESTUDO_OK && strcmp(format, "testudo-delay") != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: format: must be \"testudo-delay\"",
                          testudo_i_json_name(document));
  return status == TESTUDO_OK ? testudo_i_json_want_integer(document, root, "", "version", 1, 1, &version, error)
                              : status;
}

static testudo_status take_law(const testudo_i_json_document *document, const testudo_i_json_value *root, char **law,
                               testudo_error *error)
{
  const char *text;
  testudo_status status = testudo_i_json_want_string(document, root, "", "law", &text, error);
  if (status != TESTUDO_OK)
    return status;
  if (text[0] == '@' || strncmp(text, "trace:", 6) == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: law: a delay file names a parametric law, not another file",
                          testudo_i_json_name(document));
  *law = testudo_i_copy_string(text);
  return *law == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name, char **law,
                                          testudo_error *error)
{
  *law = NULL;
  testudo_i_json_document *document;
  testudo_status status = testudo_i_json_parse(bytes, length, name, &document, error);
  if (status != TESTUDO_OK)
    return status;
  const testudo_i_json_value *root = testudo_i_json_root(document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is %s, but a delay file is an object", name,
                            testudo_i_json_kind_name(root));
  if (status == TESTUDO_OK)
    status = check_head(document, root, error);
  if (status == TESTUDO_OK)
    status = take_law(document, root, law, error);
  testudo_i_json_free(document);
  return status;
}

testudo_status testudo_i_delay_file_read(const char *path, char **law, testudo_error *error)
{
  char *bytes;
  size_t length;
  *law = NULL;
  testudo_status status = testudo_i_read_file(path, LARGEST_FILE, &bytes, &length, error);
  if (status != TESTUDO_OK)
    return status;
  status = testudo_i_delay_file_parse(bytes, length, path, law, error);
  free(bytes);
  return status;
}
