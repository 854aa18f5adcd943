/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A placement with all its overlaps, kept up to date by moves. */
#include "optimize/placement/overlaps.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"

static testudo_status check_size(const testudo_placement_limits *limits, testudo_error *error)
{
  int64_t places = (int64_t)limits->workers * limits->chunks;
  if (limits->workers > TESTUDO_I_LIMIT_OVERLAP_WORKERS || places > TESTUDO_I_LIMIT_PLACES)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%d workers and %d chunks, but overlaps are searched up to %d workers and %lld places",
                          (int)limits->workers, (int)limits->chunks, TESTUDO_I_LIMIT_OVERLAP_WORKERS,
                          (long long)TESTUDO_I_LIMIT_PLACES);
  return TESTUDO_OK;
}

testudo_status testudo_i_overlaps_make(const testudo_placement_limits *limits, const unsigned char *forbidden,
                                       testudo_i_arena *arena, testudo_i_overlaps *o, testudo_error *error)
{
  *o = (testudo_i_overlaps){.limits = limits, .forbidden = forbidden};
  TESTUDO_I_TRY(check_size(limits, error));
  size_t workers = (size_t)limits->workers, chunks = (size_t)limits->chunks, places = workers * chunks;
  o->held_row = testudo_i_arena_calloc(arena, workers + 1, sizeof *o->held_row);
  o->holder_row = testudo_i_arena_calloc(arena, chunks + 1, sizeof *o->holder_row);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t j = 0; j < workers; j++)
    o->held_row[j + 1] = o->held_row[j] + limits->most[j];
  for (size_t i = 0; i < chunks; i++)
    o->holder_row[i + 1] = o->holder_row[i] + limits->replication[i];
  o->held = testudo_i_arena_alloc(arena, (size_t)o->held_row[workers], sizeof *o->held);
  o->holder = testudo_i_arena_alloc(arena, (size_t)o->holder_row[chunks], sizeof *o->holder);
  o->load = testudo_i_arena_alloc(arena, workers, sizeof *o->load);
  o->copies = testudo_i_arena_alloc(arena, chunks, sizeof *o->copies);
  o->slot = testudo_i_arena_alloc(arena, places, sizeof *o->slot);
  o->shared = testudo_i_arena_alloc(arena, workers * workers, sizeof *o->shared);
  o->place_of_pair = testudo_i_arena_alloc(arena, workers * workers, sizeof *o->place_of_pair);
  o->pair = testudo_i_arena_alloc(arena, workers * (workers - 1) / 2, sizeof *o->pair);
  if (limits->domain != NULL)
    o->of_domain = testudo_i_arena_alloc(arena, places, sizeof *o->of_domain);
  return testudo_i_arena_check(arena, error);
}

/* ---- pairs above the aim ---- */

static void enter(testudo_i_overlaps *o, int32_t id)
{
  o->place_of_pair[id] = o->pairs;
  o->pair[o->pairs++] = id;
}

static void leave(testudo_i_overlaps *o, int32_t id)
{
  int32_t place = o->place_of_pair[id], last = o->pair[--o->pairs];
  o->pair[place] = last;
  o->place_of_pair[last] = place;
  o->place_of_pair[id] = -1;
}

static void bump(testudo_i_overlaps *o, int32_t j, int32_t k, int32_t change)
{
  int32_t workers = o->limits->workers;
  int32_t now = o->shared[j * workers + k] += change;
  o->shared[k * workers + j] = now;
  int32_t above = now - (change > 0);
  if (above < o->aim)
    return;
  /* One of the two values lies above the aim. */
  o->excess += change;
  int32_t id = j < k ? j * workers + k : k * workers + j;
  if (change > 0 && now == o->aim + 1)
    enter(o, id);
  else if (change < 0 && now == o->aim)
    leave(o, id);
}

static int32_t *domain_count(const testudo_i_overlaps *o, int32_t worker, int32_t chunk)
{
  return &o->of_domain[(int64_t)chunk * o->limits->workers + o->limits->domain[worker]];
}

static void drop(testudo_i_overlaps *o, int32_t worker, int32_t chunk)
{
  int32_t *holder = o->holder + o->holder_row[chunk], *held = o->held + o->held_row[worker];
  int32_t *slot = o->slot + (int64_t)worker * o->limits->chunks;
  int32_t copies = --o->copies[chunk], h = 0;
  while (holder[h] != worker)
    h++;
  holder[h] = holder[copies];
  for (h = 0; h < copies; h++)
    bump(o, worker, holder[h], -1);
  int32_t last = held[--o->load[worker]];
  held[slot[chunk]] = last;
  slot[last] = slot[chunk];
  slot[chunk] = -1;
  if (o->of_domain != NULL)
    (*domain_count(o, worker, chunk))--;
}

