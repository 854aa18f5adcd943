/* SPDX-License-Identifier: BSD-3-Clause */
/* Wanted members: present, of the right kind, in range; otherwise one sentence with the place. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "json/read.h"

static const char *const kind_name[] = {
    [TESTUDO_I_JSON_NULL] = "null",
    [TESTUDO_I_JSON_BOOLEAN] = "true or false",
    [TESTUDO_I_JSON_INTEGER] = "an integer",
    [TESTUDO_I_JSON_REAL] = "a number with point or exponent",
    [TESTUDO_I_JSON_STRING] = "a string",
    [TESTUDO_I_JSON_ARRAY] = "an array",
    [TESTUDO_I_JSON_OBJECT] = "an object",
};

const char *testudo_i_json_kind_name(const testudo_i_json_value *value)
{
  return kind_name[testudo_i_json_kind_of(value)];
}

void testudo_i_json_show(const char *text, char shown[TESTUDO_I_JSON_SHOWN])
{
  size_t length = 0;
  for (; text[length] != '\0' && length < TESTUDO_I_JSON_SHOWN - 4; length++)
    shown[length] = text[length] >= 0x20 && text[length] < 0x7f ? text[length] : '?';
  memcpy(shown + length, "...", 4);
  if (text[length] == '\0')
    shown[length] = '\0';
}

bool testudo_i_json_is_number(const testudo_i_json_value *value)
{
  testudo_i_json_kind kind = value == NULL ? TESTUDO_I_JSON_NULL : testudo_i_json_kind_of(value);
  return kind == TESTUDO_I_JSON_INTEGER || kind == TESTUDO_I_JSON_REAL;
}

testudo_status testudo_i_json_refuse(const testudo_i_json_at *at, const char *format, ...)
{
  char sentence[sizeof at->error->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return testudo_i_fail(at->error, TESTUDO_ERROR_INPUT, "%s: %s%s%s", testudo_i_json_name(at->document), at->place,
                        at->place[0] == '\0' ? "" : ".", sentence);
}

testudo_status testudo_i_json_want_kind(const testudo_i_json_at *at, const char *key, testudo_i_json_kind kind,
                                        const testudo_i_json_value **result)
{
  *result = testudo_i_json_member(at->object, key);
  if (*result == NULL)
    return testudo_i_json_refuse(at, "%s: missing", key);
  if (testudo_i_json_kind_of(*result) == kind)
    return TESTUDO_OK;
  return testudo_i_json_refuse(at, "%s: is %s, but must be %s", key, testudo_i_json_kind_name(*result),
                               kind_name[kind]);
}

testudo_status testudo_i_json_want_integer(const testudo_i_json_at *at, const char *key, int64_t least, int64_t most,
                                           int64_t *result)
{
  const testudo_i_json_value *found;
  TESTUDO_I_TRY(testudo_i_json_want_kind(at, key, TESTUDO_I_JSON_INTEGER, &found));
  *result = testudo_i_json_integer(found);
  if (*result >= least && *result <= most)
    return TESTUDO_OK;
  return testudo_i_json_refuse(at, "%s: %lld, but it must be in %lld..%lld", key, (long long)*result,
                               (long long)least, (long long)most);
}

testudo_status testudo_i_json_want_string(const testudo_i_json_at *at, const char *key, const char **result)
{
  const testudo_i_json_value *found;
  TESTUDO_I_TRY(testudo_i_json_want_kind(at, key, TESTUDO_I_JSON_STRING, &found));
  *result = testudo_i_json_string(found);
  return TESTUDO_OK;
}

testudo_status testudo_i_json_take_number(const testudo_i_json_at *at, const char *key, double otherwise,
                                          double *number)
{
  const testudo_i_json_value *value = testudo_i_json_member(at->object, key);
  *number = otherwise;
  if (value == NULL || testudo_i_json_kind_of(value) == TESTUDO_I_JSON_NULL)
    return TESTUDO_OK;
  if (!testudo_i_json_is_number(value))
    return testudo_i_json_refuse(at, "%s: must be a number", key);
  *number = testudo_i_json_number(value);
  return TESTUDO_OK;
}

testudo_status testudo_i_json_want_format(const testudo_i_json_at *root, const char *what, const char *format)
{
  const char *found;
  if (testudo_i_json_kind_of(root->object) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_json_refuse(root, "is %s, but %s is an object", testudo_i_json_kind_name(root->object), what);
  TESTUDO_I_TRY(testudo_i_json_want_string(root, "format", &found));
  return strcmp(found, format) == 0 ? TESTUDO_OK : testudo_i_json_refuse(root, "format: must be \"%s\"", format);
}

testudo_status testudo_i_json_want_version(const testudo_i_json_at *root)
{
  int64_t version;
  TESTUDO_I_TRY(testudo_i_json_want_integer(root, "version", INT64_MIN, INT64_MAX, &version));
  return version == 1 ? TESTUDO_OK
                      : testudo_i_json_refuse(root, "version: %lld, but this library reads version 1",
                                              (long long)version);
}
