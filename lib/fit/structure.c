/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the rows of a trace to the structure of the cluster. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/delay_json.h"
#include "fit/room.h"

/* ---- times of one chunk ---- */

static double rate_of_row(const testudo_i_fit_room *room, int32_t worker, int64_t cell)
{
  double rate = room->workers.rate == NULL ? 1.0 : room->workers.rate[worker];
  bool slow = room->slow.found && room->slow.slow[cell] > 0.5;
  return slow ? rate / room->slow.state.factor : rate;
}

/* Into x, where the start-up varies: seconds over what is expected of the load, as a time of one chunk. */
static void fill_relative_times(const testudo_fit *fit)
{
  testudo_i_fit_room *room = fit->room;
  for (int64_t r = 0; r < room->cells.rows; r++)
    room->x[r] = room->cells.seconds[r] * (fit->startup + fit->per_chunk) /
                 (fit->startup + fit->per_chunk * room->cells.load[r]);
}

/* What is left of a row at least: a hundredth of what its chunks take on average. */
static double least_of(const testudo_fit *fit, int64_t row)
{
  const testudo_i_cells *cells = &fit->room->cells;
  return isnan(fit->startup) ? 1e-9 * cells->seconds[row] : 0.01 * fit->per_chunk * cells->load[row];
}

/* Into x: seconds, start-up taken off, over the load, times the rate. */
static void fill_times(const testudo_fit *fit, bool rates)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  if (room->startup != NULL) {
    fill_relative_times(fit);
    return;
  }
  double startup = isnan(fit->startup) ? 0.0 : fit->startup;
  for (int32_t w = 0; w < cells->workers; w++)
    for (int64_t c = (int64_t)w * cells->iterations; c < (int64_t)(w + 1) * cells->iterations; c++) {
      double rate = rates ? rate_of_row(room, w, c) : 1.0;
      for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
        room->x[r] = fmax(cells->seconds[r] - startup, least_of(fit, r)) /
                     (cells->load == NULL ? 1.0 : cells->load[r]) * rate;
    }
}

/* Log times of chunks, and where their variance lies. */
static testudo_status find_components(testudo_fit *fit, double *y, testudo_i_components *parts, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  testudo_i_cells times = room->cells;
  times.seconds = room->x;
  TESTUDO_I_TRY(testudo_i_cells_log(&times, y, error));
  return testudo_i_components_of(&times, y, &room->arena, parts, error);
}

static testudo_fit_variance variance_of(const testudo_i_components *of)
{
  return (testudo_fit_variance){of->worker, of->iteration, of->worker_iteration, of->residual,
                                of->worker_p, of->iteration_p, of->worker_iteration_p};
}

/* ---- taken after a collective? ---- */

#define LEAST_ITERATIONS 5
#define LARGEST_SHARE 0.02  /* of the variance between iterations that may lie within them */
#define LARGEST_SPREAD 0.02 /* deviation of log times within an iteration */
#define LARGEST_OFFSET 0.01 /* of a worker's log times that differ from the others' */
#define LARGEST_OF_NOISE 0.25 /* of what the chunks' own differences would make of totals */

static double log_total(const testudo_i_cells *cells, int64_t cell)
{
  double sum = 0.0;
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    sum += cells->seconds[r];
  return log(sum);
}

/* The variance of a worker's log total that the differences between its chunks alone would make; NAN of one row. */
static double chunk_noise(const testudo_i_cells *cells, int64_t cell)
{
  double size = (double)testudo_i_cell_size(cells, cell), mean = 0.0, squares = 0.0;
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    mean += cells->seconds[r] / size;
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    squares += (cells->seconds[r] - mean) * (cells->seconds[r] - mean);
  return size < 2.0 ? NAN : squares / (size - 1.0) / (size * mean * mean);
}

/* Mean and variance of values that come one after the other. */
typedef struct moments {
  double count, mean, squares;
} moments;

static void add_value(moments *m, double x)
{
  double away = x - m->mean;
  m->mean += away / ++m->count;
  m->squares += away * (x - m->mean);
}

/* Whether workers have nearly one time within an iteration while iterations differ, and are more alike than their own
   chunks would let them be. */
static bool is_collective(const testudo_i_cells *cells)
{
  moments between = {0}, within = {0}, noise = {0};
  double workers = 0.0;
  for (int32_t i = 0; i < cells->iterations; i++) {
    moments own = {0};
    for (int32_t w = 0; w < cells->workers; w++) {
      int64_t cell = (int64_t)w * cells->iterations + i;
      if (testudo_i_cell_size(cells, cell) == 0)
        continue;
      add_value(&own, log_total(cells, cell));
      double chunks = chunk_noise(cells, cell);
      if (!isnan(chunks))
        add_value(&noise, chunks);
    }
    if (own.count < 2.0)
      continue;
    add_value(&within, own.squares / (own.count - 1.0));
    add_value(&between, own.mean);
    workers += own.count;
  }
  if (between.count < LEAST_ITERATIONS)
    return false;
  double apart = between.squares / (between.count - 1.0) - within.mean / (workers / between.count);
  return within.mean < LARGEST_SHARE * apart && within.mean < LARGEST_SPREAD * LARGEST_SPREAD &&
         !(noise.count > 0.0 && within.mean > LARGEST_OF_NOISE * noise.mean);
}

