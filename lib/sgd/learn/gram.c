/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the variance of coded gradients asks of data: inner products of the chunks' gradients, and copies by them. */
#include <math.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "code/assignment.h"
#include "linalg/products.h"
#include "sgd/learn/learn.h"

testudo_status testudo_i_chunk_gram(const testudo_problem *problem, const int32_t *first, int32_t chunks,
                                    const double *w, const testudo_monitor *monitor, double *gram,
                                    testudo_error *error)
{
  size_t dim = testudo_problem_dim(problem), count = (size_t)chunks;
  testudo_i_arena TESTUDO_I_HELD(testudo_i_arena_clear) arena = {0};
  double *part = testudo_i_arena_alloc(&arena, count * dim, sizeof *part);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  testudo_problem_work *work = NULL;
  TESTUDO_I_TRY(testudo_problem_work_create(problem, &work, error));
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < count && status == TESTUDO_OK; k++) {
    double *own = part + k * dim, share = (double)(first[k + 1] - first[k]) / testudo_problem_samples(problem);
    testudo_problem_gradient_range(problem, work, w, first[k], first[k + 1] - first[k], own);
    for (size_t i = 0; i < dim; i++)
      own[i] *= share;
    for (size_t l = 0; l <= k; l++)
      gram[k * count + l] = gram[l * count + k] = testudo_i_dot(dim, own, part + l * dim);
    status = testudo_i_stopped(monitor, (double)(k + 1) / (double)count) ? TESTUDO_INTERRUPTED : TESTUDO_OK;
  }
  testudo_problem_work_free(work);
  return status;
}

testudo_status testudo_i_deal_copies(int32_t workers, int32_t chunks, const double *gram, int64_t entries,
                                     testudo_assignment *assignment, testudo_error *error)
{
  testudo_i_arena TESTUDO_I_HELD(testudo_i_arena_clear) arena = {0};
  size_t count = (size_t)chunks;
  *assignment = (testudo_assignment){0};
  double *square = testudo_i_arena_alloc(&arena, count, sizeof *square);
  int32_t *copies = testudo_i_arena_alloc(&arena, count, sizeof *copies);
  int64_t *begin = testudo_i_arena_alloc(&arena, count + 1, sizeof *begin);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (size_t k = 0; k < count; k++)
    square[k] = fmax(0.0, gram[k * count + k]);
  TESTUDO_I_TRY(testudo_coded_copies(workers, chunks, square, entries, copies, error));
  begin[0] = 0;
  for (size_t k = 0; k < count; k++)
    begin[k + 1] = begin[k] + copies[k];
  int32_t *holder = testudo_i_arena_alloc(&arena, (size_t)begin[count], sizeof *holder);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int64_t at = 0; at < begin[count]; at++)
    holder[at] = (int32_t)(at % workers);
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, begin[count], error));
  testudo_i_assignment_fill(assignment, holder, begin, 0);
  return TESTUDO_OK;
}
