/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exchanges: their values against values from scratch, and their ends against all orders there are. */
#include "../../property/brute.h"

#include "base/random.h"
#include "optimize/local/local.h"
#include "optimize/local/walk.h"

static testudo_design *random_design(int32_t workers, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_regular(workers, workers, load, seed, &assignment, NULL));
  testudo_order_random(&assignment, seed);
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

/* Of what a case holds; each clears it. */
static testudo_i_arena arena;

static testudo_i_holding board_of(const testudo_design *design)
{
  testudo_assignment orders;
  testudo_i_holding holding;
  assert_ok(testudo_design_orders(design, &orders, NULL));
  assert_ok(testudo_i_holding_make(&holding, &arena, &orders, NULL));
  testudo_assignment_free(&orders);
  return holding;
}

/* Any two slots whose exchange is allowed. */
static void draw(const testudo_i_holding *holding, testudo_i_random *random, int64_t *one, int64_t *other)
{
  do {
    *one = (int64_t)testudo_i_random_below(random, (uint64_t)holding->slots);
    *other = (int64_t)testudo_i_random_below(random, (uint64_t)holding->slots);
  } while (!testudo_i_holding_may_exchange(holding, *one, *other));
}

static void boards_stay_assignments(void **state)
{
  (void)state;
  testudo_design *design = random_design(9, 4, 1, 3);
  testudo_i_holding holding = board_of(design);
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  assert_false(testudo_i_holding_may_exchange(&holding, 2, 2));
  for (int k = 0; k < 500; k++) {
    int64_t one, other;
    draw(&holding, &random, &one, &other);
    testudo_i_holding_exchange(&holding, one, other);
    for (int32_t j = 0; j < 9; j++)
      for (int64_t e = holding.row[j]; e < holding.row[j + 1]; e++)
        for (int64_t f = holding.row[j]; f < e; f++)
          assert_true(holding.chunk[e] != holding.chunk[f]);
    for (int32_t i = 0; i < 9; i++)
      for (int64_t h = holding.holder_row[i]; h < holding.holder_row[i + 1]; h++)
        assert_true(holding.chunk[holding.holder[h]] == i && holding.at[holding.holder[h]] == h);
  }
  testudo_i_arena_clear(&arena);
  testudo_design_free(design);
}

/* Mean over the trials of T, from the plain times. */
static double plain_value(const testudo_i_times *times, const testudo_i_holding *holding, int parts,
                          testudo_i_window window)
{
  double sum = 0;
  for (int64_t r = 0; r < times->trials; r++) {
    float last = 0;
    for (int32_t i = 0; i < holding->chunks; i++) {
      float time[16];
      int count = 0;
      for (int64_t e = 0; e < holding->slots; e++) {
        if (holding->chunk[e] != i)
          continue;
        int32_t j = holding->worker[e];
        float own = times->timed ? times->time[e * times->trials + r]
                                    : (float)(e - holding->row[j] + 1) * times->time[j * times->trials + r];
        int at = count++;
        for (; at > 0 && time[at - 1] > own; at--)
          time[at] = time[at - 1];
        time[at] = own;
      }
      last = time[parts - 1] > last ? time[parts - 1] : last;
    }
    sum += last < window.low ? window.low : last > window.high ? window.high : last;
  }
  return sum / (double)times->trials;
}

/* The three latest chunks of every trial, plainly. */
static void check_latest(const testudo_i_score *score)
{
  int64_t trials = score->times->trials;
  for (int64_t r = 0; r < trials; r++) {
    float top[3] = {-1, -1, -1};
    for (int32_t i = 0; i < score->holding->chunks; i++) {
      float own = score->done[i * trials + r];
      for (int k = 0; k < 3; k++)
        if (own > top[k]) {
          float kept = top[k];
          top[k] = own;
          own = kept;
        }
    }
    for (int k = 0; k < 3; k++)
      assert_true(score->latest[k][r] == top[k]);
    for (int k = 0; k < 2; k++)
      assert_true(score->done[score->who[k][r] * trials + r] == top[k]);
  }
}

