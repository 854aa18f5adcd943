/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a table of text, gzip or a NumPy array: every cell lies in the window, every element can be read. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

#include "base/npy.h"
#include "base/table.h"

#define LIMIT ((size_t)1 << 16)

static void check_refusal(testudo_status status, const testudo_error *error)
{
  if (status != TESTUDO_OK && (status != TESTUDO_ERROR_INPUT || error->text[0] == '\0'))
    abort();
}

static double look_at_row(testudo_i_table *table)
{
  double sum = 0.0, value;
  if (table->cells != table->columns || table->line < table->first)
    abort();
  for (size_t k = 0; k < table->cells; k++) {
    testudo_i_word cell = table->cell[k];
    for (size_t b = 0; b < cell.length; b++)
      sum += cell.at[b];
    if (cell.length > 0 && (cell.at < table->source->window ||
                            cell.at + cell.length > table->source->window + table->source->end))
      abort();
    if (testudo_i_table_real(table, k, &value) && !isfinite(value))
      abort();
    if (testudo_i_table_whole(table, k) < -1)
      abort();
  }
  return sum;
}

static void look_at_table(testudo_i_source *source, const testudo_i_table_options *options)
{
  testudo_i_table table = {0};
  testudo_error error = {""};
  bool more = true;
  testudo_status status = testudo_i_table_start(&table, source, options, &error);
  for (int64_t rows = 0; status == TESTUDO_OK && more; rows++) {
    status = testudo_i_table_row(&table, &more, &error);
    if (status == TESTUDO_OK && more) {
      (void)look_at_row(&table);
      (void)testudo_i_table_is_header(&table);
    }
  }
  check_refusal(status, &error);
  testudo_i_table_close(&table);
}

static void look_at_array(testudo_i_source *source)
{
  testudo_i_npy array;
  testudo_error error = {""};
  double sum = 0.0;
  testudo_status status = testudo_i_npy_read(&array, source, &error);
  check_refusal(status, &error);
  for (int64_t i = 0; status == TESTUDO_OK && array.count > 0 && i < array.shape[0]; i++)
    for (int64_t j = 0; j < array.shape[1]; j++)
      for (int64_t k = 0; k < array.shape[2]; k++)
        sum += testudo_i_npy_at(&array, i, j, k);
  (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const testudo_i_table_options asked[] = {
      {0, false}, {0, true}, {' ', false}, {';', true}, {',', true}, {'\t', false}};
  for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
    testudo_i_source source = {0};
    testudo_error error = {""};
    testudo_status status =
        testudo_i_source_start(&source, (const char *)data, size, "fuzz", LIMIT, &error);
    check_refusal(status, &error);
    if (status == TESTUDO_OK && testudo_i_npy_is(&source))
      look_at_array(&source);
    else if (status == TESTUDO_OK)
      look_at_table(&source, &asked[k]);
    testudo_i_source_close(&source);
  }
  return 0;
}
