/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulations in parts and on top of kept draws: the bytes of one run, whatever the parts. */
#include "designs.h"

#include "sample/kept/draws.h"

#define STEP TESTUDO_I_DRAWS_STEP

typedef struct setup {
  testudo_design *design;
  testudo_law *law;
  testudo_delay_model model;
  testudo_simulation_options options;
} setup;

static const double deadlines[] = {0.5, 1.0, 2.0};

static void set_up(setup *s, int32_t workers, int32_t copies, testudo_report report, int64_t trials, int64_t times)
{
  testudo_error error;
  *s = (setup){.design = cyclic_design(TESTUDO_SCHEME_PARTIAL, workers, copies, 1, 0)};
  assert_ok(testudo_law_parse("gamma:2,0.5", &s->law, &error));
  s->model = (testudo_delay_model){.law = s->law};
  s->options = (testudo_simulation_options){.report = report, .trials = trials, .seed = 7, .threads = 2, .dim = 1,
                                            .times = deadlines, .time_count = times, .keep_order = true};
}

static void tear_down(setup *s)
{
  testudo_design_free(s->design);
  testudo_law_free(s->law);
}

static void assert_same_numbers(const double *a, const double *b, size_t count)
{
  assert_memory_equal(a, b, count * sizeof *a);
}

static void assert_same(const testudo_simulation *a, const testudo_simulation *b)
{
  assert_int_equal(a->trials, b->trials);
  assert_int_equal(a->never, b->never);
  assert_int_equal(a->time_count, b->time_count);
  assert_same_numbers(&a->mean, &b->mean, 1);
  assert_same_numbers(&a->stderr_mean, &b->stderr_mean, 1);
  assert_same_numbers(&a->skewness, &b->skewness, 1);
  assert_same_numbers(&a->kurtosis, &b->kurtosis, 1);
  assert_same_numbers(a->completion, b->completion, (size_t)(a->trials - a->never));
  assert_same_numbers(a->ordered, b->ordered, (size_t)a->trials);
  assert_same_numbers(a->mse, b->mse, 7 * (size_t)a->time_count);
  for (int64_t d = 0; d < a->time_count; d++)
    assert_int_equal(a->error_trials[d], b->error_trials[d]);
}

/* All parts of a simulation, each packed and unpacked as if it came from elsewhere. */
static size_t take_parts(const setup *s, testudo_i_draws *part)
{
  size_t count = 0;
  testudo_error error;
  for (int64_t first = 0; first < s->options.trials; first += STEP) {
    testudo_simulation_options own = s->options;
    testudo_i_draws drawn = {0};
    char *bytes;
    size_t length;
    own.trials = s->options.trials - first < STEP ? s->options.trials - first : STEP;
    own.threads = count % 2 == 0 ? 1 : 3;
    assert_status(testudo_i_draws_take(s->design, &s->model, &own, first, &drawn, &error), TESTUDO_OK);
    assert_status(testudo_i_draws_pack(&drawn, &bytes, &length, &error), TESTUDO_OK);
    assert_status(testudo_i_draws_unpack(&part[count++], bytes, length, &error), TESTUDO_OK);
    testudo_i_draws_clear(&drawn);
    free(bytes);
  }
  return count;
}

static void check_parts(int32_t workers, int32_t copies, testudo_report report, int64_t trials, int64_t times)
{
  setup s;
  testudo_error error;
  testudo_i_draws part[4] = {{0}}, all = {0};
  testudo_simulation *whole, *joined, *gapped;
  set_up(&s, workers, copies, report, trials, times);
  size_t count = take_parts(&s, part);
  assert_status(testudo_simulate(s.design, &s.model, &s.options, &whole, &error), TESTUDO_OK);
  assert_status(testudo_i_draws_simulate(s.design, &s.model, &s.options, part, count, &all, &joined, &error),
                TESTUDO_OK);
  assert_same(whole, joined);
  assert_int_equal(all.trials, trials);
  assert_same_numbers(all.completion, whole->ordered, (size_t)trials);
  /* Where one is missing, it and all behind it are drawn again. */
  assert_status(testudo_i_draws_simulate(s.design, &s.model, &s.options, part + 1, count - 1, NULL, &gapped, &error),
                TESTUDO_OK);
  assert_same(whole, gapped);
  for (int64_t first = 0; first < trials; first += STEP) {
    testudo_i_draws cut = testudo_i_draws_part(&all, first);
    assert_int_equal(cut.first, first);
    assert_int_equal(cut.trials, part[first / STEP].trials);
    assert_int_equal(cut.batches, part[first / STEP].batches);
    assert_same_numbers(cut.completion, part[first / STEP].completion, (size_t)cut.trials);
  }
  for (size_t k = 0; k < count; k++)
    testudo_i_draws_clear(&part[k]);
  testudo_i_draws_clear(&all);
  testudo_simulation_free(whole);
  testudo_simulation_free(joined);
  testudo_simulation_free(gapped);
  tear_down(&s);
}

static void parts_are_the_whole(void **state)
{
  (void)state;
  check_parts(6, 2, TESTUDO_REPORT_CHUNK, 2 * STEP + 777, 0);
  check_parts(6, 2, TESTUDO_REPORT_CHUNK, STEP + 5, 3);
  check_parts(5, 2, TESTUDO_REPORT_WHOLE, 1000, 2); /* least squares: batches of eight */
  check_parts(90, 80, TESTUDO_REPORT_CHUNK, 3001, 1); /* batches of fewer than 1024 */
}

