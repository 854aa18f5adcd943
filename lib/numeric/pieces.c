/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function by Chebyshev polynomials on intervals, halved until they are good enough. */
#include "numeric/pieces.h"

#include <math.h>
#include <stdbool.h>

#include "base/error.h"

#define TERMS 16
#define DEEPEST 12
#define MOST_SLACK 1000.0

typedef struct piece {
  double a, b, least; /* least: the smallest |f| at its nodes */
  double coefficient[TERMS];
} piece;

typedef struct fitting {
  testudo_i_arena *arena;
  testudo_i_pieces *pieces;
  testudo_i_integrand f;
  void *context;
  double tolerance, most;
  testudo_error *error;
} fitting;

/* Cells of equal width over all pieces. */
enum { CELLS = 256 };

struct testudo_i_pieces {
  piece *list;
  size_t count, room;
  double cells;        /* per unit of x */
  size_t guide[CELLS]; /* the piece at the cell's middle, or so: where the search begins */
};

void testudo_i_chebyshev_fit(testudo_i_integrand f, void *context, double middle, double half, int terms,
                             double *restrict value, double *restrict coefficient)
{
  const double pi = 3.14159265358979323846;
  for (int k = 0; k < terms; k++)
    value[k] = f(middle + half * cos(pi * (k + 0.5) / terms), context);
  for (int j = 0; j < terms; j++) {
    double sum = 0.0;
    for (int k = 0; k < terms; k++)
      sum += value[k] * cos(pi * j * (k + 0.5) / terms);
    coefficient[j] = sum * (j == 0 ? 1.0 : 2.0) / terms;
  }
}

static void fit(const fitting *by, piece *p)
{
  double value[TERMS];
  testudo_i_chebyshev_fit(by->f, by->context, (p->a + p->b) / 2.0, (p->b - p->a) / 2.0, TERMS, value, p->coefficient);
  p->least = HUGE_VAL;
  for (int k = 0; k < TERMS; k++)
    p->least = fmin(p->least, fabs(value[k]));
}

static bool fits(const fitting *by, const piece *p, double share)
{
  double slack = exp(fmax(0.0, p->least - by->most) / 2.0);
  double tolerance = by->tolerance * share * fmin(slack, MOST_SLACK);
  for (int j = TERMS - 3; j < TERMS; j++)
    if (!(fabs(p->coefficient[j]) <= tolerance))
      return false;
  return true;
}

static testudo_status fit_pieces(const fitting *by, double a, double b, int depth)
{
  piece p = {.a = a, .b = b};
  fit(by, &p);
  if (depth < DEEPEST && !fits(by, &p, 1.0)) {
    double middle = a + (b - a) / 2.0;
    TESTUDO_I_TRY(fit_pieces(by, a, middle, depth + 1));
    return fit_pieces(by, middle, b, depth + 1);
  }
  testudo_i_pieces *pieces = by->pieces;
  TESTUDO_I_TRY(testudo_i_arena_grow(by->arena, (void **)&pieces->list, &pieces->room, pieces->count + 1, sizeof p,
                                     by->error));
  pieces->list[pieces->count++] = p;
  return TESTUDO_OK;
}

/* Two neighbours of `like` that a piece of twice the width would nearly fit are tried as one. */
static testudo_status fit_like(const fitting *by, double a, double b, const testudo_i_pieces *like)
{
  double begin = testudo_i_pieces_begin(like), scale = (b - a) / (testudo_i_pieces_end(like) - begin), from = a;
  const double spare = 1.0 / (double)(1 << (TERMS - 3));
  for (size_t k = 0; k < like->count; k++) {
    const piece *p = &like->list[k];
    if (k + 1 < like->count && fits(by, p, spare) && fits(by, p + 1, spare))
      p = &like->list[++k];
    double to = k + 1 == like->count ? b : a + (p->b - begin) * scale;
    TESTUDO_I_TRY(fit_pieces(by, from, to, DEEPEST - 3));
    from = to;
  }
  return TESTUDO_OK;
}

