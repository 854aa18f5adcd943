/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line against the command's table. */
#include "option/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "delay/delay_json.h"
#include "delay/grammar.h"
#include "delay/model.h"
#include "option/input.h"
#include "option/reading.h"

const cli_option cli_seed_options[] = {
    {.name = "seed", .value = "n", .kind = CLI_INTEGER, .least = 0, .most = 9007199254740992.0, .preset = "1",
     .heading = "Running", .help = "Seed of everything random; the same seed gives the same bytes."},
    {.name = NULL},
};

const cli_option cli_threads_options[] = {
    {.name = "threads", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 4096, .preset = "all cores",
     .hidden_command = true, .help = "Number of threads; never changes a result."},
    {.name = NULL},
};

const cli_option cli_common_options[] = {
    {.name = "json", .kind = CLI_FLAG, .hidden_command = true, .heading = "Common options",
     .help = "Print the result as JSON, for machines."},
    {.name = "quiet", .kind = CLI_FLAG, .hidden_command = true,
     .help = "Suppress messages and progress on standard error; errors are still printed."},
    {.name = "help", .letter = 'h', .kind = CLI_FLAG, .hidden_command = true, .help = "Show this help and exit."},
    {.name = "version", .kind = CLI_FLAG, .hidden_command = true, .help = "Show the version and exit."},
    {.name = NULL},
};

static testudo_status list_options(cli_arguments *arguments, testudo_error *error)
{
  size_t count = 0;
  CLI_EACH_OPTION(option, arguments->command)
    count++;
  arguments->option = testudo_i_arena_calloc(&arguments->arena, count, sizeof *arguments->option);
  arguments->value = testudo_i_arena_calloc(&arguments->arena, count, sizeof *arguments->value);
  TESTUDO_I_TRY(testudo_i_arena_check(&arguments->arena, error));
  CLI_EACH_OPTION(option, arguments->command)
    arguments->option[arguments->options++] = option;
  return TESTUDO_OK;
}

/* The value of the option by long name (length bytes) or, with length 0, by letter; NULL where there is none. */
static cli_value *find_value(const cli_arguments *arguments, const char *name, size_t length)
{
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_option *option = arguments->option[k];
    if (length == 0 ? option->letter == *name
                    : strlen(option->name) == length && strncmp(option->name, name, length) == 0)
      return &arguments->value[k];
  }
  return NULL;
}

static testudo_status unknown_option(const cli_command *command, const char *word, testudo_error *error)
{
  /* The first option of each. */
  static const cli_option *const elsewhere[] = {cli_seed_options, cli_threads_options, cli_common_options};
  char names[1024] = "", nearest[64], wanted[64];
  CLI_EACH_OPTION(option, command)
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", option->name);
  int length = (int)strcspn(word, "=");
  snprintf(wanted, sizeof wanted, "%.*s", length, word + strspn(word, "-"));
  wanted[strcspn(wanted, "=")] = '\0';
  for (size_t k = 0; k < sizeof elsewhere / sizeof *elsewhere; k++)
    if (strncmp(word, "--", 2) == 0 && strcmp(elsewhere[k]->name, wanted) == 0)
      return cli_refuse(error, "--%s: unknown option: it would do nothing in %s", wanted, command->name);
  const cli_command *also = command->also;
  if (also != NULL && strncmp(word, "--", 2) == 0)
    CLI_EACH_OPTION(option, also)
      if (strcmp(option->name, wanted) == 0)
        return cli_refuse(error, "--%s: %s does not have it; 'testudo %s' does", wanted, command->name, also->name);
  if (strncmp(word, "--", 2) == 0 && testudo_i_nearest(names, wanted, nearest, sizeof nearest))
    return cli_refuse(error, "%.*s: unknown option; did you mean --%s?", length, word, nearest);
  return cli_refuse(error, "%.*s: unknown option; 'testudo %s --help' lists them", length, word, command->name);
}

/* *value: from the first of a repeated option to a new last one. */
static testudo_status add_value(cli_arguments *arguments, cli_value **value, testudo_error *error)
{
  cli_value *added = testudo_i_arena_calloc(&arguments->arena, 1, sizeof *added);
  TESTUDO_I_TRY(testudo_i_arena_check(&arguments->arena, error));
  while ((*value)->more != NULL)
    *value = (*value)->more;
  *value = (*value)->more = added;
  return TESTUDO_OK;
}

