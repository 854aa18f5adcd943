/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows a comparison has. */
#define _POSIX_C_SOURCE 200809L
#include "compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/metrics.h"

/* References that two lists of 20 designs could ask for, and room for the designs themselves. */
enum { MOST_ROWS = 4 * COMPARE_MOST_DESIGNS };

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
  char *label = testudo_i_calloc(room, 1);
  if (label == NULL)
    return testudo_i_fail_memory(error);
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
  testudo_status status = testudo_design_read(path, &design, error);
  if (status != TESTUDO_OK)
    return status;
  row->file = cli_basename(path);
  status = cluster_take(&row->cluster, design, comparison->arguments, error);
  if (status == TESTUDO_ERROR_ARGUMENT && comparison->rows > 1)
    testudo_i_error_prefix(error, row->file);
  if (status != TESTUDO_OK)
    return status;
  const char *name = testudo_design_name(design);
  name = name[0] != '\0' ? name : row->file;
  size_t room = strlen(name) + 32;
  char *shown = testudo_i_calloc(room, 1);
  if (shown == NULL)
    return testudo_i_fail_memory(error);
  snprintf(shown, room, "%s%s", name, metrics_model(design, name));
  status = name_row(comparison, row, shown, error);
  free(shown);
  return status;
}

/* Of designs that all wait for finished workers --report chunk would change nothing: analyze refuses it too. */
static testudo_status check_report(const cli_comparison *comparison, testudo_error *error)
{
  if (strcmp(cli_text(comparison->arguments, "report", "whole"), "chunk") != 0)
    return TESTUDO_OK;
  for (size_t k = 0; k < comparison->designs; k++) {
    testudo_scheme scheme = testudo_design_scheme(comparison->row[k].cluster.design);
    if (scheme != TESTUDO_SCHEME_GRADIENT_CODE && scheme != TESTUDO_SCHEME_IGNORE_STRAGGLERS)
      return TESTUDO_OK;
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "--report chunk applies to none of the designs: their messages need all of a worker's chunks");
}

/* Without equal chunks the times are of different jobs. */
static testudo_status check_designs(cli_comparison *comparison, testudo_error *error)
{
  const testudo_design *first = comparison->row[0].cluster.design;
  for (size_t k = 1; k < comparison->designs; k++) {
    const cli_row *row = &comparison->row[k];
    if (testudo_design_chunks(row->cluster.design) != testudo_design_chunks(first))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "%s has %d chunks and %s %d: designs are compared on the same chunks", row->file,
                            testudo_design_chunks(row->cluster.design), comparison->row[0].file,
                            testudo_design_chunks(first));
    if (testudo_design_workers(row->cluster.design) != testudo_design_workers(first))
      comparison->unequal = true;
  }
  return check_report(comparison, error);
}

/* ---- references ---- */

/* wait = 0: uncoded. A row that stands there already needs no second. */
static bool is_there(const cli_comparison *comparison, int32_t workers, int32_t wait)
{
  for (size_t k = 0; k < comparison->rows; k++) {
    const testudo_design *design = comparison->row[k].cluster.design;
    testudo_scheme scheme = testudo_design_scheme(design);
    bool same = wait == 0 ? scheme == TESTUDO_SCHEME_UNCODED
                          : scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS && testudo_design_wait(design) == wait;
    int32_t even = (testudo_design_chunks(design) - 1) / workers + 1;
    if (same && testudo_design_workers(design) == workers && testudo_design_max_replication(design) == 1 &&
        testudo_design_max_load(design) == even)
      return true;
  }
  return false;
}

static testudo_status make_reference(const testudo_assignment *assignment, int32_t wait, testudo_design **design,
                                     char *label, size_t room, testudo_error *error)
{
  if (wait > 0) {
    snprintf(label, room, "ignore-stragglers, first %d of %d", wait, assignment->workers);
    return testudo_design_create_waiting(assignment, wait, label, design, error);
  }
  snprintf(label, room, "uncoded, %d workers", assignment->workers);
  return testudo_design_create(TESTUDO_SCHEME_UNCODED, assignment, 1, 1, label, design, error);
}

