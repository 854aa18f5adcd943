/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches of the tables of repetition groups: all of them, or annealing, pass after pass. */
#include "optimize/groups/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "optimize/groups/latin.h"
#include "optimize/groups/tables.h"
#include "parallel/loop.h"

#define TRIES 12
#define ROUNDS 2                /* over the tables, where there are several kinds of groups */
#define SAME 1e-11

typedef struct group_search {
  testudo_i_arena arena;        /* of all but the list of tables */
  testudo_i_goal goal;
  const testudo_design *design;
  const testudo_search_options *options;
  testudo_i_search_watch watch;
  testudo_i_cluster cluster;
  testudo_i_tables tables;
  testudo_i_quadrature rule;
  int32_t threads, open;
  double **room;                /* one per thread */
  /* exhaustive */
  int32_t *listed;              /* orders, table after table */
  size_t listed_room;
  int64_t listed_count;
  bool no_memory;
  double *value;
  int64_t tries;                /* of annealing a table */
} group_search;

/* ---- what can be searched ---- */

static bool one_class(const testudo_i_table *table)
{
  return table->class_[0] == table->class_[table->size - 1];
}

static bool count_visit(void *context, const int8_t *place)
{
  (void)place;
  ++*(int64_t *)context;
  return true;
}

static bool can_list_all(const testudo_i_table *table)
{
  return testudo_i_table_count(table->size, table->load) <= TESTUDO_I_LIMIT_TABLES_LISTED;
}

static bool can_list(const testudo_i_table *table, char *why)
{
  int64_t count = 0;
  if (one_class(table) && can_list_all(table))
    return true;
  if (table->size > table->load)
    snprintf(why, 160, "groups of more workers (%d) than chunks (%d) have no Latin rectangle", (int)table->size,
             (int)table->load);
  else if (!one_class(table))
    snprintf(why, 160, "the workers of a group differ in rate, so exchanging them changes the law");
  else if (table->load > TESTUDO_I_LIMIT_SHARED_LOAD ||
           !testudo_i_latin_visit(table->size, table->load, TESTUDO_I_LIMIT_TABLES_LISTED, count_visit, &count))
    snprintf(why, 160, "more than %d Latin tables of %d x %d; all squares are listed up to order 6",
             TESTUDO_I_LIMIT_TABLES_LISTED, (int)table->size, (int)table->load);
  else
    return true;
  return false;
}

static testudo_status open_tables(group_search *search, bool exhaustive, bool *applies, char *why,
                                  testudo_error *error)
{
  why[0] = '\0';
  *applies = false;
  const testudo_i_delay delay = testudo_i_goal_delay(&search->goal);
  TESTUDO_I_TRY(testudo_i_cluster_init(&search->cluster, search->design, &delay, false, error));
  TESTUDO_I_TRY(testudo_i_tables_make(&search->tables, &search->cluster, applies, error));
  if (!*applies)
    snprintf(why, 160, "the workers do not form groups that hold the same chunks, at most %d each",
             TESTUDO_I_LIMIT_TABLE_LOAD);
  else if (search->tables.most_states > TESTUDO_I_LIMIT_TABLE_STATES) {
    *applies = false;
    snprintf(why, 160, "a group has %lld states; the limit of the search by the exact law is %d",
             (long long)search->tables.most_states, TESTUDO_I_LIMIT_TABLE_STATES);
  }
  for (int32_t t = 0; *applies && exhaustive && t < search->tables.tables; t++)
    *applies = can_list(&search->tables.table[t], why);
  return TESTUDO_OK;
}

static void clear_groups(group_search *search)
{
  testudo_i_arena_clear(&search->arena);
  free(search->listed);
  testudo_i_quadrature_free(&search->rule);
  testudo_i_tables_free(&search->tables);
  testudo_i_cluster_free(&search->cluster);
}

testudo_status testudo_i_groups_apply(const testudo_i_goal *goal, const testudo_design *design, bool exhaustive,
                                      bool *applies, char *why, testudo_error *error)
{
  TESTUDO_I_HELD(clear_groups) group_search search = {.goal = *goal, .design = design};
  return open_tables(&search, exhaustive, applies, why, error);
}

/* ---- the designs of tables ---- */

static testudo_status make_design(const group_search *search, testudo_i_found *made, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_TRY(testudo_design_orders(search->design, &orders, error));
  testudo_i_tables_apply(&search->tables, &orders);
  TESTUDO_I_TRY(testudo_design_reorder(search->design, &orders, &made->design, error));
  return testudo_i_goal_measure(&search->goal, made->design, &made->measure, error);
}

/* ---- all tables, or all Latin ones ---- */

