/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983) with a part of the moves drawn at chunks that
   lack something, as in WalkSAT (Selman, Kautz and Cohen, 1994): near a solution nearly all other moves do nothing.

   A chunk keeps its worths sorted, so what its counted smallest ones sum to after one worth is exchanged follows from
   that sum and the two worths at the border: a move is judged in constant time, whatever the replication. */
#include "optimize/qmax/anneal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/random.h"

enum {
  STEPS = 400,            /* temperatures of a run */
  STOP_EVERY = 1 << 20,
  THRESHOLDS = 64         /* a rise of the missing sum by so much or more is never accepted */
};

typedef struct chunk_state {
  int32_t sum;            /* of the counted smallest worths */
  int32_t counted, holders;
  int32_t lacking;        /* its place in the list of lacking chunks, or -1 */
  int64_t values, at;     /* where its sorted worths (and a guard behind them) and its entries begin */
} chunk_state;

struct testudo_i_qmax_anneal {
  const testudo_i_places *places;
  int32_t *chunk;         /* the orders */
  int32_t *worker;        /* of an entry */
  int32_t *value;         /* sorted worths of each chunk */
  int32_t *entry;         /* the entries where a chunk stands, in no order */
  chunk_state *state;
  int32_t *lacking;       /* chunks below the need */
  int32_t lacks;
  int32_t need;
  int64_t missing;
  uint64_t random;
  uint32_t accept[THRESHOLDS];
};

/* Stepping a counter by an odd number and mixing it (Steele, Lea and Flood, OOPSLA 2014): one word in a nanosecond. */
static inline uint64_t draw_word(testudo_i_qmax_anneal *a)
{
  return testudo_i_mix(a->random += UINT64_C(0x9e3779b97f4a7c15));
}

/* Of 32 random bits, 0 .. bound-1, even to 2^-32 bound. */
static inline uint32_t bits_below(uint32_t bits, uint32_t bound)
{
  return (uint32_t)(((uint64_t)bits * bound) >> 32);
}

const int32_t *testudo_i_qmax_anneal_order(const testudo_i_qmax_anneal *anneal)
{
  return anneal->chunk;
}

bool testudo_i_qmax_anneal_fits(const testudo_i_places *places)
{
  return (int64_t)places->max_load * places->max_holders <= TESTUDO_I_LIMIT_QMAX_SUM;
}

testudo_status testudo_i_qmax_anneal_create(const testudo_i_places *places, testudo_i_arena *arena,
                                            testudo_i_qmax_anneal **anneal, testudo_error *error)
{
  size_t entries = (size_t)places->loads, chunks = (size_t)places->orders.chunks;
  if (!testudo_i_qmax_anneal_fits(places))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "annealing Q_max: load %d times replication %d, but at most %d is searched",
                          (int)places->max_load, (int)places->max_holders, TESTUDO_I_LIMIT_QMAX_SUM);
  testudo_i_qmax_anneal *a = *anneal = testudo_i_arena_calloc(arena, 1, sizeof *a);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  a->places = places;
  a->chunk = testudo_i_arena_alloc(arena, entries, sizeof *a->chunk);
  a->worker = testudo_i_arena_alloc(arena, entries, sizeof *a->worker);
  a->value = testudo_i_arena_alloc(arena, entries + chunks, sizeof *a->value);
  a->entry = testudo_i_arena_alloc(arena, entries, sizeof *a->entry);
  a->state = testudo_i_arena_calloc(arena, chunks, sizeof *a->state);
  a->lacking = testudo_i_arena_alloc(arena, chunks, sizeof *a->lacking);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  const int64_t *row = places->orders.row;
  for (int32_t j = 0; j < places->orders.workers; j++)
    for (int64_t e = row[j]; e < row[j + 1]; e++)
      a->worker[e] = j;
  return TESTUDO_OK;
}

/* ---- the state ---- */

