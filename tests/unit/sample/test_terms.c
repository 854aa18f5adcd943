/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every term of a delay model, for every scheme: the completion times are those of the definition, and none is left
   out. */
#include "iteration.h"

#include "sample/draw.h"
#include "sample/kernels/answer.h"
#include "sample/kernels/kernel.h"

#define TRIALS 24

enum { LAW_X, LAW_Z, LAW_STARTUP, LAW_MESSAGE, LAW_FACTOR, LAW_OTHER, LAWS };

static testudo_law *law[LAWS];
static testudo_replay *replay;
static const double rates[WORKERS] = {1, 2.25, 0.5, 1.75, 3, 0.8};
static const int32_t domain[WORKERS] = {0, 1, 1, 2, 0, 2};
static testudo_worker_class classes[2] = {{2, 1.5, NULL}, {4, 0.75, NULL}};

static int set_up(void **state)
{
  static const char *const text[LAWS] = {"exp:1", "lognormal:0,0.3", "shifted-exp:0.5,2", "shifted-exp:0.2,5",
                                         "shifted-exp:1,3", "gamma:4,0.25"};
  (void)state;
  for (int k = 0; k < LAWS; k++)
    law[k] = law_of(text[k]);
  replay = made_replay(WORKERS + 1, 5, 2);
  classes[0].law = law[LAW_OTHER];
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  for (int k = 0; k < LAWS; k++)
    testudo_law_free(law[k]);
  testudo_replay_free(replay);
  return 0;
}

/* ---- terms, one bit each ---- */

enum {
  STARTUP = 1, OVERHEAD = 2, SHARES = 4, MESSAGE = 8, SIGNAL = 16, SLOW = 32, DOMAINS = 64, RATES = 128, CLASSES = 256,
  ADDITIVE = 512, MIXED = 1024, REPLAY = 2048, LAST_TERM = REPLAY
};

static testudo_delay_model model_of(int terms)
{
  testudo_delay_model model = {.law = law[LAW_X]};
  if (terms & STARTUP)
    model.startup = law[LAW_STARTUP];
  if (terms & OVERHEAD)
    model.overhead = 0.07;
  if (terms & SHARES)
    model.unit = TESTUDO_UNIT_SHARE;
  if (terms & MESSAGE)
    model.message = law[LAW_MESSAGE];
  if (terms & SIGNAL)
    model.signal = 0.03;
  if (terms & SLOW)
    model.slow = (testudo_slow_state){0.2, 0.4, 3};
  if (terms & DOMAINS) {
    model.domain = domain;
    model.domains = 3;
    model.domain_factor = law[LAW_FACTOR];
  }
  if (terms & RATES) {
    model.rates = rates;
    model.workers = WORKERS;
  }
  if (terms & CLASSES) {
    model.classes = classes;
    model.class_count = 2;
  }
  if (terms & (ADDITIVE | MIXED))
    model.structure = terms & MIXED ? TESTUDO_STRUCTURE_MIXED : TESTUDO_STRUCTURE_ADDITIVE;
  if (terms & MIXED) {
    model.law = law[LAW_Z];
    model.chunk_law = law[LAW_OTHER];
  }
  if (terms & REPLAY)
    model.replay = replay;
  return model;
}

static bool go_together(int terms)
{
  bool replayed_too = (terms & (OVERHEAD | SLOW | DOMAINS | RATES | CLASSES | ADDITIVE | MIXED)) != 0;
  return !((terms & RATES) && (terms & CLASSES)) && !((terms & REPLAY) && replayed_too);
}

/* A block code has no law of a chunk's own times. */
static bool is_refused(const subject *s, int terms)
{
  return s->kind == BLOCKS && (terms & (ADDITIVE | MIXED | REPLAY));
}

static testudo_simulation *run(const testudo_design *design, const subject *s, const testudo_delay_model *model)
{
  const testudo_simulation_options options = {.report = s->report, .trials = TRIALS, .seed = 9, .threads = 1,
                                              .keep_order = true};
  return simulate(design, model, &options);
}

