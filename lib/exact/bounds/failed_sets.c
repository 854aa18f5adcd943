/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of failed workers in lexicographic order. */
#include "exact/bounds/failed_sets.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "base/sum.h"

/* A walk over the sets: lost[i] copies of chunk i are with members; `fatal` chunks have too few left. */
typedef struct set_walk {
  const testudo_design *design;
  int32_t failed, parts;
  int32_t *member, *before, *lost;
  int64_t fatal;
} set_walk;

static void walk_member(set_walk *w, int32_t worker, int32_t change)
{
  const int32_t *order = testudo_design_order(w->design, worker);
  for (int32_t k = 0; k < testudo_design_load(w->design, worker); k++) {
    int32_t i = order[k], spare = testudo_design_replication(w->design, i) - w->parts;
    w->fatal -= w->lost[i] > spare;
    w->lost[i] += change;
    w->fatal += w->lost[i] > spare;
  }
}

static testudo_status start_sets(set_walk *w, const testudo_design *design, int32_t failed, testudo_i_arena *scratch,
                                 testudo_error *error)
{
  *w = (set_walk){.design = design, .failed = failed, .parts = testudo_design_parts(design)};
  w->member = testudo_i_arena_alloc(scratch, (size_t)failed, sizeof *w->member);
  w->before = testudo_i_arena_alloc(scratch, (size_t)failed, sizeof *w->before);
  w->lost = testudo_i_arena_calloc(scratch, (size_t)testudo_design_chunks(design), sizeof *w->lost);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  for (int32_t k = 0; k < failed; k++)
    w->member[k] = k;
  for (int32_t k = 0; k < failed; k++)
    walk_member(w, k, 1);
  return TESTUDO_OK;
}

static bool advance_set(set_walk *w)
{
  memcpy(w->before, w->member, (size_t)w->failed * sizeof *w->before);
  if (!testudo_i_next_subset(w->member, w->failed, testudo_design_workers(w->design)))
    return false;
  for (int32_t k = 0; k < w->failed; k++)
    if (w->before[k] != w->member[k])
      walk_member(w, w->before[k], -1);
  for (int32_t k = 0; k < w->failed; k++)
    if (w->before[k] != w->member[k])
      walk_member(w, w->member[k], 1);
  return true;
}

