/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay files: what is taken, and every kind of broken file with the place it must name. */
#include "check.h"

#include "delay/delay_json.h"
#include "delay/model.h"

#define BYTES(text) text, sizeof text - 1
#define FILE_NAME "test_delay_file.json"

static void takes_the_law_and_ignores_the_rest(void **state)
{
  (void)state;
  const char *const texts[] = {
      "{\"format\":\"testudo-delay\",\"version\":1,\"law\":\"pareto:1,2.5\"}",
      ("\n{ \"law\" : \"pareto:1,2.5\", \"fit\": {\"law\":\"exp:1\",\"t\":[1,null]}, \"version\": 1,\r\n"
       " \"format\": \"testudo-delay\", \"\": true }\n\n"),
      "{\"format\":\"testudo-delay\",\"version\":1,\"law\":\"p\\u0061reto:1,2.5\"}"};
  for (int k = 0; k < 3; k++) {
    testudo_i_delay_terms terms;
    assert_ok(testudo_i_delay_file_parse(texts[k], strlen(texts[k]), "d.json", &terms, NULL));
    assert_string_equal(testudo_law_text(terms.model.law), "pareto:1,2.5");
    assert_true(!terms.structured && terms.workers == 0 && testudo_i_delay_is_plain(&terms.model));
    testudo_i_delay_terms_clear(&terms);
  }
}

