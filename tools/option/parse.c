/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line against the command's table. */
#include "option/option.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

const cli_option cli_common_options[] = {
    {.name = "seed", .value = "n", .kind = CLI_INTEGER, .least = 0, .most = 9007199254740992.0, .preset = "1",
     .help = "Seed of everything random; the same seed gives the same bytes."},
    {.name = "threads", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 4096, .preset = "all cores",
     .hidden_command = true, .help = "How many threads to use; never changes a result."},
    {.name = "json", .kind = CLI_FLAG, .hidden_command = true, .help = "Print the result as JSON, for machines."},
    {.name = "quiet", .kind = CLI_FLAG, .hidden_command = true,
     .help = "No messages and no progress on standard error; errors are still told."},
    {.name = "help", .letter = 'h', .kind = CLI_FLAG, .hidden_command = true, .help = "Show this help and leave."},
    {.name = "version", .kind = CLI_FLAG, .hidden_command = true, .help = "Show the version and leave."},
    {.name = NULL},
};

static size_t count_options(const cli_command *command)
{
  size_t count = 0;
  for (const cli_option *const *group = command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; option->name != NULL; option++)
      count++;
  return count;
}

/* The option by long name (length bytes) or, with length 0, by letter; *index is its place among the values. */
static const cli_option *find(const cli_command *command, const char *name, size_t length, size_t *index)
{
  *index = 0;
  for (const cli_option *const *group = command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; option->name != NULL; option++, (*index)++) {
      if (length == 0 ? option->letter == *name
                      : strlen(option->name) == length && strncmp(option->name, name, length) == 0)
        return option;
    }
  return NULL;
}

static testudo_status unknown_option(const cli_command *command, const char *word, testudo_error *error)
{
  char names[1024] = "", nearest[64], wanted[64];
  for (const cli_option *const *group = command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; option->name != NULL; option++)
      snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", option->name);
  int length = (int)strcspn(word, "=");
  snprintf(wanted, sizeof wanted, "%.*s", length, word + strspn(word, "-"));
  wanted[strcspn(wanted, "=")] = '\0';
  if (strncmp(word, "--", 2) == 0 && cli_nearest(names, wanted, nearest, sizeof nearest))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%.*s: unknown option; did you mean --%s?", length, word,
                          nearest);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%.*s: unknown option; 'testudo %s --help' lists them", length,
                        word, command->name);
}

/* The option at words[*at]; moves *at past its value when that stands apart. */
static testudo_status take_option(cli_arguments *arguments, int count, char *const *words, int *at,
                                  testudo_error *error)
{
  const char *word = words[*at], *equals = strchr(word, '=');
  bool is_long = word[1] == '-';
  size_t index, length = is_long ? (equals == NULL ? strlen(word) : (size_t)(equals - word)) - 2 : 0;
  if (!is_long && word[2] != '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: unknown option; a short option stands alone (-o FILE)",
                          word);
  const cli_option *option =
      is_long && length == 0 ? NULL : find(arguments->command, is_long ? word + 2 : word + 1, length, &index);
  if (option == NULL)
    return unknown_option(arguments->command, word, error);
  if (option->unbuilt)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s is not built in this version", option->name);
  cli_value *value = &arguments->value[index];
  if (value->given)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s is given twice", option->name);
  value->given = true;
  if (option->kind == CLI_FLAG)
    return is_long && equals != NULL
               ? testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s takes no value", option->name) : TESTUDO_OK;
  if (is_long && equals != NULL)
    return cli_parse_value(option, equals + 1, value, error);
  if (*at + 1 >= count || strncmp(words[*at + 1], "--", 2) == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s needs a value: --%s %s", option->name, option->name,
                          option->value);
  return cli_parse_value(option, words[++*at], value, error);
}

static testudo_status check_operands(const cli_arguments *arguments, testudo_error *error)
{
  const cli_command *command = arguments->command;
  if (arguments->operands < command->least_operands)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %s is missing", command->name, command->operands);
  if (arguments->operands > command->most_operands && command->most_operands > 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %zu files are given; the command takes at most %zu",
                          command->name, arguments->operands, command->most_operands);
  if (arguments->operands > command->most_operands)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: '%s' is not expected; the command takes %s",
                          command->name, arguments->operand[command->most_operands],
                          command->most_operands == 0 ? "no file" : "one file");
  return TESTUDO_OK;
}

testudo_status cli_parse(const cli_command *command, int count, char *const *words, cli_arguments *arguments,
                         testudo_error *error)
{
  *arguments = (cli_arguments){.command = command};
  arguments->value = testudo_i_calloc(count_options(command), sizeof *arguments->value);
  arguments->operand = testudo_i_calloc((size_t)count + 1, sizeof *arguments->operand);
  if (arguments->value == NULL || arguments->operand == NULL)
    return testudo_i_fail_memory(error);
  bool options = true;
  for (int at = 0; at < count; at++) {
    testudo_status status = TESTUDO_OK;
    if (options && strcmp(words[at], "--") == 0)
      options = false;
    else if (options && words[at][0] == '-' && words[at][1] != '\0')
      status = take_option(arguments, count, words, &at, error);
    else
      arguments->operand[arguments->operands++] = words[at];
    if (status != TESTUDO_OK)
      return status;
  }
  return check_operands(arguments, error);
}

void cli_free(cli_arguments *arguments)
{
  size_t count = arguments->value == NULL ? 0 : count_options(arguments->command);
  for (size_t k = 0; k < count; k++) {
    for (size_t i = 0; i < arguments->value[k].count; i++)
      free(arguments->value[k].item[i]);
    free(arguments->value[k].item);
    free(arguments->value[k].reals);
  }
  free(arguments->value);
  free(arguments->operand);
  *arguments = (cli_arguments){NULL, NULL, NULL, 0};
}

const cli_value *cli_get(const cli_arguments *arguments, const char *name)
{
  size_t index;
  const cli_option *option = find(arguments->command, name, strlen(name), &index);
  if (option == NULL)
    abort(); /* a command asks for an option that its own table lacks */
  return &arguments->value[index];
}

bool cli_given(const cli_arguments *arguments, const char *name)
{
  return cli_get(arguments, name)->given;
}

int64_t cli_integer(const cli_arguments *arguments, const char *name, int64_t otherwise)
{
  const cli_value *value = cli_get(arguments, name);
  return value->given ? value->integer : otherwise;
}

double cli_real(const cli_arguments *arguments, const char *name, double otherwise)
{
  const cli_value *value = cli_get(arguments, name);
  return value->given ? value->real : otherwise;
}

const char *cli_text(const cli_arguments *arguments, const char *name, const char *otherwise)
{
  const cli_value *value = cli_get(arguments, name);
  return value->given ? value->text : otherwise;
}
