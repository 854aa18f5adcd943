/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo optimize */
#include "commands.h"

#include <string.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "common/cluster.h"
#include "common/head.h"
#include "common/metrics.h"
#include "delay/delay_json.h"
#include "optimize/frame.h"
#include "optimize/latency.h"

typedef struct cli_optimized {
  const cli_arguments *arguments;
  const char *objective_text;
  testudo_objective objective;
  testudo_search_method method;
  testudo_design *design, *better;
  search_frame frame;
  latency_request latency;
  testudo_search_result result;
} cli_optimized;

static testudo_search_method method_named(const char *name)
{
  static const char *const names[] = {
      [TESTUDO_METHOD_BEST] = "best",
      [TESTUDO_METHOD_MATCHING] = "matching",
      [TESTUDO_METHOD_MILP] = "milp",
      [TESTUDO_METHOD_EXHAUSTIVE] = "exhaustive",
      [TESTUDO_METHOD_LOCAL] = "local",
  };
  size_t k = 0;
  while (k + 1 < sizeof names / sizeof *names && strcmp(names[k], name) != 0)
    k++;
  return (testudo_search_method)k;
}

static testudo_status optimize_take(cli_optimized *o, testudo_error *error)
{
  const cli_arguments *arguments = o->arguments;
  o->objective_text = cli_text(arguments, "objective", cli_given(arguments, "delay") ? "mean" : "qmax");
  o->method = method_named(cli_text(arguments, "method", "best"));
  TESTUDO_I_TRY(testudo_design_read(arguments->operand[0], &o->design, error));
  int32_t level = (int32_t)cli_integer(arguments, "level", testudo_design_parts(o->design));
  TESTUDO_I_TRY(search_objective(o->objective_text, level, &o->objective, error));
  return latency_take(&o->latency, o->design, &o->objective, arguments, error);
}

/* ---- output ---- */

static void optimize_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_optimized *o = context;
  testudo_i_json_put_string(writer, "objective", o->objective_text);
  design_put(writer, o->better);
  if (o->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    delay_put(writer, &o->latency.cluster.model);
  search_put(writer, &o->result);
  testudo_i_json_put_real(writer, "seconds", search_seconds(&o->frame));
}

static void optimize_print(FILE *stream, const void *context)
{
  const cli_optimized *o = context;
  design_print(stream, o->better);
  if (o->objective.kind == TESTUDO_OBJECTIVE_Q_MAX)
    fprintf(stream, "objective qmax, level %d\n", o->objective.level);
  else {
    fprintf(stream, "objective %s, delay ", o->objective_text);
    delay_print(stream, &o->latency.cluster.model);
    fputc('\n', stream);
  }
  search_print(stream, &o->result, latency_unit(&o->objective));
}

/* The design carries the command that made it, what it was made from, and claims about itself. */
static testudo_status optimize_write(cli_optimized *o, testudo_error *error)
{
  const search_frame *frame = &o->frame;
  const char *file = cli_text(o->arguments, "output", NULL);
  TESTUDO_I_TRY(testudo_design_set_provenance(o->better, o->arguments->line, frame->options.seed, error));
  TESTUDO_I_TRY(testudo_search_record(o->better, o->objective_text, &frame->options, &o->result, error));
  TESTUDO_I_TRY(testudo_design_claim(o->better, error));
  TESTUDO_I_TRY(testudo_design_carry_placement(o->better, o->design, error));
  if (o->objective.kind == TESTUDO_OBJECTIVE_Q_MAX)
    TESTUDO_I_TRY(testudo_search_claim_q_max(o->better, o->objective.level, &o->result, error));
  else
    TESTUDO_I_TRY(testudo_search_claim_latency(o->better, &o->latency.goal, &o->result, error));
  return file == NULL ? TESTUDO_OK : testudo_design_write(o->better, file, error);
}

static testudo_status optimize_search(cli_optimized *o, testudo_error *error)
{
  const testudo_search_options *options = &o->frame.options;
  search_start(&o->frame, "searching", o->arguments);
  if (o->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    return testudo_optimize_latency(o->design, &o->latency.goal, o->method, options, &o->better, &o->result, error);
  return testudo_optimize_q_max(o->design, o->objective.level, o->method, options, &o->better, &o->result, error);
}

static testudo_status optimize_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_optimized *o = context;
  o->arguments = arguments;
  TESTUDO_I_TRY(optimize_take(o, error));
  TESTUDO_I_TRY(session_progress_end(optimize_search(o, error)));
  TESTUDO_I_TRY(optimize_write(o, error));
  session_tell(arguments, &(session_result){optimize_put, optimize_print, o});
  return search_exit(&o->frame, &o->result, error);
}

static void optimize_clear(void *context)
{
  cli_optimized *o = context;
  latency_close(&o->latency);
  testudo_design_free(o->design);
  testudo_design_free(o->better);
}

static const cli_option options[] = {
    {.name = "objective", .value = "WORD", .kind = CLI_TEXT, .preset = "mean with --delay, otherwise qmax",
     .help = "What is made small: qmax, the most chunks that may be processed in vain (a worst case, not a latency);"
             " mean, quantile:q of the completion time; mse:t, the expected error at t seconds."},
    {.name = "level", .value = "l", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_PARTS,
     .preset = "the design's parts", .help = "The l of Q_max."},
    {.name = "method", .value = "WORD", .kind = CLI_CHOICE, .choices = "best matching milp exhaustive local",
     .preset = "best",
     .help = "How: a matching order (matching); of qmax an integer programme (milp); under --delay all orders that the"
             " workers of a ring share, or all tables of repetition groups (all Latin ones of more than four workers or"
             " chunks), by their exact laws (exhaustive); annealing with restarts (local); or what suits the problem,"
             " one after the other (best)."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Where the better design goes; it may be FILE itself, for the search goes on from what it is given."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, search_options, latency_search_options,
                                           cluster_model_options, cli_common_options, NULL};

const cli_command command_optimize = {
    .name = "optimize", .operands = "FILE", .least_operands = 1, .most_operands = 1,
    .summary = "Search better orders and assignments of a design.",
    .details = "The answer is optimal (nothing better exists, proved), feasible (the best"
               " found, with its distance to a proved bound where one is known), or undecided (exit 4). The design"
               " that is written is never worse than the one read, says in its provenance how it was found, and can be"
               " given to the command again to go on. Ctrl-C writes the best so far and exits 130.",
    .example = "testudo optimize design.json --objective qmax -o better.json\n"
               "testudo optimize groups.json --delay exp:1 --method exhaustive -o better.json\n"
               "testudo optimize design.json --delay pareto:1,1.5 --objective quantile:0.99 --time-limit 60"
               " -o better.json",
    .groups = groups, .run = optimize_run, .room = sizeof(cli_optimized), .clear = optimize_clear,
};
