/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a table of designs: refused with a sentence, or rows in order, each of which is found and is written so
   that it comes back. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "best/row.h"

static void require(int holds)
{
  if (!holds)
    abort();
}

static void use(const testudo_best_table *table)
{
  for (size_t k = 0; k < testudo_best_rows(table); k++) {
    const testudo_best_row *row = testudo_best_row_at(table, k);
    require(testudo_best_find(table, &row->key) == row);
    require(k == 0 || testudo_i_best_row_order(testudo_best_row_at(table, k - 1), row) < 0);
    require((row->command == NULL) != (row->file == NULL) && row->value.low <= row->value.high);
    testudo_i_arena arena = {0};
    testudo_i_best_held again = {.row = {.file = NULL}};
    require(testudo_i_best_row_copy(row, &again, &arena, NULL) == TESTUDO_OK);
    require(testudo_i_best_row_order(row, &again.row) == 0 && again.row.orders == row->orders);
    testudo_i_delay_terms_clear(&again.terms);
    testudo_i_arena_clear(&arena);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_best_table *table;
  testudo_error error = {""};
  testudo_status status = testudo_best_parse((const char *)data, size, "fuzz", &table, &error);
  if (status == TESTUDO_OK)
    use(table);
  else {
    require(status == TESTUDO_ERROR_INPUT && table == NULL);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
  }
  testudo_best_free(table);
  return 0;
}
