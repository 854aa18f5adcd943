/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Circles found under any numbers, by the definition and against a search through all permutations. */
#include "check.h"

#include "base/random.h"
#include "runtime/vector/circle.h"

enum { MOST = 40 };

typedef struct table {
  int32_t size;
  int64_t row[MOST + 1];
  int32_t chunk[MOST * MOST];
} table;

static testudo_i_circle circle_of(const table *t)
{
  testudo_i_circle circle;
  assert_ok(testudo_i_circle_find(t->size, t->size, t->row, t->chunk, &circle, NULL));
  return circle;
}

/* Places that are places, and every worker on the chunks of its arc, all of them by their number. */
static void assert_circle(const table *t, const testudo_i_circle *circle)
{
  int32_t workers[MOST] = {0}, chunks[MOST] = {0}, n = t->size;
  assert_int_equal(circle->size, n);
  for (int32_t j = 0; j < n; j++) {
    assert_in_range(circle->worker[j], 0, n - 1);
    assert_in_range(circle->chunk[j], 0, n - 1);
    workers[circle->worker[j]]++;
    chunks[circle->chunk[j]]++;
  }
  for (int32_t p = 0; p < n; p++) {
    assert_int_equal(workers[p], 1);
    assert_int_equal(chunks[p], 1);
  }
  for (int32_t j = 0; j < n; j++)
    for (int64_t e = t->row[j]; e < t->row[j + 1]; e++) {
      assert_true((circle->chunk[t->chunk[e]] - circle->worker[j] + n) % n < circle->load);
      assert_int_equal(testudo_i_circle_step(circle, j, t->chunk[e]),
                       (circle->chunk[t->chunk[e]] - circle->worker[j] + n) % n);
    }
}

static void shuffled(testudo_i_random *random, int32_t n, int32_t *numbers)
{
  for (int32_t k = 0; k < n; k++)
    numbers[k] = k;
  testudo_i_random_shuffle(random, numbers, (size_t)n);
}

/* The cyclic assignment under random numbers, rows in random order. */
static void relabel(testudo_i_random *random, table *t, int32_t n, int32_t load)
{
  int32_t worker[MOST], chunk[MOST];
  shuffled(random, n, worker);
  shuffled(random, n, chunk);
  t->size = n;
  for (int32_t j = 0; j < n; j++) {
    t->row[j] = (int64_t)j * load;
    for (int32_t k = 0; k < load; k++)
      t->chunk[j * load + k] = chunk[(worker[j] + k) % n];
    testudo_i_random_shuffle(random, t->chunk + t->row[j], (size_t)load);
  }
  t->row[n] = (int64_t)n * load;
}

static void is_found_under_any_numbers(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t n = 1; n <= MOST; n++)
    for (int32_t load = 1; load <= n; load++)
      for (int round = 0; round < 3; round++) {
        table t;
        relabel(&random, &t, n, load);
        testudo_i_circle circle = circle_of(&t);
        assert_circle(&t, &circle);
        testudo_i_circle_free(&circle);
      }
}

static void natural_numbers_are_kept(void **state)
{
  (void)state;
  for (int32_t n = 1; n <= 12; n++)
    for (int32_t load = 1; load <= n; load++) {
      table t = {.size = n};
      for (int32_t j = 0; j < n; j++) {
        t.row[j + 1] = t.row[j] + load;
        for (int32_t k = 0; k < load; k++)
          t.chunk[j * load + k] = (j + load - 1 - k) % n;
      }
      testudo_i_circle circle = circle_of(&t);
      for (int32_t j = 0; j < n; j++) {
        assert_int_equal(circle.worker[j], j);
        assert_int_equal(circle.chunk[j], j);
      }
      testudo_i_circle_free(&circle);
    }
}

/* ---- all square tables of a size, and all permutations ---- */

enum { SMALL = 5 };

/* Is there a permutation of the rows for which the columns are, in some order, the columns of the cyclic table? Rows
   and columns are bit sets. */
static bool permuted(const int32_t *row, int32_t n, int32_t load, int32_t *order, int32_t placed, int32_t used)
{
  if (placed < n) {
    for (int32_t j = 0; j < n; j++) {
      order[placed] = j;
      if (!(used >> j & 1) && permuted(row, n, load, order, placed + 1, used | 1 << j))
        return true;
    }
    return false;
  }
  int32_t seen = 0; /* of the columns by the place of the last worker of their arc */
  for (int32_t i = 0; i < n; i++)
    for (int32_t c = 0; c < n; c++) {
      int32_t fits = 1;
      for (int32_t p = 0; p < n; p++)
        fits = fits && (row[order[p]] >> i & 1) == ((c - p + n) % n < load);
      seen |= fits << c;
    }
  return seen == (1 << n) - 1;
}

