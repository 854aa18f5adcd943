/* SPDX-License-Identifier: GPL-3.0-or-later */
/* q_c(t) = P(exactly c chunks done by t). */
#include <math.h>

#include "delay/laws/table.h"
#include "numeric/integrate.h"

/* Of a trace: counts of its rows. */
static void of_samples(const testudo_i_delay *delay, const testudo_law *law, double rate, int32_t load, double t,
                       double *q)
{
  int64_t done = law->samples; /* with at least c chunks, c = 0 */
  for (int32_t c = 0; c <= load; c++) {
    int64_t next = c == load ? 0 : testudo_i_samples_done(delay, rate, c + 1, t);
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

/* Of the survivals where those are the small ones, of the distribution functions elsewhere. */
static void of_differences(const testudo_i_delay *delay, double rate, int32_t load, double t, double *q)
{
  double late = 0.0, done = 1.0;
  for (int32_t c = 0; c < load; c++) {
    double next_done = testudo_i_delay_cdf(delay, rate, c + 1, t);
    double next_late = testudo_i_delay_survival(delay, rate, c + 1, t);
    q[c] = fmax(0.0, next_late < 0.5 ? next_late - late : done - next_done);
    late = next_late;
    done = next_done;
  }
  q[load] = done;
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
  const testudo_delay_model *model = delay->model;
  const testudo_law *law = delay->law == NULL ? model->law : delay->law;
  bool moved = delay->bracketed || delay->steps != NULL || testudo_i_delay_unit(delay) != 1.0 ||
               model->startup != NULL || model->overhead > 0.0 || model->slow.factor > 0.0;
  bool additive = model->structure == TESTUDO_STRUCTURE_ADDITIVE, scaled = model->structure == TESTUDO_STRUCTURE_SCALED;
  if (load == 0)
    q[0] = 1.0;
  else if (whole)
    of_whole(delay, rate, load, t, q);
  else if (!moved && law->samples > 0 && testudo_i_chunks_are_scaled(model, law))
    of_samples(delay, law, rate, load, t, q);
  else if (!moved && scaled && law->row->gap != NULL)
    of_scaled(law, rate, load, t, q);
  else if (!moved && additive && law->row->memoryless)
    of_poisson(law, rate, load, t, q);
  else
    of_differences(delay, rate, load, t, q);
}
