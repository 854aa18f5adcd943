/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of coded gradients against all sets of stragglers and against draws, copies against all choices, and the
   bound with compression against runs of it. */
#include "check.h"

#include <testudo/approximate.h>
#include <testudo/convergence.h>

#include "base/random.h"

enum { DIM = 4, MOST_CHUNKS = 8, MOST_WORKERS = 16 };

typedef struct allocation {
  testudo_design *design;
  int32_t workers, chunks, copies[MOST_CHUNKS];
  double gradient[MOST_CHUNKS][DIM], gram[MOST_CHUNKS * MOST_CHUNKS], squares[MOST_CHUNKS], total[DIM], total_square;
  bool balanced;
} allocation;

static double product(const double *x, const double *y)
{
  double sum = 0.0;
  for (int i = 0; i < DIM; i++)
    sum += x[i] * y[i];
  return sum;
}

static void allocation_draw_gradients(allocation *a, testudo_i_random *draws)
{
  memset(a->total, 0, sizeof a->total);
  for (int k = 0; k < a->chunks; k++)
    for (int i = 0; i < DIM; i++) {
      a->gradient[k][i] = 0.7 + (k + 1) * testudo_i_random_normal(draws);
      a->total[i] += a->gradient[k][i];
    }
  for (int k = 0; k < a->chunks; k++) {
    a->squares[k] = product(a->gradient[k], a->gradient[k]);
    for (int l = 0; l < a->chunks; l++)
      a->gram[k * a->chunks + l] = product(a->gradient[k], a->gradient[l]);
  }
  a->total_square = product(a->total, a->total);
}

static void allocation_make(allocation *a, int32_t workers, int32_t chunks, const int32_t *copies, uint64_t seed)
{
  testudo_assignment made;
  testudo_i_random draws;
  memset(a, 0, sizeof *a);
  a->workers = workers;
  a->chunks = chunks;
  memcpy(a->copies, copies, (size_t)chunks * sizeof *copies);
  assert_ok(testudo_assignment_pairwise(workers, chunks, copies, seed, NULL, &made, &a->balanced, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &made, 1, 1, "", &a->design, NULL));
  testudo_assignment_free(&made);
  testudo_i_random_start(&draws, seed, TESTUDO_I_FOR_TEST, 3, 0);
  allocation_draw_gradients(a, &draws);
}

/* What arrives where the workers of the mask do not straggle. */
static void allocation_estimate(const allocation *a, unsigned mask, double straggle, double *estimate)
{
  memset(estimate, 0, DIM * sizeof *estimate);
  for (int32_t j = 0; j < a->workers; j++)
    if (mask & 1u << j)
      for (int32_t e = 0; e < testudo_design_load(a->design, j); e++) {
        int32_t k = testudo_design_order(a->design, j)[e];
        for (int i = 0; i < DIM; i++)
          estimate[i] += a->gradient[k][i] / (a->copies[k] * (1.0 - straggle));
      }
}

/* The mean of the estimate and of its squared error over all 2^m sets of stragglers. */
static double allocation_enumerate(const allocation *a, double straggle, double *mean)
{
  double variance = 0.0;
  memset(mean, 0, DIM * sizeof *mean);
  for (unsigned mask = 0; mask < 1u << a->workers; mask++) {
    double chance = 1.0, estimate[DIM], error[DIM];
    for (int32_t j = 0; j < a->workers; j++)
      chance *= mask & 1u << j ? 1.0 - straggle : straggle;
    allocation_estimate(a, mask, straggle, estimate);
    for (int i = 0; i < DIM; i++) {
      mean[i] += chance * estimate[i];
      error[i] = estimate[i] - a->total[i];
    }
    variance += chance * product(error, error);
  }
  return variance;
}

static const struct {
  int32_t workers, chunks, copies[MOST_CHUNKS];
  bool balanced;
} kinds[] = {
    {4, 3, {2, 2, 2}, true},           {9, 4, {3, 3, 6, 3}, true},
    {8, 6, {4, 4, 8, 4, 4, 4}, true},  {12, 5, {6, 6, 6, 6, 12}, true},
    {5, 5, {2, 2, 2, 2, 2}, false},    {7, 3, {1, 3, 5}, false},
    {6, 8, {3, 3, 3, 3, 3, 3, 3, 3}, false}, {3, 2, {3, 1}, true},
};

