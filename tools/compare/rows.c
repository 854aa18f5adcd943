/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows a comparison has. */
#define _POSIX_C_SOURCE 200809L
#include "compare/compare.h"

#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "option/input.h"
#include "common/metrics.h"
#include "runtime/scheme/scheme.h"

static cli_row *add_row(cli_comparison *comparison)
{
  return &comparison->row[comparison->rows++];
}

static bool is_taken(const cli_comparison *comparison, const char *label)
{
  for (size_t k = 0; k < comparison->rows; k++)
    if (comparison->row[k].label != NULL && strcmp(comparison->row[k].label, label) == 0)
      return true;
  return false;
}

/* A name that is taken goes with its file, and one that is taken even so with a number. */
static testudo_status name_row(cli_comparison *comparison, cli_row *row, const char *name, testudo_error *error)
{
  const char *file = row->file == NULL ? "again" : row->file;
  size_t room = strlen(name) + strlen(file) + 32;
  char *label = testudo_i_arena_alloc(&comparison->arena, room, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&comparison->arena, error));
  snprintf(label, room, "%s", name);
  if (is_taken(comparison, label))
    snprintf(label, room, "%s (%s)", name, file);
  for (int again = 2; is_taken(comparison, label); again++)
    snprintf(label, room, "%s (%s, %d)", name, file, again);
  row->label = label;
  return TESTUDO_OK;
}

static testudo_status read_design(cli_comparison *comparison, const char *path, testudo_error *error)
{
  cli_row *row = add_row(comparison);
  testudo_design *design = NULL;
  TESTUDO_I_TRY(input_design(path, &design, error));
  row->file = cli_basename(path);
  testudo_status status = cluster_take(&row->cluster, design, comparison->arguments, error);
  if (status == TESTUDO_ERROR_ARGUMENT && comparison->rows > 1)
    testudo_i_error_prefix(error, row->file);
  TESTUDO_I_TRY(status);
  const char *name = testudo_design_name(design);
  name = name[0] != '\0' ? name : row->file;
  size_t room = strlen(name) + 32;
  char *shown = testudo_i_arena_alloc(&comparison->arena, room, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&comparison->arena, error));
  snprintf(shown, room, "%s%s", name, head_model_of(design, name));
  return name_row(comparison, row, shown, error);
}

/* Of designs that all wait for finished workers --report chunk would change nothing: analyze refuses it too. */
static testudo_status check_report(const cli_comparison *comparison, testudo_error *error)
{
  if (cli_choice(comparison->arguments, "report", TESTUDO_REPORT_WHOLE) != TESTUDO_REPORT_CHUNK)
    return TESTUDO_OK;
  for (size_t k = 0; k < comparison->designs; k++) {
    const testudo_i_scheme *scheme = testudo_i_scheme_of(comparison->row[k].cluster.design);
    if (!scheme->report_fixed || scheme->report != TESTUDO_REPORT_WHOLE)
      return TESTUDO_OK;
  }
  return cli_refuse(error,
                    "--report chunk applies to none of the designs: their messages need all of a worker's chunks");
}

/* Designs of different chunks do the same job only where a draw is the time of a share of it: then N changes nothing
   but how fine the work is cut. Independent draws of finer chunks would be of less spread. */
static testudo_status check_chunks(const cli_comparison *comparison, const cli_row *row, testudo_error *error)
{
  const cli_row *first = &comparison->row[0];
  const testudo_delay_model *model = &row->cluster.model;
  if (testudo_design_chunks(row->cluster.design) == testudo_design_chunks(first->cluster.design))
    return TESTUDO_OK;
  if (model->unit != TESTUDO_UNIT_SHARE)
    return cli_refuse(error, "%s has %d chunks and %s %d: their times are comparable only where the law is of a"
                      " worker's share of the data; add --unit share", row->file,
                      testudo_design_chunks(row->cluster.design), first->file,
                      testudo_design_chunks(first->cluster.design));
  if (model->replay == NULL && model->structure != TESTUDO_STRUCTURE_SCALED)
    return cli_refuse(error, "%s has %d chunks and %s %d: with structure %s a share would be the mean of as many draws"
                      " as it has chunks, so that different numbers of chunks are comparable only under --structure"
                      " scaled", row->file, testudo_design_chunks(row->cluster.design), first->file,
                      testudo_design_chunks(first->cluster.design), testudo_i_structure_names[model->structure]);
  return TESTUDO_OK;
}

static testudo_status check_designs(cli_comparison *comparison, testudo_error *error)
{
  const testudo_design *first = comparison->row[0].cluster.design;
  comparison->chunks = testudo_design_chunks(first);
  for (size_t k = 1; k < comparison->designs; k++) {
    const cli_row *row = &comparison->row[k];
    TESTUDO_I_TRY(check_chunks(comparison, row, error));
    if (testudo_design_chunks(row->cluster.design) != testudo_design_chunks(first))
      comparison->chunks = -1;
    if (testudo_design_workers(row->cluster.design) != testudo_design_workers(first))
      comparison->unequal = true;
  }
  /* Second copies are asked for by a signal too. */
  bool signals = !cli_given(comparison->arguments, "signal") || cli_given(comparison->arguments, "speculate");
  for (size_t k = 0; k < comparison->designs; k++)
    signals |= cluster_signals(&comparison->row[k].cluster);
  if (!signals)
    return cli_refuse(error, "--signal applies to none of the designs: their workers send when they have finished");
  return check_report(comparison, error);
}

