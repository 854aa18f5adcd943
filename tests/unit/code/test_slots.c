/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders by blocks: tables of slots against their definitions in docs/theory/orders.md, and what they make of
   assignments. */
#include "graphs.h"

static const testudo_slot_rule begins_with_own[] = {TESTUDO_SLOTS_FORWARDS, TESTUDO_SLOTS_BACK, TESTUDO_SLOTS_STEAL,
                                                    TESTUDO_SLOTS_DRAFT};

static testudo_slots table_of(const testudo_slot_order *order, int32_t partners, int32_t chunks)
{
  testudo_slots slots;
  testudo_error error = {""};
  testudo_status status = testudo_slots_make(order, partners, chunks, &slots, &error);
  if (status != TESTUDO_OK)
    fail_msg("%s", error.text);
  return slots;
}

static void assert_slots(const testudo_slots *slots, const int32_t *wanted, int32_t count)
{
  assert_int_equal(slots->count, count);
  for (int32_t k = 0; k < count; k++) {
    assert_int_equal(slots->slot[k].partner, wanted[2 * k]);
    assert_int_equal(slots->slot[k].chunk, wanted[2 * k + 1]);
  }
}

/* P(C_k > t) = x^(1/k), of exponential times with x = exp(-t). */
static double exponential(const void *context, int32_t place, int32_t block)
{
  return exp(-*(const double *)context * block / place);
}

/* The power tail k^a of Pareto times, at a time so late that it decides nothing else. */
static double power_tail(const void *context, int32_t place, int32_t block)
{
  return pow((double)place / block / *(const double *)context, 1.5);
}

static void words_stand_for_rules(void **state)
{
  (void)state;
  const struct {
    const char *word;
    testudo_slot_rule rule;
    testudo_pairing pairing;
  } cases[] = {{"steal", TESTUDO_SLOTS_STEAL, TESTUDO_PAIRING_ADDED},
               {"backxor", TESTUDO_SLOTS_BACK, TESTUDO_PAIRING_XOR},
               {"staircase", TESTUDO_SLOTS_FORWARDS, TESTUDO_PAIRING_ALTERNATING},
               {"draft", TESTUDO_SLOTS_DRAFT, TESTUDO_PAIRING_BEST}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_slot_order order = {.twins = 3};
    assert_true(testudo_slot_order_take(&order, cases[k].word));
    assert_true(order.rule == cases[k].rule && order.pairing == cases[k].pairing && order.twins == 3);
  }
  testudo_slot_order order = {.rule = TESTUDO_SLOTS_MIRROR};
  assert_true(!testudo_slot_order_take(&order, "twins:steal") && !testudo_slot_order_take(&order, ""));
  assert_true(order.rule == TESTUDO_SLOTS_MIRROR);
}

static void tables_are_those_of_the_definitions(void **state)
{
  (void)state;
  static const int32_t steal[] = {0, 0, 0, 1, 1, 1, 2, 1, 1, 0, 2, 0}, back[] = {0, 0, 0, 1, 1, 1, 1, 0, 2, 1, 2, 0};
  static const int32_t forwards[] = {0, 0, 0, 1, 1, 0, 1, 1, 2, 0, 2, 1};
  static const int32_t pair[] = {0, 0, 1, 0, 0, 1, 1, 1, 2, 1, 3, 1, 2, 0, 3, 0};
  static const int32_t cut[] = {0, 0, 0, 1, 0, 2, 1, 2, 1, 1};
  const struct {
    testudo_slot_order order;
    int32_t partners, chunks;
    const int32_t *wanted;
    int32_t count;
  } cases[] = {
      {{.rule = TESTUDO_SLOTS_STEAL}, 3, 2, steal, 6},
      {{.rule = TESTUDO_SLOTS_BACK}, 3, 2, back, 6},
      {{.rule = TESTUDO_SLOTS_FORWARDS}, 3, 2, forwards, 6},
      {{.rule = TESTUDO_SLOTS_MIRROR, .twins = 2}, 4, 2, pair, 8},
      {{.rule = TESTUDO_SLOTS_BACK, .shortened = true, .foreign = 2}, 3, 3, cut, 5},
      {{.rule = TESTUDO_SLOTS_STEAL, .shortened = true, .foreign = 0}, 3, 3, cut, 3},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_slots slots = table_of(&cases[k].order, cases[k].partners, cases[k].chunks);
    assert_slots(&slots, cases[k].wanted, cases[k].count);
    testudo_slots_free(&slots);
  }
}

