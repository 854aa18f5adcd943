/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealing of one table by the exact law, then a descent over all exchanges of two places. */
#include "optimize/groups/tables.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "optimize/search/anneal.h"

/* From one hundredth of the value down to a ten-millionth. */
#define HOT 1e-2
#define COLD 1e-7

/* Moves that one try makes in any case. */
#define LEAST_MOVES 100

static void start_table(const testudo_i_table *table, int64_t number, testudo_i_random *random, int32_t *order)
{
  int32_t load = table->load;
  bool power = (load & (load - 1)) == 0;
  for (int32_t a = 0; a < table->size; a++) {
    int32_t *row = order + (int64_t)a * load;
    for (int32_t p = 0; p < load; p++)
      row[p] = number == 1 ? (p + a) % load : number == 2 && power ? p ^ (a % load) : p;
    if (number > 2 || (number == 2 && !power))
      testudo_i_random_shuffle(random, row, (size_t)load);
  }
  if (number == 0)
    memcpy(order, table->order, (size_t)table->size * (size_t)load * sizeof *order);
}

/* A walk over the orders of one table, and the exchange of two places of a row that is proposed. */
typedef struct mover {
  const testudo_i_tables *tables;
  const testudo_i_table *table;
  int32_t *order, *best;
  double *room;
  testudo_i_table_stop stop;
  int32_t *one, *other;
} mover;

static size_t cells_of(const testudo_i_table *table)
{
  return (size_t)table->size * (size_t)table->load;
}

/* Takes every exchange that is better until there is none. */
static void descend(mover *m, testudo_i_try *one)
{
  const testudo_i_table *table = m->table;
  bool moved = true;
  while (moved) {
    moved = false;
    for (int32_t a = 0; a < table->size; a++)
      for (int32_t p = 0; p < table->load && !testudo_i_try_stopped(one); p++)
        for (int32_t r = p + 1; r < table->load; r++) {
          int32_t *row = m->order + (int64_t)a * table->load;
          testudo_i_swap(&row[p], &row[r]);
          double value = testudo_i_tables_value(m->tables, m->order, &m->stop, m->room);
          one->moves++;
          if (value < one->value - 1e-12 * fabs(one->value)) {
            one->value = value;
            moved = true;
          } else
            testudo_i_swap(&row[p], &row[r]);
        }
  }
}

static double propose_exchange(void *problem, testudo_i_draws *draws, double limit)
{
  mover *m = problem;
  int32_t load = m->table->load;
  int32_t *row = m->order + (int64_t)testudo_i_draw_below(draws, m->table->size) * load;
  int32_t p = testudo_i_draw_below(draws, load);
  (void)limit;
  m->one = &row[p];
  m->other = &row[(p + 1 + testudo_i_draw_below(draws, load - 1)) % load];
  testudo_i_swap(m->one, m->other);
  double value = testudo_i_tables_value(m->tables, m->order, &m->stop, m->room);
  if (isnan(value)) /* stopped */
    testudo_i_swap(m->one, m->other);
  return value;
}

static void undo_exchange(void *problem)
{
  mover *m = problem;
  testudo_i_swap(m->one, m->other);
}

static void save_order(void *problem)
{
  mover *m = problem;
  memcpy(m->best, m->order, cells_of(m->table) * sizeof *m->best);
}

/* Ends at the best order on the way. */
static void cool(mover *m, testudo_i_try *one)
{
  double cost = testudo_i_tables_cost(m->tables, m->tables->open), moves = TESTUDO_I_LIMIT_TABLE_WORK / cost;
  double heat = fabs(one->value);
  testudo_i_annealing annealing = {.problem = m, .propose = propose_exchange, .undo = undo_exchange,
                                   .save = save_order, .hot = HOT * heat, .cold = COLD * heat, .target = -HUGE_VAL,
                                   .stopped = testudo_i_try_stopped, .context = one};
  annealing.moves = (int64_t)fmin(fmax(moves, LEAST_MOVES), TESTUDO_I_LIMIT_TABLE_MOVES);
  testudo_i_draws draws = testudo_i_draws_start(&one->random);
  save_order(m);
  one->value = testudo_i_anneal_run(&annealing, one->value, &draws, &one->moves);
  memcpy(m->order, m->best, cells_of(m->table) * sizeof *m->order);
}

testudo_status testudo_i_anneal_table(const testudo_i_tables *tables, testudo_i_try *one, double *room)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  const testudo_i_table *table = &tables->table[tables->open];
  mover m = {.tables = tables, .table = table, .order = one->found, .room = room,
             .stop = {testudo_i_try_stopped, one, 0}};
  m.best = testudo_i_arena_alloc(&arena, cells_of(table), sizeof *m.best);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, one->error));
  start_table(table, one->number, &one->random, m.order);
  one->value = testudo_i_tables_value(tables, m.order, &m.stop, room);
  if (table->load > 1 && !isnan(one->value)) {
    /* The three given squares are only improved, not melted. */
    if (one->number > 2)
      cool(&m, one);
    descend(&m, one);
  }
  return TESTUDO_OK;
}
