/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sketch of very many times beside the times themselves: order statistics, counts, means, intervals; whatever the
   law, the order in which times come and the number of threads; and its memory. */
#define _DEFAULT_SOURCE
#include "designs.h"

#include <float.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sum.h"
#include "sample/kept/sketch.h"
#include "sample/sort.h"

enum { TIMES = 30000, LAWS = 8 };

#define BEYOND (TESTUDO_SKETCHED_BEYOND + 1)

/* Times of one kind each: bodies, heavy tails, ties, zeros, what never ends, numbers as large and small as can be. */
static void fill_times(int kind, double *time)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 20, 7, (uint64_t)kind, 0);
  for (int k = 0; k < TIMES; k++) {
    double u = testudo_i_random_uniform(&random), v = testudo_i_random_uniform(&random);
    const double of[LAWS] = {-log(u),
                             pow(u, -1.0 / 0.3),
                             exp(40.0 * (u - 0.5)),
                             floor(7.0 * u),
                             u < 0.2 ? HUGE_VAL : 1.0 + 1e-5 * v,
                             2.5,
                             u < 0.5 ? v * 1e-300 : DBL_MAX * v,
                             u < 1e-3 ? 1.0 + v : 1.0 + 1e-7 * v};
    time[k] = of[kind];
  }
}

static testudo_sketch *sketch_of(const double *time, int64_t count, const double *by, int64_t by_count)
{
  testudo_sketch *sketch = NULL;
  assert_ok(testudo_i_sketch_create(by, by_count, &sketch, NULL));
  for (int64_t from = 0, piece = 1; from < count; from += piece, piece = 3 * piece + 1) {
    piece = piece < count - from ? piece : count - from;
    assert_ok(testudo_i_sketch_add(sketch, time + from, piece, NULL));
  }
  return sketch;
}

static int64_t count_until(const double *ascending, int64_t count, double t)
{
  int64_t until = 0;
  while (until < count && ascending[until] <= t)
    until++;
  return until;
}

/* Ascending times, of which the first `finite` end. */
static void check_ranks(const testudo_sketch *sketch, const double *ascending, int64_t finite)
{
  for (int64_t rank = 1; rank <= finite; rank += rank < 50 || rank > finite - 50 ? 1 : 37) {
    testudo_interval found = testudo_i_sketch_rank(sketch, rank);
    double is = ascending[rank - 1];
    assert_true(found.low <= is && is <= found.high);
    assert_true(found.low <= found.value && found.value <= found.high);
    assert_true(found.high - found.low <= TESTUDO_I_SKETCH_ERROR * is);
  }
  assert_true(testudo_i_sketch_rank(sketch, 1).value == ascending[0]);
  assert_true(testudo_i_sketch_rank(sketch, finite).value == ascending[finite - 1]);
}

static void check_counts(const testudo_sketch *sketch, const double *ascending, int64_t finite)
{
  for (int64_t k = 0; k < finite; k += 211) {
    double t = ascending[k] * (k % 2 == 0 ? 1.0 : 1.0 + 1e-5);
    if (!(t <= DBL_MAX))
      continue;
    double exact = testudo_i_sketch_exact_time(sketch, t);
    assert_true(fabs(exact - t) <= TESTUDO_I_SKETCH_ERROR * t || t < DBL_MIN);
    assert_int_equal(testudo_i_sketch_until(sketch, exact), count_until(ascending, finite, exact));
    int64_t until = testudo_i_sketch_until(sketch, t);
    assert_true(until >= count_until(ascending, finite, t * (1.0 - TESTUDO_I_SKETCH_ERROR)));
    assert_true(until <= count_until(ascending, finite, t * (1.0 + TESTUDO_I_SKETCH_ERROR)));
  }
  assert_int_equal(testudo_i_sketch_until(sketch, HUGE_VAL), finite);
  assert_int_equal(testudo_i_sketch_until(sketch, -1.0), 0);
}

