/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of tasks: by the formula where nothing is random, by their moments where something is. */
#include "check.h"

#include <stdbool.h>

#include <testudo/delay.h>

#include "delay/model.h"
#include "sgd/clock/tasks.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static testudo_i_tasks *tasks_of(const testudo_delay_model *model, int32_t workers, int32_t blocks, double unit,
                                 double share)
{
  testudo_i_tasks *tasks;
  testudo_error error = {""};
  if (testudo_i_tasks_create(model, workers, blocks, unit, share, 7, &tasks, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return tasks;
}

/* C_k = S + (k o + k u X) / r, and the share of Y, of every structure. */
static void terms_add_up_as_they_are_defined(void **state)
{
  (void)state;
  testudo_law *x = law_of("deterministic:2"), *z = law_of("deterministic:0.5"), *e = law_of("deterministic:4");
  testudo_law *s = law_of("deterministic:0.7"), *y = law_of("deterministic:3");
  const testudo_worker_class classes[2] = {{1, 2.0, NULL}, {1, 0.5, e}};
  for (int structure = 0; structure < 3; structure++) {
    testudo_delay_model model = {.law = x, .startup = s, .message = y, .overhead = 0.1, .classes = classes,
                                 .class_count = 2, .structure = (testudo_structure)structure};
    if (structure == TESTUDO_STRUCTURE_MIXED)
      model.chunk_law = z;
    testudo_i_tasks *tasks = tasks_of(&model, 2, 6, 0.25, 0.5), *longer = tasks_of(&model, 2, 6, 0.25, 2.0);
    for (int32_t j = 0; j < 2; j++) {
      double finished[6], message;
      double draw = (j == 0 ? 2.0 : 4.0) * (structure == TESTUDO_STRUCTURE_MIXED ? 0.5 : 1.0);
      testudo_i_tasks_draw(tasks, j, 3, 6, finished, &message);
      for (int k = 0; k < 6; k++)
        assert_close(finished[k], 0.7 + (k + 1) * (0.1 + 0.25 * draw) / (j == 0 ? 2.0 : 0.5), 1e-14);
      assert_true(message == 1.5);
      testudo_i_tasks_draw(longer, j, 3, 2, finished, &message);
      assert_true(message == 6.0);
    }
    testudo_i_tasks_free(tasks);
    testudo_i_tasks_free(longer);
  }
  testudo_law_free(x);
  testudo_law_free(z);
  testudo_law_free(e);
  testudo_law_free(s);
  testudo_law_free(y);
}

/* Scaled: one draw for all blocks. Mixed: a common factor. Additive: nothing in common. */
static void structures_tie_blocks_together(void **state)
{
  (void)state;
  enum { trials = 40000 };
  testudo_law *x = law_of("exp:1"), *e = law_of("exp:1");
  /* Variance of the sum of two blocks: 4, (1 + 1)^2 .. : E Z^2 E(E1+E2)^2 - 4 = 2 * 6 - 4 = 8, 2. */
  const double wanted[3] = {4.0, 2.0, 8.0};
  for (int structure = 0; structure < 3; structure++) {
    testudo_delay_model model = {.law = x, .structure = (testudo_structure)structure,
                                 .chunk_law = structure == TESTUDO_STRUCTURE_MIXED ? e : NULL};
    testudo_i_tasks *tasks = tasks_of(&model, 3, 2, 1.0, 1.0);
    double sum = 0.0, squares = 0.0, fourth = 0.0;
    for (int t = 0; t < trials; t++) {
      double finished[2], message;
      testudo_i_tasks_draw(tasks, t % 3, t / 3, 2, finished, &message);
      double d = finished[1] - 2.0;
      assert_true(message == 0.0 && finished[0] > 0.0 && finished[1] > finished[0]);
      assert_true((finished[1] == 2.0 * finished[0]) == (structure == TESTUDO_STRUCTURE_SCALED));
      sum += d;
      squares += d * d;
      fourth += d * d * d * d;
    }
    double variance = squares / trials, error = sqrt((fourth / trials - variance * variance) / trials);
    assert_near(sum / trials, 0.0, 5.0 * sqrt(wanted[structure] / trials));
    assert_near(variance, wanted[structure], 5.0 * error);
    testudo_i_tasks_free(tasks);
  }
  testudo_law_free(x);
  testudo_law_free(e);
}

/* Whatever was drawn before, and with how many blocks; methods share draws, seeds and workers do not. */
static void draws_depend_on_seed_worker_and_index_alone(void **state)
{
  (void)state;
  enum { workers = 3, indices = 50 };
  testudo_law *x = law_of("gamma:0.7,2"), *y = law_of("exp:1"), *e = law_of("exp:3");
  for (int structure = 0; structure < 3; structure++) {
    testudo_delay_model model = {.law = x, .startup = y, .message = y, .slow = {0.3, 0.3, 2.0},
                                 .structure = (testudo_structure)structure,
                                 .chunk_law = structure == TESTUDO_STRUCTURE_MIXED ? e : NULL,
                                 .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
    testudo_i_tasks *tasks = tasks_of(&model, workers, 7, 1.0, 1.0), *again = tasks_of(&model, workers, 7, 1.0, 1.0);
    double kept[workers][indices][7], message[workers][indices], finished[7], own;
    for (int i = 0; i < indices; i++)
      for (int j = 0; j < workers; j++)
        testudo_i_tasks_draw(tasks, j, i, 7, kept[j][i], &message[j][i]);
    for (int t = 0; t < 1000; t++) {
      int j = t % workers, i = t * 37 % indices, blocks = 1 + t % 7;
      testudo_i_tasks_draw(again, j, i, blocks, finished, &own);
      assert_memory_equal(finished, kept[j][i], (size_t)blocks * sizeof *finished);
      assert_true(own == message[j][i]);
      assert_true(isinf(own) || kept[(j + 1) % workers][i][0] != finished[0]);
    }
    testudo_i_tasks_free(tasks);
    testudo_i_tasks_free(again);
  }
  testudo_law_free(x);
  testudo_law_free(y);
  testudo_law_free(e);
}

static void slow_states_are_a_stationary_chain(void **state)
{
  (void)state;
  enum { workers = 4000, indices = 30 };
  testudo_law *x = law_of("deterministic:1");
  testudo_delay_model model = {.law = x, .slow = {0.1, 0.3, 4.0}};
  testudo_i_tasks *tasks = tasks_of(&model, workers, 1, 1.0, 1.0);
  int slow[2] = {0, 0}, begun = 0, normal = 0, ended = 0, were_slow = 0;
  for (int j = 0; j < workers; j++)
    for (int i = 0, before = 0; i < indices; i++) {
      double finished, message;
      testudo_i_tasks_draw(tasks, j, i, 1, &finished, &message);
      assert_true(finished == 1.0 || finished == 4.0);
      int now = finished == 4.0;
      slow[0] += i == 0 && now;
      slow[1] += i == indices - 1 && now;
      normal += i > 0 && !before;
      begun += i > 0 && !before && now;
      were_slow += i > 0 && before;
      ended += i > 0 && before && !now;
      before = now;
    }
  for (int k = 0; k < 2; k++)
    assert_near(slow[k] / (double)workers, 0.25, 5.0 * sqrt(0.25 * 0.75 / workers));
  assert_near(begun / (double)normal, 0.1, 5.0 * sqrt(0.09 / normal));
  assert_near(ended / (double)were_slow, 0.3, 5.0 * sqrt(0.21 / were_slow));
  testudo_i_tasks_free(tasks);
  testudo_law_free(x);
}

static void failures_are_as_many_as_the_model_says(void **state)
{
  (void)state;
  enum { workers = 7, indices = 4000 };
  testudo_law *x = law_of("exp:1");
  testudo_delay_model model = {.law = x, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 3, .fail_prob = 0.2};
  for (int each = 0; each < 2; each++) {
    double p = each ? 0.2 : 3.0 / 7.0;
    int lost[workers] = {0}, both = 0;
    model.failures = each ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_EXACTLY;
    testudo_i_tasks *tasks = tasks_of(&model, workers, 2, 1.0, 1.0);
    for (int i = 0; i < indices; i++) {
      int failed = 0;
      bool first = false;
      for (int j = 0; j < workers; j++) {
        double finished[2], message;
        testudo_i_tasks_draw(tasks, j, i, 2, finished, &message);
        bool fails = isinf(finished[0]);
        assert_true(fails == !!isinf(finished[1]) && fails == !!isinf(message));
        failed += fails;
        lost[j] += fails;
        first = j == 0 ? fails : first;
        both += j == 1 && first && fails;
      }
      assert_true(each || failed == 3);
    }
    for (int j = 0; j < workers; j++)
      assert_near(lost[j] / (double)indices, p, 5.0 * sqrt(p * (1.0 - p) / indices));
    double pair = each ? 0.04 : 3.0 / 7.0 * 2.0 / 6.0;
    assert_near(both / (double)indices, pair, 5.0 * sqrt(pair * (1.0 - pair) / indices));
    testudo_i_tasks_free(tasks);
  }
  testudo_law_free(x);
}

static void workers_of_a_domain_share_its_factor(void **state)
{
  (void)state;
  testudo_law *x = law_of("deterministic:2"), *factor = law_of("exp:1");
  const int32_t domain[4] = {0, 1, 0, 1};
  testudo_delay_model model = {.law = x, .domain = domain, .domains = 2, .domain_factor = factor};
  testudo_i_tasks *tasks = tasks_of(&model, 4, 1, 1.0, 1.0);
  double sum = 0.0, finished[4], message, before = 0.0;
  for (int i = 0; i < 10000; i++) {
    for (int32_t j = 0; j < 4; j++)
      testudo_i_tasks_draw(tasks, j, i, 1, &finished[j], &message);
    assert_true(finished[0] == finished[2] && finished[1] == finished[3] && finished[0] != finished[1]);
    assert_true(finished[0] != before);
    before = finished[0];
    sum += finished[0];
  }
  assert_near(sum / 10000, 2.0, 5.0 * 2.0 / 100.0);
  testudo_i_tasks_free(tasks);
  testudo_law_free(x);
  testudo_law_free(factor);
}

/* Two workers, three iterations of two chunks: second s of worker j, iteration i, chunk c is 100 j + 10 i + c + 1. */
static void a_replay_goes_on_into_the_next_iteration(void **state)
{
  (void)state;
  double seconds[12];
  int32_t worker[12], iteration[12], chunk[12];
  for (int r = 0; r < 12; r++) {
    worker[r] = r / 6;
    iteration[r] = r / 2 % 3;
    chunk[r] = r % 2;
    seconds[r] = 100 * worker[r] + 10 * iteration[r] + chunk[r] + 1;
  }
  const testudo_i_trace trace = {.rows = 12, .seconds = seconds, .worker = worker, .iteration = iteration,
                                 .chunk = chunk};
  testudo_replay *replay;
  testudo_error error = {""};
  double finished[3], message;
  assert_ok(testudo_i_replay_make(&trace, "measured", &replay, NULL));
  testudo_delay_model model = {.replay = replay};
  testudo_i_tasks *tasks = tasks_of(&model, 2, 3, 1.0, 1.0);
  testudo_i_tasks_draw(tasks, 1, 5, 3, finished, &message);
  assert_true(finished[0] == 121 && finished[1] == 121 + 122 && finished[2] == 121 + 122 + 101);
  testudo_i_tasks_free(tasks);
  model.unit = TESTUDO_UNIT_SHARE;
  tasks = tasks_of(&model, 2, 1, 1.0, 1.0);
  testudo_i_tasks_draw(tasks, 0, 1, 1, finished, &message);
  assert_true(finished[0] == 11 + 12);
  testudo_i_tasks_free(tasks);
  assert_status(testudo_i_tasks_create(&model, 2, 3, 1.0, 1.0, 1, &tasks, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "worker 0 has 2 measured chunks in iteration 0, which 3 blocks"));
  testudo_replay_free(replay);
}

static void numbers_out_of_range_are_refused(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  const testudo_delay_model model = {.law = x}, none = {.law = NULL};
  testudo_i_tasks *tasks;
  testudo_error error = {""};
  const struct {
    const testudo_delay_model *model;
    int32_t workers, blocks;
    double unit, share;
    const char *sentence;
  } cases[] = {{&model, 0, 1, 1, 1, "0 workers"},      {&model, 1000001, 1, 1, 1, "1..1000000"},
               {&model, 1, 0, 1, 1, "0 blocks"},       {&model, 1, 1, 0, 1, "a block of 0 draws"},
               {&model, 1, 1, 1, -1, "a message of -1"}, {&model, 1, 1, NAN, 1, "a block of nan"},
               {&none, 1, 1, 1, 1, "has no law"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    assert_status(testudo_i_tasks_create(cases[k].model, cases[k].workers, cases[k].blocks, cases[k].unit,
                                         cases[k].share, 1, &tasks, &error),
                  TESTUDO_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, cases[k].sentence));
    assert_null(tasks);
  }
  testudo_law_free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terms_add_up_as_they_are_defined),
      cmocka_unit_test(structures_tie_blocks_together),
      cmocka_unit_test(draws_depend_on_seed_worker_and_index_alone),
      cmocka_unit_test(slow_states_are_a_stationary_chain),
      cmocka_unit_test(failures_are_as_many_as_the_model_says),
      cmocka_unit_test(workers_of_a_domain_share_its_factor),
      cmocka_unit_test(a_replay_goes_on_into_the_next_iteration),
      cmocka_unit_test(numbers_out_of_range_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