static void compare(const int32_t *row, int32_t n, int32_t load, int *found, int *other)
{
  table t = {.size = n};
  int32_t order[SMALL];
  for (int32_t j = 0; j < n; j++) {
    t.row[j + 1] = t.row[j];
    for (int32_t i = 0; i < n; i++)
      if (row[j] >> i & 1)
        t.chunk[t.row[j + 1]++] = i;
  }
  testudo_i_circle circle = circle_of(&t);
  bool is = permuted(row, n, load, order, 0, 0);
  assert_int_equal(circle.size > 0, is);
  if (is)
    assert_circle(&t, &circle);
  ++*(is ? found : other);
  testudo_i_circle_free(&circle);
}

static int32_t ones(int32_t bits)
{
  int32_t count = 0;
  for (; bits != 0; bits &= bits - 1)
    count++;
  return count;
}

/* All tables with `load` ones in every row and column. */
static void go_through(int32_t *row, int32_t placed, int32_t n, int32_t load, int *found, int *other)
{
  for (int32_t i = 0; i < n; i++) {
    int32_t sum = 0;
    for (int32_t j = 0; j < placed; j++)
      sum += row[j] >> i & 1;
    if (sum > load || sum + n - placed < load)
      return;
  }
  if (placed == n) {
    compare(row, n, load, found, other);
    return;
  }
  for (int32_t bits = 0; bits < 1 << n; bits++)
    if (ones(bits) == load) {
      row[placed] = bits;
      go_through(row, placed + 1, n, load, found, other);
    }
}

static void is_found_exactly_where_there_is_one(void **state)
{
  (void)state;
  int found = 0, other = 0;
  int32_t row[SMALL];
  for (int32_t n = 1; n <= SMALL; n++)
    for (int32_t load = 1; load <= n; load++)
      go_through(row, 0, n, load, &found, &other);
  assert_true(found > 1000);
  assert_true(other > 500);
}

/* Two workers exchange a chunk each, so that sums stay as they are. Small circles may become other circles by it. */
static void an_exchange_is_noticed(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, 0, 0);
  int others = 0;
  for (int round = 0; round < 300; round++) {
    int32_t n = 7 + (int32_t)testudo_i_random_below(&random, 30);
    int32_t load = 3 + (int32_t)testudo_i_random_below(&random, (uint64_t)n - 6);
    table t;
    relabel(&random, &t, n, load);
    testudo_i_circle circle = circle_of(&t);
    int32_t a = (int32_t)testudo_i_random_below(&random, (uint64_t)n), b = a, at = 0;
    while (b == a || (circle.worker[a] - circle.worker[b] + n) % n < 2 ||
           (circle.worker[b] - circle.worker[a] + n) % n < 2)
      b = (int32_t)testudo_i_random_below(&random, (uint64_t)n);
    testudo_i_circle_free(&circle);
    int32_t from[2] = {-1, -1}, worker[2] = {a, b};
    for (int w = 0; w < 2; w++)
      for (int32_t k = 0; k < load; k++) {
        for (at = 0; at < load && t.chunk[worker[1 - w] * load + at] != t.chunk[worker[w] * load + k];)
          at++;
        if (at == load)
          from[w] = worker[w] * load + k;
      }
    assert_true(from[0] >= 0 && from[1] >= 0);
    int32_t kept = t.chunk[from[0]];
    t.chunk[from[0]] = t.chunk[from[1]];
    t.chunk[from[1]] = kept;
    circle = circle_of(&t);
    if (circle.size > 0)
      assert_circle(&t, &circle);
    others += circle.size > 0;
    testudo_i_circle_free(&circle);
  }
  assert_true(others < 15);
}

static void other_shapes_are_none(void **state)
{
  (void)state;
  static const int64_t uneven[] = {0, 1, 3}, wide[] = {0, 2, 4}, idle[] = {0, 0, 2};
  static const int32_t chunk[] = {0, 0, 1, 1};
  testudo_i_circle circle;
  assert_ok(testudo_i_circle_find(2, 2, uneven, chunk, &circle, NULL));
  assert_int_equal(circle.size, 0);
  assert_ok(testudo_i_circle_find(2, 3, wide, chunk, &circle, NULL));
  assert_int_equal(circle.size, 0);
  assert_ok(testudo_i_circle_find(2, 2, idle, chunk, &circle, NULL));
  assert_int_equal(circle.size, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_found_under_any_numbers),
      cmocka_unit_test(natural_numbers_are_kept),
      cmocka_unit_test(is_found_exactly_where_there_is_one),
      cmocka_unit_test(an_exchange_is_noticed),
      cmocka_unit_test(other_shapes_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
