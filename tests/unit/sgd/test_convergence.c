/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds against the recursions of their proofs, against exact moments of SGD on quadratics and against simulated
   runs; the best K against all K; what is refused. */
#include "check.h"

#include <testudo/convergence.h>

#include "base/random.h"

enum { UPDATES = 60, PROBLEMS = 200 };

static testudo_i_random draws;

static double between(double low, double high)
{
  return low + (high - low) * testudo_i_random_uniform(&draws);
}

static int start_draws(void **state)
{
  (void)state;
  testudo_i_random_start(&draws, 11, TESTUDO_I_FOR_TEST, 0, 0);
  return 0;
}

/* Assumptions that hold, the step within its limit. */
static testudo_assumptions some_problem(void)
{
  testudo_assumptions a = {.smoothness = between(0.1, 10.0), .variance = between(0.0, 5.0),
                           .variance_growth = between(0.0, 20.0), .batch = 1 + (int32_t)between(0.0, 9.0),
                           .wait = 1 + (int32_t)between(0.0, 9.0), .staleness = between(0.0, 1.0),
                           .fresh = between(0.01, 1.0), .gap = between(0.0, 50.0)};
  a.convexity = a.smoothness * between(0.01, 1.0);
  a.step = testudo_step_limit(&a) * between(0.05, 1.0);
  return a;
}

static double one_bound(const testudo_assumptions *a, testudo_bound bound, double updates)
{
  double value;
  assert_ok(testudo_bound_curve(a, bound, 1.0, &updates, 1, &value, NULL));
  return value;
}

/* ---- against the proofs ---- */

static void a_bound_is_the_recursion_of_its_proof(void **state)
{
  (void)state;
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    for (int stale = 0; stale < 2; stale++) {
      double gap = a.gap, gain = stale ? 1.0 - a.staleness + a.fresh / 2.0 : 1.0;
      for (int j = 0; j <= UPDATES; j++) {
        assert_close(one_bound(&a, stale ? TESTUDO_BOUND_ASYNC : TESTUDO_BOUND_SYNC, j), gap, 1e-9);
        gap = gap - a.step * gain * a.convexity * gap +
              a.smoothness / 2.0 * a.step * a.step * a.variance / (a.wait * a.batch);
      }
    }
  }
}

/* Every gradient as large as the descent of F by eta gamma' / 2 ||grad F||^2 less noise allows for J + 1 updates until
   nothing is left: found by bisection. */
static void the_bound_of_the_gradient_is_what_the_descent_allows(void **state)
{
  (void)state;
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    double gain = 1.0 - a.staleness + a.fresh / 2.0, low = 0.0, high = 1e12;
    int last = (int)between(0.0, UPDATES);
    for (int halving = 0; halving < 200; halving++) {
      double square = (low + high) / 2.0, gap = a.gap;
      for (int j = 0; j <= last; j++)
        gap += a.smoothness / 2.0 * a.step * a.step * a.variance / (a.wait * a.batch) - a.step * gain / 2.0 * square;
      *(gap > 0.0 ? &low : &high) = square;
    }
    assert_close(one_bound(&a, TESTUDO_BOUND_GRADIENT_ASYNC, last), low, 1e-9);
    a.staleness = 0.5;
    a.fresh = 1.0; /* gamma' = 1 */
    assert_close(one_bound(&a, TESTUDO_BOUND_GRADIENT_SYNC, last), one_bound(&a, TESTUDO_BOUND_GRADIENT_ASYNC, last),
                 1e-14);
  }
}

static void limits_are_where_curves_end(void **state)
{
  (void)state;
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    for (testudo_bound bound = TESTUDO_BOUND_SYNC; bound <= TESTUDO_BOUND_GRADIENT_ASYNC; bound++) {
      testudo_bound_limits limits;
      assert_ok(testudo_bound_limits_of(&a, bound, &limits, NULL));
      assert_near(one_bound(&a, bound, 1e12), limits.floor, 1e-6 * (1.0 + limits.floor));
      if (bound <= TESTUDO_BOUND_ASYNC && a.gap != limits.floor)
        assert_close((one_bound(&a, bound, 6) - limits.floor) / (one_bound(&a, bound, 5) - limits.floor),
                     limits.factor, 1e-6);
      else
        assert_true(isnan(limits.factor));
    }
  }
}

