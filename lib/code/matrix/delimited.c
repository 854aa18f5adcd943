/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers parted by commas, semicolons, tabs or blanks, a line per worker; names of columns and rows are stepped over,
   as R and pandas write them. */
#include "base/error.h"
#include "base/table.h"
#include "code/matrix/matrix.h"

/* 0, 1, 1.0, 1e+00, 0,5 where commas part no cells; TRUE and FALSE. */
static bool matrix_cell(testudo_i_table *table, size_t k, double *value)
{
  testudo_i_word cell = table->cell[k];
  if (cell.length == 1 && (*cell.at == '0' || *cell.at == '1')) {
    *value = *cell.at - '0';
    return true;
  }
  *value = testudo_i_word_is(cell, "true");
  return *value == 1.0 || testudo_i_word_is(cell, "false") || testudo_i_table_real(table, k, value);
}

/* The corner of a table with names of columns and of rows. */
static bool is_corner(testudo_i_word cell)
{
  static const char *const words[] = {"", "worker", "workers", "rank", "host", "node", "row", "index", "id", "name"};
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (testudo_i_word_is(cell, words[k]))
      return true;
  return false;
}

/* Where the matrix lies in every row: behind names of rows, before an empty cell that every line ends with. */
typedef struct matrix_cells {
  size_t first, end;
} matrix_cells;

/* A first row of names, or, where no cell but 0 and 1 is wanted, of the numbers 0, 1, 2, .. */
static bool is_header(testudo_i_table *table, bool weighted, matrix_cells *cells)
{
  char point = table->point;
  double value;
  size_t count = table->cells;
  cells->end = count > 1 && table->cell[count - 1].length == 0 ? count - 1 : count;
  cells->first = cells->end > 1 && is_corner(table->cell[0]);
  bool names = true, numbered = !weighted && cells->end > 2;
  for (size_t k = cells->first; k < cells->end && (names || numbered); k++) {
    names = names && table->cell[k].length > 0 && !matrix_cell(table, k, &value);
    numbered = numbered && testudo_i_word_count(table->cell[k]) == (int64_t)k;
  }
  table->point = point;
  return names || numbered || cells->first > 0;
}

static testudo_status matrix_row(testudo_i_table *table, testudo_i_matrix *matrix, const matrix_cells *cells,
                                 testudo_error *error)
{
  for (size_t k = cells->first; k < table->cells; k++) {
    double value;
    if (k == cells->end && table->cell[k].length == 0)
      continue;
    if (k >= cells->end || !matrix_cell(table, k, &value))
      return testudo_i_table_fail(table, error, k < cells->end ? "column %zu is \"%s\", which is not a number"
                                                              : "column %zu is \"%s\", but the first row has none",
                                  k + 1 - cells->first, testudo_i_table_quote(table, k).text);
    TESTUDO_I_TRY(testudo_i_matrix_put(matrix, matrix->workers, (int64_t)(k - cells->first), value, table->cell[k],
                                       table->line, error));
  }
  if (matrix->workers++ == TESTUDO_MAX_WORKERS)
    return testudo_i_table_fail(table, error, "more than %d rows", TESTUDO_MAX_WORKERS);
  matrix->chunks = (int32_t)(cells->end - cells->first);
  matrix->line = table->line;
  return TESTUDO_OK;
}

testudo_status testudo_i_matrix_read_table(testudo_i_source *source, testudo_i_matrix *matrix, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_table_close) testudo_i_table table = {0};
  matrix_cells cells = {0, 0};
  bool more;
  TESTUDO_I_TRY(testudo_i_table_start(&table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_row(&table, &more, error));
  if (more && is_header(&table, matrix->options.weighted, &cells))
    TESTUDO_I_TRY(testudo_i_table_row(&table, &more, error));
  while (more) {
    TESTUDO_I_TRY(matrix_row(&table, matrix, &cells, error));
    TESTUDO_I_TRY(testudo_i_table_row(&table, &more, error));
  }
  return TESTUDO_OK;
}