static testudo_status take_value(cli_arguments *arguments, const cli_option *option, const char *text,
                                 cli_value *value, testudo_error *error)
{
  return cli_takes_list(arguments->command, option) ? cli_take_list(option, text, value, &arguments->arena, error)
                                                    : cli_parse_value(option, text, value, &arguments->arena, error);
}

/* The option at words[*at]; moves *at past its value when that stands apart. */
static testudo_status take_option(cli_arguments *arguments, int count, char *const *words, int *at,
                                  testudo_error *error)
{
  const char *word = words[*at], *equals = strchr(word, '=');
  bool is_long = word[1] == '-';
  size_t length = is_long ? (equals == NULL ? strlen(word) : (size_t)(equals - word)) - 2 : 0;
  if (!is_long && word[2] != '\0')
    return cli_refuse(error, "%s: unknown option; a short option stands alone (-o FILE)", word);
  cli_value *value = is_long && length == 0 ? NULL : find_value(arguments, is_long ? word + 2 : word + 1, length);
  if (value == NULL)
    return unknown_option(arguments->command, word, error);
  const cli_option *option = arguments->option[value - arguments->value];
  if (value->given && !option->repeated && !cli_takes_list(arguments->command, option))
    return cli_refuse(error, "--%s is given twice", option->name);
  if (value->given && option->repeated)
    TESTUDO_I_TRY(add_value(arguments, &value, error));
  value->given = true;
  value->place = arguments->places == NULL ? NULL : arguments->places[*at];
  if (option->kind == CLI_FLAG)
    return is_long && equals != NULL
               ? cli_refuse(error, "--%s takes no value", option->name) : TESTUDO_OK;
  if (is_long && equals != NULL)
    return take_value(arguments, option, equals + 1, value, error);
  if (*at + 1 >= count || strncmp(words[*at + 1], "--", 2) == 0)
    return cli_refuse(error, "--%s needs a value: --%s %s", option->name, option->name, option->value);
  return take_value(arguments, option, words[++*at], value, error);
}

/* The number of the first operand among the command's verbs. */
static testudo_status take_verb(cli_arguments *arguments, testudo_error *error)
{
  const cli_command *command = arguments->command;
  char names[512] = "";
  cli_verb verb;
  for (size_t k = 0; command->verb != NULL && command->verb(k, &verb); k++) {
    arguments->verb = k;
    if (arguments->operands > 0 && strcmp(verb.name, arguments->operand[0]) == 0)
      return TESTUDO_OK;
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k == 0 ? "" : " ", verb.name);
  }
  if (names[0] == '\0' || (arguments->operands == 0 && command->least_operands == 0))
    return TESTUDO_OK;
  return arguments->operands > 0 ? cli_refuse_word(error, command->name, arguments->operand[0], names)
                                 : cli_refuse(error, "%s: %s is missing; allowed: %s", command->name,
                                              command->operands, names);
}

static testudo_status check_operands(const cli_arguments *arguments, testudo_error *error)
{
  const cli_command *command = arguments->command;
  if (arguments->operands < command->least_operands)
    return cli_refuse(error, "%s: %s is missing", command->name, command->operands);
  if (arguments->operands > command->most_operands && command->most_operands > 1)
    return cli_refuse(error, "%s: %zu files are given; the command takes at most %zu", command->name,
                      arguments->operands, command->most_operands);
  if (arguments->operands > command->most_operands)
    return cli_refuse(error, "%s: '%s' is not expected; the command takes %s", command->name,
                      arguments->operand[command->most_operands], command->most_operands == 0 ? "no file" : "one file");
  return TESTUDO_OK;
}

/* Standard input can be read once. */
static testudo_status check_standard_input(const cli_arguments *arguments, testudo_error *error)
{
  int inputs = 0;
  for (size_t k = 0; k < arguments->operands; k++)
    inputs += cli_is_standard(arguments->operand[k]);
  for (size_t k = 0; k < arguments->options; k++)
    CLI_EACH_VALUE(value, &arguments->value[k])
      inputs += value->file != NULL && cli_is_standard(value->file);
  return inputs <= 1 ? TESTUDO_OK
                     : cli_refuse(error, "-: standard input can be read once, but %d inputs are named -; a file of that"
                                  " name is ./-", inputs);
}

