/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of stragglers: drawn, chosen to harm, and what they leave. */
#include "assess/stragglers/adversary.h"

#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "runtime/design.h"

/* An error is then too large by at most (1e-9 ||A|| / least singular value)^2 of itself. */
#define TOLERANCE 1e-9

testudo_status testudo_i_adversary_make(testudo_i_adversary *adversary, const testudo_design *design,
                                        testudo_decoder decoder, int32_t stragglers, uint64_t seed,
                                        testudo_error *error)
{
  size_t workers = (size_t)design->workers;
  *adversary = (testudo_i_adversary){.design = design, .stragglers = stragglers, .worst = -1.0};
  if (decoder == TESTUDO_DECODER_EXACT)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoder exact leaves no error; allowed are optimal, one-step and component");
  if (decoder == TESTUDO_DECODER_OPTIMAL && testudo_i_is_graph_scheme(design))
    decoder = TESTUDO_DECODER_COMPONENT;
  TESTUDO_I_TRY(testudo_codec_create(design, decoder, &adversary->codec, error));
  testudo_i_combiner_of(adversary->codec)->tolerance = TOLERANCE;
  testudo_i_arena *arena = &adversary->arena;
  adversary->worker = testudo_i_arena_alloc(arena, workers, sizeof *adversary->worker);
  adversary->straggles = testudo_i_arena_calloc(arena, workers, 1);
  adversary->finished = testudo_i_arena_alloc(arena, workers, sizeof *adversary->finished);
  adversary->worst_set = testudo_i_arena_alloc(arena, workers, sizeof *adversary->worst_set);
  adversary->weight = testudo_i_arena_alloc(arena, workers, sizeof *adversary->weight);
  adversary->cover = testudo_i_arena_alloc(arena, (size_t)design->chunks, sizeof *adversary->cover);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t j = 0; j < design->workers; j++)
    if (testudo_design_load(design, j) > 0)
      adversary->worker[adversary->busy++] = j;
  if (stragglers < 0 || stragglers > adversary->busy)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "stragglers: %d, but %d workers hold chunks; allowed: 0..%d",
                          (int)stragglers, (int)adversary->busy, (int)adversary->busy);
  testudo_i_random_start(&adversary->random, seed, TESTUDO_I_FOR_SEARCH, (uint64_t)stragglers, UINT64_C(1) << 58);
  return TESTUDO_OK;
}

void testudo_i_adversary_clear(testudo_i_adversary *adversary)
{
  testudo_codec_free(adversary->codec);
  testudo_i_arena_clear(&adversary->arena);
  *adversary = (testudo_i_adversary){0};
}

testudo_status testudo_i_adversary_evaluate(testudo_i_adversary *adversary, double *left, testudo_error *error)
{
  int32_t s = adversary->stragglers, count = 0;
  memset(adversary->straggles, 0, (size_t)adversary->design->workers);
  for (int32_t k = 0; k < s; k++)
    adversary->straggles[adversary->worker[k]] = 1;
  for (int32_t j = 0; j < adversary->design->workers; j++)
    if (!adversary->straggles[j] && testudo_design_load(adversary->design, j) > 0)
      adversary->finished[count++] = j;
  testudo_i_combiner *combiner = testudo_i_combiner_of(adversary->codec);
  TESTUDO_I_TRY(testudo_i_combine_set(combiner, adversary->finished, count, error));
  *left = combiner->error;
  adversary->visited++;
  if (*left > adversary->worst) {
    adversary->worst = *left;
    memcpy(adversary->worst_set, adversary->worker, (size_t)s * sizeof *adversary->worst_set);
  }
  return TESTUDO_OK;
}

/* ---- sets ---- */

void testudo_i_adversary_take(testudo_i_adversary *adversary, const int32_t *set)
{
  memset(adversary->straggles, 0, (size_t)adversary->design->workers);
  for (int32_t k = 0; k < adversary->stragglers; k++)
    adversary->straggles[set[k]] = 1;
  int32_t first = 0, last = adversary->busy;
  for (int32_t j = 0; j < adversary->design->workers; j++) {
    if (adversary->straggles[j])
      adversary->worker[first++] = j;
    else if (testudo_design_load(adversary->design, j) > 0)
      adversary->worker[--last] = j;
  }
}

void testudo_i_adversary_draw(testudo_i_adversary *adversary)
{
  int32_t *worker = adversary->worker;
  for (int32_t k = 0; k < adversary->stragglers; k++)
    testudo_i_swap(&worker[k],
                   &worker[k + (int32_t)testudo_i_random_below(&adversary->random, (uint64_t)(adversary->busy - k))]);
}

/* What chunk i leaves to one-step decoding with so many holders, at the end of the choice. */
static double leaves(const testudo_i_adversary *adversary, int32_t chunk, int32_t cover)
{
  double finished = adversary->busy - adversary->stragglers;
  double by = finished > 0.0 ? adversary->busy / finished : 1.0;
  double missed = by * cover / testudo_design_replication(adversary->design, chunk) - 1.0;
  return missed * missed;
}

