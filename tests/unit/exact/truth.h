/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and deviation of the K-th of m draws of a law, by another road than the library's: in long double, with the laws
   written anew, by 16-point Gauss-Legendre rules on panels between the quantiles of every component of the law at steps
   of its log-odds, from e^-64 to e^64 (e^216 of a wide lognormal law). Within a panel every component is smooth,
   whatever its scale, so nothing narrow and no second scale can be missed. Laws of Pareto's by their gamma functions,
   for the panels end before they do. */
#ifndef TESTUDO_TESTS_EXACT_TRUTH_H
#define TESTUDO_TESTS_EXACT_TRUTH_H

#include "check.h"

typedef enum truth_kind { SHIFTED_EXP, WEIBULL, LOGNORMAL, GAMMA, PARETO } truth_kind;

typedef struct truth_part {
  truth_kind kind;
  double a, b; /* as the law's text has them */
} truth_part;

typedef struct truth_law {
  double weight;        /* of the first part; 1: there is one */
  truth_part part[2];
} truth_law;

typedef struct truth {
  long double mean, stddev;
} truth;

static inline void truth_text(const truth_law *law, char *text, size_t size)
{
  static const char *const name[] = {"shifted-exp", "weibull", "lognormal", "gamma", "pareto"};
  const truth_part *p = law->part;
  if (law->weight == 1.0)
    snprintf(text, size, "%s:%.17g,%.17g", name[p->kind], p->a, p->b);
  else
    snprintf(text, size, "mixture:%.17g,%s:%.17g,%.17g,%s:%.17g,%.17g", law->weight, name[p->kind], p->a, p->b,
             name[p[1].kind], p[1].a, p[1].b);
}

/* x^a e^-x / Gamma(a + 1), without the cancellation of its logarithm. */
static inline long double truth_gamma_front(long double a, long double x)
{
  if (a < 50)
    return expl(a * logl(x) - x - lgammal(a + 1));
  long double r = (x - a) / a, series = 1 / (12 * a) - 1 / (360 * a * a * a) + 1 / (1260 * powl(a, 5)) -
                                        1 / (1680 * powl(a, 7));
  return expl(-a * (r - log1pl(r)) - series) / sqrtl(2 * acosl(-1) * a);
}

/* The incomplete gamma function: a series below the middle, a continued fraction above. */
static inline void truth_gamma(long double a, long double x, long double *below, long double *above)
{
  long double front = truth_gamma_front(a, x), term = 1, sum = 1;
  if (x < a + 1) {
    for (int n = 1; n < 2000000 && term > 1e-21L * sum; n++)
      sum += term *= x / (a + n);
    *below = front * sum;
    *above = 1 - *below;
    return;
  }
  long double b = x + 1 - a, c = 1e300L, d = 1 / b, h = d;
  for (int n = 1; n < 2000000; n++) {
    long double coefficient = -n * (n - a), step;
    b += 2;
    d = 1 / (coefficient * d + b);
    c = b + coefficient / c;
    h *= step = c * d;
    if (fabsl(step - 1) < 1e-19L)
      break;
  }
  *above = front * a * h;
  *below = 1 - *above;
}

static inline void truth_sides(const truth_part *p, long double t, long double *below, long double *above)
{
  long double x;
  switch (p->kind) {
  case SHIFTED_EXP:
    x = t <= p->a ? 0 : (t - p->a) * p->b;
    *above = expl(-x);
    *below = -expm1l(-x);
    break;
  case WEIBULL:
    x = powl(t / p->b, p->a);
    *above = expl(-x);
    *below = -expm1l(-x);
    break;
  case LOGNORMAL:
    x = (logl(t) - p->a) / (p->b * sqrtl(2));
    *above = erfcl(x) / 2;
    *below = erfcl(-x) / 2;
    break;
  case GAMMA:
    truth_gamma(p->a, t / p->b, below, above);
    break;
  case PARETO:
    x = t <= p->a ? 0 : p->b * logl(t / p->a);
    *above = expl(-x);
    *below = -expm1l(-x);
    break;
  }
}

/* z with P(N > z) = 1 / (1 + e^odds), nearly. */
static inline long double truth_normal(long double odds)
{
  long double low = -40, high = 40;
  for (int k = 0; k < 40; k++) {
    long double z = (low + high) / 2;
    *(erfcl(z / sqrtl(2)) * (1 + expl(odds)) > 2 ? &low : &high) = z;
  }
  return low;
}

/* A time at these log-odds, or near: the panels need no more. */
static inline long double truth_place(const truth_part *p, long double odds)
{
  long double late = odds > 0 ? log1pl(expl(-odds)) + odds : log1pl(expl(odds)); /* -log S */
  switch (p->kind) {
  case SHIFTED_EXP:
    return p->a + late / p->b;
  case WEIBULL:
    return p->b * powl(late, 1 / (long double)p->a);
  case PARETO:
    return p->a * expl(late / p->b);
  case LOGNORMAL:
    return expl(p->a + p->b * truth_normal(odds));
  case GAMMA:
    break;
  }
  if (p->a < 20) {
    long double from = logl(p->a) - 100, to = logl(p->a) + 20;
    for (int k = 0; k < 40; k++) {
      long double below, above;
      truth_gamma(p->a, expl((from + to) / 2), &below, &above);
      *(above * expl(odds) > below ? &from : &to) = (from + to) / 2;
    }
    return expl((from + to) / 2) * p->b;
  }
  return p->a * p->b * powl(fmaxl(1e-3L, 1 - 1 / (9 * p->a) + truth_normal(odds) / (3 * sqrtl(p->a))), 3);
}