testudo_status testudo_i_failed_sets_fatal(const testudo_i_cluster *cluster, int32_t failed,
                                           const testudo_monitor *monitor, double *fatal, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  set_walk w;
  *fatal = 0;
  TESTUDO_I_TRY(start_sets(&w, cluster->design, failed, &scratch, error));
  int64_t seen = 0;
  do {
    *fatal += w.fatal > 0;
    if (++seen % 4096 == 0 && testudo_i_stopped(monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  } while (advance_set(&w));
  return TESTUDO_OK;
}

/* ---- what each set does ---- */

enum { MOST_HOLDERS = 10 };

/* Places are chunk * 2^holders + which have failed, numbered when they are first met. */
typedef struct hit_maker {
  testudo_i_failed_sets *sets;
  set_walk walk;
  int32_t *place;         /* of (chunk, failed holders) + 1; 0: none yet */
  int32_t bits, places;
  uint32_t *mask;         /* by chunk: its failed holders */
} hit_maker;

static uint32_t holder_bit(const testudo_design *design, int32_t chunk, int32_t worker)
{
  const int32_t *holder = testudo_design_holders(design, chunk);
  uint32_t k = 0;
  while (holder[k] != worker)
    k++;
  return UINT32_C(1) << k;
}

static void mark_hits(hit_maker *maker, bool clear)
{
  const testudo_design *design = maker->walk.design;
  for (int32_t k = 0; k < maker->walk.failed; k++) {
    int32_t worker = maker->walk.member[k];
    const int32_t *order = testudo_design_order(design, worker);
    for (int32_t p = 0; p < testudo_design_load(design, worker); p++)
      maker->mask[order[p]] = clear ? 0 : maker->mask[order[p]] | holder_bit(design, order[p], worker);
  }
}

static void list_hits(hit_maker *maker)
{
  const testudo_design *design = maker->walk.design;
  testudo_i_failed_sets *sets = maker->sets;
  int64_t at = sets->row[sets->count];
  mark_hits(maker, false);
  for (int32_t k = 0; k < maker->walk.failed; k++) {
    int32_t worker = maker->walk.member[k];
    const int32_t *order = testudo_design_order(design, worker);
    for (int32_t p = 0; p < testudo_design_load(design, worker); p++) {
      uint32_t mask = maker->mask[order[p]];
      int32_t *place = &maker->place[((size_t)order[p] << maker->bits) + mask];
      if (mask >> maker->bits != 0 || (mask & (holder_bit(design, order[p], worker) - 1)) != 0)
        continue; /* listed by the first of its failed holders */
      if (*place == 0) {
        sets->chunk[maker->places] = order[p];
        sets->lost[maker->places] = mask;
        *place = ++maker->places;
      }
      sets->hit[at++] = *place - 1;
    }
  }
  mark_hits(maker, true);
  sets->row[++sets->count] = at;
}

/* Are there few enough sets, of few enough chunks with few enough holders? */
static bool sets_are_few(const testudo_i_chunk_types *types, double count)
{
  const testudo_design *design = types->design;
  double chunks = testudo_design_chunks(design), load = testudo_design_max_load(design);
  return types->failed > 0 && testudo_design_max_replication(design) <= MOST_HOLDERS &&
         count * types->failed * load <= TESTUDO_I_LIMIT_FAILED_HITS &&
         ldexp(chunks, testudo_design_max_replication(design)) <= TESTUDO_I_LIMIT_FAILED_HITS;
}

testudo_status testudo_i_failed_sets_init(testudo_i_failed_sets *sets, testudo_i_arena *arena,
                                          const testudo_i_chunk_types *types, const testudo_monitor *monitor,
                                          testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  const testudo_design *design = types->design;
  double count = testudo_i_subsets(types->workers, types->failed);
  *sets = (testudo_i_failed_sets){0};
  if (!sets_are_few(types, count))
    return TESTUDO_OK;
  hit_maker maker = {.sets = sets, .bits = testudo_design_max_replication(design)};
  size_t chunks = (size_t)testudo_design_chunks(design), places = chunks << maker.bits;
  size_t hits = (size_t)count * (size_t)types->failed * (size_t)testudo_design_max_load(design);
  size_t holders = (size_t)testudo_design_max_replication(design);
  sets->sets = count;
  sets->row = testudo_i_arena_calloc(arena, (size_t)count + 1, sizeof *sets->row);
  sets->hit = testudo_i_arena_alloc(arena, hits, sizeof *sets->hit);
  sets->chunk = testudo_i_arena_alloc(arena, places, sizeof *sets->chunk);
  sets->lost = testudo_i_arena_alloc(arena, places, sizeof *sets->lost);
  sets->slot = testudo_i_arena_alloc(arena, holders, sizeof *sets->slot);
  maker.place = testudo_i_arena_calloc(&scratch, places, sizeof *maker.place);
  maker.mask = testudo_i_arena_calloc(&scratch, chunks, sizeof *maker.mask);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  TESTUDO_I_TRY(start_sets(&maker.walk, design, types->failed, &scratch, error));
  int64_t seen = 0;
  do {
    if (maker.walk.fatal == 0)
      list_hits(&maker);
    if (++seen % 4096 == 0 && testudo_i_stopped(monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  } while (advance_set(&maker.walk));
  sets->hits = maker.places;
  sets->change = testudo_i_arena_alloc(arena, (size_t)maker.places, sizeof *sets->change);
  return testudo_i_arena_check(arena, error);
}

/* log P(chunk covered by its holders but those that have failed). */
static double log_covered(testudo_i_failed_sets *sets, testudo_i_chunk_types *types, int32_t chunk, uint32_t lost)
{
  const int32_t *holder = testudo_design_holders(types->design, chunk);
  const int32_t *place = testudo_design_places(types->design, chunk);
  int32_t holders = testudo_design_replication(types->design, chunk);
  for (int32_t k = 0; k < holders; k++)
    sets->slot[k] = testudo_i_slot(types, holder[k], place[k]);
  return testudo_i_log_covered(types, sets->slot, holders, lost);
}

double testudo_i_failed_sets_below(testudo_i_failed_sets *sets, testudo_i_chunk_types *types)
{
  testudo_i_sum all = {0, 0}, total = {0, 0};
  for (int32_t k = 0; k < types->types; k++)
    testudo_i_sum_add(&all, (double)types->type_count[k] * log_covered(sets, types, types->type_chunk[k], 0));
  double base = testudo_i_sum_value(&all);
  if (!(base > -HUGE_VAL))
    return 0;
  for (int64_t h = 0; h < sets->hits; h++)
    sets->change[h] = log_covered(sets, types, sets->chunk[h], sets->lost[h]) -
                      log_covered(sets, types, sets->chunk[h], 0);
  for (int64_t k = 0; k < sets->count; k++) {
    double sum = base;
    for (int64_t e = sets->row[k]; e < sets->row[k + 1]; e++)
      sum += sets->change[sets->hit[e]];
    testudo_i_sum_add(&total, exp(sum));
  }
  return testudo_i_sum_value(&total) / sets->sets;
}
