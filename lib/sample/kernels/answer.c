/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the time at which a rule holds to that at which the last of the messages is there. */
#include "sample/kernels/answer.h"

#include <math.h>

#include "delay/answer.h"
#include "runtime/design.h"

/* One trial, and the latest message seen. */
typedef struct asking {
  const testudo_i_plan *plan;
  const double *time;
  int stride, lane;
  double latest;
} asking;

static double step_time(const asking *a, int32_t worker, int32_t step)
{
  return testudo_i_time_of(a->plan, a->time, a->stride, a->lane, worker, step);
}

static void ask_worker(asking *a, int32_t worker)
{
  double message = a->time[((int64_t)a->plan->message + worker) * a->stride + a->lane];
  a->latest = fmax(a->latest, message / a->plan->design->parts);
}

/* All that have something. */
static void ask_starters(asking *a, double t)
{
  for (int32_t j = 0; j < a->plan->design->workers; j++)
    if (testudo_i_rule_steps(&a->plan->rule, j) > 0 && step_time(a, j, 1) <= t)
      ask_worker(a, j);
}

/* As many as the announced row needs: those that did its step first, ties by number. */
static void ask_first(asking *a, double t)
{
  const testudo_i_rule *rule = &a->plan->rule;
  for (int32_t row = 0; row < rule->rows; row++) {
    int32_t step = rule->step_of_row[row], early = 0, done = 0;
    for (int32_t j = 0; j < rule->workers; j++) {
      double at = step_time(a, j, step);
      early += at < t;
      done += at <= t;
    }
    int32_t ties = testudo_i_rule_need(rule, row) - early;
    if (done - early < ties)
      continue;
    for (int32_t j = 0; j < rule->workers; j++) {
      double at = step_time(a, j, step);
      if (at < t || (at == t && ties-- > 0))
        ask_worker(a, j);
    }
    return;
  }
}

static double answer_time(asking *a, double t, bool starters)
{
  if (!testudo_i_plan_answers(a->plan) || isinf(t))
    return t;
  if (a->plan->message >= 0 && starters)
    ask_starters(a, t);
  else if (a->plan->message >= 0)
    ask_first(a, t);
  return testudo_i_answered_at(t, a->plan->model->signal + a->latest);
}

double testudo_i_answer_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double t)
{
  return answer_time(&(asking){plan, time, stride, lane, 0.0}, t, !testudo_i_rule_is_stepped(&plan->rule));
}

double testudo_i_answer_of_starters(const testudo_i_plan *plan, const double *time, int stride, int lane, double t)
{
  return answer_time(&(asking){plan, time, stride, lane, 0.0}, t, true);
}
