/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that make the same design, but for the numbers of its workers and chunks. */
#include "optimize/slots/mix.h"

#include "base/hash.h"

enum { MOST_BITS = 6, MOST_SETS = 1 << MOST_BITS };

/* ---- in numbers that do not matter ---- */

/* Sets of workers of a group are numbered by Z_p, or by vectors of bits, and set r works on block r + s. The chunks q
   may have any numbers, and the blocks of each may be shifted by themselves: here chunks are called by when they come
   first, and their blocks are counted from there. */
typedef struct plain_table {
  testudo_pairing pairing;
  int32_t places, sets;
  int32_t called[TESTUDO_I_SLOT_CHUNKS * MOST_SETS], ahead[TESTUDO_I_SLOT_CHUNKS * MOST_SETS];
} plain_table;

static void call_plainly(plain_table *plain, const testudo_slot *slot)
{
  int32_t called[TESTUDO_I_SLOT_CHUNKS] = {0}, first[TESTUDO_I_SLOT_CHUNKS] = {0}, chunks = 0;
  for (int32_t k = 0; k < plain->places; k++) {
    int32_t q = slot[k].chunk, s = slot[k].partner;
    if (called[q] == 0) {
      called[q] = ++chunks;
      first[q] = s;
    }
    plain->called[k] = called[q];
    plain->ahead[k] = plain->pairing == TESTUDO_PAIRING_XOR ? s ^ first[q]
                                                            : (s - first[q] + plain->sets) % plain->sets;
  }
}

static int32_t common_divisor(int32_t a, int32_t b)
{
  return b == 0 ? a : common_divisor(b, a % b);
}

/* Sets that never meet are in smaller groups: those of the multiples of a number .. */
static void divide_added(plain_table *plain)
{
  int32_t step = plain->sets;
  for (int32_t k = 0; k < plain->places; k++)
    step = common_divisor(step, plain->ahead[k]);
  for (int32_t k = 0; k < plain->places; k++)
    plain->ahead[k] /= step;
  plain->sets /= step;
}

/* .. or of the sums of some of the vectors, in which they are counted then. */
static void divide_xor(plain_table *plain)
{
  int32_t sum[MOST_SETS] = {0}, sums = 1; /* sum[x]: of those vectors whose bits x has */
  for (int32_t k = 0; k < plain->places; k++) {
    int32_t x = 0;
    while (x < sums && sum[x] != plain->ahead[k])
      x++;
    if (x == sums) {
      for (int32_t y = 0; y < sums; y++)
        sum[sums + y] = sum[y] ^ plain->ahead[k];
      sums *= 2;
    }
    plain->ahead[k] = x;
  }
  plain->sets = sums;
}

/* ---- the least number ---- */

/* A map of the sets that keeps sums numbers the workers anew. */
typedef struct sets_map {
  int32_t factor;            /* added: of every number */
  int32_t image[MOST_BITS];  /* xor: of every bit */
} sets_map;

static int32_t map_set(const plain_table *plain, const sets_map *map, int32_t s)
{
  if (plain->pairing != TESTUDO_PAIRING_XOR)
    return map->factor * s % plain->sets;
  int32_t image = 0;
  for (int32_t bit = 0; s >> bit > 0; bit++)
    image ^= (s >> bit & 1) != 0 ? map->image[bit] : 0;
  return image;
}

static uint64_t number_by(const plain_table *plain, const sets_map *map)
{
  uint64_t hash = TESTUDO_I_WORDS_START;
  for (int32_t k = 0; k < plain->places; k++)
    hash = testudo_i_hash_word(hash, (uint64_t)plain->called[k] << 32 | (uint64_t)map_set(plain, map, plain->ahead[k]));
  return testudo_i_mix(hash);
}

static uint64_t least_added(const plain_table *plain)
{
  uint64_t least = UINT64_MAX;
  for (sets_map map = {.factor = 1}; map.factor <= plain->sets; map.factor++) {
    uint64_t number = common_divisor(map.factor, plain->sets) == 1 ? number_by(plain, &map) : UINT64_MAX;
    least = number < least ? number : least;
  }
  return least;
}

/* Images of the bits from `bit` on: each is none of the sums of those before it. */
static uint64_t least_xor(const plain_table *plain, sets_map *map, int32_t bit)
{
  uint64_t least = UINT64_MAX;
  if (1 << bit >= plain->sets)
    return number_by(plain, map);
  for (int32_t image = 1; image < plain->sets; image++) {
    bool is_sum = false;
    for (int32_t s = 0; s < 1 << bit; s++)
      is_sum = is_sum || map_set(plain, map, s) == image;
    map->image[bit] = image;
    uint64_t number = is_sum ? UINT64_MAX : least_xor(plain, map, bit + 1);
    least = number < least ? number : least;
  }
  return least;
}

uint64_t testudo_i_slot_table_number(const testudo_i_slot_table *table)
{
  const testudo_i_slot_shape *shape = &table->shape;
  plain_table plain = {.pairing = shape->pairing, .places = shape->places, .sets = testudo_i_slot_partners(shape)};
  sets_map map = {.factor = 1};
  call_plainly(&plain, table->slot);
  (plain.pairing == TESTUDO_PAIRING_XOR ? divide_xor : divide_added)(&plain);
  plain.pairing = plain.sets > 2 ? plain.pairing : TESTUDO_PAIRING_ADDED; /* of pairs both are the same */
  uint64_t least = plain.pairing == TESTUDO_PAIRING_XOR ? least_xor(&plain, &map, 0) : least_added(&plain);
  const uint64_t word[] = {(uint64_t)plain.sets, (uint64_t)shape->twins, (uint64_t)plain.pairing, least};
  uint64_t hash = TESTUDO_I_WORDS_START;
  for (size_t k = 0; k < sizeof word / sizeof *word; k++)
    hash = testudo_i_hash_word(hash, word[k]);
  return testudo_i_mix(hash);
}
