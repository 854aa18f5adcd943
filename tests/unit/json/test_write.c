/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <locale.h>

#include "base/hash.h"
#include "base/random.h"
#include "json/read.h"
#include "json/write.h"

typedef struct sheet {
  char text[4096];
  FILE *stream;
  testudo_i_json_writer writer;
} sheet;

static void open_page(sheet *page)
{
  memset(page->text, 0, sizeof page->text);
  page->stream = fmemopen(page->text, sizeof page->text, "w");
  assert_non_null(page->stream);
  testudo_i_json_start(&page->writer, page->stream);
}

static void closes_with(sheet *page, const char *wanted)
{
  assert_int_equal(fclose(page->stream), 0);
  assert_string_equal(page->text, wanted);
  assert_true(page->writer.hash == testudo_i_fnv(TESTUDO_I_FNV_START, wanted, strlen(wanted)));
}

static void writes_every_kind_of_value(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  testudo_i_json_writer *writer = &page.writer;
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_integer(writer, "i", -12);
  testudo_i_json_put_string(writer, "s", "a\"\\\n\xc3\xa9");
  testudo_i_json_put_boolean(writer, "yes", true);
  testudo_i_json_put_boolean(writer, "no", false);
  testudo_i_json_put_null(writer, "n");
  testudo_i_json_open_array(writer, "list");
  testudo_i_json_put_integer(writer, NULL, 0);
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_array(writer, NULL);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_real(writer, NULL, 0.1);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_reals(writer, "x", (const double[]){1.0, -0.0, HUGE_VAL, NAN}, 4);
  testudo_i_json_put_reals(writer, "none", NULL, 0);
  testudo_i_json_put_text(writer, "raw", "{\"k\":1}");
  testudo_i_json_close_object(writer);
  assert_false(writer->failed);
  closes_with(&page, "{\"i\":-12,\"s\":\"a\\\"\\\\\\n\xc3\xa9\",\"yes\":true,\"no\":false,\"n\":null,"
                     "\"list\":[0,{},[],0.10000000000000001],\"x\":[1.0,-0.0,null,null],\"none\":[],"
                     "\"raw\":{\"k\":1}}");
}

static void integers_reach_both_ends(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  testudo_i_json_open_array(&page.writer, NULL);
  testudo_i_json_put_integer(&page.writer, NULL, INT64_MIN);
  testudo_i_json_put_integer(&page.writer, NULL, INT64_MAX);
  testudo_i_json_close_array(&page.writer);
  closes_with(&page, "[-9223372036854775808,9223372036854775807]");
}

static void a_lone_value_needs_no_container(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  testudo_i_json_put_real(&page.writer, NULL, 1e300);
  closes_with(&page, "1.0000000000000001e+300");
}

static void reals_round_trip_exactly(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 0, 0);
  int cases = 0;
  while (cases < 20000) {
    uint64_t word = testudo_i_random_word(&random);
    double value;
    memcpy(&value, &word, sizeof value);
    if (!isfinite(value))
      continue;
    cases++;
    sheet page;
    open_page(&page);
    testudo_i_json_put_real(&page.writer, NULL, value);
    assert_int_equal(fclose(page.stream), 0);
    testudo_i_json_document *document;
    assert_ok(testudo_i_json_parse(page.text, strlen(page.text), "x", &document, NULL));
    assert_int_equal(testudo_i_json_kind_of(testudo_i_json_root(document)), TESTUDO_I_JSON_REAL);
    double again = testudo_i_json_number(testudo_i_json_root(document));
    assert_memory_equal(&again, &value, sizeof value);
    testudo_i_json_free(document);
  }
}

static void numbers_do_not_follow_the_locale(void **state)
{
  (void)state;
  static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  const char *set = NULL;
  for (size_t k = 0; k < sizeof commas / sizeof *commas && set == NULL; k++)
    set = setlocale(LC_NUMERIC, commas[k]);
  sheet page;
  open_page(&page);
  testudo_i_json_put_real(&page.writer, NULL, 2.5);
  closes_with(&page, "2.5");
  setlocale(LC_NUMERIC, "C");
}

static void text_that_is_not_utf8_marks_the_writer_failed(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  testudo_i_json_put_string(&page.writer, NULL, "\xff");
  assert_true(page.writer.failed);
  fclose(page.stream);
}

/* As on a terminal: nothing but the bytes that are no character is lost. */
static void text_that_is_not_utf8_is_written_mended(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  testudo_i_json_put_string(&page.writer, NULL, "K\xc3\xb6ln/caf\xe9");
  closes_with(&page, "\"K\xc3\xb6ln/caf\xef\xbf\xbd\"");
}

static void nesting_beyond_the_limit_marks_the_writer_failed(void **state)
{
  (void)state;
  sheet page;
  open_page(&page);
  for (int k = 0; k < TESTUDO_I_JSON_DEPTH; k++)
    testudo_i_json_open_array(&page.writer, NULL);
  assert_false(page.writer.failed);
  testudo_i_json_open_array(&page.writer, NULL);
  assert_true(page.writer.failed);
  fclose(page.stream);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_every_kind_of_value),
      cmocka_unit_test(integers_reach_both_ends),
      cmocka_unit_test(a_lone_value_needs_no_container),
      cmocka_unit_test(reals_round_trip_exactly),
      cmocka_unit_test(numbers_do_not_follow_the_locale),
      cmocka_unit_test(text_that_is_not_utf8_marks_the_writer_failed),
      cmocka_unit_test(text_that_is_not_utf8_is_written_mended),
      cmocka_unit_test(nesting_beyond_the_limit_marks_the_writer_failed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
