/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of X: probabilities, moments, quantiles, draws, properties, of what its row (laws/table.h) says. */
#include <math.h>
#include <stdlib.h>

#include "delay/laws/table.h"
#include "base/order.h"
#include "base/random.h"
#include "numeric/integrate.h"

void testudo_law_free(testudo_law *law)
{
  if (law == NULL)
    return;
  testudo_law_free(law->part[0]);
  testudo_law_free(law->part[1]);
  free(law->sample);
  testudo_i_arena_clear(&law->arena);
  free(law);
}

const char *testudo_law_text(const testudo_law *law)
{
  return law->text;
}

const char *testudo_law_shown(const testudo_law *law)
{
  return law->shown;
}

const char *testudo_law_named(const testudo_law *law)
{
  return law->named == NULL ? law->text : law->named;
}

void testudo_law_atoms(const testudo_law *law, const double **values, const double **cumulated, int64_t *count)
{
  *values = law->value;
  *cumulated = law->cumulated;
  *count = law->values;
}

/* ---- properties ---- */

bool testudo_i_law_is_discrete(const testudo_law *law)
{
  return law->values > 0;
}

bool testudo_i_law_is_constant(const testudo_law *law)
{
  return law->row->constant;
}

bool testudo_i_law_is_power(const testudo_law *law)
{
  return law->row->power;
}

double testudo_i_law_tail_index(const testudo_law *law)
{
  double index = law->row->tail == 'a' ? law->a : law->row->tail == 'b' ? law->b : HUGE_VAL;
  for (int k = 0; k < law->row->parts; k++)
    index = fmin(index, testudo_i_law_tail_index(law->part[k]));
  return index;
}

bool testudo_i_law_speed_rises(const testudo_law *law, double from)
{
  return law->row->speed_rises != NULL && law->row->speed_rises(law, from);
}

bool testudo_i_starts_once(const testudo_law *law, double *start)
{
  double first, second;
  *start = law->kinks == 1 ? law->kink[0] : 0.0;
  if (testudo_i_law_is_discrete(law))
    return false;
  /* Parts of a mixture that begin at different times leave a jump in the density. */
  return law->row->parts < 2 || (testudo_i_starts_once(law->part[0], &first) &&
                                 testudo_i_starts_once(law->part[1], &second) && first == second);
}

bool testudo_i_law_has_sum(const testudo_law *law)
{
  return law->row->sum != NULL || (law->row->parts == 1 && law->part[0]->row->sum != NULL);
}

double testudo_i_law_sum(const testudo_law *law, int32_t k, double time, bool above)
{
  double start;
  testudo_i_starts_once(law, &start);
  return testudo_i_law_started_sum(law, k, time - k * start, above);
}

double testudo_i_law_started_sum(const testudo_law *law, int32_t k, double y, bool above)
{
  const testudo_law *of = law->row->sum != NULL ? law : law->part[0];
  return of->row->sum(of, k, y, above);
}

/* ---- atoms ---- */

double testudo_i_atoms_side(const testudo_law *law, int64_t done, bool above)
{
  if (law->beyond == NULL)
    return (double)(above ? law->samples - done : done) / (double)law->samples;
  if (above)
    return done == 0 ? 1.0 : law->beyond[done - 1];
  return done == 0 ? 0.0 : law->cumulated[done - 1];
}

/* The first value that is reached with probability p: all before it are with less. */
static double atom_quantile(const testudo_law *law, double p)
{
  return law->value[testudo_i_count_until(law->cumulated, law->values - 1, nextafter(p, 0.0))];
}

/* ---- probabilities ---- */

double testudo_i_law_hazard(const testudo_law *law, double x)
{
  double start = law->row->starts ? law->a : 0.0;
  if (x <= start)
    return 0.0;
  return law->row->hazard_at != NULL ? law->row->hazard_at(law, x) : law->row->hazard(law, x - start);
}

double testudo_i_law_side(const testudo_law *law, double x, bool above)
{
  bool rows = law->beyond == NULL;
  if (testudo_i_law_is_discrete(law))
    return testudo_i_atoms_side(law, testudo_i_count_until(rows ? law->sample : law->value,
                                                           rows ? law->samples : law->values, x), above);
  if (law->row->hazard == NULL)
    return law->row->side(law, x, above);
  double hazard = testudo_i_law_hazard(law, x);
  return above ? exp(-hazard) : -expm1(-hazard);
}

double testudo_law_survival(const testudo_law *law, double x)
{
  return testudo_i_law_side(law, x, true);
}

double testudo_law_cdf(const testudo_law *law, double x)
{
  return testudo_i_law_side(law, x, false);
}

void testudo_i_started_sides(const testudo_law *law, double y, double *below, double *above)
{
  if (law->row->parts == 1) {
    testudo_i_started_sides(law->part[0], y, below, above);
    return;
  }
  if (law->row->parts == 2) {
    double first[2], second[2];
    testudo_i_started_sides(law->part[0], y, &first[0], &first[1]);
    testudo_i_started_sides(law->part[1], y, &second[0], &second[1]);
    *below = law->a * first[0] + (1.0 - law->a) * second[0];
    *above = law->a * first[1] + (1.0 - law->a) * second[1];
    return;
  }
  if (law->row->hazard == NULL) {
    *below = testudo_law_cdf(law, y);
    *above = testudo_law_survival(law, y);
    return;
  }
  double hazard = y <= 0.0 ? 0.0 : law->row->hazard(law, y);
  *below = -expm1(-hazard);
  *above = exp(-hazard);
}

double testudo_i_started_density(const testudo_law *law, double y)
{
  double log_density;
  if (y <= 0.0)
    return 0.0;
  law->row->log_density(law, &y, &log_density, 1);
  return exp(log_density);
}

double testudo_law_mean(const testudo_law *law)
{
  return law->row->moments(law).mean;
}

double testudo_law_variance(const testudo_law *law)
{
  return law->row->moments(law).variance;
}

double testudo_law_quantile(const testudo_law *law, double p)
{
  if (testudo_i_law_is_discrete(law))
    return atom_quantile(law, p);
  if (law->row->quantile != NULL)
    return law->row->quantile(law, p);
  return law->row->draw(law, law->row->hazard != NULL ? -log1p(-p) : testudo_i_normal_quantile(p));
}

/* ---- draws ---- */

/* Every law by inversion: one uniform a draw, and a larger uniform never gives a larger exponential (u stands for the
   survival) but a larger lognormal; only the law of the draws is promised. */
double testudo_i_law_draw(const testudo_law *law, double u)
{
  double x;
  testudo_i_law_fill(law, &u, &x, 1);
  return x;
}

void testudo_i_law_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  law->row->fill(law, u, x, count);
}

void testudo_law_draw(const testudo_law *law, uint64_t seed, int64_t count, double *x)
{
  enum { RUN = 1024 };
  double u[RUN];
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_LAW, 0, 0);
  for (int64_t done = 0; done < count; done += RUN) {
    size_t run = count - done < RUN ? (size_t)(count - done) : RUN;
    for (size_t k = 0; k < run; k++)
      u[k] = testudo_i_random_uniform(&random);
    testudo_i_law_fill(law, u, x + done, run);
  }
}
