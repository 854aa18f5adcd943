/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation whose sizes cannot overflow. All of it is freed with free(). */
#ifndef TESTUDO_BASE_MEMORY_H
#define TESTUDO_BASE_MEMORY_H

#include <stddef.h>

/* count * size bytes, or NULL where there is no memory or the product overflows. count 0 gives a valid pointer. */
void *testudo_i_alloc(size_t count, size_t size);

/* The same, zeroed. */
void *testudo_i_calloc(size_t count, size_t size);

/* Makes room for at least `wanted` items of `size` bytes in *array (room *room), growing by half.
   Returns 0, or -1 with the array untouched. */
int testudo_i_grow(void **array, size_t *room, size_t wanted, size_t size);

/* A copy of a string, or NULL. */
char *testudo_i_copy_string(const char *text);

/* free() of what a pointer points to, for TESTUDO_I_HELD. */
void testudo_i_free_held(void *pointer);

#endif
