/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result read back through the table that wrote it. */
#include "report/field.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { PLACE = 160 };

typedef struct field_reader {
  const testudo_i_json_document *document;
  testudo_i_arena *arena;
  char place[PLACE]; /* of the current value */
} field_reader;

static testudo_status wrong_kind(const field_reader *reader, const testudo_i_json_value *value, const char *wanted,
                                 testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: is %s, but must be %s",
                        testudo_i_json_name(reader->document), reader->place, testudo_i_json_kind_name(value), wanted);
}

static bool is_missing(const testudo_i_json_value *value)
{
  return value == NULL || testudo_i_json_kind_of(value) == TESTUDO_I_JSON_NULL;
}

static testudo_status read_number(const field_reader *reader, const testudo_i_json_value *value, double *number,
                                  testudo_error *error)
{
  *number = NAN;
  if (is_missing(value))
    return TESTUDO_OK;
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
    return wrong_kind(reader, value, "a number", error);
  *number = testudo_i_json_number(value);
  return TESTUDO_OK;
}

static testudo_status read_whole(const field_reader *reader, const testudo_i_json_value *value, field_kind kind,
                                 void *at, testudo_error *error)
{
  if (!is_missing(value) && testudo_i_json_kind_of(value) != TESTUDO_I_JSON_INTEGER)
    return wrong_kind(reader, value, "an integer", error);
  int64_t whole = is_missing(value) ? -1 : testudo_i_json_integer(value);
  if (kind == FIELD_INT32 && (whole < INT32_MIN || whole > INT32_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: %lld is out of range",
                          testudo_i_json_name(reader->document), reader->place, (long long)whole);
  if (kind == FIELD_INT32)
    *(int32_t *)at = (int32_t)whole;
  else if (kind == FIELD_SIZE)
    *(size_t *)at = whole < 0 ? 0 : (size_t)whole;
  else
    *(int64_t *)at = whole;
  return TESTUDO_OK;
}

static testudo_status read_text(const field_reader *reader, const field *f, const testudo_i_json_value *value,
                                void *at, testudo_error *error)
{
  if (!is_missing(value) && testudo_i_json_kind_of(value) != TESTUDO_I_JSON_STRING)
    return wrong_kind(reader, value, "a text", error);
  const char *text = is_missing(value) ? NULL : testudo_i_json_string(value);
  int word = f->kind == FIELD_WORD ? testudo_i_find_word(f->words, text) : -1;
  if (f->kind == FIELD_TEXT && f->stride > 0)
    snprintf(at, f->stride, "%s", text == NULL ? "" : text);
  else if (f->kind == FIELD_TEXT)
    *(const char **)at = text;
  else if (f->stride == 1)
    *(bool *)at = word == 1;
  else
    *(int *)at = word;
  return TESTUDO_OK;
}

static void set_count(const field *f, void *result, size_t count)
{
  void *at = (char *)result + f->count_at;
  if (f->count_kind == FIELD_INT32)
    *(int32_t *)at = (int32_t)count;
  else if (f->count_kind == FIELD_INT64)
    *(int64_t *)at = (int64_t)count;
  else
    *(size_t *)at = count;
}

static size_t entry_size(const field *f)
{
  return f->kind == FIELD_TABLE ? f->stride : f->kind == FIELD_INT32S ? sizeof(int32_t) : sizeof(int64_t);
}

static testudo_status read_entry(field_reader *reader, const field *f, const testudo_i_json_value *item, void *at,
                                 testudo_error *error)
{
  if (f->kind == FIELD_REALS)
    return read_number(reader, item, at, error);
  if (f->kind != FIELD_TABLE)
    return read_whole(reader, item, f->kind == FIELD_INT32S ? FIELD_INT32 : FIELD_INT64, at, error);
  return fields_read(reader->document, item, reader->place, f->sub, at, reader->arena, error);
}

/* Lists that share a counter must have one length, whoever wrote the file. */
static testudo_status check_count(const field_reader *reader, const field *f, const void *result, size_t count,
                                  bool counted, testudo_error *error)
{
  size_t before = field_count(f, result);
  if (!counted || before == count)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: has %zu entries, but the list beside it has %zu",
                        testudo_i_json_name(reader->document), reader->place, count, before);
}

static testudo_status read_list(field_reader *reader, const field *f, const testudo_i_json_value *value, void *result,
                                bool counted, testudo_error *error)
{
  if (is_missing(value))
    return TESTUDO_OK;
  if (testudo_i_json_kind_of(value) != TESTUDO_I_JSON_ARRAY)
    return wrong_kind(reader, value, "a list", error);
  size_t count = testudo_i_json_size(value), length = strlen(reader->place);
  TESTUDO_I_TRY(check_count(reader, f, result, count, counted, error));
  char *list = testudo_i_arena_calloc(reader->arena, count + 1, entry_size(f));
  TESTUDO_I_TRY(testudo_i_arena_check(reader->arena, error));
  *(void **)((char *)result + f->at) = list;
  set_count(f, result, count);
  for (size_t k = 0; k < count; k++) {
    snprintf(reader->place + length, PLACE - length, "[%zu]", k);
    TESTUDO_I_TRY(read_entry(reader, f, testudo_i_json_item(value, k), list + k * entry_size(f), error));
  }
  reader->place[length] = '\0';
  return TESTUDO_OK;
}

