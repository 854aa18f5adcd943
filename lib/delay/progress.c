/* SPDX-License-Identifier: GPL-3.0-or-later */
/* q_c(t) = P(exactly c chunks done by t). */
#include <math.h>

#include "delay/laws/table.h"
#include "numeric/integrate.h"

static void of_samples(const testudo_law *law, double rate, int32_t load, double t, double *q)
{
  int64_t done = law->samples; /* with at least c chunks, c = 0 */
  for (int32_t c = 0; c <= load; c++) {
    int64_t next = c == load ? 0 : testudo_i_samples_done(law, rate, c + 1, t);
    q[c] = (double)(done - next) / (double)law->samples;
    done = next;
  }
}

/* Additive exponentials are a Poisson process. */
static void of_poisson(const testudo_law *law, double rate, int32_t load, double t, double *q)
{
  double mean = t > 0.0 ? t * rate * law->b : 0.0;
  for (int32_t c = 0; c < load; c++)
    q[c] = testudo_i_poisson(c, mean);
  q[load] = testudo_i_erlang_cdf(load, mean);
}

/* Scaled laws whose S_k = exp(-y_k) has y_k = H(t rate / k), and the difference of two, in closed form: q_c = S_{c+1} -
   S_c = S_{c+1} (1 - exp(-(y_c - y_{c+1}))). */
static void of_scaled(const testudo_law *law, double rate, int32_t load, double t, double *q)
{
  if (!(t < HUGE_VAL)) {
    for (int32_t c = 0; c <= load; c++)
      q[c] = c == load;
    return;
  }
  double here = 0.0; /* y_c; y_0 is infinite and not used */
  for (int32_t c = 0; c <= load; c++) {
    double next = c < load ? testudo_i_law_hazard(law, t * rate / (c + 1)) : 0.0;
    q[c] = c == 0 ? exp(-next) : -exp(-next) * expm1(-(next > 0.0 ? law->row->gap(law, t * rate, c) : here));
    here = next;
  }
}

/* ---- differences, of whole chunks or of other steps ---- */

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

/* Of the survivals where those are the small ones, of the distribution functions elsewhere. work NULL: step c is the
   c-th chunk. */
static void of_differences(const testudo_i_delay *delay, double rate, const double *work, int32_t steps, double t,
                           double *q)
{
  double late = 0.0, done = 1.0;
  for (int32_t c = 0; c < steps; c++) {
    double next_late, next_done;
    if (work != NULL) {
      next_done = testudo_i_step_law(delay->model, rate, work[c], t, &next_late);
    } else {
      next_done = testudo_i_delay_cdf(delay, rate, c + 1, t);
      next_late = testudo_i_delay_survival(delay, rate, c + 1, t);
    }
    q[c] = fmax(0.0, next_late < 0.5 ? next_late - late : done - next_done);
    late = next_late;
    done = next_done;
  }
  q[steps] = done;
}

void testudo_i_work_law(const testudo_delay_model *model, double rate, const double *work, int32_t steps, double t,
                        double *q)
{
  of_differences(TESTUDO_I_ALONE(model), rate, work, steps, t, q);
}

static void of_whole(const testudo_i_delay *delay, double rate, int32_t load, double t, double *q)
{
  for (int32_t c = 1; c < load; c++)
    q[c] = 0.0;
  q[0] = testudo_i_delay_survival(delay, rate, load, t);
  q[load] = testudo_i_delay_cdf(delay, rate, load, t);
}

void testudo_i_progress_law(const testudo_i_delay *delay, double rate, int32_t load, bool whole, double t, double *q)
{
  const testudo_law *law = delay->model->law;
  if (load == 0)
    q[0] = 1.0;
  else if (whole)
    of_whole(delay, rate, load, t, q);
  else if (law->samples > 0)
    of_samples(law, rate, load, t, q);
  else if (delay->model->structure == TESTUDO_STRUCTURE_SCALED && law->row->gap != NULL)
    of_scaled(law, rate, load, t, q);
  else if (delay->model->structure == TESTUDO_STRUCTURE_ADDITIVE && law->row->memoryless)
    of_poisson(law, rate, load, t, q);
  else
    of_differences(delay, rate, NULL, load, t, q);
}
