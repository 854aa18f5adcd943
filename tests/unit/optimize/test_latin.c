/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "optimize/groups/latin.h"

typedef struct tally {
  int32_t size, load;
  int64_t visited, classes;
  double all;      /* squares in all classes together */
  bool proper;
} tally;

/* The form with row `top` first, columns by that row, the others by their first place: by sorting plainly. */
static void reduced(int32_t size, int32_t load, const int8_t *place, int32_t top, int8_t *out)
{
  int8_t sorted[64];
  for (int32_t a = 0; a < size; a++)
    for (int32_t b = 0; b < load; b++)
      sorted[a * load + place[top * load + b]] = place[a * load + b];
  for (int32_t a = 0; a < size; a++) {
    int32_t rank = 0;
    for (int32_t c = 0; c < size; c++)
      rank += sorted[c * load] < sorted[a * load];
    memcpy(out + rank * load, sorted + a * load, (size_t)load);
  }
}

static double factorial(int32_t n)
{
  return n < 2 ? 1 : n * factorial(n - 1);
}

static bool is_latin(const tally *t, const int8_t *place)
{
  for (int32_t a = 0; a < t->size; a++)
    for (int32_t b = 0; b < t->load; b++) {
      for (int32_t c = 0; c < b; c++)
        if (place[a * t->load + b] == place[a * t->load + c])
          return false;
      for (int32_t c = 0; c < a; c++)
        if (place[a * t->load + b] == place[c * t->load + b])
          return false;
      if (place[a * t->load + b] < 0 || place[a * t->load + b] >= t->load)
        return false;
    }
  return true;
}

/* A class has rows! columns! / (symmetries) members; its symmetries are the rows that give the same reduced form. */
static bool count(void *context, const int8_t *place)
{
  tally *t = context;
  size_t cells = (size_t)t->size * (size_t)t->load;
  int8_t first[64], other[64];
  t->visited++;
  t->proper = t->proper && is_latin(t, place);
  testudo_i_latin_canonical(t->size, t->load, place, first);
  if (memcmp(first, place, cells) != 0)
    return true;
  int symmetries = 0;
  for (int32_t top = 0; top < t->size; top++) {
    reduced(t->size, t->load, place, top, other);
    symmetries += memcmp(other, place, cells) == 0;
    assert_true(memcmp(other, first, cells) >= 0);
  }
  t->classes++;
  t->all += factorial(t->size) * factorial(t->load) / symmetries;
  return true;
}

/* All Latin squares: 1, 2, 12, 576, 161280, 812851200 (OEIS A002860). */
static void classes_make_up_all_squares(void **state)
{
  (void)state;
  static const int64_t visits[] = {1, 1, 1, 4, 56, 9408}, classes[] = {1, 1, 1, 4, 16, 1868};
  static const double all[] = {1, 2, 12, 576, 161280, 812851200};
  for (int32_t n = 1; n <= 6; n++) {
    tally t = {.size = n, .load = n, .proper = true};
    assert_true(testudo_i_latin_visit(n, n, INT64_MAX, count, &t));
    assert_true(t.proper);
    assert_int_equal(t.visited, visits[n - 1]);
    assert_int_equal(t.classes, classes[n - 1]);
    assert_true(t.all == all[n - 1]);
  }
}

/* Two rows: derangements; all rectangles of 2 x n are n! times those. 3 x 4: 576 (L(4) without the last row, which is
   forced). */
static void rectangles(void **state)
{
  (void)state;
  static const struct {
    int32_t size, load;
    double all;
  } known[] = {{1, 5, 120}, {2, 3, 12}, {2, 4, 24 * 9}, {2, 5, 120 * 44}, {3, 4, 576}, {4, 5, 161280}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    tally t = {.size = known[k].size, .load = known[k].load, .proper = true};
    assert_true(testudo_i_latin_visit(t.size, t.load, INT64_MAX, count, &t));
    assert_true(t.proper && t.all == known[k].all);
  }
}

