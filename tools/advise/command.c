/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo advise */
#define _POSIX_C_SOURCE 200809L
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/designfile.h>

#include "advise/advise.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "common/output.h"
#include "common/session.h"
#include "delay/delay_json.h"
#include "option/input.h"
#include "option/reading.h"

/* 8 bytes hold a number. */
enum { NUMBER_BYTES = 8 };

typedef struct cli_advised {
  const cli_arguments *arguments;
  const char *trace;          /* NULL: a model */
  cli_cluster cluster;
  testudo_delay_model added;  /* to the times of a trace */
  testudo_trace_options reading;
  testudo_advise_request request;
  testudo_advice *advice;
  advise_result result;
  testudo_i_arena arena;
} cli_advised;

/* ---- what is asked ---- */

static testudo_status check_sources(const cli_advised *a, testudo_error *error)
{
  bool delay = cli_given(a->arguments, "delay"), workers = cli_given(a->arguments, "workers");
  if (a->trace != NULL && delay)
    return cli_refuse(error, "a trace and --delay exclude each other: measured times are run again, or times are drawn"
                      " from a model");
  if (a->trace == NULL && !delay)
    return cli_refuse(error, "give a trace, or --delay LAW with --workers");
  if (a->trace == NULL && !workers)
    return cli_refuse(error, "--workers is missing: give a trace, or --delay LAW with --workers");
  const cli_value *value = cli_get(a->arguments, "delay");
  if (value->replay != NULL)
    return cli_refuse(error, "--delay: a replay is a trace: give the file itself, testudo advise %s", value->file);
  if (value->terms != NULL && value->terms->model.replay != NULL)
    return cli_refuse(error, "--delay: %s holds measured iterations and no law; give the trace that they come from:"
                      " testudo advise TRACE", value->file);
  return TESTUDO_OK;
}

/* Of the model, what is measured already. */
static testudo_status check_terms(const cli_advised *a, testudo_error *error)
{
  static const char *const terms[] = {"workers", "structure", "unit", "startup", "rates", "class", "markov", "domains",
                                      "domain-factor", "failed", "fail-prob"};
  for (size_t k = 0; a->trace != NULL && k < sizeof terms / sizeof *terms; k++)
    if (cli_given(a->arguments, terms[k]))
      return cli_refuse(error, "--%s does not apply to a trace, which shows it itself; of the delay model --overhead,"
                        " --message and --signal do%s", terms[k], strcmp(terms[k], "unit") == 0
                        ? "; the unit of its times is --time-unit" : "");
  return TESTUDO_OK;
}

static bool takes_stdout(const cli_arguments *arguments, const char *name)
{
  const char *file = cli_text(arguments, name, NULL);
  return file != NULL && cli_is_standard(file);
}

static testudo_status check_options(const cli_advised *a, testudo_error *error)
{
  testudo_objective_kind goal = a->request.objective.kind;
  bool cost = goal == TESTUDO_OBJECTIVE_COST;
  const cli_rule priced = {cost, {"chunk-price", "float-price"}, "--objective cost"};
  TESTUDO_I_TRY(check_terms(a, error));
  TESTUDO_I_TRY(cli_check_rules(a->arguments, &priced, 1, error));
  if (cost && !cli_given(a->arguments, "chunk-price") && !cli_given(a->arguments, "float-price"))
    return cli_refuse(error, "--objective cost is the mean and prices: give --chunk-price or --float-price");
  for (const char *const *name = (const char *const[]){"memory", "float-price", NULL}; *name != NULL; name++)
    if (cli_given(a->arguments, *name) && !cli_given(a->arguments, "dim"))
      return cli_refuse(error, "--dim is missing: --%s needs the length of the gradient", *name);
  if (takes_stdout(a->arguments, "output") && takes_stdout(a->arguments, "report"))
    return cli_refuse(error, "--report: standard output already carries the design; name a file for one of them");
  return TESTUDO_OK;
}

/* What is added to the times of a trace; NULL: nothing. */
static const testudo_delay_model *take_added(cli_advised *a)
{
  const cli_arguments *arguments = a->arguments;
  a->added = (testudo_delay_model){.overhead = cli_real(arguments, "overhead", 0.0),
                                   .message = cli_get(arguments, "message")->law,
                                   .signal = cli_real(arguments, "signal", 0.0)};
  bool any = a->added.overhead > 0.0 || a->added.message != NULL || a->added.signal > 0.0;
  return any ? &a->added : NULL;
}

static testudo_status take_model(cli_advised *a, testudo_error *error)
{
  const cli_arguments *arguments = a->arguments;
  a->cluster.workers = a->request.workers = (int32_t)cli_integer(arguments, "workers", 0);
  if (a->request.max_load > a->cluster.workers)
    return cli_refuse(error, "--max-load: %s shares, but %d workers have no more than %d", cli_text(arguments,
                      "max-load", ""), (int)a->cluster.workers, (int)a->cluster.workers);
  TESTUDO_I_TRY(cluster_take_model(&a->cluster, arguments, error));
  a->request.model = &a->cluster.model;
  return TESTUDO_OK;
}

