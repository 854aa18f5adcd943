/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/nearest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char *testudo_i_next_word(const char *words, char *word, size_t room)
{
  if (words == NULL)
    return NULL;
  words += strspn(words, " ");
  size_t length = strcspn(words, " ");
  if (length == 0 || length >= room)
    return NULL;
  memcpy(word, words, length);
  word[length] = '\0';
  return words + length;
}

/* Edit distance (Levenshtein 1966) with two rows; words of this program are short. */
static size_t nearest_distance(const char *a, const char *b)
{
  enum { LONGEST = 40 };
  size_t row[LONGEST + 1], n = strlen(b), m = strlen(a);
  if (n > LONGEST || m > LONGEST)
    return SIZE_MAX;
  for (size_t k = 0; k <= n; k++)
    row[k] = k;
  for (size_t i = 1; i <= m; i++) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t k = 1; k <= n; k++) {
      size_t best = corner + (a[i - 1] != b[k - 1]);
      corner = row[k];
      best = row[k] + 1 < best ? row[k] + 1 : best;
      row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
    }
  }
  return row[n];
}

bool testudo_i_nearest(const char *words, const char *text, char *nearest, size_t room)
{
  char word[64];
  size_t best = 3 < strlen(text) ? 3 : strlen(text);
  bool found = false;
  while ((words = testudo_i_next_word(words, word, sizeof word)) != NULL) {
    char name[sizeof word];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":"), word);
    size_t away = nearest_distance(text, name);
    bool begins = strlen(text) >= 2 && strncmp(name, text, strlen(text)) == 0;
    if (away < best || (begins && !found)) {
      best = away < best ? away : best;
      found = true;
      snprintf(nearest, room, "%s", word);
    }
  }
  return found;
}
