/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a schedule: refused with a sentence, or thresholds in order whose answers are the waits. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/schedule.h>

enum { WORKERS = 9 };

static void require(int holds)
{
  if (!holds)
    abort();
}

static void use(const testudo_schedule *schedule)
{
  size_t count = testudo_schedule_count(schedule);
  const double *at = testudo_schedule_thresholds(schedule);
  const int32_t *wait = testudo_schedule_waits(schedule);
  bool by_time = testudo_schedule_looks_up(schedule) == TESTUDO_SCHEDULE_BY_TIME;
  require(count >= 1);
  for (size_t k = 0; k < count; k++) {
    require(isfinite(at[k]) && wait[k] >= 1 && wait[k] <= WORKERS);
    require(k == 0 || (by_time ? at[k] > at[k - 1] : at[k] < at[k - 1]));
    require(testudo_schedule_wait(schedule, at[k]) == wait[k]);
  }
  testudo_schedule *again;
  require(testudo_schedule_create(testudo_schedule_looks_up(schedule), count, at, wait, WORKERS, &again, NULL) ==
          TESTUDO_OK);
  testudo_schedule_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_schedule *schedule;
  testudo_error error = {""};
  testudo_status status = testudo_schedule_parse((const char *)data, size, "fuzz", WORKERS, &schedule, &error);
  if (status == TESTUDO_OK)
    use(schedule);
  else {
    require(status == TESTUDO_ERROR_INPUT && schedule == NULL);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
  }
  testudo_schedule_free(schedule);
  return 0;
}
