/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The most chunks that two workers share. Counting, for each worker, how often it meets each other one costs the sum of
   the squared replications: fine unless a chunk is on very many workers. Such heavy chunks are counted apart: between
   two workers that share a light one by comparing their lists, between the rest once for all workers with the same
   heavy chunks. */
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"
#include "runtime/design.h"

/* Replications above this are heavy. */
#define HEAVY 1024

typedef struct meeting {
  int32_t with, count; /* light chunks shared with worker `with` */
} meeting;

typedef struct overlap {
  const testudo_design *design;
  int64_t *row;      /* workers + 1: worker j's heavy chunks, renumbered 0, 1, .., are heavy[row[j]] .., ascending */
  int32_t *heavy;
  int32_t kinds;     /* heavy chunks */
  meeting *met;      /* by worker */
  int32_t *partner;  /* workers met by the present one */
  testudo_i_arena *arena;
} overlap;

static bool is_heavy(const testudo_design *design, int32_t chunk)
{
  return testudo_design_replication(design, chunk) > HEAVY;
}

static testudo_status list_heavy(overlap *o, testudo_error *error)
{
  const testudo_design *design = o->design;
  size_t workers = (size_t)design->workers;
  o->row = testudo_i_arena_calloc(o->arena, workers + 2, sizeof *o->row);
  o->met = testudo_i_arena_alloc(o->arena, workers, sizeof *o->met);
  o->partner = testudo_i_arena_alloc(o->arena, workers, sizeof *o->partner);
  TESTUDO_I_TRY(testudo_i_arena_check(o->arena, error));
  for (size_t j = 0; j < workers; j++)
    o->met[j] = (meeting){-1, 0};
  /* Counted two ahead, so that after the sums row[j + 1] is where worker j's list begins and moves to its end. */
  for (int32_t i = 0; i < design->chunks; i++)
    for (int64_t h = design->chunk_row[i]; is_heavy(design, i) && h < design->chunk_row[i + 1]; h++)
      o->row[design->holder[h] + 2]++;
  for (size_t j = 0; j < workers; j++)
    o->row[j + 2] += o->row[j + 1];
  o->heavy = testudo_i_arena_alloc(o->arena, (size_t)o->row[workers + 1], sizeof *o->heavy);
  TESTUDO_I_TRY(testudo_i_arena_check(o->arena, error));
  for (int32_t i = 0; i < design->chunks; i++) {
    if (!is_heavy(design, i))
      continue;
    for (int64_t h = design->chunk_row[i]; h < design->chunk_row[i + 1]; h++)
      o->heavy[o->row[design->holder[h] + 1]++] = o->kinds;
    o->kinds++;
  }
  return TESTUDO_OK;
}

/* ---- workers that share a light chunk ---- */

static int32_t heavy_in_common(const overlap *o, int32_t a, int32_t b)
{
  int64_t x = o->row[a], y = o->row[b];
  int32_t common = 0;
  while (x < o->row[a + 1] && y < o->row[b + 1]) {
    int32_t difference = o->heavy[x] - o->heavy[y];
    common += difference == 0;
    x += difference <= 0;
    y += difference >= 0;
  }
  return common;
}

/* With later workers, through worker's light chunks. */
static int32_t most_shared(overlap *o, int32_t worker)
{
  const testudo_design *design = o->design;
  bool has_heavy = o->row[worker + 1] > o->row[worker];
  int32_t most = 0, partners = 0;
  for (int64_t e = design->row[worker]; e < design->row[worker + 1]; e++) {
    const int64_t *row = design->chunk_row + design->order[e];
    if (row[1] - row[0] > HEAVY)
      continue;
    for (int64_t h = row[1] - 1; h >= row[0] && design->holder[h] > worker; h--) {
      meeting *other = &o->met[design->holder[h]];
      if (other->with != worker) {
        *other = (meeting){worker, 0};
        o->partner[partners++] = design->holder[h];
      }
      if (++other->count > most)
        most = other->count;
    }
  }
  for (int32_t k = 0; has_heavy && k < partners; k++) {
    int32_t both = o->met[o->partner[k]].count + heavy_in_common(o, worker, o->partner[k]);
    most = both > most ? both : most;
  }
  return most;
}

