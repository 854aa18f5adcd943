/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block sizes: the programme over samples against a grid and closed forms; plans of workers that are alike against the
   law of the design, all whole sizes, random ones and simulation. */
#include "check.h"

#include <testudo/block.h>
#include <testudo/block_search.h>
#include <testudo/code.h>
#include <testudo/exact.h>

#include <testudo/sample.h>

#include "base/random.h"
#include "optimize/block/objective.h"
#include "optimize/block/programme.h"

enum { MOST = 24 };

static int falling(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

/* Own samples: mixtures of slow and fast. */
static double *draw(int32_t n, int64_t samples, uint64_t seed)
{
  double *time = malloc((size_t)(n * samples) * sizeof *time);
  assert_non_null(time);
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int64_t k = 0; k < samples; k++) {
    for (int32_t j = 0; j < n; j++) {
      double u = testudo_i_random_uniform(&random);
      time[k * n + j] = 0.3 - log(u) + (testudo_i_random_below(&random, 4) == 0 ? 3.0 : 0.0);
    }
    qsort(time + k * n, (size_t)n, sizeof *time, falling);
  }
  return time;
}

/* The sample mean of max_s z_s W_s, by the definition. */
static double mean_at(const double *time, int32_t n, int64_t samples, const double *share)
{
  double sum = 0.0;
  for (int64_t k = 0; k < samples; k++) {
    double work = 0.0, most = 0.0;
    for (int32_t s = 0; s < n; s++) {
      work += (s + 1) * share[s];
      if (share[s] > 0.0)
        most = fmax(most, time[k * n + s] * work);
    }
    sum += most;
  }
  return sum / (double)samples;
}

