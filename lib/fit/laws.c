/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the structure makes the samples of laws, and the laws. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/text.h"
#include "delay/delay_json.h"
#include "fit/laws/laws.h"
#include "fit/room.h"

/* Times that were at least so long: of rows, or of cells none of whose rows was seen to end. */
static testudo_status list_censored(testudo_fit *fit, bool cells_only, double **least, int64_t *count,
                                    testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  *count = 0;
  *least = testudo_i_arena_alloc(&room->arena, (size_t)fit->samples, sizeof **least);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (int64_t r = 0; cells->workers == 0 && r < fit->samples; r++)
    if (!testudo_i_trace_saw(&room->trace, r))
      (*least)[(*count)++] = testudo_i_trace_chunk_time(&room->trace, r);
  for (int64_t c = 0; cells->censored != NULL && c < (int64_t)cells->workers * cells->iterations; c++) {
    int64_t own = 0;
    double sum = 0.0;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++) {
      own += cells->censored[r];
      sum += room->x[r];
      if (cells->censored[r] && !cells_only)
        (*least)[(*count)++] = room->x[r];
    }
    if (cells_only && own > 0)
      (*least)[(*count)++] = sum / (double)testudo_i_cell_size(cells, c);
  }
  qsort(*least, (size_t)*count, sizeof **least, testudo_i_ascending_reals);
  return TESTUDO_OK;
}

static const char *name_of_samples(const testudo_fit *fit, bool cells_only)
{
  if (fit->room->startup != NULL)
    return "start-ups";
  if (fit->room->chunks_independent)
    return "times of rows of one chunk, at rate 1";
  bool rates = fit->room->cells.workers > 0 && fit->room->workers.differing > 0, slow = fit->slow_found;
  if (cells_only)
    return rates || slow ? "means of a worker's chunks in an iteration, at rate 1" : "means of a worker's chunks in an "
                                                                                     "iteration";
  if (fit->room->trace.chunks != NULL)
    return "times per chunk, at rate 1";
  return rates || slow ? "rows, at rate 1" : "rows";
}

/* Z by the variance of cells, E by its own times and by the law that fits them best. */
static testudo_status fit_in_two_steps(testudo_fit *fit, testudo_i_fit_effort effort, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  testudo_i_components raw;
  TESTUDO_I_TRY(testudo_i_components_of(&room->cells, room->x, &room->arena, &raw, error));
  double mean = 0.0;
  for (int64_t r = 0; r < room->cells.rows; r++)
    mean += room->x[r] / (double)room->cells.rows;
  /* Sums of chunks follow the variance of times, not that of logarithms. */
  double between = log1p(raw.worker_iteration / (mean * mean));
  TESTUDO_I_TRY(testudo_i_mixed_times(&room->cells, room->x,
                                      between > 0.0 ? between : fit->log_variance.worker_iteration,
                                      fit->log_variance.residual, &room->arena, &room->chunk_times, room->worker_law,
                                      error));
  testudo_i_fit_samples samples = {room->chunk_times, room->cells.rows, NULL, 0};
  TESTUDO_I_HELD(testudo_i_free_held) char *found = NULL;
  testudo_fit_model *model;
  size_t models;
  effort.resamples = -1;
  TESTUDO_I_TRY(testudo_i_fit_laws(&samples, &effort, &model, &models, error));
  found = (char *)model;
  snprintf(room->chunk_law, sizeof room->chunk_law, "%s", model[0].law);
  return TESTUDO_OK;
}

static testudo_status fit_mixed(testudo_fit *fit, const testudo_i_fit_effort *effort, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  int64_t used;
  fit->mixed = testudo_i_arena_calloc(&room->arena, TESTUDO_I_MIXED_LAWS, sizeof *fit->mixed);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  TESTUDO_I_TRY(testudo_i_fit_mixed(&room->cells, room->x, fit->mixed, &fit->mixeds, &used, error));
  return fit_in_two_steps(fit, *effort, error);
}

bool testudo_i_fit_is(const testudo_fit *fit, testudo_structure structure)
{
  return testudo_i_find_word(testudo_i_structure_names, fit->structure) == (int)structure;
}

testudo_status testudo_i_fit_all_laws(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  bool cells_only = testudo_i_fit_is(fit, TESTUDO_STRUCTURE_SCALED) && room->startup == NULL;
  double *least;
  int64_t censored;
  TESTUDO_I_TRY(list_censored(fit, cells_only, &least, &censored, error));
  testudo_i_fit_samples samples = {cells_only ? room->cell_mean : room->pool,
                                   cells_only ? room->cell_means : room->pooled, least, censored};
  testudo_i_fit_effort effort = {.resamples = options->resamples, .seed = options->seed, .threads = options->threads,
                                 .monitor = options->monitor};
  fit->sample = samples.exact;
  fit->sampled = samples.exacts;
  fit->fitted = samples.exacts + samples.censored;
  fit->fitted_to = name_of_samples(fit, cells_only);
  TESTUDO_I_TRY(testudo_i_fit_laws(&samples, &effort, &fit->model, &fit->models, error));
  return testudo_i_fit_is(fit, TESTUDO_STRUCTURE_MIXED) ? fit_mixed(fit, &effort, error) : TESTUDO_OK;
}