/* ---- the verdict ---- */

/* Below it what differs between chunks is measuring noise beside what differs between workers and iterations. */
#define LEAST_RESIDUAL 0.02

/* Too few workers and iterations to take their effects away. */
static void decide_by_correlation(testudo_fit *fit)
{
  testudo_structure structure = TESTUDO_STRUCTURE_SCALED;
  testudo_i_correlation chunks = {fit->icc, fit->icc_low, fit->icc_high};
  if (!testudo_i_correlation_structure(&chunks, &structure))
    return;
  fit->structure = testudo_i_structure_names[structure];
  snprintf(fit->structure_why, sizeof fit->structure_why,
           "the intraclass correlation of the chunks of a worker in an iteration is %.3g (95 %% interval %.3g to "
           "%.3g); the trace is too short for more", fit->icc, fit->icc_low, fit->icc_high);
}

/* By how the variance grows with the load. */
static void decide_by_loads(testudo_fit *fit)
{
  bool scaled = fit->room->chunks_scaled;
  if (fit->room->chunks_independent) {
    fit->structure = testudo_i_structure_names[TESTUDO_STRUCTURE_ADDITIVE];
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "the variance grows as the load, as that of independent chunks does");
    return;
  }
  if (fit->chunk_deviation == 0.0) {
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "the start-up varies, and the time per chunk does not, so it makes no difference");
    return;
  }
  fit->structure = testudo_i_structure_names[scaled ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE];
  snprintf(fit->structure_why, sizeof fit->structure_why,
           "beside that of the start-up the variance grows as the %sload%s", scaled ? "square of the " : "",
           scaled ? ": the chunks of a row are slow together" : ", as that of independent chunks does");
}

static void decide_structure(testudo_fit *fit)
{
  const testudo_fit_variance *v = &fit->log_variance;
  if (fit->room->startup != NULL || fit->room->chunks_independent) {
    decide_by_loads(fit);
    return;
  }
  double between = v->worker_iteration, share = v->residual / (v->residual + between);
  if (!isnan(v->residual) && isnan(between) && !isnan(fit->icc)) {
    decide_by_correlation(fit);
    return;
  }
  if (isnan(between) || isnan(v->worker_iteration_p)) {
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "%s, so it cannot tell how the chunks of a worker hang together",
             fit->samples > (int64_t)fit->room->cells.workers * fit->room->cells.iterations
                 ? "the trace has too few workers, iterations or chunks"
                 : "the trace has one time per worker and iteration");
    return;
  }
  testudo_structure structure = TESTUDO_STRUCTURE_MIXED;
  if (!(v->worker_iteration_p < TESTUDO_I_FALSE_ALARM)) {
    structure = TESTUDO_STRUCTURE_ADDITIVE;
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "no common factor of the chunks of a worker in an iteration is seen (F test, p = %.2g)",
             v->worker_iteration_p);
  } else if (share < LEAST_RESIDUAL) {
    structure = TESTUDO_STRUCTURE_SCALED;
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "the chunks of a worker in an iteration take the same time: %.2g %% of the variance of log times is "
             "between them", 100.0 * share);
  } else
    snprintf(fit->structure_why, sizeof fit->structure_why,
             "the chunks of a worker in an iteration share a factor (F test, p = %.2g), which makes %.2g %% of the "
             "variance of their log times", v->worker_iteration_p, 100.0 * (1.0 - share));
  fit->structure = testudo_i_structure_names[structure];
}

/* ---- who ---- */

static testudo_status name_worker(testudo_fit *fit, int32_t w, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  int32_t number = room->cells.worker[w];
  char digits[16];
  snprintf(digits, sizeof digits, "%d", (int)number);
  const char *text = number < room->trace.names ? room->trace.worker_name[number] : digits;
  fit->worker[w].name = testudo_i_arena_text(&room->arena, text);
  return testudo_i_arena_check(&room->arena, error);
}

static testudo_status list_workers(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_workers *found = &room->workers;
  size_t count = (size_t)room->cells.workers;
  fit->worker = testudo_i_arena_calloc(&room->arena, count, sizeof *fit->worker);
  fit->persistent = testudo_i_arena_calloc(&room->arena, count, sizeof *fit->persistent);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (; fit->listed < room->cells.workers; fit->listed++) {
    int32_t w = fit->listed;
    double width = 1.96 * found->error[w];
    fit->worker[w] = (testudo_fit_worker){NULL, found->factor[w], found->factor[w] * exp(-width),
                                          found->factor[w] * exp(width), found->rate[w], found->differs[w],
                                          found->named[w]};
    TESTUDO_I_TRY(name_worker(fit, w, error));
    if (found->named[w])
      fit->persistent[fit->named++] = fit->worker[w];
  }
  fit->memory = found->memory;
  fit->memory_error = found->memory_error;
  return TESTUDO_OK;
}

