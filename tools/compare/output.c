/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as JSON. What a row holds under "analyze" and "simulate" is what those commands say of its design. */
#include "compare/compare.h"

#include <math.h>

#include "common/lists.h"
#include "common/metrics.h"
#include "delay/delay_json.h"

static void put_over_ideal(testudo_i_json_writer *writer, const cli_row *row)
{
  const testudo_summary *summary = &row->analysis.summary;
  testudo_i_json_open_object(writer, "over_ideal");
  testudo_i_json_put_real(writer, "ideal", row->ideal);
  testudo_i_json_put_real(writer, "exact", summary->over_ideal);
  testudo_i_json_put_real(writer, "lower", summary->lower / row->ideal);
  testudo_i_json_put_real(writer, "upper", summary->upper / row->ideal);
  bool infinite = summary->status == TESTUDO_MEAN_INFINITE;
  testudo_i_json_put_real(writer, "simulated", infinite ? NAN : row->simulation->mean / row->ideal);
  testudo_i_json_close_object(writer);
}

static void row_put_work(testudo_i_json_writer *writer, const cli_row *row)
{
  double parts = testudo_design_parts(row->cluster.design);
  testudo_i_json_open_object(writer, "work");
  testudo_i_json_put_real(writer, "chunks_computed", row->work.chunks);
  testudo_i_json_put_real(writer, "chunks_computed_stderr", row->work.chunks_stderr);
  testudo_i_json_put_real(writer, "messages", row->work.messages);
  testudo_i_json_put_real(writer, "messages_stderr", row->work.messages_stderr);
  testudo_i_json_put_real(writer, "floats_over_dim", row->work.messages / parts);
  testudo_i_json_put_real(writer, "floats_over_dim_stderr", row->work.messages_stderr / parts);
  testudo_i_json_put_string(writer, "method", "Monte Carlo");
  testudo_i_json_close_object(writer);
}

static void row_put_error(testudo_i_json_writer *writer, const cli_row *row)
{
  int64_t count = row->cluster.time_count;
  if (count == 0) {
    testudo_i_json_put_null(writer, "error");
    return;
  }
  testudo_i_json_open_object(writer, "error");
  testudo_i_json_put_reals(writer, "t", row->cluster.times, (size_t)count);
  testudo_i_json_put_reals(writer, "mse", row_errors(row), (size_t)count);
  lists_put_scaled(writer, "nmse", row_errors(row), count, cluster_most_error(&row->cluster));
  testudo_i_json_put_string(writer, "method", row->analysis.has_error ? "exact" : "Monte Carlo");
  testudo_i_json_close_object(writer);
}

static void row_put(testudo_i_json_writer *writer, const cli_row *row)
{
  cli_simulated simulated = {.cluster = &row->cluster, .simulation = row->simulation};
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "label", row->label);
  lists_put_string(writer, "file", row->file);
  lists_put_string(writer, "reference", row->reference);
  metrics_put_design(writer, row->cluster.design);
  testudo_i_json_put_string(writer, "report", row->cluster.report == TESTUDO_REPORT_WHOLE ? "whole" : "chunk");
  put_over_ideal(writer, row);
  row_put_work(writer, row);
  row_put_error(writer, row);
  decode_put(writer, &row->simulation->decode, row->simulation->decode.decodes > 0);
  testudo_i_json_open_object(writer, "analyze");
  analysis_put(writer, &row->analysis);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_object(writer, "simulate");
  simulated_put_laws(writer, &simulated);
  testudo_i_json_close_object(writer);
  testudo_i_json_close_object(writer);
}

static void put_ideals(testudo_i_json_writer *writer, const cli_comparison *comparison)
{
  testudo_i_json_open_array(writer, "ideals");
  for (size_t k = 0; k < comparison->ideals; k++) {
    const cli_ideal *ideal = &comparison->ideal[k];
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_string(writer, "label", ideal->label);
    testudo_i_json_put_integer(writer, "workers", ideal->workers);
    testudo_i_json_put_integer(writer, "max_load", ideal->load);
    testudo_i_json_put_integer(writer, "entries", ideal->entries);
    testudo_i_json_put_integer(writer, "parts", ideal->parts);
    testudo_i_json_put_string(writer, "report", ideal->report == TESTUDO_REPORT_WHOLE ? "whole" : "chunk");
    testudo_i_json_put_real(writer, "mean", ideal->mean);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

void compare_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_comparison *comparison = context;
  const cli_cluster *first = &comparison->row[0].cluster;
  testudo_i_json_put_string(writer, "command", first->command);
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_integer(writer, "seed", (int64_t)first->seed);
  testudo_i_json_put_integer(writer, "chunks", testudo_design_chunks(first->design));
  testudo_i_json_put_boolean(writer, "workers_differ", comparison->unequal);
  testudo_i_delay_put(writer, &first->model);
  testudo_i_json_open_array(writer, "rows");
  for (size_t k = 0; k < comparison->measured; k++)
    row_put(writer, &comparison->row[k]);
  testudo_i_json_close_array(writer);
  put_ideals(writer, comparison);
  testudo_i_json_put_boolean(writer, "interrupted", comparison->measured < comparison->rows);
}
