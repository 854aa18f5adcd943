/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured, wherever workers run: their chunks, the record of an iteration, and the trace. */
#include "measure/work.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/sum.h"

/* ---- the work ---- */

static size_t chunk_cells(const measure_options *o)
{
  return (size_t)(o->rows * (o->dim + 1)); /* each row of X, then its y */
}

static void draw_chunk(const measure_options *o, int32_t worker, int32_t chunk, double *cells)
{
  testudo_i_random random;
  testudo_i_random_start(&random, o->seed, TESTUDO_I_FOR_DATA, (uint64_t)worker, (uint64_t)chunk);
  for (size_t k = 0; k < chunk_cells(o); k++)
    cells[k] = 2.0 * testudo_i_random_uniform(&random) - 1.0;
}

static void draw_model(const measure_options *o, double *w)
{
  testudo_i_random random;
  testudo_i_random_start(&random, o->seed, TESTUDO_I_FOR_DATA, UINT64_MAX, 0);
  for (int64_t k = 0; k < o->dim; k++)
    w[k] = 2.0 * testudo_i_random_uniform(&random) - 1.0;
}

/* gradient = X^T (X w - y); answers the sum of its entries, which nobody can know without computing them. */
static double chunk_gradient(const measure_options *o, const double *cells, const double *w, double *gradient)
{
  memset(gradient, 0, (size_t)o->dim * sizeof *gradient);
  for (int64_t row = 0; row < o->rows; row++) {
    const double *x = cells + row * (o->dim + 1);
    double residual = -x[o->dim];
    for (int64_t k = 0; k < o->dim; k++)
      residual += x[k] * w[k];
    for (int64_t k = 0; k < o->dim; k++)
      gradient[k] += residual * x[k];
  }
  double sum = 0.0;
  for (int64_t k = 0; k < o->dim; k++)
    sum += gradient[k];
  return sum;
}

bool measure_workload_make(const measure_options *o, int32_t worker, measure_workload *d)
{
  d->arena = (testudo_i_arena){.last = NULL};
  d->cells = testudo_i_arena_alloc(&d->arena, (size_t)o->chunks, chunk_cells(o) * sizeof *d->cells);
  d->w = testudo_i_arena_alloc(&d->arena, (size_t)o->dim, sizeof *d->w);
  d->gradient = testudo_i_arena_alloc(&d->arena, (size_t)o->dim, sizeof *d->gradient);
  if (d->arena.failed)
    return false;
  draw_model(o, d->w);
  for (int32_t c = 0; c < o->chunks; c++)
    draw_chunk(o, worker, c, d->cells + (size_t)c * chunk_cells(o));
  return true;
}

void measure_iteration(const measure_options *o, const measure_workload *d, double *record)
{
  for (int32_t c = 0; c < o->chunks; c++) {
    double start = testudo_i_seconds_now();
    record[1 + 2 * c] = chunk_gradient(o, d->cells + (size_t)c * chunk_cells(o), d->w, d->gradient);
    /* A trace holds positive times; a chunk of one number may be quicker than the clock's tick. */
    record[2 * c] = fmax(testudo_i_seconds_now() - start, 1e-9);
  }
}

/* ---- times ---- */

