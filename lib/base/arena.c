/* SPDX-License-Identifier: BSD-3-Clause */
/* Arenas: a list of blocks. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

typedef struct testudo_i_arena_block {
  struct testudo_i_arena_block *before;
  max_align_t start[];
} arena_block;

static void *arena_take(testudo_i_arena *arena, size_t count, size_t size, bool zeroed)
{
  size_t most = (SIZE_MAX - sizeof(arena_block)) / (size == 0 ? 1 : size);
  arena_block *block = NULL;
  if (count <= most) {
    size_t bytes = sizeof *block + count * size;
    block = zeroed ? calloc(1, bytes) : malloc(bytes);
  }
  if (block == NULL) {
    arena->failed = true;
    return NULL;
  }
  block->before = arena->last;
  arena->last = block;
  return block->start;
}

void *testudo_i_arena_alloc(testudo_i_arena *arena, size_t count, size_t size)
{
  return arena_take(arena, count, size, false);
}

void *testudo_i_arena_calloc(testudo_i_arena *arena, size_t count, size_t size)
{
  return arena_take(arena, count, size, true);
}

char *testudo_i_arena_text(testudo_i_arena *arena, const char *text)
{
  size_t bytes = strlen(text) + 1;
  char *copy = testudo_i_arena_alloc(arena, bytes, 1);
  return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

testudo_status testudo_i_arena_grow(testudo_i_arena *arena, void **array, size_t *room, size_t wanted, size_t size,
                                    testudo_error *error)
{
  if (wanted <= *room)
    return TESTUDO_OK;
  size_t target = wanted > 2 * *room + 16 ? wanted : 2 * *room + 16;
  void *bigger = testudo_i_arena_alloc(arena, target, size);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  if (*room > 0)
    memcpy(bigger, *array, *room * size);
  *array = bigger;
  *room = target;
  return TESTUDO_OK;
}

testudo_status testudo_i_arena_check(const testudo_i_arena *arena, testudo_error *error)
{
  return arena->failed ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

void testudo_i_arena_clear(testudo_i_arena *arena)
{
  while (arena->last != NULL) {
    arena_block *block = arena->last;
    arena->last = block->before;
    free(block);
  }
  arena->failed = false;
}
