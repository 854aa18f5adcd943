/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight trials side by side are the same doubles as one trial at a time, and one trial is what the definition says. */
#include "designs.h"

#include "sample/draw.h"
#include "sample/kernels/done.h"
#include "sample/kernels/even.h"
#include "sample/kernels/kernel.h"

#define DEADLINES 5

typedef struct sizes {
  int32_t m, chunks, replication, parts, wait;
  testudo_scheme scheme;
} sizes;

static const double deadline[DEADLINES] = {0.0, 0.31, 1.07, 2.9, 11.3};

/* T and errors by the definition: sorts with qsort, knows nothing of rows. */
static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double time_of(const testudo_i_plan *plan, const double *slot, int32_t j, int32_t k)
{
  double rate = plan->model->rates == NULL ? 1.0 : plan->model->rates[j];
  return plan->timed ? slot[plan->design->row[j] + k - 1] : (double)k * slot[j] / rate;
}

static double defined_completion(const testudo_i_plan *plan, const double *slot)
{
  const testudo_design *design = plan->design;
  size_t workers = (size_t)design->workers;
  double *finish = malloc(workers * sizeof *finish), *holder = malloc(workers * sizeof *holder);
  double most = 0.0;
  for (int32_t j = 0; j < design->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    finish[j] = load == 0 ? 0.0 : time_of(plan, slot, j, load);
  }
  for (int32_t i = 0; testudo_design_scheme(design) == TESTUDO_SCHEME_PARTIAL && i < design->chunks; i++) {
    int32_t gamma = testudo_design_replication(design, i);
    for (int32_t h = 0; h < gamma; h++) {
      int32_t j = testudo_design_holders(design, i)[h];
      bool whole = plan->report == TESTUDO_REPORT_WHOLE;
      holder[h] = whole ? finish[j] : time_of(plan, slot, j, testudo_design_places(design, i)[h]);
    }
    qsort(holder, (size_t)gamma, sizeof *holder, by_value);
    most = fmax(most, holder[design->parts - 1]);
  }
  if (testudo_design_scheme(design) != TESTUDO_SCHEME_PARTIAL) {
    qsort(finish, (size_t)design->workers, sizeof *finish, by_value);
    most = finish[testudo_design_scheme(design) == TESTUDO_SCHEME_UNCODED ? design->workers - 1
                                                                          : testudo_design_wait(design) - 1];
  }
  free(finish);
  free(holder);
  return most;
}

static double defined_error(const testudo_i_plan *plan, const double *slot, double t)
{
  const testudo_design *design = plan->design;
  int64_t error = 0;
  for (int32_t i = 0; i < design->chunks; i++) {
    int32_t covered = 0;
    for (int32_t h = 0; h < testudo_design_replication(design, i); h++) {
      int32_t j = testudo_design_holders(design, i)[h], place = testudo_design_places(design, i)[h];
      bool whole =
          plan->report == TESTUDO_REPORT_WHOLE || testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
      covered += time_of(plan, slot, j, whole ? testudo_design_load(design, j) : place) <= t;
    }
    error += covered < design->parts ? design->parts - covered : 0;
  }
  return (double)error;
}

/* Chunks and messages of all workers together, beside what each has done. */
static void compare_sums(const testudo_i_plan *plan, const double *lanes, const double *t8, const int32_t *done)
{
  double chunks[8], messages[8];
  for (int whole = 0; whole < 2; whole++) {
    assert_true(testudo_i_kernel_sums(plan, lanes, t8, whole, chunks, messages));
    for (int lane = 0; lane < 8; lane++) {
      int64_t sum = 0, sent = 0;
      for (int32_t j = 0; j < plan->design->workers; j++) {
        int32_t own = done[(int64_t)lane * plan->design->workers + j];
        sum += own;
        sent += own > 0 && (!whole || own == testudo_design_load(plan->design, j));
      }
      assert_true(chunks[lane] == (double)sum && messages[lane] == (double)sent);
    }
  }
}

/* Steps done by the lanes' times, counted one by one. */
static void compare_done(const testudo_i_plan *plan, const double *lanes, const double *t8)
{
  int32_t workers = plan->design->workers, *done = malloc((size_t)workers * 8 * sizeof *done);
  testudo_i_kernel_done(plan, lanes, t8, done);
  for (int lane = 0; lane < 8; lane++)
    for (int32_t j = 0; j < workers; j++) {
      int32_t count = 0;
      for (int32_t k = 1; k <= testudo_design_load(plan->design, j); k++)
        count += testudo_i_time_of(plan, lanes, 8, lane, j, k) <= t8[lane];
      assert_int_equal(done[(int64_t)lane * workers + j], count);
    }
  if (plan->design->max_load < 48)
    compare_sums(plan, lanes, t8, done);
  free(done);
}