static bool list_visit(void *context, const int8_t *place)
{
  group_search *search = context;
  const testudo_i_table *table = &search->tables.table[search->open];
  size_t cells = (size_t)table->size * (size_t)table->load;
  size_t wanted = ((size_t)search->listed_count + 1) * cells;
  if (TESTUDO_I_GROW(search->listed, search->listed_room, wanted, NULL) != TESTUDO_OK) {
    search->no_memory = true;
    return false;
  }
  int32_t *order = search->listed + (size_t)search->listed_count++ * cells;
  for (int32_t a = 0; a < table->size; a++)
    for (int32_t b = 0; b < table->load; b++)
      order[a * table->load + place[a * table->load + b]] = b;
  return true;
}

/* Of every class the form that comes first. */
static bool list_latin(void *context, const int8_t *place)
{
  const group_search *search = context;
  const testudo_i_table *table = &search->tables.table[search->open];
  int8_t first[TESTUDO_I_LIMIT_SHARED_LOAD * TESTUDO_I_LIMIT_SHARED_LOAD];
  testudo_i_latin_canonical(table->size, table->load, place, first);
  return memcmp(first, place, (size_t)table->size * (size_t)table->load) != 0 || list_visit(context, place);
}

static testudo_status evaluate_listed(void *context, int32_t thread, int64_t number)
{
  group_search *search = context;
  const testudo_i_table *table = &search->tables.table[search->open];
  search->value[number] = testudo_i_tables_value(
      &search->tables, search->listed + (size_t)number * (size_t)table->size * (size_t)table->load, NULL,
      search->room[thread]);
  return TESTUDO_OK;
}

/* The best of all lists, put into the table. */
static testudo_status try_all_tables(group_search *search, int64_t *tries, testudo_error *error)
{
  testudo_i_table *table = &search->tables.table[search->open];
  size_t cells = (size_t)table->size * (size_t)table->load;
  search->listed_count = 0;
  if (can_list_all(table))
    testudo_i_table_visit(table->size, table->load, list_visit, search);
  else
    testudo_i_latin_visit(table->size, table->load, TESTUDO_I_LIMIT_TABLES_LISTED, list_latin, search);
  search->value = testudo_i_arena_alloc(&search->arena, (size_t)search->listed_count, sizeof *search->value);
  if (search->no_memory || search->value == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_i_parallel_for(search->listed_count, search->threads, evaluate_listed, search,
                                                 &search->watch.plain);
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "the search was interrupted");
  *tries += search->listed_count;
  int64_t best = 0;
  for (int64_t k = 1; k < search->listed_count; k++)
    if (search->value[k] < search->value[best] - SAME * fabs(search->value[best]))
      best = k;
  memcpy(table->order, search->listed + (size_t)best * cells, cells * sizeof *table->order);
  return TESTUDO_OK;
}

/* ---- annealing ---- */

static testudo_status anneal_one(void *context, testudo_i_try *one)
{
  const group_search *search = context;
  return testudo_i_anneal_table(&search->tables, one, search->room[one->thread]);
}

static testudo_status try_annealing(group_search *search, int64_t *tries, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_table *table = &search->tables.table[search->open];
  testudo_i_ends ends;
  testudo_i_restarts restarts = {.options = search->options, .tries = search->tries,
                                 .stream = TESTUDO_I_STREAM_TABLES + search->open, .run = anneal_one,
                                 .context = search, .keep = 1, .target = -HUGE_VAL, .to = 1, .best = NAN, .bound = NAN};
  restarts.size = (size_t)table->size * (size_t)table->load * sizeof *table->order;
  TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &arena, &ends, error));
  *tries += ends.tries;
  if (ends.count > 0 &&
      ends.best[0].value < testudo_i_tables_value(&search->tables, table->order, NULL, search->room[0]))
    memcpy(table->order, ends.best[0].found, restarts.size);
  search->watch.stopped = ends.stopped;
  return ends.stopped ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "the search was interrupted") : TESTUDO_OK;
}

/* ---- the search ---- */

/* One pass over the tables in turn, by the rule of a design. */
static testudo_status pass_tables(group_search *search, const testudo_design *reference, bool exhaustive,
                                  testudo_i_found *next, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_quadrature_of_design(&search->rule, &search->goal, reference, !exhaustive, error));
  TESTUDO_I_TRY(testudo_i_tables_rule(&search->tables, &search->rule, error));
  if (search->rule.count == 0)
    return TESTUDO_OK;
  testudo_status status = TESTUDO_OK;
  int rounds = search->tables.tables > 1 ? ROUNDS : 1;
  for (int32_t turn = 0; status == TESTUDO_OK && turn < rounds * search->tables.tables; turn++) {
    search->open = turn % search->tables.tables;
    testudo_i_tables_open(&search->tables, search->open, search->room[0]);
    status = exhaustive ? try_all_tables(search, &next->tries, error) : try_annealing(search, &next->tries, error);
  }
  bool stopped = status == TESTUDO_INTERRUPTED && search->watch.stopped;
  if (status != TESTUDO_OK && !(stopped && !exhaustive))
    return status;
  search->goal.monitor = NULL; /* one exact law more: what was found is reported */
  testudo_status made = make_design(search, next, error);
  search->goal.monitor = &search->watch.plain;
  return made == TESTUDO_OK ? status : made;
}

