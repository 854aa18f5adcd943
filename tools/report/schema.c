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

static void put_items(testudo_i_json_writer *writer, const field *f)
{
  testudo_i_json_open_object(writer, "items");
  if (f->kind == FIELD_TABLE)
    fields_put_schema(writer, f->sub);
  else
    put_types(writer, f->kind == FIELD_REALS ? "number" : "integer", f->kind == FIELD_REALS);
  testudo_i_json_close_object(writer);
}

static void put_words(testudo_i_json_writer *writer, const field *f)
{
  testudo_i_json_open_array(writer, "enum");
  for (const char *const *word = f->words; *word != NULL; word++)
    testudo_i_json_put_string(writer, NULL, *word);
  testudo_i_json_put_null(writer, NULL);
  testudo_i_json_close_array(writer);
}

static void put_shape(testudo_i_json_writer *writer, const field *f)
{
  switch (f->kind) {
  case FIELD_REAL:
    put_types(writer, "number", true);
    break;
  case FIELD_ANSWER:
  case FIELD_BOOL:
    put_types(writer, "boolean", f->kind == FIELD_ANSWER);
    break;
  case FIELD_TEXT:
    put_types(writer, "string", true);
    break;
  case FIELD_WORD:
    put_words(writer, f);
    break;
  case FIELD_REALS:
  case FIELD_INT32S:
  case FIELD_INT64S:
  case FIELD_TABLE:
    put_types(writer, "array", true);
    put_items(writer, f);
    break;
  case FIELD_MAP:
  case FIELD_TEXTS:
    put_types(writer, "object", true);
    testudo_i_json_open_object(writer, "additionalProperties");
    put_types(writer, f->kind == FIELD_MAP ? "number" : "string", true);
    testudo_i_json_close_object(writer);
    break;
  case FIELD_GROUP:
  case FIELD_FOREIGN:
    put_types(writer, "object", f->behind);
    fields_put_schema(writer, f->sub);
    break;
  default:
    put_types(writer, "integer", f->kind != FIELD_SIZE);
  }
}

static void put_property(testudo_i_json_writer *writer, const field *f)
{
  char meaning[600];
  snprintf(meaning, sizeof meaning, "%s%s%s%s", f->meaning == NULL ? "" : f->meaning, f->unit == NULL ? "" : " (",
           f->unit == NULL ? "" : f->unit, f->unit == NULL ? "" : ")");
  testudo_i_json_open_object(writer, f->key);
  testudo_i_json_put_string(writer, "description", meaning);
  put_shape(writer, f);
  testudo_i_json_close_object(writer);
}

/* The members, or their names alone. */
static void put_members(testudo_i_json_writer *writer, const field *table, bool names)
{
  for (const field *f = table; f->key != NULL; f++)
    if (f->key[0] == '\0')
      put_members(writer, f->sub, names);
    else if (names)
      testudo_i_json_put_string(writer, NULL, f->key);
    else
      put_property(writer, f);
}

void fields_put_schema(testudo_i_json_writer *writer, const field *table)
{
  testudo_i_json_open_object(writer, "properties");
  put_members(writer, table, false);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_array(writer, "required");
  put_members(writer, table, true);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_boolean(writer, "additionalProperties", false);
}
