/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of block gradient codes against every outcome of small clusters, for every set of tolerances. */
#include "brute.h"

#include <testudo/block.h>

enum { DIM = 97 };

/* Coordinates of the blocks of a set: uneven, and some set's first block is the largest. */
static int32_t blocks_of(int n, unsigned set, int32_t *tolerance, int64_t *size)
{
  int32_t count = 0;
  int64_t left = DIM;
  for (int s = 0; s < n; s++)
    if (set >> s & 1) {
      tolerance[count] = s;
      size[count] = 1 + (int64_t)((7 * set + 13u * (unsigned)s) % 17);
      left -= size[count++];
    }
  size[set % (unsigned)count] += left;
  return count;
}

/* The rule of docs/theory/block.md#the-law: of every block b, n - s_b workers have done the work up to its end. */
static double block_time(const brute_model *model, const double *x, int n, unsigned set)
{
  int32_t tolerance[BRUTE_WORKERS];
  int64_t size[BRUTE_WORKERS], units = 0;
  int32_t count = blocks_of(n, set, tolerance, size);
  double most = 0;
  for (int b = 0; b < count; b++) {
    units += (tolerance[b] + 1) * size[b];
    double time[BRUTE_WORKERS], work = (double)units / DIM;
    for (int j = 0; j < n; j++) {
      double own = isinf(x[j]) ? HUGE_VAL : work * x[j] / model->rate[j];
      int at = j;
      for (; at > 0 && time[at - 1] > own; at--)
        time[at] = time[at - 1];
      time[at] = own;
    }
    most = fmax(most, time[n - tolerance[b] - 1]);
  }
  return most;
}

static testudo_design *block_design(int n, unsigned set)
{
  int32_t tolerance[BRUTE_WORKERS];
  int64_t size[BRUTE_WORKERS];
  int32_t count = blocks_of(n, set, tolerance, size);
  testudo_design *design;
  assert_ok(testudo_design_create_block(n, tolerance, size, count, 1, "", &design, NULL));
  return design;
}

static void retime(brute_law *law, const brute_model *model, int n, unsigned set)
{
  for (size_t k = 0; k < law->outcomes; k++)
    law->outcome[k].time = block_time(model, law->outcome[k].finish, n, set);
  qsort(law->outcome, law->outcomes, sizeof *law->outcome, brute_compare);
  brute_moments(law);
}

static int compare_law(testudo_latency *latency, const brute_law *law)
{
  int points = 0;
  long double below = 0;
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++) {
    below += law->outcome[k].chance;
    if (k + 1 < law->outcomes && law->outcome[k + 1].time == law->outcome[k].time)
      continue;
    double lower, upper;
    assert_ok(testudo_latency_cdf(latency, law->outcome[k].time, &lower, &upper, NULL));
    assert_near(lower, (double)below, 1e-12);
    assert_true(lower == upper);
    assert_ok(testudo_latency_tail(latency, law->outcome[k].time, &lower, &upper, NULL));
    assert_near(lower, 1 - (double)below, 1e-12);
    points++;
  }
  return points;
}

static int check_set(const brute_model *model, brute_law *law, const testudo_law *trace, int n, unsigned set)
{
  retime(law, model, n, set);
  testudo_design *design = block_design(n, set);
  testudo_delay_model delay = brute_library_model(model, trace, n);
  testudo_latency *latency = latency_with(design, &delay, &plain_options);
  testudo_summary summary;
  assert_true(testudo_latency_is_exact(latency));
  int points = compare_law(latency, law);
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_near(summary.p_never, 1 - law->finite, 1e-12);
  if (law->finite > 0) {
    assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
    assert_close(summary.mean, law->mean, 1e-9);
  }
  assert_true(isnan(summary.ideal));
  testudo_latency_free(latency);
  testudo_design_free(design);
  return points;
}

static int check_cluster(brute_model model, int n)
{
  brute_design design = {.workers = n, .chunks = n, .parts = 1};
  for (int j = 0; j < n; j++) {
    design.load[j] = 1;
    design.order[j][0] = j;
  }
  brute_law law = brute_enumerate(&design, &model);
  testudo_law *trace = brute_trace(&model);
  int points = 0;
  for (unsigned set = 1; set < 1u << n; set++)
    points += check_set(&model, &law, trace, n, set);
  testudo_law_free(trace);
  free(law.outcome);
  return points;
}