static void time_counts_in_updates(void **state)
{
  (void)state;
  testudo_assumptions a = some_problem();
  double at[3] = {0.0, 5.0, 12.5}, value[3];
  assert_ok(testudo_bound_curve(&a, TESTUDO_BOUND_ASYNC, 2.5, at, 3, value, NULL));
  assert_close(value[0], a.gap, 1e-14);
  assert_close(value[1], one_bound(&a, TESTUDO_BOUND_ASYNC, 2), 1e-14);
  assert_close(value[2], one_bound(&a, TESTUDO_BOUND_ASYNC, 5), 1e-14);
}

/* Theorem 4 as it is printed: Delta + gap prod (1 - rho_j). */
static void steps_against_staleness_give_sums_of_products(void **state)
{
  (void)state;
  testudo_assumptions a = some_problem();
  a.wait = 1;
  double steps[UPDATES], value[UPDATES + 1], spread = 0.01, most = testudo_step_limit(&a);
  for (int j = 0; j < UPDATES; j++)
    steps[j] = most * between(0.01, 1.0);
  assert_ok(testudo_staleness_curve(&a, spread, steps, UPDATES, value, NULL));
  for (int last = 0; last <= UPDATES; last++) {
    double sum = 0.0, all = 1.0;
    for (int j = 0; j < last; j++) {
      double after = 1.0;
      for (int i = j + 1; i < last; i++)
        after *= 1.0 - steps[i] * (1.0 + a.fresh / 2.0) * a.convexity;
      sum += after * (steps[j] * steps[j] * a.smoothness * a.variance / (2.0 * a.batch) +
                      spread * a.smoothness * a.smoothness / 2.0);
      all *= 1.0 - steps[j] * (1.0 + a.fresh / 2.0) * a.convexity;
    }
    assert_close(value[last], sum + a.gap * all, 1e-12);
  }
}

/* ---- against what it bounds ---- */

enum { COORDINATES = 5 };

/* F(w) = sum_i h_i w_i^2 / 2, h from c to L; a gradient errs by sigma^2 / 5 + M_G (h_i w_i)^2 per coordinate, so that
   the squares of w follow exactly. */
static double curvature(const testudo_assumptions *a, int i)
{
  return a->convexity + (a->smoothness - a->convexity) * i / (COORDINATES - 1);
}

static double quadratic_start(testudo_assumptions *a, double *square)
{
  a->gap = 0.0;
  for (int i = 0; i < COORDINATES; i++) {
    square[i] = between(0.0, 3.0);
    a->gap += curvature(a, i) * square[i] / 2.0;
  }
  return a->gap;
}

static double quadratic_step(const testudo_assumptions *a, double *square, double *gradient)
{
  double gap = 0.0;
  *gradient = 0.0;
  for (int i = 0; i < COORDINATES; i++) {
    double h = curvature(a, i), kept = 1.0 - a->step * h, samples = (double)a->wait * a->batch;
    *gradient += h * h * square[i];
    double noise = (a->variance / COORDINATES + a->variance_growth * h * h * square[i]) / samples;
    square[i] = kept * kept * square[i] + a->step * a->step * noise;
    gap += h * square[i] / 2.0;
  }
  return gap;
}

static void synchronous_quadratics_stay_below(void **state)
{
  (void)state;
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    double square[COORDINATES], gradients = 0.0;
    a.variance *= problem % 2; /* noiseless ones too */
    double gap = quadratic_start(&a, square);
    for (int j = 0; j <= UPDATES; j++) {
      double gradient;
      assert_true(gap <= one_bound(&a, TESTUDO_BOUND_SYNC, j) * (1.0 + 1e-12));
      gap = quadratic_step(&a, square, &gradient);
      gradients += gradient;
      assert_true(gradients / (j + 1.0) <= one_bound(&a, TESTUDO_BOUND_GRADIENT_SYNC, j) * (1.0 + 1e-12));
    }
  }
}

/* Equal curvatures, no noise, the largest step, every gradient fresh: 1 - eta c gamma' = 1/4 = (1 - eta L)^2. */
static void the_largest_step_is_met_with_equality(void **state)
{
  (void)state;
  testudo_assumptions a = {.smoothness = 3.0, .convexity = 3.0, .batch = 1, .wait = 4, .staleness = 0.0, .fresh = 1.0};
  double square[COORDINATES], gradient;
  a.step = testudo_step_limit(&a);
  double gap = quadratic_start(&a, square);
  for (int j = 0; j < 20; j++) {
    assert_close(one_bound(&a, TESTUDO_BOUND_ASYNC, j), gap, 1e-12);
    gap = quadratic_step(&a, square, &gradient);
  }
}

