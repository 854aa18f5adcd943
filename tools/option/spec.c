/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of options: those of the command as members, so that they are checked where options are. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "option/spec.h"
#include "json/specification.h"

typedef struct spec_words {
  testudo_i_arena *arena;
  const char *file, *alias;
  char **word;
  const char **place; /* of a word in the file; NULL: it was given on the command line */
  int count, room;
} spec_words;

/* "--name=text", or where there is no text a flag. */
static testudo_status add_word(spec_words *words, const char *place, const char *name, const char *text,
                               testudo_error *error)
{
  if (words->count == words->room)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: more than %d options", words->file, words->room);
  size_t room = strlen("--=") + strlen(name) + (text == NULL ? 0 : strlen(text)) + 1;
  char *word = testudo_i_arena_alloc(words->arena, room, 1);
  words->place[words->count] = place == NULL ? NULL : testudo_i_arena_text(words->arena, place);
  TESTUDO_I_TRY(testudo_i_arena_check(words->arena, error));
  snprintf(word, room, text == NULL ? "--%s" : "--%s=%s", name, text);
  words->word[words->count++] = word;
  return TESTUDO_OK;
}

/* One word per text of an array. */
static testudo_status add_each(spec_words *words, const testudo_i_spec_member *member, const char *name,
                               testudo_error *error)
{
  char place[120];
  for (size_t k = 0; k < member->count; k++) {
    snprintf(place, sizeof place, "%.80s[%zu]", member->key, k);
    TESTUDO_I_TRY(add_word(words, place, name, member->text[k], error));
  }
  return TESTUDO_OK;
}

/* One word with commas between. */
static testudo_status add_joined(spec_words *words, const testudo_i_spec_member *member, testudo_error *error)
{
  size_t room = 1, length = 0;
  for (size_t k = 0; k < member->count; k++)
    room += strlen(member->text[k]) + 1;
  TESTUDO_I_HELD(testudo_i_free_held) char *joined = testudo_i_calloc(room, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(joined != NULL, error));
  for (size_t k = 0; k < member->count; k++)
    length += (size_t)snprintf(joined + length, room - length, "%s%s", k > 0 ? "," : "", member->text[k]);
  return add_word(words, member->key, member->key, joined, error);
}

static testudo_status add_option(spec_words *words, const cli_option *option, bool listed,
                                 const testudo_i_spec_member *member, testudo_error *error)
{
  bool flag = option->kind == CLI_FLAG;
  if (flag != member->truth)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: %s, not %s", words->file, member->key,
                          flag ? "true or false is wanted" : "a text, a number or an array of such", member->kind);
  if (flag)
    return member->value ? add_word(words, member->key, member->key, NULL, error) : TESTUDO_OK;
  bool one_value = option->kind == CLI_REALS || option->kind == CLI_INTEGERS;
  for (size_t k = 0; k < member->count; k++) /* [1, 2, 3] is one value, ["1,2", "1,3"] are two */
    one_value = one_value && strchr(member->text[k], ',') == NULL && strcmp(member->text[k], "none") != 0;
  return (option->repeated || (listed && !one_value)) && member->listed ? add_each(words, member, member->key, error)
                                                        : add_joined(words, member, error);
}

/* One member, unless the option was given on the command line. */
static testudo_status add_member(spec_words *words, const cli_arguments *given, const testudo_i_spec_member *member,
                                 testudo_error *error)
{
  const char *key = member->key, *alias = words->alias;
  if (alias != NULL && strcmp(key, TESTUDO_I_SPEC_METHODS) == 0)
    return cli_given(given, alias) ? TESTUDO_OK : add_each(words, member, alias, error);
  CLI_EACH_OPTION(at, given->command)
    if (strcmp(at->name, key) == 0 && (alias == NULL || strcmp(key, alias) != 0) && strcmp(key, "help") != 0)
      return cli_given(given, key) ? TESTUDO_OK
                                   : add_option(words, at, cli_takes_list(given->command, at), member, error);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: unknown member '%.60s'; members are the options of testudo %s"
                        " without dashes%s", words->file, key, given->command->name,
                        alias == NULL ? "" : ", and " TESTUDO_I_SPEC_METHODS);
}

static testudo_status add_given(spec_words *words, const cli_arguments *given, testudo_error *error)
{
  for (size_t k = 0; k < given->options; k++) {
    bool listed = cli_takes_list(given->command, given->option[k]);
    for (size_t n = 0; listed && n < given->value[k].count; n++)
      TESTUDO_I_TRY(add_word(words, NULL, given->option[k]->name, given->value[k].item[n], error));
    CLI_EACH_VALUE(value, &given->value[k])
      if (value->given && !listed)
        TESTUDO_I_TRY(add_word(words, NULL, given->option[k]->name, value->text, error));
  }
  return TESTUDO_OK;
}

testudo_status cli_read_spec(const cli_arguments *given, const char *file, const char *alias, testudo_i_arena *arena,
                             cli_arguments *all, testudo_error *error)
{
  enum { MOST_WORDS = 8192 };
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  TESTUDO_I_HELD(testudo_i_spec_clear) testudo_i_spec spec = {.members = 0};
  size_t length;
  spec_words words = {.arena = arena, .file = file, .alias = alias, .room = MOST_WORDS};
  words.word = testudo_i_arena_calloc(arena, MOST_WORDS, sizeof *words.word);
  words.place = testudo_i_arena_calloc(arena, MOST_WORDS, sizeof *words.place);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_read_file(words.file, (size_t)1 << 24, &bytes, &length, error));
  TESTUDO_I_TRY(testudo_i_spec_parse(bytes, length, words.file, &spec, error));
  TESTUDO_I_TRY(add_given(&words, given, error));
  for (size_t k = 0; k < spec.members; k++)
    TESTUDO_I_TRY(add_member(&words, given, &spec.member[k], error));
  return cli_parse_file(given->command, words.file, words.count, words.word, words.place, all, error);
}
