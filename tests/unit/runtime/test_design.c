/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "designs.h"

/* A design from `workers` rows of `load` chunks each, row after row. */
static testudo_design *make(testudo_scheme scheme, int32_t chunks, int32_t workers, int32_t parts, int32_t load,
                            const int32_t *order)
{
  testudo_design *design = empty_design(scheme, chunks, workers, parts, (int64_t)workers * load);
  for (int32_t j = 0; j < workers; j++)
    design->row[j + 1] = design->row[j] + load;
  memcpy(design->order, order, (size_t)workers * (size_t)load * sizeof *order);
  return design;
}

/* The same, with its code: of the ingredients, `tolerance` and `size` are those of a single one. */
static testudo_design *make_coded(testudo_scheme scheme, int32_t chunks, int32_t workers, int32_t parts, int32_t load,
                                  const int32_t *order)
{
  static const int32_t tolerance[] = {0};
  static const int64_t size[] = {1};
  testudo_design *design = make(scheme, chunks, workers, parts, load, order);
  give_code(design, &(testudo_i_ingredients){
                        .parts = parts, .seed = 5, .tolerance = tolerance, .size = size, .tolerances = 1});
  return design;
}

static void refuses(testudo_design *design, testudo_status wanted, const char *sentence)
{
  testudo_error error = {""};
  assert_status(testudo_i_design_finish(design, &error), wanted);
  assert_string_equal(error.text, sentence);
  testudo_design_free(design);
}

static void derives_holders_and_places(void **state)
{
  (void)state;
  const int32_t order[] = {2, 0, 1, 2, 0, 3, 3, 1, 0};
  testudo_design *design = make_coded(TESTUDO_SCHEME_PARTIAL, 4, 3, 2, 3, order);
  assert_ok(testudo_i_design_finish(design, NULL));
  /* Chunk by chunk: worker, place. */
  const int32_t count[] = {3, 2, 2, 2};
  const int32_t holders[4][3] = {{0, 1, 2}, {0, 2, -1}, {0, 1, -1}, {1, 2, -1}};
  const int32_t places[4][3] = {{2, 2, 3}, {3, 2, -1}, {1, 1, -1}, {3, 1, -1}};
  for (int32_t i = 0; i < 4; i++) {
    assert_int_equal(testudo_design_replication(design, i), count[i]);
    for (int32_t h = 0; h < count[i]; h++) {
      assert_int_equal(testudo_design_holders(design, i)[h], holders[i][h]);
      assert_int_equal(testudo_design_places(design, i)[h], places[i][h]);
    }
  }
  assert_int_equal(testudo_design_min_replication(design), 2);
  assert_int_equal(testudo_design_max_replication(design), 3);
  assert_int_equal(testudo_design_max_load(design), 3);
  assert_int_equal(testudo_design_order(design, 1)[2], 3);
  assert_string_equal(testudo_design_name(design), "");
  testudo_design_free(design);
}

static void holders_equal_a_search_on_random_assignments(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  for (int round = 0; round < 200; round++) {
    int32_t workers = 1 + (int32_t)testudo_i_random_below(&random, 9);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(&random, 9);
    testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, workers, 1, (int64_t)workers * chunks);
    /* Worker 0 holds everything; the rest a random prefix of a shuffle, perhaps nothing. */
    for (int32_t j = 0; j < workers; j++) {
      int32_t load = j == 0 ? chunks : (int32_t)testudo_i_random_below(&random, (uint64_t)chunks + 1);
      int32_t all[9];
      for (int32_t i = 0; i < chunks; i++)
        all[i] = i;
      testudo_i_random_shuffle(&random, all, (size_t)chunks);
      memcpy(design->order + design->row[j], all, (size_t)load * sizeof *all);
      design->row[j + 1] = design->row[j] + load;
    }
    (void)finished(design, 1);
    int64_t found = 0;
    for (int32_t i = 0; i < chunks; i++) {
      const int32_t *holder = testudo_design_holders(design, i);
      for (int32_t h = 0; h < testudo_design_replication(design, i); h++, found++) {
        int32_t place = testudo_design_places(design, i)[h];
        assert_in_range(place, 1, testudo_design_load(design, holder[h]));
        assert_int_equal(testudo_design_order(design, holder[h])[place - 1], i);
        if (h > 0)
          assert_true(holder[h - 1] < holder[h]);
      }
    }
    assert_int_equal(found, design->row[workers]);
    testudo_design_free(design);
  }
}

