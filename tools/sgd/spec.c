/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPEC.json: the options of the command as members, so that they are checked where options are. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "commands.h"
#include "sgd/sgd.h"

typedef struct spec_words {
  testudo_i_arena *arena;
  char **word;
  int count, room;
} spec_words;

static testudo_status add_word(spec_words *words, const char *first, const char *second, testudo_error *error)
{
  if (words->count == words->room)
    return cli_refuse(error, "SPEC.json: more than %d options", words->room);
  char *word = testudo_i_arena_alloc(words->arena, strlen(first) + strlen(second) + 1, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(words->arena, error));
  strcpy(word, first);
  strcat(word, second);
  words->word[words->count++] = word;
  return TESTUDO_OK;
}

/* The text of a value as it stands on a command line: arrays with commas. */
static testudo_status value_text(spec_words *words, const testudo_i_json_document *document, const char *place,
                                 const testudo_i_json_value *value, char **text, testudo_error *error)
{
  char *written = NULL;
  size_t size = testudo_i_json_size(value);
  switch (testudo_i_json_kind_of(value)) {
  case TESTUDO_I_JSON_STRING:
    *text = testudo_i_arena_alloc(words->arena, strlen(testudo_i_json_string(value)) + 1, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(words->arena, error));
    strcpy(*text, testudo_i_json_string(value));
    return TESTUDO_OK;
  case TESTUDO_I_JSON_INTEGER:
  case TESTUDO_I_JSON_REAL:
    written = testudo_i_json_text(value);
    TESTUDO_I_TRY(testudo_i_memory_check(written != NULL, error));
    *text = testudo_i_arena_alloc(words->arena, strlen(written) + 1, 1);
    if (*text != NULL)
      strcpy(*text, written);
    free(written);
    return testudo_i_arena_check(words->arena, error);
  case TESTUDO_I_JSON_ARRAY:
    break;
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: a text, a number or an array of such, not %s",
                          testudo_i_json_name(document), place, testudo_i_json_kind_name(value));
  }
  *text = NULL;
  for (size_t k = 0; k < size; k++) {
    char *item, *joined;
    const testudo_i_json_value *at = testudo_i_json_item(value, k);
    if (testudo_i_json_kind_of(at) == TESTUDO_I_JSON_ARRAY)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s[%zu]: an array in an array",
                            testudo_i_json_name(document), place, k);
    TESTUDO_I_TRY(value_text(words, document, place, at, &item, error));
    joined = testudo_i_arena_alloc(words->arena, (*text == NULL ? 0 : strlen(*text) + 1) + strlen(item) + 1, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(words->arena, error));
    joined[0] = '\0';
    if (*text != NULL)
      strcat(strcpy(joined, *text), ",");
    *text = strcat(joined, item);
  }
  if (*text == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: an empty array", testudo_i_json_name(document), place);
  return TESTUDO_OK;
}

/* A method as an object: {"method": NAME, key: value, ..}. */
static testudo_status add_method_object(spec_words *words, const testudo_i_json_document *document,
                                        const testudo_i_json_value *object, const char *place, testudo_error *error)
{
  const char *name;
  char *text, within[120], shown[TESTUDO_I_JSON_SHOWN];
  TESTUDO_I_TRY(testudo_i_json_want_string(document, object, place, "method", &name, error));
  TESTUDO_I_TRY(add_word(words, "--method=", name, error));
  void *at = NULL;
  const testudo_i_json_value *value;
  for (const char *key; (key = testudo_i_json_walk(object, &at, &value)) != NULL;) {
    if (strcmp(key, "method") == 0)
      continue;
    testudo_i_json_show(key, shown);
    snprintf(within, sizeof within, "%s.%.60s", place, shown);
    TESTUDO_I_TRY(value_text(words, document, within, value, &text, error));
    if (strpbrk(text, ",:") != NULL || strpbrk(key, ",:=") != NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: no comma and no colon may stand here",
                            testudo_i_json_name(document), within);
    words->count--; /* the word grows */
    char *whole = words->word[words->count], *head = testudo_i_arena_alloc(words->arena, strlen(whole) +
                                                                          strlen(key) + 3, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(words->arena, error));
    strcat(strcat(strcat(strcpy(head, whole), ":"), key), "=");
    TESTUDO_I_TRY(add_word(words, head, text, error));
  }
  return TESTUDO_OK;
}

