/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/progress.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

/* A worker's share of the fingerprint: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection of
   (worker, done). The fingerprint is the sum of the shares, so that one worker's step changes it in O(1). */
static uint64_t share(int32_t worker, int32_t done)
{
  uint64_t word = ((uint64_t)(uint32_t)worker << 32 | (uint32_t)done) + UINT64_C(0x9e3779b97f4a7c15);
  word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
  return word ^ word >> 31;
}

testudo_status testudo_progress_create(const testudo_design *design, testudo_progress **progress,
                                       testudo_error *error)
{
  *progress = NULL;
  testudo_progress *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  made->design = design;
  made->done = testudo_i_alloc((size_t)design->workers, sizeof *made->done);
  made->cover = testudo_i_alloc((size_t)design->chunks, sizeof *made->cover);
  if (design->groups.groups > 0)
    made->group_done = testudo_i_alloc((size_t)design->groups.groups, sizeof *made->group_done);
  if (design->family.levels > 0)
    made->reached = testudo_i_alloc((size_t)design->family.levels, sizeof *made->reached);
  if (made->done == NULL || made->cover == NULL || (design->groups.groups > 0 && made->group_done == NULL) ||
      (design->family.levels > 0 && made->reached == NULL)) {
    testudo_progress_free(made);
    return testudo_i_fail_memory(error);
  }
  testudo_progress_reset(made);
  *progress = made;
  return TESTUDO_OK;
}

void testudo_progress_free(testudo_progress *progress)
{
  if (progress == NULL)
    return;
  free(progress->done);
  free(progress->cover);
  free(progress->group_done);
  free(progress->reached);
  free(progress);
}

void testudo_progress_reset(testudo_progress *progress)
{
  const testudo_design *design = progress->design;
  memset(progress->done, 0, (size_t)design->workers * sizeof *progress->done);
  memset(progress->cover, 0, (size_t)design->chunks * sizeof *progress->cover);
  progress->missing = (int64_t)design->chunks * design->parts;
  progress->fingerprint = 0;
  progress->finished = 0;
  progress->groups_open = design->groups.groups;
  progress->announced = -1;
  progress->blocks_open = design->layout.blocks;
  if (progress->reached != NULL)
    memset(progress->reached, 0, (size_t)design->family.levels * sizeof *progress->reached);
  if (progress->group_done != NULL)
    memset(progress->group_done, 0, (size_t)design->groups.groups * sizeof *progress->group_done);
  for (int32_t j = 0; j < design->workers; j++)
    progress->finished += testudo_i_progress_most(design, j) == 0;
}

static void cover(testudo_progress *progress, const int32_t *chunk, int32_t count)
{
  for (int32_t k = 0; k < count; k++)
    if (++progress->cover[chunk[k]] <= progress->design->parts)
      progress->missing--;
}

static void finish(testudo_progress *progress, int32_t worker)
{
  progress->finished++;
  if (progress->group_done != NULL && progress->group_done[progress->design->groups.group_of[worker]]++ == 0)
    progress->groups_open--;
}

/* Counts the levels that a worker of a nested code has reached. The first tolerance s that n - s workers have reached
   is announced and stays so until the next reset: workers act on the announcement at once. */
static void reach(testudo_progress *progress, int32_t before, int32_t done)
{
  const testudo_i_family *family = &progress->design->family;
  int32_t found = -1;
  for (int32_t c = done; c > before; c--) {
    int32_t level = family->level_of[c];
    if (level >= 0 && ++progress->reached[level] >= progress->design->workers - family->tolerance[level])
      found = level;
  }
  if (progress->announced < 0)
    progress->announced = found;
}

/* The chunks of which a worker of a block code has done something, after so many blocks: a prefix of its order. */
static int32_t prefix(const testudo_design *design, int32_t blocks)
{
  return blocks == 0 ? 0 : design->family.tolerance[blocks - 1] + 1;
}

static void finish_blocks(testudo_progress *progress, int32_t before, int32_t done)
{
  const testudo_design *design = progress->design;
  for (int32_t b = before; b < done; b++)
    if (++progress->reached[b] == design->workers - design->family.tolerance[b])
      progress->blocks_open--;
}

