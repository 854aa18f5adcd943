/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster from the command line: the design, the delay model and what is asked of it, each combination checked. */
#include "common/cluster.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "option/input.h"
#include "common/metrics.h"
#include "runtime/scheme/scheme.h"

const cli_option cluster_model_options[] = {
    {.name = "delay", .value = "LAW", .kind = CLI_LAW, .heading = "Delay model",
     .help = "Law of the time X of one chunk, in seconds; only 'testudo optimize' goes without. A mixture is its first"
             " law with probability p; @delay.json is a law as 'testudo fit' writes it."},
    {.name = "structure", .value = "WORD", .kind = CLI_CHOICE, .choices = "scaled additive", .preset = "scaled",
     .help = "A worker's k-th chunk is done at k X (scaled: slow for the whole iteration) or at X1 + .. + Xk"
             " (additive)."},
    {.name = "rates", .value = "r1,r2,..", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .preset = "all 1", .help = "Speed of each worker, one number per worker, by which its times are divided."},
    {.name = "failed", .value = "f", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .help = "Exactly f workers, chosen uniformly, never finish anything."},
    {.name = "fail-prob", .value = "p", .kind = CLI_REAL, .ends = CLI_OPEN_ABOVE, .least = 0, .most = 1,
     .help = "Each worker fails independently with this probability."},
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
  cluster->default_quantiles = (cli_value){.reals = preset_quantile, .item = preset_quantile_text, .count = 3};
  const cli_value *quantiles = cli_get(arguments, "quantiles");
  cluster->quantiles = quantiles->given ? quantiles : &cluster->default_quantiles;
  for (size_t k = 0; k < cluster->quantiles->count; k++)
    for (size_t i = 0; i < k; i++)
      if (strcmp(cluster->quantiles->item[i], cluster->quantiles->item[k]) == 0)
        return cli_refuse(error, "--quantiles: %s is given twice", quantiles->item[k]);
  return TESTUDO_OK;
}

static int32_t workers_of(const cli_cluster *cluster)
{
  return cluster->design == NULL ? cluster->workers : testudo_design_workers(cluster->design);
}

static testudo_status take_failures(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  if (cli_given(arguments, "failed") && cli_given(arguments, "fail-prob"))
    return cli_refuse(error, "--failed and --fail-prob exclude each other");
  cluster->model.failed = (int32_t)cli_integer(arguments, "failed", 0);
  cluster->model.fail_prob = cli_real(arguments, "fail-prob", 0.0);
  if (cluster->model.failed > 0)
    cluster->model.failures = TESTUDO_FAILURES_EXACTLY;
  else if (cluster->model.fail_prob > 0.0)
    cluster->model.failures = TESTUDO_FAILURES_EACH;
  return TESTUDO_OK;
}

testudo_status cluster_take_model(cli_cluster *cluster, const cli_arguments *arguments, testudo_error *error)
{
  cluster->model.structure = (testudo_structure)cli_choice(arguments, "structure", TESTUDO_STRUCTURE_SCALED);
  int32_t workers = workers_of(cluster);
  const cli_value *rates = cli_get(arguments, "rates");
  if (rates->given && rates->count != (size_t)workers)
    return cli_refuse(error, "--rates: %zu given, but the design has %d workers", rates->count, workers);
  cluster->model.rates = rates->given ? rates->reals : NULL;
  cluster->model.workers = rates->given ? workers : 0;
  TESTUDO_I_TRY(take_failures(cluster, arguments, error));
  cluster->model.law = cli_get(arguments, "delay")->law;
  return testudo_delay_check(&cluster->model, workers, error);
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

bool cluster_error_unbuilt(const cli_cluster *cluster)
{
  return cluster->report == TESTUDO_REPORT_WHOLE && testudo_design_parts(cluster->design) > 1 &&
         !testudo_i_scheme_of(cluster->design)->report_fixed;
}

void cluster_close(cli_cluster *cluster)
{
  testudo_design_free(cluster->design);
}
