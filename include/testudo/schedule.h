/* SPDX-License-Identifier: BSD-3-Clause */
/* How many workers to wait for now: a schedule of AdaSync, made beforehand and looked up while training
   (docs/file-format.md#schedule-files).

       testudo_schedule_read("schedule.json", workers, &schedule, &error);
       every iteration:
         int32_t wait = testudo_schedule_wait(schedule, loss);
*/
#ifndef TESTUDO_SCHEDULE_H
#define TESTUDO_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable once made: threads may share it. */
typedef struct testudo_schedule testudo_schedule;

/* What is looked up. */
typedef enum testudo_schedule_by {
  TESTUDO_SCHEDULE_BY_LOSS, /* thresholds fall: number k applies once the loss is at[k] or less */
  TESTUDO_SCHEDULE_BY_TIME  /* thresholds rise: number k applies from at[k] seconds on */
} testudo_schedule_by;

#define TESTUDO_MAX_SCHEDULE 1000000 /* numbers in a schedule */

/* count numbers, 1..TESTUDO_MAX_SCHEDULE: at[] finite, strictly falling by loss, strictly rising and at least 0 by
   time; wait[] in 1..workers. TESTUDO_ERROR_ARGUMENT otherwise. The arrays are copied. */
TESTUDO_CHECKED testudo_status testudo_schedule_create(testudo_schedule_by by, size_t count, const double *at,
                                                       const int32_t *wait, int32_t workers,
                                                       testudo_schedule **schedule, testudo_error *error);

/* The same from the text of a file, or a file ("-": standard input); TESTUDO_ERROR_INPUT, with the place, where it is
   not a schedule for so many workers. */
TESTUDO_CHECKED testudo_status testudo_schedule_parse(const char *bytes, size_t length, const char *name,
                                                      int32_t workers, testudo_schedule **schedule,
                                                      testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_schedule_read(const char *path, int32_t workers, testudo_schedule **schedule,
                                                     testudo_error *error);

/* Writes a file that reads as the same schedule, to the last bit. */
TESTUDO_CHECKED testudo_status testudo_schedule_write(const testudo_schedule *schedule, const char *path,
                                                      testudo_error *error);
void testudo_schedule_free(testudo_schedule *schedule);

/* Which K now: wait[k] of the last k whose threshold the loss (or the time) has reached; wait[0] before the first, and
   for NaN. O(log count). */
int32_t testudo_schedule_wait(const testudo_schedule *schedule, double value);

testudo_schedule_by testudo_schedule_looks_up(const testudo_schedule *schedule);
size_t testudo_schedule_count(const testudo_schedule *schedule);
const double *testudo_schedule_thresholds(const testudo_schedule *schedule);  /* lent */
const int32_t *testudo_schedule_waits(const testudo_schedule *schedule);      /* lent */

#ifdef __cplusplus
}
#endif
#endif
