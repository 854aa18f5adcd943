/* SPDX-License-Identifier: BSD-3-Clause */
/* Finding members by their keys in a text that nobody has checked yet. */
#include <string.h>

#include "json/rows.h"

typedef struct scan {
  const char *bytes;
  size_t length, at;
  int depth;
  const testudo_i_json_lean *wanted;
  size_t count;
  bool inside[TESTUDO_I_JSON_LEAN]; /* the open member of the root is the wanted member's object */
  testudo_i_json_cut *cut;
} scan;

static void skip_blanks(scan *s)
{
  while (s->at < s->length && strchr(" \n\t\r", s->bytes[s->at]) != NULL && s->bytes[s->at] != '\0')
    s->at++;
}

/* From the opening quote past the closing one; answers the length of what is between, as written. */
static size_t skip_string(scan *s)
{
  size_t begin = ++s->at;
  while (s->at < s->length && s->bytes[s->at] != '"')
    s->at += s->bytes[s->at] == '\\' ? 2 : 1;
  if (s->at >= s->length) {
    s->at = s->length;
    return 0;
  }
  return s->at++ - begin;
}

static bool is_key(const scan *s, size_t begin, size_t length, const char *key)
{
  return length == strlen(key) && memcmp(s->bytes + begin, key, length) == 0;
}

static void read_member(scan *s, size_t k)
{
  testudo_i_json_cut *cut = &s->cut[k];
  size_t taken = testudo_i_json_rows_scan(s->bytes + s->at, s->length - s->at, s->wanted[k].indices, &cut->rows,
                                          &cut->minus);
  if (taken == 0)
    return;
  cut->begin = s->at;
  cut->end = s->at += taken;
}

/* At the value of a key. */
static void meet_value(scan *s, size_t key, size_t key_length)
{
  bool opens = s->at < s->length && s->bytes[s->at] == '{';
  for (size_t k = 0; k < s->count; k++) {
    const testudo_i_json_lean *wanted = &s->wanted[k];
    if (s->depth == 1)
      s->inside[k] = wanted->object != NULL && opens && is_key(s, key, key_length, wanted->object);
    bool here = wanted->object == NULL ? s->depth == 1 : s->depth == 2 && s->inside[k];
    if (here && s->cut[k].end == 0 && is_key(s, key, key_length, wanted->key)) {
      read_member(s, k);
      return;
    }
  }
}

static void meet_string(scan *s)
{
  size_t key = s->at + 1, key_length = skip_string(s);
  skip_blanks(s);
  if (s->at >= s->length || s->bytes[s->at] != ':')
    return;
  s->at++;
  skip_blanks(s);
  meet_value(s, key, key_length);
}

void testudo_i_json_cut_out(const char *bytes, size_t length, const testudo_i_json_lean *wanted, size_t count,
                            testudo_i_json_cut *cut)
{
  scan s = {.bytes = bytes, .length = length, .wanted = wanted, .count = count, .cut = cut};
  memset(cut, 0, count * sizeof *cut);
  while (s.at < length) {
    char byte = bytes[s.at];
    if (byte == '"') {
      meet_string(&s);
      continue;
    }
    if (byte == '{' || byte == '[')
      s.depth++;
    else if (byte == '}' || byte == ']')
      s.depth--;
    s.at++;
  }
}