static void list_slow_states(testudo_fit *fit)
{
  const testudo_i_slow_states *slow = &fit->room->slow;
  fit->slow_found = slow->found;
  fit->slow = slow->state;
  fit->slow_begin_error = slow->begin_error;
  fit->slow_end_error = slow->end_error;
  fit->slow_factor_error = slow->factor_error;
}

/* ---- in order ---- */

/* Times that are the samples of laws: of every row, and the means of whole cells. */
static testudo_status pool_times(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  int64_t count = (int64_t)cells->workers * cells->iterations;
  if (room->startup != NULL) {
    room->pool = room->startup;
    room->pooled = cells->rows;
    return TESTUDO_OK;
  }
  room->pool = testudo_i_arena_alloc(&room->arena, (size_t)cells->rows, sizeof *room->pool);
  room->cell_mean = testudo_i_arena_alloc(&room->arena, (size_t)count, sizeof *room->cell_mean);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (int64_t c = 0; c < count; c++) {
    bool whole = testudo_i_cell_size(cells, c) > 0;
    double sum = 0.0;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++) {
      bool seen = testudo_i_cells_saw(cells, r);
      whole &= seen;
      sum += room->x[r];
      if (seen && (!room->chunks_independent || cells->load[r] == 1))
        room->pool[room->pooled++] = room->x[r];
    }
    if (whole)
      room->cell_mean[room->cell_means++] = sum / (double)testudo_i_cell_size(cells, c);
  }
  qsort(room->pool, (size_t)room->pooled, sizeof *room->pool, testudo_i_ascending_reals);
  qsort(room->cell_mean, (size_t)room->cell_means, sizeof *room->cell_mean, testudo_i_ascending_reals);
  return TESTUDO_OK;
}

/* Differs by more than the jitter that a collective leaves? */
static bool somebody_stands_out(const testudo_i_workers *found, int32_t workers)
{
  for (int32_t w = 0; w < workers; w++)
    if (found->differs[w] && fabs(log(found->factor[w])) > LARGEST_OFFSET)
      return true;
  return false;
}

static testudo_status find_who_and_how(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  testudo_i_components raw;
  TESTUDO_I_HELD(testudo_i_free_held) double *y = testudo_i_alloc((size_t)room->cells.rows, sizeof *y);
  TESTUDO_I_TRY(testudo_i_memory_check(y != NULL, error));
  TESTUDO_I_TRY(testudo_i_components_of(&room->cells, room->cells.seconds, &room->arena, &raw, error));
  fit->variance = variance_of(&raw);
  TESTUDO_I_TRY(find_components(fit, y, &room->log, error));
  TESTUDO_I_TRY(testudo_i_workers_of(&room->cells, y, &room->log, &room->arena, &room->workers, error));
  if (room->startup == NULL) /* slow spells and rates are of chunks */
    TESTUDO_I_TRY(testudo_i_slow_states_of(&room->cells, &room->log, &room->workers, &room->arena, &room->slow,
                                           error));
  fill_times(fit, true);
  testudo_i_components parts = room->log;
  if (room->slow.found) /* they are no common factor of the chunks, once they are known */
    TESTUDO_I_TRY(find_components(fit, y, &parts, error));
  fit->log_variance = variance_of(&parts);
  fit->log_variance.worker = room->log.worker;
  fit->log_variance.worker_p = room->log.worker_p;
  fit->collective &= !somebody_stands_out(&room->workers, room->cells.workers);
  decide_structure(fit);
  list_slow_states(fit);
  TESTUDO_I_TRY(list_workers(fit, error));
  return pool_times(fit, error);
}

static testudo_status without_cells(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const char *lacks = room->trace.worker == NULL      ? "it has no column worker"
                      : room->trace.iteration == NULL ? "it has no column iteration"
                                                      : "its workers are seen in too few iterations";
  snprintf(fit->structure_why, sizeof fit->structure_why, "the trace cannot tell: %s", lacks);
  room->pool = testudo_i_arena_alloc(&room->arena, (size_t)room->trace.rows, sizeof *room->pool);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (int64_t r = 0; r < room->trace.rows; r++)
    if (testudo_i_trace_saw(&room->trace, r))
      room->pool[room->pooled++] = testudo_i_trace_chunk_time(&room->trace, r);
  qsort(room->pool, (size_t)room->pooled, sizeof *room->pool, testudo_i_ascending_reals);
  return TESTUDO_OK;
}

testudo_status testudo_i_fit_structure(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  if (room->trace.worker != NULL && room->trace.iteration != NULL)
    TESTUDO_I_TRY(testudo_i_cells_make(&room->trace, &room->cells, error));
  if (room->cells.workers == 0)
    return without_cells(fit, error);
  room->x = testudo_i_arena_alloc(&room->arena, (size_t)room->cells.rows, sizeof *room->x);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  fit->collective = is_collective(&room->cells);
  TESTUDO_I_TRY(testudo_i_fit_loads(fit, error));
  fill_times(fit, false);
  return find_who_and_how(fit, error);
}
