/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches for latency: which options apply, and a design under the delay law that they name. */
#include "optimize/latency.h"

#include "base/error.h"

const cli_option latency_search_options[] = {
    {.name = "reassign", .kind = CLI_FLAG,
     .help = "Chunks may change workers too, not only places; every worker keeps its number of chunks and every chunk"
             " its number of copies. Of objectives under --delay."},
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 100, .most = 1e10, .preset = "400000",
     .help = "On how many fresh trials before and after are measured where their law is not exact."},
    {.name = "max-states", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12, .preset = "200000",
     .help = "A law that must hold more states is simulated."},
    {.name = NULL},
};

/* What says something about a delay, or about a search under one. */
static const char *const delay_options[] = {"delay", "structure", "rates", "failed", "fail-prob", "reassign", "trials",
                                            "max-states"};

static testudo_status refuse_delay(const cli_arguments *arguments, testudo_error *error)
{
  for (size_t k = 0; k < sizeof delay_options / sizeof *delay_options; k++)
    if (cli_given(arguments, delay_options[k]))
      return cli_refuse(error, "--%s does not apply to --objective qmax, which counts chunks, not seconds",
                        delay_options[k]);
  return TESTUDO_OK;
}

testudo_status latency_take_model(latency_request *request, testudo_design *design,
                                  const testudo_objective *objective, const cli_arguments *arguments,
                                  testudo_error *error)
{
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing: objectives but qmax need it, for example --delay exp:1");
  request->cluster.design = design;
  request->goal = (testudo_latency_goal){.objective = *objective, .model = &request->cluster.model};
  return cluster_take_model(&request->cluster, arguments, error);
}

testudo_status latency_take(latency_request *request, testudo_design *design, const testudo_objective *objective,
                            const cli_arguments *arguments, testudo_error *error)
{
  if (objective->kind == TESTUDO_OBJECTIVE_Q_MAX)
    return refuse_delay(arguments, error);
  if (cli_given(arguments, "level"))
    return cli_refuse(error, "--level applies to --objective qmax only");
  TESTUDO_I_TRY(latency_take_model(request, design, objective, arguments, error));
  request->goal.max_states = cli_integer(arguments, "max-states", 0);
  request->goal.trials = cli_integer(arguments, "trials", 0);
  request->goal.reassign = cli_given(arguments, "reassign");
  return TESTUDO_OK;
}

const char *latency_unit(const testudo_objective *objective)
{
  return objective->kind == TESTUDO_OBJECTIVE_MEAN || objective->kind == TESTUDO_OBJECTIVE_QUANTILE ? " s" : "";
}
