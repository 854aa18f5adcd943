/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequences of small width: what is open between the workers seen and those not yet seen. */
#include "exact/elimination/sequence.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"

/* Starts of the greedy and the breadth-first ways: all workers of a small component, else some; of a huge one few. */
enum { ALL_STARTS = 48, SOME_STARTS = 12, FEW_STARTS = 4, HUGE_COMPONENT = 10000 };

/* Annealing: steps of a component of so many pairs at most; where there are few states nothing is to be gained. */
enum { ANNEAL_STEPS = 600, ANNEAL_PAIRS = 4096, ANNEAL_FROM = 200 };

typedef struct walker {
  const testudo_i_cover *cover;
  int32_t base, size;       /* workers base .. base + size - 1 */
  int32_t row_base, rows;
  double limit;             /* bits */
  int32_t *seen;            /* by row: holders seen */
  double *own;              /* by worker: log2 of how much progress matters */
  bool *taken, *near;       /* near: shares a row with a worker taken, and stands in `candidate` */
  int32_t *candidate, candidates;
  int32_t *sequence, *best; /* of the workers, 0 .. size - 1 */
  double open, all;         /* log2 of the counts of open rows, and of what the workers seen may have done */
  double states;
} walker;

/* log2 of how many counts a row can have after `seen` of its holders, so that it can still be covered. */
static double row_bits(int32_t need, int32_t holders, int32_t seen)
{
  int32_t left = holders - seen, most = need < left ? need : left, least = need > seen ? need - seen : 0;
  return seen == 0 || left == 0 || most <= least ? 0 : log2(most - least + 1.0);
}

static void start_walk(walker *w)
{
  memset(w->seen, 0, (size_t)w->rows * sizeof *w->seen);
  memset(w->taken, 0, (size_t)w->size * sizeof *w->taken);
  memset(w->near, 0, (size_t)w->size * sizeof *w->near);
  w->candidates = 0;
  w->open = w->all = w->states = 0;
}

static double step_bits(const walker *w, int32_t worker)
{
  const testudo_i_cover *cover = w->cover;
  double bits = 0;
  for (int64_t e = cover->first[w->base + worker]; e < cover->first[w->base + worker + 1]; e++) {
    int32_t r = cover->row[e], seen = w->seen[r - w->row_base];
    int32_t holders = (int32_t)(cover->held[r + 1] - cover->held[r]);
    bits += row_bits(cover->need[r], holders, seen + 1) - row_bits(cover->need[r], holders, seen);
  }
  return bits;
}

static void take_worker(walker *w, int32_t worker, int32_t at)
{
  const testudo_i_cover *cover = w->cover;
  w->open += step_bits(w, worker);
  w->all += w->own[worker];
  w->states += exp2(fmin(w->open, w->all));
  w->taken[worker] = true;
  w->sequence[at] = worker;
  for (int64_t e = cover->first[w->base + worker]; e < cover->first[w->base + worker + 1]; e++)
    w->seen[cover->row[e] - w->row_base]++;
}

static void add_candidates(walker *w, int32_t worker)
{
  const testudo_i_cover *cover = w->cover;
  for (int64_t e = cover->first[w->base + worker]; e < cover->first[w->base + worker + 1]; e++) {
    int32_t r = cover->row[e];
    for (int64_t f = cover->held[r]; f < cover->held[r + 1]; f++) {
      int32_t other = cover->holder[f] - w->base;
      if (w->taken[other] || w->near[other])
        continue;
      w->near[other] = true;
      w->candidate[w->candidates++] = other;
    }
  }
}

static bool too_wide(const walker *w)
{
  return fmin(w->open, w->all) > w->limit;
}

/* Takes the candidate that opens least, of equal ones that which has been one longest; false where it gets too wide. */
static bool walk_greedily(walker *w, int32_t start)
{
  start_walk(w);
  int32_t next = start;
  for (int32_t k = 0; k < w->size; k++) {
    take_worker(w, next, k);
    if (too_wide(w))
      return false;
    add_candidates(w, next);
    int32_t kept = 0;
    double least = HUGE_VAL;
    for (int32_t c = 0; c < w->candidates; c++) {
      int32_t worker = w->candidate[c];
      if (w->taken[worker])
        continue;
      w->candidate[kept++] = worker;
      double bits = step_bits(w, worker);
      if (bits < least - 1e-9) {
        least = bits;
        next = worker;
      }
    }
    w->candidates = kept;
  }
  return true;
}

static bool walk_breadth_first(walker *w, int32_t start)
{
  start_walk(w);
  w->near[start] = true;
  w->candidate[w->candidates++] = start;
  for (int32_t k = 0; k < w->size; k++) {
    take_worker(w, w->candidate[k], k);
    if (too_wide(w))
      return false;
    add_candidates(w, w->candidate[k]);
  }
  return true;
}

static bool walk_along(walker *w, const int32_t *sequence)
{
  start_walk(w);
  for (int32_t k = 0; k < w->size; k++) {
    take_worker(w, sequence[k], k);
    if (too_wide(w))
      return false;
  }
  return true;
}

