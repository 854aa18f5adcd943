/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_get PATH                   prints the value at PATH of the JSON on standard input
   json_get PATH near VALUE DELTA  is it a number within DELTA of VALUE?
   json_get PATH is TEXT           is it printed as TEXT?
   PATH is made of keys and indices with slashes between: latency/quantiles/0.99, tests/3/holds; "#" at the end asks
   for the size. Of several lines, the first is read. Answers 0, or 1 with a sentence.
   json_get --seal                 prints the design on standard input with the right checksum, whatever else is wrong
                                   with it: files that no command writes */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "json/read.h"

static const testudo_i_json_value *step(const testudo_i_json_value *value, const char *key)
{
  if (value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_OBJECT)
    return testudo_i_json_member(value, key);
  if (value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_ARRAY)
    return testudo_i_json_item(value, (size_t)strtoull(key, NULL, 10));
  return NULL;
}

static int complain(const char *path, const char *what, const char *found)
{
  fprintf(stderr, "json_get: %s: %s%s\n", path, what, found);
  return 1;
}

static int compare(const testudo_i_json_value *value, const char *path, int count, char **words, char *text)
{
  if (count == 4 && strcmp(words[1], "near") == 0) {
    testudo_i_json_kind kind = testudo_i_json_kind_of(value);
    if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
      return complain(path, "is not a number but ", text);
    double wanted = strtod(words[2], NULL), allowed = strtod(words[3], NULL);
    return fabs(testudo_i_json_number(value) - wanted) <= allowed ? 0 : complain(path, "is ", text);
  }
  if (count == 3 && strcmp(words[1], "is") == 0)
    return strcmp(text, words[2]) == 0 ? 0 : complain(path, "is ", text);
  puts(text);
  return 0;
}

static int answer(const testudo_i_json_value *value, int count, char **words)
{
  char *path = strdup(words[0]), *rest = path, size[32];
  bool wants_size = false;
  for (char *key = strtok(rest, "/"); key != NULL && value != NULL; key = strtok(NULL, "/")) {
    wants_size = strcmp(key, "#") == 0;
    value = wants_size ? value : step(value, key);
  }
  free(path);
  if (value == NULL)
    return complain(words[0], "is absent", "");
  bool is_string = testudo_i_json_kind_of(value) == TESTUDO_I_JSON_STRING;
  char *text = is_string ? strdup(testudo_i_json_string(value)) : testudo_i_json_text(value);
  if (wants_size)
    snprintf(size, sizeof size, "%zu", testudo_i_json_size(value));
  int result = compare(value, words[0], count, words, wants_size ? size : text);
  free(text);
  return result;
}

static int seal(char *line)
{
  char *end = strstr(line, ",\"checksum\"");
  end = end != NULL ? end : strrchr(line, '}');
  if (end == NULL)
    return complain("standard input", "no object", "");
  *end = '\0';
  printf("%s,\"checksum\":\"%016llx\"}\n", line,
         (unsigned long long)testudo_i_fnv(TESTUDO_I_FNV_START, line, strlen(line)));
  return 0;
}

int main(int argc, char **argv)
{
  static char line[1 << 26];
  testudo_error error;
  testudo_i_json_document *document = NULL;
  if (argc < 2 || fgets(line, sizeof line, stdin) == NULL)
    return complain("standard input", "nothing to read", "");
  if (strcmp(argv[1], "--seal") == 0)
    return seal(line);
  if (testudo_i_json_parse(line, strlen(line), "standard input", &document, &error) != TESTUDO_OK)
    return complain("standard input", error.text, "");
  int result = answer(testudo_i_json_root(document), argc - 1, argv + 1);
  testudo_i_json_free(document);
  return result;
}
