/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error that stragglers leave: formulas and searches against enumeration, with decoders written here. */
#include "unit/code/graphs.h"

#include <testudo/approximate.h>

typedef struct matrix {
  int32_t workers, chunks;
  double *held; /* worker after worker, 0 or 1 */
  double *copies;
  double *basis;
} matrix;

static matrix matrix_of(const testudo_assignment *a)
{
  size_t size = (size_t)a->workers * (size_t)a->chunks;
  matrix m = {a->workers, a->chunks, calloc(size, sizeof(double)), calloc((size_t)a->chunks, sizeof(double)),
              calloc(size, sizeof(double))};
  assert_true(m.held != NULL && m.copies != NULL && m.basis != NULL);
  for (int32_t j = 0; j < a->workers; j++)
    for (int64_t e = a->row[j]; e < a->row[j + 1]; e++) {
      m.held[(size_t)j * (size_t)a->chunks + (size_t)a->chunk[e]] = 1.0;
      m.copies[a->chunk[e]] += 1.0;
    }
  return m;
}

static void matrix_free(matrix *m)
{
  free(m->held);
  free(m->copies);
  free(m->basis);
}

/* One-step: sum (c_i - 1)^2, and (sum (c_i - 1))^2. */
static void one_step(const matrix *m, const char *finished, double busy, double *error, double *aligned)
{
  double count = 0.0, total = 0.0;
  *error = 0.0;
  for (int32_t j = 0; j < m->workers; j++)
    count += finished[j];
  for (int32_t i = 0; i < m->chunks; i++) {
    double cover = 0.0;
    for (int32_t j = 0; j < m->workers; j++)
      cover += finished[j] * m->held[(size_t)j * (size_t)m->chunks + (size_t)i];
    double off = (count > 0.0 ? busy / count * cover / m->copies[i] : 0.0) - 1.0;
    *error += off * off;
    total += off;
  }
  *aligned = total * total;
}

static double dot(const double *x, const double *y, int32_t n)
{
  double sum = 0.0;
  for (int32_t i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

/* The least error, by Gram-Schmidt on the finished rows. */
static double optimal(const matrix *m, const char *finished)
{
  int32_t n = m->chunks, rank = 0;
  double error = n;
  for (int32_t j = 0; j < m->workers && rank < n; j++) {
    double *v = m->basis + (size_t)rank * (size_t)n;
    if (!finished[j])
      continue;
    memcpy(v, m->held + (size_t)j * (size_t)n, (size_t)n * sizeof *v);
    for (int pass = 0; pass < 2; pass++)
      for (int32_t b = 0; b < rank; b++) {
        double by = dot(m->basis + (size_t)b * (size_t)n, v, n);
        for (int32_t i = 0; i < n; i++)
          v[i] -= by * m->basis[(size_t)b * (size_t)n + (size_t)i];
      }
    double size = sqrt(dot(v, v, n)), sum = 0.0;
    if (size < 1e-9)
      continue;
    for (int32_t i = 0; i < n; i++) {
      v[i] /= size;
      sum += v[i];
    }
    error -= sum * sum;
    rank++;
  }
  return error;
}

/* Every set of s of the busy workers. */
typedef struct totals {
  double sets, one_step, aligned, optimal, one_step_worst, optimal_worst;
} totals;

static totals enumerate(const testudo_assignment *a, int32_t stragglers)
{
  matrix m = matrix_of(a);
  totals found = {0};
  double busy = 0.0;
  for (int32_t j = 0; j < a->workers; j++)
    busy += a->row[j + 1] > a->row[j];
  for (uint32_t set = 0; set < UINT32_C(1) << a->workers; set++) {
    char finished[20];
    int32_t count = 0;
    bool idle = false;
    for (int32_t j = 0; j < a->workers; j++) {
      finished[j] = !(set >> j & 1) && a->row[j + 1] > a->row[j];
      count += set >> j & 1;
      idle = idle || ((set >> j & 1) && a->row[j + 1] == a->row[j]);
    }
    if (count != stragglers || idle)
      continue;
    double error, aligned, least = optimal(&m, finished);
    one_step(&m, finished, busy, &error, &aligned);
    found.sets++;
    found.one_step += error;
    found.aligned += aligned;
    found.optimal += least;
    found.one_step_worst = fmax(found.one_step_worst, error);
    found.optimal_worst = fmax(found.optimal_worst, least);
  }
  matrix_free(&m);
  found.one_step /= found.sets;
  found.aligned /= found.sets;
  found.optimal /= found.sets;
  return found;
}

static testudo_design *design_over(const testudo_assignment *a)
{
  testudo_design *design;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, a, 1, 1, "", &design, NULL));
  return design;
}

