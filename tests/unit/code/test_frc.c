/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional repetition and its Latin orders. */
#include "check.h"

#include <testudo/code.h>

#include "runtime/vector/groups.h"

typedef testudo_status orderer(testudo_assignment *assignment, testudo_error *error);

/* place[a * load + b]: where worker a of group g has its b-th smallest chunk, from the rows alone. */
static void places_of_group(const testudo_assignment *assignment, int32_t group, int32_t size, int32_t load,
                            int32_t *place)
{
  for (int32_t a = 0; a < size; a++)
    for (int32_t p = 0; p < load; p++)
      place[a * load + assignment->chunk[assignment->row[group * size + a] + p] - group * load] = p + 1;
}

static void rotated_and_xor_places_are_the_formulas_of_the_theory(void **state)
{
  (void)state;
  const int32_t shape[][3] = {{8, 8, 4}, {24, 24, 8}, {16, 8, 4}, {9, 6, 3}, {5, 5, 5}, {1, 1, 1}};
  int compared = 0;
  for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
    int32_t m = shape[s][0], n = shape[s][1], size = shape[s][2], groups = m / size, load = n / groups;
    for (int o = 0; o < 2; o++) {
      if (o == 1 && (load & (load - 1)) != 0)
        continue;
      testudo_assignment assignment;
      assert_ok(testudo_assignment_frc(m, n, size, &assignment, NULL));
      assert_ok((o == 0 ? testudo_order_rotated : testudo_order_xor)(&assignment, NULL));
      for (int32_t g = 0; g < groups; g++) {
        int32_t place[64];
        places_of_group(&assignment, g, size, load, place);
        for (int32_t a = 0; a < size; a++)
          for (int32_t b = 0; b < load; b++, compared++) {
            int32_t shift = ((b - a) % load + load) % load;
            assert_int_equal(place[a * load + b], o == 0 ? shift + 1 : ((a % load) ^ b) + 1);
          }
      }
      testudo_assignment_free(&assignment);
    }
  }
  assert_true(compared > 300);
}

/* With as many workers as chunks the places are a Latin square: every row and every column has each place once. */
static void squares_are_latin(void **state)
{
  (void)state;
  orderer *const orders[] = {testudo_order_rotated, testudo_order_xor};
  for (int o = 0; o < 2; o++) {
    testudo_assignment assignment;
    assert_ok(testudo_assignment_frc(24, 24, 8, &assignment, NULL));
    assert_ok(orders[o](&assignment, NULL));
    for (int32_t g = 0; g < 3; g++) {
      int32_t place[64];
      unsigned row[8] = {0}, column[8] = {0};
      places_of_group(&assignment, g, 8, 8, place);
      for (int32_t a = 0; a < 8; a++)
        for (int32_t b = 0; b < 8; b++)
          row[a] |= 1u << place[a * 8 + b], column[b] |= 1u << place[a * 8 + b];
      for (int32_t a = 0; a < 8; a++) {
        assert_int_equal(row[a], 0x1fe);
        assert_int_equal(column[a], 0x1fe);
      }
    }
    testudo_assignment_free(&assignment);
  }
}

/* The orders start from any order of any numbering: workers and chunks of the groups interleaved. */
static void finds_groups_whatever_the_numbering(void **state)
{
  (void)state;
  int64_t row[] = {0, 2, 5, 7, 10};
  int32_t chunk[] = {4, 1, 0, 3, 2, 1, 4, 2, 0, 3};
  testudo_i_groups groups;
  assert_ok(testudo_i_groups_find(4, 5, row, chunk, &groups, NULL));
  assert_int_equal(groups.groups, 2);
  const int32_t group_of[] = {0, 1, 0, 1}, rank[] = {0, 0, 1, 1}, index[] = {0, 0, 1, 2, 1};
  assert_memory_equal(groups.group_of, group_of, sizeof group_of);
  assert_memory_equal(groups.rank, rank, sizeof rank);
  assert_memory_equal(groups.index, index, sizeof index);
  assert_int_equal(groups.size[1], 2);
  assert_int_equal(groups.load[1], 3);
  testudo_i_groups_free(&groups);
}

static void orders_groups_whatever_the_numbering(void **state)
{
  (void)state;
  int64_t row[] = {0, 2, 4, 6, 8};
  int32_t chunk[] = {3, 1, 2, 0, 1, 3, 0, 2};
  testudo_assignment assignment = {4, 4, row, chunk};
  assert_ok(testudo_order_rotated(&assignment, NULL));
  const int32_t rotated[] = {1, 3, 0, 2, 3, 1, 2, 0};
  assert_memory_equal(chunk, rotated, sizeof rotated);
}

static void finds_no_groups_where_there_are_none(void **state)
{
  (void)state;
  testudo_i_groups groups;
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(5, 2, &assignment, NULL));
  assert_ok(testudo_i_groups_find(5, 5, assignment.row, assignment.chunk, &groups, NULL));
  assert_int_equal(groups.groups, 0);
  testudo_error error = {""};
  assert_status(testudo_order_rotated(&assignment, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text,
                      "order rotated: it needs workers in groups that hold the same chunks (assignment frc)");
  testudo_assignment_free(&assignment);
  /* A subset, a part of another group's chunks, a worker with nothing. */
  const int64_t rows[][3] = {{0, 2, 3}, {0, 2, 4}, {0, 2, 2}};
  const int32_t chunks[][4] = {{0, 1, 1}, {0, 1, 1, 2}, {0, 1}};
  for (int k = 0; k < 3; k++) {
    assert_ok(testudo_i_groups_find(2, 3, rows[k], chunks[k], &groups, NULL));
    assert_int_equal(groups.groups, 0);
  }
}

static void refuses_what_cannot_be_shared_out(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_error error;
  const struct {
    int32_t workers, chunks, replication;
    const char *what;
  } cases[] = {
      {6, 6, 4, "6 workers are not a multiple"}, {6, 7, 3, "2 groups"}, {6, 6, 0, "allow 1..6"},
      {6, 6, 7, "allow 1..6"},                   {0, 6, 1, "workers"},  {6, 0, 1, "chunks"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    assert_status(testudo_assignment_frc(cases[k].workers, cases[k].chunks, cases[k].replication, &assignment, &error),
                  TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, cases[k].what) == NULL)
      fail_msg("'%s' does not say '%s'", error.text, cases[k].what);
    testudo_assignment_free(&assignment);
  }
  /* More chunks than workers in a group, but not as many blocks as workers: no shift is one of blocks. */
  assert_ok(testudo_assignment_frc(3, 5, 3, &assignment, NULL));
  assert_status(testudo_order_rotated(&assignment, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "order rotated: a group of 3 workers cannot have a block of its own for each in 5"
                                  " chunks; the number of workers must divide that of chunks");
  testudo_assignment_free(&assignment);
  assert_ok(testudo_assignment_frc(6, 6, 3, &assignment, NULL));
  assert_status(testudo_order_xor(&assignment, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "order xor: group 0 holds 3 chunks, but the XOR square needs a power of two");
  testudo_assignment_free(&assignment);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rotated_and_xor_places_are_the_formulas_of_the_theory),
      cmocka_unit_test(squares_are_latin),
      cmocka_unit_test(finds_groups_whatever_the_numbering),
      cmocka_unit_test(orders_groups_whatever_the_numbering),
      cmocka_unit_test(finds_no_groups_where_there_are_none),
      cmocka_unit_test(refuses_what_cannot_be_shared_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
