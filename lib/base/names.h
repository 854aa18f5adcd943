/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that a file uses again and again, each kept once and called by its number. */
#ifndef TESTUDO_BASE_NAMES_H
#define TESTUDO_BASE_NAMES_H

#include "base/arena.h"
#include "base/text.h"

typedef struct testudo_i_names {
  const char **text;       /* of number k, in the order in which they came */
  int32_t count;
  size_t room;             /* of text */
  int32_t *slot;           /* an open hash table of numbers, -1 where empty */
  size_t slots;            /* a power of two; 0: none yet */
  testudo_i_arena arena;
} testudo_i_names; /* zeroed: none */

/* The number of a name, which is added where it is new. */
TESTUDO_CHECKED testudo_status testudo_i_names_number(testudo_i_names *names, testudo_i_word name, int32_t *number,
                                                      testudo_error *error);

/* strcmp, but digits compare as the numbers they are: node2 before node10. */
int testudo_i_natural_order(const char *a, const char *b);

void testudo_i_names_clear(testudo_i_names *names);

#endif