static void the_variance_is_that_of_all_sets_of_stragglers(void **state)
{
  (void)state;
  for (size_t c = 0; c < sizeof kinds / sizeof *kinds; c++) {
    allocation a;
    allocation_make(&a, kinds[c].workers, kinds[c].chunks, kinds[c].copies, c + 1);
    assert_int_equal(a.balanced, kinds[c].balanced);
    double spread, balanced, mean[DIM];
    assert_ok(testudo_coded_spread(a.design, a.gram, &spread, NULL));
    assert_ok(testudo_coded_spread_balanced(a.workers, a.chunks, a.copies, a.squares, a.total_square, &balanced, NULL));
    for (double straggle = 0.0; straggle < 0.95; straggle += 0.3) {
      double variance = allocation_enumerate(&a, straggle, mean);
      assert_near(testudo_coded_variance(straggle, spread), variance, 1e-10 * (1.0 + variance));
      for (int i = 0; i < DIM; i++)
        assert_near(mean[i], a.total[i], 1e-9 * (1.0 + fabs(a.total[i])));
    }
    if (a.balanced)
      assert_close(balanced, spread, 1e-12);
    else
      assert_true(fabs(balanced - spread) > 1e-3 * spread); /* the short form is for balanced ones only */
    testudo_design_free(a.design);
  }
}

/* Draws, more workers: |z| < 4; and the formula for another p is noticed. */
static void the_variance_is_that_of_draws(void **state)
{
  (void)state;
  enum { TRIALS = 40000 };
  static const int32_t copies[2][MOST_CHUNKS] = {{4, 4, 8, 4, 12}, {3, 5, 7, 2, 4, 9, 6, 1}};
  for (int c = 0; c < 2; c++) {
    allocation a;
    allocation_make(&a, 16, c == 0 ? 5 : 8, copies[c], 9);
    assert_int_equal(a.balanced, c == 0);
    double spread, straggle = 0.35, sum = 0.0, squares = 0.0, mean[DIM] = {0.0}, mean_squares[DIM] = {0.0};
    assert_ok(testudo_coded_spread(a.design, a.gram, &spread, NULL));
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
      testudo_i_random draws;
      testudo_i_random_start(&draws, 4, TESTUDO_I_FOR_TEST, trial, (uint64_t)c);
      unsigned mask = 0;
      for (int32_t j = 0; j < a.workers; j++)
        mask |= testudo_i_random_uniform(&draws) >= straggle ? 1u << j : 0;
      double estimate[DIM], error[DIM];
      allocation_estimate(&a, mask, straggle, estimate);
      for (int i = 0; i < DIM; i++) {
        error[i] = estimate[i] - a.total[i];
        mean[i] += error[i] / TRIALS;
        mean_squares[i] += error[i] * error[i] / TRIALS;
      }
      double square = product(error, error);
      sum += square / TRIALS;
      squares += square * square / TRIALS;
    }
    double error = sqrt((squares - sum * sum) / TRIALS);
    assert_true(fabs(sum - testudo_coded_variance(straggle, spread)) < 4.0 * error);
    assert_true(fabs(sum - testudo_coded_variance(0.38, spread)) > 4.0 * error);
    for (int i = 0; i < DIM; i++)
      assert_true(fabs(mean[i]) < 4.0 * sqrt(mean_squares[i] / TRIALS));
    testudo_design_free(a.design);
  }
}

/* All choices of copies for four chunks on five workers. */
static void copies_are_the_best_of_all(void **state)
{
  (void)state;
  testudo_i_random draws;
  testudo_i_random_start(&draws, 8, TESTUDO_I_FOR_TEST, 0, 0);
  for (int problem = 0; problem < 100; problem++) {
    double squares[4];
    for (int k = 0; k < 4; k++)
      squares[k] = problem % 5 == 0 ? 1.0 : exp(3.0 * testudo_i_random_normal(&draws));
    int64_t entries = 4 + (int64_t)testudo_i_random_below(&draws, 19);
    int32_t copies[4], all[4];
    double found, best = HUGE_VAL;
    assert_ok(testudo_coded_copies(5, 4, squares, entries, copies, NULL));
    assert_ok(testudo_coded_spread_balanced(5, 4, copies, squares, 7.0, &found, NULL));
    int64_t used = copies[0] + copies[1] + copies[2] + copies[3];
    assert_true(used == (entries < 20 ? entries : 20));
    for (int c = 0; c < 625; c++) {
      for (int k = 0, rest = c; k < 4; k++, rest /= 5)
        all[k] = 1 + rest % 5;
      double value;
      if (all[0] + all[1] + all[2] + all[3] > entries)
        continue;
      assert_ok(testudo_coded_spread_balanced(5, 4, all, squares, 7.0, &value, NULL));
      best = fmin(best, value);
    }
    assert_close(found, best, 1e-12);
  }
}