static void mark(testudo_i_qmax_anneal *a, int32_t chunk)
{
  chunk_state *state = &a->state[chunk];
  if (state->sum < a->need && state->lacking < 0) {
    state->lacking = a->lacks;
    a->lacking[a->lacks++] = chunk;
  } else if (state->sum >= a->need && state->lacking >= 0) {
    int32_t last = a->lacking[--a->lacks];
    a->lacking[state->lacking] = last;
    a->state[last].lacking = state->lacking;
    state->lacking = -1;
  }
}

/* Where `gone` of a chunk's sorted worths is, `come` goes in. */
static inline void exchange_worth(int32_t *value, int32_t holders, int32_t gone, int32_t come)
{
  int32_t k = 0;
  while (k < holders - 1 && value[k] != gone)
    k++;
  for (; k < holders - 1 && value[k + 1] < come; k++)
    value[k] = value[k + 1];
  for (; k > 0 && value[k - 1] > come; k--)
    value[k] = value[k - 1];
  value[k] = come;
}

static void begin_chunks(testudo_i_qmax_anneal *a)
{
  const testudo_i_places *places = a->places;
  for (int32_t i = 0; i < places->orders.chunks; i++) {
    chunk_state *state = &a->state[i];
    *state = (chunk_state){.counted = places->counted[i], .lacking = -1, .at = places->first[i],
                           .values = places->first[i] + i};
  }
  for (int64_t e = 0; e < places->loads; e++) {
    chunk_state *state = &a->state[a->chunk[e]];
    int32_t worth = (int32_t)(places->orders.row[a->worker[e] + 1] - e), k = state->holders++;
    int32_t *value = a->value + state->values;
    a->entry[state->at + k] = (int32_t)e;
    for (; k > 0 && value[k - 1] > worth; k--)
      value[k] = value[k - 1];
    value[k] = worth;
  }
}

static void begin_towards(testudo_i_qmax_anneal *a, int64_t need)
{
  a->need = (int32_t)need;
  a->lacks = 0;
  a->missing = 0;
  begin_chunks(a);
  for (int32_t i = 0; i < a->places->orders.chunks; i++) {
    chunk_state *state = &a->state[i];
    a->value[state->values + state->holders] = INT32_MAX; /* the guard: no worth */
    for (int32_t k = 0; k < state->counted; k++)
      state->sum += a->value[state->values + k];
    if (state->sum < a->need)
      a->missing += a->need - state->sum;
    mark(a, i);
  }
}

/* ---- moves ---- */

typedef struct swap {
  int64_t entry, other;       /* places of one worker */
  int32_t worth, other_worth;
  int32_t chunk, other_chunk;
  int32_t sum, other_sum;     /* of the chunks, after it */
} swap;

/* What the counted smallest sum to when `gone` is exchanged for `come`. Among them, `gone` makes room for the smaller
   of `come` and the next; beyond them, `come` counts only if it undercuts the last. */
static inline int32_t sum_after(const testudo_i_qmax_anneal *a, const chunk_state *state, int32_t gone, int32_t come)
{
  const int32_t *border = a->value + state->values + state->counted;
  if (gone <= border[-1])
    return state->sum - gone + (come < border[0] ? come : border[0]);
  return come < border[-1] ? state->sum + come - border[-1] : state->sum;
}

static inline int32_t lack(const testudo_i_qmax_anneal *a, int32_t sum)
{
  return sum < a->need ? a->need - sum : 0;
}

/* Seven of eight moves start at a lacking chunk. Answers false for a swap that changes nothing. */
static inline bool propose_swap(testudo_i_qmax_anneal *a, swap *s, uint32_t *bits)
{
  const int64_t *row = a->places->orders.row;
  uint64_t word = draw_word(a);
  uint32_t high = (uint32_t)(word >> 32);
  if (word & 7) {
    const chunk_state *state = &a->state[a->lacking[bits_below(high, (uint32_t)a->lacks)]];
    s->entry = a->entry[state->at + bits_below((uint32_t)word, (uint32_t)state->holders)];
  } else
    s->entry = bits_below(high, (uint32_t)a->places->loads);
  int64_t first = row[a->worker[s->entry]], last = row[a->worker[s->entry] + 1];
  if (last - first < 2)
    return false;
  word = draw_word(a);
  *bits = (uint32_t)word;
  s->other = first + bits_below((uint32_t)(word >> 32), (uint32_t)(last - first - 1));
  s->other += s->other >= s->entry;
  s->worth = (int32_t)(last - s->entry);
  s->other_worth = (int32_t)(last - s->other);
  s->chunk = a->chunk[s->entry];
  s->other_chunk = a->chunk[s->other];
  return s->chunk != s->other_chunk;
}

