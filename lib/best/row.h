/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row as a line of JSON (docs/file-format.md#tables-of-designs). */
#ifndef TESTUDO_BEST_ROW_H
#define TESTUDO_BEST_ROW_H

#include <stdbool.h>

#include <testudo/best.h>

#include "base/arena.h"
#include "delay/delay_json.h"
#include "json/read.h"
#include "json/write.h"

/* What a row of a table holds besides the row itself. */
typedef struct testudo_i_best_held {
  testudo_best_row row;
  testudo_i_delay_terms terms; /* of the key's model */
} testudo_i_best_held;

/* From an object; texts lie in the arena, the terms are the caller's to clear whatever the answer. TESTUDO_ERROR_INPUT
   with the place. */
TESTUDO_CHECKED testudo_status testudo_i_best_row_read(const testudo_i_json_document *document,
                                                       testudo_i_best_held *held, testudo_i_arena *arena,
                                                       testudo_error *error);

/* Every member of the object, and of those in it, is one that the row is written with: others would be lost when the
   table is written anew. TESTUDO_ERROR_INPUT with the place of one that is not. */
TESTUDO_CHECKED testudo_status testudo_i_best_row_is_whole(const testudo_i_json_document *document,
                                                           const testudo_best_row *row, testudo_error *error);

/* Refuses a member that would be lost so. */
TESTUDO_CHECKED testudo_status testudo_i_best_refuse_lost(const testudo_i_json_at *at, const char *key);

/* Is it a day of the calendar, year-month-day? */
bool testudo_i_best_is_date(const char *text);

/* The outermost object. */
void testudo_i_best_row_put(testudo_i_json_writer *writer, const testudo_best_row *row);

/* A copy whose texts, and whose model, are its own: as it would be read back. */
TESTUDO_CHECKED testudo_status testudo_i_best_row_copy(const testudo_best_row *row, testudo_i_best_held *held,
                                                       testudo_i_arena *arena, testudo_error *error);

/* By law, objective, parts, workers, load, granularity and copies; 0 for the same cell. */
int testudo_i_best_row_order(const testudo_best_row *a, const testudo_best_row *b);

/* The model of a key as rows have it, compact JSON; malloc. */
TESTUDO_CHECKED testudo_status testudo_i_best_delay_text(const testudo_delay_model *model, char **text,
                                                         testudo_error *error);

#endif
