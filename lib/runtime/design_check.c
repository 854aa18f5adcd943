/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of a design, and the holders derived from its orders. Memory stays linear in the entries of the orders,
   whatever counts a broken file claims. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status check_count(const char *what, int32_t found, int32_t most, testudo_error *error)
{
  if (found >= 1 && found <= most)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %d, but it must be in 1..%d", what, (int)found, (int)most);
}

static testudo_status check_counts(const testudo_design *design, testudo_error *error)
{
  testudo_status status = check_count("chunks", design->chunks, TESTUDO_MAX_CHUNKS, error);
  if (status == TESTUDO_OK)
    status = check_count("workers", design->workers, TESTUDO_MAX_WORKERS, error);
  if (status == TESTUDO_OK)
    status = check_count("parts", design->parts, TESTUDO_MAX_PARTS, error);
  if (status == TESTUDO_OK && design->row[design->workers] > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "order: %lld chunks in all, but a design has at most %d",
                          (long long)design->row[design->workers], TESTUDO_MAX_ENTRIES);
  return status;
}

static testudo_status check_scheme(const testudo_design *design, testudo_error *error)
{
  switch (design->scheme) {
  case TESTUDO_SCHEME_PARTIAL:
    return TESTUDO_OK;
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    if (design->wait < 1 || design->wait > design->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.wait: %d, but it must be in 1..%d (the workers)",
                            (int)design->wait, (int)design->workers);
    break;
  case TESTUDO_SCHEME_GRADIENT_CODE:
    if (design->stragglers < 0 || design->stragglers >= design->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.stragglers: %d, but it must be in 0..%d (workers - 1)",
                            (int)design->stragglers, (int)design->workers - 1);
    break;
  case TESTUDO_SCHEME_UNCODED:
  case TESTUDO_SCHEME_NESTED:
  case TESTUDO_SCHEME_BLOCK:
    break;
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme: \"%s\" is not built in this version",
                          testudo_scheme_name(design->scheme));
  }
  if (design->parts == 1)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "parts: %d, but scheme %s has 1 part", (int)design->parts,
                        testudo_scheme_name(design->scheme));
}

static testudo_status check_indices(const testudo_design *design, testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if (design->order[e] < 0 || design->order[e] >= design->chunks)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "order[%d][%lld]: chunk %d, but chunks are 0..%d", (int)j,
                              (long long)(e - design->row[j]), (int)design->order[e], (int)design->chunks - 1);
  return TESTUDO_OK;
}

static testudo_status fail_unheld(int64_t chunk, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                        "order: chunk %lld is held by no worker, but every chunk must be held by at least one",
                        (long long)chunk);
}

/* More chunks than entries: one of the first entries + 1 chunks is missing; finds it without an array of all chunks. */
static testudo_status name_an_unheld_chunk(const testudo_design *design, int64_t entries, testudo_error *error)
{
  unsigned char *held = testudo_i_calloc((size_t)entries + 1, 1);
  if (held == NULL)
    return testudo_i_fail_memory(error);
  for (int64_t e = 0; e < entries; e++)
    if (design->order[e] <= entries)
      held[design->order[e]] = 1;
  int64_t chunk = 0;
  while (held[chunk])
    chunk++;
  free(held);
  return fail_unheld(chunk, error);
}

/* Counts into chunk_row[i + 2], so that after the running sum chunk_row[i + 1] is where chunk i's holders start and,
   moved along while they are filled in, ends where the next chunk's start. */
static void count_holders(testudo_design *design, int64_t entries)
{
  for (int64_t e = 0; e < entries; e++)
    design->chunk_row[design->order[e] + 2]++;
  for (int32_t i = 0; i < design->chunks; i++)
    design->chunk_row[i + 2] += design->chunk_row[i + 1];
}

static testudo_status fill_holders(testudo_design *design, testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++) {
    const int32_t *order = design->order + design->row[j];
    int32_t load = testudo_design_load(design, j);
    for (int32_t k = 0; k < load; k++) {
      int64_t at = design->chunk_row[order[k] + 1]++;
      /* Workers come in ascending order, so a second mention follows directly on the first; the slot before may also
         be another chunk's, or still empty (place 0). */
      if (at > 0 && design->holder[at - 1] == j && design->place[at - 1] > 0 &&
          order[design->place[at - 1] - 1] == order[k])
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                              "order[%d][%d]: chunk %d, but worker %d holds it already (order[%d][%d])", (int)j, (int)k,
                              (int)order[k], (int)j, (int)j, (int)design->place[at - 1] - 1);
      design->holder[at] = j;
      design->place[at] = k + 1;
    }
  }
  return TESTUDO_OK;
}

static testudo_status derive_holders(testudo_design *design, testudo_error *error)
{
  int64_t entries = design->row[design->workers];
  if (entries < design->chunks)
    return name_an_unheld_chunk(design, entries, error);
  free(design->chunk_row);
  free(design->holder);
  free(design->place);
  design->chunk_row = testudo_i_calloc((size_t)design->chunks + 2, sizeof *design->chunk_row);
  design->holder = testudo_i_calloc((size_t)entries, sizeof *design->holder);
  design->place = testudo_i_calloc((size_t)entries, sizeof *design->place);
  if (design->chunk_row == NULL || design->holder == NULL || design->place == NULL)
    return testudo_i_fail_memory(error);
  count_holders(design, entries);
  return fill_holders(design, error);
}