/* All of a delay file; its law is called as the user wrote it. */
static testudo_status open_delay_file(const cli_command *command, cli_value *value, testudo_error *error)
{
  if (*value->file == '\0')
    return testudo_law_parse(value->text, &value->law, error); /* which refuses it */
  value->terms = testudo_i_calloc(1, sizeof *value->terms);
  TESTUDO_I_TRY(testudo_i_memory_check(value->terms != NULL, error));
  TESTUDO_I_TRY(testudo_i_delay_file_read(value->file, value->terms, error));
  if (value->terms->replay != NULL && !command->replays)
    return cli_refuse(error, "--delay: a replay has no law, so %s cannot use %s; it applies to simulate, compare and"
                      " validate only; the law of the rows of a trace is trace:TRACE.csv", command->name, value->file);
  return testudo_i_delay_terms_take_law(value->terms, value->text, &value->law, error);
}

static testudo_status open_replay(const cli_command *command, const testudo_trace_options *reading, cli_value *value,
                                  testudo_error *error)
{
  if (!command->replays)
    return cli_refuse(error, "--delay replay: a replay has no law, so %s cannot use it; it applies to simulate, compare"
                      " and validate only; the law of its rows is trace:%s", command->name, value->file);
  return testudo_i_replay_read_as(value->file, reading, &value->replay, error);
}

static testudo_status open_law(const cli_arguments *arguments, const testudo_trace_options *reading,
                               const cli_option *option, cli_value *value, testudo_error *error)
{
  char dashed[64];
  bool model = option->kind == CLI_DELAY, file = model && value->law_text[0] == '@';
  bool replay = model && !file && value->file != NULL && testudo_i_law_file(value->law_text) == NULL;
  if (replay)
    return input_explain(open_replay(arguments->command, reading, value, error), value->file, INPUT_TRACE, error);
  TESTUDO_I_TRY(value->file != NULL ? TESTUDO_OK : input_no_law(value->law_text, error));
  testudo_status status = file ? open_delay_file(arguments->command, value, error)
                               : testudo_i_law_make_as(value->law_text, reading, &value->law, error);
  snprintf(dashed, sizeof dashed, "--%s", option->name);
  if (status == TESTUDO_ERROR_ARGUMENT) {
    cli_name_option(arguments, error); /* one that says how the trace is read */
    if (strncmp(error->text, "--", 2) != 0)
      testudo_i_error_prefix(error, dashed);
  }
  return value->file == NULL ? status : input_explain(status, value->file, file ? INPUT_DELAY : INPUT_TRACE, error);
}

static testudo_status open_laws(cli_arguments *arguments, testudo_error *error)
{
  testudo_trace_options reading;
  bool operand = arguments->command->reads_traces && arguments->operands > 0;
  bool traces = operand || cli_given(arguments, "replay");
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  for (size_t k = 0; k < arguments->options; k++)
    CLI_EACH_VALUE(value, &arguments->value[k]) {
      if (value->law_text == NULL)
        continue;
      traces = traces || (value->file != NULL && value->law_text[0] != '@');
      TESTUDO_I_TRY(open_law(arguments, &reading, arguments->option[k], value, error));
    }
  const char *given = cli_reading_given(arguments);
  return traces || given == NULL ? TESTUDO_OK
                                 : cli_refuse(error, "--%s applies to traces only, --delay trace:FILE or replay:FILE",
                                     given);
}

static testudo_status parse_words(cli_arguments *arguments, int count, char *const *words, testudo_error *error)
{
  arguments->operand = testudo_i_arena_calloc(&arguments->arena, (size_t)count + 1, sizeof *arguments->operand);
  TESTUDO_I_TRY(list_options(arguments, error));
  bool options = true;
  for (int at = 0; at < count; at++) {
    if (options && strcmp(words[at], "--") == 0)
      options = false;
    else if (options && words[at][0] == '-' && words[at][1] != '\0')
      TESTUDO_I_TRY(take_option(arguments, count, words, &at, error));
    else
      arguments->operand[arguments->operands++] = words[at];
  }
  TESTUDO_I_TRY(take_verb(arguments, error));
  TESTUDO_I_TRY(check_operands(arguments, error));
  TESTUDO_I_TRY(check_standard_input(arguments, error));
  TESTUDO_I_TRY(cli_normalise(arguments, error));
  return open_laws(arguments, error);
}

testudo_status cli_parse(const cli_command *command, int count, char *const *words, cli_arguments *arguments,
                         testudo_error *error)
{
  return cli_parse_file(command, NULL, count, words, NULL, arguments, error);
}

