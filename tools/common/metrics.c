/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/metrics.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "base/memory.h"

testudo_status metrics_measure(cli_metrics *metrics, const testudo_design *design, testudo_error *error)
{
  int32_t parts = testudo_design_parts(design), most = testudo_design_max_replication(design);
  *metrics = (struct cli_metrics){.levels = most > parts ? most : parts, .max_load = testudo_design_max_load(design)};
  metrics->min_load = metrics->max_load;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (testudo_design_load(design, j) < metrics->min_load)
      metrics->min_load = testudo_design_load(design, j);
  metrics->q_max = testudo_i_calloc((size_t)metrics->levels, sizeof *metrics->q_max);
  if (metrics->q_max == NULL)
    return testudo_i_fail_memory(error);
  metrics->q_bound = testudo_q_max_bound(design);
  testudo_status status = testudo_q_max(design, metrics->levels, metrics->q_max, error);
  if (status == TESTUDO_OK)
    status = testudo_row_sum_max(design, parts, &metrics->row_sum_max, error);
  if (status == TESTUDO_OK)
    status = testudo_max_overlap(design, &metrics->max_overlap, error);
  return status;
}

void metrics_free(cli_metrics *metrics)
{
  free(metrics->q_max);
}

void metrics_put(testudo_i_json_writer *writer, const cli_metrics *metrics)
{
  testudo_i_json_open_array(writer, "q_max");
  for (int32_t l = 0; l < metrics->levels; l++)
    testudo_i_json_put_integer(writer, NULL, metrics->q_max[l]);
  testudo_i_json_close_array(writer);
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

/* The blocks of a block code, beside its tolerances; nothing for others. */
static void put_blocks(testudo_i_json_writer *writer, const testudo_design *design)
{
  int32_t count;
  int64_t dim;
  const int64_t *size = testudo_design_block_sizes(design, &count, &dim);
  if (size == NULL)
    return;
  testudo_i_json_put_integer(writer, "dim", dim);
  testudo_i_json_open_array(writer, "sizes");
  for (int32_t b = 0; b < count; b++)
    testudo_i_json_put_integer(writer, NULL, size[b]);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_reals(writer, "work", testudo_design_block_work(design), (size_t)count);
}

const char *metrics_model(const testudo_design *design, const char *name)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  bool model = scheme == TESTUDO_SCHEME_NESTED || scheme == TESTUDO_SCHEME_BLOCK;
  return model && strstr(name, "working model") == NULL ? " (working model)" : "";
}

/* What only some schemes have. */
static void put_scheme(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  if (scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    testudo_i_json_put_integer(writer, "wait", testudo_design_wait(design));
  if (scheme == TESTUDO_SCHEME_NESTED || scheme == TESTUDO_SCHEME_BLOCK) {
    int32_t count;
    const int32_t *tolerance = testudo_design_tolerances(design, &count);
    testudo_i_json_put_string(writer, "model", "working model");
    testudo_i_json_open_array(writer, "tolerances");
    for (int32_t k = 0; k < count; k++)
      testudo_i_json_put_integer(writer, NULL, tolerance[k]);
    testudo_i_json_close_array(writer);
    put_blocks(writer, design);
  }
  if (scheme != TESTUDO_SCHEME_GRADIENT_CODE)
    return;
  testudo_i_json_put_string(writer, "construction", testudo_design_construction(design));
  testudo_i_json_put_integer(writer, "stragglers", testudo_design_stragglers(design));
}

void metrics_put_design(testudo_i_json_writer *writer, const testudo_design *design)
{
  char checksum[24];
  snprintf(checksum, sizeof checksum, "%016llx", (unsigned long long)testudo_design_checksum(design));
  testudo_i_json_open_object(writer, "design");
  testudo_i_json_put_string(writer, "name", testudo_design_name(design));
  testudo_i_json_put_string(writer, "scheme", testudo_scheme_name(testudo_design_scheme(design)));
  testudo_i_json_put_integer(writer, "workers", testudo_design_workers(design));
  testudo_i_json_put_integer(writer, "chunks", testudo_design_chunks(design));
  testudo_i_json_put_integer(writer, "parts", testudo_design_parts(design));
  put_scheme(writer, design);
  testudo_i_json_put_string(writer, "checksum", checksum);
  testudo_i_json_close_object(writer);
}

/* " for 10, 20, 3 of 33 coordinates" */
static void print_sizes(FILE *stream, const testudo_design *design)
{
  enum { SHOWN = 12 };
  int32_t count;
  int64_t dim;
  const int64_t *size = testudo_design_block_sizes(design, &count, &dim);
  if (size == NULL)
    return;
  for (int32_t b = 0; b < count && b < SHOWN; b++)
    fprintf(stream, "%s%lld", b == 0 ? " for " : ", ", (long long)size[b]);
  fprintf(stream, "%s of %lld coordinates", count > SHOWN ? ", .." : "", (long long)dim);
}

/* " (tolerances 0, 2, 5; a working model)" */
static void print_tolerances(FILE *stream, const testudo_design *design)
{
  enum { SHOWN = 12 };
  int32_t count;
  const int32_t *tolerance = testudo_design_tolerances(design, &count);
  for (int32_t k = 0; k < count && k < SHOWN; k++)
    fprintf(stream, "%s%d", k == 0 ? " (tolerances " : ", ", tolerance[k]);
  if (count > SHOWN)
    fprintf(stream, ", .. %d", tolerance[count - 1]);
  print_sizes(stream, design);
  fputs("; a working model)", stream);
}

/* "gradient-code (cyclic, 2 stragglers)" */
static void print_scheme(FILE *stream, const testudo_design *design)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  fputs(testudo_scheme_name(scheme), stream);
  if (scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    fprintf(stream, " (waits for %d)", testudo_design_wait(design));
  else if (scheme == TESTUDO_SCHEME_NESTED || scheme == TESTUDO_SCHEME_BLOCK)
    print_tolerances(stream, design);
  else if (scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    fprintf(stream, " (%s, %d straggler%s)", testudo_design_construction(design), testudo_design_stragglers(design),
            testudo_design_stragglers(design) == 1 ? "" : "s");
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
