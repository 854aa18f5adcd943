/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"
#include "runtime/weighted_sum.h"

enum { LENGTH = 1200, INPUTS = 19, OUTPUTS = 4 };

#define FILL(array, count) \
  for (size_t e = 0; e < (count); e++) \
  (array)[e] = (float)testudo_i_random_normal(&random)

/* The definition: the same additions in the same order, so equal to the last bit. */
#define BASE(type) \
  static void base_##type(size_t outputs, type *const *out, size_t inputs, const type *const *in, const type *weight, \
                          size_t first, size_t last) \
  { \
    for (size_t o = 0; o < outputs; o++) \
      for (size_t t = first; t < last; t++) { \
        type sum = 0; \
        for (size_t i = 0; i < inputs; i++) \
          sum += weight[o * inputs + i] * in[i][t]; \
        out[o][t] = sum; \
      } \
  }

BASE(double)
BASE(float)

/* Lengths around the tile, every number of inputs around the groups, unaligned starts; what lies outside first..last
   is not touched. */
#define CASES(type, fast, base) \
  do { \
    static type data[INPUTS][LENGTH], weight[OUTPUTS * INPUTS], found[OUTPUTS][LENGTH], wanted[OUTPUTS][LENGTH]; \
    const type *in[INPUTS]; \
    type *found_row[OUTPUTS], *wanted_row[OUTPUTS]; \
    static const size_t ends[][2] = {{0, 0}, {0, 1}, {3, 515}, {0, 511}, {0, 512}, {1, 1025}, {7, 1200}, {9, 9}}; \
    testudo_i_random random; \
    testudo_i_random_start(&random, 41, TESTUDO_I_FOR_TEST, 0, 0); \
    for (size_t i = 0; i < INPUTS; i++) { \
      FILL(data[i], LENGTH); \
      in[i] = data[i]; \
    } \
    FILL(weight, OUTPUTS *INPUTS); \
    for (size_t o = 0; o < OUTPUTS; o++) { \
      found_row[o] = found[o]; \
      wanted_row[o] = wanted[o]; \
    } \
    for (size_t inputs = 0; inputs <= INPUTS; inputs++) \
      for (size_t outputs = 0; outputs <= OUTPUTS; outputs++) \
        for (size_t c = 0; c < sizeof ends / sizeof *ends; c++) { \
          memset(found, 0x5a, sizeof found); \
          memset(wanted, 0x5a, sizeof wanted); \
          fast(outputs, found_row, inputs, in, weight, ends[c][0], ends[c][1]); \
          base(outputs, wanted_row, inputs, in, weight, ends[c][0], ends[c][1]); \
          assert_memory_equal(found, wanted, sizeof found); \
        } \
  } while (0)

static void double_sums_equal_their_base_to_the_bit(void **state)
{
  (void)state;
  CASES(double, testudo_i_weighted_sums_double, base_double);
}

static void float_sums_equal_their_base_to_the_bit(void **state)
{
  (void)state;
  CASES(float, testudo_i_weighted_sums_float, base_float);
}

static void the_base_is_the_sum_written_out(void **state)
{
  (void)state;
  const double a[] = {1.5, 2.25, -3.0}, b[] = {0.5, 0.125, 7.0};
  const double *in[] = {a, b}, weight[] = {2.0, -4.0, 0.5, 3.0};
  double one[3] = {9.0, 9.0, 9.0}, two[3] = {9.0, 9.0, 9.0};
  double *out[] = {one, two};
  base_double(2, out, 2, in, weight, 1, 3);
  assert_true(one[0] == 9.0 && one[1] == 4.0 && one[2] == -34.0);
  assert_true(two[0] == 9.0 && two[1] == 1.5 && two[2] == 19.5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(double_sums_equal_their_base_to_the_bit),
      cmocka_unit_test(float_sums_equal_their_base_to_the_bit),
      cmocka_unit_test(the_base_is_the_sum_written_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
