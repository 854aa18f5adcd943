/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of every row: the calls that analyze and simulate make for one design. */
#include "compare/compare.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* The monitor of a part of the work. */
typedef struct cli_share {
  const testudo_monitor *whole;
  double from, share;
} cli_share;

static bool step_share(void *context, double fraction)
{
  const cli_share *part = context;
  double done = part->from + part->share * (fraction > 0.0 && fraction <= 1.0 ? fraction : 0.0);
  return part->whole->step(part->whole->context, done);
}

/* A row without a law is refused before anything is measured. */
static testudo_status find_laws(cli_comparison *comparison, const testudo_monitor *monitor, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < comparison->rows && status == TESTUDO_OK; k++) {
    cli_row *row = &comparison->row[k];
    testudo_analysis_options options = analysis_options(&row->cluster, comparison->arguments, monitor);
    status = testudo_latency_create(row->cluster.design, &row->cluster.model, &options, &row->latency, error);
    if (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT)
      testudo_i_error_prefix(error, row->label);
    if (status == TESTUDO_ERROR_LIMIT)
      testudo_i_error_prefix(error, "compare needs a law or bounds of every row (simulate does without)");
  }
  return status;
}

static testudo_status analyse(cli_row *row, const cli_arguments *arguments, const testudo_monitor *monitor,
                              testudo_error *error)
{
  (void)arguments;
  (void)monitor; /* that of the laws, for as long as they live */
  testudo_status status = analysis_make(&row->analysis, &row->cluster, row->latency, error);
  row->ideal = row->analysis.summary.ideal;
  return status;
}

static bool is_coded(const testudo_design *design)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  return scheme == TESTUDO_SCHEME_GRADIENT_CODE || scheme == TESTUDO_SCHEME_PARTIAL ||
         scheme == TESTUDO_SCHEME_NESTED || scheme == TESTUDO_SCHEME_BLOCK;
}

/* A decode passes over the entries some fifty times, and that of a cyclic gradient code solves a least squares of
   chunks x workers; all decodes of a row together should take seconds. */
static int64_t decode_trials(const testudo_design *design, int64_t trials)
{
  double workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  double cost = 200.0 * workers * testudo_design_max_load(design);
  const char *construction = testudo_design_construction(design);
  if (!is_coded(design))
    return 0;
  if (construction != NULL && strcmp(construction, "frc") != 0)
    cost += workers * workers * chunks;
  double most = 4e9 / cost;
  int64_t limit = most < COMPARE_DECODES ? (int64_t)most : COMPARE_DECODES;
  return trials < limit ? trials : limit;
}

static testudo_status simulate(cli_row *row, const cli_arguments *arguments, const testudo_monitor *monitor,
                               testudo_error *error)
{
  testudo_simulation_options options = simulation_options(&row->cluster, arguments, monitor);
  options.decode_trials = decode_trials(row->cluster.design, options.trials);
  if (row->analysis.has_error) {
    options.times = NULL;
    options.time_count = 0;
  }
  testudo_status status =
      testudo_simulate(row->cluster.design, &row->cluster.model, &options, &row->simulation, error);
  return status == TESTUDO_OK && row->simulation->interrupted ? TESTUDO_INTERRUPTED : status;
}

static testudo_status count_work(cli_row *row, const cli_arguments *arguments, const testudo_monitor *monitor,
                                 testudo_error *error)
{
  testudo_simulation_options options = simulation_options(&row->cluster, arguments, monitor);
  testudo_status status =
      testudo_simulate_work(row->cluster.design, &row->cluster.model, &options, &row->work, error);
  return status == TESTUDO_OK && row->work.interrupted ? TESTUDO_INTERRUPTED : status;
}

static testudo_status measure_row(cli_row *row, const cli_arguments *arguments, const testudo_monitor *whole,
                                  double from, double share, testudo_error *error)
{
  testudo_status (*const part[])(cli_row *, const cli_arguments *, const testudo_monitor *, testudo_error *) = {
      analyse, simulate, count_work};
  testudo_status status = TESTUDO_OK;
  for (int k = 0; k < 3 && status == TESTUDO_OK; k++) {
    cli_share context = {whole, from + share * k / 3.0, share / 3.0};
    testudo_monitor monitor = {step_share, &context};
    status = part[k](row, arguments, &monitor, error);
  }
  if (status == TESTUDO_ERROR_ARGUMENT)
    testudo_i_error_prefix(error, row->label);
  return status;
}

/* ---- the perfectly balanced limits ---- */

static int64_t count_entries(const testudo_design *design)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    entries += testudo_design_load(design, j);
  return entries;
}

/* Without spare copies nothing can be balanced. */
static void add_ideal(cli_comparison *comparison, const cli_row *row)
{
  const testudo_design *design = row->cluster.design;
  cli_ideal ideal = {.workers = testudo_design_workers(design), .parts = testudo_design_parts(design),
                     .load = testudo_design_max_load(design), .entries = count_entries(design),
                     .report = row->cluster.report, .mean = row->ideal};
  if (!isfinite(ideal.mean) || ideal.entries <= (int64_t)testudo_design_chunks(design) * ideal.parts)
    return;
  for (size_t k = 0; k < comparison->ideals; k++)
    if (comparison->ideal[k].mean == ideal.mean)
      return;
  snprintf(ideal.label, sizeof ideal.label, "ideal: %d workers, load %d, l=%d%s", ideal.workers, ideal.load,
           ideal.parts, ideal.report == TESTUDO_REPORT_WHOLE ? ", whole workers" : "");
  comparison->ideal[comparison->ideals++] = ideal;
}

testudo_status compare_measure(cli_comparison *comparison, testudo_error *error)
{
  session_progress progress;
  session_progress_start(&progress, "comparing", comparison->arguments);
  testudo_status status = find_laws(comparison, &progress.monitor, error);
  double share = 1.0 / (double)comparison->rows;
  for (size_t k = 0; k < comparison->rows && status == TESTUDO_OK; k++) {
    cli_row *row = &comparison->row[k];
    status = measure_row(row, comparison->arguments, &progress.monitor, share * (double)k, share, error);
    if (status != TESTUDO_OK)
      break;
    comparison->measured++;
    add_ideal(comparison, row);
  }
  session_progress_end(&progress);
  return status;
}

double row_error(const cli_row *row, int64_t k, bool *exact)
{
  *exact = row->analysis.has_error;
  return *exact ? row->analysis.mse[k] : row->simulation->mse[k];
}
