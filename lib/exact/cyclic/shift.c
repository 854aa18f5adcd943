/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the order that all workers share, and the numbering of chunks in which it spans least. */
#include "exact/cyclic/shift.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "runtime/vector/circle.h"

typedef struct rows {
  int32_t workers, chunks;
  const int64_t *row;
  const int32_t *order;
} rows;

/* Places of workers and chunks: those of worker j and chunk order[j][k] are to be step[k] apart. */
typedef struct places {
  int32_t size, load;
  const int32_t *order;   /* load chunks per worker */
  int32_t *worker, *step;
  int32_t *starter;       /* of each chunk: the worker that begins with it, which has its place */
  int32_t *along, *trial; /* ways round, as worker -> worker */
} places;

static bool is_square(const rows *of)
{
  int64_t load = of->row[1] - of->row[0];
  if (of->chunks != of->workers || load < 1)
    return false;
  for (int32_t j = 1; j < of->workers; j++)
    if (of->row[j + 1] - of->row[j] != load)
      return false;
  return true;
}

/* The worker that begins with another's k-th chunk: always the same step further on, where orders are shared. */
static int32_t turn(const places *p, int32_t worker, int32_t k)
{
  return p->starter[p->order[(int64_t)worker * p->load + k]];
}

/* False where two workers begin with the same chunk. */
static bool find_starters(places *p)
{
  memset(p->starter, -1, (size_t)p->size * sizeof *p->starter);
  for (int32_t j = 0; j < p->size; j++) {
    int32_t *starter = &p->starter[p->order[(int64_t)j * p->load]];
    if (*starter >= 0)
      return false;
    *starter = j;
  }
  return true;
}

/* The steps of worker 0: are they those of all? */
static bool take_steps(places *p)
{
  for (int32_t k = 0; k < p->load; k++)
    p->step[k] = (p->worker[turn(p, 0, k)] - p->worker[0] + p->size) % p->size;
  for (int32_t j = 0; j < p->size; j++)
    for (int32_t k = 1; k < p->load; k++)
      if ((int32_t)(((int64_t)p->worker[j] + p->step[k]) % p->size) != p->worker[turn(p, j, k)])
        return false;
  return true;
}

/* First chunks, by their numbers. */
static bool place_by_numbers(places *p)
{
  for (int32_t j = 0; j < p->size; j++)
    p->worker[j] = p->order[(int64_t)j * p->load];
  return take_steps(p);
}

/* Steps may be taken in any sequence; asked of some workers only, for others would hardly pass. */
static bool turns_commute(const places *p)
{
  enum { ASKED = 8 };
  for (int32_t j = 0; j < p->size && j < ASKED; j++)
    for (int32_t k = 2; k < p->load; k++)
      if (turn(p, turn(p, j, 1), k) != turn(p, turn(p, j, k), 1))
        return false;
  return true;
}

/* The way of k-th chunks, as p->trial; false where it brings two workers to the same. */
static bool take_way(places *p, int32_t k)
{
  memset(p->worker, 0, (size_t)p->size * sizeof *p->worker);
  for (int32_t j = 0; j < p->size; j++) {
    p->trial[j] = turn(p, j, k);
    if (p->worker[p->trial[j]]++ > 0)
      return false;
  }
  return true;
}

/* How many workers a way from worker 0 meets until it is back. */
static int32_t way_length(const int32_t *way)
{
  int32_t length = 1;
  for (int32_t j = way[0]; j != 0; j = way[j])
    length++;
  return length;
}

/* A way whose step has no factor in common with N meets all workers. Two that have are put together: one of their sums,
   the first taken some times, then the second, has a step whose factors they have in common; it meets most. */
static void add_way(places *p, int32_t *length)
{
  int32_t sums = *length == 1 ? 1 : TESTUDO_I_LIMIT_SHIFT_SUMS, *longest = p->worker, most = *length;
  for (int32_t x = 0; x < sums && most < p->size; x++) {
    int32_t found = way_length(p->trial);
    if (found > most) {
      most = found;
      memcpy(longest, p->trial, (size_t)p->size * sizeof *longest);
    }
    for (int32_t j = 0; j < p->size; j++)
      p->trial[j] = p->along[p->trial[j]];
  }
  if (most > *length)
    memcpy(p->along, longest, (size_t)p->size * sizeof *longest);
  *length = most;
}

/* Turns along one way that meets all workers. */
static bool place_by_turns(places *p)
{
  int32_t length = 1;
  for (int32_t j = 0; j < p->size; j++)
    p->along[j] = j;
  for (int32_t k = 1; k < p->load && length < p->size; k++) {
    if (!take_way(p, k))
      return false;
    add_way(p, &length);
  }
  if (length < p->size)
    return false;
  for (int32_t turns = 0, j = 0; turns < p->size; turns++, j = p->along[j])
    p->worker[j] = turns;
  return take_steps(p);
}

/* The steps from the first chunk, multiplied, in the turn in which they span least: after the widest gap. */
typedef struct numbering {
  int32_t multiple, turn, span;
  bool natural;
} numbering;

static void multiply_steps(const int32_t *step, int32_t load, int32_t chunks, int32_t multiple, int32_t *offset)
{
  for (int32_t k = 0; k < load; k++)
    offset[k] = (int32_t)((int64_t)step[k] * multiple % chunks);
}

