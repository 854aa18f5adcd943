/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress: what workers have signalled, counted into the rows of the design's rules. */
#include "runtime/progress.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* A worker's share of the fingerprint, a bijection of (worker, done). The fingerprint is the sum of the shares, so that
   one worker's step changes it in O(1). */
static uint64_t share(int32_t worker, int32_t done)
{
  return testudo_i_mix(((uint64_t)(uint32_t)worker << 32 | (uint32_t)done) + UINT64_C(0x9e3779b97f4a7c15));
}

/* Pairs of workers without steps hold from the start. */
static void count_idle(testudo_progress *progress)
{
  const testudo_i_rule *rule = &progress->rule;
  for (int32_t r = 0; r < rule->rows; r++)
    for (int64_t p = 0; p < testudo_i_rule_pairs(rule, r); p++)
      progress->idle_count[r] += testudo_i_rule_steps(rule, testudo_i_rule_pair_worker(rule, r, p)) == 0;
}

static bool has_idle_workers(const testudo_i_rule *rule)
{
  for (int32_t j = 0; j < rule->workers; j++)
    if (testudo_i_rule_steps(rule, j) == 0)
      return true;
  return false;
}

static testudo_status open_progress(testudo_progress *progress, testudo_error *error)
{
  const testudo_design *design = progress->design;
  testudo_i_arena *arena = &progress->arena;
  bool known;
  TESTUDO_I_TRY(testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &progress->rule, error));
  TESTUDO_I_TRY(testudo_i_cover_rule(design, TESTUDO_REPORT_CHUNK, &progress->cover_rule, &known, error));
  size_t rows = (size_t)progress->rule.rows;
  progress->done = testudo_i_arena_alloc(arena, (size_t)design->workers, sizeof *progress->done);
  progress->count = testudo_i_arena_alloc(arena, rows, sizeof *progress->count);
  progress->chunkwise = testudo_i_rules_are_one(&progress->rule, &progress->cover_rule);
  progress->cover = progress->chunkwise
                        ? progress->count
                        : testudo_i_arena_alloc(arena, (size_t)design->chunks, sizeof *progress->cover);
  if (has_idle_workers(&progress->rule))
    progress->idle_count = testudo_i_arena_calloc(arena, rows, sizeof *progress->idle_count);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  if (progress->idle_count != NULL)
    count_idle(progress);
  testudo_progress_reset(progress);
  return TESTUDO_OK;
}

testudo_status testudo_progress_create(const testudo_design *design, testudo_progress **progress,
                                       testudo_error *error)
{
  TESTUDO_I_NEED(progress);
  TESTUDO_I_NEED(design);
  *progress = NULL;
  testudo_progress *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->design = design;
  TESTUDO_I_HAND_OVER(open_progress(made, error), made, testudo_progress_free, progress);
}

void testudo_progress_free(testudo_progress *progress)
{
  if (progress == NULL)
    return;
  testudo_i_rule_clear(&progress->rule);
  testudo_i_rule_clear(&progress->cover_rule);
  testudo_i_arena_clear(&progress->arena);
  free(progress);
}

void testudo_progress_reset(testudo_progress *progress)
{
  if (progress == NULL)
    return;
  const testudo_design *design = progress->design;
  int32_t rows = progress->rule.rows;
  memset(progress->done, 0, (size_t)design->workers * sizeof *progress->done);
  memset(progress->cover, 0, (size_t)design->chunks * sizeof *progress->cover);
  if (progress->idle_count != NULL)
    memcpy(progress->count, progress->idle_count, (size_t)rows * sizeof *progress->count);
  else
    memset(progress->count, 0, (size_t)rows * sizeof *progress->count);
  progress->missing = (int64_t)design->chunks * design->parts;
  progress->fingerprint = 0;
  progress->held = -1;
  progress->rows_open = rows;
  for (int32_t r = 0; progress->idle_count != NULL && r < rows; r++)
    progress->rows_open -= testudo_i_progress_row_holds(progress, r);
}

/* One more holder has done these chunks. */
static void cover(testudo_progress *progress, const int32_t *chunk, int64_t count)
{
  for (int64_t k = 0; k < count; k++)
    if (++progress->cover[chunk[k]] <= progress->design->parts)
      progress->missing--;
}

/* Of the rows that one mark makes hold, the first stays. */
static void count_hits(testudo_progress *progress, const int32_t *row, int64_t count, int32_t *found)
{
  for (int64_t k = 0; k < count; k++) {
    if (row[k] < 0 || ++progress->count[row[k]] < testudo_i_rule_need(&progress->rule, row[k]))
      continue;
    if (progress->count[row[k]] == testudo_i_rule_need(&progress->rule, row[k]))
      progress->rows_open--;
    if (*found < 0 || row[k] < *found)
      *found = row[k];
  }
}

testudo_status testudo_progress_mark(testudo_progress *progress, int32_t worker, int32_t done, testudo_error *error)
{
  TESTUDO_I_NEED(progress);
  const testudo_design *design = progress->design;
  if (worker < 0 || worker >= design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)design->workers - 1);
  int32_t before = progress->done[worker], steps = testudo_i_rule_steps(&progress->rule, worker), found = -1;
  if (done < before || done > steps)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "worker %d has done %d %ss, but %d are marked and it holds %d: it must be in %d..%d",
                          (int)worker, (int)done, design->scheme->step, (int)before, (int)steps, (int)before,
                          (int)steps);
  if (done == before)
    return TESTUDO_OK;
  for (int32_t step = before + 1; step <= done; step++) {
    const int32_t *hit;
    const testudo_i_rule *cover_rule = progress->chunkwise ? &progress->rule : &progress->cover_rule;
    int64_t hits = testudo_i_rule_hits(cover_rule, worker, step, &hit);
    cover(progress, hit, hits);
    if (progress->chunkwise)
      continue;
    hits = testudo_i_rule_hits(&progress->rule, worker, step, &hit);
    count_hits(progress, hit, hits, &found);
  }
  progress->fingerprint += share(worker, done) - (before == 0 ? 0 : share(worker, before));
  if (progress->rule.join == TESTUDO_I_ANY && progress->held < 0)
    progress->held = found;
  progress->done[worker] = done;
  return TESTUDO_OK;
}

int32_t testudo_progress_done(const testudo_progress *progress, int32_t worker)
{
  bool there = progress != NULL && worker >= 0 && worker < progress->design->workers;
  return there ? progress->done[worker] : -1;
}

int32_t testudo_progress_cover(const testudo_progress *progress, int32_t chunk)
{
  bool there = progress != NULL && chunk >= 0 && chunk < progress->design->chunks;
  return there ? progress->cover[chunk] : -1;
}

bool testudo_progress_decodable(const testudo_progress *progress)
{
  if (progress == NULL)
    return false;
  if (progress->chunkwise)
    return progress->missing == 0;
  return progress->rule.join == TESTUDO_I_ALL ? progress->rows_open == 0 : progress->held >= 0;
}

int64_t testudo_progress_error(const testudo_progress *progress)
{
  return progress == NULL ? -1 : progress->missing;
}

