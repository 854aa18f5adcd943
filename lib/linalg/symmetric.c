/* SPDX-License-Identifier: BSD-3-Clause */
/* Eigenvalues of symmetric matrices: all by tridiagonal form, the largest by Lanczos. */
#include "linalg/symmetric.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "linalg/tridiagonal.h"
#include "linalg/products.h"
#include "linalg/reflect.h"

#define FAILS 1e-6

testudo_status testudo_i_eigenvalues(int32_t n, double *a, double *value, double *room, testudo_error *error)
{
  size_t size = (size_t)n;
  double scale;
  bool done = testudo_i_scale(size * size, a, &scale);
  if (done)
    testudo_i_tridiagonal(n, a, value, room, room + size);
  if (!done || !testudo_i_all_eigenvalues(n, value, room))
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the eigenvalues of a symmetric matrix of %d rows failed",
                          (int)n);
  for (int32_t k = 0; k < n; k++)
    value[k] /= scale;
  return TESTUDO_OK;
}

/* ---- Lanczos ---- */

typedef struct krylov {
  int32_t n, steps;
  double *basis;            /* limit + 1 vectors */
  double *room;             /* 2 limit numbers */
  double *diagonal, *beside;/* of the tridiagonal matrix; beside[k] couples k and k + 1 */
} krylov;

/* One more basis vector; twice orthogonalised against all before. */
static void add_vector(krylov *space, testudo_i_product product, void *context)
{
  int32_t k = space->steps;
  size_t size = (size_t)space->n;
  double *v = space->basis + (size_t)k * size, *next = v + size;
  product(context, v, next);
  space->diagonal[k] = testudo_i_dot(size, v, next);
  for (int pass = 0; pass < 2; pass++)
    for (int32_t i = k; i >= 0; i--) {
      const double *before = space->basis + (size_t)i * size;
      testudo_i_add_times(size, -testudo_i_dot(size, before, next), before, next);
    }
  double norm = sqrt(testudo_i_dot(size, next, next));
  space->beside[k] = norm;
  for (size_t i = 0; i < size; i++)
    next[i] = norm > 0.0 ? next[i] / norm : 0.0;
  space->steps = k + 1;
}

/* The largest Ritz value and the norm of its residual. */
static testudo_status extreme(const krylov *space, double *value, double *residual, testudo_error *error)
{
  testudo_i_tridiagonal_matrix matrix = {space->steps, space->diagonal, space->beside};
  for (int32_t k = 0; k < space->steps; k++)
    if (!isfinite(space->diagonal[k]) || !isfinite(space->beside[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the largest eigenvalue after %d steps of Lanczos failed",
                            (int)space->steps);
  *value = testudo_i_largest_eigenvalue(matrix);
  *residual = space->beside[space->steps - 1] * testudo_i_last_entry(matrix, *value, space->room);
  return TESTUDO_OK;
}

static testudo_status allocate_krylov(krylov *space, int32_t limit, testudo_i_arena *arena, testudo_error *error)
{
  size_t most = (size_t)limit;
  space->basis = testudo_i_arena_alloc(arena, (most + 1) * (size_t)space->n, sizeof *space->basis);
  space->room = testudo_i_arena_alloc(arena, 2 * most, sizeof *space->room);
  space->diagonal = testudo_i_arena_alloc(arena, most, sizeof *space->diagonal);
  space->beside = testudo_i_arena_alloc(arena, most, sizeof *space->beside);
  return testudo_i_arena_check(arena, error);
}

/* How far above the found value the largest may be, as a factor. */
static double factor_above(int32_t n, int32_t steps)
{
  double root = log(1.648 * sqrt((double)n) / FAILS) / (2.0 * (steps - 1) - 1.0);
  return root * root < 1.0 ? 1.0 / (1.0 - root * root) : HUGE_VAL;
}

testudo_status testudo_i_lanczos(int32_t n, testudo_i_product product, void *context, int32_t limit, double *start,
                                 const testudo_monitor *monitor, testudo_i_largest *largest, testudo_error *error)
{
  *largest = (testudo_i_largest){0.0, 0.0, 0.0, 0};
  double norm = sqrt(testudo_i_dot((size_t)n, start, start)), value = 0.0, residual = 0.0;
  bool whole = false, converged = false;
  if (!(norm > 0.0))
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  krylov space = {.n = n};
  TESTUDO_I_TRY(allocate_krylov(&space, limit, &arena, error));
  for (int32_t i = 0; i < n; i++)
    space.basis[i] = start[i] / norm;
  for (int32_t look = 16; !converged && space.steps < limit;) {
    if (testudo_i_stopped(monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    add_vector(&space, product, context);
    double size = fabs(space.diagonal[0]) + space.beside[0];
    whole = space.beside[space.steps - 1] <= 1e-13 * size;
    if (!whole && space.steps < look && space.steps < limit)
      continue;
    look += look / 2;
    TESTUDO_I_TRY(extreme(&space, &value, &residual, error));
    converged = whole || residual <= 1e-10 * value;
  }
  /* An invariant subspace holds every eigenvalue that the start has a share of, which is all, with probability 1. */
  *largest = (testudo_i_largest){value, value * (whole ? 1.0 + 1e-10 : factor_above(n, space.steps)), FAILS,
                                 space.steps};
  return TESTUDO_OK;
}
