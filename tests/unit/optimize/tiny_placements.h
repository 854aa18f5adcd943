/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random limits of placements so small that all placements can be tried, and the trying of all: by bit masks, sharing
   nothing with the library. */
#ifndef TESTUDO_TESTS_TINY_PLACEMENTS_H
#define TESTUDO_TESTS_TINY_PLACEMENTS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <testudo/placement.h>

#include "base/random.h"

enum { TINY = 5 };

typedef struct tiny {
  int32_t replication[TINY], least[TINY], most[TINY], domain[TINY];
  double table[TINY][TINY]; /* [worker][chunk] */
  testudo_place_cost cost[TINY * TINY];
  testudo_placement_limits limits;
} tiny;

typedef struct tiny_best {
  int64_t placements;
  double cost;
  int32_t overlap;
} tiny_best;

static inline int32_t tiny_below(testudo_i_random *random, int32_t bound)
{
  return (int32_t)testudo_i_random_below(random, (uint64_t)bound);
}

static inline void tiny_costs(tiny *t, testudo_i_random *random, int32_t forbidden_of_8)
{
  t->limits.costs = 0;
  for (int32_t j = 0; j < t->limits.workers; j++)
    for (int32_t i = 0; i < t->limits.chunks; i++) {
      bool forbidden = tiny_below(random, 8) < forbidden_of_8;
      t->table[j][i] = forbidden ? HUGE_VAL : tiny_below(random, 3) == 0 ? 0.0 : testudo_i_random_uniform(random) * 7.3;
      if (t->table[j][i] != 0.0)
        t->cost[t->limits.costs++] = (testudo_place_cost){j, i, t->table[j][i]};
    }
  t->limits.cost = t->cost;
}

static inline void tiny_make(tiny *t, testudo_i_random *random)
{
  memset(t, 0, sizeof *t);
  int32_t workers = 1 + tiny_below(random, TINY), chunks = 1 + tiny_below(random, TINY);
  for (int32_t i = 0; i < chunks; i++)
    t->replication[i] = 1 + tiny_below(random, workers < 3 ? workers : 3);
  for (int32_t j = 0; j < workers; j++) {
    t->most[j] = 1 + tiny_below(random, chunks);
    t->most[j] = tiny_below(random, 3) > 0 ? chunks : t->most[j];
    t->least[j] = tiny_below(random, 4) == 0 ? tiny_below(random, t->most[j] + 1) : 0;
    t->domain[j] = tiny_below(random, workers);
  }
  t->limits = (testudo_placement_limits){.workers = workers, .chunks = chunks, .replication = t->replication,
                                         .least = t->least, .most = t->most};
  if (tiny_below(random, 2) == 0)
    t->limits.domain = t->domain;
  tiny_costs(t, random, tiny_below(random, 3));
}

static inline bool tiny_column_allowed(const tiny *t, int32_t chunk, unsigned column)
{
  if (__builtin_popcount(column) != t->replication[chunk])
    return false;
  for (int32_t j = 0; j < t->limits.workers; j++)
    for (int32_t k = 0; k <= j; k++) {
      if ((column >> j & 1) == 0 || (column >> k & 1) == 0)
        continue;
      if (t->table[j][chunk] == HUGE_VAL || (j != k && t->limits.domain != NULL && t->domain[j] == t->domain[k]))
        return false;
    }
  return true;
}

static inline void tiny_judge(const tiny *t, const unsigned *column, tiny_best *best)
{
  unsigned row[TINY] = {0};
  double cost = 0.0;
  int32_t overlap = 0;
  for (int32_t i = 0; i < t->limits.chunks; i++)
    for (int32_t j = 0; j < t->limits.workers; j++)
      if ((column[i] >> j & 1) != 0) {
        row[j] |= 1u << i;
        cost += t->table[j][i];
      }
  for (int32_t j = 0; j < t->limits.workers; j++) {
    int32_t load = __builtin_popcount(row[j]);
    if (load < t->least[j] || load > t->most[j])
      return;
    for (int32_t k = 0; k < j; k++)
      overlap = __builtin_popcount(row[j] & row[k]) > overlap ? __builtin_popcount(row[j] & row[k]) : overlap;
  }
  best->cost = best->placements == 0 || cost < best->cost ? cost : best->cost;
  best->overlap = best->placements == 0 || overlap < best->overlap ? overlap : best->overlap;
  best->placements++;
}

static inline tiny_best tiny_try_all(const tiny *t)
{
  unsigned column[TINY] = {0}, end = 1u << t->limits.workers;
  tiny_best best = {0, 0.0, 0};
  int32_t chunk = 0;
  while (chunk >= 0) {
    while (column[chunk] < end && !tiny_column_allowed(t, chunk, column[chunk]))
      column[chunk]++;
    if (column[chunk] == end) {
      column[chunk] = 0;
      if (--chunk >= 0)
        column[chunk]++;
    } else if (chunk + 1 < t->limits.chunks)
      chunk++;
    else {
      tiny_judge(t, column, &best);
      column[chunk]++;
    }
  }
  return best;
}

#endif
