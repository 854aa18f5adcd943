/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries over threads: which ends count, whatever the threads; what a target, a stop and a failure make of them. */
#include "tests/check.h"

#include <sched.h>
#include <stdatomic.h>

#include "optimize/search/restart.h"

enum { TRIES = 60, SEED = 98, PART = 7, MOST_THREADS = 5 };

/* What try k would draw, from its stream's name alone; values repeat, and each seventh try finds nothing. */
static double value_of(int64_t number, int64_t *word)
{
  testudo_i_random random;
  testudo_i_random_start(&random, SEED, TESTUDO_I_FOR_SEARCH, (uint64_t)(TESTUDO_I_STREAM_SLOTS + PART),
                         (uint64_t)number);
  *word = (int64_t)(testudo_i_random_word(&random) >> 1);
  return number % 7 == 3 ? NAN : (double)(*word % 9);
}

typedef struct toy {
  atomic_bool ran[TRIES];
  int64_t fails;          /* every try from here on */
  int looks;              /* that every try takes */
  int64_t waits;          /* this one, until the next has run; -1: none */
} toy;

static testudo_status run_toy(void *context, testudo_i_try *one)
{
  toy *t = context;
  if (one->number >= t->fails) {
    snprintf(one->error->text, sizeof one->error->text, "try %d fails", (int)one->number);
    return TESTUDO_ERROR_LIMIT;
  }
  for (int k = 0; k < t->looks; k++)
    if (testudo_i_try_stopped(one))
      break;
  while (one->number == t->waits && !atomic_load(&t->ran[t->waits + 1]))
    sched_yield();
  int64_t word = (int64_t)(testudo_i_random_word(&one->random) >> 1);
  memcpy(one->found, &word, sizeof word);
  one->value = one->number % 7 == 3 ? NAN : (double)(word % 9);
  one->moves = 100 + one->number;
  atomic_store(&t->ran[one->number], true);
  return TESTUDO_OK;
}

static testudo_i_restarts restarts_of(toy *t, const testudo_search_options *options)
{
  *t = (toy){.fails = TRIES, .waits = -1};
  return (testudo_i_restarts){.options = options, .tries = TRIES, .stream = TESTUDO_I_STREAM_SLOTS + PART,
                              .run = run_toy, .context = t, .size = sizeof(int64_t), .keep = 1, .target = -HUGE_VAL,
                              .to = 1, .best = NAN, .bound = NAN};
}

static void assert_end(const testudo_i_end *end, int64_t number)
{
  int64_t word, found;
  double value = value_of(number, &word);
  memcpy(&found, end->found, sizeof found);
  assert_int_equal(end->number, number);
  assert_true(end->value == value);
  assert_true(found == word);
}

/* The first `keep` of all tries by (value, number), found by going through them. */
static int64_t ranked(int rank)
{
  for (int value = 0; value < 9; value++)
    for (int64_t k = 0; k < TRIES; k++) {
      int64_t word;
      if (value_of(k, &word) == value && rank-- == 0)
        return k;
    }
  return -1;
}

static void the_best_are_ranked_by_value_then_number(void **state)
{
  (void)state;
  for (int32_t threads = 1; threads <= MOST_THREADS; threads++)
    for (int32_t keep = 1; keep <= TRIES; keep = 3 * keep + 1) {
      testudo_i_arena arena = {0};
      testudo_search_options options = {.seed = SEED, .threads = threads};
      toy t;
      testudo_i_restarts restarts = restarts_of(&t, &options);
      testudo_i_ends ends;
      restarts.keep = keep;
      assert_ok(testudo_i_restarts_run(&restarts, &arena, &ends, NULL));
      assert_int_equal(ends.count, keep);
      for (int32_t k = 0; k < keep; k++)
        assert_end(&ends.best[k], ranked(k));
      assert_int_equal(ends.tries, TRIES);
      assert_int_equal(ends.moves, 100 * TRIES + TRIES * (TRIES - 1) / 2);
      assert_false(ends.stopped);
      testudo_i_arena_clear(&arena);
    }
}

/* More ranks than tries that find anything, and no try at all. */
static void ranks_are_left_empty(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  testudo_search_options options = {.seed = SEED, .threads = 3};
  toy t;
  testudo_i_restarts restarts = restarts_of(&t, &options);
  testudo_i_ends ends;
  restarts.keep = TRIES;
  restarts.tries = 11;
  assert_ok(testudo_i_restarts_run(&restarts, &arena, &ends, NULL));
  assert_int_equal(ends.count, 9); /* 3 and 10 find nothing */
  assert_int_equal(ends.tries, 11);
  restarts.tries = 0;
  assert_ok(testudo_i_restarts_run(&restarts, &arena, &ends, NULL));
  assert_int_equal(ends.count + ends.tries + ends.moves, 0);
  testudo_i_arena_clear(&arena);
}

