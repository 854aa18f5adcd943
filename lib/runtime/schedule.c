/* SPDX-License-Identifier: BSD-3-Clause */
/* Schedules of waiting: made, read, written and looked up (docs/file-format.md#schedule-files). */
#include <testudo/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "json/read.h"
#include "json/write.h"

struct testudo_schedule {
  testudo_schedule_by by;
  size_t count;
  double *at;
  int32_t *wait;
};

static const char *const by_names[] = {[TESTUDO_SCHEDULE_BY_LOSS] = "loss", [TESTUDO_SCHEDULE_BY_TIME] = "time"};

void testudo_schedule_free(testudo_schedule *schedule)
{
  if (schedule == NULL)
    return;
  free(schedule->at);
  free(schedule->wait);
  free(schedule);
}

/* ---- its rules ---- */

static testudo_status refuse_threshold(const testudo_schedule *schedule, size_t k, testudo_status refused,
                                       testudo_error *error)
{
  bool by_time = schedule->by == TESTUDO_SCHEDULE_BY_TIME;
  double value = schedule->at[k];
  if (!isfinite(value))
    return testudo_i_fail(error, refused, "at[%zu]: not a finite number", k);
  if (by_time && value < 0.0)
    return testudo_i_fail(error, refused, "at[%zu]: %.17g, but a time must be at least 0", k, value);
  return testudo_i_fail(error, refused, "at[%zu]: %.17g after %.17g, but by %s the thresholds must %s", k, value,
                        schedule->at[k - 1], by_names[schedule->by], by_time ? "rise" : "fall");
}

static testudo_status check_schedule(const testudo_schedule *schedule, int32_t workers, testudo_status refused,
                                     testudo_error *error)
{
  bool by_time = schedule->by == TESTUDO_SCHEDULE_BY_TIME;
  for (size_t k = 0; k < schedule->count; k++) {
    double value = schedule->at[k], last = k == 0 ? by_time ? -1.0 : INFINITY : schedule->at[k - 1];
    if (!isfinite(value) || (by_time ? value <= last || value < 0.0 : value >= last))
      return refuse_threshold(schedule, k, refused, error);
    if (schedule->wait[k] < 1 || schedule->wait[k] > workers)
      return testudo_i_fail(error, refused, "wait[%zu]: %d, but it must be in 1..%d, the workers", k,
                            (int)schedule->wait[k], (int)workers);
  }
  return TESTUDO_OK;
}

static testudo_status check_size(size_t count, int32_t workers, testudo_error *error)
{
  if (workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but it must be at least 1", (int)workers);
  if (count < 1 || count > TESTUDO_MAX_SCHEDULE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "count: %zu, but it must be in 1..%d", count,
                          TESTUDO_MAX_SCHEDULE);
  return TESTUDO_OK;
}

static testudo_status make_schedule(testudo_schedule_by by, size_t count, testudo_schedule **schedule,
                                    testudo_error *error)
{
  testudo_schedule *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->by = by;
  made->count = count;
  made->at = testudo_i_alloc(count, sizeof *made->at);
  made->wait = testudo_i_alloc(count, sizeof *made->wait);
  TESTUDO_I_HAND_OVER(testudo_i_memory_check(made->at != NULL && made->wait != NULL, error), made,
                      testudo_schedule_free, schedule);
}

testudo_status testudo_schedule_create(testudo_schedule_by by, size_t count, const double *at, const int32_t *wait,
                                       int32_t workers, testudo_schedule **schedule, testudo_error *error)
{
  TESTUDO_I_NEED(schedule);
  TESTUDO_I_NEED(at);
  TESTUDO_I_NEED(wait);
  *schedule = NULL;
  testudo_schedule *made = NULL;
  TESTUDO_I_TRY(check_size(count, workers, error));
  if ((unsigned)by >= sizeof by_names / sizeof *by_names)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "by: %d, but it is loss (0) or time (1)", (int)by);
  TESTUDO_I_TRY(make_schedule(by, count, &made, error));
  memcpy(made->at, at, count * sizeof *at);
  memcpy(made->wait, wait, count * sizeof *wait);
  TESTUDO_I_HAND_OVER(check_schedule(made, workers, TESTUDO_ERROR_ARGUMENT, error), made, testudo_schedule_free,
                      schedule);
}

/* ---- its file ---- */

static testudo_status read_by(const testudo_i_json_at *root, testudo_schedule_by *by)
{
  const char *text;
  TESTUDO_I_TRY(testudo_i_json_want_string(root, "by", &text));
  for (size_t k = 0; k < sizeof by_names / sizeof *by_names; k++)
    if (strcmp(text, by_names[k]) == 0) {
      *by = (testudo_schedule_by)k;
      return TESTUDO_OK;
    }
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(text, shown);
  return testudo_i_json_refuse(root, "by: \"%s\", but it must be \"loss\" or \"time\"", shown);
}

static testudo_status check_lists(const testudo_i_json_at *root, size_t at, size_t wait)
{
  if (at < 1 || at > TESTUDO_MAX_SCHEDULE)
    return testudo_i_json_refuse(root, "at: has %zu numbers, but it must have 1..%d", at, TESTUDO_MAX_SCHEDULE);
  return wait == at ? TESTUDO_OK
                    : testudo_i_json_refuse(root, "wait: has %zu numbers, but at has %zu", wait, at);
}

