/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster from the command line: the design, the delay model and what is asked of it, each combination checked. */
#include "common/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/optimize.h>

#include "base/error.h"
#include "delay/delay_json.h"
#include "delay/model.h"
#include "option/input.h"
#include "common/metrics.h"
#include "runtime/scheme/scheme.h"

const cli_option cluster_model_options[] = {
    {.name = "delay", .value = "LAW", .kind = CLI_DELAY, .heading = "Delay model",
     .help = "Law of the time X of one chunk, in seconds; required, except by 'testudo design', 'testudo optimize'"
             " and, with a trace, 'testudo advise'. A mixture is its first law with probability p. @delay.json is a"
             " whole delay model, as 'testudo fit' writes it; an option beside it replaces that term of it. replay:FILE"
             " runs measured iterations again as they were (commands simulate, compare and validate)."},
    {.name = "structure", .value = "WORD", .kind = CLI_CHOICE_OR_LAW, .choices = "scaled additive mixed:LAW",
     .preset = "that of the delay file or the trace, else scaled",
     .help = "How the times of a worker's chunks hang together: one draw for all of them (scaled: slow for the whole"
             " iteration), a draw for each (additive), or both (mixed: the time of a chunk is the worker's draw times"
             " one of LAW). A trace with worker, iteration and several chunks in each shows it by their correlation."},
    {.name = "unit", .value = "WORD", .kind = CLI_CHOICE, .choices = "chunk share", .preset = "chunk",
     .help = "What a draw is the time of: a chunk, or a share, which is the part of all data that each worker has when"
             " nothing is coded; a chunk then takes workers/chunks of it."},
    {.name = "startup", .value = "LAW", .kind = CLI_LAW, .may_be_none = true,
     .help = "Time before a worker's first chunk, drawn per worker and iteration; rates do not change it."
             " none: without it, whatever the delay file says."},
    {.name = "overhead", .value = "SECONDS", .kind = CLI_REAL, .least = 0, .most = 1e100,
     .help = "Fixed cost of a chunk, whatever its size."},
    {.name = "rates", .value = "r1,r2,..", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .may_be_none = true, .preset = "all 1",
     .help = "Speed of each worker, one number per worker, by which its times are divided; --assignment arcs"
             " makes the loads to match. none: all alike, without the rates and classes of the delay file."},
    {.name = "class", .value = "n:rate[:LAW]", .kind = CLI_CLASS, .repeated = true,
     .help = "The next n workers have this speed and, if given, this law instead of that of --delay. Repeat it until"
             " every worker has its class; not with --rates."},
    {.name = "message", .value = "LAW", .kind = CLI_LAW, .may_be_none = true,
     .help = "Time of sending one vector as long as the gradient, drawn per worker and iteration; a part of it takes"
             " its share. none: without it."},
    {.name = "signal", .value = "SECONDS", .kind = CLI_REAL, .least = 0, .most = 1e100,
     .help = "Time for a report of progress and its answer, in schemes whose server first says who is to send, and"
             " for a second copy under 'testudo compare --speculate'."},
    {.name = "markov", .value = "p,q,factor", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .may_be_none = true,
     .help = "Workers become slow by this factor with probability p per iteration, and normal again with probability"
             " q. none: without such states."},
    {.name = "domains", .value = "FILE.csv", .kind = CLI_FILE,
     .help = "CSV worker,domain. With --domain-factor, the workers of a domain share a factor of their times; in"
             " 'testudo optimize', with --apart and objectives overlap and cost, at most one copy of a chunk lies in"
             " each."},
    {.name = "domain-factor", .value = "LAW", .kind = CLI_LAW, .may_be_none = true,
     .help = "The times of all workers of a domain are multiplied by one draw of it per iteration; simulated only."
             " none: without it, and without the domains of the delay file."},
    {.name = "failed", .value = "f", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .help = "Exactly f workers, chosen uniformly, never finish anything."},
    {.name = "fail-prob", .value = "p", .kind = CLI_REAL, .ends = CLI_OPEN_ABOVE, .least = 0, .most = 1,
     .help = "Each worker fails independently with this probability."},
    {.name = NULL},
};

const cli_option cluster_by_options[] = {
    {.name = "by", .value = "t1,t2,..", .kind = CLI_REALS, .increasing = true, .least = 0, .most = HUGE_VAL,
     .help = "Times, in seconds and increasing, for which P(T <= t), P(T > t) and the mean of min(T, t) are reported."},
    {.name = NULL},
};

