/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include "base/text.h"

/* UTF-8 as its definition has it. */
static size_t encode(uint32_t point, char *bytes)
{
  size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  static const unsigned char first[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
  for (size_t k = size; k-- > 1; point >>= 6)
    bytes[k] = (char)(0x80 | (point & 0x3f));
  bytes[0] = (char)(first[size] | point);
  return size;
}

static bool is_character(uint32_t point)
{
  return point >= 0x20 && point != 0x7f && !(point >= 0x80 && point < 0xa0) && !(point >= 0xd800 && point < 0xe000);
}

static void every_character_is_known_and_no_half_of_one(void **state)
{
  (void)state;
  uint32_t characters = 0;
  for (uint32_t point = 0; point < 0x110000; point++) {
    char bytes[5] = {0};
    size_t size = encode(point, bytes), found = testudo_i_character(bytes, size);
    if (found != (is_character(point) ? size : 0))
      fail_msg("U+%04X: %zu bytes", (unsigned)point, found);
    characters += found > 0;
    for (size_t cut = 0; cut < size; cut++)
      if (testudo_i_character(bytes, cut) != 0)
        fail_msg("U+%04X: %zu of its bytes", (unsigned)point, cut);
  }
  assert_int_equal(characters, 0x110000 - 0x800 - 0x20 - 1 - 0x20);
}

/* Two and three bytes of every kind: what is taken for a character is the encoding of one. */
static void nothing_else_is_a_character(void **state)
{
  (void)state;
  for (uint32_t three = 0; three < 1U << 24; three++) {
    char bytes[3] = {(char)(three >> 16), (char)(three >> 8), (char)three}, again[5];
    size_t size = testudo_i_character(bytes, three % 2 == 0 ? 2 : 3);
    if (size < 2)
      continue;
    uint32_t point = size == 2 ? (three >> 16 & 0x1f) << 6 | (three >> 8 & 0x3f)
                               : (three >> 16 & 0x0f) << 12 | (three >> 8 & 0x3f) << 6 | (three & 0x3f);
    if (encode(point, again) != size || memcmp(again, bytes, size) != 0 || !is_character(point))
      fail_msg("%06X is taken for %zu bytes of U+%04X", (unsigned)three, size, (unsigned)point);
  }
}

static void names_are_printable_or_not(void **state)
{
  (void)state;
  static const char *const fine[] = {"", "a b", "K\xc3\xb6ln", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  static const char *const bad[] = {"\n", "a\x1b[2J", "\x7f", "\xc2\x9b", "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80"};
  for (size_t k = 0; k < sizeof fine / sizeof *fine; k++)
    assert_true(testudo_i_name_is_printable(fine[k]));
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    assert_false(testudo_i_name_is_printable(bad[k]));
  assert_true(testudo_i_name_is_printable(NULL));
}

static void assert_put(const char *text, const char *wanted)
{
  char *put = NULL;
  size_t length;
  FILE *stream = open_memstream(&put, &length);
  assert_non_null(stream);
  testudo_i_text_put(stream, text);
  assert_int_equal(fclose(stream), 0);
  assert_string_equal(put, wanted);
  free(put);
}

#define REPLACED "\xef\xbf\xbd"

static void what_is_no_character_is_replaced_byte_by_byte(void **state)
{
  (void)state;
  static const char *const same[] = {"", "a b", "K\xc3\xb6ln.json: no\tfile\n", "a,b\r\nc\r\n", "\xf0\x9f\x98\x80"};
  for (size_t k = 0; k < sizeof same / sizeof *same; k++)
    assert_put(same[k], same[k]);
  assert_put("caf\xe9.json", "caf" REPLACED ".json");
  assert_put("\xff", REPLACED);
  assert_put("a\r", "a" REPLACED);
  assert_put("a\x1b[2J\rb\x7f", "a" REPLACED "[2J" REPLACED "b" REPLACED);
  assert_put("\xc3\xb6\xc3", "\xc3\xb6" REPLACED);
  assert_put("\xc2\x9b-\xed\xa0\x80", REPLACED REPLACED "-" REPLACED REPLACED REPLACED);
}

static void words_are_found_in_lists(void **state)
{
  (void)state;
  static const char *const words[] = {"loss", "time", "times", NULL}, *const none[] = {NULL};
  assert_int_equal(testudo_i_find_word(words, "loss"), 0);
  assert_int_equal(testudo_i_find_word(words, "times"), 2);
  assert_int_equal(testudo_i_find_word(words, "tim"), -1);
  assert_int_equal(testudo_i_find_word(words, "timess"), -1);
  assert_int_equal(testudo_i_find_word(words, ""), -1);
  assert_int_equal(testudo_i_find_word(words, NULL), -1);
  assert_int_equal(testudo_i_find_word(none, "loss"), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_character_is_known_and_no_half_of_one),
      cmocka_unit_test(nothing_else_is_a_character),
      cmocka_unit_test(names_are_printable_or_not),
      cmocka_unit_test(words_are_found_in_lists),
      cmocka_unit_test(what_is_no_character_is_replaced_byte_by_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