static void order_statistics_and_counts_are_within_the_error(void **state)
{
  (void)state;
  static double time[TIMES];
  for (int kind = 0; kind < LAWS; kind++) {
    fill_times(kind, time);
    testudo_sketch *sketch = sketch_of(time, TIMES, NULL, 0);
    testudo_i_sort_times(time, TIMES);
    int64_t finite = count_until(time, TIMES, DBL_MAX);
    assert_int_equal(testudo_i_sketch_count(sketch), finite);
    check_ranks(sketch, time, finite);
    check_counts(sketch, time, finite);
    testudo_i_sketch_free(sketch);
  }
}

/* Whole numbers up to 2^14 have parts of their own: the sketch loses nothing. */
static void times_that_are_alike_are_exact(void **state)
{
  (void)state;
  static double time[TIMES];
  fill_times(3, time);
  testudo_sketch *sketch = sketch_of(time, TIMES, NULL, 0);
  testudo_i_sort_times(time, TIMES);
  for (int64_t rank = 1; rank <= TIMES; rank += 17) {
    testudo_interval found = testudo_i_sketch_rank(sketch, rank);
    assert_true(found.value == time[rank - 1] && found.low == found.high);
  }
  for (double t = 0.0; t < 8.0; t += 0.5)
    assert_int_equal(testudo_i_sketch_until(sketch, t), count_until(time, TIMES, t));
  testudo_i_sketch_free(sketch);
}

/* Counts are integers, least and most are what they are: sorted, reversed or in pieces. */
static void the_order_of_the_times_changes_nothing(void **state)
{
  (void)state;
  static double time[TIMES];
  fill_times(1, time);
  testudo_sketch *drawn = sketch_of(time, TIMES, NULL, 0);
  testudo_i_sort_times(time, TIMES);
  testudo_sketch *sorted = NULL;
  assert_ok(testudo_i_sketch_create(NULL, 0, &sorted, NULL));
  for (int k = TIMES - 1; k >= 0; k--)
    assert_ok(testudo_i_sketch_add(sorted, time + k, 1, NULL));
  for (int64_t rank = 1; rank <= TIMES; rank += 7) {
    testudo_interval a = testudo_i_sketch_rank(drawn, rank), b = testudo_i_sketch_rank(sorted, rank);
    assert_memory_equal(&a, &b, sizeof a);
  }
  testudo_i_sketch_free(drawn);
  testudo_i_sketch_free(sorted);
}

static void check_capped(const testudo_sketch *sketch, const double *time, double t, double within)
{
  testudo_i_sum sum = {0}, square = {0};
  double mean, squares;
  for (int k = 0; k < TIMES; k++)
    testudo_i_sum_add(&sum, fmin(time[k], t));
  double is = testudo_i_sum_value(&sum) / TIMES;
  for (int k = 0; k < TIMES; k++)
    testudo_i_sum_add(&square, (fmin(time[k], t) - is) * (fmin(time[k], t) - is));
  testudo_i_sketch_capped(sketch, t, &mean, &squares);
  assert_close(mean, is, within);
  double rounding = 1e-9 * testudo_i_sum_value(&square), sketched = 4.0 * within * is * is * TIMES;
  assert_near(squares, testudo_i_sum_value(&square), rounding + sketched);
}

/* With a time that is asked for beforehand, and without. */
static void what_is_asked_for_beforehand_is_exact(void **state)
{
  (void)state;
  static double time[TIMES];
  static const double by[] = {0.1, 0.7, 1.0, 1.00000512, 3.0, 1e6};
  enum { BY = sizeof by / sizeof *by };
  for (int kind = 0; kind < LAWS; kind++) {
    fill_times(kind, time);
    testudo_sketch *with = sketch_of(time, TIMES, by, BY), *without = sketch_of(time, TIMES, NULL, 0);
    for (int k = 0; k < BY; k++) {
      check_capped(with, time, by[k], 1e-12);
      check_capped(without, time, by[k], TESTUDO_I_SKETCH_ERROR);
    }
    testudo_i_sort_times(time, TIMES);
    for (int k = 0; k < BY; k++) {
      assert_int_equal(testudo_i_sketch_until(with, by[k]), count_until(time, TIMES, by[k]));
      assert_true(testudo_i_sketch_exact_time(with, by[k]) == by[k]);
    }
    testudo_i_sketch_free(with);
    testudo_i_sketch_free(without);
  }
}

