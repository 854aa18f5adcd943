/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that a result carries: the same text for every way of writing the same request. */
#define _POSIX_C_SOURCE 200809L
#include "option/option.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/nearest.h"

const char *cli_basename(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

testudo_status cli_hash_file(const char *file, uint64_t *hash, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(file, (size_t)1 << 32, &bytes, &length, error));
  *hash = testudo_i_fnv(TESTUDO_I_FNV_START, bytes, length);
  return TESTUDO_OK;
}

int cli_ending(const char *path, const char *endings)
{
  char ending[16];
  for (int k = 0; (endings = testudo_i_next_word(endings, ending, sizeof ending)) != NULL; k++)
    if (strlen(path) > strlen(ending) && strcmp(path + strlen(path) - strlen(ending), ending) == 0)
      return k;
  return -1;
}

static bool is_plain(const char *text)
{
  return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.,:/@%=")] == '\0';
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

void cli_put_words(FILE *stream, const char *const *word, size_t count)
{
  for (size_t k = 0; k < count; k++)
    put_word(stream, "", word[k]);
}

/* Of `matrix:dir/a.mtx`, `trace:dir/a.csv` and `@dir/delay.json` what stands before the file stays. */
static void put_value(FILE *stream, const cli_option *option, const cli_value *value)
{
  if (option->kind == CLI_INTEGER) {
    fprintf(stream, " %lld", (long long)value->integer);
    return;
  }
  const char *file = value->file;
  char head[64] = "";
  if (file != NULL)
    snprintf(head, sizeof head, "%.*s", (int)(file - value->text), value->text);
  put_word(stream, head, file != NULL ? cli_basename(file) : value->text);
}

/* Numbers and words as the user wrote them; of others each as if it were given alone. */
static testudo_status put_list(FILE *stream, const cli_option *option, const cli_value *list, testudo_i_arena *arena,
                               testudo_error *error)
{
  if (option->kind == CLI_INTEGER || option->kind == CLI_REAL || option->kind == CLI_CHOICE) {
    fprintf(stream, " --%s", option->name);
    put_word(stream, "", list->text);
    return TESTUDO_OK;
  }
  for (size_t k = 0; k < list->count; k++) {
    cli_value one = {.text = list->item[k]};
    fprintf(stream, " --%s", option->name);
    if (strcmp(one.text, "none") == 0) {
      put_word(stream, "", one.text);
      continue;
    }
    TESTUDO_I_TRY(cli_parse_value(option, one.text, &one, arena, error));
    put_value(stream, option, &one);
  }
  return TESTUDO_OK;
}

testudo_status cli_normalise(cli_arguments *arguments, testudo_error *error)
{
  size_t length = 0;
  testudo_status status = TESTUDO_OK;
  FILE *stream = open_memstream(&arguments->line, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  fprintf(stream, "testudo %s", arguments->command->name);
  for (size_t k = 0; k < arguments->operands; k++)
    put_word(stream, "", cli_basename(arguments->operand[k]));
  for (size_t k = 0; k < arguments->options && status == TESTUDO_OK; k++) {
    const cli_option *option = arguments->option[k];
    if (!arguments->value[k].given || option->kind == CLI_OUTPUT || option->hidden_command)
      continue;
    if (cli_takes_list(arguments->command, option)) {
      status = put_list(stream, option, &arguments->value[k], &arguments->arena, error);
      continue;
    }
    CLI_EACH_VALUE(value, &arguments->value[k]) {
      fprintf(stream, " --%s", option->name);
      if (option->kind != CLI_FLAG)
        put_value(stream, option, value);
    }
  }
  return fclose(stream) == 0 ? status : testudo_i_fail_memory(error);
}

testudo_status cli_split_line(const char *command, testudo_i_arena *arena, char **word, int *count,
                              testudo_error *error)
{
  char *at = testudo_i_arena_alloc(arena, strlen(command) + 1, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *count = 0;
  for (const char *from = command + strspn(command, " "); *from != '\0'; from += strspn(from, " ")) {
    if (*count == CLI_MOST_WORDS)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a command of more than %d words", CLI_MOST_WORDS);
    word[(*count)++] = at;
    bool quoted = false;
    for (; *from != '\0' && (quoted || *from != ' '); from++) {
      if (*from == '\'')
        quoted = !quoted;
      else if (*from == '\\' && !quoted && from[1] != '\0')
        *at++ = *++from;
      else
        *at++ = *from;
    }
    *at++ = '\0';
  }
  return TESTUDO_OK;
}
