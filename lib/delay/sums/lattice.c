/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounded up, a summand that is not on the grid lies one step above itself rounded down, so that one convolution gives
   both brackets: C_k up is C_k down plus a step for each such summand. Sums beyond the grid never come back, so
   that they are left out of the next convolution and the probabilities before the end stay those of the whole law. */
#include "delay/sums/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/sum.h"
#include "numeric/transform.h"

/* What the transforms may add to a distribution function: the larger of the two, the second for each step. A
   quarter of that has been seen. */
#define ROUNDING 1e-14
#define ROUNDING_STEP 1e-15

struct testudo_i_lattice {
  testudo_i_arena arena;
  double step;
  size_t cells, size; /* size: of the transforms, at least 2 cells - 1 */
  int32_t steps;
  testudo_i_cell_summand summand[TESTUDO_I_SUMMANDS];
  bool exact[TESTUDO_I_SUMMANDS];
  int startup, message; /* which summand; 0: there is none */
  double **cdf;         /* by k: P(C_k down <= begin + i step); NULL: not kept */
};

typedef struct convolving {
  testudo_i_lattice *lattice;
  double *chunk, *sum, *other; /* chunk and other: spectra; sum: probabilities */
  const testudo_monitor *monitor;
} convolving;

/* ---- reading ---- */

double testudo_i_lattice_begin(const testudo_i_lattice *lattice, int32_t k, bool up)
{
  double begin = k * lattice->summand[0].origin;
  if (lattice->startup > 0)
    begin += lattice->summand[lattice->startup].origin;
  if (lattice->message > 0 && k == lattice->steps)
    begin += lattice->summand[lattice->message].origin;
  return up ? begin + testudo_i_lattice_width(lattice, k) : begin;
}

double testudo_i_lattice_width(const testudo_i_lattice *lattice, int32_t k)
{
  int32_t steps = lattice->exact[0] ? 0 : k;
  if (lattice->startup > 0)
    steps += !lattice->exact[lattice->startup];
  if (lattice->message > 0 && k == lattice->steps)
    steps += !lattice->exact[lattice->message];
  return steps * lattice->step;
}

double testudo_i_lattice_step(const testudo_i_lattice *lattice)
{
  return lattice->step;
}

size_t testudo_i_lattice_cells(const testudo_i_lattice *lattice)
{
  return lattice->cells;
}

void testudo_i_lattice_sides(const testudo_i_lattice *lattice, int32_t k, double t, bool up, double *below,
                             double *above)
{
  double place = (t - testudo_i_lattice_begin(lattice, k, up)) / lattice->step, cdf = 0.0;
  place += fmin(TESTUDO_I_LATTICE_SNAP * fabs(t) / lattice->step, 0.25);
  if (place >= (double)lattice->cells)
    cdf = up ? lattice->cdf[k][lattice->cells - 1] : 1.0;
  else if (place >= 0.0)
    cdf = lattice->cdf[k][(size_t)place];
  double rounding = fmax(ROUNDING, k * ROUNDING_STEP);
  cdf += up ? -rounding : rounding;
  *below = fmin(1.0, fmax(0.0, cdf));
  *above = 1.0 - *below;
}

/* ---- convolving ---- */

static void place_summand(convolving *c, int which, double *mass)
{
  testudo_i_lattice *lattice = c->lattice;
  memset(mass, 0, lattice->size * sizeof *mass);
  lattice->exact[which] = true;
  testudo_i_cells_add(&lattice->summand[which], lattice->step, lattice->cells, mass, &lattice->exact[which]);
}

/* Probabilities times a spectrum, cut off at the grid's end; `from` may be `to`. */
static void convolve(const convolving *c, const double *from, const double *spectrum, double *to)
{
  size_t size = c->lattice->size;
  if (from != to)
    memcpy(to, from, size * sizeof *to);
  testudo_i_transform(to, size);
  testudo_i_transform_multiply(to, spectrum == NULL ? to : spectrum, size);
  testudo_i_transform_back(to, size);
  memset(&to[c->lattice->cells], 0, (size - c->lattice->cells) * sizeof *to);
}

static void keep(const convolving *c, int32_t k)
{
  double *cdf = c->lattice->cdf[k], most = 0.0;
  testudo_i_sum sum = {0.0, 0.0};
  for (size_t i = 0; i < c->lattice->cells; i++) {
    testudo_i_sum_add(&sum, c->sum[i]);
    most = fmin(1.0, fmax(most, testudo_i_sum_value(&sum)));
    cdf[i] = most;
  }
}

