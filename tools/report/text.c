/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as text: a line a field, tables as columns that are as wide as what stands in them. */
#include "report/field.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { CELL = 128, MOST_COLUMNS = 24 };

static void number_text(const field *f, double number, char text[CELL])
{
  if (isfinite(number))
    snprintf(text, CELL, "%.*g", f->digits > 0 ? f->digits : 9, number);
  else
    snprintf(text, CELL, isnan(number) ? "-" : "infinite");
}

static void cell_text(const field *f, const void *result, char text[CELL])
{
  static const char *const yes_no[] = {"no", "yes"};
  if (!field_is_known(f, result) && f->kind != FIELD_REAL)
    snprintf(text, CELL, "-");
  else if (f->kind == FIELD_BOOL || f->kind == FIELD_ANSWER)
    snprintf(text, CELL, "%s", (f->words != NULL ? f->words : yes_no)[field_number(f, result) != 0.0]);
  else if (f->kind == FIELD_TEXT || f->kind == FIELD_WORD)
    snprintf(text, CELL, "%s", field_text(f, result));
  else if (f->kind == FIELD_REAL)
    number_text(f, field_number(f, result), text);
  else
    snprintf(text, CELL, "%.0f", field_number(f, result));
}

static bool is_shown(const field *f, const void *result)
{
  if (f->said != NULL)
    return field_number(f, result) != 0.0;
  return f->when != NULL ? f->when(result) : field_is_known(f, result);
}

/* ---- tables ---- */

/* Either structs one after the other, or one struct whose lists lie side by side. */
typedef struct text_table {
  const void *rows;
  size_t count, stride; /* stride 0: lists */
  const field *column[MOST_COLUMNS];
  int width[MOST_COLUMNS];
  size_t columns;
} text_table;

static bool is_list(const field *f)
{
  return f->kind == FIELD_REALS || f->kind == FIELD_INT32S || f->kind == FIELD_INT64S;
}

static void entry_text(const field *f, const void *list, size_t k, char text[CELL])
{
  if (f->kind == FIELD_REALS)
    number_text(f, ((const double *)list)[k], text);
  else
    snprintf(text, CELL, "%lld", f->kind == FIELD_INT32S ? ((const int32_t *)list)[k]
                                                         : (long long)((const int64_t *)list)[k]);
}

/* Row 0 is the heading. */
static void table_text(const text_table *table, size_t row, size_t column, char text[CELL])
{
  const field *f = table->column[column];
  if (row == 0)
    snprintf(text, CELL, f->unit == NULL ? "%s" : "%s (%s)", f->label, f->unit);
  else if (table->stride == 0)
    entry_text(f, field_begin(f, table->rows), row - 1, text);
  else
    cell_text(f, (const char *)table->rows + (row - 1) * table->stride, text);
}

static bool is_right(const field *f)
{
  return f->kind != FIELD_TEXT && f->kind != FIELD_WORD && f->kind != FIELD_BOOL && f->kind != FIELD_ANSWER;
}

static void print_row(FILE *stream, const text_table *table, size_t row)
{
  for (size_t c = 0; c < table->columns; c++) {
    char text[CELL];
    table_text(table, row, c, text);
    if (is_right(table->column[c]))
      fprintf(stream, "  %*s", table->width[c], text);
    else
      fprintf(stream, "  %-*s", c + 1 == table->columns ? 0 : table->width[c], text);
  }
  fputc('\n', stream);
}

static void print_table(FILE *stream, text_table *table)
{
  for (size_t c = 0; c < table->columns; c++)
    for (size_t row = 0; row <= table->count; row++) {
      char text[CELL];
      table_text(table, row, c, text);
      table->width[c] = (int)strlen(text) > table->width[c] ? (int)strlen(text) : table->width[c];
    }
  for (size_t row = 0; row <= table->count && table->columns > 0; row++)
    print_row(stream, table, row);
}