static void move_entry(testudo_i_qmax_anneal *a, const chunk_state *state, int64_t from, int64_t to)
{
  int32_t *entry = a->entry + state->at;
  int32_t k = 0;
  while (k < state->holders - 1 && entry[k] != from)
    k++;
  entry[k] = (int32_t)to;
}

static void make_swap(testudo_i_qmax_anneal *a, const swap *s, int32_t rise)
{
  chunk_state *one = &a->state[s->chunk], *two = &a->state[s->other_chunk];
  exchange_worth(a->value + one->values, one->holders, s->worth, s->other_worth);
  exchange_worth(a->value + two->values, two->holders, s->other_worth, s->worth);
  move_entry(a, one, s->entry, s->other);
  move_entry(a, two, s->other, s->entry);
  a->chunk[s->entry] = s->other_chunk;
  a->chunk[s->other] = s->chunk;
  one->sum = s->sum;
  two->sum = s->other_sum;
  a->missing += rise;
  mark(a, s->chunk);
  mark(a, s->other_chunk);
}

static int64_t run_step(testudo_i_qmax_anneal *a, int64_t moves)
{
  int64_t done = 0;
  for (; done < moves && a->missing > 0; done++) {
    swap s;
    uint32_t bits;
    if (!propose_swap(a, &s, &bits))
      continue;
    const chunk_state *one = &a->state[s.chunk], *two = &a->state[s.other_chunk];
    s.sum = sum_after(a, one, s.worth, s.other_worth);
    s.other_sum = sum_after(a, two, s.other_worth, s.worth);
    int32_t rise = lack(a, s.sum) - lack(a, one->sum) + lack(a, s.other_sum) - lack(a, two->sum);
    if (rise > 0 && (rise >= THRESHOLDS || bits >= a->accept[rise]))
      continue;
    make_swap(a, &s, rise);
  }
  return done;
}

/* ---- a run ---- */

static void start_orders(testudo_i_qmax_anneal *a, uint64_t seed, uint64_t try, bool warm)
{
  const testudo_assignment *orders = &a->places->orders;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, 1, try);
  memcpy(a->chunk, orders->chunk, (size_t)a->places->loads * sizeof *a->chunk);
  for (int32_t j = 0; !warm && j < orders->workers; j++)
    testudo_i_random_shuffle(&random, a->chunk + orders->row[j], (size_t)(orders->row[j + 1] - orders->row[j]));
  a->random = testudo_i_random_word(&random);
}

int64_t testudo_i_qmax_anneal_run(testudo_i_qmax_anneal *a, int64_t need, uint64_t seed, uint64_t try, bool warm,
                                  const testudo_i_cooling *cooling, int64_t *moves)
{
  start_orders(a, seed, try, warm);
  begin_towards(a, need);
  *moves = 0;
  int64_t since = 0;
  for (int step = 0; step < STEPS && a->missing > 0; step++) {
    double heat = cooling->hot * pow(cooling->cold / cooling->hot, step / (double)(STEPS - 1));
    for (int k = 0; k < THRESHOLDS; k++)
      a->accept[k] = (uint32_t)fmin(4294967295.0, 4294967296.0 * exp(-k / heat));
    int64_t left = cooling->moves * (step + 1) / STEPS - *moves;
    while (left > 0 && a->missing > 0) {
      int64_t done = run_step(a, left < STOP_EVERY ? left : STOP_EVERY);
      *moves += done;
      left -= done;
      since += done;
      if (since < STOP_EVERY)
        continue;
      since = 0;
      if (cooling->stop != NULL && cooling->stop(cooling->context))
        return a->missing;
    }
  }
  return a->missing;
}
