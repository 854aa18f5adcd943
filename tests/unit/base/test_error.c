/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/error.h"

static void fail_writes_the_sentence_and_hands_the_status_back(void **state)
{
  (void)state;
  testudo_error error;
  assert_status(testudo_i_fail(&error, TESTUDO_ERROR_INPUT, "%s: order[%d]: chunk %d", "a.json", 7, 20),
                TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "a.json: order[7]: chunk 20");
  assert_status(testudo_i_fail(&error, TESTUDO_ERROR_LIMIT, "shorter"), TESTUDO_ERROR_LIMIT);
  assert_string_equal(error.text, "shorter");
}

static void every_call_takes_no_error_object(void **state)
{
  (void)state;
  assert_status(testudo_i_fail(NULL, TESTUDO_ERROR_SYSTEM, "%d", 1), TESTUDO_ERROR_SYSTEM);
  assert_status(testudo_i_fail_memory(NULL), TESTUDO_ERROR_SYSTEM);
  testudo_i_error_prefix(NULL, "nobody");
}

/* 511 characters fit; one more is cut and ends with three points. */
static void a_sentence_is_cut_only_when_it_does_not_fit(void **state)
{
  (void)state;
  testudo_error error;
  char text[sizeof error.text + 1];
  memset(text, 'q', sizeof text);
  text[sizeof error.text - 1] = '\0';
  (void)testudo_i_fail(&error, TESTUDO_ERROR_INPUT, "%s", text);
  assert_string_equal(error.text, text);
  text[sizeof error.text - 1] = 'q';
  text[sizeof error.text] = '\0';
  (void)testudo_i_fail(&error, TESTUDO_ERROR_INPUT, "%s", text);
  assert_int_equal(strlen(error.text), sizeof error.text - 1);
  assert_string_equal(error.text + sizeof error.text - 5, "q...");
}

static void a_prefix_goes_before_the_sentence_and_is_cut_too(void **state)
{
  (void)state;
  testudo_error error;
  (void)testudo_i_fail(&error, TESTUDO_ERROR_INPUT, "line 7: -3 seconds");
  testudo_i_error_prefix(&error, "trace.csv");
  assert_string_equal(error.text, "trace.csv: line 7: -3 seconds");
  char prefix[600];
  memset(prefix, 'p', sizeof prefix - 1);
  prefix[sizeof prefix - 1] = '\0';
  testudo_i_error_prefix(&error, prefix);
  assert_int_equal(strlen(error.text), sizeof error.text - 1);
  assert_string_equal(error.text + sizeof error.text - 5, "p...");
}

static void no_memory_is_a_system_error_with_a_sentence(void **state)
{
  (void)state;
  testudo_error error;
  assert_status(testudo_i_fail_memory(&error), TESTUDO_ERROR_SYSTEM);
  assert_string_equal(error.text, "not enough memory");
  assert_status(testudo_i_memory_check(true, &error), TESTUDO_OK);
  assert_status(testudo_i_memory_check(false, &error), TESTUDO_ERROR_SYSTEM);
  assert_string_equal(error.text, "not enough memory");
}

struct seen {
  int calls;
  double fraction;
};

static bool stop_at_the_third_call(void *context, double fraction)
{
  struct seen *seen = context;
  seen->fraction = fraction;
  return ++seen->calls < 3;
}

static void a_monitor_stops_when_its_step_answers_false(void **state)
{
  (void)state;
  struct seen seen = {0, 0.0};
  const testudo_monitor monitor = {stop_at_the_third_call, &seen};
  assert_false(testudo_i_stopped(&monitor, 0.125));
  assert_near(seen.fraction, 0.125, 0.0);
  assert_false(testudo_i_stopped(&monitor, -1.0));
  assert_near(seen.fraction, -1.0, 0.0);
  assert_true(testudo_i_stopped(&monitor, 0.875));
  assert_int_equal(seen.calls, 3);
}

static void no_monitor_or_an_empty_one_never_stops(void **state)
{
  (void)state;
  const testudo_monitor empty = {NULL, NULL};
  assert_false(testudo_i_stopped(NULL, 1.0));
  assert_false(testudo_i_stopped(&empty, 1.0));
}

static void the_version_has_three_numbers(void **state)
{
  (void)state;
  int major = -1, minor = -1, patch = -1, used = 0;
  assert_int_equal(sscanf(testudo_version(), "%d.%d.%d%n", &major, &minor, &patch, &used), 3);
  assert_int_equal(testudo_version()[used], '\0');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fail_writes_the_sentence_and_hands_the_status_back),
      cmocka_unit_test(every_call_takes_no_error_object),
      cmocka_unit_test(a_sentence_is_cut_only_when_it_does_not_fit),
      cmocka_unit_test(a_prefix_goes_before_the_sentence_and_is_cut_too),
      cmocka_unit_test(no_memory_is_a_system_error_with_a_sentence),
      cmocka_unit_test(a_monitor_stops_when_its_step_answers_false),
      cmocka_unit_test(no_monitor_or_an_empty_one_never_stops),
      cmocka_unit_test(the_version_has_three_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
