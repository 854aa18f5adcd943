/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of schemes: one table and one maker an id, and what each writes it reads again. */
#include "check.h"

#include <testudo/block.h>

#include "designfile/write.h"
#include "designs.h"
#include "runtime/codec.h"

enum { SCHEMES = TESTUDO_SCHEME_GRADIENT_CODE_PARTS + 1 };

static void every_id_has_one_table(void **state)
{
  (void)state;
  static const char *const name[SCHEMES] = {"uncoded", "ignore-stragglers", "gradient-code",
                                            "nested",  "partial",           "block",
                                            "gradient-code-parts"};
  for (int id = 0; id < SCHEMES; id++) {
    const testudo_i_scheme *scheme = testudo_i_scheme_by_id((testudo_scheme)id);
    assert_non_null(scheme);
    assert_int_equal(scheme->id, id);
    assert_string_equal(scheme->name, name[id]);
    assert_string_equal(testudo_scheme_name((testudo_scheme)id), name[id]);
    assert_ptr_equal(testudo_i_scheme_by_name(name[id]), scheme);
  }
  assert_null(testudo_i_scheme_by_id((testudo_scheme)SCHEMES));
  assert_null(testudo_i_scheme_by_id((testudo_scheme)99));
  assert_null(testudo_i_scheme_by_name("Partial"));
  assert_null(testudo_i_scheme_by_name(""));
  assert_string_equal(testudo_scheme_name((testudo_scheme)SCHEMES), "unknown");
}

static void every_id_has_one_maker(void **state)
{
  (void)state;
  for (int id = 0; id < SCHEMES; id++) {
    const testudo_i_making *making = testudo_i_making_by_id((testudo_scheme)id);
    assert_non_null(making);
    assert_int_equal(making->id, id);
    assert_non_null(making->make);
    assert_int_equal(making->numbers == NULL, making->redraw == NULL);
    /* What searches may reorder, they must be able to carry. */
    if (testudo_i_scheme_by_id((testudo_scheme)id)->order_matters)
      assert_non_null(making->carry);
  }
  assert_null(testudo_i_making_by_id((testudo_scheme)SCHEMES));
}

static void every_table_is_filled(void **state)
{
  (void)state;
  for (size_t k = 0; k < SCHEMES; k++) {
    const testudo_i_scheme *scheme = testudo_i_scheme_by_id((testudo_scheme)k);
    assert_true(scheme->check != NULL && scheme->rule != NULL && scheme->cover != NULL && scheme->sent != NULL);
    assert_true(scheme->codec != NULL && scheme->codec->reads != NULL && scheme->codec->request != NULL);
    assert_true(scheme->kind != NULL && scheme->step != NULL && scheme->waits_for != NULL);
    assert_true(scheme->most_parts >= 1 && scheme->most_parts <= TESTUDO_MAX_PARTS);
    /* `kind` comes first; members beside it are read and written by the scheme. */
    assert_string_equal(scheme->members[0], "kind");
    assert_int_equal(scheme->members[1] != NULL, scheme->read != NULL);
    assert_int_equal(scheme->read != NULL, scheme->write != NULL);
    /* Weights that are worked out come from a family of codes, or from rows that are looked at for their condition;
       those of partial are its matrix. */
    if (scheme->codec->weights != NULL && scheme->codec->settle != NULL && scheme->id != TESTUDO_SCHEME_PARTIAL)
      assert_true(scheme->family != NULL || scheme->row != NULL);
  }
}

static void the_list_in_sentences_names_every_scheme(void **state)
{
  (void)state;
  char list[256], little[12];
  testudo_design *design;
  testudo_error error;
  testudo_i_scheme_list(list, sizeof list);
  assert_string_equal(list, "uncoded, ignore-stragglers, gradient-code, nested, partial, block or "
                            "gradient-code-parts");
  static const char text[] = "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"x\"}";
  assert_status(testudo_design_parse(text, strlen(text), "d", &design, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, list));
  for (int id = 0; id < SCHEMES; id++)
    assert_non_null(strstr(error.text, testudo_scheme_name((testudo_scheme)id)));
  testudo_i_scheme_list(little, sizeof little);
  assert_string_equal(little, "uncoded, ig");
}

