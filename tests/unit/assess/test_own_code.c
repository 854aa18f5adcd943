/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient codes of the caller's own: accepted exactly where every straggler set leaves the ones in the span, by
   elimination with whole numbers here. */
#include "check.h"

#include <testudo/runtime.h>
#include <testudo/trust.h>

#include "base/random.h"

enum { MOST = 7 };

static testudo_design *design_from(const char *text, int32_t stragglers, testudo_status wanted)
{
  const testudo_matrix_options options = {.weighted = true};
  testudo_matrix matrix;
  testudo_design *design = NULL;
  assert_ok(testudo_matrix_parse(text, strlen(text), "b", &options, &matrix, NULL));
  assert_status(testudo_design_create_weighted(&matrix, stragglers, "", &design, NULL), wanted);
  testudo_matrix_free(&matrix);
  return design;
}

static testudo_code_check check_of(testudo_design *design)
{
  testudo_code_check check;
  assert_ok(testudo_code_verify(design, NULL, &check, NULL));
  testudo_design_free(design);
  return check;
}

/* ---- the rank, by fractions: numerators and denominators of small numbers stay small in long double's 64 bits ---- */

static int rank_of(const int (*b)[MOST], const bool *left, int workers, int chunks, bool ones)
{
  long double a[MOST + 1][MOST];
  int rows = 0, rank = 0;
  for (int j = 0; j < workers; j++)
    if (!left[j]) {
      for (int i = 0; i < chunks; i++)
        a[rows][i] = b[j][i];
      rows++;
    }
  if (ones) {
    for (int i = 0; i < chunks; i++)
      a[rows][i] = 1;
    rows++;
  }
  for (int i = 0; i < chunks && rank < rows; i++) {
    int pivot = rank;
    for (int r = rank; r < rows; r++)
      if (fabsl(a[r][i]) > fabsl(a[pivot][i]))
        pivot = r;
    if (fabsl(a[pivot][i]) < 1e-12L)
      continue;
    for (int k = 0; k < chunks; k++) {
      long double kept = a[pivot][k];
      a[pivot][k] = a[rank][k];
      a[rank][k] = kept;
    }
    for (int r = rank + 1; r < rows; r++) {
      long double factor = a[r][i] / a[rank][i];
      for (int k = i; k < chunks; k++)
        a[r][k] -= factor * a[rank][k];
    }
    rank++;
  }
  return rank;
}

static bool every_set_spans(const int (*b)[MOST], int workers, int chunks, int stragglers, int *sets)
{
  bool all = true;
  *sets = 0;
  for (int set = 0; set < 1 << workers; set++) {
    bool left[MOST];
    int count = 0;
    for (int j = 0; j < workers; j++)
      count += left[j] = set >> j & 1;
    if (count != stragglers)
      continue;
    ++*sets;
    all = all && rank_of(b, left, workers, chunks, true) == rank_of(b, left, workers, chunks, false);
  }
  return all;
}

/* Small whole numbers, many zeros; or rows of a code that is one, with some numbers changed. */
static void draw(testudo_i_random *random, int (*b)[MOST], int workers, int chunks, int kind)
{
  for (int j = 0; j < workers; j++)
    for (int i = 0; i < chunks; i++)
      b[j][i] = (int)testudo_i_random_below(random, 5) - (kind == 0 ? 2 : 1);
  if (kind == 2) /* the ones, many times over: any row decodes alone */
    for (int j = 0; j < workers; j++)
      for (int i = 0; i < chunks; i++)
        b[j][i] = j % 3 + 1;
  if (kind == 2 && testudo_i_random_below(random, 2) == 0)
    b[testudo_i_random_below(random, (uint64_t)workers)][0] = 5;
}