/* The rotated tables' design; the tables stay as they are. */
static testudo_status make_rotated(group_search *search, testudo_i_found *found, testudo_error *error)
{
  testudo_i_tables *tables = &search->tables;
  int32_t **kept = testudo_i_arena_alloc(&search->arena, (size_t)tables->tables, sizeof *kept);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  for (int32_t t = 0; t < tables->tables; t++) {
    testudo_i_table *table = &tables->table[t];
    int64_t cells = (int64_t)table->size * table->load;
    int32_t *rotated = testudo_i_arena_alloc(&search->arena, (size_t)cells, sizeof *rotated);
    TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
    for (int64_t k = 0; k < cells; k++)
      rotated[k] = (int32_t)((k / table->load + k) % table->load);
    kept[t] = table->order;
    table->order = rotated;
  }
  testudo_status status = make_design(search, found, error);
  for (int32_t t = 0; t < tables->tables; t++)
    tables->table[t].order = kept[t];
  return status;
}

/* What the first rule is made from: the tables as they are, or the rotated ones, whose law is like that of good ones.
   */
static testudo_status make_reference(group_search *search, testudo_i_found *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_found_clear) testudo_i_found rotated = {.design = NULL};
  TESTUDO_I_TRY(make_design(search, found, error));
  TESTUDO_I_TRY(make_rotated(search, &rotated, error));
  testudo_i_found_keep(found, &rotated, rotated.measure.value < found->measure.value);
  return TESTUDO_OK;
}

/* As in shared.c: of a quantile, passes until nothing is better at the best one's own quantile. The tables given may
   not be Latin: they do not count among all that are. */
static testudo_status pass_until_settled(group_search *search, bool exhaustive, testudo_i_found *found,
                                         testudo_error *error)
{
  bool settled = false, outside = exhaustive;
  testudo_status status = make_reference(search, found, error);
  while (status == TESTUDO_OK && !settled) {
    testudo_i_found next = {.design = NULL, .tries = found->tries};
    status = pass_tables(search, found->design, exhaustive, &next, error);
    found->tries = next.tries;
    bool better = next.design != NULL && (outside || next.measure.value < found->measure.value);
    settled = search->goal.objective.kind != TESTUDO_OBJECTIVE_QUANTILE || next.design == NULL ||
              (!outside && !(next.measure.value < found->measure.value * (1 - 1e-12)));
    outside = outside && next.design == NULL;
    testudo_i_found_keep(found, &next, better);
  }
  return status;
}

static testudo_status prepare_search(group_search *search, testudo_error *error)
{
  testudo_i_arena *arena = &search->arena;
  search->threads = search->options->threads > 0 ? search->options->threads : testudo_i_cores();
  search->tries = search->options->tries > 0 ? search->options->tries : TRIES;
  search->room = testudo_i_arena_alloc(arena, (size_t)search->threads, sizeof *search->room);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t k = 0; k < search->threads; k++)
    search->room[k] = testudo_i_arena_alloc(arena, testudo_i_tables_room(&search->tables), sizeof(double));
  return testudo_i_arena_check(arena, error);
}

static void say_range(const group_search *search, testudo_i_found *found)
{
  const testudo_i_table *table = search->tables.table;
  if (!found->complete) {
    snprintf(found->range, sizeof found->range, "tables of %d kinds of groups", (int)search->tables.tables);
    return;
  }
  const char *what = can_list_all(table) ? "tables" : table->size == table->load ? "Latin squares" : "Latin rectangles";
  snprintf(found->range, sizeof found->range, "%lld %s of %d x %d, the same in all groups",
           (long long)search->listed_count, what, (int)table->size, (int)table->load);
}

testudo_status testudo_i_groups_search(const testudo_i_goal *goal, const testudo_design *design, bool exhaustive,
                                       const testudo_search_options *options, testudo_i_found *found,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(clear_groups) group_search search = {.goal = *goal, .design = design, .options = options};
  char why[160];
  bool applies;
  *found = (testudo_i_found){.design = NULL};
  testudo_i_search_watch_start(&search.watch, options->monitor, 0.0, 1.0, NAN, NAN);
  search.goal.monitor = &search.watch.plain;
  search.goal.max_states = INT64_MAX;
  TESTUDO_I_TRY(open_tables(&search, exhaustive, &applies, why, error));
  if (!applies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s", why);
  TESTUDO_I_TRY(prepare_search(&search, error));
  testudo_status status = pass_until_settled(&search, exhaustive, found, error);
  found->complete = status == TESTUDO_OK && exhaustive && search.tables.tables == 1;
  const testudo_i_table *table = search.tables.table;
  found->all = found->complete && table->count == 1 && can_list_all(table);
  say_range(&search, found);
  return status == TESTUDO_INTERRUPTED && search.watch.stopped ? TESTUDO_OK : status;
}
