/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <testudo/code.h>

#include "tests/check.h"

static testudo_status parse(const char *text, testudo_assignment *assignment, testudo_error *error)
{
  return testudo_orders_parse(text, strlen(text), "o.csv", assignment, error);
}

static void an_order_of_its_own_keeps_its_sequence(void **state)
{
  (void)state;
  testudo_assignment made = {0};
  static const int32_t wanted[] = {3, 1, 2, 0};
  assert_ok(parse("3,1\n\n2,0,-1\n", &made, NULL));
  assert_int_equal(made.workers, 3);
  assert_int_equal(made.chunks, 4);
  assert_int_equal(made.row[1], 2);
  assert_int_equal(made.row[2], 2);
  for (int k = 0; k < 4; k++)
    assert_int_equal(made.chunk[k], wanted[k]);
  testudo_assignment_free(&made);
}

static void an_assignment_is_put_in_order(void **state)
{
  (void)state;
  testudo_assignment given;
  static const int32_t wanted[] = {1, 0, 2, 1, 0, 2};
  assert_ok(testudo_assignment_cyclic(3, 2, &given, NULL));
  assert_ok(parse("1,0\n2,1\n0,2\n", &given, NULL));
  for (int k = 0; k < 6; k++)
    assert_int_equal(given.chunk[k], wanted[k]);
  testudo_assignment_free(&given);
}

static void wide_numbers_of_a_table(void **state)
{
  (void)state;
  char table[64 + 10 + 32] = "\x93NUMPY\x01\0\x40";
  testudo_assignment made = {0};
  memset(table + 10, ' ', 64);
  static const char header[] = "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }";
  memcpy(table + 10, header, sizeof header - 1);
  table[10 + 64] = 1;                    /* [[1, 0], [0, -1]] */
  memset(table + 10 + 64 + 24, 0xff, 8);
  assert_ok(testudo_orders_parse(table, sizeof table, "o.npy", &made, NULL));
  assert_int_equal(made.workers, 2);
  assert_int_equal(made.row[2], 3);
  assert_int_equal(made.chunk[0], 1);
  testudo_assignment_free(&made);
  for (size_t cut = 0; cut < sizeof table; cut++) /* whole or refused */
    assert_status(testudo_orders_parse(table, cut, "o.npy", &made, NULL), TESTUDO_ERROR_INPUT);
}

static void refusals_have_a_place_and_leave_the_assignment(void **state)
{
  (void)state;
  static const char *const wrong[][2] = {
      {"0,1\n1,2\n2,3\n", "o.csv: line 3: chunk 3, but chunks are 0..2"},
      {"0,1\n1,0\n2,0\n", "o.csv: line 2: chunk 0 is not one that worker 1 holds"},
      {"0,1\n1,2\n2\n", "o.csv: line 3: chunk 0 is missing, which worker 2 holds"},
      {"0,1,0\n1,2\n2,0\n", "o.csv: line 1: chunk 0 is there twice"},
      {"0,1\n1,2\n", "o.csv: 2 lines, but there are 3 workers"},
      {"0,1\n1,2\n2;0\n", "o.csv: line 3: \"2;0\" is not the number of a chunk"},
  };
  testudo_assignment given;
  assert_ok(testudo_assignment_cyclic(3, 2, &given, NULL));
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_error error = {""};
    assert_status(parse(wrong[k][0], &given, &error), TESTUDO_ERROR_INPUT);
    assert_string_equal(error.text, wrong[k][1]);
    assert_int_equal(given.chunk[5], 0); /* worker 2: 2, 0 as before */
  }
  testudo_assignment_free(&given);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_order_of_its_own_keeps_its_sequence),
      cmocka_unit_test(an_assignment_is_put_in_order),
      cmocka_unit_test(wide_numbers_of_a_table),
      cmocka_unit_test(refusals_have_a_place_and_leave_the_assignment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
