/* SPDX-License-Identifier: BSD-3-Clause */
/* Documents as jansson's trees, with the large members cut out before. */
#include "json/read.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct testudo_i_json_document {
  json_t *root;
  char *name;
  testudo_i_json_lean lean[TESTUDO_I_JSON_LEAN];
  testudo_i_json_cut cut[TESTUDO_I_JSON_LEAN];
};

static json_t *inner(const testudo_i_json_value *value)
{
  return (json_t *)value;
}

static const testudo_i_json_value *outer(const json_t *value)
{
  return (const testudo_i_json_value *)value;
}

/* jansson quotes the bytes around the error, whatever they are; a sentence is one printable line. */
static void make_printable(char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
      *text = '?';
}

static testudo_status fail_syntax(json_error_t *found, const char *name, testudo_error *error)
{
  enum json_error_code code = json_error_code(found);
  /* Some of its allocations fail without a word. */
  if (code == json_error_out_of_memory || found->text[0] == '\0')
    return testudo_i_fail_memory(error);
  const char *hint = "", *text = found->text;
  if (code == json_error_numeric_overflow)
    hint = strncmp(text, "real", 4) == 0 ? ", but numbers must be below 1.8e308" : ", but integers must fit in 64 bits";
  else if (code == json_error_null_character || code == json_error_null_byte_in_key)
    text = "text must not contain the character 0";
  make_printable(found->text);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %d, column %d: %s%s", name,
                        found->line < 1 ? 1 : found->line, found->column < 0 ? 0 : found->column, text, hint);
}

/* Of the member `key` of the root; NULL: of all. */
static void drop_cuts(testudo_i_json_document *document, const char *key)
{
  for (size_t k = 0; k < TESTUDO_I_JSON_LEAN; k++)
    if (key == NULL || (document->cut[k].end > 0 && document->lean[k].object == NULL &&
                        strcmp(document->lean[k].key, key) == 0)) {
      testudo_i_json_rows_free(&document->cut[k].rows);
      document->cut[k].end = 0;
    }
}

/* A text with "[]" in place of each cut. */
typedef struct pieces {
  const char *bytes;
  size_t length, at, stuffed;
  const testudo_i_json_cut *cut;
} pieces;

static size_t copy_some(const char *from, size_t left, char **buffer, size_t *room)
{
  size_t size = left < *room ? left : *room;
  memcpy(*buffer, from, size);
  *buffer += size;
  *room -= size;
  return size;
}

static size_t next_bytes(void *buffer, size_t room, void *data)
{
  pieces *text = data;
  char *to = buffer;
  while (room > 0 && text->at < text->length) {
    const testudo_i_json_cut *here = NULL;
    size_t stop = text->length;
    for (size_t k = 0; k < TESTUDO_I_JSON_LEAN; k++)
      if (text->cut[k].end > 0 && text->cut[k].begin >= text->at && text->cut[k].begin < stop)
        stop = (here = &text->cut[k])->begin;
    if (stop > text->at)
      text->at += copy_some(text->bytes + text->at, stop - text->at, &to, &room);
    else {
      text->stuffed += copy_some(&"[]"[text->stuffed], 2 - text->stuffed, &to, &room);
      if (text->stuffed == 2) {
        text->stuffed = 0;
        text->at = here->end;
      }
    }
  }
  return (size_t)(to - (char *)buffer);
}

#define PARSE_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

/* The tree without the lean members; NULL when there are none, or the text is wrong, so that the complaint must come
   from the whole of it. */
static json_t *load_lean(testudo_i_json_document *document, const char *bytes, size_t length, size_t count)
{
  bool any = false;
  testudo_i_json_cut_out(bytes, length, document->lean, count, document->cut);
  for (size_t k = 0; k < count; k++)
    any = any || document->cut[k].end > 0;
  if (!any)
    return NULL;
  pieces text = {.bytes = bytes, .length = length, .cut = document->cut};
  json_error_t ignored;
  json_t *root = json_load_callback(next_bytes, &text, PARSE_FLAGS, &ignored);
  if (root == NULL)
    drop_cuts(document, NULL);
  return root;
}

