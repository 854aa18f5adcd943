/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types and their mixes: least prices, lists and proofs against enumeration. */
#include "orders.h"

#include "base/random.h"
#include "optimize/qmax/types.h"

static void make_types(int32_t workers, int32_t load, int32_t level, testudo_i_types *types)
{
  testudo_design *design = cyclic_design(workers, load);
  assert_ok(testudo_i_types_make(design, level, types, NULL));
  testudo_design_free(design);
}

/* All words of `holders` worths, not only the sorted ones: values^holders of them. */
static int64_t least_of_words(int values, int holders, int counted, int64_t need, const int64_t *price)
{
  int word[8] = {0}, sorted[8];
  int64_t least = INT64_MAX;
  for (int k = 0; k < holders;) {
    int64_t sum = 0, cost = 0;
    for (k = 0; k < holders; k++) {
      sorted[k] = word[k] + 1;
      cost += price[word[k]];
    }
    qsort(sorted, (size_t)holders, sizeof *sorted, brute_rising);
    for (k = 0; k < counted; k++)
      sum += sorted[k];
    if (sum >= need && cost < least)
      least = cost;
    for (k = 0; k < holders && ++word[k] == values; k++)
      word[k] = 0;
  }
  return least;
}

static void cheapest_type_is_the_cheapest_word(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, 0, 0);
  int cases = 0, empty = 0;
  for (int values = 1; values <= 5; values++)
    for (int level = 1; level <= values; level++) {
      testudo_i_types types;
      make_types(values + 3, values, level, &types);
      int counted = values - level + 1;
      assert_ok(testudo_i_types_room(&types, counted * values + 1, NULL));
      for (int64_t need = 0; need <= counted * values + 1; need++, cases++) {
        int64_t price[5];
        int32_t count[5];
        for (int v = 0; v < values; v++)
          price[v] = (int64_t)testudo_i_random_below(&random, 2000001) - 1000000;
        int64_t least = testudo_i_types_cheapest(&types, 0, need, price, count);
        assert_true(least == least_of_words(values, values, counted, need, price));
        empty += least == INT64_MAX;
        if (least == INT64_MAX)
          continue;
        int64_t cost = 0, sum = 0, taken = 0;
        for (int v = 1; v <= values; v++) {
          cost += count[v - 1] * price[v - 1];
          for (int n = 0; n < count[v - 1]; n++)
            sum += taken++ < counted ? v : 0;
        }
        assert_true(cost == least);
        assert_true(sum >= need);
        assert_true(taken == values);
      }
      testudo_i_types_free(&types);
    }
  assert_true(cases > 100);
  assert_int_equal(empty, 15);
}

static void lists_all_multisets(void **state)
{
  (void)state;
  testudo_i_types types;
  int32_t *rows;
  int64_t count;
  make_types(9, 4, 2, &types);
  assert_ok(testudo_i_types_list(&types, 0, 1000, &rows, &count, NULL));
  assert_int_equal(count, 35); /* 4 of 4 worths, with repetition: C(7, 4) */
  for (int64_t t = 0; t < count; t++) {
    assert_int_equal(rows[t * 5] + rows[t * 5 + 1] + rows[t * 5 + 2] + rows[t * 5 + 3], 4);
    for (int64_t other = 0; other < t; other++)
      assert_memory_not_equal(rows + t * 5, rows + other * 5, 4 * sizeof *rows);
  }
  free(rows);
  assert_ok(testudo_i_types_list(&types, 12, 1000, &rows, &count, NULL));
  assert_int_equal(count, 1); /* the three smallest are 4 each, so all are */
  assert_int_equal(rows[3], 4);
  free(rows);
  assert_ok(testudo_i_types_list(&types, 0, 34, &rows, &count, NULL));
  assert_int_equal(count, -1);
  assert_null(rows);
  testudo_i_types_free(&types);
}

/* Is there a mix of whole numbers? Chunk after chunk, in the order of the rows. */
static bool mix_exists(const int32_t *rows, int64_t count, int values, int64_t from, int64_t chunks, int64_t *left)
{
  if (chunks == 0) {
    for (int v = 0; v < values; v++)
      if (left[v] != 0)
        return false;
    return true;
  }
  for (int64_t t = from; t < count; t++) {
    bool fits = true;
    for (int v = 0; v < values; v++) {
      left[v] -= rows[t * (values + 1) + v];
      fits = fits && left[v] >= 0;
    }
    bool found = fits && mix_exists(rows, count, values, t, chunks - 1, left);
    for (int v = 0; v < values; v++)
      left[v] += rows[t * (values + 1) + v];
    if (found)
      return true;
  }
  return false;
}