static testudo_status read_items(const testudo_i_json_at *root, const testudo_i_json_value *ats,
                                 const testudo_i_json_value *waits, int32_t workers, testudo_schedule *schedule)
{
  for (size_t k = 0; k < schedule->count; k++) {
    const testudo_i_json_value *at = testudo_i_json_item(ats, k), *wait = testudo_i_json_item(waits, k);
    if (!testudo_i_json_is_number(at))
      return testudo_i_json_refuse(root, "at[%zu]: is %s, but must be a number", k, testudo_i_json_kind_name(at));
    if (testudo_i_json_kind_of(wait) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_json_refuse(root, "wait[%zu]: is %s, but must be an integer", k,
                                   testudo_i_json_kind_name(wait));
    int64_t number = testudo_i_json_integer(wait);
    if (number < 1 || number > workers)
      return testudo_i_json_refuse(root, "wait[%zu]: %lld, but it must be in 1..%d, the workers", k,
                                   (long long)number, (int)workers);
    schedule->at[k] = testudo_i_json_number(at);
    schedule->wait[k] = (int32_t)number;
  }
  return testudo_i_prefixed(check_schedule(schedule, workers, TESTUDO_ERROR_INPUT, root->error),
                            testudo_i_json_name(root->document), root->error);
}

static testudo_status read_schedule(const testudo_i_json_at *root, int32_t workers, testudo_schedule **schedule)
{
  const testudo_i_json_value *at, *wait;
  testudo_schedule_by by = TESTUDO_SCHEDULE_BY_LOSS;
  testudo_schedule *made = NULL;
  TESTUDO_I_TRY(testudo_i_json_want_format(root, "a schedule", "testudo-schedule"));
  TESTUDO_I_TRY(testudo_i_json_want_version(root));
  TESTUDO_I_TRY(read_by(root, &by));
  TESTUDO_I_TRY(testudo_i_json_want_kind(root, "at", TESTUDO_I_JSON_ARRAY, &at));
  TESTUDO_I_TRY(testudo_i_json_want_kind(root, "wait", TESTUDO_I_JSON_ARRAY, &wait));
  TESTUDO_I_TRY(check_lists(root, testudo_i_json_size(at), testudo_i_json_size(wait)));
  TESTUDO_I_TRY(make_schedule(by, testudo_i_json_size(at), &made, root->error));
  TESTUDO_I_HAND_OVER(read_items(root, at, wait, workers, made), made, testudo_schedule_free, schedule);
}

testudo_status testudo_schedule_parse(const char *bytes, size_t length, const char *name, int32_t workers,
                                      testudo_schedule **schedule, testudo_error *error)
{
  TESTUDO_I_NEED(schedule);
  TESTUDO_I_NEED(bytes);
  TESTUDO_I_NEED(name);
  *schedule = NULL;
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_TRY(check_size(1, workers, error));
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, name, &document, error));
  const testudo_i_json_at root = testudo_i_json_top(document, error);
  return read_schedule(&root, workers, schedule);
}

testudo_status testudo_schedule_read(const char *path, int32_t workers, testudo_schedule **schedule,
                                     testudo_error *error)
{
  TESTUDO_I_NEED(schedule);
  TESTUDO_I_NEED(path);
  *schedule = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_SCHEDULE_FILE, &bytes, &length, error));
  return testudo_schedule_parse(bytes, length, path, workers, schedule, error);
}

static testudo_status put_schedule(const testudo_schedule *schedule, FILE *stream, testudo_error *error)
{
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  testudo_i_json_put_string(&writer, "format", "testudo-schedule");
  testudo_i_json_put_integer(&writer, "version", 1);
  testudo_i_json_put_string(&writer, "by", by_names[schedule->by]);
  testudo_i_json_put_reals(&writer, "at", schedule->at, schedule->count);
  testudo_i_json_put_integers(&writer, "wait", schedule->wait, schedule->count);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
  return testudo_i_memory_check(!writer.failed, error);
}

testudo_status testudo_schedule_write(const testudo_schedule *schedule, const char *path, testudo_error *error)
{
  TESTUDO_I_NEED(schedule);
  TESTUDO_I_NEED(path);
  TESTUDO_I_HELD(testudo_i_output_abandon) testudo_i_output output = {0};
  TESTUDO_I_TRY(testudo_i_output_open(&output, path, error));
  TESTUDO_I_TRY(put_schedule(schedule, output.stream, error));
  return testudo_i_output_commit(&output, error);
}

/* ---- looked up ---- */

static bool has_reached(const testudo_schedule *schedule, size_t k, double value)
{
  return schedule->by == TESTUDO_SCHEDULE_BY_TIME ? value >= schedule->at[k] : value <= schedule->at[k];
}

int32_t testudo_schedule_wait(const testudo_schedule *schedule, double value)
{
  if (schedule == NULL)
    return 0;
  size_t low = 0, high = schedule->count; /* low is the first or has been reached, high has not */
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (has_reached(schedule, middle, value))
      low = middle;
    else
      high = middle;
  }
  return schedule->wait[low];
}

testudo_schedule_by testudo_schedule_looks_up(const testudo_schedule *schedule)
{
  return schedule == NULL ? TESTUDO_SCHEDULE_BY_LOSS : schedule->by;
}

size_t testudo_schedule_count(const testudo_schedule *schedule)
{
  return schedule == NULL ? 0 : schedule->count;
}

const double *testudo_schedule_thresholds(const testudo_schedule *schedule)
{
  return schedule == NULL ? NULL : schedule->at;
}

const int32_t *testudo_schedule_waits(const testudo_schedule *schedule)
{
  return schedule == NULL ? NULL : schedule->wait;
}
