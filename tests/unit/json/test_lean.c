/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of numbers read without a tree are what the tree says, or are left to the tree. */
#include "check.h"

#include <locale.h>

#include "base/random.h"
#include "json/read.h"

static const testudo_i_json_lean members[] = {{NULL, "order", true}, {"code", "matrix", false}};

static int compared[2], kept_in_tree;

static void compare_items(const testudo_i_json_rows *rows, const testudo_i_json_value *tree, const char *text)
{
  if (rows->rows != (int64_t)testudo_i_json_size(tree))
    fail_msg("%lld rows, the tree has %zu in %s", (long long)rows->rows, testudo_i_json_size(tree), text);
  for (int64_t k = 0; k < rows->rows; k++) {
    const testudo_i_json_value *row = testudo_i_json_item(tree, (size_t)k);
    assert_int_equal(rows->row[k + 1] - rows->row[k], testudo_i_json_size(row));
    for (int64_t e = rows->row[k]; e < rows->row[k + 1]; e++) {
      const testudo_i_json_value *item = testudo_i_json_item(row, (size_t)(e - rows->row[k]));
      double wanted = testudo_i_json_number(item), found = rows->index != NULL ? rows->index[e] : rows->number[e];
      if (memcmp(&found, &wanted, sizeof found) != 0)
        fail_msg("%.17g, the tree has %.17g in %s", found, wanted, text);
      assert_true(rows->number != NULL || testudo_i_json_kind_of(item) == TESTUDO_I_JSON_INTEGER);
    }
  }
}

/* Both ways: the same answer, the same sentence, the same numbers. */
static void compare(const char *text, size_t length)
{
  testudo_i_json_document *lean, *plain;
  testudo_error of_lean = {""}, of_plain = {""};
  testudo_status status = testudo_i_json_parse_lean(text, length, "x", members, 2, &lean, &of_lean);
  assert_status(testudo_i_json_parse(text, length, "x", &plain, &of_plain), status);
  assert_string_equal(of_lean.text, of_plain.text);
  if (status != TESTUDO_OK)
    return;
  for (size_t k = 0; k < 2; k++) {
    const testudo_i_json_rows *rows = testudo_i_json_rows_of(lean, k);
    const testudo_i_json_value *root = testudo_i_json_root(plain);
    const testudo_i_json_value *object = members[k].object == NULL ? root : testudo_i_json_member(root, "code");
    const testudo_i_json_value *tree = object == NULL ? NULL : testudo_i_json_member(object, members[k].key);
    if (rows == NULL) {
      kept_in_tree += tree != NULL;
      continue;
    }
    assert_non_null(tree);
    compare_items(rows, tree, text);
    compared[k]++;
  }
  testudo_i_json_free(lean);
  testudo_i_json_free(plain);
}

static void compare_text(const char *text)
{
  compare(text, strlen(text));
}

static void reads_what_the_tree_reads(void **state)
{
  (void)state;
  compared[0] = compared[1] = 0;
  static const char *const texts[] = {
      "{\"order\":[]}",
      "{\"order\":[[]]}",
      "{\"order\" :\n[ [ 0 ,\t2147483647 ] , [ ] ,\r[7]] , \"code\":{\"matrix\":[]}}",
      ("{\"code\":{\"a\":{\"matrix\":[[9]]},\"b\":[{\"matrix\":[[8]]}],"
       "\"matrix\":[[1,-2.5e-3,3E+2],[0.1]]},\"order\":[[3]]}"),
      "{\"code\":{\"matrix\":[[-9007199254740993,999999999999999999,5e-324,1.7976931348623157e308,-0.0,1e-999]]}}",
      "{\"x\":{\"order\":[[1]],\"matrix\":[[2]]},\"order\":[[5]],\"code\":{\"matrix\":[[6]]}}",
      "{\"a\\\"\":\"\\\\\",\"b\":\"{[\\\"order\\\":[[1]]\",\"order\":[[4,4]],\"code\":{\"matrix\":[[1],[2.5,3]]}}",
  };
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
    compare_text(texts[k]);
  assert_int_equal(compared[0], 6);
  assert_int_equal(compared[1], 5);
}

static void leaves_to_the_tree_what_only_it_can_judge(void **state)
{
  (void)state;
  compared[0] = compared[1] = 0;
  kept_in_tree = 0;
  static const char *const texts[] = {
      "{\"order\":[[-1]]}", "{\"order\":[[2147483648]]}", "{\"order\":[[1.0]]}", "{\"order\":[[1],2]}",
      "{\"order\":{}}", "{\"order\":[[[1]]]}", "{\"order\":[[true]]}", "{\"order\":[[\"a\"]]}",
      "{\"ord\\u0065r\":[[1]]}", "{\"code\":{\"matrix\":[[-0x]]}}",
      "{\"code\":{\"matrix\":[[1234567890123456789]]}}", "{\"code\":{\"matrix\":[[null]]}}",
      "{\"code\":{\"matrix\":[[0.1000000000000000055511151231257827021181583404541015625]]}}",
  };
  size_t count = sizeof texts / sizeof *texts;
  for (size_t k = 0; k < count; k++)
    compare_text(texts[k]);
  assert_int_equal(compared[0] + compared[1], 0);
  assert_int_equal(kept_in_tree, count - 1);
}

