/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "designs.h"

#include <testudo/code.h>

#include "sample/draw.h"
#include "sample/kernels/kernel.h"

/* 4.9e-10 of a normal law lies beyond; the seeds are fixed. */
#define SIGMAS 6.2

static const testudo_simulation_options plain = {.trials = 40000, .seed = 11, .threads = 1};

static testudo_work work_of(const testudo_design *design, const testudo_delay_model *model,
                            const testudo_simulation_options *options)
{
  testudo_work work;
  testudo_error error = {{0}};
  testudo_status status = testudo_simulate_work(design, model, options, &work, &error);
  if (status != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_int_equal(status, TESTUDO_OK);
  return work;
}

/* A count whose law is known to be on {0, 1} above a constant: mean p, so its error is known too. */
static void assert_share(double found, double constant, double p, int64_t trials)
{
  assert_near(found, constant + p, SIGMAS * sqrt(p * (1 - p) / (double)trials));
}

/* ---- closed forms ---- */

static void uncoded_computes_everything_once(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:0.3,1.7");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 13, 1, 1, 0);
  testudo_work work = work_of(design, &model, &plain);
  assert_int_equal(work.trials, plain.trials);
  assert_int_equal(work.never, 0);
  assert_true(work.chunks == 13 && work.chunks_stderr == 0 && work.messages == 13 && work.messages_stderr == 0);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void waiting_for_k_reads_k_messages(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  for (int32_t k = 1; k <= 7; k++) {
    testudo_design *design = cyclic_design(TESTUDO_SCHEME_IGNORE_STRAGGLERS, 7, 1, 1, k);
    testudo_simulation_options options = plain;
    options.report = TESTUDO_REPORT_WHOLE;
    testudo_work work = work_of(design, &model, &options);
    assert_true(work.chunks == k && work.messages == k && work.messages_stderr == 0);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* One of two workers with two chunks each ends the race; in additive time the chunks fall to either with 1/2, so it
   ends 2:0 with 1/2 and 2:1 otherwise. In scaled time the loser has one chunk when its X is under twice the winner's,
   which for exponentials has probability 1/3. */
static void the_loser_of_a_race_has_worked_too(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:2.5");
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_uncoded(2, 4, &assignment, NULL));
  assert_ok(testudo_design_create_waiting(&assignment, 1, "", &design, NULL));
  testudo_simulation_options options = plain;
  options.report = TESTUDO_REPORT_WHOLE;
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  testudo_work work = work_of(design, &model, &options);
  assert_share(work.chunks, 2, 0.5, work.trials);
  assert_close(work.chunks_stderr, 0.5 / sqrt((double)work.trials), 0.01);
  assert_true(work.messages == 1);
  model.structure = TESTUDO_STRUCTURE_SCALED;
  work = work_of(design, &model, &options);
  assert_share(work.chunks, 2, 1.0 / 3, work.trials);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  testudo_law_free(law);
}

/* Two workers, two chunks, opposite orders, exponential X: the slower one has one chunk at T when its X is at most
   twice the other's (probability 2/3), otherwise the faster does both chunks alone. Either way two are computed. */
static void partial_of_two_workers(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:0.7");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 0);
  testudo_work work = work_of(design, &model, &plain);
  assert_true(work.chunks == 2 && work.chunks_stderr == 0);
  assert_share(work.messages, 1, 1.0 / 3, work.trials);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* A gradient code for one straggler ends with the second of three workers of two chunks each. In scaled time, the third
   has one chunk when its X is at most twice the second's, m + e with m the second's and e exponential:
   P(e <= m) = 1 - E exp(-m), and m = a/3 + b/2 with a, b exponential, so E exp(-m) = 3/4 * 2/3 = 1/2. Of groups, one
   message each is read. */
static void gradient_codes_read_what_they_need(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_assignment assignment;
  testudo_design *design;
  testudo_simulation_options options = plain;
  options.report = TESTUDO_REPORT_WHOLE;
  assert_ok(testudo_assignment_cyclic(3, 2, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, 1, 3, "", &design, NULL));
  testudo_work work = work_of(design, &model, &options);
  assert_true(work.messages == 2 && work.messages_stderr == 0);
  assert_share(work.chunks, 4, 0.5, work.trials);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  assert_ok(testudo_assignment_frc(12, 24, 3, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, 2, 3, "", &design, NULL));
  work = work_of(design, &model, &options);
  assert_true(work.messages == 4 && work.messages_stderr == 0 && work.chunks >= 24);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  testudo_law_free(law);
}

/* Everybody is as fast: at the tie, what is done at T counts. */
static void deterministic_times_tie(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:0.25");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0);
  testudo_work work = work_of(design, &model, &plain);
  assert_true(work.chunks == 12 && work.messages == 6);
  testudo_design_free(design);
  design = cyclic_design(TESTUDO_SCHEME_IGNORE_STRAGGLERS, 6, 1, 1, 2);
  work = work_of(design, &model, &plain);
  assert_true(work.chunks == 6 && work.messages == 6);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- a second count ---- */

/* Chunk after chunk, from the slot times of one trial; no search, no lanes. */
static int32_t count_done(const testudo_i_plan *plan, const double *time, int32_t worker, double t)
{
  int32_t done = 0;
  for (int32_t k = 1; k <= testudo_design_load(plan->design, worker); k++) {
    double at = plan->timed ? time[plan->slot_row[worker] + k - 1]
                               : k * time[worker] / (plan->model->rates == NULL ? 1.0 : plan->model->rates[worker]);
    done += at <= t;
  }
  return done;
}

/* Sums of chunks and messages over all trials, one by one. */
static testudo_work recount(const testudo_design *design, const testudo_delay_model *model,
                            const testudo_simulation_options *options)
{
  testudo_i_plan plan;
  testudo_i_failures failures = {0};
  assert_ok(testudo_i_plan_make(&plan, design, model, options, NULL));
  assert_ok(testudo_i_failures_make(&failures, testudo_design_workers(design), NULL));
  double *time = calloc((size_t)plan.slots + 1, sizeof *time);
  double *room = calloc(testudo_i_kernel_room(&plan), sizeof *room);
  bool finished = options->report == TESTUDO_REPORT_WHOLE ||
                  testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
  testudo_work work = {.trials = options->trials};
  double ended = 0, chunks = 0, messages = 0, t;
  for (int64_t trial = 0; trial < options->trials; trial++) {
    testudo_i_draw_base(&plan, options->seed, trial, &failures, time);
    testudo_i_kernel_base(&plan, time, &t, NULL, room);
    work.never += isinf(t) != 0;
    if (isinf(t))
      continue;
    ended++;
    for (int32_t j = 0; j < testudo_design_workers(design); j++) {
      int32_t done = count_done(&plan, time, j, t);
      chunks += done;
      messages += finished ? done > 0 && done == testudo_design_load(design, j) : done > 0;
    }
  }
  work.chunks = chunks / ended;
  work.messages = messages / ended;
  free(time);
  free(room);
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  return work;
}

static void equals_a_count_trial_by_trial(void **state)
{
  (void)state;
  static const double rates[9] = {1, 2.25, 0.5, 1.75, 3, 0.8, 1.1, 0.9, 1.3};
  testudo_i_random random;
  testudo_i_random_start(&random, 77, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_law *law = law_of("shifted-exp:0.21,1.3");
  int cases = 0;
  for (int round = 0; round < 36; round++) {
    static const testudo_scheme schemes[] = {TESTUDO_SCHEME_PARTIAL, TESTUDO_SCHEME_UNCODED,
                                             TESTUDO_SCHEME_IGNORE_STRAGGLERS};
    testudo_scheme scheme = schemes[round % 3];
    bool partial = scheme == TESTUDO_SCHEME_PARTIAL;
    int32_t replication = partial ? 4 : 1, parts = partial ? 1 + round / 3 % 3 : 1;
    testudo_design *design = irregular_design(&random, scheme, 9, 14, replication, parts, 6);
    testudo_delay_model model = {.law = law, .structure = round / 3 % 2 == 0 ? TESTUDO_STRUCTURE_SCALED
                                                                             : TESTUDO_STRUCTURE_ADDITIVE};
    if (round / 6 % 2 == 1) {
      model.rates = rates;
      model.workers = 9;
    }
    model.failures = (testudo_failure_kind)(round / 12);
    model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 2 : 0;
    model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.07 : 0;
    testudo_simulation_options options = {.trials = 1531, .seed = 5 + (uint64_t)round, .threads = 1,
                                          .report = round % 2 == 0 ? TESTUDO_REPORT_CHUNK : TESTUDO_REPORT_WHOLE};
    testudo_work found = work_of(design, &model, &options), wanted = recount(design, &model, &options);
    assert_int_equal(found.trials, 1531);
    assert_int_equal(found.never, wanted.never);
    if (wanted.never < 1531) {
      assert_close(found.chunks, wanted.chunks, 1e-12);
      assert_close(found.messages, wanted.messages, 1e-12);
      cases++;
    }
    testudo_design_free(design);
  }
  assert_true(cases >= 30);
  testudo_law_free(law);
}

static void sees_the_trials_of_the_simulation(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 11, 3, 2, 0);
  testudo_simulation *simulation = simulate(design, &model, &plain);
  testudo_work work = work_of(design, &model, &plain);
  assert_true(simulation->never > 0);
  assert_int_equal(work.never, simulation->never);
  testudo_simulation_free(simulation);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void threads_change_no_bit(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1.9");
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 17, 5, 2, 0);
  testudo_simulation_options options = {.trials = 9001, .seed = 3, .threads = 1};
  testudo_work one = work_of(design, &model, &options);
  for (options.threads = 2; options.threads <= 5; options.threads++) {
    testudo_work many = work_of(design, &model, &options);
    assert_true(one.chunks == many.chunks && one.chunks_stderr == many.chunks_stderr);
    assert_true(one.messages == many.messages && one.messages_stderr == many.messages_stderr);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- edges ---- */

static void never_ending_iterations_cost_nothing_that_is_told(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 4, 1, 1, 0);
  testudo_work work = work_of(design, &model, &plain);
  assert_int_equal(work.never, plain.trials);
  assert_true(isnan(work.chunks) && isnan(work.messages) && isnan(work.chunks_stderr));
  testudo_design_free(design);
  testudo_law_free(law);
}

static void one_worker_one_chunk_one_trial(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 1, 1, 1, 0);
  testudo_simulation_options options = {.trials = 1, .seed = 3};
  testudo_work work = work_of(design, &model, &options);
  assert_true(work.trials == 1 && work.chunks == 1 && work.messages == 1 && isnan(work.chunks_stderr));
  testudo_design_free(design);
  testudo_law_free(law);
}

static bool stop_late(void *context, double fraction)
{
  (void)fraction;
  return ++*(int *)context < 4;
}

static bool stop_at_once(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

static void interrupted_tells_what_it_has(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 900, 1, 1, 0);
  int calls = 0;
  testudo_monitor late = {stop_late, &calls}, now = {stop_at_once, NULL};
  testudo_simulation_options options = {.trials = 1000000, .seed = 3, .threads = 1, .monitor = &late};
  testudo_work work = work_of(design, &model, &options);
  assert_true(work.interrupted && work.trials > 0 && work.trials < options.trials && work.chunks == 900);
  options.monitor = &now;
  work = work_of(design, &model, &options);
  assert_true(work.interrupted && work.trials > 0 && work.trials < 100000 && work.chunks == 900);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void refuses_what_the_simulation_refuses(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 4, 2, 1, 0);
  testudo_work work;
  testudo_error error;
  testudo_simulation_options options = {.trials = 0};
  assert_status(testudo_simulate_work(design, &model, &options, &work, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "trials"));
  options = (testudo_simulation_options){.trials = 1, .threads = -1};
  assert_status(testudo_simulate_work(design, &model, &options, &work, &error), TESTUDO_ERROR_ARGUMENT);
  options = plain;
  model.failures = TESTUDO_FAILURES_EXACTLY;
  model.failed = 5;
  assert_status(testudo_simulate_work(design, &model, &options, &work, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- one trial ---- */

/* By definition: the latest chunk's parts-th smallest time; and T of the same trial of the simulation. */
static void a_trial_is_that_of_the_simulation(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 1, 0);
  testudo_law *law = law_of("shifted-exp:0.2,1");
  for (int kind = 0; kind < 4; kind++) {
    int32_t parts = 1 + kind % 2;
    testudo_delay_model model = {.law = law, .structure = kind < 2 ? TESTUDO_STRUCTURE_SCALED
                                                                  : TESTUDO_STRUCTURE_ADDITIVE};
    testudo_design *design = irregular_design(&random, TESTUDO_SCHEME_PARTIAL, 7, 12, 3, parts, 0);
    double done[36], completion, latest = 0;
    const testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = 1, .seed = 9, .threads = 1};
    assert_ok(testudo_simulate_trial(design, &model, &options, 0, done, &completion, NULL));
    for (int32_t i = 0; i < 12; i++) {
      double first = HUGE_VAL, second = HUGE_VAL, *at = done;
      for (int32_t j = 0; j < 7; j++)
        for (int32_t k = 0; k < testudo_design_load(design, j); k++, at++) {
          assert_true(k == 0 ? *at > 0.2 : *at > at[-1]);
          if (testudo_design_order(design, j)[k] != i)
            continue;
          second = fmin(second, fmax(first, *at));
          first = fmin(first, *at);
        }
      latest = fmax(latest, parts == 1 ? first : second);
    }
    testudo_simulation *simulation;
    assert_ok(testudo_simulate(design, &model, &options, &simulation, NULL));
    assert_true(completion == latest && completion == simulation->mean);
    testudo_simulation_free(simulation);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static void a_trial_has_its_own_refusals(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 3};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 3, 2, 1, 0);
  const testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .seed = 9};
  double done[6], completion;
  testudo_error error;
  assert_status(testudo_simulate_trial(design, &model, &options, -1, done, &completion, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "numbered from 0"));
  assert_ok(testudo_simulate_trial(design, &model, &options, 5, done, &completion, &error));
  for (int e = 0; e < 6; e++)
    assert_true(isinf(done[e]));
  assert_true(isinf(completion));
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uncoded_computes_everything_once),
      cmocka_unit_test(waiting_for_k_reads_k_messages),
      cmocka_unit_test(the_loser_of_a_race_has_worked_too),
      cmocka_unit_test(partial_of_two_workers),
      cmocka_unit_test(gradient_codes_read_what_they_need),
      cmocka_unit_test(deterministic_times_tie),
      cmocka_unit_test(equals_a_count_trial_by_trial),
      cmocka_unit_test(sees_the_trials_of_the_simulation),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(never_ending_iterations_cost_nothing_that_is_told),
      cmocka_unit_test(one_worker_one_chunk_one_trial),
      cmocka_unit_test(interrupted_tells_what_it_has),
      cmocka_unit_test(refuses_what_the_simulation_refuses),
      cmocka_unit_test(a_trial_is_that_of_the_simulation),
      cmocka_unit_test(a_trial_has_its_own_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
