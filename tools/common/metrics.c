/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a design. */
#include "common/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>
#include <testudo/stream.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/completion.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

testudo_status metrics_measure(cli_metrics *metrics, const testudo_design *design, testudo_error *error)
{
  int32_t parts = testudo_design_parts(design), most = testudo_design_max_replication(design);
  *metrics = (struct cli_metrics){.levels = most > parts ? most : parts, .parts = parts,
                                  .max_load = testudo_design_max_load(design),
                                  .min_replication = testudo_design_min_replication(design), .max_replication = most};
  metrics->workers = testudo_design_workers(design);
  metrics->sums = testudo_design_sums(design);
  metrics->prefix_sums = testudo_design_prefix_sums(design);
  metrics->idle_workers = metrics->workers - testudo_i_design_busy(design);
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

int64_t metrics_entries(const testudo_design *design)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    entries += testudo_design_load(design, j);
  return entries;
}

double metrics_memory(const testudo_design *design)
{
  int32_t sums = testudo_design_sums(design);
  return sums > 0 ? (double)sums / testudo_design_parts(design) : testudo_design_max_load(design);
}

/* All workers at one speed up to a step, and then each by itself to its end, until it is decodable: did the steps
   suffice? */
static testudo_status run_unevenly(const testudo_design *design, testudo_progress *progress, int32_t even,
                                   int32_t *done, bool *sufficed)
{
  testudo_status status = TESTUDO_OK;
  int32_t workers = testudo_design_workers(design);
  testudo_progress_reset(progress);
  memset(done, 0, (size_t)workers * sizeof *done);
  for (int32_t step = 1; step <= even; step++)
    for (int32_t j = 0; j < workers && status == TESTUDO_OK; j++)
      if (step <= testudo_design_steps(design, j) && !testudo_progress_decodable(progress))
        status = testudo_progress_mark(progress, j, done[j] = step, NULL);
  *sufficed = testudo_progress_decodable(progress);
  for (int32_t j = 0; j < workers && status == TESTUDO_OK; j++)
    while (done[j] < testudo_design_steps(design, j) && status == TESTUDO_OK && !testudo_progress_decodable(progress))
      status = testudo_progress_mark(progress, j, ++done[j], NULL);
  return status;
}

/* The most that is sent when workers are even for some steps, however many, and one after the other then; where only
   whole workers count these are all alike. */
static testudo_status find_most_sent(const testudo_design *design, const testudo_i_rule *rule, bool whole,
                                     int32_t *done, double *most)
{
  enum { MOST_EVEN = 200 };
  testudo_progress *progress;
  TESTUDO_I_TRY(testudo_progress_create(design, &progress, NULL));
  testudo_status status = TESTUDO_OK;
  bool sufficed = false;
  *most = 0.0;
  int32_t steps = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    steps = testudo_design_steps(design, j) > steps ? testudo_design_steps(design, j) : steps;
  for (int32_t k = 0; k <= (whole ? 0 : steps) && k <= MOST_EVEN && !sufficed && status == TESTUDO_OK; k++) {
    status = run_unevenly(design, progress, k == MOST_EVEN ? steps : k, done, &sufficed);
    *most = fmax(*most, testudo_i_scheme_of(design)->sent(design, rule, done));
  }
  testudo_progress_free(progress);
  return status;
}

double metrics_floats(const testudo_design *design)
{
  testudo_report report = testudo_design_report_for(design, TESTUDO_REPORT_CHUNK);
  testudo_i_rule rule = {.rows = 0};
  int32_t *done = testudo_i_calloc((size_t)testudo_design_workers(design), sizeof *done);
  double sent = NAN;
  if (done == NULL || testudo_i_completion_rule(design, report, &rule, NULL) != TESTUDO_OK ||
      find_most_sent(design, &rule, report == TESTUDO_REPORT_WHOLE, done, &sent) != TESTUDO_OK)
    sent = NAN;
  testudo_i_rule_clear(&rule);
  free(done);
  return sent / testudo_design_parts(design);
}

/* ---- fields ---- */

static void print_span(FILE *text, const char *label, int32_t least, int32_t most, const char *unit)
{
  fields_label(text, label);
  if (least != most)
    fprintf(text, "%d to ", least);
  fprintf(text, "%d %s", most, unit);
}

