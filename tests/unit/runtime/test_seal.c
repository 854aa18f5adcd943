/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <testudo/design.h>

#include "runtime/design.h"
#include "seal.h"

static void refuses(const char *file, size_t length, const char *sentence)
{
  testudo_design *design;
  testudo_error error = {""};
  assert_status(testudo_design_parse(file, length, "d", &design, &error), TESTUDO_ERROR_INPUT);
  assert_null(design);
  assert_string_equal(error.text, sentence);
}

static void reads_what_the_file_says(void **state)
{
  (void)state;
  char *file = sealed(GOOD_DESIGN);
  testudo_design *design;
  assert_ok(testudo_design_parse(file, strlen(file), "d", &design, NULL));
  assert_int_equal(testudo_design_chunks(design), 4);
  assert_int_equal(testudo_design_workers(design), 4);
  assert_int_equal(testudo_design_parts(design), 2);
  assert_int_equal(testudo_design_scheme(design), TESTUDO_SCHEME_PARTIAL);
  assert_string_equal(testudo_design_name(design), "square");
  const int32_t order[4][3] = {{0, 1, 2}, {1, 2, 3}, {2, 3, 0}, {3, 0, 1}};
  for (int32_t j = 0; j < 4; j++) {
    assert_int_equal(testudo_design_load(design, j), 3);
    assert_memory_equal(testudo_design_order(design, j), order[j], sizeof order[j]);
  }
  const double matrix[] = {1.5, -0.25, 0.5, 2.0, 0.125, 1.0, -1.5, 0.75};
  assert_memory_equal(testudo_design_matrix(design), matrix, sizeof matrix);
  assert_int_equal(design->members, 3);
  assert_string_equal(testudo_i_design_member(design, "provenance"), "{\"tool\":\"hand\"}");
  assert_string_equal(testudo_i_design_member(design, "claims"), "[]");
  assert_string_equal(testudo_i_design_member(design, "note"), "[1,2.5]");
  assert_true(testudo_design_checksum(design) == fnv_of(GOOD_DESIGN, strlen(GOOD_DESIGN)));
  testudo_design_free(design);
  free(file);
}

static void reads_the_waiting_number(void **state)
{
  (void)state;
  char *file = sealed(WAITING_DESIGN);
  testudo_design *design;
  assert_ok(testudo_design_parse(file, strlen(file), "d", &design, NULL));
  assert_int_equal(testudo_design_wait(design), 2);
  assert_string_equal(testudo_design_name(design), "");
  testudo_design_free(design);
  free(file);
}

/* Every byte before the comma, changed so that the file still means something, breaks the checksum alone. */
static void one_changed_digit_breaks_the_checksum(void **state)
{
  (void)state;
  char *file = sealed(GOOD_DESIGN);
  char sentence[200];
  char *digit = strstr(file, "0.125");
  digit[4] = '6';
  const char *text = strstr(file, "\"checksum\"");
  snprintf(sentence, sizeof sentence, "d: checksum: %.16s, but the bytes before it give %016llx", text + 12,
           (unsigned long long)fnv_of(file, (size_t)(text - 1 - file)));
  refuses(file, strlen(file), sentence);
  free(file);
}

static void white_space_counts_in_the_checksum(void **state)
{
  (void)state;
  char *spaced = replaced(GOOD_DESIGN, "\"chunks\":4", "\"chunks\": 4");
  char *file = malloc(strlen(spaced) + 64);
  assert_non_null(file);
  sprintf(file, "%s,\"checksum\":\"%016llx\"}", spaced,
          (unsigned long long)fnv_of(GOOD_DESIGN, strlen(GOOD_DESIGN)));
  testudo_design *design;
  testudo_error error;
  assert_status(testudo_design_parse(file, strlen(file), "d", &design, &error), TESTUDO_ERROR_INPUT);
  assert_memory_equal(error.text, "d: checksum: ", 13);
  free(file);
  free(spaced);
}

static void white_space_around_the_seal_is_fine(void **state)
{
  (void)state;
  char file[1024];
  const char *before = GOOD_DESIGN " \n";
  snprintf(file, sizeof file, "%s,\r\n\t\"checksum\" :\n \"%016llx\" \n}\n \n", before,
           (unsigned long long)fnv_of(before, strlen(before)));
  testudo_design *design;
  testudo_error error = {""};
  assert_ok(testudo_design_parse(file, strlen(file), "d", &design, &error));
  assert_true(testudo_design_checksum(design) == fnv_of(before, strlen(before)));
  testudo_design_free(design);
}

