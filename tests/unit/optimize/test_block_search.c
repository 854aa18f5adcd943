/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block sizes from samples: the programme against a grid and closed forms, the plan against the law of the design. */
#include "check.h"

#include <testudo/block.h>
#include <testudo/block_search.h>
#include <testudo/code.h>
#include <testudo/exact.h>

#include "base/random.h"
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

static testudo_block_plan *plan_of(int32_t n, int64_t dim, const int32_t *tolerances, int32_t count,
                                   const testudo_delay_model *model, int64_t samples, int32_t threads)
{
  testudo_block_plan *plan;
  testudo_search_options options = {.seed = 11, .tries = samples, .threads = threads};
  testudo_error error = {""};
  if (testudo_block_search(n, dim, tolerances, count, model, &options, &plan, &error) != TESTUDO_OK)
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

/* E[T] of the plan as a design, by the law. */
static double law_mean(int32_t n, const int32_t *tolerance, const int64_t *size, int32_t blocks,
                       const testudo_delay_model *model)
{
  testudo_design *design;
  testudo_latency *latency;
  testudo_summary summary;
  testudo_analysis_options options = {.max_states = 200000, .rel_error = 1e-9};
  assert_ok(testudo_design_create_block(n, tolerance, size, blocks, 1, "", &design, NULL));
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  testudo_latency_free(latency);
  testudo_design_free(design);
  return summary.mean;
}

static void a_plan_is_measured_by_the_law_and_beats_every_single_redundancy(void **state)
{
  (void)state;
  const char *const laws[] = {"exp:1", "shifted-exp:1,1", "pareto:1,1.5"};
  for (size_t k = 0; k < 3; k++) {
    const int32_t n = 8;
    testudo_law *law;
    assert_ok(testudo_law_parse(laws[k], &law, NULL));
    testudo_delay_model model = {.law = law};
    testudo_block_plan *plan = plan_of(n, 1000, NULL, 0, &model, 500, 1);
    assert_true(plan->exact);
    assert_close(plan->mean, law_mean(n, plan->tolerance, plan->size, plan->blocks, &model), 1e-8);
    double least = HUGE_VAL;
    for (int32_t s = 0; s < n; s++) {
      const int64_t all = 1000;
      double mean = law_mean(n, &s, &all, 1, &model);
      least = fmin(least, mean);
      assert_true(plan->mean < mean);
      if (s == plan->single)
        assert_close(plan->single_mean, mean, 1e-8);
    }
    assert_close(plan->single_mean, least, 1e-8);
    assert_true(plan->mean <= plan->rounded * (1.0 + 1e-12));
    assert_true(plan->lp_bound <= plan->lp_value * (1.0 + 1e-12));
    assert_false(plan->stopped);
    print_message("%s: programme %.6f, rounded %.6f, plan %.6f, best single %.6f\n", laws[k], plan->lp_value,
                  plan->rounded, plan->mean, plan->single_mean);
    testudo_block_plan_free(plan);
    testudo_law_free(law);
  }
}

/* Two workers, exp:1: E[T] of shares x and 1 - x is (2 - x) / 2 + 2 x c / (2 c + 1), c = x / (2 - 2 x); its least value
   by a fine grid. */
static void two_workers_find_the_best_sizes(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_of(2, 10000, NULL, 0, &model, 4000, 1);
  double least = 1.0;
  for (int a = 0; a < 10000; a++) {
    double x = a / 10000.0, c = x / (2 - 2 * x);
    least = fmin(least, (2 - x) / 2 + 2 * x * c / (2 * c + 1));
  }
  assert_true(plan->mean >= least * (1 - 1e-9));
  assert_near(plan->mean, least, 1e-5 * least);
  testudo_block_plan_free(plan);
  testudo_law_free(law);
}

static void the_same_for_any_number_of_threads(void **state)
{
  (void)state;
  testudo_law *law;
  double rates[12];
  for (int j = 0; j < 12; j++)
    rates[j] = 1 + j % 4;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 12};
  testudo_block_plan *one = plan_of(12, 100, NULL, 0, &model, 200, 1), *two = plan_of(12, 100, NULL, 0, &model, 200, 2);
  assert_int_equal(one->blocks, two->blocks);
  for (int32_t b = 0; b < one->blocks; b++)
    assert_true(one->tolerance[b] == two->tolerance[b] && one->size[b] == two->size[b]);
  assert_true(one->mean == two->mean && one->rounded == two->rounded && one->spread == two->spread);
  /* The states of twelve tolerances are too many: simulated, and never on the trials of the one before. */
  assert_false(one->exact);
  assert_true(one->mean != one->rounded && one->evaluations == 0);
  assert_near(one->mean, one->rounded, 8 * one->spread);
  testudo_block_plan_free(one);
  testudo_block_plan_free(two);
  testudo_law_free(law);
}

static void of_some_tolerances_and_under_failures(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("shifted-exp:1,1", &law, NULL));
  const int32_t some[] = {4, 1};
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_of(9, 60, some, 2, &model, 300, 1);
  for (int32_t b = 0; b < plan->blocks; b++)
    assert_true(plan->tolerance[b] == 1 || plan->tolerance[b] == 4);
  assert_true(plan->single == 1 || plan->single == 4);
  testudo_block_plan_free(plan);
  model.failures = TESTUDO_FAILURES_EXACTLY;
  model.failed = 3;
  plan = plan_of(9, 60, NULL, 0, &model, 300, 1);
  assert_true(plan->tolerance[0] >= 3 && plan->single >= 3);
  assert_close(plan->mean, law_mean(9, plan->tolerance, plan->size, plan->blocks, &model), 1e-8);
  testudo_block_plan_free(plan);
  testudo_law_free(law);
}

