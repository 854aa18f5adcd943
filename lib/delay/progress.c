/* SPDX-License-Identifier: GPL-3.0-or-later */
/* q_c(t) = P(exactly c chunks done by t). */
#include "delay/model.h"

#include <math.h>

#include "numeric/integrate.h"

static void of_samples(const testudo_delay_model *model, double rate, int32_t load, double t, double *q)
{
  const testudo_law *law = model->law;
  int64_t done = law->samples; /* with at least c chunks, c = 0 */
  for (int32_t c = 0; c <= load; c++) {
    int64_t next = c == load ? 0 : testudo_i_samples_done(law, rate, c + 1, t);
    q[c] = (double)(done - next) / (double)law->samples;
    done = next;
  }
}

/* Additive exponentials are a Poisson process. */
static void of_poisson(const testudo_delay_model *model, double rate, int32_t load, double t, double *q)
{
  double mean = t > 0.0 ? t * rate * model->law->a : 0.0;
  for (int32_t c = 0; c < load; c++)
    q[c] = testudo_i_poisson(c, mean);
  q[load] = testudo_i_erlang_cdf(load, mean);
}

/* Scaled laws whose S_k = exp(-y_k) has y_k, and the difference of two, in closed form: q_c = S_{c+1} - S_c = S_{c+1}
   (1 - exp(-(y_c - y_{c+1}))). Shift + E / speed: y_k = speed (t rate / k - shift). Pareto: y_k = alpha log(t rate / k
   / x_min). Neither is ever negative. */
typedef struct exponents {
  double next;  /* y_{c+1} */
  double gap;   /* y_c - y_{c+1} where both are positive */
} exponents;

static exponents exponents_at(const testudo_law *law, double work, int32_t c)
{
  if (law->kind == TESTUDO_I_LAW_PARETO) {
    double over = work / (c + 1) / law->a;
    return (exponents){over > 1.0 ? law->b * log(over) : 0.0, law->b * log1p(1.0 / c)};
  }
  double shift = law->kind == TESTUDO_I_LAW_SHIFTED ? law->a : 0.0;
  double speed = law->kind == TESTUDO_I_LAW_SHIFTED ? law->b : law->a, left = work / (c + 1) - shift;
  return (exponents){left > 0.0 ? speed * left : 0.0, speed * (work / c / (c + 1))};
}

static void of_scaled(const testudo_delay_model *model, double rate, int32_t load, double t, double *q)
{
  if (!(t < HUGE_VAL)) {
    for (int32_t c = 0; c <= load; c++)
      q[c] = c == load;
    return;
  }
  double here = 0.0; /* y_c; y_0 is infinite and not used */
  for (int32_t c = 0; c <= load; c++) {
    exponents y = c < load ? exponents_at(model->law, t * rate, c) : (exponents){0.0, 0.0};
    double gap = y.next > 0.0 ? y.gap : here;
    q[c] = c == 0 ? exp(-y.next) : -exp(-y.next) * expm1(-gap);
    here = y.next;
  }
}

/* Differences of the survivals where those are the small ones, of the distribution functions elsewhere. */
static void of_differences(const testudo_delay_model *model, double rate, int32_t load, double t, double *q)
{
  double survival = 0.0, cdf = 1.0;
  for (int32_t c = 0; c < load; c++) {
    double next_survival = testudo_delay_survival(model, rate, c + 1, t);
    double next_cdf = testudo_i_delay_cdf(model, rate, c + 1, t);
    q[c] = fmax(0.0, next_survival < 0.5 ? next_survival - survival : cdf - next_cdf);
    survival = next_survival;
    cdf = next_cdf;
  }
  q[load] = cdf;
}

static void of_whole(const testudo_delay_model *model, double rate, int32_t load, double t, double *q)
{
  for (int32_t c = 1; c < load; c++)
    q[c] = 0.0;
  q[0] = testudo_delay_survival(model, rate, load, t);
  q[load] = testudo_i_delay_cdf(model, rate, load, t);
}

void testudo_i_progress_law(const testudo_delay_model *model, double rate, int32_t load, bool whole, double t,
                            double *q)
{
  const testudo_law *law = model->law;
  if (load == 0)
    q[0] = 1.0;
  else if (whole)
    of_whole(model, rate, load, t, q);
  else if (testudo_i_law_is_discrete(law) && law->samples > 0)
    of_samples(model, rate, load, t, q);
  else if (model->structure == TESTUDO_STRUCTURE_SCALED &&
           (testudo_i_law_is_exponential(law) || law->kind == TESTUDO_I_LAW_PARETO))
    of_scaled(model, rate, load, t, q);
  else if (law->kind == TESTUDO_I_LAW_EXPONENTIAL)
    of_poisson(model, rate, load, t, q);
  else
    of_differences(model, rate, load, t, q);
}

/* ---- steps that are not whole chunks ---- */

double testudo_i_step_law(const testudo_delay_model *model, double rate, double work, double t, double *late)
{
  const testudo_law *law = model->law;
  if (testudo_i_law_is_discrete(law)) {
    double done;
    testudo_i_discrete_sides(law, rate, work, t, &done, late);
    return done;
  }
  double x = t * rate / work;
  *late = testudo_law_survival(law, x);
  return testudo_i_law_cdf(law, x);
}

/* Differences of the survivals where those are the small ones, of the distribution functions elsewhere. */
void testudo_i_work_law(const testudo_delay_model *model, double rate, const double *work, int32_t steps, double t,
                        double *q)
{
  double late = 0.0, done = 1.0;
  for (int32_t c = 0; c < steps; c++) {
    double next_late, next_done = testudo_i_step_law(model, rate, work[c], t, &next_late);
    q[c] = fmax(0.0, next_late < 0.5 ? next_late - late : done - next_done);
    late = next_late;
    done = next_done;
  }
  q[steps] = done;
}
