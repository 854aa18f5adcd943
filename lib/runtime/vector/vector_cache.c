/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries in one slab, chained by hash and, in a ring through entry 0's sentinel, by time of use. */
#include "runtime/vector/vector_cache.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"

enum { LEAST_ENTRIES = 8, BUCKETS = 1024, NONE = -1 };

typedef struct entry {
  uint64_t hash;
  int32_t next;         /* in its bucket */
  int32_t newer, older; /* by use; the sentinel is entry `room` */
  testudo_i_vector_quality quality;
} entry;

struct testudo_i_vector_cache {
  int32_t workers, room, used;
  size_t words;
  entry *entry;       /* room + 1 */
  uint64_t *set;      /* entry e: `words` words, a bit a worker */
  double *vector;     /* entry e: `workers` numbers */
  uint64_t *asked;    /* the set that find was last asked for */
  uint64_t asked_hash;
  int32_t bucket[BUCKETS];
};

testudo_status testudo_i_vector_cache_create(testudo_i_arena *arena, int32_t workers, testudo_i_vector_cache **cache,
                                             testudo_error *error)
{
  testudo_i_vector_cache *made = *cache = testudo_i_arena_calloc(arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  made->workers = workers;
  made->words = ((size_t)workers + 63) / 64;
  size_t fit = TESTUDO_I_LIMIT_VECTOR_CACHE /
               ((size_t)workers * sizeof(double) + made->words * sizeof(uint64_t) + sizeof(entry));
  made->room = fit < LEAST_ENTRIES                    ? LEAST_ENTRIES
               : fit > TESTUDO_I_LIMIT_VECTORS_CACHED ? TESTUDO_I_LIMIT_VECTORS_CACHED
                                                      : (int32_t)fit;
  made->entry = testudo_i_arena_calloc(arena, (size_t)made->room + 1, sizeof *made->entry);
  made->set = testudo_i_arena_alloc(arena, (size_t)made->room, made->words * sizeof *made->set);
  made->vector = testudo_i_arena_alloc(arena, (size_t)made->room, (size_t)workers * sizeof *made->vector);
  made->asked = testudo_i_arena_alloc(arena, made->words, sizeof *made->asked);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  made->entry[made->room].newer = made->entry[made->room].older = made->room;
  for (int b = 0; b < BUCKETS; b++)
    made->bucket[b] = NONE;
  return TESTUDO_OK;
}

int32_t testudo_i_vector_cache_room(const testudo_i_vector_cache *cache)
{
  return cache->room;
}

static void unlink_use(testudo_i_vector_cache *cache, int32_t e)
{
  entry *at = cache->entry;
  at[at[e].newer].older = at[e].older;
  at[at[e].older].newer = at[e].newer;
}

static void link_newest(testudo_i_vector_cache *cache, int32_t e)
{
  entry *at = cache->entry;
  int32_t sentinel = cache->room;
  at[e].newer = sentinel;
  at[e].older = at[sentinel].older;
  at[at[sentinel].older].newer = e;
  at[sentinel].older = e;
}

/* Equal hashes are distinguished by the sets. */
static uint64_t hash_of(const uint64_t *word, size_t words)
{
  uint64_t hash = TESTUDO_I_WORDS_START;
  for (size_t w = 0; w < words; w++)
    hash = testudo_i_hash_word(hash, word[w]);
  return hash;
}

bool testudo_i_vector_cache_find(testudo_i_vector_cache *cache, const int32_t *finished, int32_t count, double *vector,
                                 testudo_i_vector_quality *quality)
{
  memset(cache->asked, 0, cache->words * sizeof *cache->asked);
  for (int32_t k = 0; k < count; k++)
    cache->asked[finished[k] / 64] |= UINT64_C(1) << finished[k] % 64;
  cache->asked_hash = hash_of(cache->asked, cache->words);
  int32_t e = cache->bucket[cache->asked_hash % BUCKETS];
  while (e != NONE && (cache->entry[e].hash != cache->asked_hash ||
                       memcmp(cache->set + (size_t)e * cache->words, cache->asked,
                              cache->words * sizeof *cache->asked) != 0))
    e = cache->entry[e].next;
  if (e == NONE)
    return false;
  unlink_use(cache, e);
  link_newest(cache, e);
  memcpy(vector, cache->vector + (size_t)e * (size_t)cache->workers, (size_t)cache->workers * sizeof *vector);
  *quality = cache->entry[e].quality;
  return true;
}

/* An entry to write to: a new one, or the one used longest ago taken from its bucket. */
static int32_t take_entry(testudo_i_vector_cache *cache)
{
  if (cache->used < cache->room)
    return cache->used++;
  int32_t e = cache->entry[cache->room].newer;
  int32_t *link = &cache->bucket[cache->entry[e].hash % BUCKETS];
  while (*link != e)
    link = &cache->entry[*link].next;
  *link = cache->entry[e].next;
  unlink_use(cache, e);
  return e;
}

void testudo_i_vector_cache_keep(testudo_i_vector_cache *cache, const double *vector,
                                 const testudo_i_vector_quality *quality)
{
  int32_t e = take_entry(cache);
  memcpy(cache->set + (size_t)e * cache->words, cache->asked, cache->words * sizeof *cache->asked);
  memcpy(cache->vector + (size_t)e * (size_t)cache->workers, vector, (size_t)cache->workers * sizeof *vector);
  cache->entry[e].hash = cache->asked_hash;
  cache->entry[e].quality = *quality;
  cache->entry[e].next = cache->bucket[cache->asked_hash % BUCKETS];
  cache->bucket[cache->asked_hash % BUCKETS] = e;
  link_newest(cache, e);
}
