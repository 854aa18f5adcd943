/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of several sizes and loads side by side: the maximum over independent groups. */
#include "optimize/slots/mix.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "code/assignment.h"

enum { NAME = 80 };

static double mix_value(const testudo_i_slot_mix *mix, const testudo_i_slot_aim *aim)
{
  const double *law[TESTUDO_I_SLOT_KINDS];
  double times[TESTUDO_I_SLOT_KINDS];
  for (int32_t k = 0; k < mix->kinds; k++) {
    law[k] = mix->table[k]->law;
    times[k] = mix->count[k];
  }
  return testudo_i_slot_value(&mix->table[0]->grid, aim, law, times, mix->kinds);
}

/* Chunks that a worker holds. */
static int32_t held(const testudo_i_slot_table *table)
{
  return table->shape.places * table->shape.twins;
}

static int64_t mix_entries(const testudo_i_slot_mix *mix)
{
  int64_t entries = 0;
  for (int32_t k = 0; k < mix->kinds; k++)
    entries += (int64_t)mix->count[k] * mix->table[k]->shape.group * held(mix->table[k]);
  return entries;
}

/* The best mixes so far, best first. */
typedef struct mix_list {
  testudo_i_slot_mix *mix;
  int32_t count, most;
} mix_list;

/* Workers in groups by tables of this number. */
static int32_t workers_by(const testudo_i_slot_mix *mix, uint64_t number)
{
  int32_t workers = 0;
  for (int32_t k = 0; k < mix->kinds; k++)
    workers += mix->table[k]->number == number ? mix->count[k] * mix->table[k]->shape.group : 0;
  return workers;
}

/* One design, perhaps with other numbers of its workers and chunks, which are worth other times of the sample? */
static bool is_same_mix(const testudo_i_slot_mix *a, const testudo_i_slot_mix *b)
{
  bool same = true;
  for (int32_t k = 0; k < a->kinds && same; k++)
    same = workers_by(a, a->table[k]->number) == workers_by(b, a->table[k]->number);
  return same;
}

/* Among those that there are, if it is one of the best: in the place of the same design, where that is no better. */
static void insert_mix(mix_list *list, const testudo_i_slot_mix *one)
{
  int32_t at = list->count, gone = 0;
  while (at > 0 && one->value < list->mix[at - 1].value)
    at--;
  if (at == list->most)
    return;
  while (gone < list->count && !is_same_mix(&list->mix[gone], one))
    gone++;
  if (gone < at)
    return;
  if (gone == list->count && list->count < list->most)
    list->count++;
  for (int32_t k = gone < list->count ? gone : list->count - 1; k > at; k--)
    list->mix[k] = list->mix[k - 1];
  list->mix[at] = *one;
}

/* ---- sizes ---- */

typedef struct groups_mixer {
  const testudo_i_slot_table *table;
  int32_t tables, workers, places; /* places a worker, at most on average */
  const testudo_i_slot_aim *aim;
  mix_list list;
} groups_mixer;

/* Groups by one more table of smaller groups, as many as leave workers for the next or none. */
static void add_kind(groups_mixer *mixer, const testudo_i_slot_mix *before, int32_t left, int32_t sizes)
{
  const testudo_i_slot_table *last = before->kinds > 0 ? before->table[before->kinds - 1] : NULL;
  for (int32_t a = 0; a < mixer->tables; a++) {
    const testudo_i_slot_table *table = &mixer->table[a];
    int32_t size = table->shape.group;
    if (held(table) > mixer->places || table->value == HUGE_VAL || /* a stop left it without a law */
        (last != NULL && (size >= last->shape.group || table->grid.first != last->grid.first)))
      continue;
    testudo_i_slot_mix mix = *before;
    mix.table[mix.kinds++] = table;
    for (int32_t count = sizes > 1 ? 1 : left / size; count > 0 && count * size <= left; count++) {
      mix.count[mix.kinds - 1] = count;
      if (count * size < left) {
        if (sizes > 1)
          add_kind(mixer, &mix, left - count * size, sizes - 1);
        continue;
      }
      mix.value = mix.kinds > 1 ? mix_value(&mix, mixer->aim) : table->value;
      insert_mix(&mixer->list, &mix);
    }
  }
}

/* ---- loads ---- */

