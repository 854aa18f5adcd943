/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounded up, a summand that is not on the grid lies one step above itself rounded down, so that one convolution gives
   both brackets: C_k up is C_k down plus a step for each such summand. Sums beyond the grid never come back, so
   that they are left out of the next convolution and the probabilities before the end stay those of the whole law. */
#include "delay/sums/lattice.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/sum.h"
#include "numeric/transform.h"

/* What the transforms may add to a distribution function: the larger of the two, the second for each step. A
   quarter of that has been seen. */
#define ROUNDING 1e-14
#define ROUNDING_STEP 1e-15

struct testudo_i_lattice {
  testudo_i_arena *arena;
  double step;
  size_t cells;
  int32_t steps;
  testudo_i_cell_summand summand[TESTUDO_I_SUMMANDS];
  bool exact[TESTUDO_I_SUMMANDS];
  int startup, message; /* which summand; 0: there is none */
  double **cdf;         /* by k: P(C_k down <= begin + i step); NULL: not kept */
};

typedef struct convolving {
  testudo_i_lattice *lattice;
  testudo_i_transform *transform;
  double *work, *spectrum; /* spectra; the second of what is added */
  double *chunk, *sum;     /* probabilities, the first of what is added */
  bool begun;              /* there is a summand in the sum */
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

static void place_summand(convolving *c, int which)
{
  testudo_i_lattice *lattice = c->lattice;
  memset(c->chunk, 0, lattice->cells * sizeof *c->chunk);
  lattice->exact[which] = true;
  testudo_i_cells_add(&lattice->summand[which], lattice->step, lattice->cells, c->chunk, &lattice->exact[which]);
}

/* sum += what has the spectrum; what is cut off at the grid's end stays away. */
static void convolve(const convolving *c)
{
  testudo_i_transform_spectrum(c->transform, c->sum, c->work);
  testudo_i_transform_convolve(c->transform, c->work, c->spectrum, c->sum);
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

/* sum += chunk, whose spectrum is known unless it is the first. */
static void add_chunk(convolving *c)
{
  if (c->begun)
    convolve(c);
  else
    memcpy(c->sum, c->chunk, c->lattice->cells * sizeof *c->sum);
  c->begun = true;
}

static void add_summand(convolving *c, int which)
{
  if (which == 0)
    return;
  place_summand(c, which);
  if (c->begun)
    testudo_i_transform_spectrum(c->transform, c->chunk, c->spectrum);
  add_chunk(c);
}

/* sum += steps chunks, by squares of their probabilities. */
static testudo_status add_power(convolving *c)
{
  for (int32_t left = c->lattice->steps; left > 0; left /= 2) {
    if (testudo_i_stopped(c->monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    if (left > 1 || c->begun)
      testudo_i_transform_spectrum(c->transform, c->chunk, c->spectrum);
    if (left % 2 == 1)
      add_chunk(c);
    if (left > 1)
      testudo_i_transform_convolve(c->transform, c->spectrum, c->spectrum, c->chunk);
  }
  return TESTUDO_OK;
}

static testudo_status add_steps(convolving *c)
{
  testudo_i_transform_spectrum(c->transform, c->chunk, c->spectrum);
  for (int32_t k = 1; k <= c->lattice->steps; k++) {
    if (testudo_i_stopped(c->monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    add_chunk(c);
    if (k < c->lattice->steps)
      keep(c, k);
  }
  return TESTUDO_OK;
}

static testudo_status convolve_all(testudo_i_lattice *lattice, const testudo_i_lattice_request *request,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  testudo_i_transform *transform = testudo_i_transform_make(&scratch, lattice->cells);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  size_t numbers = testudo_i_transform_numbers(transform), cells = lattice->cells;
  double *work = testudo_i_arena_alloc(&scratch, 2 * (numbers + cells), sizeof *work);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  convolving c = {lattice, transform, work, work + numbers, work + 2 * numbers, work + 2 * numbers + cells, false,
                  request->monitor};
  lattice->cdf = testudo_i_arena_calloc(lattice->arena, (size_t)lattice->steps + 1, sizeof *lattice->cdf);
  TESTUDO_I_TRY(testudo_i_arena_check(lattice->arena, error));
  for (int32_t k = request->only_last ? lattice->steps : 1; k <= lattice->steps; k++)
    lattice->cdf[k] = testudo_i_arena_alloc(lattice->arena, cells, sizeof **lattice->cdf);
  TESTUDO_I_TRY(testudo_i_arena_check(lattice->arena, error));
  add_summand(&c, lattice->startup);
  place_summand(&c, 0);
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

static testudo_status fill_lattice(testudo_i_lattice *made, const testudo_i_lattice_request *request,
                                   testudo_error *error)
{
  testudo_i_lattice_summands(request, made->summand);
  made->step = request->step;
  made->steps = request->steps;
  made->startup = request->startup != NULL;
  made->message = request->message != NULL ? made->startup + 1 : 0;
  double cells = ceil((request->end - testudo_i_lattice_begin(made, request->steps, false)) / request->step) + 1.0;
  cells = fmax(1.0, cells);
  TESTUDO_I_TRY(check_size(request, cells, error));
  made->cells = (size_t)cells;
  return convolve_all(made, request, error);
}

testudo_status testudo_i_lattice_make(testudo_i_arena *arena, const testudo_i_lattice_request *request,
                                      testudo_i_lattice **lattice, testudo_error *error)
{
  *lattice = NULL;
  testudo_i_lattice *made = testudo_i_arena_calloc(arena, 1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  made->arena = arena;
  TESTUDO_I_TRY(fill_lattice(made, request, error));
  *lattice = made;
  return TESTUDO_OK;
}