static void accepts_one_worker_with_one_chunk(void **state)
{
  (void)state;
  testudo_design *design = make(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 1, (const int32_t[]){0});
  assert_ok(testudo_i_design_finish(design, NULL));
  assert_null(testudo_design_matrix(design));
  assert_int_equal(testudo_design_max_replication(design), 1);
  testudo_design_free(design);
}

static void refuses_counts_out_of_range(void **state)
{
  (void)state;
  testudo_design *design = make(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 1, (const int32_t[]){0});
  design->chunks = 0;
  refuses(design, TESTUDO_ERROR_INPUT, "chunks: 0, but it must be in 1..16777216");
  design = make(TESTUDO_SCHEME_UNCODED, 1, 1, 0, 1, (const int32_t[]){0});
  refuses(design, TESTUDO_ERROR_INPUT, "parts: 0, but it must be in 1..1024");
  design = make(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 1, (const int32_t[]){0});
  design->workers = -3;
  refuses(design, TESTUDO_ERROR_INPUT, "workers: -3, but it must be in 1..16777216");
}

static void refuses_wrong_orders_with_their_place(void **state)
{
  (void)state;
  refuses(make(TESTUDO_SCHEME_UNCODED, 4, 2, 1, 2, (const int32_t[]){0, 1, 2, 4}), TESTUDO_ERROR_INPUT,
          "order[1][1]: chunk 4, but chunks are 0..3");
  refuses(make(TESTUDO_SCHEME_UNCODED, 4, 2, 1, 2, (const int32_t[]){0, -1, 2, 3}), TESTUDO_ERROR_INPUT,
          "order[0][1]: chunk -1, but chunks are 0..3");
  refuses(make(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 3, (const int32_t[]){0, 1, 1, 0, 1, 0}), TESTUDO_ERROR_INPUT,
          "order[0][2]: chunk 1, but worker 0 holds it already (order[0][1])");
  refuses(make(TESTUDO_SCHEME_PARTIAL, 3, 2, 1, 3, (const int32_t[]){2, 1, 0, 0, 1, 0}), TESTUDO_ERROR_INPUT,
          "order[1][2]: chunk 0, but worker 1 holds it already (order[1][0])");
  refuses(make(TESTUDO_SCHEME_PARTIAL, 3, 2, 1, 2, (const int32_t[]){2, 0, 0, 2}), TESTUDO_ERROR_INPUT,
          "order: chunk 1 is held by no worker, but every chunk must be held by at least one");
}

static void names_the_unheld_chunk_without_memory_for_all(void **state)
{
  (void)state;
  refuses(make(TESTUDO_SCHEME_UNCODED, TESTUDO_MAX_CHUNKS, 2, 1, 2, (const int32_t[]){1, 0, 3, 16777215}),
          TESTUDO_ERROR_INPUT, "order: chunk 2 is held by no worker, but every chunk must be held by at least one");
}

static void refuses_what_the_scheme_forbids(void **state)
{
  (void)state;
  refuses(make_coded(TESTUDO_SCHEME_UNCODED, 2, 2, 1, 2, (const int32_t[]){0, 1, 1, 0}), TESTUDO_ERROR_INPUT,
          "order: chunk 0 is held by 2 workers, but scheme uncoded has every chunk on exactly 1");
  refuses(make_coded(TESTUDO_SCHEME_PARTIAL, 2, 2, 2, 1, (const int32_t[]){0, 1}), TESTUDO_ERROR_INPUT,
          "order: chunk 0 is held by 1 worker, but 2 parts need every chunk on at least 2");
  refuses(make_coded(TESTUDO_SCHEME_UNCODED, 2, 2, 2, 1, (const int32_t[]){0, 1}), TESTUDO_ERROR_INPUT,
          "parts: 2, but scheme uncoded has 1 part");
  refuses(make_coded(TESTUDO_SCHEME_IGNORE_STRAGGLERS, 2, 2, 1, 1, (const int32_t[]){0, 1}), TESTUDO_ERROR_INPUT,
          "code.wait: 0, but it must be in 1..2 (the workers)");
  refuses(make_coded(TESTUDO_SCHEME_NESTED, 1, 2, 1, 1, (const int32_t[]){0, 0}), TESTUDO_ERROR_INPUT,
          "chunks: 1, but scheme nested needs as many as workers, 2");
  refuses(make_coded(TESTUDO_SCHEME_NESTED, 2, 2, 1, 1, (const int32_t[]){1, 0}), TESTUDO_ERROR_INPUT,
          "order[0][0]: chunk 1, but the cyclic natural order of scheme nested has chunk 0 here");
  refuses(make_coded(TESTUDO_SCHEME_BLOCK, 2, 2, 1, 2, (const int32_t[]){0, 1, 1, 0}), TESTUDO_ERROR_INPUT,
          "order[0]: has 2 chunks, but the largest tolerance 0 needs 1");
  testudo_design *design = make_coded(TESTUDO_SCHEME_PARTIAL, 2, 2, 1, 1, (const int32_t[]){0, 1});
  matrix_of(design)[1] = NAN;
  refuses(design, TESTUDO_ERROR_INPUT, "code.matrix[0][1]: not a finite number");
}