static void refuses_broken_files_with_their_place(void **state)
{
  (void)state;
#define HEAD "{\"format\":\"testudo-delay\",\"version\":1,"
  const struct {
    const char *bytes;
    size_t length;
    const char *what; /* after the name; of the parser's own sentences the place */
  } cases[] = {
      {BYTES(""), "line 1, column 0: "},
      {BYTES("\0"), "line 1, column 1: "},
      {BYTES("lognormal:0,1"), "line 1, column 9: "},
      {BYTES("\xff\xfe{}"), "line 1, column 0: "},
      {BYTES("[]"), "is an array, but a delay file is an object"},
      {BYTES("{}"), "format: missing"},
      {BYTES("{\"law\":\"exp:1\"}"), "format: missing"},
      {BYTES("{\"format\":7,\"version\":1,\"law\":\"exp:1\"}"), "format: is an integer, but must be a string"},
      {BYTES("{\"format\":null,\"version\":1,\"law\":\"exp:1\"}"), "format: is null, but must be a string"},
      {BYTES("{\"format\":\"testudo-design\",\"version\":1}"), "format: must be \"testudo-delay\""},
      {BYTES("{\"format\":\"testudo-delay \",\"version\":1}"), "format: must be \"testudo-delay\""},
      {BYTES("{\"format\":\"testudo-delay\",\"law\":\"exp:1\"}"), "version: missing"},
      {BYTES("{\"format\":\"testudo-delay\",\"version\":2,\"law\":\"exp:1\"}"), "version: 2, but it must be in 1..1"},
      {BYTES("{\"format\":\"testudo-delay\",\"version\":0,\"law\":\"exp:1\"}"), "version: 0, but it must be in 1..1"},
      {BYTES("{\"format\":\"testudo-delay\",\"version\":1.0,\"law\":\"exp:1\"}"),
       "version: is a number with point or exponent, but must be an integer"},
      {BYTES("{\"format\":\"testudo-delay\",\"version\":\"1\",\"law\":\"exp:1\"}"),
       "version: is a string, but must be an integer"},
      {BYTES(HEAD "\"law\":null}"), "law: is null, but must be a string"},
      {BYTES(HEAD "\"fit\":{}}"), "law: missing"},
      {BYTES(HEAD "\"law\":1}"), "law: is an integer, but must be a string"},
      {BYTES(HEAD "\"law\":{\"exp\":1}}"), "law: is an object, but must be a string"},
      {BYTES(HEAD "\"law\":[\"exp:1\"]}"), "law: is an array, but must be a string"},
      {BYTES(HEAD "\"law\":\"@d.json\"}"),
       "law: names another file, but it must be a law with its numbers, such as exp:1"},
      {BYTES(HEAD "\"law\":\"trace:t.csv\"}"),
       "law: names another file, but it must be a law with its numbers, such as exp:1"},
      {BYTES(HEAD "\"law\":\"trace:\"}"),
       "law: names another file, but it must be a law with its numbers, such as exp:1"},
#define LAW HEAD "\"law\":\"exp:1\","
      {BYTES(LAW "\"structure\":\"slow\"}"), "structure: is none of scaled, additive, mixed"},
      {BYTES(LAW "\"structure\":7}"), "structure: is an integer, but must be a string"},
      {BYTES(LAW "\"structure\":\"mixed\"}"), "structure mixed and the law of a chunk's own factor go together"},
      {BYTES(LAW "\"mixed\":\"exp:1\"}"), "structure mixed and the law of a chunk's own factor go together"},
      {BYTES(LAW "\"unit\":\"row\"}"), "unit: is none of chunk, share"},
      {BYTES(LAW "\"startup\":\"@d.json\"}"),
       "startup: names another file, but it must be a law with its numbers, such as exp:1"},
      {BYTES(LAW "\"message\":\"exp:-1\"}"), "message: exp: rate '-1' is not a number from 1e-100 to 1e+100"},
      {BYTES(LAW "\"overhead\":\"1\"}"), "overhead: must be a number"},
      {BYTES(LAW "\"overhead\":-1}"), "overhead: is -1, but it is from 0 to 1e100 seconds"},
      {BYTES(LAW "\"signal\":-2}"), "signal: is -2, but it is from 0 to 1e100 seconds"},
      {BYTES(LAW "\"rates\":[]}"), "rates: must be a list of one number per worker"},
      {BYTES(LAW "\"rates\":[1,\"2\"]}"), "rates: must be a list of one number per worker"},
      {BYTES(LAW "\"rates\":[1,0]}"), "rates[1]: is 0, but it is from 1e-100 to 1e100"},
      {BYTES(LAW "\"rates\":[1,2],\"classes\":[{\"workers\":2,\"rate\":1}]}"),
       "rates and classes of workers exclude each other"},
      {BYTES(LAW "\"classes\":{}}"), "classes: must be a list of {\"workers\", \"rate\"}"},
      {BYTES(LAW "\"classes\":[2]}"), "classes[0]: must be an object {\"workers\", \"rate\"}"},
      {BYTES(LAW "\"classes\":[{\"rate\":1}]}"), "classes[0].workers: missing"},
      {BYTES(LAW "\"classes\":[{\"workers\":1,\"rate\":1,\"law\":\"x\"}]}"), "classes[0].law: 'x' is not a law; "},
      {BYTES(LAW "\"markov\":[1,1,2]}"),
       "markov: must be {\"p\", \"q\", \"factor\"}, three numbers, the factor above 1"},
      {BYTES(LAW "\"markov\":{\"p\":0,\"q\":1,\"factor\":2}}"),
       "markov.p: is 0, but it is above 0 and at most 1"},
      {BYTES(LAW "\"markov\":{\"p\":0.1,\"q\":1,\"factor\":1}}"),
       "markov.factor: is 1, but it is above 1 and at most 1e100"},
      {BYTES(LAW "\"domains\":[0,1]}"), "failure domains and the law of their factor go together"},
      {BYTES(LAW "\"domains\":[0,0.5],\"domain_factor\":\"exp:1\"}"),
       "domains: must be whole numbers from 0 on, below the number of workers"},
      {BYTES(LAW "\"domains\":[0,1],\"rates\":[1,2,3],\"domain_factor\":\"exp:1\"}"),
       "domains: must be a list of one number per worker"},
      {BYTES(LAW "\"failed\":1,\"fail_prob\":0.5}"), "failed: excludes fail_prob"},
      {BYTES(LAW "\"fail_prob\":1}"), "fail_prob: is 1, but it is at least 0 and below 1"},
      {BYTES(HEAD "\"law\":\"exp:1\",\"law\":\"exp:2\"}"), "line 1, column 57: "},
      {BYTES(HEAD "\"law\":\"exp:1\"} 7"), "line 1, column 54: "},
      {BYTES(HEAD "\n\"law\":\"exp:1}"), "line 2, column 13: "},
      {BYTES(HEAD "\"law\":\"exp:1\""), "line 1, column 51: "},
      {BYTES(HEAD "\"law\":'exp:1'}"), "line 1, column 45: "},
      {BYTES(HEAD "\"law\":\"exp:\\u0000\"}"), "line 1, column 56: "},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_i_delay_terms terms;
    testudo_error error = {""};
    assert_status(testudo_i_delay_file_parse(cases[k].bytes, cases[k].length, "d.json", &terms, &error),
                  TESTUDO_ERROR_INPUT);
    testudo_i_delay_terms_clear(&terms);
    assert_int_equal(strncmp(error.text, "d.json: ", 8), 0);
    size_t length = strlen(cases[k].what);
    if (cases[k].what[length - 1] == ' ')
      error.text[8 + length] = '\0';
    assert_string_equal(error.text + 8, cases[k].what);
    assert_status(testudo_i_delay_file_parse(cases[k].bytes, cases[k].length, "d.json", &terms, NULL),
                  TESTUDO_ERROR_INPUT);
    testudo_i_delay_terms_clear(&terms);
  }
}

