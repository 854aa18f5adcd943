/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of several sizes side by side: the maximum over independent groups. */
#include "optimize/slots/mix.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "code/assignment.h"

static double mix_value(const testudo_i_slot_mix *mix, const testudo_i_slot_aim *aim)
{
  const double *law[2] = {mix->table[0]->law, NULL};
  double times[2] = {mix->count[0], mix->count[1]};
  if (mix->table[1] != NULL)
    law[1] = mix->table[1]->law;
  return testudo_i_slot_value(&mix->table[0]->grid, aim, law, times, mix->table[1] != NULL ? 2 : 1);
}

/* One table after renaming its partners is found again and again. */
static bool is_there(const testudo_i_slot_mix *mix, int32_t count, const testudo_i_slot_mix *one)
{
  for (int32_t k = 0; k < count; k++)
    if (mix[k].count[0] == one->count[0] && mix[k].count[1] == one->count[1] &&
        fabs(mix[k].value - one->value) <= 1e-9 * one->value)
      return true;
  return false;
}

/* Among those that there are, if it is one of the best. */
static void insert_mix(testudo_i_slot_mix *mix, int32_t *count, int32_t most, const testudo_i_slot_mix *one)
{
  int32_t at = *count;
  while (at > 0 && one->value < mix[at - 1].value)
    at--;
  if (at == most || is_there(mix, *count, one))
    return;
  *count += *count < most;
  for (int32_t k = *count - 1; k > at; k--)
    mix[k] = mix[k - 1];
  mix[at] = *one;
}

int32_t testudo_i_slot_mixes(const testudo_i_slot_table *table, int32_t tables, int32_t workers, bool alike,
                             const testudo_i_slot_aim *aim, testudo_i_slot_mix *mix, int32_t most)
{
  int32_t count = 0;
  for (int32_t a = 0; a < tables; a++) {
    int32_t size = table[a].shape.group;
    if (workers % size == 0) {
      testudo_i_slot_mix one = {{&table[a], NULL}, {workers / size, 0}, table[a].value};
      insert_mix(mix, &count, most, &one);
    }
    for (int32_t b = 0; alike && b < tables; b++)
      for (int32_t first = 1; first * size < workers && table[b].shape.group < size; first++) {
        int32_t rest = workers - first * size;
        if (rest % table[b].shape.group != 0 || table[a].grid.first != table[b].grid.first)
          continue;
        testudo_i_slot_mix two = {{&table[a], &table[b]}, {first, rest / table[b].shape.group}, 0};
        two.value = mix_value(&two, aim);
        insert_mix(mix, &count, most, &two);
      }
  }
  return count;
}

/* ---- the assignment ---- */

/* `count` groups by one table, behind the workers and chunks that are there. */
static testudo_status append_groups(const testudo_i_slot_table *table, int32_t count, int32_t *workers,
                                    testudo_assignment *orders, testudo_error *error)
{
  const testudo_i_slot_shape *shape = &table->shape;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment groups = {0};
  const testudo_slots slots = {testudo_i_slot_partners(shape), shape->chunks, shape->places, table->slot};
  const testudo_slot_order order = {.rule = TESTUDO_SLOTS_LISTED, .listed = &slots, .pairing = shape->pairing,
                                    .twins = shape->twins > 1 ? shape->twins : 0};
  int32_t added = count * shape->group;
  TESTUDO_I_TRY(testudo_assignment_by_slots(added, added * shape->chunks, shape->group, shape->group, &order, &groups,
                                            error));
  int64_t first = orders->row[*workers];
  for (int32_t j = 0; j < added; j++)
    orders->row[*workers + j + 1] = first + groups.row[j + 1];
  for (int64_t e = 0; e < groups.row[added]; e++)
    orders->chunk[first + e] = *workers * shape->chunks + groups.chunk[e];
  *workers += added;
  return TESTUDO_OK;
}

testudo_status testudo_i_slot_mix_assign(const testudo_i_slot_mix *mix, testudo_assignment *orders,
                                         testudo_error *error)
{
  int32_t workers = mix->table[0]->shape.workers, chunks = workers * mix->table[0]->shape.chunks, laid = 0;
  int64_t entries = 0;
  for (int32_t k = 0; k < 2 && mix->table[k] != NULL; k++) {
    const testudo_i_slot_shape *shape = &mix->table[k]->shape;
    entries += (int64_t)mix->count[k] * shape->group * shape->places * shape->twins;
  }
  TESTUDO_I_TRY(testudo_i_assignment_begin(orders, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(orders, workers, chunks, entries, error));
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; k < 2 && mix->table[k] != NULL && status == TESTUDO_OK; k++)
    status = append_groups(mix->table[k], mix->count[k], &laid, orders, error);
  if (status != TESTUDO_OK)
    testudo_assignment_free(orders);
  return status;
}

void testudo_i_slot_mix_name(const testudo_i_slot_mix *mix, char *name)
{
  int32_t size = mix->table[0]->shape.group, chunks = mix->table[0]->shape.chunks;
  if (mix->table[1] == NULL)
    snprintf(name, 80, "groups of %d, %d chunks a share, searched slots", (int)size, (int)chunks);
  else
    snprintf(name, 80, "%d group%s of %d and %d of %d, %d chunks a share, searched slots", (int)mix->count[0],
             mix->count[0] == 1 ? "" : "s", (int)size, (int)mix->count[1], (int)mix->table[1]->shape.group,
             (int)chunks);
}