/* One group of kind k takes this table of the same size. */
static bool exchange_table(testudo_i_slot_mix *mix, int32_t k, const testudo_i_slot_table *by)
{
  if (by == mix->table[k] || by->value == HUGE_VAL || by->shape.group != mix->table[k]->shape.group ||
      by->grid.first != mix->table[k]->grid.first)
    return false;
  int32_t at = 0;
  while (at < mix->kinds && mix->table[at] != by)
    at++;
  if (at == mix->kinds) {
    if (mix->kinds == TESTUDO_I_SLOT_KINDS)
      return false;
    mix->table[mix->kinds] = by;
    mix->count[mix->kinds++] = 0;
  }
  mix->count[at]++;
  if (--mix->count[k] == 0) {
    mix->kinds--;
    mix->table[k] = mix->table[mix->kinds];
    mix->count[k] = mix->count[mix->kinds];
  }
  return true;
}

static void offer_load(const groups_mixer *mixer, testudo_i_slot_mix *mix, testudo_i_slot_mix *best)
{
  if (mix_entries(mix) > (int64_t)mixer->places * mixer->workers)
    return;
  mix->value = mix_value(mix, mixer->aim);
  if (mix->value < best->value)
    *best = *mix;
}

/* The best that comes of the exchange of one group's table, or of two groups' tables. */
static testudo_i_slot_mix better_loads(const groups_mixer *mixer, const testudo_i_slot_mix *from)
{
  testudo_i_slot_mix best = *from;
  for (int32_t k = 0; k < from->kinds; k++)
    for (int32_t a = 0; a < mixer->tables; a++) {
      testudo_i_slot_mix one = *from;
      if (!exchange_table(&one, k, &mixer->table[a]))
        continue;
      offer_load(mixer, &one, &best);
      for (int32_t h = 0; h < one.kinds; h++)
        for (int32_t b = 0; b < mixer->tables; b++) {
          testudo_i_slot_mix two = one;
          if (exchange_table(&two, h, &mixer->table[b]))
            offer_load(mixer, &two, &best);
        }
    }
  return best;
}

int32_t testudo_i_slot_mixes(const testudo_i_slot_table *table, int32_t tables, int32_t workers, int32_t places,
                             bool alike, const testudo_i_slot_aim *aim, testudo_i_slot_mix *mix, int32_t most)
{
  enum { SIZES = 3, SEEDS = 4 };
  groups_mixer mixer = {.table = table, .tables = tables, .workers = workers, .places = places, .aim = aim,
                 .list = {mix, 0, most}};
  const testudo_i_slot_mix none = {.kinds = 0};
  add_kind(&mixer, &none, workers, alike ? SIZES : 1);
  bool uneven = false;
  for (int32_t a = 0; a < tables && alike; a++)
    uneven = uneven || held(&table[a]) > places;
  testudo_i_slot_mix even[SEEDS];
  int32_t seeds = mixer.list.count < SEEDS ? mixer.list.count : SEEDS;
  memcpy(even, mix, (size_t)seeds * sizeof *even);
  for (int32_t k = 0; k < seeds && uneven; k++) {
    testudo_i_slot_mix before, now = even[k];
    do {
      before = now;
      now = better_loads(&mixer, &before);
    } while (now.value < before.value);
    insert_mix(&mixer.list, &now);
  }
  return mixer.list.count;
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
  TESTUDO_I_TRY(testudo_i_assignment_begin(orders, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(orders, workers, chunks, mix_entries(mix), error));
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; k < mix->kinds && status == TESTUDO_OK; k++)
    status = append_groups(mix->table[k], mix->count[k], &laid, orders, error);
  if (status != TESTUDO_OK)
    testudo_assignment_free(orders);
  return status;
}

/* ---- the tables of an assignment ---- */

/* Are the orders from this worker on those of one group of the table? Not of one that leaves a chunk of every block
   out. */
static testudo_status is_group(const testudo_assignment *orders, int32_t worker, const testudo_i_slot_table *table,
                               bool *same, testudo_error *error)
{
  testudo_i_slot_table one = *table;
  one.shape.workers = one.shape.group;
  const testudo_i_slot_mix mix = {.kinds = 1, .table = {&one}, .count = {1}};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment group = {0};
  testudo_error own = {""};
  testudo_status status = testudo_i_slot_mix_assign(&mix, &group, &own);
  *same = status == TESTUDO_OK;
  if (status != TESTUDO_OK)
    return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : testudo_i_fail(error, status, "%s", own.text);
  const int32_t *chunk = orders->chunk + orders->row[worker];
  for (int32_t j = 1; j <= group.workers && *same; j++)
    *same = orders->row[worker + j] - orders->row[worker] == group.row[j];
  for (int64_t e = 0; *same && e < group.row[group.workers]; e++)
    *same = chunk[e] == worker * table->shape.chunks + group.chunk[e];
  return TESTUDO_OK;
}

