/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balanced incomplete block designs: chunks are points, workers are blocks, every two chunks lie together on the same
   number of workers, lambda. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "code/approximate/bibd.h"
#include "code/approximate/galois.h"
#include "code/triples/triples.h"

/* ---- the list of what exists ---- */

/* A design and the one of the complements of its blocks, as far as their blocks have two points or more. */
static bool visit(testudo_i_block_design found, testudo_i_block_visitor each, void *context)
{
  int32_t load = (int32_t)((int64_t)found.chunks * found.replication / found.workers);
  if (load >= 2 && !each(context, &found))
    return false;
  if (found.from == TESTUDO_I_SUBSETS || found.chunks - load < 2)
    return true;
  found.replication = found.workers - found.replication;
  found.complement = true;
  return each(context, &found);
}

/* Of GF(q)^n: its points and affine hyperplanes, and the lines and hyperplanes through 0 of GF(q)^(n+1). */
static bool visit_geometries(int32_t most, testudo_i_block_visitor each, void *context)
{
  for (int32_t q = 2; q * q <= most; q++) {
    if (!testudo_i_is_prime_power(q, NULL, NULL))
      continue;
    for (int32_t n = 2; testudo_i_power_up_to(q, n, most) > 0; n++) {
      int32_t points = testudo_i_power_up_to(q, n, most), directions = (points - 1) / (q - 1);
      int32_t whole = directions + points;
      const testudo_i_block_design affine = {directions * q, points, directions, TESTUDO_I_AFFINE, q, n, false};
      const testudo_i_block_design space = {whole, whole, directions, TESTUDO_I_PROJECTIVE, q, n + 1, false};
      if (!visit(affine, each, context) || !visit(space, each, context))
        return false;
    }
  }
  return true;
}

static bool visit_differences(int32_t most, testudo_i_block_visitor each, void *context)
{
  for (int32_t v = 7; v <= most; v += 2)
    for (testudo_i_block_source from = TESTUDO_I_SQUARES; from <= TESTUDO_I_TWIN_PRIMES; from++) {
      int32_t size = (v - 1) / (from == TESTUDO_I_FOURTH_POWERS ? 4 : 2);
      if (testudo_i_difference_exists((testudo_i_difference)(from - TESTUDO_I_SQUARES), v) &&
          !visit((testudo_i_block_design){v, v, size, from, 0, 0, false}, each, context))
        return false;
    }
  return true;
}

/* All subsets of one size: C(v, k) blocks. */
static bool visit_subsets(int32_t most, int32_t most_blocks, testudo_i_block_visitor each, void *context)
{
  for (int32_t v = 3; v <= most; v++) {
    int64_t blocks = v;
    for (int32_t k = 2; k < v; k++) {
      blocks = blocks * (v - k + 1) / k;
      if (blocks > most_blocks && k <= v / 2)
        break;
      const testudo_i_block_design all = {(int32_t)blocks, v, (int32_t)(blocks * k / v), TESTUDO_I_SUBSETS, 0, k,
                                          false};
      if (blocks <= most_blocks && !visit(all, each, context))
        return false;
    }
  }
  return true;
}

/* Blocks of three points, every two of which lie together once or twice. */
static bool visit_triples(int32_t most, int32_t most_blocks, testudo_i_block_visitor each, void *context)
{
  for (int32_t v = 6; v <= most && testudo_i_triples_count(v, 1) <= most_blocks; v++)
    for (int32_t lambda = 1; lambda <= 2; lambda++) {
      int32_t blocks = testudo_i_triples_count(v, lambda);
      const testudo_i_block_design all = {blocks, v, lambda * (v - 1) / 2, TESTUDO_I_TRIPLES, 0, lambda, false};
      if (testudo_i_triples_exist(v, lambda) && blocks <= most_blocks && !visit(all, each, context))
        return false;
    }
  return true;
}

