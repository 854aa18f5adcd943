/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of holders that just decode a chunk: all of them, or a climb among them. */
#include "assess/trust/holders.h"

#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "runtime/design.h"

/* Sets in a row that are no worse before another chunk gets its turn. */
enum { PATIENCE = 20 };

typedef struct holding {
  testudo_i_probe *probe;
  const testudo_i_trust_visitor *visitor;
  int64_t steps, *visited;
  int32_t chunk, holders, parts;
  int32_t *member; /* indices of the chunk's holders; the first `parts` have done it */
} holding;

/* C(n, k), at most `limit` + 1. */
static int64_t sets_of(int32_t n, int32_t k, int64_t limit)
{
  double count = 1.0;
  for (int32_t a = 1; a <= k; a++)
    count = count * (n - k + a) / a;
  return count > (double)limit ? limit + 1 : (int64_t)(count + 0.5);
}

static int64_t count_sets(const testudo_design *design, int64_t limit)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < design->chunks && sum <= limit; i++)
    sum += sets_of(testudo_design_replication(design, i), design->parts, limit);
  return sum;
}

static void take_chunk(holding *h, int32_t chunk)
{
  h->chunk = chunk;
  h->holders = testudo_design_replication(h->probe->trip.design, chunk);
  for (int32_t k = 0; k < h->holders; k++)
    h->member[k] = k;
}

static testudo_status look_at_holders(holding *h, testudo_i_probe_numbers *numbers, testudo_error *error)
{
  testudo_progress *progress = h->probe->trip.progress;
  const testudo_design *design = h->probe->trip.design;
  const int32_t *holder = testudo_design_holders(design, h->chunk), *place = testudo_design_places(design, h->chunk);
  if (*h->visited % 16 == 0 && h->visitor->stopped(h->visitor->context, (double)*h->visited / (double)h->steps))
    return TESTUDO_INTERRUPTED;
  testudo_progress_reset(progress);
  for (int32_t k = h->parts; k < h->holders; k++)
    TESTUDO_I_TRY(testudo_progress_mark(progress, holder[h->member[k]], place[h->member[k]] - 1, error));
  for (int32_t j = 0, k; j < design->workers; j++) {
    for (k = h->parts; k < h->holders && holder[h->member[k]] != j;)
      k++;
    if (k >= h->holders)
      TESTUDO_I_TRY(testudo_progress_mark(progress, j, testudo_design_load(design, j), error));
  }
  TESTUDO_I_TRY(testudo_i_probe_look(h->probe, numbers, error));
  ++*h->visited;
  h->visitor->visit(h->visitor->context, numbers);
  return TESTUDO_OK;
}

/* The next combination in lexical order is put first in member, what is left over behind it; false after the last. */
static bool next_set(holding *h, int32_t *first)
{
  int32_t n = h->holders, l = h->parts, rest = l;
  if (!testudo_i_next_subset(first, l, n))
    return false;
  for (int32_t k = 0, taken = 0; k < n; k++)
    if (taken < l && first[taken] == k)
      h->member[taken++] = k;
    else
      h->member[rest++] = k;
  return true;
}

static testudo_status visit_all(holding *h, int32_t *first, testudo_error *error)
{
  testudo_i_probe_numbers numbers;
  for (int32_t i = 0; i < h->probe->trip.design->chunks; i++) {
    take_chunk(h, i);
    for (int32_t k = 0; k < h->parts; k++)
      first[k] = k;
    do
      TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
    while (next_set(h, first));
  }
  return TESTUDO_OK;
}

static testudo_status climb_holders(holding *h, uint64_t seed, testudo_error *error)
{
  testudo_i_probe_numbers numbers;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, 0, 2);
  while (*h->visited < h->steps) {
    take_chunk(h, (int32_t)testudo_i_random_below(&random, (uint64_t)h->probe->trip.design->chunks));
    testudo_i_random_shuffle(&random, h->member, (size_t)h->holders);
    TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
    double current = numbers.amplification;
    for (int in_vain = 0; in_vain < PATIENCE && h->holders > h->parts && *h->visited < h->steps;) {
      int32_t out = (int32_t)testudo_i_random_below(&random, (uint64_t)h->parts);
      int32_t in = h->parts + (int32_t)testudo_i_random_below(&random, (uint64_t)(h->holders - h->parts));
      testudo_i_swap(&h->member[out], &h->member[in]);
      TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
      if (numbers.amplification > current) {
        current = numbers.amplification;
        in_vain = 0;
      } else {
        testudo_i_swap(&h->member[out], &h->member[in]);
        in_vain++;
      }
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_trust_holders(testudo_i_probe *probe, uint64_t seed, int64_t steps,
                                       const testudo_i_trust_visitor *visitor, int64_t *visited, bool *exhaustive,
                                       testudo_error *error)
{
  const testudo_design *design = probe->trip.design;
  int64_t sets = count_sets(design, steps);
  *exhaustive = sets <= steps;
  holding h = {.probe = probe, .visitor = visitor, .steps = *exhaustive ? sets : steps, .visited = visited,
               .parts = design->parts};
  h.member = testudo_i_arena_alloc(&probe->arena, (size_t)design->max_replication, sizeof *h.member);
  int32_t *first = testudo_i_arena_alloc(&probe->arena, (size_t)design->parts, sizeof *first);
  TESTUDO_I_TRY(testudo_i_arena_check(&probe->arena, error));
  return *exhaustive ? visit_all(&h, first, error) : climb_holders(&h, seed, error);
}
