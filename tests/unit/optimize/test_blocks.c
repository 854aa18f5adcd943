/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches where chunks are finer than workers: the orders by blocks that they begin with. */
#include "check.h"

#include <testudo/exact.h>
#include <testudo/optimize.h>
#include <testudo/sample.h>

#include "optimize/latency/blocks.h"
#include "optimize/portfolio/pool.h"

static void only_whole_shares_are_finer(void **state)
{
  (void)state;
  assert_true(testudo_i_is_finer(4, 8));
  assert_false(testudo_i_is_finer(4, 4));
  assert_false(testudo_i_is_finer(4, 10));
  assert_false(testudo_i_is_finer(8, 4));
}

/* Without a law none goes by it, of one part there are no twins, and of several these follow. */
static void orders_are_those_that_apply(void **state)
{
  (void)state;
  testudo_slot_order order;
  int32_t alone = 0, twins = 0;
  for (int32_t k = 0; testudo_i_block_order(k, 1, NULL, &order); k++, alone++) {
    assert_int_equal(order.twins, 0);
    assert_null(order.undone);
  }
  for (int32_t k = 0; testudo_i_block_order(k, 3, NULL, &order); k++) {
    assert_int_equal(order.twins, k < alone ? 0 : 3);
    twins += order.twins > 0;
  }
  assert_int_equal(alone, 6);
  assert_int_equal(twins, 5);
  assert_true(testudo_i_block_order(0, 1, NULL, &order));
  assert_string_equal(order.name, "draft");
}

static double exact_mean(const testudo_assignment *orders, const testudo_delay_model *model)
{
  testudo_design *design;
  testudo_latency *latency;
  testudo_summary summary;
  const testudo_analysis_options options = {.report = TESTUDO_REPORT_CHUNK, .max_states = 200000, .rel_error = 1e-9};
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, orders, 1, 1, "", &design, NULL));
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  testudo_latency_free(latency);
  testudo_design_free(design);
  return summary.mean;
}

/* Groups of three, two chunks per share, in natural order, which is the worst there is: one restart of annealing ends
   no worse than the best order by blocks. */
static void a_search_ends_no_worse_than_the_orders_by_blocks(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  const testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  testudo_assignment natural;
  assert_ok(testudo_assignment_frc(6, 12, 3, &natural, NULL));
  double best = HUGE_VAL;
  testudo_slot_order order;
  for (int32_t k = 0; testudo_i_block_order(k, 1, NULL, &order); k++) {
    testudo_assignment orders;
    assert_ok(testudo_assignment_frc(6, 12, 3, &orders, NULL));
    if (testudo_order_by_slots(&orders, &order, NULL) == TESTUDO_OK)
      best = fmin(best, exact_mean(&orders, &model));
    testudo_assignment_free(&orders);
  }
  testudo_design *design, *better;
  testudo_search_result result;
  const testudo_latency_goal goal = {.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = &model};
  const testudo_search_options options = {.seed = 1, .threads = 1, .tries = 1};
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &natural, 1, 1, "", &design, NULL));
  assert_ok(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_LOCAL, &options, &better, &result, NULL));
  assert_near(result.before, exact_mean(&natural, &model), 1e-8);
  assert_true(best < 0.75 * result.before && result.after <= best * (1 + 1e-9));
  testudo_assignment found;
  assert_ok(testudo_design_orders(better, &found, NULL));
  assert_near(result.after, exact_mean(&found, &model), 1e-8);
  testudo_assignment_free(&found);
  testudo_assignment_free(&natural);
  testudo_design_free(better);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* The same by trials: a sum of exponential times with a factor of the worker has no exact law. Annealing on few trials
   must not displace a better order by blocks, as fresh trials of both say. */
static void nor_where_both_are_simulated(void **state)
{
  (void)state;
  testudo_law *law, *chunk;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  assert_ok(testudo_law_parse("exp:1", &chunk, NULL));
  const testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_MIXED, .chunk_law = chunk,
                                     .unit = TESTUDO_UNIT_SHARE};
  testudo_assignment orders;
  testudo_design *design, *better;
  testudo_search_result result;
  const testudo_latency_goal goal = {.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = &model, .trials = 20000};
  const testudo_search_options options = {.seed = 1, .threads = 1, .tries = 1};
  const testudo_simulation_options fresh = {.report = TESTUDO_REPORT_CHUNK, .trials = 40000, .seed = 77, .threads = 1};
  assert_ok(testudo_assignment_frc(3, 6, 3, &orders, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, 1, 1, "", &design, NULL));
  assert_ok(testudo_optimize_latency(design, &goal, TESTUDO_METHOD_LOCAL, &options, &better, &result, NULL));
  testudo_simulation *found, *drafted;
  assert_ok(testudo_simulate(better, &model, &fresh, &found, NULL));
  testudo_slot_order draft;
  assert_true(testudo_i_block_order(0, 1, NULL, &draft));
  assert_ok(testudo_order_by_slots(&orders, &draft, NULL));
  testudo_design_free(better);
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, 1, 1, "", &better, NULL));
  assert_ok(testudo_simulate(better, &model, &fresh, &drafted, NULL));
  assert_true(result.after < 0.8 * result.before);
  assert_true(found->mean < drafted->mean + 4 * hypot(found->stderr_mean, drafted->stderr_mean));
  testudo_simulation_free(found);
  testudo_simulation_free(drafted);
  testudo_assignment_free(&orders);
  testudo_design_free(better);
  testudo_design_free(design);
  testudo_law_free(law);
  testudo_law_free(chunk);
}

/* Every candidate has as many entries as was asked for, and every chunk its parts. */
static void candidates_keep_the_load(void **state)
{
  (void)state;
  for (int32_t parts = 1; parts <= 2; parts++) {
    const testudo_delay_model model = {.structure = TESTUDO_STRUCTURE_ADDITIVE};
    const testudo_portfolio_request request = {.workers = 24, .chunks = 192, .replication = 4, .parts = parts,
                                               .model = &model};
    testudo_i_pool pool = {0};
    bool uneven = false, twins = false;
    assert_ok(testudo_i_pool_fill_finer(&pool, &request, NULL));
    for (size_t k = 0; k < pool.count; k++) {
      const testudo_assignment *orders = &pool.item[k].orders;
      int32_t copies[192] = {0};
      assert_int_equal(orders->row[24], 768);
      for (int64_t e = 0; e < 768; e++)
        copies[orders->chunk[e]]++;
      for (int32_t i = 0; i < 192; i++)
        assert_true(copies[i] >= parts);
      uneven |= strcmp(pool.item[k].name, "groups of 6, uneven copies") == 0;
      twins |= strcmp(pool.item[k].name, "repetition groups, twins of draft") == 0;
      for (size_t i = 0; i < k; i++)
        assert_true(memcmp(pool.item[i].orders.chunk, orders->chunk, 768 * sizeof *orders->chunk) != 0);
    }
    assert_true(pool.count >= 10 && uneven == (parts == 1) && twins == (parts == 2));
    testudo_i_pool_free(&pool);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_whole_shares_are_finer),
      cmocka_unit_test(orders_are_those_that_apply),
      cmocka_unit_test(a_search_ends_no_worse_than_the_orders_by_blocks),
      cmocka_unit_test(nor_where_both_are_simulated),
      cmocka_unit_test(candidates_keep_the_load),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