/* One coordinate of curvature 1, a gradient fresh with probability p0, else DELAY updates old: the second moments of
   w_j .. w_{j-DELAY} follow exactly, and gamma is the largest ratio seen. */
enum { DELAY = 3, MOMENTS = DELAY + 1 };

static void moments_step(double second[MOMENTS][MOMENTS], double step, double fresh, double noise)
{
  double next[MOMENTS][MOMENTS] = {{0.0}};
  for (int stale = 0; stale < 2; stale++) {
    double chance = stale ? 1.0 - fresh : fresh, row[MOMENTS] = {1.0};
    row[stale ? DELAY : 0] -= step;
    for (int a = 0; a < MOMENTS; a++)
      for (int b = 0; b < MOMENTS; b++)
        next[0][0] += chance * row[a] * row[b] * second[a][b];
    for (int b = 1; b < MOMENTS; b++)
      for (int a = 0; a < MOMENTS; a++)
        next[0][b] += chance * row[a] * second[a][b - 1];
  }
  next[0][0] += step * step * noise;
  for (int a = 1; a < MOMENTS; a++)
    for (int b = 0; b < MOMENTS; b++)
      next[a][b] = b == 0 ? next[0][a] : second[a - 1][b - 1];
  memcpy(second, next, sizeof next);
}

static void stale_quadratics_stay_below(void **state)
{
  (void)state;
  static const double steps[] = {0.02, 0.08}, noises[] = {0.0, 0.5}, chances[] = {0.0, 0.3};
  for (int c = 0; c < 8; c++) {
    double step = steps[c & 1], noise = noises[c >> 1 & 1], fresh = chances[c >> 2], gap[201];
    double second[MOMENTS][MOMENTS], worst = 0.0;
    for (int i = 0; i < MOMENTS * MOMENTS; i++)
      second[i / MOMENTS][i % MOMENTS] = 4.0;
    for (int j = 0; j <= 200; j++) {
      gap[j] = second[0][0] / 2.0;
      double apart = second[0][0] - 2.0 * second[0][DELAY] + second[DELAY][DELAY];
      worst = fmax(worst, (1.0 - fresh) * apart / second[0][0]);
      moments_step(second, step, fresh, noise);
    }
    assert_true(worst < 1.0);
    testudo_assumptions a = {.smoothness = 1.0, .convexity = 1.0, .variance = noise, .batch = 1, .wait = 1,
                             .step = step, .staleness = worst, .fresh = fresh, .gap = 2.0};
    for (int j = 0; j <= 200; j++)
      assert_true(gap[j] <= one_bound(&a, TESTUDO_BOUND_ASYNC, j) * (1.0 + 1e-12));
  }
}

/* Simulated K-sync: mini-batches of normal samples; the mean of the runs and 4 standard errors stay below. */
static void simulated_runs_stay_below(void **state)
{
  (void)state;
  enum { RUNS = 2000 };
  testudo_assumptions a = {.smoothness = 2.0, .convexity = 0.5, .variance = 3.0, .batch = 2, .wait = 3, .step = 0.1,
                           .gap = 2.0 * 1.5 * 1.5 / 2.0 + 0.5 * 4.0 / 2.0};
  double sum[UPDATES + 1] = {0.0}, squares[UPDATES + 1] = {0.0};
  for (int run = 0; run < RUNS; run++) {
    double w[2] = {1.5, -2.0};
    for (int j = 0; j <= UPDATES; j++) {
      double gap = (2.0 * w[0] * w[0] + 0.5 * w[1] * w[1]) / 2.0, noise[2] = {0.0, 0.0};
      sum[j] += gap;
      squares[j] += gap * gap;
      for (int sample = 0; sample < 2 * a.wait * a.batch; sample++)
        noise[sample % 2] += sqrt(a.variance / 2.0) * testudo_i_random_normal(&draws);
      w[0] -= a.step * (2.0 * w[0] + noise[0] / (a.wait * a.batch));
      w[1] -= a.step * (0.5 * w[1] + noise[1] / (a.wait * a.batch));
    }
  }
  for (int j = 1; j <= UPDATES; j++) {
    double mean = sum[j] / RUNS, error = sqrt((squares[j] / RUNS - mean * mean) / RUNS);
    double bound = one_bound(&a, TESTUDO_BOUND_SYNC, j);
    assert_true(mean + 4.0 * error < bound);
    assert_true(j > 1 || mean > 0.5 * bound); /* nor far below at first: a bound twice as large is noticed */
  }
}

