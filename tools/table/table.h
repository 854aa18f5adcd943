/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table`: the table of the best designs known, and the files beside it. */
#ifndef TOOLS_TABLE_TABLE_H
#define TOOLS_TABLE_TABLE_H

#include <testudo/best.h>

#include "common/session.h"
#include "report/field.h"

/* In the order of the words. */
typedef enum table_verb { TABLE_CHECK, TABLE_ADD, TABLE_SHOW, TABLE_FILL, TABLE_SETTLE } table_verb;

/* A row as results show it. */
typedef struct table_row {
  testudo_best_row best;     /* what it has not is NAN, NULL or -1 */
  const char *delay;         /* in words */
  char objective[32];
  const char *kind;
  int64_t seed;
  int optimal;               /* 1 and 0 */
  const char *design;        /* the command or the file */
  char checksum[24], orders[24], canonical[24];
  int holds;                 /* checked: 1 and 0, else -1 */
  const char *problem;
} table_row;

typedef struct cli_table {
  const cli_arguments *arguments;
  table_verb verb;
  const char *verb_word, *file; /* the file of the table without its folders */
  const char *path;
  char *folder;              /* of the files beside it, with a slash at the end */
  testudo_best_table *table;
  testudo_best_options options;
  const char *filter_delay;  /* JSON of the model asked for; NULL: any */
  const testudo_delay_model *filter_model;
  struct cli_cluster *cluster; /* which lends it */
  /* The result. */
  int64_t cells, checked, failed, tried, improved, left, bounded;
  const char *verdict, *reason;
  table_row *row;
  size_t rows;
  testudo_i_arena arena;
} cli_table;

/* ---- result.c ---- */

extern const field table_fields[], table_row_fields[];
extern const field table_csv_fields[]; /* the rows alone */

/* "24 workers, load 4, granularity 8, 1 part, exp:1, scaled, per share, mean": what sentences call a cell. */
void table_name_cell(const testudo_best_row *row, char *text, size_t room);

/* Fills what a row shows; texts are the table's or lie in the arena. */
TESTUDO_CHECKED testudo_status table_show_row(cli_table *t, const testudo_best_row *row, table_row *shown,
                                              testudo_error *error);
double table_gap(const void *row);  /* of a table_row: value / bound - 1, NAN where not known */
double table_gain(const void *row); /* 1 - value / that of the best named construction */

/* Is it one of those that the options ask for? */
bool table_selects(const cli_table *t, const testudo_best_row *row);

/* ---- files.c ---- */

/* The design of a row: made by its command, or read; its checksum is that of its file. */
TESTUDO_CHECKED testudo_status table_row_design(cli_table *t, const testudo_best_row *row,
                                                testudo_design **design, testudo_error *error);

/* The design that "testudo design .." makes, whose files, if it names any, are slots:NAME in the folder; *line is the
   normalised command (malloc), may be NULL. TESTUDO_ERROR_ARGUMENT for what names other files. */
TESTUDO_CHECKED testudo_status table_make(const char *command, const char *folder, testudo_design **design,
                                          char **line, testudo_error *error);

/* The name of the slot file in a command, in the arena; NULL: it has none. */
const char *table_slots_named(const char *command, testudo_i_arena *arena);

/* Puts a design into the folder, which is made where it is missing, and its name into *name (arena). */
TESTUDO_CHECKED testudo_status table_keep_design(cli_table *t, testudo_design *design, const char **name,
                                                 uint64_t *checksum, testudo_error *error);
/* The same of a table of slots, as lines "s,q". */
TESTUDO_CHECKED testudo_status table_keep_slots(cli_table *t, const testudo_slots *slots, const char **name,
                                                testudo_error *error);

/* ---- candidate.c ---- */

/* A design that may become a row; texts of the row lie in the table's arena. */
typedef struct table_candidate {
  testudo_best_row row;
  testudo_design *design;
} table_candidate;

/* Of the work in one row of many: goes on until the program is stopped. */
extern const testudo_monitor table_within;

void table_candidate_clear(table_candidate *candidate);

/* What makes nothing here, or nothing that fits or can be measured, is no candidate, and no error. */
TESTUDO_CHECKED testudo_status table_pass_over(testudo_status status, const testudo_error *own, testudo_error *error);

/* Of one whose key, design and texts are set: its value, and which design it is. */
TESTUDO_CHECKED testudo_status table_measure(cli_table *t, table_candidate *candidate, testudo_error *error);

/* The bound of the cell, for a row that is kept. */
TESTUDO_CHECKED testudo_status table_bound(cli_table *t, testudo_best_row *row, testudo_error *error);

/* Is it better than the row (NULL: an empty cell)? `reason`, of 300 characters, says why not. */
TESTUDO_CHECKED testudo_status table_weigh(cli_table *t, const testudo_best_row *row,
                                           const table_candidate *candidate, testudo_best_verdict *verdict,
                                           char *reason, testudo_error *error);

/* The command or the file by which a row keeps its design, where it has none: a table of slots, where it is one, whose
   command makes the same orders, else a file in the folder. */
TESTUDO_CHECKED testudo_status table_keep(cli_table *t, table_candidate *candidate, testudo_error *error);

/* The day, --date or today. */
TESTUDO_CHECKED testudo_status table_date(cli_table *t, const char **date, testudo_error *error);

/* Text in the arena; NULL where there is no memory, which testudo_i_arena_check sees. */
const char *table_text(cli_table *t, const char *format, ...) TESTUDO_PRINTF(2, 3);

/* ---- settle.c ---- */

/* Fills the candidate, whose key is set, with the design of another record, every chunk of which is cut into so many
   pieces; it is not measured. */
TESTUDO_CHECKED testudo_status table_imply(cli_table *t, const testudo_best_row *from, int32_t pieces,
                                           const char *date, table_candidate *candidate, testudo_error *error);

/* Puts what the record of the cell implies into the cells in which it is better than what is there; *improved counts
   them. */
TESTUDO_CHECKED testudo_status table_spread(cli_table *t, const testudo_best_key *key, const char *date,
                                            int64_t *improved, testudo_error *error);

/* ---- named.c ---- */

/* The k-th command of a named construction for the cell, k = 0, 1, ..; false behind the last. Not every one makes a
   design that fits. */
bool table_named(const testudo_best_key *key, int k, char *command, size_t room);

/* ---- what the verbs do ---- */

TESTUDO_CHECKED testudo_status table_check(cli_table *t, testudo_error *error);
TESTUDO_CHECKED testudo_status table_add(cli_table *t, testudo_error *error);
TESTUDO_CHECKED testudo_status table_show(cli_table *t, testudo_error *error);
TESTUDO_CHECKED testudo_status table_fill(cli_table *t, testudo_error *error);
TESTUDO_CHECKED testudo_status table_settle(cli_table *t, testudo_error *error);

#endif
