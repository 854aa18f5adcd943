/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds that hold for all sizes. For any rule s*(times) that names a level, T >= W_{s*} Z_{s*}, Z_s the (n - s)-th
   smallest X; so with c_s = E[Z_s; s* = s] the mean of T is at least sum_s c_s W_s, which is sum_i x_i (i + 1) sum_{s
   >= i} c_s, and this at least min_i (i + 1) sum_{s >= i} c_s. Here s* is the highest level that the code of the given
   shares still waited for in the last cell of time that had such a level: there W_s Z_s is at least the cell's
   beginning, and P(s* = s, cell) is a sum of positive terms, of which some are left out. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "optimize/block/objective.h"
#include "parallel/loop.h"

/* What the cells of a bound may cost, of the mean, and how many they may be for that, times the workers squared: some
   seconds of a core. */
#define LOSS 1e-4
#define PIECE_COST 3e8

/* Numbers that are kept of a level. */
enum { ROOM = TESTUDO_I_CROSSING_DEPTH + 2 };

static void keep_levels(const testudo_i_block_levels *levels, int32_t blocks, double *kept)
{
  for (int32_t k = 0; k < blocks; k++) {
    kept[k * ROOM] = levels->reached[k];
    kept[k * ROOM + 1] = levels->missed[k];
    testudo_i_crossing_keep(&levels->crossing, k, kept + k * ROOM + 2);
  }
}

/* The cells between two edges of the objective: sum += W_k c_k. `kept` is of the beginning, and becomes the end's. */
static void sum_pieces(testudo_i_block_objective *o, testudo_i_block_levels *levels, int64_t cell, int64_t pieces,
                       double *kept, double *sum)
{
  double begin = o->edge[cell], ratio = log(o->edge[cell + 1] / begin) / (double)pieces, time = begin;
  for (int64_t p = 0; p < pieces; p++) {
    double end = p + 1 == pieces ? o->edge[cell + 1] : begin * exp(ratio * (double)(p + 1));
    testudo_i_block_levels_at(levels, o->work, o->law->start + end);
    for (int32_t k = 0; k < o->blocks; k++) {
      const double *old = kept + k * ROOM;
      double crossed = old[0] < 0.5 ? levels->reached[k] - old[0] : old[1] - levels->missed[k];
      sum[k] += time * testudo_i_crossing_between(&levels->crossing, k, old + 2, crossed);
    }
    keep_levels(levels, o->blocks, kept);
    time = end;
  }
}

static testudo_status bound_part(void *context, int32_t thread, int64_t part)
{
  testudo_i_block_objective *o = context;
  testudo_i_block_levels *levels = &o->levels[thread];
  size_t n = (size_t)o->blocks;
  int64_t cells = (int64_t)o->edges - 1, first = cells * part / TESTUDO_I_BLOCK_PARTS;
  int64_t last = cells * (part + 1) / TESTUDO_I_BLOCK_PARTS;
  double *sum = o->part_slope + (size_t)part * 2 * n;
  double *kept = o->piece + cells + (size_t)part * n * ROOM;
  memset(sum, 0, n * sizeof *sum);
  if (first == last)
    return TESTUDO_OK;
  testudo_i_block_levels_at(levels, o->work, o->law->start + o->edge[first]);
  keep_levels(levels, o->blocks, kept);
  for (int64_t c = first; c < last; c++)
    sum_pieces(o, levels, c, (int64_t)o->piece[c], kept, sum);
  return TESTUDO_OK;
}

/* A cell costs at most its width: pieces in proportion to the root of mass times width have the least sum of that, and
   as many of them as make it LOSS of the mean. */
static void deal_pieces(const testudo_i_block_objective *o)
{
  double *piece = o->piece;
  int64_t cells = (int64_t)o->edges - 1;
  double all = 0.0, mean = 0.0, most = PIECE_COST / ((double)o->law->alive * o->law->alive);
  for (int64_t c = 0; c < cells; c++) {
    all += piece[c] = sqrt(o->weight[c] * log(o->edge[c + 1] / o->edge[c])) + 1e-300;
    mean += o->weight[c];
  }
  double wanted = fmin(most, all * all / (LOSS * mean));
  for (int64_t c = 0; c < cells; c++)
    piece[c] = ceil(piece[c] / all * wanted);
}

/* min over the allowed of (i + 1) sum_{s >= i} c_s; what rounding may add is taken off. */
static double least_price(const testudo_i_block_objective *o, const int32_t *allowed, int32_t count)
{
  double tail = 0.0, least = HUGE_VAL;
  int32_t k = o->blocks - 1;
  for (int32_t i = count - 1; i >= 0; i--) {
    for (; k >= 0 && o->tolerance[k] >= allowed[i]; k--)
      tail += o->slope[k];
    least = fmin(least, (allowed[i] + 1.0) * tail);
  }
  return o->law->start + least * (1.0 - 1e-11);
}

testudo_status testudo_i_block_mean_bound(testudo_i_block_objective *objective, const double *share,
                                          const int32_t *allowed, int32_t count, double *bound,
                                          testudo_error *error)
{
  testudo_i_block_objective *o = objective;
  size_t n = (size_t)o->blocks, kept = TESTUDO_I_BLOCK_PARTS * n * ROOM;
  o->piece = testudo_i_arena_calloc(&o->arena, o->edges + kept, sizeof *o->piece);
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, error));
  double work = 0.0;
  for (size_t k = 0; k < n; k++)
    o->work[k] = work += (o->tolerance[k] + 1.0) * share[k];
  deal_pieces(o);
  testudo_status status = testudo_i_parallel_for(TESTUDO_I_BLOCK_PARTS, o->threads, bound_part, o, o->monitor);
  if (status == TESTUDO_INTERRUPTED)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the search was interrupted");
  TESTUDO_I_TRY(status);
  for (size_t k = 0; k < n; k++) {
    o->slope[k] = 0.0;
    for (size_t part = 0; part < TESTUDO_I_BLOCK_PARTS; part++)
      o->slope[k] += o->part_slope[part * 2 * n + k];
    o->slope[k] /= o->work[k];
  }
  *bound = least_price(o, allowed, count);
  return TESTUDO_OK;
}

bool testudo_i_block_log_concave(const testudo_i_block_law *law, int32_t workers, double t)
{
  return law->plain && law->atoms == 0 && t > law->start &&
         testudo_i_law_speed_rises(law->delay.law, (t - law->start) * law->rate / workers);
}