static testudo_status add_methods(spec_words *words, const testudo_i_json_document *document,
                                  const testudo_i_json_value *methods, testudo_error *error)
{
  if (testudo_i_json_kind_of(methods) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: methods: an array of texts and objects is wanted",
                          testudo_i_json_name(document));
  for (size_t k = 0; k < testudo_i_json_size(methods); k++) {
    const testudo_i_json_value *one = testudo_i_json_item(methods, k);
    char place[40], *text;
    snprintf(place, sizeof place, "methods[%zu]", k);
    if (testudo_i_json_kind_of(one) == TESTUDO_I_JSON_OBJECT) {
      TESTUDO_I_TRY(add_method_object(words, document, one, place, error));
      continue;
    }
    TESTUDO_I_TRY(value_text(words, document, place, one, &text, error));
    TESTUDO_I_TRY(add_word(words, "--method=", text, error));
  }
  return TESTUDO_OK;
}

/* One member, unless the option was given on the command line. */
static testudo_status add_member(spec_words *words, const cli_arguments *given,
                                 const testudo_i_json_document *document, const char *key,
                                 const testudo_i_json_value *value, testudo_error *error)
{
  char option[80], *text;
  if (strcmp(key, "methods") == 0)
    return cli_given(given, "method") ? TESTUDO_OK : add_methods(words, document, value, error);
  CLI_EACH_OPTION(at, given->command) {
    if (strcmp(at->name, key) != 0 || strcmp(key, "method") == 0 || strcmp(key, "help") == 0)
      continue;
    if (cli_given(given, key))
      return TESTUDO_OK;
    snprintf(option, sizeof option, at->kind == CLI_FLAG ? "--%s" : "--%s=", key);
    if (at->kind != CLI_FLAG) {
      TESTUDO_I_TRY(value_text(words, document, key, value, &text, error));
      return add_word(words, option, text, error);
    }
    if (testudo_i_json_kind_of(value) != TESTUDO_I_JSON_BOOLEAN)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: true or false is wanted, not %s",
                            testudo_i_json_name(document), key, testudo_i_json_kind_name(value));
    return testudo_i_json_boolean(value) ? add_word(words, option, "", error) : TESTUDO_OK;
  }
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: unknown member '%s'; members are the options of testudo sgd"
                        " without dashes, and methods", testudo_i_json_name(document), shown);
}

static testudo_status add_given(spec_words *words, const cli_arguments *given, testudo_error *error)
{
  char option[80];
  for (size_t k = 0; k < given->options; k++)
    CLI_EACH_VALUE(value, &given->value[k]) {
      bool flag = given->option[k]->kind == CLI_FLAG;
      if (!value->given)
        continue;
      snprintf(option, sizeof option, flag ? "--%s" : "--%s=", given->option[k]->name);
      TESTUDO_I_TRY(add_word(words, option, flag ? "" : value->text, error));
    }
  return TESTUDO_OK;
}

testudo_status sgd_read_spec(cli_sgd *sgd, const cli_arguments *given, testudo_error *error)
{
  enum { MOST_WORDS = 1024 };
  sgd->arguments = given;
  if (given->operands == 0)
    return TESTUDO_OK;
  char *TESTUDO_I_HELD(testudo_i_free_held) bytes = NULL;
  size_t length;
  testudo_i_json_document *TESTUDO_I_HELD(testudo_i_json_free_held) document = NULL;
  spec_words words = {&sgd->arena, NULL, 0, MOST_WORDS};
  words.word = testudo_i_arena_calloc(&sgd->arena, MOST_WORDS, sizeof *words.word);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  TESTUDO_I_TRY(testudo_i_read_file(given->operand[0], (size_t)1 << 24, &bytes, &length, error));
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, given->operand[0], &document, error));
  const testudo_i_json_value *root = testudo_i_json_root(document), *value;
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: an object is wanted, not %s", given->operand[0],
                          testudo_i_json_kind_name(root));
  TESTUDO_I_TRY(add_given(&words, given, error));
  void *at = NULL;
  for (const char *key; (key = testudo_i_json_walk(root, &at, &value)) != NULL;)
    TESTUDO_I_TRY(add_member(&words, given, document, key, value, error));
  TESTUDO_I_TRY(cli_parse(given->command, words.count, words.word, &sgd->spec, error));
  sgd->arguments = &sgd->spec;
  return TESTUDO_OK;
}
