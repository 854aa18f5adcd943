/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An output that would replace one of the command's own inputs is a slip of the hand, not a wish. */
#define _POSIX_C_SOURCE 200809L
#include "option/option.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

/* The file that a value names: itself, or what follows `@`, `trace:`, `matrix:`. */
static const char *file_named(const char *text)
{
  static const char *const heads[] = {"@", "trace:", "matrix:"};
  for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
    if (strncmp(text, heads[k], strlen(heads[k])) == 0)
      return text + strlen(heads[k]);
  return text;
}

static testudo_status compare(const char *output, const struct stat *about, const char *input, testudo_error *error)
{
  struct stat other;
  if (stat(input, &other) != 0 || other.st_dev != about->st_dev || other.st_ino != about->st_ino)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--output: %s is the file that is read (%s); give another name",
                        output, input);
}

/* The folder of a name that may not exist yet. */
static bool same_folder(const char *a, const char *b)
{
  char folder[2][4096];
  struct stat about[2];
  const char *name[] = {a, b};
  for (int k = 0; k < 2; k++) {
    int length = (int)(cli_basename(name[k]) - name[k]);
    if (length >= (int)sizeof folder[k] - 2)
      return false;
    snprintf(folder[k], sizeof folder[k], "%.*s.", length, name[k]);
    if (stat(folder[k], &about[k]) != 0)
      return false;
  }
  return about[0].st_dev == about[1].st_dev && about[0].st_ino == about[1].st_ino;
}

bool cli_same_file(const char *a, const char *b)
{
  struct stat first, second;
  if (strcmp(a, b) == 0)
    return true;
  if (stat(a, &first) == 0 && stat(b, &second) == 0)
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
  return strcmp(cli_basename(a), cli_basename(b)) == 0 && same_folder(a, b);
}

testudo_status cli_check_output(const cli_arguments *arguments, const char *output, testudo_error *error)
{
  struct stat about;
  testudo_status status = TESTUDO_OK;
  /* A terminal or /dev/null may be both. */
  if (output == NULL || stat(output, &about) != 0 || !S_ISREG(about.st_mode))
    return TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands && status == TESTUDO_OK; k++)
    status = compare(output, &about, arguments->operand[k], error);
  size_t index = 0;
  for (const cli_option *const *group = arguments->command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; option->name != NULL; option++, index++) {
      const cli_value *value = &arguments->value[index];
      bool reads = option->kind == CLI_FILE && !option->goes_on;
      bool may_name = option->kind == CLI_TEXT || option->kind == CLI_CHOICE;
      bool names = may_name && value->given && file_named(value->text) != value->text;
      if (status == TESTUDO_OK && value->given && (reads || names))
        status = compare(output, &about, file_named(value->text), error);
    }
  return status;
}