static void takes_the_whole_model(void **state)
{
  (void)state;
  static const char text[] =
      LAW "\"structure\":\"mixed\",\"mixed\":\"gamma:4,0.25\",\"unit\":\"share\",\"startup\":\"shifted-exp:0.6,8\","
          "\"overhead\":0.5,\"rates\":null,\"classes\":[{\"workers\":2,\"rate\":1.5},{\"workers\":1,\"rate\":1,\"law\":"
          "\"exp:3\"}],\"message\":\"exp:5\",\"signal\":0.25,\"markov\":{\"p\":0.125,\"q\":0.5,\"factor\":4},"
          "\"domains\":[0,0,1],\"domain_factor\":\"lognormal:0,0.5\",\"failed\":0,\"fail_prob\":0.0625}";
  testudo_i_delay_terms terms;
  assert_ok(testudo_i_delay_file_parse(BYTES(text), "d.json", &terms, NULL));
  const testudo_delay_model *model = &terms.model;
  assert_true(terms.structured && terms.workers == 3 && model->structure == TESTUDO_STRUCTURE_MIXED);
  assert_true(model->unit == TESTUDO_UNIT_SHARE && model->overhead == 0.5 && model->signal == 0.25);
  assert_true(model->rates == NULL && model->class_count == 2 && model->classes[0].law == NULL);
  assert_true(model->classes[0].workers == 2 && model->classes[0].rate == 1.5);
  assert_true(model->slow.begin == 0.125 && model->slow.end == 0.5 && model->slow.factor == 4);
  assert_true(model->domains == 2 && model->domain[1] == 0 && model->domain[2] == 1);
  assert_true(model->failures == TESTUDO_FAILURES_EACH && model->fail_prob == 0.0625);
  const struct {
    const testudo_law *law;
    const char *text;
  } laws[] = {{model->law, "exp:1"}, {model->chunk_law, "gamma:4,0.25"}, {model->startup, "shifted-exp:0.6,8"},
              {model->classes[1].law, "exp:3"}, {model->message, "exp:5"}, {model->domain_factor, "lognormal:0,0.5"}};
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k++)
    assert_string_equal(testudo_law_text(laws[k].law), laws[k].text);
  testudo_i_delay_terms_clear(&terms);
}

/* What is written is read as the same. */
static void claims_carry_the_whole_model(void **state)
{
  (void)state;
  static const char text[] =
      "{\"law\":\"exp:1\",\"structure\":\"mixed\",\"mixed\":\"gamma:4,0.25\",\"unit\":\"share\",\"startup\":"
      "\"deterministic:1\",\"overhead\":0.5,\"classes\":[{\"workers\":2,\"rate\":1.5},{\"workers\":1,\"rate\":1.0,"
      "\"law\":\"exp:3\"}],\"message\":\"exp:5\",\"signal\":0.25,\"markov\":{\"p\":0.125,\"q\":0.5,\"factor\":4.0},"
      "\"failed\":2}";
  testudo_i_json_document *document;
  testudo_i_delay_terms terms;
  testudo_i_json_memory written;
  assert_ok(testudo_i_json_parse(BYTES(text), "c", &document, NULL));
  testudo_i_json_at at = testudo_i_json_top(document, NULL);
  assert_ok(testudo_i_delay_read_members(&at, 3, &terms));
  assert_ok(testudo_i_json_memory_begin(&written, NULL));
  testudo_i_json_open_object(&written.writer, NULL);
  testudo_i_delay_put_members(&written.writer, &terms.model);
  testudo_i_json_close_object(&written.writer);
  assert_ok(testudo_i_json_memory_end(&written, NULL));
  assert_string_equal(written.text, text);
  free(written.text);
  testudo_i_delay_terms_clear(&terms);
  at.place = "claims[0]";
  assert_status(testudo_i_delay_read_members(&at, 4, &terms), TESTUDO_ERROR_INPUT);
  testudo_i_delay_terms_clear(&terms);
  testudo_i_json_free(document);
}

static testudo_status parse_file(const char *law_text, testudo_law **law, testudo_error *error)
{
  FILE *file = fopen(FILE_NAME, "w");
  assert_non_null(file);
  fprintf(file, HEAD "\"law\":\"%s\"}\n", law_text);
  assert_int_equal(fclose(file), 0);
  testudo_status status = testudo_law_parse("@" FILE_NAME, law, error);
  remove(FILE_NAME);
  return status;
}

