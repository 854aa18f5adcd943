/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brackets of the law of a worker's step times: against all outcomes of small discrete laws, against closed forms, and
   what a bracket must obey. */
#include "check.h"

#include <testudo/delay.h>

#include "delay/sums/lattice.h"

static testudo_i_arena arena; /* of lattices */

static testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static testudo_i_lattice *lattice_of(const testudo_i_lattice_request *request)
{
  testudo_i_lattice *lattice = NULL;
  testudo_error error = {""};
  if (testudo_i_lattice_make(&arena, request, &lattice, &error) != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_non_null(lattice);
  return lattice;
}

/* Down holds at least P(C <= truth), up at most. */
static void assert_bracket(const testudo_i_lattice *lattice, int32_t k, double t, double truth, double slack)
{
  double below[2], above[2];
  for (int up = 0; up < 2; up++)
    testudo_i_lattice_sides(lattice, k, t, up == 1, &below[up], &above[up]);
  if (!(below[0] >= truth - slack && below[1] <= truth + slack && above[0] <= 1.0 - truth + slack &&
        above[1] >= 1.0 - truth - slack))
    print_error("k = %d, t = %.17g: %.17g in [%.17g, %.17g]\n", (int)k, t, truth, below[1], below[0]);
  assert_true(below[0] >= truth - slack && below[1] <= truth + slack);
  assert_true(above[0] <= 1.0 - truth + slack && above[1] >= 1.0 - truth - slack);
}

/* ---- enumeration ---- */

/* P(S + (k o + u sum)/r + last <= t), all outcomes one after the other. */
static double enumerated(const testudo_i_lattice_request *r, int32_t k, int32_t left, double sum, double t)
{
  const testudo_law *law = left > 0 ? r->law : left == 0 ? r->startup : r->message;
  if (left == -2 || (left == -1 && k < r->steps))
    return testudo_i_step_time(0.0, r->overhead, 0.0, 1.0, sum, 1.0) <= t * (1.0 + 1e-14);
  if (law == NULL)
    return enumerated(r, k, left - 1, sum, t);
  double total = 0.0;
  for (int64_t v = 0; v < law->values; v++) {
    double p = law->cumulated[v] - (v == 0 ? 0.0 : law->cumulated[v - 1]), x = law->value[v];
    double add = left > 0 ? (r->overhead + r->unit * x) / r->rate : left == 0 ? x : r->message_share * x;
    total += p * enumerated(r, k, left - 1, sum + add, t);
  }
  return total;
}

static void small_discrete_laws_equal_all_their_outcomes(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.3,deterministic:0.7,mixture:0.6,deterministic:1.1,deterministic:2.9");
  testudo_law *startup = law_of("mixture:0.25,deterministic:0.31,deterministic:1.9");
  testudo_law *message = law_of("mixture:0.5,deterministic:0.2,deterministic:0.5");
  for (int which = 0; which < 16; which++) {
    testudo_i_lattice_request r = {.law = law, .overhead = which & 1 ? 0.13 : 0.0, .unit = which & 1 ? 0.75 : 1.0,
                                   .rate = which & 1 ? 1.7 : 1.0, .startup = which & 2 ? startup : NULL,
                                   .message = which & 4 ? message : NULL, .message_share = 0.5, .steps = 5,
                                   .only_last = (which & 8) != 0, .step = 0.037, .end = 19.0};
    testudo_i_lattice *lattice = lattice_of(&r);
    for (int32_t k = r.only_last ? 5 : 1; k <= 5; k++)
      for (double t = 0.0; t < 19.0; t += 0.0931) {
        double below, above, low, high;
        double truth = enumerated(&r, k, k, 0.0, t);
        assert_bracket(lattice, k, t, truth, 1e-14);
        /* The width is at most a step per summand: up at t + width is at least down at t. */
        double width = testudo_i_lattice_width(lattice, k);
        assert_true(width <= (k + 2) * r.step * (1.0 + 1e-12));
        testudo_i_lattice_sides(lattice, k, t, false, &low, &above);
        testudo_i_lattice_sides(lattice, k, t + width + 1e-9, true, &high, &above);
        assert_true(high >= low - 3e-14);
        /* Monotone in k. */
        for (int up = 0; up < 2 && k < 5 && !r.only_last; up++) {
          testudo_i_lattice_sides(lattice, k, t, up == 1, &below, &above);
          testudo_i_lattice_sides(lattice, k + 1, t, up == 1, &low, &above);
          assert_true(low <= below + 1e-15);
        }
      }
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
  testudo_law_free(startup);
  testudo_law_free(message);
}

static void decimals_are_an_exact_grid(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.3,deterministic:0.7,mixture:0.6,deterministic:1.1,deterministic:2.9");
  testudo_law *startup = law_of("mixture:0.25,deterministic:0.31,deterministic:1.9");
  for (int which = 0; which < 4; which++) {
    testudo_i_lattice_request r = {.law = law, .unit = which == 2 ? 1.0 / 3.0 : 1.0, .rate = which == 2 ? 1.3 : 1.0,
                                   .startup = which == 1 ? startup : NULL, .overhead = which == 3 ? 0.17 : 0.0,
                                   .steps = 6};
    assert_ok(testudo_i_lattice_propose(&r, 1e-4, 8.0, 10, NULL));
    assert_close(r.step, which == 1 ? 0.01 : which == 2 ? 0.2 / 3.0 / 1.3 : 0.2, 1e-12);
    testudo_i_lattice *lattice = lattice_of(&r);
    for (int32_t k = 1; k <= 6; k++) {
      assert_true(testudo_i_lattice_width(lattice, k) == 0.0);
      for (double t = 0.1; t < r.end + 1.0; t += 0.1) {
        double below, above;
        testudo_i_lattice_sides(lattice, k, t, false, &below, &above);
        double truth = enumerated(&r, k, k, 0.0, t);
        assert_near(below, truth, 2e-14);
        assert_near(above, 1.0 - truth, 2e-14);
      }
    }
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
  testudo_law_free(startup);
}

/* ---- closed forms ---- */

static void gamma_sums_lie_in_their_brackets(void **state)
{
  (void)state;
  testudo_law *law = law_of("gamma:0.7,1.3");
  for (int only_last = 0; only_last < 2; only_last++) {
    testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 9, .only_last = only_last == 1};
    assert_ok(testudo_i_lattice_propose(&r, 1e-3, 10.0, 4, NULL));
    assert_true(9.0 * r.step <= 1e-2 * (1.0 + 1e-12));
    testudo_i_lattice *lattice = lattice_of(&r);
    for (int32_t k = only_last ? 9 : 1; k <= 9; k++) {
      char text[64];
      snprintf(text, sizeof text, "gamma:%.17g,1.3", k * 0.7);
      testudo_law *whole = law_of(text);
      for (double t = 0.01; t < r.end; t += 0.21) {
        double below, above, far_below;
        assert_bracket(lattice, k, t, testudo_law_cdf(whole, t), 1e-15);
        testudo_i_lattice_sides(lattice, k, t, false, &below, &above);
        testudo_i_lattice_sides(lattice, k, t + k * r.step, true, &far_below, &above);
        assert_near(far_below, below, 3e-14);
      }
      testudo_law_free(whole);
    }
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
}

/* The mean excess over the end, of exact laws: sum of gamma laws by its own integral, and a power tail from below. */
static void what_lies_beyond_the_end_is_at_most_the_excess(void **state)
{
  (void)state;
  static const struct {
    const char *law, *whole;
  } known[] = {{"gamma:0.5,1", "gamma:4,1"}, {"exp:2", "gamma:8,0.5"}};
  for (size_t which = 0; which < 2; which++) {
    testudo_law *law = law_of(known[which].law), *whole = law_of(known[which].whole);
    testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 8};
    assert_ok(testudo_i_lattice_propose(&r, 1e-3, 4.0, 100, NULL));
    assert_true(r.excess <= 1e-3 * 4.0 / 100 / 100 * (1.0 + 1e-12));
    double beyond = 0.0;
    for (double t = r.end; t < r.end + 60.0; t += 0.001)
      beyond += 0.001 * testudo_law_survival(whole, t);
    print_message("%s: end %g, beyond %g, excess %g\n", known[which].law, r.end, beyond, r.excess);
    assert_true(beyond <= r.excess);
    assert_true(r.end < testudo_law_quantile(whole, 1.0 - 1e-13)); /* and not wastefully far */
    testudo_law_free(law);
    testudo_law_free(whole);
  }
  testudo_law *heavy = law_of("lomax:3,2");
  testudo_i_lattice_request r = {.law = heavy, .unit = 1.0, .rate = 1.0, .steps = 2};
  assert_ok(testudo_i_lattice_propose(&r, 1e-2, 2.0, 1, NULL));
  assert_true(r.excess >= 2.0 * 4.0 / (r.end + 2.0) / (r.end + 2.0) / 1.0000001);
  testudo_law_free(heavy);
}

static void mass_beyond_the_end_is_at_the_end_or_infinite(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.9,deterministic:1,deterministic:50");
  for (int only_last = 0; only_last < 2; only_last++) {
    testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 3, .only_last = only_last == 1,
                                   .step = 0.25, .end = 20.0};
    testudo_i_lattice *lattice = lattice_of(&r);
    double below, above, end = testudo_i_lattice_begin(lattice, 3, false) +
                               0.25 * (double)testudo_i_lattice_cells(lattice);
    assert_true(end >= 20.0);
    testudo_i_lattice_sides(lattice, 3, end, false, &below, &above);
    assert_true(below == 1.0 && above == 0.0);
    testudo_i_lattice_sides(lattice, 3, end - 0.01, false, &below, &above);
    assert_near(below, 0.729, 1e-13);
    testudo_i_lattice_sides(lattice, 3, 1e9, true, &below, &above);
    assert_near(below, 0.729, 1e-13);
    assert_near(above, 0.271, 1e-13);
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
}

/* Ties: 0.1 + 0.2 is done by 0.3, and not before. */
static void ties_count_as_done(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.5,deterministic:0.1,deterministic:0.2");
  testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 3};
  assert_ok(testudo_i_lattice_propose(&r, 1e-4, 0.5, 2, NULL));
  testudo_i_lattice *lattice = lattice_of(&r);
  double below, above;
  for (int up = 0; up < 2; up++) {
    testudo_i_lattice_sides(lattice, 2, 0.3, up == 1, &below, &above);
    assert_near(below, 0.75, 2e-14);
    testudo_i_lattice_sides(lattice, 3, 0.1 + 0.2 + 0.2, up == 1, &below, &above);
    assert_near(below, 0.875, 2e-14);
    testudo_i_lattice_sides(lattice, 3, 0.4999, up == 1, &below, &above);
    assert_near(below, 0.5, 2e-14);
  }
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
}

/* Sums of 64 uneven atoms against a convolution in long doubles. */
static void transforms_round_by_less_than_the_allowance(void **state)
{
  (void)state;
  enum { TERMS = 64, VALUES = 40, LENGTH = TERMS * VALUES };
  static long double exact[LENGTH], next[LENGTH];
  static const char path[] = "test_lattice.csv";
  long double p[VALUES] = {0.0L};
  int rows = 0;
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "seconds\n");
  for (int v = 0; v < VALUES; v++)
    for (int copy = 0; copy < 1 + v * 7 % 5; copy++, rows++, p[v]++)
      fprintf(file, "%d\n", v + 1);
  fclose(file);
  for (int v = 0; v < VALUES; v++)
    p[v] /= rows;
  testudo_law *law = law_of("trace:test_lattice.csv");
  remove(path);
  for (int only_last = 0; only_last < 2; only_last++) {
    testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = TERMS, .only_last = only_last == 1,
                                   .step = 1.0, .end = LENGTH};
    testudo_i_lattice *lattice = lattice_of(&r);
    memset(exact, 0, sizeof exact);
    exact[0] = 1.0L;
    double worst = 0.0;
    for (int k = 1; k <= TERMS; k++) {
      memset(next, 0, sizeof next);
      for (int i = 0; i <= (k - 1) * (VALUES - 1); i++)
        for (int v = 0; v < VALUES; v++)
          next[i + v] += exact[i] * p[v];
      memcpy(exact, next, sizeof exact);
      long double sum = 0.0L;
      for (int i = 0; i < LENGTH && (k == TERMS || !only_last); i++) {
        double down, up, above;
        sum += exact[i];
        testudo_i_lattice_sides(lattice, k, k + i, false, &down, &above);
        testudo_i_lattice_sides(lattice, k, k + i, true, &up, &above);
        if (!(down >= (double)sum - 1e-16 && up <= (double)sum + 1e-16))
          print_error("k = %d, place %d: %.17g in [%.17g, %.17g]\n", k, i, (double)sum, up, down);
        assert_true(down >= (double)sum - 1e-16 && up <= (double)sum + 1e-16);
        double allowed = fmax(1e-14, k * 1e-15);
        worst = fmax(worst, fabs((down < 1.0 ? down - allowed : up + allowed) - (double)sum) / allowed);
      }
    }
    print_message("largest rounding: %.2g of what is allowed\n", worst);
    assert_true(worst < 0.5);
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
}

