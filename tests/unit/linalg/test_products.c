/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels against plain loops, and, bit for bit, against the same kernels compiled for the least processor. */
#include "check.h"

#include "base/random.h"
#include "linalg/products.h"

#define testudo_i_strided least_strided
#define testudo_i_dot least_dot
#define testudo_i_add_times least_add_times
#define testudo_i_add_product least_add_product
#define testudo_i_multiply least_multiply
#define testudo_i_rows_times least_rows_times
#define testudo_i_rows_gather least_rows_gather
#define testudo_i_rows_gram least_rows_gram
#define TESTUDO_BASE_CLONES_H
#define TESTUDO_I_CLONES
#define TESTUDO_I_INLINED static inline
#undef TESTUDO_LINALG_PRODUCTS_H
#include "../lib/linalg/products.c"
#undef testudo_i_strided
#undef testudo_i_dot
#undef testudo_i_add_times
#undef testudo_i_add_product
#undef testudo_i_multiply
#undef testudo_i_rows_times
#undef testudo_i_rows_gather
#undef testudo_i_rows_gram

static double *numbers(testudo_i_random *random, size_t count)
{
  double *made = malloc((count + 1) * sizeof *made);
  assert_non_null(made);
  for (size_t k = 0; k < count; k++)
    made[k] = testudo_i_random_normal(random);
  return made;
}

static double *copy_of(const double *from, size_t count)
{
  double *made = malloc((count + 1) * sizeof *made);
  assert_non_null(made);
  memcpy(made, from, count * sizeof *made);
  return made;
}

static void assert_same_bits(const double *found, const double *wanted, size_t count)
{
  assert_memory_equal(found, wanted, count * sizeof *found);
}

static testudo_i_random start(uint64_t sequence)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 17, TESTUDO_I_FOR_TEST, sequence, 0);
  return random;
}

static void vectors_of_every_length_up_to_70(void **state)
{
  (void)state;
  testudo_i_random random = start(0);
  for (size_t n = 0; n <= 70; n++) {
    double *x = numbers(&random, n), *y = numbers(&random, n), *sum = copy_of(y, n), *least_sum = copy_of(y, n);
    double wanted = 0.0, by = testudo_i_random_normal(&random);
    for (size_t k = 0; k < n; k++)
      wanted += x[k] * y[k];
    double found = testudo_i_dot(n, x, y), plain = least_dot(n, x, y);
    assert_near(found, wanted, 1e-13);
    assert_same_bits(&found, &plain, 1);
    testudo_i_add_times(n, by, x, sum);
    least_add_times(n, by, x, least_sum);
    for (size_t k = 0; k < n; k++)
      assert_near(sum[k], y[k] + by * x[k], 1e-14);
    assert_same_bits(sum, least_sum, n);
    free(x);
    free(y);
    free(sum);
    free(least_sum);
  }
}

/* Shapes on both sides of the tile, the packed panel and the block of rows. */
static const int32_t shape[][3] = {{1, 1, 1}, {4, 4, 8}, {5, 3, 9}, {3, 7, 2}, {64, 256, 8}, {65, 257, 17},
                                   {70, 300, 3}, {33, 64, 33}, {2, 600, 1}, {131, 5, 1}, {6, 1, 40}, {0, 3, 2},
                                   {3, 0, 2}, {7, 100, 10}};

