/* SPDX-License-Identifier: BSD-3-Clause */
/* SPEC.json: values of JSON as the texts of options. */
#include "json/specification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "json/read.h"

enum { PLACE = 160 };

typedef struct spec_reading {
  const testudo_i_json_document *document;
  testudo_i_arena *arena;
} spec_reading;

/* A text that grows. */
typedef struct spec_line {
  char *text;
  size_t length, room;
} spec_line;

static void spec_line_clear(spec_line *line)
{
  free(line->text);
}

static testudo_status spec_add(spec_line *line, const char *text, testudo_error *error)
{
  size_t length = strlen(text);
  TESTUDO_I_TRY(testudo_i_memory_check(
      testudo_i_grow((void **)&line->text, &line->room, line->length + length + 1, 1) == 0, error));
  memcpy(line->text + line->length, text, length + 1);
  line->length += length;
  return TESTUDO_OK;
}

static testudo_status spec_refuse(const spec_reading *reading, const char *place, const char *what,
                                  testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: %s", testudo_i_json_name(reading->document), place, what);
}

/* Texts are printed again in sentences, where control characters could forge some. */
static testudo_status spec_keep(const spec_reading *reading, const char *place, const char *text, const char **kept,
                                testudo_error *error)
{
  if (!testudo_i_name_is_printable(text))
    return spec_refuse(reading, place, "a control character, which is not allowed", error);
  *kept = testudo_i_arena_text(reading->arena, text);
  return testudo_i_arena_check(reading->arena, error);
}

/* ---- values ---- */

static testudo_status spec_scalar(const spec_reading *reading, const char *place, const testudo_i_json_value *value,
                                  const char **text, testudo_error *error)
{
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  if (kind == TESTUDO_I_JSON_STRING)
    return spec_keep(reading, place, testudo_i_json_string(value), text, error);
  if (kind == TESTUDO_I_JSON_ARRAY)
    return spec_refuse(reading, place, "an array in an array", error);
  if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: a text, a number or an array of such, not %s",
                          testudo_i_json_name(reading->document), place, testudo_i_json_kind_name(value));
  /* The shortest that reads back: 0.1 is 0.1 in a file as on a command line. */
  double wanted = testudo_i_json_number(value), read;
  for (int digits = 15; kind == TESTUDO_I_JSON_REAL && digits <= 17; digits++) {
    char shortest[40];
    snprintf(shortest, sizeof shortest, "%.*g", digits, wanted);
    if (testudo_i_parse_real(shortest, strlen(shortest), &read) && read == wanted)
      return spec_keep(reading, place, shortest, text, error);
  }
  TESTUDO_I_HELD(testudo_i_free_held) char *written = testudo_i_json_text(value);
  TESTUDO_I_TRY(testudo_i_memory_check(written != NULL, error));
  return spec_keep(reading, place, written, text, error);
}

static testudo_status spec_room(const spec_reading *reading, testudo_i_spec_member *member, size_t count,
                                testudo_error *error)
{
  member->count = count;
  member->text = testudo_i_arena_calloc(reading->arena, count, sizeof *member->text);
  return testudo_i_arena_check(reading->arena, error);
}

static testudo_status spec_value(const spec_reading *reading, const char *place, const testudo_i_json_value *value,
                                 testudo_i_spec_member *member, testudo_error *error)
{
  char within[PLACE];
  member->listed = testudo_i_json_kind_of(value) == TESTUDO_I_JSON_ARRAY;
  TESTUDO_I_TRY(spec_room(reading, member, member->listed ? testudo_i_json_size(value) : 1, error));
  if (member->count == 0)
    return spec_refuse(reading, place, "an empty array", error);
  if (!member->listed)
    return spec_scalar(reading, place, value, &member->text[0], error);
  for (size_t k = 0; k < member->count; k++) {
    snprintf(within, sizeof within, "%s[%zu]", place, k);
    TESTUDO_I_TRY(spec_scalar(reading, within, testudo_i_json_item(value, k), &member->text[k], error));
  }
  return TESTUDO_OK;
}

/* ---- methods ---- */