static bool turn(void *context, const int8_t *place)
{
  const tally *t = context;
  int8_t moved[64], first[64], again[64];
  static const int32_t rows[] = {3, 0, 4, 1, 2}, columns[] = {1, 4, 0, 2, 3};
  for (int32_t a = 0; a < 5; a++)
    for (int32_t b = 0; b < 5; b++)
      moved[rows[a] * 5 + columns[b]] = place[a * 5 + b];
  testudo_i_latin_canonical(5, 5, place, first);
  testudo_i_latin_canonical(5, 5, moved, again);
  assert_memory_equal(first, again, 25);
  (void)t;
  return true;
}

static void rows_and_columns_do_not_matter(void **state)
{
  (void)state;
  tally t = {.size = 5, .load = 5};
  assert_true(testudo_i_latin_visit(5, 5, INT64_MAX, turn, &t));
}

static bool never(void *context, const int8_t *place)
{
  (void)place;
  ++*(int *)context;
  return false;
}

static void ends_when_told(void **state)
{
  (void)state;
  tally t = {.size = 6, .load = 6, .proper = true};
  assert_false(testudo_i_latin_visit(6, 6, 100, count, &t));
  assert_int_equal(t.visited, 100);
  int calls = 0;
  assert_false(testudo_i_latin_visit(4, 4, INT64_MAX, never, &calls));
  assert_int_equal(calls, 1);
  assert_false(testudo_i_latin_visit(4, 3, INT64_MAX, never, &calls));
  assert_false(testudo_i_latin_visit(9, 9, INT64_MAX, never, &calls));
  assert_int_equal(calls, 1);
}

typedef struct listing {
  int32_t size, load;
  int64_t count;
  unsigned char seen[13824]; /* by the numbers of the rows after the first */
} listing;

/* The number of a permutation of 4 in lexicographic order. */
static int number_of(const int8_t *row)
{
  int number = 0;
  for (int a = 0; a < 4; a++) {
    int smaller = 0;
    for (int b = a + 1; b < 4; b++)
      smaller += row[b] < row[a];
    number = number * (4 - a) + smaller;
  }
  return number;
}

static bool list(void *context, const int8_t *place)
{
  listing *l = context;
  int number[4];
  for (int a = 0; a < 4; a++)
    number[a] = number_of(place + 4 * a);
  assert_int_equal(number[0], 0);
  assert_true(number[1] <= number[2] && number[2] <= number[3]);
  int key = (number[1] * 24 + number[2]) * 24 + number[3];
  assert_int_equal(l->seen[key], 0);
  l->seen[key] = 1;
  l->count++;
  return true;
}

static bool only_count(void *context, const int8_t *place)
{
  (void)place;
  ++*(int64_t *)context;
  return true;
}

/* All that ascend, each once; so many as multisets of rows. */
static void all_tables(void **state)
{
  (void)state;
  static listing l;
  assert_true(testudo_i_table_visit(4, 4, list, &l));
  assert_int_equal(l.count, 2600);
  static const struct {
    int32_t size, load;
    int64_t count;
  } known[] = {{1, 4, 1}, {2, 3, 6}, {3, 3, 21}, {6, 3, 252}, {3, 2, 3}, {2, 5, 120}, {3, 1, 1}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    int64_t count = 0;
    assert_true(testudo_i_table_visit(known[k].size, known[k].load, only_count, &count));
    assert_int_equal(count, known[k].count);
    assert_true(testudo_i_table_count(known[k].size, known[k].load) == (double)count);
  }
  int calls = 0;
  assert_false(testudo_i_table_visit(4, 4, never, &calls));
  assert_int_equal(calls, 1);
  assert_false(testudo_i_table_visit(2, 9, never, &calls));
  assert_true(testudo_i_table_count(2, 9) == HUGE_VAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(classes_make_up_all_squares),
      cmocka_unit_test(rectangles),
      cmocka_unit_test(rows_and_columns_do_not_matter),
      cmocka_unit_test(ends_when_told),
      cmocka_unit_test(all_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
