/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of slots that make one design by other numbers: as nauty's canonical labelling sees them, and what mixtures
   and searches make of them. */
#include "check.h"

#include <math.h>
#include <string.h>

#include <testudo/best.h>

#include "optimize/slots/mix.h"
#include "optimize/slots/search.h"

enum { MOST_PLACES = 128, MOST_CHUNKS = 1024 };

/* ---- numbers ---- */

static const testudo_i_slot_shape numbered[] = {
    {.workers = 5, .group = 5, .chunks = 3, .places = 9, .parts = 1, .twins = 1, .pairing = TESTUDO_PAIRING_ADDED},
    {.workers = 6, .group = 6, .chunks = 4, .places = 14, .parts = 1, .twins = 1, .pairing = TESTUDO_PAIRING_ADDED},
    {.workers = 9, .group = 9, .chunks = 2, .places = 8, .parts = 1, .twins = 1, .pairing = TESTUDO_PAIRING_ADDED},
    {.workers = 8, .group = 8, .chunks = 3, .places = 12, .parts = 1, .twins = 1, .pairing = TESTUDO_PAIRING_XOR},
    {.workers = 4, .group = 4, .chunks = 4, .places = 10, .parts = 1, .twins = 1, .pairing = TESTUDO_PAIRING_XOR},
    {.workers = 10, .group = 10, .chunks = 3, .places = 7, .parts = 2, .twins = 2, .pairing = TESTUDO_PAIRING_ADDED},
};

enum { NUMBERED = sizeof numbered / sizeof *numbered };

static int32_t drawn_below(testudo_i_random *random, int32_t limit)
{
  return (int32_t)testudo_i_random_below(random, (uint64_t)limit);
}

/* Every chunk at least once, the other places at random, in any sequence. */
static void draw_table(testudo_i_random *random, const testudo_i_slot_shape *shape, testudo_slot *slot)
{
  int32_t partners = testudo_i_slot_partners(shape), all = partners * shape->chunks, code[MOST_CHUNKS];
  bool there[MOST_CHUNKS] = {false};
  int32_t missing;
  do {
    for (int32_t k = 0; k < all; k++)
      code[k] = k;
    memset(there, 0, sizeof there);
    missing = shape->chunks;
    for (int32_t k = 0; k < shape->places; k++) {
      int32_t at = k + drawn_below(random, all - k), kept = code[at];
      code[at] = code[k];
      code[k] = kept;
      slot[k] = (testudo_slot){kept / shape->chunks, kept % shape->chunks};
      missing -= !there[slot[k].chunk];
      there[slot[k].chunk] = true;
    }
  } while (missing > 0);
}

/* The same design: workers, the chunks of a block, and the block in which each of them is, have other numbers. */
static void renumber_table(testudo_i_random *random, const testudo_i_slot_shape *shape, const testudo_slot *slot,
                           testudo_slot *other)
{
  static const int32_t odd[][10] = {[5] = {1, 2, 3, 4}, [6] = {1, 5, 1, 5}, [9] = {2, 4, 5, 7}};
  /* Of three bits: to their sum with others, and round. */
  static const int32_t bits[4][3] = {{1, 2, 4}, {2, 4, 1}, {3, 2, 6}, {7, 5, 4}};
  static const int32_t pairs[4][2] = {{1, 2}, {2, 1}, {3, 1}, {2, 3}};
  int32_t p = testudo_i_slot_partners(shape), way = drawn_below(random, 4), called[8] = {0}, shift[8];
  for (int32_t q = 0; q < shape->chunks; q++) {
    int32_t at = drawn_below(random, q + 1);
    called[q] = called[at];
    called[at] = q;
    shift[q] = drawn_below(random, p);
  }
  for (int32_t k = 0; k < shape->places; k++) {
    int32_t s = slot[k].partner, q = slot[k].chunk, image = 0;
    if (shape->pairing == TESTUDO_PAIRING_XOR) {
      for (int32_t bit = 0; bit < (p == 8 ? 3 : 2); bit++)
        image ^= s >> bit & 1 ? (p == 8 ? bits[way][bit] : pairs[way][bit]) : 0;
      image ^= shift[q];
    } else
      image = (odd[p][way] * s + shift[q]) % p;
    other[k] = (testudo_slot){image, called[q]};
  }
}