static void is_a_law_like_the_one_it_names(void **state)
{
  (void)state;
  const char *const texts[] = {"exp:0.7", "shifted-exp:0,3", "lognormal:-1.5,0.4", "pareto:2,0.8", "deterministic:4"};
  for (int k = 0; k < 5; k++) {
    testudo_law *law, *named;
    assert_ok(parse_file(texts[k], &law, NULL));
    assert_ok(testudo_law_parse(texts[k], &named, NULL));
    assert_string_equal(testudo_law_text(law), "@" FILE_NAME);
    assert_string_equal(testudo_law_named(law), texts[k]);
    assert_true(law->row == named->row && law->a == named->a && law->b == named->b);
    assert_true(testudo_law_mean(law) == testudo_law_mean(named) && law->values == named->values);
    testudo_law_free(law);
    testudo_law_free(named);
  }
}

static void a_law_that_is_none_is_bad_input_at_its_place(void **state)
{
  (void)state;
  const char *const cases[][2] = {
      {"", "'' is not a law"},
      {"exp", "'exp' is not a law"},
      {"normal:0,1", "'normal' is not a law"},
      {"exp:-1", "exp: rate '-1' is not a number"},
      {"pareto:1", "pareto takes 2 numbers"},
      {"lognormal:0,11", "lognormal: sigma '11' is not a number from 1e-100 to 10"},
      {"gamma:1", "gamma takes 2 numbers"},
      {" exp:1", "' exp' is not a law"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_law *law;
    testudo_error error = {""};
    assert_status(parse_file(cases[k][0], &law, &error), TESTUDO_ERROR_INPUT);
    char wanted[200];
    snprintf(wanted, sizeof wanted, "%s: law: %s", FILE_NAME, cases[k][1]);
    if (strncmp(error.text, wanted, strlen(wanted)) != 0)
      fail_msg("'%s' does not begin with '%s'", error.text, wanted);
    assert_null(law);
  }
}

static void missing_files_and_names_are_told_apart(void **state)
{
  (void)state;
  testudo_law *law;
  testudo_error error = {""};
  assert_status(testudo_law_parse("@", &law, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "@ names no file; write @delay.json");
  assert_status(testudo_law_parse("@no-such.json", &law, &error), TESTUDO_ERROR_INPUT);
  assert_int_equal(strncmp(error.text, "no-such.json: ", 14), 0);
  assert_status(testudo_law_parse("@.", &law, &error), TESTUDO_ERROR_INPUT);
  assert_null(law);
}

static void a_file_is_read_by_callers_as_a_whole(void **state)
{
  (void)state;
  static const char text[] = LAW "\"structure\":\"additive\",\"rates\":[1,2],\"fail_prob\":0.0625}";
  testudo_delay_file *file;
  assert_ok(testudo_delay_file_parse(BYTES(text), "d.json", &file, NULL));
  const testudo_delay_model *model = testudo_delay_file_model(file);
  assert_true(testudo_delay_file_structured(file) && testudo_delay_file_workers(file) == 2);
  assert_true(model->structure == TESTUDO_STRUCTURE_ADDITIVE && model->rates[1] == 2.0 && model->fail_prob == 0.0625);
  assert_string_equal(testudo_law_text(model->law), "exp:1");
  assert_ok(testudo_delay_check(model, 2, NULL));
  testudo_delay_file_free(file);
  assert_ok(testudo_delay_file_parse(BYTES(LAW "\"signal\":1}"), "d.json", &file, NULL));
  assert_true(!testudo_delay_file_structured(file) && testudo_delay_file_workers(file) == 0);
  testudo_delay_file_free(file);
  testudo_delay_file_free(NULL);
  testudo_error error = {""};
  assert_status(testudo_delay_file_parse(BYTES(LAW "\"signal\":-1}"), "d.json", &file, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "d.json: signal: is -1"));
  assert_null(file);
  assert_status(testudo_delay_file_read("no-such.json", &file, &error), TESTUDO_ERROR_INPUT);
  assert_int_equal(strncmp(error.text, "no-such.json: ", 14), 0);
  assert_null(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_the_law_and_ignores_the_rest),
      cmocka_unit_test(refuses_broken_files_with_their_place),
      cmocka_unit_test(takes_the_whole_model),
      cmocka_unit_test(claims_carry_the_whole_model),
      cmocka_unit_test(is_a_law_like_the_one_it_names),
      cmocka_unit_test(a_law_that_is_none_is_bad_input_at_its_place),
      cmocka_unit_test(missing_files_and_names_are_told_apart),
      cmocka_unit_test(a_file_is_read_by_callers_as_a_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
