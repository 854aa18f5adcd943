/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placements against the trying of all, on thousands of tiny limits; known designs; every refusal. */
#include "check.h"

#include <testudo/optimize.h>

#include "optimize/placement/branch.h"
#include "optimize/placement/flow.h"
#include "unit/optimize/tiny_placements.h"

enum { LIMITS = 1500 };

static const testudo_search_options quick = {.seed = 5, .threads = 2, .tries = 1};

static void draw(int index, tiny *t)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 77, TESTUDO_I_FOR_TEST, (uint64_t)index, 1);
  tiny_make(t, &random);
}

/* Of a tiny placement, by bit masks. */
static int32_t overlap_of(const testudo_assignment *placement)
{
  unsigned row[TINY] = {0};
  int32_t most = 0;
  for (int32_t j = 0; j < placement->workers; j++) {
    for (int64_t e = placement->row[j]; e < placement->row[j + 1]; e++)
      row[j] |= 1u << placement->chunk[e];
    for (int32_t k = 0; k < j; k++)
      most = __builtin_popcount(row[j] & row[k]) > most ? __builtin_popcount(row[j] & row[k]) : most;
  }
  return most;
}

static double cost_of(const tiny *t, const testudo_assignment *placement)
{
  double cost = 0.0;
  for (int32_t j = 0; j < placement->workers; j++)
    for (int64_t e = placement->row[j]; e < placement->row[j + 1]; e++)
      cost += t->table[j][placement->chunk[e]];
  return cost;
}

static void least_cost_equals_the_best_of_all(void **state)
{
  (void)state;
  int possible = 0, impossible = 0;
  for (int k = 0; k < LIMITS; k++) {
    tiny t;
    draw(k, &t);
    tiny_best best = tiny_try_all(&t);
    testudo_assignment placement;
    testudo_search_result result;
    testudo_error error = {""};
    testudo_status status = testudo_place_least_cost(&t.limits, &quick, &placement, &result, &error);
    double cost;
    if (best.placements == 0) {
      assert_status(status, TESTUDO_ERROR_ARGUMENT);
      assert_non_null(strstr(error.text, "no placement exists: "));
      assert_null(placement.row);
      impossible++;
      continue;
    }
    assert_ok(status);
    assert_int_equal(result.answer, TESTUDO_OPTIMAL);
    assert_near(result.after, best.cost, 1e-10);
    assert_near(result.bound, best.cost, 1e-10);
    assert_near(cost_of(&t, &placement), best.cost, 1e-10);
    assert_ok(testudo_placement_cost(&t.limits, &placement, &cost, &error));
    assert_near(cost, best.cost, 1e-10);
    testudo_assignment_free(&placement);
    possible++;
  }
  assert_true(possible > 300 && impossible > 100);
}

static void least_overlap_equals_the_best_of_all(void **state)
{
  (void)state;
  int above = 0;
  for (int k = 0; k < LIMITS; k++) {
    tiny t;
    draw(k, &t);
    tiny_best best = tiny_try_all(&t);
    testudo_assignment placement;
    testudo_search_result result;
    testudo_error error = {""};
    if (best.placements == 0)
      continue;
    assert_ok(testudo_place_least_overlap(&t.limits, NULL, &quick, &placement, &result, &error));
    assert_int_equal(result.answer, TESTUDO_OPTIMAL);
    assert_int_equal((int)result.after, best.overlap);
    assert_int_equal((int)result.bound, best.overlap);
    assert_int_equal(overlap_of(&placement), best.overlap);
    double cost;
    assert_ok(testudo_placement_cost(&t.limits, &placement, &cost, &error));
    above += strcmp(result.proof, "trying all placements") == 0;
    testudo_assignment_free(&placement);
  }
  assert_true(above > 10);
}

