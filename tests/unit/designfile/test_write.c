/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <unistd.h>

#include <testudo/designfile.h>

#include "../runtime/seal.h"
#include "base/file.h"
#include "base/random.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"

static char folder[] = "/tmp/testudo-designfile-XXXXXX";
static char path[sizeof folder + 16], other[sizeof folder + 16];

static int make_folder(void **state)
{
  (void)state;
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof path, "%s/one.json", folder);
  snprintf(other, sizeof other, "%s/two.json", folder);
  return 0;
}

static int drop_folder(void **state)
{
  (void)state;
  unlink(path);
  unlink(other);
  return rmdir(folder); /* fails when a temporary file was left behind */
}

static char *bytes_of(const char *file, size_t *length)
{
  char *bytes;
  assert_ok(testudo_i_read_file(file, 1 << 24, &bytes, length, NULL));
  return bytes;
}

static void put(const char *file, const char *text)
{
  FILE *stream = fopen(file, "w");
  assert_non_null(stream);
  assert_true(fputs(text, stream) >= 0);
  assert_int_equal(fclose(stream), 0);
}

/* Random loads and orders, a matrix with extreme numbers among its entries. */
static testudo_design *random_design(testudo_i_random *random, testudo_scheme scheme)
{
  int32_t workers = 2 + (int32_t)testudo_i_random_below(random, 12), chunks = workers + 3;
  bool partial = scheme == TESTUDO_SCHEME_PARTIAL;
  int32_t parts = partial ? 1 + (int32_t)testudo_i_random_below(random, 2) : 1;
  int64_t row[16] = {0};
  int32_t all[32], chunk[15 * 32];
  for (int32_t i = 0; i < chunks; i++)
    all[i] = i;
  testudo_i_random_shuffle(random, all, (size_t)chunks);
  for (int32_t j = 0; j < workers; j++) {
    row[j + 1] = row[j];
    if (partial && j >= 2)
      testudo_i_random_shuffle(random, all, (size_t)chunks);
    for (int32_t i = 0; i < chunks; i++)
      if (partial ? j < 2 || testudo_i_random_below(random, 2) == 0 : i % workers == j)
        chunk[row[j + 1]++] = all[i];
  }
  testudo_assignment assignment = {.workers = workers, .chunks = chunks, .row = row, .chunk = chunk};
  testudo_i_ingredients with = {.parts = parts};
  if (partial)
    with.seed = testudo_i_random_word(random);
  if (scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    with.wait = 1 + (int32_t)testudo_i_random_below(random, (uint64_t)workers);
  testudo_design *design;
  assert_ok(testudo_i_make_design(scheme, &assignment, &with, &design, NULL));
  if (partial) {
    const double extreme[] = {1e-150, -9.9999999999999999e149, 1.0, -0.0, 0.1, 1e22};
    double number = extreme[testudo_i_random_below(random, 6)];
    double *matrix = ((testudo_i_partial_code *)design->code)->matrix;
    matrix[testudo_i_random_below(random, (uint64_t)workers)] = number == 0.0 && parts == 1 ? -0.1 : number;
  }
  return design;
}

static void assert_equal_designs(const testudo_design *found, const testudo_design *wanted)
{
  assert_true(found->scheme == wanted->scheme);
  assert_int_equal(found->chunks, wanted->chunks);
  assert_int_equal(found->workers, wanted->workers);
  assert_int_equal(found->parts, wanted->parts);
  assert_int_equal(testudo_design_wait(found), testudo_design_wait(wanted));
  assert_string_equal(found->name, wanted->name);
  size_t workers = (size_t)wanted->workers;
  assert_memory_equal(found->row, wanted->row, (workers + 1) * sizeof *wanted->row);
  assert_memory_equal(found->order, wanted->order, (size_t)wanted->row[workers] * sizeof *wanted->order);
  const double *matrix = testudo_design_matrix(wanted);
  assert_true((testudo_design_matrix(found) == NULL) == (matrix == NULL));
  if (matrix != NULL)
    assert_memory_equal(testudo_design_matrix(found), matrix, (size_t)wanted->parts * workers * sizeof *matrix);
  assert_int_equal(found->members, wanted->members);
  for (size_t k = 0; k < wanted->members; k++) {
    assert_string_equal(found->member[k].key, wanted->member[k].key);
    assert_string_equal(found->member[k].value, wanted->member[k].value);
  }
}

static void random_designs_round_trip_exactly(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, 0, 0);
  const testudo_scheme schemes[] = {TESTUDO_SCHEME_PARTIAL, TESTUDO_SCHEME_UNCODED, TESTUDO_SCHEME_IGNORE_STRAGGLERS};
  for (int round = 0; round < 60; round++) {
    testudo_design *design = random_design(&random, schemes[round % 3]), *again;
    if (round % 2 == 0) {
      assert_ok(testudo_design_set_provenance(design, "design \"x\" \xc3\xa9", testudo_i_random_word(&random), NULL));
      assert_ok(testudo_i_design_set_member(design, "a key with \"quotes\"", "{\"deep\":[1,2.5,null]}", NULL));
      free(design->name);
      design->name = strdup("a \"name\" \xc3\xa9");
    }
    testudo_error error = {""};
    assert_ok(testudo_design_write(design, path, &error));
    if (testudo_design_read(path, &again, &error) != TESTUDO_OK)
      fail_msg("%s", error.text);
    assert_equal_designs(again, design);
    assert_true(testudo_design_checksum(again) == testudo_design_checksum(design));
    testudo_design_free(design);
    testudo_design_free(again);
  }
}