static const long double truth_node[8] = {
    0.0950125098376374401853193354249581L, 0.2816035507792589132304605014604961L,
    0.4580167776572273863424194429835776L, 0.6178762444026437484466717640487911L,
    0.7554044083550030338951011948474423L, 0.8656312023878317438804678977123931L,
    0.9445750230732325760779884155346084L, 0.9894009349916499325961541734503326L};
static const long double truth_weight[8] = {
    0.1894506104550684962853967232082831L, 0.1826034150449235888667636679692199L,
    0.1691565193950025381893120790303599L, 0.1495959888165767320815017305474786L,
    0.1246289712555338720524762821920164L, 0.0951585116824927848099251076022462L,
    0.0622535239386478928628438369943777L, 0.0271524594117540948517805724560181L};

/* The law at all nodes of all panels, to be used for any m. */
typedef struct truth_table {
  long double *t, *w, *below, *above;
  int count;
} truth_table;

static inline int truth_ascending(const void *a, const void *b)
{
  long double x = *(const long double *)a, y = *(const long double *)b;
  return (x > y) - (x < y);
}

static inline truth_table truth_tabulate(const truth_law *law, int per_unit)
{
  bool wide = law->part[0].kind == LOGNORMAL && law->part[0].b > 0.5;
  int steps = (wide ? 280 : 128) * per_unit, parts = law->weight == 1.0 ? 1 : 2, count = 0;
  long double *edge = calloc((size_t)parts * ((size_t)steps + 2) + 1, sizeof *edge);
  for (int k = 0; k < parts; k++) {
    const truth_part *p = &law->part[k];
    for (int j = 0; j <= steps; j++)
      edge[count++] = truth_place(p, -64 + (long double)j / per_unit);
    if (p->kind == SHIFTED_EXP || p->kind == PARETO)
      edge[count++] = p->a;
  }
  edge[count++] = 0;
  qsort(edge, (size_t)count, sizeof *edge, truth_ascending);
  size_t room = (size_t)count * 16;
  truth_table table = {calloc(room, sizeof(long double)), calloc(room, sizeof(long double)),
                       calloc(room, sizeof(long double)), calloc(room, sizeof(long double)), 0};
  for (int k = 0; k + 1 < count; k++) {
    long double half = (edge[k + 1] - edge[k]) / 2, middle = edge[k] + half;
    if (!(half > 0))
      continue;
    for (int j = 0; j < 16; j++) {
      int i = table.count++, n = j < 8 ? 7 - j : j - 8;
      table.t[i] = middle + (j < 8 ? -half : half) * truth_node[n];
      table.w[i] = half * truth_weight[n];
      truth_sides(&law->part[0], table.t[i], &table.below[i], &table.above[i]);
      if (parts == 1)
        continue;
      long double below, above;
      truth_sides(&law->part[1], table.t[i], &below, &above);
      table.below[i] = law->weight * table.below[i] + (1 - (long double)law->weight) * below;
      table.above[i] = law->weight * table.above[i] + (1 - (long double)law->weight) * above;
    }
  }
  free(edge);
  return table;
}

static inline void truth_free(truth_table *table)
{
  free(table->t);
  free(table->w);
  free(table->below);
  free(table->above);
}

/* P(at most `most` of m events of probability p), each term from the one before; 0 where the first is below any
   number. */
static inline long double truth_binomial(int m, int most, long double p, long double q)
{
  long double term = expl(m * (p < 0.5L ? log1pl(-p) : logl(q))), sum = term;
  for (int k = 0; k < most; k++)
    sum += term *= (long double)(m - k) / (k + 1) * (p / q);
  return sum;
}

/* Of the K-th of m. */
static inline void truth_both(int m, int wait, long double f, long double s, long double *below, long double *above)
{
  if (wait == m) {
    long double logarithm = m * (s < 0.5L ? log1pl(-s) : logl(f));
    *below = expl(logarithm);
    *above = -expm1l(logarithm);
    return;
  }
  *below = f > 0 ? truth_binomial(m, m - wait, s, f) : 0; /* so many may be unfinished */
  *above = s > 0 ? truth_binomial(m, wait - 1, f, s) : 0;
}

static inline truth truth_of_table(const truth_table *table, int m, int wait)
{
  long double drift = 0, square = 0, *below = calloc((size_t)table->count, sizeof *below),
              *above = calloc((size_t)table->count, sizeof *above);
  int middle = 0;
  for (int k = 0; k < table->count; k++) {
    truth_both(m, wait, table->below[k], table->above[k], &below[k], &above[k]);
    middle += above[k] > 0.5L;
  }
  middle -= middle % 16; /* a panel begins there */
  if (middle == table->count)
    middle -= 16;
  long double first = 0;
  for (int k = 0; k < middle; k++)
    first += table->w[k];
  for (int k = 0; k < table->count; k++) {
    long double value = k < middle ? below[k] : above[k], sign = k < middle ? -1 : 1;
    drift += sign * table->w[k] * value;
    square += 2 * table->w[k] * fabsl(table->t[k] - first) * value;
  }
  free(below);
  free(above);
  return (truth){first + drift, sqrtl(square - drift * drift)};
}

/* E X^power of the largest of m of Pareto's. */
static inline long double truth_pareto(const truth_part *p, int m, int power)
{
  long double less = power / (long double)p->b;
  if (less >= 1)
    return HUGE_VALL;
  return powl(p->a, power) * expl(lgammal(m + 1.0L) + lgammal(1 - less) - lgammal(m + 1 - less));
}

#endif