static bool holds_of_any(const field *f, const char *rows, size_t count, size_t stride)
{
  bool any = f->when == NULL;
  for (size_t k = 0; k < count && !any; k++)
    any = f->when(rows + k * stride);
  return any;
}

/* Columns are the fields with a label whose `when`, asked of the rows, holds of one. */
void fields_print_rows(FILE *stream, const field *fields, const void *rows, size_t count, size_t stride)
{
  text_table table = {.rows = rows, .count = count, .stride = stride};
  for (const field *f = fields; f->key != NULL && count > 0 && table.columns < MOST_COLUMNS; f++)
    if (f->label != NULL && holds_of_any(f, rows, count, stride))
      table.column[table.columns++] = f;
  print_table(stream, &table);
}

static void print_lists(FILE *stream, const field *fields, const void *result)
{
  text_table table = {.rows = result};
  for (const field *f = fields; f->key != NULL && table.columns < MOST_COLUMNS; f++)
    if (f->label != NULL && is_list(f) && is_shown(f, result)) {
      table.count = field_count(f, result);
      table.column[table.columns++] = f;
    }
  print_table(stream, &table);
}

/* ---- lines ---- */

void fields_label(FILE *stream, const char *label)
{
  fprintf(stream, "  %-*s", FIELDS_LABEL, label);
}

void fields_line(FILE *stream, const char *label, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  fields_label(stream, label);
  vfprintf(stream, format, list);
  va_end(list);
}

static void print_map(FILE *stream, const field *f, const void *result)
{
  const field_map *map = (const void *)((const char *)result + f->at);
  for (size_t k = 0; k < map->count; k++) {
    char label[CELL], value[CELL];
    int length = snprintf(label, sizeof label, "%s %s", f->label, map->key[k]);
    number_text(f, map->value[k], value);
    fields_label(stream, label);
    fprintf(stream, "%s%s%s%s\n", length < FIELDS_LABEL ? "" : "  ", value, f->unit == NULL ? "" : " ",
            f->unit == NULL ? "" : f->unit);
  }
}

static void print_list(FILE *stream, const field *f, const void *result)
{
  enum { SHOWN = 16 };
  size_t count = field_count(f, result);
  for (size_t k = 0; k < count && k < SHOWN; k++) {
    char text[CELL];
    entry_text(f, field_begin(f, result), k, text);
    fprintf(stream, "%s%s", k > 0 ? ", " : "", text);
  }
  fputs(count > SHOWN ? ", .." : "", stream);
}

static void print_line(FILE *stream, const field *f, const void *result)
{
  char text[CELL];
  fields_label(stream, f->label);
  if (is_list(f))
    print_list(stream, f, result);
  else if (f->kind == FIELD_TEXT)
    fputs(field_text(f, result), stream); /* as long as it is */
  else {
    cell_text(f, result, text);
    fputs(text, stream);
  }
  fprintf(stream, f->unit == NULL ? "\n" : " %s\n", f->unit);
}

static void print_inner(FILE *stream, const field *f, const void *result)
{
  const void *inner = field_begin(f, result);
  if (f->kind == FIELD_TABLE)
    fields_print_rows(stream, f->sub, inner, field_count(f, result), f->stride);
  else if (f->columns)
    print_lists(stream, f->sub, inner);
  else
    fields_print(stream, f->sub, inner);
}

void fields_print(FILE *stream, const field *table, const void *result)
{
  for (const field *f = table; f->key != NULL; f++) {
    bool inner = f->kind == FIELD_GROUP || f->kind == FIELD_TABLE;
    bool shown = f->label != NULL || f->said != NULL || f->phrase != NULL || f->key[0] == '\0';
    if (!shown || !is_shown(f, result))
      continue;
    if (f->phrase != NULL)
      f->phrase(stream, result);
    if (f->said != NULL)
      fputs(f->said, stream);
    else if (inner)
      print_inner(stream, f, result);
    else if (f->kind == FIELD_MAP && f->phrase == NULL)
      print_map(stream, f, result);
    else if (f->phrase == NULL)
      print_line(stream, f, result);
  }
}
