/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists and ranges of options: what they stand for, what is refused, and that no text does harm. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "option/option.h"

static const cli_option whole = {.name = "workers", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1000};
static const cli_option real = {.name = "part", .value = "x", .kind = CLI_REAL, .least = 0, .most = 1};
static const cli_option word = {.name = "scheme", .value = "WORD", .kind = CLI_CHOICE, .choices = "one two three"};
static const cli_option law = {.name = "delay", .value = "LAW", .kind = CLI_DELAY};

static testudo_status take(const cli_option *option, const char *text, char *joined, size_t room, testudo_error *error)
{
  testudo_i_arena arena = {0};
  cli_value value = {.given = true};
  testudo_status status = cli_take_list(option, text, &value, &arena, error);
  joined[0] = '\0';
  for (size_t k = 0; status == TESTUDO_OK && k < value.count; k++)
    snprintf(joined + strlen(joined), room - strlen(joined), "%s%s", k > 0 ? " " : "", value.item[k]);
  testudo_i_arena_clear(&arena);
  return status;
}

static void check_list(const cli_option *option, const char *text, const char *wanted)
{
  char joined[4096];
  testudo_error error = {.text = ""};
  if (take(option, text, joined, sizeof joined, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  assert_string_equal(joined, wanted);
}

static void lists_stand_for_their_values(void **state)
{
  (void)state;
  check_list(&whole, "7", "7");
  check_list(&whole, "3,1,2", "3 1 2");
  check_list(&whole, "1..4", "1 2 3 4");
  check_list(&whole, "5..5", "5");
  check_list(&whole, "12..200:60", "12 72 132 192");
  check_list(&whole, "1,8..10,4", "1 8 9 10 4");
  check_list(&whole, "none,2..3", "none 2 3");
  check_list(&real, "0..1:0.25", "0 0.25 0.5 0.75 1");
  check_list(&real, "0.1..0.7:0.1", "0.1 0.2 0.3 0.4 0.5 0.6 0.7"); /* the last in spite of rounding */
  check_list(&real, "0.5,1e-3", "0.5 1e-3");
  check_list(&word, "two,one", "two one");
  check_list(&law, "gamma:2,0.5", "gamma:2,0.5"); /* it has commas of its own */
}

static void wrong_lists_are_refused(void **state)
{
  static const struct {
    const cli_option *option;
    const char *text;
  } wrong[] = {{&whole, ""},       {&whole, "1,"},       {&whole, ",1"},      {&whole, "1,,2"},   {&whole, "4..1"},
               {&whole, "1..4:0"}, {&whole, "1..4:-1"},  {&whole, "1..4:0.5"}, {&whole, "1..1001"}, {&whole, "1.."},
               {&whole, "..4"},    {&whole, "1..4..6"},  {&whole, "1,2,1"},   {&whole, "1..3,2"}, {&whole, "1..4:"},
               {&whole, "0..3"},   {&whole, "x..3"},     {&real, "0..1"},     {&real, "0..2:0.5"}, {&real, "0..1:nan"},
               {&real, "0..1:inf"}, {&real, "0..1:1e-300"}, {&word, "one,four"}, {&word, "one..two"},
               {&whole, "1e400"}};
  char joined[4096];
  (void)state;
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_error error = {.text = ""};
    if (take(wrong[k].option, wrong[k].text, joined, sizeof joined, &error) != TESTUDO_ERROR_ARGUMENT)
      fail_msg("'%s' is taken for %s", wrong[k].text, joined);
    assert_true(strncmp(error.text, "--", 2) == 0);
  }
}

/* Texts of the letters that lists are made of: taken or refused with a sentence, and what is taken stands in its range
   and can be taken again. */
static void any_text_is_survived(void **state)
{
  static const char letters[] = "0123456789..,,::-e+ nox";
  (void)state;
  int taken = 0;
  for (uint64_t n = 0; n < 20000; n++) {
    testudo_i_random random;
    testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, n, 0);
    char text[16] = "", joined[1 << 16], again[1 << 16];
    size_t length = 1 + (size_t)testudo_i_random_below(&random, 12);
    for (size_t k = 0; k < length; k++)
      text[k] = letters[testudo_i_random_below(&random, sizeof letters - 1)];
    testudo_error error = {.text = ""};
    const cli_option *option = n % 2 == 0 ? &whole : &real;
    testudo_status status = take(option, text, joined, sizeof joined, &error);
    if (status != TESTUDO_OK) {
      assert_int_equal(status, TESTUDO_ERROR_ARGUMENT);
      assert_true(error.text[0] != '\0');
      continue;
    }
    taken++;
    for (char *at = joined; *at != '\0'; at++)
      *at = *at == ' ' ? ',' : *at;
    assert_ok(take(option, joined, again, sizeof again, &error));
    for (char *at = again; *at != '\0'; at++)
      *at = *at == ' ' ? ',' : *at;
    assert_string_equal(joined, again);
  }
  assert_true(taken > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_stand_for_their_values),
      cmocka_unit_test(wrong_lists_are_refused),
      cmocka_unit_test(any_text_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
