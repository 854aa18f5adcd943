/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arenas: failure is remembered, memory is zeroed when asked for, all of it goes at once (leaks are ASan's to find). */
#include "check.h"

#include "base/arena.h"

static void blocks_keep_their_contents_until_cleared(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  int32_t *first = testudo_i_arena_alloc(&arena, 1003, sizeof *first);
  double *second = testudo_i_arena_calloc(&arena, 17, sizeof *second);
  assert_int_equal(testudo_i_arena_check(&arena, NULL), TESTUDO_OK);
  for (int32_t k = 0; k < 1003; k++)
    first[k] = k * 7919;
  for (int k = 0; k < 17; k++)
    assert_true(second[k] == 0.0);
  for (int32_t k = 0; k < 1003; k++)
    assert_int_equal(first[k], k * 7919);
  testudo_i_arena_clear(&arena);
  assert_null(arena.last);
}

static void a_failed_request_is_remembered_whatever_comes_after(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  testudo_error error = {""};
  assert_null(testudo_i_arena_alloc(&arena, SIZE_MAX / 2, 3));
  assert_non_null(testudo_i_arena_alloc(&arena, 3, 5));
  assert_int_equal(testudo_i_arena_check(&arena, &error), TESTUDO_ERROR_SYSTEM);
  assert_string_equal(error.text, "not enough memory");
  testudo_i_arena_clear(&arena);
  assert_int_equal(testudo_i_arena_check(&arena, NULL), TESTUDO_OK);
}

static void sizes_that_overflow_with_the_header_fail(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  assert_null(testudo_i_arena_alloc(&arena, SIZE_MAX, 1));
  assert_null(testudo_i_arena_calloc(&arena, SIZE_MAX - 8, 1));
  assert_true(arena.failed);
  testudo_i_arena_clear(&arena);
}

static void no_items_give_a_pointer(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  assert_non_null(testudo_i_arena_alloc(&arena, 0, 8));
  assert_non_null(testudo_i_arena_calloc(&arena, 8, 0));
  testudo_i_arena_clear(&arena);
}

static void what_has_grown_keeps_what_it_held(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  int32_t *number = NULL;
  size_t room = 0;
  for (int32_t k = 0; k < 1000; k++) {
    assert_int_equal(testudo_i_arena_grow(&arena, (void **)&number, &room, (size_t)k + 1, sizeof *number, NULL),
                     TESTUDO_OK);
    number[k] = k * 7919;
  }
  for (int32_t k = 0; k < 1000; k++)
    assert_int_equal(number[k], k * 7919);
  assert_int_equal(testudo_i_arena_grow(&arena, (void **)&number, &room, SIZE_MAX / 2, sizeof *number, NULL),
                   TESTUDO_ERROR_SYSTEM);
  assert_int_equal(number[999], 999 * 7919);
  testudo_i_arena_clear(&arena);
}

static void texts_are_copied(void **state)
{
  (void)state;
  testudo_i_arena arena = {0};
  char text[] = "share";
  char *copy = testudo_i_arena_text(&arena, text), *empty = testudo_i_arena_text(&arena, "");
  text[0] = 'S';
  assert_string_equal(copy, "share");
  assert_string_equal(empty, "");
  testudo_i_arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_keep_their_contents_until_cleared),
      cmocka_unit_test(a_failed_request_is_remembered_whatever_comes_after),
      cmocka_unit_test(sizes_that_overflow_with_the_header_fail),
      cmocka_unit_test(no_items_give_a_pointer),
      cmocka_unit_test(what_has_grown_keeps_what_it_held),
      cmocka_unit_test(texts_are_copied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
