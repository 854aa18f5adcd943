/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Triple systems on Q x Z_3, Q a quasigroup of a third of the points, with a point at infinity where one is left over:
   {(x,i), (y,i), (x y,i+1)}, and what fills the columns {(x,0), (x,1), (x,2)} (Bose, 1939; Skolem, 1958; Lindner and
   Rodger, Design Theory, chapters 1 and 2). */
#include "code/triples/triples.h"

typedef struct triples {
  int32_t third, infinity; /* points of Q; the number of the point at infinity */
  int32_t (*next)[3];
} triples;

bool testudo_i_triples_exist(int32_t points, int32_t lambda)
{
  return lambda == 1 ? points >= 7 && (points % 6 == 1 || points % 6 == 3) : points >= 6 && points % 3 <= 1;
}

int32_t testudo_i_triples_count(int32_t points, int32_t lambda)
{
  return (int32_t)((int64_t)lambda * points * (points - 1) / 6);
}

static void triples_put(triples *t, int32_t a, int32_t b, int32_t c)
{
  (*t->next)[0] = a;
  (*t->next)[1] = b;
  (*t->next)[2] = c;
  t->next++;
}

static int32_t point(const triples *t, int32_t x, int32_t level)
{
  return x + t->third * (level % 3);
}

/* ---- lambda = 1: commutative quasigroups ---- */

/* Of odd order n = 2 h - 1: x y = h (x + y), so that x x = x. */
static int32_t product_idempotent(int32_t x, int32_t y, int32_t n)
{
  return (int32_t)((int64_t)(n + 1) / 2 * (x + y) % n);
}

/* Of even order n: x x = x for the lower half, x - n / 2 for the upper one. */
static int32_t product_half_idempotent(int32_t x, int32_t y, int32_t n)
{
  int32_t sum = (x + y) % n;
  return sum % 2 == 0 ? sum / 2 : n / 2 + sum / 2;
}

static void fill_once(triples *t, int32_t points)
{
  int32_t n = t->third;
  bool bose = points % 6 == 3;
  for (int32_t x = 0; x < n; x++) {
    if (bose || x < n / 2)
      triples_put(t, point(t, x, 0), point(t, x, 1), point(t, x, 2));
    for (int32_t i = 0; i < 3 && !bose && x < n / 2; i++)
      triples_put(t, t->infinity, point(t, n / 2 + x, i), point(t, x, i + 1));
    for (int32_t y = x + 1; y < n; y++)
      for (int32_t i = 0; i < 3; i++) {
        int32_t product = bose ? product_idempotent(x, y, n) : product_half_idempotent(x, y, n);
        triples_put(t, point(t, x, i), point(t, y, i), point(t, product, i + 1));
      }
  }
}

/* ---- lambda = 2: any idempotent quasigroup, of order n other than 2 ---- */

/* Odd n: 2 x - y. Even n: that of n - 1 with one more element e, which takes the places (x,x+1), whose symbols x - 1
   move to (x,e) and (e,x+1). */
static int32_t product_any(int32_t x, int32_t y, int32_t n)
{
  int32_t odd = n % 2 != 0 ? n : n - 1, e = n - 1;
  if (n % 2 == 0 && x == e)
    return y == e ? e : (y + odd - 2) % odd;
  if (n % 2 == 0 && y == e)
    return (x + odd - 1) % odd;
  return n % 2 == 0 && y == (x + 1) % odd ? e : (2 * x - y + odd) % odd;
}

static void fill_twice(triples *t, int32_t points)
{
  int32_t n = t->third;
  for (int32_t x = 0; x < n; x++) {
    int32_t a = point(t, x, 0), b = point(t, x, 1), c = point(t, x, 2);
    triples_put(t, a, b, c);
    if (points % 3 == 0)
      triples_put(t, a, b, c);
    else {
      triples_put(t, t->infinity, a, b);
      triples_put(t, t->infinity, b, c);
      triples_put(t, t->infinity, a, c);
    }
    for (int32_t y = 0; y < n; y++)
      for (int32_t i = 0; i < 3 && y != x; i++)
        triples_put(t, point(t, x, i), point(t, y, i), point(t, product_any(x, y, n), i + 1));
  }
}

/* Six points: five and one at infinity, turned. */
static void fill_six(triples *t)
{
  for (int32_t i = 0; i < 5; i++) {
    triples_put(t, 5, i, (i + 1) % 5);
    triples_put(t, i, (i + 1) % 5, (i + 3) % 5);
  }
}

void testudo_i_triples_fill(int32_t points, int32_t lambda, int32_t (*triple)[3])
{
  triples t = {points / 3, points - 1, triple};
  if (points == 6)
    fill_six(&t);
  else if (lambda == 2 && points > 7)
    fill_twice(&t, points);
  else
    for (int32_t k = 0; k < lambda; k++)
      fill_once(&t, points);
}
