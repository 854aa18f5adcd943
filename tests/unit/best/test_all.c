/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All designs of small cells: tables up to isomorphism counted in another way, the best of all by measuring each. */
#include "check.h"

#include <testudo/best.h>
#include <testudo/code.h>

#include "best/all.h"
#include "best/partials.h"

static const testudo_best_options plain = {.seed = 1, .threads = 1};

/* ---- tables up to isomorphism ---- */

enum { MOST_ROWS = 3, MOST_PLACES = 3, MOST_CHUNKS = 4 };

/* Row number `code` of all orders of `places` different ones of `chunks` chunks; false: two are the same. */
static bool row_by_code(int32_t code, int32_t places, int32_t chunks, int32_t *row)
{
  for (int32_t k = 0; k < places; k++, code /= chunks) {
    row[k] = code % chunks;
    for (int32_t before = 0; before < k; before++)
      if (row[before] == row[k])
        return false;
  }
  return true;
}

/* The table as a number: its rows, sorted, in the numbers that `name` gives to chunks. */
static int64_t number_of(int32_t row[][MOST_PLACES], int32_t rows, int32_t places, const int32_t *name)
{
  int64_t code[MOST_ROWS], number = 0;
  for (int32_t j = 0; j < rows; j++) {
    int64_t own = 0;
    for (int32_t k = 0; k < places; k++)
      own = own * MOST_CHUNKS + name[row[j][k]];
    int32_t at = j;
    for (; at > 0 && code[at - 1] > own; at--)
      code[at] = code[at - 1];
    code[at] = own;
  }
  for (int32_t j = 0; j < rows; j++)
    number = number * 64 + code[j];
  return number;
}

/* A table counts where no other numbering makes its number smaller. */
static bool is_least(int32_t row[][MOST_PLACES], int32_t rows, int32_t places, int32_t chunks)
{
  static const int32_t same[MOST_CHUNKS] = {0, 1, 2, 3};
  int64_t number = number_of(row, rows, places, same);
  int32_t name[MOST_CHUNKS];
  for (int32_t code = 0; code < 256; code++)
    if (row_by_code(code, chunks, chunks, name) && number_of(row, rows, places, name) < number)
      return false;
  return true;
}

static int32_t count_classes(int32_t rows, int32_t places, int32_t chunks)
{
  int32_t count = 0, codes = 1, row[MOST_ROWS][MOST_PLACES], tables = 1;
  for (int32_t k = 0; k < places; k++)
    codes *= chunks;
  for (int32_t j = 0; j < rows; j++)
    tables *= codes;
  for (int32_t table = 0; table < tables; table++) {
    bool sound = true, ascending = true;
    for (int32_t j = 0, rest = table, last = 0; j < rows && sound; last = rest % codes, rest /= codes, j++) {
      ascending = ascending && rest % codes >= last;
      sound = row_by_code(rest % codes, places, chunks, row[j]);
    }
    count += sound && ascending && is_least(row, rows, places, chunks);
  }
  return count;
}

static void tables_are_listed_up_to_numbers(void **state)
{
  (void)state;
  static const int32_t sizes[][3] = {{1, 2, 3}, {2, 2, 3}, {2, 2, 4}, {3, 2, 3}, {3, 2, 4}, {2, 3, 3}, {3, 3, 3},
                                     {3, 1, 4}, {2, 3, 4}, {3, 3, 4}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    testudo_i_partials partials;
    bool feasible;
    assert_ok(testudo_i_partials_make(sizes[s][0], sizes[s][1], sizes[s][2], 9, 1, NULL, &partials, &feasible, NULL));
    assert_true(feasible);
    assert_int_equal(partials.count, count_classes(sizes[s][0], sizes[s][1], sizes[s][2]));
    testudo_i_partials_free(&partials);
  }
}

/* Of two rows of two of four chunks, those to which one more row of two can add what lacks have all different chunks,
   or miss one or two. */
static void what_cannot_become_complete_is_left_out(void **state)
{
  (void)state;
  testudo_i_partials partials;
  bool feasible;
  assert_ok(testudo_i_partials_make(1, 2, 4, 1, 1, NULL, &partials, &feasible, NULL));
  assert_int_equal(partials.count, 1);
  testudo_i_partials_free(&partials);
  assert_ok(testudo_i_partials_make(1, 2, 5, 1, 1, NULL, &partials, &feasible, NULL));
  assert_int_equal(partials.count, 0);
  testudo_i_partials_free(&partials);
  assert_ok(testudo_i_partials_make(7, 4, 12, 1, 1, NULL, &partials, &feasible, NULL));
  assert_false(feasible);
  testudo_i_partials_free(&partials);
}

/* ---- the best ---- */

typedef struct small_cell {
  const char *law;
  int32_t workers, granularity, parts;
  double load;
  testudo_structure structure;
} small_cell;