static void take(testudo_i_overlaps *o, int32_t worker, int32_t chunk)
{
  int32_t *holder = o->holder + o->holder_row[chunk];
  for (int32_t h = 0; h < o->copies[chunk]; h++)
    bump(o, worker, holder[h], 1);
  holder[o->copies[chunk]++] = worker;
  int32_t slot = o->load[worker]++;
  o->slot[(int64_t)worker * o->limits->chunks + chunk] = slot;
  o->held[o->held_row[worker] + slot] = chunk;
  if (o->of_domain != NULL)
    (*domain_count(o, worker, chunk))++;
}

/* Takes chunk from worker to the worker `to`, and `back` (-1: nothing) from there to worker. */
static void move_copy(testudo_i_overlaps *o, int32_t worker, int32_t chunk, int32_t to, int32_t back)
{
  drop(o, worker, chunk);
  if (back >= 0)
    drop(o, to, back);
  take(o, to, chunk);
  if (back >= 0)
    take(o, worker, back);
}

/* May `worker` take `chunk` once `from` has given it away? */
static bool may_take(const testudo_i_overlaps *o, int32_t worker, int32_t chunk, int32_t from)
{
  const testudo_placement_limits *limits = o->limits;
  int64_t place = (int64_t)worker * limits->chunks + chunk;
  if (o->slot[place] >= 0 || (o->forbidden != NULL && o->forbidden[place] != 0))
    return false;
  return o->of_domain == NULL || *domain_count(o, worker, chunk) == (limits->domain[worker] == limits->domain[from]);
}

/* ---- from and to assignments ---- */

void testudo_i_overlaps_aim(testudo_i_overlaps *o, int32_t aim)
{
  int32_t workers = o->limits->workers;
  o->aim = aim;
  o->excess = 0;
  o->pairs = 0;
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = j + 1; k < workers; k++) {
      int32_t id = j * workers + k;
      o->place_of_pair[id] = -1;
      if (o->shared[id] > aim) {
        o->excess += o->shared[id] - aim;
        enter(o, id);
      }
    }
}

void testudo_i_overlaps_set(testudo_i_overlaps *o, const testudo_assignment *placement)
{
  size_t workers = (size_t)o->limits->workers, chunks = (size_t)o->limits->chunks;
  memset(o->shared, 0, workers * workers * sizeof *o->shared);
  memset(o->load, 0, workers * sizeof *o->load);
  memset(o->copies, 0, chunks * sizeof *o->copies);
  if (o->of_domain != NULL)
    memset(o->of_domain, 0, workers * chunks * sizeof *o->of_domain);
  for (size_t k = 0; k < workers * chunks; k++)
    o->slot[k] = -1;
  int32_t aim = o->aim;
  o->aim = INT32_MAX;
  for (int32_t j = 0; j < placement->workers; j++)
    for (int64_t e = placement->row[j]; e < placement->row[j + 1]; e++)
      take(o, j, placement->chunk[e]);
  testudo_i_overlaps_aim(o, aim);
}

void testudo_i_overlaps_get(const testudo_i_overlaps *o, testudo_assignment *placement)
{
  int64_t entries = placement->row[0] = 0;
  for (int32_t j = 0; j < o->limits->workers; j++) {
    for (int32_t i = 0; i < o->limits->chunks; i++)
      if (o->slot[(int64_t)j * o->limits->chunks + i] >= 0)
        placement->chunk[entries++] = i;
    placement->row[j + 1] = entries;
  }
}

/* ---- annealing ---- */

/* The moves of annealing the chunks that pairs of workers share beyond an aim. A move begins at such a pair: one of
   the two gives a chunk that they share to a third worker, for one of its own or, where the loads allow it, for
   nothing. Every move costs a few times the replication. */

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
    if (may_take(o, worker, back, to))
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
    if (*to == worker || o->limits->most[*to] == 0 || !may_take(o, *to, chunk, worker))
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
  move_copy(o, m->worker, m->chunk, m->to, m->back);
  return (double)o->excess;
}

/* What came back goes first, for the loads may be full. */
static void undo_move(void *problem)
{
  mover *m = problem;
  if (m->back >= 0)
    move_copy(m->overlaps, m->worker, m->back, m->to, m->chunk);
  else
    move_copy(m->overlaps, m->to, m->chunk, m->worker, -1);
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
      move_copy(o, worker, chunk, to, back);
  }
}