/* ---- simulations ---- */

static testudo_simulation_options beyond_options(int64_t trials)
{
  static const double by[] = {0.4, 1.0};
  return (testudo_simulation_options){.report = TESTUDO_REPORT_CHUNK, .trials = trials, .seed = 3, .dim = 1, .by = by,
                                      .by_count = 2};
}

/* One trial more than is kept, beside the same trials with all their times. */
static void check_simulation(const char *text, double fail_prob, double round_up)
{
  static const double quantile[] = {1e-6, 0.01, 0.5, 0.9, 0.999, 0.9999995};
  testudo_law *law = law_of(text);
  testudo_delay_model model = {.law = law, .fail_prob = fail_prob,
                               .failures = fail_prob > 0.0 ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_NONE};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 0);
  testudo_simulation_options options = beyond_options(BEYOND);
  options.round_up = round_up;
  options.threads = 2;
  testudo_simulation *sketched = simulate(design, &model, &options);
  options.keep_times = true;
  options.threads = 1;
  testudo_simulation *kept = simulate(design, &model, &options);
  assert_true(sketched->sketch != NULL && sketched->completion == NULL && kept->sketch == NULL);
  assert_true(sketched->sketch_error == TESTUDO_I_SKETCH_ERROR && kept->sketch_error == 0.0);
  assert_int_equal(sketched->never, kept->never);
  assert_true(fail_prob == 0.0 || kept->never > 0);
  assert_memory_equal(&sketched->mean, &kept->mean, 5 * sizeof(double));
  assert_true((testudo_simulation_stderr_doubt(sketched) == NULL) == (testudo_simulation_stderr_doubt(kept) == NULL));
  for (size_t k = 0; k < sizeof quantile / sizeof *quantile; k++) {
    testudo_interval a = testudo_simulation_quantile_interval(sketched, quantile[k]);
    testudo_interval b = testudo_simulation_quantile_interval(kept, quantile[k]);
    double within = round_up > 0.0 ? 0.0 : TESTUDO_I_SKETCH_ERROR;
    assert_true(isnan(a.value) == isnan(b.value));
    if (!isnan(b.value))
      assert_close(a.value, b.value, within);
    assert_true(a.low <= b.low && a.high >= b.high);
    assert_close(a.low, b.low, within);
    assert_close(a.high, b.high, within);
  }
  for (int k = 0; k < 2; k++) {
    double a_error, b_error, t = options.by[k], exact = testudo_simulation_exact_time(sketched, 0.7 * t);
    assert_true(testudo_simulation_cdf(sketched, t) == testudo_simulation_cdf(kept, t));
    assert_true(testudo_simulation_cdf(sketched, exact) == testudo_simulation_cdf(kept, exact));
    assert_close(testudo_simulation_mean_until(sketched, t, &a_error), testudo_simulation_mean_until(kept, t, &b_error),
                 1e-12);
    assert_close(a_error, b_error, 1e-9);
  }
  testudo_simulation_free(sketched);
  testudo_simulation_free(kept);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void simulations_beyond_what_is_kept_agree_with_all_their_times(void **state)
{
  (void)state;
  check_simulation("exp:1", 0.3, 0.0);
  check_simulation("pareto:0.1,0.9", 0.0, 0.0);
  check_simulation("exp:1", 0.0, 0.25);
}

static void up_to_there_all_times_are_kept(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 0);
  testudo_simulation_options options = beyond_options(TESTUDO_SKETCHED_BEYOND);
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->sketch == NULL && found->completion != NULL && found->trials == TESTUDO_SKETCHED_BEYOND);
  assert_true(testudo_simulation_exact_time(found, 0.123) == 0.123);
  testudo_simulation_free(found);
  /* The number that ran counts, not the one that was allowed. */
  options.trials = 10 * (int64_t)TESTUDO_SKETCHED_BEYOND;
  options.rel_error = 0.01;
  found = simulate(design, &model, &options);
  assert_true(found->sketch == NULL && found->trials < 100000);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* The first trials are decoded, against the times that were drawn. */
