/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optimum: normal equations with refinement, or Newton's method with conjugate gradients. */
#include "sgd/problem/problem.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "linalg/products.h"
#include "linalg/solve.h"

#define WANTED 1e-10        /* of the gradient's norm, relative */
#define DEPENDENT 1e-13     /* of the largest: features that others determine */
#define LONG_STEP 1e-2      /* over ||w||: steps that Newton's method does not end with */

enum { MOST_NEWTON = 300, MOST_CONJUGATE = 2000, MOST_HALVINGS = 50, MOST_REFINED = 10 };

typedef struct optimiser {
  const testudo_problem *problem;
  const testudo_monitor *monitor;
  testudo_error *error;
  testudo_i_arena arena;
  testudo_problem_work *work;
  testudo_i_curvature curvature;
  double *w, *gradient, *step, *residual, *direction, *product, *trial, *beyond;
  double value, norm, first_norm, square; /* F, ||grad F||, at w = 0, mean ||x_i||^2 */
  double last_step;         /* ||step|| of the last one taken */
  int32_t steps;
} optimiser;

static double norm_of(const optimiser *o, const double *x)
{
  return sqrt(testudo_i_dot(o->problem->dim, x, x));
}

static void evaluate(optimiser *o)
{
  o->value = testudo_problem_loss(o->problem, o->work, o->w);
  testudo_problem_gradient_range(o->problem, o->work, o->w, 0, o->problem->data->samples, o->gradient);
  o->norm = norm_of(o, o->gradient);
}

static bool has_converged(const optimiser *o)
{
  return o->norm <= WANTED * o->first_norm;
}

/* Where rounding keeps the gradient from getting smaller. */
static testudo_status accept_stall(const optimiser *o)
{
  if (o->norm <= WANTED * (o->first_norm + (o->square + o->problem->mu) * norm_of(o, o->w)))
    return TESTUDO_OK;
  return testudo_i_fail(o->error, TESTUDO_ERROR_LIMIT, "the optimum is not reached: after %d steps the gradient's norm "
                        "is %.3g of that at 0, and %g is wanted", (int)o->steps, o->norm / o->first_norm, WANTED);
}

static testudo_status fail_stopped(const optimiser *o)
{
  return testudo_i_fail(o->error, TESTUDO_INTERRUPTED, "interrupted after %d steps to the optimum", (int)o->steps);
}

static testudo_status fail_separable(const optimiser *o)
{
  return testudo_i_fail(o->error, TESTUDO_ERROR_ARGUMENT, "the loss has no minimum: w can separate classes, so that it "
                        "falls for ever as w grows; use a regulariser mu > 0 (here after %d steps)", (int)o->steps);
}

/* ---- least squares ---- */

typedef struct normal_equations {
  double *gram, *factor, *right, *room;
  int32_t *pivot;
  int32_t features;
} normal_equations;

static testudo_status make_normal_equations(optimiser *o, normal_equations *n)
{
  const testudo_data *data = o->problem->data;
  size_t d = (size_t)data->features;
  n->features = data->features;
  n->gram = testudo_i_arena_calloc(&o->arena, d * d, sizeof *n->gram);
  n->factor = testudo_i_arena_alloc(&o->arena, d * d, sizeof *n->factor);
  n->right = testudo_i_arena_alloc(&o->arena, d, sizeof *n->right);
  n->room = testudo_i_arena_alloc(&o->arena, testudo_i_least_squares_room(data->features, data->features),
                                  sizeof *n->room);
  n->pivot = testudo_i_arena_alloc(&o->arena, d, sizeof *n->pivot);
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, o->error));
  testudo_i_rows_gram(data->samples, data->features, 1.0 / data->samples, data->feature, n->gram);
  for (size_t k = 0; k < d; k++)
    n->gram[k * d + k] += o->problem->mu;
  return TESTUDO_OK;
}

static testudo_status refine(optimiser *o, normal_equations *n)
{
  size_t d = (size_t)n->features;
  memcpy(n->factor, n->gram, d * d * sizeof *n->gram);
  memcpy(n->right, o->gradient, d * sizeof *n->right);
  TESTUDO_I_TRY(testudo_i_least_squares(n->features, n->features, n->factor, n->right, DEPENDENT, n->pivot, n->room,
                                        o->error));
  testudo_i_add_times(d, -1.0, n->right, o->w);
  o->steps++;
  evaluate(o);
  return TESTUDO_OK;
}

