/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static size_t bytes_of(size_t count, size_t size)
{
  if (size != 0 && count > PTRDIFF_MAX / size)
    return 0;
  return count * size == 0 ? 1 : count * size;
}

void *testudo_i_alloc(size_t count, size_t size)
{
  size_t bytes = bytes_of(count, size);
  return bytes == 0 ? NULL : malloc(bytes);
}

void *testudo_i_calloc(size_t count, size_t size)
{
  size_t bytes = bytes_of(count, size);
  return bytes == 0 ? NULL : calloc(1, bytes);
}

testudo_status testudo_i_grow(void **array, size_t *room, size_t wanted, size_t size, testudo_error *error)
{
  if (wanted <= *room)
    return TESTUDO_OK;
  size_t target = *room + *room / 2 + 16;
  if (target < wanted)
    target = wanted;
  size_t bytes = bytes_of(target, size);
  void *bigger = bytes == 0 ? NULL : realloc(*array, bytes);
  TESTUDO_I_TRY(testudo_i_memory_check(bigger != NULL, error));
  *array = bigger;
  *room = target;
  return TESTUDO_OK;
}

void testudo_i_free_held(void *pointer)
{
  void *block;
  memcpy(&block, pointer, sizeof block);
  free(block);
}

char *testudo_i_copy_string(const char *text)
{
  size_t length = strlen(text) + 1;
  char *copy = testudo_i_alloc(length, 1);
  if (copy != NULL)
    memcpy(copy, text, length);
  return copy;
}
