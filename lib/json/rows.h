/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of arrays of numbers, read without a tree: the big members of a design of 10^6 workers would be half a
   gigabyte of tree. */
#ifndef TESTUDO_JSON_ROWS_H
#define TESTUDO_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Row k has the entries row[k] .. row[k + 1] - 1, of `index` (integers in 0..2^31 - 1) or of `number`; the other is
   NULL. */
typedef struct testudo_i_json_rows {
  int64_t rows;
  int64_t *row;
  int32_t *index;
  double *number;
} testudo_i_json_rows;

/* An index written -0, which a tree takes for 0: its row and its place in it, from 0. */
typedef struct testudo_i_json_minus {
  bool met;
  int64_t row, place;
} testudo_i_json_minus;

/* Reads the value at the start of `bytes` and answers how many bytes it takes. 0, and nothing made, where it is not
   plainly an array of arrays of such numbers (a broken one, say, or one with a number that only a tree can judge) or
   where there is no memory; *minus reports an index -0 where it stopped. O(length), two passes. */
size_t testudo_i_json_rows_scan(const char *bytes, size_t length, bool indices, testudo_i_json_rows *rows,
                                testudo_i_json_minus *minus);

void testudo_i_json_rows_free(testudo_i_json_rows *rows);

/* A member to be read so: `key` of the root, or of the root's object `object`. */
typedef struct testudo_i_json_lean {
  const char *object; /* NULL for the root */
  const char *key;
  bool indices;
} testudo_i_json_lean;

#define TESTUDO_I_JSON_LEAN 2

/* Where wanted members stand in a text: bytes begin .. end - 1; end is 0 for one that was not read. */
typedef struct testudo_i_json_cut {
  size_t begin, end;
  testudo_i_json_rows rows;
  testudo_i_json_minus minus;
} testudo_i_json_cut;

/* Finds and reads the first occurrence of each of the `count` wanted members. In a text that is not JSON it may find
   what is none, but never cuts a text so that the rest is JSON when the whole is not: what stands before a cut is read
   as JSON reads it, and what is cut is an array. */
void testudo_i_json_cut_out(const char *bytes, size_t length, const testudo_i_json_lean *wanted, size_t count,
                            testudo_i_json_cut *cut);

#endif