static void decoding_goes_on_beside_a_sketch(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 0);
  testudo_simulation_options options = beyond_options(BEYOND);
  options.decode_trials = 3000;
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->sketch != NULL);
  assert_int_equal(found->decode.decodes, 3000);
  assert_int_equal(found->decode.failures, 0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void rules_of_waiting_are_sketched_too(void **state)
{
  (void)state;
  testudo_law *law = law_of("lomax:1.5,1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 2, 1, 1, 0);
  const testudo_waiting_rule rule = {.kind = TESTUDO_WAITING_IGNORE, .slack = 0.5, .least = 1};
  testudo_simulation_options options = beyond_options(BEYOND);
  testudo_simulation *found[2];
  testudo_waiting waiting[2];
  for (int k = 0; k < 2; k++) {
    options.keep_times = k == 1;
    options.threads = k + 1;
    assert_ok(testudo_simulate_waiting(design, &model, &rule, &options, &found[k], &waiting[k], NULL));
  }
  assert_true(found[0]->sketch != NULL && found[1]->completion != NULL);
  assert_memory_equal(&waiting[0], &waiting[1], sizeof waiting[0]);
  assert_close(found[0]->mean, found[1]->mean, 1e-12);
  assert_close(found[0]->stddev, found[1]->stddev, 1e-9);
  for (double q = 0.1; q < 1.0; q += 0.2)
    assert_close(testudo_simulation_quantile(found[0], q), testudo_simulation_quantile(found[1], q),
                 TESTUDO_I_SKETCH_ERROR);
  assert_true(testudo_simulation_cdf(found[0], 1.0) == testudo_simulation_cdf(found[1], 1.0));
  for (int k = 0; k < 2; k++)
    testudo_simulation_free(found[k]);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Kilobytes at the peak of a process that simulates. */
static long peak_of(int64_t trials)
{
  struct rusage spent;
  int code;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    testudo_law *law = NULL;
    testudo_simulation *found = NULL;
    testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 0);
    testudo_simulation_options options = beyond_options(trials);
    options.threads = 1;
    bool good = testudo_law_parse("exp:1", &law, NULL) == TESTUDO_OK &&
                testudo_simulate(design, &(testudo_delay_model){.law = law}, &options, &found, NULL) == TESTUDO_OK;
    testudo_simulation_free(found);
    testudo_law_free(law);
    testudo_design_free(design);
    _exit(good ? 0 : 1);
  }
  assert_int_equal(wait4(child, &code, 0, &spent), child);
  assert_int_equal(code, 0);
  return spent.ru_maxrss;
}

/* Twenty million trials more would be 160 MB, or twice that while they are sorted. */
static void memory_does_not_grow_with_the_trials(void **state)
{
  (void)state;
  long few = peak_of(BEYOND), many = peak_of(BEYOND + 20000000);
  if (many > few + 16384)
    print_error("%ld kB for %d trials, %ld kB for 20000000 more\n", few, BEYOND, many);
  assert_true(many <= few + 16384);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(order_statistics_and_counts_are_within_the_error),
      cmocka_unit_test(times_that_are_alike_are_exact),
      cmocka_unit_test(the_order_of_the_times_changes_nothing),
      cmocka_unit_test(what_is_asked_for_beforehand_is_exact),
      cmocka_unit_test(simulations_beyond_what_is_kept_agree_with_all_their_times),
      cmocka_unit_test(up_to_there_all_times_are_kept),
      cmocka_unit_test(decoding_goes_on_beside_a_sketch),
      cmocka_unit_test(rules_of_waiting_are_sketched_too),
      cmocka_unit_test(memory_does_not_grow_with_the_trials),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
