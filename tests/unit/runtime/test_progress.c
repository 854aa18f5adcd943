/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <testudo/runtime.h>

#include "designs.h"

/* Counted from the orders alone. */
static int32_t counted_cover(const testudo_design *design, const int32_t *done, int32_t chunk)
{
  int32_t cover = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    for (int32_t k = 0; k < done[j]; k++)
      cover += testudo_design_order(design, j)[k] == chunk;
  return cover;
}

static void assert_equals_a_count(const testudo_design *design, const testudo_progress *progress, const int32_t *done)
{
  int64_t missing = 0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t cover = counted_cover(design, done, i);
    assert_int_equal(testudo_progress_cover(progress, i), cover);
    missing += cover < testudo_design_parts(design) ? testudo_design_parts(design) - cover : 0;
  }
  assert_int_equal(testudo_progress_error(progress), missing);
  if (testudo_design_scheme(design) != TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    assert_int_equal(testudo_progress_decodable(progress), missing == 0);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    assert_int_equal(testudo_progress_done(progress, j), done[j]);
}

/* The next vector with done[j] in 0..load; false after the last. */
static bool next_vector(const testudo_design *design, int32_t *done)
{
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    if (done[j] < testudo_design_load(design, j)) {
      done[j]++;
      return true;
    }
    done[j] = 0;
  }
  return false;
}

static void equals_a_count_on_every_vector_of_small_designs(void **state)
{
  (void)state;
  int cases = 0;
  for (int32_t load = 1; load <= 3; load++)
    for (int32_t parts = 1; parts <= load; parts++) {
      testudo_design *design = cyclic_design(4, load, parts, 1);
      testudo_progress *progress;
      assert_ok(testudo_progress_create(design, &progress, NULL));
      int32_t done[4] = {0};
      do {
        testudo_progress_reset(progress);
        for (int32_t j = 0; j < 4; j++)
          assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
        assert_equals_a_count(design, progress, done);
        cases++;
      } while (next_vector(design, done));
      testudo_progress_free(progress);
      testudo_design_free(design);
    }
  assert_int_equal(cases, 16 + 2 * 81 + 3 * 256);
}

static void equals_a_count_while_a_big_design_advances(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_design *design = random_design(23, 17, 3, 77);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int round = 0; round < 5; round++) {
    int32_t done[23] = {0};
    testudo_progress_reset(progress);
    for (int step = 0; step < 150; step++) {
      int32_t j = (int32_t)testudo_i_random_below(&random, 23);
      int32_t left = testudo_design_load(design, j) - done[j];
      done[j] += (int32_t)testudo_i_random_below(&random, (uint64_t)(left < 3 ? left : 3) + 1);
      assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
      assert_equals_a_count(design, progress, done);
    }
  }
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void uncoded_waits_for_every_worker(void **state)
{
  (void)state;
  testudo_design *design = uncoded_design(3, 7, TESTUDO_SCHEME_UNCODED, 0);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  int32_t done[3] = {0};
  do {
    testudo_progress_reset(progress);
    bool all = true;
    for (int32_t j = 0; j < 3; j++) {
      assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
      all = all && done[j] == testudo_design_load(design, j);
    }
    assert_int_equal(testudo_progress_decodable(progress), all);
    assert_equals_a_count(design, progress, done);
  } while (next_vector(design, done));
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void ignoring_stragglers_waits_for_so_many_workers(void **state)
{
  (void)state;
  testudo_design *design = uncoded_design(3, 7, TESTUDO_SCHEME_IGNORE_STRAGGLERS, 2);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  int32_t done[3] = {0};
  do {
    testudo_progress_reset(progress);
    int finished = 0;
    for (int32_t j = 0; j < 3; j++) {
      assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
      finished += done[j] == testudo_design_load(design, j);
    }
    assert_int_equal(testudo_progress_decodable(progress), finished >= 2);
  } while (next_vector(design, done));
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void a_worker_without_chunks_has_finished_at_once(void **state)
{
  (void)state;
  testudo_design *design = uncoded_design(3, 2, TESTUDO_SCHEME_IGNORE_STRAGGLERS, 1);
  assert_int_equal(testudo_design_load(design, 2), 0);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_true(testudo_progress_decodable(progress));
  assert_ok(testudo_progress_mark(progress, 2, 0, NULL));
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void refuses_to_go_back_or_beyond(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(4, 3, 1, 1);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  testudo_error error;
  assert_ok(testudo_progress_mark(progress, 1, 2, &error));
  assert_status(testudo_progress_mark(progress, 1, 1, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "worker 1 has done 1 chunks, but 2 are marked and it holds 3: it must be in 2..3");
  assert_status(testudo_progress_mark(progress, 1, 4, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_progress_mark(progress, 4, 1, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "worker 4, but workers are 0..3");
  assert_status(testudo_progress_mark(progress, -1, 1, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_progress_done(progress, 1), 2);
  testudo_progress_free(progress);
  testudo_progress_free(NULL);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_a_count_on_every_vector_of_small_designs),
      cmocka_unit_test(equals_a_count_while_a_big_design_advances),
      cmocka_unit_test(uncoded_waits_for_every_worker),
      cmocka_unit_test(ignoring_stragglers_waits_for_so_many_workers),
      cmocka_unit_test(a_worker_without_chunks_has_finished_at_once),
      cmocka_unit_test(refuses_to_go_back_or_beyond),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
