/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices and orders from files: readers find entries, matrix.c makes an assignment of them. */
#ifndef TESTUDO_CODE_MATRIX_MATRIX_H
#define TESTUDO_CODE_MATRIX_MATRIX_H

#include <testudo/code.h>

#include "base/arena.h"
#include "base/npy.h"
#include "base/text.h"

typedef struct testudo_i_entry {
  int32_t worker, chunk; /* until all are there, and of a transposed matrix: row and column */
  int32_t line;          /* a file of TESTUDO_MAX_FILE_BYTES has no more lines than fit */
} testudo_i_entry;

/* What a reader has found. Grows with the file's text, never with the sizes that its header claims. */
typedef struct testudo_i_matrix {
  const char *name, *unit; /* of sentences: "name: line 3: .." */
  testudo_matrix_options options;
  bool places;             /* weights, which are those of an order: the places of chunks, from 1 */
  int32_t workers, chunks; /* as worker and chunk of the entries */
  int64_t line;            /* where the size is said, or the last one */
  testudo_i_entry *entry;
  double *weight;          /* one per entry where weights are wanted, else NULL */
  size_t count, room, weight_room;
} testudo_i_matrix;

/* An entry that is not 0; `text` is the value as the file has it. Refused: other than 1, unless weights are wanted. */
TESTUDO_CHECKED testudo_status testudo_i_matrix_put(testudo_i_matrix *matrix, int64_t row, int64_t column, double value,
                                                    testudo_i_word text, int64_t line, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_matrix_add(testudo_i_matrix *matrix, int32_t worker, int32_t chunk,
                                                    int64_t line, testudo_error *error);
void testudo_i_matrix_clear(testudo_i_matrix *matrix);

/* The rows of the entries, each worker's in the order in which they come; weights too where there are. */
TESTUDO_CHECKED testudo_status testudo_i_matrix_deal(const testudo_i_matrix *matrix, const testudo_i_entry *entry,
                                                     const double *weight, testudo_matrix *made, testudo_error *error);

/* Each reads the whole source. */
TESTUDO_CHECKED testudo_status testudo_i_matrix_read_market(testudo_i_source *source, testudo_i_matrix *matrix,
                                                            testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_matrix_read_table(testudo_i_source *source, testudo_i_matrix *matrix,
                                                           testudo_error *error);

/* Whole numbers, a row per worker, -1 behind the last; as an order of given workers, or of its own (zeroed). */
TESTUDO_CHECKED testudo_status testudo_i_orders_of_array(const testudo_i_npy *array, const char *name,
                                                         testudo_assignment *assignment, testudo_error *error);

#endif
