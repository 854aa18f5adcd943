/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sample mean of the completion time of a holding, cut to a window, and what an exchange makes of it. */
#include "optimize/local/least.h"

#include <math.h>

#include "base/error.h"

#define BLOCK TESTUDO_I_TIMES_BLOCK

testudo_status testudo_i_score_make(testudo_i_score *score, testudo_i_arena *arena, const testudo_i_times *times,
                                    testudo_i_holding *holding, int32_t parts, testudo_error *error)
{
  size_t trials = (size_t)times->trials;
  *score = (testudo_i_score){.times = times, .holding = holding, .parts = parts, .window = {0, HUGE_VALF}};
  score->done = testudo_i_arena_alloc(arena, (size_t)holding->chunks * trials, sizeof *score->done);
  score->room = testudo_i_arena_alloc(arena, ((size_t)parts + 2) * BLOCK, sizeof *score->room);
  for (int k = 0; k < 3; k++)
    score->latest[k] = testudo_i_arena_alloc(arena, trials, sizeof *score->latest[k]);
  for (int k = 0; k < 2; k++)
    score->who[k] = testudo_i_arena_alloc(arena, trials, sizeof *score->who[k]);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  testudo_i_score_refresh(score);
  return TESTUDO_OK;
}

/* ---- when a chunk is done ---- */

/* The times of slot e in a block of trials: factor * from[..]. */
TESTUDO_I_INLINED const float *slot_times(const testudo_i_score *score, int64_t e, int64_t begin, float *factor)
{
  const testudo_i_times *times = score->times;
  int32_t worker = score->holding->worker[e];
  *factor = times->timed ? 1.0f : (float)(e - score->holding->row[worker] + 1);
  return times->time + (times->timed ? e : worker) * times->trials + begin;
}

/* done[0..BLOCK-1]: the parts-th smallest time of the chunk's slots, slot `out` replaced by `in` (-1: none is). */
TESTUDO_I_CLONES
static void chunk_done(const testudo_i_score *score, int32_t chunk, int64_t out, int64_t in, int64_t begin, float *done)
{
  const testudo_i_holding *holding = score->holding;
  float *carry = score->room, factor;
  int32_t parts = score->parts;
  for (int32_t k = 0; k < parts; k++)
    testudo_i_least_start(k == parts - 1 ? done : carry + (k + 1) * BLOCK);
  for (int64_t h = holding->holder_row[chunk]; h < holding->holder_row[chunk + 1]; h++) {
    int64_t e = holding->holder[h] == out ? in : holding->holder[h];
    const float *time = slot_times(score, e, begin, &factor);
    if (parts == 1) {
      testudo_i_least_join(done, time, factor);
      continue;
    }
    testudo_i_least_scale(carry, time, factor);
    for (int32_t k = 0; k < parts; k++)
      testudo_i_least_pass(k == parts - 1 ? done : carry + (k + 1) * BLOCK, carry);
  }
}

/* ---- the three latest ---- */

TESTUDO_I_INLINED void start_latest(const testudo_i_score *score, int64_t begin)
{
  for (int r = 0; r < BLOCK; r++) {
    score->latest[0][begin + r] = score->latest[1][begin + r] = score->latest[2][begin + r] = -1;
    score->who[0][begin + r] = score->who[1][begin + r] = -1;
  }
}

TESTUDO_I_INLINED void join_latest(float *restrict first, float *restrict second, float *restrict third,
                                   int32_t *restrict who, int32_t *restrict next, const float *restrict done,
                                   int32_t chunk)
{
  for (int r = 0; r < BLOCK; r++) {
    float t = done[r], a = first[r], b = second[r], c = third[r];
    int32_t i = who[r], k = next[r];
    third[r] = t > b ? b : t > c ? t : c;
    second[r] = t > a ? a : t > b ? t : b;
    next[r] = t > a ? i : t > b ? chunk : k;
    first[r] = t > a ? t : a;
    who[r] = t > a ? chunk : i;
  }
}

TESTUDO_I_CLONES
static void find_latest(testudo_i_score *score, int64_t begin)
{
  int64_t trials = score->times->trials;
  start_latest(score, begin);
  for (int32_t i = 0; i < score->holding->chunks; i++)
    join_latest(score->latest[0] + begin, score->latest[1] + begin, score->latest[2] + begin, score->who[0] + begin,
                score->who[1] + begin, score->done + i * trials + begin, i);
}

