/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of waiting for uncoded training, by enumeration of two-point laws and by the definition; replays, and the
   intervals of what they say. */
#include "iteration.h"

#define SLOTS 4 /* workers of the enumerated cluster */

/* Worker j has one chunk; with `uneven`, worker 0 has two. */
static testudo_design *uncoded(int32_t workers, bool uneven)
{
  testudo_assignment assignment = empty_assignment(workers, workers + uneven, workers + uneven);
  for (int32_t j = 0, e = 0; j < workers; j++) {
    for (int32_t k = 0; k < 1 + (uneven && j == 0); k++, e++)
      assignment.chunk[e] = e;
    assignment.row[j + 1] = e;
  }
  return design_over(TESTUDO_SCHEME_UNCODED, &assignment, &(testudo_i_ingredients){.parts = 1});
}

static testudo_simulation *wait_for(const testudo_design *design, const testudo_delay_model *model,
                                    const testudo_waiting_rule *rule, int64_t trials, testudo_waiting *waiting)
{
  testudo_simulation *found = NULL;
  testudo_error error = {""};
  const testudo_simulation_options options = {.trials = trials, .seed = 12, .threads = 2, .keep_order = true};
  if (testudo_simulate_waiting(design, model, rule, &options, &found, waiting, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return found;
}

/* X is 1 with probability .7, else 5: all 16 outcomes of four workers. */
static void ignoring_stragglers_by_enumeration(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.7,deterministic:1,deterministic:5");
  testudo_design *design = uncoded(SLOTS, false);
  testudo_delay_model model = {.law = law};
  static const testudo_waiting_rule rules[4] = {{TESTUDO_WAITING_IGNORE, 0.5, 2, 0},
                                                {TESTUDO_WAITING_IGNORE, 0.0, 3, 0},
                                                {TESTUDO_WAITING_IGNORE, 1.25, 4, 0},
                                                {TESTUDO_WAITING_IGNORE, 9.0, 1, 0}};
  for (int k = 0; k < 4; k++) {
    double mean = 0.0, missing = 0.0;
    for (int set = 0; set < 16; set++) {
      int late = __builtin_popcount((unsigned)set), early = SLOTS - late;
      double p = pow(0.7, early) * pow(0.3, late), first = early > 0 ? 1.0 : 5.0;
      double t = fmax((1.0 + rules[k].slack) * first, early >= rules[k].least ? 1.0 : 5.0);
      t = fmin(t, late > 0 ? 5.0 : 1.0);
      mean += p * t;
      missing += t < 5.0 ? p * late : 0.0;
    }
    testudo_waiting waiting;
    testudo_simulation *found = wait_for(design, &model, &rules[k], 40000, &waiting);
    assert_near(found->mean, mean, 5.0 * found->stderr_mean + 1e-12);
    assert_near(waiting.missing, missing, 5.0 * waiting.missing_stderr + 1e-12);
    assert_true(waiting.copies == 0.0 && (missing > 0.0) == (waiting.missing_trials > 0));
    testudo_simulation_free(found);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* The same cluster with second copies. Additive: a copy draws anew. At A_(q) the late ones, by number, meet the early
   ones; a helper's second chunk is 1 or 5 again. With q = 2 of 4: two late at least one copy each. */
static void second_copies_by_enumeration(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.7,deterministic:1,deterministic:5");
  testudo_design *design = uncoded(SLOTS, false);
  for (int additive = 0; additive < 2; additive++) {
    testudo_delay_model model = {.law = law, .signal = 0.5,
                                 .structure = additive ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED};
    const testudo_waiting_rule rule = {TESTUDO_WAITING_COPY, 0, 0, 0.5};
    double mean = 0.0, copies = 0.0;
    for (int set = 0; set < 256; set++) {
      int late = __builtin_popcount((unsigned)set & 15), again = __builtin_popcount((unsigned)set >> 4);
      double p = pow(0.7, 8 - late - again) * pow(0.3, late + again), t = 1.0;
      /* Everybody is done at A_(2) = 5 where more than two are late, and where none is. */
      if (late > 2)
        t = 5.0;
      if (late == 1 || late == 2) {
        /* Helpers are the first `late` early workers; worker j's second chunk is bit 4 + j, scaled: 1 as its first. */
        int helper = 0;
        copies += p * late;
        for (int copy = 0; copy < late; copy++, helper++) {
          while (set >> helper & 1)
            helper++;
          double second = additive && (set >> (4 + helper) & 1) ? 5.0 : 1.0;
          t = fmax(t, fmin(5.0, 1.0 + 0.5 + second));
        }
      }
      mean += p * t;
    }
    testudo_waiting waiting;
    testudo_simulation *found = wait_for(design, &model, &rule, 40000, &waiting);
    assert_near(found->mean, mean, 5.0 * found->stderr_mean);
    assert_near(waiting.copies, copies, 5.0 * waiting.copies_stderr);
    assert_true(waiting.missing == 0.0);
    testudo_simulation_free(found);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Trial by trial from the definition of an iteration: all terms, uneven loads left out. */
static void waiting_is_the_definition(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1"), *s = law_of("shifted-exp:0.5,2"), *y = law_of("exp:3");
  const subject *u = &subjects[0];
  testudo_design *design = design_of(u);
  testudo_delay_model model = {.law = x, .startup = s, .message = y, .overhead = 0.1, .signal = 0.2,
                               .failures = TESTUDO_FAILURES_NONE};
  const testudo_waiting_rule ignore = {TESTUDO_WAITING_IGNORE, 0.3, 3, 0}, copy = {TESTUDO_WAITING_COPY, 0, 0, 0.6};
  testudo_waiting waiting;
  testudo_simulation *ignored = wait_for(design, &model, &ignore, 500, &waiting);
  double missing = 0.0;
  for (int64_t trial = 0; trial < 500; trial++) {
    iteration it = iterate(u, &model, 12, trial);
    double t = fmin(smallest(it.arrival, 6, 6), fmax(1.3 * smallest(it.arrival, 6, 1), smallest(it.arrival, 6, 3)));
    assert_close(ignored->ordered[trial], t, 1e-14);
    for (int32_t j = 0; j < WORKERS; j++)
      missing += it.arrival[j] > t ? 2.0 / 500 : 0.0;
  }
  assert_close(waiting.missing, missing, 1e-12);
  testudo_simulation *copied = wait_for(design, &model, &copy, 500, &waiting);
  assert_true(waiting.copies == 2.0); /* ceil(.6 6) = 4 have finished */
  for (int64_t trial = 0; trial < 500; trial++) {
    iteration it = iterate(u, &model, 12, trial);
    double begin = smallest(it.arrival, 6, 4), last = begin;
    for (int32_t j = 0, helped = 0; j < WORKERS; j++) {
      if (it.arrival[j] <= begin)
        continue;
      int32_t h = 0;
      while (it.arrival[h] != smallest(it.arrival, 6, helped + 1))
        h++;
      helped++;
      double chunk = it.c[h][1] - it.c[h][0]; /* scaled: as long as its own */
      last = fmax(last, fmin(it.arrival[j], begin + 0.2 + 2 * chunk + it.message[h]));
    }
    assert_close(copied->ordered[trial], last, 1e-12);
  }
  testudo_simulation_free(ignored);
  testudo_simulation_free(copied);
  testudo_design_free(design);
  testudo_law_free(x);
  testudo_law_free(s);
  testudo_law_free(y);
}

/* A failed worker is never there: ignored, or replaced by a copy. */
static void waiting_with_failures(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:1");
  testudo_design *design = uncoded(SLOTS, true);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  testudo_waiting_rule rule = {TESTUDO_WAITING_IGNORE, 0.5, 3, 0};
  testudo_waiting waiting;
  testudo_simulation *found = wait_for(design, &model, &rule, 2000, &waiting);
  /* Worker 0, with two chunks at 2, has failed: 1.5 and two are missing; otherwise 2, the third of three. */
  assert_int_equal(found->never, 0);
  assert_true(found->completion[0] == 1.5 && found->completion[1999] == 2.0);
  assert_int_equal(waiting.missing_trials, 2000);
  assert_near(waiting.missing, 1.25, 0.06);
  testudo_simulation_free(found);
  rule.least = 4;
  found = wait_for(design, &model, &rule, 2000, &waiting);
  assert_int_equal(found->never, 2000);
  assert_true(isnan(found->mean) && isnan(waiting.missing));
  testudo_simulation_free(found);
  rule = (testudo_waiting_rule){TESTUDO_WAITING_COPY, 0, 0, 0.5};
  found = wait_for(design, &model, &rule, 2000, &waiting);
  /* At 1 the others have finished. Two chunks of worker 0, 2 each way; a failed worker's one chunk again at 2. */
  assert_int_equal(found->never, 0);
  assert_true(found->completion[0] == 2.0 && found->completion[1999] == 3.0);
  testudo_simulation_free(found);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void waiting_refuses(void **state)
{
  (void)state;
  static const testudo_waiting_rule rules[5] = {{TESTUDO_WAITING_IGNORE, -0.1, 1, 0},
                                                {TESTUDO_WAITING_IGNORE, 0.1, 0, 0},
                                                {TESTUDO_WAITING_IGNORE, 0.1, SLOTS + 1, 0},
                                                {TESTUDO_WAITING_COPY, 0, 0, 1.0},
                                                {(testudo_waiting_kind)7, 0, 0, 0.5}};
  testudo_law *law = law_of("exp:1");
  testudo_design *design = uncoded(SLOTS, false), *other = cyclic_design(TESTUDO_SCHEME_PARTIAL, 5, 2, 1, 0);
  testudo_delay_model model = {.law = law};
  const testudo_simulation_options options = {.trials = 10};
  testudo_simulation *found;
  testudo_waiting waiting;
  for (int k = 0; k < 5; k++)
    assert_status(testudo_simulate_waiting(design, &model, &rules[k], &options, &found, &waiting, NULL),
                  TESTUDO_ERROR_ARGUMENT);
  const testudo_waiting_rule fine = {TESTUDO_WAITING_COPY, 0, 0, 0.5};
  assert_status(testudo_simulate_waiting(other, &model, &fine, &options, &found, &waiting, NULL),
                TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_design_free(other);
  testudo_law_free(law);
}

/* ---- replays ---- */

static const char small[] = "worker,iteration,chunk,seconds\n"
                            "0,0,0,1\n0,0,1,2\n1,0,0,4\n1,0,1,1\n"
                            "0,1,0,3\n0,1,1,1\n1,1,0,1\n1,1,1,1\n"
                            "0,2,0,2\n0,2,1,2\n1,2,0,1\n1,2,1,6\n";

/* Two workers of one, two and three chunks each. */
static double replayed_time(const testudo_delay_model *model, int32_t load, int64_t trial)
{
  testudo_assignment assignment = empty_assignment(2, 2 * load, 2 * load);
  for (int32_t e = 0; e < 2 * load; e++) {
    assignment.chunk[e] = e;
    assignment.row[e / load + 1] = e + 1;
  }
  testudo_design *design = design_over(TESTUDO_SCHEME_UNCODED, &assignment, &(testudo_i_ingredients){.parts = 1});
  testudo_simulation *found =
      simulate(design, model, &(testudo_simulation_options){.trials = 9, .seed = 1, .threads = 1, .keep_order = true});
  double t = found->ordered[trial];
  testudo_simulation_free(found);
  testudo_design_free(design);
  return t;
}

static void replays_by_hand(void **state)
{
  (void)state;
  static const double one[3] = {4, 3, 2}, two[3] = {5, 4, 7}, three[3] = {6, 6, 11};
  testudo_replay *replay = replay_of(small);
  testudo_delay_model model = {.replay = replay};
  for (int64_t trial = 0; trial < 9; trial++) {
    assert_true(replayed_time(&model, 1, trial) == one[trial % 3]);
    assert_true(replayed_time(&model, 2, trial) == two[trial % 3]);
    assert_true(replayed_time(&model, 3, trial) == three[trial % 3]);
    /* A share is both measured chunks: one chunk per share is their sum, two are the chunks themselves. */
    model.unit = TESTUDO_UNIT_SHARE;
    assert_true(replayed_time(&model, 1, trial) == two[trial % 3]);
    assert_true(replayed_time(&model, 2, trial) == two[trial % 3]);
    model.unit = TESTUDO_UNIT_CHUNK;
  }
  testudo_law *s = law_of("deterministic:10"), *y = law_of("deterministic:100");
  model.startup = s;
  model.message = y;
  assert_true(replayed_time(&model, 2, 4) == 114.0);
  testudo_law_free(s);
  testudo_law_free(y);
  testudo_replay_free(replay);
}

static void replays_refuse(void **state)
{
  (void)state;
  testudo_replay *replay = replay_of(small);
  testudo_delay_model model = {.replay = replay, .unit = TESTUDO_UNIT_SHARE};
  testudo_design *three = uncoded(3, false), *uneven = uncoded(2, true);
  testudo_simulation *found;
  testudo_error error;
  const testudo_simulation_options options = {.trials = 3};
  assert_status(testudo_simulate(three, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the replay has 2 workers, but the design has 3");
  assert_status(testudo_simulate(uneven, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "whole chunks per share"));
  testudo_assignment assignment = empty_assignment(2, 6, 6);
  for (int32_t e = 0; e < 6; e++) {
    assignment.chunk[e] = e;
    assignment.row[e / 3 + 1] = e + 1;
  }
  testudo_design *thirds = design_over(TESTUDO_SCHEME_UNCODED, &assignment, &(testudo_i_ingredients){.parts = 1});
  assert_status(testudo_simulate(thirds, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "do not divide"));
  model.unit = TESTUDO_UNIT_CHUNK;
  model.overhead = 0.1;
  assert_status(testudo_simulate(thirds, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "excludes an overhead"));
  testudo_design_free(three);
  testudo_design_free(uneven);
  testudo_design_free(thirds);
  testudo_replay_free(replay);
}

/* ---- intervals ---- */

/* Normal numbers, each `keep` of the one before; or, repeated, passes over the same iterations. */
static void normal_times(double *t, int64_t count, int64_t iterations, double keep, uint64_t sample)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 3, sample);
  double x = testudo_i_random_normal(&random);
  for (int64_t k = 0; k < count; k++) {
    t[k] = k < iterations ? 20.0 + x : t[k - iterations];
    x = keep * x + sqrt(1.0 - keep * keep) * testudo_i_random_normal(&random);
  }
}

static void intervals_of_independent_times(void **state)
{
  (void)state;
  enum { COUNT = 1000 };
  static const double q[4] = {0.5, 0.9, 0.9995, 0.0005};
  double *t = malloc(3 * COUNT * sizeof *t);
  testudo_interval mean, again, of[4], other[4];
  int64_t block;
  normal_times(t, 3 * COUNT, COUNT, 0.0, 0);
  assert_ok(testudo_replay_intervals(t, COUNT, COUNT, 5, &mean, q, 4, of, &block, NULL));
  assert_int_equal(block, 10);
  /* 1.96 standard errors, 1 / sqrt(1000), each way; twice the standard deviation of a quantile of the normal law. */
  assert_close(mean.high - mean.low, 2 * 1.96 / sqrt(COUNT), 0.15);
  assert_near((mean.low + mean.high) / 2, mean.value, 0.1 * (mean.high - mean.low));
  assert_close(of[0].high - of[0].low, 2 * 1.96 * 1.2533 / sqrt(COUNT), 0.5);
  assert_true(of[0].low <= of[0].value && of[0].value <= of[0].high);
  assert_true(of[1].value > 21.0 && of[1].low < of[1].value && of[1].high > of[1].value);
  /* Beyond one in a thousand a thousand iterations know one end. */
  assert_true(isnan(of[2].value) && isinf(of[2].high) && of[2].low > 22.0);
  assert_true(isnan(of[3].value) && of[3].low == 0.0 && of[3].high < 18.0);
  /* More passes over the same iterations know no more. */
  assert_ok(testudo_replay_intervals(t, 3 * COUNT, COUNT, 5, &again, q, 4, other, &block, NULL));
  assert_near(again.low, mean.low, 1e-9);
  assert_near(again.high, mean.high, 1e-9);
  assert_true(isnan(other[2].value) && other[1].value == of[1].value && other[1].high == of[1].high);
  free(t);
}

/* Iterations that hang together: blocks see it. The variance of the mean is (1 + keep) / (1 - keep) times as large. */
static void intervals_of_dependent_times(void **state)
{
  (void)state;
  enum { COUNT = 8000 };
  double *t = malloc(COUNT * sizeof *t);
  testudo_interval mean;
  int64_t block;
  normal_times(t, COUNT, COUNT, 0.6, 0);
  assert_ok(testudo_replay_intervals(t, COUNT, COUNT, 5, &mean, NULL, 0, NULL, &block, NULL));
  assert_int_equal(block, 20);
  assert_close(mean.high - mean.low, 2 * 1.96 * 2.0 / sqrt(COUNT), 0.2);
  free(t);
}

/* Of 400 samples of 125 dependent iterations, how many have the true mean in their interval? 95 percent and a little
   less, for blocks of 5 miss some of what hangs together; blocks of one would hold it in 73 percent. */
static void intervals_hold_the_mean(void **state)
{
  (void)state;
  double t[125];
  int held = 0;
  for (uint64_t sample = 0; sample < 400; sample++) {
    testudo_interval mean;
    normal_times(t, 125, 125, 0.5, sample);
    assert_ok(testudo_replay_intervals(t, 125, 125, sample, &mean, NULL, 0, NULL, NULL, NULL));
    held += mean.low <= 20.0 && 20.0 <= mean.high;
  }
  print_message("%d of 400 hold the mean\n", held);
  assert_in_range(held, 400 * 82 / 100, 400 * 98 / 100);
}

static void intervals_of_few_or_no_times(void **state)
{
  (void)state;
  static const double same[10] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, q[2] = {0.9, 0.91};
  static const double never[3] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
  testudo_interval mean, of[2];
  assert_ok(testudo_replay_intervals(same, 10, 10, 1, &mean, q, 2, of, NULL, NULL));
  assert_true(mean.value == 3 && mean.low == 3 && mean.high == 3);
  assert_true(of[0].value == 3 && of[0].high == 3 && isnan(of[1].value) && isinf(of[1].high));
  assert_ok(testudo_replay_intervals(never, 3, 3, 1, &mean, q, 1, of, NULL, NULL));
  assert_true(isnan(mean.value) && isnan(mean.low) && isnan(of[0].value) && of[0].low == 0.0);
  assert_status(testudo_replay_intervals(same, 0, 10, 1, &mean, q, 2, of, NULL, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_replay_intervals(same, 10, 10, 1, &mean, same, 1, of, NULL, NULL), TESTUDO_ERROR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ignoring_stragglers_by_enumeration),
      cmocka_unit_test(second_copies_by_enumeration),
      cmocka_unit_test(waiting_is_the_definition),
      cmocka_unit_test(waiting_with_failures),
      cmocka_unit_test(waiting_refuses),
      cmocka_unit_test(replays_by_hand),
      cmocka_unit_test(replays_refuse),
      cmocka_unit_test(intervals_of_independent_times),
      cmocka_unit_test(intervals_of_dependent_times),
      cmocka_unit_test(intervals_hold_the_mean),
      cmocka_unit_test(intervals_of_few_or_no_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