static void is_accepted_exactly_where_every_set_spans_the_ones(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 2000; round++) {
    int workers = 2 + (int)testudo_i_random_below(&random, MOST - 1), b[MOST][MOST], sets;
    int chunks = 1 + (int)testudo_i_random_below(&random, (uint64_t)(round % 3 == 2 ? MOST : 3));
    int stragglers = (int)testudo_i_random_below(&random, (uint64_t)(workers < 4 ? workers : 3));
    char text[MOST * MOST * 4 + MOST] = "", *at = text;
    draw(&random, b, workers, chunks, round % 3);
    bool copies = true;
    for (int i = 0; i < chunks; i++) {
      int held = 0;
      for (int j = 0; j < workers; j++)
        held += b[j][i] != 0;
      copies = copies && held > stragglers;
    }
    if (!copies)
      continue;
    for (int j = 0; j < workers; j++)
      for (int i = 0; i < chunks; i++)
        at += sprintf(at, "%d%c", b[j][i], i + 1 < chunks ? ';' : '\n');
    bool spans = every_set_spans((const int(*)[MOST])b, workers, chunks, stragglers, &sets);
    testudo_design *design = design_from(text, stragglers, TESTUDO_OK);
    bool repetition = strcmp(testudo_design_construction(design), "frc") == 0;
    testudo_code_check check = check_of(design);
    if (repetition) { /* all ones in groups: nothing is tried */
      assert_true(spans);
      continue;
    }
    assert_true(check.possible == sets);
    assert_int_equal(check.failed + check.refused == 0, spans);
    assert_true(check.exhaustive || !spans);
    assert_int_equal(check.first[0] == '\0', spans);
    if (spans)
      assert_int_equal(check.sets, sets);
    accepted += spans;
    refused += !spans;
  }
  assert_true(accepted > 100);
  assert_true(refused > 100);
}

/* Rows of Tandon's code for ten workers under other numbers, as text with all digits. */
static char *permuted_code(int32_t n, int32_t s, double first)
{
  testudo_assignment cyclic;
  testudo_design *design;
  testudo_i_random random;
  int32_t worker[16], chunk[16];
  char *text = malloc((size_t)n * (size_t)n * 32), *at = text;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &cyclic, NULL));
  assert_ok(testudo_design_create_gradient_code(&cyclic, s, 3, "", &design, NULL));
  testudo_assignment_free(&cyclic);
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t j = 0; j < n; j++)
    worker[j] = chunk[j] = j;
  testudo_i_random_shuffle(&random, worker, (size_t)n);
  testudo_i_random_shuffle(&random, chunk, (size_t)n);
  for (int32_t j = 0; j < n; j++)
    for (int32_t i = 0; i < n; i++) {
      double weight = 0.0;
      for (int32_t k = 0; k <= s; k++)
        if (testudo_design_order(design, worker[j])[k] == chunk[i])
          weight = testudo_design_coefficients(design, worker[j])[k];
      if (weight != 0.0 && first != 0.0) {
        weight *= first;
        first = 0.0;
      }
      at += sprintf(at, "%.17g%c", weight, i + 1 < n ? ',' : '\n');
    }
  testudo_design_free(design);
  return text;
}

static void a_permuted_code_is_one_and_a_changed_one_is_not(void **state)
{
  (void)state;
  char *right = permuted_code(10, 3, 0.0), *wrong = permuted_code(10, 3, 1.01);
  testudo_code_check check = check_of(design_from(right, 3, TESTUDO_OK));
  assert_int_equal(check.sets, 120);
  assert_true(check.exhaustive);
  assert_int_equal(check.failed + check.refused, 0);
  check = check_of(design_from(wrong, 3, TESTUDO_OK));
  assert_int_equal(check.failed, 1);
  assert_false(check.exhaustive);
  assert_true(check.residual > 1e-4);
  free(right);
  free(wrong);
}

/* What has too few copies is no design; a matrix without weights is no code. */
static void what_cannot_be_one_is_refused(void **state)
{
  (void)state;
  testudo_matrix matrix;
  testudo_design *design;
  assert_null(design_from("1,1\n0,1\n", 1, TESTUDO_ERROR_ARGUMENT));
  assert_ok(testudo_matrix_parse("1,1\n1,1\n", 8, "b", NULL, &matrix, NULL));
  assert_status(testudo_design_create_weighted(&matrix, 1, "", &design, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_matrix_free(&matrix);
}

/* A worker without chunks counts as finished, and changes nothing. */
static void idle_workers_are_tried_too(void **state)
{
  (void)state;
  testudo_code_check check = check_of(design_from("2,2\n0,0\n-1,-1\n.5,.5\n", 2, TESTUDO_OK));
  assert_true(check.exhaustive);
  assert_int_equal(check.sets, 6);
  check = check_of(design_from("2,2\n0,0\n-1,-1\n", 1, TESTUDO_OK));
  assert_true(check.exhaustive);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_accepted_exactly_where_every_set_spans_the_ones),
      cmocka_unit_test(a_permuted_code_is_one_and_a_changed_one_is_not),
      cmocka_unit_test(what_cannot_be_one_is_refused),
      cmocka_unit_test(idle_workers_are_tried_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
