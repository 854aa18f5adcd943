/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "delay/model.h"
#include "measure/measure.h"

#define TRACE "test_measure_trace.csv"

static const measure_options small = {.workers = 3, .chunks = 2, .iterations = 5, .rows = 7, .dim = 4, .seed = 11,
                                      .output = TRACE};

static void no_child_is_left(void)
{
  errno = 0;
  assert_true(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void writes_a_trace_that_the_reader_takes(void **state)
{
  (void)state;
  measure_summary summary;
  assert_ok(measure_run(&small, NULL, &summary, NULL));
  no_child_is_left();
  testudo_i_trace trace;
  assert_ok(testudo_i_trace_read_as(TRACE, NULL, &trace, NULL));
  assert_int_equal(trace.rows, 30);
  assert_int_equal(summary.rows, 30);
  double sum = 0.0, least = HUGE_VAL;
  for (int32_t k = 0; k < 30; k++) {
    assert_int_equal(trace.worker[k], k / 10);
    assert_int_equal(trace.iteration[k], k / 2 % 5);
    assert_int_equal(trace.chunk[k], k % 2);
    assert_true(trace.seconds[k] >= 1e-9 && trace.seconds[k] < 100.0);
    sum += trace.seconds[k];
    least = fmin(least, trace.seconds[k]);
  }
  assert_close(summary.mean, sum / 30.0, 1e-8);
  assert_close(summary.least, least, 1e-8);
  assert_true(summary.least <= summary.mean && summary.mean <= summary.most && summary.stddev >= 0.0);
  testudo_i_trace_free(&trace);
  remove(TRACE);
}

/* 64 times the multiplications take far longer: the times are those of the work. */
static void more_work_takes_longer(void **state)
{
  (void)state;
  measure_options o = small;
  o.workers = 1;
  o.rows = 40;
  o.dim = 64;
  measure_summary light, heavy;
  assert_ok(measure_run(&o, NULL, &light, NULL));
  o.rows = 40 * 64;
  assert_ok(measure_run(&o, NULL, &heavy, NULL));
  assert_true(heavy.least > 8.0 * light.least);
  remove(TRACE);
}

static void sizes_of_one(void **state)
{
  (void)state;
  measure_options o = {.workers = 1, .chunks = 1, .iterations = 1, .rows = 1, .dim = 1, .output = TRACE};
  assert_ok(measure_run(&o, NULL, NULL, NULL));
  testudo_i_trace trace;
  assert_ok(testudo_i_trace_read_as(TRACE, NULL, &trace, NULL));
  assert_int_equal(trace.rows, 1);
  testudo_i_trace_free(&trace);
  remove(TRACE);
}

static void refuses_options_out_of_range(void **state)
{
  (void)state;
  const struct {
    measure_options o;
    const char *what;
  } cases[] = {
      {{0, 1, 1, 1, 1, 1, TRACE}, "workers is 0"},      {{1025, 1, 1, 1, 1, 1, TRACE}, "from 1 to 1024"},
      {{1, 0, 1, 1, 1, 1, TRACE}, "chunks is 0"},       {{1, 1, -3, 1, 1, 1, TRACE}, "iterations is -3"},
      {{1, 1, 1, 0, 1, 1, TRACE}, "rows is 0"},         {{1, 1, 1, 1, 0, 1, TRACE}, "dim is 0"},
      {{1, 1, 1, 1 << 20, 1 << 20, 1, TRACE}, "rows * dim"},
      {{1000, 60000, 1000000, 1, 1, 1, TRACE}, "workers * chunks * iterations"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_error error = {""};
    assert_status(measure_run(&cases[k].o, NULL, NULL, &error), TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, cases[k].what) == NULL)
      fail_msg("'%s' does not say '%s'", error.text, cases[k].what);
  }
  assert_int_equal(access(TRACE, F_OK), -1);
}

static void a_full_disk_is_a_system_error(void **state)
{
  (void)state;
  if (access("/dev/full", W_OK) != 0)
    skip();
  measure_options o = small;
  o.output = "/dev/full";
  assert_status(measure_run(&o, NULL, NULL, NULL), TESTUDO_ERROR_SYSTEM);
  no_child_is_left();
}

static bool stop_at_once(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

/* The fraction is that of the iterations which are complete. */
static bool stop_after_three_of_five(void *context, double fraction)
{
  (void)context;
  return fraction < 0.5;
}

static void complete_iterations_are_written_when_the_monitor_stops_it(void **state)
{
  (void)state;
  testudo_monitor monitor = {stop_after_three_of_five, NULL};
  measure_summary summary = {.rows = 0};
  testudo_error error = {""};
  assert_status(measure_run(&small, &monitor, &summary, &error), TESTUDO_INTERRUPTED);
  no_child_is_left();
  assert_string_equal(error.text, "interrupted: the trace holds the 3 of 5 iterations that are complete");
  assert_int_equal(summary.rows, 18);
  testudo_i_trace trace;
  assert_ok(testudo_i_trace_read_as(TRACE, NULL, &trace, NULL));
  assert_int_equal(trace.rows, 18);
  double sum = 0.0;
  for (int32_t k = 0; k < 18; k++) {
    assert_int_equal(trace.worker[k], k / 6);
    assert_int_equal(trace.iteration[k], k / 2 % 3);
    assert_true(trace.seconds[k] >= 1e-9);
    sum += trace.seconds[k];
  }
  assert_close(summary.mean, sum / 18.0, 1e-8);
  testudo_i_trace_free(&trace);
  remove(TRACE);
}

static void the_monitor_stops_it_and_the_old_file_stays(void **state)
{
  (void)state;
  FILE *old = fopen(TRACE, "w");
  assert_non_null(old);
  fputs("old", old);
  assert_int_equal(fclose(old), 0);
  testudo_monitor monitor = {stop_at_once, NULL};
  testudo_error error = {""};
  assert_status(measure_run(&small, &monitor, NULL, &error), TESTUDO_INTERRUPTED);
  assert_string_equal(error.text, "interrupted before the first iteration was complete: no trace is written");
  no_child_is_left();
  char text[8] = {0};
  old = fopen(TRACE, "r");
  assert_non_null(old);
  assert_int_equal(fread(text, 1, 7, old), 3);
  fclose(old);
  assert_string_equal(text, "old");
  remove(TRACE);
}

/* Linux lists the children of a process; elsewhere the test is skipped. */
static pid_t second_child(void)
{
  int first = 0, second = 0;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
  FILE *list = fopen(path, "r");
  if (list == NULL)
    return 0;
  int got = fscanf(list, "%d %d", &first, &second);
  fclose(list);
  return got == 2 ? (pid_t)second : 0;
}

typedef struct killing {
  int steps;
  pid_t victim;
} killing;

static bool kill_one(void *context, double fraction)
{
  (void)fraction;
  killing *k = context;
  if (++k->steps == 8 && (k->victim = second_child()) > 0)
    kill(k->victim, SIGKILL);
  return k->steps < 100000;
}

static void a_killed_worker_is_named(void **state)
{
  (void)state;
  measure_options o = small;
  o.iterations = 1000000;
  killing k = {0, 0};
  testudo_monitor monitor = {kill_one, &k};
  testudo_error error = {""};
  testudo_status status = measure_run(&o, &monitor, NULL, &error);
  no_child_is_left();
  assert_int_equal(access(TRACE, F_OK), -1);
  if (k.victim == 0)
    skip();
  assert_status(status, TESTUDO_ERROR_SYSTEM);
  if (strstr(error.text, "killed by signal 9") == NULL)
    fail_msg("'%s'", error.text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_a_trace_that_the_reader_takes),
      cmocka_unit_test(more_work_takes_longer),
      cmocka_unit_test(sizes_of_one),
      cmocka_unit_test(refuses_options_out_of_range),
      cmocka_unit_test(a_full_disk_is_a_system_error),
      cmocka_unit_test(the_monitor_stops_it_and_the_old_file_stays),
      cmocka_unit_test(complete_iterations_are_written_when_the_monitor_stops_it),
      cmocka_unit_test(a_killed_worker_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