/* Theory's copies of the chunks of a block, in order. */
static void uneven_has_its_copies(void **state)
{
  (void)state;
  static const int32_t copies[8] = {1, 3, 2, 2, 6, 6, 6, 6};
  int32_t found[8] = {0};
  testudo_slots slots = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_UNEVEN}, 6, 8);
  assert_int_equal(slots.count, 32);
  for (int32_t k = 0; k < slots.count; k++)
    found[slots.slot[k].chunk]++;
  assert_memory_equal(found, copies, sizeof copies);
  testudo_slots_free(&slots);
}

static void assert_every_slot_once(const testudo_slots *slots)
{
  bool *seen = calloc((size_t)slots->partners * (size_t)slots->chunks, sizeof *seen);
  assert_non_null(seen);
  assert_int_equal(slots->count, slots->partners * slots->chunks);
  for (int32_t k = 0; k < slots->count; k++) {
    assert_in_range(slots->slot[k].partner, 0, slots->partners - 1);
    assert_in_range(slots->slot[k].chunk, 0, slots->chunks - 1);
    bool *at = &seen[slots->slot[k].partner * slots->chunks + slots->slot[k].chunk];
    assert_false(*at);
    *at = true;
  }
  free(seen);
}

static void every_table_has_every_slot_once_and_the_own_block_first(void **state)
{
  (void)state;
  for (size_t r = 0; r < sizeof begins_with_own / sizeof *begins_with_own; r++)
    for (int32_t partners = 1; partners <= 9; partners++)
      for (int32_t chunks = 1; chunks <= 12; chunks++)
        for (int32_t twins = 0; twins <= 3; twins++) {
          if (twins > 0 && partners % twins != 0)
            continue;
          testudo_slots slots = table_of(&(testudo_slot_order){.rule = begins_with_own[r], .twins = twins}, partners,
                                         chunks);
          assert_every_slot_once(&slots);
          for (int32_t q = 0, times = twins > 1 ? twins : 1; q < chunks * times; q++) {
            assert_int_equal(slots.slot[q].partner, q % times);
            assert_int_equal(slots.slot[q].chunk, q / times);
          }
          testudo_slots_free(&slots);
        }
}

/* The rule word for word, with probabilities instead of logarithms and without a heap. */
static void draft_by_hand(int32_t partners, int32_t chunks, testudo_undone undone, const void *context,
                          testudo_slot *slot)
{
  double s[64];
  int32_t n[64] = {0};
  for (int32_t q = 0; q < chunks; q++)
    s[q] = 1;
  for (int32_t k = 1; k <= partners * chunks; k++) {
    int32_t best = -1;
    for (int32_t q = 0; q < chunks; q++)
      if (n[q] < partners && (best < 0 || s[q] > s[best] || (s[q] == s[best] && n[q] < n[best])))
        best = q;
    slot[k - 1] = (testudo_slot){n[best]++, best};
    s[best] *= undone(context, k, chunks);
  }
}

static void draft_takes_what_is_most_likely_undone(void **state)
{
  (void)state;
  static const double t = 0.7391, late = 41.37;
  for (int32_t partners = 2; partners <= 6; partners++)
    for (int32_t chunks = 1; chunks <= 11; chunks++)
      for (int law = 0; law < 2; law++) {
        testudo_undone undone = law == 0 ? exponential : power_tail;
        const void *context = law == 0 ? &t : &late;
        testudo_slot wanted[66];
        draft_by_hand(partners, chunks, undone, context, wanted);
        testudo_slots slots = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT, .undone = undone,
                                                             .context = context}, partners, chunks);
        assert_memory_equal(slots.slot, wanted, (size_t)slots.count * sizeof *wanted);
        testudo_slots_free(&slots);
      }
}

