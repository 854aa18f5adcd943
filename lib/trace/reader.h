/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace that is being read. */
#ifndef TESTUDO_TRACE_READER_H
#define TESTUDO_TRACE_READER_H

#include "base/names.h"
#include "base/npy.h"
#include "base/table.h"
#include "trace/trace.h"

/* Seconds of a cancelled worker: until all rows are read, when it is known how long the others took. */
#define TESTUDO_I_CANCELLED (-1.0)

/* From row `row` on, row r stands in line `line` + (r - row). */
typedef struct testudo_i_trace_lines {
  int64_t row, line;
} testudo_i_trace_lines;

typedef struct testudo_i_trace_reader {
  const testudo_trace_options *options;
  testudo_i_trace *trace;
  testudo_i_source *source;
  testudo_i_table table;       /* of text */
  int64_t at[TESTUDO_TRACE_COLUMNS]; /* the cell of each column, -1: there is none */
  int64_t sum_at;              /* the cell of the column to be summed over; -1: there is none */
  char *other_name;            /* the one column that nothing is taken from; NULL: there is none, or are several */
  double divisor;              /* of the file's times: so many of its units are a second */
  size_t room;                 /* rows that the arrays have room for */
  int32_t *part;               /* the number of a row's text in the column to be summed over; NULL: no such column */
  testudo_i_names parts, workers; /* their texts; of workers none while all are numbers */
  bool named, cancelled;       /* are workers named? was any cancelled? */
  testudo_i_trace_lines *lines;
  size_t line_count, line_room;
} testudo_i_trace_reader;

/* Finds out which cell of the header, or of a first row without, is what. */
TESTUDO_CHECKED testudo_status testudo_i_trace_find_columns(testudo_i_trace_reader *r, bool *header,
                                                            testudo_error *error);

/* Begins a row: room for it in the array of every column that the file has (`at` is not negative). */
TESTUDO_CHECKED testudo_status testudo_i_trace_room(testudo_i_trace_reader *r, testudo_error *error);

/* The row's time, in the file's unit, to seconds; false where it is none. */
bool testudo_i_trace_seconds(const testudo_i_trace_reader *r, double value, double *seconds);

/* A worker by its name, whatever the file's workers were called up to now. */
TESTUDO_CHECKED testudo_status testudo_i_trace_name_worker(testudo_i_trace_reader *r, testudo_i_word name,
                                                           testudo_error *error);

/* The line of a row, where the file has lines; 0: it has none. */
int64_t testudo_i_trace_line(const testudo_i_trace_reader *r, int64_t row);

/* After the last row: names sorted; rows of one chunk added, or refused; cancelled ones given their times. */
TESTUDO_CHECKED testudo_status testudo_i_trace_finish(testudo_i_trace_reader *r, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_trace_gather(testudo_i_trace_reader *r, testudo_error *error);

/* The other forms than tables of text. */
TESTUDO_CHECKED testudo_status testudo_i_trace_array(testudo_i_trace_reader *r, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_trace_events(testudo_i_trace_reader *r, testudo_error *error);

#endif
