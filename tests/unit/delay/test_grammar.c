/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What LAW texts say of themselves, and what the table of laws says. */
#include "check.h"

#include "delay/grammar.h"
#include "delay/laws/table.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  testudo_error error = {""};
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  return law;
}

static void a_text_tells_its_file(void **state)
{
  (void)state;
  const char *const cases[][2] = {{"trace:a/b.csv", "a/b.csv"}, {"@d/e.json", "d/e.json"}, {"@", ""}, {"trace:", ""},
                                  {"@trace:x", "trace:x"}, {"exp:1", NULL}, {"trace", NULL}, {"", NULL},
                                  {"mixture:0.5,trace:x,exp:1", NULL}, {"gamma:1,@x", NULL}, {"traces:x", NULL}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const char *file = testudo_i_law_file(cases[k][0]);
    if ((file == NULL) != (cases[k][1] == NULL) || (file != NULL && strcmp(file, cases[k][1]) != 0))
      fail_msg("%s: file '%s'", cases[k][0], file == NULL ? "none" : file);
  }
}

static void results_show_no_folders(void **state)
{
  (void)state;
  FILE *file = fopen("test_grammar.csv", "w");
  assert_non_null(file);
  fputs("seconds\n1\n2\n", file);
  assert_int_equal(fclose(file), 0);
  testudo_law *trace = law_of("trace:./test_grammar.csv"), *mixture = law_of("mixture:0.25,exp:3,gamma:2,0.123456789");
  remove("test_grammar.csv");
  assert_string_equal(testudo_law_text(trace), "trace:./test_grammar.csv");
  assert_string_equal(testudo_law_shown(trace), "trace:test_grammar.csv");
  assert_string_equal(testudo_law_shown(mixture), testudo_law_text(mixture));
  char text[60];
  testudo_i_law_abbreviate(mixture, text, sizeof text);
  assert_string_equal(text, "mixture:0.25,exp:3,gamma:2,0.1235");
  for (size_t room = 1; room < sizeof text; room++) {
    testudo_i_law_abbreviate(mixture, text, room);
    assert_true(strlen(text) < room);
  }
  testudo_law_free(trace);
  testudo_law_free(mixture);
}

/* Every row is complete enough to be asked: what a law without a member would be asked all the same. */
static void rows_are_complete(void **state)
{
  (void)state;
  for (size_t k = 0; k < testudo_i_laws; k++) {
    const testudo_i_law_row *row = &testudo_i_law_table[k];
    assert_ptr_equal(testudo_i_law_row_of(row->form), row);
    bool atoms = row->fill != NULL && row->log_density == NULL;
    if (row->moments == NULL || (row->draw == NULL && row->fill == NULL) ||
        (!atoms && ((row->hazard == NULL) == (row->side == NULL) || row->log_density == NULL ||
                    (row->draw == NULL && row->quantile == NULL))) || (row->gap != NULL && row->hazard == NULL))
      fail_msg("the row of %s lacks a member", row->name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_tells_its_file),
      cmocka_unit_test(results_show_no_folders),
      cmocka_unit_test(rows_are_complete),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