/* Keeps the best of the refined ones: below the rounding of the gradient, refining wanders. */
static testudo_status solve_normal(optimiser *o)
{
  normal_equations n = {0};
  TESTUDO_I_TRY(make_normal_equations(o, &n));
  for (double before = HUGE_VAL; !has_converged(o) && o->norm < before && o->steps < MOST_REFINED;) {
    if (testudo_i_stopped(o->monitor, -1.0))
      return fail_stopped(o);
    before = o->norm;
    memcpy(o->trial, o->w, o->problem->dim * sizeof *o->w);
    TESTUDO_I_TRY(refine(o, &n));
    if (o->norm < before)
      continue;
    memcpy(o->w, o->trial, o->problem->dim * sizeof *o->w);
    evaluate(o);
    break;
  }
  return has_converged(o) ? TESTUDO_OK : accept_stall(o);
}

/* ---- Newton ---- */

/* step = - H^-1 gradient, to a residual of `tolerance`, by conjugate gradients from 0. */
static testudo_status find_newton_step(optimiser *o, double tolerance)
{
  size_t n = o->problem->dim;
  double square = o->norm * o->norm, goal = pow(tolerance * o->norm, 2.0);
  memset(o->step, 0, n * sizeof *o->step);
  for (size_t k = 0; k < n; k++)
    o->residual[k] = o->direction[k] = -o->gradient[k];
  for (int32_t k = 0; k < MOST_CONJUGATE && square > goal; k++) {
    if (testudo_i_stopped(o->monitor, -1.0))
      return fail_stopped(o);
    testudo_i_curvature_product(&o->curvature, o->direction, o->product);
    double along = testudo_i_dot(n, o->direction, o->product);
    if (!(along > 1e-16 * (o->square + o->problem->mu) * testudo_i_dot(n, o->direction, o->direction)))
      break;
    testudo_i_add_times(n, square / along, o->direction, o->step);
    testudo_i_add_times(n, -square / along, o->product, o->residual);
    double next = testudo_i_dot(n, o->residual, o->residual);
    for (size_t e = 0; e < n; e++)
      o->direction[e] = o->residual[e] + next / square * o->direction[e];
    square = next;
  }
  if (testudo_i_dot(n, o->step, o->step) == 0.0) /* flat to all digits: downhill, as far as a bound of H allows */
    testudo_i_add_times(n, -1.0 / (o->square + o->problem->mu), o->gradient, o->step);
  return TESTUDO_OK;
}

/* Halves the step until F falls as it should; where its digits end, until the gradient does. */
static bool take_step(optimiser *o)
{
  size_t n = o->problem->dim;
  double slope = testudo_i_dot(n, o->gradient, o->step), value = o->value, norm = o->norm, size = norm_of(o, o->step);
  double digits = 1e-14 * fabs(value);
  memcpy(o->trial, o->w, n * sizeof *o->w);
  memcpy(o->beyond, o->gradient, n * sizeof *o->gradient);
  double by = 1.0;
  for (int k = 0; k < MOST_HALVINGS; k++, by *= 0.5) {
    memcpy(o->w, o->trial, n * sizeof *o->w);
    testudo_i_add_times(n, by, o->step, o->w);
    evaluate(o);
    if (o->value <= value + 1e-4 * by * slope || (o->value <= value + digits && o->norm <= (1.0 - 1e-4 * by) * norm)) {
      o->last_step = by * size;
      return true;
    }
  }
  memcpy(o->w, o->trial, n * sizeof *o->w);
  memcpy(o->gradient, o->beyond, n * sizeof *o->gradient);
  o->value = value;
  o->norm = norm;
  return false;
}

/* The least margin by which a sample is on the right side, and the largest logit. */
static void find_margin(const testudo_i_terms *terms, double *least, double *most)
{
  for (int32_t i = 0; i < terms->count; i++) {
    const double *z = terms->logit + (size_t)i * (size_t)terms->columns;
    int32_t y = (int32_t)terms->label[i];
    if (terms->loss == TESTUDO_LOSS_LOGISTIC) {
      *least = fmin(*least, y == 1 ? z[0] : -z[0]);
      *most = fmax(*most, fabs(z[0]));
      continue;
    }
    for (int32_t c = 0; c < terms->columns; c++) {
      *least = c == y ? *least : fmin(*least, z[y] - z[c]);
      *most = fmax(*most, fabs(z[c]));
    }
  }
}