int32_t testudo_i_progress_most(const testudo_design *design, int32_t worker)
{
  return design->scheme == TESTUDO_SCHEME_BLOCK ? design->layout.blocks : testudo_design_load(design, worker);
}

testudo_status testudo_progress_mark(testudo_progress *progress, int32_t worker, int32_t done, testudo_error *error)
{
  const testudo_design *design = progress->design;
  if (worker < 0 || worker >= design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)design->workers - 1);
  int32_t before = progress->done[worker], load = testudo_i_progress_most(design, worker);
  bool blocks = design->scheme == TESTUDO_SCHEME_BLOCK;
  if (done < before || done > load)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "worker %d has done %d %s, but %d are marked and it holds %d: it must be in %d..%d",
                          (int)worker, (int)done, blocks ? "blocks" : "chunks", (int)before, (int)load, (int)before,
                          (int)load);
  if (done == before)
    return TESTUDO_OK;
  const int32_t *order = testudo_design_order(design, worker);
  if (blocks)
    cover(progress, order + prefix(design, before), prefix(design, done) - prefix(design, before));
  else if (!testudo_i_whole_workers(design->scheme))
    cover(progress, order + before, done - before);
  else if (done == load)
    cover(progress, order, load);
  progress->fingerprint += share(worker, done) - (before == 0 ? 0 : share(worker, before));
  if (done == load)
    finish(progress, worker);
  if (blocks)
    finish_blocks(progress, before, done);
  else if (progress->reached != NULL)
    reach(progress, before, done);
  progress->done[worker] = done;
  return TESTUDO_OK;
}

int32_t testudo_progress_done(const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker];
}

int32_t testudo_progress_cover(const testudo_progress *progress, int32_t chunk)
{
  return progress->cover[chunk];
}

bool testudo_progress_decodable(const testudo_progress *progress)
{
  const testudo_design *design = progress->design;
  if (design->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    return progress->finished >= design->wait;
  if (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    return progress->group_done != NULL ? progress->groups_open == 0
                                        : progress->finished >= design->workers - design->stragglers;
  if (design->scheme == TESTUDO_SCHEME_NESTED)
    return progress->announced >= 0;
  if (design->scheme == TESTUDO_SCHEME_BLOCK)
    return progress->blocks_open == 0;
  /* uncoded: one part, one holder a chunk; nothing is missing when, and only when, all have finished. */
  return progress->missing == 0;
}

bool testudo_progress_block_decodable(const testudo_progress *progress, int32_t block)
{
  const testudo_design *design = progress->design;
  return block >= 0 && block < design->layout.blocks &&
         progress->reached[block] >= design->workers - design->family.tolerance[block];
}

int32_t testudo_progress_announced(const testudo_progress *progress)
{
  return progress->announced < 0 ? -1 : progress->design->family.tolerance[progress->announced];
}

int64_t testudo_progress_error(const testudo_progress *progress)
{
  return progress->missing;
}

testudo_status testudo_i_error_is_cover(const testudo_design *design, testudo_report report, bool *is_cover,
                                        testudo_error *error)
{
  if (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE || design->family.levels > 0) {
    *is_cover = design->groups.groups > 0;
    return TESTUDO_OK;
  }
  *is_cover = design->scheme == TESTUDO_SCHEME_UNCODED || design->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS ||
              (design->scheme == TESTUDO_SCHEME_PARTIAL && report == TESTUDO_REPORT_CHUNK);
  if (*is_cover || design->scheme != TESTUDO_SCHEME_PARTIAL || design->parts > 1)
    return TESTUDO_OK;
  testudo_i_groups groups;
  testudo_status status =
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &groups, error);
  *is_cover = status == TESTUDO_OK && groups.groups > 0;
  testudo_i_groups_free(&groups);
  return status;
}

bool testudo_i_progress_reads(const testudo_progress *progress, int32_t worker)
{
  int32_t done = progress->done[worker];
  return done > 0 && (!testudo_i_whole_workers(progress->design->scheme) ||
                      done == testudo_design_load(progress->design, worker));
}