static void products_of_rows(void **state)
{
  (void)state;
  testudo_i_random random = start(1);
  for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
    int32_t rows = shape[s][0], inner = shape[s][1], columns = shape[s][2];
    size_t count = (size_t)(rows * columns), other = (size_t)(inner * columns);
    double *x = numbers(&random, (size_t)(rows * inner)), *w = numbers(&random, other), *r = numbers(&random, count);
    double *z = numbers(&random, count), *least_z = numbers(&random, count);
    double *g = numbers(&random, other), *before = copy_of(g, other), *least_g = copy_of(g, other);
    testudo_i_rows_times(rows, inner, columns, x, w, z);
    least_rows_times(rows, inner, columns, x, w, least_z);
    assert_same_bits(z, least_z, count);
    testudo_i_rows_gather(rows, inner, columns, -0.7, x, r, g);
    least_rows_gather(rows, inner, columns, -0.7, x, r, least_g);
    assert_same_bits(g, least_g, other);
    for (int32_t i = 0; i < rows; i++)
      for (int32_t j = 0; j < columns; j++) {
        double wanted = 0.0;
        for (int32_t k = 0; k < inner; k++)
          wanted += x[i * inner + k] * w[k * columns + j];
        assert_near(z[i * columns + j], wanted, 1e-12);
      }
    for (int32_t k = 0; k < inner; k++)
      for (int32_t j = 0; j < columns; j++) {
        double wanted = before[k * columns + j];
        for (int32_t i = 0; i < rows; i++)
          wanted -= 0.7 * x[i * inner + k] * r[i * columns + j];
        assert_near(g[k * columns + j], wanted, 1e-12);
      }
    free(x);
    free(w);
    free(r);
    free(z);
    free(least_z);
    free(g);
    free(before);
    free(least_g);
  }
}

static void gram_matrices_are_whole_and_symmetric(void **state)
{
  (void)state;
  testudo_i_random random = start(2);
  const int32_t sizes[][2] = {{1, 1}, {9, 4}, {300, 70}, {5, 129}, {0, 3}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    int32_t rows = sizes[s][0], n = sizes[s][1];
    size_t count = (size_t)(n * n);
    double *x = numbers(&random, (size_t)(rows * n)), *h = calloc(count, sizeof *h);
    double *least_h = calloc(count, sizeof *least_h);
    for (int turn = 1; turn <= 2; turn++) {
      testudo_i_rows_gram(rows, n, 0.5, x, h);
      least_rows_gram(rows, n, 0.5, x, least_h);
      for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
          double wanted = 0.0;
          for (int32_t k = 0; k < rows; k++)
            wanted += 0.5 * turn * x[k * n + i] * x[k * n + j];
          assert_near(h[i * n + j], wanted, 1e-11);
        }
    }
    assert_same_bits(h, least_h, count);
    free(x);
    free(h);
    free(least_h);
  }
}

/* c (rows x columns within rows of `apart`) += by a b, a transposed within a larger matrix. */
static void products_of_parts_of_matrices(void **state)
{
  (void)state;
  testudo_i_random random = start(3);
  enum { APART = 50, MOST = 46 };
  for (int32_t rows = 1; rows <= MOST; rows += 5)
    for (int32_t columns = 1; columns <= MOST; columns += 9) {
      int32_t inner = 1 + (rows + columns) % MOST;
      double *a = numbers(&random, APART * APART), *b = numbers(&random, APART * APART);
      double *c = numbers(&random, APART * APART), *before = copy_of(c, APART * APART);
      testudo_i_add_product(rows, inner, columns, 2.0, (testudo_i_strided){a + 1, 1, APART},
                            (testudo_i_strided){b + 2, APART, 1}, c + 3, APART);
      for (int32_t i = 0; i < APART; i++)
        for (int32_t j = 0; j < APART; j++) {
          double wanted = before[i * APART + j];
          bool inside = j >= 3 && j < 3 + columns && i < rows;
          for (int32_t k = 0; inside && k < inner; k++)
            wanted += 2.0 * a[1 + i + k * APART] * b[2 + k * APART + j - 3];
          assert_near(c[i * APART + j], wanted, inside ? 1e-12 : 0.0);
        }
      free(a);
      free(b);
      free(c);
      free(before);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_of_every_length_up_to_70),
      cmocka_unit_test(products_of_rows),
      cmocka_unit_test(gram_matrices_are_whole_and_symmetric),
      cmocka_unit_test(products_of_parts_of_matrices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
