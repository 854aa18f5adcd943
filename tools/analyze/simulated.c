/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A law that costs too much is simulated, and says so. */
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"

void analyzed_free(cli_analyzed *analyzed)
{
  analysis_free(&analyzed->analysis);
  testudo_latency_free(analyzed->latency);
  testudo_simulation_free(analyzed->law);
  testudo_simulation_free(analyzed->deadlines);
  free(analyzed->chunks);
  free(analyzed->simulated_chunks);
  free(analyzed->uncovered);
  cluster_close(&analyzed->cluster);
}

int64_t analyzed_trials(const cli_cluster *cluster, int64_t most)
{
  enum { LEAST = 1000 };
  double cost = (double)testudo_design_workers(cluster->design) * testudo_design_max_load(cluster->design);
  double affordable = 1e9 / (cost > 1.0 ? cost : 1.0);
  return affordable >= (double)most ? most : affordable > LEAST ? (int64_t)affordable : LEAST;
}

testudo_status analyzed_simulate(cli_analyzed *analyzed, const cli_arguments *arguments, const testudo_monitor *monitor,
                                 testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  int64_t trials = analyzed_trials(cluster, ANALYZE_TRIALS);
  session_say(arguments, "%s; simulated instead, in %lld trials", analyzed->why.text, (long long)trials);
  testudo_simulation_options options = {.report = cluster->report, .trials = trials, .seed = cluster->seed,
                                        .threads = (int32_t)cli_integer(arguments, "threads", 0), .monitor = monitor};
  bool known;
  testudo_status status = testudo_expected_error_known(cluster->design, cluster->report, &known, error);
  /* Errors by least squares would take a thousand times longer: nested.c draws fewer trials for them. */
  if (status == TESTUDO_OK && known) {
    options.times = cluster->times;
    options.time_count = cluster->time_count;
  }
  if (status == TESTUDO_OK)
    status = testudo_simulate(cluster->design, &cluster->model, &options, &analyzed->law, error);
  return status == TESTUDO_OK && analyzed->law->interrupted ? TESTUDO_INTERRUPTED : status;
}

static cli_simulated view_of(const cli_analyzed *analyzed)
{
  return (cli_simulated){.cluster = &analyzed->cluster, .simulation = analyzed->law, .why = analyzed->why.text};
}

void analyzed_put_simulated(testudo_i_json_writer *writer, const cli_analyzed *analyzed)
{
  cli_simulated view = view_of(analyzed);
  simulated_put_law(writer, &view);
  if (testudo_design_scheme(analyzed->cluster.design) != TESTUDO_SCHEME_NESTED)
    simulated_put_error(writer, &view);
  testudo_i_json_put_integer(writer, "trials", analyzed->law->trials);
  testudo_i_json_put_integer(writer, "never", analyzed->law->never);
}

void analyzed_print_simulated(FILE *stream, const cli_analyzed *analyzed)
{
  cli_simulated view = view_of(analyzed);
  simulated_print(stream, &view);
}