/* ---- compression ---- */

static int descending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

/* ||x||^2 less the squared error, divided by ||x||^2, found by compressing. */
static double kept(const double *x, int64_t dim, testudo_compression compression, int64_t size)
{
  double whole = 0.0, left = 0.0, square[64];
  for (int64_t i = 0; i < dim; i++) {
    square[i] = x[i] * x[i];
    whole += square[i];
  }
  if (compression == TESTUDO_COMPRESSION_TOP_K) {
    qsort(square, (size_t)dim, sizeof *square, descending);
    for (int64_t i = size; i < dim; i++)
      left += square[i];
  } else
    for (int64_t from = 0; from < dim; from += size) {
      int64_t to = from + size < dim ? from + size : dim;
      double length = 0.0;
      for (int64_t i = from; i < to; i++)
        length += fabs(x[i]) / (double)(to - from);
      for (int64_t i = from; i < to; i++)
        left += (fabs(x[i]) - length) * (fabs(x[i]) - length);
    }
  return 1.0 - left / whole;
}

static void contractions_hold(void **state)
{
  (void)state;
  testudo_i_random draws;
  testudo_i_random_start(&draws, 12, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 10000; trial++) {
    double x[64];
    int64_t dim = 1 + (int64_t)testudo_i_random_below(&draws, 64);
    int64_t size = 1 + (int64_t)testudo_i_random_below(&draws, (uint64_t)dim);
    for (int64_t i = 0; i < dim; i++)
      x[i] = trial % 3 == 0 ? 1.0 : trial % 3 == 1 ? i % size == 0 : testudo_i_random_normal(&draws);
    for (testudo_compression c = TESTUDO_COMPRESSION_TOP_K; c <= TESTUDO_COMPRESSION_GROUPED_SIGN; c++)
      assert_true(kept(x, dim, c, size) >= testudo_compression_contraction(c, dim, size, false) - 1e-12);
  }
  /* Attained: all numbers alike, one number per group. */
  double alike[8] = {1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0}, single[8] = {0.0, 0.0, 3.0, 0.0, 0.0, -2.0, 0.0, 0.0};
  assert_close(kept(alike, 8, TESTUDO_COMPRESSION_TOP_K, 3), 3.0 / 8.0, 1e-14);
  assert_close(kept(single, 8, TESTUDO_COMPRESSION_GROUPED_SIGN, 4), 0.25, 1e-14);
}

static void typical_contractions_are_those_of_normal_numbers(void **state)
{
  (void)state;
  enum { TRIALS = 20000, LENGTH = 64 };
  testudo_i_random draws;
  testudo_i_random_start(&draws, 13, TESTUDO_I_FOR_TEST, 0, 0);
  double sum[2] = {0.0}, squares[2] = {0.0};
  for (int trial = 0; trial < TRIALS; trial++) {
    double x[LENGTH];
    for (int i = 0; i < LENGTH; i++)
      x[i] = testudo_i_random_normal(&draws);
    double found[2] = {kept(x, LENGTH, TESTUDO_COMPRESSION_GROUPED_SIGN, LENGTH),
                       kept(x, LENGTH, TESTUDO_COMPRESSION_TOP_K, 8)};
    for (int k = 0; k < 2; k++) {
      sum[k] += found[k] / TRIALS;
      squares[k] += found[k] * found[k] / TRIALS;
    }
  }
  double sign = testudo_compression_contraction(TESTUDO_COMPRESSION_GROUPED_SIGN, LENGTH, LENGTH, true);
  double top = testudo_compression_contraction(TESTUDO_COMPRESSION_TOP_K, LENGTH, 8, true);
  assert_true(fabs(sum[0] - sign) < 4.0 * sqrt((squares[0] - sum[0] * sum[0]) / TRIALS));
  assert_near(sum[1], top, 0.02); /* in the limit of many numbers */
  assert_close(testudo_compression_contraction(TESTUDO_COMPRESSION_TOP_K, 9, 9, true), 1.0, 1e-14);
  assert_true(isnan(testudo_compression_contraction(TESTUDO_COMPRESSION_TOP_K, 9, 10, true)));
}

static void bits_count_numbers_places_and_signs(void **state)
{
  (void)state;
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 1000, 7), 7 * (32 + 10));
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 1024, 1), 32 + 10);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 1025, 1), 32 + 11);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 1, 1), 32);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_GROUPED_SIGN, 100, 30), 100 + 4 * 32);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_GROUPED_SIGN, 100, 100), 132);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 100, 101), -1);
  assert_int_equal(testudo_compression_bits(TESTUDO_COMPRESSION_TOP_K, 100, 0), -1);
}