/* Also where the next one has ended before it, and at a smaller value. */
static void the_lowest_at_the_target_counts(void **state)
{
  (void)state;
  int smaller = 0;
  for (int32_t threads = 1; threads <= MOST_THREADS; threads++)
    for (int target = 0; target < 9; target++) {
      int64_t lowest = 0, word;
      while (!(value_of(lowest, &word) <= target))
        lowest++;
      testudo_i_arena arena = {0};
      testudo_search_options options = {.seed = SEED, .threads = threads};
      toy t;
      testudo_i_restarts restarts = restarts_of(&t, &options);
      testudo_i_ends ends;
      restarts.target = target;
      t.looks = 5;
      t.waits = threads > 1 ? lowest : -1;
      smaller += threads > 1 && value_of(lowest + 1, &word) < value_of(lowest, &word);
      assert_ok(testudo_i_restarts_run(&restarts, &arena, &ends, NULL));
      assert_int_equal(ends.count, 1);
      assert_end(&ends.best[0], lowest);
      assert_int_equal(ends.tries, lowest + 1);
      assert_int_equal(ends.moves, 100 * (lowest + 1) + lowest * (lowest + 1) / 2);
      assert_false(ends.stopped);
      testudo_i_arena_clear(&arena);
    }
  assert_true(smaller > 0);
}

typedef struct clock_ {
  int left;
  double fraction;
} clock_;

static bool tick(void *context, double fraction, double best, double bound)
{
  clock_ *c = context;
  assert_true(best == 8.5 && bound == 0.5);
  assert_true(fraction >= c->fraction && fraction >= 0.25 && fraction <= 0.75);
  c->fraction = fraction;
  return --c->left > 0;
}

/* The best of those that were run; none where it is stopped at once. */
static void a_stop_keeps_the_best_so_far(void **state)
{
  (void)state;
  for (int32_t threads = 1; threads <= MOST_THREADS; threads += 2)
    for (int looks = 1; looks < 200; looks *= 3) {
      testudo_i_arena arena = {0};
      clock_ c = {looks, 0};
      testudo_search_monitor monitor = {tick, &c};
      testudo_search_options options = {.seed = SEED, .threads = threads, .monitor = &monitor};
      toy t;
      testudo_i_restarts restarts = restarts_of(&t, &options);
      testudo_i_ends ends;
      int64_t best = -1, ran = 0, word;
      restarts.from = 0.25;
      restarts.to = 0.75;
      restarts.best = 8.5;
      restarts.bound = 0.5;
      t.looks = 10;
      assert_ok(testudo_i_restarts_run(&restarts, &arena, &ends, NULL));
      for (int64_t k = 0; k < TRIES; k++) {
        int64_t other;
        ran += t.ran[k];
        if (t.ran[k] && value_of(k, &word) >= 0 && (best < 0 || value_of(k, &word) < value_of(best, &other)))
          best = k;
      }
      assert_int_equal(ends.stopped, c.left <= 0);
      assert_int_equal(ends.tries, ran);
      assert_int_equal(ends.count, best >= 0);
      assert_true(threads > 1 || ran < TRIES);
      if (best >= 0)
        assert_end(&ends.best[0], best);
      testudo_i_arena_clear(&arena);
    }
}

static void the_lowest_failure_speaks(void **state)
{
  (void)state;
  for (int32_t threads = 1; threads <= MOST_THREADS; threads++) {
    testudo_i_arena arena = {0};
    testudo_search_options options = {.seed = SEED, .threads = threads};
    toy t;
    testudo_error error;
    testudo_i_restarts restarts = restarts_of(&t, &options);
    testudo_i_ends ends;
    t.fails = 9;
    assert_status(testudo_i_restarts_run(&restarts, &arena, &ends, &error), TESTUDO_ERROR_LIMIT);
    assert_string_equal(error.text, "try 9 fails");
    testudo_i_arena_clear(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_best_are_ranked_by_value_then_number),
      cmocka_unit_test(ranks_are_left_empty),
      cmocka_unit_test(the_lowest_at_the_target_counts),
      cmocka_unit_test(a_stop_keeps_the_best_so_far),
      cmocka_unit_test(the_lowest_failure_speaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