/* nauty's number of the design that two groups make; false where it is not there. */
static bool number_design(const testudo_i_slot_shape *shape, testudo_slot *slot, uint64_t *number)
{
  testudo_i_slot_table table = {.shape = *shape, .slot = slot};
  table.shape.workers = 2 * shape->group;
  const testudo_i_slot_mix mix = {.kinds = 1, .table = {&table}, .count = {2}};
  testudo_assignment a;
  testudo_design *design;
  bool known;
  char by[32];
  assert_ok(testudo_i_slot_mix_assign(&mix, &a, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &a, 1, 1, "", &design, NULL));
  assert_ok(testudo_best_canonical(design, &known, number, by, NULL));
  testudo_design_free(design);
  testudo_assignment_free(&a);
  return known;
}

/* As nauty sees it: a table in other numbers is the same, and tables of one number are the same; of tables that differ
   in one place few are. */
static void tables_have_one_number_if_they_are_one_design(void **state)
{
  (void)state;
  testudo_i_random random;
  int64_t same = 0, apart = 0, missed = 0;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 7, 0);
  for (int run = 0; run < 40 * NUMBERED; run++) {
    const testudo_i_slot_shape *shape = &numbered[run % NUMBERED];
    testudo_slot slot[3][MOST_PLACES];
    uint64_t number[3], known[3] = {0};
    bool nauty = true;
    draw_table(&random, shape, slot[0]);
    renumber_table(&random, shape, slot[0], slot[1]);
    memcpy(slot[2], slot[0], sizeof slot[2]);
    int32_t at = drawn_below(&random, shape->places - 1);
    slot[2][at] = slot[0][at + 1];
    slot[2][at + 1] = slot[0][at];
    for (int k = 0; k < 3; k++) {
      const testudo_i_slot_table table = {.shape = *shape, .slot = slot[k]};
      number[k] = testudo_i_slot_table_number(&table);
      nauty = nauty && number_design(shape, slot[k], &known[k]);
    }
    assert_true(number[0] == number[1]);
    assert_true(!nauty || known[0] == known[1]);
    if (number[0] == number[2]) {
      same++;
      assert_true(!nauty || known[0] == known[2]);
    } else {
      apart++;
      missed += nauty && known[0] == known[2];
    }
  }
  assert_true(apart > 30 * NUMBERED && same < apart / 8);
  assert_int_equal(missed, 0);
}

/* Groups whose partners do not all meet are those smaller groups: of 12 by every third, of 8 by every second, or by xor
   those that two make. */
static void smaller_groups_have_the_number_of_their_size(void **state)
{
  (void)state;
  static const struct { int32_t group; testudo_pairing pairing; int32_t partner[4]; } of[] = {
      {4, TESTUDO_PAIRING_ADDED, {0, 1, 2, 3}}, {12, TESTUDO_PAIRING_ADDED, {0, 3, 6, 9}},
      {8, TESTUDO_PAIRING_ADDED, {3, 5, 7, 1}}, {4, TESTUDO_PAIRING_XOR, {0, 1, 2, 3}},
      {8, TESTUDO_PAIRING_XOR, {1, 4, 3, 6}},   {8, TESTUDO_PAIRING_XOR, {0, 7, 3, 4}}};
  static const int32_t take[9][2] = {{0, 0}, {1, 1}, {2, 2}, {3, 1}, {0, 2}, {1, 0}, {3, 2}, {2, 0}, {0, 1}};
  uint64_t number[6], pair[2];
  for (int k = 0; k < 6; k++) {
    testudo_slot slot[9];
    for (int p = 0; p < 9; p++)
      slot[p] = (testudo_slot){of[k].partner[take[p][0]], take[p][1]};
    const testudo_i_slot_table table = {.shape = {.group = of[k].group, .chunks = 3, .places = 9, .twins = 1,
                                                  .pairing = of[k].pairing}, .slot = slot};
    number[k] = testudo_i_slot_table_number(&table);
  }
  assert_true(number[0] == number[1] && number[0] == number[2]);
  assert_true(number[3] == number[4] && number[3] == number[5] && number[0] != number[3]);
  for (int k = 0; k < 2; k++) {
    testudo_slot slot[4] = {{0, 0}, {k == 0 ? 3 : 2, 1}, {k == 0 ? 3 : 2, 0}, {0, 1}};
    const testudo_i_slot_table table = {.shape = {.group = k == 0 ? 6 : 4, .chunks = 2, .places = 4, .twins = 1,
                                                  .pairing = k == 0 ? TESTUDO_PAIRING_ADDED : TESTUDO_PAIRING_XOR},
                                        .slot = slot};
    pair[k] = testudo_i_slot_table_number(&table);
  }
  assert_true(pair[0] == pair[1]);
}

