/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same design in other orders. */
#include "check.h"

#include <testudo/code.h>
#include <testudo/runtime.h>

static testudo_design *gradient_code(int32_t workers, int32_t stragglers, testudo_assignment *assignment)
{
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(workers, stragglers + 1, assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(assignment, stragglers, 11, "a name", &design, NULL));
  return design;
}

static void coefficients_go_with_their_chunks(void **state)
{
  (void)state;
  testudo_assignment orders;
  testudo_design *design = gradient_code(9, 3, &orders), *made;
  testudo_order_random(&orders, 5);
  assert_ok(testudo_design_reorder(design, &orders, &made, NULL));
  int moved = 0;
  for (int32_t j = 0; j < 9; j++)
    for (int32_t k = 0; k < 4; k++) {
      int32_t chunk = testudo_design_order(made, j)[k];
      assert_int_equal(chunk, orders.chunk[orders.row[j] + k]);
      int32_t old = (chunk - j + 9) % 9; /* its place in the natural order */
      moved += old != k;
      assert_true(testudo_design_coefficients(made, j)[k] == testudo_design_coefficients(design, j)[old]);
    }
  assert_true(moved > 9);
  assert_string_equal(testudo_design_name(made), "a name");
  assert_int_equal(testudo_design_stragglers(made), 3);
  testudo_design_free(made);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

static void keeps_the_matrix_of_a_partial_design(void **state)
{
  (void)state;
  testudo_assignment orders;
  testudo_design *design, *made;
  assert_ok(testudo_assignment_regular(7, 7, 3, 2, &orders, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, 2, 3, "", &design, NULL));
  testudo_order_random(&orders, 8);
  assert_ok(testudo_design_reorder(design, &orders, &made, NULL));
  assert_memory_equal(testudo_design_matrix(made), testudo_design_matrix(design), 14 * sizeof(double));
  testudo_design_free(made);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

static void refuses_orders_of_other_chunks(void **state)
{
  (void)state;
  testudo_assignment orders;
  testudo_error error;
  testudo_design *design = gradient_code(6, 2, &orders), *made;
  orders.chunk[orders.row[4]] = 3; /* worker 4 holds 4, 5, 0 */
  assert_int_equal(testudo_design_reorder(design, &orders, &made, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "worker 4 does not hold chunk 3 of its new order");
  assert_null(made);
  orders.chunk[orders.row[4]] = 5; /* twice: its own second chunk */
  assert_int_not_equal(testudo_design_reorder(design, &orders, &made, &error), TESTUDO_OK);
  orders.chunk[orders.row[4]] = -1;
  assert_int_equal(testudo_design_reorder(design, &orders, &made, &error), TESTUDO_ERROR_ARGUMENT);
  orders.chunk[orders.row[4]] = 4;
  orders.row[5]++;
  assert_int_equal(testudo_design_reorder(design, &orders, &made, &error), TESTUDO_ERROR_ARGUMENT);
  orders.row[5]--;
  orders.chunks = 7;
  assert_int_equal(testudo_design_reorder(design, &orders, &made, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

static void nested_has_one_order(void **state)
{
  (void)state;
  testudo_assignment orders;
  testudo_design *design, *made;
  const int32_t tolerance[] = {0, 1};
  assert_ok(testudo_assignment_cyclic(5, 2, &orders, NULL));
  assert_ok(testudo_design_create_nested(5, tolerance, 2, 1, "", &design, NULL));
  assert_int_equal(testudo_design_reorder(design, &orders, &made, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coefficients_go_with_their_chunks),
      cmocka_unit_test(keeps_the_matrix_of_a_partial_design),
      cmocka_unit_test(refuses_orders_of_other_chunks),
      cmocka_unit_test(nested_has_one_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
