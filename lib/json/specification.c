/* SPDX-License-Identifier: BSD-3-Clause */
/* SPEC.json: values of JSON as the texts of options. */
#include "json/specification.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "json/read.h"
#include "json/write.h"

enum { PLACE = 160 };

typedef struct spec_reading {
  testudo_i_json_at top;
  testudo_i_arena *arena;
} spec_reading;

/* Texts are printed again in sentences, where control characters could forge some. */
static testudo_status spec_keep(const spec_reading *reading, const char *place, const char *text, const char **kept)
{
  if (!testudo_i_name_is_printable(text))
    return testudo_i_json_refuse(&reading->top, "%s: a control character, which is not allowed", place);
  *kept = testudo_i_arena_text(reading->arena, text);
  return testudo_i_arena_check(reading->arena, reading->top.error);
}

/* ---- values ---- */

static testudo_status spec_scalar(const spec_reading *reading, const char *place, const testudo_i_json_value *value,
                                  const char **text)
{
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  if (kind == TESTUDO_I_JSON_STRING)
    return spec_keep(reading, place, testudo_i_json_string(value), text);
  if (kind == TESTUDO_I_JSON_ARRAY)
    return testudo_i_json_refuse(&reading->top, "%s: an array in an array", place);
  if (!testudo_i_json_is_number(value))
    return testudo_i_json_refuse(&reading->top, "%s: a text, a number or an array of such, not %s", place,
                                 testudo_i_json_kind_name(value));
  /* The shortest that reads back: 0.1 is 0.1 in a file as on a command line. */
  double wanted = testudo_i_json_number(value), read;
  for (int digits = 15; kind == TESTUDO_I_JSON_REAL && digits <= 17; digits++) {
    char shortest[40];
    snprintf(shortest, sizeof shortest, "%.*g", digits, wanted);
    if (testudo_i_parse_real(shortest, strlen(shortest), &read) && read == wanted)
      return spec_keep(reading, place, shortest, text);
  }
  TESTUDO_I_HELD(testudo_i_free_held) char *written = testudo_i_json_text(value);
  TESTUDO_I_TRY(testudo_i_memory_check(written != NULL, reading->top.error));
  return spec_keep(reading, place, written, text);
}

static testudo_status spec_room(const spec_reading *reading, const char *place, size_t count,
                                testudo_i_spec_member *member)
{
  if (count == 0)
    return testudo_i_json_refuse(&reading->top, "%s: an empty array", place);
  member->count = count;
  member->text = testudo_i_arena_calloc(reading->arena, count, sizeof *member->text);
  return testudo_i_arena_check(reading->arena, reading->top.error);
}

static testudo_status spec_value(const spec_reading *reading, const char *place, const testudo_i_json_value *value,
                                 testudo_i_spec_member *member)
{
  char within[PLACE];
  member->listed = testudo_i_json_kind_of(value) == TESTUDO_I_JSON_ARRAY;
  TESTUDO_I_TRY(spec_room(reading, place, member->listed ? testudo_i_json_size(value) : 1, member));
  if (!member->listed)
    return spec_scalar(reading, place, value, &member->text[0]);
  for (size_t k = 0; k < member->count; k++) {
    snprintf(within, sizeof within, "%s[%zu]", place, k);
    TESTUDO_I_TRY(spec_scalar(reading, within, testudo_i_json_item(value, k), &member->text[k]));
  }
  return TESTUDO_OK;
}

/* ---- methods ---- */

/* ":key=value", behind the name of the method. */
static testudo_status spec_method_key(const spec_reading *reading, const char *place, const char *key,
                                      const testudo_i_json_value *value, FILE *line)
{
  testudo_i_spec_member one = {.key = key};
  char within[PLACE + TESTUDO_I_JSON_SHOWN + 1], shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  snprintf(within, sizeof within, "%s.%s", place, shown);
  TESTUDO_I_TRY(spec_value(reading, within, value, &one));
  if (one.count > 1 || strpbrk(one.text[0], ",:") != NULL || strpbrk(key, ",:=") != NULL)
    return testudo_i_json_refuse(&reading->top, "%s: no comma and no colon may stand here", within);
  fprintf(line, ":%s=%s", key, one.text[0]);
  return TESTUDO_OK;
}