static void compare_one_group(const testudo_i_plan *plan, uint64_t seed)
{
  size_t slots = (size_t)plan->slots, room = testudo_i_kernel_room(plan);
  double *lanes = malloc(slots * 8 * sizeof *lanes), *base = malloc(slots * sizeof *base);
  double *work = malloc((room + 1) * sizeof *work);
  double t8[8], error8[8 * DEADLINES], t1, error1[DEADLINES];
  testudo_i_failures failures;
  assert_ok(testudo_i_failures_make(&failures, plan->design->workers, NULL));
  int64_t first = 1234567 + 8 * (int64_t)(seed % 50);
  testudo_i_draw_lanes(plan, seed, first, &failures, lanes);
  testudo_i_kernel_lanes(plan, lanes, t8, error8, work);
  compare_done(plan, lanes, t8);
  for (int lane = 0; lane < 8; lane++) {
    testudo_i_draw_base(plan, seed, first + lane, &failures, base);
    for (size_t s = 0; s < slots; s++)
      assert_true(base[s] == lanes[s * 8 + (size_t)lane]);
    testudo_i_kernel_base(plan, base, &t1, error1, work);
    assert_true(t1 == t8[lane]);
    assert_true(t1 == defined_completion(plan, base));
    for (int64_t d = 0; d < plan->time_count; d++) {
      assert_true(error1[d] == error8[d * 8 + lane]);
      assert_true(error1[d] == defined_error(plan, base, deadline[d]));
    }
  }
  testudo_i_failures_clear(&failures);
  free(lanes);
  free(base);
  free(work);
}

static int compare_models(const testudo_design *design, testudo_report report, testudo_i_random *random)
{
  static const char *const text[] = {"exp:1.7", "shifted-exp:0.4,2.3", "deterministic:0.83"};
  double *rates = malloc((size_t)design->workers * sizeof *rates);
  int cases = 0;
  for (int32_t j = 0; j < design->workers; j++)
    rates[j] = 0.3 + testudo_i_random_uniform(random);
  for (int k = 0; k < 3 * 2 * 2 * 3; k++) {
    testudo_law *law = law_of(text[k % 3]);
    testudo_failure_kind kind = (testudo_failure_kind)(k / 12);
    testudo_delay_model model = {.law = law, .rates = k / 6 % 2 ? rates : NULL,
                                 .workers = design->workers, .failures = kind};
    model.structure = k / 3 % 2 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
    model.failed = kind == TESTUDO_FAILURES_EXACTLY ? 1 + design->workers / 4 : 0;
    model.fail_prob = kind == TESTUDO_FAILURES_EACH ? 0.2 : 0.0;
    /* Otherwise the error is a least squares: test_deadline.c. */
    bool counted = report == TESTUDO_REPORT_CHUNK || testudo_design_scheme(design) != TESTUDO_SCHEME_PARTIAL;
    for (int timed = 0; timed < (counted ? 2 : 1); timed++) {
      testudo_simulation_options options = {.report = report, .trials = 1, .times = deadline,
                                            .time_count = timed ? DEADLINES : 0};
      testudo_i_plan plan;
      assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
      compare_one_group(&plan, testudo_i_random_word(random));
      testudo_i_plan_clear(&plan);
      cases++;
    }
    testudo_law_free(law);
  }
  free(rates);
  return cases;
}

static void lanes_equal_the_plain_twin_and_the_definition(void **state)
{
  (void)state;
  static const sizes size[] = {
      {1, 1, 1, 1, 1, TESTUDO_SCHEME_PARTIAL},          {5, 7, 3, 1, 0, TESTUDO_SCHEME_PARTIAL},
      {13, 11, 4, 2, 0, TESTUDO_SCHEME_PARTIAL},        {37, 53, 5, 3, 0, TESTUDO_SCHEME_PARTIAL},
      {12, 9, 6, 4, 0, TESTUDO_SCHEME_PARTIAL},         {12, 9, 6, 5, 0, TESTUDO_SCHEME_PARTIAL},
      {12, 9, 7, 6, 0, TESTUDO_SCHEME_PARTIAL},         {12, 9, 7, 7, 0, TESTUDO_SCHEME_PARTIAL},
      {14, 6, 11, 8, 0, TESTUDO_SCHEME_PARTIAL},        {14, 6, 12, 9, 0, TESTUDO_SCHEME_PARTIAL},
      {31, 5, 29, 17, 0, TESTUDO_SCHEME_PARTIAL},       {9, 20, 1, 1, 0, TESTUDO_SCHEME_UNCODED},
      {20, 9, 1, 1, 0, TESTUDO_SCHEME_UNCODED},         {40, 33, 1, 1, 3, TESTUDO_SCHEME_IGNORE_STRAGGLERS},
      {40, 33, 1, 1, 33, TESTUDO_SCHEME_IGNORE_STRAGGLERS}, {40, 5, 1, 1, 7, TESTUDO_SCHEME_IGNORE_STRAGGLERS},
      {40, 33, 1, 1, 40, TESTUDO_SCHEME_IGNORE_STRAGGLERS}, {40, 40, 1, 1, 33, TESTUDO_SCHEME_IGNORE_STRAGGLERS},
      {40, 40, 1, 1, 32, TESTUDO_SCHEME_IGNORE_STRAGGLERS}, {4, 120, 2, 1, 0, TESTUDO_SCHEME_PARTIAL}};
  testudo_i_random random;
  testudo_i_random_start(&random, 20, TESTUDO_I_FOR_TEST, 0, 0);
  int cases = 0;
  for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
    const sizes *s = &size[k];
    testudo_design *design =
        irregular_design(&random, s->scheme, s->m, s->chunks, s->replication, s->parts, s->wait);
    cases += compare_models(design, TESTUDO_REPORT_CHUNK, &random);
    cases += compare_models(design, TESTUDO_REPORT_WHOLE, &random);
    testudo_design_free(design);
  }
  assert_int_equal(cases, 12 * 36 * 3 + 8 * 36 * 4);
}

