/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON schema of a table of fields. */
#include "report/field.h"

static void put_types(testudo_i_json_writer *writer, const char *type, bool null)
{
  if (!null) {
    testudo_i_json_put_string(writer, "type", type);
    return;
  }
  testudo_i_json_open_array(writer, "type");
  testudo_i_json_put_string(writer, NULL, type);
  testudo_i_json_put_string(writer, NULL, "null");
  testudo_i_json_close_array(writer);
}

static void put_items(testudo_i_json_writer *writer, const field *f, bool file)
{
  testudo_i_json_open_object(writer, "items");
  if (f->kind != FIELD_TABLE)
    put_types(writer, f->kind == FIELD_REALS ? "number" : "integer", f->kind == FIELD_REALS && !file);
  else if (f->sub != NULL) {
    testudo_i_json_put_string(writer, "type", "object");
    fields_put_schema(writer, f->sub, file);
  }
  testudo_i_json_close_object(writer);
}

static void put_words(testudo_i_json_writer *writer, const field *f, bool null)
{
  if (!null && f->words[1] == NULL) {
    testudo_i_json_put_string(writer, "const", f->words[0]);
    return;
  }
  testudo_i_json_open_array(writer, "enum");
  for (const char *const *word = f->words; *word != NULL; word++)
    testudo_i_json_put_string(writer, NULL, *word);
  if (null)
    testudo_i_json_put_null(writer, NULL);
  testudo_i_json_close_array(writer);
}

static void put_object(testudo_i_json_writer *writer, const field *f, bool null, bool file)
{
  put_types(writer, "object", null);
  if (f->sub != NULL)
    fields_put_schema(writer, f->sub, file && f->presence != FIELD_WHOLE);
}

static void put_shape(testudo_i_json_writer *writer, const field *f, bool file)
{
  bool null = !file || f->presence == FIELD_OR_NULL || f->presence == FIELD_WHOLE;
  switch (f->kind) {
  case FIELD_REAL:
    put_types(writer, "number", null);
    break;
  case FIELD_ANSWER:
    put_types(writer, "boolean", null);
    break;
  case FIELD_BOOL:
    put_types(writer, "boolean", false);
    break;
  case FIELD_TEXT:
    if (f->words == NULL)
      put_types(writer, "string", null);
    else
      put_words(writer, f, null);
    break;
  case FIELD_WORD:
    put_words(writer, f, null);
    break;
  case FIELD_REALS:
  case FIELD_INT32S:
  case FIELD_INT64S:
  case FIELD_TABLE:
    put_types(writer, "array", null);
    put_items(writer, f, file);
    break;
  case FIELD_MAP:
  case FIELD_TEXTS:
    put_types(writer, "object", null);
    testudo_i_json_open_object(writer, "additionalProperties");
    put_types(writer, f->kind == FIELD_MAP ? "number" : "string", true);
    testudo_i_json_close_object(writer);
    break;
  case FIELD_GROUP:
  case FIELD_FOREIGN:
    put_object(writer, f, file ? null : f->behind, file);
    break;
  default:
    put_types(writer, "integer", f->kind != FIELD_SIZE && null);
  }
}

static void put_property(testudo_i_json_writer *writer, const field *f, bool file)
{
  char meaning[600];
  snprintf(meaning, sizeof meaning, "%s%s%s%s", f->meaning == NULL ? "" : f->meaning, f->unit == NULL ? "" : " (",
           f->unit == NULL ? "" : f->unit, f->unit == NULL ? "" : ")");
  testudo_i_json_open_object(writer, f->key);
  testudo_i_json_put_string(writer, "description", meaning);
  put_shape(writer, f, file);
  testudo_i_json_close_object(writer);
}

static void put_properties(testudo_i_json_writer *writer, const field *table, bool file)
{
  for (const field *f = table; f->key != NULL; f++)
    if (f->key[0] == '\0')
      put_properties(writer, f->sub, file);
    else
      put_property(writer, f, file);
}

static void put_required(testudo_i_json_writer *writer, const field *table, bool file)
{
  for (const field *f = table; f->key != NULL; f++)
    if (f->key[0] == '\0')
      put_required(writer, f->sub, file);
    else if (!file || f->presence == FIELD_NEEDED)
      testudo_i_json_put_string(writer, NULL, f->key);
}

void fields_put_schema(testudo_i_json_writer *writer, const field *table, bool file)
{
  testudo_i_json_open_object(writer, "properties");
  put_properties(writer, table, file);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_array(writer, "required");
  put_required(writer, table, file);
  testudo_i_json_close_array(writer);
  if (!file)
    testudo_i_json_put_boolean(writer, "additionalProperties", false);
}
