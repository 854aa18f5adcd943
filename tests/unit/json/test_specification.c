/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "json/specification.h"

static const testudo_i_spec_member *member_of(const testudo_i_spec *spec, const char *key)
{
  for (size_t k = 0; k < spec->members; k++)
    if (strcmp(spec->member[k].key, key) == 0)
      return &spec->member[k];
  fail_msg("there is no member %s", key);
  return NULL;
}

static void assert_texts(const testudo_i_spec_member *member, bool listed, size_t count, const char *const *wanted)
{
  assert_int_equal(member->listed, listed);
  assert_int_equal(member->count, count);
  for (size_t k = 0; k < count; k++)
    assert_string_equal(member->text[k], wanted[k]);
}

static void members_are_texts_in_the_order_of_the_file(void **state)
{
  (void)state;
  static const char text[] =
      "{\"workers\":12,\"time\":20.5,\"delay\":\"exp:1\",\"bias\":false,\"standardise\":true,\"class\":[\"2:1\",3],"
      "\"methods\":[\"sync\",\"lgc:2,k-sync:3\",{\"wait\":3,\"method\":\"k-sync\",\"step\":[0.25]}]}";
  testudo_i_spec spec;
  assert_ok(testudo_i_spec_parse(text, strlen(text), "s.json", &spec, NULL));
  assert_int_equal(spec.members, 7);
  assert_string_equal(spec.member[0].key, "workers");
  assert_string_equal(spec.member[6].key, TESTUDO_I_SPEC_METHODS);
  assert_string_equal(spec.member[0].kind, "an integer");
  assert_texts(member_of(&spec, "workers"), false, 1, (const char *const[]){"12"});
  assert_texts(member_of(&spec, "time"), false, 1, (const char *const[]){"20.5"});
  assert_texts(member_of(&spec, "delay"), false, 1, (const char *const[]){"exp:1"});
  assert_texts(member_of(&spec, "class"), true, 2, (const char *const[]){"2:1", "3"});
  assert_texts(member_of(&spec, TESTUDO_I_SPEC_METHODS), true, 3,
               (const char *const[]){"sync", "lgc:2,k-sync:3", "k-sync:wait=3:step=0.25"});
  assert_true(member_of(&spec, "bias")->truth && !member_of(&spec, "bias")->value);
  assert_true(member_of(&spec, "standardise")->truth && member_of(&spec, "standardise")->value);
  assert_false(member_of(&spec, "time")->truth);
  testudo_i_spec_clear(&spec);
  assert_int_equal(spec.members, 0);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
  (void)state;
  static const char *const broken[][2] = {
      {"", "s.json: line 1, column 0"},
      {"{\"time\":", "s.json: line 1"},
      {"[1]", "s.json: an object is wanted, not an array"},
      {"{\"time\":1,\"time\":2}", "duplicate object key"},
      {"{\"time\":null}", "s.json: time: a text, a number or an array of such, not null"},
      {"{\"time\":{}}", "s.json: time: a text, a number or an array of such, not an object"},
      {"{\"rates\":[1,[2]]}", "s.json: rates[1]: an array in an array"},
      {"{\"rates\":[1,true]}", "s.json: rates[1]: a text, a number or an array of such, not true"},
      {"{\"rates\":[]}", "s.json: rates: an empty array"},
      {"{\"delay\":\"\\u001b[2J\"}", "s.json: delay: a control character"},
      {"{\"rates\":[1,\"\\n\"]}", "s.json: rates[1]: a control character"},
      {"{\"a\\u007f\":1}", "s.json: a?: a control character"},
      {"{\"methods\":\"sync\"}", "s.json: methods: an array of texts and objects is wanted"},
      {"{\"methods\":true}", "s.json: methods: an array of texts and objects is wanted"},
      {"{\"methods\":[]}", "s.json: methods: an empty array"},
      {"{\"methods\":[\"sync\",{\"wait\":1}]}", "s.json: methods[1].method: missing"},
      {"{\"methods\":[{\"method\":\"k-sync\",\"wait\":null}]}", "s.json: methods[0].wait: a text, a number"},
      {"{\"methods\":[{\"method\":\"k-sync\",\"wait\":[1,2]}]}", "s.json: methods[0].wait: no comma and no colon"},
      {"{\"methods\":[{\"method\":\"k-sync\",\"wait\":\"1:2\"}]}", "s.json: methods[0].wait: no comma and no colon"},
      {"{\"methods\":[{\"method\":\"k-sync\",\"a=b\":1}]}", "s.json: methods[0].a=b: no comma and no colon"},
      {"{\"methods\":[{\"method\":\"k\\u0007\"}]}", "s.json: methods[0]: a control character"},
  };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_i_spec spec;
    testudo_error error = {""};
    assert_status(testudo_i_spec_parse(broken[k][0], strlen(broken[k][0]), "s.json", &spec, &error),
                  TESTUDO_ERROR_INPUT);
    if (strstr(error.text, broken[k][1]) == NULL)
      fail_msg("%s: '%s' does not say '%s'", broken[k][0], error.text, broken[k][1]);
    testudo_i_spec_clear(&spec);
  }
}

/* As many rates as workers there may be: linear in the file, where joining them one by one takes minutes. */
static void long_arrays_are_read(void **state)
{
  (void)state;
  enum { COUNT = 300000 };
  char *text = malloc(2 * COUNT + 32);
  assert_non_null(text);
  size_t length = (size_t)sprintf(text, "{\"rates\":[1");
  for (int k = 1; k < COUNT; k++, length += 2)
    memcpy(text + length, ",2", 2);
  memcpy(text + length, "]}", 3);
  testudo_i_spec spec;
  assert_ok(testudo_i_spec_parse(text, strlen(text), "s.json", &spec, NULL));
  assert_int_equal(spec.member[0].count, COUNT);
  assert_string_equal(spec.member[0].text[0], "1");
  assert_string_equal(spec.member[0].text[COUNT - 1], "2");
  testudo_i_spec_clear(&spec);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_are_texts_in_the_order_of_the_file),
      cmocka_unit_test(what_is_wrong_is_said_with_its_place),
      cmocka_unit_test(long_arrays_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