/* The least value of all tables in which all workers hold as much as they may, measured one by one. */
static double least_of_all(const testudo_best_key *key, int32_t places)
{
  int32_t m = key->workers, n = m * key->granularity, codes = 1, tables = 1, row[12];
  double least = HUGE_VAL;
  for (int32_t k = 0; k < places; k++)
    codes *= n;
  for (int32_t j = 1; j < m; j++)
    tables *= codes;
  for (int32_t table = 0; table < tables; table++) { /* the first worker's row is 0, 1, .. */
    testudo_assignment orders = {0};
    testudo_design *design;
    testudo_best_value value;
    bool sound = true;
    for (int32_t j = 0, rest = table; j < m && sound; rest = j > 0 ? rest / codes : rest, j++)
      if (j == 0)
        for (int32_t k = 0; k < places; k++)
          row[k] = k;
      else
        sound = row_by_code(rest % codes, places, n, row + j * places);
    if (!sound)
      continue;
    assert_ok(testudo_assignment_ring(m, n, (int32_t)ceil(key->load), &orders, NULL));
    for (int32_t j = 0; j <= m; j++)
      orders.row[j] = j * places;
    for (int32_t e = 0; e < m * places; e++)
      orders.chunk[e] = row[e];
    if (testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, key->parts, 1, "d", &design, NULL) == TESTUDO_OK) {
      if (testudo_best_measure(key, design, &plain, NULL, &value, NULL) == TESTUDO_OK)
        least = fmin(least, value.value);
      testudo_design_free(design);
    }
    testudo_assignment_free(&orders);
  }
  return least;
}

static void the_best_is_that_of_measuring_all(void **state)
{
  (void)state;
  static const small_cell cells[] = {
      {"exp:1", 3, 1, 1, 2, TESTUDO_STRUCTURE_SCALED},      {"exp:1", 3, 1, 2, 2, TESTUDO_STRUCTURE_SCALED},
      {"shifted-exp:1,1", 3, 1, 1, 2, TESTUDO_STRUCTURE_SCALED}, {"exp:2", 2, 2, 1, 1.5, TESTUDO_STRUCTURE_SCALED},
      {"exp:1", 3, 1, 1, 3, TESTUDO_STRUCTURE_ADDITIVE},    {"weibull:0.7,1", 3, 1, 2, 3, TESTUDO_STRUCTURE_SCALED},
      {"exp:1", 2, 2, 2, 2, TESTUDO_STRUCTURE_SCALED},
      {"mixture:0.77,deterministic:1,deterministic:3", 3, 1, 1, 2, TESTUDO_STRUCTURE_SCALED},
  };
  for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
    const small_cell *of = &cells[k];
    testudo_law *law;
    assert_ok(testudo_law_parse(of->law, &law, NULL));
    const testudo_delay_model model = {.law = law, .structure = of->structure};
    testudo_best_key key = {.workers = of->workers, .granularity = of->granularity, .parts = of->parts,
                            .load = of->load, .copies = of->load, .least_copies = of->parts, .model = &model};
    const testudo_objective objectives[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                            {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}};
    for (size_t q = 0; q < 2; q++) {
      testudo_best_value value;
      testudo_design *design;
      bool feasible;
      double bound;
      char proof[96];
      key.objective = objectives[q];
      double least = least_of_all(&key, (int32_t)(of->load * of->granularity));
      assert_ok(testudo_i_best_of_all(&key, NULL, &feasible, &value, &design, NULL));
      assert_true(feasible);
      assert_close(value.value, least, 1e-8);
      assert_ok(testudo_best_fits(&key, design, NULL));
      assert_ok(testudo_best_bound(&key, NULL, &bound, proof, NULL));
      assert_true(bound <= least && bound > least * (1 - 3e-8));
      testudo_design_free(design);
    }
    testudo_law_free(law);
  }
}

/* Cells that are too large, or whose limits full loads break, or where not all iterations end. */
static void other_cells_are_not_gone_through(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law}, failing = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1};
  const testudo_best_key sound = {.workers = 4, .granularity = 1, .parts = 1, .load = 3, .copies = 3, .least_copies = 1,
                                  .model = &model, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  testudo_best_key other[] = {sound, sound, sound, sound, sound};
  other[1].copies = 2;
  other[2].least_copies = 2;
  other[3].workers = 24;
  other[4].model = &failing;
  for (size_t k = 0; k < sizeof other / sizeof *other; k++) {
    testudo_best_value value;
    testudo_design *design;
    bool feasible;
    assert_ok(testudo_i_best_of_all(&other[k], NULL, &feasible, &value, &design, NULL));
    assert_int_equal(feasible, k == 0);
    if (feasible)
      assert_close(value.value, 0.95, 1e-8);
    assert_true(feasible || design == NULL);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_are_listed_up_to_numbers),
      cmocka_unit_test(what_cannot_become_complete_is_left_out),
      cmocka_unit_test(the_best_is_that_of_measuring_all),
      cmocka_unit_test(other_cells_are_not_gone_through),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
