/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of every row: the calls that analyze and simulate make for one design. */
#include "compare/compare.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/metrics.h"
#include "common/output.h"
#include "runtime/scheme/scheme.h"

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

static testudo_status find_law(cli_row *row, const cli_arguments *arguments, const testudo_monitor *monitor,
                               testudo_error *error)
{
  testudo_analysis_options options = analysis_options(&row->cluster, arguments, monitor);
  testudo_status status = TESTUDO_ERROR_LIMIT;
  if (row->cluster.model.replay != NULL)
    snprintf(row->why.text, sizeof row->why.text, "a replay has no law");
  else if (row->waiting != NULL)
    snprintf(row->why.text, sizeof row->why.text, "the law under a rule of waiting is not known");
  else
    status = testudo_latency_create(row->cluster.design, &row->cluster.model, &options, &row->latency, &row->why);
  if (status == TESTUDO_OK || status == TESTUDO_ERROR_LIMIT)
    return TESTUDO_OK;
  testudo_status refused = testudo_i_fail(error, status, "%s", row->why.text);
  if (status == TESTUDO_ERROR_ARGUMENT)
    testudo_i_error_prefix(error, row->label);
  return refused;
}

/* Each reason once, of the first row that has it. */
static void say_simulated(const cli_comparison *comparison)
{
  for (size_t k = 0; k < comparison->rows; k++) {
    const cli_row *row = &comparison->row[k];
    size_t others = 0;
    bool said = row->latency != NULL || row->cluster.model.replay != NULL;
    for (size_t i = 0; i < comparison->rows; i++) {
      const cli_row *other = &comparison->row[i];
      bool same = i != k && other->latency == NULL && strcmp(other->why.text, row->why.text) == 0;
      said = said || (same && i < k);
      others += same;
    }
    if (!said && others > 0)
      session_say(comparison->arguments, "%s and %zu more: simulated only: %s", row->label, others, row->why.text);
    else if (!said)
      session_say(comparison->arguments, "%s: simulated only: %s", row->label, row->why.text);
  }
}

static testudo_status analyse_row(cli_row *row, const cli_arguments *arguments, testudo_error *error)
{
  bool curves = !report_is_text(arguments) || cli_given(arguments, "plot");
  if (row->latency == NULL) {
    law_fill_unknown(&row->analyze, &row->cluster);
    return TESTUDO_OK;
  }
  return (curves ? law_fill_analysis : law_fill_values)(&row->analyze, &row->cluster, row->latency, error);
}

/* A decode passes over the entries some fifty times, and that of a cyclic gradient code solves a least squares of
   chunks x workers; all decodes of a row together should take seconds. */
static int64_t decode_trials(const testudo_design *design, int64_t trials)
{
  double workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  double cost = 200.0 * workers * testudo_design_max_load(design);
  if (!testudo_i_is_coded(design))
    return 0;
  if (testudo_i_scheme_of(design)->row != NULL && testudo_i_construction_of(design) != TESTUDO_I_FRC)
    cost += workers * workers * chunks;
  double most = 4e9 / cost;
  int64_t limit = most < COMPARE_DECODES ? (int64_t)most : COMPARE_DECODES;
  return trials < limit ? trials : limit;
}

/* Under a rule of waiting the decoder reads the message of every worker, or of those that are not ignored; how far the
   others have come by then is not counted. */
static void count_waiting(cli_row *row)
{
  const testudo_design *design = row->cluster.design;
  const testudo_waiting *found = &row->waiting->found;
  double chunks = testudo_design_chunks(design), load = testudo_design_max_load(design);
  double workers = testudo_design_workers(design);
  bool even = chunks == load * workers, replay = row->cluster.model.replay != NULL;
  if (replay)
    row->waiting->found.missing_stderr = row->waiting->found.copies_stderr = NAN;
  if (row->waiting->rule.kind == TESTUDO_WAITING_COPY) {
    row->work.messages = workers;
    row->work.messages_stderr = replay ? NAN : 0.0;
  } else if (even) {
    row->work.messages = workers - found->missing / load;
    row->work.messages_stderr = found->missing_stderr / load;
  }
}

static void take_work(cli_row *row, const cli_arguments *arguments)
{
  const testudo_work unknown = {.chunks = NAN, .chunks_stderr = NAN, .messages = NAN, .messages_stderr = NAN};
  row->memory = metrics_memory(row->cluster.design) * (double)cli_integer(arguments, "dim", 1);
  row->work = work_of(row->waiting != NULL ? &unknown : &row->simulation->work, &row->cluster, NULL);
  if (row->waiting != NULL)
    count_waiting(row);
}

