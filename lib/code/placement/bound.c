/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How small the largest overlap can be. Suppose that no two workers share more than L chunks.
   - Pairs: a chunk on gamma workers is shared by gamma (gamma - 1) / 2 pairs of them, all of different domains; a pair
     takes at most min(L, both loads).
   - Partners: worker j's chunks have sum (gamma_i - 1) other copies, on workers of other domains, at most L on each.
     So j's load is limited, and the limits together must have room for all copies.
   - Blocks: the workers' chunks are blocks any two of which share at most L points. Johnson's bound (S. Johnson, A new
     upper bound for error-correcting codes, 1962) says how many blocks there can be: of size n in N points
     floor(N/n floor((N-1)/(n-1) .. floor((N-L)/(n-L)))); the blocks through one point are such a family with one fewer
     of everything.
   What none of the three excludes may still not exist. */
#include <testudo/placement.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"

typedef struct bound_search {
  testudo_i_arena *arena;
  const testudo_placement_limits *limits;
  int64_t copies, meetings;  /* sum of gamma, of gamma (gamma - 1) / 2 */
  int32_t most_copies;       /* largest gamma */
  int32_t *by_load;          /* workers with falling `most` */
  int32_t *by_least;         /* least loads, falling */
  int64_t *cheapest;         /* [n]: sum of the n smallest gamma - 1; N + 1 entries */
  int64_t *room;             /* by domain: what its workers can share; also a count */
} bound_search;

static int32_t domain_of(const testudo_placement_limits *limits, int32_t worker)
{
  return limits->domain == NULL ? worker : limits->domain[worker];
}

static int64_t share_of(const testudo_placement_limits *limits, int32_t worker, int32_t overlap)
{
  return limits->most[worker] < overlap ? limits->most[worker] : overlap;
}

/* Workers with falling loads: each adds a pair with every earlier one of another domain, in which its load is the
   smaller. */
static bool pairs_allow(bound_search *b, int32_t overlap)
{
  const testudo_placement_limits *limits = b->limits;
  int64_t *seen = b->room, taken = 0;
  for (int32_t j = 0; j < limits->workers; j++)
    seen[j] = 0;
  for (int32_t r = 0; r < limits->workers && taken < b->meetings; r++) {
    int32_t j = b->by_load[r];
    taken += (r - seen[domain_of(limits, j)]++) * share_of(limits, j, overlap);
  }
  return taken >= b->meetings;
}

