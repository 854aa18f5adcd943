/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of nested gradient codes against every outcome of small clusters, for every set of tolerances. */
#include "brute.h"

#include "numeric/integrate.h"

/* The rule of docs/theory/nested.md#the-law: for some s of the set, n - s workers have s + 1 chunks done. */
static double nested_time(const brute_model *model, const double *x, int n, unsigned set)
{
  double least = HUGE_VAL;
  for (int s = 0; s < n; s++) {
    if ((set >> s & 1) == 0)
      continue;
    double time[BRUTE_WORKERS];
    for (int j = 0; j < n; j++) {
      double own = isinf(x[j]) ? HUGE_VAL : (s + 1) * x[j] / model->rate[j];
      int at = j;
      for (; at > 0 && time[at - 1] > own; at--)
        time[at] = time[at - 1];
      time[at] = own;
    }
    least = fmin(least, time[n - s - 1]);
  }
  return least;
}

static testudo_design *nested_design(int n, unsigned set)
{
  int32_t tolerance[BRUTE_WORKERS], count = 0;
  for (int s = 0; s < n; s++)
    if (set >> s & 1)
      tolerance[count++] = s;
  testudo_design *design;
  assert_ok(testudo_design_create_nested(n, tolerance, count, 1, "", &design, NULL));
  return design;
}

/* Gives the outcomes the times of this set. */
static void retime(brute_law *law, const brute_model *model, int n, unsigned set)
{
  for (size_t k = 0; k < law->outcomes; k++)
    law->outcome[k].time = nested_time(model, law->outcome[k].finish, n, set);
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
  testudo_design *design = nested_design(n, set);
  testudo_delay_model delay = brute_library_model(model, trace, n);
  testudo_latency *latency = latency_with(design, &delay, &plain_options);
  testudo_summary summary;
  int points = compare_law(latency, law);
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_near(summary.p_never, 1 - law->finite, 1e-12);
  if (law->finite > 0) {
    assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
    assert_close(summary.mean, law->mean, 1e-9);
    /* No order of the work can beat perfect balance. */
    assert_true(!(summary.over_ideal < 1 - 1e-9));
  }
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
    for (model.failed = 1; model.failed <= n; model.failed++)
      points += check_cluster(model, n);
  }
  print_message("%ld points of the law\n", points);
  assert_true(points > 1500);
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

/* ---- additive exponentials ---- */

/* P(c chunks done by t of a worker that stops at `load`), a Poisson process of this rate. */
static double poisson_progress(int c, int load, double mean)
{
  double term = exp(-mean), sum = 0;
  for (int k = 0; k < load; k++, term *= mean / k) {
    if (k == c)
      return term;
    sum += term;
  }
  return 1 - sum;
}

/* P(T > t) by going through every progress vector. */
static double additive_tail(const double *rate, double lambda, int n, unsigned set, double fail_prob, double t)
{
  int load = n, done[BRUTE_WORKERS], total = 1;
  while ((set >> (load - 1) & 1) == 0)
    load--;
  for (int j = 0; j < n; j++)
    total *= load + 1;
  long double above = 0;
  for (int code = 0; code < total; code++) {
    double chance = 1;
    bool complete = false;
    for (int j = 0, rest = code; j < n; j++, rest /= load + 1) {
      done[j] = rest % (load + 1);
      chance *= (1 - fail_prob) * poisson_progress(done[j], load, lambda * rate[j] * t) +
                (done[j] == 0 ? fail_prob : 0);
    }
    for (int s = 0; s < n; s++) {
      int reached = 0;
      for (int j = 0; j < n; j++)
        reached += done[j] > s;
      complete = complete || ((set >> s & 1) && reached >= n - s);
    }
    above += complete ? 0 : chance;
  }
  return (double)above;
}

