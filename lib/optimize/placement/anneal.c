/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves of annealing the chunks that pairs of workers share beyond an aim. A move begins at such a pair: one of
   the two gives a chunk that they share to a third worker, for one of its own or, where the loads allow it, for
   nothing. Every move costs a few times the replication. */
#include "optimize/placement/overlaps.h"

#include <math.h>

#include "base/order.h"

/* How often a worker or chunk that fits is looked for before the move is given up. */
enum { LOOKS = 8 };

/* Temperatures in chunks: the first takes a move that shares two chunks more now and then, the last hardly one. */
static const double HOT = 0.8, COLD = 0.12;

/* The move proposed, which is made already. */
typedef struct mover {
  testudo_i_overlaps *overlaps;
  int32_t worker, chunk, to, back;
} mover;

/* A chunk that both hold; there is one. */
static int32_t shared_chunk(const testudo_i_overlaps *o, testudo_i_draws *draws, int32_t worker, int32_t other)
{
  const int32_t *held = o->held + o->held_row[worker];
  int32_t load = o->load[worker], k = testudo_i_draw_below(draws, load);
  while (o->slot[(int64_t)other * o->limits->chunks + held[k]] < 0)
    k = k + 1 < load ? k + 1 : 0;
  return held[k];
}

/* What comes back from `to`: a chunk, -1 for nothing, -2 where nothing fits. */
static int32_t find_back(const testudo_i_overlaps *o, testudo_i_draws *draws, int32_t worker, int32_t to)
{
  const testudo_placement_limits *limits = o->limits;
  bool free_move = o->load[worker] > limits->least[worker] && o->load[to] < limits->most[to];
  if (free_move && (o->load[to] == 0 || testudo_i_draw_below(draws, 2) == 0))
    return -1;
  for (int32_t look = 0; look < LOOKS && o->load[to] > 0; look++) {
    int32_t back = o->held[o->held_row[to] + testudo_i_draw_below(draws, o->load[to])];
    if (testudo_i_overlaps_allow(o, worker, back, to))
      return back;
  }
  return -2;
}

/* Finds a receiver and what comes back; false where none fits. */
static bool find_receiver(const testudo_i_overlaps *o, testudo_i_draws *draws, int32_t worker, int32_t chunk,
                          int32_t *to, int32_t *back)
{
  for (int32_t look = 0; look < LOOKS; look++) {
    *to = testudo_i_draw_below(draws, o->limits->workers);
    if (*to == worker || o->limits->most[*to] == 0 || !testudo_i_overlaps_allow(o, *to, chunk, worker))
      continue;
    *back = find_back(o, draws, worker, *to);
    if (*back >= -1)
      return true;
  }
  return false;
}

static double propose_move(void *problem, testudo_i_draws *draws, double limit)
{
  mover *m = problem;
  testudo_i_overlaps *o = m->overlaps;
  int32_t workers = o->limits->workers, id = o->pair[testudo_i_draw_below(draws, o->pairs)], other = id % workers;
  (void)limit;
  m->worker = id / workers;
  if (testudo_i_draw_below(draws, 2) == 0)
    testudo_i_swap(&m->worker, &other);
  m->chunk = shared_chunk(o, draws, m->worker, other);
  if (!find_receiver(o, draws, m->worker, m->chunk, &m->to, &m->back))
    return NAN;
  testudo_i_overlaps_move(o, m->worker, m->chunk, m->to, m->back);
  return (double)o->excess;
}

/* What came back goes first, for the loads may be full. */
static void undo_move(void *problem)
{
  mover *m = problem;
  if (m->back >= 0)
    testudo_i_overlaps_move(m->overlaps, m->worker, m->back, m->to, m->chunk);
  else
    testudo_i_overlaps_move(m->overlaps, m->to, m->chunk, m->worker, -1);
}

void testudo_i_overlaps_anneal(testudo_i_overlaps *o, const testudo_i_annealing *looks, testudo_i_draws *draws,
                               int64_t *moves)
{
  mover m = {.overlaps = o};
  testudo_i_annealing annealing = {.problem = &m, .propose = propose_move, .undo = undo_move, .hot = HOT, .cold = COLD,
                                   .moves = looks->moves, .target = 0, .stopped = looks->stopped,
                                   .context = looks->context};
  testudo_i_anneal_run(&annealing, (double)o->excess, draws, moves);
}

void testudo_i_overlaps_shake(testudo_i_overlaps *o, testudo_i_draws *draws, int64_t count)
{
  for (int64_t k = 0; k < count; k++) {
    int32_t worker = testudo_i_draw_below(draws, o->limits->workers), to, back;
    if (o->load[worker] == 0)
      continue;
    int32_t chunk = o->held[o->held_row[worker] + testudo_i_draw_below(draws, o->load[worker])];
    if (find_receiver(o, draws, worker, chunk, &to, &back))
      testudo_i_overlaps_move(o, worker, chunk, to, back);
  }
}
