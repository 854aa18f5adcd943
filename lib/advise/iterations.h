/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iterations that remedies are measured on: those of a trace, or drawn from a model (docs/theory/advice.md). */
#ifndef TESTUDO_ADVISE_ITERATIONS_H
#define TESTUDO_ADVISE_ITERATIONS_H

#include <testudo/advise.h>

#include "base/arena.h"
#include "fit/room.h"

/* Of worker w in iteration i, cell i * workers + w: seconds before its first chunk, and of each of `places` chunks that
   it would do one after the other. HUGE_VAL where it has failed. */
typedef struct testudo_i_iterations {
  int64_t count;
  int32_t workers;
  int32_t chunks;      /* of a share */
  int32_t places;      /* >= chunks */
  int32_t rows;        /* measured for a share in an iteration, a multiple of `chunks`; 0: not one for each */
  bool single;         /* a worker has one measured time in an iteration, which was cut into equal chunks */
  bool uneven;         /* the same, and that is the time of different numbers of chunks */
  bool loads;          /* of several loads: a start, and then chunks that all take the same time */
  double *start, *time;
} testudo_i_iterations;

/* What the rows of a fit say. `granularity`: into how many chunks a share is cut that has one time only; `most_load`:
   shares that there are places for. Iterations in which a worker is missing, or was not seen to end, are left out; of
   fewer than five others TESTUDO_ERROR_INPUT. `assumed` (240 characters): what is not measured. */
TESTUDO_CHECKED testudo_status testudo_i_iterations_measured(const testudo_fit *fit, int32_t granularity,
                                                             double most_load, testudo_i_arena *arena,
                                                             testudo_i_iterations *made, char *assumed,
                                                             testudo_error *error);

/* `count` independent ones of a model, whose law is of one of `chunks` chunks of a share (of unit share: of all of
   them); overhead and messages are left to the replays. */
TESTUDO_CHECKED testudo_status testudo_i_iterations_drawn(const testudo_delay_model *model, int32_t workers,
                                                          int32_t chunks, double most_load, int64_t count,
                                                          uint64_t seed, const testudo_monitor *monitor,
                                                          testudo_i_arena *arena, testudo_i_iterations *made,
                                                          testudo_error *error);

/* `count` iterations in which every worker has one of its own measured ones, drawn by itself. */
TESTUDO_CHECKED testudo_status testudo_i_iterations_resampled(const testudo_i_iterations *of, int64_t count,
                                                              uint64_t seed, testudo_i_arena *arena,
                                                              testudo_i_iterations *made, testudo_error *error);

/* The same in which each chunk is so many pieces of equal time, starts take `start` times as long, and workers are
   faster by these factors (NULL: as they were). */
TESTUDO_CHECKED testudo_status testudo_i_iterations_altered(const testudo_i_iterations *of, int32_t pieces,
                                                            double start, const double *faster,
                                                            testudo_i_arena *arena, testudo_i_iterations *made,
                                                            testudo_error *error);

/* The largest divisor of a number that is at most `most`, both >= 1. */
int32_t testudo_i_divisor_within(int32_t number, int32_t most);

/* As a replay in which a share has `granularity` chunks, a divisor of `chunks`, each `overhead` seconds longer. */
TESTUDO_CHECKED testudo_status testudo_i_iterations_replay(const testudo_i_iterations *of, int32_t granularity,
                                                           double overhead, testudo_replay **replay,
                                                           testudo_error *error);

/* Analysis of variance of the logarithms of the shares' times (docs/theory/advice.md#what-stragglers-cost). */
typedef struct testudo_i_effects {
  double cell;         /* variance between workers in an iteration, beyond the workers' own and the iteration's .. */
  double chunk;        /* .. and of the mean of a share's chunks; NAN: not known */
} testudo_i_effects;

/* `iteration`: NAN for those that are left out. */
TESTUDO_CHECKED testudo_status testudo_i_iterations_effects(const testudo_i_iterations *of, const double *iteration,
                                                            testudo_i_effects *effects, testudo_error *error);

/* A share's time, and the factors of workers and iterations of it: means over that of all, over the iterations in which
   everybody ends. Room for a number each; `worker` may be NULL. Returns the mean; the number of such iterations in
   *ended. */
double testudo_i_iterations_factors(const testudo_i_iterations *of, double *worker, double *iteration, int64_t *ended);

/* Seconds of worker `w`'s own share in iteration `i`. */
double testudo_i_iterations_share(const testudo_i_iterations *of, int64_t i, int32_t w);

#endif
