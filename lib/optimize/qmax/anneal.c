/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moves of annealing an order: a part of them is drawn at chunks that lack something, as in WalkSAT (Selman, Kautz
   and Cohen, 1994), for near a solution nearly all other moves do nothing.

   A chunk keeps its worths sorted, so what its counted smallest ones sum to after one worth is exchanged follows from
   that sum and the two worths at the border: a move is judged in constant time, whatever the replication. */
#include "optimize/qmax/anneal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "optimize/search/leg.h"

typedef struct chunk_state {
  int32_t sum;            /* of the counted smallest worths */
  int32_t counted, holders;
  int32_t lacking;        /* its place in the list of lacking chunks, or -1 */
  int64_t values, at;     /* where its sorted worths (and a guard behind them) and its entries begin */
} chunk_state;

typedef struct swap {
  int64_t entry, other;       /* places of one worker */
  int32_t worth, other_worth;
  int32_t chunk, other_chunk;
  int32_t sum, other_sum;     /* of the chunks, after it */
  int32_t rise;               /* of what is missing */
} swap;

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
  int64_t entry_proposed, other_proposed; /* the places of the swap */
};

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

/* Seven of eight moves start at a lacking chunk. Answers false where there is no other place. */
static inline bool draw_places(const testudo_i_qmax_anneal *a, testudo_i_draws *draws, swap *s)
{
  const int64_t *row = a->places->orders.row;
  uint64_t word = testudo_i_draw_word(draws);
  uint32_t high = (uint32_t)(word >> 32);
  if (word & 7) {
    const chunk_state *state = &a->state[a->lacking[testudo_i_bits_below(high, (uint32_t)a->lacks)]];
    s->entry = a->entry[state->at + testudo_i_bits_below((uint32_t)word, (uint32_t)state->holders)];
  } else
    s->entry = testudo_i_bits_below(high, (uint32_t)a->places->loads);
  int64_t first = row[a->worker[s->entry]], last = row[a->worker[s->entry] + 1];
  if (last - first < 2)
    return false;
  s->other = first + testudo_i_draw_below(draws, (int32_t)(last - first - 1));
  s->other += s->other >= s->entry;
  return true;
}

/* What the swap of its two places does; false where that is nothing. */
static inline bool judge_swap(const testudo_i_qmax_anneal *a, swap *s)
{
  int64_t last = a->places->orders.row[a->worker[s->entry] + 1];
  s->worth = (int32_t)(last - s->entry);
  s->other_worth = (int32_t)(last - s->other);
  s->chunk = a->chunk[s->entry];
  s->other_chunk = a->chunk[s->other];
  if (s->chunk == s->other_chunk)
    return false;
  const chunk_state *one = &a->state[s->chunk], *two = &a->state[s->other_chunk];
  s->sum = sum_after(a, one, s->worth, s->other_worth);
  s->other_sum = sum_after(a, two, s->other_worth, s->worth);
  s->rise = lack(a, s->sum) - lack(a, one->sum) + lack(a, s->other_sum) - lack(a, two->sum);
  return true;
}

/* The places alone are remembered: few swaps are made, and those are judged again. */
static double propose_swap(void *problem, testudo_i_draws *draws, double limit)
{
  testudo_i_qmax_anneal *a = problem;
  swap s;
  (void)limit;
  if (!draw_places(a, draws, &s) || !judge_swap(a, &s))
    return NAN;
  a->entry_proposed = s.entry;
  a->other_proposed = s.other;
  return (double)(a->missing + s.rise);
}

static void move_entry(testudo_i_qmax_anneal *a, const chunk_state *state, int64_t from, int64_t to)
{
  int32_t *entry = a->entry + state->at;
  int32_t k = 0;
  while (k < state->holders - 1 && entry[k] != from)
    k++;
  entry[k] = (int32_t)to;
}

static void make_swap(void *problem)
{
  testudo_i_qmax_anneal *a = problem;
  swap s = {.entry = a->entry_proposed, .other = a->other_proposed};
  judge_swap(a, &s);
  chunk_state *one = &a->state[s.chunk], *two = &a->state[s.other_chunk];
  exchange_worth(a->value + one->values, one->holders, s.worth, s.other_worth);
  exchange_worth(a->value + two->values, two->holders, s.other_worth, s.worth);
  move_entry(a, one, s.entry, s.other);
  move_entry(a, two, s.other, s.entry);
  a->chunk[s.entry] = s.other_chunk;
  a->chunk[s.other] = s.chunk;
  one->sum = s.sum;
  two->sum = s.other_sum;
  a->missing += s.rise;
  mark(a, s.chunk);
  mark(a, s.other_chunk);
}

static const testudo_i_annealing swaps = {.propose = propose_swap, .keep = make_swap};

static void make_swaps(void *problem, testudo_i_anneal_state *state, int64_t end, testudo_i_draws *draws)
{
  testudo_i_anneal_leg(&swaps, problem, state, end, draws);
}

/* ---- a run ---- */

int64_t testudo_i_qmax_anneal_run(testudo_i_qmax_anneal *a, int64_t need, testudo_i_random *random, bool warm,
                                  const testudo_i_annealing *cooling, int64_t *moves)
{
  const testudo_assignment *orders = &a->places->orders;
  testudo_i_annealing annealing = *cooling;
  annealing.problem = a;
  annealing.propose = swaps.propose;
  annealing.keep = swaps.keep;
  annealing.leg = make_swaps;
  annealing.target = 0;
  memcpy(a->chunk, orders->chunk, (size_t)a->places->loads * sizeof *a->chunk);
  for (int32_t j = 0; !warm && j < orders->workers; j++)
    testudo_i_random_shuffle(random, a->chunk + orders->row[j], (size_t)(orders->row[j + 1] - orders->row[j]));
  begin_towards(a, need);
  testudo_i_draws draws = testudo_i_draws_start(random);
  testudo_i_anneal_run(&annealing, (double)a->missing, &draws, moves);
  return a->missing;
}
