/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tables of slots are compared on: the times of all workers in a fixed sample of iterations, whichever chunks they
   will do, cut into groups (docs/theory/search-latency.md#tables-of-slots). */
#ifndef TESTUDO_OPTIMIZE_SLOTS_SAMPLE_H
#define TESTUDO_OPTIMIZE_SLOTS_SAMPLE_H

#include "optimize/latency/objective.h"
#include "optimize/local/times.h"

typedef struct testudo_i_slot_sample {
  testudo_i_times times;
  int32_t workers, places;  /* times of so many chunks, one after the other */
  double unit;              /* seconds are the times in the sample, times this */
  bool alike;               /* all workers have the same law and are independent of each other */
} testudo_i_slot_sample;

/* About `draws` iterations of single workers that hold `places` chunks, `chunks` of them in a share. In the arena. */
TESTUDO_CHECKED testudo_status testudo_i_slot_sample_make(testudo_i_slot_sample *sample, testudo_i_arena *arena,
                                                          const testudo_i_goal *goal, int32_t workers, int32_t chunks,
                                                          int32_t places, int64_t first, double draws,
                                                          testudo_error *error);

/* When worker j is done with its k-th chunk, k from 0, in trials begin, begin + 1, ..: *factor times what is there. */
static inline const float *testudo_i_slot_sample_row(const testudo_i_slot_sample *sample, int32_t worker, int32_t k,
                                                     int64_t begin, float *factor)
{
  const testudo_i_times *times = &sample->times;
  *factor = times->timed ? 1.0f : (float)(k + 1);
  int64_t row = times->timed ? (int64_t)worker * sample->places + k : worker;
  return times->time + row * times->trials + begin;
}

#endif