static void bound_is_never_above_the_best_of_all(void **state)
{
  (void)state;
  int tight = 0, some = 0, refused = 0;
  for (int k = 0; k < 3 * LIMITS; k++) {
    tiny t;
    draw(k, &t);
    tiny_best best = tiny_try_all(&t);
    int32_t bound;
    char reason[96];
    testudo_status status = testudo_overlap_bound(&t.limits, &bound, reason, NULL);
    if (status != TESTUDO_OK) {
      assert_int_equal(best.placements, 0);
      refused++;
      continue;
    }
    if (best.placements == 0)
      continue;
    assert_true(bound <= best.overlap);
    assert_int_equal(bound == 0, reason[0] == '\0');
    tight += best.overlap > 0 && bound == best.overlap;
    some += best.overlap > 0;
  }
  assert_true(refused > 100);
  assert_true(2 * tight > some);
}

/* Both exact searches, asked for every aim. */
static void exact_searches_find_what_exists_and_nothing_else(void **state)
{
  (void)state;
  for (int k = 0; k < 400; k++) {
    tiny t;
    draw(k, &t);
    tiny_best best = tiny_try_all(&t);
    testudo_assignment placement;
    unsigned char forbidden[TINY * TINY] = {0};
    double cost, bound;
    if (best.placements == 0)
      continue;
    for (int32_t j = 0; j < t.limits.workers; j++)
      for (int32_t i = 0; i < t.limits.chunks; i++)
        forbidden[j * t.limits.chunks + i] = t.table[j][i] == HUGE_VAL;
    assert_ok(testudo_i_place_by_flow(&t.limits, false, NULL, &placement, &cost, &bound, NULL));
    for (int32_t aim = 0; aim <= best.overlap + 1; aim++)
      for (int road = 0; road < 2; road++) {
        testudo_i_overlap_question question = {&t.limits, forbidden, aim, NULL, &placement};
        testudo_i_branch_answer answer;
        assert_ok((road == 0 ? testudo_i_enumerate_overlap : testudo_i_branch_overlap)(&question, &answer, NULL));
        assert_int_equal(answer, aim < best.overlap ? TESTUDO_I_BRANCH_NONE : TESTUDO_I_BRANCH_FOUND);
        if (answer == TESTUDO_I_BRANCH_FOUND) {
          assert_ok(testudo_placement_cost(&t.limits, &placement, &cost, NULL));
          assert_true(overlap_of(&placement) <= aim);
        }
      }
    testudo_assignment_free(&placement);
  }
}

/* ---- larger ones ---- */

enum { MOST = 64 };

typedef struct even {
  int32_t replication[MOST], least[MOST], most[MOST], domain[MOST];
  testudo_placement_limits limits;
} even;

static void make_even(even *e, int32_t workers, int32_t chunks, int32_t replication, int32_t domains)
{
  memset(e, 0, sizeof *e);
  for (int32_t i = 0; i < chunks; i++)
    e->replication[i] = replication;
  for (int32_t j = 0; j < workers; j++) {
    e->least[j] = chunks * replication / workers;
    e->most[j] = (chunks * replication + workers - 1) / workers;
    e->domain[j] = domains == 0 ? j : j % domains;
  }
  e->limits = (testudo_placement_limits){.workers = workers, .chunks = chunks, .replication = e->replication,
                                         .least = e->least, .most = e->most,
                                         .domain = domains == 0 ? NULL : e->domain};
}

/* Configurations of points and lines that are known to exist: Fano, 13_4, 21_5 (projective planes of orders 2, 3, 4),
   Moebius-Kantor 8_3, the biplane of order 4 (11, 5, 2), and three copies in six racks. */
static void known_designs_are_found_and_proved(void **state)
{
  (void)state;
  static const int32_t known[][5] = {{7, 7, 3, 0, 1},   {13, 13, 4, 0, 1}, {21, 21, 5, 0, 1},
                                     {8, 8, 3, 0, 1},   {11, 11, 5, 0, 2}, {60, 60, 3, 6, 1},
                                     {1, 1, 1, 0, 0},   {1, 9, 1, 0, 0},   {9, 1, 4, 0, 1}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    even e;
    testudo_assignment placement;
    testudo_search_result result;
    double cost;
    testudo_search_options options = {.seed = 1};
    make_even(&e, known[k][0], known[k][1], known[k][2], known[k][3]);
    assert_ok(testudo_place_least_overlap(&e.limits, NULL, &options, &placement, &result, NULL));
    assert_int_equal(result.answer, TESTUDO_OPTIMAL);
    assert_int_equal((int)result.after, known[k][4]);
    assert_ok(testudo_placement_cost(&e.limits, &placement, &cost, NULL));
    testudo_assignment_free(&placement);
  }
}

