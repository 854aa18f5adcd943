/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as CSV files: what data.c writes, or a user: a point per row, with what it belongs to. */
#include "figure/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "option/option.h"

enum { X, Y, LOW, HIGH, NUMBERS, SERIES = NUMBERS, KIND, COLUMNS, MOST_SERIES = 64, MOST_MARKED = 60 };
static const char *const column_name[COLUMNS] = {"x", "y", "low", "high", "series", "kind"};

typedef struct csv_point {
  double value[NUMBERS]; /* NAN: none */
  size_t series;
} csv_point;

/* A series: its points are of one name and one kind. */
typedef struct csv_series {
  const char *name;
  int kind;              /* -1: not said */
} csv_series;

typedef struct figure_csv {
  const char *path;
  testudo_i_source source;
  testudo_i_table table;
  int64_t at[COLUMNS];   /* the cell of each column; -1: there is none */
  csv_series series[MOST_SERIES];
  size_t count;
  csv_point *point;
  size_t points, room;
  size_t left_out;       /* rows without a finite place */
} figure_csv;

static void csv_close(figure_csv *csv)
{
  testudo_i_table_close(&csv->table);
  testudo_i_source_close(&csv->source);
  free(csv->point);
}

/* ---- reading ---- */

static testudo_status read_head(figure_csv *csv, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_table_start(&csv->table, &csv->source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_first(&csv->table, error));
  for (int k = 0; k < COLUMNS; k++)
    TESTUDO_I_TRY(testudo_i_table_find(&csv->table, column_name[k], &csv->at[k], error));
  if (csv->at[X] < 0 || (csv->at[Y] < 0 && (csv->at[LOW] < 0 || csv->at[HIGH] < 0)))
    return testudo_i_table_fail(&csv->table, error, "the first row must name columns x and y; low and high (ends of a"
                                                    " bar or band), series (what a point belongs to) and kind (%s)"
                                                    " are optional", FIGURE_KINDS);
  return TESTUDO_OK;
}

static testudo_status read_kind(figure_csv *csv, int *kind, testudo_error *error)
{
  *kind = -1;
  if (csv->at[KIND] < 0 || csv->table.cell[csv->at[KIND]].length == 0)
    return TESTUDO_OK;
  for (int k = 0; k <= FIGURE_BARS; k++)
    if (testudo_i_word_is(csv->table.cell[csv->at[KIND]], figure_kind_words[k]))
      *kind = k;
  return *kind >= 0 ? TESTUDO_OK
                    : testudo_i_table_fail(&csv->table, error, "kind '%s' is unknown; wanted: %s",
                                           testudo_i_table_quote(&csv->table, (size_t)csv->at[KIND]).text,
                                           FIGURE_KINDS);
}

static testudo_status find_series(figure_csv *csv, size_t *at, testudo_i_arena *arena, testudo_error *error)
{
  const char *file = cli_basename(csv->path);
  const testudo_i_word cell = csv->at[SERIES] < 0 ? (testudo_i_word){file, strlen(file)}
                                                  : csv->table.cell[csv->at[SERIES]];
  csv_series *found = csv->series;
  int kind;
  TESTUDO_I_TRY(read_kind(csv, &kind, error));
  for (*at = 0; *at < csv->count; ++*at, found++)
    if (found->kind == kind && strlen(found->name) == cell.length && memcmp(found->name, cell.at, cell.length) == 0)
      return TESTUDO_OK;
  if (csv->count == MOST_SERIES)
    return testudo_i_table_fail(&csv->table, error, "more than %d series, too many to tell apart",
                                (int)MOST_SERIES);
  if (!testudo_i_word_is_printable(cell))
    return testudo_i_table_fail(&csv->table, error, "series '%s' is not printable", testudo_i_word_quote(cell).text);
  char *name = testudo_i_arena_calloc(arena, cell.length + 1, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(name != NULL, error));
  memcpy(name, cell.at, cell.length);
  csv->series[csv->count++] = (csv_series){name, kind};
  return TESTUDO_OK;
}

/* Empty cells, nan and inf are no place on an axis; words are an error. */
static testudo_status read_number(figure_csv *csv, int column, double *value, testudo_error *error)
{
  *value = NAN;
  if (csv->at[column] < 0 || testudo_i_table_real(&csv->table, (size_t)csv->at[column], value))
    return TESTUDO_OK;
  *value = NAN;
  if (!testudo_i_table_is_text(&csv->table, (size_t)csv->at[column]))
    return TESTUDO_OK;
  return testudo_i_table_fail(&csv->table, error, "%s '%s' is not a number", column_name[column],
                              testudo_i_table_quote(&csv->table, (size_t)csv->at[column]).text);
}

