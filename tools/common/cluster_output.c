/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster, told: as the head of a JSON result and as lines of text. */
#include "common/cluster.h"

#include <stdio.h>
#include <string.h>

#include "common/metrics.h"

double cluster_most_error(const cli_cluster *cluster)
{
  return (double)testudo_design_chunks(cluster->design) * (double)testudo_design_parts(cluster->design);
}

/* The law as the user wrote it, but without the folders of a file: results hold no paths. */
static void law_text(const testudo_law *law, char *text, size_t room)
{
  const char *written = testudo_law_text(law);
  if (written[0] == '@')
    snprintf(text, room, "@%s", cli_basename(written + 1));
  else if (strncmp(written, "trace:", 6) == 0)
    snprintf(text, room, "trace:%s", cli_basename(written + 6));
  else
    snprintf(text, room, "%s", written);
}

void cluster_put_delay(testudo_i_json_writer *writer, const cli_cluster *cluster)
{
  const testudo_delay_model *model = &cluster->model;
  char law[512];
  law_text(model->law, law, sizeof law);
  testudo_i_json_open_object(writer, "delay");
  testudo_i_json_put_string(writer, "law", law);
  if (law[0] == '@')
    testudo_i_json_put_string(writer, "law_of_file", testudo_law_named(model->law));
  testudo_i_json_put_string(writer, "structure", model->structure == TESTUDO_STRUCTURE_SCALED ? "scaled" : "additive");
  if (model->rates != NULL)
    testudo_i_json_put_reals(writer, "rates", model->rates, (size_t)model->workers);
  else
    testudo_i_json_put_null(writer, "rates");
  testudo_i_json_put_integer(writer, "failed", model->failed);
  testudo_i_json_put_real(writer, "fail_prob", model->fail_prob);
  testudo_i_json_close_object(writer);
}

void cluster_put(testudo_i_json_writer *writer, const cli_cluster *cluster)
{
  testudo_i_json_put_string(writer, "command", cluster->command);
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_integer(writer, "seed", (int64_t)cluster->seed);
  metrics_put_design(writer, cluster->design);
  cluster_put_delay(writer, cluster);
  testudo_i_json_put_string(writer, "report", cluster->report == TESTUDO_REPORT_WHOLE ? "whole" : "chunk");
}

void cluster_print_delay(FILE *stream, const cli_cluster *cluster)
{
  const testudo_delay_model *model = &cluster->model;
  char law[512];
  law_text(model->law, law, sizeof law);
  if (law[0] == '@') {
    size_t length = strlen(law);
    snprintf(law + length, sizeof law - length, " (%s)", testudo_law_named(model->law));
  }
  fprintf(stream, "%s, %s%s", law, model->structure == TESTUDO_STRUCTURE_SCALED ? "scaled" : "additive",
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
  fprintf(stream, "\n  %-14s%s\n", "counted", cluster->report == TESTUDO_REPORT_WHOLE
                                          ? "only workers that finished all their chunks (report whole)"
                                          : testudo_design_scheme(cluster->design) == TESTUDO_SCHEME_BLOCK
                                              ? "every finished block (report chunk)"
                                              : "every finished chunk (report chunk)");
}
