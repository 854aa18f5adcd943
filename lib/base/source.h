/* SPDX-License-Identifier: BSD-3-Clause */
/* The bytes of a file, of standard input or of memory, a window at a time; gzip is undone on the way. */
#ifndef TESTUDO_BASE_SOURCE_H
#define TESTUDO_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <testudo/status.h>

typedef struct testudo_i_source {
  const char *name;    /* lent */
  char *window;        /* bytes at..end are read and not used yet: the reader moves `at` on, and may write there */
  size_t at, end, room;
  bool over;           /* nothing comes behind `end` */
  FILE *stream;        /* where from: this, .. */
  const char *memory;  /* .. or these bytes (lent) */
  size_t left, limit;  /* of them; how many bytes may come in all, gzip undone */
  struct testudo_i_gzip *gzip; /* NULL: as they are */
} testudo_i_source; /* zeroed: closed */

/* Opens a file, or standard input where the path is "-"; refuses folders. Then fills the window a first time. */
TESTUDO_CHECKED testudo_status testudo_i_source_open(testudo_i_source *source, const char *path, size_t limit,
                                                     testudo_error *error);

/* The same of bytes in memory, which must outlive it. */
TESTUDO_CHECKED testudo_status testudo_i_source_start(testudo_i_source *source, const char *bytes, size_t length,
                                                      const char *name, size_t limit, testudo_error *error);

/* More bytes behind `end`, or `over`. What lies at at..end may move: pointers into the window are lost. */
TESTUDO_CHECKED testudo_status testudo_i_source_fill(testudo_i_source *source, testudo_error *error);

/* All that is to come lies at at..end, one zero byte behind it. */
TESTUDO_CHECKED testudo_status testudo_i_source_all(testudo_i_source *source, testudo_error *error);

/* Do the bytes to come begin with these? False where fewer are left. */
bool testudo_i_source_begins(const testudo_i_source *source, const char *bytes, size_t length);

/* Refuses archives, spreadsheets, other encodings than UTF-8, .. by how they begin: "name: is a zip archive ..". */
TESTUDO_CHECKED testudo_status testudo_i_source_check_text(const testudo_i_source *source, testudo_error *error);

/* Harmless on a closed one. */
void testudo_i_source_close(testudo_i_source *source);

#endif
