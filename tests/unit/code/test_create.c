/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cyclic and uncoded assignments, and designs made of assignments. */
#include "graphs.h"

static void cyclic_rows_go_around_the_circle(void **state)
{
  (void)state;
  for (int32_t workers = 1; workers <= 12; workers++)
    for (int32_t load = 1; load <= workers; load++) {
      testudo_assignment graph;
      assert_ok(testudo_assignment_cyclic(workers, load, &graph, NULL));
      assert_int_equal(graph.chunks, workers);
      for (int32_t j = 0; j < workers; j++) {
        assert_int_equal(graph.row[j], j * load);
        for (int32_t k = 0; k < load; k++)
          assert_int_equal(graph.chunk[j * load + k], (j + k) % workers);
      }
      assert_int_equal(entries_of(&graph), workers * load);
      testudo_assignment_free(&graph);
    }
}

static void uncoded_deals_every_chunk_once_and_evenly(void **state)
{
  (void)state;
  for (int32_t workers = 1; workers <= 12; workers++)
    for (int32_t chunks = workers; chunks <= 40; chunks++) {
      testudo_assignment graph;
      assert_ok(testudo_assignment_uncoded(workers, chunks, &graph, NULL));
      assert_int_equal(entries_of(&graph), chunks);
      for (int32_t j = 0; j < workers; j++) {
        assert_in_range(graph.row[j + 1] - graph.row[j], chunks / workers, (chunks + workers - 1) / workers);
        for (int64_t e = graph.row[j]; e < graph.row[j + 1]; e++) {
          assert_int_equal(graph.chunk[e], e);
          assert_true(graph.chunk[e] >= (int64_t)j * chunks / workers);
        }
      }
      testudo_assignment_free(&graph);
    }
}

static void refuses_assignments_out_of_range(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_error error;
  assert_status(testudo_assignment_cyclic(4, 5, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "load: 5, but a cyclic assignment of 4 workers allows 1..4");
  assert_status(testudo_assignment_cyclic(4, 0, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_cyclic(-1, 1, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "workers: -1, but 1..16777216 are allowed");
  assert_status(testudo_assignment_uncoded(4, 3, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "workers: 4, but an uncoded assignment of 3 chunks allows 1..3");
  assert_status(testudo_assignment_uncoded(1, TESTUDO_MAX_CHUNKS + 1, &graph, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_null(graph.row);
  testudo_assignment_free(&graph);
  testudo_assignment_free(NULL);
}

static void a_design_copies_the_assignment_and_draws_its_matrix(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_design *a = NULL, *b = NULL, *c = NULL;
  assert_ok(testudo_assignment_regular(20, 30, 4, 6, &graph, NULL));
  testudo_order_random(&graph, 6);
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 3, 17, "first", &a, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 3, 17, NULL, &b, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 3, 18, "", &c, NULL));
  assert_string_equal(testudo_design_name(a), "first");
  assert_string_equal(testudo_design_name(b), "");
  assert_int_equal(testudo_design_workers(a), 20);
  assert_int_equal(testudo_design_chunks(a), 30);
  assert_int_equal(testudo_design_parts(a), 3);
  for (int32_t j = 0; j < 20; j++) {
    assert_int_equal(testudo_design_load(a, j), 6);
    assert_memory_equal(testudo_design_order(a, j), graph.chunk + graph.row[j], 6 * sizeof(int32_t));
    assert_true(testudo_design_order(a, j) != graph.chunk + graph.row[j]);
  }
  assert_memory_equal(testudo_design_matrix(a), testudo_design_matrix(b), 60 * sizeof(double));
  assert_int_not_equal(memcmp(testudo_design_matrix(a), testudo_design_matrix(c), 60 * sizeof(double)), 0);
  testudo_design_free(a);
  testudo_design_free(b);
  testudo_design_free(c);
  testudo_assignment_free(&graph);
}

static void an_uncoded_design_has_no_matrix(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_uncoded(3, 8, &graph, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_UNCODED, &graph, 1, 1, "", &design, NULL));
  assert_null(testudo_design_matrix(design));
  assert_int_equal(testudo_design_max_load(design), 3);
  testudo_design_free(design);
  testudo_assignment_free(&graph);
}

static void refuses_designs_that_break_the_rules_of_their_scheme(void **state)
{
  (void)state;
  testudo_assignment graph, empty = {0};
  testudo_design *design = NULL;
  testudo_error error;
  assert_ok(testudo_assignment_cyclic(6, 2, &graph, NULL));
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 3, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "chunk 0 is held by 2 workers"));
  assert_null(design);
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 0, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "parts: 0, but 1..1024 are allowed");
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, TESTUDO_MAX_PARTS + 1, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_design_create(TESTUDO_SCHEME_UNCODED, &graph, 1, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_design_create(TESTUDO_SCHEME_NESTED, &graph, 1, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "only uncoded and partial are made by this call"));
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &empty, 1, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  graph.chunk[3] = graph.chunk[2];
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 1, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "order[1][1]"));
  testudo_assignment_free(&graph);
}

/* Refused by arithmetic: none of these is allocated; few machines could. */
static void refuses_more_entries_than_a_design_may_have(void **state)
{
  (void)state;
  testudo_assignment graph;
  testudo_design *design = (testudo_design *)&design;
  testudo_error error = {""};
  assert_status(testudo_assignment_cyclic(100000, 50000, &graph, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text,
                      "entries: the loads of 100000 workers sum to 5000000000, but a design has at most 268435456");
  assert_null(graph.row);
  assert_status(testudo_assignment_regular(30000, 30000, 30000, 1, &graph, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_assignment_frc(16777216, 16777216, 32, &graph, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_ok(testudo_assignment_uncoded(262145, 262145, &graph, NULL));
  assert_status(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &graph, 1024, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "parts: 1024 for 262145 workers make an encoding matrix of 268436480 numbers"));
  assert_null(design);
  testudo_assignment_free(&graph);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cyclic_rows_go_around_the_circle),
      cmocka_unit_test(uncoded_deals_every_chunk_once_and_evenly),
      cmocka_unit_test(refuses_assignments_out_of_range),
      cmocka_unit_test(a_design_copies_the_assignment_and_draws_its_matrix),
      cmocka_unit_test(an_uncoded_design_has_no_matrix),
      cmocka_unit_test(refuses_designs_that_break_the_rules_of_their_scheme),
      cmocka_unit_test(refuses_more_entries_than_a_design_may_have),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