static testudo_status check_replication(testudo_design *design, testudo_error *error)
{
  bool partial = design->scheme == TESTUDO_SCHEME_PARTIAL, coded = design->scheme == TESTUDO_SCHEME_GRADIENT_CODE;
  bool single = design->scheme == TESTUDO_SCHEME_UNCODED || design->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
  design->min_replication = INT32_MAX;
  design->max_replication = 0;
  for (int32_t i = 0; i < design->chunks; i++) {
    int32_t replication = testudo_design_replication(design, i);
    if (replication == 0)
      return fail_unheld(i, error);
    if (partial && replication < design->parts)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order: chunk %d is held by %d worker%s, but %d parts need every chunk on at least %d",
                            (int)i, (int)replication, replication == 1 ? "" : "s", (int)design->parts,
                            (int)design->parts);
    if (coded && replication <= design->stragglers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order: chunk %d is held by %d worker%s, but %d stragglers need every chunk on at least %d",
                            (int)i, (int)replication, replication == 1 ? "" : "s", (int)design->stragglers,
                            (int)design->stragglers + 1);
    if (single && replication > 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order: chunk %d is held by %d workers, but scheme %s has every chunk on exactly 1", (int)i,
                            (int)replication, testudo_scheme_name(design->scheme));
    if (replication < design->min_replication)
      design->min_replication = replication;
    if (replication > design->max_replication)
      design->max_replication = replication;
  }
  return TESTUDO_OK;
}

/* Beyond these a product of two numbers, or the inverse of one, is no longer a double. */
#define LEAST_MAGNITUDE 1e-150
#define MOST_MAGNITUDE 1e150

/* Every l columns of R must be independent. Of that the part that costs nothing is checked: of one row every number is
   nonzero, of more no column is all zero. */
static testudo_status check_columns(const testudo_design *design, testudo_error *error)
{
  int32_t workers = design->workers;
  for (int32_t j = 0; j < workers; j++) {
    int32_t row = 0;
    while (row < design->parts && design->matrix[(size_t)row * (size_t)workers + (size_t)j] == 0.0)
      row++;
    if (row == design->parts && design->parts == 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[0][%d]: 0, but with 1 part no number may be",
                            (int)j);
    if (row == design->parts)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.matrix: column %d is zero, but any %d columns must be independent", (int)j,
                            (int)design->parts);
  }
  return TESTUDO_OK;
}

static testudo_status check_matrix(const testudo_design *design, testudo_error *error)
{
  if (design->scheme != TESTUDO_SCHEME_PARTIAL)
    return TESTUDO_OK;
  if (design->matrix == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix: missing, but scheme partial needs one");
  size_t workers = (size_t)design->workers;
  size_t count = (size_t)design->parts * workers;
  for (size_t e = 0; e < count; e++) {
    double size = fabs(design->matrix[e]);
    if (!isfinite(size))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%zu][%zu]: not a finite number", e / workers,
                            e % workers);
    if (size != 0.0 && (size < LEAST_MAGNITUDE || size > MOST_MAGNITUDE))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.matrix[%zu][%zu]: %.6g, but its magnitude must be in %g..%g%s", e / workers,
                            e % workers, design->matrix[e], LEAST_MAGNITUDE, MOST_MAGNITUDE,
                            design->parts > 1 ? ", or 0" : "");
  }
  return check_columns(design, error);
}

static testudo_status check_coefficients(testudo_design *design, testudo_error *error)
{
  if (design->scheme != TESTUDO_SCHEME_GRADIENT_CODE)
    return TESTUDO_OK;
  if (design->coefficient == NULL || design->construction == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix: missing, but scheme gradient-code needs one");
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if (!isfinite(design->coefficient[e]))
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%d][%lld]: not a finite number", (int)j,
                              (long long)(e - design->row[j]));
  return TESTUDO_OK;
}

/* The workers of a group of a repetition code send the same sum, so any one of them will do. */
static testudo_status check_repetition(testudo_design *design, testudo_error *error)
{
  if (design->construction == NULL || strcmp(design->construction, "frc") != 0)
    return TESTUDO_OK;
  testudo_i_groups_free(&design->groups);
  testudo_status status =
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &design->groups, error);
  if (status != TESTUDO_OK)
    return status;
  if (design->groups.groups == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "order: construction frc needs workers in groups that hold the same chunks");
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if (design->coefficient[e] != 1.0)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%d][%lld]: %g, but construction frc has only 1",
                              (int)j, (long long)(e - design->row[j]), design->coefficient[e]);
  return TESTUDO_OK;
}

static void find_max_load(testudo_design *design)
{
  design->max_load = 0;
  for (int32_t j = 0; j < design->workers; j++)
    if (testudo_design_load(design, j) > design->max_load)
      design->max_load = testudo_design_load(design, j);
}

testudo_status testudo_i_design_finish(testudo_design *design, testudo_error *error)
{
  testudo_status status = check_counts(design, error);
  if (status == TESTUDO_OK)
    status = check_scheme(design, error);
  if (status == TESTUDO_OK)
    status = check_indices(design, error);
  if (status == TESTUDO_OK)
    status = derive_holders(design, error);
  if (status == TESTUDO_OK)
    status = check_replication(design, error);
  if (status == TESTUDO_OK)
    status = check_matrix(design, error);
  if (status == TESTUDO_OK)
    status = check_coefficients(design, error);
  if (status == TESTUDO_OK)
    status = check_repetition(design, error);
  if (status == TESTUDO_OK)
    status = testudo_i_family_check(design, error);
  if (status != TESTUDO_OK)
    return status;
  find_max_load(design);
  if (design->name == NULL && (design->name = testudo_i_copy_string("")) == NULL)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}
