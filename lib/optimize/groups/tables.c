/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of repetition groups: finding them, their value under a rule, and back into a design. */
#include "optimize/groups/tables.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "runtime/design.h"

/* Additions between two questions whether to give up. */
#define ASK_AFTER 1e6

/* ---- finding the tables ---- */

/* Workers of group g: members[first[g]] .., sorted by class, then by number. first: zeros. */
static void list_members(const testudo_i_tables *tables, int32_t *first, int32_t *members)
{
  const testudo_i_groups *groups = &tables->groups;
  const testudo_i_cluster *cluster = tables->cluster;
  for (int32_t g = 0; g < groups->groups; g++)
    first[g + 1] = first[g] + groups->size[g];
  for (int32_t j = 0; j < cluster->workers; j++) {
    int32_t g = groups->group_of[j], from = first[g], at = from + groups->rank[j];
    for (; at > from && cluster->class_of[members[at - 1]] > cluster->class_of[j]; at--)
      members[at] = members[at - 1];
    members[at] = j;
  }
}

static bool same_rows(const testudo_i_tables *tables, const testudo_i_table *table, const int32_t *member,
                      int32_t size, int32_t load)
{
  if (table->size != size || table->load != load)
    return false;
  for (int32_t a = 0; a < size; a++)
    if (table->class_[a] != tables->cluster->class_of[member[a]])
      return false;
  return true;
}

static testudo_status add_table(testudo_i_tables *tables, const int32_t *member, int32_t size, int32_t load,
                                testudo_error *error)
{
  testudo_i_table *table = &tables->table[tables->tables++];
  *table = (testudo_i_table){.size = size, .load = load};
  table->states = testudo_i_group_states(load, tables->parts);
  table->class_ = testudo_i_arena_alloc(&tables->arena, (size_t)size, sizeof *table->class_);
  table->order = testudo_i_arena_alloc(&tables->arena, (size_t)size * (size_t)load, sizeof *table->order);
  TESTUDO_I_TRY(testudo_i_arena_check(&tables->arena, error));
  tables->most_states = table->states > tables->most_states ? table->states : tables->most_states;
  for (int32_t a = 0; a < size; a++) {
    const int32_t *order = testudo_design_order(tables->cluster->design, member[a]);
    table->class_[a] = tables->cluster->class_of[member[a]];
    for (int32_t p = 0; p < load; p++)
      table->order[(int64_t)a * load + p] = tables->groups.index[order[p]];
  }
  return TESTUDO_OK;
}

static testudo_status find_tables(testudo_i_tables *tables, testudo_error *error)
{
  const testudo_i_groups *groups = &tables->groups;
  int32_t *first = testudo_i_arena_calloc(&tables->arena, (size_t)groups->groups + 1, sizeof *first);
  int32_t *members = testudo_i_arena_alloc(&tables->arena, (size_t)tables->cluster->workers, sizeof *members);
  tables->table = testudo_i_arena_calloc(&tables->arena, (size_t)groups->groups, sizeof *tables->table);
  tables->table_of = testudo_i_arena_alloc(&tables->arena, (size_t)groups->groups, sizeof *tables->table_of);
  tables->row_of = testudo_i_arena_alloc(&tables->arena, (size_t)tables->cluster->workers, sizeof *tables->row_of);
  TESTUDO_I_TRY(testudo_i_arena_check(&tables->arena, error));
  list_members(tables, first, members);
  for (int32_t g = 0; g < groups->groups; g++) {
    const int32_t *member = members + first[g];
    int32_t t = 0;
    while (t < tables->tables && !same_rows(tables, &tables->table[t], member, groups->size[g], groups->load[g]))
      t++;
    if (t == tables->tables)
      TESTUDO_I_TRY(add_table(tables, member, groups->size[g], groups->load[g], error));
    tables->table[t].count++;
    tables->table_of[g] = t;
    for (int32_t a = 0; a < groups->size[g]; a++)
      tables->row_of[member[a]] = a;
  }
  return TESTUDO_OK;
}

static void set_failures(testudo_i_tables *tables)
{
  double m = tables->cluster->workers, f = testudo_i_cluster_failed(tables->cluster);
  tables->degree = (int32_t)f;
  tables->fail = f / m;
  if (f > 0 && f < m)
    tables->log_norm = testudo_i_log_binomial(tables->cluster->workers, tables->degree, tables->fail);
}

testudo_status testudo_i_tables_make(testudo_i_tables *tables, const testudo_i_cluster *cluster, bool *found,
                                     testudo_error *error)
{
  const testudo_design *design = cluster->design;
  *tables = (testudo_i_tables){.cluster = cluster, .parts = testudo_design_parts(design)};
  *found = false;
  TESTUDO_I_TRY(testudo_i_groups_find(cluster->workers, testudo_design_chunks(design), design->row, design->order,
                                      &tables->groups, error));
  *found = tables->groups.groups > 0 && cluster->max_load <= TESTUDO_I_LIMIT_TABLE_LOAD;
  if (!*found)
    return TESTUDO_OK;
  set_failures(tables);
  return find_tables(tables, error);
}

void testudo_i_tables_free(testudo_i_tables *tables)
{
  testudo_i_arena_clear(&tables->arena);
  testudo_i_arena_clear(&tables->rule_arena);
  testudo_i_groups_free(&tables->groups);
  *tables = (testudo_i_tables){.tables = 0};
}