static testudo_i_programme_answer solve(const double *time, int32_t n, int64_t samples, const bool *allowed,
                                        double *share)
{
  static const bool all[MOST] = {true, true, true, true, true, true, true, true, true, true, true, true,
                                 true, true, true, true, true, true, true, true, true, true, true, true};
  testudo_i_programme programme = {.workers = n, .samples = samples, .time = time,
                                   .allowed = allowed == NULL ? all : allowed};
  testudo_i_programme_answer answer;
  testudo_error error = {""};
  if (testudo_i_programme_solve(&programme, share, &answer, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  double sum = 0.0;
  for (int32_t s = 0; s < n; s++) {
    assert_true(share[s] >= 0.0);
    assert_true(share[s] == 0.0 || programme.allowed[s]);
    sum += share[s];
  }
  assert_near(sum, 1.0, 1e-12);
  assert_close(mean_at(time, n, samples, share), answer.value, 1e-12);
  assert_true(answer.bound <= answer.value * (1.0 + 1e-12));
  assert_true(answer.value - answer.bound <= 1e-9 * answer.value);
  assert_false(answer.stopped);
  return answer;
}

/* No point of the grid is better, and one is nearly as good: the mean changes by at most n max z over a unit of share.
   */
static void three_workers_equal_a_dense_grid(void **state)
{
  (void)state;
  enum { STEPS = 400 };
  for (uint64_t seed = 1; seed <= 6; seed++) {
    int64_t samples = seed == 1 ? 1 : 10 * (int64_t)seed;
    double *time = draw(3, samples, seed), share[3], least = HUGE_VAL;
    testudo_i_programme_answer answer = solve(time, 3, samples, NULL, share);
    for (int a = 0; a <= STEPS; a++)
      for (int b = 0; a + b <= STEPS; b++) {
        double x[3] = {(double)a / STEPS, (double)b / STEPS, (double)(STEPS - a - b) / STEPS};
        least = fmin(least, mean_at(time, 3, samples, x));
      }
    assert_true(answer.value <= least * (1.0 + 1e-9));
    assert_near(answer.value, least, 0.01 * answer.value);
    free(time);
  }
}

/* Of one sample all levels end together: W_s = v / z_s, and sum x = 1 gives v. */
static void one_sample_in_closed_form(void **state)
{
  (void)state;
  for (int32_t n = 1; n <= MOST; n++) {
    double *time = draw(n, 1, (uint64_t)n), share[MOST], sum = 0.0, before = 0.0;
    testudo_i_programme_answer answer = solve(time, n, 1, NULL, share);
    for (int32_t s = 0; s < n; s++) {
      sum += (1.0 / time[s] - before) / (s + 1);
      before = 1.0 / time[s];
    }
    assert_close(answer.value, 1.0 / sum, 1e-9);
    free(time);
  }
}

/* Random shares, and those of the answer disturbed, are never better. */
static void no_other_shares_are_better(void **state)
{
  (void)state;
  const int32_t n = 20;
  double *time = draw(n, 300, 77), share[MOST], other[MOST];
  testudo_i_programme_answer answer = solve(time, n, 300, NULL, share);
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 1, 0);
  for (int draws = 0; draws < 2000; draws++) {
    double sum = 0.0, size = draws % 2 == 0 ? 1.0 : 1e-3;
    for (int32_t s = 0; s < n; s++) {
      other[s] = share[s] * (size < 1.0) - size * log(testudo_i_random_uniform(&random)) / n;
      sum += other[s];
    }
    for (int32_t s = 0; s < n; s++)
      other[s] /= sum;
    assert_true(mean_at(time, n, 300, other) >= answer.value * (1.0 - 1e-9));
  }
  /* Half of the rows the programme could have is more than it needs. */
  assert_true(answer.rows < 300 * n / 2 + n);
  free(time);
}

static void tolerances_that_are_not_allowed_stay_empty(void **state)
{
  (void)state;
  double *time = draw(6, 100, 9), share[MOST];
  double free_value = solve(time, 6, 100, NULL, share).value, sum = 0.0;
  bool only_two[6] = {false, false, true, false, false, false}, late[6] = {false, true, true, false, true, false};
  for (int64_t k = 0; k < 100; k++)
    sum += 3.0 * time[k * 6 + 2] / 100.0;
  assert_close(solve(time, 6, 100, only_two, share).value, sum, 1e-12);
  assert_true(share[2] == 1.0);
  for (int64_t k = 0; k < 100; k++)
    time[k * 6] = HUGE_VAL; /* one has failed: never read */
  assert_true(solve(time, 6, 100, late, share).value > free_value);
  free(time);
}

static void fifty_workers_and_2000_samples_take_few_rows(void **state)
{
  (void)state;
  const int32_t n = 50;
  bool all[50];
  double *time = draw(n, 2000, 50), share[50];
  for (int32_t s = 0; s < n; s++)
    all[s] = true;
  testudo_i_programme programme = {.workers = n, .samples = 2000, .time = time, .allowed = all};
  testudo_i_programme_answer answer;
  assert_ok(testudo_i_programme_solve(&programme, share, &answer, NULL));
  print_message("%lld of %d rows in %d rounds\n", (long long)answer.rows, 2000 * n, (int)answer.rounds);
  assert_true(answer.value - answer.bound <= 1e-9 * answer.value);
  assert_true(answer.rows < 40000);
  free(time);
}

/* Samples are ordered, belong to their seed, and failed workers never come. */
static void samples_are_sorted_and_fail_as_said(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  double rates[5] = {1, 2, 4, 1, 1}, *time = malloc(4000 * 5 * sizeof *time), again[10], mean[5] = {0};
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 5, .failures = TESTUDO_FAILURES_EXACTLY,
                               .failed = 2};
  assert_non_null(time);
  assert_ok(testudo_i_block_samples(5, &model, 3, 4000, time, NULL));
  assert_ok(testudo_i_block_samples(5, &model, 3, 2, again, NULL));
  assert_memory_equal(time, again, sizeof again);
  assert_ok(testudo_i_block_samples(5, &model, 4, 2, again, NULL));
  assert_true(memcmp(time, again, sizeof again) != 0);
  for (int k = 0; k < 4000; k++) {
    assert_true(isinf(time[5 * k]) && isinf(time[5 * k + 1]) && isfinite(time[5 * k + 2]));
    for (int s = 1; s < 5; s++)
      assert_true(time[5 * k + s] <= time[5 * k + s - 1]);
    mean[4] += time[5 * k + 4] / 4000;
  }
  /* The least of three of rates 1, 1, 1, 2, 4: E = mean over the ten triples of 1 / sum. Five standard errors. */
  const double wanted = (3 * (1.0 / 4 + 1.0 / 6) + 3 * (1.0 / 7) + 1.0 / 3) / 10;
  assert_near(mean[4], wanted, 5 * wanted / sqrt(4000));
  free(time);
  testudo_law_free(law);
}

