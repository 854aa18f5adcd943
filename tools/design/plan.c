/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tolerances and sizes of a block code, chosen by a search. */
#include "design/plan.h"

#include <inttypes.h>
#include <math.h>

#include <testudo/block.h>
#include <testudo/code.h>

#include "base/error.h"
#include "design/schemes.h"
#include "optimize/frame.h"
#include "optimize/ordered.h"

const cli_option plan_options[] = {
    {.name = "delay", .value = "LAW", .kind = CLI_LAW,
     .help = "Law of the time X of one chunk (as in analyze). Of --assignment best and --order best: the objective is"
             " measured under it."
             " Of scheme block: tolerances and sizes are chosen for it, by a linear programme over samples, in place of"
             " --sizes; with --tolerances only those are used."},
    {.name = "structure", .value = "WORD", .kind = CLI_CHOICE, .choices = "scaled additive", .preset = "scaled",
     .help = "With --delay, as in analyze; block codes are built for scaled only."},
    {.name = "rates", .value = "r1,r2,..", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .preset = "all 1", .help = "With --delay, and of --assignment arcs: speed of every worker."},
    {.name = "failed", .value = "f", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .help = "With --delay: exactly f workers, chosen uniformly, never finish anything."},
    {.name = "fail-prob", .value = "p", .kind = CLI_REAL, .ends = CLI_OPEN_ABOVE, .least = 0, .most = 1,
     .help = "With --delay: each worker fails independently with this probability."},
    {.name = "samples", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_BLOCK_SAMPLES, .preset = "2000",
     .help = "Of scheme block with --delay: samples that the linear programme is solved for. The design's E[T] is"
             " measured by the law itself, not by them."},
    {.name = NULL},
};

bool plan_wanted(const cli_request *request, const cli_arguments *arguments)
{
  return request->scheme->planned && cli_given(arguments, "delay");
}

static testudo_status plan_check(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  bool wanted = plan_wanted(request, arguments);
  if (!wanted && cli_given(arguments, "samples"))
    return cli_refuse(error, "--samples applies with --scheme block --delay LAW only");
  static const char *const chosen[] = {"sizes", "replication"};
  for (size_t k = 0; wanted && k < sizeof chosen / sizeof *chosen; k++)
    if (cli_given(arguments, chosen[k]))
      return cli_refuse(error, "--%s and --delay exclude each other: the search chooses", chosen[k]);
  if (wanted && !cli_given(arguments, "dim"))
    return cli_refuse(error, "--dim is missing: block sizes are chosen for a gradient of that length");
  return TESTUDO_OK;
}

static testudo_status plan_search(cli_plan *plan, const cli_request *request, const cli_arguments *arguments,
                                  testudo_error *error)
{
  search_frame frame;
  plan->cluster.workers = request->workers;
  TESTUDO_I_TRY(cluster_take_model(&plan->cluster, arguments, error));
  search_start(&frame, "choosing blocks", arguments);
  frame.options.tries = cli_integer(arguments, "samples", 0);
  testudo_status status = session_progress_end(testudo_block_search(
      request->workers, cli_integer(arguments, "dim", 1), request->tolerances > 0 ? request->tolerance : NULL,
      request->tolerances, &plan->cluster.model, &frame.options, &plan->found, error));
  plan->seconds = search_seconds(&frame);
  plan->interrupted = frame.interrupted;
  if (status == TESTUDO_INTERRUPTED && !frame.interrupted)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: no plan was found in %g s", frame.limit);
  return status;
}

testudo_status plan_take(cli_plan *plan, cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(plan_check(request, arguments, error));
  if (!plan_wanted(request, arguments))
    return TESTUDO_OK;
  TESTUDO_I_TRY(plan_search(plan, request, arguments, error));
  request->tolerance = plan->found->tolerance;
  request->size = plan->found->size;
  request->tolerances = plan->found->blocks;
  request->replication = plan->found->tolerance[plan->found->blocks - 1] + 1;
  return TESTUDO_OK;
}

void plan_free(cli_plan *plan)
{
  testudo_block_plan_free(plan->found);
  cluster_close(&plan->cluster);
}

testudo_status plan_record(const cli_plan *plan, testudo_design *design, testudo_error *error)
{
  return plan->found == NULL ? TESTUDO_OK : testudo_block_plan_record(design, plan->found, error);
}

void plan_put(testudo_i_json_writer *writer, const cli_plan *plan)
{
  const testudo_block_plan *found = plan->found;
  if (found == NULL)
    return;
  testudo_i_json_open_object(writer, "search");
  testudo_i_json_put_string(writer, "objective", "mean");
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
  testudo_i_json_put_real(writer, "seconds", plan->seconds);
  testudo_i_json_close_object(writer);
}

void plan_print(FILE *stream, const cli_plan *plan)
{
  const testudo_block_plan *found = plan->found;
  if (found == NULL)
    return;
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
