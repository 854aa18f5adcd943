/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measured iterations, to be run again as they were (docs/theory/model.md#replay). */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/model.h"

struct testudo_replay {
  testudo_i_arena arena;
  const char *text;
  int32_t workers;
  int64_t iterations;
  int64_t *start;       /* iterations * workers + 1: where the times of (iteration, worker) begin */
  double *seconds;
  int64_t phases;
};

/* A row of the file, for sorting: `order` is its chunk, or its place in the file. */
typedef struct measured {
  int32_t iteration, worker;
  int64_t order;
  double seconds;
} measured;

static int by_place(const void *a, const void *b)
{
  const measured *x = a, *y = b;
  if (x->iteration != y->iteration)
    return TESTUDO_I_COMPARE(x->iteration, y->iteration);
  if (x->worker != y->worker)
    return TESTUDO_I_COMPARE(x->worker, y->worker);
  return TESTUDO_I_COMPARE(x->order, y->order);
}

/* The sorted rows, cut into iterations and workers: every iteration has every worker. */
static testudo_status cut_rows(testudo_replay *replay, const measured *row, int64_t rows, testudo_error *error)
{
  int64_t iterations = 0, cells = 0;
  for (int64_t r = 0; r < rows; r++)
    iterations += r == 0 || row[r].iteration != row[r - 1].iteration;
  replay->iterations = iterations;
  /* No more cells than rows, however far apart the workers of a broken file are. */
  replay->start = testudo_i_arena_alloc(&replay->arena, (size_t)rows + 1, sizeof *replay->start);
  replay->seconds = testudo_i_arena_alloc(&replay->arena, (size_t)rows, sizeof *replay->seconds);
  TESTUDO_I_TRY(testudo_i_arena_check(&replay->arena, error));
  for (int64_t r = 0; r < rows; r++) {
    bool fresh = r == 0 || row[r].iteration != row[r - 1].iteration || row[r].worker != row[r - 1].worker;
    if (fresh && row[r].worker != cells % replay->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "%s: iteration %lld lacks a worker that other iterations have: a replay needs every worker "
                            "in every iteration",
                            replay->text, (long long)row[r].iteration);
    if (fresh)
      replay->start[cells++] = r;
    replay->seconds[r] = row[r].seconds;
  }
  if (cells != iterations * replay->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: the last iteration lacks a worker that other iterations have: a replay needs every "
                          "worker in every iteration",
                          replay->text);
  replay->start[cells] = rows;
  return TESTUDO_OK;
}

static testudo_status take_rows(testudo_replay *replay, const testudo_i_trace *trace, const char *text,
                                testudo_error *error)
{
  replay->text = testudo_i_arena_text(&replay->arena, text);
  TESTUDO_I_TRY(testudo_i_arena_check(&replay->arena, error));
  replay->phases = trace->phases;
  TESTUDO_I_TRY(testudo_i_trace_check_chunks(trace, replay->text, "a replay", error));
  if (trace->worker == NULL || trace->iteration == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: has no column '%s': a replay needs the columns worker, iteration and seconds, and chunk "
                          "where a worker has several chunks",
                          replay->text, trace->worker == NULL ? "worker" : "iteration");
  TESTUDO_I_HELD(testudo_i_free_held) measured *row = testudo_i_alloc((size_t)trace->rows, sizeof *row);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *rank = testudo_i_alloc((size_t)trace->rows, 2 * sizeof *rank);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL && rank != NULL, error));
  replay->workers = testudo_i_trace_rank(trace->worker, trace->rows, rank + trace->rows, rank);
  for (int64_t r = 0; r < trace->rows; r++)
    row[r] = (measured){trace->iteration[r], rank[r], trace->chunk != NULL ? trace->chunk[r] : r, trace->seconds[r]};
  qsort(row, (size_t)trace->rows, sizeof *row, by_place);
  return cut_rows(replay, row, trace->rows, error);
}

testudo_status testudo_i_replay_make(const testudo_i_trace *trace, const char *text, testudo_replay **replay,
                                     testudo_error *error)
{
  *replay = NULL;
  testudo_replay *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(take_rows(made, trace, text, error), made, testudo_replay_free, replay);
}

testudo_status testudo_i_replay_begin(const char *text, int32_t workers, int64_t iterations, int32_t chunks,
                                      testudo_replay **replay, double **seconds, testudo_error *error)
{
  int64_t cells = iterations * workers;
  *replay = NULL;
  testudo_replay *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->workers = workers;
  made->iterations = iterations;
  made->text = testudo_i_arena_text(&made->arena, text);
  made->start = testudo_i_arena_alloc(&made->arena, (size_t)cells + 1, sizeof *made->start);
  made->seconds = testudo_i_arena_alloc(&made->arena, (size_t)cells, (size_t)chunks * sizeof *made->seconds);
  testudo_status status = testudo_i_arena_check(&made->arena, error);
  for (int64_t c = 0; status == TESTUDO_OK && c <= cells; c++)
    made->start[c] = c * chunks;
  *seconds = made->seconds;
  TESTUDO_I_HAND_OVER(status, made, testudo_replay_free, replay);
}

testudo_status testudo_replay_read(const char *path, testudo_replay **replay, testudo_error *error)
{
  return testudo_i_replay_read_as(path, NULL, replay, error);
}

testudo_status testudo_i_replay_read_as(const char *path, const testudo_trace_options *reading,
                                        testudo_replay **replay, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  *replay = NULL;
  TESTUDO_I_TRY(testudo_i_trace_read_as(path, reading, &trace, error));
  const char *slash = strrchr(path, '/');
  return testudo_i_replay_make(&trace, slash == NULL ? path : slash + 1, replay, error);
}

void testudo_replay_free(testudo_replay *replay)
{
  if (replay != NULL)
    testudo_i_arena_clear(&replay->arena);
  free(replay);
}

const char *testudo_replay_text(const testudo_replay *replay)
{
  return replay->text;
}

int32_t testudo_replay_workers(const testudo_replay *replay)
{
  return replay->workers;
}

int64_t testudo_replay_iterations(const testudo_replay *replay)
{
  return replay->iterations;
}

int64_t testudo_i_replay_phases(const testudo_replay *replay)
{
  return replay->phases;
}

const double *testudo_replay_times(const testudo_replay *replay, int32_t worker, int64_t iteration, int32_t *count)
{
  const int64_t *start = replay->start + iteration * replay->workers + worker;
  *count = (int32_t)(start[1] - start[0]);
  return replay->seconds + start[0];
}
