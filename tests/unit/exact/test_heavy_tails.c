/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means and deviations under heavy tails: closed forms of order statistics, infinite moments, failures. */
#include "cases.h"

#include "exact/latency.h"

static testudo_law *pareto(double least, double alpha)
{
  char text[96];
  snprintf(text, sizeof text, "pareto:%.17g,%.17g", least, alpha);
  return law_of(text);
}

/* E X_{K:n}^power of Pareto(1, alpha) is Gamma(n+1) Gamma(n-K+1-h) / (Gamma(n-K+1) Gamma(n+1-h)), h = power / alpha;
   infinite for h >= n-K+1. */
static double pareto_moment(int n, int k, double alpha, int power)
{
  double h = power / alpha;
  if (h >= n - k + 1)
    return HUGE_VAL;
  return exp(lgamma(n + 1) + lgamma(n - k + 1 - h) - lgamma(n - k + 1) - lgamma(n + 1 - h));
}

/* The summary's mean within its own error estimate, and that within 1e-5; the deviation where it is finite. */
static void check_mean(const testudo_summary *found, double mean, double square, const char *what)
{
  if (mean == HUGE_VAL) {
    if (found->status != TESTUDO_MEAN_INFINITE || !isnan(found->mean))
      fail_msg("%s: mean %.17g, but it is infinite", what, found->mean);
    return;
  }
  double slack = 2 * found->abs_error + 1e-12 * mean;
  if (found->status != TESTUDO_MEAN_EXACT || !(fabs(found->mean - mean) <= slack))
    fail_msg("%s: mean %.17g, wanted %.17g within %.3g", what, found->mean, mean, slack);
  if (!(found->abs_error <= 1e-5 * mean))
    fail_msg("%s: error %.3g of mean %.3g", what, found->abs_error, mean);
  if (square == HUGE_VAL && found->stddev != HUGE_VAL)
    fail_msg("%s: deviation %.17g, but it is infinite", what, found->stddev);
  if (square < HUGE_VAL)
    assert_close(found->stddev, sqrt(square - mean * mean), 1e-6);
}

static void pareto_order_statistics_equal_gamma_functions(void **state)
{
  (void)state;
  const double alphas[] = {0.1, 0.3, 0.5, 1, 1.0001, 1.003, 1.1, 1.5, 2, 2.004, 3.7, 40};
  const int workers[] = {1, 2, 7, 40};
  int infinite = 0, finite = 0;
  for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++)
    for (int w = 0; w < 4; w++)
      for (int k = 1; k <= workers[w]; k += 1 + workers[w] / 3) {
        testudo_law *law = pareto(1, alphas[a]);
        testudo_delay_model model = {.law = law};
        testudo_design *design = k_of_n(workers[w], workers[w], k);
        testudo_summary found = summary_with(design, &model, &plain_options);
        double mean = pareto_moment(workers[w], k, alphas[a], 1);
        char what[80];
        snprintf(what, sizeof what, "%d of %d, alpha %g", k, workers[w], alphas[a]);
        check_mean(&found, mean, pareto_moment(workers[w], k, alphas[a], 2), what);
        infinite += mean == HUGE_VAL;
        finite += mean < HUGE_VAL;
        testudo_design_free(design);
        testudo_law_free(law);
      }
  assert_true(infinite >= 10 && finite >= 60);
}

/* E X_{K:n}^power of a lognormal by the trapezoidal rule over z = (log x - mu) / sigma. */
static double lognormal_moment(int n, int k, double mu, double sigma, int power)
{
  long double sum = 0, binomial = lgammal(n + 1) - lgammal(k) - lgammal(n - k + 1);
  for (int i = -4000; i <= 8000; i++) {
    long double z = i / 200.0L, half = z * 0.707106781186547524401L;
    long double below = erfcl(-half) / 2, above = erfcl(half) / 2;
    if (below > 0 && above > 0)
      sum += expl(binomial + (k - 1) * logl(below) + (n - k) * logl(above) - z * z / 2 + power * (mu + sigma * z));
  }
  return (double)(sum / 200 * 0.398942280401432677939946059934381868L);
}

