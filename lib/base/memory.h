/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation whose sizes cannot overflow. All of it is freed with free(). */
#ifndef TESTUDO_BASE_MEMORY_H
#define TESTUDO_BASE_MEMORY_H

#include <stddef.h>

#include <testudo/status.h>

/* count * size bytes, or NULL where there is no memory or the product overflows. count 0 gives a valid pointer. */
void *testudo_i_alloc(size_t count, size_t size);

/* The same, zeroed. */
void *testudo_i_calloc(size_t count, size_t size);

/* Makes room for at least `wanted` items in an array that has `room`, growing by half. TESTUDO_ERROR_SYSTEM, and the
   array untouched, where there is no memory. */
#define TESTUDO_I_GROW(array, room, wanted, error)                                                                     \
  testudo_i_grow((void **)&(array), &(room), (wanted), sizeof *(array), (error))
TESTUDO_CHECKED testudo_status testudo_i_grow(void **array, size_t *room, size_t wanted, size_t size,
                                              testudo_error *error);

/* A copy of a string, or NULL. */
char *testudo_i_copy_string(const char *text);

/* free() of what a pointer points to, for TESTUDO_I_HELD. */
void testudo_i_free_held(void *pointer);

#endif