/* What the worker does, as a table; how many partners that needs at least: 0 where it works on blocks before its
   own. */
static int32_t read_slots(const testudo_assignment *orders, int32_t worker, int32_t chunks, testudo_slot *slot)
{
  int32_t places = (int32_t)(orders->row[worker + 1] - orders->row[worker]), partners = 0;
  for (int32_t k = 0; k < places; k++) {
    int32_t ahead = orders->chunk[orders->row[worker] + k] - worker * chunks;
    if (ahead < 0)
      return 0;
    slot[k] = (testudo_slot){ahead / chunks, ahead % chunks};
    partners = slot[k].partner >= partners ? slot[k].partner + 1 : partners;
  }
  return partners;
}

testudo_status testudo_i_slot_table_of(const testudo_assignment *orders, int32_t worker, int32_t chunks, int32_t least,
                                       int32_t most, testudo_pairing pairing, testudo_i_slot_shape *shape,
                                       testudo_slot *slot, bool *found, testudo_error *error)
{
  static const testudo_pairing pairings[] = {TESTUDO_PAIRING_ADDED, TESTUDO_PAIRING_XOR};
  int32_t partners = read_slots(orders, worker, chunks, slot), left = orders->workers - worker;
  *found = false;
  least = partners > least ? partners : least;
  for (int32_t group = least; partners > 0 && group <= most && group <= left && !*found; group++)
    for (int k = 0; k < 2 && !*found; k++) {
      bool tried = pairing == TESTUDO_PAIRING_BEST || pairing == pairings[k];
      if (!tried || group < 2 || (pairings[k] == TESTUDO_PAIRING_XOR && (group & (group - 1)) != 0))
        continue;
      *shape = (testudo_i_slot_shape){.workers = orders->workers, .group = group, .chunks = chunks,
                                      .places = (int32_t)(orders->row[worker + 1] - orders->row[worker]), .twins = 1,
                                      .pairing = pairings[k]};
      const testudo_i_slot_table table = {.shape = *shape, .slot = slot};
      TESTUDO_I_TRY(is_group(orders, worker, &table, found, error));
    }
  return TESTUDO_OK;
}

/* ---- the name ---- */

TESTUDO_PRINTF(2, 3) static void append(char *name, const char *format, ...)
{
  size_t used = strlen(name);
  va_list values;
  va_start(values, format);
  vsnprintf(name + used, NAME - used, format, values);
  va_end(values);
}

/* Sizes in the order of the tables: kinds of one size that differ in their loads count together. */
static void append_sizes(const testudo_i_slot_mix *mix, char *name)
{
  bool said[TESTUDO_I_SLOT_KINDS] = {false};
  int32_t left = mix->kinds;
  for (int32_t k = 0; k < mix->kinds; k++) {
    int32_t size = mix->table[k]->shape.group, count = 0;
    bool first = left == mix->kinds;
    if (said[k])
      continue;
    for (int32_t h = k; h < mix->kinds; h++)
      if (mix->table[h]->shape.group == size) {
        said[h] = true;
        count += mix->count[h];
        left--;
      }
    if (first && left == 0)
      append(name, "groups of %d", (int)size);
    else if (first)
      append(name, "%d group%s of %d", (int)count, count == 1 ? "" : "s", (int)size);
    else
      append(name, "%s%d of %d", left == 0 ? " and " : ", ", (int)count, (int)size);
  }
}

void testudo_i_slot_mix_name(const testudo_i_slot_mix *mix, char *name)
{
  int32_t least = held(mix->table[0]), most = least;
  *name = '\0';
  append_sizes(mix, name);
  for (int32_t k = 1; k < mix->kinds; k++) {
    least = held(mix->table[k]) < least ? held(mix->table[k]) : least;
    most = held(mix->table[k]) > most ? held(mix->table[k]) : most;
  }
  if (least < most)
    append(name, ", %d to %d places", (int)least, (int)most);
  append(name, ", %d %sa share, searched slots", (int)mix->table[0]->shape.chunks, least < most ? "" : "chunks ");
}
