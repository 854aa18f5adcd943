/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a cluster by whatever road there is. */
#include "analyze/analyze.h"

#include "base/error.h"

testudo_status analyzed_law(cli_analyzed *analyzed, const cli_arguments *arguments, bool curves,
                            const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &analyzed->cluster;
  testudo_analysis_options options = analysis_options(cluster, arguments, monitor);
  testudo_status status =
      testudo_latency_create(cluster->design, &cluster->model, &options, &analyzed->latency, &analyzed->why);
  if (status == TESTUDO_ERROR_LIMIT)
    return analyzed_simulate(analyzed, arguments, monitor, error);
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "%s", analyzed->why.text);
  if (!curves)
    return law_fill_values(&analyzed->law, cluster, analyzed->latency, error);
  TESTUDO_I_TRY(law_fill_analysis(&analyzed->law, cluster, analyzed->latency, error));
  return law_fill_chances(&analyzed->law, cluster, &options, error);
}