/* ---- workers that share heavy chunks only ---- */

typedef struct signature {
  const int32_t *chunk;
  int64_t count;
} signature;

static int compare_signatures(const void *a, const void *b)
{
  const signature *x = a, *y = b;
  if (x->count != y->count)
    return TESTUDO_I_COMPARE(y->count, x->count);
  for (int64_t k = 0; k < x->count; k++)
    if (x->chunk[k] != y->chunk[k])
      return TESTUDO_I_COMPARE(x->chunk[k], y->chunk[k]);
  return 0;
}

/* Keeps one of each; answers the most chunks of one that stood twice. `count` of them stay, those without any left
   out. */
static int64_t keep_one_of_each(signature *all, int32_t *count)
{
  int32_t kept = 0;
  int64_t most = 0;
  qsort(all, (size_t)*count, sizeof *all, compare_signatures);
  for (int32_t k = 0; k < *count && all[k].count > 0; k++)
    if (kept > 0 && compare_signatures(&all[kept - 1], &all[k]) == 0)
      most = all[k].count > most ? all[k].count : most;
    else
      all[kept++] = all[k];
  *count = kept;
  return most;
}

/* Signatures come with falling counts, so the first who cannot share more than `most` ends it. */
static int32_t most_of_signatures(const signature *all, int32_t count, int32_t kinds, bool *marked, int32_t most)
{
  memset(marked, 0, (size_t)kinds * sizeof *marked);
  for (int32_t a = 0; a < count && all[a].count > most; a++) {
    for (int64_t k = 0; k < all[a].count; k++)
      marked[all[a].chunk[k]] = true;
    for (int32_t b = a + 1; b < count && all[b].count > most; b++) {
      int32_t shared = 0;
      for (int64_t k = 0; k < all[b].count; k++)
        shared += marked[all[b].chunk[k]];
      most = shared > most ? shared : most;
    }
    for (int64_t k = 0; k < all[a].count; k++)
      marked[all[a].chunk[k]] = false;
  }
  return most;
}

static testudo_status share_heavy(overlap *o, int32_t *max_overlap, testudo_error *error)
{
  int32_t count = o->design->workers;
  signature *all = testudo_i_arena_alloc(o->arena, (size_t)count, sizeof *all);
  bool *marked = testudo_i_arena_alloc(o->arena, (size_t)o->kinds, sizeof *marked);
  TESTUDO_I_TRY(testudo_i_arena_check(o->arena, error));
  for (int32_t j = 0; j < o->design->workers; j++)
    all[j] = (signature){o->heavy + o->row[j], o->row[j + 1] - o->row[j]};
  int64_t twice = keep_one_of_each(all, &count);
  if (twice > *max_overlap)
    *max_overlap = (int32_t)twice;
  *max_overlap = most_of_signatures(all, count, o->kinds, marked, *max_overlap);
  return TESTUDO_OK;
}

/* ---- both ---- */

/* No two workers share more chunks than the second largest load. */
static int32_t second_load(const testudo_design *design)
{
  int32_t largest = 0, second = 0;
  for (int32_t j = 0; j < design->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load > largest) {
      second = largest;
      largest = load;
    } else if (load > second)
      second = load;
  }
  return second;
}

testudo_status testudo_max_overlap(const testudo_design *design, int32_t *max_overlap, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  overlap o = {.design = design, .arena = &arena};
  int32_t end = second_load(design);
  *max_overlap = 0;
  TESTUDO_I_TRY(list_heavy(&o, error));
  if (o.kinds > 0)
    TESTUDO_I_TRY(share_heavy(&o, max_overlap, error));
  for (int32_t j = 0; j < design->workers && *max_overlap < end; j++) {
    int32_t most = testudo_design_load(design, j) <= *max_overlap ? 0 : most_shared(&o, j);
    if (most > *max_overlap)
      *max_overlap = most;
  }
  return TESTUDO_OK;
}
