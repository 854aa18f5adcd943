/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of conditional bounds: which chunks it keeps, and what each is worth after those before it. */
#include "exact/bounds/chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/order.h"

/* Rounds of raising the floors; each only uses floors that are proved already. */
#define ROUNDS 3

/* Where chunks take less than this of one another, a random sequence of all is as good. */
#define LITTLE_PULL 0.1

/* From here on P(T > t) rounds to 1. */
#define CERTAIN 38.0

/* Which side of its pair type chunk i has; where both chunks are of one type it does not matter. */
static int side_of(const testudo_i_chain *chain, int32_t i, int32_t type)
{
  return chain->pairs->chunk_type[0][type] != chain->pairs->member_type[i];
}

/* ---- members that look alike ---- */

/* side_type of every neighbour of every member, both ways. */
static testudo_status list_sides(const testudo_i_chain *chain, testudo_i_arena *scratch, int64_t **row, int32_t **side,
                                 testudo_error *error)
{
  const testudo_i_pairs *pairs = chain->pairs;
  size_t members = (size_t)pairs->members;
  int64_t *start = *row = testudo_i_arena_calloc(scratch, members + 2, sizeof *start);
  int32_t *of = *side = testudo_i_arena_alloc(scratch, 2 * (size_t)pairs->neighbour_row[members], sizeof *of);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  int64_t *at = start + 1;
  for (int32_t i = 0; i < pairs->members; i++)
    for (int64_t e = pairs->neighbour_row[i]; e < pairs->neighbour_row[i + 1]; e++) {
      at[i + 1]++;
      at[pairs->neighbour[e].member + 1]++;
    }
  for (size_t i = 0; i < members; i++)
    at[i + 1] += at[i];
  for (int32_t i = 0; i < pairs->members; i++)
    for (int64_t e = pairs->neighbour_row[i]; e < pairs->neighbour_row[i + 1]; e++) {
      int32_t k = pairs->neighbour[e].member, type = pairs->neighbour[e].type;
      of[at[i]++] = 2 * type + side_of(chain, i, type);
      of[at[k]++] = 2 * type + side_of(chain, k, type);
    }
  for (size_t i = 0; i < members; i++)
    qsort(of + start[i], (size_t)(start[i + 1] - start[i]), sizeof *of, testudo_i_ascending_int32);
  return TESTUDO_OK;
}

/* Adds what member i looks like. */
static void add_look(testudo_i_chain *chain, int32_t i, const int32_t *side, int64_t count)
{
  int32_t look = chain->looks++;
  int64_t at = chain->look_row[look];
  for (int64_t e = 0; e < count; e++) {
    if (e > 0 && side[e] == side[e - 1])
      chain->tally[at - 1].count++;
    else
      chain->tally[at++] = (struct testudo_i_chain_tally){side[e], 1};
  }
  chain->look_row[look + 1] = at;
  chain->look_type[look] = chain->pairs->member_type[i];
  chain->look_count[look] = 1;
}

