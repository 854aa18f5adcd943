/* SPDX-License-Identifier: BSD-3-Clause */
/* Circles: workers are placed by what they have in common with workers that are placed, arc by arc. Arcs longer than
   half the circle are looked at through their complements, which are arcs too. */
#include "runtime/vector/circle.h"

#include <string.h>

#include "base/error.h"

/* Arcs of `width` <= size / 2 chunks: worker j's are held[j width] .., chunk i's workers holder[i width] ..; `shared`
   is what one worker has in common with each, those of `met` being more than 0. */
typedef struct arcs {
  int32_t size, width;
  const int32_t *held;
  int32_t *holder;
  int32_t *shared, *before, *met;
  int32_t meetings;
  int32_t *worker, *chunk; /* places, -1: none yet */
  int32_t *at;             /* place -> worker, -1: none yet */
} arcs;

static bool circle_is_natural(int32_t size, int32_t load, const int32_t *chunk)
{
  for (int32_t j = 0; j < size; j++)
    for (int32_t k = 0; k < load; k++)
      if ((chunk[(int64_t)j * load + k] - j + size) % size >= load)
        return false;
  return true;
}

static bool circle_is_square(int32_t workers, int32_t chunks, const int64_t *row)
{
  if (workers != chunks || row[1] < 1)
    return false;
  for (int32_t j = 1; j < workers; j++)
    if (row[j + 1] - row[j] != row[1])
      return false;
  return true;
}

static void list_complements(const arcs *a, const int32_t *chunk, int32_t *held)
{
  int32_t load = a->size - a->width;
  for (int32_t j = 0; j < a->size; j++, chunk += load) {
    memset(a->shared, 0, (size_t)a->size * sizeof *a->shared);
    for (int32_t k = 0; k < load; k++)
      a->shared[chunk[k]] = 1;
    for (int32_t i = 0; i < a->size; i++)
      if (a->shared[i] == 0)
        *held++ = i;
  }
  memset(a->shared, 0, (size_t)a->size * sizeof *a->shared);
}

/* False where a chunk has more holders than another. */
static bool list_holders(arcs *a)
{
  int32_t *count = a->before;
  memset(count, 0, (size_t)a->size * sizeof *count);
  for (int32_t j = 0; j < a->size; j++)
    for (int32_t k = 0; k < a->width; k++) {
      int32_t i = a->held[(int64_t)j * a->width + k];
      if (count[i] == a->width)
        return false;
      a->holder[(int64_t)i * a->width + count[i]++] = j;
    }
  return true;
}

static void meet(arcs *a, int32_t worker)
{
  for (int32_t q = 0; q < a->meetings; q++)
    a->shared[a->met[q]] = 0;
  a->meetings = 0;
  for (int32_t k = 0; k < a->width; k++) {
    const int32_t *holder = a->holder + (int64_t)a->held[(int64_t)worker * a->width + k] * a->width;
    for (int32_t q = 0; q < a->width; q++)
      if (a->shared[holder[q]]++ == 0)
        a->met[a->meetings++] = holder[q];
  }
}

static bool place_worker(arcs *a, int32_t worker, int32_t place)
{
  if (place >= a->size || a->at[place] >= 0)
    return false;
  a->at[place] = worker;
  a->worker[worker] = place;
  return true;
}

/* Worker 0, then a neighbour of it, worker 1 if that is one. Neighbours, and no others, have all chunks but one in
   common: with 2 <= width <= size / 2, workers `apart` have max(0, width - apart). */
static bool place_two(arcs *a)
{
  int32_t neighbour = -1;
  meet(a, 0);
  for (int32_t q = 0; q < a->meetings; q++)
    if (a->shared[a->met[q]] == a->width - 1 && (neighbour < 0 || a->met[q] < neighbour))
      neighbour = a->met[q];
  memcpy(a->before, a->shared, (size_t)a->size * sizeof *a->before);
  return neighbour >= 0 && place_worker(a, 0, 0) && place_worker(a, neighbour, 1);
}

/* Those ahead of the worker at `place`: all that it meets and that are not placed; of place 1, those that it has more
   in common with than place 0 has. */
static bool place_ahead(arcs *a, int32_t place, int32_t *placed)
{
  meet(a, a->at[place]);
  for (int32_t q = 0; q < a->meetings; q++) {
    int32_t j = a->met[q];
    if (a->worker[j] >= 0 || a->shared[j] <= a->before[j])
      continue;
    if (!place_worker(a, j, place + a->width - a->shared[j]))
      return false;
    ++*placed;
  }
  return true;
}

