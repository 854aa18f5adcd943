/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LAW shift:x,LAW: all of it from the law that is shifted. */
#include "check.h"

#include "delay/grammar.h"
#include "delay/model.h"

static testudo_law *parse(const char *text)
{
  testudo_law *law;
  testudo_error error;
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  return law;
}

static const char *const parts[] = {"gamma:2.5,0.7", "weibull:0.8,2", "pareto:0.4,2.5", "lomax:3,2",
                                    "lognormal:0.3,0.6", "exp:1.7", "shifted-exp:0.2,3",
                                    "mixture:0.3,exp:2,gamma:3,0.5",
                                    "mixture:0.3,shifted-exp:1,2,lognormal:0,1", "deterministic:0.7",
                                    "shift:0.5,gamma:2,1", "mixture:0.4,deterministic:1,deterministic:3"};
enum { PARTS = sizeof parts / sizeof *parts };

static void everything_is_moved_by_x(void **state)
{
  (void)state;
  for (int k = 0; k < PARTS; k++) {
    char text[160];
    snprintf(text, sizeof text, "shift:1.25,%s", parts[k]);
    testudo_law *law = parse(text), *part = parse(parts[k]);
    assert_close(testudo_law_mean(law), 1.25 + testudo_law_mean(part), 1e-14);
    assert_close(testudo_law_variance(law), testudo_law_variance(part), 1e-12);
    assert_true(testudo_i_law_tail_index(law) == testudo_i_law_tail_index(part));
    assert_true(testudo_i_law_is_discrete(law) == testudo_i_law_is_discrete(part));
    for (double p = 0.003; p < 1; p += 0.0313) {
      double x = testudo_law_quantile(part, p);
      assert_close(testudo_law_quantile(law, p), 1.25 + x, 1e-12);
      if (!testudo_i_law_is_discrete(part)) {
        assert_close(testudo_law_survival(law, 1.25 + x), testudo_law_survival(part, x), 1e-11);
        assert_close(testudo_law_cdf(law, 1.25 + x), testudo_law_cdf(part, x), 1e-11);
      }
      assert_close(testudo_i_law_draw(law, p), 1.25 + testudo_i_law_draw(part, p), 1e-14);
    }
    assert_true(testudo_law_survival(law, 1.25) == 1 && testudo_law_cdf(law, 0.3) == 0);
    double u[3] = {0.2, 0.7, 0.99}, x[3];
    testudo_i_law_fill(law, u, x, 3);
    for (int i = 0; i < 3; i++)
      assert_true(x[i] == testudo_i_law_draw(law, u[i]));
    double start, before;
    if (testudo_i_starts_once(part, &before)) {
      assert_true(testudo_i_starts_once(law, &start));
      assert_close(start, 1.25 + before, 1e-15);
      double below[2], above[2];
      testudo_i_started_sides(law, 1e-9, &below[0], &above[0]);
      testudo_i_started_sides(part, 1e-9, &below[1], &above[1]);
      assert_close(below[0], below[1], 1e-12);
      assert_close(testudo_i_started_density(law, 0.4), testudo_i_started_density(part, 0.4), 1e-12);
    }
    testudo_law_free(law);
    testudo_law_free(part);
  }
}

static void sums_are_closed_where_those_of_the_part_are(void **state)
{
  (void)state;
  testudo_law *law = parse("shift:0.5,gamma:2,0.3"), *part = parse("gamma:2,0.3");
  assert_true(testudo_i_law_has_sum(law));
  for (int k = 1; k <= 5; k++)
    for (double x = 0.1; x < 4; x += 0.3)
      assert_close(testudo_i_law_sum(law, k, 0.5 * k + x, true), testudo_i_law_sum(part, k, x, true), 1e-12);
  assert_true(testudo_i_law_sum(law, 3, 1.2, true) == 1);
  testudo_law_free(law);
  testudo_law_free(part);
  law = parse("shift:0.5,lognormal:0,1");
  assert_false(testudo_i_law_has_sum(law));
  testudo_law_free(law);
}

/* Additive times of a shifted law without closed sums: k x later than those of the law. */
static void additive_times_are_k_x_later(void **state)
{
  (void)state;
  testudo_law *law = parse("shift:0.5,lognormal:0,0.5"), *part = parse("lognormal:0,0.5");
  testudo_delay_model shifted = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  testudo_delay_model plain = {.law = part, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  testudo_i_delay at[2];
  testudo_i_arena arena = {0};
  assert_ok(testudo_i_delay_complete(TESTUDO_I_ALONE(&shifted), 3, &arena, &at[0], NULL));
  assert_ok(testudo_i_delay_complete(TESTUDO_I_ALONE(&plain), 3, &arena, &at[1], NULL));
  for (int k = 1; k <= 3; k++)
    for (double t = 0.4; t < 9; t += 0.7)
      assert_close(testudo_i_delay_survival(&at[0], 1.0, k, t + 0.5 * k), testudo_i_delay_survival(&at[1], 1.0, k, t),
                   1e-9);
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
  testudo_law_free(part);
}

static void texts_stay_and_broken_ones_are_refused(void **state)
{
  (void)state;
  testudo_law *law = parse("shift:2,gamma:3,0.123456");
  char text[64];
  testudo_i_law_abbreviate(law, text, sizeof text);
  assert_string_equal(text, "shift:2,gamma:3,0.1235");
  assert_string_equal(testudo_law_text(law), "shift:2,gamma:3,0.123456");
  testudo_law_free(law);
  const struct {
    const char *text, *says;
  } broken[] = {{"shift:1", "shift takes a number and a law: shift:x,LAW"},
                {"shift:1,", "'' is not a law"},
                {"shift:-1,exp:1", "shift: x '-1' is not a number from 1e-100 to 1e+100, or 0"},
                {"shift:1,exp:1,exp:2", "exp takes 1 number: exp:rate"},
                {"shift:1,trace:x.csv", "shift: 'trace:x.csv' names a file, but its laws are of numbers"},
                {"shift", "'shift' is not a law: shift needs an x and a law: shift:x,LAW"}};
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_error error = {""};
    assert_status(testudo_law_parse(broken[k].text, &law, &error), TESTUDO_ERROR_ARGUMENT);
    if (strncmp(error.text, broken[k].says, strlen(broken[k].says)) != 0)
      fail_msg("%s: %s", broken[k].text, error.text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_is_moved_by_x),
      cmocka_unit_test(sums_are_closed_where_those_of_the_part_are),
      cmocka_unit_test(additive_times_are_k_x_later),
      cmocka_unit_test(texts_stay_and_broken_ones_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