static double gain_of(const testudo_i_adversary *adversary, int32_t worker)
{
  const int32_t *cover = adversary->cover;
  const int32_t *chunk = testudo_design_order(adversary->design, worker);
  double sum = 0.0;
  for (int32_t k = 0; k < testudo_design_load(adversary->design, worker); k++)
    sum += leaves(adversary, chunk[k], cover[chunk[k]] - 1) - leaves(adversary, chunk[k], cover[chunk[k]]);
  return sum;
}

static void drop_holder(testudo_i_adversary *adversary, int32_t worker)
{
  const int32_t *chunk = testudo_design_order(adversary->design, worker);
  for (int32_t k = 0; k < testudo_design_load(adversary->design, worker); k++)
    adversary->cover[chunk[k]]--;
}

static void choose_greedily(testudo_i_adversary *adversary, int32_t from)
{
  for (int32_t k = from; k < adversary->stragglers; k++) {
    int32_t best = k;
    double most = gain_of(adversary, adversary->worker[k]);
    for (int32_t a = k + 1; a < adversary->busy; a++) {
      double here = gain_of(adversary, adversary->worker[a]);
      if (here > most) {
        most = here;
        best = a;
      }
    }
    testudo_i_swap(&adversary->worker[k], &adversary->worker[best]);
    drop_holder(adversary, adversary->worker[k]);
  }
}

static void fill_cover(testudo_i_adversary *adversary)
{
  for (int32_t i = 0; i < adversary->design->chunks; i++)
    adversary->cover[i] = testudo_design_replication(adversary->design, i);
}

void testudo_i_adversary_greedy(testudo_i_adversary *adversary)
{
  fill_cover(adversary);
  choose_greedily(adversary, 0);
}

/* The uncovered chunk with the fewest holders left, -1 where none has at most `most`. */
static int32_t weakest(const testudo_design *design, const int32_t *cover, int32_t most)
{
  int32_t chunk = -1;
  for (int32_t i = 0; i < design->chunks; i++)
    if (cover[i] > 0 && cover[i] <= most && (chunk < 0 || cover[i] < cover[chunk]))
      chunk = i;
  return chunk;
}

void testudo_i_adversary_uncover(testudo_i_adversary *adversary)
{
  const testudo_design *design = adversary->design;
  const int32_t *cover = adversary->cover;
  int32_t taken = 0, chunk;
  fill_cover(adversary);
  while ((chunk = weakest(design, cover, adversary->stragglers - taken)) >= 0)
    for (int32_t a = taken; a < adversary->busy && cover[chunk] > 0; a++) {
      bool holds = false;
      const int32_t *held = testudo_design_order(design, adversary->worker[a]);
      for (int32_t k = 0; k < testudo_design_load(design, adversary->worker[a]); k++)
        holds = holds || held[k] == chunk;
      if (!holds)
        continue;
      testudo_i_swap(&adversary->worker[taken], &adversary->worker[a]);
      drop_holder(adversary, adversary->worker[taken++]);
    }
  choose_greedily(adversary, taken);
}

/* ---- climbing ---- */

/* The pair (place among the stragglers, place among the others) number k of a random order without repetition: a full
   cycle of the additive kind, whose step is coprime to the number of pairs. */
static int64_t step_of(int64_t pairs, testudo_i_random *random)
{
  for (;;) {
    int64_t step = 1 + (int64_t)testudo_i_random_below(random, (uint64_t)pairs), a = step, b = pairs;
    while (b != 0) {
      int64_t rest = a % b;
      a = b;
      b = rest;
    }
    if (a == 1)
      return step;
  }
}

testudo_status testudo_i_adversary_climb(testudo_i_adversary *adversary, int64_t allowance,
                                         const testudo_monitor *monitor, testudo_error *error)
{
  int64_t s = adversary->stragglers, others = adversary->busy - s, pairs = s * others;
  double left, here;
  testudo_i_combiner *combiner = testudo_i_combiner_of(adversary->codec);
  size_t bytes = (size_t)adversary->design->workers * sizeof *adversary->weight;
  TESTUDO_I_TRY(testudo_i_adversary_evaluate(adversary, &here, error));
  memcpy(adversary->weight, combiner->weight, bytes);
  if (pairs == 0)
    return TESTUDO_OK;
  int64_t step = step_of(pairs, &adversary->random);
  int64_t at = (int64_t)testudo_i_random_below(&adversary->random, (uint64_t)pairs);
  for (int64_t idle = 0; idle < pairs && --allowance > 0;) {
    int32_t a = (int32_t)(at % s), b = (int32_t)(s + at / s);
    testudo_i_swap(&adversary->worker[a], &adversary->worker[b]);
    /* Most leave less, which shows long before how much less, and soon with the weights of one exchange before. */
    combiner->enough = here;
    combiner->from = adversary->weight;
    testudo_status status = testudo_i_adversary_evaluate(adversary, &left, error);
    combiner->enough = 0.0;
    combiner->from = NULL;
    TESTUDO_I_TRY(status);
    if (adversary->visited % 64 == 0 && testudo_i_stopped(monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    idle++;
    if (left > here * (1.0 + 1e-12)) {
      here = left;
      idle = 0;
      memcpy(adversary->weight, combiner->weight, bytes);
    } else
      testudo_i_swap(&adversary->worker[a], &adversary->worker[b]);
    at = (at + step) % pairs;
  }
  return TESTUDO_OK;
}