void testudo_i_block_designs_visit(int32_t most_chunks, int32_t most_workers, testudo_i_block_visitor each,
                                   void *context)
{
  if (visit_geometries(most_chunks, each, context) && visit_differences(most_chunks, each, context) &&
      visit_subsets(most_chunks, most_workers, each, context))
    (void)visit_triples(most_chunks, most_workers, each, context);
}

/* ---- choosing ---- */

enum { SHOWN = 3 };

typedef struct search {
  int32_t workers, chunks, replication;
  bool found;
  testudo_i_block_design exact;
  int nearest;
  double distance[SHOWN];
  testudo_i_block_design near[SHOWN];
} search;

static double ratio(double a, double b)
{
  return fabs(log(a / b));
}

static bool same_sizes(const testudo_i_block_design *a, const testudo_i_block_design *b)
{
  return a->workers == b->workers && a->chunks == b->chunks && a->replication == b->replication;
}

static bool consider(void *context, const testudo_i_block_design *candidate)
{
  search *s = context;
  double distance = ratio(candidate->workers, s->workers) + ratio(candidate->chunks, s->chunks) +
                    ratio(candidate->replication, s->replication);
  if (distance == 0.0) {
    s->found = true;
    s->exact = *candidate;
    return false;
  }
  for (int k = 0; k < s->nearest; k++)
    if (same_sizes(&s->near[k], candidate))
      return true;
  int at = s->nearest < SHOWN ? s->nearest++ : SHOWN;
  for (; at > 0 && s->distance[at - 1] > distance; at--)
    if (at < SHOWN) {
      s->distance[at] = s->distance[at - 1];
      s->near[at] = s->near[at - 1];
    }
  if (at < SHOWN) {
    s->distance[at] = distance;
    s->near[at] = *candidate;
  }
  return true;
}

static testudo_status refuse_sizes(const search *s, testudo_error *error)
{
  char list[200] = "";
  for (int k = 0; k < s->nearest; k++)
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s(%d, %d, %d)", k == 0 ? "" : ", ",
             (int)s->near[k].workers, (int)s->near[k].chunks, (int)s->near[k].replication);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "no block design of %d workers, %d chunks and replication %d is known here; the nearest are %s",
                        (int)s->workers, (int)s->chunks, (int)s->replication, list);
}

/* ---- building ---- */

/* A design while it is made. */
typedef struct block_maker {
  const testudo_i_block_design *design;
  testudo_i_space space;   /* of the geometries */
  unsigned char *in;       /* of difference sets: by residue */
  int32_t *item;           /* of subsets: a block */
  int32_t (*triple)[3];
} block_maker;

/* Each marks the blocks that a point lies on; none is marked before. Points and hyperplanes of a projective space: on
   it when the product is 0. */
static void mark_projective(const block_maker *m, int32_t point, bool *on)
{
  int32_t x[TESTUDO_I_MOST_DIMENSIONS], h[TESTUDO_I_MOST_DIMENSIONS];
  testudo_i_space_direction(&m->space, point, x);
  for (int32_t j = 0; j < m->design->workers; j++) {
    testudo_i_space_direction(&m->space, j, h);
    on[j] = testudo_i_space_product(&m->space, x, h) == 0;
  }
}

/* Of the q parallel hyperplanes of a direction a point lies on one. */
static void mark_affine(const block_maker *m, int32_t point, bool *on)
{
  int32_t x[TESTUDO_I_MOST_DIMENSIONS], h[TESTUDO_I_MOST_DIMENSIONS];
  testudo_i_space_vector(&m->space, point, x);
  for (int32_t k = 0; k < m->space.directions; k++) {
    testudo_i_space_direction(&m->space, k, h);
    on[k * m->design->q + testudo_i_space_product(&m->space, x, h)] = true;
  }
}

/* Worker j holds j plus the set. */
static void mark_translates(const block_maker *m, int32_t point, bool *on)
{
  for (int32_t j = 0; j < m->design->workers; j++)
    on[j] = m->in[point < j ? point - j + m->design->workers : point - j] != 0;
}

