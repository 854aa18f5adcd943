/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of the times of workers, drawn as the simulation draws. */
#include "optimize/slots/sample.h"

#include <math.h>

#include "base/error.h"
#include "base/random.h"
#include "numeric/even.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

/* One number per worker and trial will do where a chunk's time is a part of it: nothing else must be in the model. */
static bool is_scaled(const testudo_delay_model *model)
{
  testudo_delay_model chunk = *model;
  chunk.unit = TESTUDO_UNIT_CHUNK;
  return model->structure == TESTUDO_STRUCTURE_SCALED && testudo_i_delay_is_plain(&chunk);
}

static bool are_alike(const testudo_delay_model *model)
{
  return model->rates == NULL && model->classes == NULL && model->replay == NULL &&
         model->failures != TESTUDO_FAILURES_EXACTLY && model->domain_factor == NULL;
}

/* Workers of the sample where all are alike: those whose times are drawn evenly, at most TESTUDO_I_EVEN_DIMENSIONS and
   no fewer than a group has, and others. */
enum { MOST_EVEN = 12, MOST_ALIKE = 48 };

/* One number per worker and trial, of the law itself: the points of Sobol's sequence, moved at random as a whole, fill
   the cube of a group's numbers more evenly than random ones, so that fewer are enough. */
static testudo_status draw_evenly(testudo_i_slot_sample *sample, testudo_i_arena *arena, const testudo_i_goal *goal,
                                  int64_t first, int64_t trials, testudo_error *error)
{
  int32_t workers = sample->workers;
  double *uniform = testudo_i_arena_alloc(arena, (size_t)trials, sizeof *uniform);
  double *time = testudo_i_arena_alloc(arena, (size_t)trials, sizeof *time);
  sample->times = (testudo_i_times){.trials = trials};
  float *to = testudo_i_arena_alloc(arena, (size_t)workers * (size_t)trials, sizeof *to);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_even_points(workers, trials, to, error));
  testudo_i_random random;
  testudo_i_random_start(&random, goal->stream, TESTUDO_I_FOR_SEARCH, (uint64_t)first, 12);
  for (int32_t j = 0; j < workers; j++) {
    double moved = testudo_i_random_uniform(&random);
    for (int64_t r = 0; r < trials; r++)
      uniform[r] = fmin(fmax(fmod((double)to[j * trials + r] + moved, 1), 1e-12), 1 - 1e-12);
    testudo_i_law_fill(goal->model->law, uniform, time, (size_t)trials);
    for (int64_t r = 0; r < trials; r++)
      to[j * trials + r] = (float)time[r];
  }
  sample->times.time = to;
  return TESTUDO_OK;
}

testudo_status testudo_i_slot_sample_make(testudo_i_slot_sample *sample, testudo_i_arena *arena,
                                          const testudo_i_goal *goal, int32_t workers, int32_t chunks, int32_t places,
                                          int64_t first, double draws, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  testudo_delay_model model = *goal->model;
  testudo_i_goal drawn = *goal;
  *sample = (testudo_i_slot_sample){.workers = workers, .places = places, .unit = 1, .alike = are_alike(&model)};
  if (is_scaled(&model) && model.unit == TESTUDO_UNIT_SHARE) {
    model.unit = TESTUDO_UNIT_CHUNK;
    sample->unit = 1.0 / chunks;
  }
  if (sample->alike && is_scaled(&model) && model.failures == TESTUDO_FAILURES_NONE) {
    sample->workers = workers < MOST_EVEN ? workers : MOST_EVEN;
    int64_t points = TESTUDO_I_TIMES_BLOCK;
    while (points < draws / sample->workers)
      points *= 2;
    return draw_evenly(sample, arena, goal, first, points, error);
  }
  if (sample->alike && workers > MOST_ALIKE)
    sample->workers = workers = MOST_ALIKE;
  drawn.model = &model;
  int64_t trials = (int64_t)ceil(draws / workers / TESTUDO_I_TIMES_BLOCK) * TESTUDO_I_TIMES_BLOCK;
  TESTUDO_I_TRY(testudo_i_search_hold(workers, chunks, places, &design, error));
  return testudo_i_times_make(&sample->times, arena, &drawn, design, first, trials, error);
}