static void check_scores(const testudo_delay_model *model, int32_t parts, testudo_i_window window)
{
  testudo_design *design = random_design(8, 4, parts, 7);
  testudo_i_holding holding = board_of(design);
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = model, .stream = 3};
  testudo_i_times times;
  testudo_i_score score;
  testudo_i_random random;
  testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, (uint64_t)parts, 0);
  assert_ok(testudo_i_times_make(&times, &arena, &goal, design, 1 << 20, 1000, NULL));
  assert_int_equal(times.trials, 768);
  assert_ok(testudo_i_score_make(&score, &arena, &times, &holding, parts, NULL));
  score.window = window;
  testudo_i_score_refresh(&score);
  for (int k = 0; k < 60; k++) {
    int64_t one, other;
    double before = score.value;
    check_latest(&score);
    assert_close(before, plain_value(&times, &holding, parts, window), 1e-6);
    draw(&holding, &random, &one, &other);
    double tried = testudo_i_score_try(&score, one, other, HUGE_VAL);
    double early = testudo_i_score_try(&score, one, other, before - 1);
    assert_true(early > before - 1 || early == tried);
    testudo_i_score_exchange(&score, one, other);
    assert_close(tried, score.value, 1e-5);
  }
  testudo_i_arena_clear(&arena);
  testudo_design_free(design);
}

static void scores_are_those_from_scratch(void **state)
{
  (void)state;
  static const double rates[] = {1, 2, 4, 1, 0.5, 3, 1, 2};
  const testudo_i_window all = {0, 100}, some = {0.7f, 1.3f};
  testudo_law *law = law_of("shifted-exp:0.2,1");
  const testudo_delay_model models[] = {
      {.law = law},
      {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE, .rates = rates, .workers = 8},
      {.law = law, .rates = rates, .workers = 8, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2}};
  for (int k = 0; k < 3; k++)
    for (int32_t parts = 1; parts <= 3; parts++)
      check_scores(&models[k], parts, parts == 2 ? some : all);
  testudo_law_free(law);
}