/* The members of an object: numbers of a MAP, or TEXTS. */
static testudo_status read_members(field_reader *reader, const field *f, const testudo_i_json_value *value, void *at,
                                   testudo_error *error)
{
  if (is_missing(value))
    return TESTUDO_OK;
  if (testudo_i_json_kind_of(value) != TESTUDO_I_JSON_OBJECT)
    return wrong_kind(reader, value, "an object", error);
  size_t count = testudo_i_json_size(value), k = 0;
  const char **key = testudo_i_arena_calloc(reader->arena, count + 1, sizeof *key);
  const char **text = testudo_i_arena_calloc(reader->arena, count + 1, sizeof *text);
  double *number = testudo_i_arena_calloc(reader->arena, count + 1, sizeof *number);
  TESTUDO_I_TRY(testudo_i_arena_check(reader->arena, error));
  const testudo_i_json_value *item;
  void *walk = NULL;
  for (; (key[k] = testudo_i_json_walk(value, &walk, &item)) != NULL; k++)
    if (f->kind == FIELD_MAP)
      TESTUDO_I_TRY(read_number(reader, item, &number[k], error));
    else if (!is_missing(item) && testudo_i_json_kind_of(item) != TESTUDO_I_JSON_STRING)
      return wrong_kind(reader, item, "a string", error);
    else
      text[k] = is_missing(item) ? NULL : testudo_i_json_string(item);
  if (f->kind == FIELD_MAP)
    *(field_map *)at = (field_map){count, (char **)key, number};
  else
    *(field_texts *)at = (field_texts){count, key, text};
  return TESTUDO_OK;
}

static testudo_status read_group(field_reader *reader, const field *f, const testudo_i_json_value *value, void *at,
                                 testudo_error *error)
{
  if (f->behind && is_missing(value))
    return TESTUDO_OK;
  if (f->behind) {
    *(void **)at = testudo_i_arena_calloc(reader->arena, 1, f->stride);
    TESTUDO_I_TRY(testudo_i_arena_check(reader->arena, error));
    at = *(void **)at;
  }
  return fields_read(reader->document, value, reader->place, f->sub, at, reader->arena, error);
}

static testudo_status read_field(field_reader *reader, const field *f, const testudo_i_json_value *value, void *result,
                                 bool counted, testudo_error *error)
{
  void *at = (char *)result + f->at;
  if (f->real != NULL || f->kind == FIELD_FOREIGN)
    return TESTUDO_OK;
  if (f->kind == FIELD_REAL)
    return read_number(reader, value, at, error);
  if (f->kind == FIELD_TEXT || f->kind == FIELD_WORD)
    return read_text(reader, f, value, at, error);
  if (f->kind == FIELD_BOOL || f->kind == FIELD_ANSWER) {
    if (!is_missing(value) && testudo_i_json_kind_of(value) != TESTUDO_I_JSON_BOOLEAN)
      return wrong_kind(reader, value, "true or false", error);
    if (f->kind == FIELD_BOOL)
      *(bool *)at = !is_missing(value) && testudo_i_json_boolean(value);
    else
      *(int *)at = is_missing(value) ? -1 : testudo_i_json_boolean(value);
    return TESTUDO_OK;
  }
  if (f->kind < FIELD_REALS)
    return read_whole(reader, value, f->kind, at, error);
  if (f->kind == FIELD_MAP || f->kind == FIELD_TEXTS)
    return read_members(reader, f, value, at, error);
  if (f->kind == FIELD_GROUP)
    return read_group(reader, f, value, at, error);
  return read_list(reader, f, value, result, counted, error);
}

/* Has a list before this one set its counter? */
static bool is_counted(const field *table, const field *f, const void *result)
{
  for (const field *other = table; other != f; other++)
    if (other->kind >= FIELD_REALS && other->kind <= FIELD_TABLE && other->kind != FIELD_MAP &&
        other->kind != FIELD_TEXTS &&
        other->kind != FIELD_GROUP && other->count_at == f->count_at && field_begin(other, result) != NULL)
      return true;
  return false;
}

testudo_status fields_read(const testudo_i_json_document *document, const testudo_i_json_value *object,
                           const char *place, const field *table, void *result, testudo_i_arena *arena,
                           testudo_error *error)
{
  field_reader reader = {.document = document, .arena = arena};
  snprintf(reader.place, sizeof reader.place, "%s", place);
  bool missing = is_missing(object);
  if (!missing && testudo_i_json_kind_of(object) != TESTUDO_I_JSON_OBJECT)
    return wrong_kind(&reader, object, "an object", error);
  for (const field *f = table; f->key != NULL; f++) {
    if (f->key[0] == '\0' && !f->behind)
      TESTUDO_I_TRY(fields_read(document, object, place, f->sub, (char *)result + f->at, arena, error));
    if (f->key[0] == '\0')
      continue;
    snprintf(reader.place, sizeof reader.place, "%.120s%s%.30s", place, place[0] == '\0' ? "" : ".", f->key);
    const testudo_i_json_value *value = missing ? NULL : testudo_i_json_member(object, f->key);
    TESTUDO_I_TRY(read_field(&reader, f, value, result, is_counted(table, f, result), error));
  }
  return TESTUDO_OK;
}