/* ---- plans ---- */

static const testudo_objective mean_goal = {.kind = TESTUDO_OBJECTIVE_MEAN};

static testudo_block_plan *plan_for(int32_t n, int64_t dim, const int32_t *tolerances, int32_t count,
                                    const testudo_delay_model *model, testudo_objective goal, int32_t threads)
{
  testudo_block_plan *plan;
  testudo_search_options options = {.seed = 11, .tries = model->rates != NULL ? 200 : 0, .threads = threads};
  testudo_error error = {""};
  if (testudo_block_search(n, dim, tolerances, count, model, goal, &options, &plan, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  int64_t sum = 0;
  for (int32_t b = 0; b < plan->blocks; b++) {
    assert_true(plan->size[b] >= 1);
    assert_true(plan->tolerance[b] >= 0 && plan->tolerance[b] < n);
    assert_true(b == 0 || plan->tolerance[b] > plan->tolerance[b - 1]);
    sum += plan->size[b];
  }
  assert_int_equal(sum, dim);
  return plan;
}

/* The objective of sizes (0: no block) as a design, by its law. */
static double law_value(int32_t n, const int32_t *tolerance, const int64_t *size, int32_t blocks,
                        const testudo_delay_model *model, testudo_objective goal)
{
  int32_t some[MOST], kept = 0;
  int64_t held[MOST];
  testudo_design *design;
  testudo_latency *latency;
  testudo_analysis_options options = {.max_states = 200000, .rel_error = 1e-8};
  double value, other;
  for (int32_t b = 0; b < blocks; b++)
    if (size[b] > 0) {
      some[kept] = tolerance[b];
      held[kept++] = size[b];
    }
  assert_ok(testudo_design_create_block(n, some, held, kept, 1, "", &design, NULL));
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  if (goal.kind == TESTUDO_OBJECTIVE_MEAN) {
    testudo_summary summary;
    assert_ok(testudo_latency_summary(latency, &summary, NULL));
    value = summary.mean;
  } else if (goal.kind == TESTUDO_OBJECTIVE_QUANTILE) {
    assert_ok(testudo_latency_quantile(latency, goal.at, &value, &other, NULL));
  } else {
    assert_ok(testudo_latency_tail(latency, goal.at, &value, &other, NULL));
    value = 1.0 - value;
  }
  testudo_latency_free(latency);
  testudo_design_free(design);
  return value;
}

/* How much better a is than b, smaller times or larger probabilities. */
static double better_by(testudo_objective goal, double a, double b)
{
  return goal.kind == TESTUDO_OBJECTIVE_DEADLINE ? a - b : b - a;
}

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

/* Three workers, 12 coordinates, all 91 ways. The value is the law's, no way is better by more than moves of single
   coordinates leave, the bound holds for all, and is near the best real sizes, or there is none. */
static void of_all_whole_sizes_none_is_better(void **state)
{
  (void)state;
  enum { DIM = 12 };
  static const int32_t every[] = {0, 1, 2};
  const struct {
    const char *law;
    testudo_objective goal;
    bool bound, atoms;
  } cases[] = {
      {"exp:1", {.kind = TESTUDO_OBJECTIVE_MEAN}, true, false},
      {"shifted-exp:1,1", {.kind = TESTUDO_OBJECTIVE_MEAN}, true, false},
      {"pareto:1,1.5", {.kind = TESTUDO_OBJECTIVE_MEAN}, true, false},
      {"mixture:0.3,deterministic:5,deterministic:1", {.kind = TESTUDO_OBJECTIVE_MEAN}, true, true},
      {"pareto:1,1.5", {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}, true, false},
      {"shifted-exp:1,1", {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}, true, false},
      {"lognormal:0,1", {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.7}, false, false},
      {"pareto:1,1.5", {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 4.0}, true, false},
      {"exp:1", {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 1.5}, false, false},
      {"exp:1", {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 6.0}, true, false},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    testudo_law *law = law_of(cases[c].law);
    testudo_objective goal = cases[c].goal;
    testudo_delay_model model = {.law = law};
    testudo_block_plan *plan = plan_for(3, DIM, NULL, 0, &model, goal, 1);
    assert_true(plan->exact && !plan->stopped && plan->samples == 0);
    assert_close(plan->value, law_value(3, plan->tolerance, plan->size, plan->blocks, &model, goal), 1e-7);
    assert_true(isnan(plan->bound) == !cases[c].bound);
    for (int64_t a = 0; a <= DIM; a++)
      for (int64_t b = 0; a + b <= DIM; b++) {
        const int64_t size[] = {a, b, DIM - a - b};
        double value = law_value(3, every, size, 3, &model, goal);
        assert_true(better_by(goal, value, plan->value) <= (cases[c].atoms ? 2e-3 : 1e-6) * plan->value);
        assert_true(!cases[c].bound || better_by(goal, value, plan->bound) <= 1e-12);
      }
    print_message("%s %d: %.9g, bound %.9g, not whole %.9g\n", cases[c].law, (int)goal.kind, plan->value, plan->bound,
                  plan->real);
    assert_true(!cases[c].bound ||
                better_by(goal, plan->bound, plan->real) <= (cases[c].atoms ? 0.1 : 1e-3) * plan->real);
    testudo_block_plan_free(plan);
    testudo_law_free(law);
  }
}

/* Two workers, exp:1: E[T] of shares x and 1 - x is (2 - x) / 2 + 2 x c / (2 c + 1), c = x / (2 - 2 x); its least value
   by a fine grid. */
static void two_workers_find_the_best_sizes(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_for(2, 10000, NULL, 0, &model, mean_goal, 1);
  double least = 1.0;
  for (int a = 0; a < 10000; a++) {
    double x = a / 10000.0, c = x / (2 - 2 * x);
    least = fmin(least, (2 - x) / 2 + 2 * x * c / (2 * c + 1));
  }
  assert_true(plan->value >= least * (1 - 1e-9));
  assert_near(plan->value, least, 1e-6 * least);
  assert_true(plan->bound <= least && plan->bound >= least * (1 - 5e-4));
  testudo_block_plan_free(plan);
  testudo_law_free(law);
}

/* The gap is closed, random sizes stay above the bound, and simulation agrees with the value. */
static void eight_workers_against_random_sizes_and_simulation(void **state)
{
  (void)state;
  enum { N = 8, DIM = 4000 };
  static const int32_t every[] = {0, 1, 2, 3, 4, 5, 6, 7};
  const char *const laws[] = {"shifted-exp:1,1", "gamma:2,0.5"};
  for (size_t c = 0; c < 2; c++) {
    testudo_law *law = law_of(laws[c]);
    testudo_delay_model model = {.law = law};
    testudo_block_plan *plan = plan_for(N, DIM, NULL, 0, &model, mean_goal, 1);
    assert_true(plan->bound <= plan->value && plan->value - plan->bound <= 1e-3 * plan->value);
    assert_near(plan->real, plan->value, 1e-3 * plan->value);
    assert_true(plan->value < plan->single_value);
    testudo_i_random random;
    testudo_i_random_start(&random, c, TESTUDO_I_FOR_TEST, 3, 0);
    for (int draw_of = 0; draw_of < 25; draw_of++) {
      int64_t size[N], left = DIM;
      for (int32_t t = 0; t < N; t++) {
        int64_t near = draw_of % 2 == 0 ? (int64_t)testudo_i_random_below(&random, (uint64_t)left + 1) : DIM / N;
        size[t] = t == N - 1 ? left : near < left ? near : left;
        left -= size[t];
      }
      assert_true(law_value(N, every, size, N, &model, mean_goal) >= plan->bound);
    }
    testudo_design *design;
    testudo_simulation *simulation;
    testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = 20000, .seed = 5, .threads = 1};
    assert_ok(testudo_design_create_block(N, plan->tolerance, plan->size, plan->blocks, 1, "", &design, NULL));
    assert_ok(testudo_simulate(design, &model, &options, &simulation, NULL));
    assert_near(simulation->mean, plan->value, 5 * simulation->stderr_mean);
    testudo_simulation_free(simulation);
    testudo_design_free(design);
    testudo_block_plan_free(plan);
    testudo_law_free(law);
  }
}

/* Values and slopes of the objectives against differences of values, mean, quantile and deadline. */
static void slopes_equal_differences(void **state)
{
  (void)state;
  static const int32_t tolerance[] = {0, 2, 5};
  const testudo_objective goals[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                     {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.8},
                                     {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 3.0}};
  testudo_law *law = law_of("gamma:2,0.5");
  testudo_delay_model model = {.law = law};
  testudo_i_block_law of;
  assert_ok(testudo_i_block_law_make(&of, &model, 6, NULL));
  for (size_t g = 0; g < 3; g++) {
    testudo_i_block_objective objective;
    assert_ok(testudo_i_block_objective_make(&objective, &of, goals[g], 3, tolerance, 6, 1, NULL, NULL));
    objective.fine = 400;
    objective.unseen = 1e-4;
    double x[] = {0.5, 0.3, 0.2}, value, gradient[3], curve[9], up, down, rise[3], fall[3];
    assert_ok(testudo_i_block_objective_at(&objective, x, &value, gradient, curve, NULL));
    const int64_t size[] = {5, 3, 2};
    double exact = law_value(6, tolerance, size, 3, &model, goals[g]);
    assert_near(goals[g].kind == TESTUDO_OBJECTIVE_DEADLINE ? exp(-value) : value, exact, 2e-5 * exact);
    for (int i = 0; i < 3; i++) {
      const double step = 0.003;
      x[i] += step;
      assert_ok(testudo_i_block_objective_at(&objective, x, &up, rise, NULL, NULL));
      x[i] -= 2 * step;
      assert_ok(testudo_i_block_objective_at(&objective, x, &down, fall, NULL, NULL));
      x[i] += step;
      assert_near(gradient[i], (up - down) / (2 * step), 2e-3 * (fabs(gradient[i]) + value));
      for (int j = 0; j < 3; j++)
        assert_near(curve[3 * i + j], (rise[j] - fall[j]) / (2 * step), 0.05 * fabs(curve[3 * i + j]) + 0.02 * value);
    }
    testudo_i_block_objective_clear(&objective);
  }
  testudo_i_block_law_clear(&of);
  testudo_law_free(law);
}

static void the_same_for_any_number_of_threads(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  double rates[12];
  for (int j = 0; j < 12; j++)
    rates[j] = 1 + j % 4;
  const testudo_delay_model models[] = {{.law = law}, {.law = law, .rates = rates, .workers = 12}};
  for (int m = 0; m < 2; m++) {
    testudo_block_plan *one = plan_for(12, 100, NULL, 0, &models[m], mean_goal, 1);
    testudo_block_plan *two = plan_for(12, 100, NULL, 0, &models[m], mean_goal, 2);
    assert_int_equal(one->blocks, two->blocks);
    for (int32_t b = 0; b < one->blocks; b++)
      assert_true(one->tolerance[b] == two->tolerance[b] && one->size[b] == two->size[b]);
    assert_true(one->value == two->value && one->spread == two->spread);
    assert_true(m == 0 ? one->real == two->real && one->bound == two->bound : isnan(one->bound));
    assert_true((m == 1 || one->exact) && one->samples == (m == 0 ? 0 : 200));
    assert_true(m == 0 || one->lp_bound <= one->lp_value * (1.0 + 1e-12));
    testudo_block_plan_free(one);
    testudo_block_plan_free(two);
  }
  testudo_law_free(law);
}

static void of_some_tolerances_and_under_failures(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:1,1");
  const int32_t some[] = {4, 1};
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_for(9, 60, some, 2, &model, mean_goal, 1);
  for (int32_t b = 0; b < plan->blocks; b++)
    assert_true(plan->tolerance[b] == 1 || plan->tolerance[b] == 4);
  assert_true(plan->single == 1 || plan->single == 4);
  testudo_block_plan_free(plan);
  model.failures = TESTUDO_FAILURES_EXACTLY;
  model.failed = 3;
  plan = plan_for(9, 60, NULL, 0, &model, mean_goal, 1);
  assert_true(plan->tolerance[0] >= 3 && plan->single >= 3);
  assert_close(plan->value, law_value(9, plan->tolerance, plan->size, plan->blocks, &model, mean_goal), 1e-7);
  assert_true(plan->bound <= plan->value);
  testudo_block_plan_free(plan);
  /* Each fails by itself: a block that all must send, however small, costs what one failure costs. */
  model.failures = TESTUDO_FAILURES_EACH;
  model.fail_prob = 0.1;
  const testudo_objective deadline = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 6.0};
  plan = plan_for(6, 60, NULL, 0, &model, deadline, 1);
  assert_true(plan->tolerance[0] >= 1 && plan->value >= plan->single_value && isnan(plan->bound));
  testudo_block_plan_free(plan);
  testudo_law_free(law);
}

