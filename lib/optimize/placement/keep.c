/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does an assignment keep the limits, and what does it cost? */
#include <testudo/optimize.h>

#include <math.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/sum.h"

typedef struct keeping {
  testudo_i_arena *arena;
  const testudo_placement_limits *limits;
  double *cost;     /* of the current worker, by chunk; 0 between workers */
  int32_t *copies;  /* by chunk */
  int32_t *held_by; /* by chunk: the last worker that was seen to hold it */
} keeping;

static testudo_status check_held(keeping *k, const testudo_assignment *assignment, int32_t j, testudo_i_sum *sum,
                                 testudo_error *error)
{
  const testudo_placement_limits *limits = k->limits;
  int64_t load = assignment->row[j + 1] - assignment->row[j];
  if (load < limits->least[j] || load > limits->most[j])
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d holds %lld chunks, but %d to %d are allowed",
                          (int)j, (long long)load, (int)limits->least[j], (int)limits->most[j]);
  for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
    int32_t i = assignment->chunk[e];
    if (i < 0 || i >= limits->chunks || k->held_by[i] == j)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d holds chunk %d, which is out of range or twice"
                            " there", (int)j, (int)i);
    if (k->cost[i] == HUGE_VAL)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d holds chunk %d, which is forbidden there", (int)j,
                            (int)i);
    k->held_by[i] = j;
    k->copies[i]++;
    testudo_i_sum_add(sum, k->cost[i]);
  }
  return TESTUDO_OK;
}

static testudo_status check_all_held(keeping *k, const testudo_assignment *assignment, testudo_i_sum *sum,
                                     testudo_error *error)
{
  const testudo_placement_limits *limits = k->limits;
  int64_t from = 0;
  for (int32_t j = 0; j < limits->workers; j++) {
    int64_t end = from;
    for (; end < limits->costs && limits->cost[end].worker == j; end++)
      k->cost[limits->cost[end].chunk] = limits->cost[end].cost;
    TESTUDO_I_TRY(check_held(k, assignment, j, sum, error));
    for (; from < end; from++)
      k->cost[limits->cost[from].chunk] = 0.0;
  }
  for (int32_t i = 0; i < limits->chunks; i++)
    if (k->copies[i] != limits->replication[i])
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "chunk %d lies on %d workers, but must lie on %d", (int)i,
                            (int)k->copies[i], (int)limits->replication[i]);
  return TESTUDO_OK;
}

/* The holders of each chunk in turn, as places by domain: held_by[d] is the last chunk seen in domain d. */
static testudo_status check_domains(keeping *k, const testudo_assignment *assignment, testudo_error *error)
{
  const testudo_placement_limits *limits = k->limits;
  if (limits->domain == NULL)
    return TESTUDO_OK;
  /* One row of marks per domain: places are few enough wherever placements are searched. */
  unsigned char *seen = testudo_i_arena_calloc(k->arena, (size_t)limits->workers * (size_t)limits->chunks, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(k->arena, error));
  for (int32_t j = 0; j < limits->workers; j++)
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
      unsigned char *mark = &seen[(size_t)limits->domain[j] * (size_t)limits->chunks + (size_t)assignment->chunk[e]];
      if ((*mark)++ != 0)
        return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                              "worker %d holds chunk %d, but its domain has another copy already", (int)j,
                              (int)assignment->chunk[e]);
    }
  return TESTUDO_OK;
}

testudo_status testudo_placement_cost(const testudo_placement_limits *limits, const testudo_assignment *assignment,
                                      double *cost, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  keeping k = {.arena = &arena, .limits = limits};
  testudo_i_sum sum = {0.0, 0.0};
  size_t chunks = (size_t)limits->chunks;
  *cost = NAN;
  TESTUDO_I_TRY(testudo_placement_check(limits, error));
  if (assignment->workers != limits->workers || assignment->chunks != limits->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers and %d chunks, but the limits have %d and %d",
                          (int)assignment->workers, (int)assignment->chunks, (int)limits->workers,
                          (int)limits->chunks);
  k.cost = testudo_i_arena_calloc(&arena, chunks, sizeof *k.cost);
  k.copies = testudo_i_arena_calloc(&arena, chunks, sizeof *k.copies);
  k.held_by = testudo_i_arena_alloc(&arena, chunks, sizeof *k.held_by);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (size_t i = 0; i < chunks; i++)
    k.held_by[i] = -1;
  TESTUDO_I_TRY(check_all_held(&k, assignment, &sum, error));
  TESTUDO_I_TRY(check_domains(&k, assignment, error));
  *cost = testudo_i_sum_value(&sum);
  return TESTUDO_OK;
}
