/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as CSV: a line a row of its first table, before it what is said once. */
#include "report/field.h"

#include <math.h>
#include <string.h>

enum { PATH = 200 };

typedef struct csv_walk {
  FILE *stream;
  bool head;   /* names, otherwise values */
  bool begun;  /* the line has a cell */
} csv_walk;

static bool csv_is_plain(const field *f)
{
  return f->kind < FIELD_REALS;
}

static void csv_put(csv_walk *walk, const char *text)
{
  fputs(walk->begun ? "," : "", walk->stream);
  walk->begun = true;
  if (strpbrk(text, ",\"\r\n") == NULL) {
    fputs(text, walk->stream);
    return;
  }
  fputc('"', walk->stream);
  for (; *text != '\0'; text++)
    fprintf(walk->stream, *text == '"' ? "\"\"" : "%c", *text);
  fputc('"', walk->stream);
}

static void csv_put_number(csv_walk *walk, double number, field_kind kind)
{
  char text[64] = "";
  if (kind == FIELD_REAL && isfinite(number))
    snprintf(text, sizeof text, "%.17g", number);
  else if (kind != FIELD_REAL && number >= 0.0)
    snprintf(text, sizeof text, "%.0f", number);
  csv_put(walk, text);
}

static void csv_put_plain(csv_walk *walk, const field *f, const void *result)
{
  const char *text = f->kind == FIELD_TEXT || f->kind == FIELD_WORD ? field_text(f, result) : "";
  if (f->kind == FIELD_BOOL)
    csv_put(walk, field_number(f, result) != 0.0 ? "true" : "false");
  else if (f->kind == FIELD_TEXT || f->kind == FIELD_WORD)
    csv_put(walk, text == NULL ? "" : text);
  else
    csv_put_number(walk, field_number(f, result), f->kind);
}

static void csv_map(csv_walk *walk, const char *path, const field_map *map)
{
  for (size_t k = 0; k < map->count; k++) {
    char name[2 * PATH];
    snprintf(name, sizeof name, "%s.%s", path, map->key[k]);
    if (walk->head)
      csv_put(walk, name);
    else
      csv_put_number(walk, map->value == NULL ? NAN : map->value[k], FIELD_REAL);
  }
}

/* result: NULL for the names of a group that is not known. */
static void csv_fields(csv_walk *walk, const field *table, const void *result, const char *before)
{
  for (const field *f = table; f->key != NULL; f++) {
    char path[PATH];
    snprintf(path, sizeof path, "%s%s%s", before, before[0] != '\0' && f->key[0] != '\0' ? "." : "", f->key);
    if (f->kind == FIELD_GROUP)
      csv_fields(walk, f->sub, result == NULL ? NULL : field_begin(f, result), f->key[0] == '\0' ? before : path);
    else if (f->kind == FIELD_MAP && result != NULL)
      csv_map(walk, path, (const void *)((const char *)result + f->at));
    else if (csv_is_plain(f) && walk->head)
      csv_put(walk, path);
    else if (csv_is_plain(f) && result == NULL)
      csv_put(walk, "");
    else if (csv_is_plain(f))
      csv_put_plain(walk, f, result);
  }
}

static const field *first_table(const field *table)
{
  while (table->key != NULL && table->kind != FIELD_TABLE)
    table++;
  return table->key == NULL ? NULL : table;
}

static void csv_line(FILE *stream, bool head, const field *table, const void *result, const field *rows,
                     const void *row)
{
  csv_walk walk = {.stream = stream, .head = head};
  csv_fields(&walk, table, result, "");
  if (rows != NULL)
    csv_fields(&walk, rows->sub, row, rows->key);
  fputs("\r\n", stream);
}

void fields_write_csv(FILE *stream, const field *table, const void *result)
{
  const field *rows = first_table(table);
  const char *row = rows == NULL ? NULL : field_begin(rows, result);
  size_t count = rows == NULL || row == NULL ? 0 : field_count(rows, result);
  csv_line(stream, true, table, result, rows, count == 0 ? NULL : row);
  for (size_t k = 0; k < (rows == NULL ? 1 : count); k++)
    csv_line(stream, false, table, result, rows, rows == NULL ? NULL : row + k * rows->stride);
}