/* ":key=value", behind the name of the method. */
static testudo_status spec_method_key(const spec_reading *reading, const char *place, const char *key,
                                      const testudo_i_json_value *value, spec_line *line, testudo_error *error)
{
  testudo_i_spec_member one = {.key = key};
  char within[PLACE + TESTUDO_I_JSON_SHOWN + 1], shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  snprintf(within, sizeof within, "%s.%s", place, shown);
  TESTUDO_I_TRY(spec_value(reading, within, value, &one, error));
  if (one.count > 1 || strpbrk(one.text[0], ",:") != NULL || strpbrk(key, ",:=") != NULL)
    return spec_refuse(reading, within, "no comma and no colon may stand here", error);
  TESTUDO_I_TRY(spec_add(line, ":", error));
  TESTUDO_I_TRY(spec_add(line, key, error));
  TESTUDO_I_TRY(spec_add(line, "=", error));
  return spec_add(line, one.text[0], error);
}

/* {"method": NAME, key: value, ..} */
static testudo_status spec_method(const spec_reading *reading, const char *place, const testudo_i_json_value *object,
                                  const char **text, testudo_error *error)
{
  TESTUDO_I_HELD(spec_line_clear) spec_line line = {.text = NULL};
  const testudo_i_json_value *value;
  const char *name;
  void *at = NULL;
  TESTUDO_I_TRY(testudo_i_json_want_string(reading->document, object, place, "method", &name, error));
  TESTUDO_I_TRY(spec_add(&line, name, error));
  for (const char *key; (key = testudo_i_json_walk(object, &at, &value)) != NULL;)
    if (strcmp(key, "method") != 0)
      TESTUDO_I_TRY(spec_method_key(reading, place, key, value, &line, error));
  return spec_keep(reading, place, line.text, text, error);
}

static testudo_status spec_methods(const spec_reading *reading, const testudo_i_json_value *methods,
                                   testudo_i_spec_member *member, testudo_error *error)
{
  char place[PLACE];
  if (testudo_i_json_kind_of(methods) != TESTUDO_I_JSON_ARRAY)
    return spec_refuse(reading, member->key, "an array of texts and objects is wanted", error);
  member->listed = true;
  TESTUDO_I_TRY(spec_room(reading, member, testudo_i_json_size(methods), error));
  if (member->count == 0)
    return spec_refuse(reading, member->key, "an empty array", error);
  for (size_t k = 0; k < member->count; k++) {
    const testudo_i_json_value *one = testudo_i_json_item(methods, k);
    snprintf(place, sizeof place, "%s[%zu]", member->key, k);
    TESTUDO_I_TRY(testudo_i_json_kind_of(one) == TESTUDO_I_JSON_OBJECT
                      ? spec_method(reading, place, one, &member->text[k], error)
                      : spec_scalar(reading, place, one, &member->text[k], error));
  }
  return TESTUDO_OK;
}

/* ---- the file ---- */

static testudo_status spec_member(const spec_reading *reading, const char *key, const testudo_i_json_value *value,
                                  testudo_i_spec_member *member, testudo_error *error)
{
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  member->kind = testudo_i_json_kind_name(value);
  member->truth = testudo_i_json_kind_of(value) == TESTUDO_I_JSON_BOOLEAN;
  TESTUDO_I_TRY(spec_keep(reading, shown, key, &member->key, error));
  if (strcmp(key, TESTUDO_I_SPEC_METHODS) == 0)
    return spec_methods(reading, value, member, error);
  if (!member->truth)
    return spec_value(reading, shown, value, member, error);
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
  const testudo_i_json_value *root = testudo_i_json_root(document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: an object is wanted, not %s", name,
                          testudo_i_json_kind_name(root));
  const spec_reading reading = {document, &spec->arena};
  spec->member = testudo_i_arena_calloc(&spec->arena, testudo_i_json_size(root), sizeof *spec->member);
  TESTUDO_I_TRY(testudo_i_arena_check(&spec->arena, error));
  for (const char *key; (key = testudo_i_json_walk(root, &at, &value)) != NULL;)
    TESTUDO_I_TRY(spec_member(&reading, key, value, &spec->member[spec->members++], error));
  return TESTUDO_OK;
}

void testudo_i_spec_clear(testudo_i_spec *spec)
{
  testudo_i_arena_clear(&spec->arena);
  *spec = (testudo_i_spec){.members = 0};
}