static void load_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  print_span(text, "load", metrics->min_load, metrics->max_load, "chunks per worker");
  if (metrics->idle_workers > 0)
    fprintf(text, "; %d of %d workers hold%s nothing", metrics->idle_workers, metrics->workers,
            metrics->idle_workers == 1 ? "s" : "");
  fputc('\n', text);
}

static void replication_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  print_span(text, "replication", metrics->min_replication, metrics->max_replication, "workers per chunk");
  fputc('\n', text);
}

static void q_max_print(FILE *text, const void *result)
{
  enum { SHOWN = 16 };
  const cli_metrics *metrics = result;
  fields_label(text, "Q_max");
  for (int32_t l = 0; l < metrics->levels && l < SHOWN; l++)
    fprintf(text, "%sl=%d: %lld", l > 0 ? ", " : "", l + 1, (long long)metrics->q_max[l]);
  fprintf(text, "%s (worst-case counts of chunks, not times)\n", metrics->levels > SHOWN ? ", .." : "");
}

static void bound_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  if (metrics->q_max[0] == metrics->q_bound)
    fields_line(text, "bound", "Q_max at l=1 is the least that any order of this assignment has\n");
  else
    fields_line(text, "bound", "no order of this assignment has Q_max below %lld at l=1\n",
                (long long)metrics->q_bound);
}

static void row_sum_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  fields_line(text, "row_sum_max", "%lld at l=%d\n", (long long)metrics->row_sum_max, metrics->parts);
}

static void overlap_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  fields_line(text, "overlap", "any two workers share at most %d chunk%s\n", metrics->max_overlap,
              metrics->max_overlap == 1 ? "" : "s");
}

static void sums_print(FILE *text, const void *result)
{
  const cli_metrics *metrics = result;
  if (metrics->sums == 0 && metrics->prefix_sums > 0 && metrics->prefix_sums < metrics->max_load)
    fields_line(text, "memory", "a worker keeps the gradients of up to %d chunks until the request, or %d sum%s if the"
                " server asks for prefixes\n", metrics->max_load, metrics->prefix_sums,
                metrics->prefix_sums == 1 ? "" : "s");
  else if (metrics->sums == 0)
    fields_line(text, "memory", "a worker keeps the gradients of up to %d chunk%s until the request\n",
                metrics->max_load, metrics->max_load == 1 ? "" : "s");
  else
    fields_line(text, "memory", "a worker keeps %d sum%s as long as a message, and no gradient\n", metrics->sums,
                metrics->sums == 1 ? "" : "s");
}

const field metrics_fields[] = {
    {FIELD(cli_metrics, min_load), .phrase = load_print, .meaning = "chunks of the worker that has least"},
    {FIELD(cli_metrics, max_load), .meaning = "chunks of the worker that has most"},
    {FIELD(cli_metrics, idle_workers), .meaning = "workers that hold no chunk"},
    {FIELD(cli_metrics, min_replication), .phrase = replication_print, .meaning = "workers of the chunk on fewest"},
    {FIELD(cli_metrics, max_replication), .meaning = "workers of the chunk on most"},
    {FIELD_LIST("q_max", cli_metrics, q_max, levels), .phrase = q_max_print, .unit = "chunks",
     .meaning = "Q_max at l = 1, 2, ..: the most chunks processed without completing"},
    {FIELD_AS("q_max_bound", cli_metrics, q_bound), .phrase = bound_print, .unit = "chunks",
     .meaning = "no order of this assignment has a smaller Q_max at l = 1"},
    {FIELD(cli_metrics, row_sum_max), .phrase = row_sum_print,
     .meaning = "largest sum over the gamma - l + 1 largest places of a chunk"},
    {FIELD(cli_metrics, max_overlap), .phrase = overlap_print, .meaning = "the most chunks that two workers share"},
    {FIELD(cli_metrics, sums), .phrase = sums_print,
     .meaning = "sums as long as a message that a worker keeps until the request; 0: the gradients of its chunks"},
    {FIELD(cli_metrics, prefix_sums),
     .meaning = "sums that it keeps if the server asks for prefixes (testudo/stream.h); 0: the design has none"},
    {.key = NULL},
};
