/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimize --scheme block: tolerances and sizes of a block code, chosen for a delay model. */
#include "optimize/optimize.h"

#include <inttypes.h>
#include <math.h>

#include "base/error.h"

testudo_status optimize_blocks(cli_optimized *o, testudo_error *error)
{
  cli_request *request = &o->request;
  search_start(&o->frame, "choosing blocks", o->arguments);
  testudo_status status = session_progress_end(testudo_block_search(
      request->workers, request->dim, request->tolerances > 0 ? request->tolerance : NULL, request->tolerances,
      &o->cluster.model, &o->frame.options, &o->plan, error));
  if (status == TESTUDO_INTERRUPTED && !o->frame.interrupted)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: no plan was found in %g s", o->frame.limit);
  TESTUDO_I_TRY(status);
  o->result = (testudo_search_result){.answer = TESTUDO_FEASIBLE, .before = NAN, .after = o->plan->mean,
                                      .after_stderr = o->plan->exact ? 0.0 : o->plan->spread, .bound = NAN,
                                      .tries = o->plan->samples, .moves = o->plan->moves,
                                      .stopped = o->plan->stopped};
  snprintf(o->result.method, sizeof o->result.method, "a linear programme over samples");
  request->tolerance = o->plan->tolerance;
  request->size = o->plan->size;
  request->tolerances = o->plan->blocks;
  request->replication = o->plan->tolerance[o->plan->blocks - 1] + 1;
  return request_make(request, o->arguments, &o->better, error);
}

static const char *const plan_mean_words[] = {"simulated", "exact", NULL};

const field plan_fields[] = {
    {FIELD(testudo_block_plan, samples), .meaning = "samples that the linear programme was solved for"},
    {FIELD(testudo_block_plan, lp_value), .unit = "s", .meaning = "sample mean at its solution"},
    {FIELD(testudo_block_plan, lp_bound), .unit = "s", .meaning = "no sizes have a smaller sample mean"},
    {FIELD_AS("lp_rows", testudo_block_plan, rows), .meaning = "rows of the programme"},
    {FIELD_AS("lp_rounds", testudo_block_plan, rounds), .meaning = "rounds in which rows were added"},
    {FIELD(testudo_block_plan, rounded), .unit = "s", .meaning = "the solution rounded to whole coordinates"},
    {FIELD(testudo_block_plan, mean), .unit = "s", .meaning = "expected time of the plan"},
    {FIELD_EITHER("mean_status", testudo_block_plan, exact, plan_mean_words), .meaning = "what the mean is"},
    {FIELD_AS("mean_error", testudo_block_plan, spread), .unit = "s",
     .meaning = "numerical error of an exact mean, standard error of a simulated one"},
    {FIELD_CHARS("method", testudo_block_plan, method), .meaning = "what measured it"},
    {FIELD_AS("best_single", testudo_block_plan, single), .meaning = "stragglers of the best classical code"},
    {FIELD_AS("best_single_mean", testudo_block_plan, single_mean), .unit = "s", .meaning = "its expected time, exact"},
    {FIELD(testudo_block_plan, evaluations), .meaning = "laws evaluated by the local improvement"},
    {FIELD(testudo_block_plan, moves), .meaning = "steps of coordinates it took"},
    {.key = NULL},
};

void plan_print(FILE *stream, const testudo_block_plan *found)
{
  fprintf(stream, "\nblock sizes for a small mean%s\n", found->stopped ? ", stopped: the best so far" : "");
  bool solved = found->lp_value - found->lp_bound <= 1e-9 * found->lp_value;
  fields_line(stream, "programme", "%.9g s over %" PRId64 " samples (bound %.9g), %s for these samples only\n",
              found->lp_value, found->samples, found->lp_bound, solved ? "optimal" : "feasible");
  fields_line(stream, "rounded", "%.9g s, rounded to whole coordinates\n", found->rounded);
  if (found->exact)
    fields_line(stream, "mean",
                "%.9g s, exact, after %" PRId64 " steps of coordinates (feasible, not proved optimal)\n", found->mean,
                found->moves);
  else
    fields_line(stream, "mean", "%.9g +- %.2g s, simulated on fresh trials (feasible, not proved optimal)\n",
                found->mean, found->spread);
  fields_line(stream, "best single", "%.9g s, exact, the classical code for %d stragglers: %.3g times the mean\n",
              found->single_mean, found->single, found->single_mean / found->mean);
}
