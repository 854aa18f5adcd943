/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a field holds, and its member of a JSON object. */
#include "report/field.h"

#include <math.h>

static const void *field_at(const field *f, const void *result)
{
  return (const char *)result + f->at;
}

static int64_t whole_at(field_kind kind, const void *at)
{
  return kind == FIELD_ANSWER ? *(const int *)at
         : kind == FIELD_INT32 ? *(const int32_t *)at
         : kind == FIELD_SIZE ? (int64_t) * (const size_t *)at
         : kind == FIELD_BOOL ? *(const bool *)at
                              : *(const int64_t *)at;
}

double field_number(const field *f, const void *result)
{
  if (f->real != NULL)
    return f->real(result);
  return f->kind == FIELD_REAL ? *(const double *)field_at(f, result) : (double)whole_at(f->kind, field_at(f, result));
}

const char *field_text(const field *f, const void *result)
{
  if (f->kind == FIELD_TEXT && f->stride > 0)
    return *(const char *)field_at(f, result) == '\0' ? NULL : field_at(f, result);
  if (f->kind == FIELD_TEXT)
    return *(const char *const *)field_at(f, result);
  int value = f->stride == 1 ? *(const bool *)field_at(f, result) : *(const int *)field_at(f, result), words = 0;
  while (f->words[words] != NULL)
    words++;
  return value >= 0 && value < words ? f->words[value] : NULL;
}

const void *field_begin(const field *f, const void *result)
{
  bool in_place = (f->kind == FIELD_GROUP || f->kind == FIELD_FOREIGN) && !f->behind;
  return in_place ? field_at(f, result) : *(const void *const *)field_at(f, result);
}

size_t field_count(const field *f, const void *result)
{
  return (size_t)whole_at(f->count_kind, (const char *)result + f->count_at);
}

bool field_is_known(const field *f, const void *result)
{
  switch (f->kind) {
  case FIELD_REAL:
    return isfinite(field_number(f, result));
  case FIELD_TEXT:
  case FIELD_WORD:
    return field_text(f, result) != NULL;
  case FIELD_MAP:
    return ((const field_map *)field_at(f, result))->value != NULL;
  case FIELD_TEXTS:
    return ((const field_texts *)field_at(f, result))->value != NULL;
  case FIELD_REALS:
  case FIELD_INT32S:
  case FIELD_INT64S:
  case FIELD_GROUP:
  case FIELD_TABLE:
  case FIELD_FOREIGN:
    return field_begin(f, result) != NULL;
  case FIELD_ANSWER:
  case FIELD_INT32:
  case FIELD_INT64:
    return field_number(f, result) >= 0.0;
  default:
    return true;
  }
}

bool field_always(const void *result)
{
  (void)result;
  return true;
}

static void put_list(testudo_i_json_writer *writer, const field *f, const void *list, size_t count)
{
  testudo_i_json_open_array(writer, f->key);
  for (size_t k = 0; k < count; k++)
    if (f->kind == FIELD_REALS)
      testudo_i_json_put_real(writer, NULL, ((const double *)list)[k]);
    else
      testudo_i_json_put_integer(writer, NULL, f->kind == FIELD_INT32S ? ((const int32_t *)list)[k]
                                                                       : ((const int64_t *)list)[k]);
  testudo_i_json_close_array(writer);
}

static void put_map(testudo_i_json_writer *writer, const char *key, const field_map *map)
{
  testudo_i_json_open_object(writer, key);
  for (size_t k = 0; k < map->count; k++)
    testudo_i_json_put_real(writer, map->key[k], map->value[k]);
  testudo_i_json_close_object(writer);
}

void fields_put_texts(testudo_i_json_writer *writer, const char *key, const field_texts *texts)
{
  testudo_i_json_open_object(writer, key);
  for (size_t k = 0; k < texts->count; k++)
    if (texts->value[k] == NULL)
      testudo_i_json_put_null(writer, texts->key[k]);
    else
      testudo_i_json_put_string(writer, texts->key[k], texts->value[k]);
  testudo_i_json_close_object(writer);
}

static void put_group(testudo_i_json_writer *writer, const char *key, const field *table, const void *result)
{
  testudo_i_json_open_object(writer, key);
  fields_put(writer, table, result);
  testudo_i_json_close_object(writer);
}

static void put_rows(testudo_i_json_writer *writer, const field *f, const void *result)
{
  const char *row = field_begin(f, result);
  testudo_i_json_open_array(writer, f->key);
  for (size_t k = 0; k < field_count(f, result); k++)
    put_group(writer, NULL, f->sub, row + k * f->stride);
  testudo_i_json_close_array(writer);
}

static void put_known(testudo_i_json_writer *writer, const field *f, const void *result)
{
  switch (f->kind) {
  case FIELD_REAL:
    testudo_i_json_put_real(writer, f->key, field_number(f, result));
    break;
  case FIELD_ANSWER:
  case FIELD_BOOL:
    testudo_i_json_put_boolean(writer, f->key, field_number(f, result) > 0.0);
    break;
  case FIELD_TEXT:
  case FIELD_WORD:
    testudo_i_json_put_string(writer, f->key, field_text(f, result));
    break;
  case FIELD_REALS:
  case FIELD_INT32S:
  case FIELD_INT64S:
    put_list(writer, f, field_begin(f, result), field_count(f, result));
    break;
  case FIELD_MAP:
    put_map(writer, f->key, field_at(f, result));
    break;
  case FIELD_TEXTS:
    fields_put_texts(writer, f->key, field_at(f, result));
    break;
  case FIELD_GROUP:
    put_group(writer, f->key, f->sub, field_begin(f, result));
    break;
  case FIELD_TABLE:
    put_rows(writer, f, result);
    break;
  case FIELD_FOREIGN:
    f->put(writer, f->key, field_begin(f, result));
    break;
  default:
    testudo_i_json_put_integer(writer, f->key, whole_at(f->kind, field_at(f, result)));
  }
}

void fields_put(testudo_i_json_writer *writer, const field *table, const void *result)
{
  for (const field *f = table; f->key != NULL; f++)
    if (f->key[0] == '\0')
      fields_put(writer, f->sub, result == NULL ? NULL : field_begin(f, result));
    else if (result != NULL && field_is_known(f, result))
      put_known(writer, f, result);
    else
      testudo_i_json_put_null(writer, f->key);
}

/* Known, and not a map of which nothing is. */
static bool is_worth_saying(const field *f, const void *result)
{
  if (f->kind != FIELD_MAP || !field_is_known(f, result))
    return field_is_known(f, result);
  const field_map *map = field_at(f, result);
  size_t k = 0;
  while (k < map->count && !isfinite(map->value[k]))
    k++;
  return k < map->count;
}

void fields_put_known(testudo_i_json_writer *writer, const field *table, const void *result)
{
  for (const field *f = table; f->key != NULL; f++) {
    if (f->kind == FIELD_GROUP) {
      const void *inside = field_begin(f, result);
      if (inside == NULL)
        continue;
      if (f->key[0] != '\0')
        testudo_i_json_open_object(writer, f->key);
      fields_put_known(writer, f->sub, inside);
      if (f->key[0] != '\0')
        testudo_i_json_close_object(writer);
    } else if (is_worth_saying(f, result)) {
      const field alone[] = {*f, {.key = NULL}};
      fields_put(writer, alone, result);
    }
  }
}
