/* SPDX-License-Identifier: BSD-3-Clause */
/* A circulant is diagonalised by Fourier modes. Otherwise the first n - s columns of B, a band whose last s rows wrap
   around, are factored by Householder reflections: the one for column c mixes row c and the s wrapped rows only, so a
   step costs O(s^2). The wrapped rows of Q span {a : B^T a = 0}, and R^T z = 1 gives the least-norm a0. */
#include "runtime/gradient_code/ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/solve.h"
#include "runtime/gradient_code/circulant.h"

/* As for the dense least squares. */
#define RANK_TOLERANCE 1e-13

struct testudo_i_ring {
  int32_t workers, spare;
  int32_t columns; /* of K: `spare`, or what a circulant has */
  double *whole;   /* a0 */
  double *null;    /* K, row after row */
  double *system, *unknown, *room;
  int32_t *pivot;
};

typedef struct factors {
  int32_t steps, spare; /* n - s reflections */
  const double *band;   /* becomes R in `upper` */
  double *upper;        /* R: upper[c * (s + 1) + k] is its entry (c, c + k) */
  double *mirror;       /* reflection c is I - v v^T, v = mirror[c * (s + 1) ..], on row c and the wrapped rows */
  double *wrapped;      /* wrapped[c * s + r]: entry of row n - s + r in column c */
} factors;

static void free_factors(factors *f)
{
  free(f->upper);
  free(f->mirror);
  free(f->wrapped);
}

static bool start_factors(factors *f, int32_t workers, int32_t spare, const double *band)
{
  size_t width = (size_t)spare + 1, steps = (size_t)(workers - spare);
  *f = (factors){.steps = workers - spare, .spare = spare, .band = band};
  f->upper = testudo_i_alloc(steps * width, sizeof *f->upper);
  f->mirror = testudo_i_alloc(steps * width, sizeof *f->mirror);
  f->wrapped = testudo_i_calloc(steps * width, sizeof *f->wrapped);
  if (f->upper == NULL || f->mirror == NULL || f->wrapped == NULL)
    return false;
  memcpy(f->upper, band, steps * width * sizeof *band);
  for (int32_t r = 0; r < spare; r++)
    for (int32_t c = 0; c <= r && c < f->steps; c++)
      f->wrapped[(size_t)c * (size_t)spare + (size_t)r] = band[(steps + (size_t)r) * width + (size_t)(spare - r + c)];
  return true;
}

/* v with (I - v v^T) x = a multiple of the first unit vector, x = (*first, rest); *first becomes that multiple. false
   for x = 0. */
static bool make_mirror(double *first, const double *rest, int32_t count, double *v)
{
  double square = *first * *first;
  for (int32_t r = 0; r < count; r++)
    square += rest[r] * rest[r];
  double norm = sqrt(square);
  if (!(norm > 0.0) || !isfinite(norm))
    return false;
  double target = *first > 0.0 ? -norm : norm, scale = 1.0 / sqrt(norm * (norm + fabs(*first)));
  v[0] = (*first - target) * scale;
  for (int32_t r = 0; r < count; r++)
    v[r + 1] = rest[r] * scale;
  *first = target;
  return true;
}

static void reflect(const double *v, int32_t count, double *first, double *rest)
{
  double sum = v[0] * *first;
  for (int32_t r = 0; r < count; r++)
    sum += v[r + 1] * rest[r];
  *first -= sum * v[0];
  for (int32_t r = 0; r < count; r++)
    rest[r] -= sum * v[r + 1];
}

static bool factor(factors *f)
{
  size_t s = (size_t)f->spare, width = s + 1;
  for (int32_t c = 0; c < f->steps; c++) {
    double *row = f->upper + (size_t)c * width, *v = f->mirror + (size_t)c * width;
    if (!make_mirror(row, f->wrapped + (size_t)c * s, f->spare, v))
      return false;
    for (int32_t k = 1; k <= f->spare && c + k < f->steps; k++)
      reflect(v, f->spare, row + k, f->wrapped + (size_t)(c + k) * s);
  }
  return true;
}

/* side (n - s numbers) becomes z with R^T z = side; found (n) gets Q (z, 0) added. tail has room for s. */
static void add_least_norm(const factors *f, double *side, double *tail, double *found)
{
  size_t width = (size_t)f->spare + 1;
  for (int32_t c = 0; c < f->steps; c++) {
    for (int32_t k = 1; k <= f->spare && k <= c; k++)
      side[c] -= f->upper[(size_t)(c - k) * width + (size_t)k] * side[c - k];
    side[c] /= f->upper[(size_t)c * width];
  }
  memset(tail, 0, width * sizeof *tail);
  for (int32_t c = f->steps - 1; c >= 0; c--) {
    reflect(f->mirror + (size_t)c * width, f->spare, &side[c], tail);
    found[c] += side[c];
  }
  for (int32_t r = 0; r < f->spare; r++)
    found[f->steps + r] += tail[r];
}

/* side = target - B^T a in the first n - s columns. */
static void miss(const factors *f, double target, const double *a, double *side)
{
  int32_t n = f->steps + f->spare;
  for (int32_t c = 0; c < f->steps; c++)
    side[c] = target;
  for (int32_t j = 0; j < n; j++)
    for (int32_t k = 0; k <= f->spare; k++)
      if ((j + k) % n < f->steps)
        side[(j + k) % n] -= f->band[(size_t)j * ((size_t)f->spare + 1) + (size_t)k] * a[j];
}

/* Column r of K is Q times the unit vector of wrapped row r, refined once: the amplification of a badly conditioned set
   multiplies whatever B^T K is away from 0. */