/* Negative control: with 1/K in place of 1 the limit at K = P = 8 is 4/L, where gradient descent diverges. */
static void the_published_step_fails(void **state)
{
  (void)state;
  testudo_assumptions a = {.smoothness = 1.0, .convexity = 0.5, .batch = 1, .wait = 8, .staleness = 0.0, .fresh = 1.0};
  double square[COORDINATES], gradient, start = quadratic_start(&a, square), gap = start;
  a.step = 1.0 / (2.0 * a.smoothness * (a.variance_growth / ((double)a.wait * a.batch) + 1.0 / a.wait));
  assert_close(a.step, 4.0, 1e-14);
  for (int j = 0; j < 10; j++)
    gap = quadratic_step(&a, square, &gradient);
  assert_true(gap > 100.0 * start);
  testudo_error error;
  assert_status(testudo_assumptions_check(&a, TESTUDO_BOUND_ASYNC, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "eta = 4, but the bound needs 0 < eta <= 1 / (2 L (M_G / (K m) + 1)) = 0.5"));
}

/* ---- targets and K ---- */

static void updates_to_a_target_are_the_first_that_reach_it(void **state)
{
  (void)state;
  int reached = 0, never = 0;
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    testudo_bound bound = (testudo_bound)(problem % 4);
    a.gap *= exp(between(-8.0, 0.0)); /* near the floor now and then */
    double target = one_bound(&a, bound, 0) * exp(between(-6.0, 0.2)), updates;
    testudo_bound_limits limits;
    assert_ok(testudo_bound_limits_of(&a, bound, &limits, NULL));
    assert_ok(testudo_bound_updates(&a, bound, target, &updates, NULL));
    int first = 0;
    while (first < 100000 && one_bound(&a, bound, first) > target)
      first++;
    if (first < 100000 && limits.floor != target) {
      assert_near(ceil(updates - 1e-6), first, 1e-6 * first + 1e-9);
      reached++;
    } else if (limits.floor > target) {
      assert_true(isinf(updates));
      never++;
    }
  }
  if (reached < 50 || never < 10)
    fail_msg("%d reached, %d never", reached, never);
}

/* E of the K-th of P exponential times. */
static void exponential_times(double *time, int workers)
{
  double sum = 0.0;
  for (int k = 1; k <= workers; k++)
    time[k - 1] = sum += 1.0 / (workers - k + 1);
}

static void the_best_wait_is_that_of_all_waits(void **state)
{
  (void)state;
  enum { P = 12 };
  double time[P], gamma[P], fresh[P], value[P];
  exponential_times(time, P);
  for (int problem = 0; problem < PROBLEMS; problem++) {
    testudo_assumptions a = some_problem();
    a.wait = P;
    a.step = testudo_step_limit(&a) * between(0.2, 1.0); /* too large for the smallest K now and then */
    for (int k = 0; k < P; k++) {
      gamma[k] = between(0.0, 1.1);
      fresh[k] = between(0.0, 1.0);
    }
    gamma[P - 1] = 0.5;
    testudo_wait_costs costs = {P, time, problem % 2 ? gamma : NULL, problem % 2 ? fresh : NULL, NULL};
    double at = between(0.0, 100.0), target = a.gap * between(0.01, 0.5) + 1e-9;
    for (int goal = 0; goal < 2; goal++) {
      testudo_wait_choice choice;
      assert_ok(goal == 0 ? testudo_wait_for_time(&a, TESTUDO_BOUND_ASYNC, &costs, at, value, &choice, NULL)
                          : testudo_wait_for_target(&a, TESTUDO_BOUND_ASYNC, &costs, target, value, &choice, NULL));
      double best = HUGE_VAL, floor = HUGE_VAL;
      int wait = 0;
      for (int k = 1; k <= P; k++) {
        testudo_assumptions b = a;
        b.wait = k;
        b.staleness = costs.staleness == NULL ? a.staleness : gamma[k - 1];
        b.fresh = costs.fresh == NULL ? a.fresh : fresh[k - 1];
        double found, rho = b.step * b.convexity * (1.0 - b.staleness + b.fresh / 2.0);
        double end = b.step * b.step * b.smoothness * b.variance / (2.0 * rho * k * b.batch);
        if (b.staleness > 1.0 || b.step > testudo_step_limit(&b)) {
          assert_true(isnan(value[k - 1]));
          continue;
        }
        if (goal == 0)
          found = end + pow(1.0 - rho, at / time[k - 1]) * (b.gap - end);
        else
          found = b.gap <= target ? 0.0
                  : end >= target ? HUGE_VAL
                                  : time[k - 1] * log((target - end) / (b.gap - end)) / log(1.0 - rho);
        assert_close(value[k - 1], found, 1e-9);
        floor = fmin(floor, end);
        if (value[k - 1] < best) {
          best = value[k - 1];
          wait = k;
        }
      }
      assert_int_equal(choice.wait, wait);
      assert_close(choice.value, best, 0.0);
      assert_close(choice.floor, floor, 1e-9);
    }
  }
}

