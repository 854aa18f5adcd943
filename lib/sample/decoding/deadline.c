/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error at deadlines, asked of the decoders. */
#include "sample/decoding/deadline.h"

#include "base/error.h"
#include "base/limits.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

#define LANES TESTUDO_I_LANES

testudo_status testudo_i_solver_make(testudo_i_solver *solver, const testudo_i_plan *plan, testudo_error *error)
{
  *solver = (testudo_i_solver){0};
  const testudo_design *design = plan->design;
  if (!plan->least_squares)
    return TESTUDO_OK;
  bool sums = testudo_i_takes_plain_sums(design);
  testudo_decoder decoder = sums && plan->decoder == TESTUDO_DECODER_EXACT ? TESTUDO_DECODER_OPTIMAL : plan->decoder;
  if (!sums && design->chunks > TESTUDO_I_LIMIT_DEADLINE_ENTRIES / design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "times: the error at deadlines of a gradient code of %d workers and %d chunks is a dense "
                          "least squares; the limit is %d entries",
                          (int)design->workers, (int)design->chunks, TESTUDO_I_LIMIT_DEADLINE_ENTRIES);
  TESTUDO_I_TRY(testudo_codec_create(design, decoder, &solver->codec, error));
  return testudo_progress_create(design, &solver->progress, error);
}

void testudo_i_solver_clear(testudo_i_solver *solver)
{
  testudo_codec_free(solver->codec);
  testudo_progress_free(solver->progress);
  *solver = (testudo_i_solver){0};
}

/* The steps that count at t: where only finished workers do, all or none. */
static int32_t credited(const testudo_i_plan *plan, const double *time, int lane, int32_t worker, double t)
{
  int32_t steps = testudo_design_steps(plan->design, worker), done = 0;
  if (plan->report == TESTUDO_REPORT_WHOLE)
    return steps > 0 && testudo_i_time_of(plan, time, LANES, lane, worker, steps) <= t ? steps : 0;
  while (done < steps && testudo_i_time_of(plan, time, LANES, lane, worker, done + 1) <= t)
    done++;
  return done;
}

/* What the decoder leaves of this progress. */
static testudo_status ask_decoder(const testudo_i_solver *solver, double *found, testudo_error *error)
{
  *found = 0.0;
  if (!solver->codec->class->estimates && testudo_progress_decodable(solver->progress))
    return TESTUDO_OK;
  testudo_status status = testudo_decode_error(solver->codec, solver->progress, found, error);
  if (status != TESTUDO_OK && solver->codec->class->estimates)
    testudo_i_error_prefix(error, "times");
  return status;
}

testudo_status testudo_i_deadline_errors(const testudo_i_plan *plan, const double *time, int lane,
                                         testudo_i_solver *solver, double *deadline_error, testudo_error *error)
{
  double all = (double)plan->design->chunks * plan->design->parts, found = all;
  int64_t before = plan->report == TESTUDO_REPORT_WHOLE ? 0 : -1; /* with nobody finished everything is missing */
  for (int64_t k = 0; k < plan->time_count; k++) {
    int64_t steps = 0;
    testudo_progress_reset(solver->progress);
    for (int32_t j = 0; j < plan->design->workers; j++) {
      int32_t done = credited(plan, time, lane, j, plan->times[k]);
      TESTUDO_I_TRY(testudo_progress_mark(solver->progress, j, done, error));
      steps += done;
    }
    /* Deadlines may come in any order, but of one trial equally many steps are the same steps. */
    if (steps == 0 && before >= 0)
      found = all;
    else if (steps != before)
      TESTUDO_I_TRY(ask_decoder(solver, &found, error));
    before = steps;
    deadline_error[k * LANES + lane] = found > 1e-12 * all ? found : 0.0;
  }
  return TESTUDO_OK;
}
