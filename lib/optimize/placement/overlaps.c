/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A placement with all its overlaps, kept up to date by moves. */
#include "optimize/placement/overlaps.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"

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

void testudo_i_overlaps_move(testudo_i_overlaps *o, int32_t worker, int32_t chunk, int32_t to, int32_t back)
{
  drop(o, worker, chunk);
  if (back >= 0)
    drop(o, to, back);
  take(o, to, chunk);
  if (back >= 0)
    take(o, worker, back);
}

bool testudo_i_overlaps_allow(const testudo_i_overlaps *o, int32_t worker, int32_t chunk, int32_t from)
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