/* Early, few; late, all: what adaptive methods live on. */
static void the_best_wait_grows_with_time(void **state)
{
  (void)state;
  double time[8];
  exponential_times(time, 8);
  testudo_assumptions a = {.smoothness = 1.0, .convexity = 0.2, .variance = 10.0, .batch = 1, .wait = 1, .step = 0.1,
                           .gap = 100.0};
  testudo_wait_costs costs = {8, time, NULL, NULL, NULL};
  int32_t last = 0;
  for (double at = 0.5; at < 2000.0; at *= 1.5) {
    testudo_wait_choice choice;
    assert_ok(testudo_wait_for_time(&a, TESTUDO_BOUND_SYNC, &costs, at, NULL, &choice, NULL));
    assert_true(choice.wait >= last);
    last = choice.wait;
  }
  assert_int_equal(last, 8);
  testudo_wait_choice choice;
  assert_ok(testudo_wait_for_target(&a, TESTUDO_BOUND_SYNC, &costs, 0.3, NULL, &choice, NULL));
  assert_int_equal(choice.wait, 0); /* the floor of K = 8 is .3125 */
  assert_true(isinf(choice.value));
  assert_close(choice.floor, 0.3125, 1e-12);
}

/* ---- refusals ---- */

static void failing_assumptions_are_refused_with_their_reason(void **state)
{
  (void)state;
  const testudo_assumptions good = {.smoothness = 1.0, .convexity = 0.5, .variance = 1.0, .variance_growth = 2.0,
                                    .batch = 1, .wait = 2, .step = 0.25, .staleness = 0.5, .fresh = 0.1, .gap = 1.0};
  assert_ok(testudo_assumptions_check(&good, TESTUDO_BOUND_ASYNC, NULL));
  testudo_assumptions bad[16];
  for (int k = 0; k < 16; k++)
    bad[k] = good;
  static const char *const reason[] = {
      "smoothness: L = 0", "convexity: c = 0", "convexity: c = 2 is above L = 1", "variance: sigma^2 = -1",
      "variance growth: M_G = nan", "gap: F(w_0) - F* = -1", "a mini-batch of 0", "a mini-batch of 1 and a wait for 0",
      "step: eta = 0,", "= 0.25", "staleness: gamma = 1.01", "staleness: gamma = -0.1", "fresh: p0 = 1.5",
      "fresh: p0 = nan", "nothing is then known to fall", "gap: F(w_0) - F* = inf"};
  bad[0].smoothness = 0.0;
  bad[1].convexity = 0.0;
  bad[2].convexity = 2.0;
  bad[3].variance = -1.0;
  bad[4].variance_growth = NAN;
  bad[5].gap = -1.0;
  bad[6].batch = 0;
  bad[7].wait = 0;
  bad[8].step = 0.0;
  bad[9].step = 0.2500001;
  bad[10].staleness = 1.01;
  bad[11].staleness = -0.1;
  bad[12].fresh = 1.5;
  bad[13].fresh = NAN;
  bad[14].staleness = 1.0;
  bad[14].fresh = 0.0;
  bad[15].gap = HUGE_VAL;
  for (int k = 0; k < 16; k++) {
    testudo_error error;
    assert_status(testudo_assumptions_check(&bad[k], TESTUDO_BOUND_ASYNC, &error), TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, reason[k]) == NULL)
      fail_msg("'%s' has no '%s'", error.text, reason[k]);
  }
  /* What a bound does not look at does not matter to it. */
  assert_ok(testudo_assumptions_check(&bad[10], TESTUDO_BOUND_SYNC, NULL));
  assert_ok(testudo_assumptions_check(&bad[1], TESTUDO_BOUND_GRADIENT_ASYNC, NULL));
  assert_status(testudo_assumptions_check(&good, (testudo_bound)4, NULL), TESTUDO_ERROR_ARGUMENT);
}