/* Bounds by hand. 6 workers of 3 chunks, 3 copies: 18 meetings on 15 pairs. 7 chunks with 4 copies on 10 workers: 42 on
   45, yet two share. 12 workers in 3 racks, 12 chunks, 3 copies: 36 meetings on 48 pairs. 4 workers of 6 of 9 chunks
   would be blocks of 9 points that share 2: at most floor(9/6 floor(8/5 floor(7/4))) = 1. */
static void bounds_equal_those_by_hand(void **state)
{
  (void)state;
  even e;
  int32_t bound;
  char reason[96];
  make_even(&e, 6, 6, 3, 0);
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 2);
  assert_string_equal(reason, "counting pairs of copies");
  make_even(&e, 12, 12, 3, 3);
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 1);
  make_even(&e, 10, 7, 4, 0);
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 1);
  /* 3 workers must hold 6 of 9 chunks, 9 others nothing at least; copies are spread thin. */
  make_even(&e, 12, 9, 3, 0);
  for (int32_t j = 0; j < 12; j++) {
    e.least[j] = j < 3 ? 6 : 0;
    e.most[j] = 9;
  }
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 3);
  assert_string_equal(reason, "blocks that share few chunks (Johnson)");
  /* A rack of one worker and one of three: each of 4 chunks has a copy in both. Worker 0 holds all 4, so one of the
     other rack shares its own load with it. */
  make_even(&e, 4, 4, 2, 0);
  for (int32_t j = 0; j < 4; j++) {
    e.domain[j] = j > 0;
    e.least[j] = 0;
    e.most[j] = 4;
  }
  e.limits.domain = e.domain;
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 2);
}

/* 4 workers in 2 racks: 4 pairs of different racks. Five chunks of two copies meet 5 times, whatever a sixth chunk of
   one copy does. Then 9 workers in 3 racks, of which one must hold all 4 chunks: 8 other copies on 6 workers. */
static void racks_leave_fewer_pairs_and_partners(void **state)
{
  (void)state;
  even e;
  int32_t bound;
  char reason[96];
  make_even(&e, 4, 6, 2, 2);
  e.replication[5] = 1;
  for (int32_t j = 0; j < 4; j++) {
    e.least[j] = 0;
    e.most[j] = 6;
  }
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 2);
  assert_string_equal(reason, "counting pairs of copies");
  make_even(&e, 9, 4, 3, 3);
  for (int32_t j = 0; j < 9; j++) {
    e.least[j] = j == 0 ? 4 : 0;
    e.most[j] = 4;
  }
  assert_ok(testudo_overlap_bound(&e.limits, &bound, reason, NULL));
  assert_int_equal(bound, 2);
  assert_string_equal(reason, "counting the partners of a worker");
}

/* The Fano plane and the configuration 8_3 exist; 6 triples of 6 points that share at most one do not, nor do 7 blocks
   of 4 among 10 points: D(10, 4, 2) = 5. */
static void trying_all_settles_known_configurations(void **state)
{
  (void)state;
  static const int32_t known[][4] = {{7, 7, 3, 1}, {8, 8, 3, 1}, {6, 6, 3, 0}, {10, 7, 4, 0}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    even e;
    testudo_assignment placement;
    testudo_i_branch_answer answer;
    double cost, bound;
    make_even(&e, known[k][0], known[k][1], known[k][2], 0);
    assert_ok(testudo_i_place_by_flow(&e.limits, false, NULL, &placement, &cost, &bound, NULL));
    testudo_i_overlap_question question = {&e.limits, NULL, 1, NULL, &placement};
    assert_ok(testudo_i_enumerate_overlap(&question, &answer, NULL));
    assert_int_equal(answer, known[k][3] != 0 ? TESTUDO_I_BRANCH_FOUND : TESTUDO_I_BRANCH_NONE);
    if (known[k][3] != 0)
      assert_ok(testudo_placement_cost(&e.limits, &placement, &cost, NULL));
    testudo_assignment_free(&placement);
  }
}