/* A constant start-up is added, a random one has no bound; slow states are a law of X. */
static void start_up_and_slow_states(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1"), *constant = law_of("deterministic:3"), *wait = law_of("exp:2");
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plain = plan_for(5, 1000, NULL, 0, &model, mean_goal, 1);
  model.startup = constant;
  testudo_block_plan *later = plan_for(5, 1000, NULL, 0, &model, mean_goal, 1);
  assert_close(later->value, plain->value + 3.0, 1e-6);
  assert_near(later->bound, plain->bound + 3.0, 1e-3);
  testudo_block_plan_free(later);
  model.startup = wait;
  if (getenv("TESTUDO_LONG") != NULL) { /* half a minute */
    later = plan_for(3, 20, NULL, 0, &model, mean_goal, 1);
    assert_true(isnan(later->bound) && later->exact && later->value <= later->single_value * (1.0 + 1e-9));
    testudo_block_plan_free(later);
  }
  model.startup = NULL;
  model.slow = (testudo_slow_state){0.1, 0.5, 3.0};
  later = plan_for(5, 1000, NULL, 0, &model, mean_goal, 1);
  assert_true(later->value > plain->value && later->bound <= later->value && later->bound > 0.999 * later->value);
  testudo_block_plan_free(later);
  testudo_block_plan_free(plain);
  testudo_law_free(law);
  testudo_law_free(constant);
  testudo_law_free(wait);
}

