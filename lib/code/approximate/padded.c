/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No block design is pairwise balanced, since its loads are equal; with workers added that hold everything or nothing
   some are: the lines of a projective plane of order q and q idle workers, m = (q + 1)^2 in all, have q^2 + q + 1
   chunks of d = q + 1 copies that meet once, d^2 / m = 1. */
#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "code/approximate/bibd.h"

typedef struct padding {
  int32_t workers, partial;         /* chunks that are not on all workers */
  int32_t copies;                   /* of every point */
  bool found;
  testudo_i_block_design design;
  int32_t times, everything;
} padding;

/* Does it balance, repeated, with workers that hold everything? */
static bool padding_consider(void *context, const testudo_i_block_design *d)
{
  padding *p = context;
  if (d->chunks < p->partial || d->workers > p->workers)
    return true;
  int64_t load = (int64_t)d->chunks * d->replication / d->workers, m = p->workers, r = d->replication;
  int64_t lambda = r * (load - 1) / (d->chunks - 1);
  for (int64_t times = 1; times * d->workers <= m && times * r <= p->copies; times++) {
    int64_t everything = p->copies - times * r;
    if (times * d->workers + everything <= m &&
        (times * lambda + everything) * m == (int64_t)p->copies * p->copies) {
      p->found = true;
      p->design = *d;
      p->times = (int32_t)times;
      p->everything = (int32_t)everything;
      return false;
    }
  }
  return true;
}

/* Copies d or m - d but for chunks that are everywhere: then the partial ones are counted and d is set. */
static bool padding_takes(padding *p, const int32_t *copies, int32_t chunks)
{
  for (int32_t i = 0; i < chunks; i++) {
    if (copies[i] == p->workers)
      continue;
    if (p->partial++ == 0)
      p->copies = copies[i];
    else if (copies[i] != p->copies && copies[i] != p->workers - p->copies)
      return false;
  }
  /* Fisher: a design has at least as many blocks as points. */
  return p->partial > 0 && p->partial < p->workers && p->workers <= TESTUDO_I_LIMIT_BLOCK_DESIGN;
}

/* worker[j]: who takes the j-th place, of the blocks, then of those that hold everything, then of the idle ones. */
static void padding_spread(const padding *p, const int32_t *copies, const testudo_i_incidence *base,
                           const int32_t *worker, unsigned char *holds, testudo_i_incidence *held)
{
  int32_t point = 0, blocks = p->times * p->design.workers;
  for (int32_t i = 0; i < held->chunks; i++) {
    bool everywhere = copies[i] == held->workers, inverted = !everywhere && copies[i] != p->copies;
    for (int32_t j = 0; j < held->workers; j++)
      holds[j] = everywhere || (j >= blocks && j < blocks + p->everything);
    if (!everywhere) {
      for (int64_t e = base->row[point]; e < base->row[point + 1]; e++)
        for (int32_t t = 0; t < p->times; t++)
          holds[t * p->design.workers + base->holder[e]] = 1;
      point++;
    }
    for (int32_t j = 0; j < held->workers; j++)
      if ((holds[worker[j]] != 0) != inverted)
        testudo_i_incidence_put(held, j);
    testudo_i_incidence_next(held);
  }
}

testudo_status testudo_i_padded_fill(const int32_t *copies, uint64_t seed, testudo_i_incidence *held, bool *built,
                                     testudo_error *error)
{
  padding p = {.workers = held->workers};
  *built = false;
  if (!padding_takes(&p, copies, held->chunks))
    return TESTUDO_OK;
  testudo_i_block_designs_visit(p.workers, p.workers, padding_consider, &p);
  if (!p.found) { /* those of the other workers */
    p.copies = p.workers - p.copies;
    testudo_i_block_designs_visit(p.workers, p.workers, padding_consider, &p);
  }
  if (!p.found)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_incidence_clear) testudo_i_incidence base = {0};
  TESTUDO_I_TRY(testudo_i_incidence_begin(&base, p.design.workers, p.design.chunks, error));
  int32_t *worker = testudo_i_arena_alloc(&held->arena, (size_t)p.workers, sizeof *worker);
  unsigned char *holds = testudo_i_arena_alloc(&held->arena, (size_t)p.workers, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&held->arena, error));
  TESTUDO_I_TRY(testudo_i_block_design_fill(&p.design, &base, error));
  if (base.full)
    return TESTUDO_OK;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ASSIGNMENT, 0, UINT64_C(1) << 62);
  for (int32_t j = 0; j < p.workers; j++)
    worker[j] = j;
  testudo_i_random_shuffle(&random, worker, (size_t)p.workers);
  padding_spread(&p, copies, &base, worker, holds, held);
  *built = true;
  return TESTUDO_OK;
}