/* Lanes and the plain road are the same doubles, T is that of the definition. */
static void assert_trials(const testudo_design *design, const subject *s, const testudo_delay_model *model)
{
  testudo_simulation_options options = {.report = s->report, .trials = TRIALS};
  testudo_i_plan plan;
  testudo_i_failures failures;
  assert_ok(testudo_i_plan_make(&plan, design, model, &options, NULL));
  assert_ok(testudo_i_failures_make(&failures, WORKERS, NULL));
  size_t slots = (size_t)plan.slots;
  double *lanes = malloc(slots * 8 * sizeof *lanes), *base = malloc(slots * sizeof *base), t8[8], t;
  double *room = malloc((testudo_i_kernel_room(&plan) + 1) * sizeof *room);
  testudo_simulation *simulation = run(design, s, model);
  for (int64_t first = 0; first < TRIALS; first += 8) {
    testudo_i_draw_lanes(&plan, 9, first, &failures, lanes);
    testudo_i_kernel_lanes(&plan, lanes, t8, NULL, room);
    for (int lane = 0; lane < 8; lane++) {
      testudo_i_draw_base(&plan, 9, first + lane, &failures, base);
      for (size_t e = 0; e < slots; e++)
        assert_true(base[e] == lanes[e * 8 + (size_t)lane]);
      testudo_i_kernel_base(&plan, base, &t, NULL, room);
      assert_true(t == t8[lane]);
      double answered = testudo_i_answer_time(&plan, base, 1, 0, t);
      assert_true(answered == testudo_i_answer_time(&plan, lanes, 8, lane, t));
      iteration it = iterate(s, model, 9, first + lane);
      for (int32_t k = 0; k < failures.count; k++)
        stop_worker(&it, failures.worker[k]);
      assert_close(answered, iteration_time(s, model, &it), 1e-14);
      assert_true(answered == simulation->ordered[first + lane]);
    }
  }
  testudo_simulation_free(simulation);
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  free(lanes);
  free(base);
  free(room);
}

static void every_combination_is_the_definition(void **state)
{
  (void)state;
  int cases = 0, refused = 0;
  for (size_t k = 0; k < SUBJECTS; k++) {
    testudo_design *design = design_of(&subjects[k]);
    for (int terms = 0; terms < 2 * LAST_TERM; terms++) {
      testudo_delay_model model = model_of(terms);
      testudo_simulation_options options = {.report = subjects[k].report, .trials = TRIALS};
      testudo_simulation *simulation;
      if ((terms & ADDITIVE) && (terms & MIXED))
        continue; /* a model has one structure */
      if (!go_together(terms) || is_refused(&subjects[k], terms)) {
        testudo_error error = {""};
        assert_status(testudo_simulate(design, &model, &options, &simulation, &error), TESTUDO_ERROR_ARGUMENT);
        assert_true(error.text[0] != '\0');
        refused++;
        continue;
      }
      model.failures = (testudo_failure_kind)(terms % 3);
      model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0;
      model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.1 : 0.0;
      assert_trials(design, &subjects[k], &model);
      cases++;
    }
    testudo_design_free(design);
  }
  assert_int_equal(cases + refused, 10 * 3072);
  print_message("%d combinations, %d refused\n", cases, refused);
  assert_true(cases > 9000);
}

/* ---- no term is without effect ---- */

static bool same_times(const testudo_simulation *a, const testudo_simulation *b)
{
  return memcmp(a->ordered, b->ordered, TRIALS * sizeof *a->ordered) == 0;
}

/* Does the term change nothing, by its meaning? A signal is sent only where the server answers progress; a share is a
   chunk where N = m. */
static bool means_nothing(const subject *s, int term)
{
  if (term == SIGNAL)
    return s->report == TESTUDO_REPORT_WHOLE || s->kind == BLOCKS;
  return term == SHARES && s->load == 3;
}

