/* SPDX-License-Identifier: BSD-3-Clause */
/* The JSON writer: commas, quotes and numbers, byte by byte into a stream. */
#define _POSIX_C_SOURCE 200809L
#include "json/write.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

static void put_bytes(testudo_i_json_writer *writer, const char *bytes, size_t length)
{
  writer->hash = testudo_i_fnv(writer->hash, bytes, length);
  /* A stream that fails keeps its error until the output is committed. */
  (void)fwrite(bytes, 1, length, writer->stream);
}

bool testudo_i_json_is_utf8(const char *text)
{
  json_t *value = json_string(text);
  json_decref(value);
  return value != NULL;
}

/* What is not UTF-8, mended; NULL without memory. */
static json_t *mended_string(const char *text)
{
  char *made = NULL;
  size_t length;
  FILE *stream = open_memstream(&made, &length);
  if (stream == NULL)
    return NULL;
  testudo_i_text_put(stream, text);
  json_t *value = fclose(stream) == 0 ? json_string(made) : NULL;
  free(made);
  return value;
}

/* The writer has failed where the text is not UTF-8, but what it wrote is JSON all the same. */
static void put_escaped(testudo_i_json_writer *writer, const char *text)
{
  json_t *value = json_string(text);
  if (value == NULL) {
    writer->failed = true;
    value = mended_string(text);
  }
  char *escaped = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY);
  if (escaped == NULL)
    writer->failed = true;
  else
    put_bytes(writer, escaped, strlen(escaped));
  free(escaped);
  json_decref(value);
}

/* The comma before all but the first value of a container, and the key. */
static void begin_value(testudo_i_json_writer *writer, const char *key)
{
  if (writer->depth > 0) {
    if (!writer->first[writer->depth - 1])
      put_bytes(writer, ",", 1);
    writer->first[writer->depth - 1] = false;
  }
  if (key == NULL)
    return;
  put_escaped(writer, key);
  put_bytes(writer, ":", 1);
}

static void open_container(testudo_i_json_writer *writer, const char *key, const char *bracket)
{
  begin_value(writer, key);
  put_bytes(writer, bracket, 1);
  if (writer->depth == TESTUDO_I_JSON_DEPTH) {
    writer->failed = true;
    return;
  }
  writer->first[writer->depth++] = true;
}

static void close_container(testudo_i_json_writer *writer, const char *bracket)
{
  if (writer->depth > 0)
    writer->depth--;
  put_bytes(writer, bracket, 1);
}

void testudo_i_json_start(testudo_i_json_writer *writer, FILE *stream)
{
  *writer = (testudo_i_json_writer){.stream = stream, .hash = TESTUDO_I_FNV_START};
}

testudo_status testudo_i_json_memory_begin(testudo_i_json_memory *text, testudo_error *error)
{
  text->text = NULL;
  FILE *stream = open_memstream(&text->text, &text->length);
  testudo_i_json_start(&text->writer, stream);
  return stream == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

testudo_status testudo_i_json_memory_end(testudo_i_json_memory *text, testudo_error *error)
{
  bool closed = fclose(text->writer.stream) == 0;
  text->writer.stream = NULL;
  return testudo_i_memory_check(closed && !text->writer.failed, error);
}

void testudo_i_json_memory_clear(testudo_i_json_memory *text)
{
  if (text->writer.stream != NULL)
    fclose(text->writer.stream);
  free(text->text);
}

void testudo_i_json_open_object(testudo_i_json_writer *writer, const char *key)
{
  open_container(writer, key, "{");
}

void testudo_i_json_close_object(testudo_i_json_writer *writer)
{
  close_container(writer, "}");
}

void testudo_i_json_open_array(testudo_i_json_writer *writer, const char *key)
{
  open_container(writer, key, "[");
}

void testudo_i_json_close_array(testudo_i_json_writer *writer)
{
  close_container(writer, "]");
}

void testudo_i_json_put_integer(testudo_i_json_writer *writer, const char *key, int64_t value)
{
  char text[24];
  char *at = text + sizeof text;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do
    *--at = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (value < 0)
    *--at = '-';
  begin_value(writer, key);
  put_bytes(writer, at, (size_t)(text + sizeof text - at));
}

/* printf writes the decimal point of the locale, in whatever bytes; JSON wants '.'. Adds ".0" to a number that would
   otherwise read back as an integer. */
static size_t format_real(double value, char text[48])
{
  char raw[48];
  snprintf(raw, sizeof raw, "%.17g", value);
  size_t length = 0;
  bool real = false, point = false;
  for (const char *at = raw; *at != '\0'; at++) {
    bool plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
    if (plain)
      text[length++] = *at;
    else if (!point)
      text[length++] = '.';
    point = point || !plain;
    real = real || !plain || *at == 'e';
  }
  if (!real) {
    text[length++] = '.';
    text[length++] = '0';
  }
  return length;
}

void testudo_i_json_put_real(testudo_i_json_writer *writer, const char *key, double value)
{
  if (!isfinite(value)) {
    testudo_i_json_put_null(writer, key);
    return;
  }
  char text[48];
  size_t length = format_real(value, text);
  begin_value(writer, key);
  put_bytes(writer, text, length);
}

void testudo_i_json_put_string(testudo_i_json_writer *writer, const char *key, const char *value)
{
  begin_value(writer, key);
  put_escaped(writer, value);
}

void testudo_i_json_put_boolean(testudo_i_json_writer *writer, const char *key, bool value)
{
  testudo_i_json_put_text(writer, key, value ? "true" : "false");
}

void testudo_i_json_put_null(testudo_i_json_writer *writer, const char *key)
{
  testudo_i_json_put_text(writer, key, "null");
}

void testudo_i_json_put_text(testudo_i_json_writer *writer, const char *key, const char *json)
{
  begin_value(writer, key);
  put_bytes(writer, json, strlen(json));
}

void testudo_i_json_put_integers(testudo_i_json_writer *writer, const char *key, const int32_t *value, size_t count)
{
  testudo_i_json_open_array(writer, key);
  for (size_t k = 0; k < count; k++)
    testudo_i_json_put_integer(writer, NULL, value[k]);
  testudo_i_json_close_array(writer);
}

void testudo_i_json_put_rows(testudo_i_json_writer *writer, const char *key, const double *value, size_t rows,
                             size_t columns)
{
  testudo_i_json_open_array(writer, key);
  for (size_t r = 0; r < rows; r++)
    testudo_i_json_put_reals(writer, NULL, value + r * columns, columns);
  testudo_i_json_close_array(writer);
}

void testudo_i_json_put_reals(testudo_i_json_writer *writer, const char *key, const double *value, size_t count)
{
  testudo_i_json_open_array(writer, key);
  for (size_t k = 0; k < count; k++)
    testudo_i_json_put_real(writer, NULL, value[k]);
  testudo_i_json_close_array(writer);
}
