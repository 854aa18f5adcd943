/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace file: the reader either refuses with a sentence or gives rows that keep its promises. */
#include "fuzz.h"

#include <stdlib.h>

#include "delay/model.h"

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
  testudo_i_trace_free(&trace);
  return 0;
}