static void every_term_changes_the_times(void **state)
{
  (void)state;
  for (size_t k = 0; k < SUBJECTS; k++) {
    testudo_design *design = design_of(&subjects[k]);
    testudo_delay_model model = model_of(0);
    testudo_simulation *plain = run(design, &subjects[k], &model);
    for (int term = 1; term <= LAST_TERM; term *= 2) {
      if (is_refused(&subjects[k], term))
        continue;
      model = model_of(term);
      testudo_simulation *other = run(design, &subjects[k], &model);
      if (same_times(plain, other) != means_nothing(&subjects[k], term))
        fail_msg("%s: term %d", subjects[k].name, term);
      testudo_simulation_free(other);
    }
    testudo_simulation_free(plain);
    testudo_design_free(design);
  }
}

/* ---- a plain model drawn as one that is not ---- */

static void slots_of_steps_hold_the_plain_times(void **state)
{
  (void)state;
  int cases = 0;
  for (size_t k = 0; k < SUBJECTS; k++) {
    testudo_design *design = design_of(&subjects[k]);
    for (int terms = 0; terms <= (RATES | ADDITIVE); terms++) {
      testudo_delay_model model = model_of(terms);
      testudo_simulation_options options = {.report = subjects[k].report, .trials = 1};
      testudo_i_plan plain, timed;
      testudo_i_failures failures;
      double one[64], other[256];
      if ((terms & ~(RATES | ADDITIVE)) || is_refused(&subjects[k], terms))
        continue;
      assert_ok(testudo_i_plan_make(&plain, design, &model, &options, NULL));
      if (plain.rule.work != NULL) { /* its steps are blocks: nothing comes after them */
        testudo_i_plan_clear(&plain);
        continue;
      }
      assert_ok(testudo_i_plan_make_further(&timed, design, &model, &options, 2, NULL));
      assert_ok(testudo_i_failures_make(&failures, WORKERS, NULL));
      assert_true(!plain.terms && timed.terms);
      for (int64_t trial = 0; trial < TRIALS; trial++) {
        testudo_i_draw_base(&plain, 4, trial, &failures, one);
        testudo_i_draw_base(&timed, 4, trial, &failures, other);
        for (int32_t j = 0; j < WORKERS; j++)
          for (int32_t s = 1; s <= testudo_design_steps(design, j); s++)
            assert_true(testudo_i_time_of(&plain, one, 1, 0, j, s) == testudo_i_time_of(&timed, other, 1, 0, j, s));
      }
      testudo_i_failures_clear(&failures);
      testudo_i_plan_clear(&plain);
      testudo_i_plan_clear(&timed);
      cases++;
    }
    testudo_design_free(design);
  }
  assert_true(cases > 2 * (int)SUBJECTS);
}

/* ---- known values ---- */

/* K of 10 with A = S + 3 X + Y, by another's quadrature. */
static void order_statistics_of_arrivals(void **state)
{
  (void)state;
  static const int32_t wait[4] = {10, 9, 7, 5};
  static const double wanted[4] = {10.240773825, 7.240400116, 4.736565657, 3.370479006};
  testudo_delay_model model = {.law = law[LAW_X], .startup = law[LAW_STARTUP], .message = law[LAW_MESSAGE]};
  for (int k = 0; k < 4; k++) {
    testudo_assignment assignment = empty_assignment(10, 30, 30);
    for (int32_t e = 0; e < 30; e++) {
      assignment.chunk[e] = e;
      assignment.row[e / 3 + 1] = e + 1;
    }
    testudo_design *design = design_over(TESTUDO_SCHEME_IGNORE_STRAGGLERS, &assignment,
                                         &(testudo_i_ingredients){.parts = 1, .wait = wait[k]});
    testudo_simulation *found =
        simulate(design, &model, &(testudo_simulation_options){.trials = 200000, .seed = 31, .threads = 1});
    assert_near(found->mean, wanted[k], 4.5 * found->stderr_mean);
    /* Three percent off, or without messages, is seen. */
    assert_true(fabs(found->mean - 1.03 * wanted[k]) > 6.0 * found->stderr_mean);
    assert_true(fabs(found->mean - (wanted[k] - 0.2)) > 6.0 * found->stderr_mean);
    testudo_simulation_free(found);
    testudo_design_free(design);
  }
}

