/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimize --scheme block: tolerances and sizes of a block code, chosen for a delay model. */
#include "optimize/optimize.h"

#include <inttypes.h>

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
  o->result.answer = TESTUDO_FEASIBLE;
  request->tolerance = o->plan->tolerance;
  request->size = o->plan->size;
  request->tolerances = o->plan->blocks;
  request->replication = o->plan->tolerance[o->plan->blocks - 1] + 1;
  return request_make(request, o->arguments, &o->better, error);
}

void plan_put(testudo_i_json_writer *writer, const testudo_block_plan *found)
{
  testudo_i_json_put_integer(writer, "samples", found->samples);
  testudo_i_json_put_real(writer, "lp_value", found->lp_value);
  testudo_i_json_put_real(writer, "lp_bound", found->lp_bound);
  testudo_i_json_put_integer(writer, "lp_rows", found->rows);
  testudo_i_json_put_integer(writer, "lp_rounds", found->rounds);
  testudo_i_json_put_real(writer, "rounded", found->rounded);
  testudo_i_json_put_real(writer, "mean", found->mean);
  testudo_i_json_put_string(writer, "mean_status", found->exact ? "exact" : "simulated");
  testudo_i_json_put_real(writer, "mean_stderr", found->exact ? 0.0 : found->spread);
  testudo_i_json_put_string(writer, "method", found->method);
  testudo_i_json_put_integer(writer, "best_single", found->single);
  testudo_i_json_put_real(writer, "best_single_mean", found->single_mean);
  testudo_i_json_put_integer(writer, "evaluations", found->evaluations);
  testudo_i_json_put_integer(writer, "moves", found->moves);
  testudo_i_json_put_string(writer, "status", "feasible");
  testudo_i_json_put_boolean(writer, "stopped", found->stopped);
}

void plan_print(FILE *stream, const testudo_block_plan *found)
{
  fprintf(stream, "\nblock sizes for a small mean%s\n", found->stopped ? ", stopped: the best so far" : "");
  bool solved = found->lp_value - found->lp_bound <= 1e-9 * found->lp_value;
  fprintf(stream, "  %-14s%.9g s over %" PRId64 " samples (bound %.9g), %s for these samples only\n", "programme",
          found->lp_value, found->samples, found->lp_bound, solved ? "optimal" : "feasible");
  fprintf(stream, "  %-14s%.9g s, rounded to whole coordinates\n", "rounded", found->rounded);
  if (found->exact)
    fprintf(stream, "  %-14s%.9g s, exact, after %" PRId64 " steps of coordinates (feasible, not proved optimal)\n",
            "mean", found->mean, found->moves);
  else
    fprintf(stream, "  %-14s%.9g +- %.2g s, simulated on fresh trials (feasible, not proved optimal)\n", "mean",
            found->mean, found->spread);
  fprintf(stream, "  %-14s%.9g s, exact, the classical code for %d stragglers: %.3g times the mean\n", "best single",
          found->single_mean, found->single, found->single_mean / found->mean);
}