/* Under exponential times the time decides nothing; under a power tail the first two partners are done as by back. */
static void draft_of_two_laws(void **state)
{
  (void)state;
  static const double times[] = {0.3, 1, 2.7}, late = 1e4;
  testudo_slots plain = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT}, 4, 8);
  for (size_t k = 0; k < 3; k++) {
    testudo_slots slots = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT, .undone = exponential,
                                                         .context = &times[k]}, 4, 8);
    assert_memory_equal(slots.slot, plain.slot, 32 * sizeof *slots.slot);
    testudo_slots_free(&slots);
  }
  testudo_slots back = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_BACK}, 4, 8);
  testudo_slots heavy = table_of(&(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT, .undone = power_tail,
                                                       .context = &late}, 4, 8);
  assert_memory_equal(heavy.slot, back.slot, 24 * sizeof *heavy.slot);
  assert_memory_not_equal(plain.slot, back.slot, 24 * sizeof *heavy.slot);
  testudo_slots_free(&plain);
  testudo_slots_free(&back);
  testudo_slots_free(&heavy);
}

/* 1.5 copies for chunk times that are independent; the same for twins. */
static void short_draft_of_independent_times(void **state)
{
  (void)state;
  static const int32_t others[] = {1, 7, 1, 6, 2, 7, 3, 7};
  testudo_slot_order order = {.rule = TESTUDO_SLOTS_DRAFT, .independent = true, .shortened = true, .foreign = 4};
  testudo_slots slots = table_of(&order, 4, 8);
  assert_int_equal(slots.count, 12);
  for (int32_t k = 0; k < 4; k++) {
    assert_int_equal(slots.slot[8 + k].partner, others[2 * k]);
    assert_int_equal(slots.slot[8 + k].chunk, others[2 * k + 1]);
  }
  testudo_slots_free(&slots);
  order = (testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT, .independent = true};
  for (int32_t chunks = 1; chunks <= 4000; chunks = 3 * chunks + 1) {
    slots = table_of(&order, 4, chunks);
    assert_every_slot_once(&slots);
    testudo_slots_free(&slots);
  }
}

/* ---- files ---- */

/* From a file and from memory: the same answer in the same words. */
static testudo_status read_text(const char *text, testudo_slots *slots, testudo_error *error)
{
  char path[] = "slots.XXXXXX";
  FILE *file = fdopen(mkstemp(path), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  testudo_slots parsed;
  testudo_error said = {""}, parsed_said = {""};
  testudo_status status = testudo_slots_read(path, slots, &said);
  assert_status(testudo_slots_parse(text, strlen(text), path, &parsed, &parsed_said), status);
  remove(path);
  assert_string_equal(parsed_said.text, said.text);
  assert_int_equal(parsed.count, slots->count);
  assert_int_equal(parsed.partners, slots->partners);
  assert_int_equal(parsed.chunks, slots->chunks);
  if (parsed.count > 0)
    assert_memory_equal(parsed.slot, slots->slot, (size_t)parsed.count * sizeof *parsed.slot);
  testudo_slots_free(&parsed);
  if (error != NULL)
    *error = said;
  return status;
}

static void slots_are_read_from_files(void **state)
{
  (void)state;
  static const int32_t wanted[] = {0, 0, 0, 1, 1, 1};
  static const char *const texts[] = {"0,0\n0,1\n1,1\n", "partner,chunk\n0,0\n0,1\n1,1\n", "0 0\r\n0 1\r\n1 1\r\n"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_slots slots;
    assert_ok(read_text(texts[k], &slots, NULL));
    assert_slots(&slots, wanted, 3);
    assert_int_equal(slots.partners, 2);
    assert_int_equal(slots.chunks, 2);
    testudo_slots_free(&slots);
  }
  static const char *const broken[][2] = {
      {"", "is empty"},
      {"0\n1\n", "line 1: 1 numbers, but a slot is two"},
      {"0,0\n0,x\n", "line 2: chunk 'x'"},
      {"0,0\n-1,1\n", "line 2: partner '-1'"},
      {"0,0\n0,1\n0,0\n", "slot 0,0 is there twice"},
      {"0,0\n0,2\n", "chunk 1 is in no slot, but there are later ones"},
      {"0,0\n0,16777216\n", "line 2: chunk '16777216'"},
  };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_slots slots;
    testudo_error error = {""};
    assert_status(read_text(broken[k][0], &slots, &error), TESTUDO_ERROR_INPUT);
    if (strstr(error.text, broken[k][1]) == NULL)
      fail_msg("'%s' does not say '%s'", error.text, broken[k][1]);
    testudo_slots_free(&slots);
  }
}

/* ---- on assignments ---- */

