/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Condition numbers of the l columns of R that decode a chunk, for l = 1..30: normal entries as in scheme partial,
   against Vandermonde and Lagrange coefficients at real points. m = 2 l workers, l of them at random (and l + 3 for the
   normal entries). A line an l: medians and 99th percentiles, tab between; drawn by study_decoders. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "linalg/dense.h"

enum { MOST = 30, DRAWS = 1000, KINDS = 5 };

static const char *const kind_name[KINDS] = {"normal", "normal+3", "vandermonde-equal", "vandermonde-chebyshev",
                                             "lagrange-chebyshev"};

static double chebyshev(int32_t j, int32_t count)
{
  return cos(acos(-1.0) * (2.0 * j + 1.0) / (2.0 * count));
}

/* The k-th Lagrange polynomial of l Chebyshev points, at x. */
static double lagrange(int32_t k, int32_t l, double x)
{
  double product = 1.0;
  for (int32_t q = 0; q < l; q++)
    if (q != k)
      product *= (x - chebyshev(q, l)) / (chebyshev(k, l) - chebyshev(q, l));
  return product;
}

static double entry(int kind, int32_t l, int32_t k, int32_t worker, testudo_i_random *random)
{
  int32_t m = 2 * l;
  if (kind < 2)
    return testudo_i_random_normal(random);
  if (kind == 2)
    return pow(m == 1 ? 0.0 : -1.0 + 2.0 * worker / (m - 1), k);
  return kind == 3 ? pow(chebyshev(worker, m), k) : lagrange(k, l, chebyshev(worker, m));
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void study(int32_t l, int kind, double *room)
{
  static double condition[DRAWS], a[MOST * (MOST + 3)], inverse[MOST * (MOST + 3)];
  int32_t columns = kind == 1 ? l + 3 : l, worker[2 * MOST + 6];
  for (uint64_t draw = 0; draw < DRAWS; draw++) {
    testudo_i_random random;
    testudo_i_random_start(&random, draw, TESTUDO_I_FOR_TEST, (uint64_t)l, (uint64_t)kind);
    for (int32_t j = 0; j < 2 * l + 6; j++)
      worker[j] = j;
    testudo_i_random_shuffle(&random, worker, (size_t)(kind == 1 ? 2 * l + 3 : 2 * l));
    for (int32_t c = 0; c < columns; c++)
      for (int32_t k = 0; k < l; k++)
        a[c * l + k] = entry(kind, l, k, worker[c], &random);
    if (testudo_i_pseudo_inverse(l, columns, a, inverse, &condition[draw], room, NULL) != TESTUDO_OK)
      exit(EXIT_FAILURE);
  }
  qsort(condition, DRAWS, sizeof *condition, by_value);
  printf("\t%.4g\t%.4g", condition[DRAWS / 2], condition[DRAWS * 99 / 100]);
}

int main(void)
{
  double *room = malloc(testudo_i_pseudo_inverse_room(MOST, MOST + 3) * sizeof *room);
  if (room == NULL)
    return EXIT_FAILURE;
  printf("l");
  for (int kind = 0; kind < KINDS; kind++)
    printf("\t%s-median\t%s-p99", kind_name[kind], kind_name[kind]);
  printf("\n");
  for (int32_t l = 1; l <= MOST; l++) {
    printf("%d", (int)l);
    for (int kind = 0; kind < KINDS; kind++)
      study(l, kind, room);
    printf("\n");
  }
  free(room);
  return EXIT_SUCCESS;
}
