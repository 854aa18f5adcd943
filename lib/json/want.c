/* SPDX-License-Identifier: BSD-3-Clause */
/* Wanted members: present, of the right kind, in range; otherwise one sentence with the place. */
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

static const char *dot(const char *place)
{
  return place[0] == '\0' ? "" : ".";
}

testudo_status testudo_i_json_want_kind(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                        const char *place, const char *key, testudo_i_json_kind kind,
                                        const testudo_i_json_value **result, testudo_error *error)
{
  *result = testudo_i_json_member(object, key);
  if (*result == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s%s%s: missing", testudo_i_json_name(document), place,
                          dot(place), key);
  if (testudo_i_json_kind_of(*result) == kind)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s%s%s: is %s, but must be %s", testudo_i_json_name(document),
                        place, dot(place), key, testudo_i_json_kind_name(*result), kind_name[kind]);
}

testudo_status testudo_i_json_want_integer(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                           const char *place, const char *key, int64_t least, int64_t most,
                                           int64_t *result, testudo_error *error)
{
  const testudo_i_json_value *found;
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, object, place, key, TESTUDO_I_JSON_INTEGER, &found, error));
  *result = testudo_i_json_integer(found);
  if (*result >= least && *result <= most)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s%s%s: %lld, but it must be in %lld..%lld",
                        testudo_i_json_name(document), place, dot(place), key, (long long)*result, (long long)least,
                        (long long)most);
}

testudo_status testudo_i_json_want_string(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                          const char *place, const char *key, const char **result,
                                          testudo_error *error)
{
  const testudo_i_json_value *found;
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, object, place, key, TESTUDO_I_JSON_STRING, &found, error));
  *result = testudo_i_json_string(found);
  return TESTUDO_OK;
}
