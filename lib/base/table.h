/* SPDX-License-Identifier: BSD-3-Clause */
/* Delimited text, the one home of it: commas, semicolons, tabs or blanks between cells; quoted cells, in which two
   quotation marks are one; lines that end with LF, CR LF or CR; a byte order mark; comments, lines that begin with #;
   blank lines; Excel's "sep=;". The file is streamed: cells are lent until the next row. Every sentence is
   "name: line 3: ..". */
#ifndef TESTUDO_BASE_TABLE_H
#define TESTUDO_BASE_TABLE_H

#include "base/source.h"
#include "base/text.h"

typedef struct testudo_i_table_options {
  char separator;      /* ',', ';', '\t', or ' ' for blanks and tabs, however many; 0: by the first line */
  bool decimal_comma;  /* 0,5 is a half. Without it, commas in numbers are seen too where they separate no cells */
} testudo_i_table_options; /* zeroed, or NULL: all by the file itself */

typedef struct testudo_i_table {
  const char *name;
  int64_t line;            /* the number of the row's line */
  testudo_i_word *cell;    /* of the row, without blanks and quotation marks around them; lent until the next one */
  size_t cells;
  size_t columns;          /* cells of the first row, and so of every row */
  int64_t first;           /* the line of the first row */
  char separator;          /* '\n': one cell a line */
  char *comment;           /* the last comment before the first row, behind its #; NULL: none */
  testudo_i_source *source;
  size_t room;             /* of `cell` */
  char point;              /* of numbers; 0: not seen yet */
  char feed;               /* what ends a line */
  bool fixed;              /* the caller chose the separator */
} testudo_i_table; /* zeroed: closed */

/* Reads what is left of an open source, which must outlive the table. Other files than text are refused. */
TESTUDO_CHECKED testudo_status testudo_i_table_start(testudo_i_table *table, testudo_i_source *source,
                                                     const testudo_i_table_options *options, testudo_error *error);

/* The next row, blank lines and comments left out; *more is false behind the last. A row that has not as many cells as
   the first is refused, but an empty cell behind a last separator is left out, and so is a first cell in quotation
   marks where the first row has one cell less: R's names of rows. */
TESTUDO_CHECKED testudo_status testudo_i_table_row(testudo_i_table *table, bool *more, testudo_error *error);

/* The same where there must be one: "name: is empty". */
TESTUDO_CHECKED testudo_status testudo_i_table_first(testudo_i_table *table, testudo_error *error);

/* A cell as a finite number; false: it is none. */
bool testudo_i_table_real(testudo_i_table *table, size_t k, double *value);

/* A cell as a whole number, 3 or 3.0 or 3e0 (INT64_MAX when larger); -1: it is none, or negative. */
int64_t testudo_i_table_whole(testudo_i_table *table, size_t k);

/* Is a cell neither empty nor a number? nan, inf and 1e400 are numbers, if not finite ones. */
bool testudo_i_table_is_text(testudo_i_table *table, size_t k);

/* Is the row one of names? True where a cell is neither empty nor a number (nan, inf and 1e400 are such). */
bool testudo_i_table_is_header(testudo_i_table *table);

/* A cell as a whole number below `end`; otherwise "worker 'x', but workers are 0..3". */
TESTUDO_CHECKED testudo_status testudo_i_table_index(testudo_i_table *table, size_t k, const char *what, int32_t end,
                                                     int32_t *index, testudo_error *error);

/* The cell of the first row that has the name, or, where none has, the name in letters of another case; -1: none. Two
   are refused. */
TESTUDO_CHECKED testudo_status testudo_i_table_find(const testudo_i_table *table, const char *name, int64_t *at,
                                                    testudo_error *error);

/* Reads the first row, which must name all of `known`: at[k] is the cell of column known[k]. */
TESTUDO_CHECKED testudo_status testudo_i_table_header(testudo_i_table *table, const char *const *known, int count,
                                                      int64_t *at, testudo_error *error);

/* A cell for a sentence. */
testudo_i_quote testudo_i_table_quote(const testudo_i_table *table, size_t k);

/* TESTUDO_ERROR_INPUT with "name: line 7: ..." about the row. */
testudo_status testudo_i_table_fail(const testudo_i_table *table, testudo_error *error, const char *format, ...)
    TESTUDO_PRINTF(3, 4);

/* Gives back what the table holds, not the source. Harmless on a closed one. */
void testudo_i_table_close(testudo_i_table *table);

#endif
