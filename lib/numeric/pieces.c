/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function by Chebyshev polynomials on intervals, halved until they are good enough. */
#include "numeric/pieces.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

#define TERMS 16
#define DEEPEST 12

typedef struct piece {
  double a, b;
  double coefficient[TERMS];
} piece;

struct testudo_i_pieces {
  piece *list;
  size_t count, room;
};

/* Chebyshev nodes and the discrete cosine transform; TERMS is small. */
static void fit(testudo_i_integrand f, void *context, piece *p)
{
  const double pi = 3.14159265358979323846;
  double value[TERMS], middle = (p->a + p->b) / 2.0, half = (p->b - p->a) / 2.0;
  for (int k = 0; k < TERMS; k++)
    value[k] = f(middle + half * cos(pi * (k + 0.5) / TERMS), context);
  for (int j = 0; j < TERMS; j++) {
    double sum = 0.0;
    for (int k = 0; k < TERMS; k++)
      sum += value[k] * cos(pi * j * (k + 0.5) / TERMS);
    p->coefficient[j] = sum * (j == 0 ? 1.0 : 2.0) / TERMS;
  }
}

static bool fits(const piece *p, double tolerance)
{
  for (int j = TERMS - 3; j < TERMS; j++)
    if (!(fabs(p->coefficient[j]) <= tolerance))
      return false;
  return true;
}

static bool fit_pieces(testudo_i_pieces *pieces, testudo_i_integrand f, void *context, double a, double b,
                       double tolerance, int depth)
{
  piece p = {.a = a, .b = b};
  fit(f, context, &p);
  if (depth < DEEPEST && !fits(&p, tolerance)) {
    double middle = a + (b - a) / 2.0;
    return fit_pieces(pieces, f, context, a, middle, tolerance, depth + 1) &&
           fit_pieces(pieces, f, context, middle, b, tolerance, depth + 1);
  }
  if (testudo_i_grow((void **)&pieces->list, &pieces->room, pieces->count + 1, sizeof p) != 0)
    return false;
  pieces->list[pieces->count++] = p;
  return true;
}

testudo_i_pieces *testudo_i_pieces_create(testudo_i_integrand f, void *context, double a, double b, double tolerance)
{
  testudo_i_pieces *pieces = testudo_i_calloc(1, sizeof *pieces);
  if (pieces == NULL || fit_pieces(pieces, f, context, a, b, tolerance, 0))
    return pieces;
  testudo_i_pieces_free(pieces);
  return NULL;
}

void testudo_i_pieces_free(testudo_i_pieces *pieces)
{
  if (pieces != NULL)
    free(pieces->list);
  free(pieces);
}

double testudo_i_pieces_begin(const testudo_i_pieces *pieces)
{
  return pieces->list[0].a;
}

double testudo_i_pieces_end(const testudo_i_pieces *pieces)
{
  return pieces->list[pieces->count - 1].b;
}

/* Clenshaw's recurrence. */
static double value_at(const piece *p, double x)
{
  double y = (2.0 * x - p->a - p->b) / (p->b - p->a), first = 0.0, second = 0.0;
  for (int j = TERMS - 1; j > 0; j--) {
    double next = 2.0 * y * first - second + p->coefficient[j];
    second = first;
    first = next;
  }
  return y * first - second + p->coefficient[0];
}

double testudo_i_pieces_at(const testudo_i_pieces *pieces, double x)
{
  size_t low = 0, high = pieces->count - 1;
  x = fmin(fmax(x, pieces->list[0].a), pieces->list[high].b);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (x <= pieces->list[middle].b)
      high = middle;
    else
      low = middle + 1;
  }
  return value_at(&pieces->list[low], x);
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