testudo_status cli_parse_file(const cli_command *command, const char *file, int count, char *const *words,
                              const char *const *places, cli_arguments *arguments, testudo_error *error)
{
  *arguments = (cli_arguments){.command = command, .file = file, .places = places};
  return cli_name_place(arguments, parse_words(arguments, count, words, error), error);
}

void cli_free(cli_arguments *arguments)
{
  for (size_t k = 0; k < arguments->options; k++)
    CLI_EACH_VALUE(value, &arguments->value[k]) {
      testudo_law_free(value->law);
      testudo_replay_free(value->replay);
      if (value->terms != NULL)
        testudo_i_delay_terms_clear(value->terms);
      free(value->terms);
    }
  free(arguments->line);
  testudo_i_arena_clear(&arguments->arena);
  *arguments = (cli_arguments){.command = NULL};
}

const cli_value *cli_get(const cli_arguments *arguments, const char *name)
{
  static const cli_value none;
  const cli_value *value = find_value(arguments, name, strlen(name));
  return value == NULL ? &none : value;
}

void cli_name_option(const cli_arguments *arguments, testudo_error *error)
{
  size_t length = strcspn(error->text, ":");
  const cli_value *value = length == 0 ? NULL : find_value(arguments, error->text, length);
  if (value == NULL || !value->given || error->text[length] == '\0')
    return;
  testudo_error said = *error;
  snprintf(error->text, sizeof error->text, "--%.*s", (int)sizeof error->text - 3, said.text);
}

/* Does the sentence go on with the text, or with a piece of it between commas? */
static bool goes_on_with(const char *sentence, const char *text)
{
  sentence += *sentence == '\'';
  for (bool more = text != NULL; more; text += more) {
    size_t length = strcspn(text, ",");
    const char *behind = sentence + length;
    if (length > 0 && strncmp(sentence, text, length) == 0 &&
        (*behind == ' ' || *behind == '\'' || strncmp(behind, ": ", 2) == 0))
      return true;
    text += length;
    more = *text == ',';
  }
  return false;
}

/* The value that a sentence blames which begins "--name", and what follows the name; NULL where it does not. */
static const cli_value *find_blamed(const cli_arguments *arguments, const char *sentence, const char **rest)
{
  size_t length = strcspn(sentence + 2, ": ");
  cli_value *first = length == 0 ? NULL : find_value(arguments, sentence + 2, length);
  *rest = sentence + 2 + length;
  *rest += strspn(*rest, ": ");
  if (first != NULL)
    CLI_EACH_VALUE(value, first)
      if (goes_on_with(*rest, value->text))
        return value;
  return first;
}

/* How it runs, and where its output goes, is not in question. */
static bool all_are_of_file(const cli_arguments *arguments)
{
  for (size_t k = 0; k < arguments->options; k++) {
    bool runs = arguments->option[k]->hidden_command || arguments->option[k]->kind == CLI_OUTPUT;
    CLI_EACH_VALUE(value, &arguments->value[k])
      if (value->given && value->place == NULL && !runs)
        return false;
  }
  return true;
}

testudo_status cli_name_place(const cli_arguments *arguments, testudo_status status, testudo_error *error)
{
  if (status != TESTUDO_ERROR_ARGUMENT || arguments->file == NULL || error == NULL)
    return status;
  const testudo_error said = *error;
  const char *rest = said.text;
  bool names = strncmp(said.text, "--", 2) == 0;
  const cli_value *value = names ? find_blamed(arguments, said.text, &rest) : NULL;
  if (value != NULL && value->given && value->place != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: %s", arguments->file, value->place, rest);
  return !names && all_are_of_file(arguments)
             ? testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", arguments->file, said.text) : status;
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

int cli_choice(const cli_arguments *arguments, const char *name, int otherwise)
{
  const cli_value *value = cli_get(arguments, name);
  return value->given ? value->choice : otherwise;
}

bool cli_is_standard(const char *file)
{
  return file == NULL || strcmp(file, "-") == 0;
}

testudo_status cli_check_rules(const cli_arguments *arguments, const cli_rule *rule, size_t rules,
                               testudo_error *error)
{
  for (size_t r = 0; r < rules; r++)
    for (const char *const *name = rule[r].names; !rule[r].applies && *name != NULL; name++)
      if (cli_given(arguments, *name))
        return cli_refuse(error, "--%s applies to %s only", *name, rule[r].to);
  return TESTUDO_OK;
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
