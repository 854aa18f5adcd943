/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of numbers read straight from the text: counted first, then read into exact room. */
#include "json/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A longer number is left to the tree. */
#define TOKEN 40

/* Integers of up to so many digits fit in 64 bits. */
#define SAFE_DIGITS 18

typedef struct cursor {
  const char *at, *end;
  bool indices;
  const char *point;  /* what strtod takes for one here: numbers must not depend on the locale */
  size_t point_length;
  int64_t rows, entries, row_start;
  testudo_i_json_rows *made; /* NULL while counting */
  bool minus;         /* stopped at an index -0 */
} cursor;

static void skip_space(cursor *c)
{
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
    c->at++;
}

static bool take_byte(cursor *c, char wanted)
{
  skip_space(c);
  if (c->at == c->end || *c->at != wanted)
    return false;
  c->at++;
  return true;
}

static size_t count_digits(const cursor *c, const char *from)
{
  const char *at = from;
  while (at < c->end && *at >= '0' && *at <= '9')
    at++;
  return (size_t)(at - from);
}

/* ---- numbers ---- */

static bool is_minus_zero(const cursor *c)
{
  if (c->end - c->at < 2 || c->at[0] != '-' || c->at[1] != '0')
    return false;
  return c->end - c->at == 2 || strchr(".eE0123456789", c->at[2]) == NULL || c->at[2] == '\0';
}

static bool take_index(cursor *c)
{
  c->minus = is_minus_zero(c);
  size_t digits = count_digits(c, c->at);
  if (digits < 1 || digits > 10 || (digits > 1 && *c->at == '0'))
    return false;
  int64_t value = 0;
  for (size_t k = 0; k < digits; k++)
    value = 10 * value + (*c->at++ - '0');
  if (value > INT32_MAX)
    return false;
  if (c->made != NULL)
    c->made->index[c->entries] = (int32_t)value;
  return true;
}

/* The end of the number by JSON's grammar, NULL if it is none; *whole: without point and exponent. */
static const char *find_end(const cursor *c, bool *whole, size_t *digits)
{
  const char *at = c->at + (c->at < c->end && *c->at == '-');
  *digits = count_digits(c, at);
  if (*digits < 1 || (*digits > 1 && *at == '0'))
    return NULL;
  at += *digits;
  *whole = true;
  if (at < c->end && *at == '.') {
    size_t fraction = count_digits(c, at + 1);
    if (fraction < 1)
      return NULL;
    at += 1 + fraction;
    *whole = false;
  }
  if (at < c->end && (*at == 'e' || *at == 'E')) {
    at++;
    at += at < c->end && (*at == '+' || *at == '-');
    size_t exponent = count_digits(c, at);
    if (exponent < 1)
      return NULL;
    at += exponent;
    *whole = false;
  }
  return at;
}

static double read_real(const cursor *c, const char *end)
{
  char text[TOKEN + 16];
  size_t length = 0;
  for (const char *at = c->at; at < end; at++)
    if (*at == '.') {
      memcpy(text + length, c->point, c->point_length);
      length += c->point_length;
    } else
      text[length++] = *at;
  text[length] = '\0';
  return strtod(text, NULL);
}

/* An integer goes through 64 bits, as in the tree, where -0 is 0. */
static double read_whole(const cursor *c, const char *end)
{
  int64_t value = 0;
  for (const char *at = c->at + (*c->at == '-'); at < end; at++)
    value = 10 * value + (*at - '0');
  return (double)(*c->at == '-' ? -value : value);
}

static bool take_real(cursor *c)
{
  bool whole = false;
  size_t digits;
  const char *end = find_end(c, &whole, &digits);
  if (end == NULL || end - c->at > TOKEN || (whole && digits > SAFE_DIGITS))
    return false;
  if (c->made != NULL) {
    double value = whole ? read_whole(c, end) : read_real(c, end);
    if (!isfinite(value))
      return false;
    c->made->number[c->entries] = value;
  }
  c->at = end;
  return true;
}

/* ---- rows ---- */

static bool take_row(cursor *c)
{
  if (!take_byte(c, '['))
    return false;
  if (take_byte(c, ']'))
    return true;
  do {
    skip_space(c);
    if (!(c->indices ? take_index(c) : take_real(c)))
      return false;
    c->entries++;
  } while (take_byte(c, ','));
  return take_byte(c, ']');
}

static bool take_rows(cursor *c)
{
  if (!take_byte(c, '['))
    return false;
  if (take_byte(c, ']'))
    return true;
  do {
    c->row_start = c->entries;
    if (!take_row(c))
      return false;
    c->rows++;
    if (c->made != NULL)
      c->made->row[c->rows] = c->entries;
  } while (take_byte(c, ','));
  return take_byte(c, ']');
}

static bool make_rows(const cursor *counted, testudo_i_json_rows *rows)
{
  rows->rows = counted->rows;
  rows->row = testudo_i_alloc((size_t)counted->rows + 1, sizeof *rows->row);
  if (counted->indices)
    rows->index = testudo_i_alloc((size_t)counted->entries, sizeof *rows->index);
  else
    rows->number = testudo_i_alloc((size_t)counted->entries, sizeof *rows->number);
  return rows->row != NULL && (rows->index != NULL || rows->number != NULL);
}

size_t testudo_i_json_rows_scan(const char *bytes, size_t length, bool indices, testudo_i_json_rows *rows,
                                testudo_i_json_minus *minus)
{
  char half[16];
  int printed = snprintf(half, sizeof half, "%.1f", 0.5);
  *rows = (testudo_i_json_rows){0};
  *minus = (testudo_i_json_minus){0};
  cursor start = {.at = bytes, .end = bytes + length, .indices = indices, .point = half + 1};
  if (printed < 3 || printed >= (int)sizeof half)
    return 0;
  start.point_length = (size_t)printed - 2;
  cursor counted = start;
  bool whole = take_rows(&counted);
  if (!whole && counted.minus)
    *minus = (testudo_i_json_minus){true, counted.rows, counted.entries - counted.row_start};
  if (whole && make_rows(&counted, rows)) {
    start.made = rows;
    rows->row[0] = 0;
    if (take_rows(&start))
      return (size_t)(start.at - bytes);
  }
  testudo_i_json_rows_free(rows);
  return 0;
}

void testudo_i_json_rows_free(testudo_i_json_rows *rows)
{
  free(rows->row);
  free(rows->index);
  free(rows->number);
  *rows = (testudo_i_json_rows){0};
}