static void threads_and_runs_give_the_same(void **state)
{
  (void)state;
  even e;
  testudo_assignment first, second;
  testudo_search_result one, other;
  make_even(&e, 20, 30, 4, 5);
  testudo_search_options options = {.seed = 9, .threads = 1, .tries = 1};
  assert_ok(testudo_place_least_overlap(&e.limits, NULL, &options, &first, &one, NULL));
  options.threads = 3;
  assert_ok(testudo_place_least_overlap(&e.limits, NULL, &options, &second, &other, NULL));
  assert_int_equal((int)one.after, (int)other.after);
  assert_int_equal(one.moves, other.moves);
  assert_memory_equal(first.chunk, second.chunk, 120 * sizeof *first.chunk);
  testudo_assignment_free(&second);
  /* From the best on: never worse. */
  assert_ok(testudo_place_least_overlap(&e.limits, &first, &options, &second, &other, NULL));
  assert_true(other.before == one.after && other.after <= one.after);
  testudo_assignment_free(&first);
  testudo_assignment_free(&second);
}

/* ---- ends and refusals ---- */

static bool stop_at_once(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return --*(int *)context >= 0;
}

static void stopped_searches_answer_the_best_so_far(void **state)
{
  (void)state;
  even e;
  testudo_assignment placement;
  testudo_search_result result;
  make_even(&e, 22, 22, 5, 0);
  int calls = 0;
  testudo_search_monitor monitor = {stop_at_once, &calls};
  testudo_search_options options = {.seed = 1, .monitor = &monitor};
  assert_ok(testudo_place_least_overlap(&e.limits, NULL, &options, &placement, &result, NULL));
  assert_true(result.stopped && result.answer == TESTUDO_UNDECIDED && placement.row == NULL);
  assert_ok(testudo_place_least_cost(&e.limits, &options, &placement, &result, NULL));
  assert_true(result.stopped && result.answer == TESTUDO_UNDECIDED && placement.row == NULL);
  calls = 40;
  double cost;
  assert_ok(testudo_place_least_overlap(&e.limits, NULL, &options, &placement, &result, NULL));
  assert_true(result.stopped && result.answer == TESTUDO_FEASIBLE && result.bound == 1);
  assert_ok(testudo_placement_cost(&e.limits, &placement, &cost, NULL));
  testudo_assignment_free(&placement);
}

static void refuse(const testudo_placement_limits *limits, const char *sentence)
{
  testudo_assignment placement;
  testudo_search_result result;
  testudo_error error = {""};
  assert_status(testudo_place_least_overlap(limits, NULL, &quick, &placement, &result, &error),
                TESTUDO_ERROR_ARGUMENT);
  if (strstr(error.text, sentence) == NULL) {
    print_error("%s\n", error.text);
    fail();
  }
}

static void limits_that_nothing_keeps_are_refused_with_the_reason(void **state)
{
  (void)state;
  even e;
  make_even(&e, 4, 4, 2, 0);
  e.most[2] = 5;
  refuse(&e.limits, "load of worker 2: 2 to 5, but a worker holds between 0 and 4 chunks");
  make_even(&e, 4, 4, 2, 2);
  e.domain[3] = 4;
  refuse(&e.limits, "domain of worker 3: 4, but 0..3 are allowed");
  make_even(&e, 4, 4, 2, 0);
  e.replication[1] = 5;
  refuse(&e.limits, "replication of chunk 1: 5, but 4 workers allow 1..4");
  make_even(&e, 4, 4, 3, 2);
  refuse(&e.limits, "chunk 0 needs 3 copies, each in a domain of its own, but there are 2 domains");
  make_even(&e, 4, 4, 2, 0);
  e.least[0] = e.most[0] = 1;
  refuse(&e.limits, "there are 8 copies, but the workers have room for 7");
  e.least[0] = e.most[0] = 3;
  refuse(&e.limits, "there are 8 copies, but the workers must hold 9 at least");
  testudo_place_cost cost[] = {{0, 1, HUGE_VAL}, {1, 1, HUGE_VAL}, {2, 1, HUGE_VAL}};
  make_even(&e, 4, 4, 2, 0);
  e.limits.cost = cost;
  e.limits.costs = 3;
  refuse(&e.limits, "chunk 1 must have 2 copies, but loads, domains and forbidden places leave room for 1");
  cost[1] = cost[0];
  refuse(&e.limits, "cost of chunk 1 on worker 0: given twice, or not in ascending order");
  cost[0].cost = -1.0;
  refuse(&e.limits, "cost of chunk 1 on worker 0: not a number from 0 up");
  cost[0] = (testudo_place_cost){4, 0, 1.0};
  refuse(&e.limits, "cost of chunk 0 on worker 4, but chunks are 0..3 and workers 0..3");
  e.limits.costs = 0;
  e.limits.workers = 0;
  refuse(&e.limits, "0 workers and 4 chunks");
}

