/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace file: the reader either refuses with a sentence or gives rows that keep its promises, whatever
   it was asked for; and so does a replay of them. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "delay/model.h"

/* Every worker has a time in every iteration, and no time is lost. */
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
  if (!(fabs(read - kept) <= 1e-9 * read) || trace->censored != NULL)
    abort();
  testudo_replay_free(replay);
}

static void look_at_rows(const testudo_i_trace *trace)
{
  const int32_t *const column[] = {trace->worker, trace->iteration, trace->chunk};
  if (trace->rows < 1)
    abort();
  for (int64_t k = 0; k < trace->rows; k++) {
    if (!(trace->seconds[k] >= 1e-100 && trace->seconds[k] <= 1e100))
      abort();
    for (int c = 0; c < 3; c++)
      if (column[c] != NULL && column[c][k] < 0)
        abort();
    if ((trace->chunks != NULL && trace->chunks[k] < 1) ||
        (trace->worker_name != NULL && trace->worker[k] >= trace->names))
      abort();
  }
  for (int32_t w = 1; w < trace->names; w++)
    if (strcmp(trace->worker_name[w - 1], trace->worker_name[w]) == 0)
      abort();
}

static void look_at_trace(const uint8_t *data, size_t size, const testudo_trace_options *options)
{
  testudo_i_trace trace;
  testudo_error error = {""};
  testudo_status status = testudo_i_trace_parse_as((const char *)data, size, "fuzz.csv", options, &trace, &error);
  if (status != TESTUDO_OK) {
    bool known = status == TESTUDO_ERROR_INPUT || (options != NULL && status == TESTUDO_ERROR_ARGUMENT);
    if (!known || error.text[0] == '\0' || trace.seconds != NULL || trace.worker != NULL || trace.iteration != NULL ||
        trace.chunk != NULL || trace.chunks != NULL || trace.censored != NULL || trace.worker_name != NULL)
      abort();
    return;
  }
  char text[64];
  testudo_i_trace_describe(&trace, text, sizeof text);
  look_at_rows(&trace);
  look_at_replay(&trace);
  testudo_i_trace_free(&trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const testudo_trace_options asked[] = {
      {.sum = "phase", .unit = TESTUDO_TRACE_UNIT_MS},
      {.events = "*f?d*", .sum = "name"},
      {.separator = ' ', .decimal_comma = true,
       .column = {[TESTUDO_TRACE_SECONDS] = "2", [TESTUDO_TRACE_WORKER] = "1"}},
  };
  look_at_trace(data, size, NULL);
  for (size_t k = 0; k < sizeof asked / sizeof *asked; k++)
    look_at_trace(data, size, &asked[k]);
  return 0;
}
