/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a sweep as curves: a number of theirs over an option or another number, a line per combination of the
   options that differ besides. */
#define _GNU_SOURCE 1 /* memmem */
#include "plot/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "explore/sweep.h"

enum { MOST_BY = 64, MOST_LINES = 64, MOST_Y = 8 };

static const field rows_fields[] = {{FIELD_ROWS("points", drawn_points, row, count, explore_row_fields)},
                                    {FIELD_AS("skipped_points", drawn_points, skipped)},
                                    {.key = NULL}};

testudo_status points_read(drawn_points *points, const testudo_i_json_document *document, testudo_error *error)
{
  TESTUDO_I_TRY(fields_read(document, testudo_i_json_root(document), "", rows_fields, points, &points->arena, error));
  for (size_t k = 0; k < points->count; k++)
    if (points->row[k].key == NULL || points->row[k].design_command == NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: points[%zu]: key or design_command is missing; wanted: a"
                            " result of sweep, or an export of explore", testudo_i_json_name(document), k);
  return rows_align_all(points->row, points->count, &points->arena, error);
}

bool points_begins_csv(const char *bytes, size_t length)
{
  static const char first[] = "computation,", second[] = ",design_command,";
  const char *end = memchr(bytes, '\n', length);
  size_t head = end == NULL ? 0 : (size_t)(end - bytes);
  return memmem(bytes, head, first, strlen(first)) != NULL && memmem(bytes, head, second, strlen(second)) != NULL;
}

testudo_status points_read_store(drawn_points *points, const char *path, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_store_drop) testudo_i_store *store = NULL;
  TESTUDO_I_TRY(testudo_i_store_open(path, TESTUDO_I_STORE_READ, &store, error));
  TESTUDO_I_TRY(explore_read_store(store, &points->stored, error));
  points->row = points->stored.row;
  points->count = points->stored.count;
  return TESTUDO_OK;
}

void points_clear(drawn_points *points)
{
  rows_clear(&points->stored);
  testudo_i_arena_clear(&points->arena);
}

/* ---- options and numbers of a row ---- */

/* NULL: left out, or not an option of this row. *has: it is one. */
static const char *option_of(const explore_row *row, const char *name, bool *has)
{
  const char *text;
  *has = row_option(row, name, &text);
  return text;
}

static bool is_option(const drawn_points *points, const char *name)
{
  bool has = false;
  for (size_t k = 0; k < points->count && !has; k++)
    (void)option_of(&points->row[k], name, &has);
  return has;
}

/* As a number; NAN where it is none. */
static double number_of(const explore_row *row, const char *name)
{
  bool has;
  double value;
  const char *text = option_of(row, name, &has);
  if (!has)
    return within_number(name, row);
  return text != NULL && testudo_i_parse_real(text, strlen(text), &value) ? value : NAN;
}