/* ---- references ---- */

/* What somebody does without a code: wait for all, for the first `wait`, or by a rule. */
typedef struct cli_reference {
  const char *name;
  int32_t wait;                     /* 0: all */
  const testudo_waiting_rule *rule; /* NULL: none */
} cli_reference;

static bool is_like(const cli_row *row, const cli_reference *reference)
{
  const testudo_design *design = row->cluster.design;
  testudo_scheme scheme = testudo_design_scheme(design);
  if (row->waiting != NULL || reference->rule != NULL)
    return row->waiting != NULL && reference->rule != NULL && row->waiting->rule.kind == reference->rule->kind;
  return reference->wait == 0
             ? scheme == TESTUDO_SCHEME_UNCODED
             : scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS && testudo_design_wait(design) == reference->wait;
}

/* A row that stands there already needs no second. */
static bool is_there(const cli_comparison *comparison, int32_t workers, int32_t chunks, const cli_reference *reference)
{
  for (size_t k = 0; k < comparison->rows; k++) {
    const testudo_design *design = comparison->row[k].cluster.design;
    bool same = is_like(&comparison->row[k], reference);
    int32_t even = (testudo_design_chunks(design) - 1) / workers + 1;
    if (same && testudo_design_workers(design) == workers && testudo_design_chunks(design) == chunks &&
        testudo_design_max_replication(design) == 1 && testudo_design_max_load(design) == even)
      return true;
  }
  return false;
}

static void name_reference(char *label, size_t room, const cli_reference *reference, int32_t workers)
{
  const testudo_waiting_rule *rule = reference->rule;
  if (reference->wait > 0)
    snprintf(label, room, "ignore-stragglers, first %d of %d", (int)reference->wait, (int)workers);
  else if (rule == NULL)
    snprintf(label, room, "uncoded, %d workers", (int)workers);
  else if (rule->kind == TESTUDO_WAITING_IGNORE)
    snprintf(label, room, "ignore after %.6g x the fastest, at least %d of %d", 1.0 + rule->slack, (int)rule->least,
             (int)workers);
  else
    snprintf(label, room, "speculate after a share of %.6g, %d workers", rule->quantile, (int)workers);
}

/* On the workers and chunks of a design; among designs of different chunks one chunk per worker, which is all that
   somebody without a code has use for. */
static testudo_status add_reference(cli_comparison *comparison, const testudo_design *like,
                                    const cli_reference *reference, testudo_error *error)
{
  int32_t workers = testudo_design_workers(like);
  int32_t chunks = comparison->chunks < 0 ? workers : testudo_design_chunks(like);
  /* More workers than chunks: some would have nothing to do, and there is no such reference. */
  if (workers > chunks || is_there(comparison, workers, chunks, reference) ||
      comparison->rows == COMPARE_MOST_ROWS)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0, 0, NULL, NULL};
  testudo_design *design = NULL;
  char label[120];
  name_reference(label, sizeof label, reference, workers);
  if (comparison->chunks < 0)
    snprintf(label + strlen(label), sizeof label - strlen(label), ", %d chunks", (int)chunks);
  TESTUDO_I_TRY(testudo_assignment_uncoded(workers, chunks, &assignment, error));
  TESTUDO_I_TRY(reference->wait > 0
                    ? testudo_design_create_waiting(&assignment, reference->wait, label, &design, error)
                    : testudo_design_create(TESTUDO_SCHEME_UNCODED, &assignment, 1, 1, label, &design, error));
  cli_row *row = add_row(comparison);
  row->reference = reference->name;
  if (reference->rule != NULL) {
    row->waiting = testudo_i_arena_calloc(&comparison->arena, 1, sizeof *row->waiting);
    if (row->waiting != NULL)
      row->waiting->rule = *reference->rule;
  }
  TESTUDO_I_TRY(cluster_take(&row->cluster, design, comparison->arguments, error));
  return name_row(comparison, row, label, error);
}

/* How many workers the design can always do without, if they never begin, and still yield the gradient. */
static testudo_status spare_workers(const testudo_design *design, int32_t *spare, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule rule = {.rows = 0};
  *spare = 0;
  if (!testudo_i_scheme_of(design)->exact_gradient)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &rule, error));
  int64_t fatal = testudo_i_rule_least_fatal(&rule);
  *spare = fatal <= testudo_design_workers(design) ? (int32_t)fatal - 1 : 0;
  return TESTUDO_OK;
}