static brute_model model_of(int n, bool unequal)
{
  brute_model model = {.atoms = n <= 4 ? 3 : 2, .value = {0.37, 1.21, 2.9}, .weight = {2, 1, 3}};
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = unequal ? 1 + 0.25 * (j % 3) : 1;
  return model;
}

static void equals_enumeration(bool unequal)
{
  long points = 0;
  for (int n = 1; n <= BRUTE_WORKERS; n++) {
    brute_model model = model_of(n, unequal);
    points += check_cluster(model, n);
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.23;
    points += check_cluster(model, n);
    model.failures = TESTUDO_FAILURES_EXACTLY;
    for (model.failed = 1; model.failed <= n; model.failed += n > 4 ? 2 : 1)
      points += check_cluster(model, n);
  }
  print_message("%ld points of the law\n", points);
  assert_true(points > 800);
}

static void equal_workers_equal_enumeration_for_every_set_and_both_failures(void **state)
{
  (void)state;
  equals_enumeration(false);
}

static void unequal_workers_equal_enumeration_for_every_set_and_both_failures(void **state)
{
  (void)state;
  equals_enumeration(true);
}

/* The comparison must see ten coordinates on the other side of an edge. */
static void other_sizes_have_another_law(void **state)
{
  (void)state;
  brute_model model = model_of(4, false);
  brute_design design = {.workers = 4, .chunks = 4, .parts = 1, .load = {1, 1, 1, 1}, .order = {{0}, {1}, {2}, {3}}};
  brute_law law = brute_enumerate(&design, &model);
  int32_t tolerance[BRUTE_WORKERS];
  int64_t size[BRUTE_WORKERS];
  int32_t count = blocks_of(4, 1u << 0 | 1u << 2, tolerance, size);
  retime(&law, &model, 4, 1u << 0 | 1u << 2);
  testudo_law *trace = brute_trace(&model);
  testudo_delay_model delay = brute_library_model(&model, trace, 4);
  testudo_design *other;
  size[0] += size[0] > size[1] ? -10 : 10;
  size[1] = DIM - size[0];
  assert_ok(testudo_design_create_block(4, tolerance, size, count, 1, "", &other, NULL));
  assert_true(fabs(summary_with(other, &delay, &plain_options).mean - law.mean) > 1e-2);
  testudo_design_free(other);
  testudo_law_free(trace);
  free(law.outcome);
}

/* One tolerance is a classical code, whatever the length: X_{n-s:n} (s + 1), by both methods and under failures. */
static void one_tolerance_is_the_classical_code(void **state)
{
  (void)state;
  const int32_t three[] = {3};
  const int64_t all[] = {41};
  const char *const laws[] = {"exp:1", "shifted-exp:0.5,2", "pareto:1,1.5", "lognormal:0.2,0.7"};
  double rates[9];
  for (int j = 0; j < 9; j++)
    rates[j] = 1 + j % 3;
  testudo_design *block, *classical;
  testudo_assignment assignment;
  assert_ok(testudo_design_create_block(9, three, all, 1, 1, "", &block, NULL));
  assert_ok(testudo_assignment_cyclic(9, 4, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, 3, 1, "", &classical, NULL));
  for (size_t k = 0; k < 4; k++)
    for (int variant = 0; variant < 4; variant++) {
      testudo_law *law = law_of(laws[k]);
      testudo_delay_model model = {.law = law};
      if (variant % 2 == 1) {
        model.rates = rates;
        model.workers = 9;
      }
      model.failures = variant >= 2 ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_NONE;
      model.failed = variant >= 2 ? 2 : 0;
      testudo_latency *first = latency_with(block, &model, &plain_options);
      testudo_latency *second = latency_with(classical, &model, &plain_options);
      for (double t = 1; t <= 64; t *= 2) {
        double a, b, unused;
        assert_ok(testudo_latency_cdf(first, t, &a, &unused, NULL));
        assert_ok(testudo_latency_cdf(second, t, &b, &unused, NULL));
        assert_close(a, b, 1e-11);
        assert_ok(testudo_latency_tail(first, t, &a, &unused, NULL));
        assert_ok(testudo_latency_tail(second, t, &b, &unused, NULL));
        assert_close(a, b, 1e-11);
      }
      testudo_latency_free(first);
      testudo_latency_free(second);
      if (variant == 0)
        assert_close(summary_with(block, &model, &plain_options).mean,
                     summary_with(classical, &model, &plain_options).mean, 1e-9);
      testudo_law_free(law);
    }
  testudo_assignment_free(&assignment);
  testudo_design_free(block);
  testudo_design_free(classical);
}

