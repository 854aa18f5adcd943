/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of our files is this? */
#define _POSIX_C_SOURCE 200809L
#include "option/input.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "delay/delay_json.h"
#include "json/read.h"
#include "option/option.h"

/* Larger files are not looked into again. */
enum { MOST_BYTES = 1 << 26 };

static const char *input_text(const testudo_i_json_value *root, const char *key)
{
  const testudo_i_json_value *value = testudo_i_json_member(root, key);
  return value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_STRING ? testudo_i_json_string(value) : "";
}

static input_kind kind_of_object(const testudo_i_json_value *root, char command[24])
{
  static const char head[] = "testudo ";
  const char *format = input_text(root, "format"), *line = input_text(root, "command");
  if (strcmp(format, "testudo-design") == 0)
    return INPUT_DESIGN;
  if (strcmp(format, TESTUDO_I_DELAY_FORMAT) == 0)
    return INPUT_DELAY;
  if (strncmp(line, head, strlen(head)) != 0)
    return INPUT_UNKNOWN;
  line += strlen(head);
  snprintf(command, 24, "%.*s", (int)strcspn(line, " "), line);
  return INPUT_RESULT;
}

static input_kind kind_of_text(const char *bytes, size_t length, char command[24])
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  if (bytes[strspn(bytes, " \t\r\n")] != '{') {
    const char *column = strstr(bytes, "seconds"), *end = strchr(bytes, '\n');
    return column != NULL && (end == NULL || column < end) ? INPUT_TRACE : INPUT_UNKNOWN;
  }
  if (testudo_i_json_parse(bytes, length, "", &document, NULL) != TESTUDO_OK)
    return INPUT_UNKNOWN;
  return kind_of_object(testudo_i_json_root(document), command);
}

/* Of a regular file only: what came through a pipe is gone. NULL: not to be had. */
static char *read_again(const char *path, size_t *length)
{
  struct stat about;
  char *bytes;
  bool read = stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
              testudo_i_read_file(path, MOST_BYTES, &bytes, length, NULL) == TESTUDO_OK;
  return read ? bytes : NULL;
}

static input_kind kind_of_file(const char *path, char command[24])
{
  size_t length;
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = read_again(path, &length);
  return bytes == NULL ? INPUT_UNKNOWN : kind_of_text(bytes, length, command);
}

testudo_status input_explain(testudo_status status, const char *path, input_kind wanted, testudo_error *error)
{
  static const char *const word[] = {"", "a design", "a delay file", "a trace"};
  char command[24] = "";
  if (status != TESTUDO_ERROR_INPUT)
    return status;
  input_kind kind = kind_of_file(path, command);
  if (kind == INPUT_UNKNOWN || kind == wanted)
    return status;
  if (kind == INPUT_RESULT)
    return testudo_i_fail(error, status, "%s: this is a result of 'testudo %s', but %s is wanted; 'testudo plot' draws"
                          " results", path, command, word[wanted]);
  const char *use = kind == INPUT_DESIGN ? "" : kind == INPUT_DELAY ? "; use --delay @" : "; use --delay trace:";
  return testudo_i_fail(error, status, "%s: this is %s, but %s is wanted%s%s", path, word[kind], word[wanted], use,
                        kind == INPUT_DESIGN ? "" : path);
}

testudo_status input_no_law(const char *text, testudo_error *error)
{
  char command[24] = "";
  input_kind kind = kind_of_file(text, command);
  if (kind == INPUT_DESIGN)
    return cli_refuse(error, "--delay: %s is a design; a law or a delay file is wanted, for example --delay exp:1",
                      text);
  if (kind == INPUT_RESULT)
    return cli_refuse(error, "--delay: %s is a result of 'testudo %s'; a law or a delay file is wanted, for example"
                      " --delay exp:1", text, command);
  return TESTUDO_OK;
}

testudo_status input_design(const char *path, testudo_design **design, testudo_error *error)
{
  return input_explain(testudo_design_read(path, design, error), path, INPUT_DESIGN, error);
}
