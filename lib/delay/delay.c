/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of C_{j,k}, the time at which a worker finishes its k-th chunk. */
#include <math.h>

#include "base/error.h"
#include "delay/laws/table.h"
#include "delay/sums.h"

/* The class that a worker is in; NULL: there are none. */
static const testudo_worker_class *class_of(const testudo_delay_model *model, int32_t worker)
{
  for (int32_t c = 0, first = 0; c < model->class_count; first += model->classes[c++].workers)
    if (worker < first + model->classes[c].workers)
      return &model->classes[c];
  return NULL;
}

double testudo_i_rate(const testudo_delay_model *model, int32_t worker)
{
  if (model->classes != NULL)
    return class_of(model, worker)->rate;
  return model->rates == NULL ? 1.0 : model->rates[worker];
}

const testudo_law *testudo_i_worker_law(const testudo_delay_model *model, int32_t worker)
{
  const testudo_worker_class *own = class_of(model, worker);
  return own != NULL && own->law != NULL ? own->law : model->law;
}

bool testudo_i_delay_is_plain(const testudo_delay_model *model)
{
  return model->replay == NULL && model->structure != TESTUDO_STRUCTURE_MIXED && model->startup == NULL &&
         model->overhead == 0.0 && model->unit == TESTUDO_UNIT_CHUNK && model->classes == NULL &&
         model->message == NULL && model->signal == 0.0 && model->slow.factor == 0.0 && model->domain_factor == NULL;
}

testudo_status testudo_i_delay_complete(const testudo_i_delay *known, int32_t terms, testudo_i_delay *delay,
                                        testudo_sums **made, testudo_error *error)
{
  *delay = *known;
  *made = NULL;
  const testudo_i_law_row *row = known->model->law->row;
  bool closed = known->model->structure == TESTUDO_STRUCTURE_SCALED || row->sum != NULL || row->constant;
  if (closed || terms < 1 || (known->sums != NULL && testudo_i_sums_terms(known->sums) >= terms))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_sums_create(known->model->law, terms, made, error));
  delay->sums = *made;
  return TESTUDO_OK;
}

/* P(C_{j,k} > t) or P(C_{j,k} <= t), k >= 1. */
static double delay_side(const testudo_i_delay *delay, double rate, int32_t k, double t, bool above)
{
  const testudo_law *law = delay->model->law;
  bool scaled = delay->model->structure == TESTUDO_STRUCTURE_SCALED;
  double done = NAN, late = NAN; /* no number where sums have not been made */
  if (testudo_i_law_is_discrete(law) && (scaled || law->row->constant))
    testudo_i_discrete_sides(law, rate, k, t, &done, &late);
  else if (scaled)
    return testudo_i_law_side(law, t * rate / k, above);
  else if (law->row->sum != NULL)
    return law->row->sum(law, k, t * rate, above);
  else if (delay->sums != NULL && k <= testudo_i_sums_terms(delay->sums))
    testudo_i_sums_sides(delay->sums, k, t * rate, &done, &late);
  return above ? late : done;
}

double testudo_i_delay_survival(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 0.0 : delay_side(delay, rate, k, t, true);
}

double testudo_i_delay_cdf(const testudo_i_delay *delay, double rate, int32_t k, double t)
{
  return k <= 0 ? 1.0 : delay_side(delay, rate, k, t, false);
}

double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t)
{
  return testudo_i_delay_survival(TESTUDO_I_ALONE(model), rate, k, t);
}
