/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksum of a design file: FNV-1a-64 over all bytes before the comma that precedes its last member,
   "checksum":"16 hex digits". */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "runtime/read.h"

static void skip_space(const char *bytes, size_t *at)
{
  while (*at > 0 && strchr(" \t\r\n", bytes[*at - 1]) != NULL && bytes[*at - 1] != '\0')
    --*at;
}

/* Moves *at before `text`, if the bytes there end with it. */
static bool step_back(const char *bytes, size_t *at, const char *text)
{
  size_t length = strlen(text);
  if (*at < length || memcmp(bytes + *at - length, text, length) != 0)
    return false;
  *at -= length;
  return true;
}

static int hex_digit(char byte)
{
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  if (byte >= 'a' && byte <= 'f')
    return byte - 'a' + 10;
  return -1;
}

static bool step_back_over_hex(const char *bytes, size_t *at, uint64_t *value)
{
  if (*at < 16)
    return false;
  *at -= 16;
  *value = 0;
  for (size_t k = 0; k < 16; k++) {
    int digit = hex_digit(bytes[*at + k]);
    if (digit < 0)
      return false;
    *value = *value << 4 | (uint64_t)digit;
  }
  return true;
}

/* Finds the seal from the end of a text that is known to be one JSON object. The pattern cannot lie inside a string:
   there every quote would have a backslash before it. */
static bool find_seal(const char *bytes, size_t length, size_t *before, uint64_t *value)
{
  size_t at = length;
  skip_space(bytes, &at);
  bool found = step_back(bytes, &at, "}");
  skip_space(bytes, &at);
  found = found && step_back(bytes, &at, "\"") && step_back_over_hex(bytes, &at, value) && step_back(bytes, &at, "\"");
  skip_space(bytes, &at);
  found = found && step_back(bytes, &at, ":");
  skip_space(bytes, &at);
  found = found && step_back(bytes, &at, "\"checksum\"");
  skip_space(bytes, &at);
  found = found && step_back(bytes, &at, ",");
  *before = at;
  return found;
}

static bool is_last_member(const testudo_i_json_value *root)
{
  const char *last = "";
  void *at = NULL;
  for (const char *key; (key = testudo_i_json_walk(root, &at, NULL)) != NULL;)
    last = key;
  return strcmp(last, "checksum") == 0;
}

testudo_status testudo_i_check_seal(const char *bytes, size_t length, const testudo_i_json_document *document,
                                    uint64_t *checksum, testudo_error *error)
{
  const testudo_i_json_at root = testudo_i_json_top(document, error);
  const char *text;
  TESTUDO_I_TRY(testudo_i_json_want_string(&root, "checksum", &text));
  if (!is_last_member(root.object))
    return testudo_i_json_refuse(&root, "checksum: must be the last member");
  size_t before;
  if (!find_seal(bytes, length, &before, checksum))
    return testudo_i_json_refuse(&root, "checksum: must be 16 hex digits (0-9, a-f), written without escapes");
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  uint64_t found = testudo_i_fnv(TESTUDO_I_FNV_START, bytes, before);
  if (found != *checksum)
    return testudo_i_json_refuse(&root, "checksum: %s, but the bytes before it give %016llx", text,
                                 (unsigned long long)found);
#endif
  return TESTUDO_OK;
}