/* Draws of `had` trials, then as many as `wanted`. */
static void check_more(int64_t had, int64_t wanted, double rel_error)
{
  setup s;
  testudo_error error;
  testudo_i_draws kept = {0}, all = {0};
  testudo_simulation *first, *whole, *more;
  set_up(&s, 6, 2, TESTUDO_REPORT_CHUNK, had, 2);
  assert_status(testudo_i_draws_simulate(s.design, &s.model, &s.options, NULL, 0, &kept, &first, &error), TESTUDO_OK);
  s.options.trials = wanted;
  s.options.rel_error = rel_error;
  assert_status(testudo_simulate(s.design, &s.model, &s.options, &whole, &error), TESTUDO_OK);
  assert_status(testudo_i_draws_simulate(s.design, &s.model, &s.options, &kept, 1, &all, &more, &error), TESTUDO_OK);
  assert_same(whole, more);
  assert_int_equal(all.trials, whole->trials);
  testudo_i_draws_clear(&kept);
  testudo_i_draws_clear(&all);
  testudo_simulation_free(first);
  testudo_simulation_free(whole);
  testudo_simulation_free(more);
  tear_down(&s);
}

static void more_trials_add_to_those_that_are_there(void **state)
{
  (void)state;
  check_more(1000, 5000, 0.0);
  check_more(1024, 1025, 0.0);
  check_more(5000, 1000, 0.0); /* fewer */
  check_more(5000, 5000, 0.0);
  check_more(2000, 1000000, 0.01); /* the rule ends it, within what is there or behind it */
  check_more(50000, 1000000, 0.01);
}

static void bytes_that_are_no_draws_are_refused(void **state)
{
  (void)state;
  setup s;
  testudo_error error;
  testudo_i_draws drawn = {0}, read = {0};
  char *bytes;
  size_t length;
  set_up(&s, 6, 2, TESTUDO_REPORT_CHUNK, 3000, 2);
  assert_status(testudo_i_draws_take(s.design, &s.model, &s.options, 0, &drawn, &error), TESTUDO_OK);
  assert_status(testudo_i_draws_pack(&drawn, &bytes, &length, &error), TESTUDO_OK);
  assert_true(length < 3000 * 9);
  assert_status(testudo_i_draws_unpack(&read, bytes, length - 8, &error), TESTUDO_ERROR_INPUT);
  assert_status(testudo_i_draws_unpack(&read, bytes, 16, &error), TESTUDO_ERROR_INPUT);
  assert_status(testudo_i_draws_unpack(&read, bytes, 0, &error), TESTUDO_ERROR_INPUT);
  for (size_t word = 0; word < 40; word++)
    for (int bit = 0; bit < 64 && word != 1; bit += 3) { /* 1: where they begin, which nothing else says */
      bytes[8 * word + (size_t)bit / 8] ^= (char)(1 << bit % 8);
      assert_status(testudo_i_draws_unpack(&read, bytes, length, &error), TESTUDO_ERROR_INPUT);
      bytes[8 * word + (size_t)bit / 8] ^= (char)(1 << bit % 8);
    }
  assert_status(testudo_i_draws_unpack(&read, bytes, length, &error), TESTUDO_OK);
  testudo_i_draws_clear(&read);
  testudo_i_draws_clear(&drawn);
  free(bytes);
  tear_down(&s);
}

static bool stop_at(void *context, double fraction)
{
  (void)fraction;
  return --*(int *)context > 0;
}

/* However it was stopped, what is kept is the beginning of the whole, and the rest is added. */
static void an_interrupt_keeps_the_beginning(void **state)
{
  (void)state;
  for (int calls = 1; calls < 60; calls += 9) {
    setup s;
    int left = calls;
    const testudo_monitor monitor = {stop_at, &left};
    testudo_error error;
    testudo_i_draws kept = {0}, all = {0};
    testudo_simulation *stopped, *whole, *joined;
    set_up(&s, 6, 2, TESTUDO_REPORT_CHUNK, 300000, 2);
    assert_status(testudo_simulate(s.design, &s.model, &s.options, &whole, &error), TESTUDO_OK);
    s.options.monitor = &monitor;
    s.options.threads = 3;
    testudo_status status =
        testudo_i_draws_simulate(s.design, &s.model, &s.options, NULL, 0, &kept, &stopped, &error);
    assert_true(status == TESTUDO_OK ? kept.trials <= stopped->trials : kept.trials == 0);
    /* How often the monitor is asked hangs on the threads' luck, but it is asked once. */
    assert_true(calls > 1 || status != TESTUDO_OK || stopped->interrupted);
    assert_true(kept.trials == 300000 || kept.trials == kept.batches * kept.batch);
    if (kept.trials > 0)
      assert_same_numbers(kept.completion, whole->ordered, (size_t)kept.trials);
    s.options.monitor = NULL;
    assert_status(testudo_i_draws_simulate(s.design, &s.model, &s.options, &kept, kept.trials > 0, &all, &joined,
                                           &error), TESTUDO_OK);
    assert_same(whole, joined);
    assert_int_equal(all.trials, 300000);
    testudo_i_draws_clear(&kept);
    testudo_i_draws_clear(&all);
    testudo_simulation_free(stopped);
    testudo_simulation_free(whole);
    testudo_simulation_free(joined);
    tear_down(&s);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_are_the_whole),
      cmocka_unit_test(more_trials_add_to_those_that_are_there),
      cmocka_unit_test(an_interrupt_keeps_the_beginning),
      cmocka_unit_test(bytes_that_are_no_draws_are_refused),
  };
  return cmocka_run_group_tests_name("draws", tests, NULL, NULL);
}