/* Blocks of shares x and 1 - x for tolerances 0 and 1, exp:1. With m < M the two times in order, T = max(M x, m (2 -
   x)). m is exponential of rate 2 and M = m + E with E of rate 1; with c = x / (2 - 2 x) the first is larger when E > m
   / c, so E[T] = (2 - x) E[m] + x E[(E - m / c)^+], where the last mean is E exp(-m / c) = 2 c / (2 c + 1). */
static void two_workers_in_closed_form(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 1};
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  for (int64_t first = 1; first < 100; first += 7) {
    const int64_t size[] = {first, 100 - first};
    testudo_design *design;
    assert_ok(testudo_design_create_block(2, tolerance, size, 2, 1, "", &design, NULL));
    double x = (double)first / 100, c = x / (2 - 2 * x);
    assert_close(summary_with(design, &model, &plain_options).mean, (2 - x) / 2 + x * 2 * c / (2 * c + 1), 1e-9);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* Far out P(T > t) is far below the rounding of 1, and still the same by the chain and over the workers. */
static void small_tails_keep_their_digits(void **state)
{
  (void)state;
  testudo_design *design = block_design(5, 1u << 0 | 1u << 2 | 1u << 3);
  testudo_law *law = law_of("exp:1");
  double rates[] = {1, 1, 1, 1, 1.0000000000000002};
  testudo_delay_model same = {.law = law}, apart = {.law = law, .rates = rates, .workers = 5};
  testudo_latency *chain = latency_with(design, &same, &plain_options);
  testudo_latency *counts = latency_with(design, &apart, &plain_options);
  for (double t = 1; t <= 100; t *= 2) {
    double first, second, unused;
    assert_ok(testudo_latency_tail(chain, t, &first, &unused, NULL));
    assert_ok(testudo_latency_tail(counts, t, &second, &unused, NULL));
    assert_close(first, second, 1e-11);
    assert_true(first > 0);
    assert_ok(testudo_latency_cdf(chain, 1e-2 / t, &first, &unused, NULL));
    assert_ok(testudo_latency_cdf(counts, 1e-2 / t, &second, &unused, NULL));
    assert_close(first, second, 1e-9);
  }
  testudo_latency_free(chain);
  testudo_latency_free(counts);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void what_is_not_built_says_so(void **state)
{
  (void)state;
  testudo_design *design = block_design(5, 0x1f);
  testudo_law *law = law_of("exp:1");
  double rates[] = {1, 2, 1, 1, 1};
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 5};
  testudo_analysis_options options = plain_options;
  testudo_latency *latency;
  testudo_error error = {""};
  options.max_states = 119;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_LIMIT);
  assert_string_equal(error.text, "block: the exact law needs 120 states (5 workers of 2 kinds, 5 tolerances); the "
                                  "limit is 119 states, and 1e9 steps per time point");
  options.max_states = 120;
  assert_ok(testudo_latency_create(design, &model, &options, &latency, NULL));
  testudo_latency_free(latency);
  model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "scheme block is supported for structure scaled only"));
  model.structure = TESTUDO_STRUCTURE_SCALED;
  options.report = TESTUDO_REPORT_WHOLE;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "report whole does not apply to scheme block: its workers signal every block");
  testudo_law_free(law);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_workers_equal_enumeration_for_every_set_and_both_failures),
      cmocka_unit_test(unequal_workers_equal_enumeration_for_every_set_and_both_failures),
      cmocka_unit_test(other_sizes_have_another_law),
      cmocka_unit_test(one_tolerance_is_the_classical_code),
      cmocka_unit_test(two_workers_in_closed_form),
      cmocka_unit_test(small_tails_keep_their_digits),
      cmocka_unit_test(what_is_not_built_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