static void additive_exponentials_of_any_rates_equal_every_progress_vector(void **state)
{
  (void)state;
  static const unsigned sets[] = {0x1, 0x5, 0x7, 0xd, 0xf};
  const double rates[BRUTE_WORKERS] = {1, 1.7, 0.6, 1, 2.3, 1.7}, same[BRUTE_WORKERS] = {1, 1, 1, 1, 1, 1};
  testudo_law *law = law_of("exp:1.3");
  long points = 0;
  for (int n = 4; n <= BRUTE_WORKERS; n++)
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
      for (int variant = 0; variant < 4; variant++) {
        const double *rate = variant % 2 == 0 ? rates : same;
        double fail_prob = variant < 2 ? 0 : 0.15, lower, upper;
        testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE, .rates = rate, .workers = n,
                                     .failures = fail_prob > 0 ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_NONE,
                                     .fail_prob = fail_prob};
        testudo_design *design = nested_design(n, sets[k]);
        testudo_latency *latency = latency_with(design, &model, &plain_options);
        for (double t = 0.17; t < 12; t *= 2.1, points++) {
          assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
          assert_near(lower, additive_tail(rate, 1.3, n, sets[k], fail_prob, t), 1e-12);
        }
        testudo_latency_free(latency);
        testudo_design_free(design);
      }
  assert_true(points > 300);
  testudo_law_free(law);
}

/* The comparison must see one tolerance too many. */
static void another_set_has_another_law(void **state)
{
  (void)state;
  brute_model model = model_of(4, false);
  brute_design design = {.workers = 4, .chunks = 4, .parts = 1, .load = {1, 1, 1, 1}, .order = {{0}, {1}, {2}, {3}}};
  brute_law law = brute_enumerate(&design, &model);
  retime(&law, &model, 4, 1u << 0 | 1u << 2);
  testudo_law *trace = brute_trace(&model);
  testudo_delay_model delay = brute_library_model(&model, trace, 4);
  testudo_design *other = nested_design(4, 1u << 0 | 1u << 1 | 1u << 2);
  assert_true(fabs(summary_with(other, &delay, &plain_options).mean - law.mean) > 1e-3);
  testudo_design_free(other);
  testudo_law_free(trace);
  free(law.outcome);
}

static double mean_of(int32_t n, int32_t most, testudo_structure structure, const char *text)
{
  int32_t tolerance[32];
  for (int32_t s = 0; s <= most; s++)
    tolerance[s] = s;
  testudo_design *design;
  assert_ok(testudo_design_create_nested(n, tolerance, most + 1, 1, "", &design, NULL));
  testudo_law *law = law_of(text);
  testudo_delay_model model = {.law = law, .structure = structure};
  testudo_summary summary = summary_with(design, &model, &plain_options);
  testudo_law_free(law);
  testudo_design_free(design);
  return summary.mean;
}

static void check_values_of_the_theory(void **state)
{
  (void)state;
  assert_near(mean_of(10, 3, TESTUDO_STRUCTURE_SCALED, "exp:1"), 2.6268473420, 6e-11);
  assert_near(mean_of(20, 19, TESTUDO_STRUCTURE_SCALED, "exp:1"), 0.9558941179, 6e-11);
  assert_near(mean_of(50, 10, TESTUDO_STRUCTURE_SCALED, "exp:1"), 4.4580083227, 2e-9);
  assert_near(mean_of(10, 3, TESTUDO_STRUCTURE_ADDITIVE, "exp:1"), 2.64664124, 6e-9);
  assert_near(mean_of(10, 5, TESTUDO_STRUCTURE_ADDITIVE, "shifted-exp:0.5,1"), 3.27428437, 6e-9);
}

/* One tolerance alone is a classical code: an order statistic. */
static void one_tolerance_is_an_order_statistic(void **state)
{
  (void)state;
  const int32_t three[] = {3};
  testudo_design *design;
  assert_ok(testudo_design_create_nested(9, three, 1, 1, "", &design, NULL));
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  double harmonic = 0;
  for (int k = 4; k <= 9; k++)
    harmonic += 1.0 / k;
  assert_close(summary_with(design, &model, &plain_options).mean, 4 * harmonic, 1e-9);
  testudo_law_free(law);
  testudo_design_free(design);
}