static testudo_status find_looks(testudo_i_chain *chain, testudo_i_arena *arena, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  const testudo_i_pairs *pairs = chain->pairs;
  size_t members = (size_t)pairs->members, size = 2;
  int64_t *row;
  int32_t *side;
  if (pairs->neighbour == NULL)
    return TESTUDO_OK;
  while (size < 2 * members)
    size *= 2;
  TESTUDO_I_TRY(list_sides(chain, &scratch, &row, &side, error));
  int32_t *table = testudo_i_arena_calloc(&scratch, size, sizeof *table); /* member + 1 */
  int32_t *look = testudo_i_arena_alloc(&scratch, members, sizeof *look);
  chain->look_type = testudo_i_arena_alloc(arena, members, sizeof *chain->look_type);
  chain->look_count = testudo_i_arena_alloc(arena, members, sizeof *chain->look_count);
  chain->look_row = testudo_i_arena_calloc(arena, members + 1, sizeof *chain->look_row);
  chain->tally = testudo_i_arena_alloc(arena, (size_t)row[members], sizeof *chain->tally);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t i = 0; i < pairs->members; i++) {
    int64_t count = row[i + 1] - row[i];
    size_t bytes = (size_t)count * sizeof *side;
    uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, side + row[i], bytes) + (uint64_t)pairs->member_type[i];
    size_t at = (size_t)(hash ^ hash >> 32) & (size - 1);
    for (; table[at] != 0; at = (at + 1) & (size - 1)) {
      int32_t k = table[at] - 1;
      if (pairs->member_type[k] == pairs->member_type[i] && row[k + 1] - row[k] == count &&
          memcmp(side + row[k], side + row[i], bytes) == 0)
        break;
    }
    if (table[at] == 0) {
      table[at] = i + 1;
      look[i] = chain->looks;
      add_look(chain, i, side + row[i], count);
    } else
      chain->look_count[look[table[at] - 1]]++;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_chain_init(testudo_i_chain *chain, testudo_i_arena *arena, const testudo_i_pairs *pairs,
                                    testudo_error *error)
{
  size_t members = (size_t)pairs->members, count = (size_t)pairs->types;
  *chain = (testudo_i_chain){.pairs = pairs};
  chain->factor[0] = testudo_i_arena_alloc(arena, count, sizeof(double));
  chain->factor[1] = testudo_i_arena_alloc(arena, count, sizeof(double));
  chain->kept = testudo_i_arena_alloc(arena, members, sizeof *chain->kept);
  chain->pulled = testudo_i_arena_alloc(arena, members, sizeof(double));
  chain->left = testudo_i_arena_alloc(arena, members, sizeof(double));
  chain->lift = testudo_i_arena_alloc(arena, members, sizeof(double));
  chain->floor = testudo_i_arena_alloc(arena, members, sizeof(double));
  chain->rest = testudo_i_arena_alloc(arena, members, sizeof(double));
  chain->log_factor = testudo_i_arena_alloc(arena, 2 * count, sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  return find_looks(chain, arena, error);
}

/* With x = P(A_k | A_i) an average of values of at most `worst` over what the holders of i have done: the average of
   products of 1 - value is at least (1 - worst)^(x / worst), as log(1 - x) is above its chord on [0, worst] and exp is
   convex. With one part there is nothing to average, and worst = x. */
static double remaining(double joint, double own, double worst, int32_t l)
{
  if (own <= 0)
    return 1;
  double x = fmin(1, joint / own);
  if (l == 1 || x >= worst)
    return 1 - x;
  return worst >= 1 ? x == 0 : exp(x / worst * log1p(-worst));
}

static void set_factors(testudo_i_chain *chain, const double *missing, int32_t l)
{
  const testudo_i_pairs *pairs = chain->pairs;
  for (int32_t k = 0; k < pairs->types; k++)
    for (int side = 0; side < 2; side++)
      chain->factor[side][k] = remaining(pairs->joint[k], missing[pairs->chunk_type[side][k]], pairs->worst[k], l);
}

static void set_floor(testudo_i_chain *chain, int32_t i, double floor)
{
  chain->floor[i] = floor;
  chain->rest[i] = 1 / (1 - floor);
}

static void chain_forget(testudo_i_chain *chain)
{
  int32_t members = chain->pairs->members;
  for (int32_t i = 0; i < members; i++) {
    chain->pulled[i] = 0;
    chain->left[i] = chain->lift[i] = 1;
  }
}

/* Chunk i meets the kept chunk k. */
static void chain_meet(testudo_i_chain *chain, int32_t i, int32_t k, int32_t type)
{
  chain->pulled[i] += chain->pairs->joint[type];
  chain->left[i] *= chain->factor[side_of(chain, i, type)][type];
  chain->lift[i] *= chain->rest[k];
}

/* At most P(A_i | the kept chunks met so far are covered, and any others that share no worker with i). */
static double floor_of(const testudo_i_chain *chain, const double *missing, int32_t i)
{
  double own = missing[chain->pairs->member_type[i]];
  return fmin(own, fmax(0, fmax(own - chain->pulled[i], own * chain->left[i])) * chain->lift[i]);
}

/* Keeps a chunk where the kept ones before it take at most `share` of P(A_i); answers whether all are kept. */
static bool chain_choose(testudo_i_chain *chain, const double *missing, double share)
{
  int32_t members = chain->pairs->members;
  const testudo_i_pairs *pairs = chain->pairs;
  bool all = true;
  chain_forget(chain);
  for (int32_t i = 0; i < members; i++) {
    chain->kept[i] = chain->pulled[i] <= share * missing[chain->pairs->member_type[i]];
    all = all && chain->kept[i];
    for (int64_t e = pairs->neighbour_row[i]; chain->kept[i] && e < pairs->neighbour_row[i + 1]; e++)
      chain->pulled[pairs->neighbour[e].member] += pairs->joint[pairs->neighbour[e].type];
  }
  return all;
}

static void raise_floors(testudo_i_chain *chain, const double *missing)
{
  int32_t members = chain->pairs->members;
  const testudo_i_pairs *pairs = chain->pairs;
  chain_forget(chain);
  for (int32_t i = 0; i < members; i++)
    for (int64_t e = pairs->neighbour_row[i]; chain->kept[i] && e < pairs->neighbour_row[i + 1]; e++) {
      int32_t k = pairs->neighbour[e].member, type = pairs->neighbour[e].type;
      if (!chain->kept[k])
        continue;
      chain_meet(chain, i, k, type);
      chain_meet(chain, k, i, type);
    }
  /* Just under 1, so that the lift stays finite. */
  for (int32_t i = 0; i < members; i++)
    set_floor(chain, i, chain->kept[i] ? fmin(0.999999, floor_of(chain, missing, i)) : 0);
}

/* -log of the bound of P(no kept chunk is missing). */
static double log_missing(testudo_i_chain *chain, const double *missing)
{
  int32_t members = chain->pairs->members;
  const testudo_i_pairs *pairs = chain->pairs;
  double sum = 0;
  chain_forget(chain);
  for (int32_t i = 0; i < members; i++) {
    if (!chain->kept[i])
      continue;
    sum -= log1p(-fmin(1, floor_of(chain, missing, i)));
    for (int64_t e = pairs->neighbour_row[i]; e < pairs->neighbour_row[i + 1]; e++)
      if (chain->kept[pairs->neighbour[e].member])
        chain_meet(chain, pairs->neighbour[e].member, i, pairs->neighbour[e].type);
  }
  return sum;
}

/* How much all chunks that share a worker take of one on average, if all are kept: 2 D / S1. */
static double mean_pull(const testudo_i_chain *chain, const double *missing)
{
  const testudo_i_pairs *pairs = chain->pairs;
  double pulled = 0, all = 0;
  for (int32_t k = 0; k < pairs->types; k++)
    pulled += 2 * pairs->joint[k] * (double)pairs->count[k];
  for (int32_t i = 0; i < pairs->members; i++)
    all += missing[pairs->member_type[i]];
  return all > 0 ? pulled / all : 0;
}

/* -log of the bound with the chunks that a share keeps; *all: those are all chunks. */
static double log_of_share(testudo_i_chain *chain, const double *missing, double share, bool *all)
{
  *all = chain_choose(chain, missing, share);
  for (int32_t i = 0; i < chain->pairs->members; i++)
    set_floor(chain, i, 0);
  for (int round = 0; round < ROUNDS; round++)
    raise_floors(chain, missing);
  return log_missing(chain, missing);
}

/* The best share rises with the pull as long as most chunks can be kept, and falls where they hinder one another. From
   where it is expected, the shares are gone through upwards and downwards as long as they are better. */
static size_t expected_share(double pull)
{
  static const struct {
    double pull;
    size_t share;
  } table[] = {{0.2, 1}, {0.5, 2}, {0.9, 3}, {1.4, 4}, {3.5, 5}, {7, 4}, {12, 3}, {20, 2}, {HUGE_VAL, 0}};
  size_t k = 0;
  while (pull > table[k].pull)
    k++;
  return table[k].share;
}

/* log of what all neighbours leave of a look's P(A_i), without lift; their number. */
static double log_left(const testudo_i_chain *chain, int32_t look, double *neighbours)
{
  double left = 0;
  *neighbours = 0;
  for (int64_t e = chain->look_row[look]; e < chain->look_row[look + 1]; e++) {
    left += chain->tally[e].count * chain->log_factor[chain->tally[e].side_type];
    *neighbours += chain->tally[e].count;
  }
  return left;
}

/* -log of the bound of a random sequence of all chunks, on average: each neighbour comes before a chunk in half of all
   sequences, and -log(1 - p exp(y)) is convex in y. All floors are taken as the least. */
static double log_of_random(testudo_i_chain *chain, const double *missing)
{
  const testudo_i_pairs *pairs = chain->pairs;
  double lift = 0, sum = 0, neighbours;
  for (int32_t k = 0; k < pairs->types; k++)
    for (int side = 0; side < 2; side++)
      chain->log_factor[2 * k + side] = log(chain->factor[side][k]);
  for (int round = 0; round < ROUNDS; round++) {
    double floor = 0.999999;
    for (int32_t c = 0; c < chain->looks; c++) {
      double left = log_left(chain, c, &neighbours), own = missing[chain->look_type[c]];
      floor = fmin(floor, own * exp(fmin(0, left + neighbours * lift)));
    }
    lift = -log1p(-floor);
  }
  for (int32_t c = 0; c < chain->looks; c++) {
    double left = log_left(chain, c, &neighbours), own = missing[chain->look_type[c]];
    sum -= (double)chain->look_count[c] * log1p(-fmin(1, own * exp(fmin(0, (left + neighbours * lift) / 2))));
  }
  return sum;
}

double testudo_i_chain_tail(testudo_i_chain *chain, const double *missing, int32_t l)
{
  static const double share[] = {0, 0.3, 0.6, 1, 1.5, 2.5, HUGE_VAL};
  enum { SHARES = sizeof share / sizeof *share };
  double pull = mean_pull(chain, missing);
  size_t first = expected_share(pull);
  bool all, risen = false;
  set_factors(chain, missing, l);
  double random = log_of_random(chain, missing);
  if (pull < LITTLE_PULL || random > CERTAIN) {
    memset(chain->kept, 0, (size_t)chain->pairs->members * sizeof *chain->kept);
    return -expm1(-random);
  }
  double best = log_of_share(chain, missing, share[first], &all);
  for (size_t k = first + 1; !all && k < SHARES && best < CERTAIN; k++) {
    double here = log_of_share(chain, missing, share[k], &all);
    if (here <= best)
      break;
    best = here;
    risen = true;
  }
  for (size_t k = first; !risen && k > 0 && best < CERTAIN; k--) {
    double here = log_of_share(chain, missing, share[k - 1], &all);
    if (here <= best)
      break;
    best = here;
  }
  return -expm1(-fmax(best, random));
}