TESTUDO_I_INLINED float cut(testudo_i_window window, float t)
{
  return t < window.low ? window.low : t > window.high ? window.high : t;
}

void testudo_i_score_times(const testudo_i_score *score, float *time)
{
  for (int64_t r = 0; r < score->times->trials; r++)
    time[r] = cut(score->window, score->latest[0][r]);
}

static void find_value(testudo_i_score *score)
{
  double sum = 0;
  for (int64_t r = 0; r < score->times->trials; r++)
    sum += cut(score->window, score->latest[0][r]);
  score->value = sum / (double)score->times->trials;
}

void testudo_i_score_refresh(testudo_i_score *score)
{
  int64_t trials = score->times->trials;
  for (int64_t begin = 0; begin < trials; begin += BLOCK) {
    for (int32_t i = 0; i < score->holding->chunks; i++)
      chunk_done(score, i, -1, -1, begin, score->done + i * trials + begin);
    find_latest(score, begin);
  }
  find_value(score);
}

/* ---- moves ---- */

typedef struct change {
  double sum, squares;
} change;

/* T after minus T before, cut, summed over a block. */
TESTUDO_I_CLONES
static void add_change(const testudo_i_score *score, int64_t begin, int32_t a, int32_t b, const float *done_a,
                       const float *done_b, change *total)
{
  const float *first = score->latest[0] + begin, *second = score->latest[1] + begin, *third = score->latest[2] + begin;
  const int32_t *who = score->who[0] + begin, *next = score->who[1] + begin;
  float low = score->window.low, high = score->window.high, sum = 0, squares = 0;
  float gain[BLOCK];
  for (int r = 0; r < BLOCK; r++) {
    /* Loaded before they are chosen between: without branches the loop is done eight trials at a time. */
    float before = first[r], after = second[r], last = third[r], of_a = done_a[r], of_b = done_b[r];
    int stays = (who[r] != a) & (who[r] != b), follows = (next[r] != a) & (next[r] != b);
    float rest = follows ? after : last, t = of_a > of_b ? of_a : of_b;
    rest = stays ? before : rest;
    t = rest > t ? rest : t;
    t = t < low ? low : t > high ? high : t;
    before = before < low ? low : before > high ? high : before;
    gain[r] = t - before;
  }
  /* Eight sums side by side: the order of summing is fixed, whatever the compiler makes of it. */
  float part[8] = {0}, part_squares[8] = {0};
  for (int r = 0; r < BLOCK; r += 8)
    for (int k = 0; k < 8; k++) {
      part[k] += gain[r + k];
      part_squares[k] += gain[r + k] * gain[r + k];
    }
  for (int k = 0; k < 8; k++) {
    sum += part[k];
    squares += part_squares[k];
  }
  total->sum += sum;
  total->squares += squares;
}

double testudo_i_score_try(testudo_i_score *score, int64_t one, int64_t other, double limit)
{
  const testudo_i_holding *holding = score->holding;
  int32_t a = holding->chunk[one], b = holding->chunk[other];
  int64_t trials = score->times->trials, look = trials / 8;
  float done_a[BLOCK], done_b[BLOCK];
  change total = {0, 0};
  for (int64_t begin = 0; begin < trials; begin += BLOCK) {
    chunk_done(score, a, one, other, begin, done_a);
    chunk_done(score, b, other, one, begin, done_b);
    add_change(score, begin, a, b, done_a, done_b, &total);
    double seen = (double)(begin + BLOCK);
    if (seen < (double)look || seen >= (double)trials)
      continue;
    look *= 2;
    if (score->value + (total.sum - 3 * sqrt(total.squares)) / seen > limit)
      return score->value + total.sum / seen;
  }
  return score->value + total.sum / (double)trials;
}

void testudo_i_score_exchange(testudo_i_score *score, int64_t one, int64_t other)
{
  int32_t a = score->holding->chunk[one], b = score->holding->chunk[other];
  int64_t trials = score->times->trials;
  testudo_i_holding_exchange(score->holding, one, other);
  for (int64_t begin = 0; begin < trials; begin += BLOCK) {
    chunk_done(score, a, -1, -1, begin, score->done + a * trials + begin);
    chunk_done(score, b, -1, -1, begin, score->done + b * trials + begin);
    find_latest(score, begin);
  }
  find_value(score);
}