static void lognormal_order_statistics_equal_quadrature_over_the_normal(void **state)
{
  (void)state;
  const double parameter[][2] = {{1.395, 0.139}, {0, 1}, {-5, 2.5}};
  const int pairs[][2] = {{1, 1}, {1, 5}, {3, 5}, {5, 5}, {30, 32}, {32, 32}, {200, 200}};
  for (int p = 0; p < 3; p++) {
    char text[64];
    double mu = parameter[p][0], sigma = parameter[p][1];
    snprintf(text, sizeof text, "lognormal:%.17g,%.17g", mu, sigma);
    testudo_law *law = law_of(text);
    testudo_delay_model model = {.law = law};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
      testudo_design *design = k_of_n(pairs[k][1], pairs[k][1], pairs[k][0]);
      testudo_summary found = summary_with(design, &model, &plain_options);
      check_mean(&found, lognormal_moment(pairs[k][1], pairs[k][0], mu, sigma, 1),
                 lognormal_moment(pairs[k][1], pairs[k][0], mu, sigma, 2), text);
      testudo_design_free(design);
    }
    testudo_law_free(law);
  }
}

/* ---- failures: E[T | T finite] ---- */

static double binomial_weight(int n, int v, double p)
{
  return exp(lgamma(n + 1) - lgamma(v + 1) - lgamma(n - v + 1) + v * log(p) + (n - v) * log1p(-p));
}

typedef double moment_of(int n, int k, const double *parameter, int power);

static double of_pareto(int n, int k, const double *parameter, int power)
{
  return pareto_moment(n, k, parameter[0], power);
}

static double of_lognormal(int n, int k, const double *parameter, int power)
{
  return lognormal_moment(n, k, parameter[0], parameter[1], power);
}

/* K of n survives up to n - K failures, and is then K of fewer. */
static double with_failures(int n, int k, double p, moment_of *moment, const double *parameter, int power)
{
  double sum = 0, weight = 0;
  for (int v = 0; v <= n - k; v++) {
    sum += binomial_weight(n, v, p) * moment(n - v, k, parameter, power);
    weight += binomial_weight(n, v, p);
  }
  return sum / weight;
}

static void failures_leave_the_tail_of_a_pareto_law(void **state)
{
  (void)state;
  const double alphas[] = {0.3, 0.9, 1, 1.02, 1.2, 1.5, 2, 2.3, 6}, chances[] = {1e-4, 0.01, 0.3};
  const int pairs[][2] = {{1, 1}, {1, 2}, {4, 6}, {10, 10}, {27, 30}};
  int infinite = 0;
  for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++)
    for (int c = 0; c < 3; c++)
      for (int k = 0; k < 5; k++) {
        testudo_law *law = pareto(1, alphas[a]);
        testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = chances[c]};
        testudo_design *design = k_of_n(pairs[k][1], pairs[k][1], pairs[k][0]);
        testudo_summary found = summary_with(design, &model, &plain_options);
        double mean = with_failures(pairs[k][1], pairs[k][0], chances[c], of_pareto, &alphas[a], 1);
        char what[100];
        snprintf(what, sizeof what, "%d of %d, alpha %g, p %g", pairs[k][0], pairs[k][1], alphas[a], chances[c]);
        check_mean(&found, mean, with_failures(pairs[k][1], pairs[k][0], chances[c], of_pareto, &alphas[a], 2), what);
        infinite += mean == HUGE_VAL;
        testudo_design_free(design);
        testudo_law_free(law);
      }
  assert_int_equal(infinite, 45);
}

static void failures_leave_the_tail_of_a_lognormal_law(void **state)
{
  (void)state;
  const double parameter[][2] = {{1.395, 0.139}, {0, 1}, {0, 2.5}};
  const int pairs[][2] = {{1, 1}, {4, 6}, {10, 10}};
  for (int l = 0; l < 3; l++)
    for (int k = 0; k < 3; k++) {
      char text[64];
      snprintf(text, sizeof text, "lognormal:%.17g,%.17g", parameter[l][0], parameter[l][1]);
      testudo_law *law = law_of(text);
      testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.03};
      testudo_design *design = k_of_n(pairs[k][1], pairs[k][1], pairs[k][0]);
      testudo_summary found = summary_with(design, &model, &plain_options);
      check_mean(&found, with_failures(pairs[k][1], pairs[k][0], 0.03, of_lognormal, parameter[l], 1),
                 with_failures(pairs[k][1], pairs[k][0], 0.03, of_lognormal, parameter[l], 2), text);
      testudo_design_free(design);
      testudo_law_free(law);
    }
}

/* Two workers hold both chunks in opposite orders: alone, a worker needs 2 X; together min(max(X, Y), 2 min(X, Y)),
   whose tail under Pareto(1, a) is 2 S - S^2 on [1, 2] and (2^(a+1) - 1) t^-2a beyond. */