/* One worker, one coordinate, a constant: nothing to choose, and nothing goes wrong. */
static void the_smallest_cases(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("deterministic:2", &law, NULL));
  testudo_delay_model model = {.law = law};
  testudo_block_plan *plan = plan_of(1, 1, NULL, 0, &model, 1, 1);
  assert_true(plan->blocks == 1 && plan->tolerance[0] == 0 && plan->mean == 2.0);
  testudo_block_plan_free(plan);
  plan = plan_of(5, 3, NULL, 0, &model, 7, 1);
  assert_true(plan->blocks == 1 && plan->tolerance[0] == 0 && plan->mean == 2.0 && plan->single == 0);
  testudo_block_plan_free(plan);
  testudo_block_plan_free(NULL);
  testudo_law_free(law);
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
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law};
  int answered = 0, refused = 0;
  for (int left = 0; left < 12000; left = left * 3 / 2 + 1) {
    patience p = {left};
    testudo_search_monitor monitor = {run_out, &p};
    testudo_search_options options = {.seed = 1, .tries = 100, .threads = 1, .monitor = &monitor};
    testudo_block_plan *plan;
    testudo_error error = {""};
    testudo_status status = testudo_block_search(6, 100, NULL, 0, &model, &options, &plan, &error);
    if (status == TESTUDO_OK) {
      answered += plan->stopped;
      assert_string_equal(error.text, "");
      assert_close(plan->mean, law_mean(6, plan->tolerance, plan->size, plan->blocks, &model), 1e-6);
    } else {
      assert_status(status, TESTUDO_INTERRUPTED);
      assert_null(plan);
      refused++;
    }
    testudo_block_plan_free(plan);
  }
  print_message("stopped with a plan %d times, without %d times\n", answered, refused);
  assert_true(answered > 2 && refused > 2);
  testudo_law_free(law);
}

static void refuses_what_it_cannot_do(void **state)
{
  (void)state;
  testudo_law *law, *heavy;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  assert_ok(testudo_law_parse("pareto:1,0.3", &heavy, NULL));
  const int32_t outside[] = {5};
  const testudo_delay_model plain = {.law = law}, additive = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE},
                            each = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1},
                            gone = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 5},
                            endless = {.law = heavy};
  const struct {
    int32_t n;
    int64_t dim, samples;
    const testudo_delay_model *model;
    const int32_t *tolerances;
    testudo_status status;
    const char *sentence;
  } wrong[] = {
      {0, 1, 1, &plain, NULL, TESTUDO_ERROR_ARGUMENT, "workers: 0, but at least 1 is needed"},
      {5, 0, 1, &plain, NULL, TESTUDO_ERROR_ARGUMENT, "dim: 0, but it must be in 1..2147483647"},
      {5, TESTUDO_MAX_DIM + 1, 1, &plain, NULL, TESTUDO_ERROR_ARGUMENT,
       "dim: 2147483648, but it must be in 1..2147483647"},
      {5, 1, -1, &plain, NULL, TESTUDO_ERROR_ARGUMENT, "tries: -1 samples, but it is 0 (2000) or positive"},
      {501, 1, 1, &plain, NULL, TESTUDO_ERROR_LIMIT,
       "501 workers and 1 samples, but the linear programme supports at most 500 and 100000, and 10000000 in "
       "product"},
      {101, 1, 100000, &plain, NULL, TESTUDO_ERROR_LIMIT,
       "101 workers and 100000 samples, but the linear programme supports at most 500 and 100000, and 10000000 in "
       "product"},
      {5, 1, 1, &additive, NULL, TESTUDO_ERROR_ARGUMENT,
       "scheme block is supported for structure scaled only: under additive and mixed all blocks of a chunk would "
       "share its one "
       "draw, and that law is not known"},
      {5, 1, 1, &each, NULL, TESTUDO_ERROR_ARGUMENT,
       "with independent failures any block code may never end, so its mean is infinite; exactly f failures are "
       "supported"},
      {5, 1, 1, &gone, NULL, TESTUDO_ERROR_ARGUMENT,
       "no single redundancy has a finite mean under this model, so no block code has one"},
      {3, 1, 1, &endless, NULL, TESTUDO_ERROR_ARGUMENT,
       "no single redundancy has a finite mean under this model, so no block code has one"},
      {5, 1, 1, &plain, outside, TESTUDO_ERROR_ARGUMENT, "tolerances[0]: 5, but it must be in 0..4 (workers - 1)"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_search_options options = {.seed = 1, .tries = wrong[k].samples, .threads = 1};
    testudo_block_plan *plan = (testudo_block_plan *)&plan;
    testudo_error error = {""};
    assert_status(testudo_block_search(wrong[k].n, wrong[k].dim, wrong[k].tolerances, wrong[k].tolerances != NULL,
                                       wrong[k].model, &options, &plan, &error),
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
      cmocka_unit_test(a_plan_is_measured_by_the_law_and_beats_every_single_redundancy),
      cmocka_unit_test(two_workers_find_the_best_sizes),
      cmocka_unit_test(the_same_for_any_number_of_threads),
      cmocka_unit_test(of_some_tolerances_and_under_failures),
      cmocka_unit_test(the_smallest_cases),
      cmocka_unit_test(stopped_at_any_time_it_answers_or_says_so),
      cmocka_unit_test(refuses_what_it_cannot_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
