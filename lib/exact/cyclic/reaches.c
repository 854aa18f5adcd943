/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of the natural order: sorted tuples of reaches. */
#include "exact/cyclic/transfer.h"

#include <string.h>

#include "base/error.h"

int64_t testudo_i_transfer_states(int32_t load, int32_t parts, int64_t limit)
{
  int64_t states = 1;
  for (int32_t k = 1; k <= parts; k++) {
    if (states > limit || states > INT64_MAX / (load + k))
      return limit + 1;
    states = states * (load - 1 + k) / k;
  }
  return states > limit ? limit + 1 : states;
}

/* The next descending tuple of 0..top in lexicographic order; false after the last. */
static bool next_tuple(int32_t *tuple, int32_t parts, int32_t top)
{
  for (int32_t k = parts - 1; k >= 0; k--) {
    if (tuple[k] < (k == 0 ? top : tuple[k - 1])) {
      tuple[k]++;
      for (int32_t after = k + 1; after < parts; after++)
        tuple[after] = 0;
      return true;
    }
  }
  return false;
}

static int compare_tuples(const int32_t *a, const int32_t *b, int32_t parts)
{
  for (int32_t k = 0; k < parts; k++)
    if (a[k] != b[k])
      return a[k] < b[k] ? -1 : 1;
  return 0;
}

static int32_t find_tuple(const int32_t *tuples, int32_t states, int32_t parts, const int32_t *wanted)
{
  int32_t low = 0, high = states - 1;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (compare_tuples(tuples + (size_t)middle * (size_t)parts, wanted, parts) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The tuple after a worker's reach has joined and all have dropped by one; answers how many reaches the chunk
   lacks. */
static int32_t join_reach(const int32_t *tuple, int32_t parts, int32_t reach, int32_t *next)
{
  memcpy(next, tuple, (size_t)parts * sizeof *next);
  int32_t at = parts;
  while (at > 0 && next[at - 1] < reach)
    at--;
  if (at < parts) {
    memmove(next + at + 1, next + at, (size_t)(parts - 1 - at) * sizeof *next);
    next[at] = reach;
  }
  int32_t missing = 0;
  for (int32_t k = 0; k < parts; k++) {
    missing += next[k] == 0;
    next[k] -= next[k] > 0;
  }
  return missing;
}

static void build_edges(testudo_i_transfer *transfer, const int32_t *tuples, int32_t *next)
{
  int32_t edges = 0;
  for (int32_t s = 0; s < transfer->states; s++) {
    const int32_t *tuple = tuples + (size_t)s * (size_t)transfer->parts;
    int32_t least = tuple[transfer->parts - 1];
    transfer->row[s] = edges;
    for (int32_t reach = least; reach <= transfer->load; reach++) {
      struct testudo_i_transfer_edge *edge = &transfer->edge[edges++];
      edge->missing = join_reach(tuple, transfer->parts, reach, next);
      edge->to = find_tuple(tuples, transfer->states, transfer->parts, next);
      edge->weight = reach == least ? reach : transfer->load + 1 + reach;
    }
  }
  transfer->row[transfer->states] = edges;
}

testudo_status testudo_i_transfer_reaches(testudo_i_transfer *transfer, testudo_i_arena *arena,
                                          testudo_i_arena *scratch, testudo_error *error)
{
  transfer->states = (int32_t)testudo_i_transfer_states(transfer->load, transfer->parts, INT32_MAX - 1);
  size_t parts = (size_t)transfer->parts, states = (size_t)transfer->states;
  int32_t *tuples = testudo_i_arena_calloc(scratch, states, parts * sizeof *tuples);
  int32_t *next = testudo_i_arena_calloc(scratch, parts, sizeof *next);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  TESTUDO_I_TRY(testudo_i_transfer_edges(transfer, arena, error));
  for (size_t s = 1; s < states; s++) {
    memcpy(tuples + s * parts, tuples + (s - 1) * parts, parts * sizeof *tuples);
    next_tuple(tuples + s * parts, transfer->parts, transfer->load - 1);
  }
  build_edges(transfer, tuples, next);
  return TESTUDO_OK;
}
