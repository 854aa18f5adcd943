/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probabilities of pairs of chunks: what two keys' holders do is independent but for the workers they share. */
#include <math.h>
#include <string.h>

#include "exact/bounds/pairs.h"

/* law[k], k < l: P(k have finished so far); more than l - 1 falls out. */
static void add_alone(double *law, int32_t l, double survival)
{
  for (int32_t k = l - 1; k > 0; k--)
    law[k] = law[k] * survival + law[k - 1] * (1 - survival);
  law[0] *= survival;
}

static void count_alone(const double *survival, const int32_t *slot, int32_t count, int32_t l, double *law)
{
  memset(law, 0, (size_t)l * sizeof *law);
  law[0] = 1;
  for (int32_t h = 0; h < count; h++)
    add_alone(law, l, survival[slot[h]]);
}

/* A shared worker finishes the chunk that it processes first, then the other: joint[x * l + y] for x done on i, y
   on j. */
static void add_shared(double *joint, int32_t l, double survival_i, double survival_j)
{
  double none = survival_i < survival_j ? survival_i : survival_j;
  double both = 1 - (survival_i < survival_j ? survival_j : survival_i);
  double only_i = survival_j > survival_i ? survival_j - survival_i : 0;
  double only_j = survival_i > survival_j ? survival_i - survival_j : 0;
  for (int32_t x = l - 1; x >= 0; x--)
    for (int32_t y = l - 1; y >= 0; y--) {
      double *at = joint + (size_t)x * (size_t)l + y;
      double sum = *at * none;
      if (x > 0)
        sum += at[-l] * only_i;
      if (y > 0)
        sum += at[-1] * only_j;
      if (x > 0 && y > 0)
        sum += at[-l - 1] * both;
      *at = sum;
    }
}

static double joint_of(const int32_t *key, const double *survival, int32_t l, double *room)
{
  double *joint = room, *law_i = room + (size_t)l * (size_t)l, *law_j = law_i + l;
  const int32_t *pair = key + TESTUDO_I_PAIR_HEAD, *alone = pair + 2 * key[0];
  memset(joint, 0, (size_t)l * (size_t)l * sizeof *joint);
  joint[0] = 1;
  for (int32_t k = 0; k < key[0]; k++)
    add_shared(joint, l, survival[pair[2 * k]], survival[pair[2 * k + 1]]);
  count_alone(survival, alone, key[1], l, law_i);
  count_alone(survival, alone + key[1], key[2], l, law_j);
  for (int32_t k = 1; k < l; k++) {
    law_i[k] += law_i[k - 1];
    law_j[k] += law_j[k - 1];
  }
  double sum = 0;
  for (int32_t x = 0; x < l; x++)
    for (int32_t y = 0; y < l; y++)
      sum += joint[(size_t)x * (size_t)l + y] * law_i[l - 1 - x] * law_j[l - 1 - y];
  return sum;
}

/* P(one of the chunks is not covered | no holder of the other, chunk `given`, has finished that). */
static double worst_of(const int32_t *key, const double *survival, int32_t l, int given, double *law)
{
  const int32_t *pair = key + TESTUDO_I_PAIR_HEAD, *alone = pair + 2 * key[0] + (given == 0 ? key[1] : 0);
  count_alone(survival, alone, given == 0 ? key[2] : key[1], l, law);
  for (int32_t h = 0; h < key[0]; h++) {
    double of_given = survival[pair[2 * h + given]], own = survival[pair[2 * h + 1 - given]];
    add_alone(law, l, own < of_given ? own / of_given : 1);
  }
  double sum = 0;
  for (int32_t k = 0; k < l; k++)
    sum += law[k];
  return sum;
}

static void set_worst(testudo_i_pairs *pairs, int32_t k, const double *survival, int32_t l)
{
  const int32_t *key = pairs->key + pairs->row[k];
  double first = worst_of(key, survival, l, 0, pairs->room), second = worst_of(key, survival, l, 1, pairs->room);
  pairs->worst[k] = first > second ? first : second;
}

/* Neither chunk is done by anyone: a shared worker has not finished the one that it processes first. */
void testudo_i_pairs_evaluate_failed(testudo_i_pairs *pairs, const double *survival, int32_t workers, int32_t failed)
{
  for (int32_t k = 0; k < pairs->types; k++) {
    const int32_t *key = pairs->key + pairs->row[k], *pair = key + TESTUDO_I_PAIR_HEAD, *alone = pair + 2 * key[0];
    int32_t holders = key[0] + key[1] + key[2];
    double law[2];
    for (int32_t h = 0; h < key[0]; h++)
      pairs->holder[h] = fmin(survival[pair[2 * h]], survival[pair[2 * h + 1]]);
    for (int32_t h = key[0]; h < holders; h++)
      pairs->holder[h] = survival[alone[h - key[0]]];
    testudo_i_cover_law(pairs->holder, pairs->holder_slot, holders, 1, workers, failed, law, pairs->failed_room);
    pairs->joint[k] = law[0];
  }
}

void testudo_i_pairs_evaluate(testudo_i_pairs *pairs, const double *survival, int32_t l)
{
  for (int32_t k = 0; l > 1 && pairs->neighbour != NULL && k < pairs->types; k++)
    set_worst(pairs, k, survival, l);
  for (int32_t k = 0; k < pairs->types; k++)
    pairs->joint[k] = joint_of(pairs->key + pairs->row[k], survival, l, pairs->room);
}