/* Keeps the walk among the best, unless one like it is there. */
static void keep_walk(const walker *w, testudo_i_sequences *sequences)
{
  int32_t at = sequences->count;
  for (int32_t k = 0; k < sequences->count; k++)
    if (fabs(sequences->states[k] - w->states) <= 1e-9 * w->states)
      return;
  while (at > 0 && sequences->states[at - 1] > w->states)
    at--;
  if (at == TESTUDO_I_SEQUENCES)
    return;
  int32_t last = sequences->count < TESTUDO_I_SEQUENCES ? sequences->count++ : TESTUDO_I_SEQUENCES - 1;
  int32_t *room = sequences->worker[last];
  for (int32_t k = last; k > at; k--) {
    sequences->worker[k] = sequences->worker[k - 1];
    sequences->states[k] = sequences->states[k - 1];
  }
  sequences->worker[at] = room;
  sequences->states[at] = w->states;
  memcpy(room, w->sequence, (size_t)w->size * sizeof *room);
}

static void move_worker(int32_t *sequence, int32_t from, int32_t to)
{
  int32_t moved = sequence[from];
  if (from < to)
    memmove(sequence + from, sequence + from + 1, (size_t)(to - from) * sizeof *sequence);
  else
    memmove(sequence + to + 1, sequence + to, (size_t)(from - to) * sizeof *sequence);
  sequence[to] = moved;
}

/* Moves one worker elsewhere, or exchanges two, and falls back where that is worse by more than the temperature. */
static void anneal_walk(walker *w, testudo_i_sequences *sequences)
{
  size_t bytes = (size_t)w->size * sizeof *w->best;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, (uint64_t)w->size, 0);
  memcpy(w->best, sequences->worker[0], bytes);
  int32_t *trial = w->candidate;
  double now = log2(sequences->states[0]);
  for (int step = 0; step < ANNEAL_STEPS; step++) {
    int32_t a = (int32_t)testudo_i_random_below(&random, (uint64_t)w->size);
    int32_t b = (int32_t)testudo_i_random_below(&random, (uint64_t)w->size);
    double warmth = 0.5 * (1 - step / (double)ANNEAL_STEPS), luck = testudo_i_random_uniform(&random);
    memcpy(trial, w->best, bytes);
    if (step % 2 == 0) {
      move_worker(trial, a, b);
    } else {
      trial[a] = w->best[b];
      trial[b] = w->best[a];
    }
    if (a == b || !walk_along(w, trial))
      continue;
    double found = log2(w->states);
    if (found > now - warmth * log(luck))
      continue;
    now = found;
    memcpy(w->best, w->sequence, bytes);
    keep_walk(w, sequences);
  }
}

static testudo_status walker_init(walker *w, testudo_i_arena *scratch, testudo_error *error)
{
  const testudo_i_cover *cover = w->cover;
  size_t size = (size_t)w->size;
  w->seen = testudo_i_arena_alloc(scratch, (size_t)w->rows, sizeof *w->seen);
  w->own = testudo_i_arena_alloc(scratch, size, sizeof *w->own);
  w->taken = testudo_i_arena_alloc(scratch, size, sizeof *w->taken);
  w->near = testudo_i_arena_alloc(scratch, size, sizeof *w->near);
  w->candidate = testudo_i_arena_alloc(scratch, size, sizeof *w->candidate);
  w->sequence = testudo_i_arena_alloc(scratch, size, sizeof *w->sequence);
  w->best = testudo_i_arena_alloc(scratch, size, sizeof *w->best);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  for (int32_t k = 0; k < w->size; k++) {
    int32_t steps = 1;
    int64_t start = cover->first[w->base + k];
    for (int64_t e = start; e < cover->first[w->base + k + 1]; e++)
      steps += cover->step[e] > 0 && (e == start || cover->step[e] != cover->step[e - 1]);
    w->own[k] = log2(steps);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_sequences_find(const testudo_i_cover *cover, int32_t component, double bits,
                                        testudo_i_arena *arena, testudo_i_sequences *sequences, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  int32_t base = cover->worker_start[component], row_base = cover->row_start[component];
  walker w = {.cover = cover, .base = base, .size = cover->worker_start[component + 1] - base, .row_base = row_base,
              .rows = cover->row_start[component + 1] - row_base, .limit = bits};
  *sequences = (testudo_i_sequences){0};
  TESTUDO_I_TRY(walker_init(&w, &scratch, error));
  for (int k = 0; k < TESTUDO_I_SEQUENCES; k++)
    sequences->worker[k] = testudo_i_arena_alloc(arena, (size_t)w.size, sizeof *sequences->worker[k]);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int32_t starts = w.size <= ALL_STARTS ? w.size : w.size <= HUGE_COMPONENT ? SOME_STARTS : FEW_STARTS;
  for (int32_t k = 0; k < starts; k++) {
    int32_t start = (int32_t)((int64_t)k * w.size / starts);
    if (walk_greedily(&w, start))
      keep_walk(&w, sequences);
    if (walk_breadth_first(&w, start))
      keep_walk(&w, sequences);
  }
  int64_t pairs = cover->first[base + w.size] - cover->first[base];
  if (sequences->count > 0 && w.size > 2 && sequences->states[0] > ANNEAL_FROM && pairs <= ANNEAL_PAIRS)
    anneal_walk(&w, sequences);
  for (int32_t k = 0; k < sequences->count; k++)
    for (int32_t a = 0; a < w.size; a++)
      sequences->worker[k][a] += base;
  return TESTUDO_OK;
}
