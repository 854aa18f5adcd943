/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table show`: rows as text, JSON and CSV by their fields, as Markdown and as a page. */
#include "table/table.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/output.h"

static testudo_status select_rows(cli_table *t, testudo_error *error)
{
  size_t rows = testudo_best_rows(t->table);
  t->row = testudo_i_arena_calloc(&t->arena, rows, sizeof *t->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  for (size_t k = 0; k < rows; k++) {
    const testudo_best_row *row = testudo_best_row_at(t->table, k);
    if (table_selects(t, row))
      TESTUDO_I_TRY(table_show_row(t, row, &t->row[t->rows++], error));
  }
  return TESTUDO_OK;
}

/* ---- Markdown ---- */

/* What would end a cell is escaped. */
static void put_cell(FILE *stream, const char *text)
{
  for (; *text != '\0'; text++) {
    if (strchr("|\\`*_<", *text) != NULL)
      fputc('\\', stream);
    fputc(*text, stream);
  }
}

static void put_number(FILE *stream, double number, int digits, const char *unit)
{
  if (isfinite(number))
    fprintf(stream, " %.*g%s |", digits, number, unit);
  else
    fputs(" |", stream);
}

void table_write_markdown(FILE *stream, const cli_table *t)
{
  fputs("| workers | load | c | l | delay | objective | value (s) | | bound (s) | gap | over named | method | design"
        " |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n", stream);
  for (size_t k = 0; k < t->rows; k++) {
    const table_row *row = &t->row[k];
    fprintf(stream, "| %d | %g | %d | %d | ", (int)row->workers, row->load_limit, (int)row->granularity,
            (int)row->parts);
    put_cell(stream, row->delay);
    fprintf(stream, " | %s |", row->objective);
    put_number(stream, row->value, 6, "");
    fprintf(stream, " %s |", row->kind);
    put_number(stream, row->bound, 6, "");
    put_number(stream, table_gap(row), 3, " %");
    put_number(stream, table_gain(row), 3, " %");
    fputc(' ', stream);
    put_cell(stream, row->method);
    fprintf(stream, " | `%s` |\n", row->design);
  }
}

static void write_csv(FILE *stream, const cli_table *t)
{
  fields_write_csv(stream, table_csv_fields, t);
}

/* ---- where it goes ---- */

static testudo_status write_as(cli_table *t, const char *path, void (*write)(FILE *, const cli_table *),
                               testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  write(output.stream, t);
  TESTUDO_I_TRY(session_output_end(&output, TESTUDO_OK, error));
  if (!cli_is_standard(path))
    report_show(t->arguments, table_fields, t);
  return TESTUDO_OK;
}

testudo_status table_show(cli_table *t, testudo_error *error)
{
  static void (*const writers[])(FILE *, const cli_table *) = {write_csv, table_write_markdown, table_write_page};
  const char *path = cli_text(t->arguments, "output", NULL);
  int ending = path == NULL ? -1 : cli_ending(path, ".csv .md .html");
  TESTUDO_I_TRY(select_rows(t, error));
  return ending < 0 ? report_write(t->arguments, table_fields, t, error) : write_as(t, path, writers[ending], error);
}