static testudo_status advise_take(cli_advised *a, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *objective = cli_get(arguments, "objective");
  a->arguments = arguments;
  a->trace = arguments->operands > 0 ? arguments->operand[0] : NULL;
  a->request = (testudo_advise_request){
      .trace = a->trace, .reading = &a->reading, .max_load = cli_real(arguments, "max-load", 0.0),
      .max_copies = (int32_t)cli_integer(arguments, "max-copies", 0),
      .granularity = (int32_t)cli_integer(arguments, "granularity", 0),
      .objective = objective->given ? objective->objective : (testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN},
      .chunk_price = cli_real(arguments, "chunk-price", 0.0), .float_price = cli_real(arguments, "float-price", 0.0),
      .dim = cli_integer(arguments, "dim", 0), .memory = cli_real(arguments, "memory", 0.0) / NUMBER_BYTES,
      .quick = cli_given(arguments, "quick"), .seed = (uint64_t)cli_integer(arguments, "seed", 1)};
  TESTUDO_I_TRY(check_sources(a, error));
  TESTUDO_I_TRY(check_options(a, error));
  TESTUDO_I_TRY(cli_reading(arguments, &a->reading, error));
  a->request.threads = session_threads(arguments);
  if (a->trace == NULL)
    return take_model(a, error);
  a->request.model = take_added(a);
  return TESTUDO_OK;
}

/* ---- what is written ---- */

/* The design of the recommended remedy, which carries the command that found it. */
static testudo_status write_design(cli_advised *a, testudo_error *error)
{
  const char *file = cli_text(a->arguments, "output", NULL);
  const testudo_advice *advice = a->advice;
  if (file == NULL)
    return TESTUDO_OK;
  const testudo_remedy *remedy = &advice->remedy[advice->recommended];
  if (remedy->kind == TESTUDO_REMEDY_NONE || remedy->design == NULL) {
    bool none = remedy->kind == TESTUDO_REMEDY_NONE;
    session_say(a->arguments, "%s is not written: %s%s", file, none ? "no remedy is recommended" : remedy->name,
                none ? "" : " has no design");
    return TESTUDO_OK;
  }
  if (remedy->kind == TESTUDO_REMEDY_BACKUP)
    session_say(a->arguments, "%s is the design without copies: when to begin one is for the scheduler to know (%s)",
                file, remedy->name);
  TESTUDO_I_TRY(testudo_design_set_provenance(remedy->design, a->arguments->line, a->request.seed, error));
  return session_put_design(remedy->design, file, error);
}

/* Into memory first: names in it may be of any bytes, and a page is UTF-8. */
static testudo_status make_page(const cli_advised *a, const testudo_trace *trace, char **text, testudo_error *error)
{
  size_t length;
  FILE *stream = open_memstream(text, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  testudo_status status = advise_put_page(stream, &a->result, trace, error);
  bool closed = fclose(stream) == 0;
  TESTUDO_I_TRY(status);
  return testudo_i_memory_check(closed, error);
}

static testudo_status write_page(const cli_advised *a, testudo_error *error)
{
  const char *file = cli_text(a->arguments, "report", NULL);
  testudo_trace *trace = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *text = NULL;
  testudo_i_output output;
  if (file == NULL)
    return TESTUDO_OK;
  if (a->trace != NULL && !cli_is_standard(a->trace)) /* standard input is used up */
    TESTUDO_I_TRY(testudo_trace_read(a->trace, &a->reading, &trace, error));
  testudo_status status = make_page(a, trace, &text, error);
  testudo_trace_free(trace);
  TESTUDO_I_TRY(status);
  TESTUDO_I_TRY(session_output(&output, file, error));
  testudo_i_text_put(output.stream, text);
  return session_output_end(&output, TESTUDO_OK, error);
}

static testudo_status advise_write(cli_advised *a, testudo_error *error)
{
  const advise_asked asked = {a->arguments, &a->cluster, a->trace, a->request.objective};
  TESTUDO_I_TRY(advise_fill(&a->result, a->advice, &asked, &a->arena, error));
  TESTUDO_I_TRY(write_design(a, error));
  TESTUDO_I_TRY(write_page(a, error));
  if (!takes_stdout(a->arguments, "output") && !takes_stdout(a->arguments, "report"))
    report_show(a->arguments, advise_fields, &a->result);
  return TESTUDO_OK;
}

static testudo_status advise_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_advised *a = context;
  TESTUDO_I_TRY(advise_take(a, arguments, error));
  a->request.monitor = session_progress_start("measuring remedies", arguments);
  testudo_status status = session_progress_end(testudo_advise(&a->request, &a->advice, error));
  TESTUDO_I_TRY(a->trace == NULL ? status : input_explain(status, a->trace, INPUT_TRACE, error));
  TESTUDO_I_TRY(advise_write(a, error));
  return !a->advice->stopped ? TESTUDO_OK
                             : testudo_i_fail(error, TESTUDO_INTERRUPTED,
                                              "interrupted: later remedies were not measured");
}