static void failing_requests_are_refused(void **state)
{
  (void)state;
  testudo_assumptions a = {.smoothness = 1.0, .convexity = 0.5, .batch = 1, .wait = 1, .step = 0.25, .gap = 1.0};
  double at = -1.0, value, time[2] = {1.0, 0.0}, steps[1] = {0.6};
  testudo_wait_choice choice;
  testudo_wait_costs costs = {2, time, NULL, NULL, NULL};
  assert_status(testudo_bound_curve(&a, TESTUDO_BOUND_SYNC, 1.0, &at, 1, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  at = 1.0;
  assert_status(testudo_bound_curve(&a, TESTUDO_BOUND_SYNC, 0.0, &at, 1, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_bound_updates(&a, TESTUDO_BOUND_SYNC, 0.0, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_staleness_curve(&a, 0.1, steps, 1, time, NULL), TESTUDO_ERROR_ARGUMENT);
  steps[0] = 0.5;
  time[1] = 0.0;
  assert_status(testudo_staleness_curve(&a, -0.1, steps, 1, time, NULL), TESTUDO_ERROR_ARGUMENT);
  a.wait = 2;
  assert_status(testudo_staleness_curve(&a, 0.1, steps, 1, time, NULL), TESTUDO_ERROR_ARGUMENT);
  time[0] = 1.0;
  time[1] = 0.0;
  assert_status(testudo_wait_for_time(&a, TESTUDO_BOUND_SYNC, &costs, 1.0, NULL, &choice, NULL),
                TESTUDO_ERROR_ARGUMENT);
  time[0] = time[1] = HUGE_VAL;
  assert_status(testudo_wait_for_time(&a, TESTUDO_BOUND_SYNC, &costs, 1.0, NULL, &choice, NULL),
                TESTUDO_ERROR_ARGUMENT);
  time[0] = time[1] = 1.0;
  assert_status(testudo_wait_for_time(&a, TESTUDO_BOUND_SYNC, &costs, -1.0, NULL, &choice, NULL),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_wait_for_target(&a, TESTUDO_BOUND_SYNC, &costs, 0.0, NULL, &choice, NULL),
                TESTUDO_ERROR_ARGUMENT);
  a.step = 0.6;
  assert_status(testudo_wait_for_time(&a, TESTUDO_BOUND_SYNC, &costs, 1.0, NULL, &choice, NULL),
                TESTUDO_ERROR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_bound_is_the_recursion_of_its_proof, start_draws),
      cmocka_unit_test_setup(the_bound_of_the_gradient_is_what_the_descent_allows, start_draws),
      cmocka_unit_test_setup(limits_are_where_curves_end, start_draws),
      cmocka_unit_test_setup(time_counts_in_updates, start_draws),
      cmocka_unit_test_setup(steps_against_staleness_give_sums_of_products, start_draws),
      cmocka_unit_test_setup(synchronous_quadratics_stay_below, start_draws),
      cmocka_unit_test_setup(the_largest_step_is_met_with_equality, start_draws),
      cmocka_unit_test_setup(stale_quadratics_stay_below, start_draws),
      cmocka_unit_test_setup(simulated_runs_stay_below, start_draws),
      cmocka_unit_test_setup(the_published_step_fails, start_draws),
      cmocka_unit_test_setup(updates_to_a_target_are_the_first_that_reach_it, start_draws),
      cmocka_unit_test_setup(the_best_wait_is_that_of_all_waits, start_draws),
      cmocka_unit_test_setup(the_best_wait_grows_with_time, start_draws),
      cmocka_unit_test(failing_assumptions_are_refused_with_their_reason),
      cmocka_unit_test(failing_requests_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
