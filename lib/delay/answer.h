/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes whose workers send when the server has fixed what it will decode: `seconds` (a signal and a message) pass
   after that. The doubles that draws, deadlines and exact laws compare. */
#ifndef TESTUDO_DELAY_ANSWER_H
#define TESTUDO_DELAY_ANSWER_H

#include <float.h>

#include "delay/model.h"

/* Those seconds, of messages of 1/parts of a vector: on average, where messages take a random time. */
static inline double testudo_i_answer_seconds(const testudo_delay_model *model, int32_t parts)
{
  return model->signal + (model->message != NULL ? testudo_law_mean(model->message) / parts : 0.0);
}

/* T, of progress fixed at t. */
static inline double testudo_i_answered_at(double t, double seconds)
{
  return t + seconds;
}

/* The largest time at which progress can be fixed to be answered by t. */
static inline double testudo_i_latest_progress(double t, double seconds)
{
  double room = 4.0 * DBL_EPSILON * (t + seconds), early = t - seconds - room, late = t - seconds + room;
  if (!(seconds > 0.0) || !(t <= DBL_MAX))
    return t;
  for (;;) {
    double middle = early + (late - early) / 2.0;
    if (!(middle > early && middle < late))
      return early;
    if (testudo_i_answered_at(middle, seconds) <= t)
      early = middle;
    else
      late = middle;
  }
}

#endif
