/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An output that would replace one of the command's own inputs is a slip of the hand, not a wish; and one that cannot
   be written is heard of before the work, not after it. */
#define _XOPEN_SOURCE 700
#include "option/option.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/file.h"

static testudo_status clash_compare(const cli_option *option, const char *output, const struct stat *about,
                                    const char *input, testudo_error *error)
{
  struct stat other;
  if (stat(input, &other) != 0 || other.st_dev != about->st_dev || other.st_ino != about->st_ino)
    return TESTUDO_OK;
  return cli_refuse(error, "--%s: %s is the file that is read (%s); give another name", option->name, output, input);
}

/* The folder of a name that may not exist yet, without links (malloc); NULL where there is none. */
static char *folder_of(const char *name)
{
  char folder[4096];
  snprintf(folder, sizeof folder, "%.*s.", (int)(cli_basename(name) - name), name);
  return realpath(folder, NULL);
}

bool cli_same_file(const char *a, const char *b)
{
  struct stat first, second;
  if (stat(a, &first) == 0 && stat(b, &second) == 0)
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
  TESTUDO_I_HELD(testudo_i_free_held) char *here = folder_of(a);
  TESTUDO_I_HELD(testudo_i_free_held) char *there = folder_of(b);
  return here != NULL && there != NULL && strcmp(here, there) == 0 && strcmp(cli_basename(a), cli_basename(b)) == 0;
}

/* A pipe is not tried: its reader would see it end. */
static testudo_status clash_try(const char *output, testudo_error *error)
{
  struct stat about;
  if (stat(output, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
    return TESTUDO_OK;
  testudo_i_output file;
  TESTUDO_I_TRY(testudo_i_output_open(&file, output, error));
  testudo_i_output_abandon(&file);
  return TESTUDO_OK;
}

static testudo_status clash_check(const cli_arguments *arguments, const cli_option *option, const char *output,
                                  testudo_error *error)
{
  struct stat about;
  /* A terminal or /dev/null may be both. */
  if (stat(output, &about) != 0 || !S_ISREG(about.st_mode))
    return TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands && !arguments->command->goes_on; k++)
    TESTUDO_I_TRY(clash_compare(option, output, &about, arguments->operand[k], error));
  if (arguments->file != NULL)
    TESTUDO_I_TRY(clash_compare(option, output, &about, arguments->file, error));
  for (size_t k = 0; k < arguments->options; k++) {
    CLI_EACH_VALUE(value, &arguments->value[k])
      if (value->file != NULL)
        TESTUDO_I_TRY(clash_compare(option, output, &about, value->file, error));
    for (size_t n = 0; arguments->value[k].item_file != NULL && n < arguments->value[k].count; n++)
      if (arguments->value[k].item_file[n] != NULL)
        TESTUDO_I_TRY(clash_compare(option, output, &about, arguments->value[k].item_file[n], error));
  }
  return TESTUDO_OK;
}

/* Standard output carries one thing: the result, or what the command makes. */
static testudo_status clash_json(const cli_arguments *arguments, const cli_option *option, const cli_value *value,
                                 testudo_error *error)
{
  const char *makes = arguments->command->makes;
  bool taken = value->given ? cli_is_standard(value->text) : option->preset != NULL;
  if (makes == NULL || !taken || !cli_given(arguments, "json"))
    return TESTUDO_OK;
  bool own = option->letter != 0;
  return cli_refuse(error, "--json: standard output already carries the %s; name a file for it with %s%s FILE",
                    own ? makes : option->name, own ? "-" : "--", own ? "o" : option->name);
}

/* The file of output option k; NULL: none, or standard output. */
static const char *output_of(const cli_arguments *arguments, size_t k)
{
  const char *output = arguments->option[k]->kind == CLI_OUTPUT ? arguments->value[k].text : NULL;
  return cli_is_standard(output) ? NULL : output;
}

/* Each output has a file of its own. */
static testudo_status clash_outputs(const cli_arguments *arguments, size_t k, const char *output, testudo_error *error)
{
  for (size_t other = 0; other < arguments->options; other++) {
    const char *path = output_of(arguments, other);
    if (other != k && arguments->option[k]->letter == 0 && path != NULL && cli_same_file(path, output))
      return cli_refuse(error, "--%s: %s is the file that %s%s writes; give another name", arguments->option[k]->name,
                        output, arguments->option[other]->letter != 0 ? "-" : "--",
                        arguments->option[other]->letter != 0 ? "o" : arguments->option[other]->name);
  }
  return TESTUDO_OK;
}

testudo_status cli_check_outputs(const cli_arguments *arguments, testudo_error *error)
{
  for (size_t k = 0; k < arguments->options; k++) {
    if (arguments->option[k]->kind == CLI_OUTPUT)
      TESTUDO_I_TRY(clash_json(arguments, arguments->option[k], &arguments->value[k], error));
    const char *output = output_of(arguments, k);
    if (output == NULL)
      continue;
    TESTUDO_I_TRY(clash_outputs(arguments, k, output, error));
    TESTUDO_I_TRY(clash_check(arguments, arguments->option[k], output, error));
    TESTUDO_I_TRY(clash_try(output, error));
  }
  return TESTUDO_OK;
}