static void starts_that_break_the_limits_are_refused(void **state)
{
  (void)state;
  static const char *const sentence[] = {"chunk 3 lies on 2 workers, but must lie on 1", "worker 0 holds 2 chunks",
                                         "but its domain has another copy already", "which is forbidden there",
                                         "which is out of range or twice there", "but the limits have"};
  for (int k = 0; k < 6; k++) {
    even e;
    testudo_assignment start, placement;
    testudo_search_result result;
    testudo_error error = {""};
    testudo_place_cost cost = {1, 2, HUGE_VAL};
    assert_ok(testudo_assignment_cyclic(4, 2, &start, NULL));
    make_even(&e, k == 5 ? 5 : 4, 4, 2, k == 2 ? 2 : 0);
    if (k == 0) {
      e.replication[3] = 1;
      e.least[0] = 1;
    }
    e.most[0] = k == 1 ? 1 : e.most[0];
    e.least[0] = k == 1 ? 1 : e.least[0];
    e.most[1] = e.most[2] = k == 1 ? 4 : e.most[1];
    if (k == 2)
      e.domain[0] = e.domain[1];
    e.limits.cost = &cost;
    e.limits.costs = k == 3;
    start.chunk[1] = k == 4 ? 0 : start.chunk[1];
    assert_status(testudo_place_least_overlap(&e.limits, &start, &quick, &placement, &result, &error),
                  TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, sentence[k]) == NULL) {
      print_error("%d: %s\n", k, error.text);
      fail();
    }
    testudo_assignment_free(&start);
  }
}

static void sizes_beyond_the_search_are_refused(void **state)
{
  (void)state;
  enum { LARGE = 2100 };
  int32_t *ones = malloc(LARGE * sizeof *ones);
  assert_non_null(ones);
  for (int k = 0; k < LARGE; k++)
    ones[k] = 1;
  testudo_placement_limits limits = {.workers = LARGE, .chunks = LARGE, .replication = ones, .least = ones,
                                     .most = ones};
  testudo_assignment placement;
  testudo_search_result result;
  assert_status(testudo_place_least_cost(&limits, &quick, &placement, &result, NULL), TESTUDO_ERROR_LIMIT);
  limits.chunks = limits.workers = 2049; /* few places, many workers */
  limits.chunks = 1;
  int32_t zero[2049] = {0};
  limits.least = zero;
  assert_status(testudo_place_least_overlap(&limits, NULL, &quick, &placement, &result, NULL), TESTUDO_ERROR_LIMIT);
  free(ones);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(least_cost_equals_the_best_of_all),
      cmocka_unit_test(least_overlap_equals_the_best_of_all),
      cmocka_unit_test(bound_is_never_above_the_best_of_all),
      cmocka_unit_test(exact_searches_find_what_exists_and_nothing_else),
      cmocka_unit_test(known_designs_are_found_and_proved),
      cmocka_unit_test(bounds_equal_those_by_hand),
      cmocka_unit_test(racks_leave_fewer_pairs_and_partners),
      cmocka_unit_test(trying_all_settles_known_configurations),
      cmocka_unit_test(threads_and_runs_give_the_same),
      cmocka_unit_test(stopped_searches_answer_the_best_so_far),
      cmocka_unit_test(limits_that_nothing_keeps_are_refused_with_the_reason),
      cmocka_unit_test(starts_that_break_the_limits_are_refused),
      cmocka_unit_test(sizes_beyond_the_search_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