static bool same_text(const char *a, const char *b)
{
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- which options there are ---- */

/* Different values of an option in all rows, and whether all are numbers. */
static size_t count_values(const drawn_points *points, const char *name, bool *numbers)
{
  enum { ENOUGH = 200 };
  const char *seen[ENOUGH];
  size_t count = 0;
  *numbers = true;
  for (size_t k = 0; k < points->count && count < ENOUGH; k++) {
    bool has;
    double value;
    const char *text = option_of(&points->row[k], name, &has);
    size_t n = 0;
    while (n < count && !same_text(seen[n], text))
      n++;
    if (n == count)
      seen[count++] = text;
    *numbers = *numbers && (text == NULL || testudo_i_parse_real(text, strlen(text), &value));
  }
  return count;
}

typedef struct name_list {
  const char *name[MOST_BY];
  size_t count;
} name_list;

static bool has_name(const name_list *list, const char *name)
{
  return text_find(list->name, list->count, name) < list->count;
}

/* All options that differ. */
static void list_varying(const drawn_points *points, name_list *list)
{
  bool numbers;
  name_list seen = {.count = 0};
  list->count = 0;
  if (count_values(points, "compute", &numbers) > 1)
    list->name[list->count++] = "compute";
  for (size_t k = 0; k < points->count; k++)
    for (size_t p = 0; p < points->row[k].parameters.count; p++) {
      const char *name = points->row[k].parameters.key[p];
      if (list->count == MOST_BY || seen.count == MOST_BY || has_name(&seen, name))
        continue;
      seen.name[seen.count++] = name;
      if (count_values(points, name, &numbers) > 1)
        list->name[list->count++] = name;
    }
}

static testudo_status check_number(const drawn_points *points, const char *option, const char *name,
                                   const name_list *varying, testudo_error *error)
{
  char options[300] = "";
  testudo_error refused;
  if (is_option(points, name) || within_check_name(option, name, &refused) == TESTUDO_OK)
    return TESTUDO_OK;
  for (size_t k = 0; k < varying->count; k++)
    snprintf(options + strlen(options), sizeof options - strlen(options), " %.40s", varying->name[k]);
  return cli_refuse(error, "%s%s%s", refused.text, options[0] == '\0' ? "" : "; options that differ:", options);
}

/* The option of most values that are numbers. */
static const char *choose_x(const drawn_points *points, const name_list *varying)
{
  const char *best = NULL;
  size_t most = 1;
  for (size_t k = 0; k < varying->count; k++) {
    bool numbers;
    size_t count = count_values(points, varying->name[k], &numbers);
    if (numbers && count > most) {
      most = count;
      best = varying->name[k];
    }
  }
  return best;
}

static testudo_status split(const char *text, testudo_i_arena *arena, const char **name, size_t most, size_t *count,
                            const char *option, testudo_error *error)
{
  *count = 0;
  for (const char *at = text;;) {
    size_t length = strcspn(at, ",");
    char *copy = testudo_i_arena_calloc(arena, length + 1, 1);
    if (copy == NULL)
      return testudo_i_fail_memory(error);
    if (*count == most)
      return cli_refuse(error, "--%s: more than %zu names", option, most);
    memcpy(copy, at, length);
    name[(*count)++] = copy;
    at += length;
    if (*at++ == '\0')
      return TESTUDO_OK;
  }
}

/* Lines differ in --by, or in all options that differ but x; where x is no option, in those that are words. */
static testudo_status choose_by(const drawn_points *points, const points_request *request, const char *x,
                                const name_list *varying, name_list *by, figure *f, testudo_error *error)
{
  by->count = 0;
  if (request->by != NULL && strcmp(request->by, "none") == 0)
    return TESTUDO_OK;
  if (request->by != NULL) {
    TESTUDO_I_TRY(split(request->by, &f->arena, by->name, MOST_BY, &by->count, "by", error));
    for (size_t k = 0; k < by->count; k++)
      if (!is_option(points, by->name[k]))
        return cli_refuse(error, "--by: %.40s is not an option of the points of %s", by->name[k], request->name);
    return TESTUDO_OK;
  }
  for (size_t k = 0; k < varying->count; k++) {
    bool numbers;
    (void)count_values(points, varying->name[k], &numbers);
    if (strcmp(varying->name[k], x) != 0 && (is_option(points, x) || !numbers))
      by->name[by->count++] = varying->name[k];
  }
  return TESTUDO_OK;
}

/* ---- lines ---- */

static bool same_line(const name_list *by, const explore_row *a, const explore_row *b)
{
  bool has;
  for (size_t k = 0; k < by->count; k++)
    if (!same_text(option_of(a, by->name[k], &has), option_of(b, by->name[k], &has)))
      return false;
  return true;
}

static const char *line_label(const name_list *by, const explore_row *row, const char *y, figure *f)
{
  char text[300] = "";
  bool has;
  for (size_t k = 0; k < by->count; k++) {
    const char *value = option_of(row, by->name[k], &has);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %.80s", text[0] == '\0' ? "" : ", ", by->name[k],
             value == NULL ? "none" : value);
  }
  if (y != NULL)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] == '\0' ? "" : ": ", y);
  return text[0] == '\0' ? NULL : testudo_i_arena_text(&f->arena, text);
}

typedef struct pair {
  double x, y, low, high;
} pair;