static bool place_workers(arcs *a)
{
  int32_t placed = 2;
  if (!place_two(a))
    return false;
  for (int32_t place = 1; placed < a->size; place += a->width - 1) {
    if (place >= a->size || a->at[place] < 0 || !place_ahead(a, place, &placed))
      return false;
    if (place == 1)
      memset(a->before, 0, (size_t)a->size * sizeof *a->before);
  }
  return true;
}

/* A chunk lies where the last of its holders begins, which together must be one arc. */
static bool place_chunks(arcs *a)
{
  int32_t n = a->size, width = a->width;
  memset(a->at, -1, (size_t)n * sizeof *a->at);
  for (int32_t i = 0; i < n; i++) {
    const int32_t *holder = a->holder + (int64_t)i * width;
    int32_t base = a->worker[holder[0]], least = 0, most = 0;
    for (int32_t q = 1; q < width; q++) {
      int32_t apart = (a->worker[holder[q]] - base + n) % n;
      apart = apart < width ? apart : apart - n;
      least = apart < least ? apart : least;
      most = apart > most ? apart : most;
    }
    int32_t place = (base + most) % n;
    if (most - least != width - 1 || a->at[place] >= 0)
      return false;
    a->at[place] = i;
    a->chunk[i] = place;
  }
  return true;
}

static bool place_all(arcs *a)
{
  if (a->width > 1)
    return place_workers(a) && place_chunks(a);
  for (int32_t j = 0; j < a->size; j++)
    a->worker[j] = j;
  return place_chunks(a);
}

static testudo_status make_arcs(arcs *a, testudo_i_arena *scratch, const int32_t *chunk, bool complements,
                                testudo_error *error)
{
  size_t n = (size_t)a->size, entries = n * (size_t)a->width;
  a->holder = testudo_i_arena_alloc(scratch, entries, sizeof *a->holder);
  a->shared = testudo_i_arena_calloc(scratch, n, sizeof *a->shared);
  a->before = testudo_i_arena_alloc(scratch, n, sizeof *a->before);
  a->met = testudo_i_arena_alloc(scratch, n, sizeof *a->met);
  a->at = testudo_i_arena_alloc(scratch, n, sizeof *a->at);
  int32_t *held = complements ? testudo_i_arena_alloc(scratch, entries, sizeof *held) : NULL;
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  memset(a->at, -1, n * sizeof *a->at);
  memset(a->worker, -1, n * sizeof *a->worker);
  if (complements)
    list_complements(a, chunk, held);
  a->held = complements ? held : chunk;
  return TESTUDO_OK;
}

/* Of other numbers than the natural ones. */
static testudo_status circle_search(testudo_i_circle *circle, const int32_t *chunk, bool *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  int32_t n = circle->size, load = circle->load, width = 2 * (int64_t)load <= n ? load : n - load;
  arcs a = {.size = n, .width = width, .worker = circle->worker, .chunk = circle->chunk};
  TESTUDO_I_TRY(make_arcs(&a, &scratch, chunk, width != load, error));
  *found = list_holders(&a) && place_all(&a);
  /* Who misses the arc at p holds the one at p + width. */
  for (int32_t i = 0; *found && width != load && i < n; i++)
    circle->chunk[i] = (circle->chunk[i] - width + n) % n;
  return TESTUDO_OK;
}

testudo_status testudo_i_circle_find(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *chunk,
                                     testudo_i_circle *circle, testudo_error *error)
{
  *circle = (testudo_i_circle){0};
  if (!circle_is_square(workers, chunks, row))
    return TESTUDO_OK;
  testudo_i_circle made = {.size = workers, .load = (int32_t)row[1]};
  made.worker = testudo_i_arena_alloc(&made.arena, (size_t)workers, sizeof *made.worker);
  made.chunk = testudo_i_arena_alloc(&made.arena, (size_t)workers, sizeof *made.chunk);
  testudo_status status = testudo_i_arena_check(&made.arena, error);
  bool found = status == TESTUDO_OK && circle_is_natural(workers, made.load, chunk);
  for (int32_t j = 0; found && j < workers; j++)
    made.worker[j] = made.chunk[j] = j;
  if (status == TESTUDO_OK && !found)
    status = circle_search(&made, chunk, &found, error);
  if (status != TESTUDO_OK || !found)
    testudo_i_circle_free(&made);
  *circle = made;
  return status;
}

void testudo_i_circle_free(testudo_i_circle *circle)
{
  testudo_i_arena_clear(&circle->arena);
  *circle = (testudo_i_circle){0};
}