static numbering turn_least(int32_t *offset, int32_t *sorted, int32_t load, int32_t chunks, int32_t multiple)
{
  memcpy(sorted, offset, (size_t)load * sizeof *sorted);
  qsort(sorted, (size_t)load, sizeof *sorted, testudo_i_ascending_int32);
  int32_t widest = 0, start = 0;
  for (int32_t k = 0; k < load; k++) {
    int32_t gap = k == 0 ? sorted[0] + chunks - sorted[load - 1] : sorted[k] - sorted[k - 1];
    if (gap > widest) {
      widest = gap;
      start = sorted[k];
    }
  }
  numbering found = {multiple, start, chunks - widest, true};
  for (int32_t k = 0; k < load; k++) {
    offset[k] = (offset[k] - start + chunks) % chunks;
    found.natural = found.natural && offset[k] == k;
  }
  return found;
}

static int32_t common_factor(int32_t a, int32_t b)
{
  while (b != 0) {
    int32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static bool better(const numbering *a, const numbering *b)
{
  return a->natural != b->natural ? a->natural : a->span < b->span;
}

static void choose_numbering(testudo_i_shift *shift, const int32_t *step, int32_t *sorted, int32_t load,
                             int32_t chunks, bool set_only, numbering *best)
{
  for (int32_t u = 1; u < chunks || u == 1; u++) {
    if (chunks > TESTUDO_I_LIMIT_SHIFT_MULTIPLIED && u == 2)
      u = chunks - 1;
    if (common_factor(u, chunks) != 1)
      continue;
    multiply_steps(step, load, chunks, u, shift->offset);
    if (set_only)
      qsort(shift->offset, (size_t)load, sizeof *shift->offset, testudo_i_ascending_int32);
    numbering tried = turn_least(shift->offset, sorted, load, chunks, u);
    if (set_only)
      tried.natural = tried.span == load - 1;
    if (u == 1 || better(&tried, best))
      *best = tried;
    if (best->natural)
      break;
  }
  multiply_steps(step, load, chunks, best->multiple, shift->offset);
  for (int32_t k = 0; k < load; k++)
    shift->offset[k] = (shift->offset[k] - best->turn + chunks) % chunks;
  if (set_only)
    qsort(shift->offset, (size_t)load, sizeof *shift->offset, testudo_i_ascending_int32);
  shift->span = best->span;
  shift->natural = best->natural;
}

/* Of sets alone, an arc for every worker. */
static testudo_status shift_by_circle(const rows *of, testudo_i_shift *shift, bool *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  TESTUDO_I_TRY(testudo_i_circle_find(of->workers, of->chunks, of->row, of->order, &circle, error));
  *found = circle.size > 0;
  if (!*found)
    return TESTUDO_OK;
  memcpy(shift->position, circle.worker, (size_t)circle.size * sizeof *shift->position);
  for (int32_t k = 0; k < circle.load; k++)
    shift->offset[k] = k;
  shift->span = circle.load - 1;
  shift->natural = true;
  return TESTUDO_OK;
}

static testudo_status shift_by_orders(const rows *of, bool set_only, testudo_i_shift *shift, bool *found,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  size_t size = (size_t)of->workers, load = (size_t)(of->row[1] - of->row[0]);
  places p = {.size = of->workers, .load = (int32_t)load, .order = of->order, .worker = shift->position};
  p.step = testudo_i_arena_alloc(&scratch, load, sizeof *p.step);
  p.starter = testudo_i_arena_alloc(&scratch, size, sizeof *p.starter);
  int32_t *sorted = testudo_i_arena_alloc(&scratch, load, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  bool started = find_starters(&p);
  *found = started && place_by_numbers(&p);
  if (started && !*found && turns_commute(&p)) {
    p.along = testudo_i_arena_alloc(&scratch, size, sizeof *p.along);
    p.trial = testudo_i_arena_alloc(&scratch, size, sizeof *p.trial);
    TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
    *found = place_by_turns(&p);
  }
  if (!*found)
    return TESTUDO_OK;
  numbering best = {0, 0, 0, false};
  choose_numbering(shift, p.step, sorted, p.load, p.size, set_only, &best);
  for (int32_t j = 0; j < p.size; j++)
    shift->position[j] = (int32_t)(((int64_t)p.worker[j] * best.multiple + best.turn) % p.size);
  return TESTUDO_OK;
}

static testudo_status shift_search(const rows *of, bool set_only, testudo_i_shift *shift, bool *found,
                                   testudo_error *error)
{
  size_t size = (size_t)of->workers;
  shift->offset = testudo_i_arena_alloc(&shift->arena, size, sizeof *shift->offset);
  shift->position = testudo_i_arena_alloc(&shift->arena, size, sizeof *shift->position);
  TESTUDO_I_TRY(testudo_i_arena_check(&shift->arena, error));
  if (set_only)
    TESTUDO_I_TRY(shift_by_circle(of, shift, found, error));
  return *found ? TESTUDO_OK : shift_by_orders(of, set_only, shift, found, error);
}

testudo_status testudo_i_shift_find(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *order,
                                   bool set_only, testudo_i_shift *shift, bool *found, testudo_error *error)
{
  const rows of = {workers, chunks, row, order};
  *shift = (testudo_i_shift){.span = 0};
  *found = false;
  if (!is_square(&of))
    return TESTUDO_OK;
  testudo_status status = shift_search(&of, set_only, shift, found, error);
  if (status != TESTUDO_OK || !*found)
    testudo_i_shift_free(shift);
  return status;
}

void testudo_i_shift_free(testudo_i_shift *shift)
{
  testudo_i_arena_clear(&shift->arena);
  *shift = (testudo_i_shift){.span = 0};
}
