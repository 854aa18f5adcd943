/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door to GLPK: small programmes with known answers, and what happens where GLPK would end the process. */
#include "check.h"

#include <glpk.h>

#include "base/error.h"
#include "optimize/linear.h"

enum { MOST = 64 };

static void put(testudo_i_terms *terms, const int *at, const double *factor, int count)
{
  for (int k = 0; k < count; k++)
    testudo_i_terms_add(terms, at[k], factor[k]);
}

/* Maximise 3 x + 2 y with x + y <= 4, x + 3 y <= 7, x <= 3: x = 3, y = 1, prices 2, 0 and 1 for the limits. */
static void solve_small(testudo_i_linear *linear, testudo_i_terms *terms)
{
  assert_int_equal(testudo_i_linear_add_columns(linear, 2), 1);
  testudo_i_linear_limit_column(linear, 1, 0.0, 3.0);
  testudo_i_linear_limit_column(linear, 2, 0.0, HUGE_VAL);
  testudo_i_linear_cost(linear, 1, 3.0);
  testudo_i_linear_cost(linear, 2, 2.0);
  put(terms, (const int[]){1, 2}, (const double[]){1.0, 1.0}, 2);
  testudo_i_linear_row(linear, terms, -HUGE_VAL, 4.0);
  put(terms, (const int[]){1, 2}, (const double[]){1.0, 3.0}, 2);
  testudo_i_linear_row(linear, terms, -HUGE_VAL, 7.0);
  assert_int_equal(testudo_i_linear_rows(linear), 2);
  assert_int_equal(testudo_i_linear_columns(linear), 2);
  assert_true(testudo_i_linear_solve(linear, 1000));
  assert_ok(testudo_i_linear_check(linear, NULL));
  assert_near(testudo_i_linear_objective(linear), 11.0, 1e-12);
  assert_near(testudo_i_linear_value(linear, 1), 3.0, 1e-12);
  assert_near(testudo_i_linear_value(linear, 2), 1.0, 1e-12);
  assert_near(testudo_i_linear_price(linear, 1), 2.0, 1e-12);
  assert_near(testudo_i_linear_price(linear, 2), 0.0, 1e-12);
}

static void answers_a_small_programme(void **state)
{
  (void)state;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
  testudo_i_terms terms;
  testudo_i_terms_make(&terms, &arena, MOST);
  testudo_i_linear_start(&linear, true);
  solve_small(&linear, &terms);
}

/* x free and x >= -5 and no more: minimise x. A free column has no limit at all. */
static void limits_of_every_kind(void **state)
{
  (void)state;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
  testudo_i_terms terms;
  testudo_i_terms_make(&terms, &arena, MOST);
  testudo_i_linear_start(&linear, false);
  testudo_i_linear_add_columns(&linear, 1);
  testudo_i_linear_limit_column(&linear, 1, -HUGE_VAL, HUGE_VAL);
  testudo_i_linear_cost(&linear, 1, 1.0);
  testudo_i_terms_add(&terms, 1, 2.0);
  testudo_i_linear_row(&linear, &terms, -10.0, 4.0);
  assert_true(testudo_i_linear_solve(&linear, 100));
  assert_near(testudo_i_linear_value(&linear, 1), -5.0, 1e-12);
  bool late;
  int code;
  testudo_i_linear_limit_row(&linear, 1, -6.0, HUGE_VAL);
  assert_true(testudo_i_linear_solve_dual(&linear, 1000, &late, &code));
  assert_false(late);
  assert_near(testudo_i_linear_value(&linear, 1), -3.0, 1e-12);
}

/* Where GLPK may have `megabytes` in all. Far more columns than fit: it would print, and abort. */
static void fill(testudo_i_linear *linear, int megabytes)
{
  glp_mem_limit(megabytes);
  for (int k = 0; k < 64 && !linear->dead; k++)
    testudo_i_linear_add_columns(linear, 100000);
}

static void no_memory_is_an_answer_and_the_next_programme_works(void **state)
{
  (void)state;
  for (int turn = 0; turn < 3; turn++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    testudo_i_linear linear = {0};
    testudo_i_terms terms;
    testudo_error error = {""};
    testudo_i_terms_make(&terms, &arena, MOST);
    testudo_i_linear_start(&linear, false);
    fill(&linear, 4);
    assert_true(linear.dead);
    assert_status(testudo_i_linear_check(&linear, &error), TESTUDO_ERROR_SYSTEM);
    assert_string_equal(error.text, "not enough memory");
    /* Nothing touches what is gone. */
    bool cut, stopped, late;
    int code;
    assert_int_equal(testudo_i_linear_rows(&linear), 0);
    testudo_i_terms_add(&terms, 1, 1.0);
    testudo_i_linear_row(&linear, &terms, 0.0, 1.0);
    assert_int_equal(terms.count, 0);
    assert_false(testudo_i_linear_solve(&linear, 10));
    assert_false(testudo_i_linear_solve_dual(&linear, 10, &late, &code));
    assert_false(late);
    assert_int_equal(testudo_i_linear_branch(&linear, NULL, 0, &cut, &stopped), TESTUDO_I_BRANCH_UNDECIDED);
    assert_true(testudo_i_linear_objective(&linear) == 0.0 && !testudo_i_linear_chosen(&linear, 1));
    testudo_i_linear_drop(&linear);
    testudo_i_linear_start(&linear, true);
    solve_small(&linear, &terms);
    testudo_i_linear_drop(&linear);
  }
}

/* Every size of memory from what the programme itself takes upwards: it ends in the simplex method, in the search, or
   not at all, and the answer is the same wherever there is one. A tenth of the sets of a cover of 24 by pairs. */
static void no_memory_within_a_search(void **state)
{
  (void)state;
  int dead = 0, found = 0;
  for (int megabytes = 1; megabytes <= 12 && found < 2; megabytes++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
    testudo_i_terms terms;
    testudo_i_terms_make(&terms, &arena, 4096);
    testudo_i_linear_start(&linear, false);
    glp_mem_limit(megabytes);
    enum { POINTS = 40, SETS = 1200 };
    testudo_i_linear_add_columns(&linear, SETS);
    for (int k = 1; k <= SETS; k++) {
      testudo_i_linear_binary(&linear, k);
      testudo_i_linear_cost(&linear, k, 1.0);
    }
    for (int p = 0; p < POINTS; p++) {
      for (int k = 0; k < SETS; k++)
        if ((k * 7 + k / POINTS) % POINTS == p || (k * 3 + 1 + k / POINTS) % POINTS == p || k % POINTS == p)
          testudo_i_terms_add(&terms, k + 1, 1.0);
      testudo_i_linear_row(&linear, &terms, 1.0, HUGE_VAL);
    }
    bool cut, stopped;
    testudo_i_branch_answer answer = testudo_i_linear_branch(&linear, NULL, 50, &cut, &stopped);
    if (testudo_i_linear_check(&linear, NULL) != TESTUDO_OK) {
      assert_int_equal(answer, TESTUDO_I_BRANCH_UNDECIDED);
      dead++;
    } else
      found++;
  }
  assert_true(dead > 0 && found > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_a_small_programme),
      cmocka_unit_test(limits_of_every_kind),
      cmocka_unit_test(no_memory_is_an_answer_and_the_next_programme_works),
      cmocka_unit_test(no_memory_within_a_search),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
