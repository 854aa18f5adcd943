/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encoding matrix R of scheme partial: iid N(0,1). */
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "code/making/making.h"
#include "runtime/scheme/codes.h"

static double *partial_numbers(testudo_design *design, size_t *count)
{
  *count = (size_t)design->parts * (size_t)design->workers;
  return ((testudo_i_partial_code *)design->code)->matrix;
}

static testudo_status partial_room(testudo_design *design, testudo_error *error)
{
  size_t count = (size_t)design->parts * (size_t)design->workers;
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_partial_code), error));
  ((testudo_i_partial_code *)design->code)->matrix = testudo_i_arena_alloc(&design->arena, count, sizeof(double));
  return testudo_i_arena_check(&design->arena, error);
}

/* From the stream (seed, FOR_CODE), element (k, j) depending on (seed, k, j) only. */
static testudo_status partial_redraw(testudo_design *design, uint64_t seed, testudo_error *error)
{
  (void)error;
  size_t count, workers = (size_t)design->workers;
  double *matrix = partial_numbers(design, &count);
  for (size_t e = 0; e < count; e++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_CODE, e / workers, e % workers);
    matrix[e] = testudo_i_random_normal(&random);
  }
  return TESTUDO_OK;
}

static testudo_status make_partial(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  TESTUDO_I_TRY(partial_room(design, error));
  return partial_redraw(design, with->seed, error);
}

/* R stays with the workers. */
static testudo_status carry_partial(const testudo_design *design, testudo_design *made, const int64_t *from,
                                    testudo_error *error)
{
  (void)from;
  size_t count;
  TESTUDO_I_TRY(partial_room(made, error));
  double *matrix = partial_numbers(made, &count);
  memcpy(matrix, testudo_design_matrix(design), count * sizeof *matrix);
  return TESTUDO_OK;
}

const testudo_i_making testudo_i_making_partial = {.id = TESTUDO_SCHEME_PARTIAL,
                                                   .make = make_partial,
                                                   .carry = carry_partial,
                                                   .numbers = partial_numbers,
                                                   .redraw = partial_redraw};
