/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace file: the reader either refuses with a sentence or gives rows that keep its promises; and so
   does a replay of them. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

#include "delay/model.h"

/* Every worker has a time in every iteration, and no time is lost: phases add up. */
static void look_at_replay(const testudo_i_trace *trace)
{
  testudo_replay *replay;
  testudo_error error = {""};
  double read = 0.0, kept = 0.0;
  if (testudo_i_replay_make(trace, "fuzz.csv", &replay, &error) != TESTUDO_OK) {
    if (replay != NULL || error.text[0] == '\0')
      abort();
    return;
  }
  for (int64_t k = 0; k < trace->rows; k++)
    read += trace->seconds[k];
  for (int64_t i = 0; i < testudo_replay_iterations(replay); i++)
    for (int32_t j = 0; j < testudo_replay_workers(replay); j++) {
      int32_t count;
      const double *seconds = testudo_replay_times(replay, j, i, &count);
      if (count < 1)
        abort();
      for (int32_t k = 0; k < count; k++)
        kept += seconds[k];
    }
  if (!(fabs(read - kept) <= 1e-9 * read))
    abort();
  testudo_replay_free(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_i_trace trace;
  testudo_error error = {""};
  testudo_status status = testudo_i_trace_parse((const char *)data, size, "fuzz.csv", &trace, &error);
  if (status != TESTUDO_OK) {
    if (status != TESTUDO_ERROR_INPUT || error.text[0] == '\0' || trace.seconds != NULL || trace.worker != NULL ||
        trace.iteration != NULL || trace.chunk != NULL)
      abort();
    return 0;
  }
  if (trace.rows < 1)
    abort();
  for (int64_t k = 0; k < trace.rows; k++) {
    if (!(trace.seconds[k] >= 1e-100 && trace.seconds[k] <= 1e100))
      abort();
    if ((trace.worker != NULL && trace.worker[k] < 0) || (trace.iteration != NULL && trace.iteration[k] < 0) ||
        (trace.chunk != NULL && trace.chunk[k] < 0))
      abort();
  }
  look_at_replay(&trace);
  testudo_i_trace_free(&trace);
  return 0;
}
