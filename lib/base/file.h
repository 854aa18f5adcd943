/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole files in, and files out that are either complete or absent. */
#ifndef TESTUDO_BASE_FILE_H
#define TESTUDO_BASE_FILE_H

#include <stddef.h>
#include <stdio.h>

#include <testudo/status.h>

/* Reads a whole file into *bytes (malloc, one zero byte beyond the end), or standard input where the path is "-".
   Refuses folders, devices other than terminals, and files over `limit`. */
TESTUDO_CHECKED testudo_status testudo_i_read_file(const char *path, size_t limit, char **bytes, size_t *length,
                                                   testudo_error *error);

/* Opens a file to be read, or standard input (which is not to be closed) where the path is "-". Refuses folders
   and devices other than terminals. *size is that of a regular file, a guess; otherwise 0. */
TESTUDO_CHECKED testudo_status testudo_i_open_file(const char *path, FILE **stream, size_t *size, testudo_error *error);

/* A file being written: the bytes go to a temporary name beside `path` and take its name at commit, so that an
   interrupted or failed command leaves the old file whole, and its rights to the new one. What a killed one has left
   beside it is removed. Links are followed to the file they name. A path that exists and is not a regular file (a pipe,
   a device) is written directly. */
typedef struct testudo_i_output {
  FILE *stream;    /* write here; errors are collected at commit */
  char *path;      /* where the links end */
  char *temporary; /* NULL when written directly */
} testudo_i_output;

TESTUDO_CHECKED testudo_status testudo_i_output_open(testudo_i_output *output, const char *path, testudo_error *error);

/* Flushes, syncs, closes, renames. On failure nothing of the new file remains. Frees the output's memory. */
TESTUDO_CHECKED testudo_status testudo_i_output_commit(testudo_i_output *output, testudo_error *error);

/* Drops the temporary file. Harmless after a commit or on a zeroed struct. */
void testudo_i_output_abandon(testudo_i_output *output);

#endif
