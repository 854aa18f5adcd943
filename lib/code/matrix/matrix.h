/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments from matrix files: workers x chunks, an entry where the worker holds the chunk. */
#ifndef TESTUDO_CODE_MATRIX_MATRIX_H
#define TESTUDO_CODE_MATRIX_MATRIX_H

#include <testudo/code.h>

#include "base/text.h"

typedef struct testudo_i_entry {
  int32_t worker, chunk;
  int32_t line; /* a file of TESTUDO_MAX_FILE_BYTES has no more lines than fit */
} testudo_i_entry;

/* What a reader has found. Grows with the file's text, never with the sizes that its header claims. */
typedef struct testudo_i_matrix {
  int32_t workers, chunks;
  testudo_i_entry *entry;
  size_t count, room;
} testudo_i_matrix;

TESTUDO_CHECKED testudo_status testudo_i_matrix_add(testudo_i_matrix *matrix, int32_t worker, int32_t chunk,
                                                    int64_t line, testudo_error *error);
void testudo_i_matrix_clear(testudo_i_matrix *matrix);

/* The rows of the entries, each worker's in the order in which they come. */
TESTUDO_CHECKED testudo_status testudo_i_matrix_deal(const testudo_i_matrix *matrix, const testudo_i_entry *entry,
                                                     testudo_assignment *assignment, testudo_error *error);

/* Each reads the whole text. */
TESTUDO_CHECKED testudo_status testudo_i_matrix_read_market(testudo_i_text *text, testudo_i_matrix *matrix,
                                                            testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_matrix_read_csv(testudo_i_text *text, testudo_i_matrix *matrix,
                                                         testudo_error *error);

#endif