/* The largest n with cheapest[n] <= room. */
static int32_t load_within(const bound_search *b, int64_t room)
{
  int32_t low = 0, high = b->limits->chunks;
  while (low < high) {
    int32_t middle = low + (high - low + 1) / 2;
    if (b->cheapest[middle] <= room)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

static bool partners_allow(bound_search *b, int32_t overlap)
{
  const testudo_placement_limits *limits = b->limits;
  int64_t all = 0, held = 0;
  for (int32_t j = 0; j < limits->workers; j++)
    b->room[j] = 0;
  for (int32_t j = 0; j < limits->workers; j++) {
    all += share_of(limits, j, overlap);
    b->room[domain_of(limits, j)] += share_of(limits, j, overlap);
  }
  for (int32_t j = 0; j < limits->workers; j++) {
    int32_t load = load_within(b, all - b->room[domain_of(limits, j)]);
    if (load < limits->least[j])
      return false;
    held += load < limits->most[j] ? load : limits->most[j];
  }
  return held >= b->copies;
}

/* Johnson's bound, exact up to 2^30: beyond, every count of ours is allowed. overlap < size <= points. */
static int64_t most_blocks(int64_t points, int64_t size, int32_t overlap)
{
  int64_t blocks = 1;
  for (int32_t k = overlap; k >= 0; k--) {
    blocks = blocks * (points - k) / (size - k);
    if (blocks > INT64_C(1) << 30)
      return blocks;
  }
  return blocks;
}

/* The r + 1 workers that must hold most have blocks of by_least[r], or larger. */
static bool blocks_allow(const bound_search *b, int32_t overlap)
{
  const testudo_placement_limits *limits = b->limits;
  int32_t last = limits->workers - 1, smallest = b->by_least[last];
  for (int32_t r = 0; r <= last && b->by_least[r] > overlap; r++) {
    bool run_ends = r == last || b->by_least[r + 1] < b->by_least[r];
    if (run_ends && r + 1 > most_blocks(limits->chunks, b->by_least[r], overlap))
      return false;
  }
  return overlap == 0 || smallest <= overlap ||
         b->most_copies <= most_blocks(limits->chunks - 1, smallest - 1, overlap - 1);
}

/* ---- from limits to the sorted arrays ---- */

static void rank(testudo_i_ranked *item, const int32_t *value, int32_t count)
{
  for (int32_t k = 0; k < count; k++)
    item[k] = (testudo_i_ranked){value[k], k};
  qsort(item, (size_t)count, sizeof *item, testudo_i_falling_ranks);
}

static testudo_status sort_limits(bound_search *b, testudo_error *error)
{
  const testudo_placement_limits *limits = b->limits;
  size_t most = (size_t)(limits->workers > limits->chunks ? limits->workers : limits->chunks);
  testudo_i_ranked *item = testudo_i_arena_alloc(b->arena, most, sizeof *item);
  b->by_load = testudo_i_arena_alloc(b->arena, (size_t)limits->workers, sizeof *b->by_load);
  b->by_least = testudo_i_arena_alloc(b->arena, (size_t)limits->workers, sizeof *b->by_least);
  b->room = testudo_i_arena_alloc(b->arena, (size_t)limits->workers, sizeof *b->room);
  b->cheapest = testudo_i_arena_calloc(b->arena, (size_t)limits->chunks + 1, sizeof *b->cheapest);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  rank(item, limits->most, limits->workers);
  for (int32_t j = 0; j < limits->workers; j++)
    b->by_load[j] = item[j].index;
  rank(item, limits->least, limits->workers);
  for (int32_t j = 0; j < limits->workers; j++)
    b->by_least[j] = (int32_t)item[j].value;
  rank(item, limits->replication, limits->chunks);
  for (int32_t i = 0; i < limits->chunks; i++) {
    int64_t gamma = (int64_t)item[limits->chunks - 1 - i].value;
    b->cheapest[i + 1] = b->cheapest[i] + gamma - 1;
    b->copies += gamma;
    b->meetings += gamma * (gamma - 1) / 2;
  }
  b->most_copies = (int32_t)item[0].value;
  return TESTUDO_OK;
}

/* Pairs and partners allow every larger overlap too. */
static int32_t least_by_counts(bound_search *b)
{
  int32_t low = 0, high = b->limits->chunks;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (pairs_allow(b, middle) && partners_allow(b, middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

testudo_status testudo_overlap_bound(const testudo_placement_limits *limits, int32_t *bound, char *reason,
                                     testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  bound_search b = {.arena = &arena, .limits = limits};
  *bound = 0;
  reason[0] = '\0';
  TESTUDO_I_TRY(testudo_placement_check(limits, error));
  TESTUDO_I_TRY(sort_limits(&b, error));
  int32_t least = least_by_counts(&b);
  const char *why = "blocks that share few chunks (Johnson)";
  if (blocks_allow(&b, least) && least > 0)
    why = pairs_allow(&b, least - 1) ? "counting the partners of a worker" : "counting pairs of copies";
  while (least < limits->chunks && !blocks_allow(&b, least))
    least++;
  if (!pairs_allow(&b, least) || !partners_allow(&b, least))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "no placement exists: the copies of a worker's chunks have no room on other domains");
  *bound = least;
  if (least > 0)
    snprintf(reason, 96, "%s", why);
  return TESTUDO_OK;
}