static testudo_status add_reference(cli_comparison *comparison, int32_t workers, int32_t wait, testudo_error *error)
{
  int32_t chunks = testudo_design_chunks(comparison->row[0].cluster.design);
  /* More workers than chunks: some would have nothing to do, and there is no such reference. */
  if (workers > chunks || is_there(comparison, workers, wait) || comparison->rows == MOST_ROWS)
    return TESTUDO_OK;
  testudo_assignment assignment = {0, 0, NULL, NULL};
  testudo_design *design = NULL;
  char label[80];
  testudo_status status = testudo_assignment_uncoded(workers, chunks, &assignment, error);
  if (status == TESTUDO_OK)
    status = make_reference(&assignment, wait, &design, label, sizeof label, error);
  testudo_assignment_free(&assignment);
  if (status != TESTUDO_OK)
    return status;
  cli_row *row = add_row(comparison);
  row->reference = wait > 0 ? "ignore-stragglers" : "uncoded";
  status = cluster_take(&row->cluster, design, comparison->arguments, error);
  return status == TESTUDO_OK ? name_row(comparison, row, label, error) : status;
}

/* How many workers the design can always do without, if they never begin; 0: none. */
static int32_t spare_workers(const testudo_design *design)
{
  if (testudo_design_scheme(design) == TESTUDO_SCHEME_GRADIENT_CODE)
    return testudo_design_stragglers(design);
  if (testudo_design_scheme(design) == TESTUDO_SCHEME_PARTIAL)
    return testudo_design_min_replication(design) - testudo_design_parts(design);
  return 0;
}

/* What somebody would do who has no code: wait for all, or for as many as each code waits for at worst. */
static testudo_status add_references(cli_comparison *comparison, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < comparison->designs && status == TESTUDO_OK; k++)
    status = add_reference(comparison, testudo_design_workers(comparison->row[k].cluster.design), 0, error);
  const cli_value *wait = cli_get(comparison->arguments, "wait");
  int32_t most = 0;
  for (size_t k = 0; k < comparison->designs; k++)
    if (testudo_design_workers(comparison->row[k].cluster.design) > most)
      most = testudo_design_workers(comparison->row[k].cluster.design);
  if (wait->given && wait->integer > most)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--wait: %lld, but the designs have at most %d workers",
                          (long long)wait->integer, (int)most);
  for (size_t k = 0; k < comparison->designs && status == TESTUDO_OK; k++) {
    const testudo_design *design = comparison->row[k].cluster.design;
    int32_t workers = testudo_design_workers(design), spare = spare_workers(design);
    if (wait->given && wait->integer <= workers)
      status = add_reference(comparison, workers, (int32_t)wait->integer, error);
    else if (!wait->given && spare > 0 && spare < workers)
      status = add_reference(comparison, workers, workers - spare, error);
  }
  return status;
}

testudo_status compare_open(cli_comparison *comparison, const cli_arguments *arguments, testudo_error *error)
{
  *comparison = (cli_comparison){.arguments = arguments, .designs = arguments->operands};
  comparison->row = testudo_i_calloc(MOST_ROWS, sizeof *comparison->row);
  comparison->ideal = testudo_i_calloc(MOST_ROWS, sizeof *comparison->ideal);
  if (comparison->row == NULL || comparison->ideal == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands && status == TESTUDO_OK; k++)
    status = read_design(comparison, arguments->operand[k], error);
  if (status == TESTUDO_OK)
    status = check_designs(comparison, error);
  return status == TESTUDO_OK ? add_references(comparison, error) : status;
}

void compare_free(cli_comparison *comparison)
{
  for (size_t k = 0; comparison->row != NULL && k < comparison->rows; k++) {
    cli_row *row = &comparison->row[k];
    testudo_simulation_free(row->simulation);
    analysis_free(&row->analysis);
    testudo_latency_free(row->latency);
    cluster_close(&row->cluster);
    free(row->label);
  }
  free(comparison->row);
  free(comparison->ideal);
}