/* All alike and constant: S = 1, o = 0.25, X = 2, Y = 3, signal 0.5, by hand. */
static void constant_times_by_hand(void **state)
{
  (void)state;
  static const double wanted[SUBJECTS] = {
      1 + 2 * 2.25 + 3,         /* uncoded: two chunks, a message */
      1 + 2 * 2.25 + 3,         1 + 3 * 2.25 + 3, 1 + 3 * 2.25 + 3,
      1 + 3 * 2.25 + 1.5,       /* half messages */
      1 + 3 * 2.25 + 1.5,       1 + 2.25 + 0.5 + 3, /* every chunk is done once when everybody has done one */
      1 + 2 * 2.25 + 0.5 + 1.5, 1 + 2.25 + 0.5 + 3,
      /* Blocks: C_0 = 1 + .25 + 3/8 2 = 2, there at 2 + 9/8; C_1 = 1 + 4 (.25) + (3 + 3 5)/8 2 = 6.5, and 15/8. */
      6.5 + 1.875};
  testudo_law *x = law_of("deterministic:2"), *s = law_of("deterministic:1"), *y = law_of("deterministic:3");
  testudo_delay_model model = {.law = x, .startup = s, .message = y, .overhead = 0.25, .signal = 0.5};
  for (size_t k = 0; k < SUBJECTS; k++) {
    testudo_design *design = design_of(&subjects[k]);
    testudo_simulation *found = run(design, &subjects[k], &model);
    if (found->completion[0] != wanted[k])
      fail_msg("%s: %.17g, wanted %.17g", subjects[k].name, found->completion[0], wanted[k]);
    assert_true(found->completion[TRIALS - 1] == wanted[k]);
    testudo_simulation_free(found);
    testudo_design_free(design);
  }
  /* A slow link: the second block waits for the first. 2 + 3/8 30, then 5/8 30. */
  testudo_law *slow = law_of("deterministic:30");
  model.message = slow;
  testudo_design *design = design_of(&subjects[SUBJECTS - 1]);
  testudo_simulation *found = run(design, &subjects[SUBJECTS - 1], &model);
  assert_true(found->completion[0] == 32.0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(slow);
  testudo_law_free(x);
  testudo_law_free(s);
  testudo_law_free(y);
}

/* All workers of a nested code reach the level at once: n - s are named, those of the lowest numbers. */
static void ties_are_named_by_number(void **state)
{
  (void)state;
  testudo_law *x = law_of("deterministic:1"), *y = law_of("mixture:0.5,deterministic:1,deterministic:100");
  static const int32_t wide[1] = {2};
  testudo_design *design = NULL;
  assert_ok(testudo_design_create_nested(WORKERS, wide, 1, 1, "", &design, NULL));
  testudo_delay_model model = {.law = x, .message = y};
  testudo_simulation *found = run(design, &subjects[8], &model);
  for (int64_t trial = 0; trial < TRIALS; trial++) {
    double latest = 0.0;
    for (int32_t j = 0; j < WORKERS - 2; j++)
      latest = fmax(latest, word_of(y, 9, TESTUDO_I_FOR_MESSAGE, trial, j));
    assert_true(found->ordered[trial] == 3.0 + latest);
  }
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(x);
  testudo_law_free(y);
}

/* ---- deadlines, decoders, work ---- */

/* Something is missing at t exactly where T > t. */
static void errors_at_deadlines_are_those_of_late_trials(void **state)
{
  (void)state;
  testudo_law *y = law_of("deterministic:0.31");
  for (size_t k = 0; k < SUBJECTS; k++) {
    const subject *s = &subjects[k];
    if (s->kind == FINISH && s->need != WORKERS)
      continue; /* estimates, or least squares, which may be 0 before the rule holds */
    if (s->report == TESTUDO_REPORT_WHOLE && s->parts > 1)
      continue; /* has no error at deadlines */
    testudo_design *design = design_of(s);
    testudo_delay_model model = model_of(STARTUP | OVERHEAD | SIGNAL | SLOW | (s->kind == BLOCKS ? 0 : MIXED));
    model.message = y;
    testudo_simulation *first = run(design, s, &model);
    double times[4] = {first->ordered[3], nextafter(first->ordered[3], 0), 0.2, first->ordered[7]};
    const testudo_simulation_options options = {.report = s->report, .trials = TRIALS, .seed = 9, .times = times,
                                                .time_count = 4, .threads = 1};
    testudo_simulation *found = simulate(design, &model, &options);
    for (int d = 0; d < 4; d++) {
      double late = TRIALS * (1.0 - testudo_simulation_cdf(first, times[d]));
      assert_near((double)found->error_trials[d], late, 1e-6);
    }
    assert_true(found->error_trials[2] == TRIALS);
    testudo_simulation_free(found);
    testudo_simulation_free(first);
    /* Of a random time the server cannot know when to ask. */
    model.message = law[LAW_MESSAGE];
    testudo_status status = testudo_simulate(design, &model, &options, &found, NULL);
    bool announces = s->report == TESTUDO_REPORT_CHUNK && s->kind != BLOCKS;
    assert_int_equal(status, announces ? TESTUDO_ERROR_ARGUMENT : TESTUDO_OK);
    testudo_simulation_free(found);
    testudo_design_free(design);
  }
  testudo_law_free(y);
}

/* Workers of uncoded training send when they have finished: chunks that they have not sent are not there. */
static void uncoded_chunks_are_not_sent_one_by_one(void **state)
{
  (void)state;
  static const double times[1] = {2.0};
  testudo_design *design = design_of(&subjects[0]);
  testudo_delay_model model = model_of(SIGNAL);
  testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = 8, .times = times, .time_count = 1};
  testudo_simulation *found;
  testudo_error error;
  assert_status(testudo_simulate(design, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "is not defined"));
  options.report = TESTUDO_REPORT_WHOLE;
  testudo_simulation_free(simulate(design, &model, &options));
  testudo_design_free(design);
}

