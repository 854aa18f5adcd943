/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An output that would replace one of the command's own inputs is a slip of the hand, not a wish. */
#define _POSIX_C_SOURCE 200809L
#include "option/option.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

static testudo_status clash_compare(const char *output, const struct stat *about, const char *input,
                                    testudo_error *error)
{
  struct stat other;
  if (stat(input, &other) != 0 || other.st_dev != about->st_dev || other.st_ino != about->st_ino)
    return TESTUDO_OK;
  return cli_refuse(error, "--output: %s is the file that is read (%s); give another name", output, input);
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
  /* A terminal or /dev/null may be both. */
  if (output == NULL || stat(output, &about) != 0 || !S_ISREG(about.st_mode))
    return TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands; k++)
    TESTUDO_I_TRY(clash_compare(output, &about, arguments->operand[k], error));
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_option *option = arguments->option[k];
    const cli_value *value = &arguments->value[k];
    const char *file = value->given && !option->goes_on ? cli_file_in(option, value->text) : NULL;
    if (file != NULL)
      TESTUDO_I_TRY(clash_compare(output, &about, file, error));
  }
  return TESTUDO_OK;
}