static void refuses_seals_of_the_wrong_form(void **state)
{
  (void)state;
  refuses(GOOD_DESIGN "}", strlen(GOOD_DESIGN "}"), "d: checksum: missing");
  static const char *const tail[][2] = {
      {",\"checksum\":17}", "d: checksum: is an integer, but must be a string"},
      {",\"checksum\":\"0123456789abcdef\",\"late\":1}", "d: checksum: must be the last member"},
      {",\"checksum\":\"\"}", "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"checksum\":\"0123456789abcde\"}",
       "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"checksum\":\"0123456789ABCDEF\"}",
       "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"checksum\":\"0123456789abcdefa\"}",
       "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"checksum\":\"\\u0030123456789abcdef\"}",
       "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"\\u0063hecksum\":\"0123456789abcdef\"}",
       "d: checksum: must be 16 hex digits (0-9, a-f), written without escapes"},
      {",\"checksum\":\"x\",\"late\":\",\\\"checksum\\\":\\\"0123456789abcdef\"}",
       "d: checksum: must be the last member"},
      {",\"checksum\":\"0123456789abcdef\",\"checksum\":\"0123456789abcdef\"}",
       "d: line 1, column 322: duplicate object key near '\"checksum\"'"},
  };
  for (size_t k = 0; k < sizeof tail / sizeof *tail; k++) {
    char file[1024];
    snprintf(file, sizeof file, "%s%s", GOOD_DESIGN, tail[k][0]);
    refuses(file, strlen(file), tail[k][1]);
  }
}

/* The file is broken in a place and badly signed too: the place is what the user needs. */
static void errors_with_a_place_come_before_the_checksum(void **state)
{
  (void)state;
  char *broken = replaced(GOOD_DESIGN, "[3,0,1]", "[3,20,1]");
  char file[1024];
  snprintf(file, sizeof file, "%s,\"checksum\":\"0123456789abcdef\"}", broken);
  refuses(file, strlen(file), "d: order[3][1]: chunk 20, but chunks are 0..3");
  snprintf(file, sizeof file, "%s}", broken);
  refuses(file, strlen(file), "d: order[3][1]: chunk 20, but chunks are 0..3");
  free(broken);
}

static void refuses_what_is_no_object(void **state)
{
  (void)state;
  refuses("", 0, "d: line 1, column 0: unexpected token near end of file");
  refuses("[]", 2, "d: is an array, but a design is an object");
  refuses("12", 2, "d: is an integer, but a design is an object");
  refuses("{}", 2, "d: format: missing");
}

static void every_proper_prefix_is_refused(void **state)
{
  (void)state;
  char *file = sealed(GOOD_DESIGN);
  for (size_t length = 0; length < strlen(file); length++) {
    testudo_design *design;
    assert_status(testudo_design_parse(file, length, "d", &design, NULL), TESTUDO_ERROR_INPUT);
    assert_null(design);
  }
  free(file);
}

/* One byte replaced by another: never accepted with the old checksum, except where the byte is in the checksum's own
   surroundings and stays the same. */
static void every_single_byte_change_is_refused(void **state)
{
  (void)state;
  char *file = sealed(GOOD_DESIGN);
  size_t length = strlen(file);
  static const char other[] = " 07a\"]}{,:\\.-\n\x80";
  for (size_t at = 0; at < length; at++) {
    char kept = file[at];
    for (const char *byte = other; *byte != '\0'; byte++) {
      if (*byte == kept)
        continue;
      file[at] = *byte;
      testudo_design *design;
      assert_status(testudo_design_parse(file, length, "d", &design, NULL), TESTUDO_ERROR_INPUT);
    }
    file[at] = kept;
  }
  free(file);
}

static void a_missing_file_and_a_folder_are_named(void **state)
{
  (void)state;
  testudo_design *design;
  testudo_error error;
  assert_status(testudo_design_read("/nonexistent/design.json", &design, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "/nonexistent/design.json: cannot be read: No such file or directory");
  assert_status(testudo_design_read("/", &design, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, "/: is a folder, but a file is needed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_file_says),
      cmocka_unit_test(reads_the_waiting_number),
      cmocka_unit_test(one_changed_digit_breaks_the_checksum),
      cmocka_unit_test(white_space_counts_in_the_checksum),
      cmocka_unit_test(white_space_around_the_seal_is_fine),
      cmocka_unit_test(refuses_seals_of_the_wrong_form),
      cmocka_unit_test(errors_with_a_place_come_before_the_checksum),
      cmocka_unit_test(refuses_what_is_no_object),
      cmocka_unit_test(every_proper_prefix_is_refused),
      cmocka_unit_test(every_single_byte_change_is_refused),
      cmocka_unit_test(a_missing_file_and_a_folder_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
