/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/memory.h"

static void a_product_that_overflows_gives_no_memory(void **state)
{
  (void)state;
  assert_null(testudo_i_alloc(SIZE_MAX, 2));
  assert_null(testudo_i_alloc(SIZE_MAX / 2, 3));
  assert_null(testudo_i_alloc(((size_t)1 << 32) + 1, (size_t)1 << 32)); /* 2^64 + 2^32: wraps to a small number */
  assert_null(testudo_i_calloc(SIZE_MAX / 8 + 2, 8));
  assert_null(testudo_i_alloc((size_t)PTRDIFF_MAX / 4 + 1, 4)); /* fits size_t, but no object may be so large */
}

static void no_items_give_a_pointer_that_can_be_freed(void **state)
{
  (void)state;
  void *none[4] = {testudo_i_alloc(0, 8), testudo_i_alloc(8, 0), testudo_i_calloc(0, 0), testudo_i_calloc(0, 3)};
  for (int k = 0; k < 4; k++) {
    assert_non_null(none[k]);
    free(none[k]);
  }
}

static void calloc_gives_zeros_to_the_last_byte(void **state)
{
  (void)state;
  unsigned char *bytes = testudo_i_calloc(1237, 3);
  assert_non_null(bytes);
  for (int k = 0; k < 1237 * 3; k++)
    assert_int_equal(bytes[k], 0);
  free(bytes);
}

/* Growing one item at a time keeps what was there, and reallocates a logarithmic number of times. */
static void grow_keeps_the_items_and_grows_by_half(void **state)
{
  (void)state;
  uint32_t *array = NULL;
  size_t room = 0;
  int moves = 0;
  for (size_t k = 0; k < 20000; k++) {
    size_t before = room;
    assert_ok(testudo_i_grow((void **)&array, &room, k + 1, sizeof *array, NULL));
    assert_true(room > k);
    moves += room != before;
    array[k] = (uint32_t)k * UINT32_C(2654435761);
  }
  for (size_t k = 0; k < 20000; k++)
    assert_int_equal(array[k], (uint32_t)k * UINT32_C(2654435761));
  assert_in_range(moves, 5, 20);
  free(array);
}

static void grow_takes_a_wanted_size_far_beyond_the_half(void **state)
{
  (void)state;
  char *array = NULL;
  size_t room = 0;
  assert_ok(testudo_i_grow((void **)&array, &room, 100003, 1, NULL));
  assert_in_range(room, 100003, 200000);
  array[100002] = 'x';
  size_t before = room;
  assert_ok(testudo_i_grow((void **)&array, &room, 100003, 1, NULL)); /* enough room: nothing moves */
  assert_int_equal(room, before);
  free(array);
}

static void a_grow_that_fails_leaves_the_array_as_it_was(void **state)
{
  (void)state;
  int *array = NULL;
  size_t room = 0;
  assert_ok(testudo_i_grow((void **)&array, &room, 2, sizeof *array, NULL));
  array[0] = 11;
  array[1] = -7;
  int *kept = array;
  size_t before = room;
  assert_status(testudo_i_grow((void **)&array, &room, SIZE_MAX / 2, sizeof *array, NULL), TESTUDO_ERROR_SYSTEM);
  assert_ptr_equal(array, kept);
  assert_int_equal(room, before);
  assert_int_equal(array[0], 11);
  assert_int_equal(array[1], -7);
  free(array);
}

static void a_copied_string_is_equal_and_apart(void **state)
{
  (void)state;
  char text[] = "r\xc3\xa9gulier (200, 8)";
  char *copy = testudo_i_copy_string(text), *empty = testudo_i_copy_string("");
  assert_non_null(copy);
  assert_non_null(empty);
  assert_string_equal(copy, text);
  text[0] = 'z';
  assert_int_equal(copy[0], 'r');
  assert_string_equal(empty, "");
  free(copy);
  free(empty);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_product_that_overflows_gives_no_memory),
      cmocka_unit_test(no_items_give_a_pointer_that_can_be_freed),
      cmocka_unit_test(calloc_gives_zeros_to_the_last_byte),
      cmocka_unit_test(grow_keeps_the_items_and_grows_by_half),
      cmocka_unit_test(grow_takes_a_wanted_size_far_beyond_the_half),
      cmocka_unit_test(a_grow_that_fails_leaves_the_array_as_it_was),
      cmocka_unit_test(a_copied_string_is_equal_and_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