/* {"method": NAME, key: value, ..} */
static testudo_status spec_method(const spec_reading *reading, const char *place, const testudo_i_json_value *object,
                                  const char **text)
{
  const testudo_i_json_at method = {reading->top.document, object, place, reading->top.error};
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory line = {0};
  const testudo_i_json_value *value;
  const char *name;
  void *at = NULL;
  TESTUDO_I_TRY(testudo_i_json_want_string(&method, "method", &name));
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&line, method.error));
  fputs(name, line.writer.stream);
  for (const char *key; (key = testudo_i_json_walk(object, &at, &value)) != NULL;)
    if (strcmp(key, "method") != 0)
      TESTUDO_I_TRY(spec_method_key(reading, place, key, value, line.writer.stream));
  TESTUDO_I_TRY(testudo_i_json_memory_end(&line, method.error));
  return spec_keep(reading, place, line.text, text);
}

static testudo_status spec_methods(const spec_reading *reading, const testudo_i_json_value *methods,
                                   testudo_i_spec_member *member)
{
  char place[PLACE];
  if (testudo_i_json_kind_of(methods) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_json_refuse(&reading->top, "%s: an array of texts and objects is wanted", member->key);
  member->listed = true;
  TESTUDO_I_TRY(spec_room(reading, member->key, testudo_i_json_size(methods), member));
  for (size_t k = 0; k < member->count; k++) {
    const testudo_i_json_value *one = testudo_i_json_item(methods, k);
    snprintf(place, sizeof place, "%s[%zu]", member->key, k);
    TESTUDO_I_TRY((testudo_i_json_kind_of(one) == TESTUDO_I_JSON_OBJECT ? spec_method : spec_scalar)(
        reading, place, one, &member->text[k]));
  }
  return TESTUDO_OK;
}

/* ---- the file ---- */

static testudo_status spec_member(const spec_reading *reading, const char *key, const testudo_i_json_value *value,
                                  testudo_i_spec_member *member)
{
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  member->kind = testudo_i_json_kind_name(value);
  member->truth = testudo_i_json_kind_of(value) == TESTUDO_I_JSON_BOOLEAN;
  TESTUDO_I_TRY(spec_keep(reading, shown, key, &member->key));
  if (strcmp(key, TESTUDO_I_SPEC_METHODS) == 0)
    return spec_methods(reading, value, member);
  if (!member->truth)
    return spec_value(reading, shown, value, member);
  member->value = testudo_i_json_boolean(value);
  return TESTUDO_OK;
}

testudo_status testudo_i_spec_parse(const char *bytes, size_t length, const char *name, testudo_i_spec *spec,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  const testudo_i_json_value *value;
  void *at = NULL;
  *spec = (testudo_i_spec){.members = 0};
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, name, &document, error));
  const spec_reading reading = {testudo_i_json_top(document, error), &spec->arena};
  const testudo_i_json_value *root = reading.top.object;
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_json_refuse(&reading.top, "an object is wanted, not %s", testudo_i_json_kind_name(root));
  spec->member = testudo_i_arena_calloc(&spec->arena, testudo_i_json_size(root), sizeof *spec->member);
  TESTUDO_I_TRY(testudo_i_arena_check(&spec->arena, error));
  for (const char *key; (key = testudo_i_json_walk(root, &at, &value)) != NULL;)
    TESTUDO_I_TRY(spec_member(&reading, key, value, &spec->member[spec->members++]));
  return TESTUDO_OK;
}

void testudo_i_spec_clear(testudo_i_spec *spec)
{
  testudo_i_arena_clear(&spec->arena);
  *spec = (testudo_i_spec){.members = 0};
}
