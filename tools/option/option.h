/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of options per command. Parsing, range checks, --help, the manual page, the Markdown pages and shell
   completion all read the same table, so an option's name stands in the program once. */
#ifndef TOOLS_OPTION_OPTION_H
#define TOOLS_OPTION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <testudo/delay.h>
#include <testudo/optimize.h>

#include "base/arena.h"

/* What a value may be. Only laws, CLI_CHOICE_OR_FILE, CLI_FILE and CLI_OUTPUT name files; "-" is then standard input or
   output. */
typedef enum cli_kind {
  CLI_FLAG,
  CLI_INTEGER,        /* least .. most */
  CLI_REAL,           /* finite, least .. most */
  CLI_REALS,          /* a list, comma between; each as CLI_REAL */
  CLI_INTEGERS,       /* the same of whole numbers, each as CLI_INTEGER and of 32 bits */
  CLI_TEXT,           /* any text */
  CLI_LAW,            /* a LAW of testudo/delay.h, but @FILE; `law` */
  CLI_DELAY,          /* a LAW: of @FILE all `terms` are read, and its `law`; or replay:FILE; `replay`, no law */
  CLI_CLASS,          /* n:rate or n:rate:LAW; `integer`, `real`, and `law` or NULL */
  CLI_OBJECTIVE,      /* qmax, mean, quantile:q, mse:t, overlap, cost, deadline:t: those of `choices`; `objective` */
  CLI_CHOICE,         /* one of `choices`; `choice` is its number, from 0, for an enum of the same order */
  CLI_CHOICE_OR_FILE, /* the same, where a file follows the last, and perhaps others: "matrix:FILE"; `file` */
  CLI_CHOICE_OR_LAW,  /* the same, the last of which a LAW follows, as CLI_LAW: "mixed:LAW" */
  CLI_FILE,           /* a file that is read */
  CLI_OUTPUT          /* a file that is written */
} cli_kind;

typedef enum cli_ends {
  CLI_CLOSED,     /* least and most are allowed */
  CLI_OPEN_BELOW, /* least is not */
  CLI_OPEN_ABOVE, /* most is not */
  CLI_OPEN        /* neither is */
} cli_ends;

typedef struct cli_option {
  const char *name;    /* without dashes; NULL ends a table */
  char letter;         /* short form, or 0 */
  const char *value;   /* how help names the value; completion offers .csv files for "FILE.csv"; NULL for a flag */
  cli_kind kind;
  cli_ends ends;
  double least, most;
  bool increasing;     /* of a list: each item is more than the one before */
  bool repeated;       /* may be given more than once: cli_value.more */
  const char *choices; /* words, a blank between; "matrix:FILE", "quantile:q": the word, a colon and what follows it */
  bool may_be_none;    /* "none" is a value: the term is left out */
  bool may_be_empty;   /* of a text */
  bool searched;       /* of a choice: people may write "best", which is a search and no choice */
  const char *words;   /* of a text that is a list, for completion: what its items may begin with; NULL: anything */
  const char *endings; /* of a choice: how the files of its last word end, ".csv .mtx", for completion; NULL: anyhow */
  const char *preset;  /* the default as help shows it; NULL: none */
  bool hidden_command; /* left out of the normalised command: says how to run, not what to compute */
  const char *heading; /* this option begins a group of help, "By scheme"; NULL: it belongs to the one before */
  const char *help;    /* one sentence */
} cli_option;

typedef struct cli_value {
  bool given;
  const char *text;    /* as the user wrote it (lent) */
  const char *place;   /* where it stands in a file of options, "methods[2]" (lent); NULL: on the command line */
  const char *file;    /* the file that it names, a piece of the text; NULL: none */
  int choice;
  int64_t integer;
  double real;
  double *reals;
  int32_t *integers;
  char **item;         /* the texts of a list */
  const char **item_file; /* of cli_take_list: the file that each names; NULL: none */
  size_t count;
  testudo_objective objective; /* its level is the caller's */
  const char *law_text; /* the LAW in the text, a piece of it; NULL: none */
  testudo_law *law;
  struct testudo_i_delay_terms *terms; /* delay/delay_json.h */
  testudo_replay *replay;
  struct cli_value *more; /* of a repeated option: the next */
} cli_value;

/* A value and, of a repeated option, the others. */
#define CLI_EACH_VALUE(at, first) for (cli_value *at = (first); at != NULL; at = at->more)

/* The values that an option was given. */
#define CLI_EACH_GIVEN(at, arguments, name)                                                                            \
  for (const cli_value *at = cli_get(arguments, name); at != NULL && at->given; at = at->more)

struct cli_command;

