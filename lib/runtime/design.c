/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/design.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

testudo_design *testudo_i_design_new(testudo_scheme scheme, int32_t chunks, int32_t workers, int32_t parts,
                                     int64_t entries)
{
  testudo_design *design = testudo_i_calloc(1, sizeof *design);
  if (design == NULL)
    return NULL;
  design->scheme = scheme;
  design->chunks = chunks;
  design->workers = workers;
  design->parts = parts;
  design->row = testudo_i_calloc((size_t)workers + 1, sizeof *design->row);
  design->order = testudo_i_alloc((size_t)entries, sizeof *design->order);
  if (design->row == NULL || design->order == NULL) {
    testudo_design_free(design);
    return NULL;
  }
  return design;
}

void testudo_design_free(testudo_design *design)
{
  if (design == NULL)
    return;
  for (size_t k = 0; k < design->members; k++) {
    free(design->member[k].key);
    free(design->member[k].value);
  }
  free(design->member);
  free(design->row);
  free(design->order);
  free(design->matrix);
  free(design->construction);
  free(design->coefficient);
  testudo_i_groups_free(&design->groups);
  testudo_i_family_free(&design->family);
  testudo_i_layout_free(&design->layout);
  free(design->name);
  free(design->chunk_row);
  free(design->holder);
  free(design->place);
  free(design);
}

testudo_status testudo_i_design_draw_matrix(testudo_design *design, uint64_t seed, testudo_error *error)
{
  size_t workers = (size_t)design->workers;
  double *matrix = testudo_i_alloc((size_t)design->parts * workers, sizeof *matrix);
  if (matrix == NULL)
    return testudo_i_fail_memory(error);
  for (size_t k = 0; k < (size_t)design->parts; k++)
    for (size_t j = 0; j < workers; j++) {
      testudo_i_random random;
      testudo_i_random_start(&random, seed, TESTUDO_I_FOR_CODE, k, j);
      matrix[k * workers + j] = testudo_i_random_normal(&random);
    }
  free(design->matrix);
  design->matrix = matrix;
  return TESTUDO_OK;
}

/* ---- carried members ---- */

static testudo_i_member *find_member(const testudo_design *design, const char *key)
{
  for (size_t k = 0; k < design->members; k++)
    if (strcmp(design->member[k].key, key) == 0)
      return &design->member[k];
  return NULL;
}

const char *testudo_i_design_member(const testudo_design *design, const char *key)
{
  const testudo_i_member *member = find_member(design, key);
  return member == NULL ? NULL : member->value;
}

static testudo_status append_member(testudo_design *design, const char *key, char *value, testudo_error *error)
{
  char *kept = testudo_i_copy_string(key);
  testudo_i_member *bigger =
      kept == NULL ? NULL : realloc(design->member, (design->members + 1) * sizeof *design->member);
  if (bigger == NULL) {
    free(kept);
    return testudo_i_fail_memory(error);
  }
  design->member = bigger;
  design->member[design->members++] = (testudo_i_member){kept, value};
  return TESTUDO_OK;
}

testudo_status testudo_i_design_set_member(testudo_design *design, const char *key, const char *value,
                                           testudo_error *error)
{
  char *kept = testudo_i_copy_string(value);
  if (kept == NULL)
    return testudo_i_fail_memory(error);
  testudo_i_member *member = find_member(design, key);
  if (member == NULL) {
    testudo_status status = append_member(design, key, kept, error);
    if (status != TESTUDO_OK)
      free(kept);
    return status;
  }
  free(member->value);
  member->value = kept;
  return TESTUDO_OK;
}

/* ---- getters ---- */

const char *testudo_scheme_name(testudo_scheme scheme)
{
  switch (scheme) {
  case TESTUDO_SCHEME_UNCODED:
    return "uncoded";
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    return "ignore-stragglers";
  case TESTUDO_SCHEME_GRADIENT_CODE:
    return "gradient-code";
  case TESTUDO_SCHEME_NESTED:
    return "nested";
  case TESTUDO_SCHEME_PARTIAL:
    return "partial";
  case TESTUDO_SCHEME_BLOCK:
    return "block";
  }
  return "unknown";
}

int32_t testudo_design_chunks(const testudo_design *design)
{
  return design->chunks;
}

int32_t testudo_design_workers(const testudo_design *design)
{
  return design->workers;
}

int32_t testudo_design_parts(const testudo_design *design)
{
  return design->parts;
}

testudo_scheme testudo_design_scheme(const testudo_design *design)
{
  return design->scheme;
}

const char *testudo_design_name(const testudo_design *design)
{
  return design->name;
}

uint64_t testudo_design_checksum(const testudo_design *design)
{
  return design->checksum;
}

int32_t testudo_design_load(const testudo_design *design, int32_t worker)
{
  return (int32_t)(design->row[worker + 1] - design->row[worker]);
}

const int32_t *testudo_design_order(const testudo_design *design, int32_t worker)
{
  return design->order + design->row[worker];
}

int32_t testudo_design_max_load(const testudo_design *design)
{
  return design->max_load;
}

int32_t testudo_design_replication(const testudo_design *design, int32_t chunk)
{
  return (int32_t)(design->chunk_row[chunk + 1] - design->chunk_row[chunk]);
}

const int32_t *testudo_design_holders(const testudo_design *design, int32_t chunk)
{
  return design->holder + design->chunk_row[chunk];
}

const int32_t *testudo_design_places(const testudo_design *design, int32_t chunk)
{
  return design->place + design->chunk_row[chunk];
}

int32_t testudo_design_min_replication(const testudo_design *design)
{
  return design->min_replication;
}

int32_t testudo_design_max_replication(const testudo_design *design)
{
  return design->max_replication;
}

const double *testudo_design_matrix(const testudo_design *design)
{
  return design->matrix;
}

int32_t testudo_design_stragglers(const testudo_design *design)
{
  return design->stragglers;
}

const char *testudo_design_construction(const testudo_design *design)
{
  return design->construction;
}

const double *testudo_design_coefficients(const testudo_design *design, int32_t worker)
{
  return design->coefficient == NULL ? NULL : design->coefficient + design->row[worker];
}

int32_t testudo_design_wait(const testudo_design *design)
{
  return design->wait;
}
