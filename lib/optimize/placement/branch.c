/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x[j][i] = 1: worker j holds chunk i. y[j,k][i] >= x[j][i] + x[k][i] - 1, the y of a pair of workers sum to no more
   than the aim; pairs of one domain share nothing anyway. Workers with the same loads, domain and forbidden places are
   interchangeable, so the first chunks of each, read as a binary number, may be asked to fall. */
#include "optimize/placement/branch.h"

#include <math.h>

#include "base/error.h"
#include "base/limits.h"

/* Chunks of the binary number. */
enum { ORDERED = 12 };

typedef struct branching {
  const testudo_placement_limits *limits;
  const unsigned char *forbidden;
  testudo_i_linear *linear;
  testudo_i_terms terms; /* of a row */
} branching;

static bool one_domain(const testudo_placement_limits *limits, int32_t j, int32_t k)
{
  return limits->domain != NULL && limits->domain[j] == limits->domain[k];
}

/* Sizes worth a try: variables of pairs of workers and chunks. */
static bool is_small(const testudo_placement_limits *limits)
{
  int64_t pairs = 0;
  if ((int64_t)limits->workers * limits->workers > 2 * (int64_t)TESTUDO_I_LIMIT_BRANCH_SHARES)
    return false;
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t k = j + 1; k < limits->workers; k++)
      pairs += !one_domain(limits, j, k);
  return pairs * limits->chunks <= TESTUDO_I_LIMIT_BRANCH_SHARES;
}

static int x_of(const branching *b, int32_t worker, int32_t chunk)
{
  return worker * b->limits->chunks + chunk + 1;
}

static void put_places(branching *b)
{
  const testudo_placement_limits *limits = b->limits;
  testudo_i_linear_add_columns(b->linear, limits->workers * limits->chunks);
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t i = 0; i < limits->chunks; i++) {
      testudo_i_linear_binary(b->linear, x_of(b, j, i));
      if (b->forbidden != NULL && b->forbidden[j * limits->chunks + i] != 0)
        testudo_i_linear_limit_column(b->linear, x_of(b, j, i), 0.0, 0.0);
    }
  for (int32_t i = 0; i < limits->chunks; i++) {
    for (int32_t j = 0; j < limits->workers; j++)
      testudo_i_terms_add(&b->terms, x_of(b, j, i), 1.0);
    testudo_i_linear_row(b->linear, &b->terms, limits->replication[i], limits->replication[i]);
  }
  for (int32_t j = 0; j < limits->workers; j++) {
    for (int32_t i = 0; i < limits->chunks; i++)
      testudo_i_terms_add(&b->terms, x_of(b, j, i), 1.0);
    testudo_i_linear_row(b->linear, &b->terms, limits->least[j], limits->most[j]);
  }
}

static void put_domains(branching *b)
{
  const testudo_placement_limits *limits = b->limits;
  for (int32_t d = 0; limits->domain != NULL && d < limits->workers; d++)
    for (int32_t i = 0; i < limits->chunks; i++) {
      for (int32_t j = 0; j < limits->workers; j++)
        if (limits->domain[j] == d)
          testudo_i_terms_add(&b->terms, x_of(b, j, i), 1.0);
      if (b->terms.count > 1)
        testudo_i_linear_row(b->linear, &b->terms, -HUGE_VAL, 1.0);
      b->terms.count = 0;
    }
}

static void put_overlaps(branching *b, int32_t aim)
{
  const testudo_placement_limits *limits = b->limits;
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t k = j + 1; k < limits->workers; k++) {
      if (one_domain(limits, j, k))
        continue;
      int first = testudo_i_linear_add_columns(b->linear, limits->chunks);
      for (int32_t i = 0; i < limits->chunks; i++) {
        testudo_i_linear_limit_column(b->linear, first + i, 0.0, 1.0);
        testudo_i_terms_add(&b->terms, x_of(b, j, i), 1.0);
        testudo_i_terms_add(&b->terms, x_of(b, k, i), 1.0);
        testudo_i_terms_add(&b->terms, first + i, -1.0);
        testudo_i_linear_row(b->linear, &b->terms, -HUGE_VAL, 1.0);
      }
      for (int32_t i = 0; i < limits->chunks; i++)
        testudo_i_terms_add(&b->terms, first + i, 1.0);
      testudo_i_linear_row(b->linear, &b->terms, -HUGE_VAL, aim);
    }
}

static void put_symmetry(branching *b)
{
  int32_t chunks = b->limits->chunks < ORDERED ? b->limits->chunks : ORDERED;
  for (int32_t k = 1; k < b->limits->workers; k++) {
    int32_t j = k - 1;
    while (j >= 0 && !testudo_i_workers_are_alike(b->limits, b->forbidden, j, k))
      j--;
    for (int32_t i = 0; j >= 0 && i < chunks; i++) {
      testudo_i_terms_add(&b->terms, x_of(b, j, i), (double)(1 << (chunks - 1 - i)));
      testudo_i_terms_add(&b->terms, x_of(b, k, i), -(double)(1 << (chunks - 1 - i)));
    }
    if (b->terms.count > 0)
      testudo_i_linear_row(b->linear, &b->terms, 0.0, HUGE_VAL);
  }
}

static void take_solution(const branching *b, testudo_assignment *placement)
{
  int64_t entries = 0, room = 0;
  for (int32_t i = 0; i < b->limits->chunks; i++)
    room += b->limits->replication[i];
  for (int32_t j = 0; j < b->limits->workers; j++) {
    for (int32_t i = 0; i < b->limits->chunks; i++)
      if (testudo_i_linear_chosen(b->linear, x_of(b, j, i)) && entries < room)
        placement->chunk[entries++] = i;
    placement->row[j + 1] = entries;
  }
}

testudo_status testudo_i_branch_overlap(const testudo_i_overlap_question *question, testudo_i_branch_answer *answer,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_linear_drop) testudo_i_linear linear = {0};
  const testudo_placement_limits *limits = question->limits;
  branching b = {.limits = limits, .forbidden = question->forbidden, .linear = &linear};
  bool cut, stopped;
  *answer = TESTUDO_I_BRANCH_TOO_LARGE;
  if (!is_small(limits))
    return TESTUDO_OK;
  testudo_i_terms_make(&b.terms, &arena, (size_t)limits->workers + 2 * (size_t)limits->chunks + 2 * ORDERED + 3);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  testudo_i_linear_start(&linear, false);
  put_places(&b);
  put_domains(&b);
  put_overlaps(&b, question->aim);
  put_symmetry(&b);
  *answer = testudo_i_linear_branch(&linear, question->monitor, TESTUDO_I_LIMIT_BRANCH_NODES, &cut, &stopped);
  TESTUDO_I_TRY(testudo_i_linear_check(&linear, error));
  if (stopped)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
  /* The solver's word is taken for "none", but not for "found": the rules are checked by the caller. */
  if (*answer == TESTUDO_I_BRANCH_FOUND && cut)
    *answer = TESTUDO_I_BRANCH_UNDECIDED;
  if (*answer == TESTUDO_I_BRANCH_FOUND)
    take_solution(&b, question->placement);
  return TESTUDO_OK;
}