static void too_large_grids_and_infinite_means_are_limits(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.5,deterministic:1,pareto:1,1.5"), *none = law_of("pareto:1,0.9");
  testudo_i_lattice *lattice = (testudo_i_lattice *)&law;
  testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 4};
  testudo_error error = {""};
  assert_ok(testudo_i_lattice_propose(&r, 1e-4, 8.0, 10, &error));
  assert_status(testudo_i_lattice_make(&arena, &r, &lattice, &error), TESTUDO_ERROR_LIMIT);
  assert_null(lattice);
  testudo_i_arena_clear(&arena);
  assert_non_null(strstr(error.text, "can be simulated"));
  r.law = none;
  assert_status(testudo_i_lattice_propose(&r, 1e-4, 8.0, 10, &error), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "can be simulated"));
  testudo_law_free(law);
  testudo_law_free(none);
}

static bool third_time(void *context, double fraction)
{
  (void)fraction;
  return ++*(int *)context < 3;
}

static void a_monitor_stops_it_between_convolutions(void **state)
{
  (void)state;
  testudo_law *law = law_of("lognormal:0,1");
  for (int only_last = 0; only_last < 2; only_last++) {
    int asked = 0;
    const testudo_monitor monitor = {third_time, &asked};
    testudo_i_lattice *lattice = NULL;
    testudo_i_lattice_request r = {.law = law, .unit = 1.0, .rate = 1.0, .steps = 9, .only_last = only_last == 1};
    assert_ok(testudo_i_lattice_propose(&r, 1e-2, 8.0, 10, NULL));
    r.monitor = &monitor;
    assert_status(testudo_i_lattice_make(&arena, &r, &lattice, NULL), TESTUDO_INTERRUPTED);
    assert_true(lattice == NULL && asked == 3);
    testudo_i_arena_clear(&arena);
  }
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_discrete_laws_equal_all_their_outcomes),
      cmocka_unit_test(decimals_are_an_exact_grid),
      cmocka_unit_test(gamma_sums_lie_in_their_brackets),
      cmocka_unit_test(what_lies_beyond_the_end_is_at_most_the_excess),
      cmocka_unit_test(mass_beyond_the_end_is_at_the_end_or_infinite),
      cmocka_unit_test(ties_count_as_done),
      cmocka_unit_test(transforms_round_by_less_than_the_allowance),
      cmocka_unit_test(too_large_grids_and_infinite_means_are_limits),
      cmocka_unit_test(a_monitor_stops_it_between_convolutions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
