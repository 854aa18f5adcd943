/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a design, and what is said of a design wherever it is named. */
#include "common/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/lists.h"
#include "runtime/scheme/scheme.h"

testudo_status metrics_measure(cli_metrics *metrics, const testudo_design *design, testudo_error *error)
{
  int32_t parts = testudo_design_parts(design), most = testudo_design_max_replication(design);
  *metrics = (struct cli_metrics){.levels = most > parts ? most : parts, .max_load = testudo_design_max_load(design)};
  metrics->min_load = metrics->max_load;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (testudo_design_load(design, j) < metrics->min_load)
      metrics->min_load = testudo_design_load(design, j);
  metrics->q_max = testudo_i_calloc((size_t)metrics->levels, sizeof *metrics->q_max);
  TESTUDO_I_TRY(testudo_i_memory_check(metrics->q_max != NULL, error));
  metrics->q_bound = testudo_q_max_bound(design);
  TESTUDO_I_TRY(testudo_q_max(design, metrics->levels, metrics->q_max, error));
  TESTUDO_I_TRY(testudo_row_sum_max(design, parts, &metrics->row_sum_max, error));
  return testudo_max_overlap(design, &metrics->max_overlap, error);
}

void metrics_free(cli_metrics *metrics)
{
  free(metrics->q_max);
}

void metrics_put(testudo_i_json_writer *writer, const cli_metrics *metrics)
{
  lists_put_int64(writer, "q_max", metrics->q_max, metrics->levels);
  testudo_i_json_put_integer(writer, "q_max_bound", metrics->q_bound);
  testudo_i_json_put_integer(writer, "row_sum_max", metrics->row_sum_max);
  testudo_i_json_put_integer(writer, "max_overlap", metrics->max_overlap);
}

static void print_span(FILE *stream, const char *label, int32_t least, int32_t most, const char *unit)
{
  if (least == most)
    fprintf(stream, "  %-14s%d %s\n", label, least, unit);
  else
    fprintf(stream, "  %-14s%d to %d %s\n", label, least, most, unit);
}

void metrics_print(FILE *stream, const cli_metrics *metrics, const testudo_design *design)
{
  enum { SHOWN = 16 };
  print_span(stream, "load", metrics->min_load, metrics->max_load, "chunks a worker");
  print_span(stream, "replication", testudo_design_min_replication(design), testudo_design_max_replication(design),
             "workers a chunk");
  fprintf(stream, "  %-14s", "Q_max");
  for (int32_t l = 0; l < metrics->levels && l < SHOWN; l++)
    fprintf(stream, "%sl=%d: %lld", l > 0 ? ", " : "", l + 1, (long long)metrics->q_max[l]);
  fprintf(stream, "%s (worst-case counts of chunks, not times)\n", metrics->levels > SHOWN ? ", .." : "");
  if (metrics->q_max[0] == metrics->q_bound)
    fprintf(stream, "  %-14sQ_max at l=1 is the least that any order of this assignment has\n", "bound");
  else
    fprintf(stream, "  %-14sno order of this assignment has Q_max below %lld at l=1\n", "bound",
            (long long)metrics->q_bound);
  fprintf(stream, "  %-14s%lld at l=%d\n", "row_sum_max", (long long)metrics->row_sum_max,
          testudo_design_parts(design));
  fprintf(stream, "  %-14s%d chunks shared by two workers at most\n", "overlap", metrics->max_overlap);
}

int64_t metrics_entries(const testudo_design *design)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    entries += testudo_design_load(design, j);
  return entries;
}

bool metrics_is_model(const testudo_design *design)
{
  return testudo_i_scheme_of(design)->working_model;
}

const char *metrics_model(const testudo_design *design, const char *name)
{
  return metrics_is_model(design) && strstr(name, "working model") == NULL ? " (working model)" : "";
}

void metrics_put_model(testudo_i_json_writer *writer, const testudo_design *design)
{
  if (metrics_is_model(design))
    testudo_i_json_put_string(writer, "model", "working model");
}

void metrics_put_design(testudo_i_json_writer *writer, const testudo_design *design)
{
  char checksum[24];
  snprintf(checksum, sizeof checksum, "%016llx", (unsigned long long)testudo_design_checksum(design));
  testudo_i_json_open_object(writer, "design");
  testudo_i_json_put_string(writer, "name", testudo_design_name(design));
  testudo_i_json_put_string(writer, "scheme", testudo_i_scheme_of(design)->name);
  testudo_i_json_put_integer(writer, "workers", testudo_design_workers(design));
  testudo_i_json_put_integer(writer, "chunks", testudo_design_chunks(design));
  testudo_i_json_put_integer(writer, "parts", testudo_design_parts(design));
  metrics_put_model(writer, design);
  if (testudo_i_scheme_of(design)->summarise != NULL)
    testudo_i_scheme_of(design)->summarise(writer, design);
  testudo_i_json_put_string(writer, "checksum", checksum);
  testudo_i_json_close_object(writer);
}

/* "gradient-code (cyclic, 2 stragglers)", "nested (tolerances 0, 2, 5; a working model)" */
static void print_scheme(FILE *stream, const testudo_design *design)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(design);
  char words[400] = "";
  fputs(scheme->name, stream);
  if (scheme->phrase == NULL)
    return;
  scheme->phrase(design, words, sizeof words);
  fprintf(stream, " (%s%s)", words, scheme->working_model ? "; a working model" : "");
}

void metrics_print_design(FILE *stream, const testudo_design *design)
{
  const char *name = testudo_design_name(design);
  fprintf(stream, "  %-14s%s%s", "design", name, name[0] != '\0' ? ": " : "");
  print_scheme(stream, design);
  fprintf(stream, ", %d workers, %d chunks, %d part%s, checksum %016llx\n", testudo_design_workers(design),
          testudo_design_chunks(design), testudo_design_parts(design), testudo_design_parts(design) == 1 ? "" : "s",
          (unsigned long long)testudo_design_checksum(design));
}