static void refuses_in_the_same_words(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "", "[", "{\"order\"", "{\"order\":", "{\"order\":[[1,]]}", "{\"order\":[[01]]}", "{\"order\":[[1]]",
      "{\"order\":[[1]]}x", "{\"order\":[[1]],\"order\":[[2]]}", "{\"order\":[[1]],\"ord\\u0065r\":[[2]]}",
      "{\"order\":[[1]] \"b\":2}", "{\"code\":{\"matrix\":[[1e999]]}}", "{\"code\":{\"matrix\":[[1.]]}}",
      "{\"code\":{\"matrix\":[[.5]]}}", "{\"code\":{\"matrix\":[[+1]]}}", "{\"code\":{\"matrix\":[[1e]]}}",
      "{\"code\":{\"matrix\":[[-]]}}", "{\"code\":{\"matrix\":[[1]],\"matrix\":[[1]]}}", "{\"\":\"\\", "{\"a\":\"b",
      "[\"order\":[[1]]]", "{\"order\":[[99999999999999999999]]}", "}\"order\":[[1]]", "{\"\xff\":1,\"order\":[[1]]}",
  };
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_i_json_document *document;
    compare_text(texts[k]);
    assert_status(testudo_i_json_parse(texts[k], strlen(texts[k]), "x", &document, NULL), TESTUDO_ERROR_INPUT);
  }
}

/* Every cut-off and many random changes of a design-like text. */
static void agrees_on_broken_texts(void **state)
{
  (void)state;
  static const char whole[] = "{\"chunks\":3,\"order\":[[0,1],[1, 2],[2,0]],\"code\":{\"kind\":\"partial\","
                              "\"matrix\":[[0.5,-1.25e2,3],[4,5e-1,6]]},\"x\":[{\"order\":1}],\"checksum\":\"00\"}";
  static const char bytes[] = "{}[],:\"\\0123.-eE \nx\x80";
  char text[sizeof whole];
  compared[0] = 0;
  for (size_t k = 0; k < sizeof whole; k++)
    compare(whole, k);
  testudo_i_random random;
  testudo_i_random_start(&random, 71, TESTUDO_I_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 20000; trial++) {
    memcpy(text, whole, sizeof whole);
    for (uint64_t k = 0; k <= testudo_i_random_below(&random, 3); k++)
      text[testudo_i_random_below(&random, sizeof whole - 1)] =
          bytes[testudo_i_random_below(&random, sizeof bytes - 1)];
    compare_text(text);
  }
  assert_true(compared[0] > 500);
}

static void the_dropped_member_gives_its_rows_back(void **state)
{
  (void)state;
  static const char text[] = "{\"order\":[[1,2]],\"code\":{\"matrix\":[[3]]}}";
  testudo_i_json_document *document;
  assert_ok(testudo_i_json_parse_lean(text, strlen(text), "x", members, 2, &document, NULL));
  assert_int_equal(testudo_i_json_size(testudo_i_json_member(testudo_i_json_root(document), "order")), 0);
  assert_int_equal(testudo_i_json_rows_of(document, 0)->index[1], 2);
  testudo_i_json_drop(document, "order");
  assert_null(testudo_i_json_member(testudo_i_json_root(document), "order"));
  assert_null(testudo_i_json_rows_of(document, 0));
  assert_true(testudo_i_json_rows_of(document, 1)->number[0] == 3);
  testudo_i_json_free(document);
}

/* "0,5" is one half in German: files must not notice. Without that locale installed the C locale is checked again. */
static void the_locale_does_not_matter(void **state)
{
  (void)state;
  if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL && setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    print_message("no locale with a decimal comma is installed\n");
  testudo_i_json_rows rows;
  testudo_i_json_minus minus;
  assert_int_equal(testudo_i_json_rows_scan("[[0.5,2.25e1]]x", 15, false, &rows, &minus), 14);
  assert_true(rows.number[0] == 0.5 && rows.number[1] == 22.5);
  testudo_i_json_rows_free(&rows);
  setlocale(LC_NUMERIC, "C");
}

/* The tree takes -0 for 0; an index written so is recognised, wherever it stands, and a real is not. */
static void tells_of_an_index_minus_zero(void **state)
{
  (void)state;
  testudo_i_json_rows rows;
  testudo_i_json_minus minus;
  static const char *const text[] = {"[[1,2],[3,-0]]", "[[1],[],[4,5,-0 ,1]]", "[[-0]"};
  static const int64_t row[] = {1, 2, 0}, place[] = {1, 2, 0};
  for (size_t k = 0; k < 3; k++) {
    assert_int_equal(testudo_i_json_rows_scan(text[k], strlen(text[k]), true, &rows, &minus), 0);
    assert_true(minus.met && minus.row == row[k] && minus.place == place[k]);
  }
  static const char *const other[] = {"[[1,-0.0]]", "[[-1]]", "[[-01]]", "[[1,x,-0]]", "[[0]]"};
  for (size_t k = 0; k < 5; k++) {
    size_t taken = testudo_i_json_rows_scan(other[k], strlen(other[k]), true, &rows, &minus);
    assert_true(!minus.met && (taken > 0) == (k == 4));
    testudo_i_json_rows_free(&rows);
  }
  assert_int_equal(testudo_i_json_rows_scan("[[-0]]", 6, false, &rows, &minus), 6);
  assert_true(!minus.met && rows.number[0] == 0.0);
  testudo_i_json_rows_free(&rows);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_tree_reads),
      cmocka_unit_test(leaves_to_the_tree_what_only_it_can_judge),
      cmocka_unit_test(refuses_in_the_same_words),
      cmocka_unit_test(agrees_on_broken_texts),
      cmocka_unit_test(the_dropped_member_gives_its_rows_back),
      cmocka_unit_test(the_locale_does_not_matter),
      cmocka_unit_test(tells_of_an_index_minus_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