static int by_x(const void *a, const void *b)
{
  const pair *left = a, *right = b;
  if (left->x != right->x)
    return left->x < right->x ? -1 : 1;
  return (left->y > right->y) - (left->y < right->y);
}

/* What is only bounded is a band. */
static pair pair_of(const explore_row *row, const char *x, const char *y)
{
  bool has;
  pair p = {number_of(row, x), number_of(row, y), NAN, NAN};
  (void)option_of(row, y, &has);
  if (!has)
    within_bounds(y, row, &p.low, &p.high);
  if (strcmp(y, "mean") == 0 && row->latency.mean_status == LAW_INFINITE)
    p.y = HUGE_VAL;
  return p;
}

static testudo_status add_pairs(figure *f, pair *list, size_t count, figure_series about, testudo_error *error)
{
  double *number = figure_numbers(f, 4 * count);
  TESTUDO_I_TRY(testudo_i_arena_check(&f->arena, error));
  bool bounded = false, valued = false;
  for (size_t k = 0; k < count; k++) {
    number[k] = list[k].x;
    number[count + k] = list[k].y;
    number[2 * count + k] = list[k].low;
    number[3 * count + k] = list[k].high;
    bounded = bounded || isfinite(list[k].low);
    valued = valued || isfinite(list[k].y);
  }
  about.count = count;
  about.x = number;
  about.y = valued || !bounded ? number + count : NULL;
  about.low = bounded ? number + 2 * count : NULL;
  about.high = bounded ? number + 3 * count : NULL;
  return figure_add_both(f, &about, about.kind == FIGURE_POINTS ? FIGURE_BARS : FIGURE_BAND, error);
}

/* The rows of the line that row `first` begins, in the order of x. */
static size_t gather(const drawn_points *points, const name_list *by, size_t first, const char *x, const char *y,
                     bool *taken, pair *list)
{
  size_t count = 0;
  for (size_t k = first; k < points->count; k++)
    if (!taken[k] && same_line(by, &points->row[first], &points->row[k])) {
      taken[k] = true;
      list[count++] = pair_of(&points->row[k], x, y);
    }
  qsort(list, count, sizeof *list, by_x);
  return count;
}

/* Of pairs in the order of x, a point is beaten unless its y is less than all before. */
static testudo_status add_front(figure *f, pair *list, size_t count, size_t look, testudo_error *error)
{
  size_t kept = 0;
  for (size_t k = 0; k < count; k++)
    if (isfinite(list[k].x) && isfinite(list[k].y) && (kept == 0 || list[k].y < list[kept - 1].y))
      list[kept++] = list[k];
  return add_pairs(f, list, kept, (figure_series){.look = look, .kind = FIGURE_STEPS}, error);
}

/* Are there several points at one x? */
static bool is_scattered(const pair *list, size_t count)
{
  for (size_t k = 1; k < count; k++)
    if (list[k].x == list[k - 1].x && isfinite(list[k].y) && isfinite(list[k - 1].y))
      return true;
  return false;
}

static testudo_status add_lines(const drawn_points *points, const points_request *request, const name_list *by,
                                const char *x, const char *y, bool named, size_t *look, const char *untold,
                                points_notes *notes, figure *f, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) bool *taken = testudo_i_calloc(points->count + 1, sizeof *taken);
  TESTUDO_I_HELD(testudo_i_free_held) pair *list = testudo_i_calloc(points->count + 1, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(taken != NULL && list != NULL, error));
  for (size_t k = 0; k < points->count; k++) {
    if (taken[k])
      continue;
    size_t count = gather(points, by, k, x, y, taken, list);
    if (*look == MOST_LINES)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: more than %d lines, too many to follow; name with --by"
                            " the options by which lines differ", request->name, (int)MOST_LINES);
    bool apart = !request->front && is_scattered(list, count);
    if (apart)
      notes->scattered = untold;
    for (size_t p = 0; p < count; p++)
      notes->unseen += !isfinite(list[p].x) || (!isfinite(list[p].y) && !isfinite(list[p].low));
    const figure_series about = {.label = line_label(by, &points->row[k], named ? y : NULL, f), .look = (*look)++,
                                 .kind = request->front || apart ? FIGURE_POINTS : FIGURE_LINE,
                                 .marked = count <= 60};
    TESTUDO_I_TRY(add_pairs(f, list, count, about, error));
    if (request->front)
      TESTUDO_I_TRY(add_front(f, list, count, about.look, error));
  }
  return TESTUDO_OK;
}