static void decoders_agree_with_the_rules(void **state)
{
  (void)state;
  for (size_t k = 0; k < SUBJECTS; k++) {
    if (k == 1)
      continue; /* ignore-stragglers estimates */
    testudo_design *design = design_of(&subjects[k]);
    testudo_delay_model model = model_of(STARTUP | OVERHEAD | MESSAGE | SIGNAL | SLOW | DOMAINS | CLASSES);
    const testudo_simulation_options options = {.report = subjects[k].report, .trials = 200, .seed = 2, .threads = 2,
                                                .decode_trials = 200, .dim = 16};
    testudo_simulation *found = simulate(design, &model, &options);
    assert_int_equal(found->decode.decodes, 200);
    assert_int_equal(found->decode.failures, 0);
    testudo_simulation_free(found);
    testudo_design_free(design);
  }
}

/* Chunks computed until the rule holds, counted from the definition; what is on its way has been computed. */
static void work_ends_when_the_rule_holds(void **state)
{
  (void)state;
  for (size_t k = 0; k < SUBJECTS; k++) {
    const subject *s = &subjects[k];
    testudo_design *design = design_of(s);
    testudo_delay_model model = model_of(STARTUP | MESSAGE | SIGNAL | (s->kind == BLOCKS ? 0 : ADDITIVE));
    const testudo_simulation_options options = {.report = s->report, .trials = TRIALS, .seed = 9};
    testudo_work work;
    double chunks = 0.0;
    for (int64_t trial = 0; trial < TRIALS; trial++) {
      iteration it = iterate(s, &model, 9, trial);
      double t = rule_time(s, &it);
      for (int32_t j = 0; j < WORKERS; j++)
        for (int32_t b = 0; b < (s->kind == BLOCKS ? 2 : s->load); b++)
          if (it.c[j][b] <= t)
            chunks += s->kind == BLOCKS ? (tolerance[b] + 1) * (double)block_size[b] / 8 : 1;
    }
    assert_ok(testudo_simulate_work(design, &model, &options, &work, NULL));
    assert_close(work.chunks, chunks / TRIALS, 1e-12);
    testudo_design_free(design);
  }
}