/* Every chunk once at every place; with one part and up to eight copies these have a loop of their own. */
static void even_rows_are_seen_and_are_the_same_doubles(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  const testudo_simulation_options options = {.trials = 1};
  for (int32_t copies = 1; copies <= 10; copies++)
    for (int32_t parts = 1; parts <= 2 && parts <= copies; parts++) {
      testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 11, copies, parts, 0);
      testudo_i_plan plan;
      assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
      assert_int_equal(plan.completion.even, parts == 1 && copies <= TESTUDO_I_EVEN_MOST ? copies : 0);
      testudo_i_plan_clear(&plan);
      compare_models(design, TESTUDO_REPORT_CHUNK, &random);
      compare_models(design, TESTUDO_REPORT_WHOLE, &random);
      testudo_design_free(design);
    }
  testudo_law_free(law);
}

/* 16 bits say where the lanes of 8,192 slots begin. */
static void even_rows_of_many_workers_are_the_same_doubles(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  const testudo_simulation_options options = {.trials = 1};
  for (int32_t workers = 8192; workers <= 8193; workers++)
    for (int32_t copies = 1; copies <= 7; copies += 3) {
      testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, workers, copies, 1, 0);
      testudo_i_plan plan;
      assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
      assert_int_equal(plan.completion.even, copies);
      assert_int_equal(plan.completion.near != NULL, workers == 8192);
      compare_one_group(&plan, (uint64_t)copies);
      testudo_i_plan_clear(&plan);
      testudo_design_free(design);
    }
  testudo_law_free(law);
}

static void exactly_f_workers_fail_uniformly(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 5, 2, 1, 0);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 3};
  testudo_simulation_options options = {.trials = 1};
  testudo_i_plan plan;
  testudo_i_failures failures;
  assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
  assert_ok(testudo_i_failures_make(&failures, 5, NULL));
  int seen[32] = {0};
  const int trials = 100000;
  for (int r = 0; r < trials; r++) {
    testudo_i_draw_failures(&plan, 3, r, &failures);
    int set = 0;
    for (int32_t k = 0; k < failures.count; k++)
      set |= 1 << failures.worker[k];
    assert_int_equal(failures.count, 3);
    assert_int_equal(__builtin_popcount((unsigned)set), 3);
    seen[set]++;
  }
  /* Ten sets of three, 10,000 each; six standard deviations. */
  for (int set = 0; set < 32; set++)
    if (__builtin_popcount((unsigned)set) == 3)
      assert_near((double)seen[set], trials / 10.0, 6.0 * sqrt(trials * 0.1 * 0.9));
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void rounding_up_keeps_multiples_and_infinity(void **state)
{
  (void)state;
  assert_true(testudo_i_round_up(3.0, 1.0) == 3.0);
  assert_true(testudo_i_round_up(nextafter(3.0, 4.0) + 1e-9, 1.0) == 4.0);
  assert_true(testudo_i_round_up(2.0001, 1.0) == 3.0);
  assert_true(testudo_i_round_up(0.0, 0.7) == 0.0);
  for (int k = 1; k < 2000; k++) {
    double multiple = k * 0.1, quotient = (double)k / 10.0;
    assert_true(testudo_i_round_up(multiple, 0.1) == multiple);
    assert_true(testudo_i_round_up(quotient, 0.1) == multiple);
    assert_true(testudo_i_round_up(multiple + 0.01, 0.1) == (k + 1) * 0.1);
  }
  assert_true(isinf(testudo_i_round_up(HUGE_VAL, 1.0)));
  assert_true(testudo_i_round_up(1e300, 1e-3) == 1e300);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lanes_equal_the_plain_twin_and_the_definition),
      cmocka_unit_test(even_rows_are_seen_and_are_the_same_doubles),
      cmocka_unit_test(even_rows_of_many_workers_are_the_same_doubles),
      cmocka_unit_test(exactly_f_workers_fail_uniformly),
      cmocka_unit_test(rounding_up_keeps_multiples_and_infinity),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