static double cyclic_pair_mean(double alpha, double p)
{
  double a = alpha, both = 1, alone = 2 * a / (a - 1);
  both += a == 1 ? 2 * log(2) : 2 * (pow(2, 1 - a) - 1) / (1 - a);
  both -= (pow(2, 1 - 2 * a) - 1) / (1 - 2 * a);
  both += (pow(2, a + 1) - 1) * pow(2, 1 - 2 * a) / (2 * a - 1);
  return ((1 - p) * (1 - p) * both + 2 * p * (1 - p) * alone) / (1 - p * p);
}

static void failures_leave_the_tail_of_cyclic_codes(void **state)
{
  (void)state;
  const double alphas[] = {0.7, 1, 1.05, 1.4, 3}, chances[] = {1e-6, 0.01, 0.4};
  for (int a = 0; a < 5; a++)
    for (int c = 0; c < 3; c++) {
      testudo_law *law = pareto(1, alphas[a]);
      testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = chances[c]};
      testudo_design *design = cyclic(2, 2, 1);
      testudo_summary found = summary_with(design, &model, &plain_options);
      char what[64];
      snprintf(what, sizeof what, "cyclic pair, alpha %g, p %g", alphas[a], chances[c]);
      check_mean(&found, alphas[a] > 1 ? cyclic_pair_mean(alphas[a], chances[c]) : HUGE_VAL, NAN, what);
      testudo_design_free(design);
      testudo_law_free(law);
    }
}

/* Under exactly f failures a design that some sets of them block: the mean given T finite does not depend on how the
   workers' rates are written down, so scaling all of them scales it; and an exponent of 1 makes it infinite. */
static void exactly_f_failures_scale_with_the_rates(void **state)
{
  (void)state;
  testudo_law *law = pareto(1, 1.3), *one = pareto(1, 1);
  double rates[6] = {4, 4, 4, 4, 4, 4};
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2}, faster = model;
  faster.rates = rates;
  faster.workers = 6;
  testudo_design *design = cyclic(6, 2, 1);
  testudo_summary slow = summary_with(design, &model, &plain_options);
  testudo_summary fast = summary_with(design, &faster, &plain_options);
  assert_close(slow.p_never, 6.0 / 15, 1e-14);
  assert_near(slow.mean, 4 * fast.mean, slow.abs_error + 4 * fast.abs_error);
  assert_true(slow.abs_error < 1e-6 * slow.mean && slow.stddev == HUGE_VAL);
  model.law = one;
  assert_int_equal(summary_with(design, &model, &plain_options).status, TESTUDO_MEAN_INFINITE);
  testudo_design_free(design);
  testudo_law_free(law);
  testudo_law_free(one);
}

/* ---- bounds ---- */

/* A random design has bounds only; those of a heavy law must still enclose something near its own exact relatives:
   the mean is at least the ideal, and the interval is not the trivial one. */
static void bounds_of_heavy_laws_are_not_trivial(void **state)
{
  (void)state;
  const struct {
    const char *law;
    double fail_prob, widest;
    bool infinite;
  } cases[] = {{"pareto:1,0.9", 0, 1.35, false}, {"pareto:1,1.1", 0, 1.3, false}, {"pareto:1,0.9", 0.01, 0, true},
               {"pareto:1,1.1", 0.01, 1.3, false}, {"pareto:1e-7,1.1", 0.01, 1.3, false},
               {"lognormal:-20,2", 0.01, 1.7, false}, {"pareto:1e9,3", 0, 1.15, false}};
  testudo_design *design = regular_matching(12, 4, 1, 5);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_law *law = law_of(cases[k].law);
    testudo_delay_model model = {.law = law, .fail_prob = cases[k].fail_prob,
                                 .failures = cases[k].fail_prob > 0 ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_NONE};
    testudo_analysis_options few = plain_options;
    few.max_states = 1; /* too few for elimination */
    testudo_summary found = summary_with(design, &model, &few);
    assert_int_equal(found.status, cases[k].infinite ? TESTUDO_MEAN_INFINITE : TESTUDO_MEAN_BOUNDED);
    assert_true(found.lower > 0 && found.lower <= found.upper);
    if (!cases[k].infinite && !(found.upper / found.lower < cases[k].widest))
      fail_msg("%s, p %g: between %g and %g", cases[k].law, cases[k].fail_prob, found.lower, found.upper);
    testudo_law_free(law);
  }
  testudo_design_free(design);
}

/* Bounds know an infinite mean: the tail of the chunk with the fewest holders, g of l, has index alpha (g - l + 1), and
   alpha less for every one that fails; where each may fail, all but l can. */