/* One worker, one coordinate, a constant: nothing to choose, and nothing goes wrong. */
static void the_smallest_cases(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:2");
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_for(1, 1, NULL, 0, &model, mean_goal, 1);
  assert_true(plan->blocks == 1 && plan->tolerance[0] == 0 && plan->value == 2.0);
  testudo_block_plan_free(plan);
  plan = plan_for(5, 3, NULL, 0, &model, mean_goal, 1);
  assert_true(plan->blocks == 1 && plan->tolerance[0] == 0 && plan->value == 2.0 && plan->single == 0);
  assert_true(plan->bound <= 2.0 && plan->bound > 1.99);
  testudo_block_plan_free(plan);
  testudo_block_plan_free(NULL);
  testudo_law_free(law);
}

/* Concave where it is proved, by second differences of log P on segments; not claimed for exp at early times. */
static void log_concave_where_it_is_said(void **state)
{
  (void)state;
  static const int32_t tolerance[] = {0, 1, 2, 3};
  const struct {
    const char *law;
    double t;
    bool known;
  } cases[] = {{"pareto:1,1.5", 5.0, true},        {"pareto:1,0.7", 5.0, false}, {"shifted-exp:1,0.4", 4.0, true},
               {"shifted-exp:1,0.1", 30.0, false}, {"exp:1", 6.5, true},         {"exp:1", 6.0, false},
               {"gamma:2,1", 5.0, false},          {"deterministic:1", 5.0, false}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    testudo_law *law = law_of(cases[c].law);
    testudo_delay_model model = {.law = law};
    testudo_i_block_law of;
    testudo_i_block_objective objective;
    assert_ok(testudo_i_block_law_make(&of, &model, 4, NULL));
    assert_true(testudo_i_block_log_concave(&of, 4, cases[c].t) == cases[c].known);
    assert_ok(testudo_i_block_objective_make(
        &objective, &of, (testudo_objective){.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = cases[c].t}, 4, tolerance, 4, 1,
        NULL, NULL));
    testudo_i_random random;
    testudo_i_random_start(&random, c, TESTUDO_I_FOR_TEST, 4, 0);
    for (int segment = 0; cases[c].known && segment < 300; segment++) {
      double x[4], y[4], half[4], unused[4], of_x, of_y, of_half, sum[2] = {0, 0};
      for (int k = 0; k < 4; k++) {
        sum[0] += x[k] = -log(testudo_i_random_uniform(&random));
        sum[1] += y[k] = -log(testudo_i_random_uniform(&random));
      }
      for (int k = 0; k < 4; k++) {
        x[k] /= sum[0];
        y[k] /= sum[1];
        half[k] = 0.5 * (x[k] + y[k]);
      }
      assert_ok(testudo_i_block_objective_at(&objective, x, &of_x, unused, NULL, NULL));
      assert_ok(testudo_i_block_objective_at(&objective, y, &of_y, unused, NULL, NULL));
      assert_ok(testudo_i_block_objective_at(&objective, half, &of_half, unused, NULL, NULL));
      assert_true(of_half <= 0.5 * (of_x + of_y) + 1e-12 || isinf(of_x) || isinf(of_y));
    }
    testudo_i_block_objective_clear(&objective);
    testudo_i_block_law_clear(&of);
    testudo_law_free(law);
  }
}

