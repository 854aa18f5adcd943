/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairing (configuration) model: Bollobas, A probabilistic proof of an asymptotic formula for the number of
   labelled regular graphs, 1980; switches as in McKay and Wormald, Uniform generation of random regular graphs of
   moderate degree, 1990, without their rejection step. */
#include "code/families/regular.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static size_t bit_words(const testudo_i_pairing *pairing)
{
  return (size_t)(((int64_t)pairing->chunks * pairing->workers + 63) / 64);
}

static int64_t bit_of(const testudo_i_pairing *pairing, int64_t chunk, int32_t worker)
{
  return chunk * pairing->workers + worker;
}

static void set_bit(testudo_i_pairing *pairing, int64_t chunk, int32_t worker, bool held)
{
  if (pairing->bits == NULL)
    return;
  int64_t bit = bit_of(pairing, chunk, worker);
  uint64_t mask = UINT64_C(1) << (bit & 63);
  if (held)
    pairing->bits[bit >> 6] |= mask;
  else
    pairing->bits[bit >> 6] &= ~mask;
}

/* Second copies do not count. */
static bool holds(const testudo_i_pairing *pairing, int64_t chunk, int32_t worker)
{
  if (pairing->bits != NULL) {
    int64_t bit = bit_of(pairing, chunk, worker);
    return (pairing->bits[bit >> 6] >> (bit & 63) & 1) != 0;
  }
  const int32_t *stub = pairing->stub + chunk * pairing->replication;
  for (int32_t k = 0; k < pairing->replication; k++)
    if (stub[k] == worker)
      return true;
  return false;
}

/* Chunk after chunk around the circle of relabelled workers: simple because replication <= workers, and the loads
   differ by at most one. */
void testudo_i_pairing_deal(testudo_i_pairing *pairing)
{
  int32_t next = 0;
  for (int64_t k = 0; k < pairing->entries; k++) {
    pairing->stub[k] = pairing->label[next];
    next = next + 1 == pairing->workers ? 0 : next + 1;
  }
  pairing->bads = 0;
  if (pairing->bits == NULL)
    return;
  memset(pairing->bits, 0, bit_words(pairing) * sizeof *pairing->bits);
  for (int64_t k = 0; k < pairing->entries; k++)
    set_bit(pairing, k / pairing->replication, pairing->stub[k], true);
}

testudo_status testudo_i_pairing_start(testudo_i_pairing *pairing, int32_t workers, int32_t chunks,
                                       int32_t replication, uint64_t seed, testudo_error *error)
{
  *pairing = (testudo_i_pairing){.workers = workers, .chunks = chunks, .replication = replication};
  pairing->entries = (int64_t)chunks * replication;
  testudo_i_random_start(&pairing->random, seed, TESTUDO_I_FOR_ASSIGNMENT, 0, 0);
  pairing->stub = testudo_i_arena_alloc(&pairing->arena, (size_t)pairing->entries, sizeof *pairing->stub);
  pairing->label = testudo_i_arena_alloc(&pairing->arena, (size_t)workers, sizeof *pairing->label);
  /* One bit a pair, where that is no more than the stubs take. */
  if ((int64_t)replication * 32 >= workers)
    pairing->bits = testudo_i_arena_calloc(&pairing->arena, bit_words(pairing), sizeof *pairing->bits);
  TESTUDO_I_TRY(testudo_i_arena_check(&pairing->arena, error));
  for (int32_t j = 0; j < workers; j++)
    pairing->label[j] = j;
  testudo_i_random_shuffle(&pairing->random, pairing->label, (size_t)workers);
  testudo_i_pairing_deal(pairing);
  return TESTUDO_OK;
}

void testudo_i_pairing_free(testudo_i_pairing *pairing)
{
  testudo_i_arena_clear(&pairing->arena);
  free(pairing->bad);
}

