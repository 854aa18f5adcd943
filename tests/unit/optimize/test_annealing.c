/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of annealing: its acceptance against the law it leads to, its cooling against a sum, its calls in order. */
#include "tests/check.h"

#include "optimize/search/anneal.h"

static testudo_i_draws draws_of(uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 1, 0);
  return testudo_i_draws_start(&random);
}

/* ---- acceptance ---- */

enum { LEVELS = 4 };
static const double level[LEVELS] = {0, 0.3137, 0.7719, 1.2953};

typedef struct visits {
  int at, next;
  bool limited;
  int64_t count[LEVELS];
} visits;

static double propose_level(void *problem, testudo_i_draws *draws, double limit)
{
  visits *v = problem;
  assert_true(v->limited ? limit >= level[v->at] : limit == HUGE_VAL);
  v->count[v->at]++;
  v->next = testudo_i_draw_below(draws, LEVELS);
  return level[v->next];
}

static void keep_level(void *problem)
{
  visits *v = problem;
  v->at = v->next;
}

/* Farthest from the shares exp(-level / heat) of all. */
static double distance_from_law(const visits *v, double heat)
{
  double sum = 0, most = 0;
  int64_t all = 0;
  for (int k = 0; k < LEVELS; k++) {
    sum += exp(-level[k] / heat);
    all += v->count[k];
  }
  for (int k = 0; k < LEVELS; k++)
    most = fmax(most, fabs((double)v->count[k] / (double)all - exp(-level[k] / heat) / sum));
  return most;
}

/* Of symmetric proposals at one heat, the states are visited by Boltzmann's law, whether the limit is drawn before or
   after; 3 % off would be seen. */
static void visits_follow_the_heat(void **state)
{
  (void)state;
  for (int limited = 0; limited < 2; limited++) {
    visits v = {.at = 2, .limited = limited};
    testudo_i_draws draws = draws_of(3);
    int64_t moves = 0;
    testudo_i_annealing annealing = {.problem = &v, .propose = propose_level, .keep = keep_level,
                                     .limit_first = limited, .hot = 0.6, .cold = 0.6, .moves = 2000000,
                                     .target = -HUGE_VAL};
    assert_true(testudo_i_anneal_run(&annealing, level[2], &draws, &moves) == 0);
    assert_int_equal(moves, 2000000);
    assert_true(distance_from_law(&v, 0.6) < 0.002);
    assert_true(distance_from_law(&v, 0.6 * 1.03) > 0.004);
    assert_true(distance_from_law(&v, 0.6 / 1.03) > 0.004);
  }
}

/* ---- cooling ---- */

enum { LIMITS = 400000, PIECES = 8 };

typedef struct limits {
  int64_t seen;
  double above[PIECES];
} limits;

static double note_limit(void *problem, testudo_i_draws *draws, double limit)
{
  limits *l = problem;
  (void)draws;
  l->above[l->seen++ * PIECES / LIMITS] += limit - 7.25;
  return NAN;
}

static void must_not_be_called(void *problem)
{
  (void)problem;
  fail();
}

/* The limits are above the value by the heat on average, which falls geometrically; no move is neither kept nor taken
   back. */
static void the_heat_falls_geometrically(void **state)
{
  (void)state;
  limits l = {.seen = 0};
  testudo_i_draws draws = draws_of(5);
  int64_t moves = 10;
  testudo_i_annealing annealing = {.problem = &l, .propose = note_limit, .keep = must_not_be_called,
                                   .undo = must_not_be_called, .save = must_not_be_called, .limit_first = true,
                                   .hot = 0.83, .cold = 0.0119, .moves = LIMITS, .target = -HUGE_VAL};
  assert_true(testudo_i_anneal_run(&annealing, 7.25, &draws, &moves) == 7.25);
  assert_int_equal(moves, LIMITS + 10);
  assert_int_equal(l.seen, LIMITS);
  for (int k = 0; k < PIECES; k++) {
    double sum = 0;
    for (int64_t m = k * (LIMITS / PIECES); m < (k + 1) * (LIMITS / PIECES); m++)
      sum += 0.83 * pow(0.0119 / 0.83, (double)m / (LIMITS - 1));
    assert_close(l.above[k], sum, 0.025); /* five standard errors of 50000 exponential variates */
  }
}

/* ---- calls ---- */

typedef struct script {
  const double *value;
  int at;
  char calls[32];
} script;

static double propose_next(void *problem, testudo_i_draws *draws, double limit)
{
  script *s = problem;
  (void)draws;
  (void)limit;
  strcat(s->calls, "p");
  return s->value[s->at++];
}

static void note_keep(void *problem)
{
  strcat(((script *)problem)->calls, "k");
}

static void note_undo(void *problem)
{
  strcat(((script *)problem)->calls, "u");
}

static void note_save(void *problem)
{
  strcat(((script *)problem)->calls, "s");
}

static bool stop_at_the_first_look(void *context)
{
  ++*(int *)context;
  return true;
}

/* Without heat: what is worse goes back, what is as good stays, what is best is saved, and the target ends it. */
static void calls_come_in_order(void **state)
{
  (void)state;
  static const double values[] = {6, 5, 3, NAN, 4, 2, 1};
  script s = {.value = values};
  testudo_i_draws draws = draws_of(1);
  int64_t moves = 0;
  testudo_i_annealing annealing = {.problem = &s, .propose = propose_next, .keep = note_keep, .undo = note_undo,
                                   .save = note_save, .moves = 7, .target = 2};
  assert_true(testudo_i_anneal_run(&annealing, 5, &draws, &moves) == 2);
  assert_int_equal(moves, 6);
  assert_string_equal(s.calls, "pupkpksppupks");
}

/* At the target already, or stopped at the first look: no move. */
static void ends_before_it_begins(void **state)
{
  (void)state;
  static const double values[] = {1};
  script s = {.value = values};
  testudo_i_draws draws = draws_of(1);
  int64_t moves = 0;
  int looks = 0;
  testudo_i_annealing annealing = {.problem = &s, .propose = propose_next, .moves = 7, .target = 2,
                                   .stopped = stop_at_the_first_look, .context = &looks};
  assert_true(testudo_i_anneal_run(&annealing, 2, &draws, &moves) == 2);
  assert_int_equal(looks, 0);
  assert_true(testudo_i_anneal_run(&annealing, 5, &draws, &moves) == 5);
  assert_int_equal(looks, 1);
  assert_int_equal(moves, 0);
  assert_string_equal(s.calls, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(visits_follow_the_heat),
      cmocka_unit_test(the_heat_falls_geometrically),
      cmocka_unit_test(calls_come_in_order),
      cmocka_unit_test(ends_before_it_begins),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