static testudo_status add_rule(cli_comparison *comparison, const cli_reference *reference, testudo_error *error)
{
  for (size_t k = 0; k < comparison->designs; k++)
    TESTUDO_I_TRY(add_reference(comparison, comparison->row[k].cluster.design, reference, error));
  return TESTUDO_OK;
}

/* --ignore and --speculate. */
static testudo_status add_rules(cli_comparison *comparison, testudo_error *error)
{
  const cli_value *ignore = cli_get(comparison->arguments, "ignore");
  const cli_value *speculate = cli_get(comparison->arguments, "speculate");
  if (ignore->given) {
    double least = ignore->count == 2 ? ignore->reals[1] : 0.0;
    if (ignore->count != 2)
      return cli_refuse(error, "--ignore: %zu number%s given, but two are wanted: mu,minimum", ignore->count,
                        ignore->count == 1 ? "" : "s");
    for (size_t k = 0; k < comparison->designs; k++) {
      int32_t workers = testudo_design_workers(comparison->row[k].cluster.design);
      if (!(least >= 1.0 && least <= workers && least == (int32_t)least))
        return cli_refuse(error, "--ignore: the minimum is %s, but it must be a whole number of workers, 1..%d",
                          ignore->item[1], (int)workers);
    }
    const testudo_waiting_rule rule = {.kind = TESTUDO_WAITING_IGNORE, .slack = ignore->reals[0],
                                       .least = (int32_t)least};
    TESTUDO_I_TRY(add_rule(comparison, &(cli_reference){"ignore", 0, &rule}, error));
  }
  const testudo_waiting_rule copy = {.kind = TESTUDO_WAITING_COPY, .quantile = speculate->real};
  return speculate->given ? add_rule(comparison, &(cli_reference){"speculate", 0, &copy}, error) : TESTUDO_OK;
}

/* What somebody would do who has no code: wait for all, or for as many as each code waits for at worst. */
static testudo_status add_references(cli_comparison *comparison, testudo_error *error)
{
  const cli_value *wait = cli_get(comparison->arguments, "wait");
  const cli_reference uncoded = {"uncoded", 0, NULL};
  int32_t most = 0;
  for (size_t k = 0; k < comparison->designs; k++) {
    const testudo_design *design = comparison->row[k].cluster.design;
    int32_t workers = testudo_design_workers(design);
    TESTUDO_I_TRY(add_reference(comparison, design, &uncoded, error));
    most = workers > most ? workers : most;
  }
  if (wait->given && wait->integer > most)
    return cli_refuse(error, "--wait: %lld, but the designs have at most %d workers", (long long)wait->integer,
                      (int)most);
  for (size_t k = 0; k < comparison->designs; k++) {
    const testudo_design *design = comparison->row[k].cluster.design;
    int32_t workers = testudo_design_workers(design), spare;
    TESTUDO_I_TRY(spare_workers(design, &spare, error));
    cli_reference first = {"ignore-stragglers", wait->given ? (int32_t)wait->integer : workers - spare, NULL};
    if (wait->given ? wait->integer <= workers : spare > 0 && spare < workers)
      TESTUDO_I_TRY(add_reference(comparison, design, &first, error));
  }
  return add_rules(comparison, error);
}

testudo_status compare_open(cli_comparison *comparison, const cli_arguments *arguments, testudo_error *error)
{
  *comparison = (cli_comparison){.arguments = arguments, .designs = arguments->operands};
  comparison->row = testudo_i_arena_calloc(&comparison->arena, COMPARE_MOST_ROWS, sizeof *comparison->row);
  comparison->ideal = testudo_i_arena_calloc(&comparison->arena, COMPARE_MOST_ROWS, sizeof *comparison->ideal);
  TESTUDO_I_TRY(testudo_i_arena_check(&comparison->arena, error));
  for (size_t k = 0; k < arguments->operands; k++)
    TESTUDO_I_TRY(read_design(comparison, arguments->operand[k], error));
  TESTUDO_I_TRY(check_designs(comparison, error));
  const cli_cluster *first = &comparison->row[0].cluster;
  comparison->command = first->command;
  comparison->version = testudo_version();
  comparison->seed = (int64_t)first->seed;
  delay_fill(&comparison->delay, first);
  TESTUDO_I_TRY(add_references(comparison, error));
  for (size_t k = 0; k < comparison->rows; k++)
    TESTUDO_I_TRY(simulation_take_trials(&comparison->row[k].cluster, arguments, &comparison->row[k].trials, error));
  return TESTUDO_OK;
}

void compare_free(void *context)
{
  cli_comparison *comparison = context;
  for (size_t k = 0; k < comparison->rows; k++) {
    cli_row *row = &comparison->row[k];
    testudo_simulation_free(row->simulation);
    testudo_i_arena_clear(&row->analyze.arena);
    testudo_i_arena_clear(&row->simulate.arena);
    testudo_latency_free(row->latency);
    cluster_close(&row->cluster);
  }
  testudo_i_arena_clear(&comparison->arena);
}