static void the_bytes_are_these(void **state)
{
  (void)state;
  testudo_design *design;
  put(path, UNCODED_DESIGN "}");
  assert_ok(testudo_design_read_unsealed(path, &design, NULL));
  assert_true(testudo_design_checksum(design) == 0);
  assert_ok(testudo_design_write(design, path, NULL));
  char *file = sealed(UNCODED_DESIGN);
  size_t length;
  char *bytes = bytes_of(path, &length);
  assert_int_equal(length, strlen(file) + 1);
  assert_memory_equal(bytes, file, strlen(file));
  assert_true(bytes[length - 1] == '\n');
  assert_true(testudo_design_checksum(design) == fnv_of(UNCODED_DESIGN, strlen(UNCODED_DESIGN)));
  free(bytes);
  free(file);
  testudo_design_free(design);
}

static void equal_designs_give_equal_bytes(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 22, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_design *design = random_design(&random, TESTUDO_SCHEME_PARTIAL), *again;
  assert_ok(testudo_design_write(design, path, NULL));
  assert_ok(testudo_design_read(path, &again, NULL));
  assert_ok(testudo_design_write(again, other, NULL));
  size_t one, two;
  char *first = bytes_of(path, &one), *second = bytes_of(other, &two);
  assert_int_equal(one, two);
  assert_memory_equal(first, second, one);
  free(first);
  free(second);
  testudo_design_free(design);
  testudo_design_free(again);
}

static void resealing_accepts_a_wrong_checksum_but_nothing_else(void **state)
{
  (void)state;
  testudo_design *design;
  testudo_error error = {""};
  put(path, GOOD_DESIGN ",\"checksum\":\"0123456789abcdef\"}");
  assert_status(testudo_design_read(path, &design, &error), TESTUDO_ERROR_INPUT);
  assert_ok(testudo_design_read_unsealed(path, &design, &error));
  assert_ok(testudo_design_write(design, path, &error));
  testudo_design_free(design);
  assert_ok(testudo_design_read(path, &design, &error));
  testudo_design_free(design);
  char *broken = replaced(GOOD_DESIGN "}", "[3,0,1]", "[3,20,1]");
  put(path, broken);
  assert_status(testudo_design_read_unsealed(path, &design, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "one.json: order[3][1]: chunk 20, but chunks are 0..3"));
  free(broken);
}

static void provenance_holds_command_and_seed(void **state)
{
  (void)state;
  testudo_design *design = testudo_i_design_new(&testudo_i_scheme_uncoded, 1, 1, 1, 1);
  assert_non_null(design);
  char wanted[200];
  snprintf(wanted, sizeof wanted, "{\"tool\":\"testudo\",\"version\":\"%s\",\"command\":\"design\",\"seed\":7}",
           testudo_version());
  assert_ok(testudo_design_set_provenance(design, "design", 7, NULL));
  assert_string_equal(testudo_i_design_member(design, "provenance"), wanted);
  assert_ok(testudo_design_set_provenance(design, "design", UINT64_MAX, NULL));
  assert_non_null(strstr(testudo_i_design_member(design, "provenance"), "\"seed\":\"18446744073709551615\""));
  testudo_error error;
  assert_status(testudo_design_set_provenance(design, "\xff", 7, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "not UTF-8"));
  testudo_design_free(design);
}

static void a_failed_write_leaves_the_old_file_whole(void **state)
{
  (void)state;
  put(path, "old");
  testudo_i_random random;
  testudo_i_random_start(&random, 23, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_design *design = random_design(&random, TESTUDO_SCHEME_PARTIAL);
  free(design->name);
  design->name = strdup("\xff");
  testudo_error error;
  assert_status(testudo_design_write(design, path, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_design_write(design, "/nonexistent/x.json", &error), TESTUDO_ERROR_SYSTEM);
  design->name[0] = '\0';
  assert_status(testudo_design_write(design, "/dev/full", &error), TESTUDO_ERROR_SYSTEM);
  assert_true(testudo_design_checksum(design) == 0);
  size_t length;
  char *bytes = bytes_of(path, &length);
  assert_string_equal(bytes, "old");
  free(bytes);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_designs_round_trip_exactly),
      cmocka_unit_test(the_bytes_are_these),
      cmocka_unit_test(equal_designs_give_equal_bytes),
      cmocka_unit_test(resealing_accepts_a_wrong_checksum_but_nothing_else),
      cmocka_unit_test(provenance_holds_command_and_seed),
      cmocka_unit_test(a_failed_write_leaves_the_old_file_whole),
  };
  return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