/* What numbers of one axis are, where all of them are that. */
static const char *axis_label(const char *const *name, size_t count, figure *f)
{
  char text[400] = "";
  const char *what = within_axis(name[0], count > 1);
  for (size_t k = 0; k < count; k++) {
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.40s", k > 0 ? ", " : "", name[k]);
    if (strcmp(within_axis(name[k], count > 1), what) != 0)
      what = "";
  }
  snprintf(text + strlen(text), sizeof text - strlen(text), "%s", what);
  return testudo_i_arena_text(&f->arena, text);
}

/* Options that neither tell lines apart nor are x. */
static const char *list_untold(const name_list *varying, const name_list *by, const char *x, figure *f)
{
  char text[300] = "";
  for (size_t k = 0; k < varying->count; k++)
    if (!has_name(by, varying->name[k]) && strcmp(varying->name[k], x) != 0)
      snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.60s", text[0] == '\0' ? "" : ", ",
               varying->name[k]);
  return testudo_i_arena_text(&f->arena, text);
}

/* Some point has the number, be it infinite. */
static testudo_status check_there(const drawn_points *points, const char *option, const char *name,
                                  testudo_error *error)
{
  for (size_t k = 0; k < points->count; k++) {
    const pair p = pair_of(&points->row[k], name, name);
    if (!isnan(p.y) || isfinite(p.low))
      return TESTUDO_OK;
  }
  return within_missing(option, name, points->row, points->count, error);
}

testudo_status points_figure(const drawn_points *points, const points_request *request, figure *f,
                             points_notes *notes, testudo_error *error)
{
  name_list varying, by;
  const char *y[MOST_Y] = {"mean"};
  size_t ys = 1, look = 0;
  *notes = (points_notes){NULL, 0};
  if (points->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: it has no points", request->name);
  list_varying(points, &varying);
  const char *x = request->x != NULL ? request->x : request->front ? "load" : choose_x(points, &varying);
  if (x == NULL)
    return cli_refuse(error, "--x is missing: no option of %s has several numbers; wanted: a name, such as load, mean,"
                      " p99 or workers", request->name);
  TESTUDO_I_TRY(check_number(points, "x", x, &varying, error));
  bool numbers = true;
  if (is_option(points, x))
    (void)count_values(points, x, &numbers);
  if (!numbers)
    return cli_refuse(error, "--x: %.40s has words among its values; wanted: numbers, as load, workers or"
                             " replication", x);
  if (request->y != NULL)
    TESTUDO_I_TRY(split(request->y, &f->arena, y, MOST_Y, &ys, "y", error));
  if (!is_option(points, x))
    TESTUDO_I_TRY(check_there(points, "x", x, error));
  for (size_t k = 0; k < ys; k++) {
    TESTUDO_I_TRY(check_number(points, "y", y[k], &varying, error));
    TESTUDO_I_TRY(check_there(points, "y", y[k], error));
  }
  if (request->front && ys > 1)
    return cli_refuse(error, "--y: a front shows one number, not %s", request->y);
  TESTUDO_I_TRY(choose_by(points, request, x, &varying, &by, f, error));
  const char *untold = list_untold(&varying, &by, x, f);
  for (size_t k = 0; k < ys; k++)
    TESTUDO_I_TRY(add_lines(points, request, &by, x, y[k], ys > 1, &look, untold, notes, f, error));
  f->x.label = axis_label(&x, 1, f);
  f->y.label = axis_label(y, ys, f);
  f->title = request->front ? "Points, and those of each kind that no other is better than in both (lines)" : "";
  return testudo_i_arena_check(&f->arena, error);
}
