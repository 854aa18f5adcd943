/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/distance.h"

#include <math.h>

/* The integral of (s - u)^2 / u (1 - u) over u from a to b, of a constant s; 1 - a and 1 - b apart, where they are the
   accurate ones. */
static double piece_of(double s, double a, double b, double beyond_a, double beyond_b)
{
  double sum = beyond_b - beyond_a;
  if (b <= a)
    return 0.0;
  if (s > 0.0)
    sum += s * s * log(b / a);
  if (s < 1.0)
    sum += (1.0 - s) * (1.0 - s) * log(beyond_a / beyond_b);
  return sum;
}

typedef struct walk {
  double ks, ad;
  double share;                /* F_n so far */
  double below, beyond;        /* F and 1 - F at the last time */
} walk;

/* To a time at which F is `below`, where F_n jumps to `share`. */
static void walk_to(walk *w, double below, double beyond, double share)
{
  w->ks = fmax(w->ks, fmax(fabs(below - w->share), fabs(share - below)));
  w->ad += piece_of(w->share, w->below, below, w->beyond, beyond);
  w->share = share;
  w->below = below;
  w->beyond = beyond;
}

/* From row `first` on. */
static walk walk_along(const testudo_i_fit_family *family, const double *number, const testudo_i_fit_samples *samples,
                       int64_t first)
{
  walk w = {.beyond = 1.0};
  int64_t censored = 0;
  double left = 1.0; /* Kaplan and Meier's 1 - F_n */
  for (int64_t start = first, end; start < samples->exacts; start = end) {
    double x = samples->exact[start];
    for (end = start; end < samples->exacts && samples->exact[end] == x;)
      end++;
    while (censored < samples->censored && samples->least[censored] < x)
      censored++;
    int64_t at_risk = samples->exacts - start + samples->censored - censored;
    left *= (double)(at_risk - (end - start)) / (double)at_risk;
    double share = samples->censored > 0 ? 1.0 - left : (double)(end - first) / (double)(samples->exacts - first);
    double beyond = testudo_i_fit_family_side(family, number, x, true);
    double below = beyond < 0.5 ? 1.0 - beyond : testudo_i_fit_family_side(family, number, x, false);
    walk_to(&w, below, beyond, share);
  }
  if (w.share == 1.0)
    w.ad += piece_of(1.0, w.below, 1.0, w.beyond, 0.0);
  return w;
}

testudo_i_fit_distances testudo_i_fit_distance(const testudo_i_fit_family *family, const double *number,
                                               const testudo_i_fit_samples *samples)
{
  double n = (double)(samples->exacts + samples->censored);
  walk all = walk_along(family, number, samples, 0);
  if (family->kind != TESTUDO_I_FIT_SHARP)
    return (testudo_i_fit_distances){all.ks, n * all.ad};
  int64_t first = 0;
  while (first < samples->exacts && samples->exact[first] == samples->exact[0])
    first++;
  walk others = walk_along(family, number, samples, first);
  return (testudo_i_fit_distances){all.ks, (n - (double)first) * others.ad};
}

double testudo_i_fit_scaled_ks(double ks, double n)
{
  return ks * (sqrt(n) + 0.12 + 0.11 / sqrt(n));
}

double testudo_i_kolmogorov_p(double ks, double n)
{
  double x = testudo_i_fit_scaled_ks(ks, n);
  if (x < 0.3)
    return 1.0; /* the complement is under 1e-5 */
  double sum = 0.0;
  for (int k = 1; k <= 100; k++) {
    double term = exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18)
      break;
  }
  return fmin(1.0, fmax(0.0, 2.0 * sum));
}

/* A^2 is the sum of Z_j^2 / j (j + 1) over normal Z_j: Z_1^2 / 2 beyond a large value, and the others make it larger by
   the product of (1 - 2 / j (j + 1))^(-1/2) over j >= 2, the root of 3. */
double testudo_i_anderson_p(double ad)
{
  return fmin(1.0, sqrt(3.0) * erfc(sqrt(ad)));
}
