/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "designs.h"

#include "sample/moments.h"

/* 4.9e-10 of a normal law lies beyond; with the 40 or so comparisons below, seeds that fail would be rarer than 1e-7.
   The seeds are fixed. */
#define SIGMAS 6.2

static const testudo_simulation_options plain = {.trials = 40000, .seed = 7, .threads = 1};

/* ---- a second simulator: nothing shared but the formulas of docs/theory/model.md ---- */

static uint64_t weyl_state;

/* splitmix64. */
static double uniform(void)
{
  uint64_t z = weyl_state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

typedef struct cluster {
  const testudo_design *design;
  double shift, rate;            /* X = shift + Exp(rate) */
  const testudo_delay_model *model;
  bool whole;
} cluster;

/* done[j * N + i]: when worker j finishes chunk i; infinite when it never does. */
static void play(const cluster *c, double *done)
{
  int32_t m = testudo_design_workers(c->design), n = testudo_design_chunks(c->design);
  bool failed[64] = {false};
  for (int32_t left = c->model->failures == TESTUDO_FAILURES_EXACTLY ? c->model->failed : 0; left > 0;) {
    int32_t j = (int32_t)(uniform() * m);
    left -= !failed[j];
    failed[j] = true;
  }
  for (int32_t k = 0; k < m * n; k++)
    done[k] = HUGE_VAL;
  for (int32_t j = 0; j < m; j++) {
    if (c->model->failures == TESTUDO_FAILURES_EACH && uniform() < c->model->fail_prob)
      failed[j] = true;
    double r = c->model->rates == NULL ? 1.0 : c->model->rates[j], clock = 0.0;
    double x = c->shift - log(uniform()) / c->rate;
    int32_t load = testudo_design_load(c->design, j);
    for (int32_t k = 0; k < load; k++) {
      clock += c->model->structure == TESTUDO_STRUCTURE_SCALED ? x : c->shift - log(uniform()) / c->rate;
      if (!failed[j])
        done[j * n + testudo_design_order(c->design, j)[k]] = clock / r;
    }
    for (int32_t k = 0; c->whole && !failed[j] && k < load; k++)
      done[j * n + testudo_design_order(c->design, j)[k]] = clock / r;
  }
}

/* The first time with every chunk done by l workers: the least of the candidate times that passes the test. */
static double play_completion(const cluster *c, const double *done)
{
  int32_t m = testudo_design_workers(c->design), n = testudo_design_chunks(c->design);
  int32_t l = testudo_design_parts(c->design);
  double best = HUGE_VAL;
  for (int32_t k = 0; k < m * n; k++) {
    double t = done[k];
    bool all = t < best;
    for (int32_t i = 0; all && i < n; i++) {
      int32_t cover = 0;
      for (int32_t j = 0; j < m; j++)
        cover += done[j * n + i] <= t;
      all = cover >= l;
    }
    if (all)
      best = t;
  }
  return best;
}

static double play_error(const cluster *c, const double *done, double t)
{
  int32_t m = testudo_design_workers(c->design), n = testudo_design_chunks(c->design);
  int32_t l = testudo_design_parts(c->design), error = 0;
  for (int32_t i = 0; i < n; i++) {
    int32_t cover = 0;
    for (int32_t j = 0; j < m; j++)
      cover += done[j * n + i] <= t;
    error += cover < l ? l - cover : 0;
  }
  return (double)error;
}

static void assert_same(const char *what, double a, double sa, double b, double sb)
{
  if (fabs(a - b) <= SIGMAS * sqrt(sa * sa + sb * sb) + 1e-12)
    return;
  print_error("%s: engine %.8g (%.2g), second simulator %.8g (%.2g)\n", what, a, sa, b, sb);
  fail();
}

static void compare_with_second_simulator(const cluster *c)
{
  static const double deadline[3] = {0.4, 1.3, 3.1};
  enum { TRIALS = 8000 };
  testudo_simulation_options options = plain;
  options.report = c->whole ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
  options.times = deadline;
  options.time_count = c->whole ? 0 : 3;
  testudo_simulation *found = simulate(c->design, c->model, &options);
  testudo_i_shifted t_moments = {0}, error[3] = {{0}}, norm[3] = {{0}};
  double *done = malloc((size_t)(c->design->workers * c->design->chunks) * sizeof *done);
  double never = 0.0;
  for (int r = 0; r < TRIALS; r++) {
    play(c, done);
    double t = play_completion(c, done);
    if (isinf(t))
      never += 1.0;
    else
      testudo_i_shifted_add(&t_moments, t);
    for (int d = 0; d < options.time_count; d++) {
      double e = play_error(c, done, deadline[d]);
      testudo_i_shifted_add(&error[d], e);
      testudo_i_shifted_add(&norm[d], sqrt(e));
    }
  }
  testudo_i_moments m = testudo_i_shifted_moments(&t_moments);
  if (m.count > 1)
    assert_same("mean", found->mean, found->stderr_mean, m.mean, testudo_i_moments_stderr(&m));
  double p = never / TRIALS, q = (double)found->never / (double)found->trials;
  double pooled = (never + (double)found->never) / (double)(TRIALS + found->trials);
  assert_same("never", q, sqrt(pooled * (1 - pooled) / (double)found->trials), p, sqrt(pooled * (1 - pooled) / TRIALS));
  for (int d = 0; d < options.time_count; d++) {
    testudo_i_moments e = testudo_i_shifted_moments(&error[d]), s = testudo_i_shifted_moments(&norm[d]);
    assert_same("mse", found->mse[d], found->mse_stderr[d], e.mean, testudo_i_moments_stderr(&e));
    assert_same("mean_norm", found->mean_norm[d], found->mean_norm_stderr[d], s.mean, testudo_i_moments_stderr(&s));
  }
  free(done);
  testudo_simulation_free(found);
}

static void agrees_with_a_second_simulator(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_law *law = law_of("shifted-exp:0.21,1.9");
  weyl_state = 99;
  for (int k = 0; k < 12; k++) {
    double rates[16];
    for (int j = 0; j < 16; j++)
      rates[j] = 0.5 + testudo_i_random_uniform(&random);
    int32_t m = 5 + k % 4, n = 4 + k % 5, l = 1 + k % 3;
    testudo_design *design = irregular_design(&random, TESTUDO_SCHEME_PARTIAL, m, n, l + 1 + k % 2, l, 0);
    testudo_delay_model model = {.law = law, .rates = k % 3 ? rates : NULL, .workers = m,
                                 .failures = (testudo_failure_kind)(k / 2 % 3)};
    model.structure = k % 2 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
    model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 2 : 0;
    model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.15 : 0.0;
    cluster c = {.design = design, .shift = 0.21, .rate = 1.9, .model = &model, .whole = k % 4 == 3};
    compare_with_second_simulator(&c);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* ---- closed forms ---- */

static void order_statistics_have_their_closed_form_means(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:2");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 12, 1, 1, 0);
  testudo_simulation *found = simulate(design, &model, &plain);
  double harmonic = 0.0;
  for (int k = 1; k <= 12; k++)
    harmonic += 1.0 / k;
  assert_near(found->mean, harmonic / 2.0, SIGMAS * found->stderr_mean);
  assert_near(found->stderr_mean, found->stddev / 200.0, 1e-15);
  testudo_simulation_free(found);
  testudo_design_free(design);
  design = cyclic_design(TESTUDO_SCHEME_IGNORE_STRAGGLERS, 12, 1, 1, 9);
  found = simulate(design, &model, &plain);
  assert_near(found->mean, (harmonic - 1.0 - 1.0 / 2.0 - 1.0 / 3.0) / 2.0, SIGMAS * found->stderr_mean);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* docs/theory/latency.md#check-values: E[T] on the cyclic assignment, scaled and additive. */
static void partial_codes_have_the_means_of_the_theory(void **state)
{
  (void)state;
  static const struct { int32_t m, delta, l; testudo_structure structure; const char *law; double mean; } want[] = {
      {5, 2, 1, TESTUDO_STRUCTURE_SCALED, "exp:1", 1.43412698},
      {10, 3, 2, TESTUDO_STRUCTURE_SCALED, "exp:1", 3.49057561},
      {10, 3, 3, TESTUDO_STRUCTURE_SCALED, "exp:1", 8.78690476},
      {10, 3, 1, TESTUDO_STRUCTURE_SCALED, "shifted-exp:0.5,1", 2.35581623},
      {10, 3, 1, TESTUDO_STRUCTURE_ADDITIVE, "exp:1", 1.72794677},
      {20, 4, 2, TESTUDO_STRUCTURE_ADDITIVE, "exp:1", 3.38749102}};
  for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
    testudo_law *law = law_of(want[k].law);
    testudo_delay_model model = {.law = law, .structure = want[k].structure};
    testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, want[k].m, want[k].delta, want[k].l, 0);
    testudo_simulation *found = simulate(design, &model, &plain);
    assert_near(found->mean, want[k].mean, SIGMAS * found->stderr_mean);
    assert_int_equal(found->never, 0);
    testudo_simulation_free(found);
    testudo_design_free(design);
    testudo_law_free(law);
  }
  double rates[12];
  for (int j = 0; j < 12; j++)
    rates[j] = 1.0 + j % 3;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 12};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 12, 3, 1, 0);
  testudo_simulation *found = simulate(design, &model, &plain);
  assert_near(found->mean, 0.81526536, SIGMAS * found->stderr_mean);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* E error(t) on (8, 3, l = 2): each chunk has places 1, 2, 3; P(C_k > t) = exp(-t / k); with f of 8 failed, the number
   failed among three holders is hypergeometric. */
static double mse_of_places(double t, int f)
{
  double done[3], mse = 0.0;
  for (int k = 0; k < 3; k++)
    done[k] = -expm1(-t / (k + 1));
  for (int failed = 0; failed < 8; failed++)
    for (int finished = 0; finished < 8; finished++) {
      /* `failed`: subset of the three holders; `finished`: subset done among them. */
      int a = __builtin_popcount((unsigned)failed);
      double p = 1.0;
      if (f == 0)
        p = a == 0 ? 1.0 : 0.0;
      else { /* f = 2 of 8, a of these three: C(5, 2 - a) / C(8, 2) for each subset */
        static const double ways[4] = {10.0, 5.0, 1.0, 0.0};
        p = ways[a] / 28.0;
      }
      for (int k = 0; k < 3; k++) {
        double chance = (failed >> k & 1) ? 0.0 : done[k];
        p *= (finished >> k & 1) ? chance : 1.0 - chance;
      }
      int cover = __builtin_popcount((unsigned)finished);
      mse += p * (cover < 2 ? 2 - cover : 0);
    }
  return 8.0 * mse;
}

static void errors_at_deadlines_have_their_expectations(void **state)
{
  (void)state;
  static const double deadline[4] = {0.0, 0.7, 2.2, 40.0};
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 8, 3, 2, 0);
  testudo_simulation_options options = plain;
  options.times = deadline;
  options.time_count = 4;
  for (int f = 0; f <= 2; f += 2) {
    testudo_delay_model model = {.law = law, .failed = f,
                                 .failures = f ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_NONE};
    testudo_simulation *found = simulate(design, &model, &options);
    assert_int_equal(found->time_count, 4);
    for (int d = 0; d < 4; d++)
      assert_near(found->mse[d], mse_of_places(deadline[d], f), SIGMAS * found->mse_stderr[d] + 1e-3 * (d == 3));
    /* At time 0 nothing is done: error 16 in every trial, its root 4, no spread. */
    assert_true(found->mse[0] == 16.0 && found->mean_norm[0] == 4.0 && found->mse_stderr[0] == 0.0);
    assert_true(found->error_max[0] == 16.0 && found->error_trials[0] == found->trials);
    assert_true(found->mean_norm_stderr[0] == 0.0);
    for (int d = 0; d < 4; d++) {
      int64_t late = found->trials - llround(testudo_simulation_cdf(found, deadline[d]) * (double)found->trials);
      assert_int_equal(found->error_trials[d], late);
    }
    testudo_simulation_free(found);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- a discrete law, enumerated ---- */

static void a_trace_of_three_values_gives_the_enumerated_law(void **state)
{
  (void)state;
  FILE *file = fopen("sample_trace.csv", "w");
  assert_non_null(file);
  fputs("worker,iteration,seconds\n0,0,0.1\n1,0,0.3\n2,0,0.3\n0,1,0.7\n", file);
  fclose(file);
  testudo_law *law = law_of("trace:sample_trace.csv");
  remove("sample_trace.csv");
  static const double value[3] = {0.1, 0.3, 0.7}, chance[3] = {0.25, 0.5, 0.25};
  /* cyclic (3, 2), l = 1: chunk i is worker i's first and worker i-1's second. */
  double jump[64], weight[64];
  int jumps = 0;
  for (int s = 0; s < 27; s++) {
    const int x[3] = {s % 3, s / 3 % 3, s / 9};
    double t = 0.0;
    for (int i = 0; i < 3; i++)
      t = fmax(t, fmin(value[x[i]], 2.0 * value[x[(i + 2) % 3]]));
    jump[jumps] = t;
    weight[jumps++] = chance[x[0]] * chance[x[1]] * chance[x[2]];
  }
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 3, 2, 1, 0);
  testudo_delay_model model = {.law = law};
  testudo_simulation *found = simulate(design, &model, &plain);
  for (int k = 0; k < jumps; k++) {
    double p = 0.0;
    for (int q = 0; q < jumps; q++)
      p += jump[q] <= jump[k] ? weight[q] : 0.0;
    assert_near(testudo_simulation_cdf(found, jump[k]), p, SIGMAS * sqrt(p * (1.0 - p) / 40000.0) + 1e-15);
  }
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void a_deterministic_law_is_exact_and_ties_count(void **state)
{
  (void)state;
  static const double deadline[2] = {0.1, 0.30000000000000004}; /* 3 * 0.1 in doubles */
  testudo_law *law = law_of("deterministic:0.1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 3, 0);
  for (int k = 0; k < 2; k++) {
    testudo_delay_model model = {.law = law, .structure = k ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED};
    testudo_simulation_options options = plain;
    options.trials = 9;
    options.times = deadline;
    options.time_count = 2;
    testudo_simulation *found = simulate(design, &model, &options);
    assert_true(found->mean == 3 * 0.1 && found->stddev == 0.0 && found->stderr_mean == 0.0);
    assert_true(found->mse[0] == 12.0 && found->mse[1] == 0.0 && found->error_trials[1] == 0);
    assert_true(testudo_simulation_cdf(found, 3 * 0.1) == 1.0);
    assert_true(testudo_simulation_cdf(found, nextafter(3 * 0.1, 0.0)) == 0.0);
    testudo_simulation_free(found);
    options.round_up = 0.1;
    found = simulate(design, &model, &options);
    assert_true(found->mean == 3 * 0.1);
    testudo_simulation_free(found);
    options.round_up = 1.0;
    found = simulate(design, &model, &options);
    assert_true(found->mean == 1.0 && testudo_simulation_quantile(found, 0.5) == 1.0);
    testudo_simulation_free(found);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- failures ---- */

static void failures_of_all_and_none(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 7, 3, 2, 0);
  testudo_simulation_options options = plain;
  static const double deadline[1] = {5.0};
  options.times = deadline;
  options.time_count = 1;
  options.trials = 1025;
  testudo_delay_model all = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 7};
  testudo_simulation *found = simulate(design, &all, &options);
  assert_int_equal(found->never, 1025);
  assert_true(isnan(found->mean) && isnan(found->stddev) && isnan(found->stderr_mean));
  assert_true(isinf(testudo_simulation_quantile(found, 0.01)) && testudo_simulation_cdf(found, 1e300) == 0.0);
  assert_true(found->mse[0] == 14.0 && found->error_max[0] == 14.0);
  testudo_simulation_free(found);
  testudo_delay_model none = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 0};
  testudo_delay_model plainly = {.law = law};
  found = simulate(design, &none, &options);
  testudo_simulation *other = simulate(design, &plainly, &options);
  assert_int_equal(found->never, 0);
  assert_memory_equal(found->completion, other->completion, 1025 * sizeof(double));
  testudo_simulation_free(found);
  testudo_simulation_free(other);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Uncoded with each worker failing at p: P(never) = 1 - (1 - p)^m, and the quantiles know. */
static void independent_failures_have_their_probability(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 6, 1, 1, 0);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.07};
  testudo_simulation *found = simulate(design, &model, &plain);
  double p = 1.0 - pow(0.93, 6.0), q = (double)found->never / 40000.0;
  assert_near(q, p, SIGMAS * sqrt(p * (1.0 - p) / 40000.0));
  assert_true(isinf(testudo_simulation_quantile(found, 1.0 - q + 1e-4)));
  assert_true(isfinite(testudo_simulation_quantile(found, 1.0 - q - 1e-4)));
  /* Given T finite, the mean is that of six workers without failures. */
  assert_near(found->mean, 2.45, SIGMAS * found->stderr_mean);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_a_second_simulator),
      cmocka_unit_test(order_statistics_have_their_closed_form_means),
      cmocka_unit_test(partial_codes_have_the_means_of_the_theory),
      cmocka_unit_test(errors_at_deadlines_have_their_expectations),
      cmocka_unit_test(a_trace_of_three_values_gives_the_enumerated_law),
      cmocka_unit_test(a_deterministic_law_is_exact_and_ties_count),
      cmocka_unit_test(failures_of_all_and_none),
      cmocka_unit_test(independent_failures_have_their_probability),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