static void check_by_enumeration(const testudo_assignment *a)
{
  testudo_design *design = design_over(a);
  int32_t busy = 0;
  double independent[2] = {0.0, 0.0}, p = 0.23;
  for (int32_t j = 0; j < a->workers; j++)
    busy += a->row[j + 1] > a->row[j];
  for (int32_t s = 0; s <= busy; s++) {
    totals wanted = enumerate(a, s);
    double error, aligned;
    assert_ok(testudo_one_step_error(design, s, &error, &aligned, NULL));
    assert_near(error, wanted.one_step, 1e-12 * a->chunks);
    assert_near(aligned, wanted.aligned, 1e-11 * a->chunks * a->chunks);
    double chance = wanted.sets * pow(p, s) * pow(1.0 - p, busy - s);
    independent[0] += chance * wanted.one_step;
    independent[1] += chance * wanted.aligned;
    for (int k = 0; k < 2; k++) {
      testudo_decoder decoder = k == 0 ? TESTUDO_DECODER_OPTIMAL : TESTUDO_DECODER_ONE_STEP;
      testudo_straggler_error found;
      assert_ok(testudo_straggler_error_measure(design, decoder, s, 5000, 3, NULL, &found, NULL));
      assert_true(found.mean_exact && found.worst_exact);
      assert_near(found.visited, wanted.sets, 0.0);
      assert_near(found.mean, k == 0 ? wanted.optimal : wanted.one_step, 1e-10);
      assert_near(found.worst, k == 0 ? wanted.optimal_worst : wanted.one_step_worst, 1e-10);
      assert_true(found.bound >= found.worst * (1.0 - 1e-12) - 1e-9);
      assert_true(found.bound_fails == 0.0);
      for (int32_t q = 1; q < s; q++)
        assert_true(found.worst_set[q - 1] < found.worst_set[q]);
      free(found.worst_set);
    }
  }
  double error, aligned;
  assert_ok(testudo_one_step_error_independent(design, p, &error, &aligned, NULL));
  assert_near(error, independent[0], 1e-11 * a->chunks);
  assert_near(aligned, independent[1], 1e-11 * a->chunks * a->chunks);
  testudo_design_free(design);
}

static void random_assignments_equal_enumeration(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 12; seed++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 30, 0);
    int32_t workers = 1 + (int32_t)testudo_i_random_below(&random, 10);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(&random, 14);
    testudo_assignment a = random_graph(&random, workers, chunks, 0.15 + 0.1 * (double)(seed % 4));
    check_by_enumeration(&a);
    testudo_assignment_free(&a);
  }
}

static void families_equal_enumeration(void **state)
{
  (void)state;
  testudo_assignment a;
  assert_ok(testudo_assignment_graph(6, 4, 2, NULL, &a, NULL));
  check_by_enumeration(&a);
  testudo_assignment_free(&a);
  assert_ok(testudo_assignment_frc(12, 8, 3, &a, NULL));
  check_by_enumeration(&a);
  testudo_assignment_free(&a);
  assert_ok(testudo_assignment_cyclic(11, 4, &a, NULL));
  check_by_enumeration(&a);
  testudo_assignment_free(&a);
  assert_ok(testudo_assignment_bibd(12, 9, 4, &a, NULL));
  check_by_enumeration(&a);
  testudo_assignment_free(&a);
}

/* Symmetric designs leave the same to every set of one size: by A_S' A_S = (k - lambda) I + lambda J the least error
   is N - k^2 r / (k - lambda + lambda r), one-step's is (k - lambda) / k^2 m s / r, and the bound of the spectrum is
   it. */
static void symmetric_designs_have_one_error_for_all_sets(void **state)
{
  (void)state;
  static const int32_t shape[][3] = {{7, 3, 1}, {13, 4, 1}, {11, 5, 2}, {21, 5, 1}, {37, 9, 2}, {91, 10, 1}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    double v = shape[k][0], d = shape[k][1], lambda = shape[k][2];
    testudo_assignment a;
    assert_ok(testudo_assignment_bibd(shape[k][0], shape[k][0], shape[k][1], &a, NULL));
    testudo_design *design = design_over(&a);
    for (int32_t s = 1; s < shape[k][0]; s += 1 + shape[k][0] / 9) {
      double r = v - s, one = (d - lambda) / (d * d) * v * s / r, least = v - d * d * r / (d - lambda + lambda * r);
      testudo_straggler_error found;
      assert_ok(testudo_straggler_error_measure(design, TESTUDO_DECODER_ONE_STEP, s, 60, 3, NULL, &found, NULL));
      assert_close(found.mean, one, 1e-11);
      assert_close(found.worst, one, 1e-11);
      assert_close(found.bound, one, 1e-9);
      free(found.worst_set);
      assert_ok(testudo_straggler_error_measure(design, TESTUDO_DECODER_OPTIMAL, s, 60, 3, NULL, &found, NULL));
      assert_near(found.mean, least, 1e-9);
      assert_near(found.worst, least, 1e-9);
      assert_true(found.mean_stderr < 1e-9 && found.bound >= least);
      free(found.worst_set);
    }
    testudo_design_free(design);
    testudo_assignment_free(&a);
  }
}

/* Theory 10 for fixed weights 1 / (1 - p) says p / (1 - p) sum 1 / d_i; the weight m / r, which knows r, leaves
   less, and for many workers nearly that less the part of the common factor, N / m. */