static testudo_coco some_run(void)
{
  return (testudo_coco){.workers = 10, .straggle = 0.3, .spread = 5.0, .smoothness = 2.0, .step = 0.01, .gap = 3.0,
                        .dim = 300, .compression = TESTUDO_COMPRESSION_TOP_K, .bits = 1e7};
}

static void the_chosen_size_is_the_best_of_all(void **state)
{
  (void)state;
  testudo_coco run = some_run();
  for (int c = 0; c < 16; c++) {
    run.compression = c & 1 ? TESTUDO_COMPRESSION_GROUPED_SIGN : TESTUDO_COMPRESSION_TOP_K;
    run.typical = c & 2;
    run.message_bits = c & 4 ? 900 : 0;
    run.step = c & 8 ? 0.01 : 1e-4;
    testudo_coco_choice chosen, found, best = {.bound = HUGE_VAL};
    assert_ok(testudo_coco_choose(&run, &chosen, NULL));
    for (int64_t size = 1; size <= run.dim; size++) {
      assert_ok(testudo_coco_bound(&run, size, &found, NULL));
      double delta = found.contraction, updates = run.bits / (7.0 * (double)found.message_bits);
      double wanted = 2.0 * 3.0 / (run.step * updates) + 2.0 * run.step * 0.3 / 0.7 * 5.0 +
                      4.0 * 4.0 * run.step * run.step * 10.0 * (1.0 - delta) * 5.0 / (delta * delta * 0.49);
      assert_close(found.bound, wanted / (1.0 - 2.0 * run.step), 1e-12);
      if ((run.message_bits == 0 || found.message_bits <= run.message_bits) && found.bound < best.bound)
        best = found;
    }
    assert_int_equal(chosen.size, best.size);
    assert_true(chosen.bound == best.bound);
    assert_true(chosen.size > 1 || c & 4 || run.step < 0.01);
  }
}

/* Runs on f_k(w) = h_k ||w - t_k||^2 / 2: Top-1 of 4 with error memories. The largest spread seen stands for the bound
   of it that is assumed; the mean of ||grad F||^2 must stay below, and without compression too. */
static double runs_of_coco(allocation *a, int keep, double straggle, double step, int updates, double *most_spread)
{
  enum { RUNS = 400 };
  double mean = 0.0;
  for (uint64_t run = 0; run < RUNS; run++) {
    testudo_i_random draws;
    double w[DIM] = {0.0}, memory[MOST_WORKERS][DIM] = {{0.0}};
    testudo_i_random_start(&draws, 31, TESTUDO_I_FOR_TEST, run, 0);
    for (int t = 0; t < updates; t++) {
      double gradient[MOST_CHUNKS][DIM], gram[MOST_CHUNKS * MOST_CHUNKS], whole[DIM] = {0.0}, spread, move[DIM] = {0.0};
      for (int k = 0; k < a->chunks; k++)
        for (int i = 0; i < DIM; i++) {
          gradient[k][i] = (1.0 + k % 3) * (w[i] - a->gradient[k][i]);
          whole[i] += gradient[k][i];
        }
      for (int k = 0; k < a->chunks * a->chunks; k++)
        gram[k] = product(gradient[k / a->chunks], gradient[k % a->chunks]);
      assert_ok(testudo_coded_spread(a->design, gram, &spread, NULL));
      *most_spread = fmax(*most_spread, spread);
      mean += product(whole, whole) / (updates * (double)RUNS);
      for (int32_t j = 0; j < a->workers; j++) {
        if (testudo_i_random_uniform(&draws) < straggle)
          continue;
        for (int32_t e = 0; e < testudo_design_load(a->design, j); e++) {
          int32_t k = testudo_design_order(a->design, j)[e];
          for (int i = 0; i < DIM; i++)
            memory[j][i] += step * gradient[k][i] / (a->copies[k] * (1.0 - straggle));
        }
        for (int sent = 0; sent < keep; sent++) {
          int largest = 0;
          for (int i = 1; i < DIM; i++)
            largest = fabs(memory[j][i]) > fabs(memory[j][largest]) ? i : largest;
          move[largest] += memory[j][largest];
          memory[j][largest] = 0.0;
        }
      }
      for (int i = 0; i < DIM; i++)
        w[i] -= move[i];
    }
  }
  return mean;
}