typedef struct patience {
  int left;
} patience;

static bool run_out(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return ((patience *)context)->left-- > 0;
}

static void stopped_at_any_time_it_answers_or_says_so(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  double rates[6] = {1, 2, 3, 1, 2, 3};
  const testudo_delay_model models[] = {{.law = law}, {.law = law, .rates = rates, .workers = 6}};
  const testudo_objective goals[] = {mean_goal, {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 3.0}};
  for (int c = 0; c < 3; c++) {
    const testudo_delay_model *model = &models[c == 2];
    testudo_objective goal = goals[c == 1];
    int answered = 0, refused = 0;
    for (int left = 0; left < 9000; left = left * 5 / 3 + 1) {
      patience p = {left};
      testudo_search_monitor monitor = {run_out, &p};
      testudo_search_options options = {.seed = 1, .tries = c == 2 ? 100 : 0, .threads = 1, .monitor = &monitor};
      testudo_block_plan *plan;
      testudo_error error = {""};
      testudo_status status = testudo_block_search(6, 100, NULL, 0, model, goal, &options, &plan, &error);
      if (status == TESTUDO_OK) {
        answered += plan->stopped;
        assert_string_equal(error.text, "");
        assert_true(c == 2 || plan->exact);
        if (c != 2)
          assert_close(plan->value, law_value(6, plan->tolerance, plan->size, plan->blocks, model, goal), 1e-6);
      } else
        assert_status(status, TESTUDO_INTERRUPTED);
      refused += plan == NULL;
      testudo_block_plan_free(plan);
    }
    assert_true(answered > 0 && refused > 0);
  }
  testudo_law_free(law);
}