typedef struct cli_arguments {
  const struct cli_command *command;
  const cli_option **option; /* of all groups, in their order */
  cli_value *value;          /* one per option */
  size_t options;
  const char **operand;
  size_t operands;
  size_t verb;               /* number of the first operand among the command's verbs */
  const char *file;          /* of options; NULL: all are from the command line */
  const char *const *places; /* in it, one per word */
  /* "testudo design --scheme partial ..": options in table order, folders of file names and options that say only how
     to run left out, so that it is the same for the same results. */
  char *line;
  testudo_i_arena arena;
} cli_arguments;

/* A word that is the first operand of a command. */
typedef struct cli_verb {
  const char *name, *help;
  const char *operands;      /* what follows it, as cli_command.operands; "": nothing */
} cli_verb;

typedef struct cli_command {
  const char *name;
  const char *operands;          /* "FILE", "TRACE.csv", "DESIGN.json..", or "" */
  size_t least_operands, most_operands;
  bool (*verb)(size_t k, cli_verb *verb); /* the first operand is one of these words; false behind the last */
  const char *summary;           /* one line */
  const char *details;           /* paragraphs, blank line between */
  const char *example;           /* lines */
  const cli_option *const *groups; /* tables, NULL at the end */
  const struct field *result;    /* the fields of its JSON result (report/field.h); NULL: it has none, and no --json */
  const char *makes;             /* what -o writes, "design"; NULL: the result */
  const struct cli_command *also; /* the command whose options people may look for here; NULL: none */
  bool replays;                  /* --delay may be replay:FILE */
  bool reads_traces;             /* an operand is a trace */
  const cli_option *const *lists; /* tables whose options take lists and ranges (cli_take_list); NULL: none do */
  bool goes_on;                  /* an operand may be the output too: what is written goes on from it */
  /* `context` has `room` bytes, zeroed; `clear` (may be NULL) gives back what it holds, whatever run has answered. */
  testudo_status (*run)(const cli_arguments *arguments, void *context, testudo_error *error);
  size_t room;
  void (*clear)(void *context);
} cli_command;

/* `choices` of a CLI_OBJECTIVE, all of them in the order of testudo_objective_kind; a command may have fewer. */
#define CLI_OBJECTIVES "qmax mean quantile:q mse:t overlap cost deadline:t"

/* Every option of a command, group after group. */
#define CLI_EACH_OPTION(at, command)                                                                                   \
  for (const cli_option *const *cli_group = (command)->groups; *cli_group != NULL; cli_group++)                        \
    for (const cli_option *at = *cli_group; at->name != NULL; at++)

/* --json, --quiet, --help, --version: the last group of a command with a result; of one without, CLI_COMMON_NO_RESULT.
   And options of those commands where they do something. */
#define CLI_COMMON_NO_RESULT (cli_common_options + 1)
extern const cli_option cli_common_options[], cli_seed_options[], cli_threads_options[];

/* ---- parsing ---- */

/* TESTUDO_ERROR_ARGUMENT with one sentence. Free with cli_free whatever the answer. */
TESTUDO_CHECKED testudo_status cli_parse(const cli_command *command, int count, char *const *words,
                                         cli_arguments *arguments, testudo_error *error);

/* The same of words of which some stand in a file of options: places[k] says where word k does, NULL that it was given
   on the command line. What is wrong in the file is TESTUDO_ERROR_INPUT. All are lent. */
TESTUDO_CHECKED testudo_status cli_parse_file(const cli_command *command, const char *file, int count,
                                              char *const *words, const char *const *places, cli_arguments *arguments,
                                              testudo_error *error);
void cli_free(cli_arguments *arguments);

/* Parses one value into *value (value->text set), whose lists lie in the arena. */
TESTUDO_CHECKED testudo_status cli_parse_value(const cli_option *option, const char *text, cli_value *value,
                                               testudo_i_arena *arena, testudo_error *error);

/* Is the option one of these tables, NULL at the end? */
bool cli_is_in(const cli_option *const *tables, const cli_option *option);

/* Does the option take a list in this command? Flags, and options that are repeated anyway, do not. */
bool cli_takes_list(const cli_command *command, const cli_option *option);

/* Adds to value->item the texts that `text` stands for, each of them one that the option allows: of numbers and words
   "1,2,5..8" or "0..1:0.25", the ends of a range among them where its step leads there (of whole numbers 1 without
   one); of values that may have commas themselves (laws, lists) the text as it is, so that several are given by
   repeating the option. "none" stands for the option left out. */
TESTUDO_CHECKED testudo_status cli_take_list(const cli_option *option, const char *text, cli_value *value,
                                             testudo_i_arena *arena, testudo_error *error);

