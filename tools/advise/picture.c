/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace as a picture in a page: one row per worker, a mark for its time in every iteration. */
#include "advise/advise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/html.h"

enum { ROW_HEIGHT = 22, ROW_GAP = 4, LEFT = 130, WIDTH = 620, RIGHT = 230, MOST_ROWS = 96, MOST_COLUMNS = 310 };

/* Seconds of worker w in column c at time[w * columns + c], the largest where a column is of several iterations; 0
   where there is none. */
typedef struct trace_picture {
  const testudo_trace *trace;
  int32_t *worker, *iteration; /* the distinct numbers, ascending */
  size_t workers, iterations, columns;
  double *time, *whole;        /* whole: of one iteration each, worker after worker */
  double *mean;                /* of each worker */
  int32_t *slowest;            /* the worker with the largest time of each column; -1: none */
  double low, high;
  bool logarithmic;
} trace_picture;

static int compare_numbers(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* The distinct numbers, ascending (malloc). */
static testudo_status find_distinct(const int32_t *number, int64_t rows, int32_t **distinct, size_t *count,
                                    testudo_error *error)
{
  int32_t *list = testudo_i_alloc((size_t)rows, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(list != NULL, error));
  memcpy(list, number, (size_t)rows * sizeof *list);
  qsort(list, (size_t)rows, sizeof *list, compare_numbers);
  *distinct = list;
  for (int64_t k = 0; k < rows; k++)
    if (*count == 0 || list[k] != list[*count - 1])
      list[(*count)++] = list[k];
  return TESTUDO_OK;
}

static size_t find_place(const int32_t *list, size_t count, int32_t number)
{
  return (size_t)((const int32_t *)bsearch(&number, list, count, sizeof *list, compare_numbers) - list);
}

static void fill_times(trace_picture *picture)
{
  const testudo_trace *trace = picture->trace;
  for (int64_t k = 0; k < trace->rows; k++) {
    size_t w = find_place(picture->worker, picture->workers, trace->worker[k]);
    size_t i = find_place(picture->iteration, picture->iterations, trace->iteration[k]);
    picture->whole[w * picture->iterations + i] += trace->seconds[k];
  }
  for (size_t w = 0; w < picture->workers; w++)
    for (size_t i = 0; i < picture->iterations; i++) {
      double time = picture->whole[w * picture->iterations + i];
      double *most = &picture->time[w * picture->columns + i * picture->columns / picture->iterations];
      picture->mean[w] += time / (double)picture->iterations;
      *most = time > *most ? time : *most;
    }
}

static void find_slowest(trace_picture *picture)
{
  for (size_t c = 0; c < picture->columns; c++) {
    double most = 0.0;
    picture->slowest[c] = -1;
    for (size_t w = 0; w < picture->workers; w++) {
      double time = picture->time[w * picture->columns + c];
      if (time > most) {
        most = time;
        picture->slowest[c] = (int32_t)w;
      }
      if (time > 0.0 && (picture->low == 0.0 || time < picture->low))
        picture->low = time;
      picture->high = time > picture->high ? time : picture->high;
    }
  }
  picture->logarithmic = picture->high > 10.0 * picture->low;
  if (!picture->logarithmic)
    picture->low = 0.0;
}

static void picture_clear(trace_picture *picture)
{
  free(picture->worker);
  free(picture->iteration);
  free(picture->time);
  free(picture->whole);
  free(picture->mean);
  free(picture->slowest);
}

static testudo_status picture_make(trace_picture *picture, testudo_error *error)
{
  const testudo_trace *trace = picture->trace;
  TESTUDO_I_TRY(find_distinct(trace->worker, trace->rows, &picture->worker, &picture->workers, error));
  TESTUDO_I_TRY(find_distinct(trace->iteration, trace->rows, &picture->iteration, &picture->iterations, error));
  picture->columns = picture->iterations < MOST_COLUMNS ? picture->iterations : MOST_COLUMNS;
  picture->whole = testudo_i_calloc(picture->workers * picture->iterations, sizeof *picture->whole);
  picture->time = testudo_i_calloc(picture->workers * picture->columns, sizeof *picture->time);
  picture->mean = testudo_i_calloc(picture->workers, sizeof *picture->mean);
  picture->slowest = testudo_i_calloc(picture->columns, sizeof *picture->slowest);
  TESTUDO_I_TRY(testudo_i_memory_check(picture->whole != NULL && picture->time != NULL && picture->mean != NULL &&
                                           picture->slowest != NULL, error));
  fill_times(picture);
  find_slowest(picture);
  return TESTUDO_OK;
}

/* ---- drawing ---- */

/* How far below the top of its row a time stands. */
static double mark_at(const trace_picture *picture, double time)
{
  double share = picture->logarithmic ? log(time / picture->low) / log(picture->high / picture->low)
                                      : time / picture->high;
  return ROW_HEIGHT * (1.0 - share);
}

static void put_marks(FILE *stream, const trace_picture *picture, size_t w, int top, const char *class, bool slowest)
{
  double width = (double)WIDTH / (double)picture->columns;
  bool any = false;
  for (size_t c = 0; c < picture->columns; c++) {
    double time = picture->time[w * picture->columns + c];
    if (!(time > 0.0) || (picture->slowest[c] == (int32_t)w) != slowest)
      continue;
    if (!any)
      fprintf(stream, "<path class=\"%s\" d=\"", class);
    any = true;
    fprintf(stream, "M%.1f %.1fh%.1f", LEFT + width * (double)c, top + mark_at(picture, time), 0.8 * width);
  }
  fputs(any ? "\"/>" : "", stream);
}

/* As the trace calls it. */
static void name_worker(const trace_picture *picture, size_t w, char *text, size_t room)
{
  if (picture->trace->worker_name != NULL)
    snprintf(text, room, "%s", picture->trace->worker_name[picture->worker[w]]);
  else
    snprintf(text, room, "%d", (int)picture->worker[w]);
}

/* Of a worker that is slow for good; NULL: it is not. */
static const testudo_fit_worker *find_named(const advise_trace *trace, const char *name)
{
  for (int32_t k = 0; k < trace->named; k++)
    if (strcmp(trace->persistent[k].name, name) == 0)
      return &trace->persistent[k];
  return NULL;
}

static void put_worker(FILE *stream, const trace_picture *picture, size_t w, int row, const testudo_fit_worker *named,
                       const char *name)
{
  int top = row * (ROW_HEIGHT + ROW_GAP) + ROW_GAP;
  size_t times = 0;
  for (size_t c = 0; c < picture->columns; c++)
    times += picture->slowest[c] == (int32_t)w;
  const char *class = named != NULL ? " class=\"named\"" : "";
  fprintf(stream, "<g><text%s x=\"%d\" y=\"%d\" text-anchor=\"end\">", class, LEFT - 8, top + 15);
  html_put(stream, name);
  fprintf(stream, "</text><path class=\"axis\" d=\"M%d %dh%d\"/>", LEFT, top + ROW_HEIGHT, WIDTH);
  put_marks(stream, picture, w, top, named != NULL ? "slow" : "mark", false);
  put_marks(stream, picture, w, top, named != NULL ? "slow" : "late", true);
  fprintf(stream, "<text%s x=\"%d\" y=\"%d\">%.4g s", class, LEFT + WIDTH + 8, top + 15, picture->mean[w]);
  if (named != NULL)
    fprintf(stream, ", %.3g times the median", named->factor);
  fprintf(stream, "</text><title>worker ");
  html_put(stream, name);
  fprintf(stream, ": mean %.4g s, the slowest in %zu of %zu</title></g>\n", picture->mean[w], times, picture->columns);
}

static void put_caption(FILE *stream, const trace_picture *picture, size_t shown)
{
  fprintf(stream, "<h2>The trace: who, when, how much</h2>\n<p>One row per worker, a mark per iteration%s, from %.3g s"
          " to %.3g s in every row%s; on the right the mean. <span class=\"key iteration\"></span>the slowest worker of"
          " an iteration; <span class=\"key persistent\"></span>a worker that is slow for good.",
          picture->columns < picture->iterations ? " (of several iterations the largest time)" : "", picture->low,
          picture->high, picture->logarithmic ? ", on a logarithmic scale" : "");
  if (shown < picture->workers)
    fprintf(stream, " %zu of %zu workers are shown, all that are slow for good among them.", shown, picture->workers);
  fputs("</p>\n", stream);
}

/* All workers, or the first and those that are slow for good. */
static size_t choose_workers(const trace_picture *picture, const advise_trace *trace, bool *chosen)
{
  size_t others = trace->named < MOST_ROWS ? MOST_ROWS - (size_t)trace->named : 0, shown = 0;
  for (size_t w = 0; w < picture->workers; w++) {
    char name[256];
    name_worker(picture, w, name, sizeof name);
    bool named = find_named(trace, name) != NULL;
    chosen[w] = named || picture->workers <= MOST_ROWS || others > 0;
    others -= chosen[w] && !named && others > 0;
    shown += chosen[w];
  }
  return shown;
}

static testudo_status put_rows(FILE *stream, const trace_picture *picture, const advise_trace *trace,
                               testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) bool *chosen = testudo_i_calloc(picture->workers, sizeof *chosen);
  TESTUDO_I_TRY(testudo_i_memory_check(chosen != NULL, error));
  size_t shown = choose_workers(picture, trace, chosen);
  put_caption(stream, picture, shown);
  fprintf(stream, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"times of every worker in every"
          " iteration\">\n", LEFT + WIDTH + RIGHT, (int)shown * (ROW_HEIGHT + ROW_GAP) + 2 * ROW_GAP,
          LEFT + WIDTH + RIGHT);
  for (size_t w = 0, row = 0; w < picture->workers; w++) {
    char name[256];
    if (!chosen[w])
      continue;
    name_worker(picture, w, name, sizeof name);
    put_worker(stream, picture, w, (int)row++, find_named(trace, name), name);
  }
  fputs("</svg>\n", stream);
  return TESTUDO_OK;
}

testudo_status advise_put_picture(FILE *stream, const advise_result *result, const testudo_trace *trace,
                                  testudo_error *error)
{
  trace_picture picture = {.trace = trace};
  if (result->traced == NULL || trace->worker == NULL || trace->iteration == NULL || trace->rows == 0)
    return TESTUDO_OK;
  testudo_status status = picture_make(&picture, error);
  if (status == TESTUDO_OK && picture.high > 0.0)
    status = put_rows(stream, &picture, result->traced, error);
  picture_clear(&picture);
  return status;
}