static testudo_status make(int family, int32_t workers, int32_t chunks, int32_t copies, testudo_assignment *made)
{
  int32_t loads[32];
  for (int32_t j = 0; j < workers; j++)
    loads[j] = chunks * copies / workers + (j % 2 == 0 ? 1 : -1) * (workers % 2 == 0 && chunks > 3 * workers);
  return family == 0   ? testudo_assignment_frc(workers, chunks, copies, made, NULL)
         : family == 1 ? testudo_assignment_ring(workers, chunks, copies, made, NULL)
                       : testudo_assignment_arcs(workers, chunks, loads, made, NULL);
}

static int compare_chunks(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* Sorts both. */
static void assert_same_rows(testudo_assignment *a, testudo_assignment *b)
{
  for (int32_t j = 0; j < a->workers; j++) {
    size_t load = (size_t)(a->row[j + 1] - a->row[j]);
    assert_int_equal(b->row[j + 1], a->row[j + 1]);
    qsort(a->chunk + a->row[j], load, sizeof *a->chunk, compare_chunks);
    qsort(b->chunk + b->row[j], load, sizeof *b->chunk, compare_chunks);
    assert_memory_equal(a->chunk + a->row[j], b->chunk + b->row[j], load * sizeof *a->chunk);
  }
}

static void orders_only_permute_rows(void **state)
{
  (void)state;
  int compared = 0;
  for (int family = 0; family < 3; family++)
    for (int32_t workers = 2; workers <= 12; workers++)
      for (int32_t c = 1; c <= 5; c++)
        for (int32_t copies = 2; copies <= 6; copies++)
          for (size_t r = 0; r < sizeof begins_with_own / sizeof *begins_with_own; r++) {
            testudo_assignment ordered, natural;
            if (copies > workers || make(family, workers, c * workers, copies, &natural) != TESTUDO_OK)
              continue;
            assert_ok(make(family, workers, c * workers, copies, &ordered));
            testudo_error error = {""};
            testudo_slot_order order = {.rule = begins_with_own[r]};
            if (testudo_order_by_slots(&ordered, &order, &error) != TESTUDO_OK)
              fail_msg("family %d, %d workers, %d chunks each, %d copies: %s", family, workers, c, copies, error.text);
            assert_same_rows(&ordered, &natural);
            testudo_assignment_free(&ordered);
            testudo_assignment_free(&natural);
            compared++;
          }
  assert_true(compared > 1000);
}

/* A full table makes the assignment of the family, in the order that the family is put into. */
static void assignments_by_full_tables_are_the_families(void **state)
{
  (void)state;
  for (int family = 0; family < 2; family++)
    for (size_t r = 0; r < sizeof begins_with_own / sizeof *begins_with_own; r++) {
      testudo_slot_order order = {.rule = begins_with_own[r]};
      testudo_assignment made, wanted;
      assert_ok(make(family, 12, 36, 4, &wanted));
      assert_ok(testudo_order_by_slots(&wanted, &order, NULL));
      assert_ok(testudo_assignment_by_slots(12, 36, family == 0 ? 4 : 12, 4, &order, &made, NULL));
      assert_memory_equal(made.chunk, wanted.chunk, 144 * sizeof *made.chunk);
      testudo_assignment_free(&made);
      testudo_assignment_free(&wanted);
    }
}

/* Of a pair, as of neighbours on a circle of two copies, one goes through a block forwards while the other comes
   towards it: their places in it add up to the load + 1. */
static void mirrored_pairs_meet_in_the_middle(void **state)
{
  (void)state;
  for (int family = 0; family < 2; family++)
    for (int32_t c = 1; c <= 7; c++) {
      testudo_assignment pairs;
      int32_t sum[8 * 7] = {0}, holders[8 * 7] = {0};
      assert_ok(make(family, 8, 8 * c, 2, &pairs));
      assert_ok(testudo_order_by_slots(&pairs, &(testudo_slot_order){.rule = TESTUDO_SLOTS_MIRROR}, NULL));
      for (int32_t j = 0; j < 8; j++)
        for (int32_t k = 0; k < 2 * c; k++) {
          sum[pairs.chunk[2 * c * j + k]] += k + 1;
          holders[pairs.chunk[2 * c * j + k]]++;
        }
      for (int32_t i = 0; i < 8 * c; i++) {
        assert_int_equal(holders[i], 2);
        assert_int_equal(sum[i], 2 * c + 1);
      }
      testudo_assignment_free(&pairs);
    }
}

/* Row 5, the second of the second group of four, of blocks of two. */
static void partners_are_added_or_xored(void **state)
{
  (void)state;
  static const int32_t added[] = {10, 11, 13, 12, 15, 14, 9, 8}, xored[] = {10, 11, 9, 8, 15, 14, 13, 12};
  static const int32_t stairs[] = {11, 10, 9, 8, 15, 14, 13, 12}, ring[] = {10, 11, 13, 12, 15, 14, 1, 0};
  const struct {
    testudo_slot_order order;
    int family;
    const int32_t *wanted;
  } cases[] = {
      {{.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_ADDED}, 0, added},
      {{.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_XOR}, 0, xored},
      {{.rule = TESTUDO_SLOTS_BACK}, 0, xored},
      {{.rule = TESTUDO_SLOTS_FORWARDS, .pairing = TESTUDO_PAIRING_ALTERNATING}, 0, stairs},
      {{.rule = TESTUDO_SLOTS_BACK}, 1, ring},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_assignment made;
    assert_ok(make(cases[k].family, 8, 16, 4, &made));
    assert_ok(testudo_order_by_slots(&made, &cases[k].order, NULL));
    assert_memory_equal(made.chunk + 40, cases[k].wanted, sizeof added);
    testudo_assignment_free(&made);
  }
}

/* Twins do the same slots, each its own block first. */
static void twins_have_the_same_partners(void **state)
{
  (void)state;
  testudo_assignment made;
  assert_ok(testudo_assignment_frc(6, 12, 6, &made, NULL));
  assert_ok(testudo_order_by_slots(&made, &(testudo_slot_order){.rule = TESTUDO_SLOTS_BACK, .twins = 2}, NULL));
  static const int32_t third[] = {4, 6, 5, 7, 9, 11, 8, 10, 1, 3, 0, 2};
  static const int32_t fourth[] = {6, 4, 7, 5, 11, 9, 10, 8, 3, 1, 2, 0};
  assert_memory_equal(made.chunk + 24, third, sizeof third);
  assert_memory_equal(made.chunk + 36, fourth, sizeof fourth);
  testudo_assignment_free(&made);
}

/* The staircase of Amiri and Guenduez on a circle: of every chunk one copy at each place. */
static void staircases_have_every_place_once(void **state)
{
  (void)state;
  const testudo_slot_order order = {.pairing = TESTUDO_PAIRING_ALTERNATING};
  for (int32_t copies = 1; copies <= 10; copies++) {
    unsigned seen[10] = {0};
    testudo_assignment made;
    assert_ok(testudo_assignment_by_slots(10, 10, 10, copies, &order, &made, NULL));
    for (int32_t j = 0; j < 10; j++)
      for (int32_t k = 0; k < copies; k++) {
        assert_int_equal(made.chunk[copies * j + k], (j + (j % 2 == 0 ? k : 10 - k)) % 10);
        seen[made.chunk[copies * j + k]] |= 1u << k;
      }
    for (int32_t i = 0; i < 10; i++)
      assert_int_equal(seen[i], (1u << copies) - 1);
    testudo_assignment_free(&made);
  }
}

/* Arcs of unequal loads: the second time around the circle (workers 2 and 3) a worker begins with its second piece. */
static void arcs_are_cut_into_pieces(void **state)
{
  (void)state;
  static const int32_t loads[] = {5, 3, 2, 6};
  static const int32_t wanted[] = {0, 1, 4, 3, 2, 5, 7, 6, 1, 0, 5, 6, 7, 4, 3, 2};
  testudo_assignment arcs;
  assert_ok(testudo_assignment_arcs(4, 8, loads, &arcs, NULL));
  assert_ok(testudo_order_by_slots(&arcs, &(testudo_slot_order){.rule = TESTUDO_SLOTS_BACK}, NULL));
  assert_memory_equal(arcs.chunk, wanted, sizeof wanted);
  testudo_assignment_free(&arcs);
}

/* Neither groups nor a circle: the blocks of a random square assignment, each in pieces of three chunks. */
static void blocks_of_any_regular_assignment(void **state)
{
  (void)state;
  testudo_assignment square, finer;
  assert_ok(testudo_assignment_regular(9, 9, 3, 5, &square, NULL));
  int64_t row[10];
  int32_t chunk[81];
  for (int32_t j = 0; j <= 9; j++)
    row[j] = 9 * j;
  for (int32_t e = 0; e < 81; e++)
    chunk[e] = 3 * square.chunk[e / 3] + e % 3;
  finer = (testudo_assignment){9, 27, row, chunk};
  assert_ok(testudo_order_by_slots(&finer, &(testudo_slot_order){.rule = TESTUDO_SLOTS_BACK}, NULL));
  unsigned firsts[9] = {0};
  for (int32_t j = 0; j < 9; j++)
    for (int32_t s = 0; s < 3; s++) {
      const int32_t *at = chunk + 9 * j + 3 * s;
      firsts[at[0] / 3] |= 1u << s;
      assert_int_equal(at[0] % 3, s == 0 ? 0 : 2);
      assert_int_equal(at[1], at[0] + (s == 0 ? 1 : -1));
      assert_int_equal(at[2], at[1] + (s == 0 ? 1 : -1));
    }
  for (int32_t b = 0; b < 9; b++)
    assert_int_equal(firsts[b], 7);
  testudo_assignment_free(&square);
}

/* Whatever the order, twins, groups and partners: refused, or every worker has different chunks of the right numbers. A
   circle of six was given chunks beyond its own by xor for three twins. */
static void assignments_by_slots_are_assignments(void **state)
{
  (void)state;
  static const char *const words[] = {"rotated", "xor", "steal", "back", "stealxor", "backxor", "mirror", "staircase",
                                      "draft"};
  int made = 0, refused = 0;
  for (size_t w = 0; w < sizeof words / sizeof *words; w++)
    for (int32_t twins = 0; twins <= 4; twins++)
      for (int32_t group = 1; group <= 9; group++)
        for (int32_t partners = 1; partners <= group; partners++)
          for (int32_t c = 1; c <= 3; c++) {
            testudo_slot_order order = {.twins = twins};
            testudo_assignment a;
            assert_true(testudo_slot_order_take(&order, words[w]));
            testudo_status status = testudo_assignment_by_slots(2 * group, 2 * group * c, group, partners, &order, &a,
                                                                NULL);
            if (status != TESTUDO_OK) {
              assert_status(status, TESTUDO_ERROR_ARGUMENT);
              testudo_assignment_free(&a);
              refused++;
              continue;
            }
            for (int32_t j = 0; j < a.workers; j++) {
              bool there[64] = {false};
              for (int64_t e = a.row[j]; e < a.row[j + 1]; e++) {
                assert_in_range(a.chunk[e], 0, a.chunks - 1);
                assert_false(there[a.chunk[e]]);
                there[a.chunk[e]] = true;
              }
            }
            testudo_assignment_free(&a);
            made++;
          }
  assert_true(made > 1000 && refused > 1000);
}

static void refuse(const testudo_slot_order *order, const testudo_assignment *assignment, const char *sentence)
{
  testudo_error error = {""};
  testudo_assignment copy = *assignment;
  size_t bytes = (size_t)entries_of(assignment) * sizeof *copy.chunk;
  copy.chunk = malloc(bytes);
  assert_non_null(copy.chunk);
  memcpy(copy.chunk, assignment->chunk, bytes);
  assert_status(testudo_order_by_slots(&copy, order, &error), TESTUDO_ERROR_ARGUMENT);
  if (strstr(error.text, sentence) == NULL)
    fail_msg("'%s' does not say '%s'", error.text, sentence);
  assert_memory_equal(copy.chunk, assignment->chunk, bytes);
  free(copy.chunk);
}

static void refuses_what_makes_no_sense(void **state)
{
  (void)state;
  testudo_assignment groups, ring, regular, odd;
  assert_ok(testudo_assignment_frc(6, 12, 3, &groups, NULL));
  assert_ok(testudo_assignment_ring(6, 12, 3, &ring, NULL));
  assert_ok(testudo_assignment_regular(6, 12, 3, 1, &regular, NULL));
  assert_ok(testudo_assignment_frc(4, 6, 2, &odd, NULL));
  testudo_slot_order back = {.rule = TESTUDO_SLOTS_BACK};
  refuse(&(testudo_slot_order){.rule = TESTUDO_SLOTS_BACK, .pairing = TESTUDO_PAIRING_XOR, .name = "backxor"}, &groups,
         "order backxor: groups have 3 workers, but xor needs a power of two");
  refuse(&(testudo_slot_order){.pairing = TESTUDO_PAIRING_XOR}, &ring, "order forwards: it needs workers in groups");
  refuse(&(testudo_slot_order){.pairing = TESTUDO_PAIRING_ALTERNATING}, &ring, "it needs workers in groups");
  refuse(&back, &regular, "order back: it needs workers that each have a block");
  refuse(&back, &odd, "order back: a group of 2 workers cannot have a block of its own for each in 3 chunks");
  refuse(&(testudo_slot_order){.rule = TESTUDO_SLOTS_MIRROR}, &groups, "order mirror: two workers share each block");
  refuse(&(testudo_slot_order){.twins = 2}, &groups, "3 workers share, which is not a multiple of 2");
  refuse(&(testudo_slot_order){.rule = TESTUDO_SLOTS_UNEVEN}, &groups, "it is for 6 workers that share and 8 chunks");
  refuse(&(testudo_slot_order){.shortened = true, .foreign = 5}, &groups, "5 chunks of others, but 2 chunks per share");
  refuse(&(testudo_slot_order){.shortened = true, .foreign = 3}, &groups, "it has 5 of a worker's 6 chunks");
  testudo_assignment_free(&groups);
  testudo_assignment_free(&ring);
  testudo_assignment_free(&regular);
  testudo_assignment_free(&odd);
}

static void refuses_assignments_that_cannot_be(void **state)
{
  (void)state;
  static testudo_slot hole[] = {{0, 0}, {1, 0}};
  const testudo_slots listed = {.partners = 2, .chunks = 2, .count = 2, .slot = hole};
  const struct {
    int32_t workers, chunks, group, partners;
    testudo_slot_order order;
    const char *sentence;
  } cases[] = {
      {6, 12, 4, 4, {.name = "x"}, "order x: 6 workers are not a multiple of its groups of 4"},
      {6, 15, 3, 3, {.name = "x"}, "15 chunks are not a multiple of 6 workers"},
      {6, 12, 3, 4, {.name = "x"}, "4 partners in groups of 3; allowed: 1..3"},
      {6, 12, 3, 3, {.pairing = TESTUDO_PAIRING_XOR}, "xor needs a power of two"},
      {5, 5, 5, 2, {.pairing = TESTUDO_PAIRING_ALTERNATING}, "their number must be even"},
      {6, 12, 2, 2, {.rule = TESTUDO_SLOTS_LISTED, .listed = &listed}, "chunk 1 of every block is in no slot"},
      {6, 12, 6, 6, {.twins = 4}, "6 workers share, which is not a multiple of 4"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_assignment made;
    testudo_error error = {""};
    assert_status(testudo_assignment_by_slots(cases[k].workers, cases[k].chunks, cases[k].group, cases[k].partners,
                                              &cases[k].order, &made, &error), TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, cases[k].sentence) == NULL)
      fail_msg("'%s' does not say '%s'", error.text, cases[k].sentence);
    testudo_assignment_free(&made);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_stand_for_rules),
      cmocka_unit_test(tables_are_those_of_the_definitions),
      cmocka_unit_test(uneven_has_its_copies),
      cmocka_unit_test(every_table_has_every_slot_once_and_the_own_block_first),
      cmocka_unit_test(draft_takes_what_is_most_likely_undone),
      cmocka_unit_test(draft_of_two_laws),
      cmocka_unit_test(short_draft_of_independent_times),
      cmocka_unit_test(slots_are_read_from_files),
      cmocka_unit_test(orders_only_permute_rows),
      cmocka_unit_test(assignments_by_full_tables_are_the_families),
      cmocka_unit_test(mirrored_pairs_meet_in_the_middle),
      cmocka_unit_test(partners_are_added_or_xored),
      cmocka_unit_test(twins_have_the_same_partners),
      cmocka_unit_test(staircases_have_every_place_once),
      cmocka_unit_test(arcs_are_cut_into_pieces),
      cmocka_unit_test(blocks_of_any_regular_assignment),
      cmocka_unit_test(assignments_by_slots_are_assignments),
      cmocka_unit_test(refuses_what_makes_no_sense),
      cmocka_unit_test(refuses_assignments_that_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