static testudo_status simulate_row(cli_row *row, const cli_arguments *arguments, const testudo_monitor *monitor,
                                   testudo_error *error)
{
  testudo_simulation_options options =
      simulation_options(&row->cluster, arguments, row->trials, monitor);
  options.count_work = row->waiting == NULL;
  options.decode_trials = decode_trials(row->cluster.design, options.trials);
  bool exact = row->analyze.error != NULL && row->analyze.error->mse != NULL;
  if (exact)
    options.time_count = 0;
  if (row->waiting != NULL)
    TESTUDO_I_TRY(testudo_simulate_waiting(row->cluster.design, &row->cluster.model, &row->waiting->rule, &options,
                                           &row->simulation, &row->waiting->found, error));
  else
    TESTUDO_I_TRY(testudo_simulate(row->cluster.design, &row->cluster.model, &options, &row->simulation, error));
  if (row->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  TESTUDO_I_TRY(law_fill_simulation(&row->simulate, &row->cluster, row->simulation, NULL, error));
  if (row->cluster.time_count > 0 && row->waiting == NULL)
    row->error = exact ? row->analyze.error : row->simulate.error;
  if (row->simulation->decode.decodes > 0)
    row->decode = &row->simulation->decode;
  take_work(row, arguments);
  return TESTUDO_OK;
}

static testudo_status measure_row(cli_row *row, const cli_arguments *arguments, const testudo_monitor *whole,
                                  double from, double share, testudo_error *error)
{
  cli_share second = {whole, from + share / 2.0, share / 2.0}; /* half; laws have a monitor for as long as they live */
  const testudo_monitor monitor = {step_share, &second};
  testudo_status status = analyse_row(row, arguments, error);
  if (status == TESTUDO_OK)
    status = simulate_row(row, arguments, &monitor, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    testudo_i_error_prefix(error, row->label);
  return status;
}

/* ---- the perfectly balanced limits ---- */

/* Without spare copies nothing can be balanced. */
static void add_ideal(cli_comparison *comparison, const cli_row *row)
{
  const testudo_design *design = row->cluster.design;
  cli_ideal ideal = {.workers = testudo_design_workers(design), .chunks = testudo_design_chunks(design),
                     .parts = testudo_design_parts(design), .load = testudo_design_max_load(design),
                     .entries = metrics_entries(design), .report = (int)row->cluster.report,
                     .mean = row->analyze.latency.ideal};
  if (!isfinite(ideal.mean) || ideal.entries <= (int64_t)ideal.chunks * ideal.parts)
    return;
  for (size_t k = 0; k < comparison->ideals; k++)
    if (comparison->ideal[k].mean == ideal.mean)
      return;
  char of[24] = "";
  if (comparison->chunks < 0)
    snprintf(of, sizeof of, " of %d chunks", ideal.chunks);
  snprintf(ideal.label, sizeof ideal.label, "ideal: %d workers, load %d%s, l=%d%s", ideal.workers, ideal.load, of,
           ideal.parts, ideal.report == TESTUDO_REPORT_WHOLE ? ", whole workers" : "");
  comparison->ideal[comparison->ideals++] = ideal;
}

/* One yardstick for all rows, so that they rank by their ratios as by their times: the least limit of the designs. */
static double common_ideal(const cli_comparison *comparison)
{
  double least = HUGE_VAL;
  for (size_t k = 0; k < comparison->ideals; k++)
    least = fmin(least, comparison->ideal[k].mean);
  for (size_t k = 0; k < comparison->measured && comparison->ideals == 0; k++)
    least = fmin(least, comparison->row[k].analyze.latency.ideal);
  return isfinite(least) ? least : NAN;
}

/* What does not yield the whole gradient, or has workers do what nobody assigned, is under no such limit. */
static void fill_over_ideal(cli_row *row, double ideal)
{
  const latency_result *analyzed = &row->analyze.latency;
  bool limited = testudo_i_scheme_of(row->cluster.design)->exact_gradient && row->waiting == NULL;
  bool infinite = analyzed->mean_status == LAW_INFINITE;
  if (!limited)
    ideal = NAN;
  row->over_ideal = (over_ideal_result){.ideal = ideal, .exact = analyzed->mean / ideal,
                                        .lower = analyzed->lower / ideal, .upper = analyzed->upper / ideal,
                                        .simulated = infinite ? NAN : row->simulation->mean / ideal};
}

static testudo_status measure_rows(cli_comparison *comparison, testudo_error *error)
{
  const testudo_monitor *monitor = session_progress_start("comparing", comparison->arguments);
  for (size_t k = 0; k < comparison->rows; k++)
    TESTUDO_I_TRY(find_law(&comparison->row[k], comparison->arguments, monitor, error));
  say_simulated(comparison); /* before the work */
  double share = 1.0 / (double)comparison->rows;
  for (size_t k = 0; k < comparison->rows; k++) {
    cli_row *row = &comparison->row[k];
    TESTUDO_I_TRY(measure_row(row, comparison->arguments, monitor, share * (double)k, share, error));
    comparison->measured++;
    add_ideal(comparison, row);
  }
  return TESTUDO_OK;
}

testudo_status compare_measure(cli_comparison *comparison, testudo_error *error)
{
  testudo_status status = measure_rows(comparison, error);
  double ideal = common_ideal(comparison);
  for (size_t k = 0; k < comparison->measured; k++)
    fill_over_ideal(&comparison->row[k], ideal);
  return status;
}