/* With messages a nested code may be earlier: it asks fewer. */
static void nested_beside_partial_with_messages(void **state)
{
  (void)state;
  const subject *nested = &subjects[8], *partial = &subjects[6];
  testudo_design *design = design_of(nested);
  testudo_partial_gain *gain;
  double sum = 0.0;
  for (int random = 0; random < 2; random++) {
    testudo_law *y = law_of(random ? "exp:0.5" : "deterministic:0.7");
    testudo_delay_model model = {.law = law[LAW_X], .startup = law[LAW_STARTUP], .message = y, .signal = 0.1};
    const testudo_simulation_options options = {.trials = 1000, .seed = 9, .threads = 1};
    assert_ok(testudo_simulate_partial_gain(design, &model, &options, &gain, NULL));
    sum = 0.0;
    for (int64_t trial = 0; trial < 1000; trial++) {
      iteration it = iterate(nested, &model, 9, trial);
      sum += iteration_time(nested, &model, &it) - iteration_time(partial, &model, &it);
    }
    assert_near(gain->mean, sum / 1000, 1e-12);
    assert_int_equal(gain->count, 1000);
    assert_true(random == (gain->gain[0] < 0.0));
    for (int64_t k = 1; k < gain->count; k++)
      assert_true(gain->gain[k - 1] <= gain->gain[k]);
    testudo_partial_gain_free(gain);
    testudo_law_free(y);
  }
  testudo_design_free(design);
}

static void threads_change_no_bit(void **state)
{
  (void)state;
  testudo_design *design = design_of(&subjects[7]);
  testudo_delay_model model = model_of(STARTUP | OVERHEAD | MESSAGE | SIGNAL | SLOW | DOMAINS | CLASSES | MIXED);
  testudo_simulation *found[2];
  for (int k = 0; k < 2; k++)
    found[k] = simulate(design, &model, &(testudo_simulation_options){.trials = 5000, .seed = 3, .threads = 1 + 2 * k,
                                                                      .keep_order = true});
  assert_memory_equal(found[0]->ordered, found[1]->ordered, 5000 * sizeof(double));
  assert_true(found[0]->mean == found[1]->mean && found[0]->stddev == found[1]->stddev);
  testudo_simulation_free(found[0]);
  testudo_simulation_free(found[1]);
  testudo_design_free(design);
}

/* E[min(T, t)] and its standard error, once more. */
static void means_until_a_time(void **state)
{
  (void)state;
  testudo_design *design = design_of(&subjects[2]);
  testudo_delay_model model = {.law = law[LAW_X], .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  testudo_simulation *found = simulate(
      design, &model, &(testudo_simulation_options){.trials = 4000, .seed = 3, .threads = 1, .keep_order = true});
  assert_true(found->never > 100);
  for (double t = 0.0; t < 20.0; t += 1.7) {
    double sum = 0.0, squares = 0.0, spread;
    for (int k = 0; k < 4000; k++) {
      double cut = fmin(found->ordered[k], t);
      sum += cut / 4000;
      squares += cut * cut / 4000;
    }
    assert_near(testudo_simulation_mean_until(found, t, &spread), sum, 1e-12);
    assert_near(spread, sqrt((squares - sum * sum) / 3999), 1e-9);
  }
  testudo_simulation_free(found);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_combination_is_the_definition),
      cmocka_unit_test(every_term_changes_the_times),
      cmocka_unit_test(slots_of_steps_hold_the_plain_times),
      cmocka_unit_test(order_statistics_of_arrivals),
      cmocka_unit_test(constant_times_by_hand),
      cmocka_unit_test(ties_are_named_by_number),
      cmocka_unit_test(errors_at_deadlines_are_those_of_late_trials),
      cmocka_unit_test(uncoded_chunks_are_not_sent_one_by_one),
      cmocka_unit_test(decoders_agree_with_the_rules),
      cmocka_unit_test(work_ends_when_the_rule_holds),
      cmocka_unit_test(nested_beside_partial_with_messages),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(means_until_a_time),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
