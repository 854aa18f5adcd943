/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

/* The slot where the name is, or would be. */
static size_t names_slot(const testudo_i_names *names, const char *name, size_t length)
{
  size_t at = (size_t)testudo_i_fnv(TESTUDO_I_FNV_START, name, length) & (names->slots - 1);
  for (int32_t k; (k = names->slot[at]) >= 0; at = (at + 1) & (names->slots - 1))
    if (strncmp(names->text[k], name, length) == 0 && names->text[k][length] == '\0')
      break;
  return at;
}

static testudo_status names_widen(testudo_i_names *names, testudo_error *error)
{
  size_t slots = names->slots == 0 ? 64 : 2 * names->slots;
  int32_t *slot = testudo_i_alloc(slots, sizeof *slot);
  TESTUDO_I_TRY(testudo_i_memory_check(slot != NULL, error));
  memset(slot, 0xff, slots * sizeof *slot);
  free(names->slot);
  names->slot = slot;
  names->slots = slots;
  for (int32_t k = 0; k < names->count; k++)
    slot[names_slot(names, names->text[k], strlen(names->text[k]))] = k;
  return TESTUDO_OK;
}

testudo_status testudo_i_names_number(testudo_i_names *names, testudo_i_word name, int32_t *number,
                                      testudo_error *error)
{
  const char *zero = memchr(name.at, '\0', name.length);
  size_t length = zero == NULL ? name.length : (size_t)(zero - name.at);
  if (2 * (size_t)names->count >= names->slots)
    TESTUDO_I_TRY(names_widen(names, error));
  size_t at = names_slot(names, name.at, length);
  *number = names->slot[at];
  if (*number >= 0)
    return TESTUDO_OK;
  char *text = testudo_i_arena_calloc(&names->arena, length + 1, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&names->arena, error));
  memcpy(text, name.at, length);
  TESTUDO_I_TRY(TESTUDO_I_GROW(names->text, names->room, (size_t)names->count + 1, error));
  names->text[names->count] = text;
  *number = names->slot[at] = names->count++;
  return TESTUDO_OK;
}

int testudo_i_natural_order(const char *a, const char *b)
{
  const char *x = a, *y = b;
  while (*x != '\0' && *y != '\0') {
    if (!testudo_i_is_digit(*x) || !testudo_i_is_digit(*y)) {
      if (*x != *y)
        return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
      x++, y++;
      continue;
    }
    while (*x == '0' && testudo_i_is_digit(x[1]))
      x++;
    while (*y == '0' && testudo_i_is_digit(y[1]))
      y++;
    size_t p = strspn(x, "0123456789"), q = strspn(y, "0123456789");
    int digits = p != q ? (p < q ? -1 : 1) : memcmp(x, y, p);
    if (digits != 0)
      return digits;
    x += p;
    y += q;
  }
  return *x != *y ? (*x == '\0' ? -1 : 1) : strcmp(a, b);
}

void testudo_i_names_clear(testudo_i_names *names)
{
  free(names->text);
  free(names->slot);
  testudo_i_arena_clear(&names->arena);
  *names = (testudo_i_names){.count = 0};
}
