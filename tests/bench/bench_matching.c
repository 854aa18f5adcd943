/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of the matching order at load 8, beside a floor measured in the same run: one pass over the edges in random
   order through an index, which is what a colouring that looked at every edge once would pay for cache misses.
   Usage: bench_matching [largest N, default 100000]. */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/random.h"

#define LOAD 8

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Seconds of a pass in which each edge's address depends on the one before. */
static double floor_of(const testudo_assignment *assignment)
{
  int64_t entries = assignment->row[assignment->workers];
  int32_t *index = malloc((size_t)entries * sizeof *index);
  int32_t *next = malloc((size_t)entries * sizeof *next);
  if (index == NULL || next == NULL)
    exit(5);
  for (int64_t e = 0; e < entries; e++)
    index[e] = (int32_t)e;
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_i_random_shuffle(&random, index, (size_t)entries);
  for (int64_t e = 0; e < entries; e++)
    next[index[e]] = index[e + 1 < entries ? e + 1 : 0];
  double start = bench_wall();
  int64_t sum = 0;
  int32_t at = index[0];
  for (int64_t e = 0; e < entries; e++) {
    sum += assignment->chunk[at];
    at = next[at];
  }
  double seconds = bench_wall() - start;
  /* Using the sum keeps the pass from being optimised away. */
  if (sum < 0)
    puts("");
  free(index);
  free(next);
  return seconds;
}

static testudo_status make(const char *kind, int32_t workers, testudo_assignment *assignment, testudo_error *error)
{
  if (strcmp(kind, "cyclic") == 0)
    return testudo_assignment_cyclic(workers, LOAD, assignment, error);
  return testudo_assignment_regular(workers, workers, LOAD, 1, assignment, error);
}

static int measure(const char *kind, int32_t workers)
{
  double matching[7], floor[7];
  int runs = workers >= 1000000 ? 1 : 7;
  for (int run = 0; run < runs; run++) {
    testudo_assignment assignment;
    testudo_error error;
    if (make(kind, workers, &assignment, &error) != TESTUDO_OK) {
      fprintf(stderr, "%s\n", error.text);
      return 1;
    }
    floor[run] = floor_of(&assignment);
    double start = bench_wall();
    testudo_status status = testudo_order_matching(&assignment, NULL, &error);
    matching[run] = bench_wall() - start;
    testudo_assignment_free(&assignment);
    if (status != TESTUDO_OK) {
      fprintf(stderr, "%s\n", error.text);
      return 1;
    }
  }
  qsort(matching, (size_t)runs, sizeof *matching, compare);
  qsort(floor, (size_t)runs, sizeof *floor, compare);
  printf("matching %-7s N=%-8d %10.3f ms  floor %9.3f ms  ratio %6.1f\n", kind, (int)workers,
         1e3 * matching[runs / 2], 1e3 * floor[runs / 2], matching[runs / 2] / floor[runs / 2]);
  return 0;
}

int main(int count, char **argument)
{
  long largest = count > 1 ? strtol(argument[1], NULL, 10) : 100000;
  for (int32_t workers = 1000; workers <= largest && workers <= TESTUDO_MAX_WORKERS; workers *= 10)
    if (measure("random", workers) != 0 || measure("cyclic", workers) != 0)
      return 1;
  return 0;
}