static void advise_clear(void *context)
{
  cli_advised *a = context;
  testudo_advice_free(a->advice);
  cluster_close(&a->cluster);
  testudo_i_arena_clear(&a->arena);
}

/* ---- options ---- */

static const cli_option options[] = {
    {.name = "workers", .value = "m", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "Without a trace, with --delay: number of workers."},
    {.name = "max-load", .value = "L", .kind = CLI_REAL, .least = 1, .most = TESTUDO_MAX_WORKERS, .preset = "4",
     .heading = "Limits",
     .help = "The most that a worker may hold, in shares of the data; a share is the m-th part, what a worker does"
             " without a code."},
    {.name = "max-copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "no limit but --max-load", .help = "The most copies of a chunk."},
    {.name = "granularity", .value = "c", .kind = CLI_INTEGER, .least = 1, .most = 64, .preset = "8",
     .help = "The finest cut of a share, in chunks. Of a trace with several chunks per worker those are the finest"
             " cut, or as many together as keep within it."},
    {.name = "dim", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = 2147483647,
     .help = "Length of the gradient, for --memory and --float-price."},
    {.name = "memory", .value = "BYTES", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .preset = "no limit", .help = "What a worker can keep, 8 bytes per number: remedies that need more are left out;"
                                   " needs --dim."},
    {.name = "objective", .value = "WORD", .kind = CLI_OBJECTIVE, .choices = "mean quantile:q deadline:t cost",
     .preset = "mean", .heading = "What is wanted",
     .help = "What the best remedy makes small: the mean time of an iteration (mean), its q-quantile (quantile:q), the"
             " probability that it takes longer than t seconds (deadline:t), or the mean and what is computed and"
             " sent, at their prices (cost)."},
    {.name = "chunk-price", .value = "SECONDS", .kind = CLI_REAL, .least = 0, .most = 1e100,
     .help = "With --objective cost: what a share that a worker computes is worth, in seconds of an iteration."},
    {.name = "float-price", .value = "SECONDS", .kind = CLI_REAL, .least = 0, .most = 1e100,
     .help = "With --objective cost: what a number that is sent is worth, in seconds of an iteration; needs --dim."},
    {.name = "inexact", .kind = CLI_FLAG,
     .help = "Also name the best remedy of all, be it one that is not the exact gradient of the same data on the same"
             " machines (first-k, k-async, replace, the queues). They are always listed, apart; -o never writes"
             " them."},
    {.name = "quick", .kind = CLI_FLAG, .help = "Fewer drawn iterations, and no search of tables."},
    {.name = NULL},
};

static const cli_option output_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .heading = "Output",
     .help = "Output file for the recommended design. Where no remedy is recommended nothing is written."},
    {.name = "report", .value = "FILE.html", .kind = CLI_OUTPUT,
     .help = "Write the advice as one page of HTML that needs no other file, with pictures of the cost, of the gains"
             " and of the trace."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, output_options, cluster_model_options, cli_reading_options,
                                           cli_seed_options, cli_threads_options, cli_common_options, NULL};

const cli_command command_advise = {
    .name = "advise", .operands = "[TRACE.csv]", .most_operands = 1,
    .summary = "Which worker is slow, what it costs, and which remedy helps.",
    .details = "Reads a trace of measured times (worker, iteration, seconds, and chunk where there are several), or"
               " takes a delay model (--delay LAW --workers m), and says: what the trace is, and who is slow for good;"
               " what waiting for the slowest worker costs, and which part of that is due to workers slow for good, to"
               " workers slow for an iteration, and to single chunks; what each remedy of a fixed list would make of"
               " it, from nothing at all to unequal loads, second copies and codes; and one verdict.\n\nTimes that are"
               " called replayed are of the measured iterations, run again under the remedy; those called predicted"
               " are of iterations drawn from the model. Both are simulation, and the text says of how many"
               " iterations. A remedy is recommended where it gains at least 2 % and more than its interval against"
               " none; otherwise none is. A remedy that is not the exact gradient of the same data on the same"
               " machines is listed apart and is never recommended.\n\nOf the delay model --overhead, --message and"
               " --signal apply to a trace too: they are added to the times that were measured. A trace that was taken"
               " after a collective says nothing about workers: exit code 3. Ctrl-C shows what was measured until then"
               " and exits 130.",
    .example = "testudo advise trace.csv\n"
               "testudo advise trace.csv -o design.json --report advice.html\n"
               "testudo advise trace.csv --sum phase --objective quantile:0.99 --max-load 2\n"
               "testudo advise --delay shifted-exp:1,1 --workers 32 --startup deterministic:0.1 --quick",
    .groups = groups, .result = advise_fields, .makes = "design", .replays = true, .reads_traces = true,
    .run = advise_run, .room = sizeof(cli_advised), .clear = advise_clear,
};