testudo_status testudo_i_json_parse_lean(const char *bytes, size_t length, const char *name,
                                         const testudo_i_json_lean *lean, size_t count,
                                         testudo_i_json_document **document, testudo_error *error)
{
  *document = NULL;
  testudo_i_json_document *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL || (made->name = testudo_i_copy_string(name)) == NULL) {
    free(made);
    return testudo_i_fail_memory(error);
  }
  for (size_t k = 0; k < count; k++)
    made->lean[k] = lean[k];
  json_error_t found;
  made->root = count == 0 ? NULL : load_lean(made, bytes, length, count);
  if (made->root == NULL)
    made->root = json_loadb(length == 0 ? "" : bytes, length, PARSE_FLAGS, &found);
  if (made->root == NULL) {
    testudo_i_json_free(made);
    return fail_syntax(&found, name, error);
  }
  *document = made;
  return TESTUDO_OK;
}

testudo_status testudo_i_json_parse(const char *bytes, size_t length, const char *name,
                                    testudo_i_json_document **document, testudo_error *error)
{
  return testudo_i_json_parse_lean(bytes, length, name, NULL, 0, document, error);
}

const testudo_i_json_rows *testudo_i_json_rows_of(const testudo_i_json_document *document, size_t k)
{
  return document->cut[k].end > 0 ? &document->cut[k].rows : NULL;
}

const testudo_i_json_minus *testudo_i_json_minus_of(const testudo_i_json_document *document, size_t k)
{
  return &document->cut[k].minus;
}

void testudo_i_json_free(testudo_i_json_document *document)
{
  if (document == NULL)
    return;
  drop_cuts(document, NULL);
  json_decref(document->root);
  free(document->name);
  free(document);
}

const testudo_i_json_value *testudo_i_json_root(const testudo_i_json_document *document)
{
  return outer(document->root);
}

const char *testudo_i_json_name(const testudo_i_json_document *document)
{
  return document->name;
}

testudo_i_json_kind testudo_i_json_kind_of(const testudo_i_json_value *value)
{
  static const testudo_i_json_kind kind[] = {
      [JSON_OBJECT] = TESTUDO_I_JSON_OBJECT,   [JSON_ARRAY] = TESTUDO_I_JSON_ARRAY,
      [JSON_STRING] = TESTUDO_I_JSON_STRING,   [JSON_INTEGER] = TESTUDO_I_JSON_INTEGER,
      [JSON_REAL] = TESTUDO_I_JSON_REAL,       [JSON_TRUE] = TESTUDO_I_JSON_BOOLEAN,
      [JSON_FALSE] = TESTUDO_I_JSON_BOOLEAN,   [JSON_NULL] = TESTUDO_I_JSON_NULL,
  };
  return kind[json_typeof(inner(value))];
}

const testudo_i_json_value *testudo_i_json_member(const testudo_i_json_value *object, const char *key)
{
  return outer(json_object_get(inner(object), key));
}

size_t testudo_i_json_size(const testudo_i_json_value *value)
{
  const json_t *found = inner(value);
  return json_is_object(found) ? json_object_size(found) : json_array_size(found);
}

const testudo_i_json_value *testudo_i_json_item(const testudo_i_json_value *array, size_t index)
{
  return outer(json_array_get(inner(array), index));
}

const char *testudo_i_json_walk(const testudo_i_json_value *object, void **at, const testudo_i_json_value **value)
{
  *at = *at == NULL ? json_object_iter(inner(object)) : json_object_iter_next(inner(object), *at);
  if (value != NULL)
    *value = outer(json_object_iter_value(*at));
  return json_object_iter_key(*at);
}

bool testudo_i_json_boolean(const testudo_i_json_value *value)
{
  return json_is_true(inner(value));
}

int64_t testudo_i_json_integer(const testudo_i_json_value *value)
{
  return json_integer_value(inner(value));
}

double testudo_i_json_number(const testudo_i_json_value *value)
{
  return json_number_value(inner(value));
}

const char *testudo_i_json_string(const testudo_i_json_value *value)
{
  return json_string_value(inner(value));
}

void testudo_i_json_drop(testudo_i_json_document *document, const char *key)
{
  drop_cuts(document, key);
  json_object_del(document->root, key);
}

char *testudo_i_json_text(const testudo_i_json_value *value)
{
  return json_dumps(inner(value), JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
}
