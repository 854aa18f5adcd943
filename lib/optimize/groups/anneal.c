/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealing of one table by the exact law, then a descent over all exchanges of two places. */
#include "optimize/groups/anneal.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/order.h"
#include "base/random.h"

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

/* Takes every exchange that is better until there is none. */
static void descend(const testudo_i_tables *tables, const testudo_i_table *table, testudo_i_table_stop *stop,
                    testudo_i_annealed *at, double *room)
{
  bool moved = true;
  while (moved) {
    moved = false;
    for (int32_t a = 0; a < table->size; a++)
      for (int32_t p = 0; p < table->load; p++)
        for (int32_t r = p + 1; r < table->load; r++) {
          int32_t *row = at->order + (int64_t)a * table->load;
          testudo_i_swap(&row[p], &row[r]);
          double value = testudo_i_tables_value(tables, at->order, stop, room);
          at->moves++;
          if (value < at->value - 1e-12 * fabs(at->value)) {
            at->value = value;
            moved = true;
          } else
            testudo_i_swap(&row[p], &row[r]);
          if (isnan(value))
            return;
        }
  }
}

static void cool(const testudo_i_tables *tables, const testudo_i_table *table, testudo_i_random *random,
                 testudo_i_table_stop *stop, testudo_i_annealed *at, double *room)
{
  double cost = testudo_i_tables_cost(tables, tables->open), moves = TESTUDO_I_LIMIT_TABLE_WORK / cost;
  moves = fmin(fmax(moves, LEAST_MOVES), TESTUDO_I_LIMIT_TABLE_MOVES);
  double heat = HOT * fabs(at->value), slower = pow(COLD / HOT, 1 / moves);
  for (int64_t k = 0; k < (int64_t)moves; k++, heat *= slower) {
    int32_t *row = at->order + (int64_t)testudo_i_random_below(random, (uint64_t)table->size) * table->load;
    int32_t p = (int32_t)testudo_i_random_below(random, (uint64_t)table->load);
    int32_t r = (p + 1 + (int32_t)testudo_i_random_below(random, (uint64_t)table->load - 1)) % table->load;
    testudo_i_swap(&row[p], &row[r]);
    double value = testudo_i_tables_value(tables, at->order, stop, room);
    at->moves++;
    if (value <= at->value - heat * log(testudo_i_random_uniform(random)))
      at->value = value;
    else
      testudo_i_swap(&row[p], &row[r]);
    if (isnan(value))
      return;
  }
}

void testudo_i_anneal_table(const testudo_i_tables *tables, uint64_t seed, int64_t number, testudo_i_table_stop *stop,
                            testudo_i_annealed *result, double *room)
{
  const testudo_i_table *table = &tables->table[tables->open];
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, (uint64_t)tables->open, (uint64_t)number);
  start_table(table, number, &random, result->order);
  result->moves = 0;
  result->value = testudo_i_tables_value(tables, result->order, stop, room);
  if (table->load > 1 && !isnan(result->value)) {
    /* The three given squares are only improved, not melted. */
    if (number > 2)
      cool(tables, table, &random, stop, result, room);
    descend(tables, table, stop, result, room);
  }
}