static void errors_are_those_from_scratch(void **state)
{
  (void)state;
  testudo_law *law = law_of("pareto:0.5,1.7");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
  for (int32_t parts = 1; parts <= 3; parts++) {
    testudo_design *design = random_design(8, 4, parts, 7), *made;
    testudo_i_holding holding = board_of(design);
    testudo_i_goal goal = {.objective = {.kind = TESTUDO_OBJECTIVE_MSE, .at = 1.9}, .model = &model};
    testudo_i_missing missing;
    testudo_i_random random;
    testudo_assignment orders;
    testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, (uint64_t)parts, 1);
    assert_ok(testudo_i_missing_make(&missing, &arena, &goal, &holding, parts, NULL));
    assert_ok(testudo_design_orders(design, &orders, NULL));
    for (int k = 0; k < 40; k++) {
      int64_t one, other;
      double mse;
      draw(&holding, &random, &one, &other);
      double tried = testudo_i_missing_try(&missing, one, other);
      testudo_i_missing_exchange(&missing, one, other);
      memcpy(orders.chunk, holding.chunk, (size_t)holding.slots * sizeof *orders.chunk);
      assert_ok(testudo_i_search_reassign(design, &orders, &made, NULL));
      assert_ok(testudo_expected_error(made, &model, TESTUDO_REPORT_CHUNK, &goal.objective.at, 1, &mse, NULL));
      assert_close(tried, mse, 1e-11);
      assert_close(missing.value, mse, 1e-11);
      testudo_design_free(made);
    }
    testudo_assignment_free(&orders);
    testudo_i_arena_clear(&arena);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* ---- against all orders ---- */

static const int permutations[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

/* Workers hold `load` neighbours; worker j's order is digit j of `number`. */
static brute_design numbered(int workers, int load, int parts, int number)
{
  brute_design design = {.workers = workers, .chunks = workers, .parts = parts};
  int orders = load == 3 ? 6 : 2;
  for (int j = 0; j < workers; j++, number /= orders) {
    const int *order = permutations[load == 3 ? number % orders : 2 * (number % orders)];
    design.load[j] = load;
    for (int k = 0; k < load; k++)
      design.order[j][k] = (j + order[k]) % workers;
  }
  return design;
}

static double brute_value(const brute_design *design, const brute_model *model, const testudo_objective *objective)
{
  brute_law law = brute_enumerate(design, model);
  double value = objective->kind == TESTUDO_OBJECTIVE_MEAN ? law.mean
                 : objective->kind == TESTUDO_OBJECTIVE_MSE ? brute_error(design, model, &law, objective->at)
                 : objective->kind == TESTUDO_OBJECTIVE_DEADLINE ? brute_late(&law, objective->at)
                                                                 : brute_quantile(&law, objective->at);
  free(law.outcome);
  return value;
}

static brute_design of_library(const testudo_design *found)
{
  brute_design design = {.workers = testudo_design_workers(found), .chunks = testudo_design_chunks(found),
                         .parts = testudo_design_parts(found)};
  for (int j = 0; j < design.workers; j++) {
    design.load[j] = testudo_design_load(found, j);
    memcpy(design.order[j], testudo_design_order(found, j), (size_t)design.load[j] * sizeof(int));
  }
  return design;
}

/* The searched order is a best one of all, by enumerated outcomes; `number` is a start. */
static void check_all(int workers, int load, int parts, const brute_model *wanted, const testudo_objective *objective)
{
  int orders = 1;
  double least = HUGE_VAL, most = 0;
  for (int j = 0; j < workers; j++)
    orders *= load == 3 ? 6 : 2;
  for (int number = 0; number < orders; number++) {
    brute_design design = numbered(workers, load, parts, number);
    double value = brute_value(&design, wanted, objective);
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  assert_true(most > 1.01 * least);
  brute_design start = numbered(workers, load, parts, 0);
  testudo_law *law = brute_trace(wanted);
  testudo_design *design = brute_library_design(&start), *better;
  testudo_delay_model model = brute_library_model(wanted, law, workers);
  testudo_latency_goal goal = {.objective = *objective, .model = &model};
  testudo_search_options options = {.seed = 2, .tries = 3};
  testudo_search_result result;
  assert_ok(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_LOCAL, &options, &better, &result, NULL));
  brute_design found = of_library(better);
  assert_close(brute_value(&found, wanted, objective), least, 1e-9);
  assert_true(result.after <= result.before && result.bound <= least * (1 + 1e-9));
  testudo_design_free(better);
  testudo_design_free(design);
  testudo_law_free(law);
}

static brute_model uneven(int failures)
{
  brute_model model = {.atoms = 3, .value = {0.73, 1.91, 4.3}, .weight = {5, 3, 2}, .rate = {1, 2.25, 0.8, 1.4, 1, 1}};
  if (failures == 1) {
    model.failures = TESTUDO_FAILURES_EXACTLY;
    model.failed = 1;
  }
  return model;
}

static void finds_the_best_of_all_orders(void **state)
{
  (void)state;
  const testudo_objective mean = {.kind = TESTUDO_OBJECTIVE_MEAN}, error = {.kind = TESTUDO_OBJECTIVE_MSE, .at = 2.1},
                          early = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 1.513},
                          late = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 3.613};
  brute_model safe = uneven(0), failing = uneven(1);
  check_all(3, 3, 1, &safe, &mean);
  check_all(3, 3, 2, &safe, &mean);
  check_all(4, 2, 1, &safe, &mean);
  check_all(4, 3, 1, &safe, &mean);
  check_all(4, 3, 2, &failing, &mean);
  check_all(3, 3, 1, &safe, &error);
  check_all(4, 3, 2, &failing, &error);
  check_all(3, 3, 1, &safe, &early);
  check_all(4, 3, 1, &safe, &late);
  check_all(4, 3, 2, &failing, &late);
}

/* ---- the whole ---- */

static bool no_more(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return --*(int *)context > 0;
}

/* Whenever it is stopped there is a design, and it is not worse. */
static void stopped_searches_keep_what_there_is(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = random_design(12, 4, 1, 4);
  for (int looks = 1; looks < 2000; looks *= 3) {
    int left = looks;
    testudo_search_monitor monitor = {no_more, &left};
    testudo_latency_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .trials = 2000};
    testudo_search_options options = {.seed = 2, .monitor = &monitor};
    testudo_search_result result;
    testudo_design *better = NULL;
    assert_ok(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_BEST, &options, &better, &result, NULL));
    assert_non_null(better);
    assert_true(result.stopped && result.after <= result.before);
    testudo_design_free(better);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

static bool end_now(void *context, double fraction)
{
  (void)fraction;
  return --*(int *)context > 0;
}

static bool count_look(void *context)
{
  ++*(int *)context;
  return false;
}