/* A w that has every sample on its right side by more than rounding proves that F has no minimum without mu. */
static bool separates(const optimiser *o)
{
  const testudo_problem *problem = o->problem;
  double least = HUGE_VAL, most = 0.0;
  for (int32_t first = 0, size; first < problem->data->samples; first += size) {
    int32_t left = problem->data->samples - first;
    size = left < problem->block ? left : problem->block;
    testudo_i_terms terms = testudo_i_problem_terms(problem, o->work, o->w, first, size);
    find_margin(&terms, &least, &most);
  }
  return least < HUGE_VAL && least > 1e-9 * most;
}

/* Gradients vanish also where some classes are separated and w grows for ever; but then steps stay long. */
static testudo_status check_steps(optimiser *o)
{
  double size = norm_of(o, o->w);
  if (o->problem->mu > 0.0 || o->steps == 0 || o->last_step <= LONG_STEP * size)
    return TESTUDO_OK;
  testudo_i_curvature_set(&o->curvature, o->w);
  TESTUDO_I_TRY(find_newton_step(o, 0.1));
  return norm_of(o, o->step) > LONG_STEP * size ? fail_separable(o) : TESTUDO_OK;
}

static testudo_status solve_newton(optimiser *o)
{
  const testudo_problem *problem = o->problem;
  bool can_separate = problem->mu == 0.0 && problem->loss != TESTUDO_LOSS_LEAST_SQUARES;
  o->curvature = (testudo_i_curvature){problem, o->work, NULL};
  o->curvature.at = testudo_i_arena_alloc(&o->arena, (size_t)problem->data->samples * (size_t)problem->columns,
                                          sizeof *o->curvature.at);
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, o->error));
  for (; !has_converged(o) && o->steps < MOST_NEWTON; o->steps++) {
    testudo_i_curvature_set(&o->curvature, o->w);
    TESTUDO_I_TRY(find_newton_step(o, fmin(0.1, sqrt(o->norm / o->first_norm))));
    if (!take_step(o))
      return accept_stall(o);
    if (can_separate && separates(o))
      return fail_separable(o);
  }
  if (!has_converged(o))
    return accept_stall(o);
  return can_separate ? check_steps(o) : TESTUDO_OK;
}

/* ---- both ---- */

static testudo_status begin_solving(optimiser *o)
{
  size_t n = o->problem->dim;
  double **vector[] = {&o->gradient, &o->step, &o->residual, &o->direction, &o->product, &o->trial, &o->beyond};
  for (size_t k = 0; k < sizeof vector / sizeof vector[0]; k++)
    *vector[k] = testudo_i_arena_alloc(&o->arena, n, sizeof **vector[k]);
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, o->error));
  TESTUDO_I_TRY(testudo_problem_work_create(o->problem, &o->work, o->error));
  memset(o->w, 0, n * sizeof *o->w);
  evaluate(o);
  o->first_norm = o->norm;
  o->square = testudo_i_problem_mean_square(o->problem);
  if (!isfinite(o->norm) || !isfinite(o->value) || !isfinite(o->square))
    return testudo_i_fail(o->error, TESTUDO_ERROR_ARGUMENT, "the features or labels are too large: squares overflow");
  return TESTUDO_OK;
}

static testudo_status run_optimiser(optimiser *o)
{
  TESTUDO_I_TRY(begin_solving(o));
  if (o->problem->loss == TESTUDO_LOSS_LEAST_SQUARES && o->problem->data->features <= TESTUDO_I_DENSE_FEATURES)
    return solve_normal(o);
  return solve_newton(o);
}

testudo_status testudo_problem_solve(const testudo_problem *problem, const testudo_monitor *monitor, double *w,
                                     testudo_optimum *optimum, testudo_error *error)
{
  optimiser o = {.problem = problem, .monitor = monitor, .error = error, .w = w};
  testudo_status status = run_optimiser(&o);
  *optimum = (testudo_optimum){o.value, o.norm, o.first_norm > 0.0 ? o.norm / o.first_norm : 0.0, o.steps};
  testudo_problem_work_free(o.work);
  testudo_i_arena_clear(&o.arena);
  return status;
}
