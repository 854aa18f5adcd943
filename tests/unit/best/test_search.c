/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs of one table of slots, of which a row keeps a few numbers. */
#include "check.h"

#include <string.h>

#include <testudo/best.h>
#include <testudo/code.h>

#include "best/search.h"

/* Three chunks a share: the last and the first of the own block, of the others every other one, and one more. */
static testudo_slots slots_of(int32_t group, testudo_slot *slot)
{
  testudo_slots slots = {.partners = group, .chunks = 3, .slot = slot};
  for (int32_t s = 0; s < group; s++)
    for (int32_t q = 2; q >= 0; q--)
      if ((s + q) % 2 == 0)
        slot[slots.count++] = (testudo_slot){s == 0 ? 0 : group - s, q};
  slot[slots.count++] = (testudo_slot){group - 1, 0};
  return slots;
}

static void slots_by(const testudo_assignment *orders, testudo_slots *found, int32_t *group)
{
  const testudo_best_key key = {.workers = orders->workers, .granularity = orders->chunks / orders->workers};
  testudo_design *design;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, orders, 1, 1, "d", &design, NULL));
  assert_ok(testudo_i_best_slots(&key, design, found, group, NULL));
  testudo_design_free(design);
}

/* In groups of every size up to sixteen, with the pairing of --order slots:FILE; not where the last group has another
   order, nor by the other pairing. */
static void tables_of_slots_are_read_back(void **state)
{
  (void)state;
  int32_t read = 0;
  for (int32_t size = 2; size <= 20; size++) {
    testudo_slot slot[64];
    const testudo_slots slots = slots_of(size, slot);
    testudo_slot_order order = {.rule = TESTUDO_SLOTS_LISTED, .listed = &slots};
    testudo_assignment orders;
    testudo_slots found;
    int32_t group, workers = 2 * size;
    assert_ok(testudo_assignment_by_slots(workers, 3 * workers, size, size, &order, &orders, NULL));
    slots_by(&orders, &found, &group);
    assert_true((found.count > 0) == (size <= 16));
    if (found.count > 0) {
      read++;
      assert_int_equal(group, size);
      assert_int_equal(found.partners, size);
      assert_int_equal(found.count, slots.count);
      assert_memory_equal(found.slot, slot, (size_t)slots.count * sizeof *slot);
    }
    testudo_slots_free(&found);
    int64_t last = orders.row[workers] - 1;
    int32_t kept = orders.chunk[last];
    orders.chunk[last] = orders.chunk[last - 1];
    orders.chunk[last - 1] = kept;
    slots_by(&orders, &found, &group);
    assert_int_equal(found.count, 0);
    testudo_assignment_free(&orders);
    order.pairing = TESTUDO_PAIRING_ADDED;
    assert_ok(testudo_assignment_by_slots(workers, 3 * workers, size, size, &order, &orders, NULL));
    slots_by(&orders, &found, &group);
    assert_true((found.count > 0) == (size <= 16 && (size == 2 || (size & (size - 1)) != 0)));
    testudo_slots_free(&found);
    testudo_assignment_free(&orders);
  }
  assert_int_equal(read, 15);
  /* A worker whose row leaves a chunk of every block out. */
  static const int32_t rows[] = {0, 2, 4, 6, 8}, chunks[] = {0, 2, 1, 3, 4, 6, 5, 7};
  testudo_assignment odd = {4, 8, NULL, NULL};
  int64_t row[5];
  int32_t chunk[8], group;
  testudo_slots found;
  for (int k = 0; k < 5; k++)
    row[k] = rows[k];
  memcpy(chunk, chunks, sizeof chunk);
  odd.row = row;
  odd.chunk = chunk;
  slots_by(&odd, &found, &group);
  assert_int_equal(found.count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_of_slots_are_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
