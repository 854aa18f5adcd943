/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace as a picture in a page: one row per worker, a mark for its time in every iteration. */
#include "advise/advise.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/html.h"
#include "trace/trace.h"

enum { ROW_HEIGHT = 22, ROW_GAP = 4, LEFT = 130, WIDTH = 620, RIGHT = 230, MOST_ROWS = 96, MOST_COLUMNS = 310 };

/* Seconds of worker w in column c at time[w * columns + c], the largest where a column is of several iterations; 0
   where there is none. */
typedef struct trace_picture {
  const testudo_trace *trace;
  int32_t *worker;             /* the distinct numbers, ascending */
  size_t workers, iterations, columns;
  double *time, *whole;        /* whole: of one iteration each, worker after worker */
  double *mean;                /* of each worker */
  int32_t *slowest;            /* the worker with the largest time of each column; -1: none */
  double low, high;
  bool logarithmic;
} trace_picture;

/* Of each row: the ranks of its worker and its iteration. */
static void fill_times(trace_picture *picture, const int32_t *worker, const int32_t *iteration)
{
  const testudo_trace *trace = picture->trace;
  for (int64_t k = 0; k < trace->rows; k++)
    picture->whole[(size_t)worker[k] * picture->iterations + (size_t)iteration[k]] += trace->seconds[k];
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

static testudo_status picture_make(trace_picture *picture, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_trace *trace = picture->trace;
  size_t rows = (size_t)trace->rows;
  int32_t *worker = testudo_i_arena_alloc(arena, 2 * rows, sizeof *worker);
  int32_t *iteration = testudo_i_arena_alloc(arena, 2 * rows, sizeof *iteration);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  picture->worker = worker + rows;
  picture->workers = (size_t)testudo_i_trace_rank(trace->worker, trace->rows, picture->worker, worker);
  picture->iterations = (size_t)testudo_i_trace_rank(trace->iteration, trace->rows, iteration + rows, iteration);
  picture->columns = picture->iterations < MOST_COLUMNS ? picture->iterations : MOST_COLUMNS;
  picture->whole = testudo_i_arena_calloc(arena, picture->workers * picture->iterations, sizeof *picture->whole);
  picture->time = testudo_i_arena_calloc(arena, picture->workers * picture->columns, sizeof *picture->time);
  picture->mean = testudo_i_arena_calloc(arena, picture->workers, sizeof *picture->mean);
  picture->slowest = testudo_i_arena_calloc(arena, picture->columns, sizeof *picture->slowest);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  fill_times(picture, worker, iteration);
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
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  trace_picture picture = {.trace = trace};
  if (result->traced == NULL || trace->worker == NULL || trace->iteration == NULL || trace->rows == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(picture_make(&picture, &arena, error));
  return picture.high > 0.0 ? put_rows(stream, &picture, result->traced, error) : TESTUDO_OK;
}
