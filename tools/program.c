/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo <command> [options] [FILE..] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/status.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "common/session.h"
#include "commands.h"
#include "program.h"

static testudo_status unknown_command(const char *name, testudo_error *error)
{
  char names[256] = "help completion ", nearest[64];
  for (const cli_command *const *command = all_commands; *command != NULL; command++)
      snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", (*command)->name);
  if (testudo_i_nearest(names, name, nearest, sizeof nearest))
    return cli_refuse(error, "%s: unknown command; did you mean %s?", name, nearest);
  return cli_refuse(error, "%s: unknown command; allowed: %s", name, names);
}

static testudo_status show_version(void)
{
  printf("testudo %s\n", testudo_version());
  return TESTUDO_OK;
}

/* completion SHELL prints the shell's script; completion --words WORD.. is what the script asks. */
static testudo_status completion(int count, char **words, testudo_error *error)
{
  const char *script = count == 1 ? cli_script(words[0]) : NULL;
  if (script != NULL)
    fputs(script, stdout);
  else if (count > 0 && strcmp(words[0], "--words") == 0)
    cli_complete(stdout, all_commands, count - 1, words + 1);
  else if (count == 1 && strcmp(words[0], "--help") == 0)
    puts("usage: eval \"$(testudo completion bash)\", the same with zsh; testudo completion fish | source");
  else
    return cli_refuse(error, "completion: give the shell; allowed: bash zsh fish");
  return TESTUDO_OK;
}

/* help [COMMAND], help --man [COMMAND], help --markdown COMMAND */
static testudo_status help(int count, char **words, testudo_error *error)
{
  bool manual = count > 0 && strcmp(words[0], "--man") == 0;
  bool markdown = count == 2 && strcmp(words[0], "--markdown") == 0;
  if (manual && count == 1)
    cli_manual(stdout, all_commands);
  else if (count == 0 || (count == 1 && (strcmp(words[0], "--help") == 0 || strcmp(words[0], "help") == 0)))
    cli_overview(stdout, all_commands);
  else if (count == 1 && strcmp(words[0], "completion") == 0)
    return completion(1, (char *[]){"--help"}, error);
  else if (count == 1 || (manual && count == 2) || markdown) {
    const cli_command *command = cli_find_command(all_commands, words[count - 1]);
    if (command == NULL)
      return unknown_command(words[count - 1], error);
    (manual ? cli_manual_command : markdown ? cli_markdown : cli_usage)(stdout, command);
  } else
    return cli_refuse(error, "help: give one command: testudo help design");
  return TESTUDO_OK;
}

/* --help and --version are obeyed wherever they stand before "--", also beside a mistake. */
static bool asks(int count, char **words, const char *name)
{
  for (int k = 0; k < count && strcmp(words[k], "--") != 0; k++)
    if (strcmp(words[k], name) == 0)
      return true;
  return false;
}

static testudo_status run_parsed(const cli_arguments *arguments, testudo_error *error)
{
  const cli_command *command = arguments->command;
  TESTUDO_I_TRY(cli_check_outputs(arguments, error));
  void *context = testudo_i_calloc(1, command->room);
  TESTUDO_I_TRY(testudo_i_memory_check(context != NULL, error));
  testudo_status status = session_progress_end(command->run(arguments, context, error));
  if (status == TESTUDO_ERROR_ARGUMENT)
    cli_name_option(arguments, error);
  if (command->clear != NULL)
    command->clear(context);
  free(context);
  return status;
}

static testudo_status run_command(const cli_command *command, int count, char **words, testudo_error *error)
{
  if (asks(count, words, "--help") || asks(count, words, "-h")) {
    cli_usage(stdout, command);
    return TESTUDO_OK;
  }
  if (asks(count, words, "--version"))
    return show_version();
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_TRY(cli_parse(command, count, words, &arguments, error));
  return run_parsed(&arguments, error);
}

static testudo_status run_words(int count, char **words, testudo_error *error)
{
  if (count == 0) {
    cli_overview(stderr, all_commands);
    return cli_refuse(error, "a command is missing");
  }
  if (strcmp(words[0], "--version") == 0)
    return show_version();
  if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0)
    return help(0, NULL, error);
  if (strcmp(words[0], "help") == 0)
    return help(count - 1, words + 1, error);
  if (strcmp(words[0], "completion") == 0)
    return completion(count - 1, words + 1, error);
  const cli_command *command = cli_find_command(all_commands, words[0]);
  return command == NULL ? unknown_command(words[0], error) : run_command(command, count - 1, words + 1, error);
}

/* Words are printed again, in sentences and beside verdicts, where control characters could forge some. */
static testudo_status check_words(int count, char **words, testudo_error *error)
{
  for (int k = 0; k < count; k++)
    for (const char *at = words[k]; *at != '\0'; at++)
      if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
        return cli_refuse(error, "argument %d has a control character (code %d), which is not allowed", k + 1,
                          (int)(unsigned char)*at);
  return TESTUDO_OK;
}

int program_run(int argc, char **argv)
{
  testudo_error error = {""};
  session_catch_signals();
  testudo_status status = check_words(argc - 1, argv + 1, &error);
  if (status == TESTUDO_OK)
    status = run_words(argc - 1, argv + 1, &error);
  /* A pipe that says nothing was waited for: its system call was interrupted, and so are we. */
  if (status == TESTUDO_ERROR_SYSTEM && session_stopped()) {
    status = TESTUDO_INTERRUPTED;
    error.text[0] = '\0';
  }
  testudo_error close_error = {""};
  testudo_status closed = session_close_stdout(&close_error);
  if (closed != TESTUDO_OK && (status == TESTUDO_OK || status == SESSION_CLAIM_FAILED)) {
    if (closed == TESTUDO_INTERRUPTED)
      session_end_by_pipe();
    status = closed;
    error = close_error;
  }
  /* A call that was stopped and whose caller went on with the best so far has left its sentence. */
  if (status != TESTUDO_OK && error.text[0] != '\0')
    session_complain("%s", error.text);
  else if (status == TESTUDO_INTERRUPTED && session_stopped())
    session_complain("interrupted");
  return (int)status;
}