static void knowing_how_many_finished_helps(void **state)
{
  (void)state;
  testudo_assignment a;
  assert_ok(testudo_assignment_cyclic(400, 8, &a, NULL));
  testudo_design *design = design_over(&a);
  double error, aligned, p = 0.3, fixed = p / (1.0 - p) * 400.0 / 8.0;
  assert_ok(testudo_one_step_error_independent(design, p, &error, &aligned, NULL));
  assert_true(error < fixed);
  assert_close(error, fixed - p / (1.0 - p), 0.01);
  assert_near(aligned, 0.0, 1e-9);
  assert_ok(testudo_one_step_error_independent(design, 0.0, &error, &aligned, NULL));
  assert_true(error == 0.0 && aligned == 0.0);
  assert_ok(testudo_one_step_error_independent(design, 1.0, &error, &aligned, NULL));
  assert_true(error == 400.0 && aligned == 160000.0);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

/* Repetition in groups of 3 with 4 chunks: nine stragglers can take three groups, 12 chunks, and no nine can take
   more. */
static void the_search_finds_whole_groups(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_straggler_error found;
  assert_ok(testudo_assignment_frc(60, 80, 3, &a, NULL));
  testudo_design *design = design_over(&a);
  assert_ok(testudo_straggler_error_measure(design, TESTUDO_DECODER_OPTIMAL, 9, 100, 1, NULL, &found, NULL));
  assert_false(found.mean_exact || found.worst_exact);
  assert_near(found.worst, 12.0, 1e-9);
  for (int32_t k = 0; k < 9; k++)
    assert_int_equal(found.worst_set[k] / 3, found.worst_set[k - k % 3] / 3);
  /* Random stragglers: 20 groups, each lost with chance C(57, 6) / C(60, 9). */
  assert_near(found.mean, 80.0 * (9.0 * 8.0 * 7.0) / (60.0 * 59.0 * 58.0), 6.0 * found.mean_stderr + 1e-9);
  assert_true(found.mean_stderr > 0.0 && found.visited <= 1100 && found.visited > 300);
  free(found.worst_set);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

/* On a graph the worst set takes all workers of some chunks; on 40 vertices of degree 4 it is found among the swaps. */
static void components_and_squares_find_the_same(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_straggler_error found[2];
  assert_ok(testudo_assignment_graph(40, 4, 1, NULL, &a, NULL));
  testudo_design *design = design_over(&a);
  for (int k = 0; k < 2; k++)
    assert_ok(testudo_straggler_error_measure(design, k == 0 ? TESTUDO_DECODER_OPTIMAL : TESTUDO_DECODER_COMPONENT, 8,
                                              200, 1, NULL, &found[k], NULL));
  assert_true(found[0].worst >= 2.0 - 1e-9 && found[0].worst <= found[0].bound);
  assert_near(found[0].worst, found[1].worst, 1e-12);
  assert_near(found[0].mean, found[1].mean, 1e-12);
  free(found[0].worst_set);
  free(found[1].worst_set);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

static bool stop_later(void *context, double fraction)
{
  (void)fraction;
  return ++*(int *)context < 5;
}

static void refuses_and_stops(void **state)
{
  (void)state;
  testudo_assignment a;
  testudo_straggler_error found;
  testudo_error error;
  double one, two;
  int asked = 0;
  testudo_monitor monitor = {stop_later, &asked};
  assert_ok(testudo_assignment_cyclic(50, 3, &a, NULL));
  testudo_design *design = design_over(&a), *parts;
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_OPTIMAL, 51, 10, 1, NULL, &found, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "0..50"));
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_OPTIMAL, -1, 10, 1, NULL, &found, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_OPTIMAL, 5, 1, 1, NULL, &found, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_COMPONENT, 5, 10, 1, NULL, &found, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_EXACT, 5, 10, 1, NULL, &found, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "decoder exact"));
  assert_status(testudo_straggler_error_measure(design, TESTUDO_DECODER_ONE_STEP, 9, 10000, 1, &monitor, &found,
                                                &error),
                TESTUDO_INTERRUPTED);
  assert_null(found.worst_set);
  assert_status(testudo_one_step_error(design, 51, &one, &two, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_one_step_error_independent(design, 1.5, &one, &two, &error), TESTUDO_ERROR_ARGUMENT);
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &a, 2, 1, "", &parts, NULL));
  assert_status(testudo_one_step_error(parts, 1, &one, &two, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_one_step_error_independent(parts, 0.5, &one, &two, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(parts);
  testudo_design_free(design);
  testudo_assignment_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_assignments_equal_enumeration),
      cmocka_unit_test(families_equal_enumeration),
      cmocka_unit_test(symmetric_designs_have_one_error_for_all_sets),
      cmocka_unit_test(knowing_how_many_finished_helps),
      cmocka_unit_test(the_search_finds_whole_groups),
      cmocka_unit_test(components_and_squares_find_the_same),
      cmocka_unit_test(refuses_and_stops),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
