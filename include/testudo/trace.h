/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces: measured times of chunks, from files as they come (docs/file-format.md#traces). */
#ifndef TESTUDO_TRACE_H
#define TESTUDO_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the columns of a trace say. */
typedef enum testudo_trace_column {
  TESTUDO_TRACE_SECONDS,   /* a row's time */
  TESTUDO_TRACE_WORKER,    /* who, a whole number or a name */
  TESTUDO_TRACE_ITERATION, /* when, a whole number */
  TESTUDO_TRACE_CHUNK,     /* what, a whole number */
  TESTUDO_TRACE_CHUNKS,    /* of how many chunks a row is the time */
  TESTUDO_TRACE_CENSORED,  /* 1, true or yes: the time was at least that, its end was not seen */
  TESTUDO_TRACE_START,     /* of a time, where it is given by its ends */
  TESTUDO_TRACE_END,
  TESTUDO_TRACE_COLUMNS    /* how many there are */
} testudo_trace_column;

typedef enum testudo_trace_unit {
  TESTUDO_TRACE_UNIT_OWN,  /* microseconds where the file is a profiler's, otherwise seconds */
  TESTUDO_TRACE_UNIT_S,
  TESTUDO_TRACE_UNIT_MS,
  TESTUDO_TRACE_UNIT_US,
  TESTUDO_TRACE_UNIT_NS
} testudo_trace_unit;

/* How a file is read; zeroed: all by the file itself. */
typedef struct testudo_trace_options {
  char separator;          /* ',', ';', '\t', or ' ' for blanks and tabs; 0: by the first line */
  bool decimal_comma;      /* 0,5 is a half */
  testudo_trace_unit unit; /* of the times */
  const char *column[TESTUDO_TRACE_COLUMNS]; /* the name of a column, or its number from 1; NULL: by the usual names */
  const char *sum;         /* a column, "phase": rows that differ in it alone are parts of one chunk, which are added */
  const char *events;      /* of a profiler's file: a pattern of names, with * and ?; NULL: all that have a duration */
} testudo_trace_options;

typedef enum testudo_trace_form {
  TESTUDO_TRACE_TABLE,     /* columns with names, or numbers */
  TESTUDO_TRACE_MATRIX,    /* a row per iteration, a column per worker */
  TESTUDO_TRACE_EVENTS     /* a profiler's */
} testudo_trace_form;

/* A trace, row after row in the order of the file. */
typedef struct testudo_trace {
  int64_t rows;
  int64_t phases;          /* rows of the file that were added to others */
  int64_t incomplete;      /* chunks that have fewer of them than others: a part and its time may be missing */
  double *seconds;
  int32_t *worker;         /* or NULL where the file does not say it, as the next three */
  int32_t *iteration;
  int32_t *chunk;
  int32_t *chunks;         /* how many chunks a row is the time of; NULL: one each */
  bool *censored;          /* the row's chunk took at least its seconds, its end was not seen; NULL: none is */
  char **worker_name;      /* the text of worker w of the file, `names` of them, node2 before node10; NULL: workers are
                              called by their numbers */
  int32_t names;
  testudo_trace_form form;
  testudo_trace_unit unit; /* of the times in the file */
  char *taken[TESTUDO_TRACE_COLUMNS]; /* what the column is called in the file; NULL: there is none */
} testudo_trace;

/* Reads a trace from a file, or from standard input where the path is "-"; gzip is undone. `options` may be NULL.
   Every sentence names the line, or the place in an array. O(rows), where --sum or far-apart numbers make a sort
   necessary O(rows log rows); 20 bytes per row and little else. */
TESTUDO_CHECKED testudo_status testudo_trace_read(const char *path, const testudo_trace_options *options,
                                                  testudo_trace **trace, testudo_error *error);
void testudo_trace_free(testudo_trace *trace);

#ifdef __cplusplus
}
#endif
#endif
