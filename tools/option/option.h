/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of options per command. Parsing, range checks, --help, the manual page, the Markdown pages and shell
   completion all read the same table, so an option's name stands in the program once. */
#ifndef TOOLS_OPTION_OPTION_H
#define TOOLS_OPTION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <testudo/status.h>

#include "base/arena.h"

typedef enum cli_kind {
  CLI_FLAG,
  CLI_INTEGER, /* least .. most */
  CLI_REAL,    /* finite, least .. most */
  CLI_REALS,   /* a list, comma between; each as CLI_REAL */
  CLI_TEXT,
  CLI_LAW,     /* a LAW of testudo/delay.h */
  CLI_CHOICE,  /* one of `choices` */
  CLI_FILE,    /* a file that is read */
  CLI_OUTPUT   /* a file that is written */
} cli_kind;

typedef enum cli_ends {
  CLI_CLOSED,    /* least and most are allowed */
  CLI_OPEN,      /* neither is */
  CLI_OPEN_BELOW,/* least is not */
  CLI_OPEN_ABOVE /* most is not */
} cli_ends;

typedef struct cli_option {
  const char *name;    /* without dashes; NULL ends a table */
  char letter;         /* short form, or 0 */
  const char *value;   /* how help names the value; NULL for a flag */
  cli_kind kind;
  cli_ends ends;
  double least, most;
  const char *choices; /* words; "matrix:FILE" stands for any value that begins with matrix: */
  const char *preset;  /* the default as help shows it; NULL: none */
  bool goes_on;        /* a file that may be the output too: what is written goes on from it */
  bool hidden_command; /* left out of the normalised command: says how to run, not what to compute */
  const char *help;    /* one sentence */
} cli_option;

typedef struct cli_value {
  bool given;
  const char *text;    /* as the user wrote it (lent) */
  int64_t integer;
  double real;
  double *reals;
  char **item;         /* the texts of a list */
  size_t count;
} cli_value;

struct cli_command;

typedef struct cli_arguments {
  const struct cli_command *command;
  const cli_option **option; /* of all groups, in their order */
  cli_value *value;          /* one per option */
  size_t options;
  const char **operand;
  size_t operands;
  /* "testudo design --scheme partial ..": options in table order, folders of file names and options that say only how
     to run left out, so that it is the same for the same results. */
  char *line;
  testudo_i_arena arena;
} cli_arguments;

typedef struct cli_command {
  const char *name;
  const char *operands;          /* "FILE", "FILE..", or "" */
  size_t least_operands, most_operands;
  const char *summary;           /* one line */
  const char *details;           /* paragraphs, blank line between */
  const char *example;           /* lines */
  const cli_option *const *groups; /* tables, NULL at the end */
  const struct field *result;    /* the fields of its JSON result (report/field.h); NULL: it has none */
  bool writes;                   /* has --output, which must not be one of its inputs */
  /* `context` has `room` bytes, zeroed; `clear` (may be NULL) gives back what it holds, whatever run has answered. */
  testudo_status (*run)(const cli_arguments *arguments, void *context, testudo_error *error); /* NULL: not built */
  size_t room;
  void (*clear)(void *context);
} cli_command;

/* Every option of a command, group after group. */
#define CLI_EACH_OPTION(at, command)                                                                                   \
  for (const cli_option *const *cli_group = (command)->groups; *cli_group != NULL; cli_group++)                        \
    for (const cli_option *at = *cli_group; at->name != NULL; at++)

/* --json, --seed, --quiet, --help, --version, --threads: the last group of every command. */
extern const cli_option cli_common_options[];

/* ---- parsing ---- */

/* TESTUDO_ERROR_ARGUMENT with one sentence. Free with cli_free whatever the answer. */
TESTUDO_CHECKED testudo_status cli_parse(const cli_command *command, int count, char *const *words,
                                         cli_arguments *arguments, testudo_error *error);
void cli_free(cli_arguments *arguments);

/* Parses one value into *value (value->text set), whose lists lie in the arena. */
TESTUDO_CHECKED testudo_status cli_parse_value(const cli_option *option, const char *text, cli_value *value,
                                               testudo_i_arena *arena, testudo_error *error);

/* TESTUDO_ERROR_ARGUMENT, with its sentence: what was asked for is not allowed. */
testudo_status cli_refuse(testudo_error *error, const char *format, ...) TESTUDO_PRINTF(2, 3);

/* The value of an option that the command's table has. */
const cli_value *cli_get(const cli_arguments *arguments, const char *name);
bool cli_given(const cli_arguments *arguments, const char *name);
int64_t cli_integer(const cli_arguments *arguments, const char *name, int64_t otherwise);
double cli_real(const cli_arguments *arguments, const char *name, double otherwise);
const char *cli_text(const cli_arguments *arguments, const char *name, const char *otherwise);

/* Refuses an output that is a file which the command reads: an operand, or one that --delay or --assignment names. */
TESTUDO_CHECKED testudo_status cli_check_output(const cli_arguments *arguments, const char *output,
                                                testudo_error *error);

/* The file that an option's value names, a piece of it: all of a CLI_FILE, of laws what their grammar says, of choices
   what stands for FILE; NULL: none. */
const char *cli_file_in(const cli_option *option, const char *value);

/* Do two names lead to one file, there already or not? */
bool cli_same_file(const char *a, const char *b);

/* Makes the line of arguments that are complete. */
TESTUDO_CHECKED testudo_status cli_normalise(cli_arguments *arguments, testudo_error *error);

/* The name without its folders (lent). */
const char *cli_basename(const char *path);

/* Well-formed by RFC 3629: no overlong forms, surrogates or codes above 10FFFF. */
bool cli_is_utf8(const char *text);

/* The word of a list (words parted by blanks) nearest to `text`, or NULL when none is near. */
bool cli_nearest(const char *words, const char *text, char *nearest, size_t room);

/* ---- the same tables as text ---- */

void cli_usage(FILE *stream, const cli_command *command);                       /* --help */
void cli_range_text(const cli_option *option, char *text, size_t room);         /* "1..16777216", "" when free */
void cli_overview(FILE *stream, const cli_command *const *commands);            /* testudo --help */
void cli_manual(FILE *stream, const cli_command *const *commands);              /* troff */
void cli_markdown(FILE *stream, const cli_command *command);
void cli_completion(FILE *stream, const cli_command *const *commands);          /* bash */

#endif
