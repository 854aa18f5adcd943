/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "json/read.h"

static testudo_i_json_document *parsed(const char *text)
{
  testudo_i_json_document *document = NULL;
  testudo_error error = {""};
  if (testudo_i_json_parse(text, strlen(text), "x.json", &document, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return document;
}

static void refuses(const char *bytes, size_t length, const char *sentence)
{
  testudo_i_json_document *document = (testudo_i_json_document *)&document;
  testudo_error error = {""};
  assert_status(testudo_i_json_parse(bytes, length, "x.json", &document, &error), TESTUDO_ERROR_INPUT);
  assert_null(document);
  assert_string_equal(error.text, sentence);
}

static void reads_every_kind(void **state)
{
  (void)state;
  testudo_i_json_document *document =
      parsed("{\"a\":null,\"b\":true,\"c\":-9223372036854775808,\"d\":12.0,\"e\":\"\\u00e9\",\"f\":[3,4.5],\"g\":{}}");
  assert_string_equal(testudo_i_json_name(document), "x.json");
  const testudo_i_json_value *root = testudo_i_json_root(document), *value;
  const char *names[] = {"null",     "true or false", "an integer", "a number with point or exponent",
                         "a string", "an array",      "an object"};
  const char *keys[] = {"a", "b", "c", "d", "e", "f", "g"};
  void *at = NULL;
  for (size_t k = 0; k < 7; k++) {
    assert_string_equal(testudo_i_json_walk(root, &at, &value), keys[k]);
    assert_ptr_equal(value, testudo_i_json_member(root, keys[k]));
    assert_string_equal(testudo_i_json_kind_name(value), names[k]);
    assert_int_equal(testudo_i_json_kind_of(value), k);
  }
  assert_null(testudo_i_json_walk(root, &at, &value));
  assert_null(testudo_i_json_member(root, "h"));
  assert_true(testudo_i_json_integer(testudo_i_json_member(root, "c")) == INT64_MIN);
  assert_true(testudo_i_json_number(testudo_i_json_member(root, "d")) == 12.0);
  assert_string_equal(testudo_i_json_string(testudo_i_json_member(root, "e")), "\xc3\xa9");
  const testudo_i_json_value *list = testudo_i_json_member(root, "f");
  assert_int_equal(testudo_i_json_size(list), 2);
  assert_int_equal(testudo_i_json_size(root), 7);
  assert_int_equal(testudo_i_json_size(testudo_i_json_member(root, "b")), 0);
  assert_true(testudo_i_json_number(testudo_i_json_item(list, 0)) == 3.0);
  assert_null(testudo_i_json_item(list, 2));
  testudo_i_json_free(document);
  testudo_i_json_free(NULL);
}

static void an_empty_object_has_no_members_to_walk(void **state)
{
  (void)state;
  testudo_i_json_document *document = parsed("{}");
  void *at = NULL;
  assert_null(testudo_i_json_walk(testudo_i_json_root(document), &at, NULL));
  testudo_i_json_free(document);
}

static void any_value_may_be_the_root(void **state)
{
  (void)state;
  testudo_i_json_document *document = parsed(" 7 ");
  assert_true(testudo_i_json_integer(testudo_i_json_root(document)) == 7);
  testudo_i_json_free(document);
}

static void syntax_errors_name_line_and_column(void **state)
{
  (void)state;
  static const struct {
    const char *text, *sentence;
  } broken[] = {
      {"", "x.json: line 1, column 0: unexpected token near end of file"},
      {"{\"a\":1,\n  \"a\":2}", "x.json: line 2, column 5: duplicate object key near '\"a\"'"},
      {"{\"a\":1} x", "x.json: line 1, column 9: end of file expected near 'x'"},
      {"[1,]", "x.json: line 1, column 4: unexpected token near ']'"},
      {"{\"a\":\n99999999999999999999}",
       "x.json: line 2, column 20: too big integer near '99999999999999999999', but integers must fit in 64 bits"},
      {"[-99999999999999999999]", "x.json: line 1, column 22: too big negative integer, but integers must "
                                  "fit in 64 bits"},
      {"[1,2e999]",
       "x.json: line 1, column 8: real number overflow near '2e999', but numbers must be below 1.8e308"},
      {"[NaN]", "x.json: line 1, column 4: invalid token near 'NaN'"},
      {"[012]", "x.json: line 1, column 2: invalid token near '0'"},
      {"[\"a\\u0000b\"]", "x.json: line 1, column 11: text must not contain the character 0"},
      {"[\"a\nb\"]", "x.json: line 1, column 3: unexpected newline near '\"a'"},
      {"[\"a\001\"]", "x.json: line 1, column 3: control character 0x1 near '\"a'"},
      {"[\"a", "x.json: line 1, column 3: premature end of input near '\"a'"},
  };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++)
    refuses(broken[k].text, strlen(broken[k].text), broken[k].sentence);
}

static void bytes_that_are_not_utf8_are_refused_in_printable_words(void **state)
{
  (void)state;
  refuses("[\"\xff\"]", 5, "x.json: line 1, column 2: unable to decode byte 0xff near '\"'");
  refuses("[\xc3\xa9]", 4, "x.json: line 1, column 2: invalid token near '\?\?'");
}

static void a_zero_byte_is_refused(void **state)
{
  (void)state;
  testudo_i_json_document *document;
  testudo_error error = {""};
  assert_status(testudo_i_json_parse("{}\0", 3, "x.json", &document, &error), TESTUDO_ERROR_INPUT);
  assert_null(document);
}

static void a_key_with_character_zero_is_refused(void **state)
{
  (void)state;
  refuses("{\"a\\u0000\":1}", 13, "x.json: line 1, column 10: text must not contain the character 0");
}

static void nesting_is_bounded(void **state)
{
  (void)state;
  enum { DEPTH = 200000 };
  char *text = malloc(DEPTH);
  assert_non_null(text);
  memset(text, '[', DEPTH);
  testudo_i_json_document *document;
  testudo_error error = {""};
  assert_status(testudo_i_json_parse(text, DEPTH, "x.json", &document, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "maximum parsing depth reached"));
  free(text);
}

static void wanted_members_are_checked_with_their_place(void **state)
{
  (void)state;
  testudo_i_json_document *document = parsed("{\"in\":{\"n\":12,\"x\":12.0,\"s\":\"text\"}}");
  const testudo_i_json_value *value;
  testudo_error error = {""};
  const testudo_i_json_at top = testudo_i_json_top(document, &error);
  testudo_i_json_at in = {.document = document, .place = "in", .error = &error};
  int64_t number = 0;
  const char *text = NULL;
  assert_ok(testudo_i_json_want_kind(&top, "in", TESTUDO_I_JSON_OBJECT, &in.object));
  assert_ok(testudo_i_json_want_integer(&in, "n", 12, 12, &number));
  assert_true(number == 12);
  assert_ok(testudo_i_json_want_string(&in, "s", &text));
  assert_string_equal(text, "text");

  assert_status(testudo_i_json_want_integer(&in, "n", 13, 20, &number), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "x.json: in.n: 12, but it must be in 13..20");
  assert_status(testudo_i_json_want_integer(&in, "x", 0, 20, &number), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "x.json: in.x: is a number with point or exponent, but must be an integer");
  assert_status(testudo_i_json_want_string(&in, "n", &text), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "x.json: in.n: is an integer, but must be a string");
  assert_status(testudo_i_json_want_kind(&top, "out", TESTUDO_I_JSON_ARRAY, &value), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "x.json: out: missing");
  in.error = NULL;
  assert_status(testudo_i_json_want_integer(&in, "n", 1, 11, &number), TESTUDO_ERROR_INPUT);
  testudo_i_json_free(document);
}

static void text_gives_a_value_back_exactly(void **state)
{
  (void)state;
  const char *text = "{\"a\":[1,0.10000000000000001,\"\xc3\xa9\\n\"],\"b\":{\"c\":null}}";
  testudo_i_json_document *document = parsed(text);
  char *again = testudo_i_json_text(testudo_i_json_root(document));
  assert_string_equal(again, text);
  free(again);
  testudo_i_json_drop(document, "a");
  again = testudo_i_json_text(testudo_i_json_root(document));
  assert_string_equal(again, "{\"b\":{\"c\":null}}");
  free(again);
  testudo_i_json_free(document);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_kind),
      cmocka_unit_test(an_empty_object_has_no_members_to_walk),
      cmocka_unit_test(any_value_may_be_the_root),
      cmocka_unit_test(syntax_errors_name_line_and_column),
      cmocka_unit_test(bytes_that_are_not_utf8_are_refused_in_printable_words),
      cmocka_unit_test(a_zero_byte_is_refused),
      cmocka_unit_test(a_key_with_character_zero_is_refused),
      cmocka_unit_test(nesting_is_bounded),
      cmocka_unit_test(wanted_members_are_checked_with_their_place),
      cmocka_unit_test(text_gives_a_value_back_exactly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
