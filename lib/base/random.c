/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <math.h>
#include <string.h>

#include <Random123/threefry.h>

#include "base/order.h"

static void block_of(const uint64_t key[4], const uint64_t counter[4], uint64_t word[4])
{
  threefry4x64_key_t k = {{key[0], key[1], key[2], key[3]}};
  threefry4x64_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
  threefry4x64_ctr_t r = threefry4x64_R(20, c, k);
  memcpy(word, r.v, sizeof r.v);
}

void testudo_i_random_block(uint64_t seed, testudo_i_purpose purpose, uint64_t a, uint64_t b, uint64_t block,
                            uint64_t word[4])
{
  const uint64_t key[4] = {seed, (uint64_t)purpose, 0, 0};
  const uint64_t counter[4] = {block, a, b, 0};
  block_of(key, counter, word);
}

void testudo_i_random_start(testudo_i_random *random, uint64_t seed, testudo_i_purpose purpose, uint64_t a,
                            uint64_t b)
{
  *random = (testudo_i_random){.key = {seed, (uint64_t)purpose, 0, 0}, .counter = {0, a, b, 0}, .used = 4};
}

uint64_t testudo_i_random_word(testudo_i_random *random)
{
  if (random->used == 4) {
    block_of(random->key, random->counter, random->word);
    random->counter[0]++;
    random->used = 0;
  }
  return random->word[random->used++];
}

uint64_t testudo_i_random_below(testudo_i_random *random, uint64_t bound)
{
  /* Words below this threshold would make the first residues likelier. */
  uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    uint64_t word = testudo_i_random_word(random);
    if (word >= threshold)
      return word % bound;
  }
}

double testudo_i_random_normal(testudo_i_random *random)
{
  double radius = sqrt(-2.0 * log(testudo_i_random_uniform(random)));
  return radius * cos(6.283185307179586476925 * testudo_i_random_uniform(random));
}

void testudo_i_random_shuffle(testudo_i_random *random, int32_t *item, size_t count)
{
  for (size_t k = count; k > 1; k--)
    testudo_i_swap(&item[k - 1], &item[testudo_i_random_below(random, k)]);
}
