/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that a result carries: the same text for every way of writing the same request. */
#define _POSIX_C_SOURCE 200809L
#include "option/option.h"

#include <stdlib.h>
#include <string.h>

const char *cli_basename(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static bool is_plain(const char *text)
{
  for (; *text != '\0'; text++)
    if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.,:/@%=", *text) == NULL)
      return false;
  return true;
}

static void put_quoted(FILE *stream, const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '\'')
      fputs("'\\''", stream);
    else
      fputc(*text, stream);
}

/* One word, in two pieces, as a shell reads it back. */
static void put_word(FILE *stream, const char *head, const char *tail)
{
  if (is_plain(head) && is_plain(tail) && (*head != '\0' || *tail != '\0')) {
    fprintf(stream, " %s%s", head, tail);
    return;
  }
  fputs(" '", stream);
  put_quoted(stream, head);
  put_quoted(stream, tail);
  fputc('\'', stream);
}

/* `matrix:dir/a.mtx` and `trace:dir/a.csv` name files too, and so does `@dir/delay.json`: the part up to the colon, or
   the @, stays. */
static void put_value(FILE *stream, const cli_option *option, const cli_value *value)
{
  if (option->kind == CLI_INTEGER) {
    fprintf(stream, " %lld", (long long)value->integer);
    return;
  }
  const char *colon = strchr(value->text, ':');
  char head[64] = "";
  const char *tail = value->text;
  if (option->kind == CLI_FILE)
    tail = cli_basename(value->text);
  else if (option->kind == CLI_TEXT && value->text[0] == '@') {
    strcpy(head, "@");
    tail = cli_basename(value->text + 1);
  }
  else if (colon != NULL && (option->kind == CLI_CHOICE || option->kind == CLI_TEXT) &&
           (size_t)(colon - value->text) + 1 < sizeof head && strchr(colon, '/') != NULL) {
    snprintf(head, sizeof head, "%.*s", (int)(colon - value->text) + 1, value->text);
    tail = cli_basename(colon + 1);
  }
  put_word(stream, head, tail);
}

char *cli_normalised(const cli_arguments *arguments)
{
  char *text = NULL;
  size_t length = 0, index = 0;
  FILE *stream = open_memstream(&text, &length);
  if (stream == NULL)
    return NULL;
  fprintf(stream, "testudo %s", arguments->command->name);
  for (size_t k = 0; k < arguments->operands; k++)
    put_word(stream, "", cli_basename(arguments->operand[k]));
  for (const cli_option *const *group = arguments->command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; option->name != NULL; option++, index++) {
      const cli_value *value = &arguments->value[index];
      if (!value->given || option->kind == CLI_OUTPUT || option->hidden_command)
        continue;
      fprintf(stream, " --%s", option->name);
      if (option->kind != CLI_FLAG)
        put_value(stream, option, value);
    }
  if (fclose(stream) != 0) {
    free(text);
    return NULL;
  }
  return text;
}
