/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times of an iteration, from what has been drawn for it. */
#include <math.h>

#include "base/clones.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "sample/terms/terms.h"

#define LANES TESTUDO_I_LANES

/* ---- replays ---- */

/* The measured chunks of a worker, one after another, on to its next iterations. */
typedef struct reader {
  const testudo_replay *replay;
  const double *seconds;
  int32_t worker, at, count;
  int64_t iteration;
} reader;

static double read_chunk(reader *r)
{
  while (r->at == r->count) {
    r->iteration = (r->iteration + 1) % testudo_replay_iterations(r->replay);
    r->seconds = testudo_replay_times(r->replay, r->worker, r->iteration, &r->count);
    r->at = 0;
  }
  return r->seconds[r->at++];
}

void testudo_i_terms_replay(const testudo_i_plan *plan, int64_t trial, int lanes, int lane, double *time)
{
  const testudo_replay *replay = plan->model->replay;
  int32_t workers = plan->design->workers, shares = plan->design->chunks / workers;
  for (int32_t j = 0; j < workers; j++) {
    reader r = {.replay = replay, .worker = j, .iteration = trial % testudo_replay_iterations(replay)};
    r.seconds = testudo_replay_times(replay, j, r.iteration, &r.count);
    int64_t own = plan->slot_row[j + 1] - plan->slot_row[j];
    for (int64_t k = 0; k < own + plan->further; k++) {
      int64_t slot = k < own ? plan->slot_row[j] + k : plan->further_slot + (int64_t)j * plan->further + k - own;
      double sum = read_chunk(&r);
      /* The chunks of an iteration are as many groups as a share has chunks. */
      for (int32_t more = plan->model->unit == TESTUDO_UNIT_SHARE ? r.count / shares - 1 : 0; more > 0; more--)
        sum += read_chunk(&r);
      time[slot * lanes + lane] = sum;
    }
  }
}

/* ---- a worker ---- */

/* What all its steps share, by lane. */
typedef struct worker_terms {
  double startup[LANES], rate[LANES], own[LANES], message[LANES];
} worker_terms;

/* The lanes of a term; NULL: the model has none. */
TESTUDO_I_INLINED const double *term_of(const double *time, int32_t first, int32_t index, int lanes)
{
  return first < 0 ? NULL : time + ((int64_t)first + index) * lanes;
}

TESTUDO_I_INLINED void take_terms(const testudo_i_plan *plan, int32_t j, int lanes, const double *time,
                                  worker_terms *terms)
{
  const testudo_delay_model *model = plan->model;
  const double *startup = term_of(time, plan->startup, j, lanes), *own = term_of(time, plan->own, j, lanes);
  const double *message = term_of(time, plan->message, j, lanes), *state = term_of(time, plan->state, j, lanes);
  const double *domain = term_of(time, plan->domain, plan->domain >= 0 ? model->domain[j] : 0, lanes);
  double share = testudo_i_slow_share(model), rate = plan->rate[j];
  for (int k = 0; k < lanes; k++) {
    terms->startup[k] = startup != NULL ? startup[k] : 0.0;
    terms->rate[k] = state != NULL && state[k] < share ? rate / model->slow.factor : rate;
    terms->own[k] = own != NULL ? own[k] : 1.0;
    terms->message[k] = message != NULL ? plan->share * message[k] : 0.0;
    if (domain != NULL)
      terms->own[k] *= domain[k];
  }
}

/* Steps done .. done + count - 1 of a worker, from slot on; `sum`: of the chunks before, in and out. */
TESTUDO_I_INLINED void join_steps(const testudo_i_plan *plan, const worker_terms *terms, int64_t done, int64_t count,
                                  int lanes, double *sum, double *restrict time)
{
  const double *work = plan->rule.work, *starts = plan->rule.starts;
  double overhead = plan->model->overhead, unit = plan->unit;
  for (int64_t s = done; s < done + count; s++, time += lanes) {
    double begun = starts != NULL ? starts[s] : (double)(s + 1);
    double scaled = (work != NULL ? work[s] : (double)(s + 1)) * unit;
    for (int k = 0; k < lanes; k++) {
      double x = terms->own[k], factor = scaled;
      if (plan->summed) {
        sum[k] += terms->own[k] * time[k];
        x = sum[k];
        factor = unit;
      }
      time[k] = testudo_i_step_time(terms->startup[k], overhead, begun, factor, x, terms->rate[k]);
    }
  }
}

/* A_b = max(C_b, A_{b-1}) + the block's part of Y: the link sends one block after another. */
TESTUDO_I_INLINED void join_link(const testudo_i_plan *plan, const worker_terms *terms, int64_t steps, int lanes,
                                 double *restrict time)
{
  double sent[LANES] = {0};
  for (int64_t s = 0; s < steps; s++, time += lanes)
    for (int k = 0; k < lanes; k++) {
      double from = time[k] > sent[k] ? time[k] : sent[k];
      sent[k] = time[k] = from + plan->rule.sent[s] * terms->message[k];
    }
}

/* The slot of the last step becomes the arrival of what is sent then. */
TESTUDO_I_INLINED void join_arrival(const worker_terms *terms, double *last, int lanes, double *restrict computed)
{
  for (int k = 0; k < lanes; k++) {
    computed[k] = last != NULL ? last[k] : 0.0;
    if (last != NULL)
      last[k] += terms->message[k];
  }
}

TESTUDO_I_INLINED void join_all(const testudo_i_plan *plan, int lanes, double *time)
{
  for (int32_t j = 0; j < plan->design->workers; j++) {
    worker_terms terms;
    double sum[LANES] = {0};
    int64_t first = plan->slot_row[j], steps = plan->slot_row[j + 1] - first;
    take_terms(plan, j, lanes, time, &terms);
    join_steps(plan, &terms, 0, steps, lanes, sum, time + first * lanes);
    if (plan->further > 0)
      join_steps(plan, &terms, steps, plan->further, lanes, sum,
                 time + (plan->further_slot + (int64_t)j * plan->further) * lanes);
    if (plan->sending == TESTUDO_I_SEND_BLOCKS && plan->message >= 0)
      join_link(plan, &terms, steps, lanes, time + first * lanes);
    if (plan->computed >= 0)
      join_arrival(&terms, steps > 0 ? time + (first + steps - 1) * lanes : NULL, lanes,
                   time + ((int64_t)plan->computed + j) * lanes);
  }
}

void testudo_i_terms_join(const testudo_i_plan *plan, int lanes, double *time)
{
  if (lanes == 1)
    join_all(plan, 1, time);
  else
    join_all(plan, LANES, time);
}