static void mark_subsets(const block_maker *m, int32_t point, bool *on)
{
  int32_t size = m->design->dimensions;
  for (int32_t k = 0; k < size; k++)
    m->item[k] = k;
  for (int32_t j = 0; j < m->design->workers; j++) {
    for (int32_t k = 0; k < size; k++)
      on[j] = on[j] || m->item[k] == point;
    (void)testudo_i_next_subset(m->item, size, m->design->chunks);
  }
}

static void mark_triples(const block_maker *m, int32_t point, bool *on)
{
  for (int32_t j = 0; j < m->design->workers; j++)
    on[j] = m->triple[j][0] == point || m->triple[j][1] == point || m->triple[j][2] == point;
}

/* The blocks of every point, or of a complement the others. */
testudo_status testudo_i_block_design_fill(const testudo_i_block_design *design, testudo_i_incidence *held,
                                           testudo_error *error)
{
  static void (*const mark[])(const block_maker *, int32_t, bool *) = {
      [TESTUDO_I_PROJECTIVE] = mark_projective, [TESTUDO_I_AFFINE] = mark_affine, [TESTUDO_I_SQUARES] = mark_translates,
      [TESTUDO_I_FOURTH_POWERS] = mark_translates, [TESTUDO_I_TWIN_PRIMES] = mark_translates,
      [TESTUDO_I_SUBSETS] = mark_subsets, [TESTUDO_I_TRIPLES] = mark_triples};
  size_t workers = (size_t)design->workers;
  block_maker m = {.design = design};
  m.in = testudo_i_arena_alloc(&held->arena, (size_t)design->chunks, 1);
  m.item = testudo_i_arena_alloc(&held->arena, (size_t)design->dimensions, sizeof *m.item);
  m.triple = testudo_i_arena_alloc(&held->arena, workers, sizeof *m.triple);
  bool *on = testudo_i_arena_alloc(&held->arena, workers, sizeof *on);
  TESTUDO_I_TRY(testudo_i_arena_check(&held->arena, error));
  if (design->from <= TESTUDO_I_AFFINE)
    TESTUDO_I_TRY(testudo_i_space_make(&m.space, design->q, design->dimensions, &held->arena, error));
  else if (design->from == TESTUDO_I_TRIPLES)
    testudo_i_triples_fill(design->chunks, design->dimensions, m.triple);
  else if (design->from < TESTUDO_I_SUBSETS)
    testudo_i_difference_fill((testudo_i_difference)(design->from - TESTUDO_I_SQUARES), design->chunks, m.in);
  for (int32_t i = 0; i < design->chunks; i++) {
    memset(on, 0, workers * sizeof *on);
    mark[design->from](&m, i, on);
    for (int32_t j = 0; j < design->workers; j++)
      if (on[j] != design->complement)
        testudo_i_incidence_put(held, j);
    testudo_i_incidence_next(held);
  }
  return TESTUDO_OK;
}

testudo_status testudo_assignment_bibd(int32_t workers, int32_t chunks, int32_t replication,
                                       testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (replication < 1 || replication > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication: %d, but %d workers allow 1..%d",
                          (int)replication, (int)workers, (int)workers);
  if (workers > TESTUDO_I_LIMIT_BLOCK_DESIGN || chunks > TESTUDO_I_LIMIT_BLOCK_DESIGN)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "block designs are supported up to %d workers and chunks, not for %d and %d",
                          TESTUDO_I_LIMIT_BLOCK_DESIGN, (int)workers, (int)chunks);
  search s = {.workers = workers, .chunks = chunks, .replication = replication};
  testudo_i_block_designs_visit(2 * chunks + 16, 4 * workers + 16, consider, &s);
  if (!s.found)
    return refuse_sizes(&s, error);
  TESTUDO_I_HELD(testudo_i_incidence_clear) testudo_i_incidence held = {0};
  TESTUDO_I_TRY(testudo_i_incidence_begin(&held, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_block_design_fill(&s.exact, &held, error));
  return testudo_i_incidence_end(&held, assignment, error);
}