static void refuses_what_it_cannot_do(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1"), *heavy = law_of("pareto:1,0.15");
  const int32_t outside[] = {5};
  double rates[101];
  for (int j = 0; j < 101; j++)
    rates[j] = 1 + j % 2;
  const testudo_delay_model plain = {.law = law}, additive = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE},
                            each = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1},
                            gone = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 5},
                            sent = {.law = law, .message = law}, unlike = {.law = law, .rates = rates, .workers = 5},
                            many = {.law = law, .rates = rates, .workers = 101}, endless = {.law = heavy};
  const testudo_objective quantile = {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9},
                          mse = {.kind = TESTUDO_OBJECTIVE_MSE, .at = 1},
                          early = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 0.0};
  const struct {
    int32_t n;
    int64_t dim, tries;
    const testudo_delay_model *model;
    const int32_t *tolerances;
    testudo_objective goal;
    testudo_status status;
    const char *sentence;
  } wrong[] = {
      {0, 1, 1, &plain, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT, "workers: 0, but at least 1 is needed"},
      {5, 0, 1, &plain, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT, "dim: 0, but it must be in 1..2147483647"},
      {5, 1, -1, &plain, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT, "tries: -1, but it is 0 (the default) or positive"},
      {501, 1, 1, &plain, NULL, mean_goal, TESTUDO_ERROR_LIMIT,
       "501 workers, but block sizes are chosen for at most 500"},
      {101, 1, 100000, &many, NULL, mean_goal, TESTUDO_ERROR_LIMIT,
       "101 workers and 100000 samples, but the linear programme supports at most 100000 samples, and 10000000 samples "
       "times workers"},
      {5, 1, 1, &additive, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "scheme block is supported for structure scaled only: under additive and mixed all blocks of a chunk would "
       "share its one draw, and that law is not known"},
      {5, 1, 1, &sent, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "block sizes are chosen by chunk times, rates, start-up, slow states and failures; leave out overhead, "
       "messages, domains and replays"},
      {5, 1, 1, &unlike, NULL, quantile, TESTUDO_ERROR_ARGUMENT,
       "block sizes for workers that differ are chosen from samples, for the mean, by --rates, the law of a chunk and "
       "exactly f failures alone"},
      {5, 1, 1, &plain, NULL, mse, TESTUDO_ERROR_ARGUMENT,
       "block sizes are chosen for objectives mean, quantile and deadline"},
      {5, 1, 1, &plain, NULL, early, TESTUDO_ERROR_ARGUMENT, "the deadline 0 is not finite and positive"},
      {5, 1, 1, &each, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "with independent failures any block code may never end, so its mean is infinite; exactly f failures are "
       "supported, or the objectives quantile and deadline"},
      {5, 1, 1, &gone, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "no single redundancy has a finite mean under this model, so no block code has one"},
      {5, 1, 1, &gone, NULL, quantile, TESTUDO_ERROR_ARGUMENT,
       "too many workers fail under this model: no tolerance that is allowed reaches the objective"},
      {3, 1, 1, &endless, NULL, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "no single redundancy has a finite mean under this model, so no block code has one"},
      {5, 1, 1, &plain, outside, mean_goal, TESTUDO_ERROR_ARGUMENT,
       "tolerances[0]: 5, but it must be in 0..4 (workers - 1)"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_search_options options = {.seed = 1, .tries = wrong[k].tries, .threads = 1};
    testudo_block_plan *plan = (testudo_block_plan *)&plan;
    testudo_error error = {""};
    assert_status(testudo_block_search(wrong[k].n, wrong[k].dim, wrong[k].tolerances, wrong[k].tolerances != NULL,
                                       wrong[k].model, wrong[k].goal, &options, &plan, &error),
                  wrong[k].status);
    assert_string_equal(error.text, wrong[k].sentence);
    assert_null(plan);
  }
  testudo_law_free(law);
  testudo_law_free(heavy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(three_workers_equal_a_dense_grid),
      cmocka_unit_test(one_sample_in_closed_form),
      cmocka_unit_test(no_other_shares_are_better),
      cmocka_unit_test(tolerances_that_are_not_allowed_stay_empty),
      cmocka_unit_test(fifty_workers_and_2000_samples_take_few_rows),
      cmocka_unit_test(samples_are_sorted_and_fail_as_said),
      cmocka_unit_test(of_all_whole_sizes_none_is_better),
      cmocka_unit_test(two_workers_find_the_best_sizes),
      cmocka_unit_test(eight_workers_against_random_sizes_and_simulation),
      cmocka_unit_test(slopes_equal_differences),
      cmocka_unit_test(the_same_for_any_number_of_threads),
      cmocka_unit_test(of_some_tolerances_and_under_failures),
      cmocka_unit_test(start_up_and_slow_states),
      cmocka_unit_test(the_smallest_cases),
      cmocka_unit_test(log_concave_where_it_is_said),
      cmocka_unit_test(stopped_at_any_time_it_answers_or_says_so),
      cmocka_unit_test(refuses_what_it_cannot_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