testudo_status measure_times_make(const measure_options *o, measure_times *times, testudo_error *error)
{
  int64_t rows = (int64_t)o->workers * o->chunks * o->iterations;
  *times = (measure_times){.complete = 0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {.last = NULL};
  times->seconds = testudo_i_arena_alloc(&times->arena, (size_t)rows, sizeof *times->seconds);
  double *cells = testudo_i_arena_alloc(&scratch, chunk_cells(o) + 2 * (size_t)o->dim, sizeof *cells);
  TESTUDO_I_TRY(testudo_i_arena_check(&times->arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  double *w = cells + chunk_cells(o);
  draw_model(o, w);
  draw_chunk(o, o->workers - 1, o->chunks - 1, cells);
  times->expected = chunk_gradient(o, cells, w, w + o->dim);
  return TESTUDO_OK;
}

testudo_status measure_times_take(const measure_options *o, measure_times *times, int32_t worker, int32_t iteration,
                                  const double *record, testudo_error *error)
{
  if (iteration >= 0)
    for (int32_t c = 0; c < o->chunks; c++)
      times->seconds[((size_t)worker * (size_t)o->iterations + (size_t)iteration) * (size_t)o->chunks + (size_t)c] =
          record[2 * c];
  double found = record[2 * o->chunks - 1];
  if (worker == o->workers - 1 && fabs(found - times->expected) > 1e-9 * fabs(times->expected))
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM,
                          "worker %d: the gradient of its last chunk sums to %.17g, but %.17g is right", (int)worker,
                          found, times->expected);
  return TESTUDO_OK;
}

/* ---- the trace ---- */

/* Moves the rows of the complete iterations together. */
static void keep_complete(const measure_options *o, int32_t complete, double *seconds)
{
  size_t kept = (size_t)complete * (size_t)o->chunks, all = (size_t)o->iterations * (size_t)o->chunks;
  for (size_t j = 1; j < (size_t)o->workers; j++)
    memmove(seconds + j * kept, seconds + j * all, kept * sizeof *seconds);
}

static void print_trace(const measure_options *o, int32_t iterations, const double *seconds, FILE *stream)
{
  fputs("worker,iteration,chunk,seconds\n", stream);
  for (int32_t j = 0; j < o->workers; j++)
    for (int32_t iteration = 0; iteration < iterations; iteration++)
      for (int32_t c = 0; c < o->chunks; c++)
        fprintf(stream, "%d,%d,%d,%.9g\n", (int)j, (int)iteration, (int)c, *seconds++);
}

static testudo_status write_trace(const measure_options *o, int32_t iterations, const double *seconds,
                                  testudo_error *error)
{
  if (o->output == NULL || strcmp(o->output, "-") == 0) {
    print_trace(o, iterations, seconds, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
      return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "standard output: writing failed: %s", strerror(errno));
    return TESTUDO_OK;
  }
  testudo_i_output output;
  TESTUDO_I_TRY(testudo_i_output_open(&output, o->output, error));
  print_trace(o, iterations, seconds, output.stream);
  return testudo_i_output_commit(&output, error);
}

double measure_mean(const double *x, int64_t count, double *stddev)
{
  testudo_i_sum sum = {0.0, 0.0}, squares = {0.0, 0.0};
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&sum, x[k]);
  double mean = testudo_i_sum_value(&sum) / (double)count;
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&squares, (x[k] - mean) * (x[k] - mean));
  *stddev = sqrt(testudo_i_sum_value(&squares) / (double)count);
  return mean;
}

static void summarize(const double *seconds, int64_t rows, measure_summary *summary)
{
  summary->rows = rows;
  summary->least = summary->most = seconds[0];
  for (int64_t k = 0; k < rows; k++) {
    summary->least = fmin(summary->least, seconds[k]);
    summary->most = fmax(summary->most, seconds[k]);
  }
  summary->mean = measure_mean(seconds, rows, &summary->stddev);
}

testudo_status measure_check(const measure_options *o, testudo_error *error)
{
  const double rows = (double)o->rows * (double)o->dim, trace = (double)o->workers * o->chunks * o->iterations;
  const struct {
    const char *name;
    double value, most;
  } range[] = {
      {"workers", o->workers, MEASURE_MOST_WORKERS},          {"chunks", o->chunks, MEASURE_MOST_CHUNKS},
      {"iterations", o->iterations, MEASURE_MOST_ITERATIONS}, {"rows", (double)o->rows, MEASURE_MOST_CELLS},
      {"dim", (double)o->dim, MEASURE_MOST_CELLS},            {"rows * dim", rows, MEASURE_MOST_CELLS},
      {"workers * chunks * iterations", trace, MEASURE_MOST_CELLS},
  };
  for (size_t k = 0; k < sizeof range / sizeof *range; k++)
    if (!(range[k].value >= 1 && range[k].value <= range[k].most))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s is %.0f, but it must be from 1 to %.0f", range[k].name,
                            range[k].value, range[k].most);
  return TESTUDO_OK;
}

testudo_status measure_times_finish(const measure_options *o, measure_times *times, testudo_status status,
                                    measure_summary *summary, testudo_error *error)
{
  bool cut = status == TESTUDO_INTERRUPTED && times->complete > 0;
  if (status == TESTUDO_OK || cut) {
    keep_complete(o, times->complete, times->seconds);
    status = write_trace(o, times->complete, times->seconds, error);
    if (status == TESTUDO_OK && summary != NULL)
      summarize(times->seconds, (int64_t)o->workers * o->chunks * times->complete, summary);
  }
  testudo_i_arena_clear(&times->arena);
  if (status == TESTUDO_OK && cut)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted: the trace holds the %d of %d iterations that are"
                          " complete", (int)times->complete, (int)o->iterations);
  return status;
}
