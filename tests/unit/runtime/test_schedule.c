/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules of waiting: what they answer, how they are written and read, and every way they can be wrong. */
#include "check.h"

#include <unistd.h>

#include <testudo/schedule.h>

static testudo_schedule *parsed(const char *text)
{
  testudo_schedule *schedule;
  testudo_error error = {""};
  if (testudo_schedule_parse(text, strlen(text), "s.json", 8, &schedule, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return schedule;
}

static void by_loss_thresholds_fall(void **state)
{
  (void)state;
  testudo_schedule *schedule = parsed("{\"format\":\"testudo-schedule\",\"version\":1,\"by\":\"loss\","
                                      "\"at\":[2,1.5,0.25],\"wait\":[1,3,8],\"note\":{}}");
  static const double loss[] = {INFINITY, 5.0, 2.0, 1.6, 1.5, 1.0, 0.25, 0.0, -INFINITY, NAN};
  static const int32_t wait[] = {1, 1, 1, 1, 3, 3, 8, 8, 8, 1};
  for (size_t k = 0; k < sizeof wait / sizeof *wait; k++)
    assert_int_equal(testudo_schedule_wait(schedule, loss[k]), wait[k]);
  assert_int_equal(testudo_schedule_looks_up(schedule), TESTUDO_SCHEDULE_BY_LOSS);
  assert_int_equal(testudo_schedule_count(schedule), 3);
  assert_true(testudo_schedule_thresholds(schedule)[1] == 1.5 && testudo_schedule_waits(schedule)[1] == 3);
  testudo_schedule_free(schedule);
}

static void by_time_thresholds_rise(void **state)
{
  (void)state;
  testudo_schedule *schedule = parsed("{\"format\":\"testudo-schedule\",\"version\":1,\"by\":\"time\","
                                      "\"at\":[0.0,10,60],\"wait\":[2,1,7]}");
  static const double time[] = {-1.0, 0.0, 9.99, 10.0, 59.0, 60.0, 1e300, NAN};
  static const int32_t wait[] = {2, 2, 2, 1, 1, 7, 7, 2};
  for (size_t k = 0; k < sizeof wait / sizeof *wait; k++)
    assert_int_equal(testudo_schedule_wait(schedule, time[k]), wait[k]);
  testudo_schedule_free(schedule);
}

/* Against a walk through all thresholds. */
static void the_search_finds_what_a_walk_finds(void **state)
{
  (void)state;
  enum { MOST = 70 };
  double at[MOST];
  int32_t wait[MOST];
  for (size_t count = 1; count <= MOST; count++) {
    testudo_schedule *schedule;
    for (size_t k = 0; k < count; k++) {
      at[k] = 100.0 - (double)k;
      wait[k] = 1 + (int32_t)k;
    }
    assert_ok(testudo_schedule_create(TESTUDO_SCHEDULE_BY_LOSS, count, at, wait, MOST, &schedule, NULL));
    for (double loss = 101.0; loss > 20.0; loss -= 0.5) {
      size_t k = 0;
      while (k + 1 < count && loss <= at[k + 1])
        k++;
      assert_int_equal(testudo_schedule_wait(schedule, loss), wait[k]);
    }
    testudo_schedule_free(schedule);
  }
}

static void what_is_written_reads_the_same(void **state)
{
  (void)state;
  static const double at[] = {1.0 / 3.0, 0.1, 5e-324, 0.0, -1e300};
  static const int32_t wait[] = {1, 5, 2, 40, 7};
  testudo_schedule *schedule, *again;
  char path[] = "schedule-XXXXXX";
  close(mkstemp(path));
  assert_ok(testudo_schedule_create(TESTUDO_SCHEDULE_BY_LOSS, 5, at, wait, 40, &schedule, NULL));
  assert_ok(testudo_schedule_write(schedule, path, NULL));
  assert_ok(testudo_schedule_read(path, 40, &again, NULL));
  assert_int_equal(testudo_schedule_count(again), 5);
  assert_memory_equal(testudo_schedule_thresholds(again), at, sizeof at);
  assert_memory_equal(testudo_schedule_waits(again), wait, sizeof wait);
  testudo_schedule_free(again);
  testudo_error error = {""};
  assert_status(testudo_schedule_read(path, 39, &again, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, ": wait[3]: 40, but it must be in 1..39, the workers"));
  assert_null(again);
  remove(path);
  assert_status(testudo_schedule_read(path, 39, &again, &error), TESTUDO_ERROR_INPUT);
  assert_status(testudo_schedule_write(schedule, "no-such-folder/x", &error), TESTUDO_ERROR_SYSTEM);
  testudo_schedule_free(schedule);
}

static void files_that_are_none_are_refused_with_the_place(void **state)
{
  (void)state;
#define HEAD "{\"format\":\"testudo-schedule\",\"version\":1,"
  static const struct {
    const char *text, *sentence;
  } broken[] = {
      {"{", "s.json: line 1, column 1: "}, /* and what jansson says */
      {"[]", "s.json: is an array, but a schedule is an object"},
      {"{}", "s.json: format: missing"},
      {"{\"format\":\"testudo-design\"}", "s.json: format: must be \"testudo-schedule\""},
      {"{\"format\":\"testudo-schedule\"}", "s.json: version: missing"},
      {"{\"format\":\"testudo-schedule\",\"version\":2}", "s.json: version: 2, but this library reads version 1"},
      {HEAD "\"at\":[1]}", "s.json: by: missing"},
      {HEAD "\"by\":\"step\"}", "s.json: by: \"step\", but it must be \"loss\" or \"time\""},
      {HEAD "\"by\":\"loss\"}", "s.json: at: missing"},
      {HEAD "\"by\":\"loss\",\"at\":1}", "s.json: at: is an integer, but must be an array"},
      {HEAD "\"by\":\"loss\",\"at\":[1]}", "s.json: wait: missing"},
      {HEAD "\"by\":\"loss\",\"at\":[],\"wait\":[]}", "s.json: at: has 0 numbers, but it must have 1..1000000"},
      {HEAD "\"by\":\"loss\",\"at\":[1],\"wait\":[1,2]}", "s.json: wait: has 2 numbers, but at has 1"},
      {HEAD "\"by\":\"loss\",\"at\":[\"1\"],\"wait\":[1]}", "s.json: at[0]: is a string, but must be a number"},
      {HEAD "\"by\":\"loss\",\"at\":[1],\"wait\":[1.0]}",
       "s.json: wait[0]: is a number with point or exponent, but must be an integer"},
      {HEAD "\"by\":\"loss\",\"at\":[1],\"wait\":[0]}", "s.json: wait[0]: 0, but it must be in 1..8, the workers"},
      {HEAD "\"by\":\"loss\",\"at\":[2,1],\"wait\":[8,9]}", "s.json: wait[1]: 9, but it must be in 1..8, the workers"},
      {HEAD "\"by\":\"loss\",\"at\":[1],\"wait\":[4294967297]}",
       "s.json: wait[0]: 4294967297, but it must be in 1..8, the workers"},
      {HEAD "\"by\":\"loss\",\"at\":[1,1],\"wait\":[1,2]}",
       "s.json: at[1]: 1 after 1, but by loss the thresholds must fall"},
      {HEAD "\"by\":\"time\",\"at\":[0,2,1],\"wait\":[1,2,3]}",
       "s.json: at[2]: 1 after 2, but by time the thresholds must rise"},
      {HEAD "\"by\":\"time\",\"at\":[-0.5],\"wait\":[1]}",
       "s.json: at[0]: -0.5, but a time must be at least 0"},
  };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_schedule *schedule;
    testudo_error error = {""};
    assert_status(testudo_schedule_parse(broken[k].text, strlen(broken[k].text), "s.json", 8, &schedule, &error),
                  TESTUDO_ERROR_INPUT);
    if (k == 0)
      error.text[strlen(broken[k].sentence)] = '\0';
    assert_string_equal(error.text, broken[k].sentence);
    assert_null(schedule);
  }
}

static void refuses_to_create(testudo_schedule_by by, size_t count, const double *at, const int32_t *wait,
                              int32_t workers, const char *sentence)
{
  testudo_schedule *schedule;
  testudo_error error = {""};
  assert_status(testudo_schedule_create(by, count, at, wait, workers, &schedule, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, sentence);
  assert_null(schedule);
}

static void arguments_out_of_range_are_refused(void **state)
{
  (void)state;
  const double at[2] = {1.0, NAN}, fine[1] = {1.0};
  const int32_t wait[2] = {1, 1};
  refuses_to_create(TESTUDO_SCHEDULE_BY_LOSS, 0, at, wait, 2, "count: 0, but it must be in 1..1000000");
  refuses_to_create(TESTUDO_SCHEDULE_BY_LOSS, 1, fine, wait, 0, "workers: 0, but it must be at least 1");
  refuses_to_create((testudo_schedule_by)2, 1, fine, wait, 2, "by: 2, but it is loss (0) or time (1)");
  refuses_to_create(TESTUDO_SCHEDULE_BY_TIME, 2, at, wait, 2, "at[1]: not a finite number");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_loss_thresholds_fall),
      cmocka_unit_test(by_time_thresholds_rise),
      cmocka_unit_test(the_search_finds_what_a_walk_finds),
      cmocka_unit_test(what_is_written_reads_the_same),
      cmocka_unit_test(files_that_are_none_are_refused_with_the_place),
      cmocka_unit_test(arguments_out_of_range_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