static void a_mean_that_is_surely_infinite_is_said_to_be(void **state)
{
  (void)state;
  const struct {
    const char *law;
    int32_t load, parts;
    bool infinite[3]; /* without failures, one, each with some probability */
  } cases[] = {{"pareto:1,0.33", 3, 1, {true, true, true}},   {"pareto:1,0.34", 3, 1, {false, true, true}},
               {"pareto:1,0.49", 4, 3, {true, true, true}},   {"pareto:1,0.51", 3, 1, {false, false, true}},
               {"pareto:1,0.52", 4, 3, {false, true, true}},  {"pareto:1,1.01", 4, 3, {false, false, false}},
               {"pareto:2,0.9", 5, 5, {true, false, true}},   {"exp:1", 4, 3, {false, false, false}},
               {"mixture:0.99,exp:1,lomax:0.33,2", 3, 1, {true, true, true}}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    for (int failing = 0; failing < 3; failing++) {
      testudo_design *design = regular_matching(12, cases[k].load, cases[k].parts, 7);
      testudo_law *law = law_of(cases[k].law);
      testudo_delay_model model = {.law = law, .failures = (testudo_failure_kind)failing, .failed = 1,
                                   .fail_prob = 0.001};
      testudo_latency *latency = latency_with(design, &model, &plain_options);
      testudo_summary summary;
      assert_ok(testudo_latency_summary(latency, &summary, NULL));
      bool spare = cases[k].load > cases[k].parts || failing == 0;
      if (!testudo_latency_is_exact(latency) && spare)
        assert_true((summary.status == TESTUDO_MEAN_INFINITE) == cases[k].infinite[failing]);
      if (summary.status == TESTUDO_MEAN_INFINITE)
        assert_true(isinf(summary.lower) && isinf(summary.upper) && isnan(summary.mean));
      testudo_latency_free(latency);
      testudo_law_free(law);
      testudo_design_free(design);
    }
}

/* ---- the index ---- */

/* By a second road: -log of how P(t < T < infinity) falls from t to 4 t, over log 4. */
static double falling(const testudo_design *design, const testudo_delay_model *model, double t)
{
  testudo_analysis_options options = plain_options;
  double late[3], upper;
  const double time[] = {t, 4 * t, HUGE_VAL};
  options.report = model->message == NULL ? options.report : TESTUDO_REPORT_WHOLE;
  testudo_latency *latency = latency_with(design, model, &options);
  assert_true(testudo_latency_is_exact(latency));
  for (int k = 0; k < 3; k++)
    assert_ok(testudo_latency_tail(latency, time[k], &late[k], &upper, NULL));
  testudo_latency_free(latency);
  return -log((late[1] - late[2]) / (late[0] - late[2])) / log(4);
}

static testudo_design *gradient_code(bool frc)
{
  testudo_design *design = NULL;
  testudo_assignment assignment;
  if (frc)
    assert_ok(testudo_assignment_frc(6, 6, 2, &assignment, NULL));
  else
    assert_ok(testudo_assignment_cyclic(6, 3, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, frc ? 1 : 2, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *family(bool blocks)
{
  const int32_t tolerance[] = {1, 2};
  const int64_t size[] = {5, 7};
  testudo_design *design = NULL;
  assert_ok(blocks ? testudo_design_create_block(6, tolerance, size, 2, 1, "", &design, NULL)
                   : testudo_design_create_nested(6, tolerance, 2, 1, "", &design, NULL));
  return design;
}

static void the_index_is_the_slope_of_the_tail(void **state)
{
  (void)state;
  testudo_design *design[] = {uncoded(6, 12), k_of_n(6, 6, 3), gradient_code(true),
                              gradient_code(false), cyclic(6, 3, 1), cyclic(6, 3, 2),
                              family(false), family(true)};
  const double blocking[] = {1, 4, 2, 3, 3, 2, 3, 2};
  const char *const laws[] = {"pareto:1.3,0.4", "lomax:0.7,0.9", "mixture:0.3,lomax:0.4,1.1,exp:1.7"};
  const double alpha[] = {0.4, 0.7, 0.4};
  for (int d = 0; d < 8; d++)
    for (int k = 0; k < 3; k++)
      for (int failing = 0; failing < 3; failing++)
        for (int additive = 0; additive < (d < 7 ? 2 : 1); additive++) {
          testudo_law *law = law_of(laws[k]);
          testudo_delay_model model = {.law = law, .structure = (testudo_structure)additive, .failed = 1,
                                       .failures = (testudo_failure_kind)failing, .fail_prob = 0.2};
          double found = testudo_tail_index(design[d], &model);
          double wanted = alpha[k] * (failing == 0 ? blocking[d] : failing == 1 && blocking[d] > 1 ? blocking[d] - 1
                                                               : failing == 1 ? blocking[d] : 1);
          assert_close(found, wanted, 1e-12);
          /* One failure stops an uncoded design for good: then there is no tail. */
          double slope = failing == 1 && d == 0 ? found : falling(design[d], &model, failing == 2 ? 1e9 : 1e7);
          if (!(fabs(slope - found) < 0.02 * found))
            fail_msg("design %d, %s, failures %d, additive %d: index %g, slope %g", d, laws[k], failing, additive,
                     found, slope);
          testudo_law_free(law);
        }
  testudo_law *light = law_of("lognormal:0,3");
  assert_true(testudo_tail_index(design[0], &(testudo_delay_model){.law = light}) == HUGE_VAL);
  testudo_law *message = law_of(laws[0]);
  for (int d = 0; d < 3; d++) {
    testudo_delay_model model = {.law = light, .message = message};
    double found = testudo_tail_index(design[d], &model), slope = falling(design[d], &model, 1e9);
    assert_close(found, 0.4 * blocking[d], 1e-12);
    if (!(fabs(slope - found) < 0.02 * found))
      fail_msg("design %d with messages: index %g, slope %g", d, found, slope);
  }
  testudo_law_free(message);
  testudo_law_free(light);
  for (int d = 0; d < 8; d++)
    testudo_design_free(design[d]);
}

/* One worker of structure mixed: Z (E_1 + .. + E_k) has the mean E Z k E E, and the square E Z^2 (k Var E + (k E E)^2).
   Two equally heavy factors have a tail with a logarithm; narrow factors need a rule of their own. */
static void mixed_times_have_the_moments_of_their_factors(void **state)
{
  (void)state;
  static const struct {
    const char *outer, *chunk;
    int32_t chunks;
  } of[] = {{"pareto:1,1.005", "pareto:1,1.005", 1}, {"pareto:1,1.02", "pareto:1,1.02", 1},
            {"pareto:1,1.05", "lomax:1.05,1", 2},    {"pareto:1,2.01", "pareto:1,2.01", 1},
            {"lomax:2.2,1", "lomax:2.2,3", 2},       {"lognormal:0,0.003", "shifted-exp:1,10", 16},
            {"lognormal:0,0.0003", "shifted-exp:1,100", 16}, {"shift:1,lognormal:0,0.003", "shifted-exp:1,30", 16},
            {"weibull:3000,1", "shifted-exp:1,30", 16}, {"shifted-exp:1,2", "shift:3,gamma:2,0.1", 8}};
  for (size_t c = 0; c < sizeof of / sizeof *of; c++) {
    testudo_law *outer = law_of(of[c].outer), *chunk = law_of(of[c].chunk);
    const testudo_delay_model model = {.law = outer, .chunk_law = chunk, .structure = TESTUDO_STRUCTURE_MIXED};
    testudo_design *design = uncoded(1, of[c].chunks);
    testudo_summary found = summary_with(design, &model, &plain_options);
    double k = of[c].chunks, first = k * testudo_law_mean(chunk), mean = testudo_law_mean(outer) * first;
    double square = (testudo_law_variance(outer) + testudo_law_mean(outer) * testudo_law_mean(outer)) *
                    (k * testudo_law_variance(chunk) + first * first);
    char what[80];
    snprintf(what, sizeof what, "%s times %s", of[c].outer, of[c].chunk);
    check_mean(&found, mean, square, what);
    testudo_design_free(design);
    testudo_law_free(outer);
    testudo_law_free(chunk);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mixed_times_have_the_moments_of_their_factors),
      cmocka_unit_test(a_mean_that_is_surely_infinite_is_said_to_be),
      cmocka_unit_test(pareto_order_statistics_equal_gamma_functions),
      cmocka_unit_test(lognormal_order_statistics_equal_quadrature_over_the_normal),
      cmocka_unit_test(failures_leave_the_tail_of_a_pareto_law),
      cmocka_unit_test(failures_leave_the_tail_of_a_lognormal_law),
      cmocka_unit_test(failures_leave_the_tail_of_cyclic_codes),
      cmocka_unit_test(exactly_f_failures_scale_with_the_rates),
      cmocka_unit_test(bounds_of_heavy_laws_are_not_trivial),
      cmocka_unit_test(the_index_is_the_slope_of_the_tail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