/* Drawing the times can be given up; and where a move goes through a million numbers, every move is looked after. */
static void long_steps_are_looked_after(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  for (int k = 0; k < 2; k++) {
    testudo_design *design = cyclic(k == 0 ? 1000 : 1100, 3, 1);
    testudo_i_holding holding = board_of(design);
    int left = 3;
    testudo_monitor monitor = {end_now, &left};
    testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .monitor = &monitor};
    testudo_i_times times;
    testudo_i_score score;
    assert_status(testudo_i_times_make(&times, &arena, &goal, design, 0, 1024, NULL), TESTUDO_INTERRUPTED);
    assert_int_equal(left, 0);
    goal.monitor = NULL;
    assert_ok(testudo_i_times_make(&times, &arena, &goal, design, 0, k == 0 ? 768 : 1024, NULL));
    assert_ok(testudo_i_score_make(&score, &arena, &times, &holding, 1, NULL));
    int looks = 0;
    testudo_i_random random;
    testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
    testudo_i_draws draws = testudo_i_draws_start(&random);
    testudo_i_walk walk = {.score = &score, .holding = &holding, .draws = &draws, .stopped = count_look,
                           .context = &looks};
    testudo_i_walk_descend(&walk, 16);
    assert_int_equal(walk.moves, 16);
    assert_int_equal(looks, k == 0 ? 1 : 16);
    testudo_i_arena_clear(&arena);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* A gain that is reported is there: on trials of another seed it shows again, within its error. */
static void gains_show_again(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = random_design(16, 4, 1, 9), *better;
  testudo_latency_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .trials = 100000,
                               .reassign = true};
  testudo_search_options options = {.seed = 2, .tries = 2};
  testudo_search_result result;
  assert_ok(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_LOCAL, &options, &better, &result, NULL));
  testudo_i_goal again = {.objective = goal.objective, .model = &model, .stream = 77, .trials = 100000};
  testudo_i_comparison comparison;
  assert_ok(testudo_i_goal_compare(&again, design, better, &comparison, NULL));
  double gain = result.after - result.before, error = hypot(result.gain_stderr, comparison.spread);
  assert_true(gain < -0.05 * result.before);
  assert_near(comparison.difference, gain, 5 * error);
  for (int32_t j = 0; j < 16; j++)
    assert_int_equal(testudo_design_load(better, j), testudo_design_load(design, j));
  for (int32_t i = 0; i < 16; i++)
    assert_int_equal(testudo_design_replication(better, i), testudo_design_replication(design, i));
  testudo_design_free(better);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void refuses(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic(5, 2, 1), *plain = uncoded(4, 8), *better;
  testudo_latency_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model};
  testudo_search_options options = {.seed = 1};
  testudo_search_result result;
  testudo_error error;
  assert_status(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_MILP, &options, &better, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "method milp applies to objective qmax only"));
  assert_status(testudo_optimize_latency(plain, &goal, TESTUDO_METHOD_BEST, &options, &better, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "scheme uncoded"));
  assert_null(better);
  testudo_assignment orders;
  assert_ok(testudo_design_orders(plain, &orders, NULL));
  assert_status(testudo_i_search_reassign(plain, &orders, &better, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_assignment_free(&orders);
  testudo_design_free(design);
  testudo_design_free(plain);
  testudo_law_free(law);
}

/* One worker, one chunk: nothing to exchange. */
static void one_of_everything(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic(1, 1, 1), *better;
  const testudo_objective objectives[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                          {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.5},
                                          {.kind = TESTUDO_OBJECTIVE_MSE, .at = 1},
                                          {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 1}};
  static const testudo_search_method methods[] = {TESTUDO_METHOD_BEST, TESTUDO_METHOD_LOCAL, TESTUDO_METHOD_MATCHING};
  for (int k = 0; k < 12; k++) {
    testudo_latency_goal goal = {.objective = objectives[k % 4], .model = &model, .reassign = k > 5};
    testudo_search_options options = {.seed = 1};
    testudo_search_result result;
    assert_ok(testudo_optimize_latency(design, &goal, methods[k / 4], &options, &better, &result, NULL));
    assert_int_equal(result.answer, TESTUDO_OPTIMAL);
    assert_close(result.after, k % 4 == 0 ? 1 : k % 4 == 1 ? log(2) : exp(-1), 1e-8);
    testudo_design_free(better);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(boards_stay_assignments),
      cmocka_unit_test(scores_are_those_from_scratch),
      cmocka_unit_test(errors_are_those_from_scratch),
      cmocka_unit_test(finds_the_best_of_all_orders),
      cmocka_unit_test(stopped_searches_keep_what_there_is),
      cmocka_unit_test(long_steps_are_looked_after),
      cmocka_unit_test(gains_show_again),
      cmocka_unit_test(refuses),
      cmocka_unit_test(one_of_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