const cli_option cluster_report_options[] = {
    {.name = "report", .value = "WORD", .kind = CLI_CHOICE, .choices = "chunk whole",
     .heading = "Report", .preset = "chunk for schemes partial, nested and block, whole for the rest",
     .help = "Whether every finished chunk counts (chunk), or only workers that finished all of theirs (whole)."},
    {.name = "at", .value = "t1,t2,..", .kind = CLI_REALS, .increasing = true, .least = 0, .most = HUGE_VAL,
     .help = "Deadlines, in seconds and increasing, at which the error is reported; with --report whole for designs of"
             " one part only, and then the least squares of a gradient code is over its own coefficients, of a partial"
             " code over the 0/1 assignment."},
    {.name = "quantiles", .value = "q1,q2,..", .kind = CLI_REALS, .ends = CLI_OPEN, .least = 0, .most = 1,
     .preset = "0.5,0.9,0.99", .help = "Quantiles of the completion time to report."},
    {.name = NULL},
};

static double preset_quantile[] = {0.5, 0.9, 0.99};
static char *preset_quantile_text[] = {"0.5", "0.9", "0.99"};

static testudo_status take_times(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *at = cli_get(arguments, "at");
  cluster->times = at->reals;
  cluster->time_count = (int64_t)at->count;
  cluster->by = cli_get(arguments, "by")->reals;
  cluster->by_count = (int64_t)cli_get(arguments, "by")->count;
  cluster->default_quantiles = (cli_value){.reals = preset_quantile, .item = preset_quantile_text, .count = 3};
  const cli_value *quantiles = cli_get(arguments, "quantiles");
  cluster->quantiles = quantiles->given ? quantiles : &cluster->default_quantiles;
  for (size_t k = 0; k < cluster->quantiles->count; k++)
    for (size_t i = 0; i < k; i++)
      if (strcmp(cluster->quantiles->item[i], cluster->quantiles->item[k]) == 0)
        return cli_refuse(error, "--quantiles: %s is given twice", quantiles->item[k]);
  return TESTUDO_OK;
}

int32_t cluster_workers(const cli_cluster *cluster)
{
  return cluster->design == NULL ? cluster->workers : testudo_design_workers(cluster->design);
}

/* Each kind of failures stands above what a delay file says of either. */
static testudo_status take_failures(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  testudo_delay_model *model = &cluster->model;
  bool failed = cli_given(arguments, "failed"), each = cli_given(arguments, "fail-prob");
  if (failed && each)
    return cli_refuse(error, "--failed and --fail-prob exclude each other");
  if (!failed && !each)
    return TESTUDO_OK;
  model->failed = (int32_t)cli_integer(arguments, "failed", 0);
  model->fail_prob = cli_real(arguments, "fail-prob", 0.0);
  model->failures = model->failed > 0        ? TESTUDO_FAILURES_EXACTLY
                    : model->fail_prob > 0.0 ? TESTUDO_FAILURES_EACH
                                             : TESTUDO_FAILURES_NONE;
  return TESTUDO_OK;
}

static testudo_status take_structure(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *structure = cli_get(arguments, "structure"), *delay = cli_get(arguments, "delay");
  testudo_delay_model *model = &cluster->model;
  if (structure->given) {
    if (model->replay != NULL)
      return cli_refuse(error, "--structure does not apply to a replay: every chunk has its own measured time");
    model->structure = (testudo_structure)structure->choice;
    model->chunk_law = structure->law;
    cluster->structure_by = STRUCTURE_BY_COMMAND;
  } else if (model->replay != NULL)
    cluster->structure_by = STRUCTURE_REPLAYED;
  else if (delay->terms != NULL && delay->terms->structured)
    cluster->structure_by = STRUCTURE_BY_FILE;
  else if (testudo_law_structure(model->law, &model->structure))
    cluster->structure_by = STRUCTURE_BY_TRACE;
  else {
    model->structure = TESTUDO_STRUCTURE_SCALED;
    cluster->structure_by = STRUCTURE_ASSUMED;
  }
  return TESTUDO_OK;
}

static testudo_status take_classes(cli_cluster *cluster, cli_value *first, testudo_error *error)
{
  int32_t count = 0;
  int64_t workers = 0;
  CLI_EACH_VALUE(value, first)
    count++;
  testudo_worker_class *classes = testudo_i_arena_calloc(&cluster->arena, (size_t)count, sizeof *classes);
  TESTUDO_I_TRY(testudo_i_arena_check(&cluster->arena, error));
  CLI_EACH_VALUE(value, first) {
    classes[cluster->model.class_count++] = (testudo_worker_class){(int32_t)value->integer, value->real, value->law};
    workers += value->integer;
  }
  cluster->model.classes = classes;
  if (workers != cluster_workers(cluster))
    return cli_refuse(error, "--class: the classes have %lld workers together, but the design has %d",
                      (long long)workers, (int)cluster_workers(cluster));
  return TESTUDO_OK;
}

