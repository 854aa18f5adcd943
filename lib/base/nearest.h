/* SPDX-License-Identifier: BSD-3-Clause */
/* Words in a list, and the one that somebody meant who mistyped it. */
#ifndef TESTUDO_BASE_NEAREST_H
#define TESTUDO_BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* Steps through a list of words with blanks between: copies the next into word, returns the rest, NULL at the end. */
const char *testudo_i_next_word(const char *words, char *word, size_t room);

/* The word of the list nearest to `text`; false when none is near. Of "name:what" the name alone is compared. */
bool testudo_i_nearest(const char *words, const char *text, char *nearest, size_t room);

#endif
