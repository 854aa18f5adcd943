/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Halving where the error is largest, as in tail.c: there the function must fall, and the interval is infinite. */
#include "numeric/interval.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_integration.h>

#include "base/sum.h"

#define MOST_PIECES 264
#define MOST_HALVINGS 200

typedef struct piece {
  double a, b, value, error;
  bool floor; /* rounding is all that is left of its error */
} piece;

static piece measure_piece(const gsl_function *f, double a, double b)
{
  piece p = {.a = a, .b = b};
  double absolute, spread;
  gsl_integration_qk21(f, a, b, &p.value, &p.error, &absolute, &spread);
  p.floor = p.error <= 100.0 * DBL_EPSILON * absolute || !(b - a > 4.0 * DBL_EPSILON * fmax(fabs(a), fabs(b)));
  return p;
}

static size_t worst_piece(const piece *list, size_t pieces)
{
  size_t found = pieces;
  for (size_t k = 0; k < pieces; k++)
    if (!list[k].floor && (found == pieces || list[k].error > list[found].error))
      found = k;
  return found;
}

static double total_pieces(const piece *list, size_t pieces, double *doubt)
{
  testudo_i_sum value = {0.0, 0.0}, error = {0.0, 0.0};
  for (size_t k = 0; k < pieces; k++) {
    testudo_i_sum_add(&value, list[k].value);
    testudo_i_sum_add(&error, list[k].error);
  }
  *doubt = testudo_i_sum_value(&error);
  return testudo_i_sum_value(&value);
}

/* One piece between neighbours; of very many breaks the last pieces hold several. */
static size_t lay_out_breaks(const gsl_function *f, const double *breaks, size_t count, piece *list)
{
  size_t pieces = 0, most = MOST_PIECES - MOST_HALVINGS;
  for (size_t k = 1; k < count; k++) {
    if (!(breaks[k - 1] < breaks[k]))
      continue;
    bool last = pieces + 1 == most;
    list[pieces++] = measure_piece(f, breaks[k - 1], breaks[last ? count - 1 : k]);
    if (last)
      break;
  }
  return pieces;
}

double testudo_i_integrate_interval(testudo_i_integrand f, void *context, const double *breaks, size_t count,
                                    double rel_error, double abs_error, double *doubt)
{
  piece list[MOST_PIECES];
  gsl_function g = {f, context};
  size_t pieces = lay_out_breaks(&g, breaks, count, list);
  double error, value = total_pieces(list, pieces, &error);
  while (error > rel_error * fabs(value) + abs_error && pieces < MOST_PIECES) {
    size_t k = worst_piece(list, pieces);
    if (k == pieces)
      break;
    double middle = list[k].a + (list[k].b - list[k].a) / 2.0, end = list[k].b;
    list[k] = measure_piece(&g, list[k].a, middle);
    list[pieces++] = measure_piece(&g, middle, end);
    value = total_pieces(list, pieces, &error);
  }
  if (doubt != NULL)
    *doubt = error;
  return value;
}