/* Far out P(T > t) is far below the rounding of 1, and still the same by the chain and over the workers. */
static void small_tails_keep_their_digits(void **state)
{
  (void)state;
  const int32_t set[] = {0, 2};
  testudo_design *design;
  assert_ok(testudo_design_create_nested(5, set, 2, 1, "", &design, NULL));
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
    assert_ok(testudo_latency_cdf(chain, 1e-3 / t, &first, &unused, NULL));
    assert_ok(testudo_latency_cdf(counts, 1e-3 / t, &second, &unused, NULL));
    assert_close(first, second, 1e-11);
  }
  testudo_latency_free(chain);
  testudo_latency_free(counts);
  testudo_law_free(law);
  testudo_design_free(design);
}

/* P(T > t) by another road: given how many workers have reached a tolerance, those that reach the next lower one are
   binomial. */
static double by_binomials(int32_t n, const int32_t *tolerance, int32_t tolerances, double t)
{
  double *now = calloc((size_t)n + 1, sizeof *now), *next = calloc((size_t)n + 1, sizeof *next), left = 0, above = 1;
  assert_true(now != NULL && next != NULL);
  now[0] = 1;
  for (int32_t k = tolerances - 1; k >= 0; k--) {
    double missed = exp(-t / (tolerance[k] + 1)), p = (above - missed) / above;
    memset(next, 0, ((size_t)n + 1) * sizeof *next);
    for (int32_t a = 0; a <= n; a++)
      for (int32_t b = 0; now[a] > 1e-200 && a + b < n - tolerance[k]; b++)
        next[a + b] += now[a] * testudo_i_binomial_mass(b, n - a, p, missed / above);
    double *kept = now;
    now = next;
    next = kept;
    above = missed;
  }
  for (int32_t a = 0; a <= n; a++)
    left += now[a];
  free(now);
  free(next);
  return left;
}

static void many_workers_equal_binomials(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 3, 40};
  const double times[] = {4, 5, 6, 8, 12, 20};
  testudo_design *design;
  assert_ok(testudo_design_create_nested(600, tolerance, 3, 1, "", &design, NULL));
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double before = 1;
  for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
    double tail, unused;
    assert_ok(testudo_latency_tail(latency, times[k], &tail, &unused, NULL));
    assert_close(tail, by_binomials(600, tolerance, 3, times[k]), 1e-9);
    assert_true(tail < before);
    before = tail;
  }
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void more_states_than_allowed_is_a_limit_that_says_so(void **state)
{
  (void)state;
  testudo_design *design = nested_design(6, 0x2f);
  testudo_law *law = law_of("exp:1");
  double rates[] = {1, 2, 1, 1, 1, 1};
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 6};
  testudo_analysis_options options = plain_options;
  options.max_states = 359;
  testudo_latency *latency;
  testudo_error error = {""};
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_LIMIT);
  assert_string_equal(error.text, "nested: the exact law needs 360 states (6 workers of 2 kinds, 5 tolerances); the "
                                  "limit is 359 states, and 1e9 steps per time point");
  options.max_states = 360;
  assert_ok(testudo_latency_create(design, &model, &options, &latency, NULL));
  testudo_latency_free(latency);
  options.report = TESTUDO_REPORT_WHOLE;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_law_free(law);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_workers_equal_enumeration_for_every_set_and_both_failures),
      cmocka_unit_test(unequal_workers_equal_enumeration_for_every_set_and_both_failures),
      cmocka_unit_test(additive_exponentials_of_any_rates_equal_every_progress_vector),
      cmocka_unit_test(another_set_has_another_law),
      cmocka_unit_test(check_values_of_the_theory),
      cmocka_unit_test(one_tolerance_is_an_order_statistic),
      cmocka_unit_test(small_tails_keep_their_digits),
      cmocka_unit_test(many_workers_equal_binomials),
      cmocka_unit_test(more_states_than_allowed_is_a_limit_that_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
