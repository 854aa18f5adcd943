/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of conditional bounds: which chunks it keeps, and what each is worth after those before it. */
#include "exact/bounds/chain.h"

#include <math.h>


/* Rounds of raising the floors; each only uses floors that are proved already. */
#define ROUNDS 3

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
  return testudo_i_arena_check(arena, error);
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

/* Which side of its pair type chunk i has; where both chunks are of one type it does not matter. */
static int side_of(const testudo_i_chain *chain, int32_t i, int32_t type)
{
  return chain->pairs->chunk_type[0][type] != chain->pairs->member_type[i];
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
  chain->lift[i] /= 1 - chain->floor[k];
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
    chain->floor[i] = chain->kept[i] ? fmin(0.999999, floor_of(chain, missing, i)) : 0;
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

double testudo_i_chain_tail(testudo_i_chain *chain, const double *missing, int32_t l)
{
  static const double share[] = {0, 0.3, 0.6, 1, 1.5, 2.5, HUGE_VAL};
  int32_t members = chain->pairs->members;
  double best = 0;
  bool all = false;
  set_factors(chain, missing, l);
  for (size_t k = 0; k < sizeof share / sizeof *share && !all; k++) {
    all = chain_choose(chain, missing, share[k]);
    for (int32_t i = 0; i < members; i++)
      chain->floor[i] = 0;
    for (int round = 0; round < ROUNDS; round++)
      raise_floors(chain, missing);
    best = fmax(best, log_missing(chain, missing));
  }
  return -expm1(-best);
}
