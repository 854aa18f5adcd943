/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing JSON as a stream: 10^7 numbers need no tree. Strings are escaped by jansson; reals are printed with 17
   significant digits in the C locale and always carry a point or exponent; non-finite reals become null. */
#ifndef TESTUDO_JSON_WRITE_H
#define TESTUDO_JSON_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include <testudo/status.h>

#define TESTUDO_I_JSON_DEPTH 16

typedef struct testudo_i_json_writer {
  FILE *stream;
  uint64_t hash;          /* FNV-1a of every byte written so far */
  int depth;
  bool first[TESTUDO_I_JSON_DEPTH];
  bool failed;            /* a string was not UTF-8, memory ran out or the nesting was too deep */
} testudo_i_json_writer;

void testudo_i_json_start(testudo_i_json_writer *writer, FILE *stream);

/* A text in memory: begin, put through its writer, end. `text` is there after the end, until free(). */
/* Only such texts can be written (RFC 3629; also false for want of memory). */
bool testudo_i_json_is_utf8(const char *text);

typedef struct testudo_i_json_memory {
  testudo_i_json_writer writer;
  char *text;
  size_t length;
} testudo_i_json_memory;

TESTUDO_CHECKED testudo_status testudo_i_json_memory_begin(testudo_i_json_memory *text, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_json_memory_end(testudo_i_json_memory *text, testudo_error *error);
void testudo_i_json_memory_clear(testudo_i_json_memory *text);

/* key is NULL inside an array and for the outermost value. */
void testudo_i_json_open_object(testudo_i_json_writer *writer, const char *key);
void testudo_i_json_close_object(testudo_i_json_writer *writer);
void testudo_i_json_open_array(testudo_i_json_writer *writer, const char *key);
void testudo_i_json_close_array(testudo_i_json_writer *writer);
void testudo_i_json_put_integer(testudo_i_json_writer *writer, const char *key, int64_t value);
void testudo_i_json_put_real(testudo_i_json_writer *writer, const char *key, double value);
void testudo_i_json_put_string(testudo_i_json_writer *writer, const char *key, const char *value);
void testudo_i_json_put_boolean(testudo_i_json_writer *writer, const char *key, bool value);
void testudo_i_json_put_null(testudo_i_json_writer *writer, const char *key);
void testudo_i_json_put_text(testudo_i_json_writer *writer, const char *key, const char *json); /* as it is */
void testudo_i_json_put_integers(testudo_i_json_writer *writer, const char *key, const int32_t *value, size_t count);
void testudo_i_json_put_reals(testudo_i_json_writer *writer, const char *key, const double *value, size_t count);

/* An array of `rows` arrays of `columns` numbers each. */
void testudo_i_json_put_rows(testudo_i_json_writer *writer, const char *key, const double *value, size_t rows,
                             size_t columns);

#endif