/* Who is how fast: what is said in two places is refused. */
static testudo_status take_speeds(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *rates = cli_get(arguments, "rates"), *class = cli_get(arguments, "class");
  testudo_delay_model *model = &cluster->model;
  int32_t workers = cluster_workers(cluster);
  if (rates->given && class->given)
    return cli_refuse(error, "--rates and --class exclude each other");
  if (rates->given && rates->count == 0) {
    model->rates = NULL;
    model->workers = 0;
    model->classes = NULL;
    model->class_count = 0;
    return TESTUDO_OK;
  }
  if ((rates->given || class->given) && (model->rates != NULL || model->classes != NULL))
    return cli_refuse(error, "--%s: the delay file has %s already", rates->given ? "rates" : "class",
                      model->rates != NULL ? "rates" : "classes");
  if (rates->given && rates->count != (size_t)workers)
    return cli_refuse(error, "--rates: %zu given, but the design has %d workers", rates->count, workers);
  if (rates->given) {
    model->rates = rates->reals;
    model->workers = workers;
  }
  return class->given ? take_classes(cluster, (cli_value *)class, error) : TESTUDO_OK;
}

static testudo_status take_domains(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  testudo_delay_model *model = &cluster->model;
  const cli_value *domains = cli_get(arguments, "domains"), *factor = cli_get(arguments, "domain-factor");
  model->domain_factor = factor->given ? factor->law : model->domain_factor;
  if (factor->given && factor->law == NULL && !domains->given) {
    model->domain = NULL;
    model->domains = 0;
    return TESTUDO_OK;
  }
  bool apart = cli_given(arguments, "apart");
  if (((domains->given && !apart) || model->domain != NULL) && model->domain_factor == NULL)
    return cli_refuse(error, "--domains needs --domain-factor LAW, the factor that the workers of a domain share");
  if (domains->given)
    TESTUDO_I_TRY(testudo_domains_read(domains->text, cluster_workers(cluster), &cluster->domain, error));
  if (domains->given && model->domain_factor != NULL) {
    model->domain = cluster->domain;
    model->domains = 0;
    for (int32_t j = 0; j < cluster_workers(cluster); j++)
      model->domains = model->domain[j] >= model->domains ? model->domain[j] + 1 : model->domains;
  }
  if (model->domain == NULL && model->domain_factor != NULL)
    return cli_refuse(error, "--domain-factor needs --domains FILE.csv, which says who shares it");
  return TESTUDO_OK;
}

static testudo_status take_times_of_workers(cli_cluster *cluster, const cli_arguments *arguments,
                                            testudo_error *error)
{
  testudo_delay_model *model = &cluster->model;
  const cli_value *startup = cli_get(arguments, "startup"), *message = cli_get(arguments, "message");
  const cli_value *markov = cli_get(arguments, "markov");
  model->unit = (testudo_unit)cli_choice(arguments, "unit", (int)model->unit);
  model->startup = startup->given ? startup->law : model->startup;
  model->message = message->given ? message->law : model->message;
  model->overhead = cli_real(arguments, "overhead", model->overhead);
  model->signal = cli_real(arguments, "signal", model->signal);
  if (!markov->given)
    return TESTUDO_OK;
  if (markov->count == 0) {
    model->slow = (testudo_slow_state){0};
    return TESTUDO_OK;
  }
  if (markov->count != 3)
    return cli_refuse(error, "--markov: %zu number%s given, but three are wanted: p,q,factor", markov->count,
                      markov->count == 1 ? "" : "s");
  if (markov->reals[0] > 1.0 || markov->reals[1] > 1.0)
    return cli_refuse(error, "--markov: %s,%s, but p and q are probabilities", markov->item[0], markov->item[1]);
  if (!(markov->reals[2] > 1.0))
    return cli_refuse(error, "--markov: the factor is %s, but slow workers need one above 1", markov->item[2]);
  model->slow = (testudo_slow_state){markov->reals[0], markov->reals[1], markov->reals[2]};
  return TESTUDO_OK;
}

/* For results. */
static testudo_status show_terms(cli_cluster *cluster, testudo_error *error)
{
  const testudo_delay_model *model = &cluster->model;
  cluster->markov = (markov_result){model->slow.begin, model->slow.end, model->slow.factor};
  cluster->class = testudo_i_arena_calloc(&cluster->arena, (size_t)model->class_count, sizeof *cluster->class);
  TESTUDO_I_TRY(testudo_i_arena_check(&cluster->arena, error));
  for (int32_t c = 0; c < model->class_count; c++) {
    const testudo_worker_class *class = &model->classes[c];
    cluster->class[c] = (class_result){class->workers, class->rate,
                                       class->law == NULL ? NULL : testudo_law_shown(class->law)};
  }
  return TESTUDO_OK;
}