static void a_number_that_is_no_scheme_makes_nothing(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_design *design = NULL;
  testudo_error error;
  assert_ok(testudo_assignment_cyclic(3, 1, &assignment, NULL));
  assert_status(testudo_i_make_design((testudo_scheme)SCHEMES, &assignment, &(testudo_i_ingredients){.parts = 1},
                                      &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_null(design);
  assert_non_null(strstr(error.text, "scheme 7"));
  testudo_assignment_free(&assignment);
}

/* ---- files ---- */

/* The design as a file; malloc'd. */
static char *written(testudo_design *design, size_t *length)
{
  FILE *stream = tmpfile();
  uint64_t checksum;
  assert_non_null(stream);
  assert_ok(testudo_i_design_put(design, stream, &checksum, NULL));
  long size = ftell(stream);
  assert_true(size > 0);
  *length = (size_t)size;
  char *bytes = malloc(*length + 1);
  assert_non_null(bytes);
  rewind(stream);
  assert_int_equal(fread(bytes, 1, *length, stream), *length);
  bytes[*length] = '\0';
  fclose(stream);
  return bytes;
}

static void assert_same_numbers(const double *a, const double *b, size_t count)
{
  assert_int_equal(a == NULL, b == NULL);
  if (a != NULL && count > 0)
    assert_memory_equal(a, b, count * sizeof *a);
}

static void assert_same_code(const testudo_design *a, const testudo_design *b)
{
  int32_t count, again, workers = testudo_design_workers(a);
  int64_t dim, dim_again;
  assert_int_equal(testudo_design_wait(a), testudo_design_wait(b));
  assert_int_equal(testudo_design_stragglers(a), testudo_design_stragglers(b));
  assert_same_numbers(testudo_design_matrix(a), testudo_design_matrix(b),
                      (size_t)testudo_design_parts(a) * (size_t)workers);
  if (testudo_design_construction(a) != NULL)
    assert_string_equal(testudo_design_construction(a), testudo_design_construction(b));
  for (int32_t j = 0; j < workers; j++)
    assert_same_numbers(testudo_design_coefficients(a, j), testudo_design_coefficients(b, j),
                        (size_t)testudo_design_load(a, j));
  const int32_t *tolerance = testudo_design_tolerances(a, &count), *same = testudo_design_tolerances(b, &again);
  assert_int_equal(count, again);
  for (int32_t level = 0; level < count; level++) {
    assert_int_equal(tolerance[level], same[level]);
    for (int32_t j = 0; j < workers; j++)
      assert_same_numbers(testudo_design_nested_coefficients(a, level, j),
                          testudo_design_nested_coefficients(b, level, j), (size_t)tolerance[level] + 1);
  }
  const int64_t *size = testudo_design_block_sizes(a, &count, &dim);
  const int64_t *size_again = testudo_design_block_sizes(b, &again, &dim_again);
  assert_true(count == again && dim == dim_again && (size == NULL) == (size_again == NULL));
  if (size != NULL)
    assert_memory_equal(size, size_again, (size_t)count * sizeof *size);
}

static void assert_same_design(const testudo_design *a, const testudo_design *b)
{
  int32_t workers = testudo_design_workers(a);
  assert_int_equal(testudo_design_scheme(a), testudo_design_scheme(b));
  assert_int_equal(testudo_design_chunks(a), testudo_design_chunks(b));
  assert_int_equal(workers, testudo_design_workers(b));
  assert_int_equal(testudo_design_parts(a), testudo_design_parts(b));
  assert_string_equal(testudo_design_name(a), testudo_design_name(b));
  for (int32_t j = 0; j < workers; j++) {
    assert_int_equal(testudo_design_load(a, j), testudo_design_load(b, j));
    assert_int_equal(testudo_design_steps(a, j), testudo_design_steps(b, j));
    for (int32_t k = 0; k < testudo_design_load(a, j); k++)
      assert_int_equal(testudo_design_order(a, j)[k], testudo_design_order(b, j)[k]);
  }
  assert_same_code(a, b);
}

static void write_and_read_again(const char *name, testudo_design *design, void *state)
{
  size_t length, again_length;
  uint64_t checksum = testudo_design_checksum(design);
  char *bytes = written(design, &length);
  testudo_design *read;
  testudo_error error = {""};
  if (testudo_design_parse(bytes, length, name, &read, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  assert_same_design(design, read);
  if (checksum != 0 && testudo_design_checksum(read) != checksum)
    fail_msg("%s: what is written is not what was read", name);
  char *again = written(read, &again_length);
  assert_int_equal(again_length, length);
  assert_memory_equal(again, bytes, length);
  testudo_design_free(read);
  free(again);
  free(bytes);
  ((int *)state)[testudo_design_scheme(design)]++;
}

static void what_is_written_is_what_was_read(void **state)
{
  (void)state;
  int counts[SCHEMES] = {0};
  for_every_design(write_and_read_again, counts);
  for (int scheme = 0; scheme < SCHEMES; scheme++) {
    assert_true(counts[scheme] >= 4);
    for (uint64_t seed = 0; seed < 20; seed++) {
      testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
      write_and_read_again(testudo_scheme_name((testudo_scheme)scheme), design, counts);
      testudo_design_free(design);
    }
  }
}

static void what_counts_is_the_schemes_own_where_it_is_fixed(void **state)
{
  (void)state;
  enum { CHUNK = TESTUDO_REPORT_CHUNK, WHOLE = TESTUDO_REPORT_WHOLE };
  static const int usual[SCHEMES] = {WHOLE, WHOLE, WHOLE, CHUNK, CHUNK, CHUNK, WHOLE};
  static const bool either[SCHEMES] = {[TESTUDO_SCHEME_UNCODED] = true, [TESTUDO_SCHEME_PARTIAL] = true};
  for (int scheme = 0; scheme < SCHEMES; scheme++) {
    testudo_design *design = drawn_design((testudo_scheme)scheme, 3);
    int other = usual[scheme] == CHUNK ? WHOLE : CHUNK;
    assert_int_equal(testudo_design_report(design), usual[scheme]);
    assert_int_equal(testudo_design_report_for(design, (testudo_report)usual[scheme]), usual[scheme]);
    assert_int_equal(testudo_design_report_for(design, (testudo_report)other), either[scheme] ? other : usual[scheme]);
    testudo_design_free(design);
  }
}

static void count_scheme(const char *name, testudo_design *design, void *state)
{
  (void)name;
  ((int *)state)[testudo_design_scheme(design)]++;
}

/* What the fuzzer starts from. */
static void the_fuzz_corpus_has_sound_designs_of_every_scheme(void **state)
{
  (void)state;
  int counts[SCHEMES] = {0};
  for_every_design_of("tests/fuzz/corpus/design", true, count_scheme, counts);
  for (int scheme = 0; scheme < SCHEMES; scheme++)
    assert_true(counts[scheme] >= 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_id_has_one_table),
      cmocka_unit_test(every_id_has_one_maker),
      cmocka_unit_test(every_table_is_filled),
      cmocka_unit_test(what_counts_is_the_schemes_own_where_it_is_fixed),
      cmocka_unit_test(the_list_in_sentences_names_every_scheme),
      cmocka_unit_test(a_number_that_is_no_scheme_makes_nothing),
      cmocka_unit_test(what_is_written_is_what_was_read),
      cmocka_unit_test(the_fuzz_corpus_has_sound_designs_of_every_scheme),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
