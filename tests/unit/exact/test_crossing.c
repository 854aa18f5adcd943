/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Levels that enough workers are to reach: against going through all workers, and derivatives against differences. */
#include "check.h"

#include "base/random.h"
#include "exact/stepped/crossing.h"

enum { MOST = 6 };

/* P(every level is reached by enough), by all (levels + 1)^n outcomes: a worker is in cell l when it has reached levels
   l and higher only, probability F_l - F_(l-1), F falling with the level. */
static double by_outcomes(int32_t n, int32_t levels, const int32_t *need, const double *reached)
{
  double sum = 0.0;
  int32_t cell[MOST] = {0};
  for (;;) {
    double p = 1.0;
    int32_t count[MOST] = {0};
    for (int32_t j = 0; j < n; j++) {
      /* Level levels - 1 is the hardest; cell c: reached levels 0 .. c - 1. */
      double upper = cell[j] == 0 ? 1.0 : reached[cell[j] - 1], lower = cell[j] == levels ? 0.0 : reached[cell[j]];
      p *= upper - lower;
      for (int32_t k = 0; k < cell[j]; k++)
        count[k]++;
    }
    bool all = true;
    for (int32_t k = 0; k < levels; k++)
      all = all && count[k] >= need[k];
    sum += all ? p : 0.0;
    int32_t j = 0;
    while (j < n && ++cell[j] > levels)
      cell[j++] = 0;
    if (j == n)
      return sum;
  }
}

static double uniform(testudo_i_random *random)
{
  return testudo_i_random_uniform(random);
}

/* Needs and probabilities, both falling. */
static int32_t draw_case(testudo_i_random *random, int32_t n, int32_t *need, double *reached)
{
  int32_t levels = 0;
  for (int32_t a = n; a >= 1; a--)
    if (testudo_i_random_below(random, 3) > 0 || (a == 1 && levels == 0))
      need[levels++] = a;
  double p = 1.0;
  for (int32_t k = 0; k < levels; k++)
    reached[k] = p *= 0.3 + 0.65 * uniform(random);
  return levels;
}

typedef struct fixture {
  testudo_i_arena arena;
  testudo_i_crossing crossing;
} fixture;

static double evaluate(fixture *f, const double *reached)
{
  double missed[MOST];
  for (int32_t k = 0; k < f->crossing.levels; k++)
    missed[k] = 1.0 - reached[k];
  testudo_i_crossing_evaluate(&f->crossing, reached, missed);
  double all = f->crossing.probability;
  assert_close(testudo_i_crossing_probability(&f->crossing, reached, missed), all, 1e-15);
  testudo_i_crossing_evaluate(&f->crossing, reached, missed);
  return all;
}

static void probability_equals_all_outcomes_and_derivatives_differences(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 60; trial++) {
    int32_t n = 1 + (int32_t)testudo_i_random_below(&random, 5), need[MOST];
    double reached[MOST], moved[MOST], curve[MOST * MOST] = {0};
    int32_t levels = draw_case(&random, n, need, reached);
    fixture f = {.arena = {0}};
    assert_ok(testudo_i_crossing_make(&f.crossing, &f.arena, n, levels, need, NULL));
    assert_close(evaluate(&f, reached), by_outcomes(n, levels, need, reached), 1e-12);
    double slope[MOST];
    for (int32_t k = 0; k < levels; k++)
      slope[k] = testudo_i_crossing_slope(&f.crossing, k);
    testudo_i_crossing_curve(&f.crossing, curve);
    for (int32_t k = 0; k < levels; k++) {
      /* P is a polynomial; central differences of it and of its slopes. */
      const double step = 1e-5;
      memcpy(moved, reached, sizeof moved);
      moved[k] = reached[k] + step;
      double up = by_outcomes(n, levels, need, moved);
      evaluate(&f, moved);
      double rise[MOST];
      for (int32_t l = 0; l < levels; l++)
        rise[l] = testudo_i_crossing_slope(&f.crossing, l);
      moved[k] = reached[k] - step;
      assert_near(slope[k], (up - by_outcomes(n, levels, need, moved)) / (2 * step), 1e-7);
      evaluate(&f, moved);
      for (int32_t l = k + 1; l < levels; l++)
        assert_near(curve[k * levels + l], (rise[l] - testudo_i_crossing_slope(&f.crossing, l)) / (2 * step), 1e-6);
    }
    testudo_i_arena_clear(&f.arena);
  }
}

/* Between two times, summed over levels: by how much P rises, and never more. */
static void what_crosses_between_adds_up(void **state)
{
  (void)state;
  enum { DEPTH = TESTUDO_I_CROSSING_DEPTH };
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 60; trial++) {
    int32_t n = 1 + (int32_t)testudo_i_random_below(&random, 5), need[MOST];
    double reached[MOST], later[MOST], old[MOST][DEPTH], sum = 0.0;
    int32_t levels = draw_case(&random, n, need, reached);
    fixture f = {.arena = {0}};
    assert_ok(testudo_i_crossing_make(&f.crossing, &f.arena, n, levels, need, NULL));
    double before = evaluate(&f, reached);
    /* Times near enough that no level overtakes the next lower one. */
    for (int32_t k = 0; k < levels; k++) {
      testudo_i_crossing_keep(&f.crossing, k, old[k]);
      later[k] = reached[k] + 0.8 * ((k == 0 ? 1.0 : reached[k - 1]) - reached[k]) * uniform(&random);
    }
    double after = evaluate(&f, later);
    for (int32_t k = 0; k < levels; k++)
      sum += testudo_i_crossing_between(&f.crossing, k, old[k], later[k] - reached[k]);
    assert_true(sum <= (after - before) * (1.0 + 1e-10) + 1e-14);
    assert_near(sum, after - before, 1e-12 + (n > DEPTH ? 1e-3 : 0.0));
    testudo_i_arena_clear(&f.arena);
  }
}

/* 500 workers and 500 levels do not leave what a double holds. */
static void many_workers_stay_probabilities(void **state)
{
  (void)state;
  enum { N = 500 };
  static double reached[N], missed[N];
  static int32_t need[N];
  fixture f = {.arena = {0}};
  for (int32_t k = 0; k < N; k++) {
    need[k] = N - k;
    missed[k] = (k + 30.0) / (N + 60.0);
    reached[k] = 1.0 - missed[k];
  }
  assert_ok(testudo_i_crossing_make(&f.crossing, &f.arena, N, N, need, NULL));
  testudo_i_crossing_evaluate(&f.crossing, reached, missed);
  assert_true(f.crossing.probability > 0.0 && f.crossing.probability < 1.0);
  /* One level alone is a binomial tail: of N - 1 wanted, 1 - (1 - p)^N - .. = p^N + N p^(N-1) (1 - p). */
  f.crossing.levels = 1;
  need[0] = N - 1;
  reached[0] = 0.999;
  missed[0] = 0.001;
  double p = testudo_i_crossing_probability(&f.crossing, reached, missed);
  assert_close(p, pow(0.999, N) + N * pow(0.999, N - 1) * 0.001, 1e-10);
  testudo_i_arena_clear(&f.arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(probability_equals_all_outcomes_and_derivatives_differences),
      cmocka_unit_test(what_crosses_between_adds_up),
      cmocka_unit_test(many_workers_stay_probabilities),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
