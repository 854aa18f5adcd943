/* SPDX-License-Identifier: BSD-3-Clause */
/* A circulant is diagonalised by Fourier modes. Otherwise the first n - s columns of B, a band whose last s rows wrap
   around, are factored by Householder reflections: the one for column c mixes row c and the s wrapped rows only, so a
   step costs O(s^2). The wrapped rows of Q span {a : B^T a = 0}, and R^T z = 1 gives the least-norm a0. */
#include "runtime/vector/ring.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "linalg/solve.h"
#include "runtime/vector/circulant.h"

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

static testudo_status start_factors(factors *f, testudo_i_arena *arena, int32_t workers, int32_t spare,
                                    const double *band, testudo_error *error)
{
  size_t width = (size_t)spare + 1, steps = (size_t)(workers - spare);
  *f = (factors){.steps = workers - spare, .spare = spare, .band = band};
  f->upper = testudo_i_arena_alloc(arena, steps, width * sizeof *f->upper);
  f->mirror = testudo_i_arena_alloc(arena, steps, width * sizeof *f->mirror);
  f->wrapped = testudo_i_arena_calloc(arena, steps, width * sizeof *f->wrapped);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  memcpy(f->upper, band, steps * width * sizeof *band);
  for (int32_t r = 0; r < spare; r++)
    for (int32_t c = 0; c <= r && c < f->steps; c++)
      f->wrapped[(size_t)c * (size_t)spare + (size_t)r] = band[(steps + (size_t)r) * width + (size_t)(spare - r + c)];
  return TESTUDO_OK;
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
static void set_missed(const factors *f, double target, const double *a, double *side)
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
    set_missed(f, 0.0, column, side);
    add_least_norm(f, side, tail, column);
    for (int32_t j = 0; j < ring->workers; j++)
      ring->null[(size_t)j * s + r] = column[j];
  }
}

static testudo_status make_ring(testudo_i_arena *arena, int32_t workers, int32_t spare, int32_t columns,
                                testudo_i_ring **made, testudo_error *error)
{
  size_t n = (size_t)workers, s = (size_t)spare, k = (size_t)columns;
  testudo_i_ring *ring = testudo_i_arena_alloc(arena, 1, sizeof *ring);
  double *whole = testudo_i_arena_calloc(arena, n, sizeof *whole);
  double *null = testudo_i_arena_alloc(arena, n, k * sizeof *null);
  double *system = testudo_i_arena_alloc(arena, s, k * sizeof *system);
  double *unknown = testudo_i_arena_alloc(arena, s > k ? s : k, sizeof *unknown);
  double *room = testudo_i_arena_alloc(arena, testudo_i_least_squares_room(spare, columns), sizeof *room);
  int32_t *pivot = testudo_i_arena_alloc(arena, k, sizeof *pivot);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *ring = (testudo_i_ring){workers, spare, columns, whole, null, system, unknown, room, pivot};
  *made = ring;
  return TESTUDO_OK;
}

static testudo_status ring_of_circulant(testudo_i_arena *arena, int32_t spare, const testudo_i_circulant *circulant,
                                        testudo_i_ring **ring, testudo_error *error)
{
  TESTUDO_I_TRY(make_ring(arena, circulant->workers, spare, circulant->columns, ring, error));
  for (int32_t j = 0; j < circulant->workers; j++)
    (*ring)->whole[j] = circulant->whole;
  testudo_i_circulant_fill(circulant, (*ring)->null);
  return TESTUDO_OK;
}

static testudo_status ring_of_band(testudo_i_arena *arena, testudo_i_arena *scratch, int32_t workers, int32_t spare,
                                   const double *band, testudo_i_ring **ring, testudo_error *error)
{
  factors f;
  *ring = NULL;
  double *side = testudo_i_arena_alloc(scratch, (size_t)workers + 1, sizeof *side);
  double *tail = testudo_i_arena_alloc(scratch, (size_t)spare + 1, sizeof *tail);
  double *column = testudo_i_arena_alloc(scratch, (size_t)workers, sizeof *column);
  TESTUDO_I_TRY(start_factors(&f, scratch, workers, spare, band, error));
  if (!factor(&f))
    return TESTUDO_OK;
  TESTUDO_I_TRY(make_ring(arena, workers, spare, spare, ring, error));
  /* The second round refines what a badly conditioned R has lost. */
  for (int round = 0; round < 2; round++) {
    set_missed(&f, 1.0, (*ring)->whole, side);
    add_least_norm(&f, side, tail, (*ring)->whole);
  }
  fill_null(&f, *ring, side, tail, column);
  return TESTUDO_OK;
}

/* From places to workers: a solution is asked for by workers alone. */
static testudo_status number_ring(testudo_i_ring *ring, testudo_i_arena *arena, const int32_t *place,
                                  testudo_error *error)
{
  size_t n = (size_t)ring->workers, width = (size_t)ring->columns;
  double *whole = testudo_i_arena_alloc(arena, n, sizeof *whole);
  double *null = testudo_i_arena_alloc(arena, n, width * sizeof *null);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t j = 0; j < n; j++) {
    size_t p = (size_t)place[j];
    whole[j] = ring->whole[p];
    memcpy(null + j * width, ring->null + p * width, width * sizeof *null);
  }
  ring->whole = whole;
  ring->null = null;
  return TESTUDO_OK;
}

testudo_status testudo_i_ring_create(testudo_i_arena *arena, int32_t workers, int32_t spare, const double *band,
                                     const int32_t *place, testudo_i_ring **ring, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  testudo_i_circulant circulant;
  TESTUDO_I_TRY(testudo_i_circulant_find(&scratch, workers, spare, band, &circulant)
                    ? ring_of_circulant(arena, spare, &circulant, ring, error)
                    : ring_of_band(arena, &scratch, workers, spare, band, ring, error));
  return place == NULL || *ring == NULL ? TESTUDO_OK : number_ring(*ring, arena, place, error);
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