/* ---- the law ---- */

static size_t pair_size(const testudo_i_tables *tables)
{
  return 2 * ((size_t)tables->degree + 1);
}

testudo_status testudo_i_tables_rule(testudo_i_tables *tables, const testudo_i_quadrature *rule, testudo_error *error)
{
  const testudo_i_cluster *cluster = tables->cluster;
  size_t classes = (size_t)cluster->classes, stride = (size_t)cluster->max_load + 1;
  testudo_i_arena_clear(&tables->rule_arena);
  tables->rule = rule;
  tables->open = -1;
  tables->q_store = testudo_i_arena_alloc(&tables->rule_arena, rule->count * classes * stride, sizeof *tables->q_store);
  tables->q = testudo_i_arena_alloc(&tables->rule_arena, rule->count * classes, sizeof *tables->q);
  tables->others = testudo_i_arena_alloc(&tables->rule_arena, rule->count * pair_size(tables), sizeof *tables->others);
  TESTUDO_I_TRY(testudo_i_arena_check(&tables->rule_arena, error));
  for (size_t k = 0; k < rule->count; k++)
    for (size_t c = 0; c < classes; c++) {
      double *q = tables->q_store + (k * classes + c) * stride;
      testudo_i_cluster_progress(cluster, (int32_t)c, rule->time[k], q);
      tables->q[k * classes + c] = q;
    }
  return TESTUDO_OK;
}

size_t testudo_i_tables_room(const testudo_i_tables *tables)
{
  return (size_t)tables->most_states * ((size_t)tables->degree + 2) + 4 * pair_size(tables);
}

static testudo_i_pair pair_at(const testudo_i_tables *tables, double *from)
{
  return (testudo_i_pair){from, from + tables->degree + 1};
}

/* total <- total times the law of all groups that share the table, at time k. */
static void multiply_groups(const testudo_i_tables *tables, const testudo_i_table *table, const int32_t *order,
                            size_t k, testudo_i_pair total, double *room)
{
  size_t pair = pair_size(tables);
  testudo_i_pair one = pair_at(tables, room), square = pair_at(tables, room + pair);
  double *spare = room + 2 * pair, *scan = room + 4 * pair;
  const testudo_i_group_shape shape = {table->size, table->load, table->class_, order};
  testudo_i_group_scan(&shape, tables->parts, tables->q + k * (size_t)tables->cluster->classes, tables->fail,
                       tables->degree, one, scan);
  for (int64_t count = table->count; count > 0; count >>= 1) {
    if (count & 1)
      testudo_i_pair_multiply(total, one, tables->degree, spare);
    if (count > 1) {
      memcpy(square.done, one.done, pair * sizeof(double));
      testudo_i_pair_multiply(one, square, tables->degree, spare);
    }
  }
}

void testudo_i_tables_open(testudo_i_tables *tables, int32_t open, double *room)
{
  size_t pair = pair_size(tables);
  tables->open = open;
  for (size_t k = 0; k < tables->rule->count; k++) {
    testudo_i_pair total = pair_at(tables, tables->others + k * pair);
    memset(total.done, 0, pair * sizeof(double));
    total.done[0] = 1;
    for (int32_t t = 0; t < tables->tables; t++)
      if (t != open)
        multiply_groups(tables, &tables->table[t], tables->table[t].order, k, total, room);
  }
}

static bool must_give_up(testudo_i_table_stop *stop, double work)
{
  if (stop == NULL || (stop->work += work) < ASK_AFTER)
    return false;
  stop->work = 0.0;
  return stop->asked(stop->context);
}

double testudo_i_tables_value(const testudo_i_tables *tables, const int32_t *order, testudo_i_table_stop *stop,
                              double *room)
{
  size_t pair = pair_size(tables);
  double value = tables->rule->base, norm = exp(-tables->log_norm);
  testudo_i_pair total = pair_at(tables, room + 3 * pair);
  double work = testudo_i_tables_cost(tables, tables->open) / (double)tables->rule->count;
  for (size_t k = 0; k < tables->rule->count; k++) {
    if (must_give_up(stop, work))
      return NAN;
    memcpy(total.done, tables->others + k * pair, pair * sizeof(double));
    multiply_groups(tables, &tables->table[tables->open], order, k, total, room);
    value += tables->rule->weight[k] * total.lost[tables->degree] * norm;
  }
  return value;
}

double testudo_i_tables_cost(const testudo_i_tables *tables, int32_t table)
{
  const testudo_i_table *t = &tables->table[table];
  return (double)tables->rule->count * t->size * (t->load + 1.0) * 2 * (tables->degree + 1.0) * (double)t->states;
}

/* ---- back into a design ---- */

void testudo_i_tables_apply(const testudo_i_tables *tables, testudo_assignment *orders)
{
  for (int32_t j = 0; j < orders->workers; j++) {
    const testudo_i_table *table = &tables->table[tables->table_of[tables->groups.group_of[j]]];
    const int32_t *row = table->order + (int64_t)tables->row_of[j] * table->load;
    int32_t *chunk = orders->chunk + orders->row[j];
    int32_t by_number[TESTUDO_I_LIMIT_TABLE_LOAD];
    for (int32_t p = 0; p < table->load; p++)
      by_number[tables->groups.index[chunk[p]]] = chunk[p];
    for (int32_t p = 0; p < table->load; p++)
      chunk[p] = by_number[row[p]];
  }
}