static void fill_null(const factors *f, testudo_i_ring *ring, double *side, double *tail, double *column)
{
  size_t s = (size_t)f->spare;
  for (size_t r = 0; r < s; r++) {
    memset(column, 0, (size_t)ring->workers * sizeof *column);
    double *wrapped = column + f->steps;
    wrapped[r] = 1.0;
    for (int32_t c = f->steps - 1; c >= 0; c--)
      reflect(f->mirror + (size_t)c * (s + 1), f->spare, &column[c], wrapped);
    miss(f, 0.0, column, side);
    add_least_norm(f, side, tail, column);
    for (int32_t j = 0; j < ring->workers; j++)
      ring->null[(size_t)j * s + r] = column[j];
  }
}

static testudo_i_ring *allocate(int32_t workers, int32_t spare, int32_t columns)
{
  testudo_i_ring *ring = testudo_i_calloc(1, sizeof *ring);
  if (ring == NULL)
    return NULL;
  size_t n = (size_t)workers, s = (size_t)spare, k = (size_t)columns;
  ring->workers = workers;
  ring->spare = spare;
  ring->columns = columns;
  ring->whole = testudo_i_calloc(n, sizeof *ring->whole);
  ring->null = testudo_i_alloc(n * k, sizeof *ring->null);
  ring->system = testudo_i_alloc(s * k, sizeof *ring->system);
  ring->unknown = testudo_i_alloc(s > k ? s : k, sizeof *ring->unknown);
  ring->room = testudo_i_alloc(testudo_i_least_squares_room(spare, columns), sizeof *ring->room);
  ring->pivot = testudo_i_alloc(k, sizeof *ring->pivot);
  if (ring->whole == NULL || ring->null == NULL || ring->system == NULL || ring->unknown == NULL ||
      ring->room == NULL || ring->pivot == NULL) {
    testudo_i_ring_free(ring);
    return NULL;
  }
  return ring;
}

static testudo_status create_circulant(int32_t spare, const testudo_i_circulant *circulant, testudo_i_ring **ring,
                                       testudo_error *error)
{
  testudo_i_ring *made = allocate(circulant->workers, spare, circulant->columns);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t j = 0; j < circulant->workers; j++)
    made->whole[j] = circulant->whole;
  testudo_i_circulant_fill(circulant, made->null);
  *ring = made;
  return TESTUDO_OK;
}

static testudo_status create_band(int32_t workers, int32_t spare, const double *band, testudo_i_ring **ring,
                                  testudo_error *error)
{
  factors f;
  bool started = start_factors(&f, workers, spare, band);
  double *side = testudo_i_alloc((size_t)workers + 1, sizeof *side);
  double *tail = testudo_i_alloc((size_t)spare + 1, sizeof *tail);
  double *column = testudo_i_alloc((size_t)workers, sizeof *column);
  testudo_i_ring *made = allocate(workers, spare, spare);
  testudo_status status = TESTUDO_OK;
  if (!started || side == NULL || tail == NULL || column == NULL || made == NULL)
    status = testudo_i_fail_memory(error);
  else if (factor(&f)) {
    /* The second round refines what a badly conditioned R has lost. */
    for (int round = 0; round < 2; round++) {
      miss(&f, 1.0, made->whole, side);
      add_least_norm(&f, side, tail, made->whole);
    }
    fill_null(&f, made, side, tail, column);
    *ring = made;
    made = NULL;
  }
  testudo_i_ring_free(made);
  free(column);
  free(tail);
  free(side);
  free_factors(&f);
  return status;
}

testudo_status testudo_i_ring_create(int32_t workers, int32_t spare, const double *band, testudo_i_ring **ring,
                                     testudo_error *error)
{
  *ring = NULL;
  testudo_i_circulant circulant;
  bool found = testudo_i_circulant_find(workers, spare, band, &circulant);
  testudo_status status = found ? create_circulant(spare, &circulant, ring, error)
                                : create_band(workers, spare, band, ring, error);
  testudo_i_circulant_free(&circulant);
  return status;
}

void testudo_i_ring_free(testudo_i_ring *ring)
{
  if (ring == NULL)
    return;
  free(ring->whole);
  free(ring->null);
  free(ring->system);
  free(ring->unknown);
  free(ring->room);
  free(ring->pivot);
  free(ring);
}

int32_t testudo_i_ring_spare(const testudo_i_ring *ring)
{
  return ring->spare;
}

/* a0 less K unknown. */
static void subtract_null(const testudo_i_ring *ring, double *vector)
{
  const double *row = ring->null;
  for (int32_t j = 0; j < ring->workers; j++, row += ring->columns)
    for (int32_t r = 0; r < ring->columns; r++)
      vector[j] -= row[r] * ring->unknown[r];
}

testudo_status testudo_i_ring_solve(testudo_i_ring *ring, const int32_t *straggler, int32_t count, double *vector,
                                    testudo_error *error)
{
  size_t columns = (size_t)ring->columns;
  memcpy(vector, ring->whole, (size_t)ring->workers * sizeof *vector);
  for (int32_t q = 0; q < count; q++) {
    const double *row = ring->null + (size_t)straggler[q] * columns;
    for (size_t r = 0; r < columns; r++)
      ring->system[r * (size_t)count + (size_t)q] = row[r];
    ring->unknown[q] = ring->whole[straggler[q]];
  }
  testudo_status status = TESTUDO_OK;
  if (count > 0 && columns > 0) {
    status = testudo_i_least_squares(count, ring->columns, ring->system, ring->unknown, RANK_TOLERANCE, ring->pivot,
                                     ring->room, error);
    subtract_null(ring, vector);
  }
  for (int32_t q = 0; q < count; q++)
    vector[straggler[q]] = 0.0;
  return status;
}