static testudo_status read_points(figure_csv *csv, testudo_i_arena *arena, testudo_error *error)
{
  for (bool more;;) {
    csv_point point;
    TESTUDO_I_TRY(testudo_i_table_row(&csv->table, &more, error));
    if (!more)
      break;
    for (int k = 0; k < NUMBERS; k++)
      TESTUDO_I_TRY(read_number(csv, k, &point.value[k], error));
    TESTUDO_I_TRY(find_series(csv, &point.series, arena, error));
    bool between = !isnan(point.value[LOW]) && !isnan(point.value[HIGH]);
    if (between && point.value[LOW] > point.value[HIGH])
      return testudo_i_table_fail(&csv->table, error, "low is above high");
    if (isnan(point.value[X]) || (isnan(point.value[Y]) && !between)) {
      csv->left_out++;
      continue;
    }
    TESTUDO_I_TRY(TESTUDO_I_GROW(csv->point, csv->room, csv->points + 1, error));
    csv->point[csv->points++] = point;
  }
  if (csv->points == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: it has no point with a finite x and y", csv->path);
  return TESTUDO_OK;
}

/* ---- what is drawn of it ---- */

/* The series whose look it shares: the first of its name, or of a front's name the points that it is of. */
static size_t look_of(const figure_csv *csv, size_t series, bool *named)
{
  static const char front[] = FIGURE_FRONT;
  const char *name = csv->series[series].name;
  size_t length = strlen(name), end = sizeof front - 1;
  bool is_front = csv->series[series].kind == FIGURE_STEPS && length > end && strcmp(name + length - end, front) == 0;
  for (size_t s = 0; s < series; s++) {
    const char *other = csv->series[s].name;
    bool is_of_it = is_front && strlen(other) == length - end && strncmp(other, name, length - end) == 0;
    *named = !is_of_it && strcmp(other, name) != 0;
    if (!*named)
      return s;
  }
  *named = true;
  return series;
}

/* Points, or a line, and where rows have ends bars, or a band. */
static testudo_status add_series(figure *f, const figure_csv *csv, size_t series, bool overlaid, testudo_error *error)
{
  bool has[NUMBERS] = {false}, named;
  size_t count = 0, look = look_of(csv, series, &named);
  int kind = csv->series[series].kind;
  double *list[NUMBERS];
  for (int k = 0; k < NUMBERS; k++)
    list[k] = figure_numbers(f, csv->points);
  TESTUDO_I_TRY(testudo_i_arena_check(&f->arena, error));
  for (size_t p = 0; p < csv->points; p++)
    if (csv->point[p].series == series) {
      for (int k = 0; k < NUMBERS; k++) {
        list[k][count] = csv->point[p].value[k];
        has[k] = has[k] || !isnan(csv->point[p].value[k]);
      }
      count++;
    }
  const bool ends = has[LOW] && has[HIGH], bars = overlaid || kind == FIGURE_BARS || (kind < 0 && has[Y]);
  const figure_series made = {.kind = overlaid ? FIGURE_POINTS
                                      : kind == FIGURE_STEPS || kind == FIGURE_POINTS ? (figure_kind)kind : FIGURE_LINE,
                              .overlaid = overlaid, .look = (overlaid ? f->overlaid : 0) + look, .count = count,
                              .label = named ? csv->series[series].name : NULL, .marked = count <= MOST_MARKED,
                              .x = list[X], .y = has[Y] ? list[Y] : NULL, .low = ends ? list[LOW] : NULL,
                              .high = ends ? list[HIGH] : NULL};
  return figure_add_both(f, &made, bars ? FIGURE_BARS : FIGURE_BAND, error);
}

static bool is_outside(const figure_axis *axis, double value)
{
  return (axis->logarithmic && value <= 0.0) || value < axis->least || value > axis->most;
}

static testudo_status take(figure *f, figure_csv *csv, bool overlaid, size_t *unseen, testudo_error *error)
{
  TESTUDO_I_TRY(read_head(csv, error));
  TESTUDO_I_TRY(read_points(csv, &f->arena, error));
  *unseen = csv->left_out;
  for (size_t p = 0; p < csv->points; p++)
    *unseen += is_outside(&f->x, csv->point[p].value[X]) || is_outside(&f->y, csv->point[p].value[Y]);
  for (size_t s = 0; s < csv->count; s++)
    TESTUDO_I_TRY(add_series(f, csv, s, overlaid, error));
  f->overlaid += overlaid ? csv->count : 0;
  return TESTUDO_OK;
}

testudo_status figure_overlay(figure *f, const char *path, size_t *unseen, testudo_error *error)
{
  TESTUDO_I_HELD(csv_close) figure_csv csv = {.path = path};
  TESTUDO_I_TRY(testudo_i_source_open(&csv.source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return take(f, &csv, true, unseen, error);
}

testudo_status figure_read(figure *f, const char *bytes, size_t length, const char *name, size_t *unseen,
                           testudo_error *error)
{
  TESTUDO_I_HELD(csv_close) figure_csv csv = {.path = name};
  TESTUDO_I_TRY(testudo_i_source_start(&csv.source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  f->title = "";
  f->x.label = column_name[X];
  f->y.label = column_name[Y];
  return take(f, &csv, false, unseen, error);
}

bool figure_begins(const char *bytes, size_t length)
{
  TESTUDO_I_HELD(csv_close) figure_csv csv = {.path = ""};
  int64_t seconds = -1;
  return testudo_i_source_start(&csv.source, bytes, length, "", TESTUDO_I_LIMIT_TABLE_STREAM, NULL) == TESTUDO_OK &&
         read_head(&csv, NULL) == TESTUDO_OK &&
         testudo_i_table_find(&csv.table, "seconds", &seconds, NULL) == TESTUDO_OK && seconds < 0;
}