static void proofs_agree_with_all_mixes(void **state)
{
  (void)state;
  int by_prices = 0, possible = 0;
  for (int32_t load = 1; load <= 4; load++)
    for (int32_t workers = load; workers <= 8; workers++)
      for (int32_t level = 1; level <= load; level++) {
        testudo_i_types types;
        make_types(workers, load, level, &types);
        int64_t beyond = testudo_i_types_beyond(&types);
        assert_ok(testudo_i_types_room(&types, beyond, NULL));
        for (int64_t need = 1; need <= beyond; need++) {
          testudo_i_type_mix answer;
          bool excluded;
          int32_t *rows;
          int64_t count, left[4] = {workers, workers, workers, workers};
          assert_ok(testudo_i_types_mix(&types, need, NULL, &answer, NULL));
          assert_ok(testudo_i_types_lattice(&types, need, &excluded, NULL));
          assert_ok(testudo_i_types_list(&types, need, 100000, &rows, &count, NULL));
          bool exists = mix_exists(rows, count, load, 0, workers, left);
          free(rows);
          if (exists && (answer != TESTUDO_I_MIX_POSSIBLE || excluded || need == beyond))
            print_error("load %d, workers %d, level %d, need %d\n", (int)load, (int)workers, (int)level, (int)need);
          assert_false(exists && (answer != TESTUDO_I_MIX_POSSIBLE || excluded || need == beyond));
          by_prices += answer == TESTUDO_I_MIX_IMPOSSIBLE;
          possible += exists;
        }
        testudo_i_types_free(&types);
      }
  assert_true(by_prices > 20);
  assert_true(possible > 120);
}

static void divisibility_is_seen_where_it_decides(void **state)
{
  (void)state;
  for (int32_t workers = 5; workers <= 8; workers++) {
    testudo_i_types types;
    testudo_i_type_mix answer;
    bool excluded;
    int32_t *rows;
    int64_t count, left[5] = {workers, workers, workers, workers, workers};
    make_types(workers, 5, 3, &types);
    assert_ok(testudo_i_types_room(&types, 7, NULL));
    assert_ok(testudo_i_types_mix(&types, 7, NULL, &answer, NULL));
    assert_ok(testudo_i_types_lattice(&types, 7, &excluded, NULL));
    assert_ok(testudo_i_types_list(&types, 7, 1000, &rows, &count, NULL));
    assert_int_equal(answer, TESTUDO_I_MIX_POSSIBLE);
    assert_int_equal(excluded, !mix_exists(rows, count, 5, 0, workers, left));
    assert_int_equal(excluded, workers % 3 != 0);
    free(rows);
    testudo_i_types_free(&types);
  }
}

/* Load 5, l = 3, a sum of places of 11: needs a multiple of three chunks. */
static void eleven_needs_a_multiple_of_three(void **state)
{
  (void)state;
  for (int32_t workers = 19; workers <= 33; workers++) {
    testudo_i_types types;
    testudo_i_qmax_limit limit;
    make_types(workers, 5, 3, &types);
    assert_ok(testudo_i_types_limit(&types, NULL, &limit, NULL));
    assert_int_equal(limit.need, workers % 3 == 0 ? 3 * 6 - 11 : 3 * 6 - 12);
    assert_false(limit.stopped);
    testudo_i_types_free(&types);
  }
}

static void large_designs_have_the_bound_of_the_mean(void **state)
{
  (void)state;
  testudo_i_types types;
  testudo_i_qmax_limit limit;
  make_types(3000, 300, 1, &types);
  assert_ok(testudo_i_types_limit(&types, NULL, &limit, NULL));
  assert_int_equal(limit.need, 300 * 301 / 2);
  assert_string_equal(limit.proof, "mean over the chunks, exact");
  testudo_error error;
  assert_status(testudo_i_types_room(&types, limit.need, &error), TESTUDO_ERROR_LIMIT);
  testudo_i_types_free(&types);
}

static bool never(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

static void stopping_leaves_what_is_proved(void **state)
{
  (void)state;
  testudo_i_types types;
  testudo_i_qmax_limit limit;
  testudo_monitor monitor = {never, NULL};
  make_types(20, 6, 3, &types);
  assert_ok(testudo_i_types_limit(&types, &monitor, &limit, NULL));
  assert_true(limit.stopped);
  assert_int_equal(limit.need, testudo_i_types_beyond(&types) - 1);
  testudo_i_types_free(&types);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cheapest_type_is_the_cheapest_word),
      cmocka_unit_test(lists_all_multisets),
      cmocka_unit_test(proofs_agree_with_all_mixes),
      cmocka_unit_test(divisibility_is_seen_where_it_decides),
      cmocka_unit_test(eleven_needs_a_multiple_of_three),
      cmocka_unit_test(large_designs_have_the_bound_of_the_mean),
      cmocka_unit_test(stopping_leaves_what_is_proved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