static void add_summand(convolving *c, int which)
{
  if (which == 0)
    return;
  place_summand(c, which, c->other);
  testudo_i_transform(c->other, c->lattice->size);
  convolve(c, c->sum, c->other, c->sum);
}

/* sum += steps chunks, by squares of their probabilities. */
static testudo_status add_power(convolving *c)
{
  for (int32_t left = c->lattice->steps; left > 0; left /= 2) {
    if (testudo_i_stopped(c->monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    if (left % 2 == 1) {
      memcpy(c->other, c->chunk, c->lattice->size * sizeof *c->other);
      testudo_i_transform(c->other, c->lattice->size);
      convolve(c, c->sum, c->other, c->sum);
    }
    if (left > 1)
      convolve(c, c->chunk, NULL, c->chunk);
  }
  return TESTUDO_OK;
}

static testudo_status add_steps(convolving *c)
{
  testudo_i_transform(c->chunk, c->lattice->size);
  for (int32_t k = 1; k <= c->lattice->steps; k++) {
    if (testudo_i_stopped(c->monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    convolve(c, c->sum, c->chunk, c->sum);
    if (k < c->lattice->steps)
      keep(c, k);
  }
  return TESTUDO_OK;
}

static testudo_status fill_lattice(testudo_i_lattice *lattice, const testudo_i_lattice_request *request, double *work,
                                   testudo_error *error)
{
  convolving c = {lattice, work, work + lattice->size, work + 2 * lattice->size, request->monitor};
  lattice->cdf = testudo_i_arena_calloc(&lattice->arena, (size_t)lattice->steps + 1, sizeof *lattice->cdf);
  TESTUDO_I_TRY(testudo_i_arena_check(&lattice->arena, error));
  for (int32_t k = request->only_last ? lattice->steps : 1; k <= lattice->steps; k++)
    lattice->cdf[k] = testudo_i_arena_alloc(&lattice->arena, lattice->cells, sizeof **lattice->cdf);
  TESTUDO_I_TRY(testudo_i_arena_check(&lattice->arena, error));
  place_summand(&c, 0, c.chunk);
  memset(c.sum, 0, lattice->size * sizeof *c.sum);
  c.sum[0] = 1.0;
  add_summand(&c, lattice->startup);
  TESTUDO_I_TRY(request->only_last ? add_power(&c) : add_steps(&c));
  add_summand(&c, lattice->message);
  keep(&c, lattice->steps);
  return TESTUDO_OK;
}

/* ---- making ---- */

static testudo_status check_size(const testudo_i_lattice_request *request, double cells, testudo_error *error)
{
  double kept = cells * (request->only_last ? 1 : request->steps);
  if (cells <= TESTUDO_I_LIMIT_LATTICE_CELLS && kept <= TESTUDO_I_LIMIT_LATTICE_NUMBERS)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                        "the sums of %d times of law %s need a grid of %.3g places, the limit is %.3g; they can be "
                        "simulated",
                        (int)request->steps, testudo_law_text(request->law), cells,
                        fmin(TESTUDO_I_LIMIT_LATTICE_CELLS,
                             floor(TESTUDO_I_LIMIT_LATTICE_NUMBERS / (request->only_last ? 1.0 : request->steps))));
}

testudo_status testudo_i_lattice_create(const testudo_i_lattice_request *request, testudo_i_lattice **lattice,
                                        testudo_error *error)
{
  *lattice = NULL;
  testudo_i_lattice *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  testudo_i_lattice_summands(request, made->summand);
  made->step = request->step;
  made->steps = request->steps;
  made->startup = request->startup != NULL;
  made->message = request->message != NULL ? made->startup + 1 : 0;
  double cells = ceil((request->end - testudo_i_lattice_begin(made, request->steps, false)) / request->step) + 1.0;
  cells = fmax(1.0, cells);
  testudo_status status = check_size(request, cells, error);
  double *work = NULL;
  if (status == TESTUDO_OK) {
    made->cells = (size_t)cells;
    made->size = testudo_i_transform_size(2 * made->cells - 1);
    work = testudo_i_alloc(3 * made->size, sizeof *work);
    status = testudo_i_memory_check(work != NULL, error);
  }
  if (status == TESTUDO_OK)
    status = fill_lattice(made, request, work, error);
  free(work);
  if (status == TESTUDO_OK)
    *lattice = made;
  else
    testudo_i_lattice_free(made);
  return status;
}

void testudo_i_lattice_free(testudo_i_lattice *lattice)
{
  if (lattice != NULL)
    testudo_i_arena_clear(&lattice->arena);
  free(lattice);
}