/* ---- mixtures ---- */

/* Twelve tables of three designs: each design once, by the least value of its tables, the best first. */
static void mixtures_are_different_designs(void **state)
{
  (void)state;
  enum { TABLES = 12, MOST = 5 };
  testudo_i_slot_shape shape = numbered[1];
  testudo_slot slot[TABLES][MOST_PLACES];
  testudo_i_slot_table table[TABLES];
  testudo_i_slot_mix mix[MOST];
  testudo_i_random random;
  const testudo_i_slot_aim aim = {TESTUDO_OBJECTIVE_MEAN, 0};
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 7, 0);
  shape.workers = 18;
  for (int k = 0; k < TABLES; k++) {
    if (k < 3)
      draw_table(&random, &shape, slot[k]);
    else
      renumber_table(&random, &shape, slot[k - 3], slot[k]);
    table[k] = (testudo_i_slot_table){.shape = shape, .slot = slot[k],
                                      .value = k == 7 ? 1 : 2 + (k + 2) % 3 + 0.1 * k};
    table[k].number = testudo_i_slot_table_number(&table[k]);
  }
  for (int32_t most = 2; most <= MOST; most++) {
    int32_t count = testudo_i_slot_mixes(table, TABLES, 18, shape.places, true, &aim, mix, most);
    assert_int_equal(count, most < 3 ? most : 3);
    assert_ptr_equal(mix[0].table[0], &table[7]);
    assert_ptr_equal(mix[1].table[0], &table[2]);
    assert_true(count == 2 || mix[2].table[0] == &table[0]);
  }
}

/* ---- the search ---- */

/* Of several seeds, as nauty numbers designs. */
static void finalists_are_different_designs(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  const testudo_i_goal goal = {.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = &model,
                               .report = TESTUDO_REPORT_CHUNK, .stream = 3, .threads = 1};
  int32_t pairs = 0;
  for (uint64_t seed = 1; seed <= 8; seed++) {
    const testudo_i_slot_request request = {.workers = 6, .chunks = 2, .places = 4, .parts = 1, .least = 1, .most = 6,
                                            .seed = seed, .tries = 1, .effort = 0.1};
    testudo_i_search_watch watch;
    testudo_i_slot_designs found = {.count = 0};
    int64_t moves = 0;
    uint64_t number[TESTUDO_I_SLOT_FINALISTS];
    bool known = true;
    char by[32];
    testudo_i_search_watch_start(&watch, NULL, -1, -1, NAN, NAN);
    assert_ok(testudo_i_slots_search(&goal, &request, &watch, &found, &moves, NULL));
    for (int32_t k = 0; k < found.count && known; k++) {
      testudo_design *design;
      assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &found.orders[k], 1, 1, "", &design, NULL));
      assert_ok(testudo_best_canonical(design, &known, &number[k], by, NULL));
      testudo_design_free(design);
      for (int32_t before = 0; before < k && known; before++, pairs++)
        assert_true(number[before] != number[k]);
    }
    testudo_i_slot_designs_free(&found);
    if (!known)
      skip(); /* without nauty */
  }
  assert_true(pairs >= 8);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_have_one_number_if_they_are_one_design),
      cmocka_unit_test(smaller_groups_have_the_number_of_their_size),
      cmocka_unit_test(mixtures_are_different_designs),
      cmocka_unit_test(finalists_are_different_designs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