testudo_status cluster_take_model(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *delay = cli_get(arguments, "delay");
  int32_t workers = cluster_workers(cluster);
  if (delay->terms != NULL)
    cluster->model = delay->terms->model;
  cluster->model.law = delay->law;
  if (delay->replay != NULL)
    cluster->model.replay = delay->replay;
  if (delay->terms != NULL && delay->terms->workers > 0 && delay->terms->workers != workers)
    return cli_refuse(error, "--delay: %s is for %d workers, but the design has %d", delay->file,
                      (int)delay->terms->workers, (int)workers);
  TESTUDO_I_TRY(take_structure(cluster, arguments, error));
  TESTUDO_I_TRY(take_speeds(cluster, arguments, error));
  TESTUDO_I_TRY(take_times_of_workers(cluster, arguments, error));
  TESTUDO_I_TRY(take_domains(cluster, arguments, error));
  TESTUDO_I_TRY(take_failures(cluster, arguments, error));
  TESTUDO_I_TRY(show_terms(cluster, error));
  return testudo_delay_check(&cluster->model, workers, error);
}

double cluster_tail_index(const cli_cluster *cluster)
{
  return cluster->model.replay != NULL ? HUGE_VAL : testudo_tail_index(cluster->design, &cluster->model);
}

/* Of several designs under one --report, those whose messages need all of a worker's chunks keep to it. */
static testudo_status take_report(cli_cluster *cluster, const cli_arguments *arguments, bool several,
                                  testudo_error *error)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(cluster->design);
  cluster->report = (testudo_report)cli_choice(arguments, "report", scheme->report);
  bool whole = scheme->report_fixed && scheme->report == TESTUDO_REPORT_WHOLE;
  if (whole && several)
    cluster->report = TESTUDO_REPORT_WHOLE;
  if (whole && cluster->report == TESTUDO_REPORT_CHUNK)
    return cli_refuse(error, "--report chunk does not apply to scheme %s: a worker's message needs all its chunks",
                      scheme->name);
  if (scheme->report_fixed && !whole && cluster->report == TESTUDO_REPORT_WHOLE)
    return cli_refuse(error, "--report whole does not apply to scheme %s: its workers signal every %s",
                      scheme->name, scheme->step);
  if (cli_given(arguments, "signal") && !several && !cluster_signals(cluster))
    return cli_refuse(error, "--signal does not apply to scheme %s with report %s: workers send when they have"
                      " finished, without asking", scheme->name,
                      cluster->report == TESTUDO_REPORT_WHOLE ? "whole" : "chunk");
  if (cluster->time_count > 0 && cluster_error_unbuilt(cluster))
    return cli_refuse(error, "--at: the error of report whole is supported for one part only, the design has %d; add"
                      " --report chunk", (int)testudo_design_parts(cluster->design));
  return TESTUDO_OK;
}

static testudo_status take_options(cli_cluster *cluster, const cli_arguments *arguments, bool several,
                                   testudo_error *error)
{
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing, for example --delay exp:1");
  TESTUDO_I_TRY(take_times(cluster, arguments, error));
  if (!several)
    TESTUDO_I_TRY(input_design(arguments->operand[0], &cluster->design, error));
  cluster->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  cluster->command = arguments->line;
  TESTUDO_I_TRY(cluster_take_model(cluster, arguments, error));
  return take_report(cluster, arguments, several, error);
}

testudo_status cluster_open(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  return take_options(cluster, arguments, false, error);
}

testudo_status cluster_take(cli_cluster *cluster, testudo_design *design, const cli_arguments *arguments,
                            testudo_error *error)
{
  cluster->design = design;
  return take_options(cluster, arguments, true, error);
}

bool cluster_signals(const cli_cluster *cluster)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(cluster->design);
  return cluster->report == TESTUDO_REPORT_CHUNK && (scheme->order_matters || scheme->beside_partial);
}

bool cluster_error_unbuilt(const cli_cluster *cluster)
{
  return cluster->report == TESTUDO_REPORT_WHOLE && testudo_design_parts(cluster->design) > 1 &&
         !testudo_i_scheme_of(cluster->design)->report_fixed;
}

void cluster_close(cli_cluster *cluster)
{
  testudo_design_free(cluster->design);
  testudo_i_arena_clear(&cluster->arena);
  free(cluster->domain);
}