static void runs_stay_below_the_bound(void **state)
{
  (void)state;
  static const int32_t copies[MOST_CHUNKS] = {2, 2, 2};
  allocation a;
  allocation_make(&a, 4, 3, copies, 2);
  for (int keep = 1; keep <= DIM; keep += DIM - 1)
    for (int late = 0; late < 2; late++) {
      testudo_coco run = {.workers = 4, .straggle = late ? 0.6 : 0.1, .smoothness = 6.0, .step = 0.01, .dim = DIM};
      double centre[DIM] = {0.0}, found;
      int updates = 150;
      for (int k = 0; k < 3; k++)
        for (int i = 0; i < DIM; i++)
          centre[i] += (1.0 + k % 3) / 6.0 * a.gradient[k][i];
      run.gap = 3.0 * product(centre, centre); /* F(0) - F* = L / 2 ||w*||^2 */
      found = runs_of_coco(&a, keep, run.straggle, run.step, updates, &run.spread);
      run.bits = updates * 4 * (1.0 - run.straggle) * (double)testudo_compression_bits(run.compression, DIM, keep);
      testudo_coco_choice choice;
      assert_ok(testudo_coco_bound(&run, keep, &choice, NULL));
      assert_close(choice.updates, (double)updates, 1e-12);
      assert_true(keep < DIM || choice.memory == 0.0);
      assert_true(found * 1.02 < choice.bound);
      assert_true(found > 0.1 * choice.bound || keep < DIM); /* uncompressed: not far below */
    }
  testudo_design_free(a.design);
}

/* ---- refusals ---- */

static void refusals(void **state)
{
  (void)state;
  double squares[2] = {1.0, -1.0}, good[2] = {1.0, 1.0}, value;
  int32_t copies[2] = {1, 4};
  testudo_error error;
  assert_status(testudo_coded_spread_balanced(3, 2, copies, good, 1.0, &value, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "copies[1]: 4, but 3 workers allow 1..3"));
  assert_status(testudo_coded_spread_balanced(4, 2, copies, squares, 1.0, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_coded_spread_balanced(4, 2, copies, good, NAN, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_coded_copies(4, 2, squares, 5, copies, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_coded_copies(4, 2, good, 1, copies, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "entries: 1 copies for 2 chunks"));
  assert_ok(testudo_coded_copies(1, 2, good, 9, copies, NULL));
  assert_int_equal(copies[0] + copies[1], 2);
  assert_true(isnan(testudo_coded_variance(1.0, 1.0)) && isnan(testudo_coded_variance(-0.1, 1.0)));
  allocation a;
  allocation_make(&a, kinds[0].workers, kinds[0].chunks, kinds[0].copies, 1);
  a.gram[0] = NAN;
  assert_status(testudo_coded_spread(a.design, a.gram, &value, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(a.design);
  testudo_coco bad[8];
  static const char *const reason[] = {"straggle: p = 1", "eta = 0.3, but the bound needs 0 < eta <= 1 / (2 L) = 0.25",
                                       "dim: 0", "20 per message", "bits: 10 in all", "spread -1", "smoothness: L = 0",
                                       "workers: 0"};
  for (int k = 0; k < 8; k++)
    bad[k] = some_run();
  bad[0].straggle = 1.0;
  bad[1].step = 0.3;
  bad[2].dim = 0;
  bad[3].message_bits = 20;
  bad[4].bits = 10.0;
  bad[5].spread = -1.0;
  bad[6].smoothness = 0.0;
  bad[7].workers = 0;
  for (int k = 0; k < 8; k++) {
    testudo_coco_choice choice;
    assert_status(testudo_coco_choose(&bad[k], &choice, &error), TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, reason[k]) == NULL)
      fail_msg("'%s' has no '%s'", error.text, reason[k]);
  }
  testudo_coco run = some_run();
  testudo_coco_choice choice;
  assert_status(testudo_coco_bound(&run, 301, &choice, NULL), TESTUDO_ERROR_ARGUMENT);
  run.bits = 100.0;
  assert_ok(testudo_coco_bound(&run, 300, &choice, NULL));
  assert_true(isinf(choice.bound)); /* not one update */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_variance_is_that_of_all_sets_of_stragglers),
      cmocka_unit_test(the_variance_is_that_of_draws),
      cmocka_unit_test(copies_are_the_best_of_all),
      cmocka_unit_test(contractions_hold),
      cmocka_unit_test(typical_contractions_are_those_of_normal_numbers),
      cmocka_unit_test(bits_count_numbers_places_and_signs),
      cmocka_unit_test(the_chosen_size_is_the_best_of_all),
      cmocka_unit_test(runs_stay_below_the_bound),
      cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
