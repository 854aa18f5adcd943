/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may stand at the end of a command line, from the tables. The scripts of tools/shell ask for it; an answer is

       WORD<tab>HELP    the word that is being typed, complete (one that ends with ":", "@" or "=" goes on)
       /N SUFFIX ..     what follows its first N characters is a file, whose name ends with one of the SUFFIXes
       ?TEXT            nothing can be offered: TEXT is wanted here */
#include "option/option.h"

#include <string.h>

#include "delay/grammar.h"

/* tools/shell, made into C when the program is built. */
extern const char cli_script_bash[], cli_script_zsh[], cli_script_fish[];

static const char *offer_forms(FILE *stream, const char *word, const char *at, const char *forms, bool inside);

/* The first `length` characters of a name, where they begin as the word does from `at` on. */
static void offer(FILE *stream, const char *word, const char *at, const char *name, size_t length, const char *help,
                  size_t help_length)
{
  if (strlen(at) <= length && strncmp(name, at, strlen(at)) == 0)
    fprintf(stream, "%.*s%.*s\t%.*s\n", (int)(at - word), word, (int)length, name, (int)help_length, help);
}

/* With the help up to its first pause. */
static void offer_name(FILE *stream, const char *word, const char *name, const char *help)
{
  offer(stream, word, word, name, strlen(name), help, strcspn(help, ".:;("));
}

static bool offers_files(const char *wanted, size_t length)
{
  return strncmp(wanted, "FILE", 4) == 0 || strncmp(wanted, "STORE", 5) == 0 || memchr(wanted, '.', length) != NULL;
}

/* "FILE.csv", "DESIGN.json..": files that end so; "FILE", "": any. */
static void offer_files(FILE *stream, const char *word, const char *at, const char *wanted, size_t length)
{
  const char *dot = memchr(wanted, '.', length);
  int letters = dot == NULL ? 0 : (int)strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz");
  fprintf(stream, "/%d %.*s\n", (int)(at - word), letters == 0 ? 0 : letters + 1, dot == NULL ? "" : dot);
}

/* What follows "mixture:" in a form, commas between: numbers, a FILE, LAWs. Answers as offer_forms. */
static const char *offer_list(FILE *stream, const char *word, const char *at, const char *item)
{
  char laws[1024];
  testudo_i_law_forms(laws, sizeof laws);
  for (;; at++, item++) {
    size_t length = strcspn(item, ", "), span = strcspn(at, ",");
    if (offers_files(item, length)) {
      offer_files(stream, word, at, item, length);
      return NULL;
    }
    if (strncmp(item, "LAW", length) == 0)
      at = offer_forms(stream, word, at, laws, true);
    else if (at[span] == ',')
      at += span;
    else {
      fprintf(stream, "?%.*s\n", (int)strcspn(item, " "), item);
      return NULL;
    }
    item += length;
    if (at == NULL || *at != ',' || *item != ',')
      return at;
  }
}

/* The forms, words with blanks between, that begin as the word does from `at` on: "cyclic", "matrix:FILE",
   "gamma:shape,scale". Answers where what follows a form begins; NULL: the word ends inside of one. Files stand in no
   form that is `inside` another. */
static const char *offer_forms(FILE *stream, const char *word, const char *at, const char *forms, bool inside)
{
  for (const char *form = forms; *form != '\0'; form += strcspn(form, " "), form += strspn(form, " ")) {
    size_t length = strcspn(form, " "), stem = strcspn(form, ":@ ");
    stem += stem < length;
    if (inside && offers_files(form + stem, length - stem))
      continue;
    if (stem < length && strncmp(at, form, stem) == 0)
      return offer_list(stream, word, at + stem, form + stem);
    offer(stream, word, at, form, stem, form + stem, length - stem);
  }
  return NULL;
}

static void offer_value(FILE *stream, const char *word, const char *at, const cli_option *option)
{
  char forms[1024], range[96];
  const char *file = option->endings == NULL ? "" : strrchr(option->choices, ' ') + 1; /* "matrix:FILE" */
  size_t stem = strcspn(file, ":") + 1;
  const char *comma = option->words == NULL ? NULL : strrchr(at, ',');
  cli_range_text(option, range, sizeof range);
  if (option->words != NULL)
    offer_forms(stream, word, comma == NULL ? at : comma + 1, option->words, false);
  else if (*file != '\0' && strncmp(at, file, stem) == 0)
    fprintf(stream, "/%d %s\n", (int)(at - word + (ptrdiff_t)stem), option->endings);
  else if (cli_forms(option, forms, sizeof forms))
    offer_forms(stream, word, at, forms, false);
  else if (strncmp(option->value, "FILE", 4) == 0)
    offer_files(stream, word, at, option->value, option->kind == CLI_OUTPUT ? 0 : strlen(option->value));
  else
    fprintf(stream, "?%s %s\n", option->value, range);
}

