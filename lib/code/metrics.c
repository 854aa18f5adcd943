/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worst-case counts of an order: Ramamoorthy, Meng and Girimaji, Leveraging partial stragglers within gradient coding,
   2024; the form for unequal loads and replications is in docs/theory/orders.md#q_max. */
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "runtime/design.h"

/* pos(i,j) - delta_j - 1 over the holders of a chunk, largest first: minus what worker j leaves undone when it stops
   just before the chunk. */
static int32_t collect_leftovers(const testudo_design *design, int32_t chunk, int32_t *value)
{
  int32_t replication = testudo_design_replication(design, chunk);
  const int32_t *holder = testudo_design_holders(design, chunk), *place = testudo_design_places(design, chunk);
  for (int32_t k = 0; k < replication; k++)
    value[k] = place[k] - testudo_design_load(design, holder[k]) - 1;
  qsort(value, (size_t)replication, sizeof *value, testudo_i_descending_int32);
  return replication;
}

testudo_status testudo_q_max(const testudo_design *design, int32_t levels, int64_t *q_max, testudo_error *error)
{
  if (levels < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "levels: %d, but at least 1 is needed", (int)levels);
  TESTUDO_I_HELD(testudo_i_free_held)
  int32_t *value = testudo_i_alloc((size_t)testudo_design_max_replication(design), sizeof *value);
  TESTUDO_I_TRY(testudo_i_memory_check(value != NULL, error));
  int64_t everything = design->row[design->workers];
  /* A chunk on fewer than l workers lets the adversary have everything. */
  for (int32_t l = 1; l <= levels; l++)
    q_max[l - 1] = l > testudo_design_min_replication(design) ? everything : INT64_MIN;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t replication = collect_leftovers(design, i, value);
    int64_t q = everything;
    /* From l = replication + 1, where nothing is taken away, down: each level takes one more of the largest. */
    for (int32_t l = replication; l >= 1; l--) {
      q += value[replication - l];
      if (l <= levels && q > q_max[l - 1])
        q_max[l - 1] = q;
    }
  }
  return TESTUDO_OK;
}

int64_t testudo_q_max_bound(const testudo_design *design)
{
  /* Summed over the chunks, what is left undone is delta (delta + 1) / 2 a worker. */
  int64_t left = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int64_t load = testudo_design_load(design, j);
    left += load * (load + 1) / 2;
  }
  return design->row[design->workers] - left / testudo_design_chunks(design);
}

testudo_status testudo_row_sum_max(const testudo_design *design, int32_t l, int64_t *row_sum_max, testudo_error *error)
{
  if (l < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "l: %d, but at least 1 is needed", (int)l);
  TESTUDO_I_HELD(testudo_i_free_held)
  int32_t *place = testudo_i_alloc((size_t)testudo_design_max_replication(design), sizeof *place);
  TESTUDO_I_TRY(testudo_i_memory_check(place != NULL, error));
  *row_sum_max = 0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t replication = testudo_design_replication(design, i);
    memcpy(place, testudo_design_places(design, i), (size_t)replication * sizeof *place);
    qsort(place, (size_t)replication, sizeof *place, testudo_i_descending_int32);
    int64_t sum = 0;
    for (int32_t k = 0; k < replication - l + 1; k++)
      sum += place[k];
    if (sum > *row_sum_max)
      *row_sum_max = sum;
  }
  return TESTUDO_OK;
}

/* ---- the largest overlap ---- */

/* The most chunks that two workers share. Counting, for each worker, how often it meets each other one costs the sum of
   the squared replications: fine unless a chunk is on very many workers. Such heavy chunks are counted apart: between
   two workers that share a light one by comparing their lists, between the rest once for all workers with the same
   heavy chunks. */

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
