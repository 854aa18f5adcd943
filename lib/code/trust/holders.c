/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/trust/holders.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "runtime/design.h"

/* Sets in a row that are no worse before another chunk gets its turn. */
enum { PATIENCE = 20 };

typedef struct holding {
  testudo_i_trust_rig *rig;
  const testudo_i_trust_visitor *visitor;
  int64_t steps, *visited;
  int32_t chunk, holders, parts;
  int32_t *member; /* indices of the chunk's holders; the first `parts` have done it */
} holding;

/* C(n, k), at most `limit` + 1. */
static int64_t choose(int32_t n, int32_t k, int64_t limit)
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
    sum += choose(testudo_design_replication(design, i), design->parts, limit);
  return sum;
}

static void take_chunk(holding *h, int32_t chunk)
{
  h->chunk = chunk;
  h->holders = testudo_design_replication(h->rig->design, chunk);
  for (int32_t k = 0; k < h->holders; k++)
    h->member[k] = k;
}

static testudo_status look(holding *h, testudo_i_trust_numbers *numbers, testudo_error *error)
{
  testudo_progress *progress = h->rig->progress;
  const testudo_design *design = h->rig->design;
  const int32_t *holder = testudo_design_holders(design, h->chunk), *place = testudo_design_places(design, h->chunk);
  testudo_status status = TESTUDO_OK;
  if (*h->visited % 16 == 0 && h->visitor->stopped(h->visitor->context, (double)*h->visited / (double)h->steps))
    return TESTUDO_INTERRUPTED;
  testudo_progress_reset(progress);
  for (int32_t k = h->parts; k < h->holders && status == TESTUDO_OK; k++)
    status = testudo_progress_mark(progress, holder[h->member[k]], place[h->member[k]] - 1, error);
  for (int32_t j = 0, k; j < design->workers && status == TESTUDO_OK; j++) {
    for (k = h->parts; k < h->holders && holder[h->member[k]] != j;)
      k++;
    if (k >= h->holders)
      status = testudo_progress_mark(progress, j, testudo_design_load(design, j), error);
  }
  if (status == TESTUDO_OK)
    status = testudo_i_trust_look(h->rig, numbers, error);
  if (status != TESTUDO_OK)
    return status;
  ++*h->visited;
  h->visitor->visit(h->visitor->context, numbers);
  return TESTUDO_OK;
}

/* The next combination in lexical order is put first in member, what is left over behind it; false after the last. */
static bool next_set(holding *h, int32_t *first)
{
  int32_t n = h->holders, l = h->parts, at = l - 1, rest = l;
  while (at >= 0 && first[at] == n - l + at)
    at--;
  if (at < 0)
    return false;
  first[at]++;
  for (int32_t k = at + 1; k < l; k++)
    first[k] = first[k - 1] + 1;
  for (int32_t k = 0, taken = 0; k < n; k++)
    if (taken < l && first[taken] == k)
      h->member[taken++] = k;
    else
      h->member[rest++] = k;
  return true;
}

static testudo_status visit_all(holding *h, int32_t *first, testudo_error *error)
{
  testudo_i_trust_numbers numbers;
  testudo_status status = TESTUDO_OK;
  for (int32_t i = 0; i < h->rig->design->chunks && status == TESTUDO_OK; i++) {
    take_chunk(h, i);
    for (int32_t k = 0; k < h->parts; k++)
      first[k] = k;
    do
      status = look(h, &numbers, error);
    while (status == TESTUDO_OK && next_set(h, first));
  }
  return status;
}

static void swap_members(holding *h, int32_t a, int32_t b)
{
  int32_t kept = h->member[a];
  h->member[a] = h->member[b];
  h->member[b] = kept;
}

static testudo_status climb(holding *h, testudo_i_random *random, testudo_error *error)
{
  testudo_i_trust_numbers numbers;
  testudo_status status = TESTUDO_OK;
  while (status == TESTUDO_OK && *h->visited < h->steps) {
    take_chunk(h, (int32_t)testudo_i_random_below(random, (uint64_t)h->rig->design->chunks));
    testudo_i_random_shuffle(random, h->member, (size_t)h->holders);
    status = look(h, &numbers, error);
    double current = numbers.amplification;
    for (int in_vain = 0; status == TESTUDO_OK && in_vain < PATIENCE && h->holders > h->parts &&
                          *h->visited < h->steps;) {
      int32_t out = (int32_t)testudo_i_random_below(random, (uint64_t)h->parts);
      int32_t in = h->parts + (int32_t)testudo_i_random_below(random, (uint64_t)(h->holders - h->parts));
      swap_members(h, out, in);
      status = look(h, &numbers, error);
      if (status == TESTUDO_OK && numbers.amplification > current) {
        current = numbers.amplification;
        in_vain = 0;
      } else {
        swap_members(h, out, in);
        in_vain++;
      }
    }
  }
  return status;
}

testudo_status testudo_i_trust_holders(testudo_i_trust_rig *rig, uint64_t seed, int64_t steps,
                                       const testudo_i_trust_visitor *visitor, int64_t *visited, bool *exhaustive,
                                       testudo_error *error)
{
  const testudo_design *design = rig->design;
  int64_t sets = count_sets(design, steps);
  *exhaustive = sets <= steps;
  holding h = {.rig = rig, .visitor = visitor, .steps = *exhaustive ? sets : steps, .visited = visited,
               .parts = design->parts};
  h.member = testudo_i_alloc((size_t)design->max_replication, sizeof *h.member);
  int32_t *first = testudo_i_alloc((size_t)design->parts, sizeof *first);
  testudo_status status = h.member == NULL || first == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, 0, 2);
  if (status == TESTUDO_OK)
    status = *exhaustive ? visit_all(&h, first, error) : climb(&h, &random, error);
  free(first);
  free(h.member);
  return status;
}