static void the_matrix_depends_on_seed_part_and_worker_only(void **state)
{
  (void)state;
  const testudo_i_making *making = testudo_i_making_by_id(TESTUDO_SCHEME_PARTIAL);
  testudo_design *wide = make_coded(TESTUDO_SCHEME_PARTIAL, 5, 5, 3, 1, (const int32_t[]){0, 1, 2, 3, 4});
  testudo_design *narrow = make_coded(TESTUDO_SCHEME_PARTIAL, 3, 3, 2, 1, (const int32_t[]){0, 1, 2});
  assert_ok(making->redraw(wide, 42, NULL));
  assert_ok(making->redraw(narrow, 42, NULL));
  for (int k = 0; k < 2; k++)
    for (int j = 0; j < 3; j++)
      assert_true(matrix_of(wide)[k * 5 + j] == matrix_of(narrow)[k * 3 + j]);
  assert_ok(making->redraw(narrow, 43, NULL));
  assert_true(matrix_of(wide)[0] != matrix_of(narrow)[0]);
  testudo_design_free(wide);
  testudo_design_free(narrow);
}

static void the_matrix_is_standard_normal_within_six_sigma(void **state)
{
  (void)state;
  enum { COUNT = 40000 };
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, 1, COUNT / 4, 4, 1);
  give_code(design, &(testudo_i_ingredients){.parts = 4, .seed = 9});
  const double *matrix = matrix_of(design);
  double sum = 0.0, square = 0.0;
  for (int e = 0; e < COUNT; e++) {
    sum += matrix[e];
    square += matrix[e] * matrix[e];
  }
  assert_near(sum / COUNT, 0.0, 6.0 / sqrt(COUNT));
  assert_near(square / COUNT, 1.0, 6.0 * sqrt(2.0 / COUNT));
  testudo_design_free(design);
}

static void members_are_kept_in_order_and_replaced_in_place(void **state)
{
  (void)state;
  testudo_design *design = make(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 1, (const int32_t[]){0});
  assert_null(testudo_i_design_member(design, "claims"));
  assert_ok(testudo_i_design_set_member(design, "claims", "[1]", NULL));
  assert_ok(testudo_i_design_set_member(design, "note", "\"x\"", NULL));
  assert_ok(testudo_i_design_set_member(design, "claims", "[2,3]", NULL));
  assert_int_equal(design->members, 2);
  assert_string_equal(design->member[0].key, "claims");
  assert_string_equal(testudo_i_design_member(design, "claims"), "[2,3]");
  assert_string_equal(testudo_i_design_member(design, "note"), "\"x\"");
  testudo_design_free(design);
  testudo_design_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derives_holders_and_places),
      cmocka_unit_test(holders_equal_a_search_on_random_assignments),
      cmocka_unit_test(accepts_one_worker_with_one_chunk),
      cmocka_unit_test(refuses_counts_out_of_range),
      cmocka_unit_test(refuses_wrong_orders_with_their_place),
      cmocka_unit_test(names_the_unheld_chunk_without_memory_for_all),
      cmocka_unit_test(refuses_what_the_scheme_forbids),
      cmocka_unit_test(the_matrix_depends_on_seed_part_and_worker_only),
      cmocka_unit_test(the_matrix_is_standard_normal_within_six_sigma),
      cmocka_unit_test(members_are_kept_in_order_and_replaced_in_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
