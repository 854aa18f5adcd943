/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated annealing (S. Kirkpatrick, C. Gelatt, M. Vecchi, 1983) on the chunks that pairs of workers share beyond an
   aim. A move begins at such a pair: one of the two gives a chunk that they share to a third worker, for one of its own
   or, where the loads allow it, for nothing. Every move costs a few times the replication. */
#include "optimize/placement/overlaps.h"

#include <math.h>

#include "base/order.h"

/* How often a worker or chunk that fits is looked for before the move is given up. */
enum { LOOKS = 8 };

/* Temperatures in chunks: the first takes a move that shares two chunks more now and then, the last hardly one. */
static const double HOT = 0.8, COLD = 0.12;

static int32_t draw_below(testudo_i_anneal *anneal, int32_t bound)
{
  return (int32_t)testudo_i_random_below(&anneal->random, (uint64_t)bound);
}

/* A chunk that both hold; there is one. */
static int32_t shared_chunk(const testudo_i_overlaps *o, testudo_i_anneal *anneal, int32_t worker, int32_t other)
{
  const int32_t *held = o->held + o->held_row[worker];
  int32_t load = o->load[worker], k = draw_below(anneal, load);
  while (o->slot[(int64_t)other * o->limits->chunks + held[k]] < 0)
    k = k + 1 < load ? k + 1 : 0;
  return held[k];
}

/* What comes back from `to`: a chunk, -1 for nothing, -2 where nothing fits. */
static int32_t find_back(const testudo_i_overlaps *o, testudo_i_anneal *anneal, int32_t worker, int32_t to)
{
  const testudo_placement_limits *limits = o->limits;
  bool free_move = o->load[worker] > limits->least[worker] && o->load[to] < limits->most[to];
  if (free_move && (o->load[to] == 0 || draw_below(anneal, 2) == 0))
    return -1;
  for (int32_t look = 0; look < LOOKS && o->load[to] > 0; look++) {
    int32_t back = o->held[o->held_row[to] + draw_below(anneal, o->load[to])];
    if (testudo_i_overlaps_allow(o, worker, back, to))
      return back;
  }
  return -2;
}

/* Finds a receiver and what comes back; false where none fits. */
static bool find_receiver(const testudo_i_overlaps *o, testudo_i_anneal *anneal, int32_t worker, int32_t chunk,
                          int32_t *to, int32_t *back)
{
  for (int32_t look = 0; look < LOOKS; look++) {
    *to = draw_below(anneal, o->limits->workers);
    if (*to == worker || o->limits->most[*to] == 0 || !testudo_i_overlaps_allow(o, *to, chunk, worker))
      continue;
    *back = find_back(o, anneal, worker, *to);
    if (*back >= -1)
      return true;
  }
  return false;
}

static void propose_move(testudo_i_overlaps *o, testudo_i_anneal *anneal, double temperature)
{
  int32_t workers = o->limits->workers, id = o->pair[draw_below(anneal, o->pairs)];
  int32_t worker = id / workers, other = id % workers, to, back;
  if (draw_below(anneal, 2) == 0)
    testudo_i_swap(&worker, &other);
  int32_t chunk = shared_chunk(o, anneal, worker, other);
  if (!find_receiver(o, anneal, worker, chunk, &to, &back))
    return;
  int64_t before = o->excess;
  testudo_i_overlaps_move(o, worker, chunk, to, back);
  int64_t rise = o->excess - before;
  if (rise <= 0 || testudo_i_random_uniform(&anneal->random) < exp(-(double)rise / temperature))
    return;
  /* Back again; what came back goes first, for the loads may be full. */
  if (back >= 0)
    testudo_i_overlaps_move(o, worker, back, to, chunk);
  else
    testudo_i_overlaps_move(o, to, chunk, worker, -1);
}

void testudo_i_overlaps_anneal(testudo_i_overlaps *o, testudo_i_anneal *anneal, int64_t count)
{
  double temperature = HOT;
  for (int64_t k = 0; k < count && anneal->moves < anneal->budget && o->excess > 0; k++, anneal->moves++) {
    if (k % 1024 == 0)
      temperature = HOT * pow(COLD / HOT, (double)anneal->moves / (double)anneal->budget);
    propose_move(o, anneal, temperature);
  }
}

void testudo_i_anneal_shake(testudo_i_overlaps *o, testudo_i_anneal *anneal, int64_t count)
{
  for (int64_t k = 0; k < count; k++) {
    int32_t worker = draw_below(anneal, o->limits->workers), to, back;
    if (o->load[worker] == 0)
      continue;
    int32_t chunk = o->held[o->held_row[worker] + draw_below(anneal, o->load[worker])];
    if (find_receiver(o, anneal, worker, chunk, &to, &back))
      testudo_i_overlaps_move(o, worker, chunk, to, back);
  }
}
