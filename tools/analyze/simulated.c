/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A law that costs too much is simulated, and says so. */
#include "analyze/analyze.h"

#include "base/error.h"

void analyzed_free(void *context)
{
  cli_analyzed *analyzed = context;
  testudo_i_arena_clear(&analyzed->analysis.arena);
  testudo_latency_free(analyzed->latency);
  testudo_simulation_free(analyzed->law);
  testudo_simulation_free(analyzed->deadlines);
  testudo_i_arena_clear(&analyzed->arena);
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
  TESTUDO_I_TRY(testudo_expected_error_known(cluster->design, cluster->report, &known, error));
  /* Errors by least squares would take a thousand times longer: nested.c draws fewer trials for them. */
  if (known) {
    options.times = cluster->times;
    options.time_count = cluster->time_count;
  }
  TESTUDO_I_TRY(testudo_simulate(cluster->design, &cluster->model, &options, &analyzed->law, error));
  return analyzed->law->interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

static cli_simulated view_of(const cli_analyzed *analyzed)
{
  return (cli_simulated){.cluster = &analyzed->cluster, .simulation = analyzed->law, .why = analyzed->why.text};
}

void analyzed_put_simulated(testudo_i_json_writer *writer, const cli_analyzed *analyzed)
{
  cli_simulated view = view_of(analyzed);
  simulated_put_law(writer, &view);
  if (!analyzed_is_nested(analyzed))
    simulated_put_error(writer, &view);
  testudo_i_json_put_integer(writer, "trials", analyzed->law->trials);
  testudo_i_json_put_integer(writer, "never", analyzed->law->never);
}

void analyzed_print_simulated(FILE *stream, const cli_analyzed *analyzed)
{
  cli_simulated view = view_of(analyzed);
  simulated_print(stream, &view);
}
