/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures: with probability p (law->a) the first law, otherwise the second. */
#include <math.h>
#include <stdint.h>

#include "base/error.h"
#include "delay/laws/table.h"

double testudo_i_mixture_side(const testudo_law *law, double x, bool above)
{
  return law->a * testudo_i_law_side(law->part[0], x, above) +
         (1.0 - law->a) * testudo_i_law_side(law->part[1], x, above);
}

testudo_i_moments testudo_i_mixture_moments(const testudo_law *law)
{
  double p = law->a, mean[2], variance[2];
  for (int k = 0; k < 2; k++) {
    mean[k] = testudo_law_mean(law->part[k]);
    variance[k] = testudo_law_variance(law->part[k]);
  }
  double within = p * variance[0] + (1.0 - p) * variance[1];
  return (testudo_i_moments){p * mean[0] + (1.0 - p) * mean[1],
                             within < HUGE_VAL ? within + p * (1.0 - p) * (mean[0] - mean[1]) * (mean[0] - mean[1])
                                               : HUGE_VAL};
}

void testudo_i_mixture_density(const testudo_law *law, const double *restrict y, double *restrict log_density,
                               size_t count)
{
  double log_first = log(law->a), log_second = log1p(-law->a);
  for (size_t k = 0; k < count; k++) {
    double first, second;
    law->part[0]->row->log_density(law->part[0], &y[k], &first, 1);
    law->part[1]->row->log_density(law->part[1], &y[k], &second, 1);
    first += log_first;
    second += log_second;
    double larger = fmax(first, second);
    log_density[k] = larger > -HUGE_VAL ? larger + log1p(exp(fmin(first, second) - larger)) : larger;
  }
}

/* Is P(X <= x) >= p, by the side that is the small one? */
static bool mixture_reaches(const testudo_law *law, double x, double p)
{
  return p < 0.5 ? testudo_i_mixture_side(law, x, false) >= p : testudo_i_mixture_side(law, x, true) <= 1.0 - p;
}

/* Least x with P(X <= x) >= p lies between the parts' quantiles; bisection to neighbouring doubles. */
double testudo_i_mixture_quantile(const testudo_law *law, double p)
{
  double a = testudo_law_quantile(law->part[0], p), b = testudo_law_quantile(law->part[1], p);
  double low = fmin(a, b), high = fmax(a, b);
  for (int k = 0; k < 200 && low < high; k++) {
    double middle = low > 0.0 && high > 2.0 * low ? sqrt(low) * sqrt(high) : low + (high - low) / 2.0;
    if (!(middle > low && middle < high))
      break;
    if (mixture_reaches(law, middle, p))
      high = middle;
    else
      low = middle;
  }
  return mixture_reaches(law, low, p) ? low : high;
}

/* The uniform that chose the part, stretched, is uniform again. Those of a part are drawn together. */
void testudo_i_mixture_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  enum { RUN = 256 };
  const double begin[2] = {0.0, law->a}, width[2] = {law->a, 1.0 - law->a};
  for (size_t first = 0; first < count; first += RUN) {
    size_t run = count - first < RUN ? count - first : RUN, firsts = 0;
    double rest[2][RUN], drawn[RUN];
    uint16_t at[2][RUN];
    for (size_t k = 0; k < run; k++) {
      int part = !(u[first + k] < begin[1]);
      size_t to = part == 0 ? firsts : k - firsts;
      rest[part][to] = (u[first + k] - begin[part]) / width[part];
      at[part][to] = (uint16_t)k;
      firsts += part == 0;
    }
    for (int part = 0; part < 2; part++) {
      size_t members = part == 0 ? firsts : run - firsts;
      for (size_t k = 0; k < members; k++) {
        double here = rest[part][k];
        rest[part][k] = here < 0x1p-54 ? 0x1p-54 : here > 1.0 - 0x1p-53 ? 1.0 - 0x1p-53 : here;
      }
      testudo_i_law_fill(law->part[part], rest[part], drawn, members);
      for (size_t k = 0; k < members; k++)
        x[first + at[part][k]] = drawn[k];
    }
  }
}

/* ---- made once ---- */

/* Of atoms only: P(X <= value) and P(X > value) at each, both as sums of the parts'. */
static testudo_status make_atoms(testudo_law *law, testudo_error *error)
{
  size_t count = (size_t)law->kinks;
  double *cumulated = testudo_i_arena_alloc(&law->arena, count, sizeof *cumulated);
  double *beyond = testudo_i_arena_alloc(&law->arena, count, sizeof *beyond);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (size_t k = 0; k < count; k++) {
    cumulated[k] = k + 1 == count ? 1.0 : testudo_i_mixture_side(law, law->kink[k], false);
    beyond[k] = k + 1 == count ? 0.0 : testudo_i_mixture_side(law, law->kink[k], true);
  }
  law->value = law->kink;
  law->values = law->kinks;
  law->cumulated = cumulated;
  law->beyond = beyond;
  return TESTUDO_OK;
}

testudo_status testudo_i_mixture_make(testudo_law *law, testudo_error *error)
{
  law->kink = testudo_i_arena_alloc(&law->arena, (size_t)(law->part[0]->kinks + law->part[1]->kinks),
                                    sizeof *law->kink);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (int p = 0; p < 2; p++)
    for (int64_t k = 0; k < law->part[p]->kinks; k++)
      law->kink[law->kinks++] = law->part[p]->kink[k];
  law->kinks = (int64_t)testudo_i_sort_distinct(law->kink, (size_t)law->kinks);
  bool discrete = testudo_i_law_is_discrete(law->part[0]) && testudo_i_law_is_discrete(law->part[1]);
  return discrete ? make_atoms(law, error) : TESTUDO_OK;
}