/* Finds the second copies, with one stamp a worker: the last chunk that was seen to hold it. */
static testudo_status mark_second_copies(testudo_i_pairing *pairing, int32_t *stamp, testudo_error *error)
{
  for (int32_t j = 0; j < pairing->workers; j++)
    stamp[j] = -1;
  int64_t k = 0;
  for (int32_t i = 0; i < pairing->chunks; i++)
    for (int32_t copy = 0; copy < pairing->replication; copy++, k++) {
      int32_t worker = pairing->stub[k];
      if (stamp[worker] != i) {
        stamp[worker] = i;
        set_bit(pairing, i, worker, true);
        continue;
      }
      TESTUDO_I_TRY(TESTUDO_I_GROW(pairing->bad, pairing->bad_room, pairing->bads + 1, error));
      pairing->bad[pairing->bads++] = k;
      pairing->stub[k] = ~worker;
    }
  return TESTUDO_OK;
}

/* May `worker` of chunk and `other` of other_chunk change places without a new double edge? */
static bool may_switch(const testudo_i_pairing *pairing, int64_t chunk, int32_t worker, int64_t other_chunk,
                       int32_t other)
{
  return chunk != other_chunk && worker != other && !holds(pairing, chunk, other) &&
         !holds(pairing, other_chunk, worker);
}

static void switch_edges(testudo_i_pairing *pairing, int64_t at, int32_t worker, int64_t from, int32_t other)
{
  int64_t chunk = at / pairing->replication, other_chunk = from / pairing->replication;
  pairing->stub[at] = other;
  pairing->stub[from] = worker;
  set_bit(pairing, chunk, other, true);
  set_bit(pairing, other_chunk, other, false);
  set_bit(pairing, other_chunk, worker, true);
}

/* Gives the second copy at `at` away against a random good edge. */
static bool repair(testudo_i_pairing *pairing, int64_t at, int tries)
{
  int64_t chunk = at / pairing->replication;
  int32_t worker = ~pairing->stub[at];
  /* The first copy may have been given away since. */
  if (!holds(pairing, chunk, worker)) {
    pairing->stub[at] = worker;
    set_bit(pairing, chunk, worker, true);
    return true;
  }
  for (int attempt = 0; attempt < tries; attempt++) {
    int64_t from = (int64_t)testudo_i_random_below(&pairing->random, (uint64_t)pairing->entries);
    int32_t other = pairing->stub[from];
    int64_t other_chunk = from / pairing->replication;
    if (other < 0 || !may_switch(pairing, chunk, worker, other_chunk, other))
      continue;
    switch_edges(pairing, at, worker, from, other);
    return true;
  }
  return false;
}

testudo_status testudo_i_pairing_draw(testudo_i_pairing *pairing, int tries, bool *simple, testudo_error *error)
{
  int32_t *stamp = testudo_i_arena_alloc(&pairing->arena, (size_t)pairing->workers, sizeof *stamp);
  TESTUDO_I_TRY(testudo_i_arena_check(&pairing->arena, error));
  if (pairing->bits != NULL)
    memset(pairing->bits, 0, bit_words(pairing) * sizeof *pairing->bits);
  testudo_i_random_shuffle(&pairing->random, pairing->stub, (size_t)pairing->entries);
  TESTUDO_I_TRY(mark_second_copies(pairing, stamp, error));
  *simple = true;
  for (size_t k = 0; k < pairing->bads && *simple; k++)
    *simple = repair(pairing, pairing->bad[k], tries);
  pairing->bads = 0;
  return TESTUDO_OK;
}

void testudo_i_pairing_scramble(testudo_i_pairing *pairing, int64_t proposals)
{
  if (pairing->entries == 0)
    return;
  for (int64_t k = 0; k < proposals; k++) {
    int64_t at = (int64_t)testudo_i_random_below(&pairing->random, (uint64_t)pairing->entries);
    int64_t from = (int64_t)testudo_i_random_below(&pairing->random, (uint64_t)pairing->entries);
    int64_t chunk = at / pairing->replication, other_chunk = from / pairing->replication;
    int32_t worker = pairing->stub[at], other = pairing->stub[from];
    if (!may_switch(pairing, chunk, worker, other_chunk, other))
      continue;
    set_bit(pairing, chunk, worker, false);
    switch_edges(pairing, at, worker, from, other);
  }
}