/* Is `word` this option, perhaps with its value behind "="? */
static bool option_is(const cli_option *option, const char *word)
{
  size_t length = strlen(option->name);
  if (word[0] == '-' && word[1] == option->letter)
    return option->letter != 0 && word[2] == '\0';
  return strncmp(word, "--", 2) == 0 && strncmp(word + 2, option->name, length) == 0 &&
         strchr("=", word[2 + length]) != NULL;
}

static const cli_option *find_option(const cli_command *command, const char *word)
{
  CLI_EACH_OPTION(option, command)
    if (option_is(option, word))
      return option;
  return NULL;
}

/* Options that have not been given, or may be given again. */
static void offer_options(FILE *stream, const cli_command *command, int count, char *const *words, const char *word)
{
  CLI_EACH_OPTION(option, command) {
    char name[64];
    int given = 0;
    while (given < count && (option->repeated || !option_is(option, words[given])))
      given++;
    snprintf(name, sizeof name, "--%s", option->name);
    if (given == count)
      offer_name(stream, word, name, option->help);
  }
}

const cli_command *cli_find_command(const cli_command *const *commands, const char *name)
{
  while (*commands != NULL && strcmp((*commands)->name, name) != 0)
    commands++;
  return *commands;
}

static void offer_commands(FILE *stream, const cli_command *const *commands, const char *word)
{
  for (; *commands != NULL; commands++)
    offer_name(stream, word, (*commands)->name, (*commands)->summary);
}

/* "DESIGN.json..", "[FILE]": files, or what is wanted. */
static void offer_operand(FILE *stream, const char *word, const char *operands)
{
  if (offers_files(operands, strlen(operands)))
    offer_files(stream, word, word, operands, strlen(operands));
  else
    fprintf(stream, "?%s\n", operands);
}

/* The next operand after those that are there; false where there is no other. */
static bool offer_operands(FILE *stream, const cli_command *command, size_t operands, const char *first,
                           const char *word)
{
  cli_verb verb;
  if (operands >= command->most_operands)
    return false;
  if (command->verb == NULL) {
    offer_operand(stream, word, command->operands);
    return true;
  }
  for (size_t k = 0; command->verb(k, &verb); k++)
    if (operands == 0)
      offer_name(stream, word, verb.name, verb.help);
    else if (strcmp(verb.name, first) == 0) {
      offer_operand(stream, word, verb.operands);
      return true;
    }
  return operands == 0;
}

/* words: what follows the command; the last of them is being typed. */
static void offer_arguments(FILE *stream, const cli_command *command, int count, char *const *words)
{
  const char *word = words[count - 1], *equals = strchr(word, '='), *first = NULL;
  const cli_option *wants = NULL;
  size_t operands = 0;
  for (int k = 0; k < count - 1; k++) {
    const cli_option *option = wants == NULL ? find_option(command, words[k]) : NULL;
    if (wants == NULL && (words[k][0] != '-' || words[k][1] == '\0') && operands++ == 0)
      first = words[k];
    wants = option != NULL && option->kind != CLI_FLAG && strchr(words[k], '=') == NULL ? option : NULL;
  }
  if (wants == NULL && equals != NULL && (wants = find_option(command, word)) != NULL)
    offer_value(stream, word, equals + 1, wants);
  else if (wants != NULL)
    offer_value(stream, word, word, wants);
  else if (word[0] == '-' || !offer_operands(stream, command, operands, first, word))
    offer_options(stream, command, count - 1, words, word);
}

/* help [--man|--markdown] [COMMAND] */
static void offer_help(FILE *stream, const cli_command *const *commands, int count, char *const *words)
{
  const char *word = words[count - 1];
  if (count == 1 || (count == 2 && (strcmp(words[0], "--man") == 0 || strcmp(words[0], "--markdown") == 0)))
    offer_commands(stream, commands, word);
  if (count == 1)
    offer_forms(stream, word, word, "completion --man --markdown", false);
}

void cli_complete(FILE *stream, const cli_command *const *commands, int count, char *const *words)
{
  const char *word = count == 0 ? "" : words[count - 1];
  const cli_command *command = count < 2 ? NULL : cli_find_command(commands, words[0]);
  if (count < 2) {
    offer_commands(stream, commands, word);
    offer_forms(stream, word, word, "help completion --help --version", false);
  } else if (command != NULL)
    offer_arguments(stream, command, count - 1, words + 1);
  else if (strcmp(words[0], "help") == 0)
    offer_help(stream, commands, count - 1, words + 1);
  else if (count == 2 && strcmp(words[0], "completion") == 0)
    offer_forms(stream, word, word, "bash zsh fish", false);
}

const char *cli_script(const char *shell)
{
  return strcmp(shell, "bash") == 0 ? cli_script_bash : strcmp(shell, "zsh") == 0 ? cli_script_zsh
         : strcmp(shell, "fish") == 0 ? cli_script_fish : NULL;
}
