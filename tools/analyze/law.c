/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a cluster by whatever road there is: one that costs too much is simulated, and says so. */
#include "analyze/analyze.h"

#include "base/error.h"

void analyzed_free(void *context)
{
  cli_analyzed *analyzed = context;
  testudo_i_arena_clear(&analyzed->law.arena);
  testudo_latency_free(analyzed->latency);
  testudo_simulation_free(analyzed->simulation);
  testudo_simulation_free(analyzed->deadlines);
  cluster_close(&analyzed->cluster);
}

int64_t analyzed_trials(const cli_cluster *cluster, int64_t most)
{
  enum { LEAST = 1000 };
  double cost = (double)testudo_design_workers(cluster->design) * testudo_design_max_load(cluster->design);
  double affordable = 1e9 / (cost > 1.0 ? cost : 1.0);
  return affordable >= (double)most ? most : affordable > LEAST ? (int64_t)affordable : LEAST;
}

/* The law that TESTUDO_ERROR_LIMIT, whose sentence is in `why`, refused. */
static testudo_status simulate_law(cli_analyzed *analyzed, const cli_arguments *arguments,
                                   const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_simulation_options options = simulation_options(cluster, arguments, 0, monitor);
  options.trials = analyzed_trials(cluster, ANALYZE_TRIALS);
  session_say(arguments, "%s; simulated instead, in %lld trials", analyzed->why.text, (long long)options.trials);
  bool known;
  TESTUDO_I_TRY(testudo_expected_error_known(cluster->design, cluster->report, &known, error));
  /* Errors by least squares would take a thousand times longer: nested.c draws fewer trials for them. */
  if (!known)
    options.time_count = 0;
  TESTUDO_I_TRY(testudo_simulate(cluster->design, &cluster->model, &options, &analyzed->simulation, error));
  if (analyzed->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  return law_fill_simulation(&analyzed->law, cluster, analyzed->simulation, analyzed->why.text, error);
}

testudo_status analyzed_law(cli_analyzed *analyzed, const cli_arguments *arguments, bool curves,
                            const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_analysis_options options = analysis_options(cluster, arguments, monitor);
  testudo_status status =
      testudo_latency_create(cluster->design, &cluster->model, &options, &analyzed->latency, &analyzed->why);
  if (status == TESTUDO_ERROR_LIMIT)
    return simulate_law(analyzed, arguments, monitor, error);
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "%s", analyzed->why.text);
  if (!curves)
    return law_fill_values(&analyzed->law, cluster, analyzed->latency, error);
  TESTUDO_I_TRY(law_fill_analysis(&analyzed->law, cluster, analyzed->latency, error));
  return law_fill_chances(&analyzed->law, cluster, &options, error);
}
