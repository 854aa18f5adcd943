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
  if (f->kind == FIELD_BOOL || (f->kind == FIELD_ANSWER && field_is_known(f, result)))
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

static void csv_texts(csv_walk *walk, const field_texts *texts)
{
  for (size_t k = 0; k < texts->count; k++)
    csv_put(walk, walk->head ? texts->key[k] : texts->value[k] == NULL ? "" : texts->value[k]);
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
    else if (f->kind == FIELD_TEXTS && result != NULL)
      csv_texts(walk, (const void *)((const char *)result + f->at));
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

/* A line has the result, its row, and that row's row: */
enum { LEVELS = 4 };

typedef struct csv_level {
  const field *table;
  const void *row; /* NULL: its names alone */
  const char *name;
} csv_level;

static void csv_line(FILE *stream, bool head, const csv_level *level, int levels)
{
  csv_walk walk = {.stream = stream, .head = head};
  for (int k = 0; k < levels; k++)
    csv_fields(&walk, level[k].table, level[k].row, level[k].name);
  fputs("\r\n", stream);
}

/* head: the names, as deep as tables lie in tables; otherwise a line per innermost row. */
static void csv_lines(FILE *stream, bool head, csv_level *level, int levels)
{
  const field *rows = levels < LEVELS ? first_table(level[levels - 1].table) : NULL;
  if (rows == NULL) {
    csv_line(stream, head, level, levels);
    return;
  }
  const void *result = level[levels - 1].row;
  const char *row = result == NULL ? NULL : field_begin(rows, result);
  size_t count = row == NULL ? 0 : field_count(rows, result);
  level[levels] = (csv_level){rows->sub, count == 0 ? NULL : row, rows->key};
  for (size_t k = 0; k < (head ? 1 : count); k++) {
    level[levels].row = count == 0 ? NULL : row + k * rows->stride;
    csv_lines(stream, head, level, levels + 1);
  }
}

/* A group's table that has lines of its own: *group is the group; NULL: there is none. */
static const field *more_lines(const field *table, const field **group)
{
  for (const field *f = table; f->key != NULL; f++)
    for (const field *inner = f->kind == FIELD_GROUP ? f->sub : NULL; inner != NULL && inner->key != NULL; inner++)
      if (inner->lines) {
        *group = f;
        return inner;
      }
  return NULL;
}

/* A line per row of the first table, then of the other; each leaves the columns of the other empty. */
static void csv_both(FILE *stream, const field *table, const void *result, const field *group, const field *more)
{
  char name[PATH];
  const field *rows = first_table(table);
  const void *owner = field_begin(group, result);
  const char *row = field_begin(rows, result), *other = owner == NULL ? NULL : field_begin(more, owner);
  size_t count = field_count(rows, result), others = owner == NULL ? 0 : field_count(more, owner);
  snprintf(name, sizeof name, "%s.%s", group->key, more->key);
  csv_level level[] = {{table, result, ""}, {rows->sub, NULL, rows->key}, {more->sub, NULL, name}};
  csv_line(stream, true, level, 3);
  for (size_t k = 0; k == 0 || k < count + others; k++) {
    level[1].row = k < count ? row + k * rows->stride : NULL;
    level[2].row = k >= count && others > 0 ? other + (k - count) * more->stride : NULL;
    csv_line(stream, false, level, 3);
  }
}

void fields_write_csv(FILE *stream, const field *table, const void *result)
{
  const field *group, *more = more_lines(table, &group);
  if (more != NULL) {
    csv_both(stream, table, result, group, more);
    return;
  }
  csv_level level[LEVELS] = {{table, result, ""}};
  csv_lines(stream, true, level, 1);
  csv_lines(stream, false, level, 1);
}
