/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every worker has done by T, and what is read of it. */
#include "sample/cost/cost.h"

#include <math.h>

#include "base/clones.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/kernels/done.h"

#define LANES TESTUDO_I_LANES

/* Beyond what counts at the server, the last step, which is on its way. */
static int32_t steps_computed_by(const testudo_i_plan *plan, const double *time, int lane, int32_t worker, double t,
                                 int32_t done)
{
  if (plan->computed >= 0 && time[((int64_t)plan->computed + worker) * LANES + lane] <= t)
    return testudo_design_steps(plan->design, worker);
  return done;
}

TESTUDO_I_CLONES static int64_t sum_of(const int32_t *done, int32_t workers)
{
  int64_t sum = 0;
  for (int32_t j = 0; j < workers; j++)
    sum += done[j];
  return sum;
}

/* Of a trial that ends; *done is raised to what was computed. */
static void cost_of_trial(const testudo_i_plan *plan, const double *time, int lane, double t, int32_t *done,
                          double *chunks, double *messages)
{
  const testudo_design *design = plan->design;
  int32_t workers = testudo_design_workers(design);
  *messages = testudo_i_scheme_of(design)->sent(design, &plan->rule, done);
  for (int32_t j = 0; plan->computed >= 0 && j < workers; j++)
    done[j] = steps_computed_by(plan, time, lane, j, t, done[j]);
  *chunks = plan->work == NULL ? (double)sum_of(done, workers) : 0.0;
  for (int32_t j = 0; j < workers && plan->work != NULL; j++)
    *chunks += done[j] == 0 ? 0.0 : plan->work[done[j] - 1];
}

/* Of all trials at once, where nobody asks for what each worker has done. */
static bool cost_of_sums(const testudo_i_plan *plan, const double *time, const double *completion, double *chunks,
                         double *messages)
{
  testudo_i_senders senders = testudo_i_senders_of(plan->design, &plan->rule);
  return senders != TESTUDO_I_SENDERS_OTHER &&
         testudo_i_kernel_sums(plan, time, completion, senders == TESTUDO_I_SENDERS_FINISHERS, chunks, messages);
}

static void cost_one_by_one(const testudo_i_plan *plan, const double *time, const double *completion, int64_t lanes,
                            int32_t *done, double *chunks, double *messages)
{
  testudo_i_kernel_done(plan, time, completion, done);
  for (int lane = 0; lane < lanes; lane++)
    if (!isinf(completion[lane]))
      cost_of_trial(plan, time, lane, completion[lane], done + (int64_t)lane * plan->design->workers, &chunks[lane],
                    &messages[lane]);
}

void testudo_i_cost_each(const testudo_i_plan *plan, const double *time, const double *completion, int64_t lanes,
                         int32_t *done, double *chunks, double *messages)
{
  double sum[LANES], sent[LANES];
  if (!cost_of_sums(plan, time, completion, sum, sent))
    cost_one_by_one(plan, time, completion, lanes, done, sum, sent);
  for (int lane = 0; lane < lanes; lane++) {
    bool never = isinf(completion[lane]);
    chunks[lane] = never ? HUGE_VAL : sum[lane];
    messages[lane] = never ? HUGE_VAL : sent[lane];
  }
}

void testudo_i_cost_add(const testudo_i_plan *plan, const double *time, const double *completion, int64_t lanes,
                        int32_t *done, testudo_i_cost *cost, int64_t *of_worker)
{
  double chunks[LANES], messages[LANES];
  int32_t workers = plan->design->workers;
  if (of_worker != NULL || !cost_of_sums(plan, time, completion, chunks, messages))
    cost_one_by_one(plan, time, completion, lanes, done, chunks, messages);
  for (int lane = 0; lane < lanes; lane++) {
    if (isinf(completion[lane]))
      continue;
    testudo_i_shifted_add(&cost->messages, messages[lane]);
    testudo_i_shifted_add(&cost->chunks, chunks[lane]);
    for (int32_t j = 0; of_worker != NULL && j < workers; j++)
      of_worker[j] += done[(int64_t)lane * workers + j];
  }
}

void testudo_i_cost_conclude(const testudo_i_moments *chunks, const testudo_i_moments *messages, int64_t trials,
                             testudo_work *work)
{
  work->trials = trials;
  work->never = trials - chunks->count;
  work->chunks = testudo_i_moments_mean(chunks);
  work->chunks_stderr = testudo_i_moments_stderr(chunks);
  work->messages = testudo_i_moments_mean(messages);
  work->messages_stderr = testudo_i_moments_stderr(messages);
}
