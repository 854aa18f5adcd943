/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is given back all at once: what one object or one call needs, without a list of pointers to free and
   without a test behind every request. A failed request makes the arena `failed` and answers NULL; the caller asks
   testudo_i_arena_check once, after all requests and before the first use. Every block is a malloc of its own, so that
   sanitizers and valgrind still see its edges. */
#ifndef TESTUDO_BASE_ARENA_H
#define TESTUDO_BASE_ARENA_H

#include <stddef.h>

#include <testudo/status.h>

typedef struct testudo_i_arena {
  struct testudo_i_arena_block *last;
  bool failed;
} testudo_i_arena; /* zeroed: empty */

/* count * size bytes, aligned for any type; count 0 gives a valid pointer. NULL where there is no memory or the product
   overflows. */
void *testudo_i_arena_alloc(testudo_i_arena *arena, size_t count, size_t size);

/* The same, zeroed. */
void *testudo_i_arena_calloc(testudo_i_arena *arena, size_t count, size_t size);

/* A copy of the text; NULL where there is no memory. */
char *testudo_i_arena_text(testudo_i_arena *arena, const char *text);

/* Makes room for `wanted` elements at least in *array, which has *room now and keeps what it holds. */
TESTUDO_CHECKED testudo_status testudo_i_arena_grow(testudo_i_arena *arena, void **array, size_t *room, size_t wanted,
                                                    size_t size, testudo_error *error);

/* TESTUDO_ERROR_SYSTEM, with its sentence, where any request so far has failed. */
TESTUDO_CHECKED testudo_status testudo_i_arena_check(const testudo_i_arena *arena, testudo_error *error);

void testudo_i_arena_clear(testudo_i_arena *arena);

#endif