static void lay_guide(testudo_i_pieces *pieces)
{
  double begin = testudo_i_pieces_begin(pieces), width = testudo_i_pieces_end(pieces) - begin;
  pieces->cells = CELLS / width;
  for (size_t c = 0, k = 0; c < CELLS; c++) {
    while (k + 1 < pieces->count && pieces->list[k].b < begin + width * ((double)c + 0.5) / CELLS)
      k++;
    pieces->guide[c] = k;
  }
}

testudo_status testudo_i_pieces_make(testudo_i_arena *arena, testudo_i_integrand f, void *context, double a, double b,
                                     double tolerance, double most, const testudo_i_pieces *like,
                                     testudo_i_pieces **pieces, testudo_error *error)
{
  *pieces = testudo_i_arena_calloc(arena, 1, sizeof **pieces);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  const fitting by = {arena, *pieces, f, context, tolerance, most, error};
  TESTUDO_I_TRY(like == NULL ? fit_pieces(&by, a, b, 0) : fit_like(&by, a, b, like));
  lay_guide(*pieces);
  return TESTUDO_OK;
}

double testudo_i_pieces_begin(const testudo_i_pieces *pieces)
{
  return pieces->list[0].a;
}

double testudo_i_pieces_end(const testudo_i_pieces *pieces)
{
  return pieces->list[pieces->count - 1].b;
}

/* Clenshaw's recurrence, of the even terms and of the odd ones by themselves, so that neither waits for the other: in
   z = 2 y^2 - 1 both have that of the Chebyshev polynomials, T_2j(y) = T_j(z) and T_(2j+1)(y) = y V_j(z), V_0 = 1,
   V_1 = 2 z - 1. */
static double value_at(const piece *p, double x)
{
  double y = (2.0 * x - p->a - p->b) / (p->b - p->a), z = 2.0 * y * y - 1.0, twice = 2.0 * z;
  double even = 0.0, even_before = 0.0, odd = 0.0, odd_before = 0.0;
  for (int j = TERMS - 2; j > 0; j -= 2) {
    double next = twice * even + (p->coefficient[j] - even_before);
    double next_odd = twice * odd + (p->coefficient[j + 1] - odd_before);
    even_before = even;
    odd_before = odd;
    even = next;
    odd = next_odd;
  }
  double last_odd = twice * odd + (p->coefficient[1] - odd_before);
  return z * even + (p->coefficient[0] - even_before) + y * (last_odd - odd);
}

/* The first piece that ends at x or behind it. */
static const piece *piece_at(const testudo_i_pieces *pieces, double x)
{
  const piece *list = pieces->list;
  double place = (x - list[0].a) * pieces->cells;
  size_t k = pieces->guide[!(place >= 1.0) ? 0 : place >= CELLS ? CELLS - 1 : (size_t)place];
  while (k + 1 < pieces->count && x > list[k].b)
    k++;
  while (k > 0 && x <= list[k - 1].b)
    k--;
  return &list[k];
}

double testudo_i_pieces_at(const testudo_i_pieces *pieces, double x)
{
  x = fmin(fmax(x, testudo_i_pieces_begin(pieces)), testudo_i_pieces_end(pieces));
  return value_at(piece_at(pieces, x), x);
}

/* The recurrence of the Chebyshev polynomials of the second kind: T_j' = j U_(j-1). */
double testudo_i_pieces_slope(const testudo_i_pieces *pieces, double x)
{
  const piece *p = piece_at(pieces, x);
  double y = (2.0 * x - p->a - p->b) / (p->b - p->a), first = 0.0, second = 0.0;
  for (int j = TERMS - 1; j > 0; j--) {
    double next = 2.0 * y * first - second + j * p->coefficient[j];
    second = first;
    first = next;
  }
  return 2.0 / (p->b - p->a) * first;
}

double testudo_i_pieces_doubt(const testudo_i_pieces *pieces, testudo_i_integrand f, void *context, double most)
{
  double doubt = 0.0;
  for (size_t k = 0; k < pieces->count; k++) {
    const piece *p = &pieces->list[k];
    for (int part = 1; part < 4; part++) {
      double x = p->a + (p->b - p->a) * (0.23 * part);
      if (fabs(value_at(p, x)) <= most)
        doubt = fmax(doubt, fabs(value_at(p, x) - f(x, context)));
    }
  }
  return doubt;
}