/* TESTUDO_ERROR_ARGUMENT, with its sentence: what was asked for is not allowed. */
testudo_status cli_refuse(testudo_error *error, const char *format, ...) TESTUDO_PRINTF(2, 3);

/* The same of a word that is none of the allowed ones, blanks between: "--order: 'xo' is unknown; did you mean xor? .."
   */
testudo_status cli_refuse_word(testudo_error *error, const char *what, const char *word, const char *allowed);

/* A sentence of the library that begins with the name of an option that was given: with its dashes. */
void cli_name_option(const cli_arguments *arguments, testudo_error *error);

/* The status of a sentence about arguments. One that blames an option which stands in a file of options, or names none
   where all stand there, becomes TESTUDO_ERROR_INPUT with "file: place: ..". */
TESTUDO_CHECKED testudo_status cli_name_place(const cli_arguments *arguments, testudo_status status,
                                              testudo_error *error);

/* The value of an option; one that was not given where the command does not have it. */
const cli_value *cli_get(const cli_arguments *arguments, const char *name);
bool cli_given(const cli_arguments *arguments, const char *name);
int64_t cli_integer(const cli_arguments *arguments, const char *name, int64_t otherwise);
double cli_real(const cli_arguments *arguments, const char *name, double otherwise);
const char *cli_text(const cli_arguments *arguments, const char *name, const char *otherwise);

/* The number of a choice. */
int cli_choice(const cli_arguments *arguments, const char *name, int otherwise);

/* Options that belong to something else, unless it `applies`. */
typedef struct cli_rule {
  bool applies;
  const char *names[15], *to; /* "--stragglers applies to scheme gradient-code only" */
} cli_rule;
TESTUDO_CHECKED testudo_status cli_check_rules(const cli_arguments *arguments, const cli_rule *rule, size_t rules,
                                               testudo_error *error);

/* Before the work: refuses an output that is a file which the command reads (an operand, or one that an option names),
   one that cannot be written, and --json where standard output is taken. */
TESTUDO_CHECKED testudo_status cli_check_outputs(const cli_arguments *arguments, testudo_error *error);

/* Is this name "-", standard input or output? Also of NULL, an output that was not named. */
bool cli_is_standard(const char *file);

/* Do two names lead to one file, there already or not? */
bool cli_same_file(const char *a, const char *b);

/* Makes the line of arguments that are complete. */
TESTUDO_CHECKED testudo_status cli_normalise(cli_arguments *arguments, testudo_error *error);

/* A command in words, as a shell reads what cli_normalise and cli_put_words write: blanks part words, '..' and \' are
   all that quotes. word has room for CLI_MOST_WORDS; the words lie in the arena. */
enum { CLI_MOST_WORDS = 256 };
TESTUDO_CHECKED testudo_status cli_split_line(const char *command, testudo_i_arena *arena, char **word, int *count,
                                              testudo_error *error);

/* Words as a shell reads them back, a blank before each. */
void cli_put_words(FILE *stream, const char *const *word, size_t count);

/* The number of the ending, of those in the list, that a name has; -1: none. */
int cli_ending(const char *path, const char *endings);

/* The name without its folders (lent). */
const char *cli_basename(const char *path);

/* FNV-1a of what is in a file, for keys. */
TESTUDO_CHECKED testudo_status cli_hash_file(const char *file, uint64_t *hash, testudo_error *error);

/* ---- the same tables as text ---- */

void cli_usage(FILE *stream, const cli_command *command);                       /* --help */
void cli_describe(const cli_option *option, char *text, size_t room);           /* help, forms, range and default */
void cli_range_text(const cli_option *option, char *text, size_t room);         /* "1..16777216", "" when free */
void cli_overview(FILE *stream, const cli_command *const *commands);            /* testudo --help */
void cli_manual(FILE *stream, const cli_command *const *commands);              /* testudo.1, troff */
void cli_manual_command(FILE *stream, const cli_command *command);              /* testudo-NAME.1 */
void cli_markdown(FILE *stream, const cli_command *command);

/* The ways to write the value of a choice or a law, blanks between; false for other options. */
bool cli_forms(const cli_option *option, char *text, size_t room);

/* ---- completion ---- */

/* What fits for the last of the words that follow "testudo", as its scripts for shells read it. */
void cli_complete(FILE *stream, const cli_command *const *commands, int count, char *const *words);

/* NULL: there is none of this name. */
const cli_command *cli_find_command(const cli_command *const *commands, const char *name);
const char *cli_script(const char *shell); /* bash, zsh, fish; NULL: none */

#endif
