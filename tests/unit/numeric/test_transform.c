/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution by transforms against sums of products in long doubles. */
#include "check.h"

#include "base/memory.h"
#include "numeric/transform.h"

static uint64_t state_of_draws = 1;

static double draw(void)
{
  state_of_draws = state_of_draws * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state_of_draws >> 11) * 0x1p-53;
}

/* Probabilities, with many small ones and a few large. */
static void draw_law(double *x, size_t count)
{
  double sum = 0.0;
  for (size_t k = 0; k < count; k++)
    sum += x[k] = pow(draw(), 20.0);
  for (size_t k = 0; k < count; k++)
    x[k] /= sum;
}

static long double product_sum(const double *x, const double *y, size_t k)
{
  long double sum = 0.0L;
  for (size_t j = 0; j <= k; j++)
    sum += (long double)x[j] * y[k - j];
  return sum;
}

/* At every stride-th place, and their sum. */
static void compare_with_sums(size_t count, size_t stride, double allowed)
{
  testudo_i_arena arena = {0};
  testudo_i_transform *transform = testudo_i_transform_make(&arena, count);
  assert_non_null(transform);
  size_t numbers = testudo_i_transform_numbers(transform);
  assert_true(numbers >= 2 * count && (count < 16 || numbers <= count * 5 / 2 + 8));
  double *x = testudo_i_alloc(3 * count, sizeof *x), *spectrum = testudo_i_alloc(2 * numbers, sizeof *spectrum);
  assert_true(x != NULL && spectrum != NULL);
  double *y = x + count, *z = y + count, *by = spectrum + numbers;
  draw_law(x, count);
  draw_law(y, count);
  testudo_i_transform_spectrum(transform, x, spectrum);
  testudo_i_transform_spectrum(transform, y, by);
  testudo_i_transform_convolve(transform, spectrum, by, z);
  long double exact = 0.0L, found = 0.0L;
  for (size_t k = 0; k < count; k += stride) {
    assert_near(z[k], (double)product_sum(x, y, k), allowed);
    exact += product_sum(x, y, k);
    found += z[k];
  }
  assert_near((double)found, (double)exact, 2e-15);
  /* A square, into the sequence itself. */
  memcpy(z, y, count * sizeof *z);
  testudo_i_transform_convolve(transform, by, by, y);
  for (size_t k = 0; k < count; k += stride)
    assert_near(y[k], (double)product_sum(z, z, k), allowed);
  testudo_i_arena_clear(&arena);
  free(x);
  free(spectrum);
}

static void convolutions_are_sums_of_products(void **state)
{
  (void)state;
  for (size_t count = 1; count <= 70; count++)
    compare_with_sums(count, 1, 1e-15);
  compare_with_sums(1000, 7, 1e-16);
  compare_with_sums(4097, 31, 1e-16);
  compare_with_sums(150000, 1009, 1e-17);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(convolutions_are_sums_of_products),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
