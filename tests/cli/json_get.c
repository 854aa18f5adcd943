/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_get PATH                   prints the value at PATH of the JSON on standard input
   json_get PATH near VALUE DELTA  is it a number within DELTA of VALUE?
   json_get PATH is TEXT           is it printed as TEXT?
   PATH is made of keys and indices with slashes between: latency/quantiles/0.99, tests/3/holds; "#" at the end asks
   for the size. Of several lines, the first is read. Answers 0, or 1 with a sentence.
   json_get --seal                 prints the design on standard input with the right checksum, whatever else is wrong
                                   with it: files that no command writes
   json_get --look OUT ERR         the checks of tests/cli/run on standard input, each on a line, against the files
                                   of a command's output and errors; prints a line for each that fails */
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- checks of a command's outputs ---- */

typedef struct output {
  const char *name, *path;
  char *text;
  size_t lines; /* newline characters */
  testudo_i_json_document *document;
} output;

static bool read_output(output *o)
{
  FILE *file = fopen(o->path, "rb");
  size_t room = 1 << 16, length = 0, got;
  o->text = malloc(room + 1);
  while (file != NULL && o->text != NULL && (got = fread(o->text + length, 1, room - length, file)) > 0) {
    length += got;
    if (length == room)
      o->text = realloc(o->text, (room *= 2) + 1);
  }
  if (file == NULL || o->text == NULL)
    return false;
  fclose(file);
  for (size_t k = 0; k < length; k++) {
    o->lines += o->text[k] == '\n';
    if (o->text[k] == '\0')
      o->text[k] = ' ';
  }
  o->text[length] = '\0';
  return true;
}

/* Does a line match? */
static int has_line(const output *o, const char *pattern, bool *matches)
{
  regex_t compiled;
  if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
    return 1;
  *matches = false;
  for (char *line = o->text; *line != '\0' && !*matches;) {
    char *end = strchr(line, '\n');
    if (end != NULL)
      *end = '\0';
    *matches = regexec(&compiled, line, 0, NULL, 0) == 0;
    line = end != NULL ? end + 1 : line + strlen(line);
    if (end != NULL)
      *end = '\n';
  }
  regfree(&compiled);
  return 0;
}

static int look_for(const output *o, const char *pattern, bool wanted)
{
  bool matches;
  if (has_line(o, pattern, &matches) != 0)
    return printf("not an extended regular expression: %s\n", pattern);
  if (matches == wanted)
    return 0;
  return printf("%s line of %s matches %s\n", wanted ? "no" : "a", o->name, pattern);
}

static int look_at_lines(const output *o, const char *wanted)
{
  return o->lines == strtoul(wanted, NULL, 10) ? 0
                                               : printf("%zu lines of %s, wanted %s\n", o->lines, o->name, wanted);
}

/* The first line is parsed once. rest: PATH TEXT, or PATH VALUE DELTA. */
static int look_at_json(output *o, char *verb, char *rest)
{
  testudo_error error = {""};
  size_t length = strcspn(o->text, "\n");
  char *path = strtok(rest, " ");
  if (o->document == NULL &&
      testudo_i_json_parse(o->text, length, "stdout", &o->document, &error) != TESTUDO_OK)
    return printf("%s\n", error.text);
  char *words[] = {path, verb, NULL, NULL};
  bool near = strcmp(verb, "near") == 0;
  words[2] = near ? strtok(NULL, " ") : strtok(NULL, "");
  words[3] = near ? strtok(NULL, " ") : NULL;
  if (path == NULL || words[2] == NULL || (near && words[3] == NULL))
    return printf("%s lacks a word\n", verb);
  int wrong = answer(testudo_i_json_root(o->document), near ? 4 : 3, words);
  return wrong ? printf("%s, wanted %s %s %s\n", path, verb, words[2], near ? words[3] : "") : 0;
}

static int look(char *check, output *out, output *err)
{
  char *rest = strchr(check, ' ');
  if (rest != NULL)
    *rest++ = '\0';
  if (rest == NULL)
    return printf("%s says nothing\n", check);
  bool of_out = strcmp(check, "out") == 0 || strcmp(check, "not-out") == 0 || strcmp(check, "lines") == 0;
  if (strcmp(check, "near") == 0 || strcmp(check, "is") == 0)
    return look_at_json(out, check, rest);
  if (strcmp(check, "lines") == 0 || strcmp(check, "err-lines") == 0)
    return look_at_lines(of_out ? out : err, rest);
  return look_for(of_out ? out : err, rest, strncmp(check, "not-", 4) != 0);
}

static int look_at_all(const char *out_path, const char *err_path)
{
  static char check[1 << 16];
  output out = {.name = "stdout", .path = out_path}, err = {.name = "stderr", .path = err_path};
  int wrong = 0;
  dup2(STDOUT_FILENO, STDERR_FILENO);
  setvbuf(stdout, NULL, _IONBF, 0);
  if (!read_output(&out) || !read_output(&err))
    return printf("the command's output cannot be read\n");
  while (fgets(check, sizeof check, stdin) != NULL) {
    check[strcspn(check, "\n")] = '\0';
    wrong |= check[0] != '\0' && look(check, &out, &err) != 0;
  }
  testudo_i_json_free(out.document);
  free(out.text);
  free(err.text);
  return wrong;
}

int main(int argc, char **argv)
{
  static char line[1 << 26];
  testudo_error error;
  testudo_i_json_document *document = NULL;
  if (argc == 4 && strcmp(argv[1], "--look") == 0)
    return look_at_all(argv[2], argv[3]) != 0;
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
