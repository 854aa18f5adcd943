/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster, told: as the head of a JSON result and as lines of text. */
#include "common/cluster.h"

#include <stdio.h>

#include "common/metrics.h"
#include "delay/delay_json.h"
#include "runtime/scheme/scheme.h"

double cluster_most_error(const cli_cluster *cluster)
{
  return (double)testudo_design_chunks(cluster->design) * (double)testudo_design_parts(cluster->design);
}

void cluster_put(testudo_i_json_writer *writer, const cli_cluster *cluster)
{
  testudo_i_json_put_string(writer, "command", cluster->command);
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_integer(writer, "seed", (int64_t)cluster->seed);
  metrics_put_design(writer, cluster->design);
  testudo_i_delay_put(writer, &cluster->model);
  testudo_i_json_put_string(writer, "report", cluster->report == TESTUDO_REPORT_WHOLE ? "whole" : "chunk");
}

void cluster_print_delay(FILE *stream, const cli_cluster *cluster)
{
  const testudo_delay_model *model = &cluster->model;
  bool of_file = testudo_law_named(model->law) != testudo_law_text(model->law);
  fputs(testudo_law_shown(model->law), stream);
  if (of_file)
    fprintf(stream, " (%s)", testudo_law_named(model->law));
  fprintf(stream, ", %s%s", testudo_i_structure_name(model->structure),
          model->rates != NULL ? ", a rate for every worker" : "");
  if (model->failures == TESTUDO_FAILURES_EXACTLY)
    fprintf(stream, ", exactly %d workers failed", model->failed);
  else if (model->failures == TESTUDO_FAILURES_EACH)
    fprintf(stream, ", each worker fails with probability %.9g", model->fail_prob);
}

void cluster_print(FILE *stream, const cli_cluster *cluster)
{
  metrics_print_design(stream, cluster->design);
  fprintf(stream, "  %-14s", "delay");
  cluster_print_delay(stream, cluster);
  fprintf(stream, "\n  %-14s", "counted");
  if (cluster->report == TESTUDO_REPORT_WHOLE)
    fputs("only workers that finished all their chunks (report whole)\n", stream);
  else
    fprintf(stream, "every finished %s (report chunk)\n", testudo_i_scheme_of(cluster->design)->step);
}
