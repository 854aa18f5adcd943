/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments for the tests of this folder. */
#ifndef TESTUDO_TESTS_CODE_GRAPHS_H
#define TESTUDO_TESTS_CODE_GRAPHS_H

#include "check.h"

#include <testudo/code.h>

#include "base/random.h"

/* Each pair (worker, chunk) with probability `density`; afterwards every chunk without a holder gets one. Workers may
   be idle. Rows are in random order. */
static inline testudo_assignment random_graph(testudo_i_random *random, int32_t workers, int32_t chunks, double density)
{
  testudo_assignment made = {.workers = workers, .chunks = chunks};
  char *held = calloc((size_t)workers * (size_t)chunks, 1);
  made.row = calloc((size_t)workers + 1, sizeof *made.row);
  made.chunk = malloc(((size_t)workers * (size_t)chunks) * sizeof *made.chunk);
  assert_non_null(held);
  assert_non_null(made.row);
  assert_non_null(made.chunk);
  for (int32_t i = 0; i < chunks; i++) {
    held[testudo_i_random_below(random, (uint64_t)workers) * (uint64_t)chunks + (uint64_t)i] = 1;
    for (int32_t j = 0; j < workers; j++)
      if (testudo_i_random_uniform(random) < density)
        held[j * chunks + i] = 1;
  }
  for (int32_t j = 0; j < workers; j++) {
    int64_t first = made.row[j], end = first;
    for (int32_t i = 0; i < chunks; i++)
      if (held[j * chunks + i])
        made.chunk[end++] = i;
    made.row[j + 1] = end;
    testudo_i_random_shuffle(random, made.chunk + first, (size_t)(end - first));
  }
  free(held);
  return made;
}

static inline int64_t entries_of(const testudo_assignment *assignment)
{
  return assignment->row[assignment->workers];
}

/* The degree of every chunk; the caller frees it. */
static inline int32_t *chunk_degrees(const testudo_assignment *assignment)
{
  int32_t *degree = calloc((size_t)assignment->chunks, sizeof *degree);
  assert_non_null(degree);
  for (int64_t e = 0; e < entries_of(assignment); e++)
    degree[assignment->chunk[e]]++;
  return degree;
}

/* No worker holds a chunk twice, and all indices are in range. */
static inline bool is_simple(const testudo_assignment *assignment)
{
  int32_t *last = malloc((size_t)assignment->chunks * sizeof *last);
  assert_non_null(last);
  for (int32_t i = 0; i < assignment->chunks; i++)
    last[i] = -1;
  bool simple = true;
  for (int32_t j = 0; j < assignment->workers; j++)
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1] && simple; e++) {
      int32_t chunk = assignment->chunk[e];
      simple = chunk >= 0 && chunk < assignment->chunks && last[chunk] != j;
      if (simple)
        last[chunk] = j;
    }
  free(last);
  return simple;
}

#endif
