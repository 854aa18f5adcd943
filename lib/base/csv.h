/* SPDX-License-Identifier: BSD-3-Clause */
/* Comma-separated values with a header. Strict, because a row misread is a wrong number: no quotes, as many fields in
   every row as in the header. Blanks around a field are ignored, lines end with LF or CR LF. Every sentence is
   "name: line 3: ..". */
#ifndef TESTUDO_BASE_CSV_H
#define TESTUDO_BASE_CSV_H

#include "base/text.h"

#define TESTUDO_I_CSV_COLUMNS 2048

typedef struct testudo_i_csv {
  testudo_i_text text;      /* as testudo_i_text_start makes it; for sentences about the line last read */
  testudo_i_word field[TESTUDO_I_CSV_COLUMNS];
  int fields;               /* of that line */
  int columns;              /* of the header */
} testudo_i_csv;

/* Reads the header: at[k] is the field of column known[k], -1 where there is none; the first `needed` must be there.
   Other columns are allowed. */
TESTUDO_CHECKED testudo_status testudo_i_csv_header(testudo_i_csv *csv, const char *const *known, int count,
                                                    int needed, int *at, testudo_error *error);

/* Where there may be no header: the first row, cut into fields; rows have as many from now on. */
TESTUDO_CHECKED testudo_status testudo_i_csv_first(testudo_i_csv *csv, testudo_error *error);

/* The next row, cut into fields. */
TESTUDO_CHECKED testudo_status testudo_i_csv_row(testudo_i_csv *csv, testudo_error *error);

/* A field of that row as a whole number below `end`; otherwise "worker 'x', but workers are 0..3". */
TESTUDO_CHECKED testudo_status testudo_i_csv_index(const testudo_i_csv *csv, int field, const char *what, int32_t end,
                                                   int32_t *index, testudo_error *error);

#endif
